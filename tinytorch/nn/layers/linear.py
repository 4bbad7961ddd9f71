"""Linear layers, embedding, dropout, and the layers that only pass on or reshape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tinytorch.autograd import no_grad
from tinytorch.errors import need
from tinytorch.functions.shape import flatten
from tinytorch.nn import functional as F
from tinytorch.nn import init
from tinytorch.nn.functional.linear import padding_row
from tinytorch.nn.layers.base import Layer, parameter, unusual
from tinytorch.nn.module import Module
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor

__all__ = ["Dropout", "Dropout2d", "Embedding", "Flatten", "Identity", "Linear", "Unflatten"]


class Linear(Module):
    """x @ weight.T + bias: (..., in_features) -> (..., out_features).

    Weight (out, in) and bias (out,) start uniform in ±1/√in_features.

    >>> import tinytorch as torch
    >>> torch.nn.Linear(3, 2)(torch.zeros(5, 3)).shape
    torch.Size([5, 2])
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, device: object = None,
                 dtype: object = None) -> None:  # fmt: skip
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = parameter(out_features, in_features, device=device, dtype=dtype)
        self.bias = parameter(out_features, dtype=dtype, used=bias)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        draw(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """(..., in_features) -> (..., out_features)."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


def draw(weight: Parameter, bias: Parameter | None) -> None:
    """Start a weight and its bias uniform in ±1/√n, where n is the number of weights of one output."""
    init.kaiming_uniform_(weight, a=math.sqrt(5))  # which is that
    if bias is not None:
        bound = 1 / math.sqrt(init._calculate_fan_in_and_fan_out(weight)[0] or math.inf)
        init.uniform_(bias, -bound, bound)


class Identity(Module):
    """The input itself; takes and ignores any arguments."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """The input."""
        return input


class Flatten(Layer, function=flatten):
    """Dimensions `start_dim` to `end_dim` made into one: (n, 8, 8) -> (n, 64)."""

    start_dim: int = 1
    end_dim: int = -1


class Unflatten(Layer, function=lambda input, dim, unflattened_size: input.unflatten(dim, unflattened_size)):
    """Dimension `dim` made into several: `Unflatten(1, (8, 8))` takes (n, 64) to (n, 8, 8)."""

    dim: int
    unflattened_size: Sequence[int]


class _Dropout(Layer, shown="p inplace", training=True):
    p: float = 0.5
    inplace: bool = False

    def __post_init__(self) -> None:
        need(0 <= self.p <= 1, f"{type(self).__name__}: p must be between 0 and 1, not {self.p}")


class Dropout(_Dropout, function=F.dropout):
    """In training, elements set to 0 with probability `p` and the others divided by 1 - p; in evaluation nothing."""


class Dropout2d(_Dropout, function=F.dropout2d):
    """Dropout of whole channels of (batch, channels, height, width)."""


class Embedding(Module):
    """Row numbers (...) -> rows of the weight (..., embedding_dim); see `nn.functional.embedding`.

    The weight (num_embeddings, embedding_dim) starts normally distributed, with zeros in the row `padding_idx`.

    >>> import tinytorch as torch
    >>> torch.nn.Embedding(10, 3)(torch.tensor([[1, 2], [4, 5]])).shape
    torch.Size([2, 2, 3])
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None,
                 max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False,
                 sparse: bool = False, _weight: Tensor | None = None, _freeze: bool = False, device: object = None,
                 dtype: object = None) -> None:  # fmt: skip
        shape = num_embeddings, embedding_dim
        weight = parameter(*shape, device=device, dtype=dtype) if _weight is None else Parameter(_weight, not _freeze)
        need(weight.shape == shape, f"Embedding{shape} got a weight of {tuple(weight.shape)}", AssertionError)
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.weight, self.padding_idx = weight, padding_row(padding_idx, num_embeddings)
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        if _weight is None:
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the rows anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = 0

    def forward(self, input: Tensor) -> Tensor:
        """(...) -> (..., embedding_dim)."""
        how = (self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse)
        return F.embedding(input, self.weight, *how)

    @classmethod
    def from_pretrained(cls, embeddings: Tensor, freeze: bool = True, padding_idx: int | None = None,
                        max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False,
                        sparse: bool = False) -> Embedding:  # fmt: skip
        """A layer with the given table (rows, features), which by default is not trained."""
        shape = tuple(embeddings.shape)
        need(len(shape) == 2, f"from_pretrained needs a table (rows, features), got {shape}", AssertionError)
        how = (padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, embeddings, freeze)
        return cls(shape[0], shape[1], *how)

    def extra_repr(self) -> str:
        """The sizes, and the settings that are not the usual ones."""
        usual = {"padding_idx": None, "max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False, "sparse": False}
        return f"{self.num_embeddings}, {self.embedding_dim}" + unusual(self, **usual)
