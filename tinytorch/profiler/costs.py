"""What does an operation cost, forward and backward, and how much can this machine do in a second?

FLOPs are those of `summary`. A pull-back costs what it computes: the gradient of an operand of a matrix product or
convolution takes a product as large as that of the forward pass, any other as much as the operation itself, and one
that only hands the gradient on, nothing. Bytes are the least that must be moved: each input read once, the result
written once; a view moves nothing, and what only moves elements reads as much as it writes.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from tinytorch.inspection.summarize import MOVES, flops
from tinytorch.tensor import Tensor

Cost = tuple[int, int]  # FLOPs, bytes
MOST_KNOWN = 10_000


_known: dict[Any, tuple[Cost, list[Cost]]] = {}  # by name and shapes: a program does the same thing many times


def cost_of(name: str, inputs: Sequence[Any], result: Tensor) -> tuple[Cost, list[Cost]]:
    """The cost of an operation, and of the pull-back to each of its inputs."""
    shapes = [(x._array.shape, x._array.nbytes) if isinstance(x, Tensor) else None for x in (*inputs, result)]
    key = name, result._base is None, *shapes
    found = _known.get(key)
    if found is None:
        cost = forward_cost(name, inputs, result)
        found = cost, backward_costs(name, inputs, result, cost[0])
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = found
    return found


def forward_cost(name: str, inputs: Sequence[Any], result: Tensor) -> Cost:
    """The FLOPs and bytes of the operation called `name`.

    >>> import tinytorch as torch
    >>> x, w = torch.zeros(5, 3), torch.zeros(2, 3)
    >>> forward_cost("linear", (x, w, None), torch.zeros(5, 2))  # 5·2·2·3; (5·3 + 2·3 + 5·2) elements of 4 bytes
    (60, 124)
    """
    if result._base is not None:
        return 0, 0
    written = result._array.nbytes
    if name in MOVES:
        return 0, 2 * written
    return flops(name, inputs, result), written + sum(x._array.nbytes for x in inputs if isinstance(x, Tensor))


def backward_costs(name: str, inputs: Sequence[Any], result: Tensor, forward: int) -> list[Cost]:
    """For each input, the FLOPs of its pull-back and the bytes that it reads besides the gradient.

    `forward`: the FLOPs of the operation itself.

    >>> import tinytorch as torch
    >>> x, w, b = torch.zeros(5, 3), torch.zeros(2, 3), torch.zeros(2)
    >>> backward_costs("linear", (x, w, b), torch.zeros(5, 2), 70)
    [(60, 24), (60, 60), (10, 0)]
    """
    if name in MOVES:
        return [(0, 0)] * len(inputs)
    arrays: list[Any] = [x._array if isinstance(x, Tensor) else None for x in inputs]
    sizes = [0 if x is None else x.nbytes for x in arrays]
    operands = sum(sizes[:2])
    # An operand's gradient takes the other operand; that of a single one, the operand itself.
    read = [operands - size if operands > size else size for size in sizes[:2]] + [0] * (len(sizes) - 2)
    y, weight = result._array, arrays[1] if len(arrays) > 1 else None
    if weight is not None and (name in ("matmul", "linear") or name.startswith("conv")):
        product = forward - (y.size if any(x is not None for x in arrays[2:]) else 0)
        return [(product if i < 2 else y.size, size) for i, size in enumerate(read)]
    if weight is not None and name == "attention":  # values: weights · gradient; weights: gradient · values; softmax
        rows = math.prod(y.shape[:-1]) * weight.shape[-2]
        keys, values = 2 * rows * weight.shape[-1], 2 * rows * y.shape[-1]
        each = [forward, keys, values] + [rows] * (len(inputs) - 3)
        return list(zip(each, read))
    if name == "recurrent":  # back through time for the inputs, and one product for the weight
        x, weight = arrays[0], arrays[2]
        return list(zip([forward, 0, 2 * x.size * weight.shape[-1], x.size], read))
    return [(forward, size) for size in read]


def pulled_cost(gradient: Any, result: Any, work: int, read: int) -> Cost:
    """The cost of a pull-back that made `result` of `gradient`; none if that is the gradient or a view of it."""
    if result is None or result is gradient:
        return 0, 0
    if result.base is not None and np.may_share_memory(result, gradient):
        return 0, 0
    return work, read + gradient.nbytes + result.nbytes


class Peak(NamedTuple):
    """The most that this process was seen to do in a second: FLOPs, and bytes read and written."""

    flops: float
    bytes: float


@functools.cache
def peak() -> Peak:
    """Measure it, once: a float32 product of 512 x 512 matrices, and a copy of 64 MB."""
    a = np.ones((512, 512), np.float32)
    source = np.ones(1 << 24, np.float32)
    product, copy = np.empty_like(a), np.zeros_like(source)
    multiply = min(_seconds(np.matmul, a, a, product) for _ in range(12))
    move = min(_seconds(np.copyto, copy, source) for _ in range(6))
    return Peak(2 * 512**3 / multiply, 2 * source.nbytes / move)


def _seconds(function: Any, *args: Any) -> float:
    start = perf_counter()
    function(*args)
    return perf_counter() - start
