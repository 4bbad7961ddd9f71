"""Helpers around training, under the names of `torch.utils`."""

from tinytorch.utils import data as data
