"""Write the numbers of the documents: ``make cards``, or ``python tools/write_cards.py [--check]``.

A page is text with blocks. What stands between a mark and its end is made here, from the shipped files, from
``evidence/results`` and from ``benchmarks/results``, and never by hand:

    <!-- numbers: splits tinydigits -->
    (the table)
    <!-- /numbers -->

In YAML the marks are comments, ``# numbers: header tinydigits`` and ``# /numbers``. The first word is the name of a
function in BLOCKS, the others are its arguments. ``--check`` writes nothing and exits with 1 if a page would change.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import card_benchmarks
import card_data
import card_evidence
import card_faults
import card_milestones
import card_mutants
import card_readme
import card_talks

import tinytorch

ROOT = Path(tinytorch.__file__).parent.parent  # so that the pages are always those of the data that is read
# with other numbers, too
MIXED = tuple(ROOT / page for page in ("README.md", "docs/benchmarks.md", "docs/faults.md", "docs/mutants.md"))
PAGES = (ROOT / "CITATION.cff", *sorted((ROOT / "tinytorch" / "datasets").rglob("*.md")))
MODULES = (
    card_benchmarks,
    card_data,
    card_evidence,
    card_faults,
    card_milestones,
    card_mutants,
    card_readme,
    card_talks,
)
BLOCKS: Mapping[str, Callable[..., str]] = {  # each is made once, though many pages may have it
    name: cache(make) for module in MODULES for name, make in module.BLOCKS.items()
}

START = re.compile(r"^(?:<!-- |# )numbers: ", re.MULTILINE)
BLOCK = re.compile(
    r"^(?P<start>(?:<!-- |# )numbers: (?P<call>[a-z0-9_/ -]+?)(?: -->)?\n)"
    r"(?P<text>(?:(?!<!-- numbers: |# numbers: ).*\n)*?)"  # no block inside a block
    r"(?P<end>(?:<!-- |# )/numbers(?: -->)?)$",
    re.MULTILINE,
)


def fill(page: str, blocks: Mapping[str, Callable[..., str]] = BLOCKS) -> str:
    r"""Return the page with every block made anew.

    Raises:
        ValueError: If a block has no end or no such block exists.

    >>> fill("# numbers: sum 1 2\nold\n# /numbers\n", {"sum": lambda *terms: f"{sum(map(int, terms))}\n"})
    '# numbers: sum 1 2\n3\n# /numbers\n'
    """

    def made(found: re.Match[str]) -> str:
        name, *arguments = found["call"].split()
        if name not in blocks:
            raise ValueError(f"no block is named {name!r}: use one of {', '.join(sorted(blocks))}")
        return found["start"] + blocks[name](*arguments) + found["end"]

    started, filled = len(START.findall(page)), len(BLOCK.findall(page))
    if started != filled:
        raise ValueError(f"{started} blocks are started and {filled} ended: end each with its /numbers before the next")
    return BLOCK.sub(made, page)


def main() -> int:
    """Write the pages, or say which would change."""
    check, failed = "--check" in sys.argv[1:], False
    for path in (*PAGES, *MIXED):
        page, name = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
        try:
            filled = fill(page)
        except (ValueError, OSError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed = True
            continue
        if filled != page:
            print(f"{'would change' if check else 'wrote'} {name}")
            failed |= check
            if not check:
                path.write_text(filled, encoding="utf-8", newline="\n")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
