"""What does the terminal show while programs run, and when they are done?"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn
from rich.segment import Segment, Segments
from rich.style import Style
from rich.table import Table as RichTable
from rich.text import Text

from tinytorch.cli.draw import draw, empty_table
from tinytorch.cli.look import Look
from tinytorch.milestones.kit import Milestone, Result
from tinytorch.milestones.pictures import Picture, Table
from tinytorch.milestones.sweep import REQUIRED, Sweep

WIDEST = 100
RAIL = "     │ "  # what hangs below a year in the timeline


class QuietConsole(Console):
    """rich's console, except that a closed pipe is left to `leave.py`."""

    def on_broken_pipe(self) -> None:
        """Raise, where rich would exit with a status of its own."""
        raise BrokenPipeError


class Terminal:
    """The screen of a person; `compact` tells history as a timeline, one picture per program."""

    def __init__(self, compact: bool = False, live: bool | None = None) -> None:  # live None: if it is a terminal
        self.console = QuietConsole(
            highlight=False, markup=False, emoji=False, force_terminal=live, force_jupyter=False
        )
        width = self.console.width if self.console.is_terminal or "COLUMNS" in os.environ else 80
        self.console.width = min(width or 80, WIDEST)  # some programs say COLUMNS=0 where they don't know
        self.look = Look(
            width=self.console.width - (len(RAIL) if compact else 0),
            colour=self.console.color_system is not None and not self.console.no_color,
            unicode=self.console.encoding.lower().startswith("utf"),
        )
        self.compact = compact
        self._live: Progress | None = None
        self._last_progress = ""
        self._in_log = False  # lines of progress stand above; leave a gap before the next thing
        self._last_picture: Picture | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_progress()

    # ---- what a program says (kit.Screen) ----

    def say(self, text: str) -> None:
        """Print a paragraph; the timeline has no room for it."""
        self._stop_progress()
        if not self.compact:
            self._print(self._text(text))
            self._gap()

    def show(self, picture: Picture) -> None:
        """Draw a picture; the timeline waits for the program's last one."""
        self._stop_progress()
        if self.compact:
            self._last_picture = picture if not isinstance(picture, Table) else self._last_picture
        else:
            self._picture(picture)

    def progress(self, unit: str, done: int, total: int, values: Mapping[str, float]) -> None:
        """Move the bar on a terminal; print a few plain lines into a pipe."""
        form = {name: ",.0f" if value.is_integer() and abs(value) < 1e9 else ".4g" for name, value in values.items()}
        numbers = "  ".join(f"{name} {value:{form[name]}}" for name, value in values.items())
        line = f"{unit} {done:>{len(str(total))}}/{total}  {numbers}"
        if self.console.is_terminal:
            self._bar(done, total, numbers)
        elif not self.compact and (done == 1 or done * 4 // total > (done - 1) * 4 // total):
            self._print(self._text(line, "dim"))  # plain lines at the start and at each quarter
            self._in_log = True
            line = ""
        self._last_progress = line

    # ---- one run ----

    def begin(self, program: Milestone) -> None:
        """Say what is about to run, and by which gates it will be judged."""
        if self.compact:
            self.console.print(self._text(f"{program.year} ● {program.name}", "bold"))
            self._print(self._text(f"{program.people}. {program.idea}"))
            self._print(self._text(f"Data: {program.data}.", "dim"))
            return
        about = RichTable.grid(padding=(0, 1))
        about.add_column(style="dim")
        about.add_column()
        gates = "\n".join(f"{name}: {bound}" for name, bound in program.gates.items())
        for label, text in (
            ("who", program.people),
            ("idea", program.idea),
            ("data", program.data),
            ("source", program.source),
            ("gates" if len(program.gates) > 1 else "gate", gates),
        ):
            about.add_row(label, self._text(text))
        frame = box.ROUNDED if self.look.unicode else box.ASCII
        title = self._text(f"{program.year} · {program.name}", "bold")
        self._print(Panel(about, title=title, title_align="left", box=frame))
        self._gap()

    def end(self, result: Result) -> None:
        """The one place that says whether a program succeeded."""
        self._stop_progress()
        if self._last_picture is not None:
            self._picture(self._last_picture)
            self._last_picture = None
        for gate in result.gates:
            line = f"{self._mark(gate.met)} {gate.name}: {gate.bound.show(gate.value)}  ({gate.bound})"
            self._print(self._text(line, "green" if gate.met else "red"))
        for gate in result.missed:
            self._print(self._text(f"Fell short: {gate}.", "bold red"))
        count = len(result.gates)
        met = "The gate is met." if count == 1 else f"All {count} gates are met."
        missed = "The gate is missed." if count == 1 else f"{len(result.missed)} of {count} gates missed."
        verdict = met if result.success else missed
        style = "bold green" if result.success else "bold red"
        on = ", on PyTorch" if result.framework == "torch" else ""
        self._print(self._text(f"{verdict} {result.seconds:.2f} s, seed {result.seed}{on}", style))
        self._gap()

    def skip(self, program: Milestone, reason: str) -> None:
        """Say why a program of the timeline does not run."""
        self.console.print(self._text(f"{program.year} ● {program.name}", "bold"))
        self._print(self._text(f"{program.people}. {program.idea}"))
        self._print(self._text(f"Skipped: {reason}.", "yellow"))
        self._gap()

    def summary(self, programs: Sequence[Milestone], results: Sequence[Result], skipped: Mapping[str, str]) -> None:
        """One table after many programs: each one's first gate, or the one it missed."""
        self.compact = False  # the timeline ends here
        table = self._table("year", "program", "gate", "result", "gates met", "seconds")
        judged = {result.name: result for result in results}
        for program in programs:
            if program.name in skipped:
                self._row(table, str(program.year), program.name, "skipped", "", "", "", style="yellow")
                continue
            result = judged[program.name]
            gate = [*result.missed, *result.gates][0]
            met = f"{self._mark(result.success)} {len(result.gates) - len(result.missed)}/{len(result.gates)}"
            cells = (f"{gate.name}: {gate.bound}", gate.bound.show(gate.value), met, f"{result.seconds:.2f}")
            style = "" if result.success else "bold red"
            self._row(table, str(result.year), result.name, *cells, style=style)
        self._print(table)
        self._gap()
        met_all = sum(result.success for result in results)
        words = f"{met_all} of {len(results)} programs met their gates"
        words += f" ({len(skipped)} skipped for want of data)" if skipped else ""
        seconds = sum(result.seconds for result in results)
        style = "bold green" if met_all == len(results) else "bold red"
        self._print(self._text(f"{words}, in {seconds:.1f} s.", style))
        self._print(self._text("`tinytorch run NAME` plays one in full."))

    # ---- many seeds ----

    def counting(self, name: str, done: int, total: int, met: int) -> None:
        """Show how far a sweep over seeds is."""
        if self.console.is_terminal:
            self._bar(done, total, f"{name}: {met} of {done} seeds met the gates")
        if done == total:
            self._stop_progress()

    def sweeps(self, sweeps: Sequence[Sweep], skipped: Mapping[str, str]) -> None:
        """One table after many seeds, and a verdict on each program."""
        self.compact = False
        table = self._table("program and gates", "met", "gates met, 95%", "mean", "sd", "worst", "slowest")
        for sweep in sweeps:
            low, high = sweep.interval
            count = len(sweep.results)
            cells = (f"{low:.0%} to {high:.0%}", "", "", "", f"{sweep.slowest:.2f} s")
            style = "bold green" if sweep.holds else "bold red"
            self._row(table, sweep.name, f"{sweep.met}/{count}", *cells, style=style)
            for gate in sweep.gates:
                show = gate.bound.show
                numbers = (f"{gate.met}/{count}", "", show(gate.mean), show(gate.sd), show(gate.worst))
                table.add_row(Padding(self._text(gate.name), (0, 0, 0, 2)), *numbers)
        self._print(table)
        self._gap()
        needed = f"required: {REQUIRED[0]} of {REQUIRED[1]}, or the same share"
        for sweep in sweeps:
            verdict, style = ("holds", "bold green") if sweep.holds else ("falls short", "bold red")
            self._print(
                self._text(f"{sweep.name} {verdict}: {sweep.met} of {len(sweep.results)} seeds ({needed}).", style)
            )
        for name, reason in skipped.items():
            self._print(self._text(f"{name} was skipped: {reason}.", "yellow"))

    # ---- files ----

    def wrote_each(self, *paths: Path | None) -> None:
        """Name the files that have appeared; a device or a pipe is none."""
        for path in paths:
            if path and path.is_file():
                self.wrote(path.parent, [path])

    def wrote(self, folder: Path, files: Sequence[Path]) -> None:
        """Name what was written; of many files, how many they are."""
        if len(files) <= 20:
            for file in files:
                name = os.path.relpath(file, folder) if len(files) > 1 else file
                self._print(self._text(f"wrote {name} ({file.stat().st_size:,} bytes)"))
        size = sum(file.stat().st_size for file in files)
        if len(files) > 1:
            self._print(self._text(f"{len(files):,} files, {size:,} bytes in {folder}", "bold"))

    # ---- lists ----

    def list_milestones(self, programs: Sequence[Milestone]) -> None:
        """The programs in historical order."""
        for program in programs:
            gates = [f"{name}: {bound}" for name, bound in program.gates.items()]
            gate = gates[0] + (f" (and {len(gates) - 1} more)" if len(gates) > 1 else "")
            self._print(Text.assemble(f"{program.year} ", (program.name, "bold"), self._text(f"  {program.people}")))
            self._print(Padding(self._text(program.idea), (0, 0, 0, 2)))
            self._print(Padding(self._text(f"{program.data}; {gate}", "dim"), (0, 0, 0, 2)))
        self._gap()
        self._print(self._text("`tinytorch run NAME` plays one,", "dim"))
        self._print(self._text("`tinytorch run --all` plays them in order.", "dim"))

    # ---- pieces ----

    def _print(self, what: RenderableType) -> None:
        if not self.compact and self.console.is_terminal:
            self.console.print(what)
            return
        width = self.look.width if self.compact else self.console.width
        rail = self._plain(RAIL) if self.compact else ""
        for line in self.console.render_lines(what, self.console.options.update(width=width), pad=False):
            if self.console.is_terminal:
                self.console.print(Segments([Segment(rail, Style(dim=True)), *line, Segment.line()]))
            else:  # plain text, and no spaces at the ends of its lines
                self.console.out((rail + "".join(part.text for part in line)).rstrip(), highlight=False)

    def _gap(self) -> None:
        self.console.print(self._plain(RAIL).rstrip() if self.compact else "", style="dim")

    def _text(self, text: str, style: str = "") -> Text:
        return Text(self._plain(text), style=style)

    def _plain(self, text: str) -> str:
        return self.look.plain(text)

    def _picture(self, picture: Picture) -> None:
        self._print(draw(picture, self.look))
        self._gap()

    def _mark(self, met: bool) -> str:
        return self._plain("✓" if met else "✗")

    def _table(self, *columns: str) -> RichTable:
        table = empty_table(self.look)
        for column in columns:
            table.add_column(column, no_wrap=column in ("name", "program"))
        return table

    def _row(self, table: RichTable, *cells: str, style: str = "") -> None:
        table.add_row(*[self._text(cell) for cell in cells], style=style)

    def _bar(self, done: int, total: int, text: str) -> None:
        if self._live is None:
            counts = TextColumn("{task.completed:.0f}/{task.total:.0f}  {task.description}")
            self._live = Progress(BarColumn(bar_width=30), counts, console=self.console, transient=True)
            self._live.start()
            self._live.add_task(text, total=total)
        self._live.update(self._live.task_ids[0], completed=done, description=text)

    def _stop_progress(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self._last_progress and not self.compact:
            self._print(self._text(self._last_progress, "dim"))
        if self._in_log or (self._last_progress and not self.compact):
            self._gap()
        self._last_progress, self._in_log = "", False
