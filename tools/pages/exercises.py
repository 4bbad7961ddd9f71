"""What happens if a reader changes a program? Each page says what to change; `evidence/exercises.py` tried it.

A page has the change, as `evidence/changes.py` tells, and shows it with a table to open: the numbers of the program
before and after. A line that is to be changed and does not stand in the program exactly once, or a change that was
not tried on the program as it is now, fails the build.
"""

from __future__ import annotations

from typing import Any

from card_evidence import result
from changes import changed, key, parts
from docutils import nodes

from pages.milestones import AboutOne
from tinytorch.milestones import catalog


class Change(AboutOne):
    """A change to a program, and what comes of it."""

    has_content = True

    def run(self) -> list[Any]:
        """Return the change as a diff, and a table to open."""
        program, (change, words) = self.program(), parts("\n".join(self.content))
        text, recorded = catalog.path(program.name).read_text(encoding="utf-8"), result("exercises")
        try:
            before, after = (recorded["findings"][program.name][key(each)] for each in (text, changed(text, change)))
        except ValueError as error:
            raise self.error(str(error)) from error
        except KeyError:
            raise self.error(
                "this change was not tried on the program as it is now: run evidence/exercises.py"
            ) from None
        shares = {name for name, bound in program.gates.items() if bound.percent}
        rows = [f"| {name} | {_shown(before.get(name), name in shares)} | {_shown(after.get(name), name in shares)} |"
                for name in {**before, **after}]  # fmt: skip
        seeds = recorded["config"]["seeds"]
        table = "\n".join([f"| mean of {seeds} seeds | as it is | changed |", "|---|---:|---:|", *rows])
        return [
            nodes.literal_block(change, change, language="diff"),
            nodes.raw("", "<details><summary>What happens</summary>", format="html"),
            *self.parse_text_to_nodes(f"{table}\n\n{words}"),
            nodes.raw("", "</details>", format="html"),
        ]


def _shown(value: float | None, share: bool) -> str:
    if value is None:
        return "none"
    return f"{100 * value:.1f}%" if share else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def setup(app: Any) -> None:
    """Add the directive."""
    app.add_directive("change", Change)
