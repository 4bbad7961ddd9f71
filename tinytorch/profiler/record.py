"""What ran, how often and for how long? Times are added up as they come in, each without what ran inside it.

`begin` and `end` enclose an event. Events nest: what ran inside an event is taken from its own time, and so is what
the profiler itself took. All times are whole nanoseconds, so that nothing is lost when they are added up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import get_ident
from typing import Any, TypeAlias

Key: TypeAlias = tuple[str, str, str]  # what ran, its kind (below), the module in which it ran, or ""
FORWARD, BACKWARD, MODULE, OPTIMIZER, DATA, USER, STEP = (
    "forward", "backward", "module", "optimizer", "data", "user", "step",
)  # fmt: skip
clock = time.perf_counter_ns


class Entry:
    """All events of one key."""

    __slots__ = ("bytes", "calls", "flops", "own", "total")

    def __init__(self) -> None:
        self.calls = self.total = self.own = self.flops = self.bytes = 0


class Record:
    """What one thread did between the making of the record and its `stop`.

    Attributes:
        entries: the sums for each key; they take no more memory the longer it runs.
        events: the first `most_events`, each (key, begin, nanoseconds, FLOPs, bytes), in the order in which they ended.
        left_out: how many more there were.
        taken: the nanoseconds that the profiler took for itself.
        here: the kind and the module of an operation that would run now.
    """

    def __init__(self, most_events: int) -> None:
        self.thread = get_ident()
        self.entries: dict[Key, Entry] = {}
        self.events: list[tuple[Key, int, int, int, int]] = []
        self.most_events, self.left_out = most_events, 0
        self.taken = 0
        self.here = FORWARD, ""
        self._open: list[Any] = []  # of each event that has not ended: key, begin, nanoseconds taken from its own
        self.started = self._marked = clock()
        self.ended: int | None = None

    def begin(self, key: Key) -> None:
        """Something starts now."""
        self._open.append([key, clock(), 0])

    def end(self, cost: Callable[..., tuple[int, int]] | None = None, *of: Any) -> None:
        """What started last has ended; `cost(*of)` says how many FLOPs and bytes it took."""
        now = clock()
        if self.ended is not None:  # it ended with the record
            return
        key, begun, inside = self._open.pop()
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = Entry()
        entry.calls += 1
        entry.total += now - begun
        entry.own += now - begun - inside
        flops, size = cost(*of) if cost is not None else (0, 0)
        entry.flops += flops
        entry.bytes += size
        self._keep((key, begun, now - begun, flops, size))
        done = clock()
        self.taken += done - now
        if self._open:
            self._open[-1][2] += done - begun

    def _keep(self, event: tuple[Key, int, int, int, int]) -> None:
        if len(self.events) < self.most_events:
            self.events.append(event)
        else:
            self.left_out += 1

    def mark(self, name: str) -> None:
        """Between the last mark and now lies a step called `name`."""
        if not self._open and self.ended is None:
            self._keep(((name, STEP, ""), self._marked, clock() - self._marked, 0, 0))
        self._marked = clock()

    def stop(self) -> None:
        """End the record, and with it all that has not ended."""
        while self._open:
            self.end()
        self.ended = clock()

    @property
    def wall(self) -> int:
        """The nanoseconds from beginning to end."""
        return (clock() if self.ended is None else self.ended) - self.started


_running: Record | None = None


def active() -> Record | None:
    """The record that this thread writes, if there is one."""
    return _running if _running is not None and _running.thread == get_ident() else None


def run(record: Record | None) -> None:
    """From now on `record` is written; None: nothing is."""
    global _running
    _running = record
