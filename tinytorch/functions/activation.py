"""The activation functions that are methods of a tensor too; `nn.functional` has the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinytorch.autograd import apply
from tinytorch.errors import dimension
from tinytorch.ops import activation as ops

__all__ = ["log_softmax", "relu", "softmax"]

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


def relu(input: Tensor) -> Tensor:
    """The positive part, max(x, 0).

    >>> import tinytorch as torch
    >>> torch.relu(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([0., 0., 2.])
    """
    return apply(ops.relu, input)


def softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """exp(x) / Σ exp(x) along `dim`: positive, adding up to 1.

    >>> import tinytorch as torch
    >>> torch.softmax(torch.tensor([0.0, 0.0]), dim=0)
    tensor([0.5000, 0.5000])
    """
    return _along(ops.softmax, input, dim, dtype)


def log_softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """log(softmax(x)) along `dim`, without the loss of precision of taking the two in turn."""
    return _along(ops.log_softmax, input, dim, dtype)


def _along(op: Any, input: Tensor, dim: int, dtype: Any) -> Tensor:
    input = input if dtype is None else input.to(dtype)
    if not input.is_floating_point():
        raise NotImplementedError(f"{op.__name__} needs a floating tensor, not {input.dtype}: use x.float()")
    axis = dimension(dim, input.ndim, op.__name__)
    return apply(op, input, axis=axis) if input.ndim else apply(op, input.reshape(1), axis=0).reshape(())
