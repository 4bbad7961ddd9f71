"""Automatic differentiation, under the names of `torch.autograd`.

`engine` records operations and walks the record backwards; it knows arrays only. Around it: `grad_mode` (no_grad and
its kin), `gradient` (backward, grad, hooks), `function` (operations of your own), `checks`
(gradcheck, anomaly mode).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinytorch.autograd.checks import *
from tinytorch.autograd.engine import *
from tinytorch.autograd.function import *
from tinytorch.autograd.grad_mode import *
from tinytorch.autograd.gradient import *
from tinytorch.errors import missing, need_tensors

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


def Variable(data: Tensor, requires_grad: bool = False) -> Tensor:
    """What older programs wrap tensors in: the tensor itself, outside the record."""
    need_tensors("Variable", data)
    return data.detach().requires_grad_(requires_grad)


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.autograd", name, globals()))
