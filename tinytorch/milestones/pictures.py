"""What can a program show? Data only: a screen or a plot decides how each picture looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Images:
    """Images with one caption each, in one of three kinds.

    Grey (N, height, width): 0 is blank and the largest value is full ink. Signed, of the same shape: weights, 0 is
    neutral, and the largest size of all is the full colour of its sign. Colour (N, height, width, 3): red, green and
    blue from 0 to 1.
    """

    title: str
    images: Array
    captions: Sequence[str]
    signed: bool = False

    @property
    def full(self) -> float:
        """What is drawn in full: 1 for colours, else the largest finite size of all the values."""
        return 1.0 if self.coloured else _largest(self.images)

    @property
    def coloured(self) -> bool:
        """Whether each pixel is red, green and blue."""
        return self.images.ndim == 4


@dataclass(frozen=True)
class Plane:
    """A model's answer in [0, 1] at each point of the square low..high; values[0] is the bottom row."""

    values: Array  # (n, n): (vertical, horizontal)
    low: float
    high: float


@dataclass(frozen=True)
class Regions:
    """One or more planes side by side, with the same points (N, 2) and their classes 0 or 1 on each."""

    title: str
    planes: Mapping[str, Plane]
    points: Array
    labels: Array


@dataclass(frozen=True)
class Curve:
    """Lines over the same horizontal axis: x[i] against each series[name][i]; `log`: both axes are logarithmic."""

    title: str
    x: Sequence[float]
    series: Mapping[str, Sequence[float]]
    x_label: str
    y_label: str
    log: bool = False

    def points(self, name: str) -> Array:
        """What can be drawn of a series, (N, 2): points of finite numbers, on logarithmic axes of those above 0."""
        pairs = zip(self.x, self.series[name], strict=False)
        points: Array = np.array([(float(x), float(y)) for x, y in pairs]).reshape(-1, 2)
        drawable = np.isfinite(points) & ((points > 0) | (not self.log))
        return np.compress(drawable.all(axis=1), points, axis=0)


@dataclass(frozen=True)
class Heatmaps:
    """Tables of numbers, zero or more, as shades: one or more panels (rows, columns) with the same labels.

    Attention maps have a panel for each head; a confusion matrix is one panel of whole numbers, which are written
    into its cells.
    """

    title: str
    panels: Mapping[str, Array]
    rows: Sequence[str]
    columns: Sequence[str]
    x_label: str
    y_label: str

    @property
    def full(self) -> float:
        """What is drawn in full: the largest finite number of all panels."""
        return max(map(_largest, self.panels.values()), default=1.0)

    @property
    def counted(self) -> bool:
        """Whether it is one panel of whole numbers, to be written into its cells."""
        panels = list(self.panels.values())
        return len(panels) == 1 and bool(np.all(np.isfinite(panels[0]) & (panels[0] == np.round(panels[0]))))


@dataclass(frozen=True)
class Bars:
    """One amount, zero or more, for each label."""

    title: str
    labels: Sequence[str]
    values: Sequence[float]
    x_label: str


@dataclass(frozen=True)
class Table:
    """Rows of short texts under column names."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


Picture: TypeAlias = Images | Regions | Curve | Heatmaps | Bars | Table


def _largest(values: Array) -> float:
    """The largest size of a finite value, or 1 where there is none but 0."""
    sizes = np.abs(np.asarray(values, dtype=np.float64))
    return float(sizes.max(initial=0.0, where=np.isfinite(sizes))) or 1.0


def plane(answer: Callable[[Array], npt.ArrayLike], low: float, high: float, size: int = 160) -> Plane:
    """Ask `answer` (points (N, 2) float32 → N numbers in [0, 1]) at size × size points of a square.

    >>> right_half = plane(lambda points: points[:, 0] > 0, low=-1.0, high=1.0, size=4)
    >>> right_half.values
    array([[0., 0., 1., 1.],
           [0., 0., 1., 1.],
           [0., 0., 1., 1.],
           [0., 0., 1., 1.]])
    """
    ticks = np.linspace(low, high, size, dtype=np.float32)
    across, up = np.meshgrid(ticks, ticks)
    points = np.stack([across.ravel(), up.ravel()], axis=1)
    values = np.asarray(answer(points), dtype=np.float64)
    if values.size != size * size:
        raise ValueError(f"plane: {size * size} points need as many answers, but got shape {values.shape}")
    return Plane(values.reshape(size, size), low, high)
