"""Is a gradient ever wrong without a word? In-place changes, views, grad modes, hooks, and what a graph keeps alive."""

from __future__ import annotations

import gc
import re
import sys
import threading
import time
import warnings
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
def test_both_operands_of_a_change_get_their_gradient(change, to_x, to_w):
    x, w = leaf(2.0, 3.0), leaf(5.0, 7.0)
    h = x * 1
    change(h, w)
    h.sum().backward()
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


def hook_on_a_view_whose_base_has_changed(x):
    h = x * 1
    v = h.view(4)
    h.mul_(3)
    v.register_hook(lambda grad: grad * 10)
    return v.sum(), (30 * x).sum() - (27 * x).detach().sum()


VIEW_PROGRAMS = [
    base_changed_then_view_used,
    base_changed_then_backward_from_the_view,
    base_assigned_then_view_used,
    view_changed_then_base_used,
    view_assigned_then_base_used,
    view_changed_then_another_view_used,
    augmented_part_of_the_base,
    rows_of_a_buffer_filled,
    part_of_a_buffer_copied_into,
    buffer_assigned,
    buffer_filled_after_its_view_was_taken,
    detached_memory_filled,
    view_of_a_view_changed,
    base_changed_twice,
    hook_on_a_view_whose_base_has_changed,
]


@pytest.mark.parametrize("program", VIEW_PROGRAMS, ids=lambda program: program.__name__)
def test_changes_of_views_and_their_bases_give_the_gradient_of_the_program_without_them(program):
    x, twin = leaf(1.0, 2.0, 3.0, 4.0), leaf(1.0, 2.0, 3.0, 4.0)
    changed, plain = program(x)[0], program(twin)[1]
    assert changed.item() == pytest.approx(plain.item())
    changed.backward()
    plain.backward()
    np.testing.assert_allclose(x.grad.numpy(), twin.grad.numpy())


def test_a_change_through_a_view_is_seen_by_those_who_saved_the_base():
    h = leaf(1.0, 2.0) * 1
    y = (h * h).sum()
    h[:1].zero_()
    with pytest.raises(RuntimeError, match="changed in place"):
        y.backward()


@pytest.mark.parametrize("through", [lambda x: x.detach(), lambda x: x.data, lambda x: x.detach().view(2, 1)])
def test_a_change_through_detached_memory_is_seen(through):
    h = leaf(1.0, 2.0) * 1
    y = (h * h).sum()
    through(h).add_(1)
    with pytest.raises(RuntimeError, match="add_ changed in place"):
        y.backward()


def test_elements_that_share_memory_are_not_changed():
    wide = torch.zeros(1).expand(3)
    with pytest.raises(RuntimeError, match=r"add_.*clone\(\)"):
        wide.add_(1)
    assert wide.tolist() == [0, 0, 0]


@pytest.mark.parametrize("make", [torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW])
def test_a_step_between_forward_and_backward_is_refused(make):
    model = nn.Linear(2, 2)
    optimizer = make(model.parameters(), lr=0.1)
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    x = torch.ones(1, 2, requires_grad=True)  # so that backward needs the weights
    loss = model(x).sum()
    optimizer.step()
    with pytest.raises(RuntimeError, match=rf"{make.__name__}\.step\(\) changed in place .* linear needs"):
        loss.backward()


def test_loading_weights_between_forward_and_backward_is_refused():
    model = nn.Linear(2, 2)
    loss = model(torch.ones(1, 2, requires_grad=True)).sum()
    model.load_state_dict(nn.Linear(2, 2).state_dict())
    with pytest.raises(RuntimeError, match="copy_ changed in place"):
        loss.backward()


def test_the_usual_training_loop_is_not_refused():
    model, target = nn.Linear(2, 1), torch.ones(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(20):
        optimizer.zero_grad(set_to_none=False)
        loss = F.mse_loss(model(torch.ones(4, 2)), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.01 * losses[0]


# ------------------------------------------------------------------------------------------------ backward
def test_a_second_backward_is_an_error_that_names_the_operation_and_the_fix():
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match=r"sum a second time.*retain_graph=True"):
        y.backward()
    assert x.grad.tolist() == [2, 4]


def test_a_second_loss_over_a_freed_part_is_an_error():
    h = leaf(1.0, 2.0).exp()
    first, second = h.sum(), (h * 2).sum()
    first.backward()
    with pytest.raises(RuntimeError, match="exp a second time"):
        second.backward()


def test_retain_graph_allows_as_many_as_asked_for():
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [6, 12]


def test_a_loss_that_is_not_one_number_is_an_error_that_says_what_to_do():
    with pytest.raises(RuntimeError, match=r"\(2, 3\).*\.mean\(\) or \.sum\(\).*gradient="):
        (torch.ones(2, 3, requires_grad=True) * 2).backward()
    x = leaf(4.0)
    (x * x).backward()  # one element, one dimension: PyTorch takes it
    assert x.grad.tolist() == [8]


def test_backward_without_any_leaf_says_why():
    for y in (torch.ones(1), leaf(1.0).detach(), torch.no_grad()(lambda: leaf(1.0) * 2)()):
        with pytest.raises(RuntimeError, match=r"requires? grad"):
            y.sum().backward()


def test_gradients_of_gradients_are_declined():
    with pytest.raises(NotImplementedError, match="create_graph"):
        leaf(1.0).sum().backward(create_graph=True)


def test_backward_from_a_given_gradient():
    x, g = leaf(1.0, 2.0), torch.tensor([3.0, 5.0])
    (x * x).backward(g)
    assert x.grad.tolist() == [6, 20]
    assert x.grad.dtype == torch.float64
    assert g.tolist() == [3, 5]
    with pytest.raises(RuntimeError, match=r"\(3,\).*\(2,\)"):
        (x * x).backward(torch.ones(3))


def test_inputs_choose_who_gets_a_gradient():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    a, b = x * 2, w * 3
    (a + b).sum().backward(inputs=[x, a, b])
    assert (x.grad.tolist(), w.grad) == ([2, 2], None)
    assert (a.grad.tolist(), b.grad.tolist()) == ([1, 1], [1, 1])
    a.grad.zero_()
    assert b.grad.tolist() == [1, 1]
    with pytest.raises(RuntimeError, match="inputs"):
        (x * 2).sum().backward(inputs=[torch.ones(1)])


def test_gradients_add_up_in_the_tensor_that_is_held():
    x = leaf(1.0, 2.0)
    (x * 3).sum().backward()
    held = x.grad
    (x * 4).sum().backward()
    assert held.tolist() == x.grad.tolist() == [7, 7]
    x.grad = None
    (x * 5).sum().backward()
    assert (held.tolist(), x.grad.tolist()) == ([7, 7], [5, 5])


def test_a_gradient_can_be_set_but_must_fit():
    x = leaf(1.0, 2.0)
    x.grad = torch.tensor([1.0, 2.0], dtype=torch.float64)
    x.sum().backward()
    assert x.grad.tolist() == [2, 3]
    for wrong in (torch.ones(3, dtype=torch.float64), torch.ones(2), 1.0):
        with pytest.raises((RuntimeError, TypeError), match="grad must"):
            x.grad = wrong


def test_the_gradient_of_a_result_is_kept_only_on_request():
    x = leaf(1.0, 2.0)
    kept, other = x * 2, x * 3
    kept.retain_grad()
    (kept * other).sum().backward()
    assert kept.retains_grad
    assert kept.grad.tolist() == [3, 6]
    with pytest.warns(UserWarning, match=r"retain_grad\(\)"):
        assert other.grad is None
    kept.grad.zero_()
    assert x.grad.tolist() == [12, 24]
    x.retain_grad()  # a leaf's is kept anyway
    with pytest.raises(RuntimeError, match="does not require grad"):
        torch.ones(1).retain_grad()


def test_detach_shares_memory_and_nothing_else():
    x = leaf(1.0, 2.0)
    h = x * 2
    d = h.detach()
    assert (d.requires_grad, d.is_leaf, d.grad_fn) == (False, True, None)
    (h + d * x).sum().backward()
    assert x.grad.tolist() == [4, 6]  # 2 + d
    d[0] = 9.0
    assert h.tolist() == [9, 4]


def test_detach_in_place_makes_a_leaf_but_not_of_a_view():
    h = leaf(1.0, 2.0) * 2
    view = h.view(2)
    with pytest.raises(RuntimeError, match=r"detach\(\)"):
        view.detach_()
    assert view.requires_grad
    assert h.detach_() is h
    assert (h.is_leaf, h.requires_grad, (h * 2).requires_grad, h.tolist()) == (True, False, False, [2, 4])


def test_requires_grad_is_asked_of_floating_leaves_only():
    x = torch.ones(2)
    assert x.requires_grad_() is x
    assert (x.requires_grad, x.is_leaf) == (True, True)
    h = x * 2
    with pytest.raises(RuntimeError, match="detach"):
        h.requires_grad_(False)
    assert h.requires_grad
    x.requires_grad = False
    assert not (x * 2).requires_grad
    for wrong in (torch.tensor([1]), torch.tensor([True])):
        with pytest.raises(RuntimeError, match=r"floating.*(int64|bool).*float\(\)"):
            wrong.requires_grad_()
    with pytest.raises(RuntimeError, match="floating"):
        torch.tensor([1], requires_grad=True)


def test_the_names_of_the_graph():
    x = leaf(1.0)
    y = (x * 2).sum()
    assert (x.grad_fn, y.grad_fn.name(), repr(y.grad_fn)) == (None, "SumBackward0", "<SumBackward0>")
    ((product, _),) = y.grad_fn.next_functions
    assert [parent and parent.name() for parent, _ in product.next_functions] == ["AccumulateGrad", None]


# ------------------------------------------------------------------------------------------------ hooks
def test_hooks_see_the_whole_gradient_once_in_order_and_may_replace_it():
    x, seen = leaf(1.0, 2.0), []
    h = x * 1
    h.register_hook(lambda grad: seen.append(grad.tolist()))
    h.register_hook(lambda grad: grad * 10)
    gone = h.register_hook(lambda grad: grad * 1000)
    h.register_hook(lambda grad: seen.append(grad.tolist()))
    h.retain_grad()
    gone.remove()
    (h * 2 + h * 3).sum().backward()
    assert seen == [[5, 5], [50, 50]]
    assert (h.grad.tolist(), x.grad.tolist()) == ([50, 50], [50, 50])


def test_a_leafs_hook_sees_each_backward_before_it_is_added():
    x, seen = leaf(1.0, 2.0), []
    x.register_hook(lambda grad: seen.append(grad.tolist()))
    x.register_hook(lambda grad: -grad)
    for factor in (2, 3):
        (x * factor).sum().backward()
    assert seen == [[2, 2], [3, 3]]
    assert x.grad.tolist() == [-5, -5]


def test_a_hook_must_keep_the_shape_and_its_tensor_must_require_grad():
    x = leaf(1.0, 2.0)
    x.register_hook(lambda grad: grad[:1])
    with pytest.raises(RuntimeError, match=r"\(2,\).*\(1,\)"):
        x.sum().backward()
    with pytest.raises(RuntimeError, match="does not require grad"):
        torch.ones(1).register_hook(print)


# ------------------------------------------------------------------------------------------------ grad mode
MODES = {
    "no_grad()": (lambda: torch.no_grad(), False),
    "enable_grad()": (lambda: torch.enable_grad(), True),
    "set_grad_enabled(False)": (lambda: torch.set_grad_enabled(False), False),
    "set_grad_enabled(True)": (lambda: torch.set_grad_enabled(True), True),
    "inference_mode()": (lambda: torch.inference_mode(), False),
    "inference_mode(False)": (lambda: torch.inference_mode(False), None),  # leaves it as it is
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("outside", [True, False])
def test_grad_modes(mode, outside):
    switch, inside = MODES[mode]
    inside = outside if inside is None else inside
    with torch.no_grad() if not outside else torch.enable_grad():
        with switch():  # as a context
            assert torch.is_grad_enabled() is inside
            assert (leaf(1.0) * 2).requires_grad is inside
            with torch.enable_grad(), torch.no_grad():
                assert not torch.is_grad_enabled()
            assert torch.is_grad_enabled() is inside
        assert torch.is_grad_enabled() is outside
        with pytest.raises(ZeroDivisionError), switch():  # after an exception
            raise ZeroDivisionError
        assert torch.is_grad_enabled() is outside

        @switch()  # as a decorator, of a function that calls itself
        def depth(n):
            with torch.enable_grad() if n % 2 else torch.no_grad():
                return [torch.is_grad_enabled()] if not n else [*depth(n - 1), torch.is_grad_enabled()]

        assert torch.is_grad_enabled() is outside
        assert depth(3) == [False, True, False, True]
        assert switch()(torch.is_grad_enabled)() is inside
        assert torch.is_grad_enabled() is outside


@pytest.mark.parametrize("mode", [torch.no_grad, torch.enable_grad, torch.inference_mode])
def test_grad_modes_decorate_without_parentheses(mode):
    @mode
    def doubled(x):
        """Twice."""
        return x * 2, torch.is_grad_enabled()

    y, inside = doubled(leaf(1.0))
    assert (y.tolist(), inside, y.requires_grad) == ([2], mode is torch.enable_grad, mode is torch.enable_grad)
    assert (doubled.__name__, doubled.__doc__) == ("doubled", "Twice.")
    assert torch.is_grad_enabled()


def test_grad_mode_follows_a_decorated_generator():
    @torch.no_grad()
    def numbers():
        yield torch.is_grad_enabled()
        yield torch.is_grad_enabled()

    outside = []
    for inside in numbers():
        outside.append(torch.is_grad_enabled())
        assert not inside
    assert outside == [True, True]


def test_set_grad_enabled_as_a_statement_lasts():
    torch.set_grad_enabled(False)
    assert not torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    assert torch.is_grad_enabled()


def test_each_thread_has_its_own_grad_mode():
    seen, entered, leave = [], threading.Event(), threading.Event()

    def other():
        seen.append(torch.is_grad_enabled())
        with torch.no_grad():
            entered.set()
            leave.wait(10)

    with torch.no_grad():
        thread = threading.Thread(target=other)
        thread.start()
        assert entered.wait(10)
    here = torch.is_grad_enabled()
    leave.set()
    thread.join()
    assert (here, seen) == (True, [True])


def test_under_no_grad_a_leaf_is_still_a_leaf():
    with torch.no_grad():
        x = torch.ones(2, requires_grad=True)
        y = x * 2
    assert (x.requires_grad, y.requires_grad, y.is_leaf) == (True, False, True)
    (x * y).sum().backward()
    assert x.grad.tolist() == [2, 2]


# ------------------------------------------------------------------------------------------------ grad
def test_grad_touches_no_gradient_and_frees_only_what_it_walked():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    h = x * w
    (to_h,) = torch.autograd.grad((h * h).sum(), h)
    assert (to_h.tolist(), x.grad, w.grad) == ([6, 16], None, None)
    h.backward(to_h)  # what lies behind h is still there
    assert (x.grad.tolist(), w.grad.tolist()) == ([18, 64], [6, 32])


def test_grad_walks_only_to_what_is_wanted():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    w.register_hook(lambda grad: pytest.fail("nobody asked for the gradient of w"))
    assert torch.autograd.grad((x * w).sum(), x)[0].tolist() == [3, 4]


def test_gradients_from_grad_belong_to_nobody_else():
    x, w, start = leaf(1.0, 2.0), leaf(3.0, 4.0), torch.ones(2, dtype=torch.float64)
    h = x + w
    gradients = torch.autograd.grad(h, [x, w, h, x], start)
    for g in gradients:
        g.mul_(10)
    assert [g.tolist() for g in (*gradients, start)] == [[10, 10]] * 4 + [[1, 1]]


@pytest.mark.parametrize(
    ("ask", "error", "says"),
    [
        (
            lambda x: torch.autograd.grad(x.sum(), [x, leaf(1.0)]),
            RuntimeError,
            r"input 1, of shape \(1,\).*allow_unused",
        ),
        (lambda x: torch.autograd.grad(x * 2, x), RuntimeError, r"grad needs a loss.*\(2,\).*grad_outputs="),
        (lambda x: torch.autograd.grad(x.sum(), x, create_graph=True), NotImplementedError, "gradients of gradients"),
        (lambda x: torch.autograd.grad(x, x, torch.ones(2, 2), is_grads_batched=True), NotImplementedError, "each row"),
        (lambda x: torch.autograd.gradgradcheck(torch.sin, x), NotImplementedError, "gradcheck checks the first"),
    ],
)
def test_what_grad_declines(ask, error, says):
    with pytest.raises(error, match=says):
        ask(leaf(1.0, 2.0))


def test_what_autograd_leaves_out_is_said():
    with pytest.raises(AttributeError, match=r"no torch.autograd.functional: .*torch.autograd.grad"):
        _ = torch.autograd.functional
    with pytest.raises(AttributeError, match="did you mean gradcheck"):
        _ = torch.autograd.gradchek


# ------------------------------------------------------------------------------------------------ Function
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 2 * x


def test_what_a_function_saved_must_not_change():
    h = leaf(1.0, 2.0) * 1
    y = Square.apply(h).sum()
    h.add_(1)
    with pytest.raises(RuntimeError, match=r"add_ changed in place .*shape \(2,\).* Square needs"):
        y.backward()


def test_a_function_is_walked_once_unless_it_is_retained():
    x = leaf(3.0)
    y = Square.apply(x)
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [12]
    with pytest.raises(RuntimeError, match="Square a second time"):
        y.backward()


def test_the_graph_of_a_function_makes_no_cycle():
    class Keep(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(x, y)  # the output itself, too
            return y

        @staticmethod
        def backward(ctx, grad):
            return grad * ctx.saved_tensors[1]

    gc.disable()
    try:
        y = Keep.apply(leaf(1.0) * 1)
        node = weakref.ref(y.grad_fn)
        del y
        assert node() is None
    finally:
        gc.enable()


def test_a_function_may_be_given_the_same_tensor_twice_and_give_one_gradient_to_two():
    class Mul(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            return a * b

        @staticmethod
        def backward(ctx, grad):
            return grad, grad

    x = leaf(3.0)
    Mul.apply(x, x).backward()
    assert x.grad.tolist() == [2]
    a, b = leaf(1.0), leaf(2.0)
    Mul.apply(a, b).backward()
    a.grad.add_(5)
    assert b.grad.tolist() == [1]


def test_changing_what_a_function_handed_on_changes_no_input():
    class Same(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.detach()

        @staticmethod
        def backward(ctx, grad):
            return grad * 10

    x = leaf(1.0, 2.0)
    h = x * 1
    y = Same.apply(h)
    y.mul_(3)
    (h + y).sum().backward()
    assert (h.tolist(), y.tolist(), x.grad.tolist()) == ([1, 2], [3, 6], [31, 31])


def test_a_backward_that_writes_into_its_gradient_harms_nobody_else():
    class Clumsy(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, grad):
            return grad.mul_(5)

    x = leaf(1.0)
    y, h = x * 1, x * 1
    (y + Clumsy.apply(h)).backward()  # one gradient for both
    assert x.grad.tolist() == [6]


@pytest.mark.parametrize(
    ("gradients", "says"),
    [
        (lambda g: g, "gave 1 gradients for the 2 arguments"),
        (lambda g: (g, g, g), "gave 3 gradients for the 2 arguments"),
        (lambda g: (g[:1], g), r"shape \(1,\) for argument 0 of shape \(2,\)"),
        (lambda g: (g, 1.0), "a float for argument 1: a gradient is a tensor, or None"),
    ],
)
def test_a_wrong_backward_is_told_what_is_wrong(gradients, says):
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            return x * y

        @staticmethod
        def backward(ctx, grad):
            return gradients(grad)

    with pytest.raises(RuntimeError, match=rf"Wrong.backward .*{says}"):
        Wrong.apply(leaf(1.0, 2.0), leaf(1.0, 2.0)).sum().backward()


# ------------------------------------------------------------------------------------------------ gradcheck
def wrong_in(places):
    """Return a function whose gradient is 1 too large at some places of its input."""

    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, grad):
            to_x = grad * 2 * ctx.saved_tensors[0]
            for place in places:
                to_x[place] += grad[place]
            return to_x

    return Wrong.apply


def test_gradcheck_shows_which_entries_are_wrong_and_by_how_much():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64, requires_grad=True)
    check = torch.autograd.gradcheck
    assert check(wrong_in([]), x)
    with pytest.raises(torch.autograd.GradcheckError) as raised:
        check(lambda k, y: wrong_in([(1, 0)])(y), (3, x))
    table = str(raised.value).splitlines()
    assert table[0] == "gradcheck: 1 of 16 derivatives differ from central differences:"
    assert [line.split() for line in table[1:]] == [
        ["input", "output", "analytic", "numeric"],
        ["1[1,", "0]", "0[1,", "0]", "7", "6"],
    ]
    assert len({len(line) for line in table[1:]}) == 1  # columns


def test_gradcheck_shows_ten_entries_and_counts_the_rest():
    x = torch.ones(5, 5, dtype=torch.float64, requires_grad=True)
    with pytest.raises(RuntimeError) as raised:
        torch.autograd.gradcheck(wrong_in([(i, j) for i in range(5) for j in range(5)]), x)
    lines = str(raised.value).splitlines()
    assert lines[0].startswith("gradcheck: 25 of 625 derivatives")
    assert (len(lines), lines[-1].strip()) == (13, "... and 15 more")


def test_gradcheck_notices_a_backward_that_forgets_its_gradient():
    class Forgets(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return (x * x).sum()

        @staticmethod
        def backward(ctx, grad):
            return 2 * ctx.saved_tensors[0]

    assert not torch.autograd.gradcheck(Forgets.apply, leaf(1.0, 2.0), raise_exception=False)


def test_gradcheck_warns_of_float32_and_restores_its_input():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with pytest.warns(UserWarning, match="input 0 is float32.*use float64"):
        torch.autograd.gradcheck(lambda a: a * 2, x, eps=0.1, atol=0.1)
    assert (x.tolist(), x.grad) == ([1, 2], None)


# ------------------------------------------------------------------------------------------------ anomaly mode
def test_anomaly_mode_names_the_operation_and_the_line_that_made_nan():
    x = leaf(0.0, 0.0)
    with torch.autograd.detect_anomaly():
        h = x.sqrt()  # the line to be named
        loss = (h * 0).sum()
        with pytest.raises(RuntimeError, match=r"backward of sqrt made nan.*\(2,\)") as raised:
            loss.backward()
    assert "test_autograd.py, line " in str(raised.value)
    assert "h = x.sqrt()  # the line to be named" in str(raised.value)


def test_anomaly_mode_names_the_line_of_a_layer_too():
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    model[0].weight.data.fill_(float("nan"))
    x = torch.ones(1, 2, requires_grad=True)
    with pytest.raises(RuntimeError, match="linear") as raised, torch.autograd.detect_anomaly():
        model(x).sum().backward()  # here
    assert "model(x).sum().backward()  # here" in str(raised.value)


def test_anomaly_mode_of_a_graph_made_before_says_what_to_do():
    y = (leaf(0.0).sqrt() * 0).sum()
    with (
        pytest.raises(RuntimeError, match=r"sqrt made nan.*run the forward pass in anomaly mode"),
        torch.autograd.detect_anomaly(),
    ):
        y.backward()


@pytest.mark.parametrize(
    ("forward", "says"),
    [
        (lambda x: (x + 1.5).log(), r"log made nan out of finite numbers: it was given shapes \(2,\)"),
        (lambda x: x / 0, "div made infinity out of finite"),
        (lambda x: Square.apply(x * 1e200), "Square made infinity out of finite"),
    ],
)
def test_anomaly_mode_warns_where_the_forward_pass_first_leaves_the_numbers(forward, says):
    with torch.autograd.detect_anomaly(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's own
        (forward(leaf(-1.0, -2.0)) * 2).sum()
    ((filename, message),) = [(warning.filename, str(warning.message)) for warning in caught]
    assert filename == __file__  # the first operation only, at the user's line
    assert re.search(says, message)


def test_anomaly_mode_says_nothing_of_a_mask():
    x = leaf(1.0, 2.0)
    with torch.autograd.detect_anomaly():
        F.softmax(x.masked_fill(torch.tensor([True, False]), float("-inf")), dim=0).sum().backward()
    assert x.grad.tolist() == [0, 0]


def test_without_anomaly_mode_nothing_is_looked_at():
    x = leaf(0.0)
    torch.autograd.set_detect_anomaly(True)
    torch.autograd.set_detect_anomaly(False)
    y = (x.sqrt() * 0).sum()
    y.backward()
    assert (y.grad_fn.line, bool(x.grad.isnan().all())) == (None, True)


# ------------------------------------------------------------------------------------------------ large graphs
def chain(n):
    x = leaf(1.0)
    y = x
    for _ in range(n):
        y = y * 1.0
    return x, y


def test_a_graph_of_100_000_operations_is_walked_in_linear_time():
    def seconds(n):
        x, y = chain(n)
        start = time.perf_counter()
        y.backward()
        took = time.perf_counter() - start
        assert x.grad.tolist() == [1]
        return took

    short, long = min(seconds(5_000) for _ in range(3)), seconds(100_000)
    assert long < 100 * short  # twenty times as many; a quadratic walk would take four hundred times as long


def test_a_deep_graph_is_dropped_without_recursion():
    x, y = chain(100_000)
    del x, y


def test_a_graph_of_diamonds_is_walked_once_per_node():
    x = leaf(1.0)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**60  # a walk along every path would never end


def test_wide_and_crossing_graphs():
    x = leaf(2.0)
    a = x * x
    b = a * x
    c = a + b
    (a * b * c + sum(a for _ in range(100))).sum().backward()  # x⁷ + x⁸ + 100 x²
    assert x.grad.item() == 7 * 2**6 + 8 * 2**7 + 200 * 2


def test_threads_with_graphs_of_their_own_do_not_meet():
    found = {}

    def work(k):
        x = leaf(float(k))
        for _ in range(50):
            x.grad = None
            y = x
            for _ in range(20):
                y = y * x
            y.backward()
        found[k] = x.grad.item()

    threads = [threading.Thread(target=work, args=(k,)) for k in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {k: 21.0 * k**20 for k in (1, 2, 3)}


# ------------------------------------------------------------------------------------------------ memory
@pytest.fixture
def no_collector():
    """Switch the cycle collector off: what lives on without a reference is a leak."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_saved_arrays_are_freed_by_backward_though_the_loss_lives():
    h = leaf(1.0, 2.0) * 1
    y = (h * h).sum()
    array, node = weakref.ref(h.detach().numpy()), weakref.ref(h.grad_fn)
    del h
    assert array() is not None
    y.backward(retain_graph=True)
    assert array() is not None
    y.backward()
    assert (array(), node()) == (None, None)


@pytest.mark.usefixtures("no_collector")
def test_dropping_a_loss_without_backward_frees_its_graph():
    h = leaf(1.0, 2.0) * 1
    y = (h * h).sum()
    array, tensor, node = weakref.ref(h.detach().numpy()), weakref.ref(h), weakref.ref(h.grad_fn)
    del h
    assert array() is not None
    del y
    assert (array(), tensor(), node()) == (None, None, None)


@pytest.mark.usefixtures("no_collector")
def test_training_keeps_nothing_and_makes_no_cycles():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(inplace=True), nn.Dropout(0.1), nn.Linear(8, 3))
    optimizer = torch.optim.Adam(model.parameters())
    x, target = torch.randn(5, 4), torch.tensor([0, 1, 2, 0, 1])

    def steps(n):
        for _ in range(n):
            h = model(x)
            h[0] = 0.0
            loss = F.cross_entropy(h, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return sys.getallocatedblocks()

    before, after = steps(2500), steps(500)  # the interpreter keeps up to 2000 dropped tuples of each size for later
    assert after - before < 200  # less than half an object a step
    assert gc.collect() == 0


# ------------------------------------------------------------------------------------------------ all together
@pytest.mark.parametrize("activation", [nn.Tanh, nn.GELU, nn.Sigmoid])
def test_the_gradient_of_a_whole_network_is_that_of_central_differences(activation):
    model = nn.Sequential(nn.Linear(3, 4), activation(), nn.Linear(4, 2)).double()
    x, target = torch.randn(5, 3).double(), torch.tensor([0, 1, 1, 0, 1])
    F.cross_entropy(model(x), target).backward()
    for p in model.parameters():
        flat, found = p.detach().view(-1), p.grad.flatten().tolist()
        for i, value in enumerate(flat.tolist()):
            ends = []
            for moved in (value + 1e-6, value - 1e-6):
                flat[i] = moved
                ends.append(F.cross_entropy(model(x), target).item())
            flat[i] = value
            assert found[i] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-8)


# ------------------------------------------------------------------------------------------------ parts and sums
PARTS = {
    "unbind": lambda x: x.unbind(),
    "some, and one twice": lambda x: (x[2], x[0], x[2]),
    "overlapping slices": lambda x: (x[:2], x[1:], x[..., 1]),
    "backwards": lambda x: (x[-1], x.flip(0)[0], x[1]),
    "with the whole": lambda x: (x[0], x * 2, x[1], x[0] * x[1]),
    "the whole first": lambda x: (x * 2, x[0], x.sum(), x[1]),
}


@pytest.mark.parametrize("turned", [(0, 1, 2), (2, 0, 1), (1, 0, 2)])
@pytest.mark.parametrize("take", PARTS.values(), ids=PARTS)
def test_parts_of_an_array_share_one_gradient_which_is_the_sum_of_the_gradient_of_each_alone(take, turned):
    random = np.random.RandomState(0)
    leaf_ = torch.tensor(random.standard_normal((3, 4, 5)), requires_grad=True)
    weights = [random.standard_normal(tuple(part.shape)) for part in take(leaf_.permute(turned))]

    def loss(only=None):
        """The loss of all parts, or of one of them alone."""
        whole = (leaf_ * 1).permute(turned)
        chosen = [i for i in range(len(weights)) if only in (None, i)]
        return sum((take(whole)[i] * torch.tensor(weights[i])).sum() for i in chosen)

    together = torch.autograd.grad(loss(), leaf_)[0].numpy()
    alone = sum(torch.autograd.grad(loss(i), leaf_)[0].numpy() for i in range(len(weights)))
    np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-12)


def test_a_gradient_that_two_share_is_not_changed_for_both_when_one_is_added_to():
    a, b = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
    h, k = a * 1, b * 1
    others = h * 3, h * 5, h * 7
    total = h + k  # walked back first: its one gradient is that of h and that of k
    seen = []
    for x in (h, k, total):
        x.retain_grad()
        x.register_hook(lambda g: seen.append(g.clone()))
    (total.sum() + sum(x.sum() for x in others)).backward()
    assert a.grad.tolist() == h.grad.tolist() == [16] * 3
    assert b.grad.tolist() == k.grad.tolist() == total.grad.tolist() == [1] * 3
    assert sorted(g.tolist() for g in seen) == [[1] * 3, [1] * 3, [16] * 3]


def test_the_gradient_that_backward_starts_from_is_not_added_to():
    x = torch.ones(2, requires_grad=True)
    y = x * 1
    start = torch.ones(2)
    torch.autograd.backward([y, y * 2, y[0], y * 3], [start, start, torch.ones(()), start])
    assert x.grad.tolist() == [7, 6]
    assert start.tolist() == [1, 1]


def test_parts_take_no_array_of_zeros_each(monkeypatch):
    made = []
    zeros = np.zeros
    monkeypatch.setattr(np, "zeros", lambda *args, **options: made.append(args) or zeros(*args, **options))
    x = torch.ones(64, 10, requires_grad=True)
    sum(part.sum() for part in (x * 1).unbind()).backward()
    assert len(made) == 1
    assert (x.grad == 1).all()
