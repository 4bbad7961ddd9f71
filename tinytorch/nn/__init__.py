"""Building blocks of neural networks, under the names of `torch.nn`."""

import sys
from types import ModuleType

from tinytorch.errors import missing
from tinytorch.nn import functional as functional
from tinytorch.nn import init as init
from tinytorch.nn import utils as utils
from tinytorch.nn.containers import *
from tinytorch.nn.data_parallel import *
from tinytorch.nn.layers.activation import *
from tinytorch.nn.layers.attention import *
from tinytorch.nn.layers.conv import *
from tinytorch.nn.layers.linear import *
from tinytorch.nn.layers.loss import *
from tinytorch.nn.layers.normalization import *
from tinytorch.nn.layers.recurrent import *
from tinytorch.nn.layers.vision import *
from tinytorch.nn.module import Module as Module
from tinytorch.nn.parameter import Parameter as Parameter

# The longer ways to the same, which older programs import from.
sys.modules[f"{__name__}.modules"] = sys.modules[__name__]
sys.modules[f"{__name__}.modules.module"] = sys.modules[f"{__name__}.module"]
sys.modules[f"{__name__}.parallel"] = ModuleType("parallel", "Imported by programs that may use several processors.")


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.nn", name, globals()))
