"""Second names and methods of functions that other tables look at closely: each is there and does the same."""

from __future__ import annotations

from parity.harness import programs, table
from parity.inputs import floats, ints

CASES = [
    *table(
        "names",
        """
        x.clone().arcsinh_(); (1 + x.abs()).arccosh_(); (x / 3).arctanh_(); x.clone().arctan2_(y)
        x.clone().asinh_(); (x / 3).atanh_()
        x.clone().less_(y); x.clone().greater_equal_(y)
        x.isneginf(); x.isposinf(); x.subtract(y); x.multiply(y); x.divide(y)
        (x > 0).sgn(); torch.is_floating_point(input=x); torch.is_complex(input=x); torch.numel(input=x)
        torch.is_nonzero(input=x[0, 0]); torch.result_type(x, y); x.is_mps; x.is_xpu
        """.replace(";", "\n"),
        x=floats(2, 3),
        y=floats(2, 3),
        grad=False,
    ),
    *table(
        "names",
        "n.bitwise_left_shift(m); n.bitwise_right_shift(m); torch.bitwise_right_shift(n, m)".replace("; ", "\n"),
        n=ints(4),
        m=ints(4, high=3),
    ),
    *table(
        "names",
        """
        y = torch.zeros(2, 3); z = y.unsqueeze_(1); (y, z is y)
        y = torch.zeros(1, 2, 3); y.squeeze_(0); y
        y = torch.arange(6).reshape(2, 3); y.transpose_(0, 1); y
        y = torch.arange(6).reshape(2, 3); y.t_(); y += 1; y
        y = torch.zeros(2, 3); z = y[0]; z.unsqueeze_(0); z.add_(1); (y, z)
        torch.Tensor.__rmatmul__(x.t(), x)
        x.index_fill(1, torch.tensor([0, 2]), 5.0)
        y = x.clone(); y.index_fill_(0, torch.tensor([1]), -1); y
        """,
        x=floats(2, 3),
        grad=False,
    ),
    *table("names", "y = torch.zeros(2, requires_grad=True); y.unsqueeze_(0)", raises=True),
    *table("names", "x.cuda()", x=floats(2), raises=True),
]


def the_classes_of_utils_data(torch):
    data = torch.utils.data

    class Count(data.IterableDataset):
        def __iter__(self):
            return iter(range(5))

    return [batch.tolist() for batch in data.DataLoader(Count(), batch_size=2)]


def grad_mode_under_autograds_names(torch):
    x, seen = torch.ones(2, requires_grad=True), []
    for switch in (torch.autograd.no_grad(), torch.autograd.enable_grad(), torch.autograd.set_grad_enabled(True)):
        with switch:
            seen.append((x * 2).requires_grad)
    with torch.autograd.inference_mode():
        seen.append((x * 2).requires_grad)
    return seen


CASES += programs("names", the_classes_of_utils_data, grad_mode_under_autograds_names)
