"""Names that programs import or ask for where there is no GPU: what is there, and what is refused in a sentence."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import tinytorch as torch


@pytest.mark.parametrize(
    "line",
    [
        "import tinytorch.backends.cudnn as cudnn; cudnn.benchmark = True",
        "from tinytorch.cuda.amp import GradScaler, autocast; autocast().__enter__()",
        "from tinytorch.amp import GradScaler, autocast; GradScaler().scale(3)",
        "import tinytorch.special; tinytorch.special.expit",
        "from tinytorch import cuda, backends, mps; cuda.is_available()",
        "from tinytorch.random import initial_seed; initial_seed",
    ],
)
def test_programs_import_from_modules_that_are_no_files(line):
    subprocess.run([sys.executable, "-c", line], check=True)  # nothing else imported before


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: torch.zeros(2, dtype=torch.bfloat16), RuntimeError, "no tensors of torch.bfloat16: use torch.float32"),
        (lambda: torch.ones(2).to(torch.complex64), RuntimeError, "no tensors of torch.complex64"),
        (lambda: torch.finfo(torch.bfloat16), RuntimeError, "use torch.float32"),
        (lambda: torch.bfloat16.itemsize, RuntimeError, "use torch.float32"),
        (lambda: torch.tensor([1 + 2j]), TypeError, "real numbers"),
        (lambda: torch.ones(2).cuda(), RuntimeError, "CPU only"),
        (lambda: torch.set_default_device("cuda"), RuntimeError, "CPU only"),
        (lambda: torch.Generator(device="cuda"), RuntimeError, "CPU only"),
        (lambda: torch.autocast("cpu"), RuntimeError, "enabled=False"),
        (lambda: torch.cuda.get_device_name(0), AttributeError, "CPU only"),
        (lambda: torch.zeros(2, out=torch.zeros(2)), TypeError, "takes out"),
        (lambda: torch.exp(torch.zeros(2), out=torch.zeros(2)), TypeError, "exp.*out"),
        (lambda: torch.set_printoptions(digits=3), TypeError, "precision, threshold, edgeitems"),
        (lambda: torch.rand(2, dtype=torch.int64), NotImplementedError, "floating type"),
        (lambda: torch.ones(2).type("torch.FlotTensor"), ValueError, "torch.FloatTensor"),
        (lambda: torch.Tensor(2.5), TypeError, "torch.tensor"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_every_method_that_is_elementwise_is_the_function():
    from tinytorch.functions import elementwise

    for name in elementwise.__all__:
        if name not in ("isin", "rsub"):
            assert hasattr(torch.Tensor, name), name
            assert name == "where" or getattr(torch.Tensor, name) is getattr(elementwise, name), name


def test_the_in_place_forms_are_those_of_their_names():
    forms = [name for name in vars(torch.Tensor) if name.endswith("_") and not name.startswith("_")]
    assert len(forms) > 80
    x = torch.tensor([0.5])
    for name in ("exp_", "sin_", "log_", "sigmoid_", "square_", "neg_"):
        assert torch.equal(getattr(x.clone(), name)(), getattr(x, name[:-1])())
        assert getattr(torch.Tensor, name).__name__ == name
    assert torch.Tensor.__iadd__.__name__ == "add_"
    assert torch.Tensor.__itruediv__.__name__ == "div_"


def test_float64_random_numbers_use_all_their_digits():
    x = torch.rand(1000, dtype=torch.float64)
    assert (x * 2**24 != (x * 2**24).floor()).any()
    assert np.unique(torch.randn(1000, dtype=torch.float64).numpy().astype(np.float32)).size > 990


def test_a_tensor_that_travels_leaves_its_record_behind():
    x = torch.ones(2, requires_grad=True)
    (x * 2).sum().backward()
    for twin in (copy.copy(x), pickle.loads(pickle.dumps(x)), pickle.loads(pickle.dumps(torch.nn.Parameter(x)))):
        assert (twin.requires_grad, twin.is_leaf, twin.grad) == (True, True, None)
        assert twin.tolist() == [1, 1]
    assert type(pickle.loads(pickle.dumps(torch.nn.Parameter(x)))) is torch.nn.Parameter
    assert copy.deepcopy(x).grad.tolist() == [2, 2]
    assert copy.copy(x).data_ptr() == x.data_ptr() != copy.deepcopy(x).data_ptr()
