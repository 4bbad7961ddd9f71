"""Set the paper: ``make paper``, or ``python tools/paper.py [--numbers]``, which prints what it is made from.

``docs/paper/paper.typ`` holds the prose, and not one number: those are gathered here from the results and the shipped
data, and laid beside it in ``build/paper/``, with the pictures. The compiler of Typst then makes
``build/paper/tinytorch.pdf`` of it, the same bytes every time: no clock, no fonts but those in the compiler's wheel, no
network.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from paper_claims import claims
from paper_figures import CHARTS, ambiguous, pictures, story
from paper_numbers import numbers
from paper_tables import TABLES

import tinytorch
from tinytorch.datasets import CATALOG
from tinytorch.datasets.catalog import REMOTE

ROOT = Path(tinytorch.__file__).parent.parent
SOURCE, WORK = ROOT / "docs" / "paper", ROOT / "build" / "paper"
STANDARDS = ["a-2a", "ua-1"]  # kept for long, and read by everybody: fonts embedded, structure and pictures described


def authors() -> list[str]:
    """Return who wrote it, as CITATION.cff has it."""
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    (block,) = re.findall(r"^authors:\n((?:  .*\n)+)", text, re.MULTILINE)
    names = re.findall(r"^  - name: (.+)$", block, re.MULTILINE)
    if not names:
        raise ValueError("CITATION.cff names no author as `- name: ...`: tools/paper.py must learn the new form")
    return names


def bibliography() -> dict[str, str]:
    """Return what is cited and not in references.bib: what ``tinytorch datasets cite`` says, and the two on demand."""
    entries: dict[str, str] = {}
    for info in (*CATALOG.values(), *REMOTE.values()):
        for entry in info.citations.split("\n\n"):
            entries.setdefault(re.findall(r"^@\w+\{(\w+),$", entry, re.MULTILINE)[0], entry)
    return entries


def contents() -> dict[str, Any]:
    """Return everything that the paper shows and that is not prose.

    Raises:
        ValueError: If the results no longer bear out what the prose says in words.
    """
    for claim, holds in claims().items():
        if not holds:
            raise ValueError(f"the paper says that {claim}, and the results do not: mend docs/paper/paper.typ")
    return {
        "authors": authors(),
        "published": max(info.published for info in CATALOG.values()),
        "n": dict(numbers()),
        "tables": {name: make() for name, make in TABLES.items()},
        "charts": {name: make() for name, make in CHARTS.items()},
        "stories": [story(level) for level in (3, 4, 5)],
        "ambiguous": [said for _, said in ambiguous()],
        "citations": {info.title: info.citation for info in CATALOG.values()},
        "bibliography": "\n\n".join(bibliography().values()) + "\n",
    }


def as_json(data: Any) -> str:
    """Return how the data is written: the same bytes for the same content."""
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def lay_out(data: dict[str, Any], drawn: Mapping[str, npt.NDArray[np.uint8]], source: Path, work: Path) -> Path:
    """Put the prose, what it shows, and the pictures into one folder; return the file to compile."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(source, work)
    sizes = {name: {"height": picture.shape[0], "width": picture.shape[1]} for name, picture in drawn.items()}
    (work / "catalog.bib").write_text(data["bibliography"], encoding="utf-8", newline="\n")
    (work / "data.json").write_text(as_json({**data, "pictures": sizes}), encoding="utf-8", newline="\n")
    for name, picture in drawn.items():
        (work / f"{name}.grey").write_bytes(picture.tobytes())
    return work / "paper.typ"


def typeset(main: Path, to: Path) -> None:
    """Compile.

    Raises:
        RuntimeError: With what the compiler says, and where; also for what it only warns of.
    """
    import typst

    try:
        _, warnings = typst.compile_with_warnings(
            str(main), output=str(to), root=str(main.parent), ignore_system_fonts=True, pdf_standards=STANDARDS
        )
    except typst.TypstError as error:
        raise RuntimeError("\n".join([error.message, *error.hints, *error.trace])) from None
    if warnings:
        raise RuntimeError("\n".join(warning.message for warning in warnings))


def main() -> int:
    """Set the paper, or print its data."""
    try:
        data = contents()
        if "--numbers" in sys.argv[1:]:
            print(as_json(data), end="")
            return 0
        typeset(lay_out(data, pictures(), SOURCE, WORK), WORK / "tinytorch.pdf")
    except (OSError, ValueError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"wrote {(WORK / 'tinytorch.pdf').relative_to(ROOT).as_posix()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
