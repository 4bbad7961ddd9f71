"""`torch.linalg`: linear algebra under the names that PyTorch gives it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinytorch.errors import missing
from tinytorch.functions import linalg
from tinytorch.functions.linalg import inv, matmul, matrix_norm, solve, vector_norm

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

__all__ = ["det", "inv", "matmul", "matrix_norm", "norm", "solve", "vector_norm"]


def det(A: Tensor) -> Tensor:
    """The determinant of a matrix, or of each of a batch."""
    return linalg.det(A)


norm = linalg.linalg_norm


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.linalg", name, globals()))
