"""Do backward, grad and hooks give what was asked for, in the type and memory it should be, and say what they can't?"""

from __future__ import annotations

import re

import numpy as np
import pytest

import tinytorch as torch
from tinytorch.autograd import backward, grad


def leaf(*values, dtype=torch.float64):
    return torch.tensor(values, dtype=dtype, requires_grad=True)


def refused(error, sentence):
    return pytest.raises(error, match=f"^{re.escape(sentence)}$")


# ------------------------------------------------------------------------------------------------ unused inputs
def test_an_input_that_no_output_depends_on_is_an_error_none_or_zeros():
    x, other = leaf(1.0, 2.0), torch.ones(3, 1, dtype=torch.float32, requires_grad=True)
    y = (x * 3).sum()
    with refused(
        RuntimeError, "grad: no output depends on input 1, of shape (3, 1) (allow_unused=True gives None for it)"
    ):
        grad(y, [x, other], retain_graph=True)
    with pytest.raises(RuntimeError, match="no output depends on input 1"):
        grad(y, [x, other], retain_graph=True, allow_unused=False)
    to_x, to_other = grad(y, [x, other], retain_graph=True, allow_unused=True)
    assert (to_x.tolist(), to_other) == ([3, 3], None)
    for allow in (None, True):
        to_x, to_other = grad(y, [x, other], retain_graph=True, materialize_grads=True, allow_unused=allow)
        assert to_x.tolist() == [3, 3]
        assert (to_other.tolist(), to_other.dtype) == ([[0], [0], [0]], torch.float32)
    with refused(
        ValueError, "grad: materialize_grads=True gives zeros for unused inputs, so allow_unused can't be False"
    ):
        grad(y, [x, other], materialize_grads=True, allow_unused=False)


def test_zeros_for_an_unused_input_belong_to_the_caller():
    x, other = leaf(1.0), leaf(5.0)
    _, zeros = grad(x * 2, [x, other], materialize_grads=True)
    zeros.add_(1)
    assert (zeros.tolist(), other.tolist(), other.grad) == ([1], [5], None)


# ------------------------------------------------------------------------------------------------ several outputs
def test_an_output_given_twice_counts_twice_with_the_gradient_of_each():
    x = leaf(1.0, 2.0)
    y = x * 3
    a, b = torch.tensor([1.0, 10.0]).double(), torch.tensor([100.0, 1000.0]).double()
    assert grad([y, y], x, [a, b], retain_graph=True)[0].tolist() == [303, 3030]
    assert grad((y, y), y, (a, b), retain_graph=True)[0].tolist() == [101, 1010]
    backward([y, y, y], [a, b, a])
    assert x.grad.tolist() == [306, 3060]


def test_several_outputs_each_have_their_gradient_and_none_means_one():
    x = leaf(1.0, 2.0)
    a, b, c = x.sum(), x * 10, (x * 100).sum()
    to_b = torch.tensor([1.0, 2.0])
    assert grad([a, b, c], x, [None, to_b, None], retain_graph=True)[0].tolist() == [111, 121]
    assert grad([a, c], x, retain_graph=True)[0].tolist() == [101, 101]
    backward((a, b, c), grad_tensors=(torch.tensor(2.0), to_b, None), retain_graph=True)
    assert x.grad.tolist() == [112, 122]
    backward(b, grad_variables=to_b)  # the older name
    assert x.grad.tolist() == [122, 142]


def test_an_output_that_is_an_input_too_and_outputs_that_depend_on_each_other():
    x = leaf(2.0)
    y = x * 3
    z = y * 5
    assert [g.tolist() for g in grad([y, z], [y, x, z])] == [[6], [18], [1]]
    assert grad(x, x)[0].tolist() == [1]


# ------------------------------------------------------------------------------------------------ types and memory
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("given", [None, torch.float16, torch.float32, torch.float64])
def test_a_gradient_has_the_type_of_its_tensor_whatever_it_starts_from(dtype, given):
    x = leaf(2.0, dtype=dtype)
    y = x * 3
    y.retain_grad()
    start = None if given is None else torch.ones(1, dtype=given)
    (to_y,) = grad(y, y, start, retain_graph=True)
    y.backward(start)
    assert {to_y.dtype, y.grad.dtype, x.grad.dtype} == {dtype}
    assert (to_y.tolist(), x.grad.tolist()) == ([1], [3])


def test_a_hooks_gradient_is_brought_to_the_type_of_the_tensor():
    x = leaf(1.0, 2.0, dtype=torch.float32)
    y = x * 3
    y.register_hook(lambda g: g.double() * 2)
    y.retain_grad()
    x.register_hook(lambda g: g.double())
    (to_y,) = grad(y.sum(), y, retain_graph=True)
    y.sum().backward()
    assert (to_y.dtype, y.grad.dtype, x.grad.dtype) == (torch.float32,) * 3
    assert x.grad.tolist() == [6, 6]


@pytest.mark.parametrize(
    "program",
    [
        lambda a, b: a + b,
        lambda a, b: a.view(4, 1) + b.view(4, 1),
        lambda a, b: a.t() + b.t(),
        lambda a, b: torch.cat([a + b, a + b])[:2],
    ],
    ids=["add", "views", "turned", "parts"],
)
def test_the_gradients_of_two_leaves_are_memory_of_their_own(program):
    a, b = (torch.ones(2, 2, dtype=torch.float64, requires_grad=True) for _ in "ab")
    y = program(a, b)
    start = torch.ones_like(y)
    for wanted in (1, 2):
        y.backward(start, retain_graph=True)
        assert a.grad.flatten().tolist() == b.grad.flatten().tolist() == [wanted] * 4
    a.grad.zero_()
    assert (b.grad.flatten().tolist(), start.flatten().tolist()) == ([2] * 4, [1] * 4)


def test_the_first_gradient_of_a_leaf_is_nobody_elses():
    for program in (lambda a, b: a + b, lambda a, b: a.view(2, 1) + b.view(2, 1)):
        a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
        y = program(a, b)
        start = torch.ones_like(y)
        y.backward(start)
        a.grad.mul_(10)
        assert (b.grad.tolist(), start.flatten().tolist()) == ([1, 1], [1, 1])


def test_the_gradients_that_results_retain_are_nobody_elses():
    x = leaf(1.0, 2.0)
    h, k = x * 2, x * 3
    y = h + k
    for result in (h, k, y):
        result.retain_grad()
    start = torch.ones(2, dtype=torch.float64)
    y.backward(start)
    h.grad.zero_()
    y.grad.zero_()
    assert (k.grad.tolist(), start.tolist(), x.grad.tolist()) == ([1, 1], [1, 1], [5, 5])


def test_a_leafs_gradient_lies_in_memory_row_by_row():
    """As in PyTorch, where the gradient has the strides of a contiguous leaf."""
    x = torch.ones(2, 3, requires_grad=True)
    w = torch.arange(6.0).reshape(3, 2).t()  # column by column
    assert not w.is_contiguous()
    (x * w).sum().backward()
    assert x.grad.is_contiguous()
    np.testing.assert_array_equal(x.grad.numpy(), w.numpy())


def test_the_gradient_of_a_single_number_is_a_tensor_like_any_other():
    x = torch.tensor(3.0, requires_grad=True)
    (g,) = grad(x * x, x)
    g.add_(1)
    assert (g.tolist(), tuple(g.shape), type(g.numpy())) == (7, (), np.ndarray)
    (x * x).backward()
    held = x.grad
    (x * x).backward()
    assert (held.tolist(), type(held.numpy())) == (12, np.ndarray)
    seen = []
    h = x * 1
    h.register_hook(lambda g: seen.append(g.mul_(0)))  # what the hook is shown is its own
    (h * h).backward()
    assert (x.grad.tolist(), seen[0].tolist()) == (18, 0)


# ------------------------------------------------------------------------------------------------ the walk
def test_what_lies_behind_the_inputs_may_have_been_freed():
    h = leaf(1.0, 2.0).exp()
    loss, other = h.sum(), (h * 2).sum()
    loss.backward()
    assert grad(other, h)[0].tolist() == [2, 2]


def test_the_error_of_a_second_walk_says_all_three_ways_out():
    y = leaf(1.0).exp()
    y.backward()
    with refused(
        RuntimeError,
        "backward went through exp a second time, but the first backward freed what it had saved: call the first one "
        "with backward(retain_graph=True), compute the loss anew before the second, or detach() what is carried over "
        "from an earlier step",
    ):
        y.backward()


def test_inputs_of_backward_that_are_results_are_added_to_and_leaves_beside_them_are_not():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    h = x * w
    y = (h * h).sum()
    for k in (1, 2):
        y.backward(inputs=h, retain_graph=True)
        assert h.grad.tolist() == [6 * k, 16 * k]
    y.backward(inputs=(w,))
    assert (x.grad, w.grad.tolist()) == (None, [6, 32])


def test_a_result_that_retains_its_gradient_and_is_asked_for_gets_it_once():
    x = leaf(1.0)
    h = x * 2
    h.retain_grad()
    (h * 3).backward(inputs=[h])
    assert h.grad.tolist() == [3]


def test_a_gradient_that_backward_adds_to_is_a_change_in_place():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (x * 2).sum().backward()
    y = (w * x.grad).sum()
    (x * 2).sum().backward()
    with refused(
        RuntimeError,
        "backward changed in place a tensor of shape (2,) that the gradient of mul needs: use the form that makes a "
        "new tensor, clone() before the change, or call backward() first",
    ):
        y.backward()


# ------------------------------------------------------------------------------------------------ hooks
@pytest.mark.parametrize(("result", "kind"), [(1.0, "float"), (np.ones(2), "ndarray"), ([1.0, 1.0], "list")])
@pytest.mark.parametrize("inner", [False, True], ids=["leaf", "result"])
def test_a_hook_returns_a_tensor_or_none(inner, result, kind):
    x = leaf(1.0, 2.0)
    y = x * 2 if inner else x
    y.register_hook(lambda g: result)
    with refused(TypeError, f"a gradient hook returns a Tensor or None, not a {kind}"):
        y.sum().backward()


def test_hooks_change_what_grad_returns_and_what_flows_on():
    x = leaf(1.0, 2.0)
    h = x * 2
    h.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    assert [g.tolist() for g in grad((h * 3).sum(), [h, x])] == [[30, 30], [61, 61]]


# ------------------------------------------------------------------------------------------------ what is refused
X = leaf(1.0, 2.0)
NOT_RECORDED = (
    ": this tensor does not depend on any tensor that requires grad (set requires_grad=True on a leaf; was it computed "
    "under no_grad(), or from detach(), .item() or .numpy()?)"
)
NOT_ONE = " needs a loss of one number, got shape (2,): reduce it with .mean() or .sum(), or say what its gradient is "
ASKED = {
    "backward": lambda tensors, gradients=None, inputs=None, **options: backward(
        tensors, gradients, inputs=inputs, **options
    ),
    "grad": lambda tensors, gradients=None, inputs=X, **options: grad(tensors, inputs, gradients, **options),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_backward_and_grad_refuse_is_said_with_their_name(name):
    ask, y = ASKED[name], X * 2
    a_float = f"{name} needs a Tensor, got a float: make one with torch.tensor"
    for wrong in (
        lambda: ask(3.0),
        lambda: ask([y.sum(), 3.0]),
        lambda: ask(3.0, torch.ones(2)),
        lambda: ask(y, 3.0),
        lambda: ask([y, y], [torch.ones(2), 3.0]),
        lambda: ask(y.sum(), inputs=3.0),
        lambda: ask(y.sum(), inputs=[X, 3.0]),
    ):
        with refused(TypeError, a_float):
            wrong()
    for inputs in ([], [torch.ones(2)], [X, torch.ones(2)]):
        with refused(RuntimeError, f"{name}: inputs must be tensors that require grad, and at least one"):
            ask(y.sum(), inputs=inputs)
    with refused(RuntimeError, name + NOT_RECORDED):
        ask(torch.ones(1))
    with refused(RuntimeError, f"{name}{NOT_ONE}(gradient=, grad_outputs=)"):
        ask([y.sum(), y])
    with refused(RuntimeError, f"{name}: the gradient has shape (1, 2), the tensor (2,)"):
        ask(y, torch.ones(1, 2))
    with refused(RuntimeError, f"{name}: 2 tensors need as many gradients, got 1"):
        ask([y, y], [torch.ones(2)])
    with refused(NotImplementedError, "create_graph=True: TinyTorch has no gradients of gradients"):
        ask(y.sum(), create_graph=True)
    assert X.grad is None


def test_batched_gradients_are_declined():
    says = "grad: is_grads_batched=True is not there: call grad for each row of grad_outputs"
    with refused(NotImplementedError, says):
        grad(X * 2, X, torch.ones(3, 2), is_grads_batched=True)
