"""Taking parts of a tensor by index, and putting others in their place."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.autograd import Recorded, apply, mark_changed, records
from tinytorch.autograd.engine import is_observed
from tinytorch.dtypes import INT64, Array, Number, fitting
from tinytorch.errors import dimension, same_type, sizes
from tinytorch.functions import numpy_names
from tinytorch.functions.inplace import overwrite
from tinytorch.functions.shape import broadcast_shapes
from tinytorch.ops import indexing as ops

__all__ = [
    "argwhere", "gather", "index_add", "index_copy", "index_fill", "index_select", "masked_select", "nonzero",
    "scatter", "scatter_add", "take_along_dim",
]  # fmt: skip

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

_BOUNDS = (int, type(None))


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
    if input._array.dtype.kind in "iu" and isinstance(value, (int, float)):
        value = fitting(value, input._array.dtype)  # type: ignore[assignment]
    basic, advanced = _steps(input._array, index)
    steps = tuple(step for step in (basic, advanced) if step is not None)
    if not (records(input, value) or is_observed()) and input._array.flags.writeable:
        with suppress(IndexError, ValueError):  # which are explained below
            plain = value._array if isinstance(value, Recorded) else value
            ops.write(input._array, steps, plain)  # no copy of the whole tensor
            return mark_changed(input._array, "setitem")
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
    if isinstance(index, list) and len(index) < 32 and not all(isinstance(x, (int, float, np.generic)) for x in index):
        index = tuple(index)  # as PyTorch reads a list that holds lists, tensors, slices or None
    given = index if isinstance(index, tuple) else (index,)
    if len(given) <= array.ndim and all(map(_is_plain, given)):  # nothing to translate, which is the most usual
        return (*given, *[slice(None)] * (array.ndim - len(given)), Ellipsis), None
    items = [_item(each) for each in given]
    used = sum(_consumes(each) for each in items)
    if used > array.ndim:
        raise IndexError(f"too many indices: {used} for a tensor of shape {array.shape}")
    rest = next((i for i, each in enumerate(items) if each is Ellipsis), len(items))
    items[rest : rest + 1] = [slice(None)] * (array.ndim - used)
    basic: list[Any] = []
    advanced: list[Any] = []
    place = 0  # how many dimensions of the tensor have been dealt with
    for each in items:
        there = array.shape[place : place + _consumes(each)]
        place += len(there)
        if isinstance(each, np.ndarray):
            if each.dtype.kind == "b" and each.shape != there:
                raise IndexError(f"a mask of shape {each.shape} doesn't fit dimensions of {there} of {array.shape}")
            basic += [slice(None)] * len(there)
            advanced.append(each)
        else:
            basic.append(each)
            advanced += [slice(None)] * (not isinstance(each, int))
    by_array = any(isinstance(each, np.ndarray) for each in items)
    trivial = by_array and all(isinstance(each, slice) and each == slice(None) for each in basic)
    return None if trivial else (*basic, Ellipsis), tuple(advanced) if by_array else None


def _is_plain(item: Any) -> bool:
    """Whether it is an integer or a slice as NumPy takes them."""
    if type(item) is slice:
        return item.step is None and type(item.start) in _BOUNDS and type(item.stop) in _BOUNDS
    return type(item) is int


def _item(item: Any) -> Any:
    """One item of an index in NumPy's terms."""
    if item is None or item is Ellipsis or (isinstance(item, int) and not isinstance(item, bool)):
        return item
    if isinstance(item, slice):
        bounds = (item.start, item.stop, item.step)
        start, stop, step = (None if x is None else sizes((x,), "slice")[0] for x in bounds)
        if step is not None and step <= 0:
            raise ValueError(f"slice step must be positive, not {step}: use flip() to reverse")
        return slice(start, stop, step)
    if isinstance(item, str):
        raise TypeError(f"an index must be made of integers, slices or tensors, not {item!r}")
    array = np.asarray(getattr(item, "_array", item))
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


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The indices of the elements that are not zero: one row each, or a tuple with one vector per dimension."""
    if as_tuple:
        return tuple(input._wrap(each.astype(INT64)) for each in np.nonzero(np.atleast_1d(input._array)))
    return input._wrap(np.argwhere(input._array).astype(INT64))


def argwhere(input: Tensor) -> Tensor:
    """The indices of the elements that are not zero, one row each."""
    return nonzero(input)  # type: ignore[no-any-return]


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where the mask is True, as a vector."""
    if mask.dtype.name != "bool":
        raise RuntimeError(f"masked_select needs a bool mask, not {mask.dtype}: compare, as in x > 0")
    shape = broadcast_shapes(input.shape, mask.shape)
    return getitem(input.expand(shape), mask.expand(shape))


# ---------------------------------------------------------------------------------------------- along a dimension
def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """For each element of `index`, the element of `input` that lies there along `dim`.

    >>> import tinytorch as torch
    >>> torch.tensor([[1, 2], [3, 4]]).gather(1, torch.tensor([[0], [1]]))
    tensor([[1],
            [4]])
    """
    if not index.numel():  # of whatever type and shape
        return input.reshape(-1)[:0].reshape(index.shape)
    where, axis = _places("gather", input, dim, index)
    found = apply(ops.gather, _line(input), index=where, axis=axis)
    return found if index.ndim else found.reshape(())


def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """`gather`, but the other dimensions broadcast: takes the indices of `argsort`, or of `argmax` with keepdim."""
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    axis = dimension(dim, input.ndim, "take_along_dim")
    if input.ndim != indices.ndim or indices.dtype.name != "int64":
        raise RuntimeError(f"take_along_dim needs int64 indices with {input.ndim} dimensions, not {indices.ndim}")
    shape = broadcast_shapes(*((*x.shape[:axis], 1, *x.shape[axis + 1 :]) for x in (input, indices)))
    a, b = ((*shape[:axis], x.shape[axis], *shape[axis + 1 :]) for x in (input, indices))
    places = np.where(indices._array < 0, indices._array + a[axis], indices._array)  # negative ones count from the end
    return gather(input.expand(a), axis, input._wrap(places).expand(b))


def scatter(input: Tensor, dim: int, index: Tensor, src: Tensor | Number | None = None, *, value: Any = None,
    reduce: Any = None) -> Tensor:  # fmt: skip
    """`input` with each element of `src` (or a number) put where `index` says along `dim`: the reverse of `gather`.

    >>> import tinytorch as torch
    >>> torch.zeros(2, 3).scatter(1, torch.tensor([[2], [0]]), 1.0)
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """
    source: Any = value if src is None else src
    if not isinstance(source, Recorded):
        source = input.new_full(index.shape, source)
    if reduce not in (None, "add"):
        raise RuntimeError(f'scatter: reduce must be "add" or None, not {reduce!r}')
    return _scatter("scatter", ops.add_at if reduce else ops.put_at, input, dim, index, source)


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """`input` with each element of `src` added where `index` says along `dim`."""
    return _scatter("scatter_add", ops.add_at, input, dim, index, src)


def _scatter(name: str, op: Any, input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    same_type(name, input, src)
    where = ops.along(*_places(name, input, dim, index, src))
    part = getitem(_line(src), tuple(slice(n) for n in _line(index).shape))
    return apply(op, _line(input), part, index=where).reshape(input.shape)


def _places(name: str, input: Tensor, dim: int, index: Tensor, src: Tensor | None = None) -> tuple[Array, int]:
    """The places along `dim` that `index` names, each for an element of `src`, and `dim` counted from the front."""
    axis, where, limits = dimension(dim, input.ndim, name), np.atleast_1d(index._array), list(_line(input).shape)
    size, limits[axis] = limits[axis], max(where.shape)
    if src is not None:
        limits = [min(pair) for pair in zip(limits, _line(src).shape)]
    if where.dtype.kind != "i" or where.ndim != max(input.ndim, 1) or any(n > m for n, m in zip(where.shape, limits)):
        given = f"{index.dtype} of shape {tuple(index.shape)}"
        raise RuntimeError(
            f"{name} of {tuple(input.shape)} takes integers of shape {limits} at most as index, not {given}"
        )
    _in_range(name, where, size, RuntimeError)
    return where, axis


def _in_range(name: str, where: Array, size: int, error: type[Exception]) -> None:
    if where.size and not 0 <= where.min() <= where.max() < size:
        wrong = where[(where < 0) | (where >= size)][0]
        raise error(f"{name}: index {wrong} is out of range for a dimension of size {size}: use 0 to {size - 1}")


def _line(input: Tensor) -> Tensor:
    """PyTorch lets a number be indexed as if it were a vector of one."""
    return input if input.ndim else input.reshape(1)


# ---------------------------------------------------------------------------------------------- whole slices
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices along `dim` that the vector `index` names."""
    found = apply(ops.take, _line(input), index=_slices("index_select", input, dim, index, IndexError))
    return found if input.ndim else found.reshape(())


def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Number = 1) -> Tensor:
    """`input` with the slices of alpha * `source` along `dim` added to those that the vector `index` names."""
    where = _slices("index_add", input, dim, index, RuntimeError, source)
    source = _line(source if alpha == 1 else source * alpha)
    return apply(ops.add_at, _line(input), source, index=where).reshape(input.shape)


def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """`input` with the slices of `source` along `dim` in place of those that the vector `index` names."""
    where = _slices("index_copy", input, dim, index, IndexError, source)
    return apply(ops.put_at, _line(input), _line(source), index=where).reshape(input.shape)


def index_fill(input: Tensor, dim: int, index: Tensor, value: Tensor | Number) -> Tensor:
    """`input` with `value` all over the slices along `dim` that the vector `index` names."""
    if isinstance(value, Recorded) and value._array.ndim:
        raise RuntimeError(f"index_fill: the value must be a number or a 0-d tensor, not of shape {value._array.shape}")
    where = _slices("index_fill", input, dim, input._wrap(np.unique(index._array)), IndexError)
    return apply(ops.put_at, _line(input), value, index=where).reshape(input.shape)


def _slices(
    name: str, input: Tensor, dim: int, index: Tensor, error: type[Exception], source: Tensor | None = None
) -> tuple[Any, ...]:
    """NumPy's index for the slices along `dim` that the vector `index` names; `error` if one is out of range."""
    axis, wanted = dimension(dim, input.ndim, name), list(_line(input).shape)
    if index.ndim > 1:
        raise IndexError(f"{name} needs a vector of indices, got shape {tuple(index.shape)}")
    if index._array.dtype.kind != "i":
        raise RuntimeError(f"{name} needs an index of integers, not {index.dtype}: use index.long()")
    _in_range(name, index._array, wanted[axis], error)
    if source is not None:
        same_type(name, input, source)
        wanted[axis], given = index.numel(), list(_line(source).shape)
        if given != wanted:
            raise error(f"{name}: the source for {wanted[axis]} slices must be of shape {wanted}, not {given}")
    return (*(slice(None),) * axis, np.atleast_1d(index._array))


numpy_names(globals())
