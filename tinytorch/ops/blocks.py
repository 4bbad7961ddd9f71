"""How does a long chain of elementwise steps stay in the processor's cache?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tinytorch.dtypes import Array

BLOCK = 1 << 16  # numbers: 256 KB of float32, so that a few such pieces fit a second-level cache together


def in_blocks(steps: Callable[..., Any], *arrays: Array) -> Array:
    """A new array, which `steps(*arrays, out)` fills, a block at a time; all are of one shape.

    Each NumPy call passes once over its arrays. Where these are larger than the cache, that is a trip to memory and
    back for every step of the chain; in blocks it is one for the whole chain. NumPy's iterator walks the arrays in the
    order in which they lie in memory, also where that is not the order of their axes, and lays `out` out alike.
    """
    if not arrays[0].ndim:  # of which NumPy would make scalars
        return in_blocks(steps, *(x.reshape(1) for x in arrays)).reshape(())
    if arrays[0].size <= BLOCK:
        out = np.empty_like(arrays[0])
        steps(*arrays, out)
        return out
    kinds: Any = [["readonly"]] * len(arrays) + [["writeonly", "allocate"]]
    flags: Any = ["external_loop", "buffered"]
    pieces: Any = np.nditer([*arrays, None], flags, kinds, buffersize=BLOCK)
    with pieces:
        for piece in pieces:
            steps(*piece)
        out = pieces.operands[-1]
    return out


def row_blocks(x: Array) -> Iterator[slice]:
    """Slices of the rows of a matrix, each a block of numbers."""
    n = max(BLOCK // max(x.shape[1], 1), 1)
    return (slice(i, i + n) for i in range(0, len(x), n))
