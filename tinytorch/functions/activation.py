"""The activation functions that are methods of a tensor too; `nn.functional` has the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinytorch.autograd import apply
from tinytorch.errors import dimension
from tinytorch.functions import numpy_names
from tinytorch.functions.inplace import in_place
from tinytorch.ops import activation as ops

__all__ = ["log_softmax", "prelu", "relu", "relu_", "softmax"]

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


def relu(input: Tensor) -> Tensor:
    """The positive part, max(x, 0).

    >>> import tinytorch as torch
    >>> torch.relu(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([0., 0., 2.])
    """
    return apply(ops.relu, input)


relu_ = in_place(relu)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x where positive, elsewhere weight x: one weight for all, or one for each channel (dimension 1).

    Source: He et al. (2015), arXiv:1502.01852.
    """
    channels = input.shape[1] if input.ndim > 1 else 1
    if weight.ndim > 1 or weight.numel() not in (1, channels if input.ndim else 1):
        raise RuntimeError(
            f"prelu of shape {tuple(input.shape)} needs 1 weight or {channels}, got shape {tuple(weight.shape)}"
        )
    slopes = weight.reshape(-1, *[1] * (input.ndim - 2)) if input.ndim else weight.reshape(())
    positive = input > 0
    return input.where(positive, slopes * input.masked_fill(positive, 0))  # which is finite where x is infinite


def softmax(input: Tensor, dim: int | None, dtype: Any = None) -> Tensor:
    """exp(x) / Σ exp(x) along `dim`: positive, adding up to 1.

    >>> import tinytorch as torch
    >>> torch.softmax(torch.tensor([0.0, 0.0]), dim=0)
    tensor([0.5000, 0.5000])
    """
    return _along(ops.softmax, input, dim, dtype)


def log_softmax(input: Tensor, dim: int | None, dtype: Any = None) -> Tensor:
    """log(softmax(x)) along `dim`, without the loss of precision of taking the two in turn."""
    return _along(ops.log_softmax, input, dim, dtype)


def _along(op: Any, input: Tensor, dim: int | None, dtype: Any) -> Tensor:
    if dim is None:
        raise TypeError(f"{op.__name__} needs dim: the dimension that holds the classes, often dim=-1")
    input = input if dtype is None else input.to(dtype)
    if not input.is_floating_point():
        raise NotImplementedError(f"{op.__name__} needs a floating tensor, not {input.dtype}: use x.float()")
    axis = dimension(dim, input.ndim, op.__name__)
    return apply(op, input, axis=axis) if input.ndim else apply(op, input.reshape(1), axis=0).reshape(())


numpy_names(globals())
