"""Operations on plain arrays: each returns its result and how to pull a gradient back through it.

The forward pass and its derivative stand together. A pull-back never changes the gradient it is given, and never
returns an array that it keeps: what it returns is new, or the given gradient, or a view of that.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tinytorch.dtypes import Array

PullBack = Callable[[Array], Array]  # gradient of the output -> gradient of one input
Unary = tuple[Array, tuple[PullBack]]

# Infinity and nan are answers here, as in PyTorch, and need no warning from NumPy.
QUIET = r"tinytorch\.(ops|autograd|functions|optim|nn)"
warnings.filterwarnings("ignore", category=RuntimeWarning, module=QUIET)


ALIGNED = 64  # bytes that a processor's widest registers hold


def aligned(shape: tuple[int, ...], kind: np.dtype[Any]) -> Array:
    """`np.empty`, but a large array begins at a multiple of 64 bytes; NumPy's begin 16 bytes behind one.

    Most of the loads from those fall on two cache lines each, and take longer.
    """
    size = math.prod(shape) * kind.itemsize
    if size < 1 << 14:
        return np.empty(shape, kind)
    memory = np.empty(size + ALIGNED, np.uint8)
    return np.ndarray(shape, kind, memory, -memory.__array_interface__["data"][0] % ALIGNED)


def weighted(grad: Array, weights: Array) -> Array:
    """grad * weights, but 0 where a weight is 0 even if the gradient there is infinite or nan.

    Choosing with `np.where` takes several times as long, so it is left to the gradients that need it.
    """
    product = grad * weights
    flat = product.ravel("K")  # in the order of memory, which needs no copy
    if np.vdot(flat, flat) < np.inf:
        return product
    return np.where(weights == 0, product.dtype.type(0), product)


def wide(x: Array) -> Array:
    """float16 as float32, in which to add up, and other types as they are."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


BLOCK = 128  # numbers that may well be added one after the other


def total(x: Array, axis: tuple[int, ...] | None = None, keep: bool = False) -> Any:
    """x.sum(axis), but accurate also of many rows, and of float16.

    NumPy adds in pairs along the last axes, but row after row along the others: of a million float32 numbers it loses
    a hundredth. Here these are added in blocks, and float16 in float32.
    """
    if x.dtype.char == "e":
        with np.errstate(over="ignore"):
            return total(wide(x), axis, keep).astype(x.dtype)
    if x.size > BLOCK and x.dtype.kind == "f":  # few numbers need no care
        one_by_one = list(range(x.ndim)) if axis is None else sorted(axis)
        step = x.itemsize
        for i in reversed(range(x.ndim)):
            if i not in one_by_one or x.strides[i] != step:
                break
            one_by_one.remove(i)  # the last axes, side by side in memory
            step *= x.shape[i]
        if math.prod([x.shape[i] for i in one_by_one]) > BLOCK:
            for i in one_by_one:
                x = _in_blocks(x, i)
    # As x.sum, whose warnings would come from a module of NumPy's.
    return np.add.reduce(x, axis, None, None, keep)  # type: ignore[call-overload]


def _in_blocks(x: Array, axis: int) -> Array:
    """The sum along `axis`, kept: of 16 blocks of many rows, then of the rows of that."""
    n = x.shape[axis] // 16
    if x.shape[axis] <= BLOCK:
        return np.asarray(np.add.reduce(x, axis, keepdims=True))
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    blocks, rest = np.split(x, [16 * n], axis)
    y = _in_blocks(np.add.reduce(blocks.reshape(*before, 16, n, *after), axis), axis)
    return y + np.add.reduce(rest, axis, keepdims=True)


@functools.lru_cache(64)
def ones(n: int, kind: np.dtype[Any]) -> Array:
    """A vector of ones, remembered, with which to multiply where sums are wanted."""
    vector = np.ones(n, kind)
    vector.setflags(write=False)
    return vector


def row_total(x: Array) -> Any:
    """The sum of the rows of a matrix, as a product with ones, which is faster, in blocks as `total`."""
    rows, columns = x.shape
    if rows <= BLOCK or x.dtype.kind != "f":
        return np.dot(ones(rows, x.dtype), x)
    whole = rows - rows % BLOCK
    blocks = np.matmul(ones(BLOCK, x.dtype), x[:whole].reshape(-1, BLOCK, columns))
    rest = np.dot(ones(rows - whole, x.dtype), x[whole:])
    return row_total(blocks) + rest


def in_float32(op: Callable[..., Any]) -> Callable[..., Any]:
    """Let the operation work in float32 where its first array is of float16, and give float16 back."""

    def pulling(pull: PullBack) -> PullBack:
        return lambda grad: pull(wide(grad))  # autograd casts what it gets

    @functools.wraps(op)
    def wider(x: Array, *args: Any, **options: Any) -> Any:
        if x.dtype.char != "e":
            return op(x, *args, **options)
        with np.errstate(over="ignore"):
            y, pulls = op(wide(x), *(wide(a) if isinstance(a, np.ndarray) else a for a in args), **options)
            return y.astype(x.dtype), pulls and tuple(pull and pulling(pull) for pull in pulls)

    return wider


def quiet(op: Callable[..., Any]) -> Callable[..., Any]:
    """Silence NumPy also where every warning is asked for: for operations that often meet infinity or nan."""

    @functools.wraps(op)
    def silent(*args: Any, **options: Any) -> Any:
        with np.errstate(all="ignore"):
            return op(*args, **options)

    return silent


def shared(backward: Callable[[Array], tuple[Array, ...]], inputs: int) -> tuple[Callable[[Array], Array], ...]:
    """Pull-backs for inputs that share work: `backward(grad)`, which gives the gradient of each, runs once for all."""
    last: list[Any] = []  # the gradient given, and what came of it

    def pull_back_to(i: int) -> Callable[[Array], Array]:
        def pull(grad: Array) -> Array:
            if not last or last[0] is not grad:
                last[:] = grad, backward(grad)
            return last[1][i]

        return pull

    return tuple(pull_back_to(i) for i in range(inputs))
