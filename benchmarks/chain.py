"""How long is the way back through a chain of so many operations, and does it recurse?

    python benchmarks/chain.py tinytorch 1000 100000

Prints the seconds of backward, for each length the median of three. Python may go no deeper than DEPTH calls meanwhile,
so a walk that recurses fails.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from importlib import import_module
from typing import Any

DEPTH = 120
REPEATS = 3


def backward_seconds(torch: Any, length: int) -> float:
    """x times one, so many times: the gradient is one. Dropping the chain counts, too."""
    x = torch.ones(1, requires_grad=True)
    y = x
    for _ in range(length):
        y = y * 1.0
    start = time.perf_counter()
    y.backward()
    del y
    seconds = time.perf_counter() - start
    assert x.grad.item() == 1.0
    return seconds


def main() -> None:
    torch, lengths = import_module(sys.argv[1]), [int(word) for word in sys.argv[2:]]
    backward_seconds(torch, 10)  # what is imported late
    sys.setrecursionlimit(DEPTH)
    found = [statistics.median(backward_seconds(torch, length) for _ in range(REPEATS)) for length in lengths]
    sys.setrecursionlimit(1000)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
