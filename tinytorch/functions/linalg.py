"""Linear algebra: products of matrices and vectors, equations, norms and distances."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.autograd import apply
from tinytorch.dtypes import Number
from tinytorch.errors import dimensions, need, same_type
from tinytorch.functions import numpy_names
from tinytorch.functions.reduction import Dim
from tinytorch.functions.shape import movedim, need_matrix
from tinytorch.ops import matmul as ops
from tinytorch.ops import reduction as reduction_ops

__all__ = [
    "addmm", "baddbmm", "bmm", "cdist", "det", "dot", "inverse", "matmul", "mm", "mv", "norm", "outer", "trace",
]  # fmt: skip

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The matrix product of the last two dimensions; those before them broadcast. 1-d tensors count as vectors.

    >>> import tinytorch as torch
    >>> torch.tensor([[1.0, 2.0], [3.0, 4.0]]) @ torch.tensor([1.0, 10.0])
    tensor([21., 43.])
    """
    same_type("matmul", input, other)
    if input.dtype.name == "bool":
        raise NotImplementedError("matmul of truth values is not defined: use x.float()")
    return apply(ops.matmul, input, other)


def rmatmul(input: Tensor, other: Tensor) -> Tensor:
    """other @ input."""
    return matmul(other, input)


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of two matrices."""
    _need_dimensions("mm", (input, 2), (mat2, 2))
    return matmul(input, mat2)


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """The product of a matrix and a vector."""
    _need_dimensions("mv", (input, 2), (vec, 1))
    return matmul(input, vec)


def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """The products of two equally long batches of matrices."""
    _need_dimensions("bmm", (input, 3), (mat2, 3))
    if input.shape[0] != mat2.shape[0]:
        raise RuntimeError(f"bmm of {tuple(input.shape)} and {tuple(mat2.shape)}: the batches must be equally long")
    return matmul(input, mat2)


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The inner product of two vectors."""
    _need_dimensions("dot", (input, 1), (tensor, 1))
    return matmul(input, tensor)


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """The matrix of all products of the elements of two vectors."""
    _need_dimensions("outer", (input, 1), (vec2, 1))
    return input.unsqueeze(1) * vec2


def _need_dimensions(operation: str, *expected: tuple[Tensor, int]) -> None:
    if any(x.ndim != ndim for x, ndim in expected):
        needs = " and ".join(f"{ndim}-d" for _, ndim in expected)
        got = " and ".join(str(tuple(x.shape)) for x, _ in expected)
        raise RuntimeError(f"{operation} needs {needs} tensors, got shapes {got}")


# ---------------------------------------------------------------------------------------------- sum of two
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """beta * input + alpha * (mat1 @ mat2)."""
    return _plus(beta, input, alpha, mm(mat1, mat2))


def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Tensor:
    """beta * input + alpha * (batch1 @ batch2)."""
    return _plus(beta, input, alpha, bmm(batch1, batch2))


def _plus(beta: Number, input: Tensor, alpha: Number, product: Tensor) -> Tensor:
    same_type("adding to a product", input, product)
    if not input.is_floating_point():
        beta, alpha = int(beta), int(alpha)
    product = product if alpha == 1 else product * alpha
    rest = input.expand(product.shape)
    return product + (rest if beta == 1 else rest * beta) if beta else product  # with beta = 0 nan doesn't matter


# ---------------------------------------------------------------------------------------------- square matrices
def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix."""
    _need_dimensions("trace", (input, 2))
    return input.diagonal().sum()


def det(input: Tensor) -> Tensor:
    """The determinant of a matrix, or of each of a batch.

    >>> import tinytorch as torch
    >>> torch.det(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor(-2.)
    """
    return apply(ops.det, _square(input, "det"))


def solve(A: Tensor, B: Tensor) -> Tensor:
    """The X with A @ X = B, for matrices, vectors or batches of them.

    >>> import tinytorch as torch
    >>> torch.linalg.solve(torch.tensor([[2.0, 0.0], [0.0, 4.0]]), torch.tensor([2.0, 2.0]))
    tensor([1.0000, 0.5000])
    """
    same_type("solve", _square(A, "solve"), B)
    if B.ndim == 1 or B.shape == A.shape[:-1]:
        return apply(ops.solve, A, B.unsqueeze(-1)).squeeze(-1)
    return apply(ops.solve, A, B)


def inv(A: Tensor) -> Tensor:
    """The inverse of a matrix, or of each of a batch; `RuntimeError` where there is none."""
    return apply(ops.solve, _square(A, "inv"), A._wrap(np.eye(A.shape[-1], dtype=A._array.dtype)))


def inverse(input: Tensor) -> Tensor:
    """The inverse of a matrix, or of each of a batch: `linalg.inv`."""
    return inv(input)


def _square(input: Tensor, operation: str) -> Tensor:
    if input.ndim < 2 or input.shape[-1] != input.shape[-2] or not input.is_floating_point():
        raise RuntimeError(f"{operation} needs square matrices of floats, got {tuple(input.shape)} of {input.dtype}")
    return input


# ---------------------------------------------------------------------------------------------- norms
def vector_norm(x: Tensor, ord: Number = 2, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The p-norm (Σ|x|^p)^(1/p) of all elements or along `dim`; inf and -inf: the largest and smallest, 0: not zero."""
    if not x.is_floating_point() or isinstance(ord, str):
        raise RuntimeError(f"a vector norm needs a floating tensor and a number, not {x.dtype} and {ord!r}")
    x = x if dtype is None else x.to(dtype)
    axes = dimensions(dim, x.ndim, "norm")
    need(0 <= ord < math.inf or all(x.shape[i] for i in axes), f"no elements have no norm of order {ord}", RuntimeError)
    return apply(reduction_ops.norm, x, axis=axes, keep=keepdim, p=float(ord))


def matrix_norm(
    A: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """The norm of matrices: "fro" of all elements; "nuc", ±2 of the singular values; ±1, ±inf of columns and rows."""
    axes = dimensions(dim, need_matrix(A, "matrix_norm").ndim, "matrix_norm")
    if ord == "fro":
        return vector_norm(A, 2, axes, keepdim, dtype=dtype)
    if ord not in ("nuc", 1, -1, 2, -2, math.inf, -math.inf):
        raise RuntimeError(f'matrix_norm: ord must be "fro", "nuc", ±1, ±2 or ±inf, not {ord!r}')
    rows = movedim(A if dtype is None else A.to(dtype), axes, (-2, -1))
    sizes = apply(ops.svdvals, rows) if ord in ("nuc", 2, -2) else rows.abs().sum(-2 if abs(ord) == 1 else -1)
    found: Tensor = sizes.sum(-1) if ord == "nuc" else sizes.amax(-1) if ord > 0 else sizes.amin(-1)
    return found.reshape([1 if i in axes else n for i, n in enumerate(A.shape)]) if keepdim else found


def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The p-norm (Σ|x|^p)^(1/p) of all elements or along `dim`; p = inf, -inf and 0 count largest, smallest, not zero.

    >>> import tinytorch as torch
    >>> torch.tensor([3.0, 4.0]).norm()
    tensor(5.)
    """
    if p == "nuc":
        return matrix_norm(input, p, range(input.ndim) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(input, 2 if p in (None, "fro") else p, dim, keepdim, dtype=dtype)


def linalg_norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The 2-norm of all elements; with `ord`, the vector norm along one dimension, the matrix norm along two."""
    if ord is not None and (A.ndim == 2 if dim is None else not isinstance(dim, int) and len(dim) == 2):
        return matrix_norm(A, ord, (0, 1) if dim is None else dim, keepdim, dtype=dtype)
    if ord is not None and dim is None and A.ndim != 1:
        raise RuntimeError(f"norm of order {ord}: say along which dim of shape {tuple(A.shape)}")
    return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)


def cdist(x1: Tensor, x2: Tensor, p: Number = 2, compute_mode: str | None = None) -> Tensor:
    """The distance of each row of `x1` (..., n, d) from each row of `x2` (..., m, d): (..., n, m)."""
    gaps = x1.unsqueeze(-2) - x2.unsqueeze(-3)
    return vector_norm(gaps, p, -1) if p else vector_norm(gaps, 0, -1) + gaps.sum(-1) * 0  # a gradient of 0, not none


numpy_names(globals(), "norm")
