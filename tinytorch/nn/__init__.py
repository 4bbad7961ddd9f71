"""Building blocks of neural networks, under the names of `torch.nn`."""

from tinytorch.errors import missing
from tinytorch.nn import functional as functional
from tinytorch.nn import init as init
from tinytorch.nn.containers import ModuleList as ModuleList
from tinytorch.nn.containers import Sequential as Sequential
from tinytorch.nn.layers import GELU as GELU
from tinytorch.nn.layers import BCEWithLogitsLoss as BCEWithLogitsLoss
from tinytorch.nn.layers import CrossEntropyLoss as CrossEntropyLoss
from tinytorch.nn.layers import Dropout as Dropout
from tinytorch.nn.layers import Flatten as Flatten
from tinytorch.nn.layers import Identity as Identity
from tinytorch.nn.layers import Linear as Linear
from tinytorch.nn.layers import MSELoss as MSELoss
from tinytorch.nn.layers import ReLU as ReLU
from tinytorch.nn.layers import Sigmoid as Sigmoid
from tinytorch.nn.layers import Softmax as Softmax
from tinytorch.nn.layers import Tanh as Tanh
from tinytorch.nn.module import Module as Module
from tinytorch.nn.parameter import Parameter as Parameter


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.nn", name, globals()))
