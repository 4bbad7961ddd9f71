"""Functions that reduce along dimensions. `dim=None` reduces all; `keepdim=True` leaves the reduced ones as size 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tinytorch.autograd import apply
from tinytorch.dtypes import Number, dtype
from tinytorch.errors import dimension, dimensions
from tinytorch.functions.elementwise import maximum, minimum
from tinytorch.ops import indexing as indexing_ops
from tinytorch.ops import reduction as ops

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

Dim: TypeAlias = int | Sequence[int] | None


class Extreme(NamedTuple):
    """What `max` and `min` along a dimension return."""

    values: Tensor
    indices: Tensor


def sum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The sum; integers and booleans add up in int64.

    >>> import tinytorch as torch
    >>> torch.tensor([[1, 2], [3, 4]]).sum(dim=1)
    tensor([3, 7])
    """
    input = input if dtype is None else input.to(dtype)
    return apply(ops.sum, input, axis=dimensions(dim, input.ndim, "sum"), keep=keepdim)


def mean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Tensor:
    """The arithmetic mean of a floating tensor.

    >>> import tinytorch as torch
    >>> torch.tensor([[1.0, 2.0], [3.0, 5.0]]).mean(0)
    tensor([2.0000, 3.5000])
    """
    input = input if dtype is None else input.to(dtype)
    if not input.dtype.is_floating_point:
        raise RuntimeError(f"mean needs a floating tensor, not {input.dtype}: use x.float().mean()")
    return apply(ops.mean, input, axis=dimensions(dim, input.ndim, "mean"), keep=keepdim)


def var(
    input: Tensor, dim: Dim = None, keepdim: bool = False, *, unbiased: bool = True, correction: Number | None = None
) -> Tensor:
    """The variance: squared deviations divided by n - correction (1 unless told; 0 where unbiased=False)."""
    if not input.dtype.is_floating_point:
        raise RuntimeError(f"var and std need a floating tensor, not {input.dtype}: use x.float()")
    correction = int(unbiased) if correction is None else correction
    return apply(ops.var, input, axis=dimensions(dim, input.ndim, "var"), keep=keepdim, correction=correction)


def std(
    input: Tensor, dim: Dim = None, keepdim: bool = False, *, unbiased: bool = True, correction: Number | None = None
) -> Tensor:
    """The standard deviation, the square root of `var`."""
    return var(input, dim, keepdim, unbiased=unbiased, correction=correction).sqrt()


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The product; its gradient is right also where an element is 0."""
    return apply(ops.prod, input, axis=dimensions(dim, input.ndim, "prod"), keep=keepdim)


def amax(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The largest element; equal ones share the gradient."""
    _refuse_empty(input, "amax")
    return apply(ops.amax, input, axis=dimensions(dim, input.ndim, "amax"), keep=keepdim)


def amin(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The smallest element; equal ones share the gradient."""
    _refuse_empty(input, "amin")
    return apply(ops.amin, input, axis=dimensions(dim, input.ndim, "amin"), keep=keepdim)


def max(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False) -> Tensor | Extreme:
    """The largest element; with `dim`, (values, indices) along it; with a tensor, `maximum`.

    >>> import tinytorch as torch
    >>> torch.tensor([[1.0, 5.0], [7.0, 2.0]]).max(dim=1).indices
    tensor([1, 0])
    """
    if dim is None:
        return amax(input)
    if not isinstance(dim, int):
        return maximum(input, dim)
    return _extreme(input, argmax(input, dim, keepdim=True), dim, keepdim)


def min(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False) -> Tensor | Extreme:
    """The smallest element; with `dim`, (values, indices) along it; with a tensor, `minimum`."""
    if dim is None:
        return amin(input)
    if not isinstance(dim, int):
        return minimum(input, dim)
    return _extreme(input, argmin(input, dim, keepdim=True), dim, keepdim)


def _extreme(input: Tensor, indices: Tensor, dim: int, keepdim: bool) -> Extreme:
    if not input.ndim:
        return Extreme(input.clone(), indices)
    values = apply(indexing_ops.gather, input, index=indices._array, axis=dimension(dim, input.ndim, "max"))
    return Extreme(values, indices) if keepdim else Extreme(values.squeeze(dim), indices.squeeze(dim))


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the largest element, the first one where several are equal.

    >>> import tinytorch as torch
    >>> torch.tensor([[1.0, 5.0], [7.0, 2.0]]).argmax(1)
    tensor([1, 0])
    """
    _refuse_empty(input, "argmax")
    return apply(ops.argmax, input, axis=_axis(input, dim, "argmax"), keep=keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index (int64) of the smallest element, the first one where several are equal."""
    _refuse_empty(input, "argmin")
    return apply(ops.argmin, input, axis=_axis(input, dim, "argmin"), keep=keepdim)


def _axis(input: Tensor, dim: int | None, operation: str) -> int | None:
    return None if dim is None or not input.ndim else dimension(dim, input.ndim, operation)


def _refuse_empty(input: Tensor, operation: str) -> None:
    if not input.numel():
        raise IndexError(f"{operation}: a tensor of shape {tuple(input.shape)} has no elements")


def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether every element is true (not zero)."""
    return apply(ops.all, input, axis=dimensions(dim, input.ndim, "all"), keep=keepdim)


def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether some element is true (not zero)."""
    return apply(ops.any, input, axis=dimensions(dim, input.ndim, "any"), keep=keepdim)


def logsumexp(input: Tensor, dim: int | Sequence[int], keepdim: bool = False) -> Tensor:
    """log(sum(exp(input))), computed so that large elements don't overflow."""
    return apply(ops.logsumexp, input, axis=dimensions(dim, input.ndim, "logsumexp"), keep=keepdim)


def cumsum(input: Tensor, dim: int) -> Tensor:
    """The running sum along `dim`."""
    if not input.ndim:
        return input.sum()
    return apply(ops.cumsum, input, axis=dimension(dim, input.ndim, "cumsum"))


def norm(input: Tensor, p: Number = 2, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The p-norm (Σ|x|^p)^(1/p); p may be float("inf")."""
    if p == 2:
        return input.square().sum(dim, keepdim).sqrt()
    if p == float("inf"):
        return amax(input.abs(), dim, keepdim)
    return input.abs().pow(p).sum(dim, keepdim).pow(1 / p)
