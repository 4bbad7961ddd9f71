"""Putting elements in order, finding their places in an order, and counting equal ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.dtypes import FLOAT32, FLOAT64, INT64, Array, Number
from tinytorch.errors import dimension
from tinytorch.functions import numpy_names
from tinytorch.functions.reduction import search

__all__ = ["argsort", "bincount", "searchsorted", "sort", "topk", "unique"]

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


def sort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Any:
    """The elements in order along `dim`, and where they were: (values, indices). Equal ones keep their order.

    >>> import tinytorch as torch
    >>> torch.tensor([3.0, 1.0, 2.0]).sort().indices
    tensor([1, 2, 0])
    """
    return search("sort", input, dim, lambda x, axis: _order(x, axis, descending))


def _order(x: Array, axis: int, descending: bool) -> Any:
    if descending:  # in the reverse of the order in which equal elements are met last to first
        return x.shape[axis] - 1 - np.flip(_order(np.flip(x, axis), axis, False), axis)
    return x.argsort(axis, kind="stable")


def argsort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Tensor:
    """The indices that put the elements in order along `dim`."""
    return sort(input, dim, descending).indices  # type: ignore[no-any-return]


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The `k` largest (or smallest) elements along `dim`, and where they are: (values, indices).

    >>> import tinytorch as torch
    >>> torch.tensor([3.0, 1.0, 2.0]).topk(2).values
    tensor([3., 2.])
    """
    size = input.shape[dimension(dim, input.ndim, "topk")] if input.ndim else 1
    if not 0 <= k <= size:
        raise RuntimeError(f"topk: there are {size} elements along dim {dim}, not k = {k}")
    return search("topk", input, dim, lambda x, axis: _order(x, axis, largest).take(range(k), axis))


# ---------------------------------------------------------------------------------------------- equal elements
def unique(input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False,
    dim: Any = None) -> Any:  # fmt: skip
    """The different elements (or slices along `dim`) in order; if asked, which of them each is, and how often each is.

    >>> import tinytorch as torch
    >>> torch.tensor([3, 1, 3]).unique(return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    x = input._array
    axis = 0 if dim is None else dimension(dim, x.ndim, "unique")
    slices = x.reshape(-1) if dim is None else np.moveaxis(x, axis, 0)
    rows = slices.reshape(len(slices), math.prod(slices.shape[1:]))
    order = np.lexsort(rows.T[::-1])
    new = np.ones(len(rows), bool)
    new[1:] = (rows[order[1:]] != rows[order[:-1]]).any(1)
    inverse = np.empty(len(rows), INT64)
    inverse[order] = new.cumsum() - 1
    results = [np.moveaxis(slices[order[new]], 0, axis)]
    if return_inverse:
        results.append(inverse.reshape(x.shape) if dim is None else inverse)
    if return_counts:
        results.append(np.diff(np.flatnonzero(new), append=len(rows)).astype(INT64))
    tensors = tuple(map(input._wrap, results))
    return tensors if len(tensors) > 1 else tensors[0]


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2, ... is in a vector of whole numbers; with `weights`, the sum of theirs.

    >>> import tinytorch as torch
    >>> torch.tensor([0, 2, 2]).bincount()
    tensor([1, 0, 2])
    """
    x = input._array
    if x.dtype.kind in "fb":
        raise NotImplementedError(f"bincount needs whole numbers, not {input.dtype}")
    if x.ndim != 1 or x.min(initial=0) < 0 or minlength < 0 or (weights is not None and weights.shape != input.shape):
        raise RuntimeError("bincount needs a vector of numbers from 0 on, as many weights, and minlength from 0 on")
    w = None if weights is None else weights._array
    kind = INT64 if w is None else FLOAT32 if w.dtype == FLOAT32 else FLOAT64
    return input._wrap(np.bincount(x.astype(np.intp), w, minlength).astype(kind))  # narrow on 32 bits


# ---------------------------------------------------------------------------------------------- places in an order
def searchsorted(sorted_sequence: Tensor, input: Tensor | Number, *, right: bool = False) -> Tensor:
    """Where each number would go in a sequence (or its row of them) in order: before equal ones, or to their `right`.

    >>> import tinytorch as torch
    >>> torch.searchsorted(torch.tensor([1.0, 3.0, 5.0]), torch.tensor([2.0, 5.0]))
    tensor([1, 2])
    """
    sequence, values = sorted_sequence._array, np.asarray(getattr(input, "_array", input))
    if not sequence.ndim or (sequence.ndim > 1 and sequence.shape[:-1] != values.shape[:-1]):
        raise RuntimeError(f"searchsorted: {values.shape} needs a sequence, or one for each row, not {sequence.shape}")
    places = np.empty(values.shape, INT64)
    for row in np.ndindex(sequence.shape[:-1]):
        places[row] = sequence[row].searchsorted(values[row], "right" if right else "left")
    return sorted_sequence._wrap(places)


numpy_names(globals(), "unique")
