"""How do curves and bars look in characters?

A curve over equal steps is a strip of columns for each series. One over other steps, with values below 0 or with
logarithmic axes is a chart: a mark for each point, and dots between them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from tinytorch.cli.look import Array, Look, right, short, visible
from tinytorch.milestones.pictures import Bars, Curve

ROWS, MOST_COLUMNS = 12, 64  # of a chart
SEVERAL = "*"  # marks in one place
MARKS = "ox+vabcdefghijklmnpqrstuwyz"  # one for each series
STYLES = ("cyan", "yellow", "magenta", "green")
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def curve(picture: Curve, look: Look) -> RenderableType:
    """Strips or a chart."""
    with np.errstate(invalid="ignore"):  # from infinity to infinity there is no step, and none is equal to it
        steps = np.diff(np.asarray(picture.x, dtype=np.float64))
    equal = not len(steps) or bool(np.allclose(steps, steps[0]))
    below = any(float(value) < 0 for values in picture.series.values() for value in values)
    return chart(picture, look) if picture.log or below or not equal else strips(picture, look)


# ---- strips ----


def strips(picture: Curve, look: Look) -> RenderableType:
    """Each series as a row of columns, four characters high, between its largest value and zero."""
    parts: list[RenderableType] = []
    for name, values in picture.series.items():
        heights = np.nan_to_num(np.asarray(values, dtype=float), posinf=0.0, neginf=0.0)
        if not len(heights):
            parts.append(look.note(f"{name}: (none)"))
            continue
        if len(heights) > 1 and len({*heights}) == 1:  # a level to compare with
            parts.append(look.note(f"{'':9}{name}: {short(float(heights[0]))} throughout"))
            continue
        room = look.width - 14
        if len(heights) > room:
            columns = np.array([chunk.mean() for chunk in np.array_split(heights, room)])
        else:
            columns = heights.repeat(max(1, min(4, room // len(heights))))
        parts.append(_columns(columns, look))
        span = f"{picture.x_label} {short(picture.x[0])} to {short(picture.x[len(values) - 1])}"
        parts.append(look.note(f"{'':9}{span}; {name} ends at {short(float(values[-1]))}"))
    return Group(*parts)


def _columns(values: Array, look: Look, rows: int = 4) -> Text:
    steps = len(look.heights) - 1
    top = max(float(values.max()), 1e-12)
    filled = np.clip(np.round(values / top * rows * steps), 0, rows * steps).astype(int)
    lines = []
    for row in range(rows - 1, -1, -1):
        label = short(top) if row == rows - 1 else "0" if row == 0 else ""
        cells = "".join(look.heights[min(max(level - row * steps, 0), steps)] for level in filled)
        lines.append(Text.assemble((f"{label:>8} ", "dim"), (cells, "cyan")))
    return Text("\n").join(lines)


# ---- charts ----


@dataclass(frozen=True)
class Axis:
    """From a number to its place among so many characters, and which numbers are written beside it."""

    low: float
    high: float
    log: bool
    cells: int
    values: tuple[float, ...] = ()  # if few, these are written

    def place(self, value: float) -> int:
        """Between 0 and cells - 1."""
        low, high, at = (self._scaled(each) for each in (self.low, self.high, value))
        share = (at - low) / (high - low) if high > low else 0.5
        return round(share * (self.cells - 1))

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self.log else value / 2  # half of it: the largest difference is a number, too

    @property
    def decades(self) -> list[int]:
        """The powers of ten along a logarithmic axis, not more than six; fewer than two say nothing."""
        if not self.log:
            return []
        powers = range(math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9) + 1)
        return list(powers[:: math.ceil(len(powers) / 6) or 1]) if len(powers) > 1 else []

    def ticks(self, look: Look) -> dict[int, str]:
        """What is written at which place."""
        if self.values:
            return {self.place(value): short(value) for value in self.values}
        if self.decades:
            words = [
                f"10{str(power).translate(SUPERSCRIPTS)}" if look.unicode else f"1e{power}" for power in self.decades
            ]
            return {self.place(10.0**power): word for power, word in zip(self.decades, words, strict=True)}
        return {
            self.place(value): short(float(f"{value:.6g}")) for value in self._round_numbers() or (self.low, self.high)
        }

    def _round_numbers(self) -> list[float]:
        """Multiples of 1, 2 or 5 times a power of ten, at most six of them, if there are two."""
        span = self.high - self.low
        if not (1e-9 * max(abs(self.low), abs(self.high), 1e-290) < span < math.inf):
            return []
        power = 10.0 ** math.floor(math.log10(span / 5))
        step = next(power * each for each in (1, 2, 5, 10) if power * each * 5 >= span * (1 - 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [step * each for each in range(first, last + 1)] if last > first else []


@dataclass
class Paper:
    """What is drawn where: columns from the left, rows from the bottom."""

    dot: str
    marks: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)  # (column, row): (character, style)
    crowded: bool = False

    def line(self, places: list[tuple[int, int]], mark: str, style: str) -> None:
        """Marks at the places, dots between them where nothing else is."""
        for (x, y), (to_x, to_y) in pairwise(places):
            steps = max(abs(to_x - x), abs(to_y - y), 1)
            for step in range(1, steps):
                spot = (round(x + (to_x - x) * step / steps), round(y + (to_y - y) * step / steps))
                self.marks.setdefault(spot, (self.dot, style))
        for spot in places:
            taken = self.marks.get(spot, (mark, style))[0] not in (self.dot, mark)
            self.crowded |= taken
            self.marks[spot] = (SEVERAL, "bold") if taken else (mark, style)

    def row(self, row: int, width: int) -> Text:
        """One line of it."""
        line = Text.assemble(*[self.marks.get((column, row), (" ", "")) for column in range(width)])
        line.rstrip()
        return line


def chart(picture: Curve, look: Look) -> RenderableType:
    """All series as points between two axes."""
    drawn = {name: picture.points(name) for name in picture.series}
    every = np.concatenate([*drawn.values(), np.zeros((0, 2))])
    if not len(every):
        return Text("(none)", style="dim")
    (left, bottom), (end, top) = every.min(axis=0).tolist(), every.max(axis=0).tolist()
    up = Axis(bottom, top, picture.log, ROWS)
    labels = up.ticks(look)
    margin = max(map(len, labels.values()))
    values = tuple(sorted(set(every[:, 0].tolist())))
    across = Axis(
        left, end, picture.log, min(look.width - margin - 3, MOST_COLUMNS), values if len(values) < 13 else ()
    )
    paper = Paper("·" if look.unicode else ".")
    key = []
    for place, (name, points) in enumerate(drawn.items()):
        mark, style = MARKS[place % len(MARKS)], STYLES[place % len(STYLES)]
        paper.line([(across.place(x), up.place(y)) for x, y in points.tolist()], mark, style)
        key.append(Text.assemble((mark, style), f" {name}"))
    if paper.crowded:
        key.append(Text(f"{SEVERAL} several"))
    lines = [look.note(picture.y_label + (", both axes logarithmic" if picture.log else ""))]
    for row in range(ROWS - 1, -1, -1):
        edge = ("┤" if look.unicode else "+") if row in labels else "│" if look.unicode else "|"
        lines.append(Text.assemble((f"{labels.get(row, ''):>{margin}} {edge}", "dim"), paper.row(row, across.cells)))
    lines += _below(across, margin, picture.x_label, look)
    fits = sum(entry.cell_len + 3 for entry in key) <= look.width
    lines.append(Text("   " if fits else "\n").join(key))
    lost = sum(map(len, picture.series.values())) - len(every)
    if lost:
        lines.append(look.note(f"{lost} values have no place on these axes"))
    return Group(*lines)


def _below(across: Axis, margin: int, name: str, look: Look) -> list[Text]:
    """The horizontal axis: its line, its numbers as far as they have room, its name."""
    ticks = across.ticks(look)
    corner, line, mark = "└─┴" if look.unicode else "+-+"
    ruler = "".join(mark if column in ticks else line for column in range(across.cells))
    words = [" "] * (across.cells + 1)
    places = sorted(ticks)
    for place in [places[-1], *places[:-1]]:  # the last one is worth more than those before it
        word = ticks[place]
        start = min(max(place - len(word) // 2, 0), len(words) - len(word))
        around = words[max(start - 1, 0) : start + len(word) + 1]
        if start >= 0 and not "".join(around).strip():
            words[start : start + len(word)] = word
    indent = " " * (margin + 1)
    centred = " " * max(0, margin + 2 + (across.cells - cell_len(name)) // 2) + name
    return [
        Text(f"{indent}{corner}{ruler}", style="dim"),
        Text(f"{indent} {''.join(words).rstrip()}", style="dim"),
        look.note(centred),
    ]


# ---- bars ----


def bars(picture: Bars, look: Look) -> RenderableType:
    """One bar a line, the longest as long as there is room."""
    labels = [look.plain(visible(label)) for label in picture.labels]
    most = max([*(value for value in picture.values if math.isfinite(value)), 1e-12])
    margin = min(max(map(cell_len, labels), default=0), look.width // 2)
    room = look.width - margin - 12
    lines = []
    for label, value in zip(labels, picture.values, strict=True):
        length = round(min(max(value / most, 0.0), 1.0) * room) if math.isfinite(value) else 0
        lines.append(Text.assemble(right(label, margin), " ", (look.bar * length, "cyan"), f" {short(value)}"))
    return Group(Text("\n").join(lines), look.note(picture.x_label))
