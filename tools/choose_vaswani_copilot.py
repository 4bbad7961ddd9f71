"""How were the settings of vaswani_copilot chosen? By the functions that other seeds hold out.

    python tools/choose_vaswani_copilot.py [SEEDS]

Every setting is one change to the program's own. It is scored on functions drawn, and held out, by seeds from 1000 on:
the shares that do what their names say, those that Python can parse, and the processor's seconds for a run.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from tinytorch.milestones import catalog

CHANGES: list[dict[str, Any]] = [
    {}, {"weight_decay": 0.1}, {"weight_decay": 2.0}, {"learning_rate": 0.004}, {"learning_rate": 0.016},
    {"width": 32}, {"width": 64}, {"heads": 1}, {"heads": 4}, {"layers": 1}, {"batch_size": 32}, {"epochs": 3},
]  # fmt: skip


def main() -> None:
    """Print every setting with its scores, in the order in which they are tried."""
    seeds = range(1000, 1000 + int(sys.argv[1] if len(sys.argv) > 1 else 10))
    program = catalog.load("vaswani_copilot")
    print("new combinations  new numbers  parsed  seconds  change")
    for change in CHANGES:
        started = time.process_time()
        results = [{gate.name: gate.value for gate in program.play(seed, **change).gates} for seed in seeds]
        seconds = (time.process_time() - started) / len(seeds)
        mean = {name: np.mean([result[name] for result in results]) for name in program.gates}
        print(
            f"{mean['right, of new combinations']:16.3f}  {mean['right, of new numbers']:11.3f}  "
            f"{mean['completions that Python can parse']:6.3f}  {seconds:7.1f}  {change or 'none'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
