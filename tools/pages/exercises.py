"""What happens if a reader changes a program? The change is made and run when the site is built, so the answer is true.

    ```{change} perceptron_trained
    - def perceptron_trained(run: Run, points: int = 500, margin: float = 0.05) -> None:
    + def perceptron_trained(run: Run, points: int = 500, margin: float = 0.005) -> None:
    ```

shows the change and, for who opens it, the numbers of the program before and after, as means over SEEDS seeds. A line
that is to be changed and does not stand in the program exactly once fails the build.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from docutils import nodes
from pages import runs
from pages.milestones import AboutOne

from tinytorch.milestones import catalog

SEEDS = 5


def changed(program: str, change: str) -> str:
    r"""The program after a change; `change` holds lines to take out, "- ", and lines to put in their place, "+ ".

    Raises:
        ValueError: If what is to be taken out does not stand there exactly once.

    >>> changed("a = 1\nb = 2\n", "- b = 2\n+ b = 3")
    'a = 1\nb = 3\n'
    >>> changed("a = 1\n", "- b = 2\n+ b = 3")
    Traceback (most recent call last):
        ...
    ValueError: 'b = 2\n' stands in the program 0 times and must stand there once: mend the change
    """
    lines = change.splitlines()
    old, new = ("".join(line[2:] + "\n" for line in lines if line.startswith(sign)) for sign in "-+")
    if not old or len(lines) != old.count("\n") + new.count("\n"):
        raise ValueError("a change is lines that begin with - and lines that begin with +")
    if program.count(old) != 1:
        raise ValueError(f"{old!r} stands in the program {program.count(old)} times and must stand there once: mend the change")  # fmt: skip
    return program.replace(old, new)


def numbers(name: str, change: str = "") -> dict[str, float]:
    """The means over the seeds of what the program measures and is judged by; None where a run has no number."""
    program = catalog.path(name).read_text(encoding="utf-8")
    program = changed(program, change) if change else program
    stem = runs.KEPT / f"try-{hashlib.sha256((runs.digest(name) + program).encode()).hexdigest()[:16]}"
    record = stem.with_suffix(".json")
    if not record.exists():
        runs.KEPT.mkdir(parents=True, exist_ok=True)
        stem.with_suffix(".py").write_text(program, encoding="utf-8")
        runs.call([str(stem.with_suffix(".py")), "--seeds", str(SEEDS), "--json", str(record)], name, or_missed=True)
    found = json.loads(record.read_text(encoding="utf-8"))["runs"]
    rows = [{**run["metrics"], **{gate["name"]: gate["value"] for gate in run["gates"]}} for run in found]
    means = {
        key: sum(row[key] for row in rows) / len(rows) for key in rows[0] if all(row.get(key) is not None for row in rows)
    }
    return {**means, "seeds that met all gates": sum(run["success"] for run in found)}


class Change(AboutOne):
    """A change to a program, and what comes of it."""

    has_content = True

    def run(self) -> list[Any]:
        """Return the change as a diff, and a table to open."""
        program, change = self.program(), "\n".join(self.content)
        try:
            before, after = numbers(program.name), numbers(program.name, change)
        except (ValueError, runs.RunError) as error:
            raise self.error(str(error)) from error
        shares = {name for name, bound in program.gates.items() if bound.percent}
        rows = [f"| {key} | {_shown(before.get(key), key in shares)} | {_shown(after.get(key), key in shares)} |"
                for key in {**before, **after}]  # fmt: skip
        table = "\n".join([f"| mean of {SEEDS} seeds | as it is | changed |", "|---|---:|---:|", *rows])
        return [
            nodes.literal_block(change, change, language="diff"),
            nodes.raw("", "<details><summary>What happens</summary>", format="html"),
            *self.parse_text_to_nodes(table),
            nodes.raw("", "</details>", format="html"),
        ]


def _shown(value: float | None, share: bool) -> str:
    if value is None:
        return "–"
    return f"{100 * value:.1f}%" if share else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def setup(app: Any) -> None:
    """Add the directive."""
    app.add_directive("change", Change)
