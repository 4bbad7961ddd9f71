"""The nonlinearities of neural networks, each a function of a real number with its slope, and softmax."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.ops import Unary, in_float32, quiet, total, weighted
from tinytorch.ops.blocks import in_blocks
from tinytorch.ops.elementwise import real


def relu(x: Array) -> Unary:
    y = np.maximum(x, x.dtype.type(0))
    return y, (lambda grad: weighted(grad, y != 0),)


# ---------------------------------------------------------------------------------------------- real functions
def _activation(function: Callable[..., Any], whole: bool = False) -> Callable[..., Unary]:
    """An operation from a function that returns its value and what gives its slope; of floats only, unless `whole`."""
    name = function.__name__

    @in_float32
    @quiet
    @functools.wraps(function)
    def op(x: Array, **settings: Any) -> Unary:
        _need_floating(name, x, whole)
        given = {key: x.dtype.type(value) for key, value in settings.items()}

        def value(x: Array, y: Array) -> None:
            y[...] = function(x, **given)[0]

        def pull(x: Array, grad: Array, g: Array) -> None:
            g[...] = weighted(grad, function(x, **given)[1]())

        return in_blocks(value, x), (lambda grad: in_blocks(pull, x, grad),)

    return op


def _need_floating(name: str, x: Array, whole: bool = False) -> None:
    if x.dtype.kind != "f" and not (whole and x.dtype.kind in "iu"):
        raise NotImplementedError(f"{name} needs a floating tensor, not torch.{x.dtype}: use x.float()")


# Where x is positive or not at random, sums of products are several times as fast as `np.where`.
@_activation
def leaky_relu(x: Array, slope: Any) -> Any:
    return np.maximum(x, 0) + slope * np.minimum(x, 0), lambda: (x > 0) + slope * ~(x > 0)


@_activation
def elu(x: Array, alpha: Any, scale: Any, rate: Any) -> Any:
    """scale x where positive, else scale alpha (e^(rate x) - 1): elu, celu and selu, by their settings."""
    z = rate * np.fmin(x, 0)  # 0 for nan, whose slope is that of the positive, as in PyTorch
    y = scale * (np.maximum(x, 0) + alpha * np.expm1(z))
    return y, lambda: scale * (~(x <= 0) + alpha * rate * np.exp(z) * (x <= 0))


@functools.partial(_activation, whole=True)
def hardtanh(x: Array, low: Any, high: Any) -> Any:
    return np.clip(x, low, high), lambda: ~((x <= low) | (x >= high))


@_activation
def hardsigmoid(x: Array) -> Any:
    return np.clip(x + 3, 0, 6) / 6, lambda: (np.abs(x) < 3) / x.dtype.type(6)


@_activation
def hardswish(x: Array) -> Any:
    return x * np.clip(x + 3, 0, 6) / 6, lambda: np.where(np.abs(x) < 3, x / 3 + 0.5, x >= 3)


@_activation
def softplus(x: Array, beta: Any, threshold: Any) -> Any:
    """log(1 + e^z) / beta for z = beta x, in the form that never overflows."""
    z = beta * x
    y = (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))) / beta
    return np.where(z > threshold, x, y), lambda: np.where(z > threshold, 1, _sigmoid(z))


@_activation
def huber(x: Array, delta: Any) -> Any:
    """x² / 2 near 0, and on both sides its tangents from ±delta on (Huber 1964, doi:10.1214/aoms/1177703732)."""
    size, inner = np.abs(x), np.clip(x, -delta, delta)
    return np.abs(inner) * (size - 0.5 * np.abs(inner)), lambda: inner


@_activation
def silu(x: Array) -> Any:
    s = _sigmoid(x)
    return x * s, lambda: s * (1 + x * (1 - s))


@_activation
def mish(x: Array) -> Any:
    t = np.tanh(np.log1p(np.exp(x)))
    return x * t, lambda: t + x * (1 - t * t) * _sigmoid(x)


@_activation
def gelu(x: Array) -> Any:
    """x Φ(x), with Φ the normal distribution function (Hendrycks & Gimpel 2016, arXiv:1606.08415)."""
    phi = 0.5 * (1 + _erf(x * math.sqrt(0.5)))
    return x * phi, lambda: phi + x * (np.exp(-0.5 * x * x) * (1 / math.sqrt(2 * math.pi)))


@quiet
def gelu_tanh(x: Array) -> Unary:
    """The approximation x (1 + tanh(a x + b x³)) / 2 of the same paper, which GPT-2 used."""
    _need_floating("gelu_tanh", x)
    return in_blocks(_gelu_tanh, x), (lambda grad: in_blocks(_gelu_tanh_slope, x, grad),)


# Step by step, each in place, where the formula in one line would make an array for each step: docs/benchmarks.md has
# the times of both.
_A, _B = math.sqrt(2 / math.pi), 0.044715 * math.sqrt(2 / math.pi)


def _gelu_tanh(x: Array, y: Array) -> None:
    np.multiply(x, x, out=y)
    y *= _B
    y += _A
    y *= x
    np.tanh(y, out=y)
    y += 1
    y *= 0.5
    y *= x


def _gelu_tanh_slope(x: Array, grad: Array, g: Array) -> None:
    """(1 + t) / 2 · (1 + (1 - t) (a x + 3 b x³)), for t the tanh."""
    t = x * x
    np.multiply(t, 1.5 * _B, out=g)
    g += 0.5 * _A
    g *= x
    t *= _B
    t += _A
    t *= x
    np.tanh(t, out=t)
    g *= 1 - t
    g += 0.5
    t += 1
    g *= t
    g *= grad


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


# ---------------------------------------------------------------------------------------------- softmax
@quiet
@in_float32
def softmax(x: Array, axis: int) -> Unary:
    y = np.asarray(np.exp(x - x.max(axis, keepdims=True, initial=-np.inf)), order="C")
    y /= total(y, (axis,), True)

    def pull(grad: Array) -> Array:
        weighted = grad * y
        return weighted - y * total(weighted, (axis,), True)

    return y, (pull,)


@quiet
@in_float32
def log_softmax(x: Array, axis: int) -> Unary:
    y = np.asarray(x - x.max(axis, keepdims=True, initial=-np.inf), order="C")
    y -= np.log(total(np.exp(y), (axis,), True))
    return y, (lambda grad: grad - np.exp(y) * total(grad, (axis,), True),)


# ---------------------------------------------------------------------------------------------- the error function
erf = real("erf", lambda x: in_blocks(_erf_into, x), lambda x: 2 / math.sqrt(math.pi) * np.exp(-x * x))
erfc = real("erfc", lambda x: _erf_of_ranges(x, True), lambda x: -2 / math.sqrt(math.pi) * np.exp(-x * x))

# erf(x) ≈ tanh(x p(x²)), as Φ(x) ≈ 1 / (1 + e^-(1.5976 x + 0.07056 x³)) of Bowling, Khasawneh, Kaewkuekool & Cho, "A
# logistic approximation to the cumulative normal distribution", JIEM 2 (2009) 114-127, but of degree 6: highest power
# first, the largest relative error made as small as can be (tools/fit_erf.py). It needs no ranges and saturates by
# itself: a few passes instead of those over the three ranges below, at the same accuracy.
_BEND = (1.41850010e-07, -5.66843468e-06, 8.76370610e-05, -6.19783903e-04, -1.91831741e-04, 1.02769056e-01, 1.12837927)


def _erf(x: Array) -> Array:
    """The error function, within four units of the last place."""
    if x.dtype != np.float32:
        return _erf_of_ranges(x)
    square = x * x
    t = square * _BEND[0]
    t += _BEND[1]
    for each in _BEND[2:]:
        t *= square
        t += each
    t *= x
    return np.tanh(t, out=t)


def _erf_into(x: Array, y: Array) -> None:
    y[...] = _erf(x)


# Rational approximations on three ranges of |x|, highest power first: W. J. Cody, "Rational Chebyshev approximations
# for the error function", Mathematics of Computation 23 (1969) 631-637. NumPy has no erf.
_SMALL = (
    (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3),
    (1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
_MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
     8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
    (1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
     3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)  # fmt: skip
_LARGE = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
     1.60837851487422766e-2, 6.58749161529837803e-4),
    (1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2,
     2.33520497626869185e-3),
)  # fmt: skip


def _ratio(x: Array, polynomials: Sequence[Sequence[float]]) -> Array:
    above, below = (np.polyval(np.asarray(each, x.dtype), x) for each in polynomials)
    return above / below


def _erf_of_ranges(x: Array, complement: bool = False) -> Array:
    """The error function, within three units of the last place; or 1 minus it, exact also where that is tiny."""
    size = np.minimum(np.abs(x), x.dtype.type(27))  # beyond, it is 1 in every float type, and 1 minus it is 0
    y = x * _ratio(x * x * (size < 1), _SMALL)
    y = 1 - y if complement else y
    far = size > 0.46875
    if far.any():
        s = size[far]
        middle = _ratio(s, _MIDDLE)
        if s.max() > 4:
            inverse = 1 / (s * s)
            large = (1 / math.sqrt(math.pi) - inverse * _ratio(inverse, _LARGE)) / s
            middle = np.where(s > 4, large, middle)
        y = np.array(y)
        tail = np.exp(-s * s) * middle
        y[far] = np.where(x[far] > 0, tail, 2 - tail) if complement else np.copysign(1 - tail, x[far])
    return np.asarray(y, x.dtype)
