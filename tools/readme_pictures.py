"""Which pictures has README.md? ``make readme`` draws them into docs/pictures, ``run_all.svg`` from a run just then.

Of that run, which would fill many screens, it shows the milestones in COLUMNS, each as the terminal showed it.
The pictures of the datasets hold shipped samples: of each digit the easiest and the most difficult training image, and
the first story of a level. ``python tools/readme_pictures.py --datasets`` draws these alone.
"""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from paper_figures import Grey, sheet, story
from terminal_svg import COLOUR, SVG, drawing

import tinytorch
from tinytorch.datasets import load_images

ROOT = Path(tinytorch.__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
RUN = ("tinytorch", "run", "--all")
COLUMNS = (("perceptron_trained", "xor_solved"), ("mlp_mnist", "cnn_digits"), ("vaswani_chatgpt",))
CHARACTERS = 64  # in a line of the terminal
LEVEL = 4  # of TinyTalks, whose first story is shown
LETTER, LINE, EDGE, GAP = 8, 22, 14, 12  # pixels: a letter of a talk, a line, the margin, between windows


def digits(name: str, enlarged: int) -> Grey:
    """Return of each digit the easiest training image, and below it the most difficult: black ink on white.

    >>> digits("tinydigits", 1).shape
    (24, 104)
    """
    data = load_images(name, "train")
    ink = (data.images.astype(np.float64) * 255 / data.images.max()).round().astype(np.uint8)
    chosen = []
    for pick in (np.argmin, np.argmax):
        for digit in range(10):
            of_digit = np.flatnonzero(data.labels == digit)
            chosen.append(of_digit[pick(data.difficulty[of_digit])])
    page = np.pad(sheet(ink[chosen], columns=10, gap=2), 3, constant_values=255)
    return page.repeat(enlarged, axis=0).repeat(enlarged, axis=1)


def png(grey: Grey) -> bytes:
    r"""Return a picture in the PNG format (ISO/IEC 15948), 8 bits of grey a pixel.

    >>> png(np.zeros((2, 3), np.uint8))[:8]
    b'\x89PNG\r\n\x1a\n'
    """

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    height, width = grey.shape
    lines = np.insert(grey, 0, 0, axis=1).tobytes()  # each begins with its filter: none
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")


def talk() -> str:
    """Return an SVG of a story of TinyTalks with its questions and answers."""
    told = story(LEVEL)
    lines = [f'<tspan font-style="italic">{escape(told["context"])}</tspan>']
    lines += [f'{escape(asked)} <tspan fill="#0b5394">{escape(answer)}</tspan>' for asked, answer in told["pairs"]]
    longest = max(len(told["context"]), *(len(f"{asked} {answer}") for asked, answer in told["pairs"]))
    wide, high = 2 * EDGE + LETTER * longest, 2 * EDGE + LINE * len(lines)
    words = [f'<text x="{EDGE}" y="{EDGE + LINE * i + 15}">{said}</text>' for i, said in enumerate(lines)]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        'role="img" font-family="Georgia,serif" font-size="15" fill="#1b2a41">',
        f"<title>{told['level']} of TinyTalks</title>",
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>', *words, "</svg>", "",
    ])  # fmt: skip


def sections(shown: str) -> dict[str, str]:
    r"""Return what a terminal showed of each milestone, by its name: from the line with its year to its verdict.

    >>> sections("\x1b[1m1957 ●\x1b[0m one\n    │ met\n2017 ● two\n    │ met\nyear program\n")
    {'one': '\x1b[1m1957 ●\x1b[0m one\n    │ met', 'two': '2017 ● two\n    │ met'}
    """
    found: dict[str, list[str]] = {}
    open_ = None
    for line in shown.split("\n"):
        plain = re.sub(r"\x1b\[[\d;?]*[A-Za-z]|\r", "", line)
        if begun := re.match(r"\d{4} ● (\w+)", plain):
            open_ = found.setdefault(begun[1], [])
        elif plain and not plain.startswith(" "):
            open_ = None
        if open_ is not None:
            open_.append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


def timeline(shown: str) -> str:
    """Return an SVG of the milestones in COLUMNS, side by side, from what the terminal showed.

    Raises:
        KeyError: If one of them was not run.
    """
    parts = sections(shown)
    windows = [drawing("\n".join(parts[name] for name in column), " ".join(RUN)) for column in COLUMNS]
    placed, x, high = [], -GAP, 0
    for window in windows:
        wide, tall = map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', window)[0])
        placed.append(f'<g transform="translate({x + GAP})">{window}</g>')
        x, high = x + GAP + wide, max(high, tall)
    return "\n".join([f'<svg xmlns="{SVG}" viewBox="0 0 {x} {high}">', *placed, "</svg>", ""])


def of_datasets() -> dict[str, bytes]:
    """Return the pictures of the datasets by their file's name."""
    return {
        "tinydigits.png": png(digits("tinydigits", 7)),
        "tinymnist.png": png(digits("tinymnist", 2)),
        "tinytalks.svg": talk().encode(),
    }


def main() -> int:
    """Draw them; for the timeline, run it."""
    PICTURES.mkdir(exist_ok=True)
    for name, content in of_datasets().items():
        (PICTURES / name).write_bytes(content)
    if "--datasets" in sys.argv[1:]:
        return 0
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # this environment's command
    terminal = {**COLOUR, "COLUMNS": str(CHARACTERS), "PYTHONIOENCODING": "utf-8"}
    environment = {**os.environ, **terminal, "PATH": here}
    done = subprocess.run(RUN, env=environment, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    if done.returncode == 0:
        (PICTURES / "run_all.svg").write_text(timeline(done.stdout), encoding="utf-8", newline="\n")
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main())
