"""Adam and AdamW."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.errors import need
from tinytorch.optim.optimizer import Flag, Group, Optimizer, options
from tinytorch.tensor import Tensor


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

    _keeps = (("exp_avg", ""), ("exp_avg_sq", ""), ("max_exp_avg_sq", "amsgrad"))

    def __init__(
        self, params: Iterable[Any], lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0,
        amsgrad: bool = False, *, foreach: Flag = None, maximize: bool = False, capturable: bool = False,
        differentiable: bool = False, fused: Flag = None, decoupled_weight_decay: bool = False,
    ) -> None:  # fmt: skip
        _check_betas(betas, lr, bool(foreach and not capturable))
        super().__init__(params, options(locals()))

    def _change(
        self, group: Group, lr: float, step: int, grad: Array,
        exp_avg: Array, exp_avg_sq: Array, max_exp_avg_sq: Array | None = None,
    ) -> None:  # fmt: skip
        beta1, beta2 = map(float, group["betas"])
        exp_avg *= beta1  # m ← β₁ m + (1 - β₁) g
        exp_avg += grad * (1 - beta1)
        exp_avg_sq *= beta2  # v ← β₂ v + (1 - β₂) g²
        grad *= grad
        grad *= 1 - beta2
        exp_avg_sq += grad
        if max_exp_avg_sq is not None:
            exp_avg_sq = np.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
        # lr m̂ / (√v̂ + ε) with m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ), both corrections taken out of the arrays
        root = math.sqrt(1 - beta2**step)
        np.sqrt(exp_avg_sq, out=grad)
        grad += group["eps"] * root
        np.divide(exp_avg, grad, out=grad)
        grad *= lr * root / (1 - beta1**step)


def _check_betas(betas: tuple[Any, Any], lr: Any, foreach: bool) -> None:
    kinds = [kind for kind in (float, Tensor) if all(isinstance(beta, kind) for beta in betas)]
    need(kinds, f"betas must be two floats, or two tensors, got {betas}")
    tensors = isinstance(lr, Tensor) or kinds == [Tensor]
    need(not (tensors and foreach), "with foreach=True, lr and betas must be floats, not tensors")


class AdamW(Adam):
    """Adam in which weight decay shrinks the weights instead of joining the gradient: weights *= 1 - lr weight_decay.

    Source: Loshchilov & Hutter (2019), arXiv:1711.05101.
    """

    def __init__(
        self, params: Iterable[Any], lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 1e-2,
        amsgrad: bool = False, *, maximize: bool = False, foreach: Flag = None, capturable: bool = False,
        differentiable: bool = False, fused: Flag = None,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize, capturable=capturable,
            differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
        )  # fmt: skip
