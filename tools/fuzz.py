"""Feed what the library loads with files that nobody would write: ``python tools/fuzz.py [TARGET ...] [--runs N]``.

Every input is loaded or refused. A fault is: another exception than the documented ones, a message that is no single
sentence, an answer that is not what the file says, more memory than twice the file and an allowance, more than a few
seconds, or any attempt to run code, write a file, start a process or reach the network. Inputs with a fault are left in
the folder that ``--faults`` names, and the status is 1.

Two ways choose the inputs: valid files with changes in their own terms (fuzz_targets.py), the same ones for the same
``--seed``; and, ``--guided``, atheris, which chooses among such changes by what code they reach. Without a target, all
are fuzzed in both ways, and what was counted is kept in evidence/results/fuzz.json, as rows of `make faults`.
"""

from __future__ import annotations

import argparse
import codecs
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from fault_rows import leave

NAMES = ("safetensors", "idx", "npz", "talks", "runs", "cifar10")
RESULTS = Path(__file__).parent.parent / "evidence" / "results" / "fuzz.json"
ALLOWED = 2, 1 << 20  # times the file's bytes, and as many more: what Python's objects for a small file take
SECONDS = 5.0
DANGEROUS = ("exec", "compile", "import", "pickle.", "marshal.", "os.", "subprocess.", "socket.", "ctypes.", "shutil.")


class FaultError(Exception):
    """What an input did that it must not."""


class Judge:
    """Loads inputs, counts what became of them, and notices what must not happen."""

    def __init__(self, name: str, folder: Path | None = None) -> None:
        from fuzz_targets import TARGETS

        self.target, self.name, self.folder = TARGETS[name](), name, folder
        self.inputs, self.outcomes, self.faults = 0, Counter[str](), Counter[str]()
        self.slowest, self.largest, self.watching = 0.0, 0, False
        for content in self.target.seeds:  # also so that all imports are done
            self.target.check(content, self.target.read(content))
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):  # JSON may be in these
            codecs.lookup(encoding)
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if self.watching and (event.startswith(DANGEROUS) or writes):
            own = self.name in ("talks", "runs") and (event.startswith("os.") or writes)  # their temporary file
            if not own:
                raise FaultError(f"it caused the event {event}{arguments!r:.200}")

    def see(self, content: bytes) -> None:
        """Load one input; tell of a fault the first time, and keep what caused it."""
        try:
            self.judge(content)
        except FaultError as fault:
            said = str(fault)
            self.faults[said] += 1
            if len(self.faults) <= 20 and self.faults[said] == 1:
                print(f"FAULT in {self.name}: {said}", file=sys.stderr)
                if self.folder is not None:
                    self.folder.mkdir(parents=True, exist_ok=True)
                    (self.folder / f"{self.name}-{sha256(content).hexdigest()[:12]}").write_bytes(content)

    def judge(self, content: bytes) -> None:
        """Load one input.

        Raises:
            FaultError: What was wrong.
        """
        self.inputs += 1
        tracemalloc.start()  # for the reading only: traced, all that allocates takes several times as long
        start, self.watching = time.perf_counter(), True
        try:
            loaded, outcome = self.target.read(content), "loaded"
        except self.target.refusals as refusal:
            loaded, outcome = None, type(refusal).__name__
            said = refusal.format_message() if hasattr(refusal, "format_message") else str(refusal)
            if not said or "\n" in said or len(said) > 1000:
                raise FaultError(f"the refusal is no sentence: {said[:200]!r}") from refusal
        except FaultError:
            raise
        except BaseException as error:
            raise FaultError(f"{type(error).__name__}: {error}") from error
        finally:
            self.watching = False
            seconds, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        self.outcomes[outcome] += 1
        self.slowest, self.largest = max(self.slowest, seconds), max(self.largest, peak - ALLOWED[0] * len(content))
        if seconds > SECONDS:
            raise FaultError(f"it took {seconds:.1f} s")
        if peak > ALLOWED[0] * (len(content) + self.target.unpacked) + ALLOWED[1]:
            raise FaultError(f"it took {peak:,} bytes of memory for a file of {len(content):,}")
        if outcome == "loaded":
            try:
                self.target.check(content, loaded)
            except Exception as error:
                raise FaultError(f"loaded, but {type(error).__name__}: {error}") from error

    def row(self, how: str) -> dict[str, Any]:
        """Return what was counted, as a row of the table of faults (tools/faults.py)."""
        refused = {name: count for name, count in sorted(self.outcomes.items()) if name != "loaded"}
        return {
            "part": "files from strangers",
            "fault": f"a changed {self.name} file",
            "how": how,
            "tries": self.inputs,
            "lost": self.faults.total(),
            "loaded": self.outcomes["loaded"],
            "refused": refused,
            "slowest ms": round(1000 * self.slowest, 1),
            "most bytes beyond twice the file": self.largest,
        }


READERS = ["tinytorch.serialization", "tinytorch.nested", "tinytorch.datasets", "tinytorch.cli.compare"]
CHANGED, GUIDED = "changes in its own terms", "changes that atheris chose by coverage"


def fuzz(name: str, runs: int, seed: int, folder: Path | None) -> dict[str, Any]:
    """Load so many changed files."""
    from fuzz_targets import changed

    judge, random = Judge(name, folder), Random(seed)
    while judge.inputs < runs:
        judge.see(changed(judge.target, random))
    return judge.row(CHANGED)


def fuzz_guided(name: str, runs: int, seed: int, folder: Path | None, path: Path | None, add: bool) -> None:
    """Let atheris choose the files; it never returns."""
    import atheris

    with atheris.instrument_imports(include=READERS):
        import fuzz_targets
    judge = Judge(name, folder)

    def change(content: bytes, most: int, number: int) -> bytes:
        random = Random(number)
        if random.random() < 0.5:
            return bytes(atheris.Mutate(content, min(most, fuzz_targets.SMALL)))
        return fuzz_targets.changed(judge.target, random)[:most]

    def one(content: bytes) -> None:
        judge.see(content)
        if judge.inputs >= runs:
            status = leave(judge.row(GUIDED), path, outcome, add)
            sys.stdout.flush()
            os._exit(status)  # libFuzzer would say good-bye at length

    options = [
        f"-seed={seed + 1}",
        f"-max_len={fuzz_targets.SMALL}",
        "-rss_limit_mb=2000",
        "-timeout=30",
        "-verbosity=0",
    ]
    with tempfile.TemporaryDirectory() as corpus:  # that os._exit leaves this behind matters to nobody
        for number, content in enumerate(judge.target.seeds):
            Path(corpus, str(number)).write_bytes(content)
        atheris.Setup([sys.argv[0], *options, corpus], one, custom_mutator=change)
        atheris.Fuzz()


def outcome(row: dict[str, Any]) -> str:
    """Return what became of the inputs of a row, in words."""
    return f"{row['loaded']:,} loaded, {sum(row['refused'].values()):,} refused"


def main() -> int:
    """Fuzz what was asked for, each in a process of its own if that is several."""
    from importlib.util import find_spec

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join(NAMES)} (default: all)")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--guided", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--add", action="store_true", help="to what --json holds: another seed's inputs")
    parser.add_argument("--faults", type=Path)
    wishes = parser.parse_args()
    if wishes.guided and find_spec("atheris") is None:
        print("atheris can't be imported: the inputs that it would choose are left out (pip install atheris)")
        return 0
    if len(wishes.targets) == 1:
        (name,) = wishes.targets
        if wishes.guided:
            fuzz_guided(name, wishes.runs, wishes.seed, wishes.faults, wishes.json, wishes.add)
        return leave(fuzz(name, wishes.runs, wishes.seed, wishes.faults), wishes.json, outcome, wishes.add)
    options = ["--runs", str(wishes.runs), "--seed", str(wishes.seed), "--json", str(wishes.json or RESULTS)]
    options += ["--faults", str(wishes.faults)] if wishes.faults else []
    failed = 0
    for name in wishes.targets or NAMES:
        for way in ([], ["--guided"]):
            failed |= subprocess.run([sys.executable, __file__, name, *way, *options], check=False).returncode
    return int(failed != 0)


if __name__ == "__main__":
    raise SystemExit(main())
