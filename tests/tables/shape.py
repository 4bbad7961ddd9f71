"""Elements moved, picked out and put in: each function with a definition that goes element by element."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch as torch
from tables.drawing import Row, along, bool_mask, gathered, joined, one, shapes, sizes


# ------------------------------------------------------------------------------------------------ definitions
def placed(shape, source):
    """An array of a shape whose element at a place is what `source(place)` says."""
    y = np.empty(shape)
    for place in np.ndindex(*shape):
        y[place] = source(place)
    return y


def rolled(x, shift, dim):
    return placed(x.shape, lambda at: x[(*at[:dim], (at[dim] - shift) % x.shape[dim], *at[dim + 1 :])])


def turned(x, k):
    for _ in range(k % 4):
        x = placed((x.shape[1], x.shape[0]), lambda at, x=x: x[at[1], x.shape[1] - 1 - at[0]])
    return x


def on_diagonal(x, offset):
    return np.array([x[i, i + offset] for i in range(x.shape[0]) if 0 <= i + offset < x.shape[1]])


def as_diagonal(x, offset):
    n = x.shape[-1] + abs(offset)
    return placed(
        (*x.shape[:-1], n, n), lambda at: x[(*at[:-2], min(at[-1], at[-2]))] if at[-1] - at[-2] == offset else 0.0
    )


def windows(x, dim, size, step):
    many = (x.shape[dim] - size) // step + 1
    return placed(
        (*x.shape[:dim], many, *x.shape[dim + 1 :], size),
        lambda at: x[(*at[:dim], at[dim] * step + at[-1], *at[dim + 1 : -1])],
    )


def each_repeated(x, times, dim):
    slices = [np.take(x, i, dim) for i in range(x.shape[dim]) for _ in range(times[i])]
    return np.stack(slices, dim) if slices else np.take(x, [], dim)


def collected(x, dim, index, src, combine, include_self=True):
    """What `combine` makes of the values that come to each place; at the others, `x`."""
    coming = {}
    for place in np.ndindex(*index.shape):
        coming.setdefault((*place[:dim], index[place], *place[dim + 1 :]), []).append(src[place])
    y = x.copy()
    for place, values in coming.items():
        y[place] = combine(([x[place]] if include_self else []) + values)
    return y


def collected_slices(x, dim, index, source, combine):
    y = np.moveaxis(x.copy(), dim, 0)
    for i, each in zip(index, np.moveaxis(source, dim, 0)):
        y[i] = combine(y[i], each)
    return np.moveaxis(y, 0, dim)


def filled_in(x, mask, source):
    values = iter(source.ravel().tolist())
    return placed(x.shape, lambda at: next(values) if mask[at] else x[at])


COMBINE = {"sum": sum, "prod": math.prod, "amax": max, "amin": min, "mean": lambda values: sum(values) / len(values)}


# ------------------------------------------------------------------------------------------------ calls
@st.composite
def turns(draw):
    size = draw(shapes(2, 2))
    return [size], {"k": draw(st.integers(-4, 4))}


@st.composite
def windowed(draw):
    size = draw(shapes(1, min_side=1))
    dim = draw(st.integers(0, len(size) - 1))
    return [size], {"dim": dim, "size": draw(st.integers(1, size[dim])), "step": draw(st.integers(1, 3))}


@st.composite
def repeats(draw):
    size = draw(shapes(1, min_side=1))
    dim = draw(st.integers(0, len(size) - 1))
    return [size], {"dim": dim, "times": draw(hnp.arrays(np.int64, size[dim], elements=st.integers(0, 2)))}


@st.composite
def brought(draw, unique=False):
    """A tensor, an index along one of its dimensions and a source for it; no place twice if `unique`."""
    size = draw(shapes(1, min_side=1))
    dim = draw(st.integers(0, len(size) - 1))
    part = [draw(st.integers(0, n)) for n in size]
    if unique:
        random = np.random.RandomState(draw(st.integers(0, 99)))
        index = random.uniform(size=size).argsort(dim)[tuple(slice(n) for n in part)]
    else:
        part[dim] = draw(st.integers(0, 4))
        index = draw(hnp.arrays(np.int64, part, elements=st.integers(0, size[dim] - 1)))
    source = [n + draw(st.integers(0, 1)) for n in part]
    return [size, tuple(source)], {"dim": dim, "index": index}


@st.composite
def slices(draw, unique=False):
    size = draw(shapes(1, min_side=1))
    dim = draw(st.integers(0, len(size) - 1))
    index = st.lists(st.integers(0, size[dim] - 1), max_size=4, unique=unique).map(lambda found: np.array(found, int))
    index = draw(index)
    return [size, (*size[:dim], len(index), *size[dim + 1 :])], {"dim": dim, "index": index}


@st.composite
def put_somewhere(draw):
    """A matrix, two vectors of its indices, in which places may come twice, and values for them."""
    size, many = draw(shapes(2, 2, min_side=1)), draw(st.integers(0, 4))
    i, j = (draw(hnp.arrays(np.int64, many, elements=st.integers(0, n - 1))) for n in size)
    return [size, draw(st.sampled_from([(many,), ()]))], {"i": i, "j": j}


@st.composite
def masked_source(draw):
    (size,), options = draw(bool_mask().filter(lambda call: call[1]["mask"].shape == call[0][0]))
    return [size, (int(options["mask"].sum()) + draw(st.integers(0, 2)),)], options


def fits_but_along_dim(call):
    (size,), options = call
    return all(n == m for i, (n, m) in enumerate(zip(size, options["index"].shape)) if i != options["dim"] % len(size))


def tensors(function):
    """The function with its arrays of integers as tensors."""
    return lambda *args, **options: function(
        *args, **{k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    )


def added_at(x, values, i, j):
    y = x.copy()
    for at, value in zip(zip(i, j), np.broadcast_to(values, i.shape)):
        y[at] += value
    return y


ROWS = [
    # moved and repeated
    Row(
        "roll",
        lambda x, dim, shift: x.roll(shift, dim),
        lambda x, dim, shift: rolled(x, shift, dim % x.ndim),
        along(shift=lambda n: st.integers(-4, 4)),
    ),
    Row("roll flat", lambda x: x.roll(2), lambda x: rolled(x.ravel(), 2, 0).reshape(x.shape), one(min_side=1)),
    Row("tile", lambda x: x.tile(2), lambda x: np.concatenate([x, x], -1), one(min_dims=1)),
    Row(
        "repeat_interleave",
        lambda x, times, dim: x.repeat_interleave(torch.from_numpy(times), dim),
        each_repeated,
        repeats(),
    ),
    Row("unfold", lambda x, dim, size, step: x.unfold(dim, size, step), windows, windowed()),
    Row(
        "meshgrid",
        lambda a, b: torch.meshgrid(a, b, indexing="xy"),
        lambda a, b: (placed((len(b), len(a)), lambda at: a[at[1]]), placed((len(b), len(a)), lambda at: b[at[0]])),
        sizes("i", "j"),
    ),
    # diagonals
    Row(
        "diagonal",
        lambda x, offset: x.diagonal(offset),
        on_diagonal,
        st.tuples(shapes(2, 2).map(lambda s: [s]), st.fixed_dictionaries({"offset": st.integers(-2, 2)})),
    ),
    Row("diag_embed", torch.diag_embed, as_diagonal, one(min_dims=1, offset=st.integers(-2, 2))),
    Row("diag", torch.diag, lambda x: as_diagonal(x, 0), sizes("i")),
    # joined and split
    Row(
        "hstack",
        lambda *xs, dim: torch.hstack(xs),
        lambda *xs, dim: np.hstack(xs),
        joined().filter(lambda call: call[1]["dim"] % len(call[0][0]) == min(1, len(call[0][0]) - 1)),
    ),
    # picked out
    Row(
        "take_along_dim",
        tensors(lambda x, dim, index: torch.take_along_dim(x, index, dim)),
        lambda x, dim, index: np.take_along_axis(x, index, dim),
        gathered().filter(fits_but_along_dim),
    ),
    # put in
    Row(
        "scatter",
        tensors(lambda x, src, dim, index: x.scatter(dim, index, src)),
        lambda x, src, dim, index: collected(x, dim, index, src, lambda values: values[-1]),
        brought(unique=True),
    ),
    Row(
        "scatter a number",
        tensors(lambda x, src, dim, index: x.scatter(dim, index, 2.5) + 0 * src.sum()),
        lambda x, src, dim, index: collected(x, dim, index, src, lambda values: 2.5),
        brought(),
    ),
    Row(
        "scatter_add",
        tensors(lambda x, src, dim, index: x.scatter_add(dim, index, src)),
        lambda x, src, dim, index: collected(x, dim, index, src, sum),
        brought(),
    ),
    Row(
        "index_add",
        tensors(lambda x, source, dim, index: x.index_add(dim, index, source, alpha=2)),
        lambda x, source, dim, index: collected_slices(x, dim, index, source, lambda a, b: a + 2 * b),
        slices(),
    ),
    Row(
        "index_copy",
        tensors(lambda x, source, dim, index: x.index_copy(dim, index, source)),
        lambda x, source, dim, index: collected_slices(x, dim, index, source, lambda a, b: b),
        slices(unique=True),
    ),
]
