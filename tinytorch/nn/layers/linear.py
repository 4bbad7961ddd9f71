"""Linear layers, dropout, and the layers that only pass on or reshape."""

from __future__ import annotations

import math
from typing import Any

from tinytorch.functions.creation import empty
from tinytorch.functions.shape import flatten
from tinytorch.nn import functional as F
from tinytorch.nn import init
from tinytorch.nn.layers.base import Layer
from tinytorch.nn.module import Module
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor

__all__ = ["Dropout", "Dropout1d", "Dropout2d", "Flatten", "Identity", "Linear"]


class Linear(Module):
    """x @ weight.T + bias: (..., in_features) -> (..., out_features).

    Weight (out, in) and bias (out,) start uniform in ±1/√in_features.

    >>> import tinytorch as torch
    >>> torch.nn.Linear(3, 2)(torch.zeros(5, 3)).shape
    torch.Size([5, 2])
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: object = None, dtype: object = None
    ) -> None:
        super().__init__()
        for name, size in (("in_features", in_features), ("out_features", out_features)):
            if not isinstance(size, int):
                raise TypeError(f"Linear: {name} must be a whole number, not {size!r}")
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(empty(out_features, in_features, dtype=dtype, device=device))
        self.bias = Parameter(empty(out_features, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        draw(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """(..., in_features) -> (..., out_features)."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


def draw(weight: Parameter, bias: Parameter | None) -> None:
    """Start a weight and its bias uniform in ±1/√n, where n is the number of weights of one output."""
    init.kaiming_uniform_(weight, a=math.sqrt(5))  # which is that
    if bias is not None:
        bound = 1 / math.sqrt(init._calculate_fan_in_and_fan_out(weight)[0] or math.inf)
        init.uniform_(bias, -bound, bound)


class Identity(Module):
    """The input itself; takes and ignores any arguments."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """The input."""
        return input


class Flatten(Layer, function=flatten):
    """Dimensions `start_dim` to `end_dim` made into one: (n, 8, 8) -> (n, 64)."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__(locals())


class _Dropout(Layer, shown="p inplace", training=True):
    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"{type(self).__name__}: p must be between 0 and 1, not {p}")
        super().__init__(locals())


class Dropout(_Dropout, function=F.dropout):
    """In training, elements set to 0 with probability `p` and the others divided by 1 - p; in evaluation nothing."""


class Dropout1d(_Dropout, function=F.dropout1d):
    """Dropout of whole channels of (batch, channels, length) or (channels, length)."""


class Dropout2d(_Dropout, function=F.dropout2d):
    """Dropout of whole channels of (batch, channels, height, width)."""
