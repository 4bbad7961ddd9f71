"""Recurrent cells run over time, and their gradient pulled back through time.

A cell is two functions: one step, which writes the new state and returns what its derivative needs; and the derivative,
which turns the gradient of the new state into those of the two parts of the gates and of the state before. The
equations are those of Elman (1990), Hochreiter & Schmidhuber (1997) with forget gates, and Cho et al. (2014).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.ops import quiet, row_total, shared, wide


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def _gates(x: Array, n: int) -> Array:
    """(batch, n · hidden) as n arrays (batch, hidden)."""
    return x.reshape(len(x), n, x.shape[1] // n).swapaxes(0, 1)


def _joined(*gates: Array) -> Array:
    return np.concatenate(gates, 1)


def _plain(function: Callable[[Array], Array], slope: Callable[[Array], Array]) -> Any:
    """The cell of one gate; the slope of the function is told by its value."""

    def step(x: Array, h: Array, before: Array, after: Array) -> Array:
        after[0] = function(x + h)
        return after[0]

    def back(grad: Array, y: Array) -> Any:
        d = grad[0] * slope(y)
        return d, d, np.zeros_like(grad)

    return step, back


def _lstm(x: Array, h: Array, before: Array, after: Array) -> Any:
    i, f, g, o = _gates(x + h, 4)
    i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
    after[1] = f * before[1] + i * g
    t = np.tanh(after[1])
    after[0] = o * t
    return i, f, g, o, t, before[1]


def _lstm_back(grad: Array, saved: Any) -> Any:
    i, f, g, o, t, c = saved
    dh = grad[0]
    dc = grad[1] + dh * o * (1 - t * t)
    d = _joined(dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g), dh * t * o * (1 - o))
    return d, d, np.stack([np.zeros_like(dc), dc * f])


def _gru(x: Array, h: Array, before: Array, after: Array) -> Any:
    (r, z, n), (hr, hz, hn) = _gates(x, 3), _gates(h, 3)
    r, z = _sigmoid(r + hr), _sigmoid(z + hz)
    n = np.tanh(n + r * hn)
    after[0] = n + z * (before[0] - n)
    return r, z, n, hn, before[0]


def _gru_back(grad: Array, saved: Any) -> Any:
    r, z, n, hn, h = saved
    dn = grad[0] * (1 - z) * (1 - n * n)
    dr, dz = dn * hn * r * (1 - r), grad[0] * (h - n) * z * (1 - z)
    return _joined(dr, dz, dn), _joined(dr, dz, dn * r), grad * z


_CELLS = {
    "tanh": _plain(np.tanh, lambda y: 1 - y * y),
    "relu": _plain(lambda x: np.maximum(x, 0), lambda y: y != 0),
    "lstm": (_lstm, _lstm_back),
    "gru": (_gru, _gru_back),
}


@quiet
def recurrent(x: Array, start: Array, weight: Array, bias: Array | None, cell: str,
              sizes: Sequence[int] | None = None) -> Any:  # fmt: skip
    """The states of a cell after each step, (states, time, batch, hidden), from the one at the start.

    The gates come of what the input gives them, x (time, batch, gates · hidden), and what the hidden state does:
    h @ weight.T + bias. The start is (states, batch, hidden): the hidden state first, and for the LSTM its cell's.
    With sizes, only the first sizes[t] sequences of the batch take step t; the others have ended, and stay as they are.
    """
    step, back = _CELLS[cell]
    kind = x.dtype
    x, start, weight = wide(x), wide(start), wide(weight)
    states = np.empty((len(start), len(x) + 1, *start.shape[1:]), x.dtype)
    states[:, 0] = start
    saved = []
    sizes = [start.shape[1]] * len(x) if sizes is None else sizes
    for t, n in enumerate(sizes):
        h = np.dot(states[0, t, :n], weight.T)
        saved.append(step(x[t, :n], h if bias is None else h + bias, states[:, t, :n], states[:, t + 1, :n]))
        states[:, t + 1, n:] = states[:, t, n:]

    def backward(grad: Array) -> tuple[Array, ...]:
        to_x, to_h = np.zeros_like(x), np.zeros_like(x)
        later = np.zeros_like(start)
        for t, n in reversed([*enumerate(sizes)]):
            later += grad[:, t]
            to_x[t, :n], to_h[t, :n], later[:, :n] = back(later[:, :n], saved[t])
            later[0, :n] += np.dot(to_h[t, :n], weight)
        rows, before = to_h.reshape(-1, len(weight)), states[0, :-1].reshape(-1, weight.shape[1])
        return to_x, later, np.dot(rows.T, before), row_total(rows)

    return states[:, 1:].astype(kind, copy=False), shared(backward, 4)
