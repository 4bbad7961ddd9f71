"""Pooling: the largest element of each window, or the average."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from tinytorch.dtypes import INT64, Array
from tinytorch.ops import quiet, weighted
from tinytorch.ops.windows import Windows


@quiet
def max_pool(x: Array, windows: Windows) -> Any:
    """The largest element of each window; of equal ones the first has the gradient, and nan is larger than all."""
    y, winner = _largest(x, windows)
    outer, kind, places = x.shape[: -len(windows.size)], x.dtype, range(math.prod(windows.kernel))
    return y, (lambda grad: windows.spread((weighted(grad, winner == i) for i in places), outer, kind),)


def max_pool_index(x: Array, windows: Windows) -> tuple[Array, None]:
    """Where in x, counted row by row, the largest element of each window is."""
    places = np.unravel_index(_largest(x, windows)[1], windows.kernel)
    where = [start + d * place for start, d, place in zip(_starts(windows), windows.dilation, places)]
    return np.asarray(np.ravel_multi_index(where, windows.size), INT64), None


def _largest(x: Array, windows: Windows) -> tuple[Array, Array]:
    """The largest element of each window, and its place in the kernel, counted row by row."""
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    number = np.min_scalar_type(math.prod(windows.kernel)).type
    views = map(np.ascontiguousarray, windows.over(x, lowest))  # once in order, two passes over each are faster
    firsts = [np.maximum(0, -(start // d)) for start, d in zip(_starts(windows), windows.dilation)]
    y = next(views).copy()
    winner = np.zeros(y.shape, number) + np.ravel_multi_index(firsts, windows.kernel).astype(number)
    for i, view in enumerate(views, 1):
        winner = np.maximum(winner, (view > y) * number(i))
        y = np.maximum(y, view)
    if np.isnan(y).any():
        for i, view in enumerate(windows.over(x, lowest)):
            winner[np.isnan(view)] = i
    return y, winner


def _starts(windows: Windows) -> tuple[Array, ...]:
    """The index in x at which each window starts, axis by axis."""
    return np.ix_(*(np.arange(c) * s - p for c, s, p in zip(windows.counts, windows.stride, windows.padding)))


@quiet
def avg_pool(x: Array, windows: Windows, count_include_pad: bool, divisor: int | None) -> Any:
    """The sum of each window divided by the number of its elements in x (and in the padding), or by `divisor`."""
    counted = windows._replace(padding=(0,) * len(windows.size)) if count_include_pad else windows
    sizes = [n + 2 * (p - q) for n, p, q in zip(windows.size, windows.padding, counted.padding)]
    by = x.dtype.type(divisor) if divisor else _total(counted, np.ones(sizes, x.dtype))
    outer, kind, places = x.shape[: -len(windows.size)], x.dtype, math.prod(windows.kernel)
    y = (_total(windows, x) / by).astype(kind, copy=False)
    return y, (lambda grad: windows.spread([grad / by] * places, outer, kind),)


def _total(windows: Windows, x: Array) -> Array:
    return functools.reduce(np.add, windows.over(x))
