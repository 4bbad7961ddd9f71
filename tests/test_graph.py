"""Is the drawn graph the recorded one, and can it be read?"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

import tinytorch as torch
from tinytorch import nn

SVG = "{http://www.w3.org/2000/svg}"


def xor():
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    x, y = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]), torch.tensor([[0.0], [1], [1], [0]])
    return nn.functional.mse_loss(model(x), y), model


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        x = self.a(x)
        x = x + self.b(torch.relu(x))
        return x * self.c(x) + x


def residual():
    model = Residual()
    return (model(torch.ones(3, 4)) ** 2).mean(), model


def shortcut():
    w = torch.ones(3, requires_grad=True)
    short = w * 2  # older than the long way, but nearer to the result
    return (w.exp().tanh().sqrt() + short).sum(), nn.Linear(1, 1)


def test_the_list_of_xor():
    loss, model = xor()
    assert (
        str(torch.graph(loss, model))
        == """\
4  mse_loss  ()      <- 3
3  linear    (4, 1)  <- 2, 2.weight, 2.bias
2  tanh      (4, 4)  <- 1
1  linear    (4, 4)  <- 0.weight, 0.bias
   2.bias    (1,)
   2.weight  (1, 4)
   0.bias    (4,)
   0.weight  (4, 2)"""
    )


def test_without_names_and_shapes():
    w = torch.ones(2, requires_grad=True)
    b = torch.ones(2, requires_grad=True)
    drawn = torch.graph((w * w + b).sum(), show_shapes=False)
    assert str(drawn) == "3  sum     <- 2\n2  add     <- 1, leaf 2\n1  mul     <- leaf 1, leaf 1\n   leaf 2\n   leaf 1"
    assert repr(drawn) == str(drawn)
    assert "b" in str(torch.graph((w * w + b).sum(), {"b": b, "not there": torch.ones(1)}))


@pytest.mark.parametrize("make", [xor, residual])
def test_each_node_comes_once_and_newest_first_and_the_edges_are_those_of_backward(make):
    loss, model = make()
    drawn = torch.graph(loss, model)
    assert drawn.nodes[0] is loss.grad_fn
    assert len(set(drawn.nodes)) == len(drawn.nodes)
    assert [node.time for node in drawn.nodes] == sorted((node.time for node in drawn.nodes), reverse=True)
    reached, stack = set(), [loss.grad_fn]
    edges = 0
    while stack:  # by PyTorch's own way to walk a graph
        node = stack.pop()
        if node not in reached:
            reached.add(node)
            edges += len([each for each, _ in node.next_functions if each is not None])
            stack += [each for each, _ in node.next_functions if each is not None]
    assert reached == set(drawn.nodes)
    assert sum(len(line.split("<-")[1].split(",")) for line in str(drawn).splitlines() if "<-" in line) == edges
    assert len(str(drawn).splitlines()) == len(reached)
    assert {name for name, _ in model.named_parameters()} <= set(re.findall(r"[\w.]+", str(drawn)))


def picture(drawn):
    root = ElementTree.fromstring(drawn.svg())
    boxes = [tuple(float(box.get(k)) for k in ("x", "y", "width", "height")) for box in root.iter(f"{SVG}rect")]
    arrows = [
        [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path.get("d"))]
        for path in root.iter(f"{SVG}path")
        if path.get("marker-end")
    ]
    return root, boxes, arrows


@pytest.mark.parametrize("make", [xor, residual, shortcut])
def test_the_picture_shows_every_node_in_a_box_of_its_own_and_arrows_that_point_down(make):
    loss, model = make()
    drawn = torch.graph(loss, model)
    root, boxes, arrows = picture(drawn)
    assert len(boxes) == len(drawn.nodes)
    for i, (x, y, w, h) in enumerate(boxes):
        assert x >= 0
        assert y >= 0
        assert x + w <= float(root.get("width"))
        assert y + h <= float(root.get("height"))
        for x2, y2, w2, h2 in boxes[:i]:
            assert x + w < x2 or x2 + w2 < x or y + h < y2 or y2 + h2 < y, "two boxes overlap"
    assert len(arrows) == len({(parent, node) for node in drawn.nodes for parent in node.inputs if parent is not None})
    starts, ends = {(x + w / 2, y + h) for x, y, w, h in boxes}, {(x + w / 2, y) for x, y, w, h in boxes}
    for numbers in arrows:
        assert min(abs(x - numbers[0]) + abs(y - numbers[1]) for x, y in starts) < 0.3, "begins under a box"
        assert min(abs(x - numbers[-2]) + abs(y - numbers[-1]) for x, y in ends) < 0.3, "ends at the top of a box"
        heights = numbers[1::2]
        assert heights == sorted(heights), "points down"
        for x, y in zip(numbers[::8], numbers[1::8]):  # where it stands straight beside a row
            assert not any(bx < x < bx + w and by < y < by + h for bx, by, w, h in boxes), "crosses no box"


def test_text_fits_into_its_box_and_names_are_escaped():
    w = torch.ones(2, requires_grad=True)
    root, boxes, _ = picture(torch.graph(w.sum(), {'<a & "b">': w}))
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts == ["sum", "()", '<a & "b">', "(2,)"]
    assert all(width >= 7 * len(text) for (_, _, width, _), text in zip(boxes, texts[::2]))


def test_a_chain_is_a_straight_line():
    loss, model = xor()
    drawn = torch.graph(loss, model)
    _, boxes, _ = picture(drawn)
    middles = {round(x + w / 2) for (x, _, w, _), node in zip(boxes, drawn.nodes) if node.op is not None}
    assert len(middles) == 1


def test_the_picture_in_a_file_and_in_a_notebook(tmp_path):
    drawn = torch.graph(*xor())
    drawn.svg(tmp_path / "xor.svg")
    assert (tmp_path / "xor.svg").read_text(encoding="utf-8") == drawn.svg() == drawn._repr_svg_()
    assert [path.name for path in tmp_path.iterdir()] == ["xor.svg"]
    with pytest.raises(FileNotFoundError, match="svg:"):
        drawn.svg(tmp_path / "nowhere" / "xor.svg")


def test_a_single_leaf_is_a_graph_too():
    w = torch.ones(2, requires_grad=True)
    assert str(torch.graph(w, {"w": w})) == "  w  (2,)"
    assert len(picture(torch.graph(w))[1]) == 1


def test_a_long_graph_needs_no_deep_recursion():
    x = torch.ones(1, requires_grad=True)
    for _ in range(2000):
        x = x + 1
    assert len(str(torch.graph(x)).splitlines()) == 2001
    assert torch.graph(x).svg().count("<rect") == 2001


def test_where_there_is_no_graph_a_sentence_says_so():
    loss, model = xor()
    loss.backward(retain_graph=True)
    torch.graph(loss, model)
    loss.backward()
    with pytest.raises(RuntimeError, match=r"^graph: backward\(\) has freed this graph: draw it before"):
        torch.graph(loss, model)
    with pytest.raises(RuntimeError, match="nothing was recorded"):
        torch.graph(torch.ones(1))
