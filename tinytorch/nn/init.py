"""Initial values of weights, drawn in place and outside the record."""

import math
import warnings

import numpy as np

from tinytorch.autograd import no_grad
from tinytorch.errors import need
from tinytorch.random import Generator, default_generator
from tinytorch.tensor import Tensor

_LINEAR = ("linear", *(f"conv{transposed}{n}d" for transposed in ("", "_transpose") for n in (1, 2, 3)), "sigmoid")
_GAINS = {**dict.fromkeys(_LINEAR, 1), "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which weights before a nonlinearity are enlarged to keep the size of what passes through.

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2 / (1 + slope**2))
    need(nonlinearity in _GAINS, f"calculate_gain: {nonlinearity!r} is not one of leaky_relu, {', '.join(_GAINS)}")
    return _GAINS[nonlinearity]


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """The number of inputs and of outputs of one unit of a weight (out, in, *kernel)."""
    need(tensor.ndim >= 2, f"fan in and fan out need a weight of 2 or more dimensions, got {tuple(tensor.shape)}")
    kernel = math.prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


# ------------------------------------------------------------------------------------ given values
@no_grad()
def constant_(tensor: Tensor, val: float) -> Tensor:
    """All the same value."""
    return tensor.fill_(val)


def zeros_(tensor: Tensor) -> Tensor:
    """All zeros."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """All ones."""
    return constant_(tensor, 1.0)


@no_grad()
def eye_(tensor: Tensor) -> Tensor:
    """The identity matrix, so that a linear layer passes on its input: (out, in)."""
    need(tensor.ndim == 2, f"eye_ needs a matrix, got shape {tuple(tensor.shape)}")
    return tensor.copy_(Tensor._wrap(np.eye(*tensor.shape)))


# ------------------------------------------------------------------------------------ random values
@no_grad()
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Equally likely everywhere in [a, b)."""
    return tensor.uniform_(a, b, generator=generator)


@no_grad()
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normally distributed."""
    return tensor.normal_(mean, std, generator=generator)


@no_grad()
def trunc_normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0,
                  generator: Generator | None = None) -> Tensor:  # fmt: skip
    """Normally distributed, but never outside [a, b].

    Numbers equally likely in [a, b] are drawn until each is kept, with a probability in proportion to its density.
    """
    peak, halved = min(max(mean, a), b), 0.5 / std**2
    low, high = max(a, peak - 6 * std), min(b, peak + 6 * std)  # farther out than that there are none
    values, waiting = np.empty(tensor.numel()), np.arange(tensor.numel())
    while waiting.size:
        x, y = (Tensor(waiting.size).uniform_(*ends, generator=generator)._array for ends in ((low, high), (0, 1)))
        kept = y < np.exp(((peak - mean) ** 2 - (x - mean) ** 2) * halved)
        values[waiting[kept]], waiting = x[kept], waiting[~kept]
    return tensor.copy_(Tensor._wrap(values.reshape(tensor.shape)))


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Uniform in ±gain √(6 / (fan_in + fan_out)). Source: Glorot & Bengio (2010), AISTATS."""
    bound = gain * math.sqrt(6 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Normal with standard deviation gain √(2 / (fan_in + fan_out)). Source: Glorot & Bengio (2010), AISTATS."""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(_calculate_fan_in_and_fan_out(tensor))), generator)


def kaiming_uniform_(tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
                     generator: Generator | None = None) -> Tensor:  # fmt: skip
    """Uniform in ±gain √(3 / fan). Source: He et al. (2015), arXiv:1502.01852."""
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
                    generator: Generator | None = None) -> Tensor:  # fmt: skip
    """Normal with standard deviation gain / √fan. Source: He et al. (2015), arXiv:1502.01852."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if 0 in tensor.shape:
        warnings.warn("there is nothing to initialise in a tensor without elements", stacklevel=3)
        return 0.0
    need(mode.lower() in ("fan_in", "fan_out"), f'mode must be "fan_in" or "fan_out", not {mode!r}')
    fan = _calculate_fan_in_and_fan_out(tensor)[mode.lower() == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


@no_grad()
def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """Rows (or, if there are more of them, columns) at right angles, each of length gain; later dimensions flattened.

    Source: Saxe et al. (2014), arXiv:1312.6120.
    """
    need(tensor.ndim >= 2, f"orthogonal_ needs a weight of 2 or more dimensions, got {tuple(tensor.shape)}")
    if not tensor.numel():
        return tensor
    rows, columns = tensor.shape[0], tensor.numel() // tensor.shape[0]
    random = (generator or default_generator()).normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(random.astype(np.float64))
    q *= np.sign(np.diag(r)) * gain  # the signs that make every orthogonal matrix equally likely
    return tensor.copy_(Tensor._wrap((q.T if rows < columns else q).reshape(tensor.shape)))
