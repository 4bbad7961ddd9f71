"""Attention: each query takes a mean of the values, weighted by how well their keys match it."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.ops import quiet, shared, wide

SCORES = 1 << 17  # how many scores are worked on at a time: 512 KB of float32, which stay in a second-level cache
SAFE = 20.0  # what lies within ±SAFE can go through exp, be added up and divided by its sum without harm


@quiet
def attention(q: Array, k: Array, v: Array, mask: Array | None, scale: float, causal: bool = False,
              kept: Array | None = None) -> Any:  # fmt: skip
    """softmax(q kᵀ · scale + mask) v. A query for which every key is masked gets zeros.

    `kept` (what dropout multiplies the weights by) has the shape of the weights: (..., queries, keys).
    """
    kind = q.dtype
    q, k, v, shape = _of_one_batch(wide(q), wide(k), wide(v), mask)
    scores = (*q.shape[:-1], k.shape[-2])
    mask, kept = (x if x is None else np.broadcast_to(x, scores) for x in (mask, kept))
    # In memory as q where it has its shape, so that the heads go back to their places at no cost.
    y = np.empty_like(q) if q.shape[-1] == v.shape[-1] else np.empty((*q.shape[:-1], v.shape[-1]), q.dtype)
    total = np.empty((*q.shape[:-1], 1), q.dtype)
    pieces = _pieces(scores, causal, SCORES)
    weights = []
    for some, end in pieces:
        p = _products(k[some[0], ..., :end, :], q[some], scale)  # (..., keys, queries)
        if mask is not None:
            p += mask[some][..., :end].swapaxes(-1, -2)
        # Softmax lets all scores of a query be shifted alike. Near 0, as they mostly are, they need no shift, which
        # would be two more passes over them.
        near = p.max(initial=0) < SAFE and p.min(initial=0) > -SAFE
        if causal:
            latest = p[..., some[2].start :, :]
            latest += _future(*latest.shape[-2:], p.dtype)
        if not near:
            p -= np.maximum(p.max(-2, keepdims=True, initial=-np.inf), np.finfo(p.dtype).min)
        weights.append(np.exp(p, out=p))
        sums = np.matmul(np.ones((1, end), p.dtype), p).swapaxes(-1, -2)
        sums += sums == 0  # all keys are masked
        total[some] = sums
        if kept is not None:
            p = p * kept[some][..., :end].swapaxes(-1, -2)
        part = np.matmul(p.swapaxes(-1, -2), v[some[0], ..., :end, :], out=y[some])
        part /= sums  # here and not in p, which is larger

    def slopes(grad: Array, scale: float) -> Any:
        """For each piece the slope of the scores, times `scale`, the weights, and the gradient by their sums."""
        grad = wide(grad).reshape(y.shape)
        for (some, end), p in zip(pieces, weights):
            g = grad[some] / total[some]  # (..., queries, features)
            slope = _products(v[some[0], ..., :end, :], g, scale)  # (..., keys, queries)
            if kept is not None:
                slope *= kept[some][..., :end].swapaxes(-1, -2)
            # What changes all scores of a query alike changes nothing: it is taken out, and nothing is left where
            # a query looks at one key alone. (From g and y it would come cheaper, but rounded otherwise.)
            common = np.matmul(np.ones((1, end), p.dtype), p * slope)
            slope -= common / total[some].swapaxes(-1, -2)
            slope *= p
            yield some, end, slope, p, g

    def backward(grad: Array) -> tuple[Array, ...]:
        dq, dk, dv = np.empty_like(q), np.empty_like(k), np.empty_like(v)
        for some, end, slope, p, g in slopes(grad, scale):
            seen = some[0], ..., slice(end), slice(None)
            weights = p if kept is None else p * kept[some][..., :end].swapaxes(-1, -2)
            np.matmul(slope.swapaxes(-1, -2), k[seen], out=dq[some])
            if some[2].stop >= q.shape[-2]:  # the first piece, which sees all keys that others see, too
                np.matmul(slope, q[some], out=dk[seen])
                np.matmul(weights, g, out=dv[seen])
                dk[some[0], ..., end:, :] = dv[some[0], ..., end:, :] = 0
            else:
                dk[seen] += slope @ q[some]
                dv[seen] += weights @ g
        return dq, dk, dv

    def to_mask(grad: Array) -> Array:
        whole = np.zeros(scores, q.dtype)
        for some, end, slope, *_ in slopes(grad, 1):
            whole[some][..., :end] = slope.swapaxes(-1, -2)
        return whole

    return y.reshape(shape).astype(kind, copy=False), (*shared(backward, 3), to_mask)


def _products(a: Array, b: Array, scale: float) -> Array:
    """a bᵀ · scale. Of a copy of bᵀ BLAS makes it faster than of bᵀ itself, the copy included."""
    return np.matmul(a, np.multiply(b.swapaxes(-1, -2), scale, order="C"))


@functools.lru_cache
def _future(keys: int, queries: int, kind: Any) -> Array:
    """What hides from each query the keys after its own."""
    return np.tril(np.full((keys, queries), -np.inf, kind), -1)


def _of_one_batch(q: Array, k: Array, v: Array, mask: Array | None) -> Any:
    """All with the same batch dimensions, one at least, and the shape of the result."""
    shape = (*q.shape[:-1], v.shape[-1])
    if q.ndim == 2 or not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
        given = (q, k, v) if mask is None else (q, k, v, mask)
        batch = np.broadcast_shapes(*(x.shape[:-2] for x in given))
        shape = (*batch, *shape[-2:])
        q, k, v = (np.broadcast_to(x, (*(batch or (1,)), *x.shape[-2:])) for x in (q, k, v))
        q = np.ascontiguousarray(q)  # the result will lie in memory as q
    return q, k, v, shape


@functools.lru_cache
def _pieces(shape: tuple[int, ...], causal: bool, size: int) -> list[Any]:
    """Scores of (batch, ..., queries, keys) in pieces of `size`: for each an index, and how many keys it sees.

    Where attention is causal, keys that none of the queries sees are left out: of 128 × 128 scores in two pieces, a
    quarter.
    """
    batch, *heads, queries, keys = shape
    per_query = max(math.prod(heads) * keys, 1)
    rows = max(size // per_query, 1)
    if causal:
        rows = min(rows, 64)
    rows = max(min(rows, queries), 1)
    n = max(size // (per_query * rows), 1)
    return [
        ((slice(i, i + n), ..., slice(j, j + rows), slice(None)), min(keys, j + rows) if causal else keys)
        for i in range(0, batch, n)
        for j in reversed(range(0, max(queries, 1), rows))
    ]
