"""The activation functions as layers."""

from __future__ import annotations

from tinytorch.nn import functional as F
from tinytorch.nn.layers.base import Layer

__all__ = ["GELU", "ReLU", "Sigmoid", "Softmax", "Tanh"]


class ReLU(Layer, function=F.relu):
    """max(x, 0), element by element."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(locals())


class Tanh(Layer, function=F.tanh):
    """The hyperbolic tangent, element by element."""


class Sigmoid(Layer, function=F.sigmoid):
    """1 / (1 + e^-x), element by element."""


class GELU(Layer, function=F.gelu):
    """x Φ(x), element by element; see `nn.functional.gelu`."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__(locals())


class Softmax(Layer, function=F.softmax):
    """exp(x) / Σ exp(x) along `dim`."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__(locals())
