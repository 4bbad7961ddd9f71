"""The graph that autograd recorded behind a tensor, as a list or as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import count, pairwise
from typing import TypeAlias

from tinytorch.autograd.engine import Node, _newest_first
from tinytorch.nn.module import Module
from tinytorch.serialization import PathLike, write_whole
from tinytorch.tensor import Tensor

Place: TypeAlias = Node | tuple[Node, int]  # what stands in a row: a node, or where an arrow from a node passes through

CHAR, LINE, PAD, GAP, STEP = 7.3, 16, 10, 22, 84  # pixels: letter, line, inside a box, beside it, from row to row
OPERATION, LEAF, RESULT = "#dbe9f8", "#dcf0d5", "#ffe2c6"
SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" viewBox="0 0 {0:.0f} {1:.0f}" \
font-family="monospace" font-size="12" text-anchor="middle" stroke-width="1">
<marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">\
<path d="M0 0L8 4L0 8z" fill="#555"/></marker>"""


class Graph:
    """The nodes behind a tensor. Prints as a list, shows itself as a picture in a notebook.

    `nodes` are the recorded operations and the leaves, in the order in which `backward` walks them: newest first.
    """

    def __init__(self, nodes: list[Node], names: Mapping[Node, str], show_shapes: bool) -> None:
        self.nodes, self.show_shapes = nodes, show_shapes
        self._inputs = {node: [parent for parent in node.inputs if parent is not None] for node in nodes}
        operations, leaves = count(1), count(1)
        self._key = {
            node: str(next(operations)) if node.op else names.get(node) or f"leaf {next(leaves)}"
            for node in reversed(nodes)
        }

    def _label(self, node: Node) -> list[str]:
        name = node.op.__name__ if node.op else self._key[node]
        return [name, str(tuple(node.shape))] if self.show_shapes else [name]

    def __str__(self) -> str:
        """One line for each node, newest first: its number, its operation, its shape, and what it was made from."""
        rows = []
        for node in self.nodes:
            made_from = ", ".join(self._key[parent] for parent in self._inputs[node])
            number = self._key[node] if node.op else ""
            rows.append([number, *self._label(node), f"<- {made_from}" if made_from else ""])
        widths = [max(map(len, column)) for column in zip(*rows)]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)

    __repr__ = __str__

    def svg(self, path: PathLike | None = None) -> str:
        """The picture: inputs above, the result at the bottom; also written to a file if a path is given."""
        at, ways = self._layout()
        half = LINE * (1 + self.show_shapes) / 2 + PAD / 2
        width = max(x + self._width(place) / 2 for place, (x, _) in at.items()) + GAP
        parts = [SVG.format(width, at[self.nodes[0]][1] + STEP / 2)]
        for way in ways:
            curve = ""  # straight beside the boxes of a row, bent between two rows
            for (x0, y0), (x1, y1) in pairwise(at[place] for place in way):
                curve += f"{'L' if curve else 'M'}{x0:.1f} {y0 + half:.1f}C{x0:.1f} {(y0 + y1) / 2:.1f} "
                curve += f"{x1:.1f} {(y0 + y1) / 2:.1f} {x1:.1f} {y1 - half:.1f}"
            parts.append(f'<path d="{curve}" fill="none" stroke="#555" marker-end="url(#tip)"/>')
        for node in self.nodes:
            (x, y), wide = at[node], self._width(node)
            box = f'x="{x - wide / 2:.1f}" y="{y - half:.1f}" width="{wide:.1f}" height="{2 * half:.1f}" rx="5"'
            color = LEAF if node.op is None else RESULT if node is self.nodes[0] else OPERATION
            parts.append(f'<rect {box} fill="{color}" stroke="#555"/>')
            for i, text in enumerate(self._label(node)):
                baseline = y + LINE * (i - self.show_shapes / 2) + 4
                parts.append(f'<text x="{x:.1f}" y="{baseline:.1f}">{escape(text)}</text>')
        picture = "\n".join([*parts, "</svg>", ""])
        if path is not None:
            write_whole(path, picture.encode(), "svg")
        return picture

    def _repr_svg_(self) -> str:
        return self.svg()

    def _width(self, place: Place) -> float:
        return 2 * PAD + CHAR * max(map(len, self._label(place))) if isinstance(place, Node) else PAD

    def _layout(self) -> tuple[dict[Place, tuple[float, float]], list[list[Place]]]:
        """Where the centre of each box lies, and the places along each arrow.

        A node's row is its longest distance from the result, so that every arrow points down. What a row holds stands
        over what uses it: operations first, so that a chain is a straight line, then leaves, then passing arrows.
        """
        row = dict.fromkeys(self.nodes, 0)
        for node in self.nodes:  # newest first, so the row of a node is known before those of its inputs
            for parent in self._inputs[node]:
                row[parent] = max(row[parent], row[node] + 1)
        ways: list[list[Place]] = []
        rows: list[dict[Place, list[Place]]] = [{} for _ in range(max(row.values()) + 1)]  # place: those below it
        rows[0][self.nodes[0]] = []
        for node in self.nodes:
            for parent in dict.fromkeys(self._inputs[node]):
                ways.append([parent, *((parent, i) for i in range(row[parent] - 1, row[node], -1)), node])
                for i, (upper, lower) in enumerate(pairwise(ways[-1])):
                    rows[row[parent] - i].setdefault(upper, []).append(lower)
        at: dict[Place, tuple[float, float]] = {}
        leaves = {node for node in self.nodes if node.op is None}
        for i, places in enumerate(rows):
            wanted = {place: min((at[lower][0] for lower in below), default=0.0) for place, below in places.items()}
            free = float("-inf")
            for place in sorted(places, key=lambda each: (wanted[each], not isinstance(each, Node), each in leaves)):
                x = max(wanted[place], free + self._width(place) / 2)
                free = x + self._width(place) / 2 + GAP
                at[place] = x, (len(rows) - i - 0.5) * STEP
        left = min(x - self._width(place) / 2 for place, (x, _) in at.items()) - GAP
        return {place: (x - left, y) for place, (x, y) in at.items()}, ways


def graph(loss: Tensor, params: Module | Mapping[str, Tensor] | None = None, show_shapes: bool = True) -> Graph:
    """What autograd recorded behind `loss`: the graph that `loss.backward()` will walk.

    Args:
        loss: any tensor that requires grad, before `backward` has freed its graph.
        params: what the leaves are called: a model, or a dict of names to tensors. The others are "leaf 1", "leaf 2".
        show_shapes: whether each node shows its shape.

    >>> import tinytorch as torch
    >>> w, x = torch.ones(3, requires_grad=True), torch.ones(2, 3)
    >>> print(torch.graph((x @ w).tanh().sum(), {"w": w}))
    3  sum     ()    <- 2
    2  tanh    (2,)  <- 1
    1  matmul  (2,)  <- w
       w       (3,)
    """
    node = loss._history()
    if node is None:
        raise RuntimeError("graph: this tensor does not depend on any tensor that requires grad: nothing was recorded")
    try:
        nodes = _newest_first([node], None)
    except RuntimeError:
        freed = "graph: backward() has freed this graph: draw it before, or call backward(retain_graph=True)"
        raise RuntimeError(freed) from None
    named = params.named_parameters() if isinstance(params, Module) else (params or {}).items()
    names = {tensor._history(): name for name, tensor in named}
    return Graph(nodes, {node: name for node, name in names.items() if node is not None}, show_shapes)
