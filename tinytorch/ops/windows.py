"""Windows: how a kernel lies on an input. Convolution, pooling and unfolding are made of them, and of their adjoint."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tinytorch.dtypes import Array, Number

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
