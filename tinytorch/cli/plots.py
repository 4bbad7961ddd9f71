"""How do a run's pictures look in a file? The screen's data, drawn by matplotlib (extra `plot`)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from tinytorch.datasets.images import ImageData
from tinytorch.milestones.kit import Result
from tinytorch.milestones.pictures import Bars, Curve, Images, Picture, Regions

BLUE, ORANGE = "#2c62a8", "#d67828"
ANSWERS = LinearSegmentedColormap.from_list("answers", [BLUE, "#f4f4f4", ORANGE])
WIDTH = 8.0  # inches, for the whole figure
PER_ROW = 10  # images in one row
# The same run gives the same bytes: no dates, no random ids in the SVG.
STYLE = {"svg.hashsalt": "tinytorch", "svg.fonttype": "none", "font.size": 9.0, "axes.titlesize": 10.0}


class Plot:
    """A screen that keeps pictures and writes them as one figure, one below the other."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []

    def say(self, text: str) -> None:
        """Words stay on the terminal."""

    def progress(self, unit: str, done: int, total: int, values: Mapping[str, float]) -> None:
        """A file has no live progress."""

    def show(self, picture: Picture) -> None:
        """Keep what can be drawn; tables are for the terminal."""
        if type(picture) in _DRAW and (not isinstance(picture, Images) or len(picture.images)):
            self.pictures.append(picture)

    def save(self, path: Path, suffix: str, result: Result) -> None:
        """Write the figure, whose title says whether the gates were met."""
        heights = [_height(picture) for picture in self.pictures]
        with matplotlib.rc_context(STYLE):
            figure = Figure(figsize=(WIDTH, sum(heights) + 0.5), layout="constrained")
            verdict = "gates met" if result.success else "gates missed"
            figure.suptitle(f"{result.year} · {result.name} · seed {result.seed} · {verdict}", fontsize=11)
            parts = figure.subfigures(max(1, len(heights)), 1, squeeze=False, height_ratios=heights or None)
            for part, picture in zip(parts[:, 0], self.pictures, strict=False):
                _DRAW[type(picture)](picture, part)
            figure.savefig(path, format=suffix, dpi=150, metadata={"Date": None} if suffix == "svg" else None)


def _height(picture: Picture) -> float:
    if isinstance(picture, Images):
        return 0.3 + (WIDTH / _per_row(picture) + 0.1) * math.ceil(len(picture.images) / _per_row(picture))
    if isinstance(picture, Regions):
        return 3.6 / max(1, len(picture.planes) - 1) + 0.7
    return 2.6


def _per_row(picture: Images) -> int:
    return 8 if len(picture.images) == 16 else PER_ROW  # two even rows


def _images(picture: Images, part: Any) -> None:
    part.suptitle(picture.title, fontsize=10)
    rows = math.ceil(len(picture.images) / _per_row(picture))
    full = float(picture.images.max()) or 1.0
    cells = part.subplots(rows, _per_row(picture), squeeze=False)
    for cell in cells.flat:
        cell.axis("off")
    for cell, image, caption in zip(cells.flat, picture.images, picture.captions, strict=False):
        cell.axis("on")
        cell.imshow(image, cmap="gray_r", vmin=0, vmax=full, interpolation="nearest")
        cell.set(xticks=[], yticks=[])
        cell.set_xlabel(caption, fontsize=8)


def _regions(picture: Regions, part: Any) -> None:
    part.suptitle(picture.title, fontsize=10)
    panels = part.subplots(1, len(picture.planes), squeeze=False)[0]
    positive = picture.labels > 0
    for axes, (title, plane) in zip(panels, picture.planes.items(), strict=True):
        extent = (plane.low, plane.high, plane.low, plane.high)
        shown = axes.imshow(
            plane.values,
            origin="lower",
            extent=extent,
            cmap=ANSWERS,
            vmin=0,
            vmax=1,
            interpolation="bilinear",
            alpha=0.5,
        )
        size = 60 if len(positive) < 20 else 12
        for mask, mark, colour, name in ((~positive, "o", BLUE, "class 0"), (positive, "X", ORANGE, "class 1")):
            axes.scatter(
                *picture.points[mask].T, marker=mark, s=size, c=colour, edgecolors="white", linewidths=0.4, label=name
            )
        axes.set(title=title, xlabel="input 1", ylabel="input 2")
        axes.set(xlim=(plane.low, plane.high), ylim=(plane.low, plane.high))
        axes.locator_params(nbins=5)
    handles, labels = panels[0].get_legend_handles_labels()
    part.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    if any(((plane.values > 0) & (plane.values < 1)).any() for plane in picture.planes.values()):
        part.colorbar(shown, ax=panels, shrink=0.8, label="the model's answer")


def _curve(picture: Curve, part: Any) -> None:
    axes = part.subplots()
    for name, values in picture.series.items():
        axes.plot(picture.x[: len(values)], values, label=name, marker="o" if len(values) < 30 else None, markersize=3)
    axes.set(title=picture.title, xlabel=picture.x_label, ylabel=picture.y_label)
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    if len(picture.series) > 1:
        axes.legend()


def _bars(picture: Bars, part: Any) -> None:
    axes = part.subplots()
    places = np.arange(len(picture.labels))
    axes.barh(places, picture.values, color=BLUE)
    axes.set_yticks(places, picture.labels)
    axes.invert_yaxis()
    axes.set(title=picture.title, xlabel=picture.x_label)


_DRAW: dict[type, Callable[[Any, Any], None]] = {Images: _images, Regions: _regions, Curve: _curve, Bars: _bars}


def sheet(data: ImageData, path: Path, suffix: str) -> None:
    """Draw images on a sheet, each over its label, stratum and difficulty.

    One picture holds them all, since an axes for each of 1,000 images would take a minute.
    """
    count, height, width = data.images.shape
    per_row = min(count, max(PER_ROW, math.ceil(math.sqrt(count))))
    rows = math.ceil(count / per_row)
    gap, caption = width // 7, height // 3
    paper = np.zeros((rows * (height + caption + gap), per_row * (width + gap)))
    with matplotlib.rc_context(STYLE):
        size = 0.75  # inches for one image, so that a caption of two lines is legible
        figure = Figure(figsize=(per_row * size + 0.2, rows * size * paper.shape[0] / rows / (width + gap) + 0.6))
        axes = figure.add_axes((0, 0, 1, 1))
        full = data.images.max() or 1
        for place, image in enumerate(data.images):
            y, x = place // per_row * (height + caption + gap), place % per_row * (width + gap)
            paper[y : y + height, x : x + width] = image / full
            words = f"{data.target_names[data.labels[place]]} {data.stratum[place]} {data.difficulty[place]:.2f}"
            axes.text(x + width / 2, y + height, words, fontsize=5, ha="center", va="top")
        axes.imshow(paper, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
        axes.axis("off")
        axes.set_title(f"{data.name}, {data.split}: label, stratum, difficulty", fontsize=8)
        figure.savefig(path, format=suffix, dpi=200, metadata={"Date": None} if suffix == "svg" else None,
                       bbox_inches="tight")  # fmt: skip
