"""How do a run's pictures look in a file? The screen's data, drawn by matplotlib (extra `plot`)."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from tinytorch.cli.look import short, visible
from tinytorch.datasets.images import ImageData
from tinytorch.milestones.kit import Result
from tinytorch.milestones.pictures import Bars, Curve, Heatmaps, Images, Picture, Regions

BLUE, ORANGE, NOTHING = "#2c62a8", "#d67828", "#c8c8c8"
ANSWERS = LinearSegmentedColormap.from_list("answers", [BLUE, "#f4f4f4", ORANGE])
SHADES = LinearSegmentedColormap.from_list("shades", ["#ffffff", "#8fb8de", BLUE, "#0b1f3f"]).with_extremes(bad=NOTHING)
MARKS, LINES = "osD^vPX*", ("-", "--", "-.", ":")
WIDTH = 8.0  # inches, for the whole figure
PER_ROW = 10  # images in one row
CAPTION = 11  # characters under one of them
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
        if type(picture) in _DRAW and not _is_empty(picture):
            self.pictures.append(picture)

    def save(self, path: Path, suffix: str, result: Result) -> None:
        """Write the figure, whose title says whether the gates were met."""
        verdict = "gates met" if result.success else "gates missed"
        with matplotlib.rc_context(STYLE):
            figure = self.figure(f"{result.year} · {result.name} · seed {result.seed} · {verdict}")
            figure.savefig(path, format=suffix, dpi=150, metadata={"Date": None} if suffix == "svg" else None)
        if suffix == "svg":
            path.write_bytes(_numbered(path.read_bytes()))

    def figure(self, title: str = "") -> Figure:
        """All pictures, one below the other."""
        heights = [_height(picture) for picture in self.pictures]
        with matplotlib.rc_context(STYLE):
            figure = Figure(figsize=(WIDTH, sum(heights) + 0.5 * bool(title)), layout="constrained")
            if title:
                figure.suptitle(title, fontsize=11)
            parts = figure.subfigures(max(1, len(heights)), 1, squeeze=False, height_ratios=heights or None)
            for part, picture in zip(parts[:, 0], self.pictures, strict=False):
                _DRAW[type(picture)](picture, part)
        return figure


def _numbered(drawing: bytes) -> bytes:
    """Clip paths named by number: matplotlib hashes their coordinates, whose last bits differ from time to time."""
    names: dict[bytes, bytes] = {}
    mention = rb'(?<=clip-path="url\(#)p\w{10}|(?<=<clipPath id=")p\w{10}'
    return re.sub(mention, lambda found: names.setdefault(found[0], b"clip%d" % len(names)), drawing)


def _is_empty(picture: Picture) -> bool:
    if isinstance(picture, Heatmaps):
        return not any(panel.size for panel in picture.panels.values())
    return isinstance(picture, Images) and not picture.images.size


def _height(picture: Picture) -> float:
    if isinstance(picture, Images):
        lines = max(_caption(caption).count("\n") for caption in picture.captions)
        row = WIDTH / _per_row(picture) + 0.1 + 0.13 * lines
        return 0.3 + row * math.ceil(len(picture.images) / _per_row(picture)) + 0.35 * picture.signed
    if isinstance(picture, Regions):
        return 3.6 / max(1, len(picture.planes) - 1) + 0.7
    if isinstance(picture, Heatmaps):
        rows = math.ceil(len(picture.panels) / _panels_per_row(picture))
        return (
            0.9 + rows * (_cell(picture) * len(picture.rows) + 0.3) + 0.06 * max(map(len, picture.columns), default=0)
        )
    if isinstance(picture, Bars):
        return max(2.6, 0.7 + 0.2 * len(picture.labels))
    return 3.6 if isinstance(picture, Curve) and picture.log else 2.6


def _words(text: str) -> str:
    """Text as it is, where matplotlib would read what stands between dollars as a formula."""
    return text.replace("$", r"\$")


# ---- images ----


def _per_row(picture: Images) -> int:
    return 8 if len(picture.images) == 16 else PER_ROW  # two even rows


def _caption(caption: str) -> str:
    return "\n".join(textwrap.wrap(_words(caption), CAPTION))


def _images(picture: Images, part: Any) -> None:
    part.suptitle(_words(picture.title), fontsize=10)
    rows = math.ceil(len(picture.images) / _per_row(picture))
    full = picture.full
    cells = part.subplots(rows, _per_row(picture), squeeze=False)
    for cell in cells.flat:
        cell.axis("off")
    for cell, image, caption in zip(cells.flat, picture.images, picture.captions, strict=False):
        cell.axis("on")
        if picture.coloured:
            shown = cell.imshow(np.nan_to_num(image).clip(0.0, 1.0), interpolation="nearest")
        else:
            cmap, low = (ANSWERS, -full) if picture.signed else ("gray_r", 0)
            shown = cell.imshow(image, cmap=cmap, vmin=low, vmax=full, interpolation="nearest")
        cell.set(xticks=[], yticks=[])
        cell.set_xlabel(_caption(caption), fontsize=8)
    if picture.signed:
        scale = part.colorbar(shown, ax=cells, location="bottom", shrink=0.4, aspect=40, pad=0.02)
        scale.set_ticks([-full, 0, full], labels=[f"-{short(full)}", "0", short(full)])


# ---- decision regions ----


def _regions(picture: Regions, part: Any) -> None:
    part.suptitle(_words(picture.title), fontsize=10)
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
        axes.set(title=_words(title), xlabel="input 1", ylabel="input 2")
        axes.set(xlim=(plane.low, plane.high), ylim=(plane.low, plane.high))
        axes.locator_params(nbins=5)
    handles, labels = panels[0].get_legend_handles_labels()
    part.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    if any(((plane.values > 0) & (plane.values < 1)).any() for plane in picture.planes.values()):
        part.colorbar(shown, ax=panels, shrink=0.8, label="the model's answer")


# ---- curves, bars ----


def _curve(picture: Curve, part: Any) -> None:
    axes = part.subplots()
    drawn = {name: picture.points(name) for name in picture.series}
    for place, (name, points) in enumerate(drawn.items()):
        look = {"marker": MARKS[place % len(MARKS)], "ls": LINES[place % len(LINES)]} if picture.log else {}
        if not picture.log and len(points) < 30:
            look = {"marker": "o"}
        axes.plot(*points.T, label=_words(name), markersize=5 if picture.log else 3, **look)
    axes.set(title=_words(picture.title), xlabel=_words(picture.x_label), ylabel=_words(picture.y_label))
    axes.grid(alpha=0.3)
    if len(picture.series) > 1:
        axes.legend()
    whole = sorted({float(x) for points in drawn.values() for x in points[:, 0]})
    if not picture.log:
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        axes.xaxis.get_major_locator().set_params(integer=all(x.is_integer() for x in whole))
    elif whole:
        axes.set(xscale="log", yscale="log")
        axes.grid(alpha=0.15, which="minor")
        if len(whole) <= 12:
            axes.set_xticks(whole, [short(x) for x in whole])
            axes.xaxis.set_minor_locator(NullLocator())


def _bars(picture: Bars, part: Any) -> None:
    axes = part.subplots()
    places = np.arange(len(picture.labels))
    lengths = np.asarray(picture.values, dtype=np.float64)
    axes.barh(places, np.where(np.isfinite(lengths), lengths, np.nan), color=BLUE)
    axes.set_yticks(places, [_words(visible(label)) for label in picture.labels])
    axes.invert_yaxis()
    axes.set(title=_words(picture.title), xlabel=_words(picture.x_label))


# ---- attention maps, confusion matrices ----


def _panels_per_row(picture: Heatmaps) -> int:
    return min(len(picture.panels), 4 if len(picture.columns) <= 8 else 2) or 1


def _cell(picture: Heatmaps) -> float:
    """How wide and high a cell is, in inches."""
    margin = 1.4 + 0.06 * max(map(len, picture.rows), default=0)  # the row labels, and the scale at the right
    room = (WIDTH - margin) / _panels_per_row(picture) - 0.1
    return min(0.45 if picture.counted else 0.3, room / max(1, len(picture.columns)))


def _heatmaps(picture: Heatmaps, part: Any) -> None:
    part.suptitle(_words(picture.title), fontsize=10)
    count, per_row, size = len(picture.panels), _panels_per_row(picture), min(8.0, 72 * 0.9 * _cell(picture))
    columns, rows = ([_words(visible(label)) for label in labels] for labels in (picture.columns, picture.rows))
    upright = 90 if max(map(len, columns), default=0) > 2 else 0
    # A confusion matrix would hardly show its mistakes beside the diagonal if its shades were even.
    norm = PowerNorm(0.5 if picture.counted else 1.0, vmin=0, vmax=picture.full)
    grid = part.subplots(math.ceil(count / per_row), per_row, squeeze=False)
    for axes in grid.flat[count:]:
        axes.axis("off")
    for place, (axes, (name, panel)) in enumerate(zip(grid.flat, picture.panels.items(), strict=False)):
        shown = axes.imshow(panel, cmap=SHADES, norm=norm, interpolation="nearest")
        axes.set_title(_words(name) if count > 1 else "", fontsize=9)
        axes.tick_params(length=2)
        axes.set_xticks(range(len(columns)), [""] * len(columns))
        axes.set_yticks(range(len(rows)), [""] * len(rows))
        if place + per_row >= count:  # nothing below
            axes.set_xticklabels(columns, fontsize=size, rotation=upright)
            axes.set_xlabel(_words(picture.x_label), fontsize=9)
        if place % per_row == 0:  # nothing at the left
            axes.set_yticklabels(rows, fontsize=size)
            axes.set_ylabel(_words(picture.y_label), fontsize=9)
        if picture.counted:
            _write(panel, norm, axes, size)
    part.colorbar(shown, ax=grid, shrink=0.8, label="count" if picture.counted else None)


def _write(panel: Any, norm: PowerNorm, axes: Any, size: float) -> None:
    """Numbers into the cells, dark on light ones and light on dark ones."""
    for (row, column), value in np.ndenumerate(panel):
        colour = "white" if norm(value) > 0.5 else "#303030"
        weight = "bold" if row == column else "normal"
        axes.text(column, row, f"{int(value)}", fontsize=size, color=colour, weight=weight, ha="center", va="center")


_DRAW: dict[type, Callable[[Any, Any], None]] = {
    Images: _images,
    Regions: _regions,
    Curve: _curve,
    Heatmaps: _heatmaps,
    Bars: _bars,
}


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
