"""Convolution, its transpose, and unfold.

Three matrix products serve them all. With what lies in the windows as columns, (groups, windows, kernel · in/groups), a
convolution is columns @ kernels; its gradients are grad @ kernelsᵀ, put back where the columns came from, and
columnsᵀ @ grad. The transposed convolution is the second of the three, so that its gradients are the others.

The columns are made a part at a time, by one copy that walks over the images in the longest runs it can find, and are
multiplied while in the processor's cache: they are never all in memory, and are made anew for the gradients, unless
one part is all of them.

Shapes are PyTorch's, (n, channels, *size), but in memory the channels of a result are the innermost axis: so windows
are runs of channels. Where those are too short, first layers, the images stay as they are and the runs are along rows.
Of a batch of images so small that one part holds all, the runs are the longest where the images are the innermost axis.
Between the products an array is (groups, channels, n, *size), whichever way it lies in memory.
"""

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.ops import in_float32, row_total, shared
from tinytorch.ops.windows import Sizes, Windows

# Chosen on one core with an L2 cache of 2 MB (docs/benchmarks.md says what the whole buys); each path must equal the
# plain sums in tests/test_conv.py.
_CACHED = 1 << 17  # elements of the columns made at a time, so that they stay in that cache
_SMALL = 1_000_000  # multiplications: up to here OpenBLAS does not pack, which pays where the inner side is short
_RUN = 16  # elements, a cache line: shorter runs are copied more slowly
_FEW = 8  # channels
CHANNELS, IMAGES, ROWS = 1, 2, -1  # axes of (groups, channels, n, *size): one is the innermost in memory

Part = tuple[slice, ...]  # the index of some images, and of some rows in each


@in_float32
def conv(x: Array, weight: Array, bias: Array | None, windows: Windows, groups: int) -> Any:
    """y[o] = bias[o] + Σ_i weight[o, i] · windows of x[i]: (n, in, *size) -> (n, out, *counts)."""
    kept: list[Array] = []
    one = bias is not None  # then there is a column of ones
    return _forth(x, _split(weight, groups), bias, windows, kept), (
        lambda grad: _back(grad, _split(weight, groups), None, windows),
        *shared(lambda grad: _between(x, grad, windows, groups, one, kept), 2),
    )


@in_float32
def conv_transpose(x: Array, weight: Array, bias: Array | None, windows: Windows, groups: int) -> Any:
    """The gradient of `conv` with respect to its input: (n, in, *counts) -> (n, out, *size)."""
    return _back(x, _split(weight, groups), bias, windows), (
        lambda grad: _forth(grad, _split(weight, groups), None, windows),
        lambda grad: _between(grad, x, windows, groups)[0],
        _sums,
    )


def unfold(x: Array, windows: Windows) -> Any:
    """The windows of each image as columns: (..., channels, *size) -> (..., channels · kernel, windows)."""
    axes, shape = len(windows.size), x.shape
    *outer, channels = shape[:-axes]
    places, many = math.prod(windows.kernel), math.prod(windows.counts)
    columns = np.moveaxis(windows.seen(windows.padded(x)), range(-axes, 0), range(-2 * axes, -axes))

    def to_x(grad: Array) -> Array:
        pieces = np.moveaxis(grad.reshape(*outer, channels, places, *windows.counts), len(outer) + 1, 0)
        return windows.spread(pieces, np.zeros(windows.extended(shape), grad.dtype))

    return columns.reshape(*outer, channels * places, many), (to_x,)


# ---------------------------------------------------------------------------------------------- the three products
def _forth(x: Array, weight: Array, bias: Array | None, windows: Windows, kept: list[Array] | None = None) -> Array:
    """columns @ kernels. Where one part holds all columns, they are `kept` for the weight's gradient."""
    groups, out, channels = weight.shape[:3]
    kernels = _kernels(weight)
    inner = _inner((groups, channels, len(x)), windows, out)
    lies = CHANNELS if inner == ROWS and out >= _FEW else inner
    y = _room(np.empty, x.dtype, (groups, out, len(x), *windows.counts), lies)
    if bias is not None:  # as the kernel of a column of ones: to add it afterwards would be one more pass
        kernels = np.concatenate((kernels, bias.reshape(groups, 1, out)), 1)
    for part, columns in _columns(_by_group(x, groups), windows, out, bias is not None):
        np.matmul(columns, kernels, out=_rows(y[part], inner))
    if kept is not None and columns.shape[1] == math.prod(y.shape[2:]):
        kept.append(columns)
    return _as_images(y)


def _back(y: Array, weight: Array, bias: Array | None, windows: Windows) -> Array:
    """y @ kernelsᵀ, put back where the columns came from: the adjoint of `_forth` in x."""
    groups, out, channels = weight.shape[:3]
    inner = _inner((groups, channels, len(y)), windows, out)
    if inner != ROWS and max(windows.stride) == 1 and math.prod(windows.size) <= 2 * math.prod(windows.counts):
        # The windows that see an element form a window, too: a convolution of them is faster than adding up pieces.
        back: Any = (..., *(slice(None, None, -1),) * len(windows.size))
        return _forth(y, weight[back].swapaxes(1, 2), bias, windows.turned())
    y, kernels = _by_group(y, groups), _kernels(weight).swapaxes(1, 2)
    x = _room(np.zeros, y.dtype, (groups, channels, y.shape[2], *windows.extent), inner)
    step = max(1, _CACHED // (math.prod(y.shape[3:]) * kernels[:, 0].size))
    for start in range(0, max(y.shape[2], 1), step):
        images = slice(None), slice(None), slice(start, start + step)
        some = y[images]
        cells, columns = _cells((groups, channels, *some.shape[2:], *windows.kernel), y.dtype, inner)
        np.matmul(_rows(some, inner), kernels, out=columns)
        windows.spread((cells[(..., *place)] for place in np.ndindex(windows.kernel)), x[images])
    x = windows.cut(x)
    if bias is not None:
        x += bias.reshape(groups, channels, *(1,) * (x.ndim - 2))
    return _as_images(x)


def _between(x: Array, y: Array, windows: Windows, groups: int, one: bool = False,
             kept: Sequence[Array] = ()) -> tuple[Array, Array]:  # fmt: skip
    """columnsᵀ @ y: the adjoint of `_forth` in the weight; and, of the column of ones, in the bias."""
    x, y = _by_group(x, groups), _by_group(y, groups)
    channels, out = x.shape[1], y.shape[1]
    inner = _inner(x.shape[:3], windows, out)
    size = math.prod(windows.kernel) * channels
    whole = np.zeros((groups, size + one, out), y.dtype)
    for part, columns in [((), each) for each in kept] or _columns(x, windows, out, one):
        whole += columns.swapaxes(1, 2) @ _rows(y[part], inner)
    kernels = whole[:, :size].reshape(groups, *windows.kernel, channels, out)
    weight = kernels.transpose(0, -1, -2, *range(1, kernels.ndim - 2))
    return weight.reshape(groups * out, channels, *windows.kernel), whole[:, size:].ravel()


def _sums(grad: Array) -> Array:
    """The sum of each channel: the adjoint of adding the bias."""
    return np.asarray(row_total(_rows(_by_group(grad, 1))[0]))


# ---------------------------------------------------------------------------------------------- columns
def _columns(x: Array, windows: Windows, out: int, one: bool = False) -> Iterator[tuple[Part, Array]]:
    """Part after part of the windows as columns, (groups, windows, kernel · channels), to multiply by `out` kernels.

    With `one`, there is one more column, of ones.
    """
    inner = _inner(x.shape[:3], windows, out)
    seen = windows.seen(_laid(x, windows, inner))  # (groups, channels, n, *counts, *kernel)
    shape: Sizes = ()
    for part in _parts(x.shape[:3], windows, out):
        some = seen[part]
        if some.shape != shape:
            shape = some.shape
            cells, columns = _cells(shape, x.dtype, inner, one)
        np.copyto(cells, some)
        yield part, columns


@functools.lru_cache
def _inner(shape: Sizes, windows: Windows, out: int) -> int:
    """The axis along which the runs to copy are: that of the images saves W4 a twentieth of its step."""
    _, channels, n = shape
    if n >= _RUN and len(_parts(shape, windows, out)) == 1:
        return IMAGES
    across = channels * (windows.kernel[-1] if windows.dilation[-1] == 1 else 1)
    return ROWS if across < min(_RUN, windows.counts[-1] if windows.stride[-1] == 1 else 1) else CHANNELS


@functools.lru_cache
def _parts(shape: Sizes, windows: Windows, out: int) -> tuple[Part, ...]:
    """So many images at a time, or so many rows of one image, as leave their columns in the cache."""
    groups, channels, n = shape
    each, size = math.prod(windows.counts), channels * math.prod(windows.kernel)
    many, product = _CACHED // max(1, groups * size), _SMALL // max(1, size * out)
    many = max(1, min(many, product) if product >= 128 else many)
    images, rows = max(1, many // each), -(-windows.counts[0] // max(1, round(each / many)))
    every = slice(None)
    starts = [(i, row) for i in range(0, max(n, 1), images) for row in range(0, windows.counts[0], rows)]
    return tuple((every, every, slice(i, i + images), slice(row, row + rows)) for i, row in starts)


def _cells(shape: Sizes, kind: np.dtype[Any], inner: int, one: bool = False) -> tuple[Array, Array]:
    """Room for columns, seen as (groups, channels, n, *counts, *kernel) and as (groups, windows, kernel · channels)."""
    groups, channels, *places = shape
    axes = (len(places) - 1) // 2
    counts, kernel = places[: axes + 1], places[axes + 1 :]  # counts: with the images
    rows, size = math.prod(counts), math.prod(kernel) * channels
    if inner == CHANNELS:
        columns = np.empty((groups, rows, size + one), kind)
        cells = columns[..., :size].reshape(groups, *counts, *kernel, channels)
        cells = cells.transpose(0, -1, *range(1, cells.ndim - 1))
    else:
        columns = np.empty((groups, size + one, rows), kind).swapaxes(1, 2)
        counts = [*counts[1:], counts[0]] if inner == IMAGES else counts
        cells = columns[..., :size].swapaxes(1, 2).reshape(groups, *kernel, channels, *counts)
        order = range(axes + 2, cells.ndim) if inner == ROWS else (-1, *range(axes + 2, cells.ndim - 1))
        cells = cells.transpose(0, axes + 1, *order, *range(1, axes + 1))
    columns[..., size:] = 1
    return cells, columns


# ---------------------------------------------------------------------------------------------- how arrays lie
def _split(weight: Array, groups: int) -> Array:
    """(out, in/groups, *kernel) -> (groups, out/groups, in/groups, *kernel)."""
    return weight.reshape(groups, len(weight) // groups, *weight.shape[1:])


def _kernels(weight: Array) -> Array:
    """(groups, out, in, *kernel) -> (groups, kernel · in, out)."""
    return weight.transpose(0, *range(3, weight.ndim), 2, 1).reshape(len(weight), -1, weight.shape[1])


def _by_group(x: Array, groups: int) -> Array:
    """(n, groups · channels, *size) -> (groups, channels, n, *size), a view."""
    return x.swapaxes(0, 1).reshape(groups, x.shape[1] // groups, len(x), *x.shape[2:])


def _as_images(x: Array) -> Array:
    """(groups, channels, n, *size) -> (n, groups · channels, *size), a view."""
    return x.reshape(x.shape[0] * x.shape[1], *x.shape[2:]).swapaxes(0, 1)


def _rows(x: Array, inner: int = CHANNELS) -> Array:
    """(groups, channels, n, *size) -> (groups, windows, channels), a view of what lies as `_room` lays it."""
    if inner == IMAGES:
        x = x.transpose(0, 1, *range(3, x.ndim), 2)
    return x.reshape(*x.shape[:2], math.prod(x.shape[2:])).swapaxes(1, 2)


def _room(make: Callable[..., Array], kind: np.dtype[Any], shape: Sizes, inner: int) -> Array:
    """An array (groups, channels, n, *size) that lies in memory so, or with the channels or the images innermost."""
    groups, channels, n, *size = shape
    if inner == CHANNELS:
        return make((n, *size, groups, channels), kind).transpose(-2, -1, *range(len(size) + 1))
    if inner == IMAGES:
        return make((groups, channels, *size, n), kind).transpose(0, 1, -1, *range(2, len(size) + 2))
    return make(shape, kind)


def _laid(x: Array, windows: Windows, inner: int) -> Array:
    """What the windows lie on, with the runs to copy in order in memory."""
    if windows.fit and x.strides[inner] == x.itemsize:
        return windows.padded(x)
    return windows.put(x, _room(np.zeros, x.dtype, (*x.shape[:3], *windows.extent), inner))
