"""Attention: each query takes a mean of the values, weighted by how well their keys match it."""

from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.ops import quiet, shared, wide


@quiet
def attention(q: Array, k: Array, v: Array, mask: Array | None, scale: float, causal: bool = False,
              kept: Array | None = None) -> Any:  # fmt: skip
    """softmax(q kᵀ · scale + mask) v. A query for which every key is masked gets zeros.

    `kept` (what dropout multiplies the weights by) has the shape of the weights: (..., queries, keys).
    """
    kind = q.dtype
    q, k, v = wide(q) * scale, wide(k), wide(v)
    p = q @ k.swapaxes(-1, -2)  # (..., queries, keys)
    if mask is not None:
        p = p + mask
    if causal:
        p += np.triu(np.full(p.shape[-2:], -np.inf, p.dtype), 1)
    p -= np.maximum(p.max(-1, keepdims=True, initial=-np.inf), np.finfo(p.dtype).min)
    np.exp(p, out=p)
    total = np.maximum(p.sum(-1, keepdims=True), 1)  # (..., queries, 1): 0 if all is masked, or else 1 or more
    weights = p if kept is None else p * kept
    like = q.shape == (*p.shape[:-1], v.shape[-1])
    y = np.matmul(weights, v, out=np.empty_like(q) if like else None)  # in memory as q: the heads go back at no cost
    y /= total  # here and not in p, which is larger

    def backward(grad: Array) -> tuple[Array, ...]:
        grad = wide(grad) / total  # (..., queries, features)
        slope = grad @ v.swapaxes(-1, -2)  # (..., queries, keys)
        if kept is not None:
            slope *= kept
        slope -= np.einsum("...i,...i->...", p, slope)[..., None] / total
        slope *= p
        return slope @ k * scale, slope.swapaxes(-1, -2) @ q, weights.swapaxes(-1, -2) @ grad, slope

    return y.astype(kind, copy=False), shared(backward, 4)
