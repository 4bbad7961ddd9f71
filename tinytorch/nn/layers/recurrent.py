"""Recurrent layers, and their cells for one step."""

import math
import sys
from collections.abc import Callable
from typing import Any

from tinytorch.autograd import apply
from tinytorch.errors import need
from tinytorch.functions.creation import arange, zeros
from tinytorch.functions.shape import cat, stack
from tinytorch.nn import functional as F
from tinytorch.nn import init
from tinytorch.nn.layers.base import parameter, unusual
from tinytorch.nn.module import Module
from tinytorch.nn.utils.rnn import PackedSequence, packed_rows, pad_packed_sequence
from tinytorch.ops import recurrent as ops
from tinytorch.tensor import Tensor

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]

_PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
_GATES = {"tanh": 1, "relu": 1, "lstm": 4, "gru": 3}


class _Recurrent(Module):
    """What the layers and the cells share: weights that start uniform in ±1/√hidden_size, and running over time."""

    _cell = "tanh"
    hidden_size: int
    bias: bool

    def _add(self, suffix: str, inputs: int, device: object, dtype: object) -> None:
        gates = _GATES[self._cell] * self.hidden_size
        for part, shape in zip(_PARTS, ((gates, inputs), (gates, self.hidden_size), (gates,), (gates,))):
            used = self.bias or len(shape) == 2
            setattr(self, part + suffix, parameter(*shape, device=device, dtype=dtype, used=used))

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _start(self, input: Tensor, hx: Any, shape: tuple[int, ...]) -> Tensor:
        """The states to start from as one tensor, (states, *shape): those given, or zeros."""
        lstm = self._cell == "lstm"
        if hx is None:
            return zeros(1 + lstm, *shape, dtype=input.dtype)
        given = (hx[0], hx[1]) if lstm else (hx,)
        for state in given:
            if tuple(state.shape) != shape or state.dtype != input.dtype:
                found = f"{tuple(state.shape)} of {state.dtype}"
                raise RuntimeError(f"{type(self).__name__}: a state must be {shape} of {input.dtype}, not {found}")
        return stack(given)

    def _run(self, x: Tensor, start: Tensor, suffix: str, sizes: list[int] | None = None) -> Tensor:
        """(time, batch, features) -> the states (states, time, batch, hidden); sizes[t] sequences have a step t."""
        # The names interned: Python remembers each text that attributes were looked up by, some thousands of them.
        weight_ih, weight_hh, bias_ih, bias_hh = (getattr(self, sys.intern(part + suffix)) for part in _PARTS)
        gates = F.linear(x, weight_ih, bias_ih)
        return apply(ops.recurrent, gates, start, weight_hh, bias_hh, cell=self._cell, sizes=sizes)

    def _result(self, states: Tensor) -> Any:
        return (states[0], states[1]) if self._cell == "lstm" else states[0]


class _Layers(_Recurrent):
    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
                 batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0,
                 device: object = None, dtype: object = None) -> None:  # fmt: skip
        super().__init__()
        name = type(self).__name__
        least = min(input_size, hidden_size, num_layers)
        need(least > 0, f"{name}: the sizes and num_layers must be greater than 0, not {least}")
        need(0 <= dropout <= 1, f"{name}: dropout must be a number from 0 to 1, not {dropout!r}")
        need(not proj_size, f"{name} has no proj_size here: put a Linear layer after it", NotImplementedError)
        self.input_size, self.hidden_size, self.num_layers, self.bias = input_size, hidden_size, num_layers, bias
        self.batch_first, self.dropout, self.bidirectional = batch_first, float(dropout), bidirectional
        self._ways = ("", "_reverse") if bidirectional else ("",)
        for layer in range(num_layers):
            for way in self._ways:
                inputs = len(self._ways) * hidden_size if layer else input_size
                self._add(f"_l{layer}{way}", inputs, device, dtype)
        self.reset_parameters()

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The last layer's hidden state after each step, and the states of all layers after the last.

        (time, batch, input_size) -> (time, batch, directions · hidden_size), (layers · directions, batch, hidden_size);
        with `batch_first` the input and output are (batch, time, ...); without a batch they and the states lack it.
        Of a `PackedSequence` comes another, and the states after each sequence's own last step.
        """
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, hx)
        name, kind, batched = type(self).__name__, self.get_parameter("weight_ih_l0").dtype, input.ndim == 3
        if input.ndim not in (2, 3) or input.dtype != kind:
            found = f"{tuple(input.shape)} of {input.dtype}"
            raise ValueError(f"{name} of {kind} needs 2D or 3D input of its type, not {found}")
        x = input.unsqueeze(1) if not batched else input.transpose(0, 1) if self.batch_first else input
        if x.shape[2] != self.input_size or not x.shape[0]:
            expected = f"{self.input_size} features and at least one step"
            raise RuntimeError(f"{name}: expected {expected}, got an input of {tuple(input.shape)}")
        layers, batch = self.num_layers * len(self._ways), x.shape[1]
        start = self._start(input, hx, (layers, *[batch] * batched, self.hidden_size))
        start = start.reshape(len(start), layers, batch, self.hidden_size)
        x, final = self._run_layers(x, start, lambda x: x.flip(0))
        if not batched:
            return x.squeeze(1), self._result(final.squeeze(2))
        return x.transpose(0, 1) if self.batch_first else x, self._result(final)

    def _forward_packed(self, input: PackedSequence, hx: Any) -> tuple[PackedSequence, Any]:
        data, batch_sizes, order, back = input
        name, kind = type(self).__name__, self.get_parameter("weight_ih_l0").dtype
        error = RuntimeError if self._cell == "lstm" else ValueError  # as PyTorch
        need(data.dtype == kind, f"{name} of {kind} needs packed data of its type, not {data.dtype}", error)
        fits = data.ndim == 2 and data.shape[1] == self.input_size
        expected = f"(steps, {self.input_size})"
        need(fits, f"{name}: expected packed data of {expected}, not {tuple(data.shape)}", RuntimeError)
        x, lengths = pad_packed_sequence(PackedSequence(data, batch_sizes))
        batch = len(lengths)
        start = self._start(data, hx, (self.num_layers * len(self._ways), batch, self.hidden_size))
        step, number = arange(len(x)).unsqueeze(1), arange(batch)
        turned = (lengths - 1 - step).clamp(0) * batch + number  # (time, batch): each within its own length
        x, final = self._run_layers(
            x,
            start if order is None else start.index_select(2, order),
            lambda x: x.flatten(0, 1)[turned],
            batch_sizes.tolist(),
        )
        output = PackedSequence(x.flatten(0, 1)[packed_rows(batch_sizes)], batch_sizes, order, back)
        return output, self._result(final if back is None else final.index_select(2, back))

    def _run_layers(self, x: Tensor, start: Tensor, turn: Callable[[Tensor], Tensor],
                    sizes: list[int] | None = None) -> tuple[Tensor, Tensor]:  # fmt: skip
        """The last layer's hidden states, and the last states of all (states, layers · directions, batch, hidden).

        `turn` puts the steps of each sequence in reverse.
        """
        last: list[Tensor] = []
        for layer in range(self.num_layers):
            if layer:
                x = F.dropout(x, self.dropout, self.training)
            outputs = []
            for way in self._ways:
                states = self._run(turn(x) if way else x, start[:, len(last)], f"_l{layer}{way}", sizes)
                last.append(states[:, -1])
                outputs.append(turn(states[0]) if way else states[0])
            x = cat(outputs, -1) if self.bidirectional else outputs[0]
        return x, stack(last, 1)

    def flatten_parameters(self) -> None:
        """Nothing: it is for GPUs."""

    def extra_repr(self) -> str:
        """The sizes, and the settings that are not the usual ones."""
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0, "bidirectional": False}
        return f"{self.input_size}, {self.hidden_size}" + unusual(self, **usual)


class RNN(_Layers):
    """h ← tanh(x W_ihᵀ + b_ih + h W_hhᵀ + b_hh), or with relu in place of tanh, for each step of a sequence.

    >>> import tinytorch as torch
    >>> output, h = torch.nn.RNN(3, 5, num_layers=2)(torch.zeros(7, 4, 3))
    >>> output.shape, h.shape
    (torch.Size([7, 4, 5]), torch.Size([2, 4, 5]))
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh",
                 bias: bool = True, batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False,
                 proj_size: int = 0, device: object = None, dtype: object = None) -> None:  # fmt: skip
        need(nonlinearity in ("tanh", "relu"), f'nonlinearity must be "tanh" or "relu", not {nonlinearity!r}')
        self._cell = self.nonlinearity = nonlinearity
        how = bias, batch_first, dropout, bidirectional, proj_size, device, dtype
        super().__init__(input_size, hidden_size, num_layers, *how)


class LSTM(_Layers):
    """c ← σ(f) c + σ(i) tanh(g), h ← σ(o) tanh(c), where (i, f, g, o) = x W_ihᵀ + b_ih + h W_hhᵀ + b_hh.

    The state is the pair (h, c). Source: Hochreiter & Schmidhuber (1997), Neural Computation 9; Gers et al. (2000).

    >>> import tinytorch as torch
    >>> output, (h, c) = torch.nn.LSTM(3, 5, batch_first=True)(torch.zeros(4, 7, 3))
    >>> output.shape, h.shape, c.shape
    (torch.Size([4, 7, 5]), torch.Size([1, 4, 5]), torch.Size([1, 4, 5]))
    """

    _cell = "lstm"


class GRU(_Layers):
    """h ← (1 - σ(z)) tanh(n_x + σ(r) n_h) + σ(z) h, where (r, z, n) come of x and of h, as in an LSTM.

    Source: Cho et al. (2014), arXiv:1406.1078.
    """

    _cell = "gru"


class _Cell(_Recurrent):
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, device: object = None,
                 dtype: object = None) -> None:  # fmt: skip
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        self._add("", input_size, device, dtype)
        self.reset_parameters()

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        """The new state of (batch, input_size) or (input_size,), from the one given or zeros."""
        for x in (input, *(() if hx is None else hx if self._cell == "lstm" else (hx,))):
            need(x.ndim in (1, 2), f"{type(self).__name__}: expected 1D or 2D tensors, got shape {tuple(x.shape)}")
        shape = (*input.shape[:-1], self.hidden_size)
        start = self._start(input, hx, shape)
        batch = math.prod(shape[:-1])
        x = input.reshape(1, batch, input.shape[-1])
        states = self._run(x, start.reshape(len(start), batch, self.hidden_size), "")
        return self._result(states.reshape(len(start), *shape))

    def extra_repr(self) -> str:
        """The sizes, and the settings that are not the usual ones."""
        return f"{self.input_size}, {self.hidden_size}" + unusual(self, bias=True)


class RNNCell(_Cell):
    """One step of an `RNN`."""

    nonlinearity: str

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh",
                 device: object = None, dtype: object = None) -> None:  # fmt: skip
        super().__init__(input_size, hidden_size, bias, device, dtype)
        fits = nonlinearity in ("tanh", "relu")
        need(fits, f'nonlinearity must be "tanh" or "relu", not {nonlinearity!r}', RuntimeError)
        self._cell = self.nonlinearity = nonlinearity

    def extra_repr(self) -> str:
        """The sizes, and the settings that are not the usual ones."""
        return super().extra_repr() + unusual(self, nonlinearity="tanh")


class LSTMCell(_Cell):
    """One step of an `LSTM`; the state is the pair (h, c)."""

    _cell = "lstm"


class GRUCell(_Cell):
    """One step of a `GRU`."""

    _cell = "gru"
