"""`torch.linalg`: linear algebra under the names that PyTorch gives it there."""

from tinytorch.errors import missing
from tinytorch.functions import linalg
from tinytorch.functions.linalg import det, inv, matmul, matrix_norm, solve, vector_norm

__all__ = ["det", "inv", "matmul", "matrix_norm", "norm", "solve", "vector_norm"]

norm = linalg.linalg_norm


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.linalg", name, globals()))
