"""Losses, how far an output is from its target as one number to make small; and how far apart two vectors are.

Each loss takes `reduction`: "mean", "sum", or "none" for all of them, and PyTorch's older `size_average` and `reduce`
at their places: False for the first means "sum", for the second "none". Where PyTorch would only warn of two shapes
that look like a mistake, and broadcast them, these refuse.
"""

import functools
import math
from collections.abc import Callable
from typing import Any, ParamSpec, TypeAlias

import numpy as np

from tinytorch.autograd import apply
from tinytorch.dtypes import INT64, UINT8
from tinytorch.errors import explain, need, need_tensors
from tinytorch.functions.conversion import promote_types
from tinytorch.functions.creation import full_like
from tinytorch.functions.shape import broadcast_tensors
from tinytorch.nn.functional.activation import log_softmax, logsigmoid
from tinytorch.ops import activation as activation_ops
from tinytorch.ops import loss as ops
from tinytorch.tensor import Tensor

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "cosine_embedding_loss", "cosine_similarity",
           "cross_entropy", "gaussian_nll_loss", "hinge_embedding_loss", "huber_loss", "kl_div", "l1_loss",
           "margin_ranking_loss", "mse_loss", "nll_loss", "pairwise_distance",
           "smooth_l1_loss", "soft_margin_loss", "triplet_margin_loss"]  # fmt: skip

Weight: TypeAlias = Tensor | None  # how much each class, or each loss, counts
Old: TypeAlias = bool | None  # an argument that PyTorch itself advises against
Arguments = ParamSpec("Arguments")


# ---------------------------------------------------------------------------------------------- what losses share
def _loss(function: Callable[Arguments, Tensor]) -> Callable[Arguments, Tensor]:
    """A loss that is called with the `reduction` that the older `size_average` and `reduce` stand for."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    tensors = names[: len(names) - len(function.__defaults__ or ())]

    @functools.wraps(function)
    def loss(*args: Arguments.args, **named: Arguments.kwargs) -> Tensor:
        if len(args) == len(tensors) and not named:  # as most are called
            need_tensors(function.__name__, *args)
            return function(*args)  # type: ignore[call-arg]
        settings: Any = with_reduction(**dict(zip(names, args)), **named)
        need_tensors(function.__name__, *(settings[name] for name in tensors if name in settings and name != "var"))
        return function(*args[len(names) :], **settings)  # type: ignore[arg-type]

    return loss


def with_reduction(size_average: Any = None, reduce: Any = None, **settings: Any) -> dict[str, Any]:
    """The settings with a `reduction` in place of PyTorch's older two."""
    if any(isinstance(x, Tensor) for x in (size_average, reduce, settings.get("reduction"))):
        raise RuntimeError("a loss got tensors as its settings: make the loss first: nn.MSELoss()(pred, target)")
    weights = (settings.get("weight"), settings.get("pos_weight"))
    need_tensors("the weight of a loss", *(weight for weight in weights if weight is not None))
    if (size_average, reduce) != (None, None):
        settings["reduction"] = "none" if reduce is False else "sum" if size_average is False else "mean"
    return settings


def _reduced(losses: Tensor, reduction: str, counts: Tensor | None = None) -> Tensor:
    """The losses, their sum, or their mean; where they count differently, that is their sum by that of the counts."""
    if _checked(reduction) == "none":
        return losses
    if counts is not None and reduction == "mean":
        return losses.sum() / counts.sum()
    return losses.mean() if reduction == "mean" else losses.sum()


def _checked(reduction: str) -> str:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f'reduction must be "mean", "sum" or "none", not {reduction!r}')
    return reduction


def _times(losses: Tensor, weight: Weight) -> Tensor:
    return losses if weight is None else losses * weight


def _like(input: Tensor, target: Tensor, name: str, error: type[Exception] = RuntimeError) -> Tensor:
    """The target in the type of the input, and surely of its shape: broadcasting a loss is a mistake."""
    if input._array.shape != target._array.shape:
        hint = ": use target.unsqueeze(1) or input.squeeze(1)" if input.numel() == target.numel() else ""
        raise error(f"{name}: shapes {tuple(input.shape)} and {tuple(target.shape)} of the target must be equal{hint}")
    if not input.is_floating_point():
        raise NotImplementedError(f"{name} needs a floating input, not {input.dtype}: use input.float()")
    if error is ValueError and not target.is_floating_point():
        raise RuntimeError(f"{name} needs a floating target, not {target.dtype}: use target.float()")
    return target if target.is_floating_point() else target.to(input.dtype)


def _together(name: str, *tensors: Tensor) -> None:
    """An error that names the function, where these are no tensors or their shapes don't broadcast."""
    need_tensors(name, *tensors)
    try:
        np.broadcast_shapes(*(x.shape for x in tensors))
    except ValueError as error:
        raise explain(name, [x._array for x in tensors], error) from None


def _equally(name: str, *tensors: Tensor) -> None:
    shapes = [tuple(x.shape) for x in tensors]
    need(
        len(set(map(len, shapes))) == 1, f"{name} needs tensors of equally many dimensions, got {shapes}", RuntimeError
    )


# ---------------------------------------------------------------------------------------------- classes
@_loss
def cross_entropy(input: Tensor, target: Tensor, weight: Weight = None, size_average: Old = None,
                  ignore_index: int = -100, reduce: Old = None, reduction: str = "mean",
                  label_smoothing: float = 0.0) -> Tensor:  # fmt: skip
    """-log softmax(input)[target], the loss of a classifier.

    Args:
        input: scores before softmax, (classes,), (n, classes) or (n, classes, ...).
        target: the right classes, int64, () or (n,) or (n, ...), from 0 to classes - 1; or the probability of each
            class, in the shape of `input`.
        weight: how much each class counts, (classes,); the mean is a weighted one, then.
        ignore_index: targets of this value don't count.
        size_average: PyTorch's older way to choose the reduction.
        reduce: the same.
        reduction: "mean", "sum" or "none" over the targets.
        label_smoothing: the share of probability that is taken from the target and spread over all classes
            (Szegedy et al. 2015, arXiv:1512.00567).

    Raises:
        IndexError: a target is not one of the classes.
        RuntimeError, ValueError: the types or shapes don't fit.

    >>> import tinytorch as torch
    >>> cross_entropy(torch.tensor([[2.0, 0.0]]), torch.tensor([0]))
    tensor(0.1269)
    """
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0 and 1, not {label_smoothing}")
    if target.is_floating_point() and target.shape == input.shape:
        need(ignore_index < 0, "ignore_index has no meaning where targets are probabilities", RuntimeError)
        dim = min(input.ndim, 2) - 1
        need(input.shape[dim] > 0, f"cross_entropy needs at least one class, not scores of {input.shape}", RuntimeError)
        target = target * (1 - label_smoothing) + label_smoothing / input.shape[dim]
        weight = weight if weight is None else weight.reshape(-1, *[1] * (input.ndim - 2))
        return _reduced(-_times(log_softmax(input, dim) * target, weight).sum(dim), reduction)
    scores, labels, some_ignored = _rows("cross_entropy", input, target, weight, ignore_index)
    if weight is None and not label_smoothing and not some_ignored:
        losses = apply(ops.cross_entropy, scores, labels, reduction=_checked(reduction))
    else:
        losses = _nll(log_softmax(scores, 1), labels, weight, ignore_index, reduction, label_smoothing)
    return losses if reduction != "none" else losses.reshape(target.shape)


@_loss
def nll_loss(input: Tensor, target: Tensor, weight: Weight = None, size_average: Old = None, ignore_index: int = -100,
             reduce: Old = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """-input[target], for log-probabilities such as `log_softmax` gives; see `cross_entropy`, which does both."""
    log_p, labels, _ = _rows("nll_loss", input, target, weight, ignore_index)
    losses = _nll(log_p, labels, weight, ignore_index, reduction)
    return losses if reduction != "none" else losses.reshape(target.shape)


def _nll(log_p: Tensor, labels: Tensor, weight: Weight, ignore_index: int, reduction: str,
         smoothing: float = 0) -> Tensor:  # fmt: skip
    """nll_loss of (rows, classes) and (rows,)."""
    ignored = labels == ignore_index
    labels = labels.masked_fill(ignored, 0)
    counts = _times((~ignored).to(log_p.dtype), weight if weight is None else weight[labels])  # (rows,)
    losses = -log_p.gather(1, labels.unsqueeze(1)).squeeze(1) * counts
    if smoothing:
        everywhere = -_times(log_p, weight).mean(1)
        losses = (1 - smoothing) * losses + smoothing * everywhere
    return _reduced(losses.masked_fill(ignored, 0.0), reduction, counts)


def _rows(name: str, input: Tensor, target: Tensor, weight: Weight, ignore_index: int) -> tuple[Tensor, Tensor, bool]:
    """Scores as (rows, classes), labels, each a class or to be ignored, as (rows,), and whether any is ignored."""
    x, labels = input._array, target._array
    if x.dtype.kind != "f":
        fix = "are scores and target swapped?" if labels.dtype.kind == "f" else "use input.float()"
        raise NotImplementedError(f"{name} needs floating scores, not {input.dtype}: {fix}")
    if labels.dtype not in (INT64, UINT8):
        raise RuntimeError(f"{name} needs int64 class numbers as target, not {target.dtype}: use target.long()")
    dim = min(x.ndim, 2) - 1  # of the classes
    expected = x.shape[:dim] + x.shape[dim + 1 :]
    if not x.ndim or labels.shape not in (expected, expected or (1,)):
        error = ValueError if labels.shape[:1] != expected[:1] else RuntimeError
        what = f"targets of shape {expected}, one class number for each row of scores"
        what += ": one-hot? use target.argmax(1)" if labels.shape == x.shape else ""
        what += ": classes last? use scores.transpose(1, 2)" if labels.shape == x.shape[:-1] and x.ndim == 3 else ""
        raise error(f"{name} got scores of shape {x.shape} and targets of shape {labels.shape}: expected {what}")
    classes = x.shape[dim]
    if weight is not None and (weight.shape != (classes,) or weight.dtype != input.dtype):
        got = f"shape {tuple(weight.shape)} of {weight.dtype}"
        raise RuntimeError(f"{name} needs one weight of {input.dtype} for each of {classes} classes, not {got}")
    some_ignored = False
    if 0 <= ignore_index < classes or (labels.size and not 0 <= labels.min() <= labels.max() < classes):
        ignored = labels == ignore_index
        some_ignored = bool(ignored.any())
        wrong = labels[((labels < 0) | (labels >= classes)) & ~ignored]
        if wrong.size:
            shift = " (labels that start at 1: subtract 1)" if labels.min() == 1 and labels.max() == classes else ""
            raise IndexError(f"target {wrong[0]} is out of bounds: {classes} classes are 0 to {classes - 1}{shift}")
    need(classes or not labels.size, f"{name} got scores of shape {x.shape}: there are no classes", RuntimeError)
    target = target if labels.dtype is INT64 else target.long()
    if x.ndim == 2:
        return input, target, some_ignored
    return input.movedim(dim, -1).reshape(labels.size, classes), target.reshape(-1), some_ignored


# ---------------------------------------------------------------------------------------------- numbers
@_loss
def mse_loss(input: Tensor, target: Tensor, size_average: Old = None, reduce: Old = None,
             reduction: str = "mean") -> Tensor:  # fmt: skip
    """(input - target)²."""
    return apply(ops.mse_loss, input, _like(input, target, "mse_loss"), reduction=_checked(reduction))


@_loss
def l1_loss(input: Tensor, target: Tensor, size_average: Old = None, reduce: Old = None,
            reduction: str = "mean") -> Tensor:  # fmt: skip
    """|input - target|."""
    return _reduced((input - _like(input, target, "l1_loss")).abs(), reduction)


@_loss
def smooth_l1_loss(input: Tensor, target: Tensor, size_average: Old = None, reduce: Old = None, reduction: str = "mean",
                   beta: float = 1.0) -> Tensor:  # fmt: skip
    """d² / (2 beta) where |d| = |input - target| is below beta, elsewhere |d| - beta / 2.

    Source: Girshick (2015), arXiv:1504.08083.
    """
    need(beta >= 0, f"smooth_l1_loss: beta must not be negative, got {beta}", RuntimeError)
    difference = input - _like(input, target, "smooth_l1_loss")
    return _reduced(apply(activation_ops.huber, difference, delta=beta) / beta if beta else difference.abs(), reduction)


def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """d² / 2 where |d| = |input - target| is at most delta, elsewhere delta (|d| - delta / 2)."""
    need(delta > 0, f"huber_loss: delta must be positive, got {delta}", RuntimeError)
    difference = (input - _like(input, target, "huber_loss")).to(input.dtype)
    return _reduced(apply(activation_ops.huber, difference, delta=delta), reduction)


def gaussian_nll_loss(input: Tensor, target: Tensor, var: Tensor | float, full: bool = False, eps: float = 1e-6,
                      reduction: str = "mean") -> Tensor:  # fmt: skip
    """-log of the normal density at `target`, for its mean `input` and its variance, which counts as `eps` at least.

    `var` has the shape of `input`, but for one dimension that may be 1, or the last, which may be missing. Without the
    constant log(2π) / 2, unless `full`.
    """
    var = full_like(input, var) if isinstance(var, float) else var
    var = var.unsqueeze(-1) if var.shape == input.shape[:-1] != input.shape else var
    need(not (var < 0).any(), "gaussian_nll_loss: a variance must not be negative")
    fits = var.ndim == input.ndim and all(b in (a, 1) for a, b in zip(input.shape, var.shape))
    need(fits, f"gaussian_nll_loss: var of shape {tuple(var.shape)} doesn't fit input {tuple(input.shape)}")
    var = at_least(var, eps)
    return _reduced(0.5 * (var.log() + (input - target) ** 2 / var + (math.log(2 * math.pi) if full else 0)), reduction)


# ---------------------------------------------------------------------------------------------- probabilities
@_loss
def binary_cross_entropy(input: Tensor, target: Tensor, weight: Weight = None, size_average: Old = None,
                         reduce: Old = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """-t log p - (1 - t) log(1 - p) for probabilities p and targets t from 0 to 1; no logarithm is below -100."""
    target = _like(input, target, "binary_cross_entropy", ValueError)
    for name, x in (("input", input), ("target", target)):
        if not ((x >= 0) & (x <= 1)).all():
            fix = ": take the sigmoid, or use binary_cross_entropy_with_logits" if x is input else ""
            raise RuntimeError(f"binary_cross_entropy: every element of {name} must be from 0 to 1{fix}")
    return _reduced(_times(apply(ops.binary_cross_entropy, input, target), weight), reduction)


@_loss
def binary_cross_entropy_with_logits(input: Tensor, target: Tensor, weight: Weight = None, size_average: Old = None,
                                     reduce: Old = None, reduction: str = "mean",
                                     pos_weight: Weight = None) -> Tensor:  # fmt: skip
    """-w t log σ(x) - (1 - t) log(1 - σ(x)) for scores x before the sigmoid σ, targets t from 0 to 1, w = pos_weight.

    Computed in the form max(x, 0) - x t + log(1 + e^-|x|), which never overflows.
    """
    target = _like(input, target, "binary_cross_entropy_with_logits", ValueError)
    if target._array.dtype is not input._array.dtype:
        input = input.to(promote_types(input.dtype, target.dtype))
    if weight is None and pos_weight is None:
        return apply(ops.binary_cross_entropy_with_logits, input, target, reduction=_checked(reduction))
    yes = target if pos_weight is None else target * pos_weight
    return _reduced(_times((target - 1) * logsigmoid(-input) - yes * logsigmoid(input), weight), reduction)


@_loss
def kl_div(input: Tensor, target: Tensor, size_average: Old = None, reduce: Old = None, reduction: str = "mean",
           log_target: bool = False) -> Tensor:  # fmt: skip
    """t (log t - x), the divergence of distribution t from the one whose logarithm is x.

    With `log_target`, the target is log t. `reduction` may also be "batchmean", the sum divided by the length of the
    first dimension: the divergence as it is defined.
    """
    _together("kl_div", input, target)
    if log_target:
        losses = target.exp() * (target - input)
    else:
        losses = target * target.where(target != 0, 1.0).log() - target * input
    if reduction == "batchmean":
        return losses.sum() / (input.shape[0] if input.ndim else 1)
    return _reduced(losses, reduction)


# ---------------------------------------------------------------------------------------------- sides and margins
@_loss
def soft_margin_loss(input: Tensor, target: Tensor, size_average: Old = None, reduce: Old = None,
                     reduction: str = "mean") -> Tensor:  # fmt: skip
    """log(1 + e^(-t x)) for scores x and targets t of 1 or -1."""
    return _reduced(-logsigmoid(target * input), reduction)


@_loss
def hinge_embedding_loss(input: Tensor, target: Tensor, margin: float = 1.0, size_average: Old = None,
                         reduce: Old = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """x where the target is 1, max(0, margin - x) where it is -1, for distances x."""
    return _reduced(input.where(target != -1, 0.0) + (margin - input).clamp(min=0).where(target != 1, 0.0), reduction)


@_loss
def margin_ranking_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: Old = None,
                        reduce: Old = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """max(0, margin - t (x1 - x2)): t of 1 asks that x1 be larger, -1 that x2 be."""
    _equally("margin_ranking_loss", input1, input2, target)
    return _reduced((margin - target * (input1 - input2)).clamp(min=0), reduction)


@_loss
def triplet_margin_loss(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2.0,
                        eps: float = 1e-6, swap: bool = False, size_average: Old = None, reduce: Old = None,
                        reduction: str = "mean") -> Tensor:  # fmt: skip
    """max(0, |anchor - positive| - |anchor - negative| + margin), with p-norms along the last dimension.

    With `swap`, the negative is measured from the nearer of anchor and positive.
    Source: Schroff et al. (2015), arXiv:1503.03832.
    """
    need(margin > 0, f"triplet_margin_loss: margin must be greater than 0, got {margin}")
    _equally("triplet_margin_loss", anchor, positive, negative)
    near, far = pairwise_distance(anchor, positive, p, eps), pairwise_distance(anchor, negative, p, eps)
    far = far.minimum(pairwise_distance(positive, negative, p, eps)) if swap else far
    return _reduced((near - far + margin).clamp(min=0), reduction)


@_loss
def cosine_embedding_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: Old = None,
                          reduce: Old = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """1 - cos(x1, x2) where the target is 1, max(0, cos(x1, x2) - margin) where it is -1, for (n, size) and (n,)."""
    shapes, fits = [tuple(x.shape) for x in (input1, input2, target)], input1.ndim == input2.ndim == target.ndim + 1
    need(fits, f"cosine_embedding_loss needs (n, size), (n, size) and (n,), got shapes {shapes}", RuntimeError)
    lengths = ((input1 * input1).sum(-1) + 1e-12) * ((input2 * input2).sum(-1) + 1e-12)
    cosine = (input1 * input2).sum(-1) / lengths.sqrt()
    near, far = (1 - cosine).where(target == 1, 0.0), (cosine - margin).clamp(min=0).where(target == -1, 0.0)
    return _reduced(near + far, reduction)


# ---------------------------------------------------------------------------------------------- vectors
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along `dim`: 1 for one direction, 0 for a right angle, -1 for opposites.

    Lengths below `eps` count as `eps`.

    >>> import tinytorch as torch
    >>> cosine_similarity(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([[2.0, 0.0], [3.0, 3.0]]))
    tensor([1.0000, 0.7071])
    """
    _together("cosine_similarity", x1, x2)
    x1, x2 = broadcast_tensors(x1, x2)
    units = [x / at_least(x.norm(dim=dim, keepdim=True), eps) for x in (x1, x2)]
    return (units[0] * units[1]).sum(dim)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The p-norm of x1 - x2 + eps along the last dimension.

    >>> import tinytorch as torch
    >>> pairwise_distance(torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 0.0]]))
    tensor([5.0000])
    """
    return (x1 - x2 + eps).norm(p, dim=-1, keepdim=keepdim)


def at_least(input: Tensor, low: float) -> Tensor:
    """No less than `low`, but with the gradient of the input itself."""
    return input + (input.clamp(min=low) - input).detach()
