"""Functions of each element: arithmetic, comparison, the usual functions of a real number.

Shapes broadcast (a size of 1, or a missing leading dimension, is repeated); types mix by PyTorch's rules. Most rows of
the tables below read: operation, what it computes, an example's input and its result, which doctest runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from tinytorch.autograd import Recorded, apply
from tinytorch.dtypes import Number, fitting, result_type
from tinytorch.errors import need_tensors, same_type
from tinytorch.ops import activation as activation_ops
from tinytorch.ops import elementwise as ops

__all__ = [
    "abs", "absolute", "acos", "acosh", "add", "addcdiv", "addcmul", "allclose", "arccos", "arccosh", "arcsin",
    "arcsinh", "arctan", "arctan2", "arctanh", "asin", "asinh", "atan", "atan2", "atanh", "bitwise_and",
    "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "ceil", "clamp",
    "clamp_max", "clamp_min", "clip", "clone", "cos", "cosh", "deg2rad", "div", "divide", "eq", "equal", "erf", "erfc",
    "exp", "exp2", "expm1", "fix", "floor", "floor_divide", "fmod", "frac", "ge", "greater", "greater_equal", "gt",
    "hypot", "isclose", "isfinite", "isin", "isinf", "isnan", "isneginf", "isposinf", "le", "lerp", "less",
    "less_equal", "log", "log1p", "log2", "log10", "logaddexp", "logical_and", "logical_not", "logical_or",
    "logical_xor", "logit", "lt", "masked_fill", "maximum", "minimum", "mul", "multiply", "nan_to_num", "ne", "neg",
    "negative", "not_equal", "positive", "pow", "rad2deg", "reciprocal", "remainder", "round", "rsqrt", "rsub", "sgn",
    "sigmoid", "sign", "signbit", "sin", "sinh", "sqrt", "square", "sub", "subtract", "tan", "tanh", "true_divide",
    "trunc", "where",
]  # fmt: skip

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

    Other: TypeAlias = Tensor | Number
    _OfTwo: TypeAlias = Callable[[Tensor, Other], Tensor]


def _documented(function: Any, op: Any, what: str, example: str, result: str) -> Any:
    name = function.__name__ = function.__qualname__ = op.__name__
    call = f"torch.{name}(torch.tensor([{example.replace('; ', ']), torch.tensor([')}]))"
    function.__doc__ = what
    if example:
        function.__doc__ += f"\n\n    >>> import tinytorch as torch\n    >>> {call}\n    tensor([{result}])\n    "
    return function


def _unary(op: Any, what: str, example: str = "", result: str = "") -> Callable[[Tensor], Tensor]:
    """A function of one tensor, of any shape; the result has the same shape."""

    def function(input: Tensor) -> Tensor:
        return apply(op, input)

    return _documented(function, op, what, example, result)  # type: ignore[no-any-return]


def _binary(op: Any, what: str, example: str = "", result: str = "", tensors: int = 1) -> _OfTwo:
    """A function of two, whose shapes broadcast; the first so many must be tensors, the others may be numbers."""

    def function(input: Tensor, other: Other) -> Tensor:
        if tensors:
            need_tensors(op.__name__, *(input, other)[:tensors])
        return apply(op, input, other)

    return _documented(function, op, what, example, result)  # type: ignore[no-any-return]


# ---------------------------------------------------------------------------------------------- arithmetic
def add(input: Tensor, other: Other, *, alpha: Number = 1) -> Tensor:
    """input + alpha * other.

    >>> import tinytorch as torch
    >>> torch.tensor([[1.0], [2.0]]) + torch.tensor([10.0, 20.0])
    tensor([[11., 21.],
            [12., 22.]])
    """
    return apply(ops.add, input, other if alpha == 1 else other * alpha)


def sub(input: Tensor, other: Other, *, alpha: Number = 1) -> Tensor:
    """input - alpha * other.

    >>> import tinytorch as torch
    >>> torch.sub(torch.tensor([5, 3]), 1, alpha=2)
    tensor([3, 1])
    """
    return apply(ops.sub, input, other if alpha == 1 else other * alpha)


def div(input: Tensor, other: Other, *, rounding_mode: str | None = None) -> Tensor:
    """input / other, in floating point; `rounding_mode` "floor" or "trunc" rounds the quotient.

    >>> import tinytorch as torch
    >>> torch.tensor([7, -7]) / 2
    tensor([ 3.5000, -3.5000])
    """
    if rounding_mode is None:
        return apply(ops.div, input, other)
    if rounding_mode == "floor":
        return apply(ops.floor_quotient, input, other)
    if rounding_mode == "trunc":
        return apply(ops.trunc_quotient, input, other)
    raise RuntimeError(f'div: rounding_mode must be None, "trunc" or "floor", not {rounding_mode!r}')


def pow(input: Other, exponent: Other) -> Tensor:
    """input to the power of `exponent`.

    >>> import tinytorch as torch
    >>> torch.tensor([1.0, 2.0, 3.0]) ** 2
    tensor([1., 4., 9.])
    """
    if isinstance(exponent, (int, float)):
        return apply(ops.power, input, exponent=exponent)
    return apply(ops.pow, input, exponent)


def clamp(input: Tensor, min: Other | None = None, max: Other | None = None) -> Tensor:
    """Values below `min` become `min`, values above `max` become `max`; no gradient flows to those.

    >>> import tinytorch as torch
    >>> torch.tensor([-1.0, 0.5, 7.0]).clamp(0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    if min is None and max is None:
        raise RuntimeError("clamp needs min, max or both")
    return apply(ops.clamp, input, min, max)


def clamp_min(input: Tensor, min: Other) -> Tensor:
    """Values below `min` become `min`."""
    return apply(ops.clamp, input, min, None)


def clamp_max(input: Tensor, max: Other) -> Tensor:
    """Values above `max` become `max`."""
    return apply(ops.clamp, input, None, max)


def _in_float32(formula: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
    """The formula, with what is of float16 in float32, so that what lies between may be out of float16's range."""
    halves = [x for x in tensors if x._array.dtype.char == "e"]
    if not halves:
        return formula(*tensors)
    result = formula(*(x.float() if x._array.dtype.char == "e" else x for x in tensors))
    return result.half() if result_type(*(x._array for x in tensors)) is halves[0]._array.dtype else result


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
    """input + value * tensor1 * tensor2."""
    need_tensors("addcmul", input, tensor1, tensor2)
    return _in_float32(lambda x, a, b: x + a * b * value, input, tensor1, tensor2)


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Tensor:
    """input + value * tensor1 / tensor2."""
    need_tensors("addcdiv", input, tensor1, tensor2)
    return _in_float32(lambda x, a, b: x + value * a / b, input, tensor1, tensor2)


def lerp(input: Tensor, end: Tensor, weight: Other) -> Tensor:
    """The point between `input` (at weight 0) and `end` (at weight 1): input + weight * (end - input).

    >>> import tinytorch as torch
    >>> torch.lerp(torch.tensor([0.0, 0.0]), torch.tensor([10.0, 20.0]), 0.25)
    tensor([2.5000, 5.0000])
    """
    same_type("lerp", input, end)
    if not isinstance(weight, Recorded) and weight >= 0.5:
        other = 1 - weight  # this form is exact at 1, the one below at 0
        return _in_float32(lambda a, b: b - other * (b - a), input, end)
    return _in_float32(lambda a, b: a + weight * (b - a), input, end)


mul = _binary(ops.mul, "input * other.", "1, 2; 2.5, 2.5", "2.5000, 5.0000", 0)
floor_divide = _binary(ops.floor_divide, "The quotient rounded down (no gradient).", "7, -7; 2, 2", " 3, -4")
remainder = _binary(ops.remainder, "What division leaves, with the sign of `other`.", "7, -7; 3, 3", "1, 2", 0)
fmod = _binary(ops.fmod, "What division leaves, with the sign of `input`.", "7, -7; 3, 3", " 1, -1")
maximum = _binary(ops.maximum, "The larger at each place; equal ones share the gradient.", "1, 5; 3, 2", "3, 5", 2)
minimum = _binary(ops.minimum, "The smaller; equal ones share the gradient.", "1, 5; 3, 2", "1, 2", 2)
neg = _unary(ops.neg, "-input.", "1, -2", "-1,  2")
abs = _unary(ops.abs, "The absolute value; its derivative at 0 is taken as 0.", "1, -2", "1, 2")
sign = _unary(ops.sign, "-1, 0 or 1.", "-3, 0, 5", "-1,  0,  1")
square = _unary(ops.square, "input * input.", "-3, 4", " 9, 16")


def rsub(input: Tensor, other: Other, *, alpha: Number = 1) -> Tensor:
    """other - alpha * input."""
    return apply(ops.sub, other, input if alpha == 1 else input * alpha)


def rpow(input: Tensor, other: Other) -> Tensor:
    """other to the power of `input`."""
    return apply(ops.pow, other, input).contiguous()


def _swapped(op: Any) -> _OfTwo:
    return lambda input, other: apply(op, other, input)


rdiv, rfloor_divide, rremainder = map(_swapped, (ops.div, ops.floor_divide, ops.remainder))
rlshift, rrshift = map(_swapped, (ops.bitwise_left_shift, ops.bitwise_right_shift))


def positive(input: Tensor) -> Tensor:
    """The tensor itself."""
    return input


# ---------------------------------------------------------------------------------------------- real functions
# The angles are in radians.
exp = _unary(ops.exp, "e to the power of each element.", "0.0, 1.0", "1.0000, 2.7183")
exp2 = _unary(ops.exp2, "2 to the power of each element.")
expm1 = _unary(ops.expm1, "exp(input) - 1, exact also for tiny values.", "0.0, 1e-10", "0.0000e+00, 1.0000e-10")
log = _unary(ops.log, "The natural logarithm: -inf at 0, nan below.", "1.0, 0.0", "0., -inf")
log2 = _unary(ops.log2, "The logarithm to base 2.", "8.0, 10.0", "3.0000, 3.3219")
log10 = _unary(ops.log10, "The logarithm to base 10.", "2.0, 100.0", "0.3010, 2.0000")
log1p = _unary(ops.log1p, "log(1 + input), exact also for tiny values.", "0.0, 1e-10", "0.0000e+00, 1.0000e-10")
sqrt = _unary(ops.sqrt, "The square root: nan below 0.", "4.0, -1.0", "2., nan")
rsqrt = _unary(ops.rsqrt, "1 / sqrt(input).", "4.0, 0.0", "0.5000,    inf")
reciprocal = _unary(ops.reciprocal, "1 / input.", "4.0, 0.5", "0.2500, 2.0000")
sin = _unary(ops.sin, "The sine of an angle.", "0.0, 0.5", "0.0000, 0.4794")
cos = _unary(ops.cos, "The cosine of an angle.", "0.0, 0.5", "1.0000, 0.8776")
tan, atan = _unary(ops.tan, "The tangent of an angle."), _unary(ops.atan, "The angle of that tangent.")
asin, acos = _unary(ops.asin, "The angle of that sine."), _unary(ops.acos, "The angle of that cosine.")
atan2 = _binary(ops.atan2, "The angle of the point (other, input).", "1.0, 1.0; 1.0, -1.0", "0.7854, 2.3562", 2)
deg2rad, rad2deg = _unary(ops.deg2rad, "Degrees as radians."), _unary(ops.rad2deg, "Radians as degrees.")
sinh, cosh = _unary(ops.sinh, "The hyperbolic sine."), _unary(ops.cosh, "The hyperbolic cosine.")
tanh = _unary(ops.tanh, "The hyperbolic tangent, between -1 and 1.", "0.0, 1.0", "0.0000, 0.7616")
asinh, acosh, atanh = (_unary(op, f"The inverse of {op.__name__[1:]}.") for op in (ops.asinh, ops.acosh, ops.atanh))
sigmoid = _unary(ops.sigmoid, "1 / (1 + e^-input), between 0 and 1.", "0.0, 2.0", "0.5000, 0.8808")
erf = _unary(activation_ops.erf, "The error function 2/√π ∫₀ˣ e^(-t²) dt.", "0.0, 1.0", "0.0000, 0.8427")
erfc = _unary(activation_ops.erfc, "1 - erf(input), exact also where it is tiny.", "0.0, 4.0", "1.0000e+00, 1.5417e-08")
hypot = _binary(ops.hypot, "The long side √(input² + other²).", "3.0, 5.0; 4.0, 12.0", " 5., 13.", 2)
logaddexp = _binary(ops.logaddexp, "log(eᵃ + eᵇ), without overflow.", "0.0, 1.0; 0.0, 1.0", "0.6931, 1.6931", 2)
frac = _unary(ops.frac, "What trunc leaves: the digits after the point.", "1.5, -2.25", " 0.5000, -0.2500")
floor = _unary(ops.floor, "The largest whole number that is not above.", "1.5, -1.5", " 1., -2.")
ceil = _unary(ops.ceil, "The smallest whole number that is not below.", "1.5, -1.5", " 2., -1.")
trunc = _unary(ops.trunc, "The whole number next towards 0.", "1.5, -1.5", " 1., -1.")


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """The nearest whole number, or with `decimals` digits after the point; halves go to the even one.

    >>> import tinytorch as torch
    >>> torch.tensor([0.5, 1.5, -1.2]).round()
    tensor([ 0.,  2., -1.])
    """
    return apply(ops.round, input, decimals=decimals)


def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """log(x / (1 - x)), the inverse of sigmoid; with `eps`, x is clamped to [eps, 1 - eps] first."""
    return apply(ops.logit, input if eps is None else clamp(input, eps, 1 - eps))


def nan_to_num(input: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """Numbers for nan and the infinities: 0 and the type's largest and smallest, unless told."""
    return apply(ops.nan_to_num, input, nan=nan, posinf=posinf, neginf=neginf)


# ---------------------------------------------------------------------------------------------- truth values
eq, ne = _binary(ops.eq, "Whether the two are equal."), _binary(ops.ne, "Whether the two differ.")
lt, le = _binary(ops.lt, "Whether input < other."), _binary(ops.le, "Whether input <= other.")
gt, ge = _binary(ops.gt, "Whether input > other."), _binary(ops.ge, "Whether input >= other.")
logical_and = _binary(ops.logical_and, "Whether both are true (not zero).", "1, 2; 0, 3", "False,  True", 2)
logical_or = _binary(ops.logical_or, "Whether either is true (not zero).", "0, 2; 0, 0", "False,  True", 2)
logical_xor = _binary(ops.logical_xor, "Whether exactly one is true (not zero).", "1, 2; 0, 3", " True, False", 2)
logical_not = _unary(ops.logical_not, "Whether the element is zero.", "0, 2", " True, False")
bitwise_and = _binary(ops.bitwise_and, "input & other, of integers or truth values.", "6, 5; 3, 3", "2, 1", 0)
bitwise_or = _binary(ops.bitwise_or, "input | other, of integers or truth values.", "6, 5; 3, 3", "7, 7", 0)
bitwise_xor = _binary(ops.bitwise_xor, "input ^ other, of integers or truth values.", "6, 5; 3, 3", "5, 6", 0)
bitwise_not = _unary(ops.bitwise_not, "~input: every bit, or truth value, turned round.", "0, 5", "-1, -6")
bitwise_left_shift = _binary(ops.bitwise_left_shift, "input << other, of integers.", "1, 3; 2, 2", " 4, 12")
bitwise_right_shift = _binary(ops.bitwise_right_shift, "input >> other, of integers.", "4, 13; 2, 2", "1, 3")
isnan = _unary(ops.isnan, "Whether the element is not a number.", "1.0, torch.nan", "False,  True")
isinf = _unary(ops.isinf, "Whether the element is infinite.", "1.0, -torch.inf", "False,  True")
isfinite = _unary(ops.isfinite, "Whether the element is neither infinite nor nan.", "1.0, torch.nan", " True, False")
isposinf, isneginf = _unary(ops.isposinf, "Whether it is +infinity."), _unary(ops.isneginf, "Whether it is -infinity.")
signbit = _unary(ops.signbit, "Whether the sign is minus, also that of -0.", "-0.0, 1.0", " True, False")


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether the two have the same shape and the same elements.

    >>> import tinytorch as torch
    >>> torch.equal(torch.tensor([1, 2]), torch.tensor([1, 2]))
    True
    """
    need_tensors("equal", input, other)
    return input.shape == other.shape and bool((input == other).all())


def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """|input - other| <= atol + rtol |other|, element by element."""
    same_type("isclose", input, other)
    if rtol < 0 or atol < 0:
        raise RuntimeError(f"isclose: no tolerance may be negative, got rtol={rtol}, atol={atol}")
    return apply(ops.isclose, input, other, rtol=rtol, atol=atol, equal_nan=equal_nan)


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether `isclose` holds everywhere."""
    return bool(isclose(input, other, rtol, atol, equal_nan).all())


def isin(elements: Other, test_elements: Other, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Whether each of `elements` is among `test_elements`; `invert` asks whether it is not."""
    return apply(ops.isin, elements, test_elements, invert=invert)


# ---------------------------------------------------------------------------------------------- choosing
def where(condition: Tensor, input: Other | None = None, other: Other | None = None) -> Any:
    """`input` where the condition holds, elsewhere `other`; with a condition alone, `nonzero(as_tuple=True)`.

    >>> import tinytorch as torch
    >>> x = torch.tensor([-1.0, 2.0])
    >>> torch.where(x > 0, x, 0.0)
    tensor([0., 2.])
    """
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    if condition.dtype.name not in ("bool", "uint8"):
        raise RuntimeError(f"where: the condition must be a bool tensor, not {condition.dtype}: compare, as in x > 0")
    return apply(ops.where, condition, input, other)


def masked_fill(input: Tensor, mask: Tensor, value: Other) -> Tensor:
    """`value` where the mask is True, elsewhere `input`. The mask broadcasts to the shape of `input`."""
    if mask.dtype.name != "bool":
        raise RuntimeError(f"masked_fill: the mask must be a bool tensor, not {mask.dtype}: compare, as in mask == 0")
    if getattr(value, "ndim", 0):
        raise RuntimeError(f"masked_fill: the value must be a number or a 0-d tensor, not {value}")
    if isinstance(value, (int, float)):
        fitting(value, input._array.dtype)
    return apply(ops.masked_fill, input, mask, value)


def clone(input: Tensor, *, memory_format: object = None) -> Tensor:
    """A copy that gradients flow through; `memory_format=torch.contiguous_format` lays its elements in order."""
    return apply(ops.clone, input, order="K" if memory_format in (None, "torch.preserve_format") else "C")


# ---------------------------------------------------------------------------------------------- PyTorch's other names
subtract, multiply, divide, true_divide, negative, absolute = sub, mul, div, div, neg, abs
clip, fix, sgn = clamp, trunc, sign
arcsin, arccos, arctan, arctan2, arcsinh, arccosh, arctanh = asin, acos, atan, atan2, asinh, acosh, atanh
not_equal, less, less_equal, greater, greater_equal = ne, lt, le, gt, ge
