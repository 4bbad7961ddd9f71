"""How does a program make its own page? It is run, and its page shows what came out.

```{milestone} xor_solved        what it declares, and how often it holds
```{run} xor_solved              the command, what it printed, what it drew
```{source} xor_solved           the program
```{history}                     `tinytorch run --all`, as a picture
"""

from __future__ import annotations

from typing import Any

import terminal_svg
from card_evidence import range_of, result
from docutils import nodes
from sphinx.directives.code import LiteralInclude
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from pages import runs
from tinytorch.milestones import catalog

MADE = runs.ROOT / "build" / "site" / "made"  # pictures; docs/conf.py makes them static files


class AboutOne(SphinxDirective):
    """A directive about the program that its argument names."""

    required_arguments = 1

    def program(self) -> Any:
        """The program."""
        name = self.arguments[0]
        if name not in catalog.names():
            raise self.error(f"no milestone is named {name!r}: use one of {', '.join(catalog.names())}")
        self.env.note_dependency(str(catalog.path(name)))
        return catalog.load(name)


class About(AboutOne):
    """What the program declares and what it needs, as a list of terms."""

    def run(self) -> list[Any]:
        """Return the list."""
        program = self.program()
        terms = {
            "who": [program.people],
            "idea": [program.idea],
            "data": [program.data],
            "source": [program.source],
            "gates" if len(program.gates) > 1 else "gate": [
                f"{gate}: {bound}" for gate, bound in program.gates.items()
            ],
            "command": [f"`{runs.command(program.name)}`"],
        }
        found = result("milestones")["findings"].get(program.name)
        if found:
            interval, one = range_of(found["95% (Wilson)"]), found["one run"]
            terms["holds"] = [f"{found['met']} of {found['seeds']} seeds met all gates (95% interval {interval} %)"]
            terms["needs"] = [f"{one['processor seconds']:.1f} s of one core and {one['peak MB']:.0f} MB"]
        shown = nodes.field_list(classes=["about"])
        for term, texts in terms.items():
            lines = [nodes.paragraph("", "", *self.parse_inline(text)[0]) for text in texts]
            shown += nodes.field("", nodes.field_name(term, term), nodes.field_body("", *lines))
        return [shown]


class Play(AboutOne):
    """What a run printed and drew."""

    def run(self) -> list[Any]:
        """Return the command, the output and the drawing."""
        program = self.program()
        if program.dataset:
            words = (
                f"{program.name} needs {program.data}, which is fetched on demand. This site is built offline, so it "
                f"shows the program and not a run: `{runs.command(program.name)} --download` makes one."
            )
            return self.parse_text_to_nodes(words)
        done = runs.run(program.name)
        text = done.page.read_text(encoding="utf-8")
        shown = nodes.literal_block(text, f"$ {runs.command(program.name)}\n{text}", language="none")
        shown["classes"].append("terminal")
        name = f"run-{program.name}.svg"
        (MADE / name).write_bytes(done.drawing.read_bytes())
        drawing = nodes.image(uri=f"/../build/site/made/{name}", alt=f"The pictures of this run of {program.name}")
        drawing["classes"].append("paper")
        caption = self.parse_inline(f"Drawn by `{runs.command(program.name)} --plot FILE.svg`.")[0]
        return [shown, nodes.figure("", drawing, nodes.caption("", "", *caption))]


class Source(AboutOne):
    """The program's file, with line numbers."""

    def run(self) -> list[Any]:
        """Return the code."""
        program = self.program()
        path = catalog.path(program.name)
        return LiteralInclude(
            "literalinclude", ["/" + str(runs.HOME.name and f"../tinytorch/{path.relative_to(runs.HOME).as_posix()}")],
            {"language": "python", "linenos": None}, self.content, self.lineno, self.content_offset, self.block_text,
            self.state, self.state_machine,
        ).run()  # fmt: skip


class History(SphinxDirective):
    """The timeline of all programs, as a picture in a window of its own."""

    def run(self) -> list[Any]:
        """Return the picture; on a phone it scrolls inside its window."""
        command = runs.command(runs.HISTORY)
        picture = terminal_svg.drawing(runs.timeline(), command)
        (MADE / "history.svg").write_text(picture, encoding="utf-8")
        image = nodes.image(uri="/../build/site/made/history.svg", alt=f"What {command} shows, from 1957 to 2017")
        window = nodes.container("", image, classes=["window"])
        return [window]


def run_programs(app: Any) -> None:
    """Run what has not been run since its sources changed, before any page is read."""
    MADE.mkdir(parents=True, exist_ok=True)
    try:
        runs.run_all()
    except runs.RunError as error:
        raise ExtensionError(str(error)) from error


def setup(app: Any) -> None:
    """Add the directives."""
    app.connect("builder-inited", run_programs)
    app.add_directive("milestone", About)
    app.add_directive("run", Play)
    app.add_directive("source", Source)
    app.add_directive("history", History)
