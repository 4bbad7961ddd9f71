"""The functions of tensors: each with the plain definition that it must equal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch as torch
from tables.drawing import (
    REDUCTIONS,
    Row,
    along,
    assigned,
    basic_index,
    bool_mask,
    broadcast,
    chosen_axes,
    classified,
    distinct,
    expanded,
    flattened,
    gathered,
    halves,
    joined,
    layer,
    masked,
    mixed_index,
    moved,
    narrowed,
    nonzero,
    off_grid,
    on_grid,
    one,
    permuted,
    positive,
    products,
    real,
    reduced,
    repeated,
    reshaped,
    same,
    sections,
    sizes,
    stacked,
    two_arrays,
    two_dims,
    unit,
    with_correction,
    with_mask,
)
from tinytorch.nn import functional as F


# ------------------------------------------------------------------------------------------------ definitions
def elementwise_of(function):
    return np.vectorize(function, otypes=[float])


def extreme(of, kept):
    """The extreme of each line by comparing its elements one by one."""

    def definition(x, dim=None, keepdim=False):
        axes = chosen_axes(x.shape, dim)
        out = np.empty([1 if i in axes else n for i, n in enumerate(x.shape)])
        for place in np.ndindex(out.shape):
            line = x[tuple(slice(None) if i in axes else j for i, j in enumerate(place))]
            out[place] = of(line.ravel().tolist())
        return out if keepdim and kept else out.reshape([n for i, n in enumerate(x.shape) if i not in axes])

    return definition


def p_norm(p):
    choose = {math.inf: max, -math.inf: min}.get(p, lambda sizes: sum(v**p for v in sizes) ** (1 / p))
    return extreme(lambda line: choose([abs(v) for v in line]), True)


def variance(x, dim=None, keepdim=False, correction=1):
    def of(line):
        mean = math.fsum(line) / len(line)
        return math.fsum((v - mean) ** 2 for v in line) / (len(line) - correction)

    return extreme(of, True)(x, dim, keepdim)


def remaining(x, steps):
    """Index axis by axis from the last, which is what PyTorch means where NumPy would move dimensions."""
    for axis, step in reversed(list(enumerate(steps))):
        one_slice = isinstance(step, slice)
        x = x[(slice(None),) * axis + (step,)] if one_slice else np.take(x, np.asarray(step, np.intp), axis)
    return x


def at_two(x, a, b, p, q):
    a, b = np.broadcast_arrays(a, b)
    (rest,) = {0, 1, 2} - {p, q}
    found = np.empty((*a.shape, x.shape[rest]))
    for place in np.ndindex(a.shape):
        for r in range(x.shape[rest]):
            at = {p: a[place], q: b[place], rest: r}
            found[(*place, r)] = x[at[0], at[1], at[2]]
    return np.moveaxis(found, -1, 0) if (rest, p, q) == (0, 1, 2) else found


def where_true(x, mask):
    rows = [x[place] for place in np.ndindex(mask.shape) if mask[place]]
    return np.stack(rows) if rows else np.empty((0, *x.shape[mask.ndim :]))


def gathered_one_by_one(x, dim, index):
    y = np.empty(index.shape)
    for place in np.ndindex(index.shape):
        at = list(place)
        at[dim] = index[place]
        y[place] = x[tuple(at)]
    return y


def product_of_rows(x, w, b=None):
    y = np.array([[sum(x_k * w_k for x_k, w_k in zip(row, unit)) for unit in w] for row in x.reshape(-1, x.shape[-1])])
    return y.reshape(*x.shape[:-1], len(w)) + (0 if b is None else b)


def softmax_of_line(x, dim):
    def of(line):
        total = math.fsum(map(math.exp, line))
        return [math.exp(v) / total for v in line]

    return np.apply_along_axis(of, dim, x) if x.ndim else np.ones(())


def reduce_losses(losses, reduction):
    with np.errstate(invalid="ignore"):
        return {"none": losses, "sum": losses.sum(), "mean": losses.sum() / np.float64(losses.size)}[reduction]


def entropy_one_by_one(x, target, reduction):
    rows = np.moveaxis(x, 1, -1) if x.ndim > 1 else x
    losses = np.empty(target.shape)
    for place in np.ndindex(target.shape):
        scores = rows[place].tolist()
        losses[place] = math.log(sum(map(math.exp, scores))) - scores[target[place]]
    return reduce_losses(losses, reduction)


def binary_entropy(x, t, reduction):
    s = 1 / (1 + np.exp(-x))
    return reduce_losses(-t * np.log(s) - (1 - t) * np.log(1 - s), reduction)


def assign(x, value, index):
    y = x.copy()
    y[index] = value
    return y


# ------------------------------------------------------------------------------------------------ functions
def set_part(x, value, index):
    y = x.clone()
    y[torch.from_numpy(index) if isinstance(index, np.ndarray) else index] = value
    return y


def get(x, index):
    parts = index if isinstance(index, tuple) else (index,)
    return x[tuple(torch.from_numpy(p) if isinstance(p, np.ndarray) else p for p in parts)]


def get_two(x, a, b, p, q):
    index: list[Any] = [slice(None)] * 3
    index[p], index[q] = torch.from_numpy(a), torch.from_numpy(b)
    return x[tuple(index)]


def write_through_a_view(x, v):
    y = x * 1
    y.t()[1:].copy_(v)
    return y


def seeded_dropout(x):
    torch.manual_seed(1)
    return F.dropout(x, 0.4)


def numpy_chunks(x, chunks, dim):
    step = math.ceil(x.shape[dim] / chunks)
    return tuple(np.take(x, range(i, min(i + step, x.shape[dim])), dim) for i in range(0, x.shape[dim], step))


def numpy_split(x, sections, dim):
    n = x.shape[dim]
    ends = range(sections, n, sections) if isinstance(sections, int) else np.cumsum(sections)[:-1]
    return tuple(np.split(x, ends, dim))


ROWS = [
    # two operands
    Row("add", torch.add, np.add, broadcast(2)),
    Row("add alpha", lambda a, b: a.add(b, alpha=2.5), lambda a, b: a + 2.5 * b, broadcast(2)),
    Row("sub", torch.sub, np.subtract, broadcast(2)),
    Row("number - x", lambda x: 5 - x, lambda x: 5 - x),
    Row("mul", torch.mul, np.multiply, broadcast(2)),
    Row("mul by a number", lambda x: 2.5 * x, lambda x: x + x + x / 2),
    Row("div", torch.div, np.divide, broadcast(2), (real, nonzero)),
    Row("number / x", lambda x: 5 / x, lambda x: 5 / x, domains=(nonzero,)),
    Row("pow", torch.pow, np.power, broadcast(2), (positive, real)),
    *(
        Row(f"pow {p}", lambda x, p=p: x**p, lambda x, p=p: np.power(x, p), domains=(domain,))
        for p, domain in [(0, real), (1, real), (2, real), (3, real), (-1, nonzero), (0.5, positive), (-1.5, positive)]
    ),
    Row("number ** x", lambda x: 2.5**x, lambda x: np.exp(x * math.log(2.5))),
    Row("remainder", torch.remainder, lambda a, b: a - b * np.floor(a / b), broadcast(2), (off_grid, halves)),
    Row("maximum", torch.maximum, lambda a, b: np.where(a > b, a, b), broadcast(2), (on_grid, off_grid)),
    Row("minimum", torch.minimum, lambda a, b: np.where(a < b, a, b), broadcast(2), (on_grid, off_grid)),
    Row(
        "where",
        lambda a, b, mask: torch.where(torch.tensor(mask), a, b),
        lambda a, b, mask: mask * a + (1 - mask) * b,
        with_mask(2),
    ),
    Row(
        "masked_fill",
        lambda x, mask: x.masked_fill(torch.tensor(mask), 7.0),
        lambda x, mask: mask * 7.0 + (1 - mask) * x,
        masked(),
    ),
    Row(
        "masked_fill by a tensor",
        lambda x, value, mask: x.masked_fill(torch.tensor(mask), value),
        lambda x, value, mask: mask * value + (1 - mask) * x,
        masked().map(lambda call: ([*call[0], ()], call[1])),
    ),
    # one operand
    Row("neg", torch.neg, lambda x: 0 - x),
    Row("abs", torch.abs, lambda x: np.sqrt(x * x), domains=(nonzero,)),
    Row("exp", torch.exp, elementwise_of(math.exp)),
    Row("log", torch.log, elementwise_of(math.log), domains=(positive,)),
    Row("log2", torch.log2, elementwise_of(math.log2), domains=(positive,)),
    Row("log10", torch.log10, elementwise_of(math.log10), domains=(positive,)),
    Row("log1p", torch.log1p, elementwise_of(math.log1p), domains=(positive,)),
    Row("sqrt", torch.sqrt, elementwise_of(math.sqrt), domains=(positive,)),
    Row("rsqrt", torch.rsqrt, lambda x: x**-0.5, domains=(positive,)),
    Row("reciprocal", torch.reciprocal, lambda x: 1 / x, domains=(nonzero,)),
    Row("square", torch.square, lambda x: x * x),
    Row("sin", torch.sin, elementwise_of(math.sin)),
    Row("cos", torch.cos, elementwise_of(math.cos)),
    Row("tanh", torch.tanh, elementwise_of(math.tanh)),
    Row("sigmoid", torch.sigmoid, lambda x: np.exp(x) / (1 + np.exp(x))),
    Row("erf", torch.erf, elementwise_of(math.erf)),
    Row("relu", F.relu, lambda x: (x + abs(x)) / 2, domains=(nonzero,)),
    Row("gelu", F.gelu, elementwise_of(lambda x: x * 0.5 * (1 + math.erf(x / math.sqrt(2))))),
    Row(
        "gelu tanh",
        lambda x: F.gelu(x, approximate="tanh"),
        elementwise_of(lambda x: 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))),
    ),
    Row("clamp", lambda x: x.clamp(-0.5, 1), lambda x: np.minimum(np.maximum(x, -0.5), 1), domains=(off_grid,)),
    Row("clamp min", lambda x: x.clamp(min=0.5), lambda x: np.where(x < 0.5, 0.5, x), domains=(off_grid,)),
    Row("clamp max", lambda x: x.clamp(max=0.5), lambda x: np.where(x > 0.5, 0.5, x), domains=(off_grid,)),
    Row(
        "clamp by tensors",
        torch.clamp,
        lambda x, low, high: np.minimum(np.maximum(x, low), high),
        broadcast(3),
        (off_grid, on_grid, lambda rng, size: on_grid(rng, size) + 0.125),
    ),
    Row("floor", torch.floor, elementwise_of(math.floor), domains=(off_grid,)),
    Row("ceil", torch.ceil, elementwise_of(math.ceil), domains=(off_grid,)),
    Row("round", torch.round, elementwise_of(round), domains=(off_grid,)),
    Row("sign", torch.sign, lambda x: x / abs(x), domains=(nonzero,)),
    Row(
        "div trunc",
        lambda a, b: a.div(b, rounding_mode="trunc"),
        lambda a, b: elementwise_of(math.trunc)(a / b) if (a / b).size else a / b,
        broadcast(2),
        (off_grid, halves),
    ),
    Row(
        "div floor",
        lambda a, b: a.div(b, rounding_mode="floor"),
        lambda a, b: np.floor(a / b),
        broadcast(2),
        (off_grid, halves),
    ),
    Row("clone", torch.clone, np.copy),
    Row(
        "copy_",
        lambda x, v: x.clone().copy_(v),
        lambda x, v: np.zeros(x.shape) + v,
        expanded().map(lambda call: ([call[1]["into"], *call[0]], {})),
    ),
    Row("dropout", seeded_dropout, lambda x: x / 0.6 * (seeded_dropout(torch.ones(x.shape)).numpy() > 0)),
    # along dimensions
    Row("sum", torch.sum, extreme(math.fsum, True), reduced(min_side=0)),
    Row("mean", torch.mean, extreme(lambda line: math.fsum(line) / len(line), True), reduced()),
    Row("prod", torch.prod, extreme(math.prod, True), reduced(several=False)),
    Row(
        "prod with zeros",
        torch.prod,
        extreme(math.prod, True),
        reduced(several=False),
        (lambda r, s: r.choice([0.0, 2], s),),
    ),
    Row("var", torch.var, variance, with_correction(2)),
    Row("std", torch.std, lambda *a, **o: np.sqrt(variance(*a, **o)), with_correction(2), (distinct,)),
    Row("amax", torch.amax, extreme(max, True), reduced(optional=False), (distinct,)),
    Row("amin", torch.amin, extreme(min, True), reduced(optional=False), (distinct,)),
    Row("max", torch.max, extreme(max, True), one(min_side=1), (distinct,)),
    Row("min", torch.min, extreme(min, True), one(min_side=1), (distinct,)),
    Row(
        "max along",
        lambda x, **o: torch.max(x, **o).values,
        extreme(max, True),
        reduced(several=False, optional=False),
        (distinct,),
    ),
    Row(
        "min along",
        lambda x, **o: torch.min(x, **o).values,
        extreme(min, True),
        reduced(several=False, optional=False),
        (distinct,),
    ),
    Row(
        "logsumexp",
        torch.logsumexp,
        extreme(lambda line: math.log(math.fsum(map(math.exp, line))), True),
        reduced(optional=False),
    ),
    Row("cumsum", torch.cumsum, lambda x, dim: np.cumsum(x, dim), along()),
    *(
        Row(f"norm {p}", lambda x, p=p, **o: torch.norm(x, p, **o), p_norm(p), reduced(), (distinct,))
        for p in (1, 2, 3, -1, math.inf, -math.inf)
    ),
    Row("softmax", F.softmax, softmax_of_line, reduced(several=False, optional=False, keep=False)),
    Row(
        "log_softmax",
        F.log_softmax,
        lambda x, dim: np.log(softmax_of_line(x, dim)),
        reduced(several=False, optional=False, keep=False),
    ),
    # shapes
    Row("reshape", lambda x, into: x.reshape(into), lambda x, into: np.reshape(x, into), reshaped()),
    Row("view", lambda x, into: x.contiguous().view(into), lambda x, into: np.reshape(x, into), reshaped()),
    Row("permute", lambda x, dims: x.permute(dims), lambda x, dims: np.transpose(x, dims), permuted()),
    Row("transpose", torch.transpose, lambda x, dim0, dim1: np.swapaxes(x, dim0, dim1), two_dims(dim0=0, dim1=1)),
    Row("movedim", torch.movedim, np.moveaxis, moved()),
    Row("T", lambda x: x.t(), lambda x: x.T, one().filter(lambda c: len(c[0][0]) < 3)),
    Row("mT", lambda x: x.mT, lambda x: np.swapaxes(x, -1, -2), one(min_dims=2)),
    Row("unsqueeze", torch.unsqueeze, lambda x, dim: np.expand_dims(x, dim), stacked().map(lambda c: (c[0][:1], c[1]))),
    Row("squeeze", torch.squeeze, np.squeeze),
    Row("squeeze dim", torch.squeeze, lambda x, dim: np.squeeze(x, dim) if x.shape[dim] == 1 else x, along()),
    Row(
        "flatten",
        lambda x, start, end: x.flatten(start, end),
        lambda x, start, end: x.reshape(
            *x.shape[:start], math.prod(x.shape[start : end % max(x.ndim, 1) + 1]), *x.shape[end % max(x.ndim, 1) + 1 :]
        ),
        flattened(),
    ),
    Row(
        "unflatten",
        lambda x: x.flatten().unflatten(0, (x.shape[0], -1)),
        lambda x: x.reshape(len(x), -1),
        one(min_dims=1, min_side=1),
    ),
    Row("expand", lambda x, into: x.expand(into), lambda x, into: np.ones(into) * x, expanded()),
    Row("repeat", lambda x, times: x.repeat(times), lambda x, times: np.tile(x, times), repeated()),
    Row("flip", lambda x, dim: x.flip(dim), lambda x, dim: np.take(x, range(x.shape[dim])[::-1], dim), along()),
    Row("cat", lambda *xs, dim: torch.cat(xs, dim), lambda *xs, dim: np.concatenate(xs, dim), joined()),
    Row("stack", lambda *xs, dim: torch.stack(xs, dim), lambda *xs, dim: np.stack(xs, dim), stacked()),
    Row("split", lambda x, sections, dim: x.split(sections, dim), numpy_split, along(sections=sections)),
    Row("chunk", torch.chunk, numpy_chunks, along(chunks=lambda n: st.integers(1, 4))),
    Row("unbind", torch.unbind, lambda x, dim: tuple(np.take(x, i, dim) for i in range(x.shape[dim])), along()),
    Row(
        "narrow", torch.narrow, lambda x, dim, start, length: np.take(x, range(start, start + length), dim), narrowed()
    ),
    Row(
        "select",
        torch.select,
        lambda x, dim, index: np.take(x, index, dim),
        along(index=lambda n: st.integers(-n, n - 1)),
    ),
    Row("tril", torch.tril, lambda x, diagonal: np.tril(x, diagonal), one(min_dims=2, diagonal=st.integers(-2, 2))),
    Row("triu", torch.triu, lambda x, diagonal: np.triu(x, diagonal), one(min_dims=2, diagonal=st.integers(-2, 2))),
    # indices
    Row("x[slices and numbers]", lambda x, index: x[index], lambda x, index: x[index], basic_index()),
    Row("x[slices, numbers and an array]", get, lambda x, index: remaining(x, index), mixed_index()),
    Row("x[two arrays]", get_two, at_two, two_arrays()),
    Row("x[mask]", lambda x, mask: x[torch.tensor(mask)], where_true, bool_mask()),
    Row("x[slices and numbers] = v", set_part, assign, assigned("basic")),
    Row("x[array] = v", set_part, assign, assigned("arrays")),
    Row("x[mask] = v", set_part, assign, assigned("mask")),
    Row(
        "x.t()[1:].copy_(v)",
        write_through_a_view,
        lambda x, v: np.concatenate([x.T[:1], np.zeros((x.shape[1] - 1, x.shape[0])) + v]).T,
        sizes("ij", "i").filter(lambda c: c[0][0][0] and c[0][0][1] > 1),
    ),
    Row("gather", lambda x, dim, index: x.gather(dim, torch.tensor(index)), gathered_one_by_one, gathered()),
    Row(
        "index_select",
        lambda x, dim, index: x.index_select(dim, torch.tensor(index)),
        lambda x, dim, index: (
            np.stack([np.take(x, i, dim) for i in index], dim) if len(index) else np.take(x, index, dim)
        ),
        along(index=lambda n: hnp.arrays(np.int64, st.integers(0, 4), elements=st.integers(0, n - 1))),
    ),
    Row(
        "masked_select",
        lambda x, mask: x.masked_select(torch.tensor(mask)),
        lambda x, mask: where_true(
            x + np.zeros(mask.shape), np.broadcast_to(mask, np.broadcast_shapes(x.shape, mask.shape))
        ),
        with_mask(1),
    ),
    # products
    Row("matmul", torch.matmul, np.matmul, products()),
    Row("dot", torch.dot, lambda a, b: np.einsum("i,i", a, b), sizes("i", "i")),
    Row("mv", torch.mv, lambda a, b: np.einsum("ij,j->i", a, b), sizes("ij", "j")),
    Row("mm", torch.mm, lambda a, b: np.einsum("ij,jk->ik", a, b), sizes("ij", "jk")),
    Row("bmm", torch.bmm, lambda a, b: np.einsum("bij,bjk->bik", a, b), sizes("bij", "bjk")),
    Row("outer", torch.outer, lambda a, b: np.einsum("i,j->ij", a, b), sizes("i", "j")),
    Row("linear", F.linear, product_of_rows, layer(bias=True)),
    Row("linear without bias", F.linear, product_of_rows, layer(bias=False)),
    # losses
    Row(
        "cross_entropy",
        lambda x, target, reduction: F.cross_entropy(x, torch.tensor(target), reduction=reduction),
        entropy_one_by_one,
        classified(),
    ),
    Row(
        "mse_loss",
        F.mse_loss,
        lambda a, b, reduction: reduce_losses((a - b) ** 2, reduction),
        same(2, reduction=REDUCTIONS).filter(lambda c: 0 not in c[0][0]),
    ),
    Row(
        "binary_cross_entropy_with_logits",
        F.binary_cross_entropy_with_logits,
        binary_entropy,
        same(2, reduction=REDUCTIONS).filter(lambda c: 0 not in c[0][0]),
        (real, unit),
    ),
]
