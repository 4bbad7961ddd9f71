"""The nonlinearities of neural networks, and softmax."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from tinytorch.dtypes import Array, floating
from tinytorch.ops import quiet, weighted

PullBack = Callable[[Array], Array]
Unary = tuple[Array, tuple[PullBack]]


def relu(x: Array) -> Unary:
    y = np.maximum(x, x.dtype.type(0))
    return y, (lambda grad: weighted(grad, y != 0),)


@quiet
def gelu(x: Array) -> Unary:
    """x Φ(x), with Φ the normal distribution function (Hendrycks & Gimpel 2016, arXiv:1606.08415)."""
    phi = 0.5 * (1 + _erf(x * math.sqrt(0.5)))

    def pull(grad: Array) -> Array:
        density = np.exp(-0.5 * x * x) * (1 / math.sqrt(2 * math.pi))
        return grad * (phi + x * density)

    return np.asarray(x * phi, x.dtype), (pull,)


@quiet
def gelu_tanh(x: Array) -> Unary:
    """The approximation 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))) of the same paper."""
    root, cubic = math.sqrt(2 / math.pi), 0.044715
    t = np.tanh(root * x * (1 + cubic * x * x))

    def pull(grad: Array) -> Array:
        return grad * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * (root * (1 + 3 * cubic * x * x)))

    return np.asarray(0.5 * x * (1 + t), x.dtype), (pull,)


@quiet
def softmax(x: Array, axis: int) -> Unary:
    y = np.asarray(np.exp(x - x.max(axis, keepdims=True, initial=-np.inf)), order="C")
    y /= y.sum(axis, keepdims=True)

    def pull(grad: Array) -> Array:
        weighted = grad * y
        return weighted - y * weighted.sum(axis, keepdims=True)

    return y, (pull,)


@quiet
def log_softmax(x: Array, axis: int) -> Unary:
    y = np.asarray(x - x.max(axis, keepdims=True, initial=-np.inf), order="C")
    y -= np.log(np.exp(y).sum(axis, keepdims=True))
    return y, (lambda grad: grad - np.exp(y) * grad.sum(axis, keepdims=True),)


@quiet
def erf(x: Array) -> Unary:
    x = floating(x)
    return _erf(x), (lambda grad: grad * (2 / math.sqrt(math.pi)) * np.exp(-x * x),)


@quiet
def erfc(x: Array) -> Unary:
    x = floating(x)
    return _erf(x, complement=True), (lambda grad: grad * (-2 / math.sqrt(math.pi)) * np.exp(-x * x),)


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


def _erf(x: Array, complement: bool = False) -> Array:
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
