"""Time training steps against PyTorch eager: one process, one thread, alternating, medians, ratios.

    python benchmarks/run.py [--rounds N] [--json FILE]

Each system starts from the same weights and sees the same batches; a row whose losses at step 10 differ by more than
one part in a thousand is void. A ratio is taken within a round, so that a busy machine slows both sides of it.
Exits with 1 if a ratio is above its mark or a row is void.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # read when NumPy and PyTorch are imported

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import torch
from workloads import WORKLOADS, Workload, training_step

import tinytorch

BLOCK_SECONDS = 0.1  # how long one system runs before the other has its turn


def loss_at_step_10(module: Any, work: Workload) -> float:
    step = training_step(module, work)
    return [step() for _ in range(10)][-1]


def block(step: Callable[[], float], steps: int) -> float:
    """The median time of a step, in microseconds."""
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


def compare(work: Workload, rounds: int) -> dict[str, Any]:
    """Both systems in turn, `rounds` times after a warm-up."""
    losses = {module.__name__: loss_at_step_10(module, work) for module in (tinytorch, torch)}
    ours, theirs = training_step(tinytorch, work), training_step(torch, work)
    warm = block(theirs, 50), block(ours, 50)
    steps = max(20, int(BLOCK_SECONDS / (max(warm) * 1e-6)))
    pairs = [(block(ours, steps), block(theirs, steps)) for _ in range(rounds)]
    ratios = sorted(a / b for a, b in pairs)
    return {
        "workload": work.name,
        "title": work.title,
        "tinytorch_us": statistics.median(a for a, _ in pairs),
        "torch_us": statistics.median(b for _, b in pairs),
        "ratio": statistics.median(ratios),
        "ratio_low": ratios[0],
        "ratio_high": ratios[-1],
        "reach": work.reach,
        "same_loss": abs(losses["tinytorch"] - losses["torch"]) <= 1e-3 * abs(losses["torch"]),
        "losses_step_10": losses,
    }


def import_cost(repeats: int = 15) -> dict[str, Any]:
    """The time to import TinyTorch over that to import NumPy, each in processes of its own, in turn."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # compiled once, as for users

    def seconds(module: str) -> float:
        code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
        return float(run.stdout)

    seconds("tinytorch"), seconds("numpy")  # from disk into memory
    pairs = [(seconds("tinytorch"), seconds("numpy")) for _ in range(repeats)]
    ratios = [a / b for a, b in pairs]
    return {
        "workload": "import",
        "title": "import, against NumPy's",
        "tinytorch_us": statistics.median(a for a, _ in pairs) * 1e6,
        "numpy_us": statistics.median(b for _, b in pairs) * 1e6,
        "ratio": statistics.median(ratios),
        "ratio_low": min(ratios),
        "ratio_high": max(ratios),
        "reach": 1.5,
        "same_loss": True,
    }


def main() -> int:
    """Run everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"TinyTorch {tinytorch.__version__}, PyTorch {torch.__version__}, one thread, {args.rounds} rounds")
    print(f"{'':35}{'TinyTorch':>12}{'other':>12}{'ratio':>8}{'  (low–high)':14}{'reach':>7}")
    rows = []
    for row in (*(compare(work, args.rounds) for work in WORKLOADS), import_cost()):
        rows.append(row)
        verdict = "" if row["same_loss"] else "  VOID: the losses differ"
        other = row.get("torch_us", row.get("numpy_us"))
        print(
            f"{row['title']:35}{row['tinytorch_us']:9.0f} µs{other:9.0f} µs{row['ratio']:8.2f}"
            f"  ({row['ratio_low']:.2f}–{row['ratio_high']:.2f}) {row['reach']:7.2f}"
            f"{'' if row['ratio'] <= row['reach'] else '  MISSED'}{verdict}",
            flush=True,
        )
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0 if all(row["same_loss"] and row["ratio"] <= row["reach"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
