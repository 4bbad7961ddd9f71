"""Functions that rearrange elements. The view functions share memory with their input wherever PyTorch's do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.autograd import Recorded, apply
from tinytorch.errors import dimension, dimensions, need_tensors
from tinytorch.errors import sizes as all_sizes
from tinytorch.ops import shape as ops

__all__ = [
    "broadcast_to", "cat", "chunk", "concat", "concatenate", "flatten", "flip", "hstack", "movedim", "narrow",
    "permute", "reshape", "select", "split", "squeeze", "stack", "t", "transpose", "tril", "triu", "unbind",
    "unflatten", "unsqueeze", "vstack",
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
    known = math.prod(size for size in shape if size != -1)
    holes = shape.count(-1)
    fits = input.numel() == known if not holes else bool(known) and input.numel() % known == 0
    if holes > 1:
        raise RuntimeError(f"reshape and view: only one size may be -1, got {shape}")
    if not fits or min(shape, default=0) < -1:
        raise RuntimeError(f"reshape: {input.numel()} elements of shape {tuple(input.shape)} don't fit into {shape}")
    return tuple(input.numel() // known if size == -1 else size for size in shape)


def view(input: Tensor, *shape: Any) -> Tensor:
    """The same memory in another shape; `RuntimeError` where only a copy could have it (use `reshape`)."""
    result = reshape(input, *shape)
    if input.numel() and not np.may_share_memory(result._array, input._array):
        raise RuntimeError(
            f"view: a tensor of shape {tuple(input.shape)} whose elements don't lie in order can't be seen as "
            f"{tuple(result.shape)} without a copy: use reshape, or contiguous() first"
        )
    return result


def view_as(input: Tensor, other: Tensor) -> Tensor:
    """`view` in the shape of `other`."""
    return view(input, other.shape)


def permute(input: Tensor, *order: Any, dims: Sequence[int] | None = None) -> Tensor:
    """The dimensions in a new order."""
    wanted = all_sizes(order if dims is None else (dims,), "permute")
    order = dimensions(wanted, input.ndim, "permute") if wanted else ()
    if len(order) != input.ndim:
        raise RuntimeError(f"permute: {wanted} must name each of the {input.ndim} dimensions once")
    return apply(ops.permute, input, axes=order)


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two dimensions exchanged.

    >>> import tinytorch as torch
    >>> torch.zeros(2, 3, 4).transpose(1, 2).shape
    torch.Size([2, 4, 3])
    """
    order = list(range(input.ndim))
    a, b = dimension(dim0, input.ndim, "transpose"), dimension(dim1, input.ndim, "transpose")
    if order:
        order[a], order[b] = order[b], order[a]
    return apply(ops.permute, input, axes=tuple(order))


def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """The dimensions `source` moved to the places `destination`; the others keep their order."""
    start = (source,) if isinstance(source, int) else tuple(source)
    end = (destination,) if isinstance(destination, int) else tuple(destination)
    if len(start) != len(end):
        raise RuntimeError(f"movedim: {start} and {end} must be equally many")
    places = dict(zip(dimensions(end, input.ndim, "movedim"), dimensions(start, input.ndim, "movedim")))
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
    _matrix(input, "mT")
    return transpose(input, -2, -1)


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A new dimension of size 1 at place `dim`."""
    place = dimension(dim, input.ndim + 1, "unsqueeze")
    shape = tuple(input.shape)
    return apply(ops.reshape, input, shape=(*shape[:place], 1, *shape[place:]))


def squeeze(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """Without the dimensions of size 1, or without those named that are of size 1."""
    chosen = dimensions(dim, input.ndim, "squeeze")
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
    shape = tuple(input.shape)
    return apply(ops.reshape, input, shape=(*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Dimension `dim` made into several, of `sizes`."""
    place = dimension(dim, input.ndim, "unflatten")
    shape = tuple(input.shape)
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


def repeat(input: Tensor, *repeats: Any) -> Tensor:
    """Copies laid side by side, `repeats[i]` times along dimension i."""
    times = all_sizes(repeats, "repeat")
    if len(times) < input.ndim:
        raise RuntimeError(f"repeat: {times} needs a number for each of the {input.ndim} dimensions")
    return apply(ops.tile, input, repeats=times)


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors joined along a dimension that they have.

    >>> import tinytorch as torch
    >>> torch.cat([torch.zeros(2, 3), torch.ones(1, 3)]).shape
    torch.Size([3, 3])
    """
    if isinstance(tensors, Recorded):
        raise TypeError("cat needs a list of tensors, not one tensor")
    if not tensors:
        raise ValueError("cat needs at least one tensor, got an empty list")
    need_tensors("cat", *tensors)
    if any(x.ndim != 1 for x in tensors):  # PyTorch passes over empty vectors among other shapes
        tensors = [x for x in tensors if x.shape != (0,)]
    ndim = tensors[0].ndim
    if not ndim:
        raise RuntimeError("cat: 0-d tensors have no dimension to join along: use stack")
    axis = dimension(dim, ndim, "cat")
    rests = {(*x.shape[:axis], "·", *x.shape[axis + 1 :]) for x in tensors}
    if len(rests) > 1:
        shapes = ", ".join(str(tuple(x.shape)) for x in tensors)
        raise RuntimeError(f"cat along dim {axis} of {shapes}: all other sizes must be equal")
    return apply(ops.cat, *tensors, axis=axis)


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors of one shape joined along a new dimension."""
    need_tensors("stack", *tensors)
    if len({x.shape for x in tensors}) != 1:
        shapes = ", ".join(str(tuple(x.shape)) for x in tensors) or "an empty list"
        raise RuntimeError(f"stack needs tensors of one shape, got {shapes}")
    return cat([unsqueeze(x, dim) for x in tensors], dimension(dim, tensors[0].ndim + 1, "stack"))


def split(input: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of a size (the last may be smaller), or of given sizes, along a dimension."""
    axis = dimension(dim, input.ndim, "split")
    size, sections = input.shape[axis], split_size_or_sections
    if sections == 0 and size == 0:
        return (input,)
    if isinstance(sections, int):
        if sections <= 0:
            raise RuntimeError(f"split: the size of a piece must be positive, not {sections}")
        sections = [min(sections, size - start) for start in range(0, size, sections)] or [0]
    if sum(sections) != size:
        raise RuntimeError(f"split: sizes {list(sections)} must add up to {size}, the size of dimension {axis}")
    pieces, start = [], 0
    for each in sections:
        pieces.append(narrow(input, axis, start, each))
        start += each
    return tuple(pieces)


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` pieces of equal size (the last may be smaller)."""
    if chunks <= 0:
        raise RuntimeError(f"chunk: the number of chunks must be positive, not {chunks}")
    if input.shape[dimension(dim, input.ndim, "chunk")] == 0:
        return split(input, [0] * chunks, dim)
    return split(input, max(1, math.ceil(input.shape[dimension(dim, input.ndim, "chunk")] / chunks)), dim)


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along a dimension, without that dimension."""
    axis = dimension(dim, input.ndim, "unbind")
    return tuple(select(input, axis, i) for i in range(input.shape[axis]))


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`length` slices from `start` on along a dimension (a view)."""
    axis = dimension(dim, input.ndim, "narrow")
    if not -input.shape[axis] <= start <= input.shape[axis]:
        raise IndexError(f"narrow: start {start} is outside dimension {axis} of size {input.shape[axis]}")
    start = start + input.shape[axis] if start < 0 else start
    if not 0 <= start <= start + length <= input.shape[axis]:
        raise RuntimeError(
            f"narrow: {start} to {start + length} is outside dimension {axis} of size {input.shape[axis]}"
        )
    return input[(slice(None),) * axis + (slice(start, start + length),)]


def select(input: Tensor, dim: int, index: int) -> Tensor:
    """One slice along a dimension, without that dimension (a view)."""
    return input[(slice(None),) * dimension(dim, input.ndim, "select") + (index,)]


def flip(input: Tensor, *axes: Any, dims: Sequence[int] | None = None) -> Tensor:
    """The order of the elements reversed along the given dimensions."""
    chosen = all_sizes(axes if dims is None else (dims,), "flip")
    return apply(ops.flip, input, axes=dimensions(chosen, input.ndim, "flip") if chosen else ())


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The elements on and below the diagonal; zero above."""
    return apply(ops.tril, _matrix(input, "tril"), diagonal=diagonal)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The elements on and above the diagonal; zero below."""
    return apply(ops.triu, _matrix(input, "triu"), diagonal=diagonal)


def _matrix(input: Tensor, operation: str) -> Tensor:
    if input.ndim < 2:
        raise RuntimeError(f"{operation} needs at least 2 dimensions, got shape {tuple(input.shape)}")
    return input


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors side by side: along the second dimension, vectors along their only one."""
    return cat([x if x.ndim else x.reshape(1) for x in tensors], 1 if tensors[0].ndim > 1 else 0)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors on top of each other: along the first dimension, vectors as rows."""
    return cat([x if x.ndim > 1 else x.reshape(1, -1) for x in tensors])


concat = concatenate = cat  # PyTorch's other names for the same function


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
