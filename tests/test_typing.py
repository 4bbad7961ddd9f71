"""Does a type checker see, from outside the package, what the public functions and layers take?"""

from __future__ import annotations

import re

import pytest

PROGRAM = """\
import tinytorch as torch
from tinytorch import nn
from tinytorch.nn import functional as F

nn.LeakyReLU(negative_slope=0.1, inplace=True)
nn.LeakyReLU(negative_slope="x")  # error
nn.CrossEntropyLoss(label_smoothing=0.1)
nn.CrossEntropyLoss(labelsmoothing=0.1)  # error
nn.CrossEntropyLoss(torch.ones(3), None, -1, None, "sum", 0.1)
nn.MSELoss(0.1)  # error
nn.Threshold(1, 2)
nn.Threshold(1)  # error
nn.GaussianNLLLoss(full=True)
nn.GaussianNLLLoss(True)  # error
nn.MaxPool2d(2, (2, 1), return_indices=True)
nn.BatchNorm2d(3, bias=False)
nn.BatchNorm2d(3, weight=None)  # error
reduction: str = nn.MSELoss(reduction="sum").reduction
steepness: str = nn.ELU(2.0).alpha  # error
F.mse_loss(torch.ones(2), torch.ones(2), None, None, "sum")
F.mse_loss(torch.ones(2), torch.ones(2), beta=1)  # error
F.max_pool2d(torch.ones(1, 1, 4, 4), 2, strides=2)  # error
torch.relu_(1)  # error


class Smooth(nn.CrossEntropyLoss):
    def __init__(self, amount: float) -> None:
        super().__init__(label_smoothing=amount)


Smooth(0.1)
Smooth(label_smoothing=0.1)  # error
"""


def test_mypy_notices_a_wrong_argument_and_nothing_else(tmp_path):
    api = pytest.importorskip("mypy.api", reason="mypy is not installed (the lint extra has it)")
    (tmp_path / "program.py").write_text(PROGRAM)
    found, _, _ = api.run(["--strict", "--config-file=", f"--cache-dir={tmp_path}", str(tmp_path / "program.py")])
    wrong = {n for n, line in enumerate(PROGRAM.splitlines(), 1) if "# error" in line}
    assert {int(n) for n in re.findall(r"program\.py:(\d+): error", found)} == wrong, found
    assert f"Found {len(wrong)} errors in 1 file" in found
