"""Gradients kept small, and parameters as one vector, under the names of `torch.nn.utils`."""

import math
from collections.abc import Iterable

from tinytorch.autograd import no_grad
from tinytorch.errors import missing, need
from tinytorch.functions.shape import cat, stack
from tinytorch.nn.utils import rnn as rnn
from tinytorch.tensor import Tensor

Tensors = Tensor | Iterable[Tensor]


def _gradients(parameters: Tensors) -> list[Tensor]:
    several = [parameters] if isinstance(parameters, Tensor) else parameters
    what = f"parameters are tensors, not a {type(several).__name__}: pass model.parameters()"
    need(isinstance(several, Iterable), what, TypeError)
    return [p.grad for p in several if p.grad is not None]


@no_grad()
def clip_grad_norm_(parameters: Tensors, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False,
                    foreach: bool | None = None) -> Tensor:  # fmt: skip
    """Scale the gradients in place so that their norm is at most `max_norm`; returns the norm before.

    >>> import tinytorch as torch
    >>> w = torch.zeros(2, requires_grad=True)
    >>> w.grad = torch.tensor([3.0, 4.0])
    >>> torch.nn.utils.clip_grad_norm_([w], max_norm=1.0)
    tensor(5.)
    >>> w.grad
    tensor([0.6000, 0.8000])
    """
    gradients = _gradients(parameters)
    norms = [grad.norm(float(norm_type)) for grad in gradients]
    total = stack(norms).norm(float(norm_type)) if norms else Tensor([0.0])[0]
    fine = not error_if_nonfinite or math.isfinite(total)
    need(fine, f"the norm of the gradients is {total.item()}: look for where they overflow", RuntimeError)
    factor = (float(max_norm) / (total + 1e-6)).clamp(max=1.0)
    for grad in gradients:
        grad.mul_(factor)
    return total


@no_grad()
def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Bring every element of the gradients into [-clip_value, clip_value], in place."""
    for grad in _gradients(parameters):
        grad.clamp_(-float(clip_value), float(clip_value))


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All elements of all parameters, one after another."""
    return cat([p.view(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Make the parameters the parts of `vec`, whose memory they share."""
    need(isinstance(vec, Tensor), f"vector_to_parameters needs a tensor, got a {type(vec).__name__}", TypeError)
    start = 0
    for p in parameters:
        p.data = vec[start : start + p.numel()].view_as(p).data
        start += p.numel()


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.nn.utils", name, globals()))
