"""Does gradcheck tell right from wrong, and does anomaly mode name the user's own line?"""

from __future__ import annotations

import re
import warnings

import pytest

import tinytorch as torch
from tinytorch import nn
from tinytorch.autograd import GradcheckError, detect_anomaly, gradcheck, set_detect_anomaly
from tinytorch.nn import functional as F


def leaf(*values, dtype=torch.float64):
    return torch.tensor(values, dtype=dtype, requires_grad=True)


def refused(error, sentence):
    return pytest.raises(error, match=f"^{re.escape(sentence)}$")


def off_by(factor):
    """Return the function 1000 x, with a derivative that is wrong by a factor."""

    class Off(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1000

        @staticmethod
        def backward(ctx, grad):
            return grad * 1000 * factor

    return Off.apply


# ------------------------------------------------------------------------------------------------ gradcheck
@pytest.mark.parametrize(("factor", "right"), [(1.0, True), (1.0005, True), (1.002, False), (0.998, False), (2, False)])
def test_a_thousandth_is_near_enough(factor, right):
    assert gradcheck(off_by(factor), leaf(1.0), raise_exception=False) is right


def test_tolerances_are_reached_from_both_sides_and_may_be_zero():
    x, step = leaf(1.0), 2.0**-20  # so that the differences are exact
    assert gradcheck(lambda a: a * 2, x, eps=step, atol=0.0, rtol=0.0)
    assert gradcheck(off_by(2), x, eps=step, atol=0.0, rtol=1.0)
    assert gradcheck(off_by(2), x, eps=step, atol=1000.0, rtol=0.0)
    assert not gradcheck(off_by(2), x, eps=step, atol=999.0, rtol=0.0, raise_exception=False)


@pytest.mark.parametrize(("n", "last"), [(1, "0[0]"), (10, "0[9]"), (11, "... and 1 more")])
def test_ten_wrong_entries_are_shown_and_more_are_counted(n, last):
    def error(a):
        return off_by(2)(a)

    with pytest.raises(GradcheckError) as raised:
        gradcheck(error, leaf(*range(1, n + 1)))
    head, _, *rows = str(raised.value).splitlines()
    assert head == f"gradcheck: {n} of {n * n} derivatives differ from central differences:"
    assert len(rows) == min(n, 11)
    assert rows[-1].strip().startswith(last)
    assert all("2000" in row and "1000" in row for row in rows[:10])


def test_all_entries_of_all_inputs_and_outputs_are_counted():
    with pytest.raises(GradcheckError, match=r"^gradcheck: 2 of 16 derivatives"):
        gradcheck(lambda a, b: (a + b, off_by(2)(a)), (leaf(1.0, 2.0), leaf(3.0, 4.0)))


def test_outputs_that_depend_on_some_inputs_only_and_on_none():
    a, b = leaf(1.0), leaf(2.0)
    assert gradcheck(lambda a, b: (a * 2, b * 3), (a, b))
    assert gradcheck(lambda a, b: (a * 2, b.detach() * 3, a.argmax()), (a, b))  # what is not recorded has no gradient
    assert gradcheck(lambda a: torch.ones(2), a)
    assert gradcheck(lambda a: a.argmax(), a)
    assert gradcheck(lambda k, a: k * a, [3, a])


def test_a_function_that_hides_what_it_depends_on_is_wrong():
    with pytest.raises(GradcheckError, match=r"(?s)^gradcheck: 1 of 1 derivatives .* 0 +3$"):
        gradcheck(lambda a: a.detach() * 3, leaf(1.0))
    assert gradcheck(lambda a: a.detach() * 3, leaf(1.0), raise_exception=False) is False


def test_what_gradcheck_refuses():
    with refused(ValueError, "gradcheck needs at least one input that requires grad"):
        gradcheck(lambda a: a, torch.ones(1))
    with refused(RuntimeError, "gradcheck: the elements of input 1 share memory (expand): clone() it first"):
        gradcheck(lambda a, b: a + b, (leaf(1.0), leaf(1.0).expand(3)))
    with refused(TypeError, "gradcheck needs a Tensor, got a float: make one with torch.tensor"):
        gradcheck(lambda a: (a * 2, 3.0), leaf(1.0))
    says = "gradgradcheck: TinyTorch has no gradients of gradients; gradcheck checks the first ones"
    with refused(NotImplementedError, says):
        torch.autograd.gradgradcheck(lambda a: a, leaf(1.0))


def test_the_warning_of_float32_points_at_the_call():
    x = leaf(1.0, dtype=torch.float32)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        gradcheck(lambda a, b: a * b, (leaf(1.0), x), eps=0.1, atol=0.1)
    (warning,) = caught
    assert str(warning.message) == "gradcheck: input 1 is float32, too coarse for differences: use float64"
    assert (warning.filename, "gradcheck(lambda a, b: a * b" in line_of(warning.lineno)) == (__file__, True)


def line_of(number):
    with open(__file__, encoding="utf-8") as file:
        return file.readlines()[number - 1].strip()


# ------------------------------------------------------------------------------------------------ anomaly mode
TWICE = nn.Sequential(nn.Sequential(nn.Softplus()), nn.Flatten(0))
NOTED = {
    "a method": lambda x: x.sqrt(),
    "an operator": lambda x: x * 2,
    "a function": lambda x: torch.exp(x),
    "of functional": lambda x: F.log_softmax(x, dim=0),
    "a layer in layers": lambda x: TWICE(x),
    "an index": lambda x: x[1:],
    "an in-place change": lambda x: (x * 1).mul_(2),
}


@pytest.mark.parametrize("name", NOTED)
def test_a_node_knows_the_line_of_the_program_that_called_it(name):
    with detect_anomaly():
        y = NOTED[name](leaf(1.0, 2.0))
    filename, number = y.grad_fn.line
    assert filename == __file__
    assert line_of(number).startswith(f'"{name}": lambda x:')
    assert NOTED[name](leaf(1.0, 2.0)).grad_fn.line is None


def test_the_line_of_a_program_that_has_no_name_is_found_too():
    space = {"x": leaf(0.0, 1.0)}
    with detect_anomaly():
        exec(compile("\n\ny = x.sqrt()", "cell 3", "exec"), space)
        says = "backward of sqrt made nan, in the gradient of an input of shape (2,); it was called in cell 3, line 3: "
        with refused(RuntimeError, says):
            (space["y"] * 0).sum().backward()


def test_a_graph_from_outside_says_how_to_see_the_line():
    y = (leaf(0.0).sqrt() * 0).sum()
    says = (
        "backward of sqrt made nan, in the gradient of an input of shape (1,); "
        "run the forward pass in anomaly mode, too, to see the line"
    )
    with refused(RuntimeError, says), detect_anomaly():
        y.backward()


@pytest.mark.parametrize(
    "switch", [lambda: detect_anomaly(check_nan=False), lambda: set_detect_anomaly(True, check_nan=False)]
)
def test_without_the_check_lines_are_noted_and_nan_is_let_through(switch):
    x = leaf(0.0)
    with warnings.catch_warnings(), switch():
        warnings.simplefilter("error")
        assert torch.is_anomaly_enabled()
        y = x.sqrt() * 0
        leaf(1.0) / 0  # and no warning
        y.backward()
    assert (y.grad_fn.line[0], bool(x.grad.isnan().all())) == (__file__, True)


@pytest.mark.parametrize("switch", [lambda: detect_anomaly(), lambda: set_detect_anomaly(True)])
def test_with_it_nan_is_refused_and_infinity_is_not(switch):
    y, z = leaf(0.0), leaf(0.0)
    with switch():
        z.sqrt().backward()  # 1 / (2 * 0)
        with pytest.raises(RuntimeError, match="backward of sqrt made nan"):
            (y.sqrt() * 0).backward()
    assert (z.grad.tolist(), y.grad) == ([float("inf")], None)


def test_modes_nest_and_end_with_their_block_however_it_ends():
    enabled = torch.is_anomaly_enabled
    assert not enabled()
    with detect_anomaly():
        with set_detect_anomaly(False):
            assert not enabled()
            with detect_anomaly(check_nan=False):
                assert enabled()
            assert not enabled()
        assert enabled()
        with pytest.raises(RuntimeError, match="made nan"):
            (leaf(0.0).sqrt() * 0).backward()
    with pytest.raises(ZeroDivisionError), detect_anomaly():
        raise ZeroDivisionError
    assert not enabled()
    (leaf(0.0).sqrt() * 0).backward()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda x: x / torch.zeros(1, 2).double(),
            "div made infinity out of finite numbers: it was given shapes (2,), (1, 2)",
        ),
        (lambda x: (x - 5).log(), "log made nan out of finite numbers: it was given shapes (2,)"),
        (
            lambda x: (x * 0) / torch.zeros(2).double(),
            "div made nan out of finite numbers: it was given shapes (2,), (2,)",
        ),
        (lambda x: x * float("inf"), None),
        (lambda x: x + torch.tensor([float("nan"), 1.0]).double(), None),
        (lambda x: x * 2, None),
    ],
)
def test_nan_and_infinity_are_told_apart_and_laid_at_the_door_of_who_made_them(make, says):
    with detect_anomaly(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        make(leaf(1.0, 2.0))
    assert [str(warning.message) for warning in caught] == ([] if says is None else [says])
