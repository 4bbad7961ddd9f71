"""Convolution, pooling, padding, resizing: each against loops over windows, channels and places in the kernel."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from hypothesis import strategies as st

from tables.drawing import Row, distinct
from tinytorch.nn import functional as F


# ------------------------------------------------------------------------------------------------ definitions
def window(start, kernel, dilation, size):
    """(place in the kernel, index in the input) of what a window that starts at `start` covers of the input."""
    for place in product(*map(range, kernel)):
        at = tuple(s + d * p for s, d, p in zip(start, dilation, place))
        if all(0 <= a < n for a, n in zip(at, size)):
            yield place, at


def starts(counts, stride, padding):
    for i in product(*map(range, counts)):
        yield i, tuple(s * k - p for s, k, p in zip(stride, i, padding))


def how_many(size, kernel, stride, padding, dilation):
    return tuple(
        len(range(0, n + 2 * p - d * (k - 1), s)) for n, k, s, p, d in zip(size, kernel, stride, padding, dilation)
    )


def convolution(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    kernel, size = weight.shape[2:], x.shape[2:]
    counts = how_many(size, kernel, stride, padding, dilation)
    y = np.zeros((len(x), len(weight), *counts))
    for n, o in product(range(len(x)), range(len(weight))):
        first = o // (len(weight) // groups) * weight.shape[1]  # the first channel of the group
        for i, start in starts(counts, stride, padding):
            for place, at in window(start, kernel, dilation, size):
                y[(n, o, *i)] += sum(x[(n, first + c, *at)] * weight[(o, c, *place)] for c in range(weight.shape[1]))
    return y if bias is None else y + bias.reshape(-1, *[1] * len(kernel))


def transposed(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    kernel, counts = weight.shape[2:], x.shape[2:]
    settings = zip(counts, stride, padding, dilation, kernel, output_padding)
    size = [(c - 1) * s - 2 * p + d * (k - 1) + 1 + m for c, s, p, d, k, m in settings]
    y = np.zeros((len(x), weight.shape[1] * groups, *size))
    for n, i in product(range(len(x)), range(len(weight))):
        first = i // (len(weight) // groups) * weight.shape[1]
        for j, start in starts(counts, stride, padding):
            for place, at in window(start, kernel, dilation, size):
                for o in range(weight.shape[1]):
                    y[(n, first + o, *at)] += x[(n, i, *j)] * weight[(i, o, *place)]
    return y if bias is None else y + bias.reshape(-1, *[1] * len(kernel))


def unfolded(x, kernel_size, stride, padding, dilation):
    counts = how_many(x.shape[2:], kernel_size, stride, padding, dilation)
    columns = np.zeros((*x.shape[:2], *kernel_size, *counts))
    for i, start in starts(counts, stride, padding):
        for place, at in window(start, kernel_size, dilation, x.shape[2:]):
            columns[(..., *place, *i)] = x[(..., *at)]
    return columns.reshape(len(x), -1, math.prod(counts))


def pooled(x, value, kernel_size, stride, padding, dilation=(1, 1)):
    size = x.shape[-len(kernel_size) :]
    counts = how_many(size, kernel_size, stride, padding, dilation)
    y = np.zeros((*x.shape[: -len(kernel_size)], *counts))
    for i, start in starts(counts, stride, padding):
        y[(..., *i)] = value([x[(..., *at)] for _, at in window(start, kernel_size, dilation, size)])
    return y


def largest(x, **how):
    return pooled(x, lambda elements: np.max(elements, 0), **how)


def average(x, count_include_pad, divisor_override, **how):
    full = math.prod(how["kernel_size"]) if count_include_pad else None
    return pooled(x, lambda elements: sum(elements) / (divisor_override or full or len(elements)), **how)


def regions(x, output_size, value):
    y = np.zeros((*x.shape[:2], *output_size))
    for i in product(*map(range, output_size)):
        ends = [(n * k // m, -(-n * (k + 1) // m)) for n, k, m in zip(x.shape[2:], i, output_size)]
        y[(..., *i)] = value(x[(..., *(slice(a, b) for a, b in ends))], (2, 3))
    return y


def padded(x, pad, mode, value):
    widths = [(0, 0)] * (x.ndim - len(pad) // 2) + list(zip(pad[::2], pad[1::2]))[::-1]
    grown = [(max(a, 0), max(b, 0)) for a, b in widths]
    names = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    y = np.pad(x, grown, names[mode], **({"constant_values": value} if mode == "constant" else {}))
    return y[tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(widths, y.shape))]


def nearest(x, size):
    y = np.zeros((*x.shape[:2], *size))
    for i in product(*map(range, size)):
        y[(..., *i)] = x[(..., *(k * n // m for k, n, m in zip(i, x.shape[2:], size)))]
    return y


def bilinear(x, size, align_corners):
    for axis, new in zip((2, 3), size):
        old = x.shape[axis]
        at = np.linspace(0, old - 1, new) if align_corners else (np.arange(new) + 0.5) * old / new - 0.5
        x = np.apply_along_axis(lambda line, at=at, old=old: np.interp(at, np.arange(old), line), axis, x)
    return x


def shuffled(x, r):
    y = np.zeros((len(x), x.shape[1] // r**2, x.shape[2] * r, x.shape[3] * r))
    for n, c, h, w in np.ndindex(y.shape):
        y[n, c, h, w] = x[n, c * r**2 + h % r * r + w % r, h // r, w // r]
    return y


# ------------------------------------------------------------------------------------------------ calls
def numbers(n, least, most):
    return st.tuples(*[st.integers(least, most)] * n)


@st.composite
def settings(draw, n):
    """Kernel, stride, padding and dilation on n axes, and a size that holds a window."""
    kernel, stride, dilation = draw(numbers(n, 1, 3)), draw(numbers(n, 1, 2)), draw(numbers(n, 1, 2))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    reach = [d * (k - 1) + 1 - 2 * p for d, k, p in zip(dilation, kernel, padding)]
    size = tuple(max(1, r) + draw(st.integers(0, 2)) for r in reach)
    return size, {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}


@st.composite
def convolved(draw, n, bias):
    size, options = draw(settings(n))
    batch, groups, i, o = (draw(st.integers(1, 2)) for _ in "ngio")
    kernel = options.pop("kernel_size")
    shapes = [(batch, i * groups, *size), (o * groups, i, *kernel), (o * groups,)]
    return shapes[: 2 + bias], {**options, "groups": groups}


@st.composite
def spread(draw, n, bias):
    (x, weight, *_), options = draw(convolved(n, bias))
    counts = how_many(x[2:], weight[2:], options["stride"], options["padding"], options["dilation"])
    more = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(options["stride"], options["dilation"]))
    shapes = [(x[0], weight[0], *counts), weight, (x[1],)]
    return shapes[: 2 + bias], {**options, "output_padding": more}


@st.composite
def kernels(draw, kind):
    size, options = draw(settings(2))
    batch, channels = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    if kind == "avg_pool":
        del options["dilation"]
        options["count_include_pad"] = draw(st.booleans())
        options["divisor_override"] = draw(st.sampled_from([None, 3]))
    return [(batch, channels, *size)], options


@st.composite
def one_axis(draw, n=1):
    (size,), options = draw(kernels("max_pool"))
    return [size[:-1]], {name: value[:1] for name, value in options.items()}


@st.composite
def resized(draw, **options):
    size = (draw(st.integers(1, 2)), 1, *draw(numbers(2, 1, 4)))
    chosen = {name: draw(make) for name, make in options.items()}
    return [size], chosen


@st.composite
def bordered(draw, mode):
    least = 0 if mode != "constant" else -1
    size = draw(st.tuples(st.just(1), st.just(2), *[st.integers(2, 3)] * 2))
    return [size], {"pad": draw(numbers(4, least, 1)), "mode": mode, "value": draw(st.sampled_from([0.0, 2.5]))}


def shuffles():
    return st.tuples(st.integers(1, 2), st.integers(1, 2)).map(lambda n: ([(1, n[0] * n[1] ** 2, 2, 1)], {"r": n[1]}))


ROWS = [
    *(
        Row(f"{name} with {bias} bias", function, definition, calls(n, bias))
        for name, function, definition, n, calls in (
            ("conv1d", F.conv1d, convolution, 1, convolved),
            ("conv2d", F.conv2d, convolution, 2, convolved),
            ("conv_transpose1d", F.conv_transpose1d, transposed, 1, spread),
            ("conv_transpose2d", F.conv_transpose2d, transposed, 2, spread),
        )
        for bias in (0, 1)
    ),
    Row("unfold", F.unfold, unfolded, kernels("unfold")),
    Row("max_pool1d", F.max_pool1d, largest, one_axis(), (distinct,)),
    Row("max_pool2d", F.max_pool2d, largest, kernels("max_pool"), (distinct,)),
    Row("avg_pool2d", F.avg_pool2d, average, kernels("avg_pool")),
    Row(
        "adaptive_avg_pool2d",
        F.adaptive_avg_pool2d,
        lambda x, output_size: regions(x, output_size, np.mean),
        resized(output_size=numbers(2, 1, 5)),
    ),
    Row(
        "adaptive_max_pool2d",
        F.adaptive_max_pool2d,
        lambda x, output_size: regions(x, output_size, np.max),
        resized(output_size=numbers(2, 1, 5)),
        (distinct,),
    ),
    *(Row(f"pad {mode}", F.pad, padded, bordered(mode)) for mode in ("constant", "reflect", "replicate", "circular")),
    Row("interpolate nearest", F.interpolate, nearest, resized(size=numbers(2, 1, 5))),
    Row(
        "interpolate bilinear",
        lambda x, size, align_corners: F.interpolate(x, size, mode="bilinear", align_corners=align_corners),
        bilinear,
        resized(size=numbers(2, 2, 5), align_corners=st.booleans()),
    ),
    Row("pixel_shuffle", lambda x, r: F.pixel_shuffle(x, r), shuffled, shuffles()),
    Row("pixel_shuffle back", lambda x, r: F.pixel_unshuffle(F.pixel_shuffle(x, r), r), lambda x, r: x, shuffles()),
]
