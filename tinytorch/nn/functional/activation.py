"""Activation functions, element by element, and softmax."""

from __future__ import annotations

from typing import Any

from tinytorch.autograd import apply
from tinytorch.functions import activation
from tinytorch.functions.elementwise import sigmoid, tanh
from tinytorch.functions.inplace import overwrite
from tinytorch.ops import activation as ops
from tinytorch.tensor import Tensor

__all__ = ["gelu", "log_softmax", "relu", "sigmoid", "softmax", "tanh"]


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """The positive part, max(x, 0)."""
    return maybe_in_place(input, activation.relu(input), inplace, "relu_")


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x Φ(x) with Φ the normal distribution function; approximate="tanh" is the cheaper form GPT-2 used.

    Source: Hendrycks & Gimpel (2016), arXiv:1606.08415.
    """
    try:
        op = {"none": ops.gelu, "tanh": ops.gelu_tanh}[approximate]
    except KeyError:
        raise RuntimeError(f'gelu: approximate must be "none" or "tanh", not {approximate!r}') from None
    if not input.is_floating_point():
        raise NotImplementedError(f"gelu needs a floating tensor, not {input.dtype}: use x.float()")
    return apply(op, input)


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """exp(x) / Σ exp(x) along `dim`: positive, adding up to 1."""
    return activation.softmax(input, _need_dim(dim, "softmax"), dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """log(softmax(x)) along `dim`, without the loss of precision of taking the two in turn."""
    return activation.log_softmax(input, _need_dim(dim, "log_softmax"), dtype)


def _need_dim(dim: int | None, name: str) -> int:
    if dim is None:
        raise TypeError(f"{name} needs dim: the dimension that holds the classes, often dim=-1")
    return dim


def maybe_in_place(input: Tensor, result: Tensor, inplace: bool, name: str) -> Tensor:
    """`result`, written into the memory of `input` where that was asked for."""
    return overwrite(input, result, name) if inplace else result
