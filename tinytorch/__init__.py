"""TinyTorch: PyTorch's names and semantics on NumPy arrays, small enough to read in a weekend.

>>> import tinytorch as torch
>>> from tinytorch import nn
>>> model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
>>> model(torch.zeros(3, 2)).shape
torch.Size([3, 1])
"""

__version__ = "0.1.0"

# fmt: off
# isort: off
import math
from tinytorch import autograd as autograd
from tinytorch import nn as nn
from tinytorch import optim as optim
from tinytorch import utils as utils
from tinytorch.autograd import (
    enable_grad as enable_grad, inference_mode as inference_mode, is_grad_enabled as is_grad_enabled,
    no_grad as no_grad, set_grad_enabled as set_grad_enabled,
)
from tinytorch.errors import missing
from tinytorch.device import cuda as cuda, device as device
from tinytorch.dtypes import (
    finfo as finfo, get_default_dtype as get_default_dtype, iinfo as iinfo,
    double as double, dtype as dtype, float16 as float16, float32 as float32, float64 as float64,
    half as half, int8 as int8, int16 as int16, int32 as int32, int64 as int64, long as long, short as short,
    uint8 as uint8,
)
from tinytorch.dtypes import bool_ as bool_
from tinytorch.functions.creation import (
    tensor as tensor, as_tensor as as_tensor, from_numpy as from_numpy, zeros as zeros, ones as ones,
    empty as empty, full as full, zeros_like as zeros_like, ones_like as ones_like, empty_like as empty_like,
    full_like as full_like, eye as eye, arange as arange, linspace as linspace, rand as rand, randn as randn,
    randint as randint, randperm as randperm, rand_like as rand_like, randn_like as randn_like,
    normal as normal, multinomial as multinomial, bernoulli as bernoulli,
    is_tensor as is_tensor, numel as numel,
)
from tinytorch.functions.elementwise import (
    absolute as absolute, clip as clip, divide as divide, multiply as multiply, negative as negative,
    positive as positive, rsub as rsub, subtract as subtract, true_divide as true_divide, trunc as trunc,
    add as add, sub as sub, mul as mul, div as div, floor_divide as floor_divide, remainder as remainder,
    pow as pow, neg as neg, abs as abs, sign as sign, square as square, maximum as maximum,
    minimum as minimum, clamp as clamp, exp as exp, log as log, log2 as log2, log10 as log10, log1p as log1p,
    sqrt as sqrt,
    rsqrt as rsqrt, reciprocal as reciprocal, sin as sin, cos as cos, tanh as tanh, sigmoid as sigmoid,
    erf as erf, floor as floor, ceil as ceil, round as round, eq as eq, ne as ne, lt as lt, le as le,
    gt as gt, ge as ge, logical_and as logical_and, logical_or as logical_or, logical_xor as logical_xor,
    logical_not as logical_not, bitwise_and as bitwise_and, bitwise_or as bitwise_or,
    bitwise_xor as bitwise_xor, bitwise_not as bitwise_not, isnan as isnan, isinf as isinf,
    isfinite as isfinite, equal as equal, isclose as isclose, allclose as allclose, where as where,
    masked_fill as masked_fill, clone as clone,
)
from tinytorch.functions.reduction import (
    sum as sum, mean as mean, var as var, std as std, prod as prod, amax as amax, amin as amin, max as max,
    min as min, argmax as argmax, argmin as argmin, all as all, any as any, logsumexp as logsumexp,
    cumsum as cumsum, norm as norm,
)
from tinytorch.functions.shape import (
    reshape as reshape, permute as permute, movedim as movedim,
    hstack as hstack, vstack as vstack, concat as concat, concatenate as concatenate,
    transpose as transpose, t as t, unsqueeze as unsqueeze,
    squeeze as squeeze, flatten as flatten, unflatten as unflatten, broadcast_to as broadcast_to, cat as cat,
    stack as stack, split as split, chunk as chunk, unbind as unbind, narrow as narrow, select as select,
    flip as flip, tril as tril, triu as triu,
)
from tinytorch.functions.indexing import (
    gather as gather, index_select as index_select, masked_select as masked_select, nonzero as nonzero,
)
from tinytorch.functions.linalg import (
    matmul as matmul, mm as mm, mv as mv, bmm as bmm, dot as dot, outer as outer,
)
from tinytorch.functions.activation import log_softmax as log_softmax, relu as relu, softmax as softmax
from tinytorch.random import (
    Generator as Generator, initial_seed as initial_seed, manual_seed as manual_seed,
)
from tinytorch.serialization import (
    load as load, save as save,
)
from tinytorch.size import Size as Size
from tinytorch.tensor import Tensor as Tensor

bool, float, int = bool_, float32, int32  # PyTorch's short names; Python's own are in builtins
inf, nan, pi, e = math.inf, math.nan, math.pi, math.e
contiguous_format = "contiguous"


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch", name, globals()))
