"""How a tensor prints: PyTorch's layout, with four digits, 80 columns and the middle of long dimensions left out.

`torch.set_printoptions` changes these numbers.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.dtypes import BOOL, INT64, Array, default_float

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

DEFAULT = dict(precision=4, threshold=1000, edgeitems=3, linewidth=80)
PROFILES: dict[str, Any] = {"default": {}, "short": dict(precision=2, edgeitems=2), "full": dict(threshold=np.inf)}
shown = SimpleNamespace(**DEFAULT, sci_mode=None)


def set_printoptions(precision: int | None = None, *, profile: str | None = None, sci_mode: bool | None = None,
    **limits: float | None) -> None:  # fmt: skip
    """Digits after the point (`precision`), columns of a line (`linewidth`), and what is left out.

    A tensor of more than `threshold` elements shows `edgeitems` at both ends of each dimension. `sci_mode` True or
    False chooses the notation, for all. `profile` ("default", "short" or "full") sets all but what is given.
    """
    given = {name: value for name, value in {"precision": precision, **limits}.items() if value is not None}
    if limits.keys() - DEFAULT.keys():
        raise TypeError(f"set_printoptions takes {', '.join(DEFAULT)}, profile and sci_mode, not {', '.join(limits)}")
    vars(shown).update({**DEFAULT, **PROFILES[profile], **given} if profile else given, sci_mode=sci_mode)


def tensor_repr(tensor: Tensor, name: str = "tensor") -> str:
    """`tensor(...)` with the values, and what is not the default of dtype and gradient."""
    array, node = tensor._array, tensor._history()
    indent = len(name) + 1
    notes = []
    body = _block(_Format(array), array, indent) if array.size else "[]"
    if not array.size and array.ndim != 1:
        notes.append(f"size={tuple(array.shape)}")
    if array.dtype != default_float() and (array.size == 0 or array.dtype not in (INT64, BOOL)):
        notes.append(f"dtype={tensor.dtype}")
    if node is not None:
        notes.append("requires_grad=True" if node.op is None else f"grad_fn={node!r}")
    text = f"{name}({body}"
    for note in notes:
        last_line = len(text) - text.rfind("\n")
        text += f",\n{' ' * indent}{note}" if last_line + len(note) + 3 > shown.linewidth else f", {note}"
    return text + ")"


class _Format:
    """One width and notation for all the numbers shown."""

    def __init__(self, array: Array) -> None:
        self.summarise = array.size > shown.threshold
        numbers = (_edges(array) if self.summarise else array).reshape(-1)
        self.style, self.width = "{}", 1
        if numbers.dtype.kind != "f":
            self.width = max(len(str(value)) for value in numbers.tolist())
            return
        self.style = "{:.0f}."
        values = numbers[np.isfinite(numbers) & (numbers != 0)].astype(float)
        if not values.size:
            return
        smallest, largest = np.abs(values).min(), np.abs(values).max()
        extreme = largest / smallest > 1000 or largest > 1e8 or smallest < 1e-4
        scientific = extreme if shown.sci_mode is None else shown.sci_mode
        if scientific or (values != np.ceil(values)).any():
            self.style = f"{{:.{shown.precision}{'e' if scientific else 'f'}}}"
        self.width = max(len(self.style.format(value)) for value in values.tolist())

    def __call__(self, value: float) -> str:
        text = self.style.format(value)
        if self.style == "{:.0f}." and not np.isfinite(value):
            text = text[:-1]
        return text.rjust(self.width)


def _edges(array: Array) -> Array:
    """The corners that a summary shows."""
    for axis in range(array.ndim):
        if array.shape[axis] > 2 * shown.edgeitems:
            ends = np.r_[0 : shown.edgeitems, -shown.edgeitems : 0]
            array = array.take(ends, axis)
    return array


def _block(text: _Format, array: Array, indent: int) -> str:
    if array.ndim == 0:
        return text(array.item())
    long = text.summarise and len(array) > 2 * shown.edgeitems
    parts = [*array[: shown.edgeitems], None, *array[-shown.edgeitems :]] if long else list(array)
    if array.ndim == 1:
        words = [" ..." if part is None else text(part.item()) for part in parts]
        per_line = max(1, (shown.linewidth - indent) // (text.width + 2))
        lines = [", ".join(words[i : i + per_line]) for i in range(0, len(words), per_line)]
        return "[" + f",\n{' ' * (indent + 1)}".join(lines) + "]"
    blocks = ["..." if part is None else _block(text, part, indent + 1) for part in parts]
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(blocks) + "]"
