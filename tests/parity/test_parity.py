"""Run every row on PyTorch and on TinyTorch: `make parity`. To see one: `pytest tests/parity -k "x.sum(dim=1)"`."""

from __future__ import annotations

import pytest
import torch

import tinytorch
from parity.compare import differences
from parity.deliberate import DELIBERATE
from parity.harness import Case, run
from parity.rows import CASES

torch.set_num_threads(1)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_same_as_pytorch(case: Case, record_property: pytest.RecordProperty) -> None:
    record_property("family", case.family)
    found = differences(case, run(case, torch), run(case, tinytorch))
    reason = DELIBERATE.get(case.name)
    if reason is None:
        assert not found, f"{case}\n" + "\n".join(found)
    else:
        record_property("deliberate", reason)
        assert found, f"{case} no longer differs from PyTorch: take it out of deliberate.py ({reason})"


def test_the_yardstick_is_pytorch() -> None:
    assert torch.__version__.startswith("2.13.0")
    assert torch.Tensor is not tinytorch.Tensor


def test_no_row_names_a_library() -> None:
    assert not [str(case) for case in CASES if "tinytorch" in case.text or "import" in case.text]


def test_no_case_is_counted_twice() -> None:
    names = [str(case) for case in CASES]
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})


def test_every_deliberate_difference_is_tried() -> None:
    assert set(DELIBERATE) <= {case.name for case in CASES}
