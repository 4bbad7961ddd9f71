"""Does a Function do what PyTorch documents: contexts, several outputs, missing gradients, and its errors?"""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest

import tinytorch as torch
from tinytorch.autograd import Function


def leaf(*values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def refused(error, sentence):
    return pytest.raises(error, match=f"^{re.escape(sentence)}$")


# ------------------------------------------------------------------------------------------------ what forward is given
def with_ctx(seen):
    class Power(Function):
        @staticmethod
        def forward(ctx, x, exponent=2, scale=1.0):
            y = scale * x**exponent
            ctx.save_for_backward(x)
            ctx.exponent, ctx.scale = exponent, scale
            seen.append(((x, exponent, scale), y))
            return y

        @staticmethod
        def backward(ctx, grad):
            (x,) = ctx.saved_tensors
            to_x = grad * ctx.scale * ctx.exponent * x ** (ctx.exponent - 1)
            return to_x, *[None] * (len(ctx.needs_input_grad) - 1)

    return Power


def with_setup_context(seen):
    class Power(Function):
        @staticmethod
        def forward(x, exponent=2, scale=1.0):
            return scale * x**exponent

        @staticmethod
        def setup_context(ctx, inputs, output):
            x, ctx.exponent, ctx.scale = inputs
            ctx.save_for_backward(x)
            seen.append((inputs, output))

        backward = staticmethod(with_ctx([]).backward)

    return Power


@pytest.mark.parametrize("make", [with_ctx, with_setup_context])
@pytest.mark.parametrize(
    ("args", "kwargs", "exponent", "scale"),
    [
        ((), {}, 2, 1.0),
        ((3,), {}, 3, 1.0),
        ((3, 5.0), {}, 3, 5.0),
        ((), {"exponent": 3}, 3, 1.0),
        ((3,), {"scale": 5.0}, 3, 5.0),
        ((), {"scale": 5.0}, 2, 5.0),
    ],
)
def test_arguments_come_by_place_by_name_and_by_default(make, args, kwargs, exponent, scale):
    x, seen = leaf(2.0, 3.0), []
    y = make(seen).apply(x, *args, **kwargs)
    a = np.array([2.0, 3.0])
    np.testing.assert_allclose(y.detach().numpy(), scale * a**exponent)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), scale * exponent * a ** (exponent - 1))
    (((given, *rest), output),) = seen
    assert given is x
    assert rest == [exponent, scale]
    assert output.tolist() == y.tolist()


def test_the_tensor_itself_may_come_by_name():
    x = leaf(2.0)
    with_ctx([]).apply(scale=5.0, x=x).backward()
    assert x.grad.tolist() == [20]


def test_forward_is_told_who_needs_a_gradient_and_is_not_recorded():
    seen = []

    class Sum(Function):
        @staticmethod
        def forward(ctx, *args):
            seen.append((ctx.needs_input_grad, torch.is_grad_enabled()))
            return args[0] + args[1]

        @staticmethod
        def backward(ctx, grad):
            seen.append((ctx.needs_input_grad, torch.is_grad_enabled()))
            return grad, None, None

    x, constant = leaf(1.0), torch.ones(1, dtype=torch.float64)
    Sum.apply(x, constant, "a word").backward()
    Sum.apply(constant, x * 2, None)
    assert seen == [((True, False, False), False)] * 2 + [((False, True, False), False)]


def test_nothing_is_recorded_that_nobody_can_ask_for():
    power, x = with_ctx([]), leaf(2.0)
    constant = power.apply(x.detach())
    with torch.no_grad():
        silent = power.apply(x)
    assert (constant.requires_grad, silent.requires_grad, power.apply(x).requires_grad) == (False, False, True)
    assert constant.tolist() == silent.tolist() == [4]
    assert power.apply(x).grad_fn.name() == "PowerBackward"


# ------------------------------------------------------------------------------------------------ several outputs
def largest(marked, materialize=None):
    """Return a function with three outputs: the largest element, where it is, and how many there are."""

    class Largest(Function):
        given = ()

        @staticmethod
        def forward(ctx, x):
            place = x.argmax()
            ctx.save_for_backward(x, None, place)
            if materialize is not None:
                ctx.set_materialize_grads(False)
                ctx.set_materialize_grads(materialize)
            count = torch.tensor(float(x.numel()))
            if marked:
                ctx.mark_non_differentiable(count, place)
            return x.max(), place, count

        @staticmethod
        def backward(ctx, *grads):
            Largest.given = grads
            x, nothing, place = ctx.saved_tensors
            assert nothing is None
            assert not x.requires_grad
            to_x = torch.zeros_like(x)
            if grads[0] is not None:
                to_x[place.item()] = grads[0]
            return to_x

    return Largest


def test_integers_and_what_is_marked_have_no_gradient():
    value, place, count = largest(marked=True).apply(leaf(1.0, 3.0, 2.0))
    assert (value.tolist(), place.tolist(), count.tolist()) == (3, 1, 3)
    assert (value.requires_grad, place.requires_grad, count.requires_grad) == (True, False, False)
    value, place, count = largest(marked=False).apply(leaf(1.0, 3.0, 2.0))
    assert (value.requires_grad, place.requires_grad, count.requires_grad) == (True, False, True)


@pytest.mark.parametrize("materialize", [None, True])
def test_an_output_that_was_not_used_has_a_gradient_of_zeros(materialize):
    function, x = largest(False, materialize), leaf(1.0, 3.0, 2.0)
    value, _, count = function.apply(x)
    value.backward()
    assert x.grad.tolist() == [0, 1, 0]
    to_value, to_place, to_count = function.given
    assert to_value.tolist() == 1
    assert (to_place.tolist(), to_place.dtype, to_count.tolist(), to_count.dtype) == (0, torch.int64, 0, torch.float32)
    value, _, count = function.apply(x)
    count.backward()
    assert [g.tolist() for g in function.given] == [0, 0, 1]
    assert x.grad.tolist() == [0, 1, 0]


def test_or_none_if_it_asked_for_that():
    function, x = largest(False, materialize=False), leaf(1.0, 3.0, 2.0)
    value, _, count = function.apply(x)
    (value * 2 + 0 * value).backward()
    assert [g is None for g in function.given] == [False, True, True]
    assert (function.given[0].tolist(), x.grad.tolist()) == (2, [0, 2, 0])
    value, _, count = function.apply(x)
    (value + count).backward()
    assert [g is None for g in function.given] == [False, True, False]


def test_a_second_walk_does_not_see_the_gradients_of_the_first():
    function, x = largest(False), leaf(1.0, 3.0)
    value, _, count = function.apply(x)
    value.backward(retain_graph=True)
    count.backward()
    assert function.given[0].tolist() == 0
    assert x.grad.tolist() == [0, 1]


def test_all_outputs_without_a_gradient_leave_nothing_in_the_record():
    class Places(Function):
        @staticmethod
        def forward(ctx, x):
            return x.argmax(), x.argmin()

    for place in Places.apply(leaf(1.0, 2.0)):
        assert (place.requires_grad, place.is_leaf) == (False, True)


def test_a_result_that_is_nobody_elses_is_not_copied():
    made = []

    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            made.append(x * 2)
            return made[0]

    y = Double.apply(leaf(1.0, 2.0))
    assert np.shares_memory(y.detach().numpy(), made[0].numpy())


# ------------------------------------------------------------------------------------------------ what backward returns
def returning(*gradients):
    """Return a function of as many arguments as given that returns these gradients, whatever it is given."""

    class Given(Function):
        @staticmethod
        def forward(ctx, *args):
            return sum(args)

        @staticmethod
        def backward(ctx, grad):
            return gradients if len(gradients) > 1 else gradients[0]

    return Given


def test_none_for_one_argument_leaves_the_others_theirs():
    a, b, c = leaf(1.0), leaf(2.0), leaf(3.0)
    h = a * 1
    one = torch.ones(1, dtype=torch.float64)
    returning(None, one * 7, one * 8).apply(h, b, c).backward()
    assert (a.grad, b.grad.tolist(), c.grad.tolist()) == (None, [7], [8])
    (returning(None, one).apply(h, b) + h * 5).backward()  # h has its gradient from elsewhere
    assert a.grad.tolist() == [5]


def test_more_nones_than_arguments_are_fine_and_so_is_a_gradient_that_nobody_wants():
    a, constant = leaf(1.0), torch.ones(1, dtype=torch.float64)
    returning(constant * 7, constant, None, None).apply(a, constant).backward()
    assert (a.grad.tolist(), constant.grad) == ([7], None)


def test_a_gradient_that_was_not_summed_over_what_broadcasting_repeated_is_summed():
    a = torch.ones(2, 1, dtype=torch.float64, requires_grad=True)
    b = torch.ones(3, dtype=torch.float64, requires_grad=True)
    every = torch.arange(6.0).reshape(2, 3).double()
    returning(every, every).apply(a, b).sum().backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([[3], [12]], [3, 5, 7])


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4), (2, 1), (6,)])
def test_a_gradient_of_another_shape_is_refused_behind_a_none_too(shape):
    x = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
    says = f"Given.backward gave a gradient of shape {shape} for argument 1 of shape (2, 3)"
    with refused(RuntimeError, says):
        returning(None, torch.ones(shape)).apply(leaf(1.0, 1.0, 1.0), x).sum().backward()
    assert x.grad is None


def test_a_gradient_for_what_is_no_tensor_is_refused():
    with refused(RuntimeError, "Given.backward gave a Tensor for argument 1: a gradient is a tensor, or None"):
        returning(torch.ones(1), torch.ones(1)).apply(leaf(1.0), 3).backward()
    with refused(RuntimeError, "Given.backward gave 1 gradients for the 2 arguments of apply: use None for some?"):
        returning(torch.ones(1)).apply(leaf(1.0), 3).backward()


# ------------------------------------------------------------------------------------------------ what is missing
def test_a_function_is_applied_and_not_made():
    with refused(RuntimeError, "Power has static methods: call Power.apply(...)"):
        with_ctx([])()


def test_a_function_without_forward_or_backward_says_so():
    class Empty(Function):
        pass

    class Halfway(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    with refused(NotImplementedError, "a Function must define forward(ctx, ...) as a static method"):
        Empty.apply(leaf(1.0))
    y = Halfway.apply(leaf(1.0))
    assert y.tolist() == [2]
    with refused(NotImplementedError, "a Function must define backward(ctx, *grads) to have a gradient"):
        y.backward()


@pytest.mark.parametrize("value", [2.0, "x", [1, 2]])
def test_only_tensors_are_saved(value):
    class Saves(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x, None, value)
            return x * 2

    kind = type(value).__name__
    with refused(TypeError, f"save_for_backward needs a Tensor, got a {kind}: make one with torch.tensor"):
        Saves.apply(leaf(1.0))


def test_anomaly_mode_blames_a_function_only_for_what_it_made_itself():
    power = with_ctx([])
    with torch.autograd.detect_anomaly(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        x = leaf(float("inf"), 1.0)
        power.apply(x)  # infinite before
        assert caught == []
        power.apply(leaf(1e200, 1.0, 2.0))
    (warning,) = caught
    assert str(warning.message) == "Power made infinity out of finite numbers: it was given shapes (3,)"
    assert warning.filename == __file__
