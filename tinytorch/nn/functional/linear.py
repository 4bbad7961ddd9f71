"""Linear layers, and dropout."""

from __future__ import annotations

import numpy as np

from tinytorch.autograd import apply
from tinytorch.dtypes import UINT8
from tinytorch.functions.inplace import overwrite
from tinytorch.ops import matmul as ops
from tinytorch.random import default_generator
from tinytorch.tensor import Tensor

__all__ = ["bilinear", "dropout", "dropout1d", "dropout2d", "linear"]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input @ weight.T + bias, for input (..., in), weight (out, in) and bias (out,); the result is (..., out)."""
    if not isinstance(input, Tensor):
        raise TypeError(f"Linear needs a Tensor, got a {type(input).__name__}: make one with torch.tensor")
    x, w = input._array, weight._array
    if not x.ndim or x.shape[-1] != w.shape[-1]:
        out_features, in_features = w.shape
        fix = ": flatten it first?" if x.ndim > 2 and np.prod(x.shape[1:]) == in_features else ""
        raise RuntimeError(
            f"Linear({in_features}, {out_features}) got {x.shape}, but expects (..., {in_features}){fix}"
        )
    if x.dtype is not w.dtype:
        raise RuntimeError(other_type(f"Linear({w.shape[1]}, {w.shape[0]})", input, weight))
    return apply(ops.linear, input, weight, bias)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x1 @ weight[k] @ x2 for each k, plus bias: (..., in1) and (..., in2) -> (..., out), weight (out, in1, in2)."""
    y = ((input1.unsqueeze(-2).unsqueeze(-2) @ weight).squeeze(-2) * input2.unsqueeze(-2)).sum(-1)
    return y if bias is None else y + bias


def other_type(layer: str, input: Tensor, weight: Tensor) -> str:
    """What to say where input and weight are of different types."""
    fix = "x.float()" if not input.is_floating_point() else f"x.to({weight.dtype})"
    fix = "x / 255 for pixels, or " + fix if input._array.dtype is UINT8 else fix
    return f"{layer} of {weight.dtype} got an input of {input.dtype}: use {fix}"


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Elements set to 0 with probability `p`, the others divided by 1 - p, so that the expectation stays.

    Source: Srivastava et al. (2014), JMLR 15.
    """
    return _dropped(input, p, training, inplace, input.ndim)


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Dropout of whole channels of (batch, channels, length) or (channels, length)."""
    if input.ndim not in (2, 3):
        raise RuntimeError(f"dropout1d needs (batch, channels, length) or (channels, length), got {tuple(input.shape)}")
    return _dropped(input, p, training, inplace, input.ndim - 1)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Dropout of whole channels of (batch, channels, ...). Source: Tompson et al. (2015), arXiv:1411.4280."""
    if input.ndim < 2:
        raise RuntimeError(f"dropout2d needs (batch, channels, height, width), got shape {tuple(input.shape)}")
    return _dropped(input, p, training, inplace, 2)


def _dropped(input: Tensor, p: float, training: bool, inplace: bool, apart: int) -> Tensor:
    """Dropout in which each place in the first `apart` dimensions is kept or dropped as a whole."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p must be between 0 and 1, not {p}")
    if not training or p == 0:
        return input
    kept = default_generator().uniform((*input.shape[:apart], *[1] * (input.ndim - apart))) >= p
    scale = np.asarray(kept * input._array.dtype.type(0 if p == 1 else 1 / (1 - p)))
    result = input * Tensor._wrap(scale)  # its gradient needs the scale alone, not what is overwritten
    return overwrite(input, result, "dropout") if inplace else result
