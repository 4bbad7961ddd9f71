"""What do a program's page and the timeline show of one and the same run? It is played once, before three screens.

    python -m pages.played NAME...      play these, and leave what each screen showed where pages/runs.py looks for it
    python -m pages.played --timeline   print `tinytorch run --all`, put together from what was left

The screens are those of `tinytorch run`; tests/site/test_pages.py holds what they show to what the command prints.
"""

from __future__ import annotations

import io
import json
import sys

from pages import runs
from tinytorch.cli.play import Wishes, provide
from tinytorch.cli.plots import Plot
from tinytorch.cli.screen import Terminal
from tinytorch.datasets.remote import DataNotFoundError, cache_folder
from tinytorch.milestones import catalog, trained
from tinytorch.milestones.kit import Gate, Milestone, Result

READERS = "~/.cache/tinytorch"  # where a reader's data waits, if nothing else is asked for; the site's own is elsewhere


def play(name: str) -> None:
    """Play a program with seed 0, and keep its page, its part of the timeline, its record, its drawing and its model.

    Raises:
        SystemExit: If it missed a gate.
    """
    program = catalog.load(name)
    page, part, drawing = Terminal(live=False), Terminal(compact=True, live=True), Plot()
    written = []
    for terminal in (page, part):
        terminal.console.file = io.StringIO()
        written.append(terminal.console.file)
        terminal.begin(program)
    result = program.play(screens=[page, part, drawing])
    page.end(result)
    part.end(result)
    text, of_timeline = (shown.getvalue() for shown in written)
    if not result.success:
        raise SystemExit(f"{text}\n{name} missed a gate.")
    trained.keep(result)
    left = runs.left(name)
    drawing.save(left.drawing, "svg", result)
    left.part.write_text(of_timeline, encoding="utf-8")
    left.record.write_text(json.dumps(result.to_json()), encoding="utf-8")
    left.page.write_text(text, encoding="utf-8")  # last: it says that the others are whole


def judged(program: Milestone) -> Result:
    """The result of a run, as far as the table at the end of the timeline shows it, from its record."""
    record = json.loads(runs.left(program.name).record.read_text(encoding="utf-8"))
    gates = tuple(Gate(each["name"], each["value"], program.gates[each["name"]]) for each in record["gates"])
    return Result(program.name, program.year, record["seed"], program.epochs, {}, {}, gates, record["seconds"])


def timeline() -> None:
    """Print the parts of the programs, why others are skipped, and the table of all."""
    terminal, results, skipped = Terminal(compact=True, live=True), [], {}
    programs = [catalog.load(name) for name in catalog.names()]
    for program in programs:
        try:
            provide(program, Wishes())
        except DataNotFoundError as reason:
            skipped[program.name] = str(reason).replace(str(cache_folder()), READERS)
            terminal.skip(program, skipped[program.name])
        else:
            sys.stdout.write(runs.left(program.name).part.read_text(encoding="utf-8"))
            results.append(judged(program))
    terminal.summary(programs, results, skipped)


if __name__ == "__main__":
    if sys.argv[1:] == ["--timeline"]:
        timeline()
    else:
        for given in sys.argv[1:]:
            play(given)
