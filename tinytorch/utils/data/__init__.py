"""Datasets, and batches from them, under the names of `torch.utils.data`."""

from tinytorch.errors import missing
from tinytorch.utils.data.dataloader import *
from tinytorch.utils.data.dataset import *
from tinytorch.utils.data.sampler import *


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.utils.data", name, globals()))
