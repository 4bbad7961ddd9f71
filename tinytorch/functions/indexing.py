"""Taking parts of a tensor by index, and assigning to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.autograd import Recorded, apply
from tinytorch.dtypes import INT64, Array, Number
from tinytorch.errors import dimension, explain
from tinytorch.functions.inplace import overwrite
from tinytorch.ops import indexing as ops

__all__ = ["gather", "index_select", "masked_select", "nonzero"]

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


def getitem(input: Tensor, index: Any) -> Tensor:
    """input[index]: integers and slices give a view; tensors of integers or truth values give a copy.

    >>> import tinytorch as torch
    >>> x = torch.arange(12).reshape(3, 4)
    >>> x[1, -1], x[:, x[0] > 1]
    (tensor(7), tensor([[ 2,  3],
            [ 6,  7],
            [10, 11]]))
    """
    basic, advanced = _steps(input._array, index)
    if basic is not None:
        input = apply(ops.getitem, input, index=basic)
    return input if advanced is None else apply(ops.take, input, index=advanced)


def setitem(input: Tensor, index: Any, value: Tensor | Number) -> None:
    """input[index] = value, in place."""
    if not isinstance(value, (Recorded, int, float, np.ndarray, np.generic)):
        raise TypeError(f"can't assign a {type(value).__name__} to a part of a tensor: give a number or a tensor")
    basic, advanced = _steps(input._array, index)
    steps = tuple(step for step in (basic, advanced) if step is not None)
    try:
        changed = apply(ops.setitem, input, value, steps=steps)
    except RuntimeError:  # only now work out what shape the part has
        part, given = tuple(getitem(input, index).shape), np.shape(getattr(value, "_array", value))
        raise RuntimeError(f"setitem: a value of shape {given} doesn't fit into a part of shape {part}") from None
    overwrite(input, changed, "setitem")


def _steps(array: Array, index: Any) -> tuple[Any, Any]:
    """The index as a basic step (a view) and then one by arrays; None for a step that there is not.

    NumPy would do both at once and move the dimensions in some mixed cases; PyTorch does the one after the other.
    """
    items = [_item(each) for each in (index if isinstance(index, tuple) else (index,))]
    used = sum(_consumes(each) for each in items)
    if used > array.ndim:
        raise IndexError(f"too many indices: {used} for a tensor of shape {array.shape}")
    if Ellipsis not in [each for each in items if not isinstance(each, np.ndarray)]:
        items.append(Ellipsis)
    basic: list[Any] = []
    advanced: list[Any] = []
    place = 0  # how many dimensions of the tensor have been dealt with
    for each in items:
        there = array.shape[place : place + _consumes(each)]
        place += array.ndim - used if each is Ellipsis else _consumes(each)
        if isinstance(each, np.ndarray):
            if each.dtype.kind == "b" and each.shape != there:
                raise IndexError(f"a mask of shape {each.shape} doesn't fit dimensions of {there} of {array.shape}")
            basic += [slice(None)] * _consumes(each)
            advanced.append(each)
        elif each is Ellipsis:
            rest = array.ndim - used
            basic += [slice(None)] * rest
            advanced += [slice(None)] * rest
        else:
            basic.append(each)
            if not isinstance(each, int):
                advanced.append(slice(None))
    by_array = any(isinstance(each, np.ndarray) for each in items)
    trivial = by_array and all(isinstance(each, slice) and each == slice(None) for each in basic)
    return None if trivial else (*basic, Ellipsis), tuple(advanced) if by_array else None


def _item(item: Any) -> Any:
    """One item of an index in NumPy's terms."""
    if item is None or item is Ellipsis:
        return item
    if isinstance(item, slice):
        step = None if item.step is None else int(item.step)
        if step is not None and step <= 0:
            raise ValueError(f"slice step must be positive, not {step}: use flip() to reverse")
        start, stop = (None if x is None else int(x) for x in (item.start, item.stop))
        return slice(start, stop, step)
    if isinstance(item, bool):
        return np.array(item)
    if isinstance(item, str):
        raise TypeError(f"an index must be made of integers, slices or tensors, not {item!r}")
    array = item if isinstance(item, int) else np.asarray(getattr(item, "_array", item))
    if isinstance(array, int):
        return array
    if array.size == 0 and not isinstance(item, np.ndarray) and not hasattr(item, "_array"):
        array = array.astype(INT64)  # an empty list
    if array.dtype == np.uint8:
        array = array.astype(bool)  # PyTorch's masks of old
    if array.dtype.kind not in "iub":
        raise IndexError(f"an index must be made of integers, slices or bool or integer tensors, not {array.dtype}")
    return int(array) if array.ndim == 0 and array.dtype.kind != "b" else array


def _consumes(item: Any) -> int:
    """How many dimensions of the tensor an item of an index stands for."""
    if item is None or item is Ellipsis:
        return 0
    return item.ndim if isinstance(item, np.ndarray) and item.dtype.kind == "b" else 1


def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """For each element of `index`, the element of `input` that lies there along `dim`.

    >>> import tinytorch as torch
    >>> torch.tensor([[1, 2], [3, 4]]).gather(1, torch.tensor([[0], [1]]))
    tensor([[1],
            [4]])
    """
    where, axis = index._array, dimension(dim, input.ndim, "gather")
    if where.dtype.kind != "i" or where.ndim != input.ndim:
        raise RuntimeError(
            f"gather from shape {tuple(input.shape)} needs an index of integers with {input.ndim} dimensions, "
            f"got {index.dtype} of shape {where.shape}"
        )
    if where.size and not 0 <= where.min() <= where.max() < input.shape[axis]:
        wrong = where[(where < 0) | (where >= input.shape[axis])][0]
        raise RuntimeError(
            f"gather: index {wrong} is out of range for dimension {axis} of size {input.shape[axis]}: "
            f"use 0 to {input.shape[axis] - 1}"
        )
    return apply(ops.gather, input, index=where, axis=axis)


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices along `dim` that the vector `index` names."""
    if index.ndim > 1:
        raise IndexError(f"index_select needs a vector of indices, got shape {tuple(index.shape)}")
    index = index.reshape(-1)
    return getitem(input, (slice(None),) * dimension(dim, input.ndim, "index_select") + (index,))


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where the mask is True, as a vector."""
    if mask.dtype.name != "bool":
        raise RuntimeError(f"masked_select needs a bool mask, not {mask.dtype}: compare, as in x > 0")
    try:
        shape = np.broadcast_shapes(input.shape, mask.shape)
    except ValueError as error:
        raise explain("masked_select", (input._array, mask._array), error) from None
    return getitem(input.expand(shape), mask.expand(shape))


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The indices of the elements that are not zero: one row each, or a tuple with one vector per dimension."""
    found = [input._wrap(each.astype(INT64)) for each in np.nonzero(np.atleast_1d(input._array))]
    return tuple(found) if as_tuple else input._wrap(np.argwhere(input._array).astype(INT64))
