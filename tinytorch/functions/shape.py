"""Sizes and dimensions: the same elements in another shape, joined, in parts. Views share memory where PyTorch's do."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tinytorch.autograd import Recorded, apply
from tinytorch.dtypes import Array
from tinytorch.errors import dimension, dimensions, need, need_tensors
from tinytorch.errors import sizes as all_sizes
from tinytorch.functions import numpy_names
from tinytorch.ops import shape as ops
from tinytorch.size import Size

__all__ = [
    "broadcast_shapes", "broadcast_tensors", "broadcast_to", "cat", "chunk", "concat", "concatenate", "flatten",
    "hstack", "moveaxis", "movedim", "narrow", "permute", "ravel", "reshape", "select", "split", "squeeze", "stack",
    "swapaxes", "swapdims", "t", "transpose", "unbind", "unflatten", "unsqueeze", "vstack",
]  # fmt: skip

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


def reshape(input: Tensor, *sizes: Any, shape: Sequence[int] | None = None) -> Tensor:
    """The same elements in another shape; one size may be -1 and is worked out. A view where possible.

    >>> import tinytorch as torch
    >>> torch.arange(6).reshape(2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    wanted = all_sizes(sizes if shape is None else (shape,), "reshape")
    return apply(ops.reshape, input, shape=_whole(input, wanted))


def _whole(input: Tensor, shape: tuple[int, ...]) -> tuple[int, ...]:
    if shape and min(shape) > 0 and math.prod(shape) == input._array.size:  # as nearly all are
        return shape
    known, holes = math.prod(size for size in shape if size != -1), shape.count(-1)
    if holes > 1:
        raise RuntimeError(f"reshape and view: only one size may be -1, got {shape}")
    fits = input.numel() == known if not holes else bool(known) and input.numel() % known == 0
    if not fits or min(shape, default=0) < -1:
        raise RuntimeError(f"reshape: {input.numel()} elements of shape {tuple(input.shape)} don't fit into {shape}")
    return tuple(input.numel() // known if size == -1 else size for size in shape)


def view(input: Tensor, *shape: Any, size: Sequence[int] | None = None) -> Tensor:
    """The same memory in another shape; `RuntimeError` where only a copy could have it (use `reshape`)."""
    wanted = _whole(input, all_sizes(shape if size is None else (size,), "view"))
    if _sees(input._array, wanted):
        return apply(ops.reshape, input, shape=wanted)
    # What a convolution made lies in memory in another order than PyTorch's, where `view` works: it is laid in order
    # now. What the pull-backs hold stays as it is; a view made before is refused if it is to be changed in place.
    base = cast("Tensor", input if input._base is None else input._base)
    array = whole = np.ascontiguousarray(base._array)
    for op, options in input._path:
        array, _ = op(array, **options)
    if base._array.ndim < 3 or not _is_dense(base._array) or not _sees(array, wanted):
        places = f"{tuple(input.shape)}, whose elements don't lie in order, as {wanted}"
        raise RuntimeError(f"view: can't see {places} without a copy: use reshape, or contiguous() first")
    input._history()
    base._array, input._array = whole, array
    result = apply(ops.reshape, input, shape=wanted)
    base._turned = input._seen = result._seen
    return result


def _sees(array: Array, shape: tuple[int, ...]) -> bool:
    """Whether the array can be seen in another shape without a copy."""
    return array.flags.c_contiguous or not array.size or np.may_share_memory(array.reshape(shape), array)


def _is_dense(array: Array) -> bool:
    """Whether the elements lie in memory without gaps, in whatever order of dimensions."""
    return array.transpose(np.argsort(array.strides)[::-1]).flags.c_contiguous


def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """`reshape` into the shape of `other`."""
    return reshape(input, other.shape)


def ravel(input: Tensor) -> Tensor:
    """The elements as one vector: a view where they lie in order in memory."""
    return reshape(contiguous(input), -1)


def view_as(input: Tensor, other: Tensor) -> Tensor:
    """`view` in the shape of `other`."""
    return view(input, other.shape)


def permute(input: Tensor, *order: Any, dims: Sequence[int] | None = None) -> Tensor:
    """The dimensions in a new order."""
    wanted = all_sizes(order if dims is None else (dims,), "permute")
    ndim = input._array.ndim
    axes = dimensions(wanted, ndim, "permute") if wanted else ()
    if len(axes) != ndim:
        raise RuntimeError(f"permute: {wanted} must name each of the {ndim} dimensions once")
    return apply(ops.permute, input, axes=axes)


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two dimensions exchanged.

    >>> import tinytorch as torch
    >>> torch.zeros(2, 3, 4).transpose(1, 2).shape
    torch.Size([2, 4, 3])
    """
    ndim = input._array.ndim
    order = list(range(ndim))
    a, b = dimension(dim0, ndim, "transpose"), dimension(dim1, ndim, "transpose")
    if order:
        order[a], order[b] = order[b], order[a]
    return apply(ops.permute, input, axes=tuple(order))


def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """The dimensions `source` moved to the places `destination`; the others keep their order."""
    start, end = (dimensions(each, input.ndim, "movedim") for each in (source, destination))
    if len(start) != len(end):
        raise RuntimeError(f"movedim: {source} and {destination} must be equally many")
    places = dict(zip(end, start))
    rest = iter(i for i in range(input.ndim) if i not in places.values())
    return permute(input, [places[i] if i in places else next(rest) for i in range(input.ndim)])


def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; a vector stays as it is."""
    if input.ndim > 2:
        raise RuntimeError(f"t: expects at most 2 dimensions, got {input.ndim}: use transpose(dim0, dim1)")
    return transpose(input, 0, 1) if input.ndim == 2 else transpose(input, 0, 0)


def reversed_dimensions(input: Tensor) -> Tensor:
    """The dimensions in reverse order; for a matrix, its transpose."""
    return permute(input, *range(input.ndim - 1, -1, -1))


def matrix_transpose(input: Tensor) -> Tensor:
    """The last two dimensions exchanged."""
    need_matrix(input, "mT")
    return transpose(input, -2, -1)


def need_matrix(input: Tensor, operation: str) -> Tensor:
    """The tensor; `RuntimeError` if it has less than two dimensions."""
    if input.ndim < 2:
        raise RuntimeError(f"{operation} needs at least 2 dimensions, got shape {tuple(input.shape)}")
    return input


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A new dimension of size 1 at place `dim`."""
    place, shape = dimension(dim, input.ndim + 1, "unsqueeze"), input._array.shape
    return apply(ops.reshape, input, shape=(*shape[:place], 1, *shape[place:]))


def squeeze(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """Without the dimensions of size 1, or without those named that are of size 1."""
    chosen = dimensions(dim, input.ndim, "squeeze") if dim != () else ()
    shape = tuple(size for i, size in enumerate(input.shape) if size != 1 or i not in chosen)
    return apply(ops.reshape, input, shape=shape)


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from `start_dim` to `end_dim` made into one.

    >>> import tinytorch as torch
    >>> torch.zeros(32, 8, 8).flatten(1).shape
    torch.Size([32, 64])
    """
    start, end = dimension(start_dim, input.ndim, "flatten"), dimension(end_dim, input.ndim, "flatten")
    if start > end:
        raise RuntimeError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    if start == end and input.ndim:
        return input
    shape = input._array.shape
    return apply(ops.reshape, input, shape=(*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Dimension `dim` made into several, of `sizes`."""
    place, shape = dimension(dim, input.ndim, "unflatten"), input._array.shape
    return reshape(input, (*shape[:place], *sizes, *shape[place + 1 :]))


def expand(input: Tensor, *sizes: Any, size: Sequence[int] | None = None) -> Tensor:
    """Dimensions of size 1 repeated to the given sizes without copying; -1 leaves a size as it is."""
    shape = all_sizes(sizes if size is None else (size,), "expand")
    before = (-1,) * (len(shape) - input.ndim) + tuple(input.shape)
    after = tuple(old if new == -1 else new for new, old in zip(shape, before))
    if len(shape) < input.ndim or any(old not in (new, 1, -1) or new < 0 for new, old in zip(after, before)):
        raise RuntimeError(f"expand: {tuple(input.shape)} does not expand to {shape}: only sizes of 1 are repeated")
    return apply(ops.expand, input, shape=after)


def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """`expand` to the shape of `other`."""
    return expand(input, other.shape)


def broadcast_to(input: Tensor, size: Sequence[int]) -> Tensor:
    """`expand` under NumPy's name."""
    return expand(input, *size)


def broadcast_shapes(*shapes: int | Sequence[int]) -> Size:
    """The shape to which tensors of these shapes broadcast."""
    try:
        return Size(np.broadcast_shapes(*shapes))
    except ValueError:
        raise RuntimeError(f"{shapes} don't broadcast: sizes, matched from the last, must be equal or 1") from None


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors, each expanded to the shape to which all broadcast."""
    need_tensors("broadcast_tensors", *tensors)
    shape = broadcast_shapes(*(x.shape for x in tensors))
    return tuple(x if x.shape == shape else expand(x, shape) for x in tensors)


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors joined along a dimension that they have.

    >>> import tinytorch as torch
    >>> torch.cat([torch.zeros(2, 3), torch.ones(1, 3)]).shape
    torch.Size([3, 3])
    """
    _need_list("cat", tensors)
    if not tensors:
        raise ValueError("cat needs at least one tensor, got an empty list")
    need_tensors("cat", *tensors)
    first = next((x for x in tensors if x.shape != (0,)), tensors[0])
    if not first.ndim:
        raise RuntimeError("cat: 0-d tensors have no dimension to join along: use stack")
    axis = dimension(dim, first.ndim, "cat")
    # PyTorch passes over empty vectors among other shapes, but not over their type
    nothing = (*first.shape[:axis], 0, *first.shape[axis + 1 :])
    tensors = [x if x.shape != (0,) else x.reshape(nothing) for x in tensors]
    rests = {(*x.shape[:axis], "·", *x.shape[axis + 1 :]) for x in tensors}
    if len(rests) > 1:
        raise RuntimeError(f"cat along dim {axis} of {_shapes(tensors)}: all other sizes must be equal")
    return apply(ops.cat, *tensors, axis=axis)


def _need_list(operation: str, tensors: object) -> None:
    """`TypeError` for what is not a list or a tuple."""
    given = type(tensors).__name__
    need(isinstance(tensors, (list, tuple)), f"{operation} needs a list of tensors, not a {given}", TypeError)


def _shapes(tensors: Sequence[Tensor]) -> str:
    return ", ".join(str(tuple(x.shape)) for x in tensors) or "an empty list"


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors of one shape joined along a new dimension."""
    _need_list("stack", tensors)
    need_tensors("stack", *tensors)
    if len({x.shape for x in tensors}) != 1:
        raise RuntimeError(f"stack needs tensors of one shape, got {_shapes(tensors)}")
    return cat([unsqueeze(x, dim) for x in tensors], dimension(dim, tensors[0].ndim + 1, "stack"))


def split(tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of a size (the last may be smaller), or of given sizes, along a dimension."""
    axis = dimension(dim, tensor.ndim, "split")
    if not tensor.ndim:
        raise RuntimeError("split: a tensor without dimensions has no pieces: use unsqueeze(0)")
    size, sections = tensor.shape[axis], split_size_or_sections
    if sections == 0 and size == 0:
        return (tensor,)
    if isinstance(sections, int):
        if sections <= 0:
            raise RuntimeError(f"split: the size of a piece must be positive, not {sections}")
        sections = [min(sections, size - start) for start in range(0, size, sections)] or [0]
    if sum(sections) != size:
        raise RuntimeError(f"split: sizes {list(sections)} must add up to {size}, the size of dimension {axis}")
    return tuple(narrow(tensor, axis, end - n, n) for n, end in zip(sections, itertools.accumulate(sections)))


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` pieces of equal size (the last may be smaller)."""
    if chunks <= 0:
        raise RuntimeError(f"chunk: the number of chunks must be positive, not {chunks}")
    axis = dimension(dim, input.ndim, "chunk")
    size = input.shape[axis] if input.ndim else 1
    return split(input, math.ceil(size / chunks) if size else [0] * chunks, dim)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along a dimension, without that dimension."""
    axis = dimension(dim, input.ndim, "unbind")
    return tuple(input[_at(axis, i)] for i in range(input._array.shape[axis]))


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`length` slices from `start` on along a dimension (a view)."""
    need(input.ndim, "narrow: a 0-d tensor has no dimension to narrow: use reshape(1) first", RuntimeError)
    axis = dimension(dim, input.ndim, "narrow")
    size = input._array.shape[axis]
    if not -size <= start <= size:
        raise IndexError(f"narrow: start {start} is outside dimension {axis} of size {size}")
    start = start + size if start < 0 else start
    if not 0 <= start <= start + length <= size:
        raise RuntimeError(f"narrow: {start} to {start + length} is outside dimension {axis} of size {size}")
    return input[_at(axis, slice(start, start + length))]


def select(input: Tensor, dim: int, index: int) -> Tensor:
    """One slice along a dimension, without that dimension (a view)."""
    return input[_at(dimension(dim, input.ndim, "select"), index)]


def _at(axis: int, item: Any) -> tuple[Any, ...]:
    """The index of what `item` takes along an axis."""
    return (*(slice(None),) * axis, item)


def _padded(x: Tensor, ndim: int) -> Tensor:
    while x.ndim < ndim:
        x = unsqueeze(x, -1 if x.ndim == 2 else 0)
    return x


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors side by side: along the second dimension, vectors along their only one."""
    parts = _some(tensors, 1)
    return cat(parts, 1 if parts[0].ndim > 1 else 0)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors on top of each other: along the first dimension, vectors as rows."""
    return cat(_some(tensors, 2))


def _some(tensors: Sequence[Tensor], ndim: int) -> Sequence[Tensor]:
    if len(tensors) == 0:
        raise RuntimeError("stacking needs at least one tensor, got none")
    return tensors if isinstance(tensors, Recorded) else [_padded(x, ndim) for x in tensors]  # cat will refuse the one


# PyTorch's other names for the same functions
concat = concatenate = cat
swapdims = swapaxes = transpose
moveaxis = movedim


# ---------------------------------------------------------------------------------------------- memory
def stride(input: Tensor, dim: int | None = None) -> Any:
    """How many elements lie between neighbours, along each dimension or one."""
    steps = tuple(step // input._array.itemsize for step in input._array.strides)
    return steps if dim is None else steps[dimension(dim, input.ndim, "stride")]


def is_contiguous(input: Tensor, memory_format: object = None) -> bool:
    """Whether the elements lie in memory in order."""
    return input._array.flags.c_contiguous


def contiguous(input: Tensor, memory_format: object = None) -> Tensor:
    """The tensor itself where its elements lie in order in memory, else a copy where they do."""
    return input if is_contiguous(input) else input.clone(memory_format="contiguous")


numpy_names(globals(), "split", "unflatten")
