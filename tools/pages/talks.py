"""How can every talk of TinyTalks be read? Story by story, with the split that each belongs to.

    ```{talks} 2
    ```

lists the stories of level 2.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tinytorch.datasets import load_tinytalks
from tinytorch.datasets.talks import LEVELS

SPLITS = ("train", "val", "test")


def listing(level: int) -> str:
    """Return the stories of a level as HTML.

    >>> listing(1).count("<dt>") == sum(int((load_tinytalks(split).levels == 1).sum()) for split in SPLITS)
    True
    """
    stories = []
    for split in SPLITS:
        data = load_tinytalks(split)
        rows = [row for row in range(len(data)) if data.levels[row] == level]
        for context, several in groupby(rows, key=lambda row: data.contexts[row]):
            pairs = "".join(
                f"<dt>{escape(data.questions[row])}</dt><dd>{escape(data.answers[row])}</dd>" for row in several
            )
            told = f"<p>{escape(context)}</p>" if context else ""
            stories.append(f'<li><small class="split">{split}</small>{told}<dl>{pairs}</dl></li>')
    return f'<ul class="talks">{"".join(stories)}</ul>'


class Talks(SphinxDirective):
    """The stories of the level that the argument names."""

    required_arguments = 1

    def run(self) -> list[Any]:
        """Return the listing."""
        if self.arguments[0] not in map(str, LEVELS):
            raise self.error(f"TinyTalks has no level {self.arguments[0]!r}: use 1 to 5")
        return [nodes.raw("", listing(int(self.arguments[0])), format="html")]


class Cite(SphinxDirective):
    """What `tinytorch datasets cite NAME` prints."""

    required_arguments = 1

    def run(self) -> list[Any]:
        """Return the BibTeX."""
        from tinytorch.datasets import get_dataset

        text = get_dataset(self.arguments[0]).citations
        return [nodes.literal_block(text, text, language="bibtex")]


def setup(app: Any) -> None:
    """Add the directives."""
    app.add_directive("talks", Talks)
    app.add_directive("cite", Cite)
