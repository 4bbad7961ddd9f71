"""How do formulas reach the page? As MathML, which browsers draw: no script, no font, no network."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

log = logging.getLogger(__name__)


def _written(self: Any, node: Any, block: bool) -> None:
    try:
        formula = tex2mathml(node.astext(), as_block=block)
    except Exception as error:
        log.warning("%r is not a formula: %s", node.astext(), error, location=node)
        raise nodes.SkipNode from error
    self.body.append(f'<div class="formula" tabindex="0">{formula}</div>' if block else formula)
    raise nodes.SkipNode


def inline(self: Any, node: Any) -> None:
    """A formula in a sentence."""
    _written(self, node, block=False)


def block(self: Any, node: Any) -> None:
    """A formula that stands alone; it may be wider than a phone."""
    _written(self, node, block=True)


def setup(app: Any) -> None:
    """Add the renderer `html_math_renderer = "mathml"`."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
