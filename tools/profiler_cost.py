"""Measure what profiling costs: a training step without a profile, in one, and afterwards; and how long an event takes.

    python tools/profiler_cost.py

Each number is the best of some rounds, as what else the machine does can only add to it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import tinytorch as torch
from benchmarks.workloads import WORKLOADS, training_step
from tinytorch.profiler import profile

ROUNDS, SECONDS = 12, 0.05  # of each round


def microseconds(step: Callable[[], float], times: int) -> float:
    """The time of a step, the mean over so many."""
    start = time.perf_counter()
    for _ in range(times):
        step()
    return 1e6 * (time.perf_counter() - start) / times


def main() -> None:
    """Print a line for each workload."""
    print(f"{'training step':16}{'without':>12}{'profiled':>12}{'after':>12}{'events':>8}{'each':>8}  (microseconds)")
    for work in WORKLOADS:
        if work.generates:
            continue
        step = training_step(torch, work)
        times = max(1, round(1e6 * SECONDS / microseconds(step, 3)))
        rounds = []
        for _ in range(ROUNDS):
            before = microseconds(step, times)
            with profile() as prof:
                during = microseconds(step, times)
            events = sum(entry.calls for entry in prof._record.entries.values()) / times
            rounds.append((before, during, microseconds(step, times)))
        before, during, after = map(min, zip(*rounds))
        each = (during - before) / events
        print(f"{work.name:16}{before:12,.0f}{during:12,.0f}{after:12,.0f}{events:8,.0f}{each:8.2f}")


if __name__ == "__main__":
    main()
