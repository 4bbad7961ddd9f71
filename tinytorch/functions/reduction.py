"""Functions that reduce along dimensions. `dim=None` reduces all; `keepdim=True` leaves the reduced ones as size 1."""

from __future__ import annotations

import functools
from collections import namedtuple
from collections.abc import Callable, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tinytorch.autograd import apply
from tinytorch.dtypes import INT64, Array, Number, dtype
from tinytorch.errors import dimension, dimensions, need, need_tensors
from tinytorch.functions import numpy_names
from tinytorch.functions.elementwise import maximum, minimum
from tinytorch.ops import indexing as indexing_ops
from tinytorch.ops import reduction as ops

__all__ = [
    "all", "amax", "amin", "any", "argmax", "argmin", "count_nonzero", "cumprod", "cumsum", "logsumexp", "max", "mean",
    "median", "min", "prod", "std", "std_mean", "sum", "var", "var_mean",
]  # fmt: skip

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

Dim: TypeAlias = int | Sequence[int] | None


@functools.cache  # made when first returned: each takes as long as importing a file
def named_pair(name: str, *fields: str) -> Any:
    """The class of the pair that the function called `name` returns, which prints under that name as PyTorch's."""

    def show(pair: Any) -> str:
        return f"torch.return_types.{name}(\n{fields[0]}={pair[0]!r},\n{fields[1]}={pair[1]!r})"

    return type(name, (namedtuple(name, fields),), {"__repr__": show})


def search(name: str, input: Tensor, dim: int, find: Callable[[Array, int], Array], keepdim: bool = True) -> Any:
    """The elements along `dim` at the indices that `find(array, axis)` gives, and these indices."""
    axis = dimension(dim, input.ndim, name)
    lines = input if input.ndim else input.reshape(1)
    indices = find(lines._array, axis)
    values = apply(indexing_ops.gather, lines, index=indices, axis=axis)
    both = values, input._wrap(np.asarray(indices, INT64))
    return named_pair(name, "values", "indices")(*(x if keepdim and input.ndim else x.squeeze(axis) for x in both))


def sum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The sum; integers and booleans add up in int64.

    >>> import tinytorch as torch
    >>> torch.tensor([[1, 2], [3, 4]]).sum(dim=1)
    tensor([3, 7])
    """
    input, kind = _in_type(input, dtype)
    return apply(ops.sum, input, axis=_axes(input, dim, "sum"), keep=keepdim, kind=kind)


def mean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The arithmetic mean of a floating tensor.

    >>> import tinytorch as torch
    >>> torch.tensor([[1.0, 2.0], [3.0, 5.0]]).mean(0)
    tensor([2.0000, 3.5000])
    """
    input = input if dtype is None else input.to(dtype)
    return apply(ops.mean, _floating(input, "mean"), axis=_axes(input, dim, "mean"), keep=keepdim)


def _spread(op: Any, name: str, what: str) -> Callable[..., Any]:
    def spread(
        input: Tensor, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Number | None = None
    ) -> Any:
        if isinstance(dim, bool):  # var(False): PyTorch's older spelling of var(unbiased=False)
            dim, unbiased = None, dim
        if correction is None:
            correction = 1 if unbiased is None else int(unbiased)
        axes = _axes(_floating(input, name), dim, name)
        found = apply(op, input, axis=axes, keep=keepdim, correction=correction)
        return (found, mean(input, dim, keepdim)) if name.endswith("_mean") else found

    spread.__name__, spread.__doc__ = name, what
    return spread


var = _spread(ops.var, "var", "The variance: squared deviations divided by n - correction (1; 0 if unbiased=False).")
std = _spread(ops.std, "std", "The standard deviation, the square root of `var`.")
var_mean = _spread(ops.var, "var_mean", "The variance and the mean, a pair.")
std_mean = _spread(ops.std, "std_mean", "The standard deviation and the mean, a pair.")


def _floating(input: Tensor, operation: str) -> Tensor:
    if input._array.dtype.kind != "f":
        raise RuntimeError(f"{operation} needs a floating tensor, not {input.dtype}: use x.float()")
    return input


def _axes(input: Tensor, dim: Dim, operation: str) -> tuple[int, ...]:
    need_tensors(operation, input)
    return dimensions(dim, input.ndim, operation)


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The product; its gradient is right also where an element is 0."""
    if dim is not None and not isinstance(dim, int):
        raise TypeError(f"prod: dim must be one integer or None, not {dim!r}")
    input, kind = _in_type(input, dtype)
    return apply(ops.prod, input, axis=_axes(input, dim, "prod"), keep=keepdim, kind=kind)


def amax(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The largest element; equal ones share the gradient."""
    return apply(ops.amax, input, axis=_not_empty(input, dim, "amax"), keep=keepdim)


def amin(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The smallest element; equal ones share the gradient."""
    return apply(ops.amin, input, axis=_not_empty(input, dim, "amin"), keep=keepdim)


def max(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The largest element; with `dim`, (values, indices) along it; with a tensor, `maximum`.

    >>> import tinytorch as torch
    >>> torch.tensor([[1.0, 5.0], [7.0, 2.0]]).max(dim=1).indices
    tensor([1, 0])
    """
    return _extreme("max", maximum, ops.amax, input, dim, keepdim, other)


def min(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The smallest element; with `dim`, (values, indices) along it; with a tensor, `minimum`."""
    return _extreme("min", minimum, ops.amin, input, dim, keepdim, other)


def _extreme(name: str, of_two: Any, of_all: Any, input: Tensor, dim: Any, keepdim: bool, other: Tensor | None) -> Any:
    if other is not None or not isinstance(dim, (int, NoneType)):
        return of_two(input, dim if other is None else other)
    axes = _not_empty(input, dim, name)
    if dim is None:
        return apply(of_all, input, axis=axes, keep=False, nan_wins=True)
    return search(name, input, dim, lambda x, axis: getattr(x, f"arg{name}")(axis, keepdims=True), keepdim)


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The middle element in order of size, the lower of two; with `dim`, (values, indices) along it.

    >>> import tinytorch as torch
    >>> torch.tensor([4.0, 1.0, 3.0, 2.0]).median()
    tensor(2.)
    """
    if dim is None:
        return apply(ops.median, input)
    _not_empty(input, dim, "median")

    def middle(x: Array, axis: int) -> Array:  # the first nan, if there is one
        nan, order = np.isnan(x), x.argsort(axis, kind="stable").take([(x.shape[axis] - 1) // 2], axis)
        return np.where(nan.any(axis, keepdims=True), nan.argmax(axis, keepdims=True), order)

    return search("median", input, dim, middle, keepdim)


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the largest element, the first one where several are equal.

    >>> import tinytorch as torch
    >>> torch.tensor([[1.0, 5.0], [7.0, 2.0]]).argmax(1)
    tensor([1, 0])
    """
    return _arg_extreme(ops.argmax, input, dim, keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the smallest element, the first one where several are equal."""
    return _arg_extreme(ops.argmin, input, dim, keepdim)


def _arg_extreme(op: Any, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    _not_empty(input, dim, op.__name__)
    need(input.dtype.name != "bool", f"{op.__name__} of truth values is not defined: use x.int()", RuntimeError)
    axis = None if dim is None or not input.ndim else dimension(dim, input.ndim, op.__name__)
    return apply(op, input, axis=axis, keep=keepdim)


def _not_empty(input: Tensor, dim: Dim, operation: str) -> tuple[int, ...]:
    """The dimensions, none of which may be empty: nothing is the largest of no elements."""
    axes = _axes(input, dim, operation)
    if 0 in [input.shape[i] for i in axes]:
        error = RuntimeError if dim in (None, ()) and not operation.startswith("arg") else IndexError
        along = "" if dim in (None, ()) else f" along dim {dim}"
        raise error(f"{operation}: a tensor of shape {tuple(input.shape)} has no elements{along}")
    return axes


def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether every element is true (not zero)."""
    return apply(ops.all, input, axis=_axes(input, dim, "all"), keep=keepdim)


def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether some element is true (not zero)."""
    return apply(ops.any, input, axis=_axes(input, dim, "any"), keep=keepdim)


def logsumexp(input: Tensor, dim: int | Sequence[int], keepdim: bool = False) -> Tensor:
    """log(sum(exp(input))), computed so that large elements don't overflow."""
    return apply(ops.logsumexp, input, axis=_axes(input, dim, "logsumexp"), keep=keepdim)


def count_nonzero(input: Tensor, dim: Dim = None) -> Tensor:
    """How many elements are not zero."""
    return sum(input != 0, dim)


# ---------------------------------------------------------------------------------------------- along a dimension
def cumsum(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """The running sum along `dim`."""
    return _running(ops.cumsum, ops.sum, input, dim, dtype)


def cumprod(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """The running product along `dim`; its gradient is right also where an element is 0."""
    return _running(ops.cumprod, ops.prod, input, dim, dtype)


def _running(op: Any, whole: Any, input: Tensor, dim: int, dtype: dtype | None) -> Tensor:
    axis = dimension(dim, input.ndim, op.__name__)
    input, kind = _in_type(input, dtype)
    return apply(op, input, axis=axis, kind=kind) if input.ndim else apply(whole, input, axis=(), keep=False, kind=kind)


def _in_type(input: Tensor, dtype: dtype | None) -> tuple[Tensor, Any]:
    """The tensor, and the type to add it up in, if one was asked for."""
    return (input, None) if dtype is None else (input.to(dtype), dtype.numpy)


numpy_names(globals())
