"""Embedding: a table of learnt vectors, looked up by number."""

from __future__ import annotations

from tinytorch.autograd import no_grad
from tinytorch.functions.creation import empty
from tinytorch.nn import functional as F
from tinytorch.nn import init
from tinytorch.nn.functional.sparse import padding_row
from tinytorch.nn.layers.base import Layer, unusual
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor

__all__ = ["Embedding"]


class Embedding(Layer, function=F.embedding):
    """Row numbers (...) -> rows of the weight (..., embedding_dim); see `nn.functional.embedding`.

    The weight (num_embeddings, embedding_dim) starts normally distributed, with zeros in the row `padding_idx`.

    >>> import tinytorch as torch
    >>> torch.nn.Embedding(10, 3)(torch.tensor([[1, 2], [4, 5]])).shape
    torch.Size([2, 2, 3])
    """

    weight: Parameter
    padding_idx: int | None

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, max_norm: float | None = None,
        norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False, _weight: Tensor | None = None,
        _freeze: bool = False, device: object = None, dtype: object = None,
    ) -> None:  # fmt: skip
        made = empty(num_embeddings, embedding_dim, device=device, dtype=dtype) if _weight is None else _weight
        if tuple(made.shape) != (num_embeddings, embedding_dim):
            raise AssertionError(f"Embedding({num_embeddings}, {embedding_dim}) got a weight of {tuple(made.shape)}")
        how = {"max_norm": max_norm, "norm_type": norm_type, "scale_grad_by_freq": scale_grad_by_freq, "sparse": sparse}
        weight, padding_idx = Parameter(made, not _freeze), padding_row(padding_idx, num_embeddings)
        super().__init__({"weight": weight, "padding_idx": padding_idx, **how})
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        if _weight is None:
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the rows anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = 0

    @classmethod
    def from_pretrained(
        cls, embeddings: Tensor, freeze: bool = True, padding_idx: int | None = None, max_norm: float | None = None,
        norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
    ) -> Embedding:  # fmt: skip
        """A layer with the given table (rows, features), which by default is not trained."""
        if embeddings.ndim != 2:
            raise AssertionError(f"from_pretrained needs a table (rows, features), got {tuple(embeddings.shape)}")
        rows, features = embeddings.shape
        how = (padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse)
        return cls(rows, features, *how, _weight=embeddings, _freeze=freeze)

    def extra_repr(self) -> str:
        """The sizes, and the settings that are not the usual ones."""
        usual = {"padding_idx": None, "max_norm": None, "norm_type": 2, "scale_grad_by_freq": False, "sparse": False}
        return f"{self.num_embeddings}, {self.embedding_dim}" + unusual(self, **usual)
