"""The optimizers: SGD, Adam and AdamW, Adagrad and its heirs RMSprop and Adadelta."""

from __future__ import annotations

import math

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.errors import need
from tinytorch.optim.optimizer import Flag, Group, Optimizer, Params, Rate, options

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "RMSprop"]


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

    def __init__(self, params: Params, lr: Rate = 1e-3, momentum: float = 0, dampening: float = 0,
                 weight_decay: Rate = 0, nesterov: bool = False, *, maximize: bool = False,
                 foreach: Flag = None, differentiable: bool = False, fused: Flag = None) -> None:  # fmt: skip
        need(not nesterov or (momentum > 0 and dampening == 0), "SGD: nesterov needs momentum above 0, dampening 0")
        super().__init__(params, options(locals()))

    def _change(self, group: Group, lr: float, step: int, grad: Array, momentum_buffer: Array | None = None) -> None:
        direction = grad
        if momentum_buffer is not None:
            momentum_buffer *= group["momentum"]
            momentum_buffer += grad * (1 - group["dampening"]) if step > 1 and group["dampening"] else grad
            direction = grad + momentum_buffer * group["momentum"] if group["nesterov"] else momentum_buffer
        np.multiply(direction, lr, out=grad)


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

    def __init__(self, params: Params, lr: Rate = 1e-3,
                 betas: tuple[Rate, Rate] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0, amsgrad: bool = False, *, foreach: Flag = None, maximize: bool = False,
                 capturable: bool = False, differentiable: bool = False, fused: Flag = None,
                 decoupled_weight_decay: bool = False) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def _change(self, group: Group, lr: float, step: int, grad: Array, exp_avg: Array, exp_avg_sq: Array,
                max_exp_avg_sq: Array | None = None) -> None:  # fmt: skip
        beta1, beta2 = map(float, group["betas"])
        # Every line works in place: an array made for a moment would cost more than what is done with it.
        exp_avg *= beta1  # m ← β₁ m + (1 - β₁) g
        grad *= 1 - beta1
        exp_avg += grad
        exp_avg_sq *= beta2  # v ← β₂ v + (1 - β₂) g²
        grad *= grad
        grad *= (1 - beta2) / (1 - beta1) ** 2
        exp_avg_sq += grad
        if max_exp_avg_sq is not None:
            exp_avg_sq = np.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
        # lr m̂ / (√v̂ + ε) with m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ), both corrections taken out of the arrays
        root = math.sqrt(1 - beta2**step)
        np.sqrt(exp_avg_sq, out=grad)
        grad += group["eps"] * root
        np.divide(exp_avg, grad, out=grad)
        grad *= lr * root / (1 - beta1**step)


class AdamW(Adam):
    """Adam in which weight decay shrinks the weights instead of joining the gradient: weights *= 1 - lr weight_decay.

    Source: Loshchilov & Hutter (2019), arXiv:1711.05101.
    """

    def __init__(self, params: Params, lr: Rate = 1e-3,
                 betas: tuple[Rate, Rate] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 1e-2, amsgrad: bool = False, *, maximize: bool = False, foreach: Flag = None,
                 capturable: bool = False, differentiable: bool = False, fused: Flag = None) -> None:  # fmt: skip
        super(Adam, self).__init__(params, options(locals()) | {"decoupled_weight_decay": True})


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

    def __init__(self, params: Params, lr: Rate = 1e-2, lr_decay: float = 0, weight_decay: float = 0,
                 initial_accumulator_value: float = 0, eps: float = 1e-10, foreach: Flag = None, *,
                 maximize: bool = False, differentiable: bool = False, fused: Flag = None) -> None:  # fmt: skip
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

    def __init__(self, params: Params, lr: Rate = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
                 weight_decay: float = 0, momentum: float = 0, centered: bool = False, capturable: bool = False,
                 foreach: Flag = None, maximize: bool = False, differentiable: bool = False) -> None:  # fmt: skip
        super().__init__(params, options(locals()))

    def _change(self, group: Group, lr: float, step: int, grad: Array, square_avg: Array,
                momentum_buffer: Array | None = None, grad_avg: Array | None = None) -> None:  # fmt: skip
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

    def __init__(self, params: Params, lr: Rate = 1.0, rho: float = 0.9, eps: float = 1e-6,
                 weight_decay: float = 0, foreach: Flag = None, *, capturable: bool = False, maximize: bool = False,
                 differentiable: bool = False) -> None:  # fmt: skip
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
