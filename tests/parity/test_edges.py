"""Empty, single, nan, infinite, huge, tiny, in half precision: each row of our tables on one edge (see edges.py)."""

from __future__ import annotations

from collections import defaultdict

import pytest
import torch

from parity.edges import APART, EDGES, apart, difference, on_edge, rows, share
from parity.harness import table
from parity.inputs import floats
from parity.rows import CASES

torch.set_num_threads(1)
SHARES = defaultdict(list)
for case, edge in share(CASES):
    SHARES[edge].append(case)


@pytest.mark.parametrize("edge", EDGES)
def test_same_as_pytorch_on_the_edge(edge: str, record_property: pytest.RecordProperty) -> None:
    moved = [each for each in (on_edge(case, edge) for case in SHARES[edge]) if each is not None]
    record_property("cases", len(moved))
    wrong = [f"{case} | {line}" for case in moved for line in difference(case) if apart(case, line) is None]
    assert len(moved) > 100
    assert not wrong, f"{len(wrong)} differences, first:\n" + "\n".join(line[:400] for line in wrong[:10])


def test_a_difference_on_an_edge_is_found() -> None:
    x = floats(2, 3)
    text = "(x.nan_to_num(0.0), x.detach() * 0, x[:1].sum())"
    right = table("f", [text], x=x)[0]
    for edge in EDGES:
        moved = on_edge(right, edge)
        assert moved is not None
        assert difference(moved) == [], edge
    wrong = table("f", ["x.nan_to_num(0.0 if 'tiny' in torch.__name__ else 1.0)"], x=x)[0]
    assert [edge for edge in EDGES if difference(on_edge(wrong, edge))] == ["a nan"]
    stumbling = table("f", ["x.sum() if x.numel() or 'tiny' not in torch.__name__ else [][0]"], x=x)[0]
    assert [edge for edge in EDGES if difference(on_edge(stumbling, edge))] == ["an empty batch", "no features"]
    silent = table("f", ["x.abs().clamp(max=1e30 if 'tiny' in torch.__name__ else 1e38)"], x=x)[0]
    assert "up to 1e38" in [edge for edge in EDGES if difference(on_edge(silent, edge))]


def test_what_is_set_apart_has_a_reason() -> None:
    assert all(reason and patterns for reason, patterns in APART.items())
    assert len(list(rows(CASES))) > 4000
