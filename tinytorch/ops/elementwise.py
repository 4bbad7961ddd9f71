"""Operations on each element by itself, and their derivatives."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tinytorch.dtypes import BOOL, FLOAT32, INT64, Array, Number, convert, floating, promote, result_type
from tinytorch.ops import quiet

PullBack = Callable[[Array], Array]
Unary = tuple[Array, tuple[PullBack]]
Binary = tuple[Array, tuple[PullBack, PullBack]]


_LARGEST_EXPONENT: dict[int, Any] = {
    2: np.float16(11),
    4: np.float32(88),
    8: np.float64(709),
}  # exp() of more is infinite


def _promoting(op: Callable[..., Any]) -> Callable[..., Any]:
    """Bring both operands to their common type first (sums of broadcasting are undone by autograd)."""

    @functools.wraps(op)
    def promoted(a: Array | Number, b: Array | Number, **options: Any) -> Any:
        a, b = promote(a, b)
        return op(a, b, **options)

    return promoted


def _floating(op: Callable[..., Any]) -> Callable[..., Any]:
    """Bring an operand of integers or booleans to the default float type first."""

    @functools.wraps(op)
    def floated(x: Array, **options: Any) -> Any:
        with np.errstate(all="ignore"):  # infinity and nan are answers here
            return op(floating(x), **options)

    return floated


def _no_bool(instead: str, *operands: Any) -> None:
    if any(getattr(x, "dtype", None) is BOOL for x in operands):
        raise RuntimeError(f"truth values are not numbers here: {instead}")


def _whole_division(a: Array, b: Array) -> None:
    if b.dtype.kind != "f" and not np.all(b):
        raise RuntimeError("ZeroDivisionError: whole numbers can't be divided by zero")


# ---------------------------------------------------------------------------------------------- two operands
@_promoting
def add(a: Array, b: Array) -> Binary:
    return a + b, (lambda grad: grad, lambda grad: grad)


def sub(a: Array | Number, b: Array | Number) -> Binary:
    _no_bool("use ^ or logical_xor", a, b)
    a, b = promote(a, b)
    return a - b, (lambda grad: grad, lambda grad: -grad)


@_promoting
def mul(a: Array, b: Array) -> Binary:
    return a * b, (lambda grad: grad * b, lambda grad: grad * a)


@quiet
def div(a: Array | Number, b: Array | Number) -> Binary:
    kind = result_type(a, b)
    kind = kind if kind.kind == "f" else FLOAT32
    a, b = convert(a, kind), convert(b, kind)
    y = np.true_divide(a, b)
    return y, (lambda grad: grad / b, lambda grad: -grad * y / b)


@quiet
def power(x: Array, exponent: Number) -> Unary:
    """A power with a number as exponent. NumPy has a fast way for squares and roots, but only for Python numbers."""
    kind = result_type(x, exponent)
    x = convert(x, kind)
    y = convert(np.asarray(x**exponent), kind)

    def pull(grad: Array) -> Array:
        if exponent == 0:
            return np.zeros_like(grad)
        return grad * (exponent * (1 / np.sqrt(x) if exponent == 0.5 else x ** (exponent - 1)))

    return y, (pull,)


@quiet
@_promoting
def pow(a: Array, b: Array) -> Binary:
    y = a**b

    def to_base(grad: Array) -> Array:
        return grad * (b * a ** np.where(b == 0, b, b - 1))  # 0 where the exponent is 0, also at a = 0

    def to_exponent(grad: Array) -> Array:
        return grad * np.where((a == 0) & (b >= 0), 0, y * np.log(a))

    return y, (to_base, to_exponent)


@_promoting
def maximum(a: Array, b: Array) -> Binary:
    return np.maximum(a, b), (lambda grad: grad * _share(a > b, a == b), lambda grad: grad * _share(b > a, a == b))


@_promoting
def minimum(a: Array, b: Array) -> Binary:
    return np.minimum(a, b), (lambda grad: grad * _share(a < b, a == b), lambda grad: grad * _share(b < a, a == b))


def _share(wins: Array, ties: Array) -> Array:
    return wins + 0.5 * ties  # equal operands share the gradient, as in PyTorch


def where(condition: Array, a: Array | Number, b: Array | Number) -> Any:
    a, b = promote(a, b)
    return np.where(condition, a, b), (
        lambda grad: grad,  # never called: a condition has no gradient
        lambda grad: np.where(condition, grad, grad.dtype.type(0)),
        lambda grad: np.where(condition, grad.dtype.type(0), grad),
    )


def masked_fill(x: Array, mask: Array, value: Array | Number) -> Any:
    return np.where(mask, convert(value, x.dtype), x), (
        lambda grad: np.where(mask, grad.dtype.type(0), grad),
        lambda grad: grad,  # never called: a mask has no gradient
        lambda grad: np.where(mask, grad, grad.dtype.type(0)),
    )


def clamp(x: Array, low: Array | Number | None, high: Array | Number | None) -> Any:
    kind = result_type(x, *(bound for bound in (low, high) if bound is not None))
    x = convert(x, kind)
    y = x if low is None else np.maximum(x, convert(low, kind))
    y = y if high is None else np.minimum(y, convert(high, kind))
    return y, (lambda grad: grad * (y == x), lambda grad: grad * (x < low), lambda grad: grad * (x > high))


# ---------------------------------------------------------------------------------------------- one operand
def neg(x: Array) -> Unary:
    _no_bool("use ~ or logical_not", x)
    return -x, (lambda grad: -grad,)


def abs(x: Array) -> Unary:
    _no_bool("use .int()", x)
    return np.absolute(x), (lambda grad: grad * _signs(x),)


def _signs(x: Array) -> Array:
    """-1, 0 or 1; 0 for nan."""
    return x.copy() if x.dtype is BOOL else np.subtract(x > 0, x < 0, dtype=x.dtype)


@_floating
def exp(x: Array) -> Unary:
    y = np.exp(x)
    return y, (lambda grad: grad * y,)


@_floating
def log(x: Array) -> Unary:
    return np.log(x), (lambda grad: grad / x,)


@_floating
def log2(x: Array) -> Unary:
    return np.log2(x), (lambda grad: grad / (x * math.log(2)),)


@_floating
def log10(x: Array) -> Unary:
    return np.log10(x), (lambda grad: grad / (x * math.log(10)),)


@_floating
def log1p(x: Array) -> Unary:
    return np.log1p(x), (lambda grad: grad / (x + 1),)


@_floating
def sqrt(x: Array) -> Unary:
    y = np.sqrt(x)
    return y, (lambda grad: grad / (2 * y),)


@_floating
def rsqrt(x: Array) -> Unary:
    y = 1 / np.sqrt(x)
    return y, (lambda grad: -0.5 * grad * y**3,)


@_floating
def reciprocal(x: Array) -> Unary:
    y = 1 / x
    return y, (lambda grad: -grad * y * y,)


@quiet
def square(x: Array) -> Unary:
    x = x.astype(INT64) if x.dtype is BOOL else x
    return x * x, (lambda grad: 2 * grad * x,)


@_floating
def sin(x: Array) -> Unary:
    return np.sin(x), (lambda grad: grad * np.cos(x),)


@_floating
def cos(x: Array) -> Unary:
    return np.cos(x), (lambda grad: -grad * np.sin(x),)


@_floating
def tanh(x: Array) -> Unary:
    y = np.tanh(x)
    return y, (lambda grad: grad * (1 - y * y),)


@_floating
def sigmoid(x: Array) -> Unary:
    y = 1 / (1 + np.exp(np.minimum(-x, _LARGEST_EXPONENT[x.dtype.itemsize])))
    return y, (lambda grad: grad * y * (1 - y),)


def clone(x: Array) -> Unary:
    return x.copy("C"), (lambda grad: grad,)


def to(x: Array, kind: np.dtype[Any]) -> tuple[Array, tuple[PullBack] | None]:
    differentiable = x.dtype.kind == kind.kind == "f"
    return x.astype(kind), (lambda grad: grad,) if differentiable else None  # autograd casts the gradient back


# ---------------------------------------------------------------------------------------------- not differentiable
def _plain(name: str, function: Callable[..., Array]) -> Callable[..., tuple[Array, None]]:
    def op(*arrays: Any) -> tuple[Array, None]:
        if name.startswith("bitwise") and result_type(*arrays).kind == "f":
            error = TypeError if len(arrays) == 1 else NotImplementedError
            raise error(f"{name} needs integers or truth values, not floating numbers")
        if len(arrays) == 2 and not all(isinstance(x, int) or getattr(x, "dtype", BOOL).kind in "iu" for x in arrays):
            arrays = promote(*arrays)  # NumPy compares whole numbers of any types, PyTorch's way
        return function(*arrays), None

    op.__name__ = name
    return op


eq = _plain("eq", np.equal)
ne = _plain("ne", np.not_equal)
lt = _plain("lt", np.less)
le = _plain("le", np.less_equal)
gt = _plain("gt", np.greater)
ge = _plain("ge", np.greater_equal)
logical_and = _plain("logical_and", np.logical_and)
logical_or = _plain("logical_or", np.logical_or)
logical_xor = _plain("logical_xor", np.logical_xor)
logical_not = _plain("logical_not", np.logical_not)
bitwise_and = _plain("bitwise_and", np.bitwise_and)
bitwise_or = _plain("bitwise_or", np.bitwise_or)
bitwise_xor = _plain("bitwise_xor", np.bitwise_xor)
bitwise_not = _plain("bitwise_not", np.bitwise_not)
isnan = _plain("isnan", np.isnan)
isinf = _plain("isinf", np.isinf)
isfinite = _plain("isfinite", np.isfinite)


def _flat(name: str, function: Callable[..., Array]) -> Callable[..., Unary]:
    """A step function: its derivative is zero wherever it has one."""

    def op(*arrays: Array, **options: Any) -> Any:
        arrays = promote(*arrays) if len(arrays) == 2 else arrays
        if name not in ("sign", "floor_quotient"):
            _no_bool("use .int()", *arrays)
        y = function(*arrays, **options).astype(arrays[0].dtype, copy=False)
        return y, tuple(lambda grad: np.zeros_like(grad) for _ in arrays)

    op.__name__ = name
    return quiet(op)


sign = _flat("sign", _signs)
floor = _flat("floor", np.floor)
ceil = _flat("ceil", np.ceil)
trunc = _flat("trunc", np.trunc)
round = _flat("round", np.round)
floor_quotient = _flat("floor_quotient", np.floor_divide)


@quiet
@_promoting
def floor_divide(a: Array, b: Array) -> tuple[Array, None]:
    _whole_division(a, b)
    return np.floor_divide(a, b), None


@quiet
@_promoting
def remainder(a: Array, b: Array) -> Binary:
    _whole_division(a, b)
    return np.mod(a, b), (lambda grad: grad, lambda grad: -grad * np.floor(a / b))


def isclose(a: Array, b: Array, rtol: float, atol: float, equal_nan: bool) -> tuple[Array, None]:
    return np.isclose(a, b, rtol, atol, equal_nan), None


def copy(x: Array, source: Array) -> Binary:
    """`source` in the shape and type of `x`."""
    kind = source.dtype
    y = np.broadcast_to(source, x.shape).astype(x.dtype)
    return y, (lambda grad: np.zeros_like(grad), lambda grad: grad.astype(kind))
