"""Taking elements out by index, and putting them in. Repeated indices add up their gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinytorch.dtypes import Array, Number
from tinytorch.ops.shape import view

PullBack = Callable[[Array], Array]
Unary = tuple[Array, tuple[PullBack]]


@view
def getitem(x: Array, index: Any) -> Unary:
    """Basic indexing (integers, slices, None, ...): a view, and no element is taken twice."""
    shape = x.shape

    def pull(grad: Array) -> Array:
        whole = np.zeros(shape, grad.dtype)
        whole[index] = grad
        return whole

    return x[index], (pull,)


def take(x: Array, index: Any) -> Unary:
    """Indexing with arrays of integers or booleans: a copy, in which an element may stand more than once."""
    shape = x.shape

    def pull(grad: Array) -> Array:
        whole = np.zeros(shape, grad.dtype)
        np.add.at(whole, index, grad)
        return whole

    return np.asarray(x[index], order="C"), (pull,)


def setitem(x: Array, value: Array | Number, steps: tuple[Any, ...]) -> Any:
    """A copy of `x` in which the part that the steps of an index lead to is `value`."""
    y = x.copy()
    _put(y, steps, value)

    def to_x(grad: Array) -> Array:
        rest = grad.copy()
        _put(rest, steps, 0)
        return rest

    kind = getattr(value, "dtype", x.dtype)

    def to_value(grad: Array) -> Array:
        for step in steps:
            grad = grad[step]
        return grad.astype(kind)

    return y, (to_x, to_value)


def _put(x: Array, steps: tuple[Any, ...], value: Array | Number) -> None:
    for step in steps[:-1]:
        x = x[step]  # the first of two steps is basic: a view
    x[steps[-1]] = value


def put(x: Array, value: Array, path: tuple[tuple[Any, dict[str, Any]], ...]) -> Any:
    """A copy of `x` in which the view that a path of view operations leads to is `value`."""

    def follow(whole: Array) -> Array:
        for op, options in path:
            whole = op(whole, **options)[0]
        return whole

    y = x.copy("K")  # with the memory layout of x, so that what was a view of x is one of y
    follow(y)[...] = value

    def to_x(grad: Array) -> Array:
        rest = np.empty_like(y)
        rest[...] = grad
        follow(rest)[...] = 0
        return rest

    return y, (to_x, follow)


def gather(x: Array, index: Array, axis: int) -> Unary:
    """y[i][j][k] = x[i][index[i][j][k]][k] (for axis 1): `index` may be smaller than `x` on the other axes."""
    where = _along(index, axis)
    shape = x.shape

    def pull(grad: Array) -> Array:
        whole = np.zeros(shape, grad.dtype)
        np.add.at(whole, where, grad)
        return whole

    return x[where], (pull,)


def _along(index: Array, axis: int) -> tuple[Array, ...]:
    where = list(np.ix_(*(np.arange(size) for size in index.shape)))
    where[axis] = index
    return tuple(where)


def embedding(weight: Array, index: Array, padding: int | None, by_frequency: bool) -> Unary:
    """The rows of a table that `index` names; row `padding` learns nothing."""
    shape, flat = weight.shape, index.reshape(-1)

    def pull(grad: Array) -> Array:
        whole = np.zeros(shape, grad.dtype)
        rows = grad.reshape(-1, shape[1])
        if by_frequency:
            rows = rows / np.bincount(flat)[flat, None].astype(rows.dtype)
        order = np.argsort(flat, kind="stable")  # equal numbers side by side: six times as fast as np.add.at
        ordered = flat[order]
        first = np.flatnonzero(np.diff(ordered, prepend=-1))
        whole[ordered[first]] = np.add.reduceat(rows[order], first, 0) if len(flat) else 0
        if padding is not None:
            whole[padding] = 0
        return whole

    return weight[index], (pull,)
