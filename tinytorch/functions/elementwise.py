"""Functions of each element: arithmetic, comparison, the usual functions of a real number.

Shapes broadcast (a size of 1, or a missing leading dimension, is repeated); types mix by PyTorch's rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from tinytorch.autograd import Recorded, apply
from tinytorch.dtypes import Number
from tinytorch.errors import need_tensors
from tinytorch.ops import activation as activation_ops
from tinytorch.ops import elementwise as ops

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

    Other: TypeAlias = Tensor | Number


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
    """input - alpha * other."""
    return apply(ops.sub, input, other if alpha == 1 else other * alpha)


def rsub(input: Tensor, other: Other) -> Tensor:
    """other - input."""
    return apply(ops.sub, other, input)


def mul(input: Tensor, other: Other) -> Tensor:
    """input * other.

    >>> import tinytorch as torch
    >>> torch.tensor([1, 2]) * 2.5
    tensor([2.5000, 5.0000])
    """
    return apply(ops.mul, input, other)


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


def rdiv(input: Tensor, other: Other) -> Tensor:
    """other / input."""
    return apply(ops.div, other, input)


def floor_divide(input: Tensor, other: Other) -> Tensor:
    """The quotient rounded down (no gradient)."""
    return apply(ops.floor_divide, input, other)


def rfloor_divide(input: Tensor, other: Other) -> Tensor:
    """The quotient other / input rounded down (no gradient)."""
    return apply(ops.floor_divide, other, input)


def rremainder(input: Tensor, other: Other) -> Tensor:
    """other modulo input."""
    return apply(ops.remainder, other, input)


def remainder(input: Tensor, other: Other) -> Tensor:
    """input - other * floor(input / other): has the sign of `other`, as Python's %."""
    return apply(ops.remainder, input, other)


def pow(input: Tensor, exponent: Other) -> Tensor:
    """input to the power of `exponent`.

    >>> import tinytorch as torch
    >>> torch.tensor([1.0, 2.0, 3.0]) ** 2
    tensor([1., 4., 9.])
    """
    if isinstance(exponent, (int, float)):
        return apply(ops.power, input, exponent=exponent)
    return apply(ops.pow, input, exponent)


def rpow(input: Tensor, other: Other) -> Tensor:
    """other to the power of `input`."""
    return apply(ops.pow, other, input).contiguous()


def neg(input: Tensor) -> Tensor:
    """-input."""
    return apply(ops.neg, input)


def abs(input: Tensor) -> Tensor:
    """The absolute value; its derivative at 0 is taken as 0."""
    return apply(ops.abs, input)


def sign(input: Tensor) -> Tensor:
    """-1, 0 or 1."""
    return apply(ops.sign, input)


def square(input: Tensor) -> Tensor:
    """input * input."""
    return apply(ops.square, input)


def maximum(input: Tensor, other: Tensor) -> Tensor:
    """The larger of the two at each place; equal ones share the gradient."""
    need_tensors("maximum", input, other)
    return apply(ops.maximum, input, other)


def minimum(input: Tensor, other: Tensor) -> Tensor:
    """The smaller of the two at each place; equal ones share the gradient."""
    need_tensors("minimum", input, other)
    return apply(ops.minimum, input, other)


def clamp(input: Tensor, min: Other | None = None, max: Other | None = None) -> Tensor:
    """Values below `min` become `min`, values above `max` become `max`; no gradient flows to those."""
    if min is None and max is None:
        raise RuntimeError("clamp needs min, max or both")
    return apply(ops.clamp, input, min, max)


def positive(input: Tensor) -> Tensor:
    """The tensor itself."""
    return input


# ---------------------------------------------------------------------------------------------- real functions
def exp(input: Tensor) -> Tensor:
    """e to the power of each element."""
    return apply(ops.exp, input)


def log(input: Tensor) -> Tensor:
    """The natural logarithm: -inf at 0, nan below."""
    return apply(ops.log, input)


def log2(input: Tensor) -> Tensor:
    """The logarithm to base 2."""
    return apply(ops.log2, input)


def log10(input: Tensor) -> Tensor:
    """The logarithm to base 10."""
    return apply(ops.log10, input)


def log1p(input: Tensor) -> Tensor:
    """log(1 + input), exact also for tiny values."""
    return apply(ops.log1p, input)


def sqrt(input: Tensor) -> Tensor:
    """The square root: nan below 0."""
    return apply(ops.sqrt, input)


def rsqrt(input: Tensor) -> Tensor:
    """1 / sqrt(input)."""
    return apply(ops.rsqrt, input)


def reciprocal(input: Tensor) -> Tensor:
    """1 / input."""
    return apply(ops.reciprocal, input)


def sin(input: Tensor) -> Tensor:
    """The sine of an angle in radians."""
    return apply(ops.sin, input)


def cos(input: Tensor) -> Tensor:
    """The cosine of an angle in radians."""
    return apply(ops.cos, input)


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent, between -1 and 1."""
    return apply(ops.tanh, input)


def sigmoid(input: Tensor) -> Tensor:
    """1 / (1 + e^-input), between 0 and 1."""
    return apply(ops.sigmoid, input)


def erf(input: Tensor) -> Tensor:
    """The error function 2/√π ∫₀ˣ e^(-t²) dt."""
    return apply(activation_ops.erf, input)


def floor(input: Tensor) -> Tensor:
    """The largest whole number that is not above."""
    return apply(ops.floor, input)


def ceil(input: Tensor) -> Tensor:
    """The smallest whole number that is not below."""
    return apply(ops.ceil, input)


def trunc(input: Tensor) -> Tensor:
    """The whole number next towards 0."""
    return apply(ops.trunc, input)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """The nearest whole number, or with `decimals` digits after the point; halves go to the even one."""
    return apply(ops.round, input, decimals=decimals)


# ---------------------------------------------------------------------------------------------- truth values
def eq(input: Tensor, other: Other) -> Tensor:
    """Whether the two are equal, element by element."""
    return apply(ops.eq, input, other)


def ne(input: Tensor, other: Other) -> Tensor:
    """Whether the two differ, element by element."""
    return apply(ops.ne, input, other)


def lt(input: Tensor, other: Other) -> Tensor:
    """input < other."""
    return apply(ops.lt, input, other)


def le(input: Tensor, other: Other) -> Tensor:
    """input <= other."""
    return apply(ops.le, input, other)


def gt(input: Tensor, other: Other) -> Tensor:
    """input > other."""
    return apply(ops.gt, input, other)


def ge(input: Tensor, other: Other) -> Tensor:
    """input >= other."""
    return apply(ops.ge, input, other)


def logical_and(input: Tensor, other: Tensor) -> Tensor:
    """Whether both are true (not zero)."""
    need_tensors("logical_and", input, other)
    return apply(ops.logical_and, input, other)


def logical_or(input: Tensor, other: Tensor) -> Tensor:
    """Whether either is true (not zero)."""
    need_tensors("logical_or", input, other)
    return apply(ops.logical_or, input, other)


def logical_xor(input: Tensor, other: Tensor) -> Tensor:
    """Whether exactly one is true (not zero)."""
    need_tensors("logical_xor", input, other)
    return apply(ops.logical_xor, input, other)


def logical_not(input: Tensor) -> Tensor:
    """Whether the element is zero."""
    return apply(ops.logical_not, input)


def bitwise_and(input: Tensor, other: Other) -> Tensor:
    """input & other, of integers or truth values."""
    return apply(ops.bitwise_and, input, other)


def bitwise_or(input: Tensor, other: Other) -> Tensor:
    """input | other, of integers or truth values."""
    return apply(ops.bitwise_or, input, other)


def bitwise_xor(input: Tensor, other: Other) -> Tensor:
    """input ^ other, of integers or truth values."""
    return apply(ops.bitwise_xor, input, other)


def bitwise_not(input: Tensor) -> Tensor:
    """~input: every bit, or truth value, turned round."""
    return apply(ops.bitwise_not, input)


def isnan(input: Tensor) -> Tensor:
    """Whether the element is not a number."""
    return apply(ops.isnan, input)


def isinf(input: Tensor) -> Tensor:
    """Whether the element is infinite."""
    return apply(ops.isinf, input)


def isfinite(input: Tensor) -> Tensor:
    """Whether the element is neither infinite nor nan."""
    return apply(ops.isfinite, input)


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether the two have the same shape and the same elements."""
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


# PyTorch's other names for the same functions
subtract, multiply, divide, true_divide, negative, absolute, clip = sub, mul, div, div, neg, abs, clamp
