"""Optimizers, under the names of `torch.optim`."""

from tinytorch.errors import missing
from tinytorch.optim.adam import Adam as Adam
from tinytorch.optim.adam import AdamW as AdamW
from tinytorch.optim.optimizer import Optimizer as Optimizer
from tinytorch.optim.sgd import SGD as SGD


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.optim", name, globals()))
