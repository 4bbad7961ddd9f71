"""Function: an operation of your own, with the derivative that you wrote for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.autograd import engine
from tinytorch.autograd.engine import Node, Recorded
from tinytorch.autograd.grad_mode import is_grad_enabled, no_grad
from tinytorch.dtypes import Array
from tinytorch.errors import need_tensors
from tinytorch.ops import shared

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

__all__ = ["Function", "once_differentiable"]


class Function:
    """An operation of your own: a subclass defines `forward` and `backward` as static methods, and is used by `apply`.

    `backward` gets the gradient of each output and returns one for each argument of `apply`, or None. What `forward`
    computes is not recorded. Instead of taking `ctx` in `forward`, a `setup_context(ctx, inputs, output)` may fill it.
    The `ctx` holds what `forward` leaves for `backward`: the tensors that it saves, and any attributes that it sets.

    >>> import tinytorch as torch
    >>> class Cube(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x ** 3
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         x, = ctx.saved_tensors
    ...         return grad * 3 * x ** 2
    >>> x = torch.tensor(2.0, requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    tensor(12.)
    """

    saved_tensors: tuple[Tensor | None, ...] = ()
    needs_input_grad: tuple[bool, ...] = ()  # for each argument of apply
    materialize_grads = True
    non_differentiable: tuple[Tensor, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for `backward`, which refuses to run if they are changed in place before."""
        need_tensors("save_for_backward", *(x for x in tensors if x is not None))
        self.saved_tensors = tuple(None if x is None else x.detach() for x in tensors)

    def mark_non_differentiable(self, *args: Tensor) -> None:
        """Say which outputs have no gradient."""
        self.non_differentiable = args

    def set_materialize_grads(self, value: bool) -> None:
        """With False, `backward` gets None instead of zeros for an output that nothing has used."""
        self.materialize_grads = value

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError(f"{type(self).__name__} has static methods: call {type(self).__name__}.apply(...)")

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the output, a tensor or a tuple: `forward(ctx, ...)`, or without ctx if there is a setup_context."""
        raise NotImplementedError("a Function must define forward(ctx, ...) as a static method")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Save for `backward` what it needs of the arguments and the output of `forward`."""

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """From the gradients of the outputs, compute the gradient of each argument of `apply` (None: it has none)."""
        raise NotImplementedError("a Function must define backward(ctx, *grads) to have a gradient")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Compute the output, and record how its gradient is to be pulled back."""
        ctx = cls.__new__(cls)
        separate = cls.setup_context is not Function.setup_context
        if separate or kwargs:
            import inspect  # here, to keep it off the import path

            bound = inspect.signature(cls.forward).bind(*(() if separate else (ctx,)), *args, **kwargs)
            bound.apply_defaults()
            args = bound.args if separate else bound.args[1:]
        ctx.needs_input_grad = tuple(isinstance(x, Recorded) and x._history() is not None for x in args)
        with no_grad():
            output = cls.forward(*args) if separate else cls.forward(ctx, *args)
            if separate:
                cls.setup_context(ctx, args, output)
        if not (is_grad_enabled() and any(ctx.needs_input_grad)):
            return output
        return _recorded(ctx, args, output) if isinstance(output, tuple) else _recorded(ctx, args, (output,))[0]


def _recorded(ctx: Function, args: tuple[Any, ...], outputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The outputs with their place in the record.

    The engine knows operations with one result. So each output has a node of its own, which sets its gradient aside,
    and behind them stands one node that pulls back what was set aside; it is older, so its turn comes after theirs.
    """
    function, n = type(ctx), len(outputs)
    forms = {i: (y._array.shape, y._array.dtype) for i, y in enumerate(outputs) if isinstance(y, Recorded)}
    marked = {i for i in forms if any(outputs[i] is x for x in ctx.non_differentiable)}
    learning = [i for i, (_, dtype) in forms.items() if dtype.kind == "f" and i not in marked]
    if not learning:
        return outputs
    nodes = [x._history() if isinstance(x, Recorded) else None for x in args]
    tensors = {i for i, x in enumerate(args) if isinstance(x, Recorded)}
    saved = [x if x is None else x._array for x in ctx.saved_tensors]  # here the engine looks for changes in place
    wrap = outputs[learning[0]]._wrap
    aside: dict[int, Array] = {}

    def pull_back(_: Array) -> tuple[Any, ...]:
        found = {i: np.zeros(*form) for i, form in forms.items() if ctx.materialize_grads} | aside
        aside.clear()
        ctx.saved_tensors = tuple(x if x is None else wrap(x) for x in saved)
        with no_grad():
            result = function.backward(ctx, *(wrap(found[i].copy()) if i in found else None for i in range(n)))
        return _arrays(f"{function.__name__}.backward", result, nodes, tensors)

    def set_aside(i: int) -> Callable[[Array], Array]:
        def pull(grad: Array) -> Array:
            aside[i] = grad
            return np.zeros(())

        return pull

    behind = engine.new_node(function, nodes, shared(pull_back, len(nodes)), np.zeros(()))
    results = list(outputs)
    for i in learning:
        y = outputs[i]
        shares = any(np.may_share_memory(args[k]._array, y._array) for k in tensors)
        results[i] = wrap(y._array.copy() if shares else y._array)  # so that a change of it does not change an input
        results[i]._node = engine.new_node(function, (behind,), (set_aside(i),), y._array, args)
    return tuple(results)


def _arrays(here: str, result: Any, nodes: Sequence[Node | None], tensors: Set[int]) -> tuple[Array | None, ...]:
    """What a backward returned, as arrays: one for each argument, of its shape or of one that it broadcasts to."""
    grads = result if isinstance(result, tuple) else (result,)
    n = len(nodes)
    if len(grads) < n or any(g is not None for g in grads[n:]):
        raise RuntimeError(f"{here} gave {len(grads)} gradients for the {n} arguments of apply: use None for some?")
    for i, (g, node) in enumerate(zip(grads, nodes)):
        if g is not None and not (isinstance(g, Recorded) and i in tensors):
            raise RuntimeError(f"{here} gave a {type(g).__name__} for argument {i}: a gradient is a tensor, or None")
        if g is None or node is None:
            continue
        shape, found = node.shape, g._array.shape
        if len(found) < len(shape) or any(a not in (1, b) for a, b in zip(shape[::-1], found[::-1])):
            raise RuntimeError(f"{here} gave a gradient of shape {found} for argument {i} of shape {shape}")
    return tuple(None if g is None else np.array(g._array) for g in grads)


def once_differentiable(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a backward that can't be differentiated itself: in TinyTorch, none can."""
    return fn
