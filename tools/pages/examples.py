"""Does an example still run, and what does it print? It is run when the page is built, so the page can't be stale.

    ```{example}
    import tinytorch as torch
    print(torch.arange(3))
    ```

shows the code, and under it what it printed.
"""

from __future__ import annotations

import contextlib
import io
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import tinytorch as torch


def printed(code: str) -> str:
    r"""What the code prints, with random numbers from seed 0.

    >>> printed("import tinytorch as torch\nprint(torch.arange(3))")
    'tensor([0, 1, 2])\n'
    """
    torch.manual_seed(0)
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile(code, "<example>", "exec"), {"__name__": "example"})
    return shown.getvalue()


class Example(SphinxDirective):
    """Code, and under it what it prints."""

    has_content = True

    def run(self) -> list[Any]:
        """Return both."""
        code = "\n".join(self.content)
        try:
            shown = printed(code)
        except Exception as error:
            raise self.error(f"this example fails: {type(error).__name__}: {error}") from error
        blocks = [nodes.literal_block(code, code, language="python")]
        if shown:
            blocks.append(nodes.literal_block(shown, shown, language="none", classes=["printed"]))
        return blocks


def setup(app: Any) -> None:
    """Add the directive."""
    app.add_directive("example", Example)
