"""Has TinyTorch become slower, against PyTorch, than when the results were written?

    python benchmarks/check.py [--only W3,W5b] [--threads 1] [--against FILE]

Measures TinyTorch and PyTorch again and compares the ratio of each row with the one in benchmarks/results/speed.json.
Rounds scatter, so a row may be slower by three times the median deviation of its stored rounds from their median
(about two standard deviations, whatever a single round did), or by FLOOR if they scattered less. A row that is slower
still is measured a second time after all others, when a neighbour may have gone, with twice the rounds. Exits with 1 if
a row is slower then, too, or does other work than PyTorch, and names it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import results
from report import OURS, REFERENCE, console
from run import choice, measure
from workloads import WORKLOADS, Workload, find

FLOOR = {1: 0.10, 2: 0.20}  # by threads: what two runs of the same code may differ by; two threads meet more neighbours
ROUNDS = 5
Measure = Callable[[Workload, int, int], dict[str, Any]]


def measured(work: Workload, threads: int, rounds: int) -> dict[str, Any]:
    return measure(work, threads, [OURS, REFERENCE], rounds)


def noise(ratios: Sequence[float], threads: int) -> float:
    """How much slower than the median of the stored rounds is no regression, as a share.

    >>> round(noise([0.5, 0.45, 0.6, 0.5, 9.0], 1), 4), noise([0.5, 0.5, 0.51], 1)
    (0.3, 0.1)
    """
    median = statistics.median(ratios)
    deviation = statistics.median(abs(ratio - median) for ratio in ratios)
    return max(FLOOR[threads], 3 * deviation / median)


def check(row: dict[str, Any], again: Measure, rounds: int) -> tuple[str, str]:
    """Is a stored row "fast", "slow" or "void" (nothing can be said), and a line that says so."""
    work, threads = find(row["workload"]), row["threads"]
    name = f"{work.name}, {threads} thread{'s' if threads > 1 else ''}"
    stored = row["systems"].get(OURS, {}).get("ratios")
    if stored is None:
        return "void", f"{name}: nothing to compare with: make bench measures it"
    before, more = statistics.median(stored), noise(stored, threads)
    most = before * (1 + more)
    new = again(work, threads, rounds)
    ours = new["systems"][OURS]
    if "ratio" not in ours:
        return "void", f"{name}: not measured: {ours.get('skipped', 'PyTorch is missing')}"
    if ours["void"]:
        return "void", f"{name}: VOID: its losses are not PyTorch's any more"
    now = ours["ratio"]["median"]
    words = f"{name}: {now:.3f} of PyTorch's time, was {before:.3f} (noise +{more:.0%}: up to {most:.3f})"
    if row["disturbed"]:
        words += ", stored though disturbed: make bench measures it again"
    if now <= most:
        return "fast", words
    busy = f", though in {new['disturbed']} of {new['rounds']} rounds something else ran" if new["disturbed"] else ""
    return "slow", f"{words}: SLOWER{busy}"


def main(again: Measure = measured) -> int:
    """Check every stored row that was asked for."""
    assert __doc__ is not None
    names = [work.name for work in WORKLOADS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", type=choice(names), default=names, metavar="W3,W5b", help="these workloads")
    parser.add_argument("--threads", type=int, nargs="+", choices=(1, 2), default=(1, 2))
    parser.add_argument("--against", type=Path, default=results.FOLDER / "speed.json", metavar="FILE")
    asked = parser.parse_args()
    found = results.read(asked.against)
    rows = [row for row in found.get("rows", []) if row["workload"] in asked.only and row["threads"] in asked.threads]
    if not rows:
        console.print(f"{asked.against} has no such rows: make bench writes them", soft_wrap=True)
        return 1
    if found["machine"] != results.machine():
        console.print("The stored ratios are of another machine or other versions: that may be the difference.")
    slow, void = rows, 0
    for rounds in (ROUNDS, 2 * ROUNDS):
        rows, slow = slow, []
        for row in rows:
            verdict, words = check(row, again, rounds)
            console.print(words, soft_wrap=True)
            slow += [row] if verdict == "slow" else []
            void += verdict == "void"
    good = not slow and not void
    console.print("No row has become slower." if good else f"{len(slow) + void} failed: see above.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
