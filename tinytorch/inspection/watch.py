"""What does a model do while it computes? Every operation with the module in which it ran, and what modules return."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tinytorch.autograd import no_grad
from tinytorch.autograd.engine import observed
from tinytorch.nn.module import Module
from tinytorch.tensor import Tensor


@contextmanager
def watched(model: Module, saw_op: Callable[..., None], saw_output: Callable[..., Any]) -> Iterator[None]:
    """A context for one forward pass in evaluation mode and without gradients; afterwards the model is as it was.

    `saw_op(path, op, inputs, options, result)` is called after each operation, with the dotted path of the
    module in which it ran ("" for the model itself), and `saw_output(path, output)` after each module.
    """
    paths = {module: path for path, module in model.named_modules()}
    before = [(module, module.training, module._hooked) for module in paths]
    inside = [""]  # the paths of the modules that are computing, the innermost last
    handles = []
    try:
        for module in paths:
            module.training = False
            handles.append(module.register_forward_pre_hook(lambda module, args: inside.append(paths[module])))
            handles.append(module.register_forward_hook(lambda module, args, output: saw_output(inside.pop(), output)))
        with no_grad(), observed(lambda *seen: saw_op(inside[-1], *seen)):
            yield
    finally:
        for handle in handles:
            handle.remove()
        for module, training, hooked in before:
            module.training, module._hooked = training, hooked


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors in nested tuples, lists and dicts, in order."""
    values = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ()
    return [value] if isinstance(value, Tensor) else [tensor for each in values for tensor in tensors_in(each)]
