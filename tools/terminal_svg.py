"""How does a terminal look as a picture? Its text with colours, as an SVG that needs no font but a monospaced one.

    python tools/terminal_svg.py FILE.svg tinytorch run --all
    python tools/terminal_svg.py FILE.svg --width 100 tinytorch datasets show tinymnist

Block characters (▀ █ ▃ ░ ...) are drawn as rectangles, so that pictures made of them have no seams in any font.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import click
from rich.ansi import AnsiDecoder
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme

WIDE, HIGH, BASELINE, EDGE, BAR = 8, 16, 12, 14, 30  # pixels: a character, its baseline, the margin, the title bar
# Black, red, green, yellow, blue, magenta, cyan, white. The contrast of each with the paper is above 7:1.
PAPER, INK, DIM = "#16181d", "#e6e6e6", "#a8adb8"
PLAIN = [(70, 74, 84), (255, 150, 140), (120, 220, 140), (235, 205, 110), (130, 180, 255), (225, 160, 240),
         (110, 215, 225), (230, 230, 230)]  # fmt: skip
THEME = TerminalTheme((22, 24, 29), (230, 230, 230), PLAIN, PLAIN)
FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
LOWER = "▁▂▃▄▅▆▇"  # so many eighths of the height, from below
CURSOR = re.compile(r"\x1b\[\?25[hl]")
SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
COLOUR = {"FORCE_COLOR": "1", "COLORTERM": "truecolor", "TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "0"}


def drawing(text: str, title: str) -> str:
    r"""Return an SVG of what a terminal shows: `text` with ANSI colours, under a bar with the title.

    >>> picture = drawing("\x1b[32mgreen\x1b[0m █", "tinytorch")
    >>> picture.count("<text"), picture.count("<path"), "#78dc8c" in picture, "http" in picture.replace(SVG, "")
    (2, 1, True, False)
    """
    shown = (line for line in text.split("\n") if not line or CURSOR.sub("", line))  # not where a bar was and is gone
    lines = list(AnsiDecoder().decode("\n".join(shown)))
    while lines and not lines[-1].plain.strip():
        lines.pop()
    shapes: dict[tuple[str, float], list[str]] = defaultdict(list)  # (colour, opacity) -> rectangles
    words: list[str] = []
    for row, line in enumerate(lines):
        column, y = 0, BAR + EDGE + row * HIGH
        for piece, style in _pieces(line):
            x = EDGE + column * WIDE
            column += len(piece)
            front, back = _colours(style)
            if back:
                shapes[back, 1.0].append(f"M{x} {y}h{len(piece) * WIDE}v{HIGH}h{-len(piece) * WIDE}z")
            if _box(piece[0]):
                top, high, opacity = _box(piece[0]) or (0, 0, 0)
                shapes[front, opacity].append(f"M{x} {y + top}h{len(piece) * WIDE}v{high}h{-len(piece) * WIDE}z")
            elif piece.strip():
                words.append(_word(piece, x, y + BASELINE, front, bool(style.bold)))
    wide = 2 * EDGE + WIDE * max((line.cell_len for line in lines), default=1)
    high = BAR + 2 * EDGE + HIGH * len(lines)
    return "\n".join([
        f'<svg xmlns="{SVG}" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        f'role="img" font-family="{FONT}" font-size="13" xml:space="preserve">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{wide}" height="{high}" rx="8" fill="{PAPER}"/>',
        *(f'<circle cx="{EDGE + 6 + 18 * i}" cy="18" r="5" fill="#4a4e59"/>' for i in range(3)),
        f'<text x="{wide / 2:g}" y="22" fill="{DIM}" text-anchor="middle">{escape(title)}</text>',
        '<g shape-rendering="crispEdges">',
        *(f'<path fill="{colour}"{_opacity(opacity)} d="{"".join(paths)}"/>'
          for (colour, opacity), paths in shapes.items()),
        "</g>", *words, "</svg>", "",
    ])  # fmt: skip


SVG = "http://www.w3.org/2000/svg"
_CONSOLE = Console(color_system="truecolor", width=10_000)


def _opacity(opacity: float) -> str:
    return f' opacity="{opacity:g}"' if opacity < 1 else ""


def _pieces(line: object) -> Iterator[tuple[str, Style]]:
    """Runs of one style: of one block character repeated, or of words with single spaces."""
    for segment in _CONSOLE.render(line, _CONSOLE.options.update(no_wrap=True)):  # type: ignore[arg-type]
        style, start, text = segment.style or Style(), 0, segment.text.rstrip("\n")
        for i in range(1, len(text) + 1):
            blocks = {text[start], text[i]} if i < len(text) else set()
            split = len(blocks) > 1 and any(map(_box, blocks))
            gap = text[i : i + 2] == "  " or (i > 1 and i < len(text) and text[i - 2 : i] == "  " and text[i] != " ")
            if i == len(text) or split or gap:
                yield text[start:i], style
                start = i


def _box(character: str) -> tuple[float, float, float] | None:
    """Where a block character has its ink: top, height and opacity; None for other characters."""
    if character in SHADES:
        return 0, HIGH, SHADES[character]
    if character in LOWER:
        high = HIGH * (LOWER.index(character) + 1) // 8
        return HIGH - high, high, 1.0
    return {"█": (0, HIGH, 1.0), "▀": (0, HIGH // 2, 1.0)}.get(character)


def _colours(style: Style) -> tuple[str, str | None]:
    front = _hex(style.color, DIM if style.dim else INK)
    return front, _hex(style.bgcolor, "") or None


def _hex(color: Color | None, default: str) -> str:
    return default if color is None or color.is_default else color.get_truecolor(THEME).hex


def _word(piece: str, x: int, y: int, colour: str, bold: bool) -> str:
    indent = len(piece) - len(piece.lstrip())
    piece = piece.strip()
    weight = ' font-weight="bold"' if bold else ""
    length = f' textLength="{len(piece) * WIDE}"' if len(piece) > 1 else ""  # at its place in any font
    return f'<text x="{x + indent * WIDE}" y="{y}" fill="{colour}"{length}{weight}>{escape(piece)}</text>'


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--width", default=80, show_default=True, help="Characters in a line.")
@click.argument("command", nargs=-1, required=True)
def main(file: Path, width: int, command: tuple[str, ...]) -> None:
    """Run COMMAND and draw what it shows into FILE."""
    environment = {**os.environ, **COLOUR, "COLUMNS": str(width), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    sys.stderr.write(done.stderr)
    file.write_text(drawing(done.stdout, " ".join(command)), encoding="utf-8", newline="\n")
    raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
