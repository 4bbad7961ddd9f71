"""Operations on plain arrays: each returns its result and how to pull a gradient back through it.

The forward pass and its derivative stand together. A pull-back never changes the gradient it is given, and never
returns an array that it keeps: what it returns is new, or the given gradient, or a view of that.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tinytorch.dtypes import Array

PullBack = Callable[[Array], Array]  # gradient of the output -> gradient of one input
Unary = tuple[Array, tuple[PullBack]]

# Infinity and nan are answers here, as in PyTorch, and need no warning from NumPy.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"tinytorch\.(ops|autograd|optim)")


def weighted(grad: Array, weights: Array) -> Array:
    """grad * weights, but 0 where a weight is 0 even if the gradient there is infinite or nan.

    Choosing with `np.where` takes several times as long, so it is left to the gradients that need it.
    """
    product = grad * weights
    if np.vdot(product, product) < np.inf:
        return product
    return np.where(weights == 0, product.dtype.type(0), product)


def wide(x: Array) -> Array:
    """float16 as float32, in which to add up, and other types as they are."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def quiet(op: Callable[..., Any]) -> Callable[..., Any]:
    """Silence NumPy also where every warning is asked for: for operations that often meet infinity or nan."""

    @functools.wraps(op)
    def silent(*args: Any, **options: Any) -> Any:
        with np.errstate(all="ignore"):
            return op(*args, **options)

    return silent


def shared(backward: Callable[[Array], tuple[Array, ...]], inputs: int) -> tuple[Callable[[Array], Array], ...]:
    """Pull-backs for inputs that share work: `backward(grad)`, which gives the gradient of each, runs once for all."""
    last: list[Any] = []  # the gradient given, and what came of it

    def pull_back_to(i: int) -> Callable[[Array], Array]:
        def pull(grad: Array) -> Array:
            if not last or last[0] is not grad:
                last[:] = grad, backward(grad)
            return last[1][i]

        return pull

    return tuple(pull_back_to(i) for i in range(inputs))
