"""Functions that change a tensor in place: `add_`, `zero_`, `copy_`, ... and assignment to a part.

Each computes its result as the plain function does and writes it into the tensor's memory. The record then says that
the tensor is that result; `autograd` is told of the change, and refuses a backward that it would make wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.autograd import apply, is_grad_enabled, mark_changed, mark_rewritten
from tinytorch.dtypes import Number
from tinytorch.functions import elementwise as e
from tinytorch.ops import elementwise as ops
from tinytorch.ops.shape import VIEWS
from tinytorch.random import Generator, default_generator

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


def overwrite(target: Tensor, result: Tensor, name: str) -> Tensor:
    """Put `result` into the memory and the place in the record of `target`."""
    old, new = target._node, result._node
    recording = is_grad_enabled() and (old is not None or new is not None)
    if recording and old is not None and old.op is None:
        raise RuntimeError(
            f"{name} would change in place a leaf tensor of shape {tuple(target.shape)} that requires grad: "
            "do it under torch.no_grad(), or make a new tensor"
        )
    if recording and old is not None and old.op in VIEWS:
        raise RuntimeError(
            f"{name} would change in place a view ({old.op.__name__}) of a tensor that requires grad: "
            "assign to the tensor itself, as in x[index] = value, or clone() first"
        )
    if result._array.shape != target._array.shape:
        raise RuntimeError(f"{name}: the result of shape {tuple(result.shape)} doesn't fit into {tuple(target.shape)}")
    if not np.can_cast(result._array.dtype, target._array.dtype, "same_kind"):
        raise RuntimeError(f"{name}: the result of type {result.dtype} can't be put into a tensor of {target.dtype}")
    if recording and result._array.dtype != target._array.dtype:
        new = result.to(target.dtype)._node
    np.copyto(target._array, result._array, casting="same_kind")
    mark_changed(target._array, name)
    if recording:
        target._node = new
        if new is not None:
            mark_rewritten(target._array, new, name)
    return target


def _in_place(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The in-place form of a function: `add` to `add_`."""
    name = function.__name__ + "_"

    def changed(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return overwrite(input, function(input, *args, **kwargs), name)

    changed.__name__ = changed.__qualname__ = name
    changed.__doc__ = f"`{function.__name__}` in place."
    return changed


add_, sub_, mul_, div_, pow_ = (_in_place(f) for f in (e.add, e.sub, e.mul, e.div, e.pow))
neg_, abs_, exp_, sqrt_, tanh_, sigmoid_ = (_in_place(f) for f in (e.neg, e.abs, e.exp, e.sqrt, e.tanh, e.sigmoid))
clamp_, masked_fill_ = _in_place(e.clamp), _in_place(e.masked_fill)


def fill_(input: Tensor, value: Number | Tensor) -> Tensor:
    """Every element becomes `value`."""
    return copy_(input, value if not isinstance(value, (int, float)) else input._wrap(np.asarray(value)))


def zero_(input: Tensor) -> Tensor:
    """Every element becomes 0."""
    return fill_(input, 0)


def copy_(input: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """The elements become those of `src`, which broadcasts and is converted."""
    return overwrite(input, apply(ops.copy, input, src), "copy_")


def uniform_(input: Tensor, a: float = 0, b: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Random numbers, equally likely everywhere in [a, b)."""
    numbers = (generator or default_generator()).uniform(input.shape) * np.float32(b - a) + np.float32(a)
    return copy_(input, input._wrap(numbers))


def normal_(input: Tensor, mean: float = 0, std: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Random numbers of a normal distribution."""
    numbers = (generator or default_generator()).normal(input.shape) * np.float32(std) + np.float32(mean)
    return copy_(input, input._wrap(numbers))
