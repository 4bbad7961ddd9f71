"""What is wrong with my gradients? gradcheck compares them with differences, anomaly mode finds the first nan.

While anomaly mode is on, every operation that is recorded notes the line of the program that called it, and warns there
if it made nan or infinity of finite numbers; and backward stops at the operation whose gradient is nan.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.autograd import engine
from tinytorch.autograd.engine import Node, Recorded
from tinytorch.autograd.grad_mode import no_grad
from tinytorch.autograd.gradient import grad, listed
from tinytorch.dtypes import Array
from tinytorch.errors import need, need_tensors

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

__all__ = ["GradcheckError", "detect_anomaly", "gradcheck", "gradgradcheck", "is_anomaly_enabled", "set_detect_anomaly"]

_INSIDE = ("tinytorch.autograd", "tinytorch.functions", "tinytorch.nn", "tinytorch.profiler", "tinytorch.tensor")
ROWS = 10  # of the table in an error


class GradcheckError(RuntimeError):
    """A gradient that differs from central differences."""


def gradcheck(func: Callable[..., Any], inputs: Tensor | Sequence[Tensor], *, eps: float = 1e-6, atol: float = 1e-5,
              rtol: float = 1e-3, raise_exception: bool = True, **accepted: float | None) -> bool:  # fmt: skip
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


# ---------------------------------------------------------------------------------------------- anomaly mode
def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on."""
    return engine.new_node is _noting_node


class set_detect_anomaly:
    """Switch anomaly mode on or off: at once, or for a `with` block."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.previous = engine.new_node, engine.check_gradient
        engine.new_node = _noting_node if mode else Node
        engine.check_gradient = _refuse_nan if mode and check_nan else None

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        engine.new_node, engine.check_gradient = self.previous


class detect_anomaly(set_detect_anomaly):
    """Find the operation that makes the first nan, and the line that called it.

    >>> import tinytorch as torch
    >>> x = torch.zeros(2, requires_grad=True)
    >>> with torch.autograd.detect_anomaly():
    ...     (x.sqrt() * 0).sum().backward()
    Traceback (most recent call last):
    RuntimeError: ...
    """

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan

    def __enter__(self) -> None:
        super().__init__(True, self.check_nan)


def _noting_node(op: Any, inputs: Any, pullbacks: Any, output: Array, given: Sequence[Any] = ()) -> Node:
    """A node that knows the line of the user's program which made it."""
    node = Node(op, inputs, pullbacks, output)
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_INSIDE):
        frame = frame.f_back
    node.line = frame.f_code.co_filename, frame.f_lineno
    if engine.check_gradient and not np.isfinite(output).all():
        numbers = [np.asarray(getattr(x, "_array", x)) for x in given]
        if all(np.isfinite(x).all() for x in numbers if x.dtype.kind in "biuf"):
            shapes, what = ", ".join(str(x.shape) for x in numbers), "nan" if np.isnan(output).any() else "infinity"
            message = f"{op.__name__} made {what} out of finite numbers: it was given shapes {shapes}"
            warnings.warn_explicit(message, UserWarning, *node.line)
    return node


def _refuse_nan(node: Node, grad: Array) -> None:
    if np.isnan(grad).any():
        import linecache  # here, to keep it off the import path

        assert node.op is not None
        where = "run the forward pass in anomaly mode, too, to see the line"
        if node.line is not None:
            where = f"it was called in {node.line[0]}, line {node.line[1]}: {linecache.getline(*node.line).strip()}"
        what = f"backward of {node.op.__name__} made nan, in the gradient of an input of shape {grad.shape}"
        raise RuntimeError(f"{what}; {where}")
