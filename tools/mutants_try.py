"""Does a test notice that a function was changed? Each mutant meets its tests in a process of its own, which is forked.

The process that forks has imported and collected everything already. In the fork, the code of the functions of one
file is replaced, and those tests run that ran the changed lines when nothing was changed, until one fails. Where that
is not enough, since the change is at the top level or in what has run while the modules were imported, the fork begins
before TinyTorch is imported, with the changed source in place of the file.
"""

from __future__ import annotations

import ast
import functools
import gc
import importlib
import importlib.machinery
import math
import os
import pickle
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
KILLED, SURVIVED, ANEW, BROKEN = 1, 0, 2, 3  # how a fork ends; ANEW: it has to begin before the import
SECONDS = 6.0  # of tests, as long as they took when nothing was changed, that a mutant meets
PATIENCE = 15.0  # seconds that a mutant may take, beyond five times as long as its tests

Runs = dict[str, Any]  # "lines" (of a test's id: what it ran), "seconds" (of a test's id), "imported" (lines)


@dataclass(frozen=True)
class Mutant:
    """One small change of one file."""

    path: str
    number: int  # in the file, from 0
    source: str  # of the whole changed file
    original: str

    @functools.cached_property
    def _hunk(self) -> tuple[int, int, list[str], list[str]]:
        before, after = self.original.splitlines(), self.source.splitlines()
        pairs = list(zip(before, after))
        first = next((i for i, (a, b) in enumerate(pairs) if a != b), len(pairs))
        same = next((i for i, (a, b) in enumerate(zip(before[first:][::-1], after[first:][::-1])) if a != b), 0)
        last = len(before) - same
        return first, last, before[first:last], after[first : len(after) - same]

    @property
    def line(self) -> int:
        """The first line that differs, from 1."""
        return self._hunk[0] + 1

    @property
    def change(self) -> str:
        """The lines that differ, before and after."""
        _, _, before, after = self._hunk
        return " ".join(map(str.strip, before)) + " -> " + " ".join(map(str.strip, after))

    def lines(self) -> set[int]:
        """The lines of the statement that is changed, without those of the block under it."""
        first, last = self._hunk[0] + 1, max(self._hunk[0] + 1, self._hunk[1])
        holding = [s for s in ast.walk(ast.parse(self.original)) if isinstance(s, ast.stmt)]
        holding = [s for s in holding if s.lineno <= first and (s.end_lineno or s.lineno) >= last]
        found = set(range(first, last + 1))
        if holding:
            smallest = min(holding, key=lambda s: (s.end_lineno or s.lineno) - s.lineno)
            under = getattr(smallest, "body", None)
            if not under:
                found |= set(range(smallest.lineno, (smallest.end_lineno or smallest.lineno) + 1))
            elif first < under[0].lineno:
                found |= set(range(smallest.lineno, under[0].lineno))
        return found


class Tracer:
    """Which lines of some files are run?"""

    def __init__(self, files: set[str]) -> None:
        self.files, self.ran = files, set[tuple[str, int]]()

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Follow what is called in one of the files."""
        return self._line if frame.f_code.co_filename in self.files else None

    def _line(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            self.ran.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line

    def start(self) -> None:
        """Follow all threads from now on."""
        self.ran = set()
        threading.settrace(self)
        sys.settrace(self)

    def stop(self) -> set[tuple[str, int]]:
        """Return what has been run."""
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
        return self.ran


class Loop:
    """A plugin of pytest that does as it likes with the tests that were collected."""

    def __init__(self, body: Callable[[dict[str, pytest.Item]], None]) -> None:
        self.body, self.failed = body, False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember a failure."""
        self.failed |= report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's loop."""
        if not session.testsfailed:
            self.body({item.nodeid: item for item in session.items})
        return True


def run(item: pytest.Item, following: pytest.Item | None = None) -> None:
    """Run one test."""
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def collect(loop: Loop, tests: list[str]) -> int:
    """Collect tests and give them to the loop."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "--timeout=0", "--basetemp", scratch]
        settings += ["-q", "--no-header", "--no-summary", "-p", "no:cacheprovider", "-p", "no:xdist"]
        settings += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # plugins that are imported already
        return int(pytest.main([*settings, *tests], [loop]))


def forked(body: Callable[[], int], patience: float) -> int | None:
    """Return the status of a process that does `body`; None if it takes too long and is stopped."""
    child = os.fork()
    if not child:
        status = BROKEN
        with suppress(BaseException):
            os.setsid()
            silence = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(silence, stream)
            status = body()
        os._exit(status)
    end, pause = time.monotonic() + patience, 0.001
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)  # what it has started
            # whatever ends a process, such as too much memory or recursion, is noticed
            return os.WEXITSTATUS(status) if os.WIFEXITED(status) else KILLED
        time.sleep(pause)
        pause = min(0.02, 1.2 * pause)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def unchanged(tests: list[str], files: list[str], to: Path, seconds: float) -> None:
    """Run tests once and keep, as `Runs`, what they ran and how long they took; those that fail are left out.

    Rows of tests/parity come last and in random order, for so many seconds.
    """
    tracer = Tracer({str(ROOT / file) for file in files})
    found: Runs = {"lines": {}, "seconds": {}, "imported": set()}

    def body(items: dict[str, pytest.Item]) -> None:
        gc.collect()
        gc.freeze()  # as it will be with mutants
        rows = [name for name in items if "/parity/" in name]
        random.Random(0).shuffle(rows)
        end = math.inf
        for name in [*(name for name in items if "/parity/" not in name), *rows]:
            if [name] == rows[:1]:
                end = time.monotonic() + seconds
            if time.monotonic() > end:
                break
            item = items[name]
            loop.failed, before = False, time.perf_counter()
            tracer.start()
            run(item)
            ran = tracer.stop()
            if ran and not loop.failed:
                found["lines"][name], found["seconds"][name] = ran, time.perf_counter() - before
        to.write_bytes(pickle.dumps(found))

    loop = Loop(body)

    def trace_and_collect() -> int:
        tracer.start()
        for file in files:
            importlib.import_module(file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        found["imported"] = tracer.stop()
        return collect(loop, tests)

    forked(trace_and_collect, 3600)


def chosen(mutant: Mutant, runs: Runs, seconds: float) -> list[str]:
    """Return the tests that a mutant meets, at most for so long: the quickest."""
    path = str(ROOT / mutant.path)
    lines = {(path, line) for line in mutant.lines()}
    able = [name for name, ran in runs["lines"].items() if ran & lines]
    if lines & runs["imported"]:  # what ran at the import may tell anywhere in the file's tests
        able += [n for n, ran in runs["lines"].items() if n not in set(able) and any(file == path for file, _ in ran)]
    took = runs["seconds"]
    able = [name for name in able if took[name] < seconds / 2]  # most of the slow ones start processes
    kept, total = [], 0.0
    for name in sorted(able, key=took.__getitem__):
        if not kept or total + took[name] <= seconds:
            kept.append(name)
            total += took[name]
    return kept


def replaced(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Yield the pieces of code that differ, or hold one that does, with what takes their place."""
    inner = [[c for c in code.co_consts if isinstance(c, CodeType)] for code in (old, new)]
    if len(inner[0]) == len(inner[1]):
        for a, b in zip(*inner):
            yield from replaced(a, b)
    if old != new:
        yield old, new


def own(code: CodeType) -> tuple[Any, ...]:
    """Return what a piece of code does itself, without the functions in it."""
    constants = [repr(c) for c in code.co_consts if not isinstance(c, CodeType)]
    inside = sum(isinstance(c, CodeType) for c in code.co_consts)
    return code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, inside


@functools.cache
def compiled(source: str, path: str) -> CodeType:
    """Return the code of a file as it is."""
    return compile(source, path, "exec", dont_inherit=True)


def put_in_place(mutant: Mutant, functions: dict[CodeType, list[FunctionType]]) -> bool:
    """Replace the code of the functions; False if what differs is run at the import."""
    path = str(ROOT / mutant.path)
    new_whole = compile(mutant.source, path, "exec", dont_inherit=True)
    for old, new in replaced(compiled(mutant.original, path), new_whole):
        if old.co_name == "<module>" or not old.co_flags & 0x1:  # a module's or class's body, not a function's
            if own(old) != own(new):
                return False
            continue
        for function in functions.get(old, ()):
            try:
                function.__code__ = new
            except ValueError:  # it holds other variables of the function around it
                return False
    return True


def narrowed(names: list[str]) -> list[str]:
    """Have tests/parity collect the rows that are wanted alone; all of them take ten seconds."""
    if any("/parity/" in name for name in names):
        from parity import rows

        wanted = {name.partition("[")[2][:-1] for name in names}
        rows.CASES = [case for case in rows.CASES if str(case) in wanted]
        kept = set(map(str, rows.CASES))
        names = [name for name in names if "/parity/" not in name or name.partition("[")[2][:-1] in kept]
    return names


class Trial:
    """One group's tests, collected once, for many mutants."""

    def __init__(self, tests: list[str], runs: Runs, unsound: Path, seconds: float = SECONDS) -> None:
        self.tests, self.runs, self.unsound, self.seconds = tests, runs, unsound, seconds
        # whether a test that has failed passes, alone, when nothing is changed; those that don't are kept in a file
        before = unsound.read_text(encoding="utf-8").splitlines() if unsound.is_file() else []
        self.sound = dict.fromkeys(before, False)

    def patience(self, names: list[str]) -> float:
        """How long the tests of a mutant may take."""
        return PATIENCE + 5 * sum(self.runs["seconds"][name] for name in names)

    def meet(self, loop: Loop, items: dict[str, pytest.Item], names: list[str], note: Path) -> int:
        """Run tests until one fails, and note its name."""
        for name, following in zip(names, [*names[1:], None]):
            note.write_text(name, encoding="utf-8")
            with suppress(BaseException):  # pytest gives up
                run(items[name], items[following] if following else None)
                if not loop.failed:
                    continue
            return KILLED
        return SURVIVED

    def quickly(self, mutants: Iterable[Mutant], tell: Callable[[Mutant, str], None], until: float) -> None:
        """Try mutants by replacing code; `tell` hears of each what came of it."""

        def body(items: dict[str, pytest.Item]) -> None:
            functions: dict[CodeType, list[FunctionType]] = {}
            gc.collect()
            for found in gc.get_objects():
                if type(found) is FunctionType and found.__code__.co_filename.startswith(str(ROOT / "tinytorch")):
                    functions.setdefault(found.__code__, []).append(found)
            gc.freeze()
            for mutant in mutants:
                if time.monotonic() > until:
                    return
                tell(mutant, self.try_one(mutant, loop, items, functions))

        loop = Loop(body)
        forked(lambda: collect(loop, self.tests), until + 300 - time.monotonic())

    def try_one(self, mutant: Mutant, loop: Loop, items: dict[str, pytest.Item], functions: Any) -> str:
        """Try a mutant by replacing code; a test that fails alone without it is not asked again."""
        here = {(str(ROOT / mutant.path), line) for line in mutant.lines()}
        every = chosen(mutant, self.runs, self.seconds)
        with tempfile.TemporaryDirectory() as folder:
            note = Path(folder) / "note"
            while True:
                names = [name for name in every if name in items and self.sound.get(name, True)]

                def attempt(names: list[str] = names) -> int:
                    if not put_in_place(mutant, functions):
                        return ANEW
                    ended = self.meet(loop, items, names, note)
                    return ANEW if ended == SURVIVED and here & self.runs["imported"] else ended

                status = forked(attempt, self.patience(names))
                as_it_is = functools.partial(self.meet, loop, items, names, note)
                if status is None and forked(as_it_is, self.patience(names)) is None:
                    continue  # the machine is busy: without the change they take as long
                if status != KILLED:
                    return self.outcome(status, names)
                by = note.read_text(encoding="utf-8")
                if by not in self.sound:
                    alone = functools.partial(self.meet, loop, items, [by], note)
                    self.sound[by] = forked(alone, self.patience([by])) == SURVIVED
                    if not self.sound[by]:
                        with self.unsound.open("a", encoding="utf-8") as out:
                            out.write(by + "\n")
                if self.sound[by]:
                    return "killed"

    def anew(self, mutant: Mutant) -> str:
        """Try a mutant by importing it; say what came of it."""
        names = [name for name in chosen(mutant, self.runs, self.seconds) if self.sound.get(name, True)][:150]

        def attempt() -> int:
            given = importlib.machinery.SourceFileLoader.get_code

            def get_code(loader: Any, fullname: str) -> CodeType | None:
                if loader.path == str(ROOT / mutant.path):
                    return compile(mutant.source, loader.path, "exec", dont_inherit=True)
                return given(loader, fullname)

            importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]
            ended = [KILLED]  # unless the tests can be collected

            def body(items: dict[str, pytest.Item]) -> None:
                # a test is gone whose name is made of what was changed
                missing = set(names) - set(items)
                with tempfile.TemporaryDirectory() as folder:
                    note = Path(folder) / "note"
                    ended[0] = KILLED if missing else self.meet(loop, items, names, note)

            loop = Loop(body)
            try:
                names[:] = narrowed(names)
            except Exception:  # the package can't be imported
                return KILLED
            collect(loop, sorted({name.split("::")[0] for name in names}))
            return ended[0]

        return self.outcome(forked(attempt, 60 + self.patience(names)), names)

    @staticmethod
    def outcome(status: int | None, names: list[str]) -> str:
        """The word for how a fork ended."""
        if status is None:
            return "timeout"
        word = {SURVIVED: "survived", KILLED: "killed", ANEW: "anew", BROKEN: "broken"}[status]
        return "untested" if word == "survived" and not names else word
