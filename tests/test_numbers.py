"""Far out, empty, not a number: are the answers right, or refused in a sentence? Against decimals of 120 digits.

Decimals have exponents of any size here, so the textbook definitions need no care; the slopes are their central
differences. tests/parity/edges.py asks PyTorch the same of every operation.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest

import tinytorch as torch
from tinytorch import nn
from tinytorch.nn import functional as F

ONE, STEP = Decimal(1), Decimal("1e-30")
POINTS = [0.0, 1e-3, 0.5, 1.0, 3.0, 6.0, 10.0, 19.5, 44.5, 88.0, 89.5, 104.0, 500.0, 5e3, 1e4]
POINTS = [*POINTS, *(-x for x in POINTS)]
ROWS = [
    [1e4, -1e4, 0.0, 5e3],
    [1e4, 1e4, -1e4, 1e4 - 1],
    [-1e4, -1e4, -1e4, -1e4],
    [88.5, 89.0, -104.0, 0.0],
    [0.0, 1.0, 2.0, 3.0],
]
WEIGHTS = [0.5, -1.0, 2.0, 0.25]  # of the outputs, in what is differentiated


def fault(what, how, outcome):
    """A row of `make faults`."""
    return pytest.mark.fault("numbers", what, how, outcome)


# ---------------------------------------------------------------------------------------------- the definitions
def sigmoid(x):
    return 1 / (1 + (-x).exp())


def tanh(x):
    return ((2 * x).exp() - 1) / ((2 * x).exp() + 1)


def softplus(x):
    return (1 + x.exp()).ln()


def erf(x):
    """2/√π Σ (-1)^n x^(2n+1) / (n! (2n+1)); from ±13 on it is ±1 to 70 digits."""
    if abs(x) > 13:
        return Decimal(1 if x > 0 else -1)
    term, total, n = x, x, 0
    while abs(term) > Decimal("1e-110"):
        n += 1
        term = -term * x * x / n
        total += term / (2 * n + 1)
    return 2 * total / PI.sqrt()


PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")


def gelu(x):
    return x * (1 + erf(x / Decimal(2).sqrt())) / 2


def gelu_tanh(x):
    return x * (1 + tanh((2 / PI).sqrt() * (x + Decimal("0.044715") * x**3))) / 2


def logsumexp(x):
    return sum(each.exp() for each in x).ln()


def log_softmax(x):
    return [each - logsumexp(x) for each in x]


def softmax(x):
    return [each.exp() / sum(other.exp() for other in x) for each in x]


def slope(function, x):
    return (function(x + STEP) - function(x - STEP)) / (2 * STEP)


def exact(function, *numbers):
    """The function of decimals, in 120 digits and with any exponent, as float64."""
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = 120, 10**12, -(10**12)
        return [float(y) for y in function(*numbers)]


# ---------------------------------------------------------------------------------------------- to ±1e4
ELEMENTWISE = {
    "sigmoid": (torch.sigmoid, sigmoid),
    "logsigmoid": (F.logsigmoid, lambda x: -softplus(-x)),
    "softplus": (F.softplus, softplus),
    "tanh": (torch.tanh, tanh),
    "gelu": (F.gelu, gelu),
    "gelu_tanh": (lambda x: F.gelu(x, approximate="tanh"), gelu_tanh),
    "silu": (F.silu, lambda x: x * sigmoid(x)),
    "mish": (F.mish, lambda x: x * tanh(softplus(x))),
    "bce_with_logits of 0": (lambda x: F.binary_cross_entropy_with_logits(x, x * 0, reduction="none"), softplus),
    "bce_with_logits of 1": (
        lambda x: F.binary_cross_entropy_with_logits(x, torch.ones_like(x), reduction="none"),
        lambda x: softplus(-x),
    ),
    "bce_with_logits of 0.25": (
        lambda x: F.binary_cross_entropy_with_logits(x, torch.full_like(x, 0.25), reduction="none"),
        lambda x: softplus(x) * 3 / 4 + softplus(-x) / 4,
    ),
}
OF_ROWS = {
    "softmax": (lambda x: torch.softmax(x, 0), softmax),
    "log_softmax": (lambda x: torch.log_softmax(x, 0), log_softmax),
    "logsumexp": (lambda x: torch.logsumexp(x, 0, keepdim=True), lambda x: [logsumexp(x)]),
    "cross_entropy": (
        lambda x: torch.stack([F.cross_entropy(x, torch.tensor(i)) for i in range(4)]),
        lambda x: [-y for y in log_softmax(x)],
    ),
    "cross_entropy of rows": (
        lambda x: F.cross_entropy(x.expand(4, 4), torch.arange(4), reduction="none"),
        lambda x: [-y for y in log_softmax(x)],
    ),
    "cross_entropy of probabilities": (
        lambda x: F.cross_entropy(x, torch.tensor([0.1, 0.2, 0.3, 0.4])).reshape(1),
        lambda x: [-sum(Decimal(t) / 10 * y for t, y in zip((1, 2, 3, 4), log_softmax(x)))],
    ),
    "nll_loss": (
        lambda x: torch.stack([F.nll_loss(torch.log_softmax(x, 0), torch.tensor(i)) for i in range(4)]),
        lambda x: [-y for y in log_softmax(x)],
    ),
    "attention": (
        lambda x: F.scaled_dot_product_attention(torch.ones(1, 1), x.reshape(4, 1), torch.eye(4), scale=1.0).flatten(),
        softmax,
    ),
}


def close(found, expected):
    """As close as float32 gets to numbers of that size."""
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, expected, rtol=4e-6, atol=3e-6)


@fault("scores up to ±1e4", "activations and binary losses of them, in float32", "finite and right, so are the slopes")
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_functions_of_a_number_far_out(name, record_property):
    ours, definition = ELEMENTWISE[name]
    x = torch.tensor(POINTS, requires_grad=True)
    y = ours(x)
    y.sum().backward()
    points = [Decimal(float(p)) for p in x.detach().numpy()]
    close(y.detach().numpy(), exact(lambda *xs: [definition(p) for p in xs], *points))
    close(x.grad.numpy(), exact(lambda *xs: [slope(definition, p) for p in xs], *points))
    record_property("tries", len(POINTS))


@fault("scores up to ±1e4", "softmax, attention and losses of them, in float32", "finite and right, so are the slopes")
@pytest.mark.parametrize("name", OF_ROWS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_functions_of_a_row_far_out(name, row):
    ours, definition = OF_ROWS[name]
    x = torch.tensor(row, requires_grad=True)
    y = ours(x)
    weights = WEIGHTS[: y.numel()]
    (y * torch.tensor(weights)).sum().backward()
    numbers = [Decimal(p) for p in row]

    def slopes(*x):
        def total(i, change):
            moved = [each + change * (j == i) for j, each in enumerate(x)]
            return sum(Decimal(w) * y for w, y in zip(weights, definition(moved)))

        return [(total(i, STEP) - total(i, -STEP)) / (2 * STEP) for i in range(4)]

    close(y.detach().numpy(), exact(lambda *x: definition(x), *numbers))
    close(x.grad.numpy(), exact(slopes, *numbers))


def test_a_careless_definition_would_be_found():
    careless = torch.exp(torch.tensor(ROWS[0])) / torch.exp(torch.tensor(ROWS[0])).sum()
    with pytest.raises(AssertionError):
        close(careless.numpy(), exact(softmax, [Decimal(x) for x in ROWS[0]]))


# ---------------------------------------------------------------------------------------------- nothing to look at
@fault("attention with every key masked", "a bool mask, and one of -inf", "zeros, whose gradients are zero")
@pytest.mark.parametrize("kind", ["bool", "float"])
def test_attention_with_every_key_masked(kind):
    random = np.random.default_rng(0)
    q, k, v = (torch.tensor(random.normal(size=(2, 3, 4)).astype("float32"), requires_grad=True) for _ in range(3))
    seen = torch.tensor([[True, False, True], [False, False, False], [True, True, True]])
    mask = seen if kind == "bool" else torch.zeros(3, 3).masked_fill(~seen, -float("inf"))
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    y.sum().backward()
    assert (y[:, 1] == 0).all()
    assert (q.grad[:, 1] == 0).all()
    assert all(np.isfinite(x.grad.numpy()).all() for x in (q, k, v))
    alone = F.scaled_dot_product_attention(q[:, ::2], k, v, attn_mask=mask[::2])
    np.testing.assert_allclose(y[:, ::2].detach().numpy(), alone.detach().numpy(), rtol=1e-6)


@fault("one sample in batch norm", "training on it", "refused in a sentence; evaluation works, statistics stay")
def test_one_sample_in_batch_norm():
    layer = nn.BatchNorm1d(3)
    with pytest.raises(ValueError, match=r"Expected more than 1 value per channel.*drop_last=True"):
        layer(torch.ones(1, 3))
    assert layer.running_mean.tolist() == [0, 0, 0]
    assert np.isfinite(layer.eval()(torch.ones(1, 3)).detach().numpy()).all()


@fault("an image of no size", "in convolution and pooling", "refused in a sentence")
@pytest.mark.parametrize("call", [nn.Conv2d(3, 2, 3, padding=1), nn.ConvTranspose2d(3, 2, 3), nn.AdaptiveAvgPool2d(1)])
def test_an_image_of_no_size(call):
    with pytest.raises(RuntimeError, match=r"got \(2, 3, 6, 0\)"):
        call(torch.ones(2, 3, 6, 0))


@fault("no samples, or no classes", "losses of them", "0 in sum, nan in the mean, as in PyTorch")
@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
@pytest.mark.parametrize("shape", [(0, 3), (0, 0)])
def test_losses_of_nothing(loss, shape):
    x = torch.zeros(*shape, requires_grad=True)
    none = torch.zeros(0, dtype=torch.int64)
    assert loss(x, none, reduction="none").shape == (0,)
    assert loss(x, none, reduction="sum").item() == 0
    assert np.isnan(loss(x, none).item())
    loss(x, none).backward()
    assert x.grad.shape == shape


@fault("no classes", "losses of samples that are all to be ignored", "refused in a sentence")
@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
@pytest.mark.parametrize("shape", [(2, 0), (2, 0, 1)])
def test_losses_over_no_classes(loss, shape):
    with pytest.raises(RuntimeError, match=r"scores of shape \(2, 0(, 1)?\): there are no classes"):
        loss(torch.zeros(*shape), torch.full((2, *shape[2:]), -100))
    with pytest.raises(IndexError, match="target 0 is out of bounds"):
        loss(torch.zeros(*shape), torch.zeros(2, *shape[2:], dtype=torch.int64))


def test_no_slope_where_there_is_no_value():
    x = torch.tensor([-1.0, 0.0, 0.5, 1.0, 2.0], requires_grad=True)
    x.logit().sum().backward()
    assert np.isnan(x.grad.numpy()[[0, 4]]).all()
    assert x.grad[1:4].tolist() == [np.inf, 4, np.inf]
    matrices = torch.tensor([[[1.0, 2.0], [3.0, 5.0]], [[1.0, 2.0], [np.nan, 5.0]]], requires_grad=True)
    torch.det(matrices).sum().backward()
    np.testing.assert_allclose(matrices.grad[0].numpy(), [[5, -3], [-2, 1]], rtol=1e-5)
    assert np.isnan(matrices.grad[1].numpy()).all()


# ---------------------------------------------------------------------------------------------- overflow
@fault("squares too large for float32", "numbers of 1e30 in layer, group and batch norm", "nan, not a wrong number")
@pytest.mark.parametrize("layer", [nn.LayerNorm(4), nn.RMSNorm(4), nn.GroupNorm(1, 4), nn.BatchNorm1d(4)], ids=str)
def test_squares_too_large_are_told(layer):
    x = torch.tensor([[1e30, 2e30, -1e30, 3e30], [1.0, 2.0, -1.0, 3.0], [0.0, 1.0, 1.0, 0.0]])
    y = layer(x).detach()
    assert y[0].isnan().all()
    if not isinstance(layer, nn.BatchNorm1d):  # whose columns all have a large one
        assert torch.equal(y[1:], layer(x[1:]).detach())


@fault("sums too large for float16", "means, norms and losses whose results are not", "right: added up in float32")
def test_half_precision_adds_up_in_float32():
    x = torch.full((1000,), 100.0).half()
    assert x.sum().item() == np.inf  # 100,000 is beyond float16
    assert x.mean().item() == 100
    assert abs(x.norm().item() - 3162) <= 2
    assert F.mse_loss(x, x - 50).item() == 2500
    assert F.cross_entropy(torch.zeros(2, 1000).half(), torch.tensor([1, 2])).item() == np.float16(np.log(1000))


@fault("nan in a gradient", "one element of it, in each optimizer", "the others move as without it")
@pytest.mark.parametrize("kind", ["SGD", "Adam", "AdamW", "Adagrad", "RMSprop", "Adadelta"])
def test_a_nan_stays_where_it_is(kind):
    ways = []
    for value in (1.0, np.nan):
        p, empty = nn.Parameter(torch.tensor([1.0, -2.0, 3.0])), nn.Parameter(torch.zeros(0, 2))
        optimizer = getattr(torch.optim, kind)([p, empty], lr=0.1)
        for _ in range(3):
            p.grad, empty.grad = torch.tensor([0.5, value, -0.5]), torch.zeros(0, 2)
            optimizer.step()
        ways.append(p.detach().numpy())
    assert np.isnan(ways[1]).tolist() == [False, True, False]
    assert (ways[0][::2] == ways[1][::2]).all()


def test_what_the_error_function_leaves_is_exact_where_it_is_tiny():
    """math.erfc is the C library's. Where x² is some hundreds, its last digits are lost in exp(-x²)."""
    x = np.linspace(0.4, 26, 400)
    expected = np.array([math.erfc(each) for each in x])
    np.testing.assert_allclose(torch.special.erfc(torch.tensor(x)).numpy(), expected, rtol=1e-13)
    np.testing.assert_allclose(torch.special.erf(torch.tensor(-x)).numpy(), expected - 1, rtol=4e-16)
