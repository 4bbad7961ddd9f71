"""How many floating-point operations does one operation take?

A product of matrices or a convolution counts 2 for each multiply-add, an operation that only moves or copies elements
nothing, and any other 1 for each element of its largest input or output (an exp as much as a sum).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tinytorch.dtypes import Array
from tinytorch.tensor import Tensor

MOVES = {
    "cat", "clone", "copy", "embedding", "expand", "flip", "fold", "gather", "getitem", "masked_fill", "overwrite",
    "pad", "permute", "put", "reshape", "setitem", "take", "tile", "to", "tril", "triu", "unfold", "where",
}  # fmt: skip


def flops(name: str, inputs: Sequence[Any], output: Tensor) -> int:
    """The count for the operation called `name`, from the shapes of its tensors.

    >>> import tinytorch as torch
    >>> flops("linear", (torch.zeros(5, 3), torch.zeros(2, 3), torch.zeros(2)), torch.zeros(5, 2))  # 5·2·(2·3 + 1)
    70
    """
    first, *others = (x._array for x in inputs if isinstance(x, Tensor))
    y: Array = output._array
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
