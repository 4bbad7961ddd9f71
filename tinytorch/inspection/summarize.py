"""A model as a table: what each layer gives out, and what it costs in parameters, arithmetic and memory.

A product of matrices or a convolution counts 2 for each multiply-add, an operation that only moves or copies elements
nothing, and any other 1 for each element of its largest input or output (an exp as much as a sum).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tinytorch.dtypes import float32
from tinytorch.functions.creation import zeros
from tinytorch.inspection.watch import tensors_in, watched
from tinytorch.nn.module import Module
from tinytorch.tensor import Tensor

WIDTH = 80
HEAD = ("Layer (type)", "Output shape", "Parameters", "FLOPs")
MOVES = {
    "cat", "clone", "copy", "embedding", "expand", "flip", "fold", "gather", "getitem", "masked_fill", "overwrite",
    "pad", "permute", "put", "reshape", "setitem", "take", "tile", "to", "tril", "triu", "unfold", "where",
}  # fmt: skip
COUNTED = "FLOPs: 2 per multiply-add of a product or convolution, 1 per element of others."


class Row:
    """One layer: its own parameters and FLOPs, without those of the layers inside it."""

    flops = 0
    output_shape: tuple[int, ...] | None = None  # of the first tensor that it returned last

    def __init__(self, path: str, module: Module, parameters: int) -> None:
        self.name, self.type, self.parameters = path.rpartition(".")[2], type(module).__name__, parameters
        self.depth = path.count(".") + bool(path)

    def _cells(self) -> tuple[str, ...]:
        name = "  " * self.depth + (f"{self.name} ({self.type})" if self.name else self.type)
        shape = "--" if self.output_shape is None else str(self.output_shape)
        return name, shape, f"{self.parameters:,}", f"{self.flops:,}"


class Summary:
    """What `summary` found, as numbers; prints as a table."""

    activation_bytes = 0

    def __init__(self, model: Module, data: Any) -> None:
        parameters = list(model.parameters())
        self.total_params = sum(p.numel() for p in parameters)
        self.trainable_params = sum(p.numel() for p in parameters if p.requires_grad)
        self.parameter_bytes = sum(p._array.nbytes for p in parameters)
        self.input_bytes = sum(x._array.nbytes for x in tensors_in(data))
        self._rows: dict[str, Row] = {}
        seen: set[int] = set()  # a shared parameter counts where it is first
        for path, module in model.named_modules():
            own = {id(p): p.numel() for p in module._parameters.values() if id(p) not in seen}
            seen.update(own)
            self._rows[path] = Row(path, module, sum(own.values()))
        self.layers = list(self._rows.values())
        with watched(model, self._saw_op, self._saw_output):
            model(**data) if isinstance(data, Mapping) else model(*([data] if isinstance(data, Tensor) else data))
        self.total_flops = sum(row.flops for row in self.layers)

    def _saw_op(self, path: str, op: Any, inputs: Any, options: Any, result: Tensor) -> None:
        self._rows[path].flops += flops(op.__name__, inputs, result)
        if result._base is None and op.__name__ != "overwrite":  # new memory, not a view
            self.activation_bytes += result._array.nbytes

    def _saw_output(self, path: str, output: Any) -> None:
        self._rows[path].output_shape = next((tuple(x.shape) for x in tensors_in(output)), None)

    def __str__(self) -> str:
        cells = [HEAD, *(row._cells() for row in self.layers)]
        widths = [max(map(len, column)) + 2 for column in zip(*cells)][1:]
        first = WIDTH - sum(widths)
        names = (row[0] if len(row[0]) <= first else row[0][: first - 1] + "…" for row in cells)
        lines = [name.ljust(first) + "".join(map(str.rjust, row[1:], widths)) for name, row in zip(names, cells)]
        memory = {"input": self.input_bytes, "activations": self.activation_bytes, "parameters": self.parameter_bytes}
        parts = " + ".join(f"{kind} {_size(count)}" for kind, count in memory.items())
        return "\n".join([
            lines[0], "=" * WIDTH, *lines[1:], "=" * WIDTH,
            f"Parameters: {self.total_params:,}, of which trainable: {self.trainable_params:,}",
            f"FLOPs of one forward pass: {self.total_flops:,}",
            f"Memory: {_size(sum(memory.values()))} = {parts}", COUNTED,
        ])  # fmt: skip

    __repr__ = __str__


def _size(count: int) -> str:
    return f"{count / 1e6:.2f} MB" if count >= 10_000 else f"{count:,} bytes"


def summary(model: Module, input_size: Sequence[int] | Sequence[Sequence[int]] | None = None, *,
            input_data: Tensor | Sequence[Tensor] | Mapping[str, Tensor] | None = None) -> Summary:  # fmt: skip
    """Run the model once, on zeros of `input_size` (the batch included) or on `input_data`, and count what it did.

    Args:
        model: stays as it is: the run is in evaluation mode, without gradients, and leaves no hooks.
        input_size: one size, or a list of sizes for a model of several inputs; of the type of the first parameter.
        input_data: instead of a size, the input itself, a sequence of inputs, or a dict of named ones.

    Returns:
        A `Summary`: prints as a table; `layers` are its rows, whose numbers add up to `total_params`, of which
        `trainable_params`, and `total_flops`; `input_bytes`, `activation_bytes` (the results of all operations that
        are not views, as a training step keeps them) and `parameter_bytes` are the memory.

    >>> from tinytorch import nn, summary
    >>> print(summary(nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1)), (4, 2)))
    Layer (type)                                 Output shape  Parameters      FLOPs
    ================================================================================
    Sequential                                         (4, 1)           0          0
      0 (Linear)                                       (4, 4)          12         80
      1 (Tanh)                                         (4, 4)           0         16
      2 (Linear)                                       (4, 1)           5         36
    ================================================================================
    Parameters: 17, of which trainable: 17
    FLOPs of one forward pass: 132
    Memory: 244 bytes = input 32 bytes + activations 144 bytes + parameters 68 bytes
    FLOPs: 2 per multiply-add of a product or convolution, 1 per element of others.
    """
    if input_data is not None:
        return Summary(model, input_data)
    if input_size is None:
        raise TypeError("summary needs input_size, such as (32, 784) with the batch first, or input_data")
    sizes: Sequence[Any] = [input_size] if all(isinstance(n, int) for n in input_size) else input_size
    kind = next((p.dtype for p in model.parameters()), float32)
    return Summary(model, [zeros(size, dtype=kind) for size in sizes])


def flops(name: str, inputs: Sequence[Any], output: Tensor) -> int:
    """The count for the operation called `name`, from the shapes of its tensors.

    >>> import tinytorch as torch
    >>> flops("linear", (torch.zeros(5, 3), torch.zeros(2, 3), torch.zeros(2)), torch.zeros(5, 2))  # 5·2·(2·3 + 1)
    70
    """
    first, *others = (x._array for x in inputs if isinstance(x, Tensor))
    y = output._array
    bias = y.size if len(others) > 1 else 0
    if name in MOVES:
        return 0
    if name in ("matmul", "linear"):
        return 2 * y.size * first.shape[-1] + bias
    if name.startswith("conv"):  # weight: (out, in/groups, *kernel), transposed (in, out/groups, *kernel)
        return 2 * (first if "transpose" in name else y).size * math.prod(others[0].shape[1:]) + bias
    if name == "attention":  # products of queries and keys, softmax, and the mean of the values
        return math.prod(y.shape[:-1]) * others[0].shape[-2] * (2 * first.shape[-1] + 1 + 2 * y.shape[-1])
    if name == "recurrent":  # the gates of the input are its own: one product with the hidden state for each
        return first.size * (2 * others[1].shape[-1] + 1)
    return max(x.size for x in (first, *others, y))
