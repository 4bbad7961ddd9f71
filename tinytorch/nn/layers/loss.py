"""The losses as layers."""

from __future__ import annotations

from tinytorch.nn import functional as F
from tinytorch.nn.layers.base import Layer

__all__ = ["BCEWithLogitsLoss", "CrossEntropyLoss", "MSELoss"]


class _Loss(Layer, shown=""):
    def __init__(self, reduction: str = "mean", **absent: object) -> None:
        if absent:
            raise TypeError(f"{type(self).__name__} has no {', '.join(absent)} here: only reduction can be chosen")
        super().__init__({"reduction": reduction})


class CrossEntropyLoss(_Loss, function=F.cross_entropy):
    """The loss of a classifier: scores (n, classes) against class numbers (n,); see `nn.functional.cross_entropy`."""


class MSELoss(_Loss, function=F.mse_loss):
    """The squared difference of two tensors of one shape."""


class BCEWithLogitsLoss(_Loss, function=F.binary_cross_entropy_with_logits):
    """Scores against targets from 0 to 1 of the same shape; see `nn.functional.binary_cross_entropy_with_logits`."""
