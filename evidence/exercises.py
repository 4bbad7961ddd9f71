"""What happens if a reader changes a milestone as its page asks them to?

    python evidence/exercises.py                   # every change that has no record yet
    python evidence/exercises.py --only xor_solved # those of one program
    python evidence/exercises.py --anew            # all of them

Each changed program runs in a process of its own, on one thread, with seeds from 0 on, beside the unchanged one. What
is recorded belongs to the program's text: after a change to either, it is run again. Records that no page asks for are
dropped. A change that ends with an error is recorded by the error's last line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import changes
import click
from record import HERE, recall, record

from tinytorch.cli.leave import DONE, GATE_MISSED
from tinytorch.milestones import catalog

SEEDS = 5
SLOW = dict.fromkeys(("cnn_digits", "profile_kv_cache", "vaswani_chatgpt", "vaswani_copilot"), 3)  # fewer of these
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def outcome(name: str, program: str, home: Path) -> dict[str, Any]:
    """Run the text of a program over the seeds: how often it met all gates, and the means of its numbers."""
    seeds = SLOW.get(name, SEEDS)
    with tempfile.TemporaryDirectory() as folder:
        file, found = Path(folder) / f"{name}.py", Path(folder) / "found.json"
        file.write_text(program, encoding="utf-8")
        environment = {**os.environ, **ONE_THREAD, "TINYTORCH_DATA": str(home), "PYTHONPATH": str(HERE.parent)}
        words = [sys.executable, str(file), "--seeds", str(seeds), "--json", str(found)]
        done = subprocess.run(words, env=environment, capture_output=True, encoding="utf-8", check=False)
        if done.returncode not in (DONE, GATE_MISSED) or not found.exists():
            return {"program": name, "error": (done.stderr + done.stdout).strip().splitlines()[-1]}
        runs = json.loads(found.read_text(encoding="utf-8"))["runs"]
    rows = [{**run["metrics"], **{gate["name"]: gate["value"] for gate in run["gates"]}} for run in runs]
    means = {
        number: None if any(row.get(number) is None for row in rows) else sum(row[number] for row in rows) / seeds
        for number in dict.fromkeys(number for row in rows for number in row)
    }
    return {"program": name, "seeds": seeds, "met": sum(run["success"] for run in runs), "means": means}


def wanted(only: str | None) -> dict[str, tuple[str, str]]:
    """The texts that need a record, as they are and changed: key to program and text."""
    found = {}
    for each in changes.all_asked():
        if each.tried and only in (None, each.name):
            program = catalog.path(each.name).read_text(encoding="utf-8")
            for text in (program, changes.changed(program, each.change)):
                found[changes.key(each.name, text)] = (each.name, text)
    return found


@click.command()
@click.option("--only", type=click.Choice(catalog.names()))
@click.option("--anew", is_flag=True, help="Run what has a record, too.")
@click.option("--home", type=click.Path(path_type=Path), help="A cache folder, where trained models wait.")
def main(only: str | None, anew: bool, home: Path | None) -> None:
    """Run, print and record, one after the other, so that what is done stays if this is stopped."""
    keep({})
    with tempfile.TemporaryDirectory() as empty:
        for key, (name, text) in wanted(only).items():
            if anew or key not in recall("exercises"):
                found = outcome(name, text, home or Path(empty))
                print(key, json.dumps(found), flush=True)
                keep({key: found})


def keep(new: dict[str, Any]) -> None:
    """Add outcomes to the records, and drop those that no page asks for."""
    known = recall("exercises") if (HERE / "results" / "exercises.json").exists() else {}
    found = {key: entry for key, entry in {**known, **new}.items() if key in wanted(None)}
    record("exercises", {"seeds": SEEDS, "seeds of slow programs": SLOW, "threads": 1}, found)


if __name__ == "__main__":
    main()
