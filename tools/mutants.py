"""Would a test notice if a line were wrong? ``make mutants``, or ``python tools/mutants.py``.

Every small change that mutmut knows (a minus for a plus, None for an argument, one more than a number, ...) is made,
one at a time, and meets the tests that run that line. A mutant is killed when one of them fails, or takes too long.
What survives is told line by line in evidence/results/mutants.json, with the counts of each file.

Hours are too long for one sitting: what is found is added to a log at once, and the next call goes on from there.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pickle
import random
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tools")]  # as pytest and the tests find them

from mutants_make import Source
from mutants_try import Mutant, Trial, unchanged

RESULTS = ROOT / "evidence" / "results" / "mutants.json"
PACKAGE = ROOT / "tinytorch"
# group -> its files, and the tests that they meet
GROUPS: dict[str, tuple[list[str], list[str]]] = {
    "files": (
        [
            *(f"tinytorch/datasets/{name}.py" for name in ("download", "official", "npz", "files", "remote")),
            "tinytorch/serialization.py",
            "tinytorch/nested.py",
            "tinytorch/milestones/checkpoints.py",
            "tinytorch/random.py",
        ],
        [
            f"tests/test_{name}.py"
            for name in (
                *("datasets", "download", "image_builds", "official", "random", "remote", "resume", "serialization"),
                "untrusted_files",
            )
        ],
    ),
    "core": (
        [
            path.relative_to(ROOT).as_posix()
            for folder in ("autograd", "ops")
            for path in sorted((PACKAGE / folder).glob("*.py"))
            if path.parent.name == "ops" or path.name != "__init__.py"
        ],
        [
            *(
                f"tests/test_{name}.py"
                for name in (
                    "autograd",
                    "conv",
                    "errors",
                    "functions_of_your_own",
                    "gradient_checks",
                    "gradients_on_request",
                    "graph",
                    "memory",
                    "nn",
                    "numbers",
                    "ops",
                    "profiler",
                    "record",
                    "tensor",
                    "watch",
                )
            ),
            "tests/parity/test_parity.py",
        ],
    ),
}
PRELOADED = ("numpy", "requests", "pooch", "filelock", "rich.console", "click", "hypothesis", "torch")
NOTICED = ("killed", "timeout")


def logged(path: Path) -> dict[tuple[str, int], dict[str, Any]]:
    """Return what earlier calls have found, by file and number."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {(row["file"], row["number"]): row for row in map(json.loads, lines)}


def try_all(group: str, wishes: argparse.Namespace) -> None:
    """Try a group's mutants that the log does not know; if `again`, those that survived meet their tests once more."""
    files, tests = GROUPS[group]
    scratch, until = wishes.scratch, time.monotonic() + 60 * wishes.minutes
    runs, log = scratch / f"{group}.runs", scratch / f"{group}.jsonl"
    if not runs.is_file():
        unchanged(tests, files, runs, wishes.rows)
        print(f"the tests of {group} have run", flush=True)
    trial = Trial(tests, pickle.loads(runs.read_bytes()), scratch / f"{group}.unsound", wishes.seconds)
    sources = {file: Source(ROOT, file) for file in files}
    places = [(file, number) for file in files for number in range(len(sources[file].places))]
    random.Random(0).shuffle(places)
    known = logged(log)

    def tell(mutant: Mutant, came: str) -> None:
        row = {"file": mutant.path, "number": mutant.number, "line": mutant.line, "outcome": came}
        row["change"] = mutant.change
        with log.open("a", encoding="utf-8") as out:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")

    wanted = ("survived", "untested", "anew", "broken") if wishes.again else ()
    some = [p for p in places if p not in known or known[p]["outcome"] in wanted][: wishes.draw or None]
    trial.quickly((m for file, number in some if (m := sources[file].mutant(number))), tell, until)
    trial = Trial(tests, trial.runs, trial.unsound, wishes.seconds)
    for (file, number), row in logged(log).items():
        if row["outcome"] == "anew" and time.monotonic() < until + wishes.anew:
            mutant = sources[file].mutant(number)
            assert mutant
            tell(mutant, trial.anew(mutant))
    print(group, dict(Counter(row["outcome"] for row in logged(log).values())))


def summary(scratch: Path) -> dict[str, Any]:
    """Return the counts of each file, and the survivors."""
    rows, survivors = [], []
    for group in GROUPS:
        totals = {file: len(Source(ROOT, file).places) for file in GROUPS[group][0]}
        found = list(logged(scratch / f"{group}.jsonl").values())
        for file, total in totals.items():
            mine = [row for row in found if row["file"] == file and row["outcome"] != "anew"]
            count = Counter(row["outcome"] for row in mine)
            rows.append(
                {
                    "group": group,
                    "file": file,
                    "mutants": total,
                    "tried": len(mine),
                    "killed": count["killed"],
                    "timeout": count["timeout"],
                    "survived": len(mine) - sum(count[word] for word in NOTICED),
                }
            )
            keys = ("file", "line", "change")
            left = [row for row in mine if row["outcome"] not in NOTICED]
            survivors += [{key: row[key] for key in keys} for row in sorted(left, key=lambda row: row["line"])]
    return {"rows": rows, "survivors": survivors}


def main() -> int:
    """Try mutants, and keep what came of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "groups", nargs="*", default=list(GROUPS), help=f"of {', '.join(GROUPS)}; if none is named, all"
    )
    parser.add_argument("--minutes", type=float, default=1e6, help="for each group; the next call goes on")
    parser.add_argument("--draw", type=int, default=0, help="try so many mutants of a group, drawn at random")
    parser.add_argument("--seconds", type=float, default=6.0, help="of tests that a mutant meets at most")
    parser.add_argument("--rows", type=float, default=300, help="seconds for rows of parity at first, unchanged")
    parser.add_argument("--anew", type=float, default=1e6, help="seconds beyond the minutes, for what is imported anew")
    parser.add_argument("--again", action="store_true", help="try those that survived again, with the tests of today")
    parser.add_argument("--scratch", type=Path, default=ROOT / "mutants", help="where the log is kept")
    parser.add_argument("--json", type=Path, default=RESULTS)
    wishes = parser.parse_args()
    wishes.scratch.mkdir(parents=True, exist_ok=True)
    for name in PRELOADED if "core" in wishes.groups else PRELOADED[:-1]:  # before any fork
        with suppress(ImportError):
            importlib.import_module(name)
    assert "tinytorch" not in sys.modules
    for group in wishes.groups:
        try_all(group, wishes)
    if all((wishes.scratch / f"{group}.jsonl").is_file() for group in GROUPS):
        content = json.dumps(summary(wishes.scratch), indent=1, ensure_ascii=False)
        wishes.json.write_text(content + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
