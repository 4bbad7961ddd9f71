"""What does docs/faults.md say of the faults that were injected? Made from ``evidence/results/faults.json``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from card_data import paragraph, table

import tinytorch

Row = dict[str, Any]
TABLE = Path(tinytorch.__file__).parent.parent / "evidence" / "results" / "faults.json"


def rows() -> list[Row]:
    """Return all rows of the table.

    Raises:
        FileNotFoundError: If there is none.
    """
    if not TABLE.is_file():
        raise FileNotFoundError("evidence/results/faults.json is missing: `make faults` makes it")
    found: list[Row] = json.loads(TABLE.read_text(encoding="utf-8"))["rows"]
    return found


def outcome(row: Row) -> str:
    """Return what came of a row's tries, in words.

    >>> outcome({"tries": 4, "lost": 1, "outcome": "a sentence"}), outcome({"tries": 0, "skipped": "no root"})
    ('LOST in 1 of 4', 'not tried: no root')
    """
    if row.get("lost"):
        return f"LOST in {row['lost']:,} of {row['tries']:,}"
    if not row["tries"]:
        return f"not tried: {row.get('skipped', 'nothing ran')}"
    return str(row["outcome"])


def faults() -> str:
    """Return a table for each part, with what was injected how often."""
    pieces = []
    for part in dict.fromkeys(row["part"] for row in rows()):
        chosen = [row for row in rows() if row["part"] == part]
        lines = [[row["fault"], row["how"], f"{row['tries']:,}", outcome(row)] for row in chosen]
        pieces.append(f"## {part.capitalize()}\n\n" + table(["fault", "how injected", "times tried", "outcome"], lines))
    return "\n".join(pieces)


def faults_total() -> str:
    """Return how many there are, and in how many something was lost."""
    tries, lost = sum(row["tries"] for row in rows()), sum(bool(row["lost"]) for row in rows())
    untried = sum(not row["tries"] for row in rows())
    return paragraph(
        f"{len(rows())} faults, injected {tries:,} times; rows with data lost, or with anything unsafe done: {lost}; "
        f"rows that could not be tried on the machine where this was recorded: {untried}."
    )


BLOCKS: Mapping[str, Callable[..., str]] = {"faults": faults, "faults-total": faults_total}
