"""How far apart two vectors are, and how alike their directions."""

from __future__ import annotations

from tinytorch.tensor import Tensor

__all__ = ["cosine_similarity", "pairwise_distance"]


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along `dim`: 1 for one direction, 0 for a right angle, -1 for opposites.

    Lengths below `eps` count as `eps`.

    >>> import tinytorch as torch
    >>> cosine_similarity(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([[2.0, 0.0], [3.0, 3.0]]))
    tensor([1.0000, 0.7071])
    """
    products = x1 * x2
    lengths = [at_least(x.expand_as(products).norm(dim=dim), eps) for x in (x1, x2)]
    return products.sum(dim) / lengths[0] / lengths[1]


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The p-norm of x1 - x2 + eps along the last dimension.

    >>> import tinytorch as torch
    >>> pairwise_distance(torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 0.0]]))
    tensor([5.0000])
    """
    return (x1 - x2 + eps).norm(p, dim=-1, keepdim=keepdim)


def at_least(input: Tensor, low: float) -> Tensor:
    """No less than `low`, but with the gradient of the input itself."""
    return input + (input.clamp(min=low) - input).detach()
