"""How do pictures look in characters?

With colour, one character holds two pixels (a half block: its upper and its lower colour). Without
colour, shades of grey are denser and denser characters. Where the terminal can't show those, plain ASCII
does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from tinytorch.milestones.pictures import Bars, Curve, Heatmaps, Images, Picture, Plane, Regions, Table

Array = npt.NDArray[Any]
RGB = tuple[int, int, int]

PAPER, INK = (28, 29, 34), (244, 241, 222)
CLASS_0, UNDECIDED, CLASS_1 = (44, 98, 168), (38, 38, 44), (214, 120, 40)  # blue and orange, for every eye
POINT_0, POINT_1 = (205, 228, 255), (255, 240, 190)
MOST_POINTS = 90  # more would hide what is under them


@dataclass(frozen=True)
class Look:
    """What the terminal can show."""

    width: int
    colour: bool
    unicode: bool

    @property
    def shades(self) -> str:
        """From blank to full ink."""
        return " ░▒▓█" if self.unicode else " .:+#"

    @property
    def heights(self) -> str:
        """From empty to full, growing upwards."""
        return " ▁▂▃▄▅▆▇█" if self.unicode else " .:#"

    @property
    def bar(self) -> str:
        """A full character."""
        return "█" if self.unicode else "#"


def draw(picture: Picture, look: Look) -> RenderableType:
    """The picture as something that rich prints."""
    body = _DRAW[type(picture)](picture, look)
    return Group(Text(picture.title, style="bold"), body) if picture.title else body


# ---- images ----


def images(picture: Images, look: Look) -> RenderableType:
    """Each image over its caption, side by side."""
    full = max(float(picture.images.max()), 1e-9) if picture.images.size else 1.0
    if not len(picture.images):
        return Text("(none)", style="dim")
    one = _half_blocks if look.colour and look.unicode else _shaded
    blocks = []
    for image, caption in zip(picture.images, picture.captions, strict=True):
        lines = one(image / full, look)
        width = max(lines[0].cell_len, len(caption))
        blocks.append([*[_centred(line, width) for line in lines], _centred(Text(caption, style="dim"), width)])
    return _side_by_side(blocks, look.width)


def _half_blocks(image: Array, look: Look) -> list[Text]:
    image = _enlarged(image, 8)
    rows = [[_grey(value) for value in row] for row in image]
    if len(rows) % 2:
        rows.append([PAPER] * image.shape[1])
    return [_colour_row(upper, lower) for upper, lower in zip(rows[::2], rows[1::2], strict=True)]


def _shaded(image: Array, look: Look) -> list[Text]:
    """Small images take two characters per pixel, which is about square; large ones one for two pixels."""
    image = _enlarged(image, 2)
    if image.shape[1] > 16:
        image, across = (image[: len(image) // 2 * 2 : 2] + image[1::2]) / 2, 1
    else:
        across = 2
    levels = np.clip(np.round(image * (len(look.shades) - 1)), 0, len(look.shades) - 1).astype(int)
    lines = [Text("".join(look.shades[level] * across for level in row)) for row in levels]
    return _framed(lines) if len(lines) < 6 else lines


def _framed(lines: list[Text]) -> list[Text]:
    edge = Text("+" + "-" * lines[0].cell_len + "+", style="dim")
    return [edge, *[Text.assemble(("|", "dim"), line, ("|", "dim")) for line in lines], edge]


def _enlarged(image: Array, side: int) -> Array:
    factor = max(1, side // max(image.shape))
    return image.repeat(factor, axis=0).repeat(factor, axis=1)


def _grey(value: float) -> RGB:
    return _mix(PAPER, INK, min(max(float(value), 0.0), 1.0))


# ---- decision regions ----


def regions(picture: Regions, look: Look) -> RenderableType:
    """Each plane as a square under its title, with the points on it."""
    width = min(34, (look.width - 2) // len(picture.planes) - 3)
    step = math.ceil(len(picture.points) / MOST_POINTS)
    points, labels = picture.points[::step], picture.labels[::step]
    blocks = []
    for title, plane in picture.planes.items():
        blocks.append([Text(title, style="dim"), *_region(plane, points, labels, width, look)])
    ground = "blue says 0, orange says 1" if look.colour and look.unicode else "shaded says 1"
    shown = f"; {len(points)} of {len(picture.points)} points shown" if step > 1 else ""
    legend = f"o class 0, x class 1; {ground}{shown}"
    return Group(_side_by_side(blocks, look.width), Text(legend, style="dim"))


def _region(plane: Plane, points: Array, labels: Array, width: int, look: Look) -> list[Text]:
    height = width // 2  # a character is about twice as high as it is wide
    values = np.clip(np.nan_to_num(_sampled(plane.values, 2 * height, width)), 0.0, 1.0)[::-1]  # top row first
    if look.colour and look.unicode:
        rows = [[_answer(value) for value in row] for row in values]
        lines = [_colour_row(upper, lower) for upper, lower in zip(rows[::2], rows[1::2], strict=True)]
    else:
        shade = "  ░▒" if look.unicode else "  .:"
        middle = (values[::2] + values[1::2]) / 2
        lines = [Text("".join(shade[min(int(v * 4), 3)] for v in row)) for row in middle]
    for (x, y), label in zip(points, labels, strict=True):
        column = int((x - plane.low) / (plane.high - plane.low) * width)
        row = height - 1 - int((y - plane.low) / (plane.high - plane.low) * height)
        if 0 <= column < width and 0 <= row < height:
            lines[row] = _with_point(lines[row], column, bool(label > 0), look)
    return lines if look.colour and look.unicode else _framed(lines)


def _sampled(values: Array, rows: int, columns: int) -> Array:
    """The nearest value at the centre of each of rows × columns cells."""
    down = ((np.arange(rows) + 0.5) / rows * len(values)).astype(int)
    across = ((np.arange(columns) + 0.5) / columns * values.shape[1]).astype(int)
    return values[np.ix_(down, across)]  # type: ignore[no-any-return]


def _with_point(line: Text, column: int, positive: bool, look: Look) -> Text:
    before, cell, after = line.divide([column, column + 1])
    mark = Text("x" if positive else "o")
    if look.colour and look.unicode:
        background = str(cell.spans[0].style).rpartition(" on ")[2]
        mark.stylize(f"bold {_css(POINT_1 if positive else POINT_0)} on {background}")
    return Text.assemble(before, mark, after)


def _answer(value: float) -> RGB:
    return _mix(CLASS_0, UNDECIDED, 2 * value) if value < 0.5 else _mix(UNDECIDED, CLASS_1, 2 * value - 1)


# ---- curves, bars, tables ----


def curve(picture: Curve, look: Look) -> RenderableType:
    """Each series as a row of columns, four characters high, between its largest value and zero."""
    parts: list[RenderableType] = []
    for name, values in picture.series.items():
        heights = np.nan_to_num(np.asarray(values, dtype=float), posinf=0.0, neginf=0.0)
        if not len(heights):
            parts.append(Text(f"{name}: (none)", style="dim"))
            continue
        room = look.width - 14
        if len(heights) > room:
            columns = np.array([chunk.mean() for chunk in np.array_split(heights, room)])
        else:
            columns = heights.repeat(max(1, min(4, room // len(heights))))
        parts.append(_columns(columns, look))
        span = f"{picture.x_label} {picture.x[0]} to {picture.x[len(values) - 1]}"
        ending = f"{name} ends at {_short(float(values[-1]))}"
        parts.append(Text(f"{'':9}{span}; {ending}", style="dim"))
    return Group(*parts)


def _columns(values: Array, look: Look, rows: int = 4) -> Text:
    steps = len(look.heights) - 1
    top = max(float(values.max()), 1e-12)
    filled = np.clip(np.round(values / top * rows * steps), 0, rows * steps).astype(int)
    lines = []
    for row in range(rows - 1, -1, -1):
        label = _short(top) if row == rows - 1 else "0" if row == 0 else ""
        cells = "".join(look.heights[min(max(level - row * steps, 0), steps)] for level in filled)
        lines.append(Text.assemble((f"{label:>8} ", "dim"), (cells, "cyan")))
    return Text("\n").join(lines)


def heatmaps(picture: Heatmaps, look: Look) -> RenderableType:
    """Each panel as a table of shades."""
    top = max(float(max(panel.max() for panel in picture.panels.values())), 1e-12)
    parts: list[RenderableType] = []
    for name, panel in picture.panels.items():
        parts.append(Text(name))
        for label, row in zip(picture.rows, panel, strict=True):
            shades = "".join(look.shades[round(value / top * (len(look.shades) - 1))] * 2 for value in row)
            parts.append(Text(f"{label:>12} {shades}"))
    return Group(*parts)


def bars(picture: Bars, look: Look) -> RenderableType:
    """One bar a line, the longest as long as there is room."""
    most = max([*picture.values, 1e-12])
    label_width = max(map(len, picture.labels), default=0)
    room = look.width - label_width - 12
    lines = [
        Text.assemble(f"{label:>{label_width}} ", (look.bar * round(value / most * room), "cyan"), f" {_short(value)}")
        for label, value in zip(picture.labels, picture.values, strict=True)
    ]
    return Text("\n").join(lines)


def empty_table(look: Look) -> RichTable:
    """The one kind of table there is: a line under the head, and nothing around it."""
    return RichTable(box=box.SIMPLE_HEAD if look.unicode else box.ASCII, show_edge=False, pad_edge=False)


def table(picture: Table, look: Look) -> RenderableType:
    """Rows under column names."""
    drawn = empty_table(look)
    for column in picture.columns:
        drawn.add_column(column)
    for row in picture.rows:
        drawn.add_row(*[Text(cell) for cell in row])
    return drawn


def _short(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.3g}"


# ---- pieces ----


def _colour_row(upper: Sequence[RGB], lower: Sequence[RGB]) -> Text:
    line = Text()
    for above, below in zip(upper, lower, strict=True):
        line.append("▀", f"{_css(above)} on {_css(below)}")
    return line


def _mix(start: RGB, end: RGB, share: float) -> RGB:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue


def _css(colour: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _centred(line: Text, width: int) -> Text:
    left = (width - line.cell_len) // 2
    return Text.assemble(" " * left, line, " " * (width - line.cell_len - left))


def _side_by_side(blocks: Sequence[Sequence[Text]], width: int, gap: int = 2) -> Text:
    """As many blocks beside each other as fit; each block is a list of lines."""
    widest = max(line.cell_len for block in blocks for line in block)
    per_row = max(1, (width + gap) // (widest + gap))
    per_row = math.ceil(len(blocks) / math.ceil(len(blocks) / per_row))  # rows of about the same length
    lines: list[Text] = []
    for start in range(0, len(blocks), per_row):
        for parts in zip_longest(*blocks[start : start + per_row], fillvalue=Text()):
            line = Text()
            for part in parts:
                line.append_text(part).append(" " * (widest - part.cell_len + gap))
            line.rstrip()
            lines.append(line)
    return Text("\n", no_wrap=True).join(lines)


_DRAW: dict[type, Callable[[Any, Look], RenderableType]] = {
    Images: images,
    Regions: regions,
    Curve: curve,
    Heatmaps: heatmaps,
    Bars: bars,
    Table: table,
}
