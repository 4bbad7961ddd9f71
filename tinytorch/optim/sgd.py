"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.errors import need
from tinytorch.optim.optimizer import Flag, Group, Optimizer, options
from tinytorch.tensor import Tensor


class SGD(Optimizer):
    """weights -= lr * gradient, or with momentum the running sum of gradients.

    Source: Sutskever et al. (2013), ICML, in PyTorch's form: b ← momentum b + (1 - dampening) g, weights -= lr b
    (with nesterov, g + momentum b in place of b). `weight_decay` adds weight_decay * weights to the gradient.

    >>> import tinytorch as torch
    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.8000], requires_grad=True)
    """

    _keeps = (("momentum_buffer", "momentum"),)
    _counts_steps = False

    def __init__(
        self, params: Iterable[Any], lr: float | Tensor = 1e-3, momentum: float = 0, dampening: float = 0,
        weight_decay: float | Tensor = 0, nesterov: bool = False, *, maximize: bool = False, foreach: Flag = None,
        differentiable: bool = False, fused: Flag = None,
    ) -> None:  # fmt: skip
        need(not nesterov or (momentum > 0 and dampening == 0), "SGD: nesterov needs momentum above 0, dampening 0")
        super().__init__(params, options(locals()))

    def _change(self, group: Group, lr: float, step: int, grad: Array, momentum_buffer: Array | None = None) -> None:
        direction = grad
        if momentum_buffer is not None:
            momentum_buffer *= group["momentum"]
            momentum_buffer += grad * (1 - group["dampening"]) if step > 1 and group["dampening"] else grad
            if group["nesterov"]:
                direction += momentum_buffer * group["momentum"]
            else:
                direction = momentum_buffer
        np.multiply(direction, lr, out=grad)
