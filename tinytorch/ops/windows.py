"""Windows: how a kernel lies on an input. Pooling, and in `conv` convolution, are made of them and of their adjoint."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from tinytorch.dtypes import INT64, Array, Number
from tinytorch.ops import in_float32, quiet

Sizes = tuple[int, ...]
Index = tuple[Any, ...]

_CACHED = 1 << 14  # elements of a result, of which pooling makes so many at a time: four passes that stay in the cache


class Windows(NamedTuple):
    """A kernel that moves over the last axes of an array; each field has one number for each of these axes."""

    kernel: Sizes
    stride: Sizes
    padding: Sizes  # how far before the first element the first window begins
    dilation: Sizes
    size: Sizes  # of the array
    counts: Sizes  # of windows

    def padded(self, x: Array, outside: Number = 0) -> Array:
        """What the windows lie on: (..., *size) -> (..., *extent), a view where nothing is outside of x."""
        if self.fit:
            return x[_overlap(self)[1]]
        return self.put(x, np.full_like(x, outside, shape=self.extended(x.shape)))

    def put(self, x: Array, whole: Array) -> Array:
        """`whole`, (..., *extent), with x, (..., *size), where it lies."""
        inside, seen, _ = _overlap(self)
        whole[inside] = x[seen]
        return whole

    def cut(self, whole: Array) -> Array:
        """The adjoint of `padded`: (..., *extent) -> (..., *size), a view where all of x is seen."""
        inside, seen, _ = _overlap(self)
        part = whole[inside]
        if part.shape[-len(self.size) :] == self.size:
            return part
        x = np.zeros_like(whole, shape=(*whole.shape[: -len(self.size)], *self.size))
        x[seen] = part
        return x

    def seen(self, whole: Array) -> Array:
        """What lies at each place of each window: (..., *extent) -> (..., *counts, *kernel).

        It is a view in which windows that overlap share memory.
        """
        return as_strided(whole, *_seen(self, whole.shape, whole.strides))

    def over(self, x: Array, outside: Number = 0) -> Iterator[Array]:
        """For each place in the kernel, row by row, what lies there in every window: (..., *size) -> (..., *counts)."""
        return self.views(self.padded(x, outside))

    def spread(self, pieces: Iterable[Array], whole: Array) -> Array:
        """The adjoint of `over`: each piece (..., *counts) added where its elements came from, (..., *size).

        They are added to `whole`, (..., *extent), which has zeros.
        """
        for view, piece in zip(self.views(whole), pieces):
            view += piece
        return self.cut(whole)

    def turned(self) -> Windows:
        """Which windows see an element, with a stride of 1: they lie in a window, too, whose kernel is turned round."""
        return _turned(self)

    @property
    def fit(self) -> bool:
        """Whether no window reaches outside of the array."""
        return _overlap(self)[2]

    def extended(self, shape: Sizes) -> Sizes:
        """(..., *size) or (..., *counts) -> (..., *extent)."""
        return (*shape[: -len(self.size)], *self.extent)

    @property
    def extent(self) -> Sizes:
        """From the beginning of the first window to the end of the last."""
        return _extent(self)

    def views(self, whole: Array) -> Iterator[Array]:
        """For each place in the kernel, row by row, where it lies in each window: (..., *extent) -> (..., *counts)."""
        return (whole[place] for place in _places(self))


# What depends on sizes alone is worked out once.
@functools.lru_cache
def _extent(windows: Windows) -> Sizes:
    steps = zip(windows.kernel, windows.stride, windows.dilation, windows.counts)
    return tuple((c - 1) * s + d * (k - 1) + 1 for k, s, d, c in steps)


@functools.lru_cache
def _turned(windows: Windows) -> Windows:
    padding = tuple(d * (k - 1) - p for d, k, p in zip(windows.dilation, windows.kernel, windows.padding))
    return windows._replace(padding=padding, size=windows.counts, counts=windows.size)


@functools.lru_cache
def _seen(windows: Windows, shape: Sizes, strides: Sizes) -> tuple[Sizes, Sizes]:
    """The shape and the strides of `Windows.seen`."""
    axes = len(windows.size)
    over, inside = (tuple(a * b for a, b in zip(strides[-axes:], by)) for by in (windows.stride, windows.dilation))
    return (*shape[:-axes], *windows.counts, *windows.kernel), (*strides[:-axes], *over, *inside)


@functools.lru_cache
def _places(windows: Windows) -> list[Index]:
    """For each place in the kernel, row by row, where it lies in what the windows lie on."""
    steps = [*zip(windows.stride, windows.dilation, windows.counts)]
    places = itertools.product(*map(range, windows.kernel))
    return [(..., *(slice(p * d, p * d + (c - 1) * s + 1, s) for p, (s, d, c) in zip(each, steps))) for each in places]


@functools.lru_cache
def _overlap(windows: Windows) -> tuple[Index, Index, bool]:
    """Where x lies in what the windows lie on, the part of x that does, and whether that is all they lie on."""
    return _meet(windows.size, windows.padding, _extent(windows))


def _meet(inner: Sizes, before: Sizes, size: Sizes) -> tuple[Index, Index, bool]:
    inside = [slice(max(b, 0), max(b + n, 0)) for b, n in zip(before, inner)]
    seen = [slice(max(-b, 0), max(n - b, 0)) for b, n in zip(before, size)]
    return (..., *inside), (..., *seen), all(b <= 0 and b + m >= n for b, m, n in zip(before, inner, size))


def pad(x: Array, before: Sizes, size: Sizes, value: Number) -> Any:
    """`x` after `before` elements on each axis of an array of `size` filled with `value`; negative numbers cut off."""
    inside, seen, _ = _meet(x.shape[x.ndim - len(size) :], before, size)
    y, shape = np.full((*x.shape[: x.ndim - len(size)], *size), value, x.dtype), x.shape
    y[inside] = x[seen]

    def to_x(grad: Array) -> Array:
        back = np.zeros(shape, grad.dtype)
        back[seen] = grad[inside]
        return back

    return y, (to_x,)


# ---------------------------------------------------------------------------------------------- pooling
# Pooling keeps the order of dimensions in memory.
@quiet
def max_pool(x: Array, windows: Windows) -> Any:
    """The largest element of each window; of equal ones the first has the gradient, and nan is larger than all."""
    y, larger = _largest(x, windows)
    kind, parts = x.dtype, _parts(y)
    order = np.empty_like(y[:2], bool)  # of two images, which show where in memory the next one lies
    apart = windows.stride == windows.kernel and max(windows.dilation) == 1  # the windows lie side by side

    def to_x(grad: Array) -> Array:
        whole = (np.empty_like if apart else np.zeros_like)(order, kind, shape=windows.extended(grad.shape))
        finite = np.vdot(flat := grad.ravel("K"), flat) < np.inf
        first, *others = windows.views(whole)
        for part in parts:
            some = grad[part]
            left = np.empty_like(order, kind, shape=some.shape)
            left[...] = some
            for view, chosen in zip(reversed(others), reversed(larger)):  # the last that was larger takes the gradient
                taken = left * chosen[part] if finite else np.where(chosen[part], left, kind.type(0))
                left = left - taken if finite else np.where(chosen[part], kind.type(0), left)
                _add(view[part], taken, apart)
            _add(first[part], left, apart)
        return windows.cut(whole)

    return y, (to_x,)


def _add(view: Array, piece: Array, first: bool) -> None:
    if first:
        view[...] = piece
    else:
        view += piece


def max_pool_index(x: Array, windows: Windows) -> tuple[Array, None]:
    """Where in x, counted row by row, the largest element of each window is."""
    y, larger = _largest(x, windows)
    winner = np.zeros(y.shape, np.intp)
    for i, chosen in enumerate(larger, 1):
        winner[chosen] = i
    places = np.unravel_index(winner, windows.kernel)
    where = [start + d * place for start, d, place in zip(_starts(windows), windows.dilation, places)]
    return np.asarray(np.ravel_multi_index(where, windows.size), INT64), None


def _largest(x: Array, windows: Windows) -> tuple[Array, list[Array]]:
    """The largest of each window; for each place in the kernel after the first, where it is larger than all before."""
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    first, *others = windows.views(windows.padded(x, lowest))
    y = first.copy("K")
    larger = [np.empty_like(y, bool) for _ in others]
    for part in _parts(y):
        largest = y[part]
        room = np.empty_like(largest)
        for view, chosen in zip(others, larger):
            np.copyto(room, view[part])  # once in order, two passes over it are faster
            np.greater(room, largest, out=chosen[part])
            np.maximum(largest, room, out=largest)
    if not windows.fit:  # of places outside and inside that are all the lowest, one inside counts
        firsts = [np.maximum(0, -(start // d)) for start, d in zip(_starts(windows), windows.dilation)]
        inside = np.ravel_multi_index(firsts, windows.kernel)
        for i, chosen in enumerate(larger, 1):
            chosen |= inside == i
    if np.isnan(np.vdot(flat := y.ravel("K"), flat)):
        for view, chosen in zip(others, larger):
            chosen |= np.isnan(view)
    return y, larger


def _parts(x: Array) -> list[Index]:
    """Some images at a time, or channels where these are the outer axis in memory, which stay in the cache."""
    axis = int(x.strides[1] > x.strides[0])
    step = max(1, _CACHED // max(1, math.prod(x.shape) // max(1, x.shape[axis])))
    every = (slice(None),) * axis
    return [(*every, slice(start, start + step)) for start in range(0, x.shape[axis], step)]


def _starts(windows: Windows) -> tuple[Array, ...]:
    """The index in x at which each window starts, axis by axis."""
    return np.ix_(*(np.arange(c) * s - p for c, s, p in zip(windows.counts, windows.stride, windows.padding)))


@quiet
@in_float32
def avg_pool(x: Array, windows: Windows, count_include_pad: bool, divisor: int | None) -> Any:
    """The sum of each window divided by the number of its elements in x (and in the padding), or by `divisor`."""
    counted = windows
    if count_include_pad:
        counted = windows._replace(padding=(0,) * len(windows.size))
        counted = counted._replace(size=tuple(n + 2 * p for n, p in zip(windows.size, windows.padding)))
    by = x.dtype.type(divisor) if divisor else _total(counted, np.ones(counted.size, x.dtype))
    kind, places = x.dtype, math.prod(windows.kernel)
    y = (_total(windows, x) / by).astype(kind, copy=False)

    def to_x(grad: Array) -> Array:
        return windows.spread([grad / by] * places, np.zeros_like(grad, kind, shape=windows.extended(grad.shape)))

    return y, (to_x,)


def _total(windows: Windows, x: Array) -> Array:
    return functools.reduce(np.add, windows.over(x))
