"""Automatic differentiation, under the names of `torch.autograd`.

`engine` records operations and walks the record backwards; it knows arrays only. Around it: `grad_mode` (no_grad and
its kin), `gradient` (backward, grad), `function` (operations of your own), `gradcheck` and `anomaly_mode`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinytorch.autograd.anomaly_mode import *
from tinytorch.autograd.engine import Node as Node
from tinytorch.autograd.engine import Recorded as Recorded
from tinytorch.autograd.engine import apply as apply
from tinytorch.autograd.engine import mark_changed as mark_changed
from tinytorch.autograd.function import *
from tinytorch.autograd.grad_mode import *
from tinytorch.autograd.gradcheck import *
from tinytorch.autograd.gradient import *
from tinytorch.errors import missing

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


class _AnyTensor(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, Recorded)


class Variable(metaclass=_AnyTensor):
    """What older programs wrap tensors in; every tensor is one."""

    def __new__(cls, data: Tensor, requires_grad: bool = False) -> Any:
        """The tensor itself, outside the record."""
        if not isinstance(data, Recorded):
            raise TypeError(f"Variable: data must be a tensor, not {type(data).__name__}: make one with torch.tensor")
        return data.detach().requires_grad_(requires_grad)


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.autograd", name, globals()))
