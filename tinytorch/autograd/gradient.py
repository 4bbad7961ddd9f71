"""Gradients on request: `backward` adds them to the leaves, `grad` returns them, hooks see them in passing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tinytorch.autograd.engine import Node, Recorded, accumulate, walk_back
from tinytorch.dtypes import Array
from tinytorch.errors import need, need_tensors

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

    Start: TypeAlias = Tensor | Sequence[Tensor | None] | None  # the gradients to start from

__all__ = ["backward", "grad"]


def listed(value: Any) -> tuple[Any, ...]:
    """One tensor, or several, as a tuple."""
    return (value,) if isinstance(value, Recorded) or not hasattr(value, "__iter__") else tuple(value)


def backward(tensors: Tensor | Sequence[Tensor], grad_tensors: Start = None, retain_graph: bool | None = None,
             create_graph: bool = False, grad_variables: Start = None,
             inputs: Tensor | Sequence[Tensor] | None = None) -> None:  # fmt: skip
    """Add the gradient of `tensors` to the `grad` of every leaf that they were made from, or only of `inputs`.

    `grad_tensors` says what the gradients of the tensors themselves are; a tensor of one element may go without: 1.

    Without `retain_graph` the arrays that the graph held are freed on the way: a loss that is kept in a list afterwards
    keeps one node. A loss that backward does not go through keeps its whole graph, as in PyTorch: keep `loss.item()`.
    """
    given = grad_variables if grad_tensors is None else grad_tensors
    nodes, starts = _starts("backward", tensors, given, create_graph)
    wanted = None if inputs is None else set(_wanted("backward", inputs))
    for node, gradient in walk_back(nodes, starts, bool(retain_graph), wanted).items():
        if not node.retains_grad:
            accumulate(node, gradient)


def grad(outputs: Tensor | Sequence[Tensor], inputs: Tensor | Sequence[Tensor], grad_outputs: Start = None,
         retain_graph: bool | None = None, create_graph: bool = False, only_inputs: bool = True,
         allow_unused: bool | None = None, is_grads_batched: bool = False,
         materialize_grads: bool = False) -> tuple[Tensor | None, ...]:  # fmt: skip
    """The gradients of `outputs` with respect to `inputs`, one for each; nothing is added to any `grad`.

    For an input that no output depends on: zeros with `materialize_grads`, None with `allow_unused`, else an error.

    >>> import tinytorch as torch
    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> torch.autograd.grad((x * x).sum(), x)
    (tensor([2., 4.]),)
    """
    if is_grads_batched:
        raise NotImplementedError("grad: is_grads_batched=True is not there: call grad for each row of grad_outputs")
    if materialize_grads and allow_unused is False:
        raise ValueError("grad: materialize_grads=True gives zeros for unused inputs, so allow_unused can't be False")
    nodes, starts = _starts("grad", outputs, grad_outputs, create_graph)
    inputs = listed(inputs)
    wanted = _wanted("grad", inputs)
    found = walk_back(nodes, starts, bool(retain_graph), set(wanted))
    gradients: list[Tensor | None] = []
    for i, (x, node) in enumerate(zip(inputs, wanted)):
        optional = node in found or allow_unused or materialize_grads
        what = f"input {i}, of shape {node.shape} (allow_unused=True gives None for it)"
        need(optional, f"grad: no output depends on {what}", RuntimeError)
        known = found[node].copy() if node in found else np.zeros_like(x._array) if materialize_grads else None
        gradients.append(None if known is None else x._wrap(known))
    return tuple(gradients)


def _starts(name: str, outputs: Any, gradients: Any, create_graph: bool) -> tuple[list[Node], list[Array]]:
    """The node of each output, and the gradient to start from there."""
    if create_graph:
        raise NotImplementedError("create_graph=True: TinyTorch has no gradients of gradients")
    outputs = listed(outputs)
    gradients = (None,) * len(outputs) if gradients is None else listed(gradients)
    if len(gradients) < len(outputs):
        raise RuntimeError(f"{name}: {len(outputs)} tensors need as many gradients, got {len(gradients)}")
    nodes, starts = [], []
    for x, g in zip(outputs, gradients):
        need_tensors(name, x, x if g is None else g)
        node = x._history()
        if node is None:
            raise RuntimeError(
                f"{name}: this tensor does not depend on any tensor that requires grad (set requires_grad=True on a "
                "leaf; was it computed under no_grad(), or from detach(), .item() or .numpy()?)"
            )
        if g is None and x._array.size != 1:
            raise RuntimeError(
                f"{name} needs a loss of one number, got shape {x._array.shape}: reduce it with .mean() or .sum(), or "
                "say what its gradient is (gradient=, grad_outputs=)"
            )
        if g is not None and g._array.shape != x._array.shape:
            raise RuntimeError(f"{name}: the gradient has shape {g._array.shape}, the tensor {x._array.shape}")
        nodes.append(node)
        like = x._array
        starts.append(np.array(1, like.dtype).reshape(like.shape) if g is None else g._array.astype(like.dtype))
    return nodes, starts


def _wanted(name: str, inputs: Any) -> list[Node]:
    inputs = listed(inputs)
    need_tensors(name, *inputs)
    nodes = [x._history() for x in inputs]
    if None in nodes or not nodes:
        raise RuntimeError(f"{name}: inputs must be tensors that require grad, and at least one")
    return nodes


# ---------------------------------------------------------------------------------------------- hooks
class RemovableHandle:
    """What registering a hook returns: `remove()` takes the hook away again."""

    def __init__(self, remove: Callable[[], None]) -> None:
        self.remove = remove


def gradient_hook(hook: Callable[[Tensor], Tensor | None], wrap: Callable[[Array], Tensor]) -> Callable[[Array], Array]:
    """A hook on gradients as tensors, made into one on arrays, with what it returns checked."""

    def on_arrays(grad: Array) -> Array:
        result = hook(wrap(np.array(grad)))
        if result is None:
            return grad
        if not isinstance(result, Recorded):
            raise TypeError(f"a gradient hook returns a Tensor or None, not a {type(result).__name__}")
        if result._array.shape != grad.shape:
            raise RuntimeError(f"a gradient hook must keep the shape {grad.shape}, it returned {result._array.shape}")
        return np.array(result._array, grad.dtype)

    return on_arrays
