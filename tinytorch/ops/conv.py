"""Convolution, its transpose, and unfold.

Three matrix products serve them all. With the windows of each image as columns, (image, group, in/groups · kernel,
windows), a convolution is weight @ columns; its gradients are weightᵀ @ grad, put back where the columns came from,
and grad @ columnsᵀ. The transposed convolution is the second of the three, so that its gradients are the others.
"""

import math
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.ops import total
from tinytorch.ops.windows import Windows

_CACHED = 1 << 18  # elements


def conv(x: Array, weight: Array, bias: Array | None, windows: Windows, groups: int) -> Any:
    """y[o] = bias[o] + Σ_i weight[o, i] · windows of x[i]: (n, in, *size) -> (n, out, *counts)."""
    return _plus(bias, _forth(x, weight, windows, groups)), (
        lambda grad: _back(grad, weight, windows, groups),
        lambda grad: _between(x, grad, windows, groups),
        lambda grad: total(grad, (0, *range(2, grad.ndim))),
    )


def conv_transpose(x: Array, weight: Array, bias: Array | None, windows: Windows, groups: int) -> Any:
    """The gradient of `conv` with respect to its input: (n, in, *counts) -> (n, out, *size)."""
    return _plus(bias, _back(x, weight, windows, groups)), (
        lambda grad: _forth(grad, weight, windows, groups),
        lambda grad: _between(grad, x, windows, groups),
        lambda grad: total(grad, (0, *range(2, grad.ndim))),
    )


def unfold(x: Array, windows: Windows) -> Any:
    """The windows of each image as columns: (..., channels, *size) -> (..., channels · kernel, windows)."""
    return _columns(x, windows), (lambda grad: _image(grad, windows),)


# ---------------------------------------------------------------------------------------------- columns
def _columns(x: Array, windows: Windows) -> Array:
    *outer, channels = x.shape[: -len(windows.size)]
    places = math.prod(windows.kernel)
    columns = np.empty((*outer, channels, places, *windows.counts), x.dtype)
    for place, view in zip(np.moveaxis(columns, len(outer) + 1, 0), windows.over(x)):
        place[...] = view
    return columns.reshape(*outer, channels * places, math.prod(windows.counts))


def _image(columns: Array, windows: Windows) -> Array:
    *outer, rows, _ = columns.shape
    places = math.prod(windows.kernel)
    split = columns.reshape(*outer, rows // places, places, *windows.counts)
    return windows.spread(np.moveaxis(split, len(outer) + 1, 0), (*outer, rows // places), columns.dtype)


# ---------------------------------------------------------------------------------------------- the three products
def _forth(x: Array, weight: Array, windows: Windows, groups: int) -> Array:
    """weight @ columns."""
    kernels = _kernels(weight, groups)
    y = np.concatenate([kernels @ _grouped(_columns(some, windows), groups) for some in _parts(x, x.shape[1], windows)])
    return y.reshape(len(x), len(weight), *windows.counts)


def _back(y: Array, weight: Array, windows: Windows, groups: int) -> Array:
    """weightᵀ @ y, put back where the columns came from: the adjoint of `_forth` in x."""
    kernels, channels = _kernels(weight, groups).swapaxes(1, 2), groups * weight.shape[1]
    parts = (kernels @ _grouped(some, groups) for some in _parts(y, channels, windows))  # (n, groups, rows, windows)
    return np.concatenate([_image(p.reshape(len(p), groups * p.shape[2], p.shape[3]), windows) for p in parts])


def _between(x: Array, y: Array, windows: Windows, groups: int) -> Array:
    """y @ columnsᵀ: the adjoint of `_forth` in the weight."""
    parts = zip(_parts(x, x.shape[1], windows), _parts(y, x.shape[1], windows))
    products = (_grouped(b, groups) @ _grouped(_columns(a, windows), groups).swapaxes(2, 3) for a, b in parts)
    whole = sum(product.sum(0) for product in products)  # (groups, out/groups, in/groups · kernel)
    return whole.reshape(y.shape[1], x.shape[1] // groups, *windows.kernel)


def _kernels(weight: Array, groups: int) -> Array:
    return weight.reshape(groups, len(weight) // groups, math.prod(weight.shape[1:]))


def _grouped(x: Array, groups: int) -> Array:
    return x.reshape(len(x), groups, x.shape[1] // groups, math.prod(x.shape[2:]))


def _parts(x: Array, channels: int, windows: Windows) -> list[Array]:
    """Some images at a time, as many as have columns that stay in the processor's cache."""
    step = max(1, _CACHED // (channels * math.prod(windows.kernel + windows.counts)))
    return [x[start : start + step] for start in range(0, max(len(x), 1), step)]


def _plus(bias: Array | None, y: Array) -> Array:
    if bias is not None:
        y += bias.reshape(-1, *(1,) * (y.ndim - 2))
    return y
