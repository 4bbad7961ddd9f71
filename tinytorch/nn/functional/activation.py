"""Activation functions, element by element, and softmax.

Those with `inplace` write the result into `input` where it is True.
"""

import math
from typing import Any

from tinytorch.autograd import apply
from tinytorch.errors import need
from tinytorch.functions import activation
from tinytorch.functions.activation import prelu, relu_
from tinytorch.functions.creation import rand_like
from tinytorch.functions.elementwise import sigmoid, tanh
from tinytorch.functions.inplace import overwrite
from tinytorch.functions.shape import chunk
from tinytorch.ops import activation as ops
from tinytorch.tensor import Tensor

__all__ = ["celu", "elu", "gelu", "glu", "gumbel_softmax", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu",
           "log_softmax", "logsigmoid", "mish", "prelu", "relu", "relu6", "relu_", "selu", "sigmoid", "silu", "softmax",
           "softmin", "softplus", "softsign", "tanh", "tanhshrink", "threshold"]  # fmt: skip


def _activated(op: Any, input: Tensor, inplace: bool, **settings: float) -> Tensor:
    if not inplace:
        return apply(op, input, **settings)
    result = apply(op, input.clone(), **settings)  # its gradient needs what is overwritten
    return overwrite(input, result, op.__name__ + "_")


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """The positive part, max(x, 0)."""
    result = activation.relu(input)  # its gradient needs the result, not what is overwritten
    return overwrite(input, result, "relu_") if inplace else result


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x where positive, elsewhere negative_slope x."""
    return _activated(ops.leaky_relu, input, inplace, slope=negative_slope)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where positive, elsewhere alpha (e^x - 1). Source: Clevert et al. (2015), arXiv:1511.07289."""
    return _activated(ops.elu, input, inplace, alpha=alpha, scale=1, rate=1)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where positive, elsewhere alpha (e^(x/alpha) - 1), which has no kink.

    Source: Barron (2017), arXiv:1704.07483.
    """
    return _activated(ops.elu, input, inplace, alpha=alpha, scale=1, rate=1 / alpha)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """1.0507 x where positive, elsewhere 1.7581 (e^x - 1): layers of it tend to mean 0 and variance 1.

    Source: Klambauer et al. (2017), arXiv:1706.02515.
    """
    return _activated(ops.elu, input, inplace, alpha=1.6732632423543772, scale=1.0507009873554805, rate=1)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """x, but no lower than `min_val` and no higher than `max_val`; no gradient flows from the ends on."""
    need(min_val <= max_val, f"hardtanh: min_val must not be greater than max_val, got {min_val} and {max_val}")
    return _activated(ops.hardtanh, input, inplace, low=min_val, high=max_val)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """The positive part, but no more than 6."""
    return _activated(ops.hardtanh, input, inplace, low=0, high=6)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """relu6(x + 3) / 6: like the sigmoid, and made of straight lines."""
    return _activated(ops.hardsigmoid, input, inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """x relu6(x + 3) / 6: like silu, and cheaper. Source: Howard et al. (2019), arXiv:1905.02244."""
    return _activated(ops.hardswish, input, inplace)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x σ(x), also called swish. Source: Hendrycks & Gimpel (2016), arXiv:1606.08415."""
    return _activated(ops.silu, input, inplace)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """x tanh(softplus(x)). Source: Misra (2019), arXiv:1908.08681."""
    return _activated(ops.mish, input, inplace)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x where it is above the threshold, elsewhere `value`."""
    fill = input.masked_fill_ if inplace else input.masked_fill
    return fill(input <= threshold, value)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x Φ(x) with Φ the normal distribution function; approximate="tanh" is the cheaper form GPT-2 used.

    Source: Hendrycks & Gimpel (2016), arXiv:1606.08415.
    """
    need(approximate in ("none", "tanh"), f'approximate must be "none" or "tanh", not {approximate!r}', RuntimeError)
    return apply(ops.gelu if approximate == "none" else ops.gelu_tanh, input)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + e^(beta x)) / beta, a smooth relu; x itself where beta x is above the threshold."""
    return apply(ops.softplus, input, beta=beta, threshold=threshold)


def logsigmoid(input: Tensor) -> Tensor:
    """log σ(x), finite also where σ(x) rounds to 0."""
    return -softplus(-input, threshold=math.inf)


def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|)."""
    return input / (input.abs() + 1)


def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x)."""
    return input - input.tanh()


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """a σ(b), for the two halves a and b of the input along `dim`. Source: Dauphin et al. (2016), arXiv:1612.08083."""
    if not input.ndim or input.size(dim) % 2:
        raise RuntimeError(f"glu: the size along dim {dim} must be even, got shape {tuple(input.shape)}")
    a, b = chunk(input, 2, dim)
    return a * b.sigmoid()


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """exp(x) / Σ exp(x) along `dim`: positive, adding up to 1."""
    return activation.softmax(input, dim, dtype)


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """softmax(-x) along `dim`: the smallest gets the largest share."""
    return activation.softmax(-input, dim, dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """log(softmax(x)) along `dim`, without the loss of precision of taking the two in turn."""
    return activation.log_softmax(input, dim, dtype)


def gumbel_softmax(logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    """A random choice by the probabilities softmax(logits) along `dim`, soft enough for gradients.

    The lower `tau`, the nearer to one-hot; `hard` makes it one-hot, with the gradient of the soft choice.
    Source: Jang et al. (2016), arXiv:1611.01144.
    """
    noise = -(-rand_like(logits).log()).log()
    soft = softmax((logits + noise) / tau, dim)
    return soft if not hard else (soft == soft.amax(dim, keepdim=True)).to(soft.dtype) - soft.detach() + soft
