"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.optim.optimizer import Group, Optimizer, check_not_negative


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

    _counts_steps = False

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        fused: bool | None = None,
    ) -> None:
        check_not_negative("SGD", lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("SGD: nesterov needs a momentum above 0 and a dampening of 0")
        super().__init__(
            params,
            dict(
                lr=lr,
                momentum=momentum,
                dampening=dampening,
                weight_decay=weight_decay,
                nesterov=nesterov,
                maximize=maximize,
            ),
        )

    def _state_names(self, group: Group) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] else ()

    def _change(self, group: Group, step: int, grad: Array, weights: Array | None, state: dict[str, Array]) -> Array:
        if weights is not None:
            weights *= group["weight_decay"]
            grad += weights
        if group["momentum"]:
            buffer = state["momentum_buffer"]
            buffer *= group["momentum"]
            buffer += grad * (1 - group["dampening"]) if step > 1 and group["dampening"] else grad
            if group["nesterov"]:
                grad += buffer * group["momentum"]
            else:
                grad = buffer
        return np.multiply(grad, group["lr"])
