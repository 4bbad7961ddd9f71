"""What does `tinytorch datasets download` do, and what does the terminal show meanwhile?"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import click
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from tinytorch.cli.names import unknown
from tinytorch.cli.screen import QuietConsole
from tinytorch.datasets.catalog import CATALOG, REMOTE, RemoteFile, RemoteInfo
from tinytorch.datasets.download import copy, fetch
from tinytorch.datasets.files import DamagedFileError
from tinytorch.datasets.remote import DataNotFoundError, Files

WORTH_A_LINE = 5_000_000  # bytes of a file from which on its quarters are told, too


def download(name: str, from_dir: Path | None = None, root: Path | None = None) -> None:
    """Fetch a dataset into the cache, or copy it there from a folder; say where it is.

    Raises:
        click.UsageError: If there is no such dataset.
        DownloadError, DataNotFoundError, DamagedFileError: If it can't be fetched, or the folder does not hold it.
    """
    if name in CATALOG:
        _say(f"{CATALOG[name].title} comes with TinyTorch: there is nothing to download.")
        return
    if name not in REMOTE:
        raise click.UsageError(unknown("dataset", name, [*REMOTE, *CATALOG]))
    info = REMOTE[name]
    folder = Files(info, root).folder
    if from_dir:
        _copy(info, Files(info, from_dir=from_dir), folder)
    else:
        _say(f"{info.title} ({info.cost}) goes to {folder}")
        with Meter() as meter:
            fetch(info, folder, meter)
    _say(f"{info.title} is in {folder}, each file as published.")


def _copy(info: RemoteInfo, source: Files, folder: Path) -> None:
    """Copy what is whole, once all of it is; tell of every file that is not."""
    absent, wrong = [], []
    for file in info.files:
        try:
            source.open(file).close()
        except DataNotFoundError:
            absent.append(file)
        except DamagedFileError as error:
            wrong.append(str(error))
    if absent:
        raise DataNotFoundError("; ".join([source.missing(*absent), *wrong]))
    if wrong:
        raise DamagedFileError("; ".join(wrong))
    copy(info, dict(source.find(file) for file in info.files), folder)


def _say(line: str) -> None:
    """Print a line, in ASCII where the terminal shows no more."""
    encoding = (sys.stdout.encoding or "ascii").lower()
    click.echo(line if encoding.startswith("utf") else line.replace("–", "-"))


class Meter:
    """Progress of a download: bars with rate and time left on a terminal, a line now and then in a pipe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        console = QuietConsole(highlight=False, markup=False, emoji=False)
        columns = (DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        self.bars = Progress(TextColumn("{task.description}"), BarColumn(20), *columns, console=console)
        self.terminal, self.clock = console.is_terminal, clock
        self.started: dict[str, tuple[float, int, TaskID]] = {}  # when, with how many bytes, and the bar
        self.told: dict[str, int] = {}  # quarters of a file

    def __enter__(self) -> Meter:
        if self.terminal:
            self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.terminal:
            self.bars.stop()

    def __call__(self, file: RemoteFile, held: int) -> None:
        """Show that ``held`` bytes of a file are here."""
        if file.name not in self.started:
            bar = self.bars.add_task(file.name, total=file.size, completed=held)
            self.started[file.name] = (self.clock(), held, bar)
        if self.terminal:
            self.bars.update(self.started[file.name][2], completed=held)
        else:
            self._line(file, held)

    def _line(self, file: RemoteFile, held: int) -> None:
        quarter = held * 4 // file.size
        if quarter <= self.told.get(file.name, 0) or (quarter < 4 and file.size < WORTH_A_LINE):
            return
        self.told[file.name] = quarter
        start, before, _ = self.started[file.name]
        rate = (held - before) / max(self.clock() - start, 1e-3)
        line = f"{file.name}: {held / 1e6:,.1f} of {file.size / 1e6:,.1f} MB"
        if rate:
            left = f", {(file.size - held) / rate:.0f} s left" if quarter < 4 else ""
            line += f", {rate / 1e6:.1f} MB/s{left}"
        _say(line)
