"""What changes to a program do the pages ask a reader to try, and under which name is the outcome of each recorded?

    ```{change} xor_solved
    - def xor_solved(run: Run, hidden: int = 8, learning_rate: float = 0.05) -> None:
    + def xor_solved(run: Run, hidden: int = 1, learning_rate: float = 0.05) -> None:

    Words that say why.
    ```

asks for lines to be taken out ("- ") and others to be put in their place ("+ "), in one or more places.
`evidence/exercises.py` runs what it finds; `pages/exercises.py` shows it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

PAGES = Path(__file__).parent.parent / "docs" / "milestones"
BLOCK = re.compile(r"^```\{change\} (?P<name>\w+)\n(?P<reason>:not-tried: .+\n)?(?P<body>(?:(?!```).*\n)+)```$", re.M)
PLACE = re.compile(r"((?:-.*\n)+)((?:\+.*\n)*)")


class Asked(NamedTuple):
    """A change that a page asks for."""

    page: str
    name: str  # of the program
    change: str
    tried: bool


def asked(text: str, page: str = "") -> list[Asked]:
    r"""The changes that a page asks for, in its order.

    >>> asked("```{change} xor_solved\n- a\n+ b\n\nWhy.\n```\n")
    [Asked(page='', name='xor_solved', change='- a\n+ b', tried=True)]
    """
    found = [Asked(page, each["name"], split(each["body"])[0], not each["reason"]) for each in BLOCK.finditer(text)]
    if len(found) != text.count("```{change}"):
        raise ValueError(f"{page}: a change is ```{{change}} NAME, lines of - and +, an empty line, words, ```")
    return found


def all_asked() -> Iterator[Asked]:
    """The changes that all pages of milestones ask for."""
    for path in sorted(PAGES.glob("*.md")):
        yield from asked(path.read_text(encoding="utf-8"), path.name)


def split(body: str) -> tuple[str, str]:
    r"""The change, and the words after it.

    >>> split("- a\n+ b\n\nWhy.\n")
    ('- a\n+ b', 'Why.')
    """
    change = list(takewhile(lambda line: line.startswith(("-", "+")), body.splitlines()))
    return "\n".join(change), "\n".join(body.splitlines()[len(change) :]).strip()


def changed(program: str, change: str) -> str:
    r"""The program after a change.

    Raises:
        ValueError: If what is to be taken out does not stand there exactly once.

    >>> changed("a = 1\nb = 2\n", "- b = 2\n+ b = 3")
    'a = 1\nb = 3\n'
    >>> changed("a = 1\n", "- b = 2\n+ b = 3")
    Traceback (most recent call last):
        ...
    ValueError: 'b = 2\n' stands in the program 0 times and must stand there once: mend the change
    """
    if not re.fullmatch(f"(?:{PLACE.pattern})+", change + "\n"):
        raise ValueError("a change is lines that begin with - and, after them, lines that begin with +")
    for place in PLACE.findall(change + "\n"):
        old, new = ("".join(line[2:] + "\n" for line in lines.splitlines()) for lines in place)
        lines = re.compile(f"^{re.escape(old)}", re.M)
        times = len(lines.findall(program))
        if times != 1:
            raise ValueError(f"{old!r} stands in the program {times} times and must stand there once: mend the change")
        program = lines.sub(lambda _: new, program)  # noqa: B023
    return program


def key(name: str, program: str) -> str:
    """What the outcome of a program, changed or not, is recorded under: a digest of its text.

    >>> key("xor_solved", "a = 1") != key("xor_solved", "a = 2")
    True
    """
    return f"{name} {hashlib.sha256(program.encode()).hexdigest()[:16]}"
