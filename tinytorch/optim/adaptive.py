"""Adagrad and its heirs RMSprop and Adadelta: steps divided by the root of the squares of past gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.errors import need
from tinytorch.optim.optimizer import Flag, Group, Optimizer, options
from tinytorch.tensor import Tensor


class Adagrad(Optimizer):
    """weights -= lr * gradient / √(the sum of all its squares), so that what changes rarely changes in larger steps.

    Source: Duchi, Hazan & Singer (2011), JMLR 12. `lr_decay` divides lr by 1 + lr_decay * the number of steps before.

    >>> import tinytorch as torch
    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([0.9000], requires_grad=True)
    """

    _keeps = (("sum", ""),)

    def __init__(
        self, params: Iterable[Any], lr: float | Tensor = 1e-2, lr_decay: float = 0, weight_decay: float = 0,
        initial_accumulator_value: float = 0, eps: float = 1e-10, foreach: Flag = None, *, maximize: bool = False,
        differentiable: bool = False, fused: Flag = None,
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))
        for group in self.param_groups:
            for p in group["params"]:
                self._bucket([p], 0, ["sum"])

    def _change(self, group: Group, lr: float, step: int, grad: Array, sum: Array) -> None:
        sum += grad * grad
        grad /= np.sqrt(sum) + group["eps"]
        grad *= lr / (1 + (step - 1) * group["lr_decay"])


class RMSprop(Optimizer):
    """Adagrad that forgets: a running mean of the squares, with weight 1 - alpha for the newest, in place of their sum.

    Source: Tieleman & Hinton (2012), lecture 6.5 of Neural Networks for Machine Learning; `centered` takes the
    variance in place of the mean square (Graves, 2013, arXiv:1308.0850).
    """

    _keeps = (("square_avg", ""), ("momentum_buffer", "momentum"), ("grad_avg", "centered"))

    def __init__(
        self, params: Iterable[Any], lr: float | Tensor = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
        weight_decay: float = 0, momentum: float = 0, centered: bool = False, capturable: bool = False,
        foreach: Flag = None, maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def _change(
        self, group: Group, lr: float, step: int, grad: Array,
        square_avg: Array, momentum_buffer: Array | None = None, grad_avg: Array | None = None,
    ) -> None:  # fmt: skip
        alpha, spread = group["alpha"], square_avg
        square_avg *= alpha
        square_avg += grad * grad * (1 - alpha)
        if grad_avg is not None:
            grad_avg *= alpha
            grad_avg += grad * (1 - alpha)
            spread = square_avg - grad_avg * grad_avg
        grad /= np.sqrt(spread) + group["eps"]
        if momentum_buffer is not None:
            momentum_buffer *= group["momentum"]
            momentum_buffer += grad
            grad[...] = momentum_buffer
        grad *= lr


class Adadelta(Optimizer):
    """RMSprop whose steps are as large as its changes have lately been, so that they need no learning rate.

    Source: Zeiler (2012), arXiv:1212.5701.
    """

    _keeps = (("square_avg", ""), ("acc_delta", ""))

    def __init__(
        self, params: Iterable[Any], lr: float | Tensor = 1.0, rho: float = 0.9, eps: float = 1e-6,
        weight_decay: float = 0, foreach: Flag = None, *, capturable: bool = False, maximize: bool = False,
        differentiable: bool = False,
    ) -> None:  # fmt: skip
        need(rho <= 1, f"Adadelta: rho must be at least 0 and at most 1, got {rho}")
        super().__init__(params, options(locals()))

    def _change(self, group: Group, lr: float, step: int, grad: Array, square_avg: Array, acc_delta: Array) -> None:
        rho, eps = group["rho"], group["eps"]
        square_avg *= rho
        square_avg += grad * grad * (1 - rho)
        grad *= np.sqrt(acc_delta + eps) / np.sqrt(square_avg + eps)
        acc_delta *= rho
        acc_delta += grad * grad * (1 - rho)
        grad *= lr
