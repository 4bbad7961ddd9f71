"""Linear layers, rows of a table (embedding), and dropout."""

import numpy as np

from tinytorch.autograd import apply, no_grad
from tinytorch.dtypes import INT64, UINT8, int32, int64
from tinytorch.errors import need, need_tensors
from tinytorch.functions.inplace import overwrite
from tinytorch.ops import indexing as indexing_ops
from tinytorch.ops import matmul as ops
from tinytorch.random import default_generator
from tinytorch.tensor import Tensor

__all__ = ["bilinear", "dropout", "dropout2d", "embedding", "linear", "one_hot"]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input @ weight.T + bias, for input (..., in), weight (out, in) and bias (out,); the result is (..., out)."""
    need_tensors("Linear", input, weight, input if bias is None else bias)
    x, w = input._array, weight._array
    if not x.ndim or x.shape[-1] != w.shape[-1]:
        in_features, out_features = w.shape[-1] if w.ndim else 0, len(w) if w.ndim == 2 else 1
        fix = ": flatten it first?" if x.ndim > 2 and np.prod(x.shape[1:]) == in_features else ""
        layer = f"Linear({in_features}, {out_features})"
        raise RuntimeError(f"{layer} got {x.shape}, but expects (..., {in_features}){fix}")
    if x.dtype is not w.dtype:
        raise RuntimeError(other_type(f"Linear({w.shape[1]}, {w.shape[0]})", input, weight))
    return apply(ops.linear, input, weight, bias)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x1 @ weight[k] @ x2 for each k, plus bias: (..., in1) and (..., in2) -> (..., out), weight (out, in1, in2)."""
    y = ((input1.unsqueeze(-2).unsqueeze(-2) @ weight).squeeze(-2) * input2.unsqueeze(-2)).sum(-1)
    return y if bias is None else y + bias


def other_type(layer: str, input: Tensor, weight: Tensor) -> str:
    """What to say where input and weight are of different types."""
    fix = "x.float()" if not input.is_floating_point() else f"x.to({weight.dtype})"
    fix = "x / 255 for pixels, or " + fix if input._array.dtype is UINT8 else fix
    return f"{layer} of {weight.dtype} got an input of {input.dtype}: use {fix}"


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Elements set to 0 with probability `p`, the others divided by 1 - p, so that the expectation stays.

    Source: Srivastava et al. (2014), JMLR 15.
    """
    need_tensors("dropout", input)
    return _dropped(input, p, training, inplace, input.ndim)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Dropout of whole channels of (batch, channels, ...). Source: Tompson et al. (2015), arXiv:1411.4280."""
    if input.ndim < 2:
        raise RuntimeError(f"dropout2d needs (batch, channels, height, width), got shape {tuple(input.shape)}")
    return _dropped(input, p, training, inplace, 2)


def _dropped(input: Tensor, p: float, training: bool, inplace: bool, apart: int) -> Tensor:
    """Dropout in which each place in the first `apart` dimensions is kept or dropped as a whole."""
    need(0 <= p <= 1, f"dropout: p must be between 0 and 1, not {p}")
    if not training or p == 0:
        return input
    need(
        p == 1 or input.is_floating_point(),
        f"dropout needs a floating input, not {input.dtype}: use x.float()",
        RuntimeError,
    )
    kept = default_generator().uniform((*input.shape[:apart], *[1] * (input.ndim - apart))) >= p
    scale = np.asarray(kept * input._array.dtype.type(0 if p == 1 else 1 / (1 - p)))
    result = input * Tensor._wrap(scale)  # its gradient needs the scale alone, not what is overwritten
    return overwrite(input, result, "dropout") if inplace else result


# ---------------------------------------------------------------------------------------------- numbers as vectors
def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None,
              norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False) -> Tensor:  # fmt: skip
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
        raise RuntimeError(f"embedding needs int64 row numbers, as x.long(), and a weight (rows, features), got {got}")
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
    return apply(indexing_ops.embedding, weight, index=index, padding=padding_idx, by_frequency=scale_grad_by_freq)


def padding_row(padding_idx: int | None, rows: int) -> int | None:
    """`padding_idx` counted from the first row."""
    if padding_idx is None:
        return None
    need(-rows <= padding_idx < rows, f"padding_idx {padding_idx} is not one of the {rows} rows", AssertionError)
    return padding_idx % rows


def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:
    """For each class number a row of zeros with a 1 in that place: (...) -> (..., num_classes), int64.

    >>> import tinytorch as torch
    >>> one_hot(torch.tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    need_tensors("one_hot", input)
    classes = input._array
    need(classes.dtype is INT64, f"one_hot needs int64 numbers, not {input.dtype}: use input.long()", RuntimeError)
    need(classes.size or num_classes != -1, "one_hot: of no numbers the classes can't be counted: give num_classes",
         RuntimeError)  # fmt: skip
    n = int(classes.max()) + 1 if num_classes == -1 else num_classes
    if classes.size and not 0 <= classes.min() <= classes.max() < n:
        raise RuntimeError(f"one_hot: class numbers go from 0 to num_classes - 1 = {n - 1}, got {classes.tolist()}")
    return Tensor._wrap((classes[..., None] == np.arange(n)).astype(INT64))
