"""The activation functions as layers; the functions of `nn.functional` say what they compute, and who found them."""

from __future__ import annotations

from tinytorch.nn import functional as F
from tinytorch.nn import init
from tinytorch.nn.layers.base import Layer, parameter
from tinytorch.nn.module import Module
from tinytorch.tensor import Tensor

__all__ = ["CELU", "ELU", "GELU", "GLU", "SELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid",
           "LogSoftmax", "Mish", "PReLU", "ReLU", "ReLU6", "SiLU", "Sigmoid", "Softmax", "Softmin",
           "Softplus", "Softsign", "Tanh", "Tanhshrink", "Threshold"]  # fmt: skip


class Tanh(Layer, function=F.tanh):
    """The hyperbolic tangent, element by element."""


class Sigmoid(Layer, function=F.sigmoid):
    """1 / (1 + e^-x), element by element."""


class LogSigmoid(Layer, function=F.logsigmoid):
    """The logarithm of the sigmoid, element by element."""


class Softsign(Layer, function=F.softsign):
    """x / (1 + |x|), element by element."""


class Tanhshrink(Layer, function=F.tanhshrink):
    """x - tanh(x), element by element."""


class ReLU(Layer, function=F.relu):
    """max(x, 0), element by element."""

    inplace: bool = False


class ReLU6(Layer, function=F.relu6):
    """min(max(x, 0), 6), element by element."""

    inplace: bool = False


class SELU(Layer, function=F.selu):
    """1.0507 x where positive, elsewhere 1.7581 (e^x - 1); see `nn.functional.selu`."""

    inplace: bool = False


class SiLU(Layer, function=F.silu):
    """x σ(x), element by element; see `nn.functional.silu`."""

    inplace: bool = False


class Mish(Layer, function=F.mish):
    """x tanh(softplus(x)), element by element; see `nn.functional.mish`."""

    inplace: bool = False


class Hardsigmoid(Layer, function=F.hardsigmoid, shown=""):
    """relu6(x + 3) / 6, element by element."""

    inplace: bool = False


class Hardswish(Layer, function=F.hardswish, shown=""):
    """x relu6(x + 3) / 6, element by element."""

    inplace: bool = False


class LeakyReLU(Layer, function=F.leaky_relu):
    """x where positive, elsewhere negative_slope x (0.01 x unless told)."""

    negative_slope: float = 0.01
    inplace: bool = False


class ELU(Layer, function=F.elu):
    """x where positive, elsewhere alpha (e^x - 1); see `nn.functional.elu`."""

    alpha: float = 1.0
    inplace: bool = False


class CELU(Layer, function=F.celu):
    """x where positive, elsewhere alpha (e^(x/alpha) - 1); see `nn.functional.celu`."""

    alpha: float = 1.0
    inplace: bool = False


class Hardtanh(Layer, function=F.hardtanh):
    """x, but no lower than `min_val` (-1) and no higher than `max_val` (1)."""

    min_val: float = -1.0
    max_val: float = 1.0
    inplace: bool = False


class Threshold(Layer, function=F.threshold):
    """x where it is above the threshold, elsewhere `value`."""

    threshold: float
    value: float
    inplace: bool = False


class Softplus(Layer, function=F.softplus):
    """log(1 + e^(beta x)) / beta, element by element; see `nn.functional.softplus`."""

    beta: float = 1.0
    threshold: float = 20.0


class GELU(Layer, function=F.gelu):
    """x Φ(x), element by element; approximate="tanh" is the cheaper form; see `nn.functional.gelu`."""

    approximate: str = "none"


class GLU(Layer, function=F.glu):
    """a σ(b), for the two halves a and b of the input along `dim`."""

    dim: int = -1


class Softmax(Layer, function=F.softmax):
    """exp(x) / Σ exp(x) along `dim`."""

    dim: int | None = None


class LogSoftmax(Layer, function=F.log_softmax):
    """log(softmax(x)) along `dim`."""

    dim: int | None = None


class Softmin(Layer, function=F.softmin):
    """softmax(-x) along `dim`."""

    dim: int | None = None


class PReLU(Module):
    """x where positive, elsewhere weight x: one weight for all, or one for each of the channels (dimension 1)."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: object = None,
                 dtype: object = None) -> None:  # fmt: skip
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = parameter(num_parameters, device=device, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weights to their first value."""
        init.constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The number of weights."""
        return f"num_parameters={self.num_parameters}"
