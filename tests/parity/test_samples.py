"""PyTorch's own samples, name by name: `make parity`. What differs on purpose is in APART, with its reason."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from parity import samples

torch.set_num_threads(1)

# Reason -> patterns of "sample | difference". Every difference must match one, and every pattern some difference.
APART: dict[str, tuple[str, ...]] = {
    "cat passes over an empty vector among other shapes, which so has no gradient": (r"^cat .*float\d+\[0\]",),
    "no function takes out=": (r"\bout=.* \|",),
    "bicubic and antialiased interpolation are left out, with a sentence": (r"interpolate .*mode='bicubic'",),
    "interpolation by averages is left out, with a sentence": (r"interpolate .*mode='area'",),
    "where adaptive pooling found its maxima is left out, with a sentence": (r"adaptive_max_pool\dd .*True\)",),
    "LSTM has no proj_size, and says so": (r"nn\.LSTM .*proj_size=2",),
    "there are no complex numbers": (r"complex\d+", r"1j\) "),
    "a layout with channels last is taken and changes nothing": (r"memory_format=torch.channels_last",),
    "which of several equal elements comes first is not promised": (r"^(topk|sort|argsort)  torch\.(int64|bool)",),
    "numbers dropped at random differ": (r"dropout_p=0\.5",),
    "a truth value is a number where one is asked for": (r"^narrow  wrong #8",),
    "a number may come first": (r"^(clamp_min|clamp_max|rsub|__r\w+__)  wrong",),
    "the gradient of a norm of one number is 0, not what rounding leaves": (r"layer_norm  torch.float32 #2",),
    "PyTorch's hardsigmoid rounds 1/6 to float32 also for float64": (r"hardsigmoid  torch.float64",),
}
seen: set[str] = set()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", samples.NAMES)
def test_same_as_pytorch_on_its_own_samples(name: str, record_property: pytest.RecordProperty) -> None:
    tried, wrong, state = 0, [], np.random.get_state()
    for sample in samples.samples(name):
        tried += 1
        for line in samples.difference(sample):
            told = f"{sample.text} | {line}"
            matching = [p for patterns in APART.values() for p in patterns if re.search(p, told)]
            seen.update(matching)
            wrong += [] if matching else [told]
    record_property("samples", tried)
    np.random.set_state(state)  # PyTorch's samples draw from it
    assert not wrong, f"{len(wrong)} differences in {tried} samples, first:\n" + "\n".join(wrong[:10])


def test_every_difference_set_apart_is_there() -> None:
    assert {pattern for patterns in APART.values() for pattern in patterns} == seen
