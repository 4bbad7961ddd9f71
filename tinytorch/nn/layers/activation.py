"""The activation functions as layers."""

from __future__ import annotations

from tinytorch.functions.creation import full
from tinytorch.nn import functional as F
from tinytorch.nn.layers.base import Layer
from tinytorch.nn.module import Module
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor

__all__ = [
    "CELU", "ELU", "GELU", "GLU", "SELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid",
    "LogSoftmax", "Mish", "PReLU", "ReLU", "ReLU6", "SiLU", "Sigmoid", "Softmax", "Softmax2d", "Softmin", "Softplus",
    "Softsign", "Tanh", "Tanhshrink", "Threshold",
]  # fmt: skip


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


class _MayBeInPlace(Layer):
    def __init__(self, inplace: bool = False) -> None:
        super().__init__(locals())


class ReLU(_MayBeInPlace, function=F.relu):
    """max(x, 0), element by element."""


class ReLU6(_MayBeInPlace, function=F.relu6):
    """min(max(x, 0), 6), element by element."""


class SELU(_MayBeInPlace, function=F.selu):
    """1.0507 x where positive, elsewhere 1.7581 (e^x - 1); see `nn.functional.selu`."""


class SiLU(_MayBeInPlace, function=F.silu):
    """x σ(x), element by element; see `nn.functional.silu`."""


class Mish(_MayBeInPlace, function=F.mish):
    """x tanh(softplus(x)), element by element; see `nn.functional.mish`."""


class Hardsigmoid(_MayBeInPlace, function=F.hardsigmoid, shown=""):
    """relu6(x + 3) / 6, element by element."""


class Hardswish(_MayBeInPlace, function=F.hardswish, shown=""):
    """x relu6(x + 3) / 6, element by element."""


class LeakyReLU(Layer, function=F.leaky_relu):
    """x where positive, elsewhere negative_slope x."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(locals())


class ELU(Layer, function=F.elu):
    """x where positive, elsewhere alpha (e^x - 1); see `nn.functional.elu`."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(locals())


class CELU(Layer, function=F.celu):
    """x where positive, elsewhere alpha (e^(x/alpha) - 1); see `nn.functional.celu`."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(locals())


class Hardtanh(Layer, function=F.hardtanh):
    """x, but no lower than `min_val` and no higher than `max_val`."""

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(locals())


class Threshold(Layer, function=F.threshold):
    """x where it is above the threshold, elsewhere `value`."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(locals())


class Softplus(Layer, function=F.softplus):
    """log(1 + e^(beta x)) / beta, element by element; see `nn.functional.softplus`."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__(locals())


class GELU(Layer, function=F.gelu):
    """x Φ(x), element by element; see `nn.functional.gelu`."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__(locals())


class GLU(Layer, function=F.glu):
    """a σ(b), for the two halves a and b of the input along `dim`."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__(locals())


class PReLU(Module):
    """x where positive, elsewhere weight x: one weight for all, or one for each of the channels (dimension 1)."""

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: object = None, dtype: object = None
    ) -> None:
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(full((num_parameters,), float(init), dtype=dtype, device=device))

    def forward(self, input: Tensor) -> Tensor:
        """Any shape -> the same shape."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The number of weights."""
        return f"num_parameters={self.num_parameters}"


class _Along(Layer):
    def __init__(self, dim: int | None = None) -> None:
        super().__init__(locals())


class Softmax(_Along, function=F.softmax):
    """exp(x) / Σ exp(x) along `dim`."""


class LogSoftmax(_Along, function=F.log_softmax):
    """log(softmax(x)) along `dim`."""


class Softmin(_Along, function=F.softmin):
    """softmax(-x) along `dim`."""


class Softmax2d(Module):
    """softmax over the channels of (batch, channels, height, width) or (channels, height, width)."""

    def forward(self, input: Tensor) -> Tensor:
        """Any such shape -> the same shape."""
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d needs an input of 3 or 4 dimensions, got shape {tuple(input.shape)}")
        return F.softmax(input, -3)
