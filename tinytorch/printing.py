"""How a tensor prints: PyTorch's layout, with four digits, 80 columns and the middle of long dimensions left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinytorch.dtypes import BOOL, FLOAT32, INT64, Array

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

WIDTH, EDGE, THRESHOLD = 80, 3, 1000


def tensor_repr(tensor: Tensor, name: str = "tensor") -> str:
    """`tensor(...)` with the values, and what is not the default of dtype and gradient."""
    array, node = tensor._array, tensor._history()
    indent = len(name) + 1
    notes = []
    if array.size == 0:
        body = "[]"
        if array.ndim != 1:
            notes.append(f"size={tuple(array.shape)}")
    else:
        body = _block(_Format(array), array, indent)
    if array.dtype not in (FLOAT32, INT64, BOOL) or (array.size == 0 and array.dtype is not FLOAT32):
        notes.append(f"dtype={tensor.dtype}")
    if node is not None:
        notes.append("requires_grad=True" if node.op is None else f"grad_fn={node!r}")
    text = f"{name}({body}"
    for note in notes:
        last_line = len(text) - text.rfind("\n")
        text += f",\n{' ' * indent}{note}" if last_line + len(note) + 3 > WIDTH else f", {note}"
    return text + ")"


class _Format:
    """One width and notation for all the numbers shown."""

    def __init__(self, array: Array) -> None:
        shown = _edges(array).reshape(-1) if array.size > THRESHOLD else array.reshape(-1)
        self.summarise = array.size > THRESHOLD
        self.style = "{}"
        self.width = 1
        if shown.dtype.kind != "f":
            self.width = max(len(str(value)) for value in shown.tolist())
            return
        self.style = "{:.0f}."
        values = shown[np.isfinite(shown) & (shown != 0)].astype(float)
        if not values.size:
            return
        smallest, largest = np.abs(values).min(), np.abs(values).max()
        whole = bool((values == np.ceil(values)).all())
        if largest / smallest > 1000 or largest > 1e8 or (not whole and smallest < 1e-4):
            self.style = "{:.4e}"
        elif not whole:
            self.style = "{:.4f}"
        self.width = max(len(self.style.format(value)) for value in values.tolist())

    def __call__(self, value: float) -> str:
        text = self.style.format(value)
        if self.style == "{:.0f}." and not np.isfinite(value):
            text = text[:-1]
        return text.rjust(self.width)


def _edges(array: Array) -> Array:
    """The corners that a summary shows."""
    for axis in range(array.ndim):
        if array.shape[axis] > 2 * EDGE:
            ends = np.r_[0:EDGE, array.shape[axis] - EDGE : array.shape[axis]]
            array = array.take(ends, axis)
    return array


def _block(text: _Format, array: Array, indent: int) -> str:
    if array.ndim == 0:
        return text(array.item())
    long = text.summarise and len(array) > 2 * EDGE
    parts = [*array[:EDGE], None, *array[-EDGE:]] if long else list(array)
    if array.ndim == 1:
        words = [" ..." if part is None else text(part.item()) for part in parts]
        per_line = max(1, (WIDTH - indent) // (text.width + 2))
        lines = [", ".join(words[i : i + per_line]) for i in range(0, len(words), per_line)]
        return "[" + f",\n{' ' * (indent + 1)}".join(lines) + "]"
    blocks = ["..." if part is None else _block(text, part, indent + 1) for part in parts]
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(blocks) + "]"
