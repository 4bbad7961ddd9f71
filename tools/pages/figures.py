"""How does a recorded graph reach the page? The code beside it is run, and its last line is what is drawn.

    ```{recorded}
    import tinytorch as torch
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    (w * w).sum()
    ```

Names of leaf tensors in the figure are those that the code gave them.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import tinytorch as torch


def drawn(code: str) -> str:
    r"""Return the figure of the tensor that the code's last line computes, as SVG.

    >>> print(drawn("import tinytorch as torch\nw = torch.ones(2, requires_grad=True)\n(w * w).sum()")[:4])
    <svg
    """
    *lines, last = ast.parse(code).body
    if not isinstance(last, ast.Expr):
        raise ValueError("the last line must be an expression: the tensor whose record is drawn")
    names: dict[str, Any] = {}
    torch.manual_seed(0)
    exec(compile(ast.Module(lines, []), "<recorded>", "exec"), names)
    result = eval(compile(ast.Expression(last.value), "<recorded>", "eval"), names)
    leaves = {name: value for name, value in names.items() if isinstance(value, torch.Tensor) and value.is_leaf}
    return torch.graph(result, leaves).svg()


class Recorded(SphinxDirective):
    """Code, and under it the graph that autograd recorded while it ran."""

    has_content = True

    def run(self) -> list[Any]:
        """Return both."""
        code = "\n".join(self.content)
        try:
            picture = drawn(code)
        except Exception as error:
            raise self.error(f"the code of this figure fails: {type(error).__name__}: {error}") from error
        marks = 'class="recorded" role="img" aria-label="The graph that autograd recorded for the code above" '
        # The tip of an arrow has an id, and ids are for one figure of a page only.
        picture = picture.replace("<svg ", f"<svg {marks}", 1)
        picture = re.sub(r'(id="|url\(#)tip', rf"\g<1>tip-{self.env.new_serialno('recorded')}", picture)
        shown = nodes.literal_block(code, code, language="python")
        return [shown, nodes.raw("", f'<div class="figure" tabindex="0">{picture}</div>', format="html")]


def setup(app: Any) -> None:
    """Add the directive."""
    app.add_directive("recorded", Recorded)
