"""How do measured numbers reach the page? From the functions that also write them into the documents, at build time.

    ```{numbers} milestones
    ```

is the block of this name that `tools/write_cards.py` would write; a page need not be filled in, so it can't be stale.
"""

from __future__ import annotations

from typing import Any

import write_cards
from sphinx.util.docutils import SphinxDirective


class Numbers(SphinxDirective):
    """The block NAME ARGUMENT..., made now."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[Any]:
        """Return what the block's Markdown means."""
        name, *arguments = self.arguments[0].split()
        if name not in write_cards.BLOCKS:
            raise self.error(f"no block is named {name!r}: use one of {', '.join(sorted(write_cards.BLOCKS))}")
        self.env.note_reread()  # the results may change though this page does not
        return self.parse_text_to_nodes(write_cards.BLOCKS[name](*arguments))


def setup(app: Any) -> None:
    """Add the directive."""
    app.add_directive("numbers", Numbers)
