"""Which faults were injected, how often, and what came of them? ``make faults``, or ``python tools/faults.py``.

A row of the table is made by real runs, in one of two ways:

- A test with the mark ``fault(part, fault, how, outcome)`` injects the fault, and fails if the outcome is another one.
  Each of its cases counts as a try; one that tries more often says so: ``record_property("tries", 3)``. Marks that
  agree in part, fault and how are one row.
- A longer run leaves ``{"faults": [row, ...]}`` in evidence/results/NAME.json, alone or under "findings", with these
  keys in each row: ``part, fault, how, tries, lost, outcome``, where ``lost`` counts the tries in which data was lost,
  or anything unsafe was done. Further keys are the run's own.

The tests run now; what the longer runs left is read. The table goes to the screen and to evidence/results/faults.json,
from which `make cards` writes docs/faults.md. The status is 1 if anything was lost in any row, or no test ran.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from card_faults import TABLE, Row, outcome

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "evidence" / "results"
KEYS = ("part", "fault", "how", "tries", "lost", "outcome")
# In this order, then others.
PARTS = (
    "downloads", "archives", "files from strangers", "shipped data", "training", "small and other machines", "network",
)  # fmt: skip


class Tally:
    """A plugin of pytest that counts the tries of each fault."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], Row] = {}
        self.outcomes: dict[tuple[str, str, str], dict[str, None]] = {}  # the different ones, in order
        self.trouble: list[str] = []  # what failed, for who wants to see it

    def row(self, item: pytest.Item) -> Row | None:
        """Return the row that a test belongs to, if any."""
        mark = item.get_closest_marker("fault")
        if mark is None:
            return None
        part, fault, how, outcome = mark.args
        new = {"part": part, "fault": fault, "how": how, "tries": 0, "lost": 0, "outcome": ""}
        row = self.rows.setdefault((part, fault, how), new)
        outcomes = self.outcomes.setdefault((part, fault, how), {})
        outcomes[outcome] = None
        row["outcome"] = "; ".join(outcomes)
        return row

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        """Count a test, whose fixtures may skip it or fail as well."""
        report = yield
        row = self.row(item)
        if row is not None and report.skipped:
            row["skipped"] = str(report.longrepr[-1]).removeprefix("Skipped: ")
        elif row is not None and (report.when == "call" or report.failed):
            if report.when == "call":
                row["tries"] += dict(item.user_properties).get("tries", 1)
            row["lost"] += report.failed
            if report.failed:
                self.trouble.append(f"{item.nodeid}: {report.longreprtext}")
        return report

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Have a row for each fault, even if nothing is run."""
        for item in items:
            self.row(item)


def marked(folder: Path, *options: str) -> Tally:
    """Run the tests in a folder that inject faults, and nothing else."""
    tally = Tally()
    with_marks = [str(path) for path in sorted(folder.glob("test_*.py")) if "mark.fault(" in path.read_text("utf-8")]
    quiet = ["-q", "--no-header", "--no-summary", "-p", "no:cacheprovider", "-p", "no:xdist"]
    settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-m", "fault"]
    status = pytest.main([*quiet, *settings, *options, *with_marks], [tally])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise SystemExit(f"the tests could not be run: {status!r}")
    return tally


def left() -> Iterator[Row]:
    """Return the rows that longer runs have left."""
    for path in sorted(RESULTS.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if path != TABLE and isinstance(content, dict):
            for row in content.get("faults", content.get("findings", {}).get("faults", ())):
                yield {key: row[key] for key in (*KEYS, "skipped") if key in row}


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return rows by their part; within it as they came."""
    found = list(rows)
    parts = dict.fromkeys((*PARTS, *(row["part"] for row in found)))
    return [row for part in parts for row in found if row["part"] == part]


def show(rows: list[Row]) -> None:
    """Print the table, 80 columns wide."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=80, highlight=False, markup=False)
    for part in dict.fromkeys(row["part"] for row in rows):
        table = Table(title=part, title_justify="left", box=None, width=80, padding=(0, 2, 0, 0))
        for name, share in (("fault", 26), ("how injected", 20), ("tried", 8), ("outcome", 20)):
            table.add_column(name, justify="right" if name == "tried" else "left", ratio=share)
        for row in rows:
            if row["part"] == part:
                table.add_row(row["fault"], row["how"], f"{row['tries']:,}", outcome(row))
        console.print(table)
        console.print()


def main() -> int:
    """Run the tests, put all rows together, show and keep them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=TABLE, help="where the table is kept")
    parser.add_argument("--tests", type=Path, default=ROOT / "tests", help="where the tests are")
    wishes = parser.parse_args()
    tally = marked(wishes.tests)
    rows = in_order([*tally.rows.values(), *left()])
    show(rows)
    wishes.json.write_text(json.dumps({"rows": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    tries, lost = sum(row["tries"] for row in rows), [row for row in rows if row["lost"]]
    untried = sum(not row["tries"] for row in rows)
    print(f"{len(rows)} faults, injected {tries:,} times; {untried} not tried here; rows with data lost: {len(lost)}")
    for trouble in tally.trouble:
        print(trouble, file=sys.stderr)
    return int(bool(lost) or not any(row["tries"] for row in tally.rows.values()))


if __name__ == "__main__":
    raise SystemExit(main())
