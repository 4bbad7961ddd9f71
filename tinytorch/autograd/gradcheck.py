"""Is a gradient right? gradcheck compares it with central differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.autograd.engine import Recorded
from tinytorch.autograd.grad_mode import no_grad
from tinytorch.autograd.gradient import grad, listed
from tinytorch.dtypes import Array
from tinytorch.errors import need, need_tensors

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]

ROWS = 10  # of the table in an error


class GradcheckError(RuntimeError):
    """A gradient that differs from central differences."""


def gradcheck(
    func: Callable[..., Any], inputs: Tensor | Sequence[Tensor], *, eps: float = 1e-6, atol: float = 1e-5,
    rtol: float = 1e-3, raise_exception: bool = True, **accepted: float | None,
) -> bool:  # fmt: skip
    """Whether the gradient of `func` at `inputs` is right: compare it with central differences, entry by entry.

    Each derivative of an output by an element of an input that requires grad may be `atol + rtol * |numeric|` off
    (numeric: (f(x + eps) - f(x - eps)) / 2 eps, which needs float64). PyTorch's other options (`fast_mode`,
    `nondet_tol`, `check_...`) are accepted and change nothing.

    >>> import tinytorch as torch
    >>> x = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradcheck(torch.exp, x)
    True

    Raises:
        GradcheckError: a table of the entries that differ (with `raise_exception=False`, False is returned instead).
    """
    inputs = listed(inputs)
    learning = {i: x for i, x in enumerate(inputs) if isinstance(x, Recorded) and x._history() is not None}
    need(learning, "gradcheck needs at least one input that requires grad")
    for i, x in learning.items():
        if x._array.dtype != np.float64:
            coarse = f"gradcheck: input {i} is {x._array.dtype}, too coarse for differences: use float64"
            warnings.warn(coarse, stacklevel=2)
        expanded = f"gradcheck: the elements of input {i} share memory (expand): clone() it first"
        need(x._array.flags.writeable, expanded, RuntimeError)
    outputs = listed(func(*inputs))
    need_tensors("gradcheck", *outputs)
    recorded = [j for j, y in enumerate(outputs) if y._history() is not None]
    rows, tried = [], 0
    for j in recorded or [j for j, y in enumerate(outputs) if y.is_floating_point()]:
        y, values = outputs[j], lambda j=j: listed(func(*inputs))[j]._array
        for (i, x), exact in zip(learning.items(), _exact(y, learning.values())):
            numeric = _numeric(values, x, y, eps)
            for at, by in np.argwhere(~(np.abs(exact - numeric) <= atol + rtol * np.abs(numeric))):
                rows.append((_place(i, x, by), _place(j, y, at), f"{exact[at, by]:.6g}", f"{numeric[at, by]:.6g}"))
            tried += exact.size
    if raise_exception and rows:
        shown = [("input", "output", "analytic", "numeric"), *rows[:ROWS]]
        lines = [f"\n  {x:16}{y:16}{analytic:>14}{numeric:>14}" for x, y, analytic, numeric in shown]
        more = f"\n  ... and {len(rows) - ROWS} more" if len(rows) > ROWS else ""
        head = f"gradcheck: {len(rows)} of {tried} derivatives differ from central differences:"
        raise GradcheckError(head + "".join(lines) + more)
    return not rows


def gradgradcheck(*args: Any, **kwargs: Any) -> bool:
    """Always an error: there are no gradients of gradients."""
    raise NotImplementedError("gradgradcheck: TinyTorch has no gradients of gradients; gradcheck checks the first ones")


def _place(number: int, x: Any, flat: int) -> str:
    """Which element of which tensor: `0[1, 2]`."""
    return f"{number}{[int(k) for k in np.unravel_index(flat, x._array.shape)]}"


def _exact(y: Any, inputs: Any) -> list[Array]:
    """The derivatives of y by each input, as autograd has them: (elements of y, elements of the input)."""
    derivatives = [np.zeros((y.numel(), x.numel())) for x in inputs]
    for k in range(y.numel() if y.requires_grad else 0):
        one_hot = np.zeros_like(y._array)
        one_hot.flat[k] = 2  # and not 1, to notice a backward that leaves out the gradient it is given
        grads: Any = grad(y, inputs, y._wrap(one_hot), retain_graph=True, materialize_grads=True)
        for derivative, g in zip(derivatives, grads):
            derivative[k] = g._array.ravel() / 2
    return derivatives


def _numeric(values: Callable[[], Array], x: Any, y: Any, eps: float) -> Array:
    """The same derivatives from values of the function alone."""
    array, derivative = x._array, np.empty((y.numel(), x.numel()))
    for k, index in enumerate(np.ndindex(array.shape)):
        before, ends = array[index], []
        for value in (before + eps, before - eps):
            array[index] = value
            with no_grad():
                ends.append(values().astype(np.float64).ravel())
        array[index] = before
        derivative[:, k] = (ends[0] - ends[1]) / (2 * eps)
    return derivative
