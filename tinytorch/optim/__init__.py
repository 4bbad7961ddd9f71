"""Optimizers and schedulers, under the names of `torch.optim`."""

from tinytorch.errors import missing
from tinytorch.optim import lr_scheduler as lr_scheduler
from tinytorch.optim.adam import Adam as Adam
from tinytorch.optim.adam import AdamW as AdamW
from tinytorch.optim.adaptive import Adadelta as Adadelta
from tinytorch.optim.adaptive import Adagrad as Adagrad
from tinytorch.optim.adaptive import RMSprop as RMSprop
from tinytorch.optim.optimizer import Optimizer as Optimizer
from tinytorch.optim.sgd import SGD as SGD


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.optim", name, globals()) + " (SGD, Adam, AdamW, Adagrad, RMSprop, Adadelta)")
