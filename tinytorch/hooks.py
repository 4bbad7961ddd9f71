"""Hooks: the user's functions that are called in passing, and can be taken away again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tinytorch.autograd import Recorded
from tinytorch.dtypes import Array

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


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
