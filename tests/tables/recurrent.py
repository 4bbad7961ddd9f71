"""Recurrent cells run over time, against one unit at a time."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from tables.drawing import Row
from tinytorch.autograd import apply
from tinytorch.ops import recurrent as ops


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def unit_by_unit(x, start, weight, bias, cell):
    """The equations in PyTorch's documentation, for each example and unit."""
    hidden = start.shape[2]
    states = np.empty((len(start), len(x), *start.shape[1:]))
    for n in range(start.shape[1]):
        h = start[0, n]
        c = start[-1, n]
        for t in range(len(x)):
            own = weight @ h + bias
            new_h, new_c = np.empty(hidden), np.empty(hidden)
            for u in range(hidden):
                inputs, owns = x[t, n, u::hidden], own[u::hidden]
                if cell == "lstm":
                    i, f, g, o = inputs + owns
                    new_c[u] = sigmoid(f) * c[u] + sigmoid(i) * math.tanh(g)
                    new_h[u] = sigmoid(o) * math.tanh(new_c[u])
                elif cell == "gru":
                    r, z = (sigmoid(a) for a in inputs[:2] + owns[:2])
                    new_h[u] = (1 - z) * math.tanh(inputs[2] + r * owns[2]) + z * h[u]
                else:
                    total = inputs[0] + owns[0]
                    new_h[u] = math.tanh(total) if cell == "tanh" else max(total, 0.0)
            h, c = new_h, new_c
            states[0, t, n] = h
            if cell == "lstm":
                states[1, t, n] = c
    return states


@st.composite
def sequences(draw, gates, states=1):
    time, batch, hidden = (draw(st.integers(1, 3)) for _ in range(3))
    return [(time, batch, gates * hidden), (states, batch, hidden), (gates * hidden, hidden), (gates * hidden,)], {}


def cell(name, gates, states=1):
    def function(x, start, weight, bias):
        return apply(ops.recurrent, x, start, weight, bias, cell=name)

    return Row(f"recurrent {name}", function, lambda *a: unit_by_unit(*a, name), sequences(gates, states))


def with_relu(x, start, weight, bias):
    """All gates far from 0, where relu has its kink."""
    return apply(ops.recurrent, x * x + 1, start * start, weight * weight, bias * bias, cell="relu")


def ended(x, start, weight, bias, sizes, cell):
    """Each sequence run alone over its own steps; then its last state stays."""
    states = np.empty((len(start), len(x), *start.shape[1:]))
    for n in range(start.shape[1]):
        length = sum(size > n for size in sizes)
        own = unit_by_unit(x[:length, n : n + 1], start[:, n : n + 1], weight, bias, cell)[:, :, 0]
        states[:, :length, n], states[:, length:, n] = own, own[:, -1:]
    return states


@st.composite
def of_falling_sizes(draw, gates, states):
    shapes, _ = draw(sequences(gates, states))
    time, batch = shapes[0][:2]
    others = draw(st.lists(st.integers(1, batch), min_size=time - 1, max_size=time - 1))
    return shapes, {"sizes": [batch, *sorted(others, reverse=True)]}


def packed(name, gates, states=1):
    def function(x, start, weight, bias, sizes):
        return apply(ops.recurrent, x, start, weight, bias, cell=name, sizes=sizes)

    return Row(f"packed {name}", function, lambda *a, **k: ended(*a, **k, cell=name), of_falling_sizes(gates, states))


ROWS = [
    cell("tanh", 1),
    cell("lstm", 4, 2),
    cell("gru", 3),
    packed("tanh", 1),
    packed("lstm", 4, 2),
    packed("gru", 3),
    Row(
        "recurrent relu",
        with_relu,
        lambda x, s, w, b: unit_by_unit(x * x + 1, s * s, w * w, b * b, "relu"),
        sequences(1),
    ),
]
