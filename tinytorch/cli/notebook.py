"""How does a milestone run in a notebook, cell by cell?"""

from __future__ import annotations

import time
from importlib import import_module
from io import BytesIO

from tinytorch.cli.names import unknown
from tinytorch.cli.screen import Terminal
from tinytorch.milestones import catalog
from tinytorch.milestones.kit import Milestone, Run
from tinytorch.milestones.pictures import Picture


class NotebookScreen(Terminal):
    """The terminal's words; pictures are drawn by matplotlib (extra `plot`) where it is there."""

    def show(self, picture: Picture) -> None:
        """Draw a picture under the cell; a table, and every picture without matplotlib, in characters."""
        try:
            from tinytorch.cli.plots import Plot
        except ImportError:
            super().show(picture)
            return
        plot = Plot()
        plot.show(picture)
        if not plot.pictures:
            super().show(picture)
            return
        drawing = BytesIO()
        plot.figure().savefig(drawing, format="png", dpi=100)
        display = import_module("IPython.display")
        display.display(display.Image(drawing.getvalue(), alt=picture.title))


class NotebookRun(Run):
    """A run whose program is the cells of a notebook."""

    def __init__(self, program: Milestone, seed: int, epochs: int | None) -> None:
        self.screen = NotebookScreen(live=False)
        super().__init__(program, seed, (program.epochs if epochs is None else epochs) or 0, [self.screen])
        self._started = time.perf_counter()

    def verdict(self) -> bool:
        """Say which gates the run has met; True if all. A gate that no cell has reported is missed."""
        seconds = time.perf_counter() - self._started
        result = self._milestone.judge(self, self._milestone.settings, seconds)
        self.screen.end(result)
        return result.success


def begin(name: str, seed: int = 0, epochs: int | None = None) -> NotebookRun:
    """Begin a run of the milestone `name` whose steps are cells: show what it declares, and what will judge it.

    Args:
        name: The program, as `tinytorch milestones` lists it.
        seed: Where its random draws start from.
        epochs: How long it trains; None: as long as the program declares.

    Raises:
        ValueError: If no program has this name.

    >>> run = begin("xor_solved", epochs=10)
    ╭─ 1986 · xor_solved ...
    >>> run.epochs
    10
    >>> run.gate("corners right, of 4", 3)
    >>> run.verdict()
    ✗ corners right, of 4: 3  (exactly 4)
    ...
    False
    """
    if name not in catalog.names():
        raise ValueError(unknown("milestone", name, catalog.names()))
    run = NotebookRun(catalog.load(name), seed, epochs)
    run.screen.begin(catalog.load(name))
    return run
