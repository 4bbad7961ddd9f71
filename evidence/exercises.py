"""What happens when a reader changes a program as its page of the site says?

    python evidence/exercises.py        # each change that has not been tried on the program as it is now
    python evidence/exercises.py --all  # every change

Each program is played with SEEDS seeds, as it is and with each change; a changed program may miss its gates.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from changes import changed, key, written
from record import HERE, recall, record

from tinytorch.cli.leave import GATE_MISSED
from tinytorch.milestones import catalog

SEEDS = 5
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def numbers(program: str) -> dict[str, float]:
    """The mean over the seeds of each number that the program measures and is judged by, if every seed has it."""
    with tempfile.TemporaryDirectory() as folder:
        file, report = Path(folder) / "program.py", Path(folder) / "runs.json"
        file.write_text(program, encoding="utf-8")
        words = [sys.executable, str(file), "--seeds", str(SEEDS), "--json", str(report)]
        environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(HERE.parent)}
        done = subprocess.run(words, env=environment, check=False, capture_output=True, encoding="utf-8")
        if done.returncode not in (0, GATE_MISSED):
            raise click.ClickException(f"{' '.join(words)} left with status {done.returncode}:\n{done.stderr}")
        runs = json.loads(report.read_text(encoding="utf-8"))["runs"]
    rows = [{**run["metrics"], **{gate["name"]: gate["value"] for gate in run["gates"]}} for run in runs]
    known = [name for name in rows[0] if all(row.get(name) is not None for row in rows)]
    means = {name: sum(row[name] for row in rows) / len(rows) for name in known}
    return {**means, "seeds that met all gates": sum(run["success"] for run in runs)}


@click.command()
@click.option("--all", "again", is_flag=True)
def main(again: bool) -> None:
    """Try what has not been tried, and forget what no page says any more."""
    kept: dict[str, Any] = {}
    if not again and (HERE / "results" / "exercises.json").exists():
        kept = recall("exercises")
    findings: dict[str, dict[str, Any]] = {}
    for name, change in written():
        program = catalog.path(name).read_text(encoding="utf-8")
        for text in (program, changed(program, change)):
            mine, found = findings.setdefault(name, {}), kept.get(name, {}).get(key(text))
            if key(text) not in mine:
                mine[key(text)] = found or numbers(text)
                print(name, "as it is" if text is program else change, mine[key(text)], sep="\n", flush=True)
    record("exercises", {"seeds": SEEDS, "threads": 1}, findings)


if __name__ == "__main__":
    main()
