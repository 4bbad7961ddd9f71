"""What is recorded, and under which mode; what does the record say of itself, of views, and of changes in place?"""

from __future__ import annotations

import functools
import gc
import re
import tracemalloc

import pytest

import tinytorch as torch
from tinytorch.autograd import engine
from tinytorch.nn import functional as F


def leaf(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def refused(error, sentence):
    return pytest.raises(error, match=f"^{re.escape(sentence)}$")


# ------------------------------------------------------------------------------------------------ grad modes
MODES = {torch.no_grad: False, torch.enable_grad: True, torch.inference_mode: False}
EACH_MODE = pytest.mark.parametrize(("mode", "inside"), MODES.items(), ids=lambda value: getattr(value, "__name__", ""))
BARE_OR_CALLED = pytest.mark.parametrize("bare", [True, False], ids=["bare", "called"])


@EACH_MODE
@BARE_OR_CALLED
def test_a_decorated_generator_takes_arguments_and_what_is_sent_and_returns(mode, inside, bare):
    @(mode if bare else mode())
    def accumulated(start, *, step):
        total = start
        for _ in range(3):
            sent = yield total, torch.is_grad_enabled()
            total += step if sent is None else sent
        return total

    outside = not inside
    with torch.set_grad_enabled(outside):
        generator = accumulated(10, step=1)
        assert next(generator) == (10, inside)
        assert torch.is_grad_enabled() is outside
        assert generator.send(100) == (110, inside)
        assert next(generator) == (111, inside)
        with pytest.raises(StopIteration) as stopped:
            next(generator)
        assert stopped.value.value == 112
        assert torch.is_grad_enabled() is outside


@EACH_MODE
def test_a_generator_that_fails_leaves_the_mode_as_it_was(mode, inside):
    @mode()
    def fails():
        yield torch.is_grad_enabled()
        raise ZeroDivisionError

    with torch.set_grad_enabled(not inside):
        generator = fails()
        assert next(generator) is inside
        with pytest.raises(ZeroDivisionError):
            next(generator)
        assert torch.is_grad_enabled() is not inside


class Asks:
    """A callable without code of its own."""

    def __call__(self, *args, **kwargs):
        return torch.is_grad_enabled(), args, kwargs


@EACH_MODE
@BARE_OR_CALLED
@pytest.mark.parametrize("function", [Asks(), functools.partial(Asks())], ids=["object", "partial"])
def test_any_callable_can_be_decorated(mode, inside, bare, function):
    with torch.set_grad_enabled(not inside):
        assert (mode if bare else mode())(function)(1, two=2) == (inside, (1,), {"two": 2})
        assert torch.is_grad_enabled() is not inside


@EACH_MODE
def test_a_plain_function_that_is_decorated_is_called_at_once(mode, inside):
    for decorate in (mode, mode()):
        assert decorate(lambda x, y=3: (x, y, torch.is_grad_enabled()))(1) == (1, 3, inside)
    assert torch.is_grad_enabled() is True


def test_modes_nest_and_a_context_can_be_entered_again():
    silent = torch.no_grad()
    for outside in (True, False):
        with torch.set_grad_enabled(outside):
            with silent:
                with torch.enable_grad():
                    assert torch.is_grad_enabled() is True
                assert torch.is_grad_enabled() is False
                with torch.inference_mode(False):
                    assert torch.is_grad_enabled() is False
            assert torch.is_grad_enabled() is outside


# ------------------------------------------------------------------------------------------------ nodes
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda x: x * 2, "MulBackward0"),
        (lambda x: x.exp(), "ExpBackward0"),
        (lambda x: x.masked_fill(x > 1, 0.0), "MaskedFillBackward0"),
        (lambda x: F.log_softmax(x, 0), "LogSoftmaxBackward0"),
    ],
)
def test_a_node_is_named_as_in_pytorch(make, name):
    x = leaf(1.0, 2.0)
    node = make(x).grad_fn
    assert (node.name(), repr(node)) == (name, f"<{name}>")
    (parent, index), *_ = node.next_functions
    assert (parent.name(), index) == ("AccumulateGrad", 0)


def test_a_fresh_leaf_and_a_fresh_result_have_no_gradient_and_retain_none():
    x = leaf(1.0, 2.0)
    y = x * 2
    assert (x.grad, x.retains_grad, x.is_leaf) == (None, False, True)
    assert (y.retains_grad, y.is_leaf) == (False, False)
    y.sum().backward()
    assert (y.retains_grad, x.grad.tolist()) == (False, [2, 2])
    with pytest.warns(UserWarning, match="the grad of a result .of mul. is not kept"):
        assert y.grad is None


def test_an_operation_without_a_tensor_says_what_it_needs():
    with refused(TypeError, "exp needs a Tensor, got a float: make one with torch.tensor"):
        torch.exp(3.0)
    with refused(TypeError, "exp needs a Tensor, got None: does a forward end without return?"):
        torch.exp(None)


def test_an_index_that_is_not_there_is_told_in_pytorchs_word():
    with pytest.raises(IndexError, match=r"^getitem: index 5 is out of bounds for dimension 0 with size 2$"):
        leaf(1.0, 2.0)[5]


# ------------------------------------------------------------------------------------------------ views
def test_a_copy_is_not_taken_for_a_view():
    x = torch.arange(6.0, dtype=torch.float64).reshape(2, 3).requires_grad_()
    h = x * 1
    copy = h.t().reshape(6)  # not the order in memory: NumPy and PyTorch copy
    copy.mul_(3)
    assert h.tolist() == x.tolist()
    h.mul_(5)
    assert copy.tolist() == [0, 9, 3, 12, 6, 15]
    (h.sum() + copy.sum()).backward()
    assert x.grad.tolist() == [[8] * 3] * 2


def test_slices_of_slices_follow_the_tensor_they_all_belong_to():
    x = leaf(1.0, 2.0, 3.0, 4.0, 5.0)
    h = x * 1
    middle = h[1:][1:][:2]
    other = h[:4][1:]
    middle.mul_(10)
    h[3:4] = 7.0
    assert (h.tolist(), middle.tolist(), other.tolist()) == ([1, 2, 30, 7, 5], [30, 7], [2, 30, 7])
    (other * other).sum().backward()
    assert x.grad.tolist() == [0, 4, 600, 0, 0]


def test_a_view_that_was_used_between_two_changes_is_right_each_time():
    x = leaf(1.0, 2.0)
    h = x * 1
    v = h[1:]
    before = v * 1
    h.mul_(3)
    between = v * 1
    v.add_(1)
    h.mul_(2)
    after = v * 1
    assert [t.item() for t in (before, between, after)] == [2, 6, 14]
    assert [torch.autograd.grad(t, x, retain_graph=True)[0].tolist() for t in (before, between, after)] == [
        [0, 1],
        [0, 3],
        [0, 6],
    ]


def test_a_view_of_what_was_turned_in_place_and_then_changed_has_to_be_made_anew():
    x = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
    h = x * 1
    v = h[0]
    h.unsqueeze_(0)
    assert torch.autograd.grad(v.sum(), x, retain_graph=True)[0].tolist() == [[1, 1, 1], [0, 0, 0]]
    h.mul_(2)
    with refused(RuntimeError, "the tensor that this one is a view of was turned in place: make the view anew"):
        v.sum()
    assert torch.autograd.grad(h[0, 0].sum(), x)[0].tolist() == [[2, 2, 2], [0, 0, 0]]


# ------------------------------------------------------------------------------------------------ changes in place
def test_what_was_changed_is_forgotten_with_it():
    gc.collect()
    kept, passing = torch.ones(3), [torch.ones(3) for _ in range(20)]
    kept.add_(1)
    before = len(engine._changes)
    for each in passing:
        each.add_(1).add_(1)
    assert len(engine._changes) >= before + 20
    del each, passing
    kept.add_(1)
    assert len(engine._changes) <= before


def test_observers_are_told_of_an_assignment_though_nothing_is_recorded():
    seen, x = [], torch.zeros(3)
    with engine.observed(lambda op, inputs, options, result: seen.append((op.__name__, inputs[0], result))):
        x[1] = 5.0
    assert x.tolist() == [0, 5, 0]
    assert [name for name, _, _ in seen] == ["setitem", "overwrite"]
    assert seen[1][1] is x
    assert seen[1][2] is x


def learning(x):
    return x.requires_grad_()


@pytest.mark.parametrize(
    ("prepared", "recording"),
    [(torch.clone, True), (torch.clone, False), (learning, False)],
    ids=["constant", "constant under no_grad", "leaf under no_grad"],
)
@pytest.mark.parametrize("value", [5.0, torch.tensor(5.0)], ids=["number", "tensor"])
def test_an_assignment_that_is_not_recorded_copies_no_tensor(prepared, recording, value):
    x = prepared(torch.zeros(1 << 18))
    tracemalloc.start()
    try:
        with torch.set_grad_enabled(recording):
            x[7] = value
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert x.sum().item() == 5
    assert peak < x.numel()  # bytes, a quarter of what a copy takes
