"""Operations that rearrange elements. Those marked `view` share memory with their input where NumPy can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinytorch.dtypes import Array, result_type

PullBack = Callable[[Array], Array]
Unary = tuple[Array, tuple[PullBack]]
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
    back = np.argsort(axes)
    return x.transpose(axes), (lambda grad: grad.transpose(back),)


@view
def expand(x: Array, shape: tuple[int, ...]) -> Unary:
    return x[...] if x.shape == shape else np.broadcast_to(x, shape), (
        lambda grad: grad,
    )  # autograd sums over the repeated axes


def flip(x: Array, axes: tuple[int, ...]) -> Unary:
    return np.flip(x, axes).copy("K"), (lambda grad: np.flip(grad, axes),)


def cat(*arrays: Array, axis: int) -> tuple[Array, tuple[PullBack, ...]]:
    ends = np.cumsum([x.shape[axis] for x in arrays])
    kind = result_type(*arrays)

    def slicer(start: int, stop: int) -> PullBack:
        where = (slice(None),) * axis + (slice(start, stop),)
        return lambda grad: grad[where]

    y = np.concatenate(arrays, axis).astype(kind, "C", copy=False)
    return y, tuple(slicer(stop - x.shape[axis], stop) for x, stop in zip(arrays, ends))


def tril(x: Array, diagonal: int) -> Unary:
    return np.tril(x, diagonal), (lambda grad: np.tril(grad, diagonal),)


def triu(x: Array, diagonal: int) -> Unary:
    return np.triu(x, diagonal), (lambda grad: np.triu(grad, diagonal),)


def tile(x: Array, repeats: tuple[int, ...]) -> Unary:
    """Copies of the whole, `repeats[i]` times along axis i; repeats has one entry for each axis or more."""
    padded = (1,) * (len(repeats) - x.ndim) + x.shape
    blocks = tuple(size for pair in zip(repeats, padded) for size in pair)  # (repeats0, size0, repeats1, size1, ...)
    copies, shape = tuple(range(0, len(blocks), 2)), x.shape
    return np.tile(x, repeats), (lambda grad: grad.reshape(blocks).sum(copies).reshape(shape),)
