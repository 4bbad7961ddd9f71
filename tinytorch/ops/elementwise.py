"""Operations on each element by itself, and their derivatives: most of it is a table to read."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from tinytorch.dtypes import BOOL, INT64, Array, Number, convert, default_float, floating, promote, result_type
from tinytorch.ops import PullBack, Unary, in_float32, quiet, weighted

Binary = tuple[Array, tuple[PullBack, PullBack]]


# ---------------------------------------------------------------------------------------------- real functions
def real(name: str, function: Callable[[Array], Array], derivative: Callable[[Array], Any],
         finite: bool = False) -> Callable[..., Unary]:  # fmt: skip
    """A function of a real number. Its derivative is given in terms of x, or of the result where that is called y.

    One that is `finite` everywhere gives NumPy no reason to warn.
    """
    of_result = derivative.__code__.co_varnames[0] == "y"

    def op(x: Array) -> Unary:
        x = floating(x)
        y = np.asarray(function(x), x.dtype)  # NumPy 1 makes float64 of 0-d results
        held = y if of_result else x  # the pull-back keeps the one array that it needs
        return y, (lambda grad: grad * derivative(held),)

    op.__name__ = name
    return op if finite else quiet(op)


exp = real("exp", np.exp, lambda y: y)
exp2, expm1 = real("exp2", np.exp2, lambda y: y * math.log(2)), real("expm1", np.expm1, lambda y: y + 1)
log = real("log", np.log, lambda x: 1 / x)
log2 = real("log2", np.log2, lambda x: 1 / (x * math.log(2)))
log10 = real("log10", np.log10, lambda x: 1 / (x * math.log(10)))
log1p = real("log1p", np.log1p, lambda x: 1 / (x + 1))
sqrt = real("sqrt", np.sqrt, lambda y: 0.5 / y)
rsqrt = real("rsqrt", lambda x: 1 / np.sqrt(x), lambda y: -0.5 * y**3)
reciprocal = real("reciprocal", lambda x: 1 / x, lambda y: -y * y)
sin = real("sin", np.sin, lambda x: np.cos(x))
cos = real("cos", np.cos, lambda x: -np.sin(x))
tan, atan = real("tan", np.tan, lambda y: y * y + 1), real("atan", np.arctan, lambda x: 1 / (x * x + 1))
asin = real("asin", np.arcsin, lambda x: 1 / np.sqrt(1 - x * x))
acos = real("acos", np.arccos, lambda x: -1 / np.sqrt(1 - x * x))
sinh, cosh = real("sinh", np.sinh, lambda x: np.cosh(x)), real("cosh", np.cosh, lambda x: np.sinh(x))
tanh = real("tanh", np.tanh, lambda y: 1 - y * y, finite=True)
asinh = real("asinh", np.arcsinh, lambda x: 1 / np.sqrt(x * x + 1))
acosh = real("acosh", np.arccosh, lambda x: 1 / np.sqrt(x * x - 1))
atanh = real("atanh", np.arctanh, lambda x: 1 / (1 - x * x))
sigmoid = real("sigmoid", lambda x: 1 / (1 + np.exp(-x)), lambda y: y * (1 - y))
deg2rad = real("deg2rad", np.deg2rad, lambda x: math.pi / 180)
rad2deg = real("rad2deg", np.rad2deg, lambda x: 180 / math.pi)
frac = real("frac", lambda x: x - np.trunc(x), lambda x: 1)
logit = real("logit", lambda x: np.log(x / (1 - x)),
             lambda x: 1 / np.where(np.abs(x - 0.5) <= 0.5, x * (1 - x), np.nan))  # fmt: skip


# ---------------------------------------------------------------------------------------------- products in float16
def _halves_in_float32(op: Callable[..., Any]) -> Callable[..., Any]:
    """Where float16 comes out, compute in float32: a number beside it counts as it is, also one beyond float16's range.

    So does PyTorch with a second operand without dimensions, and with the n of n / x; all else is first made float16.
    """
    wider = in_float32(lambda x, a, b: op(a, b))

    @functools.wraps(op)
    def computed(a: Array | Number, b: Array | Number) -> Any:
        if getattr(a, "dtype", BOOL).char != "e" != getattr(b, "dtype", BOOL).char:  # as nearly always
            return op(a, b)
        halves = [x for x in (a, b) if isinstance(x, np.ndarray) and x.dtype.char == "e"]
        if result_type(a, b) is not halves[0].dtype:
            return op(a, b)
        with np.errstate(over="ignore"):
            a = convert(a, halves[0].dtype) if isinstance(a, np.ndarray) or op.__name__ != "div" else a
            b = convert(b, halves[0].dtype) if isinstance(b, np.ndarray) and b.ndim else b
        return wider(halves[0], np.asarray(a), b)

    return computed


# ---------------------------------------------------------------------------------------------- step functions
def _step(name: str, function: Callable[..., Array], truth: bool = False) -> Callable[..., Any]:
    """A function that is constant between steps: its derivative is zero wherever it has one."""

    @quiet
    def op(*arrays: Array, **options: Any) -> Any:
        arrays = promote(*arrays) if len(arrays) == 2 else arrays
        if not truth:
            _no_bool("use .int()", *arrays)
        y = function(*arrays, **options).astype(arrays[0].dtype, copy=False)
        return y, tuple(lambda grad: np.zeros_like(grad) for _ in arrays)

    op.__name__ = name
    return op


def _signs(x: Array) -> Array:
    return x.copy() if x.dtype is BOOL else np.subtract(x > 0, x < 0, dtype=x.dtype)  # 0 for nan


sign = _step("sign", _signs, truth=True)
floor = _step("floor", np.floor)
ceil = _step("ceil", np.ceil)
trunc = _step("trunc", np.trunc)
round = _step("round", np.round)
floor_quotient = _halves_in_float32(_step("floor_quotient", np.floor_divide, truth=True))
trunc_quotient = _halves_in_float32(_step("trunc_quotient", lambda a, b: np.trunc(a / b), truth=True))


# ---------------------------------------------------------------------------------------------- truth and bits
def _truth(name: str, function: Callable[..., Array], whole: bool = False) -> Callable[..., tuple[Array, None]]:
    """A function without a derivative; if `whole`, of integers and truth values only."""

    def op(*arrays: Any) -> tuple[Array, None]:
        if whole and result_type(*arrays).kind == "f":
            error = TypeError if len(arrays) == 1 else NotImplementedError
            raise error(f"{name} needs integers or truth values, not floating numbers")
        if len(arrays) == 2 and not all(isinstance(x, int) or getattr(x, "dtype", BOOL).kind in "iu" for x in arrays):
            arrays = promote(*arrays)  # NumPy compares whole numbers of any types, PyTorch's way
        return function(*arrays), None

    op.__name__ = name
    return op


eq, ne = _truth("eq", np.equal), _truth("ne", np.not_equal)
lt, le = _truth("lt", np.less), _truth("le", np.less_equal)
gt, ge = _truth("gt", np.greater), _truth("ge", np.greater_equal)
logical_and, logical_or = _truth("logical_and", np.logical_and), _truth("logical_or", np.logical_or)
logical_xor, logical_not = _truth("logical_xor", np.logical_xor), _truth("logical_not", np.logical_not)
bitwise_and, bitwise_or = _truth("bitwise_and", np.bitwise_and, True), _truth("bitwise_or", np.bitwise_or, True)
bitwise_xor, bitwise_not = _truth("bitwise_xor", np.bitwise_xor, True), _truth("bitwise_not", np.bitwise_not, True)
bitwise_left_shift = _truth("bitwise_left_shift", np.left_shift, True)
bitwise_right_shift = _truth("bitwise_right_shift", np.right_shift, True)
isnan, isinf, isfinite = _truth("isnan", np.isnan), _truth("isinf", np.isinf), _truth("isfinite", np.isfinite)
isposinf = _truth("isposinf", lambda x: np.isinf(x) & (x > 0))
isneginf = _truth("isneginf", lambda x: np.isinf(x) & (x < 0))
signbit = _truth("signbit", lambda x: np.signbit(x) if x.dtype.kind == "f" else x < 0)


def isclose(a: Array, b: Array, rtol: float, atol: float, equal_nan: bool) -> tuple[Array, None]:
    return np.isclose(a, b, rtol, atol, equal_nan), None


def isin(elements: Array | Number, among: Array | Number, invert: bool) -> tuple[Array, None]:
    return np.isin(elements, among, invert=invert), None


# ---------------------------------------------------------------------------------------------- arithmetic
def _promoting(op: Callable[..., Any]) -> Callable[..., Any]:
    """Bring both operands to their common type first (sums of broadcasting are undone by autograd)."""

    @functools.wraps(op)
    def promoted(a: Array | Number, b: Array | Number) -> Any:
        return op(*promote(a, b))

    return promoted


def _no_bool(instead: str, *operands: Any) -> None:
    if any(getattr(x, "dtype", None) is BOOL for x in operands):
        raise RuntimeError(f"truth values are not numbers here: {instead}")


def _dividing(a: Array | Number, b: Array | Number) -> tuple[Array, Array]:
    a, b = promote(a, b)
    if b.dtype.kind != "f" and not np.all(b):
        raise RuntimeError("ZeroDivisionError: whole numbers can't be divided by zero")
    return a, b


@_promoting
def add(a: Array, b: Array) -> Binary:
    return a + b, (lambda grad: grad, lambda grad: grad)


def sub(a: Array | Number, b: Array | Number) -> Binary:
    _no_bool("use ^ or logical_xor", a, b)
    a, b = promote(a, b)
    return a - b, (lambda grad: grad, lambda grad: -grad)


@_halves_in_float32
@_promoting
def mul(a: Array, b: Array) -> Binary:
    return a * b, (lambda grad: grad * b, lambda grad: grad * a)


def _both_real(a: Array | Number, b: Array | Number) -> tuple[Array, Array]:
    kind = result_type(a, b)
    kind = kind if kind.kind == "f" else default_float()
    return convert(a, kind), convert(b, kind)


@_halves_in_float32
@quiet
def div(a: Array | Number, b: Array | Number) -> Binary:
    a, b = _both_real(a, b)
    return np.true_divide(a, b), (lambda grad: grad / b, lambda grad: -grad * (a / b) / b)


@_halves_in_float32
@quiet
def floor_divide(a: Array | Number, b: Array | Number) -> tuple[Array, None]:
    return np.floor_divide(*_dividing(a, b)), None


@quiet
def power(x: Array, exponent: Number) -> Unary:
    """A power with a number as exponent. NumPy has a fast way for squares and roots, but only for Python numbers."""
    kind = result_type(x, exponent)
    x = convert(x, kind)

    def pull(grad: Array) -> Array:
        if exponent == 0:
            return np.zeros_like(grad)
        return grad * (exponent * (1 / np.sqrt(x) if exponent == 0.5 else x ** (exponent - 1)))

    return convert(np.asarray(x**exponent), kind), (pull,)


@quiet
@_promoting
def pow(a: Array, b: Array) -> Binary:
    y = a**b if b.dtype.kind != "i" else np.where((b >= 0) | (np.abs(a) == 1), a ** np.abs(b), 0)
    return y, (
        lambda grad: grad * (b * a ** np.where(b == 0, b, b - 1)),  # 0 where the exponent is 0, also at a = 0
        lambda grad: grad * np.where((a == 0) & (b >= 0), 0, y * np.log(a)),
    )


@quiet
def square(x: Array) -> Unary:
    x = x.astype(INT64) if x.dtype is BOOL else x
    return x * x, (lambda grad: 2 * grad * x,)


def neg(x: Array) -> Unary:
    _no_bool("use ~ or logical_not", x)
    return -x, (lambda grad: -grad,)


def abs(x: Array) -> Unary:
    _no_bool("use .int()", x)
    return np.absolute(x), (lambda grad: grad * _signs(x),)


# ---------------------------------------------------------------------------------------------- two real numbers
def _pair(
    name: str, function: Any, by_a: Any, by_b: Any = None, common: Any = _both_real, times: Any = np.multiply
) -> Callable[..., Binary]:
    """A function of two numbers of a `common` type, and its derivatives by the one and the other.

    Where the two may change places, one derivative says it all.
    """
    by_other = by_b or (lambda a, b: by_a(b, a))

    @quiet
    def op(a: Any, b: Any) -> Binary:
        a, b = common(a, b)
        y = np.asarray(function(a, b), a.dtype)
        return y, (lambda grad: times(grad, by_a(a, b)), lambda grad: times(grad, by_other(a, b)))

    op.__name__ = name
    return op


def _squares(a: Array, b: Array) -> Array:
    total = a * a + b * b
    return np.where(total == 0, np.inf, total)  # at the origin there is no gradient


atan2 = _pair("atan2", np.arctan2, lambda a, b: b / _squares(a, b), lambda a, b: -a / _squares(a, b))
hypot = _pair("hypot", np.hypot, lambda a, b: a / np.hypot(a, b))
logaddexp = _pair("logaddexp", np.logaddexp, lambda a, b: 1 / (1 + np.exp(b - a)))

_quotient = functools.partial(_pair, common=_dividing)
remainder = _quotient("remainder", np.mod, lambda a, b: 1, lambda a, b: -np.floor_divide(a, b))
fmod = _quotient("fmod", np.fmod, lambda a, b: 1, lambda a, b: -np.trunc(a / b))

_choice = functools.partial(_pair, common=promote, times=weighted)
maximum = _choice("maximum", np.maximum, lambda a, b: ~(a < b) - 0.5 * (a == b))  # equal ones share, as in PyTorch
minimum = _choice("minimum", np.minimum, lambda a, b: ~(a > b) - 0.5 * (a == b))


# ---------------------------------------------------------------------------------------------- choosing
def clamp(x: Array, low: Array | Number | None, high: Array | Number | None) -> Any:
    kind = result_type(x, *(bound for bound in (low, high) if bound is not None))
    x = convert(x, kind)
    raised = x if low is None else np.maximum(x, convert(low, kind))
    y = raised if high is None else np.minimum(raised, convert(high, kind))
    below = np.asarray(False if low is None else x < low)
    above = np.asarray(False if high is None else raised > high)  # where the bounds cross, the upper one wins
    return y, (
        lambda grad: weighted(grad, ~(below | above | np.isnan(x))),
        lambda grad: weighted(grad, below & ~above),
        lambda grad: weighted(grad, above),
    )


@quiet
def nan_to_num(x: Array, nan: float, posinf: float | None, neginf: float | None) -> Unary:
    y = np.asarray(np.nan_to_num(x, True, nan, posinf, neginf))
    return y, (lambda grad: weighted(grad, np.isfinite(x)),)


def where(condition: Array, a: Array | Number, b: Array | Number) -> Any:
    a, b = promote(a, b)
    return np.where(condition, a, b), (
        lambda grad: grad,  # never called: a condition has no gradient
        lambda grad: np.where(condition, grad, grad.dtype.type(0)),
        lambda grad: np.where(condition, grad.dtype.type(0), grad),
    )


def masked_fill(x: Array, mask: Array, value: Array | Number) -> Any:
    y, (of_mask, to_value, to_x) = where(mask, np.asarray(convert(value, x.dtype)), x)
    return y, (to_x, of_mask, to_value)


# ---------------------------------------------------------------------------------------------- copies
def clone(x: Array, order: Literal["K", "C"] = "K") -> Unary:
    return x.copy(order), (lambda grad: grad,)


@quiet
def copy(x: Array, source: Array) -> Binary:
    """`source` in the shape and type of `x`."""
    kind = source.dtype
    y = np.broadcast_to(source, x.shape).astype(x.dtype)
    return y, (lambda grad: np.zeros_like(grad), lambda grad: grad.astype(kind))


@quiet
def to(x: Array, kind: np.dtype[Any]) -> tuple[Array, tuple[PullBack] | None]:
    differentiable = x.dtype.kind == kind.kind == "f"
    return x.astype(kind), (lambda grad: grad,) if differentiable else None  # autograd casts the gradient back
