"""Matrix products, and what else is made of whole matrices: the last two dimensions of an array."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.ops import quiet, row_total
from tinytorch.ops.reduction import prod


def matmul(a: Array, b: Array) -> Any:
    """a @ b for vectors, matrices and batches of matrices; autograd sums over broadcast batches."""
    a_is_vector, b_is_vector = a.ndim == 1, b.ndim == 1  # so that each pull-back holds only the array it needs

    def to_a(grad: Array) -> Array:
        if b_is_vector:
            return grad[..., None] * b  # (..., n) · (n,) -> (...)
        if a_is_vector:
            return (b @ grad[..., None])[..., 0]  # (n,) @ (..., n, m) -> (..., m)
        return grad @ b.swapaxes(-1, -2)

    def to_b(grad: Array) -> Array:
        if a_is_vector:
            return grad * a if b_is_vector else a[:, None] * grad[..., None, :]
        if b_is_vector:
            return np.tensordot(grad, a, grad.ndim)
        return a.swapaxes(-1, -2) @ grad

    return np.matmul(a, b), (to_a, to_b)


def _rows(x: Array) -> Array:
    if x.ndim == 2:
        return x
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])  # -1 would not do where there are no features


def linear(x: Array, weight: Array, bias: Array | None) -> Any:
    """x @ weight.T + bias for x of (..., in) and weight of (out, in)."""
    rows = _rows(x)  # one large product instead of a batch of small ones
    y = rows.dot(weight.T)
    if bias is not None:
        y += bias
    shape = x.shape

    return y if rows is x else y.reshape(*shape[:-1], y.shape[-1]), (
        lambda grad: _rows(grad).dot(weight).reshape(shape),
        lambda grad: _rows(grad).T.dot(rows),
        lambda grad: row_total(_rows(grad)),
    )


@quiet
def solve(a: Array, b: Array) -> Any:
    """The x with a @ x = b, for b of (..., n, columns)."""
    x = np.linalg.solve(a, b)

    def to_b(grad: Array) -> Array:
        return np.linalg.solve(a.swapaxes(-1, -2), grad)

    return x, (lambda grad: -to_b(grad) @ x.swapaxes(-1, -2), to_b)


@quiet
def det(a: Array) -> Any:
    def pull(grad: Array) -> Array:  # |A| = |U| |V| Π s for A = U s V: right also where |A| is 0
        finite = np.isfinite(a).all((-2, -1), keepdims=True)  # of the others, LAPACK finds no singular values
        u, s, v = np.linalg.svd(np.where(finite, a, 0))
        _, (to_s,) = prod(s, (s.ndim - 1,), False)
        slopes = (u * to_s(grad * np.linalg.det(u) * np.linalg.det(v))[..., None, :]) @ v
        return np.where(finite, slopes, np.nan)

    return np.linalg.det(a), (pull,)


def svdvals(a: Array) -> Any:
    """The singular values, from the largest down."""
    u, s, v = np.linalg.svd(a, full_matrices=False)
    return s, (lambda grad: (u * grad[..., None, :]) @ v,)
