"""Parameter: a tensor that a Module counts as its own and an optimizer trains."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinytorch.errors import need_tensors
from tinytorch.printing import tensor_repr
from tinytorch.tensor import Tensor


class Parameter(Tensor):
    """A tensor that requires grad and, as an attribute of a Module, is listed by `parameters()`.

    It shares the memory of `data`.

    >>> import tinytorch as torch
    >>> torch.nn.Parameter(torch.zeros(2))
    Parameter containing:
    tensor([0., 0.], requires_grad=True)
    """

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        if data is not None:
            need_tensors("Parameter", data)
        self._array = np.empty(0, np.float32) if data is None else data._array
        self.requires_grad_(requires_grad)

    def __repr__(self) -> str:
        return "Parameter containing:\n" + tensor_repr(self)

    def __deepcopy__(self, memo: dict[Any, Any]) -> Parameter:
        twin = super().__deepcopy__(memo)
        twin.grad = None  # a copied model starts without gradients, as in PyTorch
        return twin  # type: ignore[return-value]
