"""The functions of neural networks: layers without state, activations, losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.autograd import apply
from tinytorch.dtypes import INT64, UINT8
from tinytorch.errors import missing
from tinytorch.functions import activation
from tinytorch.functions.elementwise import sigmoid as sigmoid
from tinytorch.functions.elementwise import tanh as tanh
from tinytorch.functions.inplace import overwrite
from tinytorch.ops import activation as activation_ops
from tinytorch.ops import loss as loss_ops
from tinytorch.ops import matmul as matmul_ops
from tinytorch.random import default_generator
from tinytorch.tensor import Tensor


# ---------------------------------------------------------------------------------------------- layers
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input @ weight.T + bias, for input (..., in), weight (out, in) and bias (out,); the result is (..., out)."""
    if not isinstance(input, Tensor):
        raise TypeError(f"Linear needs a Tensor, got a {type(input).__name__}: make one with torch.tensor")
    x, w = input._array, weight._array
    if not x.ndim or x.shape[-1] != w.shape[-1]:
        out_features, in_features = w.shape
        fix = ": flatten it first?" if x.ndim > 2 and np.prod(x.shape[1:]) == in_features else ""
        raise RuntimeError(
            f"Linear({in_features}, {out_features}) got {x.shape}, but expects (..., {in_features}){fix}"
        )
    if x.dtype is not w.dtype:
        fix = "x.float()" if x.dtype.kind != "f" else f"x.to({weight.dtype})"
        fix = "x / 255 for pixels, or " + fix if x.dtype is UINT8 else fix
        raise RuntimeError(
            f"Linear({w.shape[1]}, {w.shape[0]}) of {weight.dtype} got an input of {input.dtype}: use {fix}"
        )
    return apply(matmul_ops.linear, input, weight, bias)


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Elements set to 0 with probability `p`, the others divided by 1 - p, so that the expectation stays.

    Source: Srivastava et al. (2014), JMLR 15.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p must be between 0 and 1, not {p}")
    if not training or p == 0:
        return input
    kept = default_generator().uniform(input.shape) >= p
    scale = np.asarray(kept * input._array.dtype.type(0 if p == 1 else 1 / (1 - p)))
    return _maybe_in_place(input, input * Tensor._wrap(scale), inplace, "dropout")


def _maybe_in_place(input: Tensor, result: Tensor, inplace: bool, name: str) -> Tensor:
    return overwrite(input, result, name) if inplace else result


# ---------------------------------------------------------------------------------------------- activations
def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """The positive part, max(x, 0)."""
    return _maybe_in_place(input, activation.relu(input), inplace, "relu_")


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x Φ(x) with Φ the normal distribution function; approximate="tanh" is the cheaper form GPT-2 used.

    Source: Hendrycks & Gimpel (2016), arXiv:1606.08415.
    """
    try:
        op = {"none": activation_ops.gelu, "tanh": activation_ops.gelu_tanh}[approximate]
    except KeyError:
        raise RuntimeError(f'gelu: approximate must be "none" or "tanh", not {approximate!r}') from None
    if not input.is_floating_point():
        raise NotImplementedError(f"gelu needs a floating tensor, not {input.dtype}: use x.float()")
    return apply(op, input)


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """exp(x) / Σ exp(x) along `dim`: positive, adding up to 1."""
    return activation.softmax(input, _need_dim(dim, "softmax"), dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """log(softmax(x)) along `dim`, without the loss of precision of taking the two in turn."""
    return activation.log_softmax(input, _need_dim(dim, "log_softmax"), dtype)


def _need_dim(dim: int | None, name: str) -> int:
    if dim is None:
        raise TypeError(f"{name} needs dim: the dimension that holds the classes, often dim=-1")
    return dim


# ---------------------------------------------------------------------------------------------- losses
def cross_entropy(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """-log softmax(input)[target], the loss of a classifier.

    Args:
        input: scores before softmax, (classes,), (n, classes) or (n, classes, ...).
        target: the right classes, int64, () or (n,) or (n, ...), from 0 to classes - 1.
        reduction: "mean", "sum" or "none" over the targets.

    Raises:
        IndexError: a target is not one of the classes.
        RuntimeError, ValueError: the types or shapes don't fit.

    >>> import tinytorch as torch
    >>> cross_entropy(torch.tensor([[2.0, 0.0]]), torch.tensor([0]))
    tensor(0.1269)
    """
    logits, labels = _checked_classes(input, target)
    losses = apply(loss_ops.cross_entropy, logits, labels, reduction=_checked(reduction))
    return losses if reduction != "none" else losses.reshape(target.shape)


def _checked_classes(input: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Scores as (rows, classes) and labels as (rows,)."""
    x = input._array
    if target._array.dtype not in (INT64, UINT8):
        fix = "target.argmax(1)" if target._array.shape == x.shape else "target.long()"
        raise RuntimeError(f"cross_entropy needs int64 class numbers as target, not {target.dtype}: use {fix}")
    if x.dtype.kind != "f":
        raise NotImplementedError(f"cross_entropy needs floating scores, not {input.dtype}: use input.float()")
    target = target.long()
    labels = target._array
    expected = (x.shape[0], *x.shape[2:]) if x.ndim > 1 else ()
    if not x.ndim or labels.shape != expected:
        error = ValueError if len(labels.shape) == len(expected) else RuntimeError
        raise error(
            f"cross_entropy got scores of shape {x.shape} and targets of shape {labels.shape}: "
            f"expected targets of shape {expected}, one class number for each row of scores"
        )
    classes = x.shape[1] if x.ndim > 1 else x.shape[0]
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        wrong = labels[(labels < 0) | (labels >= classes)][0]
        shift = " (labels that start at 1: subtract 1)" if labels.min() == 1 and labels.max() == classes else ""
        raise IndexError(
            f"target {wrong} is out of bounds: with {classes} classes, labels go from 0 to {classes - 1}{shift}"
        )
    if x.ndim == 2:
        return input, target
    rows = input.movedim(1, -1) if x.ndim > 2 else input
    return rows.reshape(-1, classes), target.reshape(-1)


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """The squared difference."""
    target = _like(input, target, "mse_loss", RuntimeError)
    return apply(loss_ops.mse_loss, input, target, reduction=_checked(reduction))


def binary_cross_entropy_with_logits(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """-t log σ(x) - (1 - t) log(1 - σ(x)) for scores x before the sigmoid σ and targets t from 0 to 1.

    Computed in the form max(x, 0) - x t + log(1 + e^-|x|), which never overflows.
    """
    target = _like(input, target, "binary_cross_entropy_with_logits", ValueError)
    return apply(loss_ops.binary_cross_entropy_with_logits, input, target, reduction=_checked(reduction))


def _like(input: Tensor, target: Tensor, name: str, error: type[Exception]) -> Tensor:
    """The target in the type of the input, and surely of its shape: broadcasting a loss is a mistake."""
    if input._array.shape != target._array.shape:
        hint = ": use target.unsqueeze(1) or input.squeeze(1)" if input.numel() == target.numel() else ""
        raise error(
            f"{name}: input has shape {tuple(input.shape)} and target {tuple(target.shape)}; they must be equal{hint}"
        )
    if target.dtype.name == "bool" or (error is ValueError and not target.is_floating_point()):
        raise RuntimeError(f"{name} needs a floating target, not {target.dtype}: use target.float()")
    return target if target.is_floating_point() else target.to(input.dtype)


def _checked(reduction: str) -> str:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f'reduction must be "mean", "sum" or "none", not {reduction!r}')
    return reduction


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.nn.functional", name, globals()))
