"""How do pictures look in characters?

With colour, one character holds two pixels (a half block: its upper and its lower colour). Without colour, shades of
grey are denser and denser characters. Where the terminal can't show those, plain ASCII does. Here are images and
decision regions; draw_charts.py has curves and bars, draw_grids.py has attention maps and confusion matrices.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from tinytorch.cli.draw_charts import bars, curve
from tinytorch.cli.draw_grids import heatmaps
from tinytorch.cli.look import Array, Look, blend, centred, css, framed, half_blocks, resized, short, side_by_side
from tinytorch.milestones.pictures import Bars, Curve, Heatmaps, Images, Picture, Plane, Regions, Table

PAPER, INK = (28, 29, 34), (244, 241, 222)
CLASS_0, UNDECIDED, CLASS_1 = (44, 98, 168), (38, 38, 44), (214, 120, 40)  # blue and orange, for every eye
POINT_0, POINT_1 = (205, 228, 255), (255, 240, 190)
NEGATIVE, NEUTRAL, POSITIVE = (86, 156, 255), (38, 38, 44), (255, 150, 50)
LUMINANCE = (0.2126, 0.7152, 0.0722)  # of red, green and blue: Rec. ITU-R BT.709
MOST_POINTS = 90  # more would hide what is under them
SMALL = 16  # up to so many pixels across, a pixel may take two characters


def draw(picture: Picture, look: Look) -> RenderableType:
    """The picture as something that rich prints."""
    picture = look.in_its_alphabet(picture)
    body = _DRAW[type(picture)](picture, look)
    return Group(look.note(picture.title, "bold"), body) if picture.title else body


# ---- images ----


def images(picture: Images, look: Look) -> RenderableType:
    """Each image over its caption, side by side."""
    if not picture.images.size:
        return Text("(none)", style="dim")
    full = picture.full
    shares = np.nan_to_num(picture.images.astype(np.float64) / full, nan=0.0, posinf=1.0, neginf=-1.0)
    gap = 2
    room = (look.width + gap) // min(3, len(shares)) - gap  # large images shrink until three stand side by side
    blocks = []
    for image, caption in zip(shares, picture.captions, strict=True):
        if look.blocks:
            lines = half_blocks(_colours(_as_large_as_fits(image, room), picture.signed))
        else:
            lines = _shaded(image, picture.signed, room, look)
        words = look.note(caption).split("\n")
        width = max(line.cell_len for line in [*lines, *words])
        blocks.append([centred(line, width) for line in [*lines, *words]])
    shown = side_by_side(blocks, look.width, gap, apart=len(blocks[0]) > 6)
    return Group(shown, _signs(full, look)) if picture.signed else shown


def _as_large_as_fits(image: Array, room: int) -> Array:
    height, width = image.shape[:2]
    if max(height, width) <= 6:
        factor = 2 * math.ceil(3 / max(height, width))  # even: a pixel ends where a character ends
        return resized(image, height * factor, width * factor)
    if width > room:
        return resized(image, max(1, round(height * room / width)), room)
    return image


def _colours(image: Array, signed: bool) -> Array:
    """Shares (height, width) or colours (height, width, 3) → what the screen's pixels are made of."""
    if image.ndim == 3:
        return np.round(255 * image.clip(0.0, 1.0)).astype(np.int64)
    return blend((NEGATIVE, NEUTRAL, POSITIVE), (image + 1) / 2) if signed else blend((PAPER, INK), image)


def _shaded(image: Array, signed: bool, room: int, look: Look) -> list[Text]:
    """Small images take two characters per pixel, which is about square; large ones one for two pixels."""
    height, width = image.shape[:2]
    room -= 2  # for a frame
    if width <= SMALL and 2 * width <= room:
        image = resized(image, height, 2 * width)
    else:
        across = min(width, room)
        image = resized(image, max(1, round(height * across / width / 2)), across)
    if signed:
        below, above = (np.array(list(signs)) for signs in look.signs)
        levels = np.round(image.clip(-1.0, 1.0) * (len(above) - 1)).astype(int)
        characters = np.where(levels < 0, below[abs(levels)], above[abs(levels)])
    else:
        shades = np.array(list(look.shades))
        if image.ndim == 3:  # a photograph uses all the shades there are, or little is to be seen
            image, shades = image @ LUMINANCE, np.array(list(look.fine_shades))
            image = (image - image.min()) / (float(np.ptp(image)) or 1.0)
        characters = shades[np.round(image.clip(0.0, 1.0) * (len(shades) - 1)).astype(int)]
    lines = [Text("".join(row)) for row in characters]
    return framed(lines) if signed or len(lines) < 6 else lines


def _signs(full: float, look: Look) -> Text:
    """What the colours or characters of signed images mean."""
    if look.blocks:
        key = [(look.bar * 2, css(colour)) for colour in (NEGATIVE, NEUTRAL, POSITIVE)]
        return Text.assemble(key[0], f" -{short(full)}  ", key[1], " 0  ", key[2], f" {short(full)}", style="dim")
    below, above = look.signs
    return look.note(f"{below.strip()} below 0, {above.strip()} above 0; the last of each: {short(full)} in size")


# ---- decision regions ----


def regions(picture: Regions, look: Look) -> RenderableType:
    """Each plane as a square under its title, with the points on it."""
    width = min(34, (look.width - 2) // len(picture.planes) - 3)
    step = max(1, math.ceil(len(picture.points) / MOST_POINTS))
    points, labels = picture.points[::step], picture.labels[::step]
    blocks = []
    for title, plane in picture.planes.items():
        blocks.append([Text(title, style="dim"), *_region(plane, points, labels, width, look)])
    ground = "blue says 0, orange says 1" if look.blocks else "shaded says 1"
    shown = f"; {len(points)} of {len(picture.points)} points shown" if step > 1 else ""
    return Group(side_by_side(blocks, look.width), look.note(f"o class 0, x class 1; {ground}{shown}"))


def _region(plane: Plane, points: Array, labels: Array, width: int, look: Look) -> list[Text]:
    height = width // 2  # a character is about twice as high as it is wide
    values = np.clip(np.nan_to_num(_sampled(plane.values, 2 * height, width)), 0.0, 1.0)[::-1]  # top row first
    if look.blocks:
        lines = half_blocks(blend((CLASS_0, UNDECIDED, CLASS_1), values))
    else:
        shade = "  ░▒" if look.unicode else "  .:"
        middle = (values[::2] + values[1::2]) / 2
        lines = [Text("".join(shade[min(int(v * 4), 3)] for v in row)) for row in middle]
    for (x, y), label in zip(points, labels, strict=True):
        column = int((x - plane.low) / (plane.high - plane.low) * width)
        row = height - 1 - int((y - plane.low) / (plane.high - plane.low) * height)
        if 0 <= column < width and 0 <= row < height:
            lines[row] = _with_point(lines[row], column, bool(label > 0), look)
    return lines if look.blocks else framed(lines)


def _sampled(values: Array, rows: int, columns: int) -> Array:
    """The nearest value at the centre of each of rows × columns cells."""
    down = ((np.arange(rows) + 0.5) / rows * len(values)).astype(int)
    across = ((np.arange(columns) + 0.5) / columns * values.shape[1]).astype(int)
    return values[np.ix_(down, across)]  # type: ignore[no-any-return]


def _with_point(line: Text, column: int, positive: bool, look: Look) -> Text:
    before, cell, after = line.divide([column, column + 1])
    mark = Text("x" if positive else "o")
    if look.blocks:
        background = str(cell.spans[0].style).rpartition(" on ")[2]
        mark.stylize(f"bold {css(POINT_1 if positive else POINT_0)} on {background}")
    return Text.assemble(before, mark, after)


# ---- tables ----


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


_DRAW: dict[type, Callable[[Any, Look], RenderableType]] = {
    Images: images,
    Regions: regions,
    Curve: curve,
    Heatmaps: heatmaps,
    Bars: bars,
    Table: table,
}
