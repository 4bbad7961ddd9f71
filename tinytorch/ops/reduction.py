"""Operations that reduce along dimensions: sums, means, extremes, scans. `axis` is always a tuple, `keep` a bool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinytorch.dtypes import BOOL, INT64, Array, Number, floating
from tinytorch.ops import Unary, in_float32, quiet, total
from tinytorch.ops.elementwise import sign

Axis = tuple[int, ...]


def _expander(x: Array, axis: Axis, keep: bool) -> Callable[[Array], Array]:
    """What turns an array of the reduced shape back into one that broadcasts against `x`."""
    if keep or len(axis) == x.ndim == 0:
        return lambda reduced: reduced
    kept = tuple(1 if i in axis else size for i, size in enumerate(x.shape))
    return lambda reduced: np.reshape(reduced, kept)


def _kind(x: Array) -> np.dtype[Any]:
    return x.dtype if x.dtype.kind == "f" else INT64  # integers and booleans add up in int64


def _size(x: Array, axis: Axis) -> int:
    return int(np.prod([x.shape[i] for i in axis]))


def sum(x: Array, axis: Axis, keep: bool, kind: np.dtype[Any] | None = None) -> Unary:
    expand, shape = _expander(x, axis, keep), x.shape
    y = total(x, axis, keep) if x.dtype.kind == "f" else x.sum(axis, kind or INT64, keepdims=keep)
    return np.asarray(y, order="C"), (lambda grad: np.broadcast_to(expand(grad), shape),)


@quiet
@in_float32
def mean(x: Array, axis: Axis, keep: bool) -> Unary:
    expand, shape = _expander(x, axis, keep), x.shape
    share = x.dtype.type(1 / max(_size(x, axis), 1))
    return _mean(x, axis, keep), (lambda grad: np.broadcast_to(expand(grad) * share, shape),)


def _mean(x: Array, axis: Axis, keep: bool) -> Array:
    return total(x, axis, keep) / x.dtype.type(_size(x, axis))


@quiet
@in_float32
def var(x: Array, axis: Axis, keep: bool, correction: Number) -> Unary:
    expand = _expander(x, axis, keep)
    centred = x - _mean(x, axis, True)
    scale = np.true_divide(1, max(_size(x, axis) - correction, 0)).astype(x.dtype)
    y = total(np.square(centred), axis, keep) * scale
    return y, (lambda grad: centred * (2 * scale * expand(grad)),)


@quiet
@in_float32
def std(x: Array, axis: Axis, keep: bool, correction: Number) -> Unary:
    variance, (to_x,) = var(x, axis, keep, correction)
    y = np.sqrt(variance)
    return y, (lambda grad: to_x(np.where(y == 0, grad.dtype.type(0), grad / (2 * y))),)  # 0 where all are equal


@quiet
@in_float32
def norm(x: Array, axis: Axis, keep: bool, p: float) -> Any:
    if np.isinf(p):
        size = np.absolute(x)
        y, (to_size,) = (amax if p > 0 else amin)(size, axis, keep)
        return y, (lambda grad: to_size(grad) * sign(x)[0],)
    expand = _expander(x, axis, keep)
    if p == 0:
        return (x != 0).sum(axis, keepdims=keep).astype(x.dtype), ()  # no gradient, not even 0, as in PyTorch
    y = total(np.square(x) if p == 2 else np.absolute(x) ** p, axis, keep)
    y = np.sqrt(y) if p == 2 else y ** (1 / p)

    def pull(grad: Array) -> Array:  # sign(x) (|x| / y)^(p-1), and 0 where y is 0
        ratio = np.absolute(x) / expand(y)
        slope = sign(x)[0] * (ratio ** (p - 1) if p != 2 else ratio)
        return expand(grad) * np.where((expand(y) == 0) | (x == 0), x.dtype.type(0), slope)

    return np.asarray(y, x.dtype), (pull,)


def prod(x: Array, axis: Axis, keep: bool, kind: np.dtype[Any] | None = None) -> Unary:
    expand = _expander(x, axis, keep)
    kind = kind or _kind(x)

    def pull(grad: Array) -> Array:
        moved = np.moveaxis(x, axis, range(-len(axis), 0)).reshape(*_others(x, axis), _size(x, axis))
        before, after = np.ones_like(moved), np.ones_like(moved)  # products of the others, right also where x is 0
        np.cumprod(moved[..., :-1], axis=-1, out=before[..., 1:])
        after[..., :-1] = np.cumprod(moved[..., :0:-1], axis=-1)[..., ::-1]
        rest = before * after
        shape = _others(x, axis) + tuple(x.shape[i] for i in axis)
        return np.moveaxis(rest.reshape(shape), range(-len(axis), 0), axis) * expand(grad)

    return np.multiply.reduce(x, axis, kind, keepdims=keep), (pull,)  # type: ignore[call-overload]


def _others(x: Array, axis: Axis) -> tuple[int, ...]:
    return tuple(size for i, size in enumerate(x.shape) if i not in axis)


@quiet
def amax(x: Array, axis: Axis, keep: bool, nan_wins: bool = False) -> Unary:
    return _extreme(x, x.max(axis, keepdims=keep), axis, keep, nan_wins)


@quiet
def amin(x: Array, axis: Axis, keep: bool, nan_wins: bool = False) -> Unary:
    return _extreme(x, x.min(axis, keepdims=keep), axis, keep, nan_wins)


@quiet
def median(x: Array) -> Unary:
    flat = np.sort(x, None) if x.size else np.full(1, np.nan, x.dtype)  # nan comes last
    return _extreme(x, flat[-1 if np.isnan(flat[-1]) else (flat.size - 1) // 2], tuple(range(x.ndim)), False, True)


def _extreme(x: Array, y: Array, axis: Axis, keep: bool, nan_wins: bool) -> Unary:
    expand = _expander(x, axis, keep)

    def pull(grad: Array) -> Array:
        winners = (np.isnan(x) if nan_wins and np.isnan(y) else x == expand(y)).astype(x.dtype)
        return winners * (expand(grad) / winners.sum(axis, keepdims=True))  # equal winners share

    return y, (pull,)


@quiet
@in_float32
def logsumexp(x: Array, axis: Axis, keep: bool) -> Unary:
    x = floating(x)
    expand = _expander(x, axis, keep)
    top = x.max(axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, x.dtype.type(0))  # a row of infinities is its own answer
    sums = total(np.exp(x - top), axis, True)
    y = np.log(sums) + top  # which is rounded where top is large: the slope comes of the sums
    y = y if keep else y.reshape(_others(x, axis))
    return y, (lambda grad: expand(grad) * (np.exp(x - top) / sums),)


def cumsum(x: Array, axis: int, kind: np.dtype[Any] | None = None) -> Unary:
    y = np.asarray(_running(x, axis) if x.dtype.kind == "f" else x.cumsum(axis, kind or INT64), order="C")
    return y, (lambda grad: np.flip(_running(np.flip(grad, axis), axis), axis),)


def _running(x: Array, axis: int) -> Array:
    """Added up in float64, one after the other as it must be, and float16 in float32."""
    return x.cumsum(axis, np.float32 if x.dtype == np.float16 else np.float64).astype(x.dtype, copy=False)


def cumprod(x: Array, axis: int, kind: np.dtype[Any] | None = None) -> Unary:
    y = np.asarray(x.cumprod(axis, kind or _kind(x)), order="C")

    def pull(grad: Array) -> Array:  # ∂/∂x_i = (x_0 … x_(i-1)) s_i, where s_i = grad_i + x_(i+1) s_(i+1)
        lines, grads, products = (np.moveaxis(each, axis, 0) for each in (x, grad, y))
        slope = np.empty_like(lines)
        for i in reversed(range(len(lines))):
            slope[i] = grads[i] + (lines[i + 1] * slope[i + 1] if i + 1 < len(lines) else 0)
        slope[1:] *= products[:-1]
        return np.moveaxis(slope, 0, axis)

    return y, (pull,)


# ---------------------------------------------------------------------------------------------- not differentiable
def argmax(x: Array, axis: Any, keep: bool) -> tuple[Array, None]:
    return np.asarray(x.argmax(axis, keepdims=keep), INT64), None


def argmin(x: Array, axis: Any, keep: bool) -> tuple[Array, None]:
    return np.asarray(x.argmin(axis, keepdims=keep), INT64), None


def all(x: Array, axis: Axis, keep: bool) -> tuple[Array, None]:
    return np.asarray(x.all(axis, keepdims=keep), _truth(x)), None


def any(x: Array, axis: Axis, keep: bool) -> tuple[Array, None]:
    return np.asarray(x.any(axis, keepdims=keep), _truth(x)), None


def _truth(x: Array) -> np.dtype[Any]:
    return x.dtype if x.dtype == np.uint8 else BOOL  # PyTorch's one exception
