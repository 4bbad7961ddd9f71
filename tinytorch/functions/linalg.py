"""Products of matrices and vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinytorch.autograd import apply
from tinytorch.errors import need_tensors
from tinytorch.ops import matmul as ops

__all__ = ["bmm", "dot", "matmul", "mm", "mv", "outer"]

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The matrix product of the last two dimensions; those before them broadcast. 1-d tensors count as vectors.

    >>> import tinytorch as torch
    >>> torch.tensor([[1.0, 2.0], [3.0, 4.0]]) @ torch.tensor([1.0, 10.0])
    tensor([21., 43.])
    """
    _same_type("matmul", input, other)
    return apply(ops.matmul, input, other)


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


def _same_type(operation: str, a: Tensor, b: Tensor) -> None:
    need_tensors(operation, a, b)
    if a.dtype.name == "bool":
        raise NotImplementedError(f"{operation} of truth values is not defined: use x.float()")
    if a._array.dtype is not b._array.dtype:
        raise RuntimeError(
            f"{operation} needs tensors of one type, got {a.dtype} and {b.dtype}: convert one with .to()"
        )
