"""Operations that rearrange elements. Those marked `view` share memory with their input where NumPy can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinytorch.dtypes import Array, result_type
from tinytorch.ops import PullBack, Unary

Op = Callable[..., Any]
VIEWS: set[Op] = set()


def view(op: Op) -> Op:
    """Mark an operation whose result shares memory with its input."""
    VIEWS.add(op)
    return op


@view
def reshape(x: Array, shape: tuple[int, ...]) -> Unary:
    before = x.shape
    return x.reshape(shape), (lambda grad: grad.reshape(before),)


@view
def permute(x: Array, axes: tuple[int, ...]) -> Unary:
    return x.transpose(axes), (lambda grad: grad.transpose(sorted(range(len(axes)), key=axes.__getitem__)),)


@view
def expand(x: Array, shape: tuple[int, ...]) -> Unary:
    y = x[...] if x.shape == shape else np.broadcast_to(x, shape)
    return y, (lambda grad: grad,)  # autograd sums over the repeated axes


@view
def rearrange(x: Array, see: Callable[[Array], Array]) -> Unary:
    """What `see` makes of x by moving, repeating and leaving out elements: a view if `see` gives one."""
    shape, size = x.shape, x.size

    def pull(grad: Array) -> Array:
        origin = see(np.arange(size).reshape(shape))  # from which element each came
        return np.bincount(origin.ravel(), grad.ravel(), size).reshape(shape)

    return see(x), (pull,)


def flip(x: Array, axes: tuple[int, ...]) -> Unary:
    return np.flip(x, axes).copy("K"), (lambda grad: np.flip(grad, axes),)


def tril(x: Array, diagonal: int) -> Unary:
    return np.tril(x, diagonal), (lambda grad: np.tril(grad, diagonal),)


def triu(x: Array, diagonal: int) -> Unary:
    return np.triu(x, diagonal), (lambda grad: np.triu(grad, diagonal),)


def cat(*arrays: Array, axis: int) -> tuple[Array, tuple[PullBack, ...]]:
    ends = np.cumsum([x.shape[axis] for x in arrays])
    kind = result_type(*arrays)

    def slicer(start: int, stop: int) -> PullBack:
        where = (slice(None),) * axis + (slice(start, stop),)
        return lambda grad: grad[where]

    y = np.concatenate(arrays, axis).astype(kind, "C", copy=False)
    return y, tuple(slicer(stop - x.shape[axis], stop) for x, stop in zip(arrays, ends))
