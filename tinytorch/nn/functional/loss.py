"""Losses: how far an output is from its target, as one number to make small.

`reduction` is "mean", "sum" or "none". Shapes must be equal where PyTorch would only warn and broadcast.
"""

from __future__ import annotations

from tinytorch.autograd import apply
from tinytorch.dtypes import INT64, UINT8
from tinytorch.ops import loss as ops
from tinytorch.tensor import Tensor

__all__ = ["binary_cross_entropy_with_logits", "cross_entropy", "mse_loss"]


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
    losses = apply(ops.cross_entropy, logits, labels, reduction=_checked(reduction))
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
    return apply(ops.mse_loss, input, target, reduction=_checked(reduction))


def binary_cross_entropy_with_logits(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """-t log σ(x) - (1 - t) log(1 - σ(x)) for scores x before the sigmoid σ and targets t from 0 to 1.

    Computed in the form max(x, 0) - x t + log(1 + e^-|x|), which never overflows.
    """
    target = _like(input, target, "binary_cross_entropy_with_logits", ValueError)
    return apply(ops.binary_cross_entropy_with_logits, input, target, reduction=_checked(reduction))


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
