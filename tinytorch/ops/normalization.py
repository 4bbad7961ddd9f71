"""Normalization: numbers less their mean and divided by their spread, then scaled and shifted by what was learnt."""

import functools
import math
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.ops import BLOCK, quiet, shared, total, wide
from tinytorch.ops.blocks import row_blocks

Axis = tuple[int, ...]


def _total(shape: tuple[int, ...], *factors: Array) -> Array:
    """The product of arrays of one shape, added up to `shape`, which broadcasts to theirs; no product is stored."""
    full = factors[0].shape
    axes = range(len(full))
    kept = [i for i, n in enumerate(shape, len(full) - len(shape)) if n == full[i]]
    first = kept[0] if kept else 0
    rows = math.prod(full[:first])
    if rows > BLOCK:  # in blocks, as `total`
        n, rest = rows // 16, full[first:]
        factors = tuple(each.reshape(rows, *rest) for each in factors)
        blocks = (each[: 16 * n].reshape(16, n, *rest) for each in factors)
        y = total(_total((n, *(m if i + first in kept else 1 for i, m in enumerate(rest))), *blocks), (0,))
        return y.reshape(shape) + _total(shape, *(each[16 * n :] for each in factors))
    return np.einsum(*(part for each in factors for part in (each, axes)), kept).reshape(shape)


def moments(x: Array, axis: Axis, centre: bool = True) -> tuple[Array, Array, Array]:
    """x less its mean, the mean, and the mean square of what is left, along `axis`; without `centre` the mean is 0."""
    x = wide(x)
    shape = tuple(1 if i in axis else n for i, n in enumerate(x.shape))
    share = x.dtype.type(1 / max(math.prod(x.shape[i] for i in axis), 1))
    mean = _total(shape, x) * share if centre else np.zeros(shape, x.dtype)
    centred = x - mean if centre else x
    return centred, mean, _total(shape, centred, centred) * share


@quiet
def normalize(x: Array, weight: Array | None, bias: Array | None, axis: Axis, eps: float, centre: bool = True,
              known: Any = None) -> Any:  # fmt: skip
    """(x - mean) / √(variance + eps) · weight + bias, the mean and the variance being those along `axis`.

    `known` are the moments, if the caller has them already.
    """
    kind, shape = x.dtype, () if weight is None else weight.shape
    centred, _, variance = known or moments(x, axis, centre)
    scale = 1 / np.sqrt(variance + variance.dtype.type(eps))
    if not scale.all():  # the squares are too large for the type: nan, not zeros that look like an answer
        scale[scale == 0] = np.nan
    normal = np.multiply(centred, scale, out=centred if centre else None)  # where not centred, that is x itself
    y = normal if weight is None else normal * weight
    offset = () if bias is None else bias.shape
    if bias is not None:
        y = np.add(y, bias, out=None if y is normal else y)
    share = normal.dtype.type(scale.size / max(normal.size, 1))

    def to_x(grad: Array) -> Array:  # what changes the mean or the variance of x changes nothing: it is taken out
        slope = wide(grad) if weight is None else wide(grad) * weight
        g = slope - normal * (_total(scale.shape, slope, normal) * share)
        if centre:
            g -= _total(scale.shape, slope) * share
        g *= scale
        return g

    return y.astype(kind, copy=False), (
        to_x,
        lambda grad: _total(shape, wide(grad), normal),
        lambda grad: _total(offset, wide(grad)),
    )


def normalize_rows(x: Array, weight: Array | None, bias: Array | None, axis: Axis, eps: float,
                   centre: bool = True) -> Any:  # fmt: skip
    """`normalize` along the last dimensions, which lie side by side in memory: rows of numbers.

    In blocks of rows that stay in the cache, with sums as products with a vector, which BLAS does at the speed of
    reading, and with pull-backs that share their work: docs/benchmarks.md has the times.
    """
    kind, shape = x.dtype, x.shape
    size = math.prod(shape[axis[0] :])
    x = wide(x).reshape(math.prod(shape[: axis[0]]), size)
    weight_shape, bias_shape = None if weight is None else weight.shape, None if bias is None else bias.shape
    weight, bias = None if weight is None else wide(weight).ravel(), None if bias is None else wide(bias).ravel()
    share = _evenly(size, x.dtype)  # the product with it is the mean
    normal, scale = np.empty_like(x), np.empty((len(x), 1), x.dtype)
    y = normal if weight is bias is None else np.empty_like(x)
    for rows in row_blocks(x):
        part, n = x[rows], normal[rows]
        if centre:
            part = np.subtract(part, np.dot(part, share)[:, None], out=n)
        variance = np.einsum("ij,ij->i", part, part)
        variance *= 1 / max(size, 1)
        variance += eps
        np.sqrt(variance, out=variance)
        spread = np.reciprocal(variance, out=variance)[:, None]
        if not spread.all():  # the squares are too large for the type: nan, not zeros that look like an answer
            spread[spread == 0] = np.nan
        scale[rows] = spread
        np.multiply(part, spread, out=n)
        if weight is not None:
            n = np.multiply(n, weight, out=y[rows])
        if bias is not None:
            np.add(n, bias, out=y[rows])

    def backward(grad: Array) -> Any:
        grad = wide(grad).reshape(normal.shape)
        g, to_weight, to_bias = np.empty_like(normal), np.zeros_like(share), np.zeros_like(share)
        mean = share if weight is None else share * weight  # the product with it is that of grad · weight
        for rows in row_blocks(grad):
            part, n, out = grad[rows], normal[rows], g[rows]
            product, ones = part * n, np.ones(len(part), part.dtype)
            to_weight += np.dot(ones, product)
            to_bias += np.dot(ones, part)
            # What changes the mean or the variance of x changes nothing: it is taken out of grad · weight.
            np.multiply(n, np.dot(product, mean)[:, None], out=out)
            if centre:
                out += np.dot(part, mean)[:, None]
            np.subtract(part if weight is None else np.multiply(part, weight, out=product), out, out=out)
            out *= scale[rows]
        return (
            g.reshape(shape),
            None if weight_shape is None else to_weight.reshape(weight_shape),
            None if bias_shape is None else to_bias.reshape(bias_shape),
        )

    return y.reshape(shape).astype(kind, copy=False), shared(backward, 3)


@functools.lru_cache
def _evenly(size: int, kind: Any) -> Array:
    return np.full(size, 1 / max(size, 1), kind)
