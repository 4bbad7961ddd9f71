"""Calling a module that has hooks: what is called before and after forward, and on the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinytorch.autograd import Function
from tinytorch.tensor import Tensor

if TYPE_CHECKING:
    from tinytorch.nn.module import Module


class _Pass(Function):
    """Hands everything on, and on the way back gives the gradients to a function that may replace them."""

    @staticmethod
    def forward(ctx: Any, function: Any, zeros: bool, *values: Any) -> tuple[Any, ...]:
        ctx.function = function
        ctx.set_materialize_grads(zeros)
        ctx.mark_non_differentiable(*(x for x in values if isinstance(x, Tensor) and not x.requires_grad))
        return values

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Any, ...]:
        return None, None, *ctx.function(grads)


def call_with_hooks(module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The output of the module, with its hooks called."""
    pre_hooks, way_back_hooks = list(module._backward_pre_hooks.values()), list(module._backward_hooks.values())
    grad_output: list[Any] = []

    def at_outputs(grads: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook in pre_hooks:
            grads = _changed(hook(module, grads), grads)
        grad_output[:] = grads
        if not any(isinstance(x, Tensor) and x.requires_grad for x in inputs):  # the way back ends here
            at_inputs((None,) * len(inputs))
        return grads

    def at_inputs(grads: tuple[Any, ...]) -> tuple[Any, ...]:
        for hook in way_back_hooks:
            grads = _changed(hook(module, grads, tuple(grad_output)), grads)
        return grads

    for hook, with_kwargs in list(module._forward_pre_hooks.values()):
        if with_kwargs:
            args, kwargs = hook(module, args, kwargs) or (args, kwargs)
        else:
            args = _changed(hook(module, args), args)
    watched = pre_hooks or way_back_hooks
    inputs = _Pass.apply(at_inputs, True, *args) if watched else args
    result = module.forward(*inputs, **kwargs)
    for hook, with_kwargs in list(module._forward_hooks.values()):
        changed = hook(module, args, kwargs, result) if with_kwargs else hook(module, args, result)
        result = result if changed is None else changed
    if watched:
        outputs = _Pass.apply(at_outputs, False, *_changed(result, ()))
        result = outputs if isinstance(result, tuple) else outputs[0]
    return result


def _changed(value: Any, before: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a hook returned, as a tuple; what was there before, if it returned nothing."""
    return before if value is None else value if isinstance(value, tuple) else (value,)
