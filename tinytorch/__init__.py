"""TinyTorch: PyTorch's names and semantics on NumPy arrays, with a core that can be read in a weekend.

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
from typing import TYPE_CHECKING
from tinytorch import autograd as autograd, linalg as linalg, nn as nn
from tinytorch.autograd import is_anomaly_enabled as is_anomaly_enabled
from tinytorch.autograd.grad_mode import *
from tinytorch.errors import missing
from tinytorch.device import device as device
from tinytorch.dtypes import (
    finfo as finfo, get_default_dtype as get_default_dtype, iinfo as iinfo, set_default_dtype as set_default_dtype,
    bfloat16 as bfloat16, bool_ as bool_, complex64 as complex64, complex128 as complex128, double as double,
    dtype as dtype, float16 as float16, float32 as float32, float64 as float64, half as half, int8 as int8,
    int16 as int16, int32 as int32, int64 as int64, long as long, short as short, uint8 as uint8,
)
from tinytorch.environment import *
from tinytorch.functions.conversion import *
from tinytorch.functions.creation import *
from tinytorch.functions.elementwise import *
from tinytorch.functions.reduction import *
from tinytorch.functions.shape import *
from tinytorch.functions.arranging import *
from tinytorch.functions.indexing import *
from tinytorch.functions.linalg import *
from tinytorch.functions.einsum import *
from tinytorch.functions.sorting import *
from tinytorch.functions.activation import *
from tinytorch.functions.inplace import fill as fill, fill_ as fill_, zero_ as zero_
from tinytorch.functions.properties import *
from tinytorch.functions.sampling import *
from tinytorch.printing import set_printoptions as set_printoptions
from tinytorch.nn.functional import (
    celu as celu, cosine_similarity as cosine_similarity, pairwise_distance as pairwise_distance, selu as selu,
    threshold as threshold,
)
from tinytorch.nn.module import compile as compile
from tinytorch.memory import keep_freed_memory
from tinytorch.random import (
    Generator as Generator, get_rng_state as get_rng_state, initial_seed as initial_seed, manual_seed as manual_seed,
    seed as seed, set_rng_state as set_rng_state,
)
from tinytorch.serialization import load as load, save as save
from tinytorch.size import Size as Size
from tinytorch.tensor import Tensor as Tensor

keep_freed_memory()
bool, float, int = bool_, float32, int32  # PyTorch's short names; Python's own are in builtins
inf, nan, pi, e, newaxis = math.inf, math.nan, math.pi, math.e, None

if TYPE_CHECKING:  # what not every program needs, and what looks at a model from outside: loaded when first asked for
    from tinytorch import onnx as onnx, optim as optim, profiler as profiler, special as special, utils as utils
    from tinytorch.inspection.draw import graph as graph
    from tinytorch.inspection.summarize import summary as summary
_TOOLS = {
    "graph": "inspection.draw", "onnx": "onnx", "optim": "optim", "profiler": "profiler", "special": "special",
    "summary": "inspection.summarize", "utils": "utils",
}


def __getattr__(name: str) -> object:
    if name in _TOOLS:
        from importlib import import_module

        tool = import_module(f"tinytorch.{_TOOLS[name]}")
        return getattr(tool, name, tool)
    raise AttributeError(missing("torch", name, globals()))
