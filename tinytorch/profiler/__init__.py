"""What takes how long? A profile of a block of a program, under the names of `torch.profiler`.

`record` adds up what `attaching` measures, `costs` counts FLOPs and bytes, `tables` and `trace` show it. The core
knows of none of them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from contextlib import ContextDecorator, ExitStack
from threading import Lock
from typing import Any, TypeVar

from tinytorch.errors import missing, need
from tinytorch.profiler.attaching import attach
from tinytorch.profiler.costs import peak
from tinytorch.profiler.record import USER, Record, active, run
from tinytorch.profiler.tables import EventList, by_module, by_operation
from tinytorch.profiler.trace import as_file
from tinytorch.serialization import PathLike, write_whole

__all__ = ["ProfilerAction", "ProfilerActivity", "profile", "record_function", "schedule", "supported_activities"]

Self = TypeVar("Self", bound="profile")
_one_at_a_time = Lock()


class ProfilerActivity(enum.Enum):
    """What PyTorch can profile. Here there is only the CPU."""

    CPU = 0
    XPU = 1
    CUDA = 2


class ProfilerAction(enum.Enum):
    """What a profile does in a step. Warming up is doing nothing."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


def supported_activities() -> set[ProfilerActivity]:
    """The CPU."""
    return {ProfilerActivity.CPU}


def schedule(*, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0,
             skip_first_wait: int = 0) -> Callable[[int], ProfilerAction]:  # fmt: skip
    """Which steps to record: skip some, then in cycles wait, warm up and record `active` steps; `repeat` 0: for ever.

    With `skip_first_wait` (of 1), the first cycle does not wait.

    >>> which = schedule(wait=1, warmup=1, active=2, repeat=1)
    >>> [which(step).name for step in range(5)]
    ['NONE', 'WARMUP', 'RECORD', 'RECORD_AND_SAVE', 'NONE']
    """
    numbers = wait, warmup, active, repeat, skip_first, skip_first_wait
    need(min(numbers) >= 0 and active > 0, f"schedule: active must be 1 or more, and none negative, got {numbers}")
    cycle = wait + warmup + active

    def which(step: int) -> ProfilerAction:
        step -= skip_first
        if step >= 0 and skip_first_wait:
            step += wait
        if step < 0 or (repeat and step >= repeat * cycle):
            return ProfilerAction.NONE
        at = step % cycle
        if at < wait + warmup:
            return ProfilerAction.NONE if at < wait else ProfilerAction.WARMUP
        return ProfilerAction.RECORD if at < cycle - 1 else ProfilerAction.RECORD_AND_SAVE

    return which


class profile:
    """Measure what runs in a block: operations, pull-backs, modules, optimizer steps, data loading.

    One profile runs at a time, and it records the thread that started it; what other threads do meanwhile is left out.
    What is computed is what would be computed without it, bit for bit. Each event takes some microseconds more, which
    the tables show as the profiler's own. The sums take no more memory the longer it runs; of the single events, the
    first `most_events` are kept for the trace.

    With a `schedule`, only some steps are recorded: `step` ends each of them. `on_trace_ready` is called with the
    profile when there is something to see: at the end of the block, or of each cycle of the schedule. PyTorch's other
    arguments change nothing: there is only the CPU, and FLOPs and modules are always counted.

    >>> import tinytorch as torch
    >>> from tinytorch import nn
    >>> model, x = nn.Linear(3, 5), torch.zeros(7, 3)
    >>> with torch.profiler.profile() as prof:
    ...     for _ in range(10):
    ...         model(x).sum().backward()
    >>> {row.key: (row.count, row.flops) for row in prof.key_averages() if "inear" in row.key}
    {'linear': (10, 2450), 'LinearBackward0': (20, 2450)}
    """

    most_events = 200_000

    def __init__(self, *, activities: Iterable[ProfilerActivity] | None = None,
                 schedule: Callable[[int], ProfilerAction] | None = None,
                 on_trace_ready: Callable[..., Any] | None = None, record_shapes: bool = False,
                 profile_memory: bool = False, with_stack: bool = False, with_flops: bool = False,
                 with_modules: bool = False, **ignored: object) -> None:  # fmt: skip
        self.schedule = schedule or (lambda step: ProfilerAction.RECORD)
        self.on_trace_ready = on_trace_ready
        self.step_num = 0
        self._action: ProfilerAction | None = None  # None: it does not run
        self._record: Record | None = None  # the last one
        self._recording = False
        self._attached = ExitStack()

    def __enter__(self: Self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin, as a `with` block does."""
        busy = "profile: another one is running, here or in another thread: end it before this one starts"
        need(_one_at_a_time.acquire(blocking=False), busy, RuntimeError)
        try:
            self._turn_to(self.schedule(self.step_num))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End, as a `with` block does."""
        if self._action is not None:
            try:
                self._turn_to(None)
            finally:
                _one_at_a_time.release()

    def step(self) -> None:
        """Say that a step of the program is done: the trace shows it as ProfilerStep#0, 1, ..."""
        need(self._action is not None, "profile: step() is for the inside of its block, or after start()", RuntimeError)
        if self._record is not None:
            self._record.mark(f"ProfilerStep#{self.step_num}")
        self.step_num += 1
        self._turn_to(self.schedule(self.step_num))

    def _turn_to(self, action: ProfilerAction | None) -> None:
        """Begin or end a record, if going on from the action of the step before takes that."""
        records = action in (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE)
        was, self._action = self._action, action
        if self._recording and (not records or was is ProfilerAction.RECORD_AND_SAVE):
            self._end_record()
        if records and not self._recording:
            with ExitStack() as stack:
                attach(stack)
                self._attached = stack.pop_all()
            self._record, self._recording = Record(self.most_events), True
            run(self._record)

    def _end_record(self) -> None:
        assert self._record is not None
        self._record.stop()
        self._recording = False
        run(None)
        self._attached.close()
        if self.on_trace_ready is not None:
            self.on_trace_ready(self)

    # ------------------------------------------------------------------------------------ what came out
    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0,
                     group_by_overload_name: bool = False) -> EventList:  # fmt: skip
        """The sums for each operation and its pull-backs; print it, or its `table(sort_by=..., row_limit=...)`.

        Pull-backs have the name that `grad_fn` shows; there is one call for each input that a gradient goes to.
        """
        if group_by_input_shape or group_by_stack_n or group_by_overload_name:
            raise NotImplementedError("key_averages: events are grouped by name alone: leave the arguments out")
        return by_operation(self._ended("key_averages"))

    def by_module(self) -> EventList:
        """The sums for each module: what it did itself, forward and backward, without the modules inside it."""
        return by_module(self._ended("by_module"))

    def to_json(self) -> dict[str, Any]:
        """All of it, as plain dicts, lists and numbers: times in seconds."""
        record, limits = self._ended("to_json"), peak()
        return {
            "seconds": record.wall / 1e9, "profiler_seconds": record.taken / 1e9,
            "peak": {"flops_per_second": limits.flops, "bytes_per_second": limits.bytes},
            "operations": [row.to_json() for row in self.key_averages()],
            "modules": [row.to_json() for row in self.by_module()],
        }  # fmt: skip

    def export_chrome_trace(self, path: PathLike) -> None:
        """Write a file for chrome://tracing or https://ui.perfetto.dev: what ran when, and inside what."""
        write_whole(path, as_file(self._ended("export_chrome_trace")), "export_chrome_trace")

    @property
    def events_kept(self) -> int:
        """How many events the trace has."""
        return len(self._ended("events_kept").events)

    @property
    def events_left_out(self) -> int:
        """How many more there were: it keeps the first `most_events`."""
        return self._ended("events_left_out").left_out

    def _ended(self, name: str) -> Record:
        if self._record is None or self._record.ended is None:
            raise RuntimeError(f"{name}: there is nothing to see before the profile has ended: call it after the block")
        return self._record


class record_function(ContextDecorator):
    """Give a block or a function a name, under which a profile shows it; without a profile it does nothing.

    >>> import tinytorch as torch
    >>> with torch.profiler.profile() as prof, torch.profiler.record_function("the square of a sum"):
    ...     y = torch.ones(3).sum() ** 2
    >>> prof.key_averages()[0].count
    1
    """

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name = name

    def __enter__(self) -> record_function:
        self._record = active()
        if self._record is not None:
            self._record.begin((self.name, USER, self._record.here[1]))
        return self

    def __exit__(self, *exception: object) -> None:
        if self._record is not None:
            self._record.end()


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.profiler", name, globals()))
