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
    enable_grad as enable_grad, inference_mode as inference_mode, is_anomaly_enabled as is_anomaly_enabled,
    is_grad_enabled as is_grad_enabled, no_grad as no_grad, set_grad_enabled as set_grad_enabled,
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
from tinytorch.functions.creation import *
from tinytorch.functions.elementwise import *
from tinytorch.functions.reduction import *
from tinytorch.functions.shape import *
from tinytorch.functions.indexing import *
from tinytorch.functions.linalg import *
from tinytorch.functions.activation import *
from tinytorch.nn.module import compile as compile
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
