"""Losses whose forward pass already makes what the gradient needs.

`reduction` is "mean", "sum" or "none". The plain definitions that they must equal stand in the tests.
"""

from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.ops import in_float32, quiet, total, wide


def _reduced(losses: Array, reduction: str) -> tuple[Array, Any]:
    """The losses reduced, and the factor that one loss has in the result."""
    if reduction == "none":
        return losses, losses.dtype.type(1)
    kind, losses = losses.dtype, wide(losses)
    share = losses.dtype.type(1 / max(losses.size, 1) if reduction == "mean" else 1)
    empty_mean = reduction == "mean" and not losses.size  # nan, as in PyTorch
    return np.asarray(total(losses) * (share if not empty_mean else np.nan), kind), share


@in_float32
def cross_entropy(logits: Array, target: Array, reduction: str) -> Any:
    """-log softmax(logits)[row, target[row]] for logits of (rows, classes): the gradient is softmax - one-hot."""
    rows = np.arange(len(target))
    shifted = logits - logits.max(1, keepdims=True)
    chosen = shifted[rows, target]
    p = np.exp(shifted, out=shifted)
    sums = np.dot(p, np.ones(p.shape[1], p.dtype))  # several times as fast as p.sum(1)
    loss, share = _reduced(np.log(sums) - chosen, reduction)

    def to_logits(grad: Array) -> Array:
        scale = np.broadcast_to(grad * share, target.shape)
        g = p * (scale / sums)[:, None]
        g[rows, target] -= scale
        return g

    return loss, (to_logits, None)


@in_float32
def binary_cross_entropy_with_logits(logits: Array, target: Array, reduction: str) -> Any:
    """max(x, 0) - x t + log(1 + e^-|x|): the stable form of -t log σ(x) - (1 - t) log(1 - σ(x))."""
    small = np.exp(-np.abs(logits))
    zero = logits.dtype.type(0)
    loss, share = _reduced(np.maximum(logits, zero) - logits * target + np.log1p(small), reduction)

    def to_logits(grad: Array) -> Array:
        g = np.maximum(logits >= 0, small)
        g /= 1 + small  # σ(x)
        g -= target
        g *= grad * share
        return g

    return loss, (to_logits, lambda grad: logits * (-grad * share))


def mse_loss(input: Array, target: Array, reduction: str) -> Any:
    """(input - target)²."""
    difference = input - target
    loss, share = _reduced(np.square(difference), reduction)
    return loss, (lambda grad: difference * (2 * share * grad), lambda grad: difference * (-2 * share * grad))


@quiet
def binary_cross_entropy(p: Array, target: Array) -> Any:
    """-t log p - (1 - t) log(1 - p), with logarithms no lower than -100."""
    yes, no = (np.maximum(each, p.dtype.type(-100)) for each in (np.log(p), np.log1p(-p)))
    return np.asarray((target - 1) * no - target * yes, p.dtype), (
        lambda grad: grad * (p - target) / np.maximum((1 - p) * p, p.dtype.type(1e-12)),
        lambda grad: grad * (no - yes),
    )
