"""What goes in: NumPy arrays described by shape and type, drawn anew for each case from a seed made of its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

FLOATS = ("float16", "float32", "float64")
INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
DTYPES = (*FLOATS, *INTEGERS, "bool")


@dataclass(frozen=True)
class Input:
    """A name for an array, such as `float32[2, 3]`, and how to draw it."""

    name: str
    draw: Callable[[np.random.Generator], np.ndarray]

    def __str__(self) -> str:
        return self.name


def floats(*shape: int, dtype: str = "float32", low: float = -2.0, high: float = 2.0) -> Input:
    """Real numbers, equally likely between `low` and `high`; no two alike, so there are no ties."""
    name = f"{dtype}{list(shape)}" + ("" if (low, high) == (-2, 2) else f" in {low}..{high}")
    return Input(name, lambda random: np.asarray(random.uniform(low, high, shape), dtype))


def ints(*shape: int, dtype: str = "int64", low: int = 0, high: int = 9) -> Input:
    """Whole numbers from `low` to `high`, both included."""
    name = f"{dtype}{list(shape)} {low}..{high}"
    return Input(name, lambda random: random.integers(low, high + 1, shape).astype(dtype))


def bools(*shape: int) -> Input:
    """Truth values; never all the same where there is room for two."""

    def draw(random: np.random.Generator) -> np.ndarray:
        values = random.integers(0, 2, shape).astype(bool)
        if values.size > 1:
            values.reshape(-1)[:2] = True, False
        return values

    return Input(f"bool{list(shape)}", draw)


def given(values: Any, dtype: str = "float32") -> Input:
    """These very values."""
    return Input(f"{dtype} {values}", lambda random: np.array(values, dtype))
