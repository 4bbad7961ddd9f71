"""Anomaly mode: which operation made the first nan?

While it is on, every operation that is recorded notes the line of the program that called it, and warns there if it
made nan or infinity of finite numbers; and backward stops at the operation whose gradient is nan.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinytorch.autograd import engine
from tinytorch.autograd.engine import Node
from tinytorch.dtypes import Array

__all__ = ["detect_anomaly", "is_anomaly_enabled", "set_detect_anomaly"]

_INSIDE = ("tinytorch.autograd", "tinytorch.functions", "tinytorch.nn", "tinytorch.tensor")


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
