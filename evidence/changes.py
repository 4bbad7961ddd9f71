"""What is a change to a program? Lines to take out and lines to put in their place, written on its page of the site.

```{change} perceptron_trained
- def perceptron_trained(run: Run, points: int = 500, margin: float = 0.05) -> None:
+ def perceptron_trained(run: Run, points: int = 500, margin: float = 0.005) -> None:
```
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

PAGES = Path(__file__).parent.parent / "docs" / "milestones"
WRITTEN = re.compile(r"^```\{change\} (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def changed(program: str, change: str) -> str:
    r"""The program after a change; `change` holds lines to take out, "- ", and lines to put in their place, "+ ".

    Raises:
        ValueError: If what is to be taken out does not stand there exactly once.

    >>> changed("a = 1\nb = 2\n", "- b = 2\n+ b = 3")
    'a = 1\nb = 3\n'
    >>> changed("a = 1\n", "- b = 2\n+ b = 3")
    Traceback (most recent call last):
        ...
    ValueError: 'b = 2\n' stands in the program 0 times and must stand there once: mend the change
    """
    lines = change.splitlines()
    old, new = ("".join(line[2:] + "\n" for line in lines if line.startswith(sign)) for sign in "-+")
    if not old or len(lines) != old.count("\n") + new.count("\n"):
        raise ValueError("a change is lines that begin with - and lines that begin with +")
    times = f"\n{program}".count(f"\n{old}")
    if times != 1:
        raise ValueError(f"{old!r} stands in the program {times} times and must stand there once: mend the change")
    return f"\n{program}".replace(f"\n{old}", f"\n{new}").removeprefix("\n")


def key(program: str) -> str:
    """What a program's findings are kept under: they are of this text and of no other."""
    return hashlib.sha256(program.encode()).hexdigest()[:12]


def parts(text: str) -> tuple[str, str]:
    r"""The change, and the words that follow it after an empty line.

    >>> parts("- a = 1\n+ a = 2\n\nThe sum\nis 2.\n")
    ('- a = 1\n+ a = 2', 'The sum\nis 2.')
    """
    change, _, words = text.partition("\n\n")
    return change.strip("\n"), words.strip("\n")


def written() -> Iterator[tuple[str, str]]:
    """Each change that stands on a page, with the name of its program."""
    for page in sorted(PAGES.glob("*.md")):
        for name, text in WRITTEN.findall(page.read_text(encoding="utf-8")):
            yield name, parts(text)[0]
