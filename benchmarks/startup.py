"""How long is it from the start of a process to a result, and how much memory does that take?

    python benchmarks/startup.py [--rounds 5] [--json FILE]

import    `import tinytorch` against `import numpy`
trained   from nothing to a trained W3 (300 steps), in each system that can be imported
programs  `tinytorch run mlp_digits` against the same program on PyTorch, until its gate has judged

Each time is of a fresh process on one thread; they take turns, and a ratio is taken within a round.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import results
from processes import WORKER, environment, held
from report import console
from rich.table import Table

PROGRAM, WORKLOAD, STEPS = "mlp_digits", "W3", 300
SYSTEMS = ("tinytorch", "torch", "jax", "autograd", "mygrad")
REACH = {"import time": 1.3, "import MB": 15.0, "program": 0.5}
IMPORTS = 12  # times as many rounds: they are short, and differ by half from one to the next
Run = dict[str, Any]


def run(words: Sequence[str]) -> Run:
    """Run Python with these words: seconds from start to end, the most memory held, and what it printed last."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        start, peak = time.perf_counter(), 0.0
        process = subprocess.Popen(
            [sys.executable, *words],
            stdout=printed,
            stderr=subprocess.STDOUT,
            env={**environment(1), "PYTHONUTF8": "1"},
        )
        while process.poll() is None:
            peak = max(peak, held(process.pid))
            time.sleep(0.002)
        seconds = time.perf_counter() - start
        printed.seek(0)
        last = (printed.read().strip().splitlines() or [""])[-1]
    return {"status": process.returncode, "seconds": seconds, "peak_mb": peak or None, "last": last}


def in_turn(call: Callable[[str], Run], names: Sequence[str], rounds: int) -> dict[str, list[Run]]:
    """Call it for every name, round by round, every other round backwards."""
    found: dict[str, list[Run]] = {name: [] for name in names}
    for place in range(rounds):
        for name in names if place % 2 == 0 else reversed(names):
            found[name].append(call(name))
    return found


def summary(runs: dict[str, list[Run]], reference: str) -> dict[str, Any]:
    """For each: seconds, memory, and the ratio to the reference of the same round."""
    found = {}
    for name, each in runs.items():
        ratios = [ours["seconds"] / theirs["seconds"] for ours, theirs in zip(each, runs[reference])]
        peaks = [one["peak_mb"] for one in each if one["peak_mb"] is not None]
        found[name] = {
            "seconds": statistics.median(one["seconds"] for one in each),
            "peak_mb": statistics.median(peaks) if peaks else None,
            "ratio": results.spread(ratios),
        }
    return found


def import_cost(rounds: int) -> dict[str, Any]:
    """The time and memory of an import, as the process itself sees them; the start of Python is not counted."""

    def imported(module: str) -> Run:
        code = (
            f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t); time.sleep(0.02)"
        )
        found = run(["-c", code])  # the sleep is for `held` to see it whole
        return {**found, "seconds": float(found["last"])}

    names = ("tinytorch", "numpy")
    in_turn(imported, names, 1)  # compiled, and from disk into memory
    return summary(in_turn(imported, names, IMPORTS * rounds), "numpy")


def trained(rounds: int) -> dict[str, Any]:
    """A process that imports, builds, and trains STEPS steps."""

    def train(system: str) -> Run:
        return run([str(WORKER), system, WORKLOAD, "1", str(STEPS)])

    skipped = {}
    for name in SYSTEMS:  # the first time is not counted
        found = train(name)
        answer = json.loads(found["last"]) if found["status"] == 0 else {"skipped": found["last"]}
        if "skipped" in answer:
            skipped[name] = answer
    runs = in_turn(train, [name for name in SYSTEMS if name not in skipped], rounds)
    reference = "torch" if "torch" in runs else "tinytorch"
    return {**summary(runs, reference), **skipped, "workload": WORKLOAD, "steps": STEPS}


def program(rounds: int) -> dict[str, Any]:
    """A whole milestone, as a user starts it, and whether both met the gate with the same value."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.json"

        def play(framework: str) -> Run:
            found = run(["-m", "tinytorch.cli", "run", PROGRAM, "--framework", framework, "--json", str(file)])
            gates = json.loads(file.read_text("utf-8"))["gates"]
            return {**found, "gates": {gate["name"]: gate["value"] for gate in gates}}

        in_turn(play, ("tinytorch", "torch"), 1)
        runs = in_turn(play, ("tinytorch", "torch"), rounds)
    found = summary(runs, "torch")
    for name, each in runs.items():
        found[name].update(met=all(one["status"] == 0 for one in each), gates=each[0]["gates"])
    return {**found, "program": PROGRAM}


def show(found: dict[str, Any]) -> None:
    """Print what was measured, with what was to be reached."""
    start, numpy = found["import"]["tinytorch"], found["import"]["numpy"]
    table = Table("", "s", "MB", "ratio", "reach", box=None)
    for name, each in found["import"].items():
        table.add_row(f"import {name}", *cells(each), str(REACH["import time"]) if name == "tinytorch" else "")
    for kind, title in (("trained", f"{WORKLOAD} trained, {STEPS} steps"), ("program", f"tinytorch run {PROGRAM}")):
        for name, each in found[kind].items():
            if isinstance(each, dict):
                ours = kind == "program" and name == "tinytorch"
                table.add_row(f"{title}, {name}", *cells(each), str(REACH["program"]) if ours else "")
    console.print(table)
    if start["peak_mb"] is not None:
        more = start["peak_mb"] - numpy["peak_mb"]
        console.print(f"import tinytorch takes {more:.1f} MB more than import numpy (reach {REACH['import MB']:.0f})")


def cells(found: dict[str, Any]) -> tuple[str, str, str]:
    """Seconds, MB and ratio; the reason if there are none.

    >>> cells({"skipped": "jax is not installed"})
    ('–', '–', 'jax is not installed')
    """
    if "skipped" in found:
        return "–", "–", found["skipped"]
    ratio, peak = found["ratio"], found["peak_mb"]
    spread = f"{ratio['median']:.2f} ({ratio['low']:.2f}–{ratio['high']:.2f})"
    return f"{found['seconds']:.3f}", "–" if peak is None else f"{peak:.0f}", spread


def main() -> None:
    """Measure and show."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results to this file")
    asked = parser.parse_args()
    found = {}
    for name, measure in {"import": import_cost, "trained": trained, "program": program}.items():
        with console.status(name):
            found[name] = measure(asked.rounds)
    show(found)
    if asked.json:
        results.write(asked.json, {"reach": REACH, **found})


if __name__ == "__main__":
    main()
