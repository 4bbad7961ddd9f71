"""What can the terminal show, and how do numbers become its characters and colours?"""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.cells import set_cell_size
from rich.text import Text

from tinytorch.milestones.pictures import Picture

Array = npt.NDArray[Any]
RGB = tuple[int, int, int]

IN_ASCII = {
    "×": "x", "→": "->", "≥": ">=", "≤": "<=", "²": "^2", "–": "-", "—": "-", "…": "...", "±": "+-", "·": "-",
    "✓": "ok", "✗": "NO", "●": "*", "│": "|", "␣": "_",
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """What the terminal can show."""

    width: int
    colour: bool
    unicode: bool

    @property
    def blocks(self) -> bool:
        """Whether one character can show two pixels, its upper and its lower half."""
        return self.colour and self.unicode

    @property
    def shades(self) -> str:
        """From blank to full ink."""
        return " ░▒▓█" if self.unicode else " .:+#"

    @property
    def fine_shades(self) -> str:
        """From blank to full, where small differences matter more than a clear edge."""
        return " ·░▒▓█" if self.unicode else " .:-=+*#%@"

    @property
    def signs(self) -> tuple[str, str]:
        """What is below 0 and what is above it, each from blank to full."""
        return (" -=≡", " ░▓█") if self.unicode else (" -=", " +#")

    @property
    def heights(self) -> str:
        """From empty to full, growing upwards."""
        return " ▁▂▃▄▅▆▇█" if self.unicode else " .:#"

    @property
    def bar(self) -> str:
        """A full character."""
        return "█" if self.unicode else "#"

    def plain(self, text: str) -> str:
        """The text in characters that the terminal can show."""
        if self.unicode:
            return text
        for character, replacement in IN_ASCII.items():
            text = text.replace(character, replacement)
        return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()

    def in_its_alphabet(self, picture: Picture) -> Picture:
        """The picture with all its texts in characters that the terminal can show."""
        texts = {field.name: self._spelled(getattr(picture, field.name)) for field in fields(picture)}
        return picture if self.unicode else replace(picture, **texts)

    def _spelled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.plain(value)
        if isinstance(value, Mapping):
            return {self.plain(name): each for name, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._spelled(each) for each in value]
        return value

    def note(self, text: str, style: str = "dim") -> Text:
        """A sentence under a picture, on as many lines as it takes."""
        indent = " " * (len(text) - len(text.lstrip(" ")))
        return Text("\n".join(textwrap.wrap(text, self.width, subsequent_indent=indent)), style=style)


# ---- words ----


def visible(label: str) -> str:
    r"""A label on one line that can be seen: a space, a tab and the end of a line are tokens, too.

    >>> visible(" "), visible("a word"), visible("\n")
    ('␣', 'a word', '\\n')
    """
    if label.isspace():
        label = label.replace(" ", "␣")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in label)


def short(value: float) -> str:
    """A number in few characters."""
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e7 else f"{value:.3g}"


def right(text: str, width: int) -> str:
    """The text in exactly so many columns, cut at its end, or pushed to the right."""
    cut = set_cell_size(text, width)
    spaces = len(cut) - len(cut.rstrip(" "))
    return " " * spaces + cut.rstrip(" ")


# ---- colours ----


def blend(stops: Sequence[RGB], shares: Array) -> npt.NDArray[np.int64]:
    """Colours (..., 3) between equally spaced stops, for shares (...) from 0, the first, to 1, the last."""
    places = np.linspace(0.0, 1.0, len(stops))
    channels = [np.interp(shares, places, [stop[channel] for stop in stops]) for channel in range(3)]
    return np.round(np.stack(channels, axis=-1)).astype(np.int64)


def css(colour: Sequence[int]) -> str:
    """A colour as rich reads it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def half_blocks(pixels: Array) -> list[Text]:
    """Pixels (height, width, 3), two on top of each other in each character."""
    lines = []
    for upper, lower in zip_longest(pixels[::2], pixels[1::2]):
        line = Text()
        for column, above in enumerate(upper):
            line.append("▀", css(above) if lower is None else f"{css(above)} on {css(lower[column])}")
        lines.append(line)
    return lines


def resized(image: Array, height: int, width: int) -> Array:
    """An image (rows, columns, ...) of another size: each new pixel is the mean of what it covers."""
    down, across = _coverage(len(image), height), _coverage(image.shape[1], width)
    return np.tensordot(across, np.tensordot(down, image, (1, 0)), (1, 1)).swapaxes(0, 1)


def _coverage(old: int, new: int) -> Array:
    """(new, old): which share of each new pixel each old one fills."""
    edges, pixels = np.linspace(0.0, old, new + 1), np.arange(old)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    covered = overlap.clip(min=0.0)
    return covered / covered.sum(axis=1, keepdims=True)  # type: ignore[no-any-return]


# ---- arrangement ----


def centred(line: Text, width: int) -> Text:
    """The line in the middle of so many columns."""
    left = (width - line.cell_len) // 2
    return Text.assemble(" " * left, line, " " * (width - line.cell_len - left))


def framed(lines: list[Text]) -> list[Text]:
    """The lines in a box."""
    edge = Text("+" + "-" * lines[0].cell_len + "+", style="dim")
    return [edge, *[Text.assemble(("|", "dim"), line, ("|", "dim")) for line in lines], edge]


def side_by_side(blocks: Sequence[Sequence[Text]], width: int, gap: int = 2, apart: bool = False) -> Text:
    """As many blocks beside each other as fit; each is a list of lines. `apart`: a blank line between the rows."""
    widest = max(line.cell_len for block in blocks for line in block)
    per_row = max(1, (width + gap) // (widest + gap))
    per_row = math.ceil(len(blocks) / math.ceil(len(blocks) / per_row))  # rows of about the same length
    lines: list[Text] = []
    for start in range(0, len(blocks), per_row):
        if apart and start:
            lines.append(Text())
        row = blocks[start : start + per_row]
        for parts in zip_longest(*row, fillvalue=Text()):
            line = Text()
            for part in parts[:-1]:
                line.append_text(part).append(" " * (widest - part.cell_len + gap))
            lines.append(line.append_text(parts[-1]))
    return Text("\n", no_wrap=True).join(lines)
