"""Does every differentiable function compute its definition, and is its gradient the one central differences find?

`TABLE` has one row for each: the function, the plain definition that it must equal, what to call it with, and a domain
of inputs without kinks. Every test runs over the whole table; a last one fails if an operation is in no row.
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tables import ROWS

import tinytorch as torch
from tinytorch import ops
from tinytorch.nn import functional as F

FEW = settings(max_examples=3)
TABLE = pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])


# ------------------------------------------------------------------------------------------------ running a row
def drawn(data, row):
    """Return the arrays and further arguments of one call."""
    sizes, options = data.draw(row.call)
    rng = np.random.RandomState(data.draw(st.integers(0, 9999)))
    domains = row.domains if len(row.domains) > 1 else row.domains * len(sizes)
    return [np.asarray(domain(rng, size), float) for domain, size in zip(domains, sizes, strict=True)], options


def several(result):
    return result if isinstance(result, tuple) else (result,)


def call(row, tensors, options):
    return several(row.function(*tensors, **options))


def leaves(arrays, needs=None):
    tensors = [torch.from_numpy(x) for x in arrays]
    return [x.requires_grad_(needs is None or i in needs) for i, x in enumerate(tensors)]


def cotangents(outputs, dtype=np.float64):
    rng = np.random.RandomState(1)
    return [np.asarray(rng.uniform(-1, 1, tuple(y.shape)), dtype) for y in outputs]


def pull(outputs, weights, **options):
    """Run backward from Σ outputs · weights."""
    if len(outputs) == 1:
        outputs[0].backward(torch.from_numpy(weights[0]), **options)
        return
    total = sum((y * torch.from_numpy(w)).sum() for y, w in zip(outputs, weights))
    total.backward(**options)


def gradients(row, arrays, options):
    """Return the gradients of Σ outputs · weights, for fixed random weights, and these weights."""
    inputs = leaves(arrays)
    outputs = call(row, inputs, options)
    weights = cotangents(outputs, arrays[0].dtype)
    pull(outputs, weights)
    return [x.grad.numpy() for x in inputs], weights


def central_differences(row, arrays, options, weights, step=1e-6):
    def total(at):
        outputs = call(row, [torch.from_numpy(x) for x in at], options)
        return sum(float((y.numpy() * w).sum()) for y, w in zip(outputs, weights))

    found = []
    for i, x in enumerate(arrays):
        slope = np.empty(x.shape)
        for place in np.ndindex(x.shape):
            ends = []
            for sign in (1, -1):
                moved = [each.copy() for each in arrays]
                moved[i][place] += sign * step
                ends.append(total(moved))
            slope[place] = (ends[0] - ends[1]) / (2 * step)
        found.append(slope)
    return found


def assert_same(found, expected, rtol=1e-12, atol=1e-12):
    for a, b in zip(found, expected, strict=True):
        assert (np.shape(a), np.asarray(a).dtype) == (np.shape(b), np.asarray(b).dtype)
        np.testing.assert_allclose(a, b, rtol, atol)


# ------------------------------------------------------------------------------------------------ the tests
@TABLE
@given(data=st.data())
def test_the_value_is_the_definitions_and_the_gradient_that_of_central_differences(row, data):
    arrays, options = drawn(data, row)
    outputs = call(row, [torch.from_numpy(x) for x in arrays], options)
    expected = [np.asarray(y) for y in several(row.definition(*arrays, **options))]
    assert_same([y.numpy() for y in outputs], expected)
    found, weights = gradients(row, arrays, options)
    assert_same(found, central_differences(row, arrays, options, weights), rtol=1e-6, atol=1e-7)


@TABLE
@FEW
@given(data=st.data())
def test_backward_changes_and_shares_nothing(row, data):
    arrays, options = drawn(data, row)
    before = [x.copy() for x in arrays]
    inputs = leaves(arrays)
    outputs = call(row, inputs, options)
    weights = cotangents(outputs)
    values, given_weights = [y.detach().numpy().copy() for y in outputs], [w.copy() for w in weights]
    pull(outputs, weights, retain_graph=True)
    once = [x.grad.numpy().copy() for x in inputs]
    pull(outputs, weights)
    assert_same([x.grad.numpy() for x in inputs], [2 * g for g in once], rtol=0, atol=0)

    assert_same(arrays, before, rtol=0, atol=0)
    assert_same(weights, given_weights, rtol=0, atol=0)
    assert_same([y.detach().numpy() for y in outputs], values, rtol=0, atol=0)
    memory = [*arrays, *weights, *(y.detach().numpy() for y in outputs), *(x.grad.numpy() for x in inputs)]
    for i, x in enumerate(inputs):
        assert x.grad.numpy().flags.writeable
        assert not any(
            np.shares_memory(x.grad.numpy(), m) for j, m in enumerate(memory, len(inputs) - len(memory)) if j != i
        )


@TABLE
@FEW
@given(data=st.data())
def test_an_input_that_needs_no_gradient_gets_none_and_changes_no_other(row, data):
    arrays, options = drawn(data, row)
    together, weights = gradients(row, arrays, options)
    for i in range(len(arrays)):
        inputs = leaves(arrays, needs={i})
        pull(call(row, inputs, options), weights)
        assert_same([inputs[i].grad.numpy()], [together[i]])
        assert [x.grad for j, x in enumerate(inputs) if j != i] == [None] * (len(arrays) - 1)
    with torch.no_grad():
        assert not any(y.requires_grad for y in call(row, leaves(arrays), options))


@TABLE
@FEW
@given(data=st.data())
def test_it_does_not_matter_how_the_elements_lie_in_memory(row, data):
    arrays, options = drawn(data, row)
    expected = gradients(row, arrays, options)[0]
    values = [y.numpy() for y in call(row, [torch.from_numpy(x) for x in arrays], options)]
    layouts = [
        lambda x: x.T.copy().T,
        lambda x: np.repeat(x, 2, -1)[..., ::2] if x.ndim else x,
        lambda x: np.flip(np.flip(x).copy()),
    ]
    for layout in layouts:
        laid = [np.asarray(layout(x)) for x in arrays]
        outputs = call(row, [torch.from_numpy(x) for x in laid], options)
        assert_same([y.numpy() for y in outputs], values)
        assert_same(gradients(row, laid, options)[0], expected)


@TABLE
@FEW
@given(data=st.data())
def test_float32_gives_the_same_in_float32(row, data):
    arrays, options = drawn(data, row)
    narrow = [x.astype(np.float32) for x in arrays]
    wide = [x.astype(np.float64) for x in narrow]
    values, exact = ([y.numpy() for y in call(row, [torch.from_numpy(x) for x in a], options)] for a in (narrow, wide))
    assert_same(values, [y.astype(np.float32) for y in exact], rtol=1e-4, atol=1e-5)
    found, expected = (gradients(row, a, options)[0] for a in (narrow, wide))
    assert_same(found, [g.astype(np.float32) for g in expected], rtol=1e-4, atol=1e-4)


@TABLE
@FEW
@given(data=st.data())
def test_two_uses_of_an_input_add_up(row, data):
    arrays, options = drawn(data, row)
    expected, weights = gradients(row, arrays, options)
    inputs = leaves(arrays)
    first, second = (call(row, inputs, options) for _ in range(2))
    sums = [a + 2 * b for a, b in zip(first, second)]
    pull(sums, weights)
    assert_same([x.grad.numpy() for x in inputs], [3 * g for g in expected])


CHANGES: dict[str, Callable[[torch.Tensor], Any]] = {
    "recorded": lambda x: x.mul_(3),
    "unrecorded": lambda x: torch.no_grad()(lambda: x.mul_(3))(),
    "detached": lambda x: x.detach().mul_(3),
    "assigned": lambda x: x.detach().__setitem__(..., 7),
}


@TABLE
@settings(max_examples=6)
@given(data=st.data(), change=st.sampled_from(sorted(CHANGES)))
def test_a_change_in_place_gives_the_right_gradient_or_an_error(row, data, change):
    """An input or output is changed between forward and backward: silence may only mean that it doesn't matter."""
    arrays, options = drawn(data, row)
    expected, weights = gradients(row, arrays, options)
    roots = leaves(arrays)
    inputs = [x.clone() for x in roots]
    outputs = call(row, inputs, options)
    changed = data.draw(st.sampled_from([*inputs, *outputs]), label="changed tensor")
    share = [np.shares_memory(changed.detach().numpy(), y.detach().numpy()) for y in outputs]
    refusal = ""
    try:
        CHANGES[change](changed)
        pull(outputs, weights)
    except RuntimeError as error:
        refusal = str(error)
    if refusal:
        assert "in place" in refusal or "share memory" in refusal
        return
    if change == "recorded" and any(share):  # outputs that are the changed memory are three times as steep
        assume(all(share))
        expected = [3 * g for g in expected]
    assert_same([x.grad.numpy() for x in roots], expected)


# ------------------------------------------------------------------------------------------------ kinks
INFINITY, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("name", "function", "at", "gradient"),
    [  # what PyTorch 2.13 gives where there is no derivative, or no easy one
        ("relu at 0", F.relu, [0, -0.0, 1], [0, 0, 1]),
        ("abs at 0", torch.abs, [0, -2], [0, -1]),
        ("clamp at its ends", lambda x: x.clamp(0, 1), [0, 0.5, 1, 2, -1], [1, 1, 1, 0, 0]),
        ("maximum of equals", lambda x: torch.maximum(x, torch.ones(3)), [0, 1, 2], [0, 0.5, 1]),
        ("minimum of equals", lambda x: torch.minimum(x, torch.ones(3)), [0, 1, 2], [1, 0.5, 0]),
        ("amax of equals", torch.amax, [1, 3, 3], [0, 0.5, 0.5]),
        ("max of equals", torch.max, [1, 3, 3], [0, 0.5, 0.5]),
        ("max along of equals", lambda x: x.max(0).values, [1, 3, 3], [0, 1, 0]),
        ("min of equals", torch.min, [1, 1, 3], [0.5, 0.5, 0]),
        ("norm of zeros", torch.norm, [0, 0], [0, 0]),
        ("1-norm at 0", lambda x: x.norm(p=1), [0, -2], [0, -1]),
        ("3-norm of zeros", lambda x: x.norm(p=3), [0, 0], [0, 0]),
        ("largest norm of equals", lambda x: x.norm(p=INFINITY), [2, -2, 1], [0.5, -0.5, 0]),
        ("least norm of equals", lambda x: x.norm(p=-INFINITY), [2, -2, 3], [0.5, -0.5, 0]),
        ("std of equals", torch.std, [2, 2, 2], [0, 0, 0]),
        ("prod with a zero", torch.prod, [0, 2, 3], [6, 0, 0]),
        ("prod with two zeros", torch.prod, [0, 2, 0], [0, 0, 0]),
        ("sqrt at 0", torch.sqrt, [0, 4], [INFINITY, 0.25]),
        ("log at 0", torch.log, [0, 2], [INFINITY, 0.5]),
        ("x ** 0", lambda x: x**0, [0, 2], [0, 0]),
        ("x ** 1", lambda x: x**1, [0, 2], [1, 1]),
        ("x ** 2", lambda x: x**2, [0, 2], [0, 4]),
        ("x ** tensor", lambda x: x ** torch.tensor([0.0, 1.0, 3.0]), [0, 0, 0], [0, 1, 0]),
        ("0 ** x", lambda x: torch.zeros(3) ** x, [0, 1, 2], [0, 0, 0]),
        ("remainder at multiples", lambda x: x % 2, [2, 4, -2], [1, 1, 1]),
        ("sigmoid far out", torch.sigmoid, [-1000, 1000], [0, 0]),
        ("tanh far out", torch.tanh, [-1000, 1000], [0, 0]),
        ("gelu far out", F.gelu, [-50, 50], [0, 1]),
        ("softmax of -inf", lambda x: F.softmax(x, 0)[0], [0, -INFINITY], [0, 0]),
        ("logsumexp of -inf", lambda x: x.logsumexp(0), [0, -INFINITY], [1, 0]),
        ("where does not hide nan", lambda x: torch.where(x > 0, x.sqrt(), 0.0), [-1, 4], [NAN, 0.25]),
    ],
)
def test_the_gradient_where_there_is_a_choice_is_pytorchs(name, function, at, gradient):
    x = torch.tensor(at, dtype=torch.float32, requires_grad=True)
    function(x).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.array(gradient, np.float32))


# ------------------------------------------------------------------------------------------------ completeness
NO_GRADIENT = {
    *("eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor", "logical_not"),
    *(
        "bitwise_and",
        "bitwise_or",
        "bitwise_xor",
        "bitwise_not",
        "floor_divide",
        "isnan",
        "isinf",
        "isfinite",
        "isclose",
        "isin",
        "isneginf",
        "isposinf",
        "signbit",
        "bitwise_left_shift",
        "bitwise_right_shift",
    ),
    *("argmax", "argmin", "all", "any", "max_pool_index"),
}
TESTED_ELSEWHERE = {"to", "moments"}  # below, and in the running statistics of batch_norm


def test_every_differentiable_operation_is_in_the_table():
    seen = set()

    @settings(max_examples=1)
    @given(data=st.data())
    def one_call(data, row):
        arrays, options = drawn(data, row)
        waiting = [y.grad_fn for y in call(row, leaves(arrays), options)]
        while waiting:
            node = waiting.pop()
            seen.add(node.op.__name__ if node.op else "leaf")
            waiting += [parent for parent, _ in node.next_functions if parent is not None]

    for row in ROWS:
        one_call(row=row)
    existing = set()
    for info in pkgutil.iter_modules(ops.__path__):
        module = importlib.import_module(f"tinytorch.ops.{info.name}")
        existing |= {
            name
            for name, op in inspect.getmembers(module, inspect.isfunction)
            if op.__module__ == module.__name__
            and not name.startswith("_")
            and name not in ("view", "quiet", "along", "real", "in_blocks", "row_blocks", "write")
        }
    assert existing - seen - TESTED_ELSEWHERE == NO_GRADIENT


@pytest.mark.parametrize("kind", [torch.float16, torch.float32, torch.float64])
def test_conversion_gives_the_gradient_back_in_the_inputs_type(kind):
    x = torch.tensor([1.5, 2.5], requires_grad=True)
    (x.to(kind) * torch.tensor([2.0, 3.0], dtype=kind)).sum().backward()
    assert (x.grad.dtype, x.grad.tolist()) == (torch.float32, [2.0, 3.0])


def test_conversion_to_integers_has_no_gradient():
    assert not torch.tensor([1.5], requires_grad=True).long().requires_grad


def test_a_number_beyond_float16_counts_in_a_product_with_float16():
    x = torch.tensor([0.5, 6e4]).half()  # 65,504 is the largest
    assert (x * 65536).tolist() == [32768, math.inf]
    assert (x / 1e6)[1].item() == pytest.approx(0.06, rel=1e-3)
    assert (1e5 / x)[1].item() == pytest.approx(1e5 / 6e4, rel=1e-3)
    assert torch.addcmul(x, x, x, value=1e-9)[1].item() == 6e4
    assert (x < 1e5).all()  # and NumPy gives no warning, which would be an error here


def test_the_gradient_of_a_remainder_counts_as_the_value_does():
    """1 = 9 · 0.1 + 0.0999... in float32, where 1 / 0.1 rounds to 10; and 1e4 is -1 times -inf and the rest."""
    for a, b, quotient in ((1.0, 0.1, 9), (1e4, -math.inf, -1)):
        divisor = torch.tensor([b], requires_grad=True)
        torch.remainder(torch.tensor([a]), divisor).backward()
        assert divisor.grad.item() == -quotient
