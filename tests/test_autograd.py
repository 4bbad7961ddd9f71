"""Is a gradient ever wrong without a word? In-place changes, views, grad modes, hooks, and what a graph keeps alive."""

from __future__ import annotations

import gc
import sys
import threading
import time
import weakref

import numpy as np
import pytest

import tinytorch as torch
from tinytorch import nn
from tinytorch.nn import functional as F


def leaf(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def slope(function, at, step=1e-6):
    """Return the derivative of an elementwise function of arrays, by central differences."""
    at = np.asarray(at, float)
    return (function(at + step) - function(at - step)) / (2 * step)


# ------------------------------------------------------------------------------------------------ in-place changes
# name in the error -> (the change, what it computes)
AT = [0.3, 0.7]
CHANGES = {
    "add_": (lambda h: h.add_(2), lambda a: a + 2),
    "sub_": (lambda h: h.sub_(2), lambda a: a - 2),
    "mul_": (lambda h: h.mul_(3), lambda a: a * 3),
    "div_": (lambda h: h.div_(3), lambda a: a / 3),
    "pow_": (lambda h: h.pow_(3), lambda a: a * a * a),
    "neg_": (lambda h: h.neg_(), lambda a: 0 - a),
    "abs_": (lambda h: h.abs_(), np.abs),
    "exp_": (lambda h: h.exp_(), np.exp),
    "sqrt_": (lambda h: h.sqrt_(), np.sqrt),
    "tanh_": (lambda h: h.tanh_(), np.tanh),
    "sigmoid_": (lambda h: h.sigmoid_(), lambda a: 1 / (1 + np.exp(-a))),
    "clamp_": (lambda h: h.clamp_(0, 0.5), lambda a: np.minimum(a, 0.5)),
    "masked_fill_": (
        lambda h: h.masked_fill_(torch.tensor([True, False]), 9.0),
        lambda a: np.where([True, False], 9.0, a),
    ),
    "zero_": (lambda h: h.zero_(), lambda a: 0 * a),
    "fill_": (lambda h: h.fill_(4), lambda a: 0 * a + 4),
    "copy_": (lambda h: h.copy_(torch.tensor([5.0, 6.0])), lambda a: 0 * a + [5, 6]),
    "relu_": (lambda h: F.relu(h, inplace=True), lambda a: np.maximum(a, 0)),
    "setitem": (lambda h: h.__setitem__(0, 8.0), lambda a: np.where([True, False], 8.0, a)),
}
ALL_CHANGES = pytest.mark.parametrize("name", CHANGES)


@ALL_CHANGES
def test_a_change_in_place_computes_and_differentiates(name):
    change, definition = CHANGES[name]
    x = leaf(*AT)
    h = x * 1
    kept = h.detach()
    change(h)
    assert h.requires_grad
    np.testing.assert_allclose(kept.numpy(), definition(np.array(AT)), rtol=1e-12)  # the memory itself has changed
    h.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), slope(definition, AT), rtol=1e-6, atol=1e-9)


@ALL_CHANGES
@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "under no_grad"])
def test_a_change_of_what_backward_needs_is_refused_by_name(name, recorded):
    h = leaf(*AT) * 1
    y = (h * h).sum()
    with torch.set_grad_enabled(recorded):
        CHANGES[name][0](h)
    # zero_ and fill_ are copies inside, and may be called so
    says = "(zero_|fill_|copy_)" if name in ("zero_", "fill_") else name
    with pytest.raises(RuntimeError, match=rf"{says} changed in place .*shape \(2,\).* mul needs"):
        y.backward()


@ALL_CHANGES
def test_a_change_of_what_backward_does_not_need_is_harmless(name):
    x = leaf(*AT)
    h = x * 1
    y = h + 1  # needs nothing
    z = h.exp()  # needs its result only
    CHANGES[name][0](h)
    (y + z).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 1 + np.exp(AT), rtol=1e-12)


@ALL_CHANGES
def test_a_leaf_that_requires_grad_is_not_changed_in_place(name):
    x = leaf(*AT)
    for target in (x, x.view(2), x[:]):
        with pytest.raises(
            RuntimeError, match=f"{'(zero_|fill_|copy_)' if name in ('zero_', 'fill_') else name} would"
        ):
            CHANGES[name][0](target)
    assert x.tolist() == AT
    with torch.no_grad():
        CHANGES[name][0](x)
    np.testing.assert_allclose(x.detach().numpy(), CHANGES[name][1](np.array(AT)), rtol=1e-12)
    assert (x.is_leaf, x.requires_grad) == (True, True)


@pytest.mark.parametrize(
    ("change", "to_x", "to_w"),
    [
        (lambda h, w: h.add_(w), lambda x, w: 1, lambda x, w: 1),
        (lambda h, w: h.sub_(w, alpha=2), lambda x, w: 1, lambda x, w: -2),
        (lambda h, w: h.mul_(w), lambda x, w: w, lambda x, w: x),
        (lambda h, w: h.div_(w), lambda x, w: 1 / w, lambda x, w: -x / w**2),
        (lambda h, w: h.pow_(w), lambda x, w: w * x ** (w - 1), lambda x, w: x**w * np.log(x)),
        (lambda h, w: h.copy_(w), lambda x, w: 0, lambda x, w: 1),
        (lambda h, w: h.__setitem__(slice(None), w), lambda x, w: 0, lambda x, w: 1),
    ],
    ids=["add_", "sub_", "mul_", "div_", "pow_", "copy_", "setitem"],
)
def test_both_operands_of_a_change_get_their_gradient_or_an_error(change, to_x, to_w):
    x, w = leaf(2.0, 3.0), leaf(5.0, 7.0)
    h = x * 1
    change(h, w)
    refusal = ""
    try:
        h.sum().backward()
    except RuntimeError as error:
        refusal = str(error)
    if refusal:
        assert "in place" in refusal
    else:
        a, b = x.detach().numpy(), w.detach().numpy()
        np.testing.assert_allclose(x.grad.numpy(), to_x(a, b) + 0 * a)
        np.testing.assert_allclose(w.grad.numpy(), to_w(a, b) + 0 * a)


LABELS, MASK = [2, 0], [True, False]


@pytest.mark.parametrize(
    ("forward", "held", "change"),
    [
        (lambda x, i: x[i], LABELS, lambda i: i.zero_()),
        (lambda x, i: x.gather(0, i), LABELS, lambda i: i.zero_()),
        (lambda x, i: x.index_select(0, i), LABELS, lambda i: i.zero_()),
        (lambda x, i: F.cross_entropy(x.expand(2, 3), i), LABELS, lambda i: i.zero_()),
        (lambda x, m: torch.where(m, x[:2], 0.0), MASK, lambda m: m.fill_(True)),
        (lambda x, m: x[:2].masked_fill(m, 0.0), MASK, lambda m: m.fill_(True)),
        (lambda x, m: x[:2][m], MASK, lambda m: m.copy_(torch.tensor([False, True]))),
    ],
    ids=["x[i]", "gather", "index_select", "cross_entropy", "where", "masked_fill", "x[mask]"],
)
def test_changing_the_labels_or_the_mask_before_backward_is_refused(forward, held, change):
    x, other = leaf(1.0, 2.0, 3.0), torch.tensor(held)
    y = forward(x, other).sum()
    change(other)
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()


def test_a_refused_change_has_changed_nothing():
    h = leaf(1.0, 2.0) * 1
    for change in (lambda: h.add_(torch.ones(3, 2)), lambda: h.add_(torch.ones(3)), lambda: h[5:6].add_("one")):
        with pytest.raises((RuntimeError, TypeError)):
            change()
    n = torch.tensor([1, 2])
    with pytest.raises(RuntimeError, match=r"add_.*float32.*int64"):
        n += 0.5
    assert (h.tolist(), n.tolist()) == ([1, 2], [1, 2])


# ------------------------------------------------------------------------------------------------ views
# Each makes a loss of x by changing views or bases in place, and the same loss without.


def base_changed_then_view_used(x):
    h = x * 1
    v = h.view(2, 2)
    h.mul_(3)
    return (v * v).sum(), (9 * x * x).sum()


def base_changed_then_backward_from_the_view(x):
    h = x * 1
    v = h[1]
    h.mul_(3)
    return v, 3 * x[1]


def base_assigned_then_view_used(x):
    h = x * 1
    v = h[:2]
    h[1:] = 7.0
    return (v * v).sum(), x[0] ** 2 + 49


def view_changed_then_base_used(x):
    h = x * 1
    h[:2].mul_(3)
    return (h * h).sum(), 9 * (x[:2] ** 2).sum() + (x[2:] ** 2).sum()


def view_assigned_then_base_used(x):
    h = x * 1
    h.view(2, 2)[0] = 7.0
    return (h * h).sum(), (x[2:] ** 2).sum() + 98


def view_changed_then_another_view_used(x):
    h = x * 1
    a, b = h.view(2, 2), h.view(4)
    a.mul_(3)
    return (b * b).sum(), (9 * x * x).sum()


def augmented_part_of_the_base(x):
    h = x * 1
    h[1:3] += h[0].clone()
    return (h * h).sum(), (torch.stack([x[0], x[1] + x[0], x[2] + x[0], x[3]]) ** 2).sum()


def rows_of_a_buffer_filled(x):
    h = torch.zeros(2, 4, dtype=torch.float64)
    for row in h:
        row += x
    return (h * h).sum() + x.sum(), 2 * (x * x).sum() + x.sum()


def part_of_a_buffer_copied_into(x):
    h = torch.zeros(6, dtype=torch.float64)
    h[:4].copy_(x)
    return (h * h).sum() + x.sum(), (x * x).sum() + x.sum()


def buffer_assigned(x):
    h = torch.zeros(6, dtype=torch.float64)
    h[1:5] = x
    h[2] = x[0] * x[1]
    return (h * h).sum(), (torch.stack([x[0], x[0] * x[1], x[2], x[3]]) ** 2).sum()


def buffer_filled_after_its_view_was_taken(x):
    h = torch.zeros(4, dtype=torch.float64)
    v = h.view(2, 2)
    h.copy_(x)
    return (v * v).sum() + x.sum(), (x * x).sum() + x.sum()


def detached_memory_filled(x):
    h = torch.zeros(4, dtype=torch.float64)
    with torch.no_grad():
        h.copy_(x)  # not recorded: a constant
    return (h * x).sum(), (torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64) * x).sum()


def view_of_a_view_changed(x):
    h = x * 1
    h.view(2, 2)[1].mul_(3)
    return (h * h).sum(), (x[:2] ** 2).sum() + 9 * (x[2:] ** 2).sum()


def base_changed_twice(x):
    h = x * 1
    h.mul_(2)
    v = h[:2]
    y = v.sum()
    h.add_(1)
    return y + h.sum(), (2 * x[:2]).sum() + (2 * x + 1).sum()


VIEW_PROGRAMS = [
    value
    for value in list(globals().values())
    if getattr(value, "__code__", None) and value.__code__.co_varnames[:2] == ("x", "h")
]


@pytest.mark.parametrize("program", VIEW_PROGRAMS, ids=lambda p: p.__name__)
def test_views_and_their_bases_give_the_right_gradient_or_an_error(program):
    refusal, start = "", (1.0, 2.0, 3.0, 4.0)
    x, twin = leaf(*start), leaf(*start)
    plain = program_without(program, twin)
    try:
        changed = program(x)[0]
        changed.backward()
    except RuntimeError as error:
        refusal = str(error)
    if refusal:
        assert "in place" in refusal
    else:
        assert changed.item() == pytest.approx(plain.item())
        np.testing.assert_allclose(x.grad.numpy(), twin.grad.numpy())


def program_without(program, x):
    """Return the loss without changes in place, differentiated, also where the other one is refused."""
    spare = leaf(*x.tolist())
    refused = False
    try:
        program(spare)
    except RuntimeError:
        refused = True
    if refused:
        return None
    loss = program(x)[1]
    loss.backward()
    return loss
