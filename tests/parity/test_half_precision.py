"""Does a number beside a float16 tensor count as it is, also where float16 has no such number, as in PyTorch?"""

from __future__ import annotations

import numpy as np
import pytest
import torch

import tinytorch

VALUES = [0.5, 3.0, -2.0, 6e4, 1e-4, 0.1, -7.3, 0.0]
NUMBERS = (0.1, 3, 7, 65536, 1e5, -1e6, 1e-9, -0.01)
FORMULAS = {
    "x * n": lambda t, x, n: x * n,
    "n * x": lambda t, x, n: n * x,
    "x / n": lambda t, x, n: x / n,
    "x // n": lambda t, x, n: x // n,
    "n // x": lambda t, x, n: n // x,
    "a scalar tensor times x": lambda t, x, n: t.tensor(float(n)) * x,
    "a scalar tensor over x": lambda t, x, n: t.tensor(float(n)) / x,
    "whole numbers times x": lambda t, x, n: t.full((8,), int(n)) * x,
    "x over whole numbers": lambda t, x, n: x / t.full((8,), int(n) or 1),
    "truncated": lambda t, x, n: t.div(x, n, rounding_mode="trunc"),
    "x *= n": lambda t, x, n: x.clone().mul_(n),
    "x /= n": lambda t, x, n: x.clone().div_(n),
    "x times a scalar tensor": lambda t, x, n: x * t.tensor(float(n)),
    "x over a scalar tensor": lambda t, x, n: x / t.tensor(float(n)),
    "floored": lambda t, x, n: t.div(x, n, rounding_mode="floor"),
    "addcmul": lambda t, x, n: t.addcmul(x, x, x, value=n),
    "addcdiv": lambda t, x, n: t.addcdiv(x, x, x, value=n),
    "lerp": lambda t, x, n: t.lerp(x, x + 1, n),
    "leaky_relu": lambda t, x, n: t.nn.functional.leaky_relu(x, n),
    "elu": lambda t, x, n: t.nn.functional.elu(x, n),
    "softplus": lambda t, x, n: t.nn.functional.softplus(x, n),
    "x + n": lambda t, x, n: x + n,  # here it counts as float16, also in PyTorch
    "x - n": lambda t, x, n: x - n,
    "x < n": lambda t, x, n: x < n,
}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_the_result_is_pytorchs_to_the_bit(formula, number):
    theirs = formula(torch, torch.tensor(VALUES).half(), number)
    ours = formula(tinytorch, tinytorch.tensor(VALUES).half(), number)
    assert str(ours.dtype) == str(theirs.dtype)
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", ["addcmul", "addcdiv"])
def test_beside_float32_what_lies_between_may_be_larger(name, number):
    theirs, ours = (
        getattr(t, name)(t.ones(8), t.tensor(VALUES).half(), t.tensor(VALUES).half() + 1, value=number).numpy()
        for t in (torch, tinytorch)
    )
    assert ours.dtype == theirs.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_over_x_is_pytorchs_but_for_its_rounding_in_between(number):
    """PyTorch takes the reciprocal first, which rounds once more."""
    theirs, ours = (number / t.tensor(VALUES).half() for t in (torch, tinytorch))
    np.testing.assert_allclose(ours.numpy().astype(float), theirs.numpy().astype(float), rtol=2e-3, atol=1e-7)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", ["x * n", "x / n", "x times a scalar tensor", "addcmul", "leaky_relu", "softplus"])
def test_the_gradient_is_of_float16_and_pytorchs(name, number):
    found = []
    for t in (torch, tinytorch):
        x = t.tensor(VALUES).half().requires_grad_()
        FORMULAS[name](t, x, number).backward(t.ones(len(VALUES)).half())
        assert str(x.grad.dtype) == "torch.float16"
        found.append(x.grad.numpy().astype(float))
    np.testing.assert_allclose(found[1], found[0], rtol=2e-3, atol=1e-7)
