"""The element types of tensors, and PyTorch's rules for mixing them.

NumPy and PyTorch disagree when types meet: `int64 * 2.5` is float64 in NumPy and float32 in PyTorch, and
NumPy 1 and 2 disagree with each other about 0-d arrays. So the common type is always worked out here.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Number: TypeAlias = int | float | bool


class dtype:
    """An element type, such as `torch.float32`; prints by the name that programs use for it.

    >>> import tinytorch as torch
    >>> torch.tensor([1.5]).dtype, torch.float16.itemsize, torch.int64.is_floating_point
    (torch.float32, 2, False)
    """

    is_complex = False

    def __init__(self, name: str) -> None:
        self.name, self.numpy = name, np.dtype(name)

    @property
    def is_floating_point(self) -> bool:
        """Whether the type holds real numbers (and so can carry gradients)."""
        return self.numpy.kind == "f"

    @property
    def itemsize(self) -> int:
        """Bytes per element."""
        return self.numpy.itemsize

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name if self.name != "bool" else "bool_"  # unpickled and copied as the one object it is


class _Absent(dtype):
    """A type that PyTorch has and tensors here do not hold: a name, for programs that list types; use is refused."""

    def __init__(self, name: str) -> None:
        self.name, self.is_complex = name, name.startswith("complex")

    def __getattr__(self, attribute: str) -> Any:
        if attribute == "numpy":
            raise RuntimeError(f"TinyTorch has no tensors of {self}: use torch.float32")
        raise AttributeError(f"{self} has no {attribute}")


DTYPES = tuple(map(dtype, ("float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool")))
float16, float32, float64, uint8, int8, int16, int32, int64, bool_ = DTYPES
half, double, short, long = float16, float64, int16, int64
SHORT_NAMES = dict(zip(("half", "float", "double", "byte", "char", "short", "int", "long", "bool"), DTYPES))
bfloat16, complex64, complex128 = _Absent("bfloat16"), _Absent("complex64"), _Absent("complex128")

_BY_NUMPY = {each.numpy: each for each in DTYPES}
FLOAT32, FLOAT64, INT64, UINT8, BOOL = (each.numpy for each in (float32, float64, int64, uint8, bool_))
_PYTHON = {bool: BOOL, int: INT64, float: FLOAT32}  # set_default_dtype changes the last
RANK = {"b": 0, "u": 1, "i": 1, "f": 2}


def from_numpy_dtype(kind: np.dtype[Any]) -> dtype:
    """The TinyTorch name of a NumPy dtype; `TypeError` for one that tensors do not hold."""
    if kind not in _BY_NUMPY:
        names = ", ".join(each.name for each in DTYPES)
        raise TypeError(f"tensors hold {names}; not NumPy's {kind} (convert the array with .astype first)")
    return _BY_NUMPY[kind]


def to_numpy_dtype(kind: object) -> np.dtype[Any]:
    """The NumPy dtype of `torch.float32`, `float`, `int`, `bool` or a NumPy dtype."""
    if isinstance(kind, dtype):
        return kind.numpy
    if kind in (bool, int, float) or isinstance(kind, np.dtype):
        return INT64 if kind is int else from_numpy_dtype(np.dtype(kind)).numpy  # type: ignore[call-overload, unused-ignore]
    raise TypeError(f"dtype must be one such as torch.float32, not {kind!r}")


def promote_types(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """The smallest type that both convert to, as PyTorch has it: any float beats any integer."""
    if (a.kind == "f") != (b.kind == "f"):
        return a if a.kind == "f" else b
    return np.promote_types(a, b)


def _over(higher: np.dtype[Any] | None, lower: np.dtype[Any] | None) -> np.dtype[Any] | None:
    """`lower` can raise `higher` to a new category (bool < integer < float) but never widen it."""
    if higher is None or lower is None:
        return lower if higher is None else higher
    return promote_types(higher, lower) if RANK[lower.kind] > RANK[higher.kind] else higher


def result_type(*operands: Array | Number) -> np.dtype[Any]:
    """The type in which an operation on `operands` is computed.

    Arrays with dimensions decide first, then 0-d arrays, then Python numbers: the later ones count only if
    they are of a higher category. Source: PyTorch's documentation of type promotion.
    """
    tiers: list[np.dtype[Any] | None] = [None, None, None]
    for operand in operands:
        if isinstance(operand, np.ndarray):
            tier, kind = (0 if operand.ndim else 1), operand.dtype
        elif type(operand) in _PYTHON:
            tier, kind = 2, _PYTHON[type(operand)]
        else:
            raise TypeError(f"expected a tensor or a number, got {type(operand).__name__} {operand!r}")
        known = tiers[tier]
        tiers[tier] = kind if known is None else promote_types(known, kind)
    dimensioned, zero_dimensional, number = tiers
    result = _over(_over(dimensioned, zero_dimensional), number)
    assert result is not None, "result_type needs at least one operand"
    return result


def promote(a: Array | Number, b: Array | Number) -> tuple[Array, Array]:
    """Both operands in their common type."""
    if isinstance(a, np.ndarray):  # the two usual cases first
        if isinstance(b, np.ndarray) and a.dtype is b.dtype:
            return a, b
        if a.dtype.kind == "f" and type(b) in (float, int):
            return a, _scalar(b, a.dtype)  # type: ignore[arg-type]
    kind = result_type(a, b)
    return convert(a, kind), convert(b, kind)


def convert(value: Array | Number, kind: np.dtype[Any]) -> Array:
    """`value` in the given type; a Python number becomes a NumPy scalar, which costs less than an array."""
    if isinstance(value, np.ndarray):
        return value if value.dtype is kind else value.astype(kind)
    if kind.kind in "iu":
        return np.asarray(value).astype(kind)  # a number out of range wraps round, as in PyTorch
    return _scalar(value, kind)


def _scalar(number: Number, kind: np.dtype[Any]) -> Any:
    if -65504 <= number <= 65504:  # as every floating type does
        return kind.type(number)
    with np.errstate(over="ignore"):  # which takes longer than the rest
        return kind.type(number)


def fitting(value: Any, kind: np.dtype[Any]) -> Array:
    """A constant in the given type; `RuntimeError` if it is out of range (but the unsigned type takes -1 as 255)."""
    if kind.kind in "iu" or (kind.kind == "f" and math.isfinite(value)):
        limits = np.finfo(kind) if kind.kind == "f" else np.iinfo(kind)
        least, most = (np.asarray(each).item() for each in (limits.min, limits.max))
        lowest = -most if kind.kind == "u" and isinstance(value, int) else least
        if not lowest <= value <= most:
            raise RuntimeError(f"{value} is out of the range of {kind}, {least} to {most}")
    return np.asarray(convert(value, kind))


def floating(x: Array) -> Array:
    """`x` itself, or in the default float type where it holds integers or booleans."""
    return x if x.dtype.kind == "f" else x.astype(_PYTHON[float])


def default_float() -> np.dtype[Any]:
    """The NumPy type of tensors made from Python floats."""
    return _PYTHON[float]


def get_default_dtype() -> dtype:
    """The type of tensors made from Python floats: float32, unless `set_default_dtype` chose another."""
    return from_numpy_dtype(_PYTHON[float])


def set_default_dtype(d: dtype) -> None:
    """Choose the type of tensors made from Python floats, and of what is computed from whole numbers and floats."""
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError(f"set_default_dtype needs a floating type such as torch.float64, not {d!r}")
    _PYTHON[float] = d.numpy


class _Limits:
    def __repr__(self) -> str:
        shown = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        numbers = "".join(f"{name}={vars(self)[name]:g}, " for name in shown if name in vars(self))
        return f"{type(self).__name__}({numbers}dtype={vars(self)['dtype']})"


class finfo(_Limits):
    """The limits of a floating type.

    >>> import tinytorch as torch
    >>> torch.finfo(torch.float16).max
    65504.0
    """

    def __init__(self, type: dtype | None = None) -> None:
        kind = (type or get_default_dtype()).numpy
        if kind.kind != "f":
            raise TypeError(f"finfo is for floating types, not {type}: use torch.iinfo")
        info = np.finfo(kind)
        self.bits, self.dtype, self.resolution = info.bits, kind.name, 10.0**-info.precision
        self.min, self.max, self.eps, self.tiny = (float(x) for x in (info.min, info.max, info.eps, info.tiny))
        self.smallest_normal = self.tiny


class iinfo(_Limits):
    """The limits of an integer type."""

    def __init__(self, type: dtype) -> None:
        if type.is_floating_point:
            raise TypeError(f"iinfo is for integer types, not {type}: use torch.finfo")
        info = np.iinfo(type.numpy)
        self.bits, self.dtype, self.max, self.min = info.bits, type.name, int(info.max), int(info.min)
