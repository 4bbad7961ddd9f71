"""What does `tinytorch profile` do? Runs a milestone under the profiler, and shows where the time went."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinytorch.cli.files import output_file, refuse_one_file_for_two, writing
from tinytorch.cli.leave import GATE_MISSED, STATUSES
from tinytorch.cli.names import unknown
from tinytorch.cli.play import LAST_SEED, Wishes, provide
from tinytorch.cli.screen import Terminal
from tinytorch.cli.words import WholeNumber, file_name, folder_name, one_of, plot_file_name
from tinytorch.milestones import catalog
from tinytorch.milestones.kit import Result
from tinytorch.milestones.pictures import Bars

if TYPE_CHECKING:
    from tinytorch.profiler import profile as Profile
    from tinytorch.profiler.tables import EventList

MOST_BARS = 10


@click.command(epilog=STATUSES)
@click.argument("name", required=False, metavar="NAME")
@click.option("--seed", type=WholeNumber(0, LAST_SEED), default=0, metavar="N",
              help="Where every random draw starts from.  [default: 0]")  # fmt: skip
@click.option("--epochs", type=WholeNumber(0), metavar="N", help="Train this long instead of the program's own choice.")
@click.option("--by", metavar="[op|module]", default="op", callback=one_of("op", "module"),
              help="A row for each operation, or for each module.  [default: op]")  # fmt: skip
@click.option("--rows", type=WholeNumber(1), default=20, metavar="N", help="How many rows.  [default: 20]")
@click.option("--trace", "trace_path", metavar="FILE", type=click.Path(), callback=file_name,
              help="Write what ran when, for chrome://tracing or https://ui.perfetto.dev.")  # fmt: skip
@click.option("--plot", "plot_path", metavar="FILE", type=click.Path(), callback=plot_file_name,
              help="Draw the bars into a .png or .svg (needs matplotlib).")  # fmt: skip
@click.option("--json", "json_path", metavar="FILE", type=click.Path(), callback=file_name,
              help="Write every number, and the run's record.")  # fmt: skip
@click.option("--download", is_flag=True, help="Fetch the dataset that is needed and not there.")
@click.option("--from-dir", metavar="DIR", type=click.Path(exists=False), callback=folder_name,
              help="Use the dataset's published files in DIR.")  # fmt: skip
def profile(name: str | None, by: str, rows: int, trace_path: Path | None, **flags: Any) -> None:
    """Run a milestone, and show what took how long."""
    if name is None:
        raise click.UsageError(f"name a milestone ({', '.join(catalog.names())})")
    if name not in catalog.names():
        raise click.UsageError(unknown("milestone", name, catalog.names()))
    program, wishes = catalog.load(name), Wishes(**flags)
    wishes.refuse_what_has_no_meaning([program])
    refuse_one_file_for_two(trace_path, wishes.json_path, wishes.plot_path)
    with ExitStack() as stack:
        trace_file = stack.enter_context(output_file("--trace", trace_path))
        plot_file = stack.enter_context(output_file("--plot", wishes.plot_path))
        json_file = stack.enter_context(output_file("--json", wishes.json_path))
        terminal = ProfileScreen()
        stack.enter_context(terminal)
        provide(program, wishes)
        prof, result = _profiled(terminal, name, wishes, trace_file is not None)
        terminal.show_profile(prof.key_averages() if by == "op" else prof.by_module(), rows)
        if trace_file:
            with writing("--trace", trace_path):
                prof.export_chrome_trace(trace_file)
            terminal.tell_of_trace(trace_path, prof)
        if plot_file and wishes.plot_path:
            with writing("--plot", wishes.plot_path):
                _plot(prof, rows, result, plot_file, wishes.plot_path.suffix.lower().lstrip("."))
        if json_file:
            record = {"run": result.to_json(), "profile": prof.to_json()}
            with writing("--json", wishes.json_path):
                json_file.write_text(json.dumps(record, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        terminal.end(result)
    terminal.wrote_each(wishes.plot_path, wishes.json_path)
    if not result.success:
        raise click.exceptions.Exit(GATE_MISSED)


def _profiled(terminal: ProfileScreen, name: str, wishes: Wishes, traced: bool) -> tuple[Profile, Result]:
    from tinytorch.milestones.trained import ProgressOnly
    from tinytorch.profiler import profile as Profile

    program = catalog.load(name)
    screens = [ProgressOnly(terminal)] if terminal.console.is_terminal else []
    terminal.announce(name, program.epochs if wishes.epochs is None else wishes.epochs, wishes.seed)
    prof = Profile()
    if not traced:
        prof.most_events = 0  # the sums are enough, however long it runs
    with prof:
        result = program.play(wishes.seed, wishes.epochs, screens, wishes.from_dir)
    return prof, result


def _plot(prof: Profile, rows: int, result: Result, file: Path, suffix: str) -> None:
    from tinytorch.cli.plots import Plot

    plot = Plot()
    for events in (prof.key_averages(), prof.by_module()):
        plot.show(bars(events, rows))
    plot.save(file, suffix, result)


def bars(events: EventList, rows: int) -> Bars:
    """The longest rows as a picture."""
    kind = "modules" if events.by_module else "operations"
    longest = events[:rows]
    times = [row.self_cpu_time_total / 1000 for row in longest]
    return Bars(f"The {kind} that took longest", [row.key for row in longest], times, "milliseconds of their own")


class ProfileScreen(Terminal):
    """The terminal, for whoever profiles."""

    def announce(self, name: str, epochs: int | None, seed: int) -> None:
        """Say what runs."""
        length = "" if epochs is None else f", {epochs:,} epoch{'s' * (epochs != 1)}"
        self._print(self._text(f"{name}{length}, seed {seed}, under the profiler", "bold"))
        self._gap()

    def show_profile(self, events: EventList, rows: int) -> None:
        """The table, and its longest rows as bars."""
        self._stop_progress()
        self._print(self._text(events.table(row_limit=rows)))
        self._gap()
        self._picture(bars(events, min(rows, MOST_BARS)))

    def tell_of_trace(self, path: Path | None, prof: Profile) -> None:
        """Say what the file holds, and what opens it."""
        kept, left_out = prof.events_kept, prof.events_left_out
        some = f"the first {kept:,} of {kept + left_out:,} events" if left_out else f"{kept:,} events"
        self._print(self._text(f"{path}: {some}, for chrome://tracing or https://ui.perfetto.dev"))
        self._gap()
