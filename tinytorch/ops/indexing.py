"""Taking elements out by index, and putting them in. Repeated indices add up their gradients.

`index` is what NumPy takes between brackets: a tuple of slices and arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.dtypes import Array, Number
from tinytorch.ops import Unary
from tinytorch.ops.shape import view


class Part:
    """The pull-back of a part that no element is in twice: its gradient, with zeros around it.

    Where other parts have theirs already, autograd lets `add_to` put it beside them, so that the parts of an array
    (queries, keys and values, say) don't make an array of zeros each. The whole lies in memory as the array does.
    """

    def __init__(self, x: Array, index: Any) -> None:
        self.shape, self.strides, self.index = x.shape, x.strides, index

    def __call__(self, grad: Array) -> Array:
        """The gradient of the whole."""
        places = range(len(self.shape))
        axes = sorted(places, key=lambda i: -abs(self.strides[i]))
        whole = np.zeros([self.shape[i] for i in axes], grad.dtype)
        if axes != [*places]:
            whole = whole.transpose(sorted(places, key=axes.__getitem__))
        whole[self.index] = grad
        return whole

    def add_to(self, whole: Array, grad: Array) -> None:
        """Add the gradient to that of the whole, in place."""
        whole[self.index] += grad


@view
def getitem(x: Array, index: Any) -> Unary:
    """Basic indexing (integers, slices, None, ...): a view, and no element is taken twice."""
    return x[index], (Part(x, index),)


def take(x: Array, index: Any) -> Unary:
    """Indexing with arrays of integers or booleans: a copy, in which an element may stand more than once."""
    shape = x.shape

    def pull(grad: Array) -> Array:
        whole = np.zeros(shape, grad.dtype)
        _add(whole, index, grad)
        return whole

    return np.asarray(x[index], order="C"), (pull,)


def gather(x: Array, index: Array, axis: int) -> Unary:
    return take(x, along(index, axis))


def _add(whole: Array, index: Any, values: Array) -> None:
    """whole[index] += values, where equal indices add up. Rows are sorted first: several times as fast as add.at."""
    rows, size = index[0], whole.shape[1:]
    if size and isinstance(rows, np.ndarray) and rows.dtype.kind != "b" and values.shape == (*rows.shape, *size):
        rows = rows.reshape(-1) % max(len(whole), 1)
        order = rows.argsort(kind="stable")
        rows = rows[order]
        starts = np.flatnonzero(np.diff(rows, prepend=-1))  # equal rows are neighbours now
        whole[rows[starts]] += np.add.reduceat(values.reshape(len(rows), *size)[order], starts, dtype=whole.dtype)
    else:
        np.add.at(whole, index, values)


def setitem(x: Array, value: Array | Number, steps: tuple[Any, ...]) -> Any:
    """A copy of `x` in which the part that the steps of an index lead to is `value`."""
    y = x.copy()
    write(y, steps, value)

    def to_x(grad: Array) -> Array:
        rest = grad.copy()
        write(rest, steps, 0)
        return rest

    kind = getattr(value, "dtype", x.dtype)

    def to_value(grad: Array) -> Array:
        for step in steps:
            grad = grad[step]
        return grad.astype(kind)

    return y, (to_x, to_value)


def write(x: Array, steps: tuple[Any, ...], value: Array | Number) -> None:
    """Put `value` where the steps of an index lead."""
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


def along(index: Array, axis: int) -> tuple[Array, ...]:
    """The index with which x[...][i][j][k] is x[i][index[i][j][k]][k] (for axis 1)."""
    where = list(np.ix_(*(np.arange(size) for size in index.shape)))
    where[axis] = index
    return tuple(where)


def embedding(weight: Array, index: Array, padding: int | None, by_frequency: bool) -> Unary:
    """The rows of a table that `index` names; row `padding` learns nothing."""
    shape = weight.shape

    def pull(grad: Array) -> Array:
        whole = np.zeros(shape, grad.dtype)
        if by_frequency:
            grad = grad / np.bincount(index.reshape(-1).astype(np.intp))[index, None].astype(grad.dtype)
        _add(whole, (index,), grad)
        if padding is not None:
            whole[padding] = 0
        return whole

    return weight[index], (pull,)


# ---------------------------------------------------------------------------------------------- combining
def put_at(x: Array, value: Array | Number, index: Any) -> Any:
    """`x` with `value` at the places of the index."""
    return setitem(x, value, (index,))


def add_at(x: Array, value: Array, index: Any) -> Any:
    """`x` with `value` added at the places of the index, as often as they are named."""
    y = x.copy()
    _add(y, index, value)
    return y, (lambda grad: grad, lambda grad: grad[index])
