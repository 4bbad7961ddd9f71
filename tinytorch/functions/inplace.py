"""Functions that change a tensor in place: `add_`, `zero_`, `copy_`, ... and assignment to a part.

Each computes its result as the plain function does and writes it into the tensor's memory. The record then says that
the tensor is that result, and so do the tensor's views. `autograd` is told of the change, and refuses a backward that
it would make wrong.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tinytorch.autograd import apply, enable_grad, is_grad_enabled, mark_changed, records
from tinytorch.autograd.engine import tell_observers
from tinytorch.autograd.grad_mode import AnyFunction
from tinytorch.dtypes import RANK, Number, fitting
from tinytorch.errors import need_tensors
from tinytorch.ops import elementwise as ops
from tinytorch.ops import indexing as indexing_ops

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


def overwrite(target: Tensor, result: Tensor, name: str) -> Tensor:
    """Put `result` into the memory and the place in the record of `target`."""
    old, array = target._history(), target._array
    recording = is_grad_enabled() and (old is not None or result._node is not None)
    if recording and old is not None and old.op is None:
        raise RuntimeError(
            f"{name} would change in place a leaf tensor of shape {tuple(target.shape)} that requires grad: "
            "do it under torch.no_grad(), or make a new tensor"
        )
    if result._array.shape != array.shape:
        raise RuntimeError(f"{name}: the result of shape {tuple(result.shape)} doesn't fit into {tuple(target.shape)}")
    if RANK[result._array.dtype.kind] > RANK[array.dtype.kind]:
        raise RuntimeError(f"{name}: the result of type {result.dtype} can't be put into a tensor of {target.dtype}")
    if not array.flags.writeable:
        raise RuntimeError(
            f"{name}: elements of this tensor share memory (expand, or a read-only array): clone() first"
        )
    if recording and target._base is not None:  # a view: rewrite the tensor it belongs to, which rewrites the view
        base = cast("Tensor", target._base)
        overwrite(base, apply(indexing_ops.put, base, result, path=target._path), name)
        return target
    if recording and result._array.dtype != array.dtype:
        result = result.to(target.dtype)
    np.copyto(array, result._array, casting="unsafe")
    mark_changed(array, name)
    tell_observers(overwrite, (target, result), {}, target)
    if recording:
        target._node = result._node
        target._rewritten = 0 if result._node is None else result._node.time
    return target


def in_place(function: AnyFunction) -> AnyFunction:
    """The in-place form of a function: `add` to `add_`."""
    name = function.__name__ + "_"

    @functools.wraps(function)
    def changed(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        source, operands = input, (input, *args, *kwargs.values())
        if records(*operands):
            # the pull-backs hold a copy of what is about to be overwritten
            source = input._wrap(input._array.copy())
            source._node = input._history()
        result = function(source, *args, **kwargs)
        return result if result is NotImplemented else overwrite(input, result, name)

    changed.__name__ = changed.__qualname__ = name
    changed.__doc__ = f"`{function.__name__}` in place."
    return changed  # type: ignore[return-value]


def turned(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The form of a view function that turns the tensor itself: `unsqueeze` to `unsqueeze_`."""
    name = function.__name__ + "_"

    def changed(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if input.requires_grad and input.is_leaf:
            raise RuntimeError(f"{name} would turn a leaf tensor that requires grad: use {function.__name__}")
        with enable_grad():
            view = function(input, *args, **kwargs)
        input._array, input._node, input._turned = view._array, view._node, view._seen
        if input._base is not None:
            input._path, input._seen = view._path, view._seen
        return input

    changed.__name__ = changed.__qualname__ = name
    changed.__doc__ = f"`{function.__name__}` of the tensor itself."
    return changed


def copy_(input: Tensor, src: Tensor | Number, non_blocking: bool = False) -> Tensor:
    """The elements become those of `src`, which broadcasts and is converted."""
    return put(input, input._wrap(np.asarray(src)) if isinstance(src, (int, float)) else src, "copy_")


def put(input: Tensor, source: Any, name: str) -> Tensor:
    """What `copy_` does, under the name of another function."""
    need_tensors(name, source)
    return overwrite(input, apply(ops.copy, input, source), name)


def fill_(input: Tensor, value: Number | Tensor, *, name: str = "fill_") -> Tensor:
    """Every element becomes `value`."""
    if getattr(value, "ndim", 0):
        raise RuntimeError(f"fill_ needs a number or a 0-d tensor, not one of more dimensions: use copy_({value})")
    if isinstance(value, (int, float)):
        value = input._wrap(fitting(value, input._array.dtype))
    return put(input, value, name)


def zero_(input: Tensor) -> Tensor:
    """Every element becomes 0."""
    return fill_(input, 0, name="zero_")


def fill(input: Tensor, value: Number | Tensor) -> Tensor:
    """A copy of `input` with every element `value`."""
    return fill_(input.clone(), value)


class InPlaceForm:
    """Stands in a class for the in-place form of a method: under the name `add_` of `add`, `__iadd__` of `__add__`."""

    def __set_name__(self, owner: type, name: str) -> None:
        plain = name.replace("__i", "__") if name.startswith("__") else name[:-1]
        setattr(owner, name, in_place(getattr(owner, plain)))
