"""Adam and AdamW."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.optim.optimizer import Group, Optimizer, check_not_negative


class Adam(Optimizer):
    """Steps of about `lr` in each weight: the mean of its gradients over the root of the mean of their squares.

    Source: Kingma & Ba (2015), arXiv:1412.6980, Algorithm 1; amsgrad: Reddi et al. (2018), arXiv:1904.09237.
    `weight_decay` adds weight_decay * weights to the gradient; AdamW shrinks the weights themselves.

    >>> import tinytorch as torch
    >>> w = torch.tensor([1.0, -3.0], requires_grad=True)
    >>> optimizer = torch.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    tensor([ 0.9000, -2.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_not_negative(type(self).__name__, lr=lr, eps=eps, weight_decay=weight_decay)
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"{type(self).__name__}: betas must be at least 0 and below 1, got {betas}")
        super().__init__(
            params,
            dict(
                lr=lr,
                betas=betas,
                eps=eps,
                weight_decay=weight_decay,
                amsgrad=amsgrad,
                maximize=maximize,
                decoupled_weight_decay=decoupled_weight_decay,
            ),
        )

    def _state_names(self, group: Group) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq") + (("max_exp_avg_sq",) if group["amsgrad"] else ())

    def _change(self, group: Group, step: int, grad: Array, weights: Array | None, state: dict[str, Array]) -> Array:
        beta1, beta2 = group["betas"]
        lr, decay = group["lr"], group["weight_decay"]
        m, v = state["exp_avg"], state["exp_avg_sq"]
        if weights is not None and not group["decoupled_weight_decay"]:
            grad += weights * decay
        m *= beta1  # m ← β₁ m + (1 - β₁) g
        m += grad * (1 - beta1)
        v *= beta2  # v ← β₂ v + (1 - β₂) g²
        grad *= grad
        grad *= 1 - beta2
        v += grad
        if group["amsgrad"]:
            v = np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        # lr m̂ / (√v̂ + ε) with m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ), both corrections taken out of the arrays
        root = math.sqrt(1 - beta2**step)
        change = np.sqrt(v, out=grad)
        change += group["eps"] * root
        np.divide(m, change, out=change)
        change *= lr * root / (1 - beta1**step)
        if weights is not None and group["decoupled_weight_decay"]:
            change += weights * (lr * decay)
        return change


class AdamW(Adam):
    """Adam in which weight decay shrinks the weights instead of joining the gradient: weights *= 1 - lr weight_decay.

    Source: Loshchilov & Hutter (2019), arXiv:1711.05101.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        fused: bool | None = None,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)
