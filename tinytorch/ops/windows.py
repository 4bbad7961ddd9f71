"""Windows: how a kernel lies on an input. Pooling, and in `conv` convolution, are made of them and of their adjoint."""

import functools
import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tinytorch.dtypes import INT64, Array, Number
from tinytorch.ops import in_float32, quiet, weighted

Sizes = tuple[int, ...]


class Windows(NamedTuple):
    """A kernel that moves over the last axes of an array; each field has one number for each of these axes."""

    kernel: Sizes
    stride: Sizes
    padding: Sizes  # how far before the first element the first window begins
    dilation: Sizes
    size: Sizes  # of the array
    counts: Sizes  # of windows

    def over(self, x: Array, outside: Number = 0) -> Iterator[Array]:
        """For each place in the kernel, row by row, what lies there in every window: (..., *size) -> (..., *counts)."""
        return self._views(_placed(x, self.padding, self.extent, outside))

    def spread(self, pieces: Iterable[Array], outer: Sizes, kind: np.dtype[Any]) -> Array:
        """The adjoint of `over`: each piece (*outer, *counts) added where its elements came from, (*outer, *size)."""
        whole = np.zeros((*outer, *self.extent), kind)
        for view, piece in zip(self._views(whole), pieces):
            view += piece
        return _placed(whole, tuple(-p for p in self.padding), self.size)

    @property
    def extent(self) -> Sizes:
        """From the beginning of the first window to the end of the last."""
        steps = zip(self.kernel, self.stride, self.dilation, self.counts)
        return tuple((c - 1) * s + d * (k - 1) + 1 for k, s, d, c in steps)

    def _views(self, whole: Array) -> Iterator[Array]:
        for place in itertools.product(*map(range, self.kernel)):
            steps = zip(place, self.stride, self.dilation, self.counts)
            seen: list[Any] = [slice(p * d, p * d + (c - 1) * s + 1, s) for p, s, d, c in steps]
            yield whole[(..., *seen)]


def pad(x: Array, before: Sizes, size: Sizes, value: Number) -> Any:
    """`x` after `before` elements on each axis of an array of `size` filled with `value`; negative numbers cut off."""
    back, shape = tuple(-b for b in before), x.shape
    y = _placed(x, before, size, value)
    return y.copy() if y is x else y, (lambda grad: _placed(grad, back, shape),)


def _placed(x: Array, before: Sizes, size: Sizes, value: Number = 0) -> Array:
    outer, inner = x.shape[: x.ndim - len(size)], x.shape[x.ndim - len(size) :]
    if inner == size and not any(before):
        return x
    whole = np.full((*outer, *size), value, x.dtype)
    inside: list[Any] = [slice(max(b, 0), max(b + n, 0)) for b, n in zip(before, inner)]
    seen: list[Any] = [slice(max(-b, 0), max(n - b, 0)) for b, n in zip(before, size)]
    whole[(..., *inside)] = x[(..., *seen)]
    return whole


# ---------------------------------------------------------------------------------------------- pooling
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
@in_float32
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
