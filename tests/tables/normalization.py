"""Normalization, embedding: each against sums over one group of numbers at a time."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch as torch
from tables.drawing import Row, along, nonzero, real, shapes
from tinytorch.nn import functional as F

EPS = 0.3  # large, so that the slope is gentle also where the numbers of a group are alike


# ------------------------------------------------------------------------------------------------ definitions
def standardized(group, eps, centred=True):
    mean = math.fsum(group) / len(group) if centred else 0.0
    spread = math.sqrt(math.fsum((v - mean) ** 2 for v in group) / len(group) + eps)
    return [(v - mean) / spread for v in group]


def by_groups(label, centred=True):
    """Elements whose places have the same label are normalized together; weight and bias are those of `place`."""

    def definition(x, weight, bias=None, **options):
        groups = {}
        for place in np.ndindex(x.shape):
            groups.setdefault(label(place, x.shape, **options), []).append(place)
        y = np.empty(x.shape)
        for places in groups.values():
            for place, value in zip(places, standardized([x[p] for p in places], EPS, centred)):
                y[place] = value
        return y, weight, 0.0 if bias is None else bias

    return definition


def last_dims(centred):
    def definition(x, weight, bias=None):
        kept = x.ndim - weight.ndim
        y, weight, bias = by_groups(lambda place, shape: place[:kept], centred)(x, weight, bias)
        return y * weight + bias

    return definition


def by_channels(label):
    def definition(x, weight, bias, **options):
        y, weight, bias = by_groups(label)(x, weight, bias, **options)
        for place in np.ndindex(y.shape):
            y[place] = y[place] * weight[place[1]] + bias[place[1]]
        return y

    return definition


def on_running(x, weight, bias, mean, var):
    y = np.empty(x.shape)
    for place in np.ndindex(x.shape):
        c = place[1]
        y[place] = (x[place] - mean[c]) / math.sqrt(var[c] + EPS) * weight[c] + bias[c]
    return y


def looked_up(weight, index, padding=None, by_frequency=False):
    return np.array([weight[i] for i in index.ravel()]).reshape(*index.shape, weight.shape[1])


def of_length_one(x, dim, p):
    moved = np.moveaxis(x, dim, -1)
    y = np.empty(moved.shape)
    for place in np.ndindex(moved.shape[:-1]):
        y[place] = moved[place] / math.fsum(abs(v) ** p for v in moved[place]) ** (1 / p)
    return np.moveaxis(y, -1, dim)


# ------------------------------------------------------------------------------------------------ calls
@st.composite
def last(draw, parameters):
    size = draw(shapes(1, min_side=1))
    normalized = size[draw(st.integers(0, len(size) - 1)) :]
    return [size, *[normalized] * parameters], {}


@st.composite
def channels(draw, least=1, dims=2, **options):
    size = draw(hnp.array_shapes(min_dims=dims, max_dims=4, min_side=least, max_side=3))
    return [size, (size[1],), (size[1],)], {name: draw(make(size[1])) for name, make in options.items()}


def numbers(low, high):
    return lambda n: st.lists(st.floats(low, high), min_size=n, max_size=n)


@st.composite
def table_and_rows(draw):
    rows, features = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    return [(rows, features)], {"index": draw(hnp.arrays(np.int64, shapes(), elements=st.integers(0, rows - 1)))}


ROWS = [
    Row("layer_norm", lambda x, w, b: F.layer_norm(x, w.shape, w, b, EPS), last_dims(True), last(2)),
    Row("layer_norm without bias", lambda x, w: F.layer_norm(x, w.shape, w, None, EPS), last_dims(True), last(1)),
    Row("rms_norm", lambda x, w: F.rms_norm(x, w.shape, w, EPS), last_dims(False), last(1)),
    Row(
        "batch_norm in training",
        lambda x, w, b: F.batch_norm(x, None, None, w, b, True, eps=EPS),
        by_channels(lambda place, shape: place[1]),
        channels(2),
    ),
    Row(
        "batch_norm in evaluation",
        lambda x, w, b, mean, var: F.batch_norm(
            x, torch.tensor(mean, dtype=x.dtype), torch.tensor(var, dtype=x.dtype), w, b, eps=EPS
        ),
        on_running,
        channels(mean=numbers(-1, 1), var=numbers(0.5, 2)),
    ),
    Row(
        "group_norm",
        lambda x, w, b, groups: F.group_norm(x, groups, w, b, EPS),
        by_channels(lambda place, shape, groups: (place[0], place[1] // (shape[1] // groups))),
        channels(2, groups=lambda n: st.sampled_from([1, n])),
    ),
    Row(
        "instance_norm",
        lambda x, w, b: F.instance_norm(x, weight=w, bias=b, eps=EPS),
        by_channels(lambda place, shape: place[:2]),
        channels(2, 3),
    ),
    Row(
        "normalize",
        lambda x, dim, p: F.normalize(x, p, dim),
        of_length_one,
        along(p=lambda n: st.sampled_from([1, 2, 3])),
        (nonzero,),
    ),
    Row("embedding", lambda w, index: F.embedding(torch.tensor(index), w), looked_up, table_and_rows(), (real,)),
]
