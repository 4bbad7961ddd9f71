"""What every test starts from, and what none may leave behind."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

import tinytorch as torch
from tinytorch.random import default_generator

# The same examples on every run and machine: a red test stays red until it is mended.
settings.register_profile(
    "tinytorch",
    derandomize=True,
    deadline=None,
    max_examples=12,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tinytorch")


@pytest.fixture(autouse=True, scope="session")
def cache_of_its_own(tmp_path_factory):
    """No test sees or changes what its user has fetched and trained; trained models are shared by a worker's tests."""
    os.environ["TINYTORCH_DATA"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def no_leaks():
    """Fail a test that leaves the grad mode, the default generator or NumPy's settings otherwise than it found them."""
    torch.manual_seed(0)
    generator, errors, printing = default_generator(), np.geterr(), np.get_printoptions()
    shown, default_dtype = dict(vars(torch.printing.shown)), torch.get_default_dtype()
    numpy_random = np.random.get_state()[1].tobytes()
    yield
    leaked = []
    if not torch.is_grad_enabled():
        torch.set_grad_enabled(True)
        leaked.append("grad mode is off")
    if torch.is_anomaly_enabled():
        torch.autograd.set_detect_anomaly(False)
        leaked.append("anomaly mode is on")
    if default_generator() is not generator:
        leaked.append("the default random generator was replaced")
    if np.geterr() != errors:
        np.seterr(**errors)
        leaked.append("np.seterr was changed")
    if np.get_printoptions() != printing:
        leaked.append("np.set_printoptions was changed")
    if vars(torch.printing.shown) != shown:
        torch.set_printoptions(profile="default")
        leaked.append("torch.set_printoptions was called")
    if torch.get_default_dtype() is not default_dtype:
        torch.set_default_dtype(default_dtype)
        leaked.append("torch.set_default_dtype was called")
    if np.random.get_state()[1].tobytes() != numpy_random:
        leaked.append("NumPy's global random numbers were drawn from or seeded")
    assert not leaked, f"this test, or what it called, leaves behind: {'; '.join(leaked)}"
