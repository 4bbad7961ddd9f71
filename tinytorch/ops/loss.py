"""Losses whose forward pass already makes what the gradient needs.

`reduction` is "mean", "sum" or "none". The plain definitions that they must equal stand in the tests.
"""

import functools
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.ops import in_float32, ones, quiet, total, wide

SHORT = 32  # numbers of a row


def _reduced(losses: Array, reduction: str) -> tuple[Any, Any]:
    """The losses reduced, and the factor that one loss has in the result."""
    if reduction == "none":
        return losses, losses.dtype.type(1)
    kind, losses = losses.dtype, wide(losses)
    share = losses.dtype.type(1 / losses.size if reduction == "mean" and losses.size else 1)
    loss = total(losses) * share
    if reduction == "mean" and not losses.size:
        loss = losses.dtype.type(np.nan)  # as in PyTorch
    return loss if kind is losses.dtype else np.asarray(loss, kind), share


def _row_maximum(x: Array) -> Array:
    """The largest of each row, as (rows, 1). Of short rows NumPy finds it several times as fast in columns."""
    rows = np.maximum.reduce(x.T.copy(), 0, initial=-np.inf) if x.shape[1] <= SHORT else np.maximum.reduce(x, 1)
    return rows[:, None]


@functools.lru_cache(64)
def _row_starts(rows: int, columns: int) -> Array:
    starts = np.arange(rows) * columns
    starts.setflags(write=False)
    return starts


@in_float32
def cross_entropy(logits: Array, target: Array, reduction: str) -> Any:
    """-log softmax(logits)[row, target[row]] for logits of (rows, classes): the gradient is softmax - one-hot."""
    starts = _row_starts(*logits.shape)
    p = np.subtract(logits, _row_maximum(logits), order="C")
    losses = p.take((starts + target).astype(np.intp, copy=False))  # narrower than a label on 32 bits
    np.exp(p, out=p)
    sums = np.dot(p, ones(p.shape[1], p.dtype))  # several times as fast as p.sum(1)
    np.subtract(np.log(sums), losses, out=losses)
    loss, share = _reduced(losses, reduction)

    def to_logits(grad: Array) -> Array:
        scale = grad * share  # a number, or one for each row
        g = p * (scale / sums)[:, None]
        g.reshape(-1)[starts + target] -= scale
        return g

    return loss, (to_logits, None)


@in_float32
def binary_cross_entropy_with_logits(logits: Array, target: Array, reduction: str) -> Any:
    """x ([x > 0] - t) + log(1 + e^-|x|): the stable form of -t log σ(x) - (1 - t) log(1 - σ(x))."""
    small = np.exp(-np.abs(logits))
    positive = np.heaviside(logits, logits.dtype.type(0))  # [x > 0], as numbers: NumPy converts truth values slowly
    losses = logits * (positive - target)  # max(x, 0) - x t would be infinity less infinity where x is
    losses += np.log1p(small)
    loss, share = _reduced(losses, reduction)

    def to_logits(grad: Array) -> Array:
        g = np.maximum(positive, small)
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
