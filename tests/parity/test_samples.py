"""PyTorch's own samples, name by name: `make parity`. What differs on purpose is in APART, with its reason."""

from __future__ import annotations

import re

import pytest
import torch

from parity import samples

torch.set_num_threads(1)

# Reason -> patterns of "sample | difference". Every difference must match one, and every pattern some difference.
APART: dict[str, tuple[str, ...]] = {
    "PyTorch's gradient of hardsigmoid has 1/6 rounded to float32 also in float64": (
        r"hardsigmoid .*float64.* \| grads",
    )
}
seen: set[str] = set()


@pytest.mark.parametrize("name", samples.NAMES)
def test_same_as_pytorch_on_its_own_samples(name: str, record_property: pytest.RecordProperty) -> None:
    tried, wrong = 0, []
    for sample in samples.samples(name):
        tried += 1
        for line in samples.difference(sample):
            told = f"{sample.text} | {line}"
            matching = [p for patterns in APART.values() for p in patterns if re.search(p, told)]
            seen.update(matching)
            wrong += [] if matching else [told]
    record_property("samples", tried)
    assert not wrong, f"{len(wrong)} differences in {tried} samples, first:\n" + "\n".join(wrong[:10])


def test_every_difference_set_apart_is_there() -> None:
    assert {pattern for patterns in APART.values() for pattern in patterns} == seen
