"""How does a run that is too long for the tests leave what it found? As rows of a file that `make faults` reads.

A row says: in which part of the table, which fault, how injected, how many tries, in how many of them anything was lost
or unsafe, and the outcome. ``tools/faults.py`` tells where the rows go.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

Row = dict[str, Any]


def leave(row: Row, path: Path | None, outcome: Callable[[Row], str] | None = None, add: bool = False) -> int:
    """Print a row and keep it in a file; return the exit status: 1 if anything was lost.

    Args:
        row: It takes the place of the row of the same part, fault and how in the file.
        path: The file, ``{"faults": [row, ...]}``, sorted; None for none.
        outcome: Says what came of the tries, where that is more than the row has; asked again after rows are added up.
        add: Add the counts to those of the row that is there, instead: another seed's, or other tests'.
    """
    rows = json.loads(path.read_text(encoding="utf-8"))["faults"] if path is not None and path.exists() else []
    same = [each for each in rows if named(each) == named(row)]
    kept = together(same[0], row) if same and add else dict(row)
    if outcome:
        row, kept["outcome"] = {**row, "outcome": outcome(row)}, outcome(kept)
    print(f"{row['fault']}, {row['how']}: {row['tries']:,} tried, {row['outcome']}, {row['lost']} lost", flush=True)
    if path is not None:
        rows = sorted([*(each for each in rows if each not in same), kept], key=named)
        path.write_text(json.dumps({"faults": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(row["lost"] > 0)


def named(row: Row) -> tuple[str, str, str]:
    """Return what makes two rows the same."""
    return row["part"], row["fault"], row["how"]


def together(one: Row, other: Row) -> Row:
    """Return the row of two runs: counts add up, and of what begins with "slowest" or "most", the larger one stays.

    >>> together({"tries": 2, "most bytes": 9, "refused": {"a": 1}}, {"tries": 3, "most bytes": 7, "refused": {"b": 2}})
    {'tries': 5, 'most bytes': 9, 'refused': {'a': 1, 'b': 2}}
    """
    both = dict(other)
    for key, value in other.items():
        if isinstance(value, dict):
            both[key] = dict(sorted((Counter(one[key]) + Counter(value)).items()))
        elif isinstance(value, (int, float)):
            both[key] = max(one[key], value) if key.startswith(("slowest", "most")) else one[key] + value
    return both


def report_to(path: str | Path) -> list[str]:
    """Return pytest's options for the report that is counted: of the kind that has room for what tests record."""
    return [f"--junitxml={path}", "-o", "junit_family=xunit1"]


def of_tests(report: Path) -> Row:
    """Return what pytest counted, from that report; without one, it ended before any test."""
    if not report.exists():
        return {"tries": 1, "lost": 1, "passed": 0, "skipped tests": 0}
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in ElementTree.parse(report).iter("testsuite"):
        counts = {key: counts[key] + int(suite.get(key, 0)) for key in counts}
    tries, lost = counts["tests"] - counts["skipped"], counts["failures"] + counts["errors"]
    return {"tries": tries, "lost": lost, "passed": tries - lost, "skipped tests": counts["skipped"]}


def passed(row: Row) -> str:
    """Return what became of tests, in words."""
    return f"{row['passed']:,} tests passed, {row['skipped tests']:,} skipped"
