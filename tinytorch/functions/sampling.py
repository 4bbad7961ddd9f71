"""Random numbers whose probabilities a tensor gives, and those that fill a tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.dtypes import FLOAT64, INT64, Array
from tinytorch.functions.inplace import put
from tinytorch.random import Generator, default_generator

__all__ = ["bernoulli", "multinomial"]

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Indices (int64) drawn with probabilities proportional to `input`: (n,) or (rows, n) -> (..., num_samples)."""
    if not input.is_floating_point():
        raise RuntimeError(f"multinomial needs floating probabilities, not {input.dtype}: use x.float()")
    if input.ndim not in (1, 2) or num_samples < 1:
        raise RuntimeError(f"multinomial draws 1 or more, of (n,) or (rows, n), not {num_samples} of {input.shape}")
    p = np.atleast_2d(input._array).astype(FLOAT64)
    if not np.isfinite(p).all() or (p < 0).any() or (p.sum(1) <= 0).any():
        raise RuntimeError("multinomial: the probabilities of each row must be finite, not negative, and not all zero")
    if not replacement and num_samples > p.shape[1]:
        raise RuntimeError(f"multinomial: can't draw {num_samples} different ones: use replacement=True")
    source = generator or default_generator()
    if replacement:
        steps, draws = p.cumsum(1) / p.sum(1, keepdims=True), source.uniform((len(p), num_samples))
        drawn = np.stack([np.searchsorted(row[:-1], u, "right") for row, u in zip(steps, draws)])
    else:  # the smallest of exponential waiting times: each next one is drawn among those left
        with np.errstate(all="ignore"):
            waiting = -np.log1p(-source.uniform(p.shape).astype(FLOAT64)) / p
        drawn = np.argsort(np.where(p > 0, waiting, np.inf), 1, "stable")[:, :num_samples]
    return input._wrap(drawn.astype(INT64).reshape(*input.shape[:-1], num_samples))


def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """0 or 1: 1 with the probability that each element of `input` gives, or with the probability `p`."""
    return bernoulli_(input.clone(), input.detach() if p is None else p, generator=generator)


# ---------------------------------------------------------------------------------------------- in place
def _fill(
    name: str, input: Tensor, generator: Generator | None, draw: Callable[[Generator, Any, np.dtype[Any]], Array]
) -> Tensor:
    return put(input, input._wrap(draw(generator or default_generator(), input.shape, input._array.dtype)), name)


def uniform_(input: Tensor, from_: float = 0, to: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Random numbers, equally likely everywhere from `from_` up to, without, `to`."""
    if from_ > to:
        raise RuntimeError(f"uniform_: the range must not end before it begins, got from {from_} to {to}")
    return _fill("uniform_", input, generator, lambda g, shape, kind: g.uniform(shape, kind) * (to - from_) + from_)


def normal_(input: Tensor, mean: float = 0, std: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Random numbers of a normal distribution."""
    if std < 0:
        raise RuntimeError(f"normal_: the standard deviation must not be negative, got {std}")
    return _fill("normal_", input, generator, lambda g, shape, kind: g.normal(shape, kind) * std + mean)


def bernoulli_(input: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """0 or 1: 1 with the probability `p`, a number or a tensor."""
    chance = getattr(p, "_array", p)
    if not np.all((chance >= 0) & (chance <= 1)):
        raise RuntimeError("bernoulli: every probability must lie between 0 and 1")
    return _fill("bernoulli_", input, generator, lambda g, shape, kind: g.uniform(shape) < chance)
