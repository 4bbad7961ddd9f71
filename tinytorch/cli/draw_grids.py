"""How do tables of numbers look in characters: attention maps as shades, a confusion matrix as counts?"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.text import Text

from tinytorch.cli.look import RGB, Array, Look, blend, css, right, short, side_by_side, visible
from tinytorch.milestones.pictures import Heatmaps

HEAT: tuple[RGB, ...] = ((24, 24, 30), (90, 36, 92), (196, 62, 68), (248, 152, 44), (252, 240, 164))  # darker is less
GROUND, RIGHT, WRONG = (34, 35, 41), (52, 120, 210), (214, 110, 30)
LONGEST = 10  # characters of a column's label, written downwards


def heatmaps(picture: Heatmaps, look: Look) -> RenderableType:
    """Each panel with its row labels at the left and its column labels on top."""
    columns = [look.plain(visible(label)) for label in picture.columns]
    rows = [look.plain(visible(label)) for label in picture.rows]
    axes = f"down: {picture.y_label}; across: {picture.x_label}"
    if not any(panel.size for panel in picture.panels.values()):
        return Text("(none)", style="dim")
    if picture.counted:
        (panel,) = picture.panels.values()
        return _counts(panel, rows, columns, axes, look)
    margin = min(max(map(cell_len, rows)), max(4, look.width // 5))
    cell = 2 if margin + 1 + 2 * len(columns) <= look.width else 1
    blocks = []
    for name, panel in picture.panels.items():
        for span in _spans(len(columns), (look.width - margin - 1) // cell):
            head = [" " * (margin + 1) + line for line in _downwards(columns[span], cell)]
            shades = _shades(panel[:, span] / picture.full, cell, look)
            body = [Text.assemble(right(label, margin), " ", row) for label, row in zip(rows, shades, strict=True)]
            title = Text(set_cell_size(f"{' ' * (margin + 1)}{name}", look.width).rstrip())
            blocks.append([title, *[Text(line, style="dim") for line in head], *body])
    return Group(side_by_side(blocks, look.width, apart=True), _scale(picture.full, look), look.note(axes))


def _spans(count: int, room: int) -> list[slice]:
    """All columns, or as many at a time as there is room for."""
    room = max(1, room)
    return [slice(start, min(start + room, count)) for start in range(0, count, room)]


def _downwards(labels: Sequence[str], cell: int) -> list[str]:
    """Labels written from top to bottom, each ending over its column."""
    height = min(LONGEST, max(map(len, labels)))
    letters = [label[:height].rjust(height) for label in labels]
    return ["".join(set_cell_size(label[line], cell) for label in letters) for line in range(height)]


def _shades(shares: Array, cell: int, look: Look) -> list[Text]:
    """Numbers (rows, columns) from 0 to 1 as lines; what is no number is a question mark."""
    if look.colour:
        colours = blend(HEAT, np.nan_to_num(shares, nan=0.0, posinf=1.0))
    lines = []
    for row, values in enumerate(shares):
        line = Text()
        for column, share in enumerate(values):
            if math.isnan(share):
                line.append("?" * cell)
            elif look.colour:
                line.append(" " * cell, f"on {css(colours[row, column])}")
            else:
                line.append(look.fine_shades[_level(share, len(look.fine_shades) - 1)] * cell)
        lines.append(line)
    return lines


def _level(share: float, levels: int) -> int:
    """From 0, for less than a hundredth, to `levels`; each of them stands for an equal part."""
    return 0 if share < 0.01 else math.ceil(min(share, 1.0) * levels - 1e-9)


def _scale(full: float, look: Look) -> Text:
    """What the shades mean."""
    if look.colour:
        steps = blend(HEAT, np.linspace(0.0, 1.0, 16))
        return Text.assemble("0 ", *[(" ", f"on {css(step)}") for step in steps], f" {short(full)}", style="dim")
    shades = look.fine_shades[1:]
    steps_ = "  ".join(f"{shade} {short(full * (i + 1) / len(shades))}" for i, shade in enumerate(shades))
    return look.note(f"blank 0, up to: {steps_}")


# ---- counts ----


def _counts(panel: Array, rows: list[str], columns: list[str], axes: str, look: Look) -> RenderableType:
    """Whole numbers in cells; where rows and columns are the same classes, the diagonal stands out."""
    digits = max(len(f"{int(value)}") for value in panel.ravel())
    margin = min(max(map(cell_len, rows)), max(4, look.width - 2 - len(columns) * (digits + 1)))
    room = look.width - margin - 2
    widest = max(digits + 1, *map(cell_len, columns)) + 1
    cell = max(digits + 1, min(room // len(columns), widest))  # the first character is a gap
    classes = rows == columns
    colours = _paint(panel, classes)
    blocks = []
    for span in _spans(len(columns), room // cell):
        lines = [Text(" " * (margin + 1) + line, style="dim") for line in _across(columns[span], cell)]
        for place, label in enumerate(rows):
            line = Text(right(label, margin) + " ")
            closing = " "
            for column in range(span.start, span.stop):
                number = f"{int(panel[place, column])}" if panel[place, column] else "·" if look.unicode else "."
                if look.colour:
                    line.append(f"{number:>{cell}}", _ink(colours[place, column], bold=classes and place == column))
                elif classes and place == column:
                    line.append(f"{'[' + number:>{cell}}")
                    closing = "]"
                else:
                    line.append(f"{closing}{number:>{cell - 1}}")
                    closing = " "
            lines.append(line.append(closing.strip()))
        blocks.append(lines)
    key = "blue: right; orange: wrong" if look.colour else "[ ]: right"
    legend = f"{axes}; {key}" if classes else axes
    return Group(side_by_side(blocks, look.width, apart=True), look.note(legend))


def _across(labels: Sequence[str], cell: int) -> list[str]:
    """Labels on one line, cut to their columns; where that leaves too little of them, from top to bottom."""
    cut = [set_cell_size(label, min(cell - 1, cell_len(label))) for label in labels]
    whole = cut == list(labels)
    if whole or (cell > 3 and len(set(cut)) == len(cut)):
        return ["".join(right(label, cell) for label in cut)]
    return ["".join(right(letter, cell) for letter in line) for line in _downwards(labels, 1)]


def _paint(panel: Array, classes: bool) -> Array:
    """Colours (rows, columns, 3): the right ones as shares of the most that are right, the wrong ones of the most."""
    own = np.eye(len(panel), dtype=bool) if classes else np.zeros(panel.shape, dtype=bool)
    blue = blend((GROUND, RIGHT), panel / panel.max(initial=1, where=own))
    orange = blend((GROUND, WRONG), panel / panel.max(initial=1, where=~own))
    return np.where(own[..., None], blue, orange)


def _ink(ground: Sequence[int], bold: bool) -> str:
    """A style for numbers on a coloured ground."""
    return f"{'bold ' if bold else ''}#ffffff on {css(ground)}"
