"""Optimizers and schedulers, under the names of `torch.optim`."""

from tinytorch.errors import missing
from tinytorch.optim import lr_scheduler as lr_scheduler
from tinytorch.optim.algorithms import *
from tinytorch.optim.optimizer import Optimizer as Optimizer


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.optim", name, globals()) + " (SGD, Adam, AdamW, Adagrad, RMSprop, Adadelta)")
