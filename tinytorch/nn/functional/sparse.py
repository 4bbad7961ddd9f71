"""Whole numbers as vectors: rows of a table (embedding), or one-hot."""

from __future__ import annotations

import numpy as np

from tinytorch.autograd import apply, no_grad
from tinytorch.dtypes import INT64, int32, int64
from tinytorch.errors import need_tensors
from tinytorch.ops import indexing as ops
from tinytorch.tensor import Tensor

__all__ = ["embedding", "one_hot"]


def embedding(
    input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Tensor:  # fmt: skip
    """The rows of a table that whole numbers name: (...) -> (..., features).

    Args:
        input: the numbers of rows (...), int64.
        weight: the table (rows, features).
        padding_idx: a row that gets no gradient.
        max_norm: rows that are used and longer than this are first shortened, in place.
        norm_type: the p of the norm in which they are measured.
        scale_grad_by_freq: divide the gradient of a row by the number of times it was used.
        sparse: changes nothing: a gradient is always a whole tensor.

    >>> import tinytorch as torch
    >>> embedding(torch.tensor([1, 0, 1]), torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
    tensor([[2., 3.],
            [0., 1.],
            [2., 3.]])
    """
    need_tensors("embedding", input, weight)
    index = input._array
    if input.dtype not in (int32, int64) or weight.ndim != 2:
        got = f"{input.dtype} and a weight of {tuple(weight.shape)}"
        raise RuntimeError(f"embedding needs int64 row numbers and a weight (rows, features), got {got}")
    rows = weight.shape[0]
    padding_idx = padding_row(padding_idx, rows)
    if index.size and not 0 <= index.min() <= index.max() < rows:
        wrong = index[(index < 0) | (index >= rows)][0]
        raise IndexError(f"embedding: row {wrong} is out of range: the table has rows 0 to {rows - 1}")
    if max_norm is not None:
        with no_grad():
            used = Tensor._wrap(np.unique(index))
            norms = weight[used].norm(norm_type, 1, keepdim=True)
            weight[used] = weight[used] * (max_norm / (norms + 1e-7)).clamp(max=1)
    return apply(ops.embedding, weight, index=index, padding=padding_idx, by_frequency=scale_grad_by_freq)


def padding_row(padding_idx: int | None, rows: int) -> int | None:
    """`padding_idx` counted from the first row."""
    if padding_idx is None:
        return None
    if not -rows <= padding_idx < rows:
        raise AssertionError(f"padding_idx must be one of the {rows} rows, {-rows} to {rows - 1}, not {padding_idx}")
    return padding_idx % rows


def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:
    """For each class number a row of zeros with a 1 in that place: (...) -> (..., num_classes), int64.

    >>> import tinytorch as torch
    >>> one_hot(torch.tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    classes = input._array
    if classes.dtype != INT64:
        raise RuntimeError(f"one_hot needs int64 class numbers, not {input.dtype}: use input.long()")
    if not classes.size and num_classes <= 0:
        raise RuntimeError("one_hot can't tell the number of classes from an empty tensor: give num_classes")
    n = int(classes.max()) + 1 if num_classes == -1 else num_classes
    if classes.size and not 0 <= classes.min() <= classes.max() < n:
        raise RuntimeError(f"one_hot: class numbers go from 0 to num_classes - 1 = {n - 1}, got {classes.tolist()}")
    return Tensor._wrap((classes[..., None] == np.arange(n)).astype(INT64))
