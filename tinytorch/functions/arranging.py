"""Moving, repeating and leaving out elements: turned round, laid side by side, on diagonals, in windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.autograd import Recorded, apply
from tinytorch.dtypes import INT64, Array
from tinytorch.errors import dimension, dimensions, need
from tinytorch.errors import sizes as all_sizes
from tinytorch.functions import numpy_names
from tinytorch.functions.shape import movedim, need_matrix, reshape, transpose
from tinytorch.ops import shape as ops
from tinytorch.ops.indexing import put_at

__all__ = [
    "diag", "diag_embed", "diagonal", "flip", "meshgrid", "repeat_interleave", "roll", "tile", "tril", "triu",
]  # fmt: skip

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


# ---------------------------------------------------------------------------------------------- repeated
def repeat(input: Tensor, *times: Any, repeats: Sequence[int] | None = None) -> Tensor:
    """Copies laid side by side, `times[i]` times along dimension i."""
    times = all_sizes(times if repeats is None else (repeats,), "repeat")
    if len(times) < input.ndim or min(times, default=0) < 0:
        raise RuntimeError(f"repeat: {times} needs a number, not negative, for each of the {input.ndim} dimensions")
    return apply(ops.rearrange, input, see=lambda x: np.tile(x, times))


def tile(input: Tensor, *times: Any, dims: Sequence[int] | None = None) -> Tensor:
    """`repeat`, in which missing numbers of repeats are 1, as NumPy's."""
    repeats = all_sizes(times if dims is None else (dims,), "tile")
    return repeat(input, *(1,) * (input.ndim - len(repeats)), *repeats)


def repeat_interleave(input: Tensor, repeats: int | Tensor | None = None, dim: int | None = None, *,
    output_size: int | None = None) -> Tensor:  # fmt: skip
    """Each slice along `dim` (without it, each element) repeated in place, all or each its own number of times.

    >>> import tinytorch as torch
    >>> torch.tensor([1, 2]).repeat_interleave(2)
    tensor([1, 1, 2, 2])
    """
    if repeats is None:  # the one argument is the number of times that each of 0, 1, 2, ... is wanted
        input, repeats = input._wrap(np.arange(len(input), dtype=INT64)), input
    if dim is None:
        input, dim = reshape(input, -1), 0
    axis, times = dimension(dim, input.ndim, "repeat_interleave"), np.asarray(getattr(repeats, "_array", repeats))
    return apply(ops.rearrange, input, see=lambda x: np.repeat(x, times.astype(np.intp, casting="same_kind"), axis))


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """For each vector a grid of all their combinations: its elements vary along its dimension ("xy": 0 and 1 swapped).

    >>> import tinytorch as torch
    >>> torch.meshgrid(torch.arange(2), torch.arange(3), indexing="ij")[1]
    tensor([[0, 1, 2],
            [0, 1, 2]])
    """
    lines: Any = tensors if isinstance(tensors[0], Recorded) else tensors[0]
    shape = [x.numel() for x in lines]
    if indexing not in ("ij", "xy") or any(x.ndim > 1 for x in lines):
        raise RuntimeError(f'meshgrid needs vectors and indexing="ij" or "xy", not {indexing!r}')
    grids = [x.reshape([-1 if i == j else 1 for j in range(len(shape))]).expand(shape) for i, x in enumerate(lines)]
    return tuple(transpose(grid, 0, 1) if indexing == "xy" and len(shape) > 1 else grid for grid in grids)


# ---------------------------------------------------------------------------------------------- turned round
def flip(input: Tensor, *axes: Any, dims: Sequence[int] | None = None) -> Tensor:
    """The order of the elements reversed along the given dimensions."""
    chosen = all_sizes(axes if dims is None else (dims,), "flip")
    return apply(ops.flip, input, axes=dimensions(chosen, input.ndim, "flip") if chosen else ())


def roll(input: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] = ()) -> Tensor:
    """The elements moved on along `dims` (without them, as one vector); those beyond the end come in at the start."""
    steps, axes = ((each,) if isinstance(each, int) else tuple(each) for each in (shifts, dims))
    axes = tuple(dimension(axis, input.ndim, "roll") for axis in axes)
    need(input.ndim or not axes, f"roll: a 0-d tensor has no dimension {axes}", IndexError)
    if len(steps) != max(len(axes), 1):
        raise RuntimeError(f"roll: needs a shift for each dimension, got shifts {steps} and dims {axes}")
    turn: Any = (steps, axes) if axes else steps
    return apply(ops.rearrange, input, see=lambda x: np.asarray(np.roll(x, *turn), order="C"))


# ---------------------------------------------------------------------------------------------- diagonals
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The elements on and below the diagonal; zero above."""
    return apply(ops.tril, need_matrix(input, "tril"), diagonal=diagonal)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The elements on and above the diagonal; zero below."""
    return apply(ops.triu, need_matrix(input, "triu"), diagonal=diagonal)


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The elements on a diagonal of the two dimensions, as the last dimension (a view).

    >>> import tinytorch as torch
    >>> torch.arange(9).reshape(3, 3).diagonal(1)
    tensor([1, 5])
    """
    axes = dimensions((dim1, dim2), input.ndim, "diagonal")

    def see(x: Array) -> Array:
        y = np.diagonal(x, offset, *axes)
        y.flags.writeable = x.flags.writeable
        return y

    return apply(ops.rearrange, input, see=see)


def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices in the dimensions `dim1` and `dim2`, zero but for a diagonal, which is the last dimension of `input`."""
    places = dimensions((dim1, dim2), input.ndim + 1, "diag_embed")
    along, size = np.arange(input.shape[-1]), input.shape[-1] + abs(offset)
    index = (..., along + max(-offset, 0), along + max(offset, 0))
    whole = apply(put_at, input.new_zeros((*input.shape[:-1], size, size)), input, index=index)
    return movedim(whole, (-2, -1), places)


def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrix with a vector on its diagonal, or the diagonal of a matrix.

    >>> import tinytorch as torch
    >>> torch.diag(torch.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
    """
    if input.ndim not in (1, 2):
        raise RuntimeError(f"diag needs a vector or a matrix, got shape {tuple(input.shape)}: use diagonal")
    return diag_embed(input, diagonal) if input.ndim == 1 else input.diagonal(diagonal).clone()


# ---------------------------------------------------------------------------------------------- windows
def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Windows of `size` elements every `step` along a dimension (a view); the last dimension runs inside them."""
    if not input.ndim:
        return unfold(reshape(input, 1), dimension, size, step)[0]
    (axis,) = dimensions(dimension, input.ndim, "unfold")
    if step <= 0:
        raise RuntimeError(f"unfold: step must be positive, not {step}")
    every = (slice(None),) * axis + (slice(None, None, step),)

    def see(x: Array) -> Array:  # where windows overlap, changing one in place would change others
        return np.lib.stride_tricks.sliding_window_view(x, size, axis, writeable=step >= size)[every]

    return apply(ops.rearrange, input, see=see)


numpy_names(globals())
