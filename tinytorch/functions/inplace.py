"""Functions that change a tensor in place: `add_`, `zero_`, `copy_`, ... and assignment to a part.

Each computes its result as the plain function does and writes it into the tensor's memory. The record then says that
the tensor is that result, and so do the tensor's views. `autograd` is told of the change, and refuses a backward that
it would make wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tinytorch.autograd import apply, is_grad_enabled, mark_changed, tell_observers
from tinytorch.dtypes import RANK, Number
from tinytorch.functions import activation
from tinytorch.functions import elementwise as e
from tinytorch.ops import elementwise as ops
from tinytorch.ops import indexing as indexing_ops
from tinytorch.random import Generator, default_generator

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


def _in_place(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The in-place form of a function: `add` to `add_`."""
    name = function.__name__ + "_"

    def changed(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        source = input
        if is_grad_enabled():  # the pull-backs hold a copy of what is about to be overwritten
            source = input._wrap(input._array.copy())
            source._node = input._history()
        return overwrite(input, function(source, *args, **kwargs), name)

    changed.__name__ = changed.__qualname__ = name
    changed.__doc__ = f"`{function.__name__}` in place."
    return changed


add_, sub_, mul_, div_, pow_ = (_in_place(f) for f in (e.add, e.sub, e.mul, e.div, e.pow))
neg_, abs_, exp_, sqrt_, tanh_, sigmoid_ = (_in_place(f) for f in (e.neg, e.abs, e.exp, e.sqrt, e.tanh, e.sigmoid))
floor_divide_, remainder_ = _in_place(e.floor_divide), _in_place(e.remainder)
bitwise_and_, bitwise_or_, bitwise_xor_ = (_in_place(f) for f in (e.bitwise_and, e.bitwise_or, e.bitwise_xor))
clamp_, masked_fill_ = _in_place(e.clamp), _in_place(e.masked_fill)
relu_ = _in_place(activation.relu)


def fill_(input: Tensor, value: Number | Tensor) -> Tensor:
    """Every element becomes `value`."""
    if not isinstance(value, (int, float)) and value.ndim:
        raise RuntimeError(f"fill_ needs a number or a 0-d tensor, got shape {tuple(value.shape)}: use copy_")
    return copy_(input, value if not isinstance(value, (int, float)) else input._wrap(np.asarray(value)))


def zero_(input: Tensor) -> Tensor:
    """Every element becomes 0."""
    return fill_(input, 0)


def copy_(input: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """The elements become those of `src`, which broadcasts and is converted."""
    return overwrite(input, apply(ops.copy, input, src), "copy_")


def uniform_(input: Tensor, a: float = 0, b: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Random numbers, equally likely everywhere in [a, b)."""
    if a > b:
        raise RuntimeError(f"uniform_: the range must not end before it begins, got from {a} to {b}")
    numbers = (generator or default_generator()).uniform(input.shape) * np.float32(b - a) + np.float32(a)
    return copy_(input, input._wrap(numbers))


def normal_(input: Tensor, mean: float = 0, std: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Random numbers of a normal distribution."""
    if std < 0:
        raise RuntimeError(f"normal_: the standard deviation must not be negative, got {std}")
    numbers = (generator or default_generator()).normal(input.shape) * np.float32(std) + np.float32(mean)
    return copy_(input, input._wrap(numbers))
