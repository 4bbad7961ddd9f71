"""The activation functions as layers; the functions of `nn.functional` say what they compute, and who found them."""

from tinytorch.nn import functional as F
from tinytorch.nn import init
from tinytorch.nn.layers.base import Layer, parameter
from tinytorch.nn.parameter import Parameter

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


class ReLU(Layer, function=F.relu, settings="inplace"):
    """max(x, 0), element by element."""


class ReLU6(Layer, function=F.relu6, settings="inplace"):
    """min(max(x, 0), 6), element by element."""


class SELU(Layer, function=F.selu, settings="inplace"):
    """1.0507 x where positive, elsewhere 1.7581 (e^x - 1); see `nn.functional.selu`."""


class SiLU(Layer, function=F.silu, settings="inplace"):
    """x σ(x), element by element; see `nn.functional.silu`."""


class Mish(Layer, function=F.mish, settings="inplace"):
    """x tanh(softplus(x)), element by element; see `nn.functional.mish`."""


class Hardsigmoid(Layer, function=F.hardsigmoid, settings="inplace", shown=""):
    """relu6(x + 3) / 6, element by element."""


class Hardswish(Layer, function=F.hardswish, settings="inplace", shown=""):
    """x relu6(x + 3) / 6, element by element."""


class LeakyReLU(Layer, function=F.leaky_relu, settings="negative_slope inplace"):
    """x where positive, elsewhere negative_slope x (0.01 x unless told)."""


class ELU(Layer, function=F.elu, settings="alpha inplace"):
    """x where positive, elsewhere alpha (e^x - 1); see `nn.functional.elu`."""


class CELU(Layer, function=F.celu, settings="alpha inplace"):
    """x where positive, elsewhere alpha (e^(x/alpha) - 1); see `nn.functional.celu`."""


class Hardtanh(Layer, function=F.hardtanh, settings="min_val max_val inplace"):
    """x, but no lower than `min_val` (-1) and no higher than `max_val` (1)."""


class Threshold(Layer, function=F.threshold, settings="threshold value inplace"):
    """x where it is above the threshold, elsewhere `value`."""


class Softplus(Layer, function=F.softplus, settings="beta threshold"):
    """log(1 + e^(beta x)) / beta, element by element; see `nn.functional.softplus`."""


class GELU(Layer, function=F.gelu, settings="approximate"):
    """x Φ(x), element by element; approximate="tanh" is the cheaper form; see `nn.functional.gelu`."""


class GLU(Layer, function=F.glu, settings="dim"):
    """a σ(b), for the two halves a and b of the input along `dim`."""


class Softmax(Layer, function=F.softmax, settings="dim"):
    """exp(x) / Σ exp(x) along `dim`."""


class LogSoftmax(Layer, function=F.log_softmax, settings="dim"):
    """log(softmax(x)) along `dim`."""


class Softmin(Layer, function=F.softmin, settings="dim"):
    """softmax(-x) along `dim`."""


class PReLU(Layer, function=F.prelu, settings="weight", shown="num_parameters"):
    """x where positive, elsewhere weight x: one weight for all, or one for each of the channels (dimension 1)."""

    weight: Parameter

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: object = None,
                 dtype: object = None) -> None:  # fmt: skip
        super().__init__(parameter(num_parameters, device=device, dtype=dtype))
        self.num_parameters, self.init = num_parameters, init
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weights to their first value."""
        init.constant_(self.weight, self.init)
