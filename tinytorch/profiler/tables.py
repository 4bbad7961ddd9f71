"""Where did the time go? The sums of a record as rows and tables: for each operation, and for each module.

Every nanosecond of the profile stands in exactly one row, or in one of the two lines below the rows: what the profiler
took for itself, and the rest, which is the program's own Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tinytorch.errors import need
from tinytorch.profiler.costs import peak
from tinytorch.profiler.record import BACKWARD, DATA, MODULE, OPTIMIZER, USER, Entry, Key, Record

WIDTH = 80
SORTS = ("self_cpu_time_total", "cpu_time_total", "cpu_time", "count", "flops", "bytes", "key")
OUTSIDE = "(outside of modules)"


class FunctionEventAvg:
    """All events of one name: an operation, its pull-backs, a module, ...

    Attributes:
        key: the name.
        count: how many there were.
        self_cpu_time_total: their microseconds, without what ran inside them.
        self_backward_time_total: those of them that were spent on the way back.
        cpu_time_total: their microseconds, with what ran inside them.
        flops: floating-point operations, counted as in `summary`.
        bytes: what had at least to be read and written.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.count = self.flops = self.bytes = 0
        self.self_cpu_time_total = self.self_backward_time_total = self.cpu_time_total = 0.0

    def _add(self, kind: str, entry: Entry, called: bool) -> None:
        self.count += entry.calls if called else 0
        self.flops += entry.flops
        self.bytes += entry.bytes
        self.self_cpu_time_total += entry.own / 1000
        self.self_backward_time_total += entry.own / 1000 if kind == BACKWARD else 0
        self.cpu_time_total += entry.total / 1000 if called else 0

    @property
    def cpu_time(self) -> float:
        """The microseconds of one of them, on average."""
        return self.cpu_time_total / self.count if self.count else 0.0

    @property
    def of_peak(self) -> tuple[float, str]:
        """The share of the machine's peak that it reached, and which: "a" of arithmetic or "m" of memory."""
        limits = (self.flops / peak().flops, "a"), (self.bytes / peak().bytes, "m")
        seconds, limit = max(limits)
        return (1e6 * seconds / self.self_cpu_time_total if self.self_cpu_time_total else 0.0), limit

    def to_json(self) -> dict[str, Any]:
        """The numbers, times in seconds."""
        share, limit = self.of_peak
        return {
            "name": self.key, "calls": self.count, "self_seconds": self.self_cpu_time_total / 1e6,
            "self_backward_seconds": self.self_backward_time_total / 1e6, "total_seconds": self.cpu_time_total / 1e6,
            "flops": self.flops, "bytes": self.bytes, "of_peak": share, "limit": limit,
        }  # fmt: skip


class EventList(list[FunctionEventAvg]):
    """The rows, longest own time first; prints as a table."""

    def __init__(self, rows: Iterable[FunctionEventAvg], record: Record, by_module: bool) -> None:
        super().__init__(sorted(rows, key=lambda row: -row.self_cpu_time_total))
        self.by_module = by_module
        self.wall, self.taken = record.wall / 1000, record.taken / 1000  # microseconds

    @property
    def self_cpu_time_total(self) -> float:
        """The microseconds of all rows together."""
        return sum(row.self_cpu_time_total for row in self)

    def table(self, sort_by: str | None = None, row_limit: int = 100, max_src_column_width: int = 75,
              max_name_column_width: int = 55, max_shapes_column_width: int = 80, header: str | None = None,
              **ignored: object) -> str:  # fmt: skip
        """The rows as a table of 80 columns.

        Args:
            sort_by: an attribute of the rows, largest first: by default `self_cpu_time_total`.
            row_limit: how many rows are shown (-1: all); the others are one row together.
            max_src_column_width: changes nothing, as the other arguments of PyTorch's that are not named here.
            max_name_column_width: longer names are cut.
            max_shapes_column_width: changes nothing.
            header: a line above the table.
            ignored: PyTorch's other arguments.
        """
        key = sort_by or SORTS[0]
        need(key in SORTS, f"table: there is only the CPU to sort by: sort_by is one of {SORTS}, not {sort_by!r}")
        rows = sorted(self, key=lambda row: getattr(row, key), reverse=key != "key")
        shown = rows if row_limit < 0 else rows[:row_limit]
        cells = [self._head(), *map(self._cells, shown)]
        hidden = rows[len(shown) :]
        lines = _laid_out(cells, max_name_column_width)
        rule = "-" * WIDTH
        below = [(f"({len(hidden)} more)", sum(row.self_cpu_time_total for row in hidden))] if hidden else []
        below += [("Python, and the rest", self.wall - self.taken - self.self_cpu_time_total)]
        below += [("The profiler itself", self.taken), ("In all", self.wall)]
        foot = [f"{name:28}{self._ms(time):>14} ms {self._percent(time):>6} %" for name, time in below]
        return "\n".join([*([header] if header else []), lines[0], rule, *lines[1:], rule, *foot, rule, *_explained()])

    def __str__(self) -> str:
        return self.table()

    __repr__ = __str__

    def _head(self) -> tuple[str, ...]:
        times = ("Forward ms", "Backward ms") if self.by_module else ("Self ms", "Total ms")
        return ("Module (type)" if self.by_module else "Operation", "Calls", *times, "%", "FLOPs", "Bytes", "Peak")

    def _cells(self, row: FunctionEventAvg) -> tuple[str, ...]:
        own, back = row.self_cpu_time_total, row.self_backward_time_total
        times = (own - back, back) if self.by_module else (own, row.cpu_time_total)
        share, limit = row.of_peak
        reached = f"{100 * share:.{0 if share >= 0.0995 else 1}f}%{limit}" if row.flops or row.bytes else ""
        return (
            row.key, f"{row.count:,}" if row.count else "", *map(self._ms, times), self._percent(own),
            _amount(row.flops), _amount(row.bytes), reached,
        )  # fmt: skip

    def _ms(self, microseconds: float) -> str:
        return f"{microseconds / 1000:,.{1 if self.wall >= 1e6 else 3}f}"

    def _percent(self, microseconds: float) -> str:
        return f"{100 * microseconds / self.wall if self.wall else 0:.1f}"


def by_operation(record: Record) -> EventList:
    """A row for each operation, each operation's pull-backs (by the name that `grad_fn` shows), optimizer step, ..."""

    def name(key: Key) -> str | None:
        return None if key[1] == MODULE else key[0]

    return EventList(_rows(record, name, lambda key: True), record, False)


def by_module(record: Record) -> EventList:
    """A row for each module: what it did itself, and what its operations did on the way back.

    What ran outside of modules, a loss function for example, is in rows of its own.
    """

    def name(key: Key) -> str:
        what, kind, path = key
        return path or (what if kind in (OPTIMIZER, DATA, USER) else OUTSIDE)

    return EventList(_rows(record, name, lambda key: not key[2] or key[1] == MODULE), record, True)


def _rows(record: Record, name: Callable[[Key], str | None], called: Callable[[Key], bool]) -> Iterable[Any]:
    rows: dict[str, FunctionEventAvg] = {}
    for key, entry in record.entries.items():
        named = name(key)
        if named is not None:
            row = rows.setdefault(named, FunctionEventAvg(named))
            row._add(key[1], entry, called(key) and named != OUTSIDE)
    return rows.values()


def _laid_out(cells: Sequence[tuple[str, ...]], longest: int) -> list[str]:
    """Rows of texts as lines: the names get the room that the numbers leave, else only their ends."""
    widths = [max(map(len, column)) + 1 for column in zip(*cells)][1:]
    first = min(max(WIDTH - sum(widths), 12), longest)
    names = [row[0] if len(row[0]) <= first else f"..{row[0][2 - first :]}" for row in cells]
    return [name.ljust(first) + "".join(map(str.rjust, row[1:], widths)) for name, row in zip(names, cells)]


def _amount(count: float) -> str:
    """A large number in few characters.

    >>> _amount(0), _amount(999), _amount(12_345), _amount(2.5e9)
    ('', '999', '12.3k', '2.50G')
    """
    for unit in ("", "k", "M", "G", "T", "P"):
        if count < 999.5 or unit == "P":
            break
        count /= 1000
    digits = 0 if not unit or count >= 99.95 else 1 if count >= 9.995 else 2
    return f"{count:.{digits}f}{unit}" if count else ""


def _explained() -> list[str]:
    flops, size = (_amount(number) for number in peak())
    return [
        "Peak: how near it came to the limit that it was nearer to, as measured in this",
        f"process: arithmetic (a), {flops} FLOPs in a second, or memory (m), {size} bytes;",
        "above 100%m its data was still in the cache. Bytes: what must at least be moved.",
    ]
