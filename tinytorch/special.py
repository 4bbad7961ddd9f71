"""`torch.special`: functions that `torch` has, too, under the names of mathematics."""

# fmt: off
# isort: off
from tinytorch.functions.activation import log_softmax as log_softmax, softmax as softmax
from tinytorch.functions.elementwise import (
    erf as erf, erfc as erfc, exp2 as exp2, expm1 as expm1, log1p as log1p, logit as logit, round as round,
    sigmoid as expit,
)
from tinytorch.functions.reduction import logsumexp as logsumexp

__all__ = [
    "erf", "erfc", "exp2", "expit", "expm1", "log1p", "log_softmax", "logit", "logsumexp", "round", "softmax",
]
