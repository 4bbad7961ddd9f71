"""What happens if a reader changes a program? The page shows what `evidence/exercises.py` recorded when it tried.

    ```{change} perceptron_trained
    - def perceptron_trained(run: Run, points: int = 500, margin: float = 0.05) -> None:
    + def perceptron_trained(run: Run, points: int = 500, margin: float = 0.005) -> None:

    Words that say why.
    ```

shows the change and, for who opens it, the numbers of the program before and after, and the words. A change that does
not fit the program, or has no record, fails the build. `:not-tried: REASON` as the first line says that it has none,
and what the page says then are questions; without that line, `evidence/exercises.py` tries it.
"""

from __future__ import annotations

from typing import Any, ClassVar

import changes
from card_evidence import MissingEvidenceError, result
from docutils import nodes
from docutils.parsers.rst.directives import unchanged_required

from pages.milestones import AboutOne
from tinytorch.milestones import catalog

COMMAND = "python evidence/exercises.py --only"


def records(name: str, change: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was recorded of a program as it is, and of a changed one.

    Raises:
        ValueError: If the change does not fit the program.
        LookupError: If there is no record.
    """
    program = catalog.path(name).read_text(encoding="utf-8")
    keys = [changes.key(name, text) for text in (program, changes.changed(program, change))]
    try:
        found = result("exercises")["findings"]
        return found[keys[0]], found[keys[1]]
    except (KeyError, MissingEvidenceError) as error:
        raise LookupError(f"this change to {name} was not tried: `{COMMAND} {name}` tries it") from error


def table(name: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    """Two records side by side, in Markdown."""
    if "error" in after:
        return f"It ends with an error: `{after['error']}`"
    shares = {gate for gate, bound in catalog.load(name).gates.items() if bound.percent}
    shares |= {number for number in before["means"] if "accuracy" in number or "exact answers" in number}
    rows = [
        f"| {number} | {shown(before['means'].get(number), number in shares)} | "
        f"{shown(after['means'].get(number), number in shares)} |"
        for number in {**before["means"], **after["means"]}
    ]
    met = f"| **seeds that met all gates** | **{before['met']}** | **{after['met']}** |"
    return "\n".join([f"| means of {after['seeds']} seeds | as it is | changed |", "|---|---:|---:|", *rows, met])


def shown(value: float | None, share: bool) -> str:
    """A number as a reader wants it.

    >>> shown(0.5, True), shown(12345.6, False), shown(0.00123456, False), shown(None, False)
    ('50.0%', '12,346', '0.001235', '–')
    """
    if value is None:
        return "–"
    return f"{100 * value:.1f}%" if share else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


class Change(AboutOne):
    """A change to a program, and what comes of it."""

    has_content = True
    option_spec: ClassVar = {"not-tried": unchanged_required}

    def run(self) -> list[Any]:
        """Return the change as a diff, and a table and words to open."""
        program = self.program()
        change, words = changes.split("\n".join(self.content))
        self.env.note_reread()  # the record may change though this page does not
        summary = "What should happen?" if "not-tried" in self.options else "What happens"
        try:
            if "not-tried" in self.options:
                changes.changed(catalog.path(program.name).read_text(encoding="utf-8"), change)
                found = f"This was not tried: {self.options['not-tried']}"
            else:
                found = table(program.name, *records(program.name, change))
        except (ValueError, LookupError) as error:
            raise self.error(str(error)) from error
        return [
            nodes.literal_block(change, change, language="diff"),
            nodes.raw("", f"<details><summary>{summary}</summary>", format="html"),
            *self.parse_text_to_nodes(f"{found}\n\n{words}"),
            nodes.raw("", "</details>", format="html"),
        ]


def setup(app: Any) -> None:
    """Add the directive."""
    app.add_directive("change", Change)
