"""Functions of each element: arithmetic, comparison, the usual functions of a real number.

Shapes broadcast (a size of 1, or a missing leading dimension, is repeated); types mix by PyTorch's rules. Most rows of
the tables below read: operation, what it computes, an example's input and its result, which doctest runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from tinytorch.autograd import Recorded, apply
from tinytorch.dtypes import Number
from tinytorch.errors import need_tensors
from tinytorch.ops import activation as activation_ops
from tinytorch.ops import elementwise as ops

__all__ = [
    "abs",
    "absolute",
    "add",
    "allclose",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "ceil",
    "clamp",
    "clip",
    "clone",
    "cos",
    "div",
    "divide",
    "eq",
    "equal",
    "erf",
    "exp",
    "floor",
    "floor_divide",
    "ge",
    "gt",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "le",
    "log",
    "log1p",
    "log2",
    "log10",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "lt",
    "masked_fill",
    "maximum",
    "minimum",
    "mul",
    "multiply",
    "ne",
    "neg",
    "negative",
    "positive",
    "pow",
    "reciprocal",
    "remainder",
    "round",
    "rsqrt",
    "rsub",
    "sigmoid",
    "sign",
    "sin",
    "sqrt",
    "square",
    "sub",
    "subtract",
    "tanh",
    "true_divide",
    "trunc",
    "where",
]  # fmt: skip

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

    Other: TypeAlias = Tensor | Number


def _documented(function: Any, name: str, what: str, call: str, result: str) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{what}\n\n    >>> import tinytorch as torch\n    >>> {call}\n    tensor([{result}])\n    "
    return function


def _unary(op: Any, what: str, example: str, result: str) -> Callable[[Tensor], Tensor]:
    """A function of one tensor, of any shape; the result has the same shape."""

    def function(input: Tensor) -> Tensor:
        return apply(op, input)

    name = op.__name__
    return _documented(function, name, what, f"torch.{name}(torch.tensor([{example}]))", result)  # type: ignore[no-any-return]


def _binary(
    op: Any, what: str, a: str, b: str, result: str, tensors: bool = False
) -> Callable[[Tensor, Other], Tensor]:
    """A function of a tensor and another, or a number unless `tensors`; their shapes broadcast."""
    name = op.__name__

    def function(input: Tensor, other: Other) -> Tensor:
        if tensors:
            need_tensors(name, input, other)
        return apply(op, input, other)

    call = f"torch.{name}(torch.tensor([{a}]), torch.tensor([{b}]))"
    return _documented(function, name, what, call, result)  # type: ignore[no-any-return]


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
        return apply(ops.trunc, apply(ops.div, input, other)).to((input * other).dtype)
    raise RuntimeError(f'div: rounding_mode must be None, "trunc" or "floor", not {rounding_mode!r}')


def pow(input: Tensor, exponent: Other) -> Tensor:
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


mul = _binary(ops.mul, "input * other.", "1, 2", "2.5, 2.5", "2.5000, 5.0000")
floor_divide = _binary(ops.floor_divide, "The quotient rounded down (no gradient).", "7, -7", "2, 2", " 3, -4")
remainder = _binary(ops.remainder, "What division leaves, with the sign of `other`.", "7, -7", "3, 3", "1, 2")
maximum = _binary(ops.maximum, "The larger at each place; equal ones share the gradient.", "1, 5", "3, 2", "3, 5", True)
minimum = _binary(
    ops.minimum, "The smaller at each place; equal ones share the gradient.", "1, 5", "3, 2", "1, 2", True
)
neg = _unary(ops.neg, "-input.", "1, -2", "-1,  2")
abs = _unary(ops.abs, "The absolute value; its derivative at 0 is taken as 0.", "1, -2", "1, 2")
sign = _unary(ops.sign, "-1, 0 or 1.", "-3, 0, 5", "-1,  0,  1")
square = _unary(ops.square, "input * input.", "-3, 4", " 9, 16")


def rsub(input: Tensor, other: Other) -> Tensor:
    """other - input."""
    return apply(ops.sub, other, input)


def rdiv(input: Tensor, other: Other) -> Tensor:
    """other / input."""
    return apply(ops.div, other, input)


def rfloor_divide(input: Tensor, other: Other) -> Tensor:
    """The quotient other / input rounded down (no gradient)."""
    return apply(ops.floor_divide, other, input)


def rremainder(input: Tensor, other: Other) -> Tensor:
    """other modulo input."""
    return apply(ops.remainder, other, input)


def rpow(input: Tensor, other: Other) -> Tensor:
    """other to the power of `input`."""
    return apply(ops.pow, other, input).contiguous()


def positive(input: Tensor) -> Tensor:
    """The tensor itself."""
    return input


# PyTorch's other names for the same functions
subtract, multiply, divide, true_divide, negative, absolute, clip = sub, mul, div, div, neg, abs, clamp

# ---------------------------------------------------------------------------------------------- real functions
exp = _unary(ops.exp, "e to the power of each element.", "0.0, 1.0", "1.0000, 2.7183")
log = _unary(ops.log, "The natural logarithm: -inf at 0, nan below.", "1.0, 0.0", "0., -inf")
log2 = _unary(ops.log2, "The logarithm to base 2.", "8.0, 10.0", "3.0000, 3.3219")
log10 = _unary(ops.log10, "The logarithm to base 10.", "2.0, 100.0", "0.3010, 2.0000")
log1p = _unary(ops.log1p, "log(1 + input), exact also for tiny values.", "0.0, 1e-10", "0.0000e+00, 1.0000e-10")
sqrt = _unary(ops.sqrt, "The square root: nan below 0.", "4.0, -1.0", "2., nan")
rsqrt = _unary(ops.rsqrt, "1 / sqrt(input).", "4.0, 0.0", "0.5000,    inf")
reciprocal = _unary(ops.reciprocal, "1 / input.", "4.0, 0.5", "0.2500, 2.0000")
sin = _unary(ops.sin, "The sine of an angle in radians.", "0.0, 0.5", "0.0000, 0.4794")
cos = _unary(ops.cos, "The cosine of an angle in radians.", "0.0, 0.5", "1.0000, 0.8776")
tanh = _unary(ops.tanh, "The hyperbolic tangent, between -1 and 1.", "0.0, 1.0", "0.0000, 0.7616")
sigmoid = _unary(ops.sigmoid, "1 / (1 + e^-input), between 0 and 1.", "0.0, 2.0", "0.5000, 0.8808")
erf = _unary(activation_ops.erf, "The error function 2/√π ∫₀ˣ e^(-t²) dt.", "0.0, 1.0", "0.0000, 0.8427")
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


# ---------------------------------------------------------------------------------------------- truth values
eq = _binary(ops.eq, "Whether the two are equal.", "1, 2", "1, 3", " True, False")
ne = _binary(ops.ne, "Whether the two differ.", "1, 2", "1, 3", "False,  True")
lt = _binary(ops.lt, "input < other.", "1, 2", "2, 2", " True, False")
le = _binary(ops.le, "input <= other.", "1, 3", "2, 2", " True, False")
gt = _binary(ops.gt, "input > other.", "1, 3", "2, 2", "False,  True")
ge = _binary(ops.ge, "input >= other.", "1, 2", "2, 2", "False,  True")
logical_and = _binary(ops.logical_and, "Whether both are true (not zero).", "1, 2", "0, 3", "False,  True", True)
logical_or = _binary(ops.logical_or, "Whether either is true (not zero).", "0, 2", "0, 0", "False,  True", True)
logical_xor = _binary(ops.logical_xor, "Whether exactly one is true (not zero).", "1, 2", "0, 3", " True, False", True)
logical_not = _unary(ops.logical_not, "Whether the element is zero.", "0, 2", " True, False")
bitwise_and = _binary(ops.bitwise_and, "input & other, of integers or truth values.", "6, 5", "3, 3", "2, 1")
bitwise_or = _binary(ops.bitwise_or, "input | other, of integers or truth values.", "6, 5", "3, 3", "7, 7")
bitwise_xor = _binary(ops.bitwise_xor, "input ^ other, of integers or truth values.", "6, 5", "3, 3", "5, 6")
bitwise_not = _unary(ops.bitwise_not, "~input: every bit, or truth value, turned round.", "0, 5", "-1, -6")
isnan = _unary(ops.isnan, "Whether the element is not a number.", "1.0, torch.nan", "False,  True")
isinf = _unary(ops.isinf, "Whether the element is infinite.", "1.0, -torch.inf", "False,  True")
isfinite = _unary(ops.isfinite, "Whether the element is neither infinite nor nan.", "1.0, torch.nan", " True, False")


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
    if input.dtype is not other.dtype:
        raise RuntimeError(f"isclose and allclose need tensors of one type, got {input.dtype} and {other.dtype}")
    return apply(ops.isclose, input, other, rtol=rtol, atol=atol, equal_nan=equal_nan)


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether `isclose` holds everywhere."""
    return bool(isclose(input, other, rtol, atol, equal_nan).all())


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
    if isinstance(value, Recorded) and value._array.ndim:
        raise RuntimeError(
            f"masked_fill: the value must be a number or a 0-d tensor, not of shape {value._array.shape}"
        )
    return apply(ops.masked_fill, input, mask, value)


def clone(input: Tensor, *, memory_format: object = None) -> Tensor:
    """A copy that gradients flow through; `memory_format=torch.contiguous_format` lays its elements in order."""
    return apply(ops.clone, input, order="K" if memory_format is None else "C")
