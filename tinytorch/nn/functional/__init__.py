"""The functions of neural networks, under the names of `torch.nn.functional`: one family a file."""

from tinytorch.errors import missing
from tinytorch.nn.functional.activation import *
from tinytorch.nn.functional.attention import *
from tinytorch.nn.functional.conv import *
from tinytorch.nn.functional.linear import *
from tinytorch.nn.functional.loss import *
from tinytorch.nn.functional.normalization import *
from tinytorch.nn.functional.pooling import *
from tinytorch.nn.functional.vision import *


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.nn.functional", name, globals()))
