"""What is the difference between two runs? Sets side by side what `tinytorch run --json` wrote.

A sweep over seeds counts as one record with many runs, a single run as one with one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from tinytorch.cli.screen import Terminal
from tinytorch.datasets.download import printable

LARGEST = 20_000_000  # bytes; a sweep over 1,000 seeds takes about one million
NONE = "–"  # what one side has not
NOT_SETTINGS = ("name", "year", "config", "metrics", "gates", "success", "seconds")  # the rest of a run's record are


@click.command(short_help="Set two runs side by side.")
@click.argument("a", metavar="RUN.json")
@click.argument("b", metavar="RUN.json")
def compare(a: str, b: str) -> None:
    """Set two runs side by side, as `tinytorch run --json` wrote them.

    Several programs are matched by name; of several seeds, means are compared.
    """
    sides = read(Path(a)), read(Path(b))
    Comparison().compare((a, b), *sides)


# ---- reading ----


@dataclass(frozen=True)
class Record:
    """One program's runs: what they were given, and what came out."""

    name: str
    runs: Sequence[Mapping[str, Any]]

    @property
    def settings(self) -> dict[str, str]:
        """What a run was given, as text."""
        each = [{**{key: run[key] for key in run if key not in NOT_SETTINGS}, **run["config"]} for run in self.runs]
        return {printable(key): _setting([one.get(key) for one in each]) for key in each[0]}

    @property
    def gates(self) -> dict[str, list[Mapping[str, Any]]]:
        """Each gate with what every run made of it."""
        by_name: dict[str, list[Mapping[str, Any]]] = {}
        for run in self.runs:
            for gate in run["gates"]:
                by_name.setdefault(gate["name"], []).append(gate)
        return by_name

    @property
    def metrics(self) -> dict[str, list[float | None]]:
        """Each metric with its value in every run that has it."""
        by_name: dict[str, list[float | None]] = {}
        for run in self.runs:
            for name, value in run["metrics"].items():
                by_name.setdefault(name, []).append(value)
        return by_name

    @property
    def seconds(self) -> list[float | None]:
        """How long each run took."""
        return [run["seconds"] for run in self.runs]


def read(path: Path) -> list[Record]:
    """What a file of `tinytorch run --json` holds, a record for each program.

    Raises:
        click.UsageError: If it can't be read, or holds something else.
    """
    name, wanted = printable(str(path)), "give a file that `tinytorch run NAME --json FILE` wrote"
    try:
        content = bytearray()
        with path.open("rb") as file:  # in parts, as a read of so many bytes takes memory for all of them
            while len(content) <= LARGEST and (part := file.read(1 << 16)):
                content += part
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file has such a name"
        raise click.UsageError(f"{name} can't be read: {reason}") from None
    if len(content) > LARGEST:
        raise click.UsageError(f"{name} has more than {LARGEST / 1e6:.0f} MB: {wanted}")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise click.UsageError(f"{name} is not JSON: {wanted}") from None
    records = found if isinstance(found, list) else [found]
    runs = [record["runs"] if isinstance(record, dict) and "runs" in record else [record] for record in records]
    if not runs or not all(map(_are_runs, runs)):
        raise click.UsageError(f"{name} is JSON, but not the record of a run: {wanted}")
    return [Record(of_one[0]["name"], of_one) for of_one in runs]


def _are_runs(runs: Any) -> bool:
    if not isinstance(runs, list) or not runs or not all(map(_is_run, runs)):
        return False
    return len({run["name"] for run in runs}) == 1


def _is_run(run: Any) -> bool:
    parts = {"name": str, "config": dict, "metrics": dict, "gates": list, "success": bool}
    if not isinstance(run, dict) or not all(isinstance(run.get(key), kind) for key, kind in parts.items()):
        return False
    settings = [run[key] for key in run if key not in NOT_SETTINGS] + list(run["config"].values())
    return (
        _is_number(run.get("seconds"))
        and all(value is None or _is_number(value) for value in run["metrics"].values())
        and all(map(_is_gate, run["gates"]))
        and all(_is_plain(each) for value in settings for each in (value if isinstance(value, list) else [value]))
    )


def _is_gate(gate: Any) -> bool:
    return (
        isinstance(gate, dict)
        and isinstance(gate.get("name"), str)
        and isinstance(gate.get("relation"), str)
        and isinstance(gate.get("met"), bool)
        and _is_number(gate.get("required"))
        and "value" in gate
        and (gate["value"] is None or _is_number(gate["value"]))
    )


def _is_number(value: Any) -> bool:
    """Whether it is a number that can be reckoned with: not NaN, and its square does not overflow."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e150


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool)) or _is_number(value)


# ---- showing ----


class Comparison(Terminal):
    """The terminal, for whoever compares two files."""

    def compare(self, files: tuple[str, str], a: Sequence[Record], b: Sequence[Record]) -> None:
        """Compare each program of one file with the same one of the other."""
        for letter, file in zip("AB", files, strict=True):
            self._print(self._text(f"{letter}: {printable(file)}"))
        self._gap()
        if len(a) == len(b) == 1:
            self.pair(a[0], b[0])
            return
        ours, theirs = _by_name(a), _by_name(b)
        for key in ours:
            if key in theirs:
                self.pair(ours[key], theirs[key])
        for letter, mine, others in (("A", ours, theirs), ("B", theirs, ours)):
            alone = [printable(record.name) for key, record in mine.items() if key not in others]
            if alone:
                self._print(self._text(f"Only in {letter}: {', '.join(alone)}.", "yellow"))

    def pair(self, a: Record, b: Record) -> None:
        """Say what two records have in common, and show what they have not."""
        if a.name == b.name:
            self._print(self._text(printable(a.name), "bold"))
        else:
            self._print(self._text(f"A is {printable(a.name)}, B is {printable(b.name)}", "bold"))
            self._print(self._text("Different programs: only what has the same name can be compared.", "yellow"))
        self._settings(a.settings, b.settings)
        table = self._table("", "A", "B", "B – A")
        for column in table.columns[1:]:
            column.justify, column.no_wrap = "right", True
        for column in table.columns:
            column.header = self._text(str(column.header))
        for cells in _rows(a, b):
            table.add_row(*[self._text(cell, _style(cell)) for cell in cells])
        self._print(table)
        if len(a.runs) > 1 or len(b.runs) > 1:
            self._print(self._text("Of several seeds: how many met a gate, the mean ± standard deviation.", "dim"))
        self._gap()

    def _settings(self, a: Mapping[str, str], b: Mapping[str, str]) -> None:
        same = [f"{key} {value}" for key, value in a.items() if b.get(key) == value]
        if same:
            self._print(self._text(f"Both: {', '.join(same)}."))
        self._gap()
        other = [key for key in {**a, **b} if a.get(key) != b.get(key)]
        if other:
            table = self._table("settings", "A", "B")
            for key in other:
                self._row(table, key, a.get(key, NONE), b.get(key, NONE))
            self._print(table)
            self._gap()


def _rows(a: Record, b: Record) -> Iterator[tuple[str, str, str, str]]:
    """Label, A, B and difference: of each gate, each metric, and the time."""
    ours, theirs = a.gates, b.gates
    for name in {**ours, **theirs}:
        sides = ours.get(name, []), theirs.get(name, [])
        bounds = {f"{printable(gate['relation'])} {number(gate['required'])}": None for side in sides for gate in side}
        values = [[gate["value"] for gate in side] for side in sides]
        met = [_met([gate["met"] for gate in side]) for side in sides]
        first, second, difference = _cells(*values)
        yield f"{printable(name)} ({' / '.join(bounds)})", met[0] + first, met[1] + second, difference
    mine, others = a.metrics, b.metrics
    for name in {**mine, **others}:
        yield printable(name), *_cells(mine.get(name, []), others.get(name, []))
    first, second, _ = _cells(a.seconds, b.seconds)
    before, after = _mean(a.seconds), _mean(b.seconds)
    yield "seconds", first, second, f"×{after / before:.3g}" if before and after is not None else ""


def _cells(a: Sequence[float | None], b: Sequence[float | None]) -> tuple[str, str, str]:
    """Both values as text, with enough digits to tell them apart, and their difference."""
    before, after = _mean(a), _mean(b)
    digits = 4
    if before is not None and after is not None:
        while digits < 17 and before != after and number(before, digits) == number(after, digits):
            digits += 1
    difference = "" if before is None or after is None else "same" if before == after else _signed(after - before)
    return _value(a, digits), _value(b, digits), difference


def _value(values: Sequence[float | None], digits: int) -> str:
    if not values:
        return NONE
    finite = [value for value in values if value is not None]
    if len(finite) < len(values):
        return "not a number"
    spread = f" ± {np.std(finite, ddof=1):.2g}" if len(finite) > 1 else ""
    return number(float(np.mean(finite)), digits) + spread


def _mean(values: Sequence[float | None]) -> float | None:
    finite = [value for value in values if value is not None]
    return float(np.mean(finite)) if finite and len(finite) == len(values) else None


def _met(met: Sequence[bool]) -> str:
    if len(met) == 1:
        return "✓ " if met[0] else "✗ "
    return f"{sum(met)}/{len(met)}  " if met else ""


def _style(cell: str) -> str:
    return {"✓": "green", "✗": "bold red"}.get(cell[:1], "dim" if cell == "same" else "")


def number(value: float, digits: int = 4) -> str:
    """A count in full, and anything else with so many digits that count.

    >>> number(60000), number(0.91499), number(12345.6)
    ('60,000', '0.915', '1.235e+04')
    """
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.{digits}g}"


def _signed(value: float) -> str:
    return number(value) if value < 0 else f"+{number(value)}"


def _setting(values: Sequence[Any]) -> str:
    """A setting as text; of the seeds of a sweep, the first and the last."""
    if any(value != values[0] for value in values):
        numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
        return f"{numbers[0]} to {numbers[-1]}" if len(numbers) == len(values) else "several"
    value = values[0]
    words = {None: "none", True: "yes", False: "no"}
    text = words[value] if value is None or isinstance(value, bool) else value
    text = printable(text if isinstance(text, str) else json.dumps(text))
    return text if len(text) <= 60 else text[:57] + "..."


def _by_name(records: Sequence[Record]) -> dict[tuple[str, int], Record]:
    """Records by program; one that was run twice is matched with the other file's second."""
    seen: Counter[str] = Counter()
    found = {}
    for record in records:
        found[record.name, seen[record.name]] = record
        seen[record.name] += 1
    return found
