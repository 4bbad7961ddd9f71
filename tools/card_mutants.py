"""What does docs/mutants.md say of the changes that tests noticed? Made from ``evidence/results/mutants.json``."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from card_data import paragraph, table

import tinytorch

RESULTS = Path(tinytorch.__file__).parent.parent / "evidence" / "results" / "mutants.json"
PARTS = {"files": "downloads, archives, checkpoints and random states", "autograd": "autograd", "ops": "the operations"}
COUNTS = ("mutants", "tried", "killed", "timeout", "survived")


def found() -> dict[str, Any]:
    """Return what `make mutants` has left.

    Raises:
        FileNotFoundError: If it has not run.
    """
    if not RESULTS.is_file():
        raise FileNotFoundError("evidence/results/mutants.json is missing: `make mutants` makes it")
    content: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return content


def part(file: str) -> str:
    """Return the part of the package that a file belongs to.

    >>> part("tinytorch/ops/conv.py"), part("tinytorch/random.py")
    ('ops', 'files')
    """
    folder = file.split("/")[1]
    return folder if folder in PARTS else "files"


def interval(k: int, n: int) -> tuple[float, float]:
    """Return the 95% interval of a share of which `k` of `n` were seen (Wilson, 1927).

    >>> [round(end, 3) for end in interval(85, 100)]
    [0.767, 0.907]
    """
    z = 1.959964
    middle, spread = (k + z * z / 2) / (n + z * z), z * math.sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
    return middle - spread, middle + spread


def _line(name: str, rows: list[dict[str, Any]]) -> list[str]:
    total = {key: sum(row[key] for row in rows) for key in COUNTS}
    noticed, n = total["killed"] + total["timeout"], total["tried"]
    share = f"{noticed / n:.0%}" if n else ""
    return [name, *(f"{total[key]:,}" for key in COUNTS), share]


def mutants() -> str:
    """Return a row for each file, under one for each part."""
    lines, rows = [], found()["rows"]
    for name, words in PARTS.items():
        mine = [row for row in rows if part(row["file"]) == name]
        lines.append([f"**{cell}**" if cell else "" for cell in _line(words, mine)])
        lines += [_line(row["file"].removeprefix("tinytorch/"), [row]) for row in mine]
    return table(["file", "places", "tried", "a test failed", "too slow", "survived", "noticed"], lines)


def mutants_total() -> str:
    """Return how many there are in each part, and how many were noticed."""
    pieces = []
    for name, words in PARTS.items():
        mine = [row for row in found()["rows"] if part(row["file"]) == name]
        noticed, tried = sum(row["killed"] + row["timeout"] for row in mine), sum(row["tried"] for row in mine)
        low, high = interval(noticed, tried)
        drawn = "" if tried == sum(row["mutants"] for row in mine) else f", 95% interval {low:.1%} to {high:.1%}"
        pieces.append(f"{words}: {noticed:,} of {tried:,} ({noticed / tried:.1%}{drawn})")
    return paragraph("Noticed: " + "; ".join(pieces) + ".")


BLOCKS: Mapping[str, Callable[..., str]] = {"mutants": mutants, "mutants-total": mutants_total}
