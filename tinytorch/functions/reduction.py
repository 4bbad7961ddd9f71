"""Functions that reduce along dimensions. `dim=None` reduces all; `keepdim=True` leaves the reduced ones as size 1."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from tinytorch.autograd import apply
from tinytorch.dtypes import Number, dtype
from tinytorch.errors import dimension, dimensions, need_tensors
from tinytorch.functions.elementwise import maximum, minimum
from tinytorch.ops import indexing as indexing_ops
from tinytorch.ops import reduction as ops

__all__ = [
    "all", "amax", "amin", "any", "argmax", "argmin", "cumsum", "logsumexp", "max", "mean", "min", "norm", "prod",
    "std", "sum", "var",
]  # fmt: skip

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

Dim: TypeAlias = int | Sequence[int] | None
Function = TypeVar("Function", bound=Callable[..., Any])


def _with_numpy_names(function: Function) -> Function:
    """Let `axis` and `keepdims` stand for `dim` and `keepdim`, as in PyTorch."""

    @functools.wraps(function)
    def named(*args: Any, **kwargs: Any) -> Any:
        if "axis" in kwargs:
            kwargs["dim"] = kwargs.pop("axis")
        if "keepdims" in kwargs:
            kwargs["keepdim"] = kwargs.pop("keepdims")
        return function(*args, **kwargs)

    return named  # type: ignore[return-value]


class Max(NamedTuple):
    """What `max` along a dimension returns."""

    values: Tensor
    indices: Tensor

    def __repr__(self) -> str:
        return f"torch.return_types.{type(self).__name__.lower()}(\nvalues={self.values},\nindices={self.indices})"


class Min(Max):
    """What `min` along a dimension returns."""


@_with_numpy_names
def sum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The sum; integers and booleans add up in int64.

    >>> import tinytorch as torch
    >>> torch.tensor([[1, 2], [3, 4]]).sum(dim=1)
    tensor([3, 7])
    """
    input, kind = _in_type(input, dtype)
    return apply(ops.sum, input, axis=_axes(input, dim, "sum"), keep=keepdim, kind=kind)


@_with_numpy_names
def mean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The arithmetic mean of a floating tensor.

    >>> import tinytorch as torch
    >>> torch.tensor([[1.0, 2.0], [3.0, 5.0]]).mean(0)
    tensor([2.0000, 3.5000])
    """
    input = input if dtype is None else input.to(dtype)
    return apply(ops.mean, _floating(input, "mean"), axis=_axes(input, dim, "mean"), keep=keepdim)


@_with_numpy_names
def var(
    input: Tensor,
    dim: Dim | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: Number | None = None,
) -> Tensor:
    """The variance: squared deviations divided by n - correction (1 unless told; 0 with unbiased=False)."""
    return _spread(ops.var, input, dim, unbiased, keepdim, correction)


@_with_numpy_names
def std(
    input: Tensor,
    dim: Dim | bool = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: Number | None = None,
) -> Tensor:
    """The standard deviation, the square root of `var`."""
    return _spread(ops.std, input, dim, unbiased, keepdim, correction)


def _spread(
    op: Any, input: Tensor, dim: Dim | bool, unbiased: bool | None, keepdim: bool, correction: Number | None
) -> Tensor:
    if isinstance(dim, bool):  # var(False): PyTorch's older spelling of var(unbiased=False)
        dim, unbiased = None, dim
    if correction is None:
        correction = 1 if unbiased is None else int(unbiased)
    return apply(op, _floating(input, op.__name__), axis=_axes(input, dim, "var"), keep=keepdim, correction=correction)


def _floating(input: Tensor, operation: str) -> Tensor:
    if input._array.dtype.kind != "f":
        raise RuntimeError(f"{operation} needs a floating tensor, not {input.dtype}: use x.float()")
    return input


def _axes(input: Tensor, dim: Dim, operation: str) -> tuple[int, ...]:
    need_tensors(operation, input)
    return dimensions(dim, input.ndim, operation)


@_with_numpy_names
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The product; its gradient is right also where an element is 0."""
    if dim is not None and not isinstance(dim, int):
        raise TypeError(f"prod: dim must be one integer or None, not {dim!r}")
    input, kind = _in_type(input, dtype)
    return apply(ops.prod, input, axis=_axes(input, dim, "prod"), keep=keepdim, kind=kind)


@_with_numpy_names
def amax(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The largest element; equal ones share the gradient."""
    return apply(ops.amax, input, axis=_not_empty(input, dim, "amax"), keep=keepdim)


@_with_numpy_names
def amin(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The smallest element; equal ones share the gradient."""
    return apply(ops.amin, input, axis=_not_empty(input, dim, "amin"), keep=keepdim)


@_with_numpy_names
def max(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The largest element; with `dim`, (values, indices) along it; with a tensor, `maximum`.

    >>> import tinytorch as torch
    >>> torch.tensor([[1.0, 5.0], [7.0, 2.0]]).max(dim=1).indices
    tensor([1, 0])
    """
    if other is not None or not isinstance(dim, (int, NoneType)):
        return maximum(input, dim if other is None else other)  # type: ignore[arg-type]
    if dim is None:
        return apply(ops.amax, input, axis=_not_empty(input, None, "max"), keep=False, nan_wins=True)
    return _extreme(input, ops.argmax, dim, keepdim, Max)


@_with_numpy_names
def min(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The smallest element; with `dim`, (values, indices) along it; with a tensor, `minimum`."""
    if other is not None or not isinstance(dim, (int, NoneType)):
        return minimum(input, dim if other is None else other)  # type: ignore[arg-type]
    if dim is None:
        return apply(ops.amin, input, axis=_not_empty(input, None, "min"), keep=False, nan_wins=True)
    return _extreme(input, ops.argmin, dim, keepdim, Min)


def _extreme(input: Tensor, arg: Any, dim: int, keepdim: bool, result: type[Max]) -> Max:
    _not_empty(input, dim, "max and min")
    indices = apply(arg, input, axis=_axis(input, dim, "max and min"), keep=True)
    if not input.ndim:
        return result(input.clone(), indices)
    values = apply(indexing_ops.gather, input, index=indices._array, axis=dimension(dim, input.ndim, "max"))
    return result(values, indices) if keepdim else result(values.squeeze(dim), indices.squeeze(dim))


@_with_numpy_names
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the largest element, the first one where several are equal.

    >>> import tinytorch as torch
    >>> torch.tensor([[1.0, 5.0], [7.0, 2.0]]).argmax(1)
    tensor([1, 0])
    """
    _not_empty(input, dim, "argmax")
    if input.dtype.name == "bool":
        raise RuntimeError("argmax of truth values is not defined: use x.int()")
    return apply(ops.argmax, input, axis=_axis(input, dim, "argmax"), keep=keepdim)


@_with_numpy_names
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the smallest element, the first one where several are equal."""
    _not_empty(input, dim, "argmin")
    if input.dtype.name == "bool":
        raise RuntimeError("argmin of truth values is not defined: use x.int()")
    return apply(ops.argmin, input, axis=_axis(input, dim, "argmin"), keep=keepdim)


def _axis(input: Tensor, dim: int | None, operation: str) -> int | None:
    return None if dim is None or not input.ndim else dimension(dim, input.ndim, operation)


def _not_empty(input: Tensor, dim: Dim, operation: str) -> tuple[int, ...]:
    """The dimensions, none of which may be empty: nothing is the largest of no elements."""
    axes = _axes(input, dim, operation)
    if 0 in [input.shape[i] for i in axes]:
        error = RuntimeError if dim in (None, ()) and not operation.startswith("arg") else IndexError
        raise error(f"{operation}: shape {tuple(input.shape)} has no elements along dim {dim}")
    return axes


@_with_numpy_names
def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether every element is true (not zero)."""
    return apply(ops.all, input, axis=_axes(input, dim, "all"), keep=keepdim)


@_with_numpy_names
def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether some element is true (not zero)."""
    return apply(ops.any, input, axis=_axes(input, dim, "any"), keep=keepdim)


@_with_numpy_names
def logsumexp(input: Tensor, dim: int | Sequence[int], keepdim: bool = False) -> Tensor:
    """log(sum(exp(input))), computed so that large elements don't overflow."""
    return apply(ops.logsumexp, input, axis=_axes(input, dim, "logsumexp"), keep=keepdim)


@_with_numpy_names
def cumsum(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """The running sum along `dim`."""
    input, kind = _in_type(input, dtype)
    if not input.ndim:
        return apply(ops.sum, input, axis=(), keep=False, kind=kind)
    return apply(ops.cumsum, input, axis=dimension(dim, input.ndim, "cumsum"), kind=kind)


def _in_type(input: Tensor, dtype: dtype | None) -> tuple[Tensor, Any]:
    """The tensor, and the type to add it up in, if one was asked for."""
    return (input, None) if dtype is None else (input.to(dtype), dtype.numpy)


def norm(input: Tensor, p: Number | str = "fro", dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The p-norm (Σ|x|^p)^(1/p) of all elements or along `dim`; p = inf, -inf and 0 count largest, smallest, not zero.

    >>> import tinytorch as torch
    >>> torch.tensor([3.0, 4.0]).norm()
    tensor(5.)
    """
    order = 2.0 if p == "fro" else p
    if not isinstance(order, (int, float)):
        raise RuntimeError(f'norm: p must be a number or "fro", not {p!r}')
    return apply(ops.norm, _floating(input, "norm"), axis=_axes(input, dim, "norm"), keep=keepdim, p=float(order))
