"""Linear layers, and dropout."""

from __future__ import annotations

import numpy as np

from tinytorch.autograd import apply
from tinytorch.dtypes import UINT8
from tinytorch.nn.functional.activation import maybe_in_place
from tinytorch.ops import matmul as ops
from tinytorch.random import default_generator
from tinytorch.tensor import Tensor

__all__ = ["dropout", "linear"]


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


def other_type(layer: str, input: Tensor, weight: Tensor) -> str:
    """What to say where input and weight are of different types."""
    fix = "x.float()" if not input.is_floating_point() else f"x.to({weight.dtype})"
    fix = "x / 255 for pixels, or " + fix if input._array.dtype is UINT8 else fix
    return f"{layer} of {weight.dtype} got an input of {input.dtype}: use {fix}"


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Elements set to 0 with probability `p`, the others divided by 1 - p, so that the expectation stays.

    Source: Srivastava et al. (2014), JMLR 15.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p must be between 0 and 1, not {p}")
    if not training or p == 0:
        return input
    kept = default_generator().uniform(input.shape) >= p
    scale = np.asarray(kept * input._array.dtype.type(0 if p == 1 else 1 / (1 - p)))
    return maybe_in_place(input, input * Tensor._wrap(scale), inplace, "dropout")
