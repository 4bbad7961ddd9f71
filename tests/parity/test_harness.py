"""The harness itself: a comparison that can't fail proves nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from parity.compare import differences
from parity.harness import Case, run, table
from parity.inputs import floats, given

X = {"x": floats(2, 3)}


def compare(right: str, wrong: str, **fields: Any) -> list[str]:
    """What the harness finds when PyTorch does one thing and the other library another."""
    theirs, ours = (Case("f", "same name", X, lambda lib, text=text: eval(text, {"torch": lib}), **fields)
                    for text in (right, wrong))  # fmt: skip
    return differences(theirs, run(theirs, torch), run(ours, torch))


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("torch.ones(2)", "torch.ones(2) + 1e-4", "result: "),
        ("torch.ones(2)", "torch.ones(2).double()", "result.dtype"),
        ("torch.ones(2)", "torch.ones(1, 2)", "result.shape"),
        ("torch.ones(2, 3)", "torch.ones(3, 2).t()", "result.strides"),
        ("torch.ones(2)", "torch.ones(2, requires_grad=True)", "result.requires_grad"),
        ("torch.ones(2)", "torch.nn.Parameter(torch.ones(2), False)", "result.kind"),
        ("[torch.ones(2)]", "(torch.ones(2),)", "result.kind"),
        ("torch.ones(2, 2).max(0)", "tuple(torch.ones(2, 2).max(0))", "result.kind"),
        ("torch.ones(2, 2).max(0)", "torch.ones(2, 2).sort(0)", "result['values']"),
        ("1", "True", "result: "),
        ("1.0", "1.001", "result: "),
        ("torch.tensor([1, 2])", "torch.tensor([1, 3])", "result: "),
        ("torch.tensor([float('nan')])", "torch.tensor([0.0])", "result: "),
        ("{'a': 1}", "{'b': 1}", "result: "),
        ("1", "[][0]", "error"),
    ],
)
def test_every_kind_of_difference_is_found(right: str, wrong: str, where: str) -> None:
    assert compare(right, right) == []
    found = compare(right, wrong)
    assert any(line.startswith(where) for line in found), found


def outcome(text: str, **fields: Any) -> Any:
    case = table("f", [text], **{"x": given([[1.0, -2.0]]), **fields})[0]
    return case, run(case, torch)


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("x * 2", "x.detach() * 2 + x * 0", "grads"),
        ("x * 2", "x.mul(2).detach()", "result.requires_grad"),
        ("x.view(-1)", "x.reshape(-1).clone()", "result.shares"),
        ("x.detach() * 1", "x.data.mul_(2) * 0.5", "inputs"),
    ],
)
def test_gradients_memory_and_side_effects_are_compared(right: str, wrong: str, where: str) -> None:
    case, theirs = outcome(right)
    found = differences(case, theirs, outcome(wrong)[1])
    assert any(line.startswith(where) for line in found), found


def test_an_error_must_be_of_the_class_that_pytorch_raises() -> None:
    case, theirs = outcome("x[5]", raises=True)
    assert differences(case, theirs, outcome("[][0]", raises=True)[1]) == []
    assert differences(case, theirs, outcome("x.view(7)", raises=True)[1])
    assert differences(case, theirs, outcome("x", raises=True)[1])


@pytest.mark.parametrize(("text", "raises"), [("x[5]", False), ("x + 1", True)])
def test_a_row_that_misjudges_pytorch_is_refused(text: str, raises: bool) -> None:
    case, theirs = outcome(text, raises=raises)
    with pytest.raises(AssertionError, match="the table"):
        differences(case, theirs, theirs)


def test_a_table_makes_a_case_for_each_combination() -> None:
    cases = table("f", "x.$f(); y + x.$f()", f="sin; cos", x=[floats(2), floats(3)], y=floats(1))
    assert [case.text for case in cases] == ["x.sin(); y + x.sin()"] * 2 + ["x.cos(); y + x.cos()"] * 2
    assert len(table("f", "x.sin()\nx.cos()", x=floats(2), y=[floats(1), floats(2)])) == 2


def test_both_libraries_get_the_same_numbers_and_cases_different_ones() -> None:
    a, b = table("f", "x\nx + 0", x=floats(5))
    assert np.array_equal(run(a, torch).result.values, run(a, torch).result.values)
    assert not np.array_equal(run(a, torch).result.values, run(b, torch).result.values)
