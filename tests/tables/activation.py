"""Activations and dropout: each with the plain definition that it must equal."""

from __future__ import annotations

import math

import numpy as np

import tinytorch as torch
from tables.core import elementwise_of, softmax_of_line
from tables.drawing import Row, along, nonzero, off_grid, real, reduced, sizes
from tinytorch.nn import functional as F


def wide(rng, size):
    """Numbers from -7 to 7 that keep away from 0, 6 and ±3, where straight lines meet."""
    return 3 * off_grid(rng, size)


def softplus_at(x):
    return math.log(1 + math.exp(x))


def halved(x, dim):
    a, b = np.split(x, 2, dim)
    return a / (1 + np.exp(-b))


def doubled(call):
    (size,), options = call
    return [tuple(2 * n if i == options["dim"] % len(size) else n for i, n in enumerate(size))], options


def dropped(function, *extra):
    def seeded(x):
        torch.manual_seed(1)
        return function(x, 0.4)

    def definition(x):
        return x / 0.6 * (seeded(torch.ones(x.shape)).numpy() > 0)

    return Row(function.__name__, seeded, definition, sizes(*extra))


def elu(alpha, scale=1.0, rate=1.0):
    return elementwise_of(lambda x: scale * x if x > 0 else scale * alpha * (math.exp(rate * x) - 1))


ROWS = [
    Row(
        "leaky_relu",
        lambda x: F.leaky_relu(x, 0.2),
        elementwise_of(lambda x: x if x > 0 else x / 5),
        domains=(nonzero,),
    ),
    Row(
        "leaky_relu down",
        lambda x: F.leaky_relu(x, -2.0),
        elementwise_of(lambda x: x if x > 0 else -2 * x),
        domains=(nonzero,),
    ),
    Row(
        "leaky_relu in place",
        lambda x: F.leaky_relu(x * 1, 0.2, True),
        elementwise_of(lambda x: x if x > 0 else x / 5),
        domains=(nonzero,),
    ),
    Row("elu", F.elu, elu(1), domains=(nonzero,)),
    Row("elu alpha", lambda x: F.elu(x, 0.5), elu(0.5), domains=(nonzero,)),
    Row("celu", lambda x: F.celu(x, 2.5), elu(2.5, rate=0.4)),
    Row("selu", F.selu, elu(1.6732632423543772, 1.0507009873554805), domains=(nonzero,)),
    Row(
        "hardtanh",
        lambda x: F.hardtanh(x, -0.5, 1),
        elementwise_of(lambda x: sorted([-0.5, x, 1])[1]),
        domains=(off_grid,),
    ),
    Row("relu6", F.relu6, elementwise_of(lambda x: min(max(x, 0), 6)), domains=(wide,)),
    Row(
        "hardsigmoid",
        F.hardsigmoid,
        elementwise_of(lambda x: 0 if x < -3 else 1 if x > 3 else x / 6 + 0.5),
        domains=(wide,),
    ),
    Row(
        "hardswish",
        F.hardswish,
        elementwise_of(lambda x: 0 if x < -3 else x if x > 3 else x * (x + 3) / 6),
        domains=(wide,),
    ),
    Row(
        "threshold",
        lambda x: F.threshold(x, 0.5, 7),
        elementwise_of(lambda x: x if x > 0.5 else 7),
        domains=(off_grid,),
    ),
    Row("silu", F.silu, elementwise_of(lambda x: x / (1 + math.exp(-x)))),
    Row("mish", F.mish, elementwise_of(lambda x: x * math.tanh(softplus_at(x)))),
    Row("softplus", lambda x: F.softplus(x, 2), elementwise_of(lambda x: softplus_at(2 * x) / 2)),
    Row(
        "softplus cut",
        lambda x: F.softplus(x, 2, 3),
        elementwise_of(lambda x: x if x > 1.5 else softplus_at(2 * x) / 2),
        domains=(off_grid,),
    ),
    Row("logsigmoid", F.logsigmoid, elementwise_of(lambda x: -softplus_at(-x))),
    Row("softsign", F.softsign, elementwise_of(lambda x: x / (1 + abs(x))), domains=(nonzero,)),
    Row("tanhshrink", F.tanhshrink, elementwise_of(lambda x: x - math.tanh(x))),
    Row("prelu", F.prelu, lambda x, w: np.where(x > 0, x, x * w[:, None]), sizes("ijk", "j"), (nonzero, real)),
    Row("prelu of one", F.prelu, lambda x, w: np.where(x > 0, x, x * w), sizes("ij", ""), (nonzero, real)),
    Row("glu", F.glu, halved, along().map(doubled)),
    Row(
        "softmin",
        F.softmin,
        lambda x, dim: softmax_of_line(-x, dim),
        reduced(several=False, optional=False, keep=False),
    ),
    dropped(F.dropout2d, "ijk"),
    Row(
        "bilinear",
        F.bilinear,
        lambda a, b, w, c: np.einsum("ni,oij,nj->no", a, w, b) + c,
        sizes("ni", "nj", "oij", "o"),
    ),
]
