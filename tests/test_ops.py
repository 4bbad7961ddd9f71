"""Does every differentiable function compute its definition, and is its gradient the one central differences find?

`TABLE` has one row for each: the function, the plain definition that it must equal, what to call it with, and a domain
of inputs without kinks. Every test runs over the whole table; a last one fails if an operation is in no row.
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch as torch
from tinytorch import ops
from tinytorch.nn import functional as F

# ------------------------------------------------------------------------------------------------ domains
# Each fills a shape with numbers at which the function has a derivative; steps of 1e-6 cross no kink.


def real(rng, size):
    return rng.uniform(-2, 2, size)


def positive(rng, size):
    return rng.uniform(0.5, 2.5, size)


def nonzero(rng, size):
    return rng.choice([-1, 1], size) * rng.uniform(0.3, 2, size)


def unit(rng, size):
    return rng.uniform(0.1, 0.9, size)


def on_grid(rng, size):
    """Near multiples of 0.5."""
    return 0.5 * rng.randint(-4, 5, size) + rng.uniform(-0.05, 0.05, size)


def off_grid(rng, size):
    """Half-way between multiples of 0.5: never equal to a number of `on_grid`, and never near 0, 1/2 or 1."""
    return on_grid(rng, size) + 0.25


def halves(rng, size):
    return rng.choice([-1, -0.5, 0.5, 1], size)


def distinct(rng, size):
    """Numbers that differ from each other, and from 0, by 0.05 and more."""
    n = int(np.prod(size))
    places = rng.permutation(n) - n // 2
    return ((places + (places >= 0)) * 0.1 + rng.uniform(-0.02, 0.02, n)).reshape(size)


# ------------------------------------------------------------------------------------------------ calls
# Each draws (shapes of the inputs, further arguments).

Call = tuple[Sequence[tuple[int, ...]], dict[str, Any]]


def shapes(min_dims=0, max_dims=3, min_side=0):
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=3)


def one(min_dims=0, min_side=0, **options):
    fixed = {name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in options.items()}
    return st.tuples(shapes(min_dims, 3, min_side).map(lambda s: [s]), st.fixed_dictionaries(fixed))


def broadcast(n):
    found = hnp.mutually_broadcastable_shapes(num_shapes=n, max_dims=3, min_side=0, max_side=3)
    return st.tuples(found.map(lambda s: list(s.input_shapes)), st.just({}))


def same(n, **options):
    return st.tuples(shapes().map(lambda s: [s] * n), st.fixed_dictionaries(options))


def dims(ndim):
    return st.integers(-ndim, ndim - 1) if ndim else st.sampled_from([0, -1])


@st.composite
def reduced(draw, several=True, optional=True, keep=True, min_side=1, min_dims=0):
    size = draw(shapes(min_dims, 3, min_side))
    choices = [dims(len(size))]
    if several:
        pick = st.lists(st.integers(0, max(len(size) - 1, 0)), min_size=1, max_size=len(size), unique=True)
        choices.append(pick.map(tuple) if size else st.just(()))
    if optional:
        choices.append(st.none())
    options = {"dim": draw(st.one_of(choices))}
    if keep and not (optional and options["dim"] is None and draw(st.booleans())):
        options["keepdim"] = draw(st.booleans())
    return [size], options


@st.composite
def with_correction(draw, least):
    (size,), options = draw(reduced(min_side=1))
    n = math.prod(np.atleast_1d(np.asarray(size, int)[_axes(size, options["dim"])])) if size else 1
    options["correction"] = draw(st.integers(0, min(1, max(n - least, 0))))
    return [tuple(max(s, least) for s in size) or (least,)], options


def _axes(size, dim):
    """Every axis that `dim` means: None and () are all of them."""
    if dim is None or dim == ():
        return list(range(len(size)))
    return [d % max(len(size), 1) for d in ([dim] if isinstance(dim, int) else dim)]


@st.composite
def permuted(draw):
    size = draw(shapes())
    return [size], {"dims": draw(st.permutations(range(len(size)))) if size else []}


@st.composite
def two_dims(draw, **names):
    size = draw(shapes(1))
    return [size], {name: draw(dims(len(size))) for name in names}


@st.composite
def moved(draw):
    size = draw(shapes(1))
    many = draw(st.integers(1, len(size)))
    source, destination = (draw(st.permutations(range(len(size))))[:many] for _ in "ab")
    return [size], {"source": source, "destination": destination}


@st.composite
def reshaped(draw):
    size = draw(shapes(min_side=1))
    factors = [f for f in size if f > 1]
    order = draw(st.permutations(factors)) if factors else []
    into = [math.prod(order[:1]), 1, math.prod(order[1:])]
    if draw(st.booleans()):
        into[draw(st.integers(0, 2))] = -1
    return [size], {"into": tuple(into)}


@st.composite
def flattened(draw):
    size = draw(shapes())
    ends = sorted(draw(st.tuples(*[st.integers(0, max(len(size) - 1, 0))] * 2)))
    return [size], {"start": ends[0], "end": ends[1] - (len(size) if draw(st.booleans()) and size else 0)}


@st.composite
def expanded(draw):
    after = draw(shapes())
    kept = after[draw(st.integers(0, len(after))) :]
    return [tuple(draw(st.sampled_from([s, 1])) for s in kept)], {"into": after}


@st.composite
def repeated(draw):
    size = draw(shapes(max_dims=2))
    return [size], {"times": draw(st.lists(st.integers(0, 2), min_size=len(size), max_size=3).map(tuple))}


@st.composite
def joined(draw):
    size = draw(shapes(1))
    dim = draw(dims(len(size)))
    axis = dim % len(size)
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    return [(*size[:axis], n, *size[axis + 1 :]) for n in lengths], {"dim": dim}


@st.composite
def stacked(draw):
    size = draw(shapes(max_dims=2))
    return [size] * draw(st.integers(1, 3)), {"dim": draw(dims(len(size) + 1))}


@st.composite
def along(draw, **options):
    """A tensor with dimensions, one of them, and more arguments that may depend on its size."""
    size = draw(shapes(1, min_side=1))
    dim = draw(dims(len(size)))
    return [size], {"dim": dim, **{name: draw(make(size[dim])) for name, make in options.items()}}


@st.composite
def narrowed(draw):
    (size,), options = draw(along())
    start = draw(st.integers(0, size[options["dim"]]))
    return [size], {**options, "start": start, "length": draw(st.integers(0, size[options["dim"]] - start))}


def _sections(n):
    cuts = st.lists(st.integers(0, n), max_size=2).map(sorted)
    sections = cuts.map(lambda c: [b - a for a, b in zip([0, *c], [*c, n])])
    return st.integers(1, 4) | sections


def index_arrays(n, max_dims=2, min_dims=1):
    return hnp.arrays(np.int64, shapes(min_dims, max_dims), elements=st.integers(-n, n - 1))


def _forwards(index):
    parts = index if isinstance(index, tuple) else (index,)
    return all(not isinstance(p, slice) or p.step is None or p.step > 0 for p in parts)


@st.composite
def basic_index(draw):
    size = draw(shapes(min_side=1))
    return [size], {"index": draw(hnp.basic_indices(size, allow_newaxis=True, max_dims=5).filter(_forwards))}


@st.composite
def mixed_index(draw):
    """One array of integers among integers and slices."""
    size = draw(shapes(1, min_side=1))
    place = draw(st.integers(0, len(size) - 1))
    index = [draw(index_arrays(n) if i == place else _simple(n)) for i, n in enumerate(size)]
    return [size], {"index": tuple(index)}


def _simple(n):
    return st.integers(-n, n - 1) | st.slices(n).filter(lambda s: s.step is None or s.step > 0)


@st.composite
def two_arrays(draw):
    """Two arrays of integers that broadcast together, at any two of three places."""
    size = draw(shapes(3, 3, min_side=1))
    p, q = sorted(draw(st.permutations(range(3)))[:2])
    pair = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, min_dims=1, max_dims=2, max_side=2)).input_shapes
    a, b = (draw(hnp.arrays(np.int64, s, elements=st.integers(0, size[i] - 1))) for s, i in zip(pair, (p, q)))
    return [size], {"a": a, "b": b, "p": p, "q": q}


@st.composite
def bool_mask(draw):
    size = draw(shapes(1))
    return [size], {"mask": draw(hnp.arrays(bool, size[: draw(st.integers(1, len(size)))]))}


@st.composite
def assigned(draw, kind):
    (size,), options = draw(basic_index() if kind == "basic" else bool_mask())
    if kind == "arrays":  # each element at most once, else the last of several values would win
        size = draw(shapes(1, min_side=1))
        options = {"index": np.array(draw(st.permutations(range(size[0])))[: draw(st.integers(0, size[0]))], int)}
    index = options.get("index", options.get("mask"))
    part = np.zeros(size)[index].shape
    part = part[draw(st.integers(0, len(part))) :]
    return [size, tuple(draw(st.sampled_from([s, 1])) for s in part)], {"index": index}


@st.composite
def gathered(draw):
    size = draw(shapes(1, min_side=1))
    dim = draw(dims(len(size)))
    smaller = [draw(st.integers(0, n)) for n in size]
    smaller[dim] = draw(st.integers(0, 4))
    return [size], {"dim": dim, "index": draw(hnp.arrays(np.int64, smaller, elements=st.integers(0, size[dim] - 1)))}


@st.composite
def with_mask(draw, n):
    found = draw(hnp.mutually_broadcastable_shapes(num_shapes=n + 1, max_dims=3, max_side=3))
    *sizes, mask = found.input_shapes
    return sizes, {"mask": draw(hnp.arrays(bool, mask))}


@st.composite
def masked(draw):
    size = draw(shapes())
    mask = tuple(draw(st.sampled_from([s, 1])) for s in size[draw(st.integers(0, len(size))) :])
    return [size], {"mask": draw(hnp.arrays(bool, mask))}


def products():
    found = hnp.mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=2, min_side=0, max_side=3)
    return st.tuples(found.map(lambda s: list(s.input_shapes)), st.just({}))


def sizes(*pattern):
    """Shapes in letters, such as "ij", "jk": each letter is one size."""
    letters = {letter: st.integers(0, 3) for letter in "".join(pattern)}
    return st.tuples(
        st.fixed_dictionaries(letters).map(lambda n: [tuple(n[x] for x in word) for word in pattern]), st.just({})
    )


@st.composite
def layer(draw, bias):
    i, o = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return [(*draw(shapes(max_dims=2)), i), (o, i), *[(o,)] * bias], {}


REDUCTIONS = st.sampled_from(["mean", "sum", "none"])


@st.composite
def classified(draw):
    """Scores (classes,), (n, classes) or (n, classes, d) with their labels."""
    classes, rest = draw(st.integers(1, 4)), draw(shapes(max_dims=2, min_side=1))
    size = (*rest[:1], classes, *rest[1:])
    target = draw(hnp.arrays(np.int64, rest, elements=st.integers(0, classes - 1)))
    return [size], {"target": target, "reduction": draw(REDUCTIONS)}


# ------------------------------------------------------------------------------------------------ definitions
def elementwise_of(function):
    return np.vectorize(function, otypes=[float])


def extreme(of, kept):
    """The extreme of each line by comparing its elements one by one."""

    def definition(x, dim=None, keepdim=False):
        axes = _axes(x.shape, dim)
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
        x = x[(slice(None),) * axis + (step,)] if isinstance(step, slice) else np.take(x, step, axis)
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


class Row(NamedTuple):
    name: str
    function: Callable[..., Any]
    definition: Callable[..., Any]
    call: st.SearchStrategy[Any] = one()
    domains: Sequence[Callable[..., Any]] = (real,)


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
    Row("split", lambda x, sections, dim: x.split(sections, dim), numpy_split, along(sections=_sections)),
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
FEW = settings(max_examples=3)
TABLE = pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])


# ------------------------------------------------------------------------------------------------ running a row
def drawn(data, row):
    """Return the arrays and further arguments of one call."""
    sizes, options = data.draw(row.call)
    rng = np.random.RandomState(data.draw(st.integers(0, 9999)))
    domains = row.domains if len(row.domains) > 1 else row.domains * len(sizes)
    return [np.asarray(domain(rng, size), float) for domain, size in zip(domains, sizes, strict=True)], options


def several(result):
    return result if isinstance(result, tuple) else (result,)


def call(row, tensors, options):
    return several(row.function(*tensors, **options))


def leaves(arrays, needs=None):
    tensors = [torch.from_numpy(x) for x in arrays]
    return [x.requires_grad_(needs is None or i in needs) for i, x in enumerate(tensors)]


def cotangents(outputs, dtype=np.float64):
    rng = np.random.RandomState(1)
    return [np.asarray(rng.uniform(-1, 1, tuple(y.shape)), dtype) for y in outputs]


def pull(outputs, weights, **options):
    """Run backward from Σ outputs · weights."""
    if len(outputs) == 1:
        outputs[0].backward(torch.from_numpy(weights[0]), **options)
        return
    total = sum((y * torch.from_numpy(w)).sum() for y, w in zip(outputs, weights))
    total.backward(**options)


def gradients(row, arrays, options):
    """Return the gradients of Σ outputs · weights, for fixed random weights, and these weights."""
    inputs = leaves(arrays)
    outputs = call(row, inputs, options)
    weights = cotangents(outputs, arrays[0].dtype)
    pull(outputs, weights)
    return [x.grad.numpy() for x in inputs], weights


def central_differences(row, arrays, options, weights, step=1e-6):
    def total(at):
        outputs = call(row, [torch.from_numpy(x) for x in at], options)
        return sum(float((y.numpy() * w).sum()) for y, w in zip(outputs, weights))

    found = []
    for i, x in enumerate(arrays):
        slope = np.empty(x.shape)
        for place in np.ndindex(x.shape):
            ends = []
            for sign in (1, -1):
                moved = [each.copy() for each in arrays]
                moved[i][place] += sign * step
                ends.append(total(moved))
            slope[place] = (ends[0] - ends[1]) / (2 * step)
        found.append(slope)
    return found


def assert_same(found, expected, rtol=1e-12, atol=1e-12):
    for a, b in zip(found, expected, strict=True):
        assert (np.shape(a), np.asarray(a).dtype) == (np.shape(b), np.asarray(b).dtype)
        np.testing.assert_allclose(a, b, rtol, atol)


# ------------------------------------------------------------------------------------------------ the tests
@TABLE
@given(data=st.data())
def test_the_value_is_the_definitions_and_the_gradient_that_of_central_differences(row, data):
    arrays, options = drawn(data, row)
    outputs = call(row, [torch.from_numpy(x) for x in arrays], options)
    expected = [np.asarray(y) for y in several(row.definition(*arrays, **options))]
    assert_same([y.numpy() for y in outputs], expected)
    found, weights = gradients(row, arrays, options)
    assert_same(found, central_differences(row, arrays, options, weights), rtol=1e-6, atol=1e-7)


@TABLE
@FEW
@given(data=st.data())
def test_backward_changes_and_shares_nothing(row, data):
    arrays, options = drawn(data, row)
    before = [x.copy() for x in arrays]
    inputs = leaves(arrays)
    outputs = call(row, inputs, options)
    weights = cotangents(outputs)
    values, given_weights = [y.detach().numpy().copy() for y in outputs], [w.copy() for w in weights]
    pull(outputs, weights, retain_graph=True)
    once = [x.grad.numpy().copy() for x in inputs]
    pull(outputs, weights)
    assert_same([x.grad.numpy() for x in inputs], [2 * g for g in once], rtol=0, atol=0)

    assert_same(arrays, before, rtol=0, atol=0)
    assert_same(weights, given_weights, rtol=0, atol=0)
    assert_same([y.detach().numpy() for y in outputs], values, rtol=0, atol=0)
    memory = [*arrays, *weights, *(y.detach().numpy() for y in outputs), *(x.grad.numpy() for x in inputs)]
    for i, x in enumerate(inputs):
        assert x.grad.numpy().flags.writeable
        assert not any(
            np.shares_memory(x.grad.numpy(), m) for j, m in enumerate(memory, len(inputs) - len(memory)) if j != i
        )


@TABLE
@FEW
@given(data=st.data())
def test_an_input_that_needs_no_gradient_gets_none_and_changes_no_other(row, data):
    arrays, options = drawn(data, row)
    together, weights = gradients(row, arrays, options)
    for i in range(len(arrays)):
        inputs = leaves(arrays, needs={i})
        pull(call(row, inputs, options), weights)
        assert_same([inputs[i].grad.numpy()], [together[i]])
        assert [x.grad for j, x in enumerate(inputs) if j != i] == [None] * (len(arrays) - 1)
    with torch.no_grad():
        assert not any(y.requires_grad for y in call(row, leaves(arrays), options))


@TABLE
@FEW
@given(data=st.data())
def test_it_does_not_matter_how_the_elements_lie_in_memory(row, data):
    arrays, options = drawn(data, row)
    expected = gradients(row, arrays, options)[0]
    values = [y.numpy() for y in call(row, [torch.from_numpy(x) for x in arrays], options)]
    layouts = [
        lambda x: x.T.copy().T,
        lambda x: np.repeat(x, 2, -1)[..., ::2] if x.ndim else x,
        lambda x: np.flip(np.flip(x).copy()),
    ]
    for layout in layouts:
        laid = [np.asarray(layout(x)) for x in arrays]
        outputs = call(row, [torch.from_numpy(x) for x in laid], options)
        assert_same([y.numpy() for y in outputs], values)
        assert_same(gradients(row, laid, options)[0], expected)


@TABLE
@FEW
@given(data=st.data())
def test_float32_gives_the_same_in_float32(row, data):
    arrays, options = drawn(data, row)
    narrow = [x.astype(np.float32) for x in arrays]
    wide = [x.astype(np.float64) for x in narrow]
    values, exact = ([y.numpy() for y in call(row, [torch.from_numpy(x) for x in a], options)] for a in (narrow, wide))
    assert_same(values, [y.astype(np.float32) for y in exact], rtol=1e-4, atol=1e-5)
    found, expected = (gradients(row, a, options)[0] for a in (narrow, wide))
    assert_same(found, [g.astype(np.float32) for g in expected], rtol=1e-4, atol=1e-4)


@TABLE
@FEW
@given(data=st.data())
def test_two_uses_of_an_input_add_up(row, data):
    arrays, options = drawn(data, row)
    expected, weights = gradients(row, arrays, options)
    inputs = leaves(arrays)
    first, second = (call(row, inputs, options) for _ in range(2))
    sums = [a + 2 * b for a, b in zip(first, second)]
    pull(sums, weights)
    assert_same([x.grad.numpy() for x in inputs], [3 * g for g in expected])


CHANGES: dict[str, Callable[[torch.Tensor], Any]] = {
    "recorded": lambda x: x.mul_(3),
    "unrecorded": lambda x: torch.no_grad()(lambda: x.mul_(3))(),
    "detached": lambda x: x.detach().mul_(3),
    "assigned": lambda x: x.detach().__setitem__(..., 7),
}


@TABLE
@settings(max_examples=6)
@given(data=st.data(), change=st.sampled_from(sorted(CHANGES)))
def test_a_change_in_place_gives_the_right_gradient_or_an_error(row, data, change):
    """An input or output is changed between forward and backward: silence may only mean that it doesn't matter."""
    arrays, options = drawn(data, row)
    expected, weights = gradients(row, arrays, options)
    roots = leaves(arrays)
    inputs = [x.clone() for x in roots]
    outputs = call(row, inputs, options)
    changed = data.draw(st.sampled_from([*inputs, *outputs]), label="changed tensor")
    share = [np.shares_memory(changed.detach().numpy(), y.detach().numpy()) for y in outputs]
    refusal = ""
    try:
        CHANGES[change](changed)
        pull(outputs, weights)
    except RuntimeError as error:
        refusal = str(error)
    if refusal:
        assert "in place" in refusal or "share memory" in refusal
        return
    if change == "recorded" and any(share):  # outputs that are the changed memory are three times as steep
        assume(all(share))
        expected = [3 * g for g in expected]
    assert_same([x.grad.numpy() for x in roots], expected)


# ------------------------------------------------------------------------------------------------ kinks
INFINITY, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("name", "function", "at", "gradient"),
    [  # what PyTorch 2.13 gives where there is no derivative, or no easy one
        ("relu at 0", F.relu, [0, -0.0, 1], [0, 0, 1]),
        ("abs at 0", torch.abs, [0, -2], [0, -1]),
        ("clamp at its ends", lambda x: x.clamp(0, 1), [0, 0.5, 1, 2, -1], [1, 1, 1, 0, 0]),
        ("maximum of equals", lambda x: torch.maximum(x, torch.ones(3)), [0, 1, 2], [0, 0.5, 1]),
        ("minimum of equals", lambda x: torch.minimum(x, torch.ones(3)), [0, 1, 2], [1, 0.5, 0]),
        ("amax of equals", torch.amax, [1, 3, 3], [0, 0.5, 0.5]),
        ("max of equals", torch.max, [1, 3, 3], [0, 0.5, 0.5]),
        ("max along of equals", lambda x: x.max(0).values, [1, 3, 3], [0, 1, 0]),
        ("min of equals", torch.min, [1, 1, 3], [0.5, 0.5, 0]),
        ("norm of zeros", torch.norm, [0, 0], [0, 0]),
        ("1-norm at 0", lambda x: x.norm(p=1), [0, -2], [0, -1]),
        ("3-norm of zeros", lambda x: x.norm(p=3), [0, 0], [0, 0]),
        ("largest norm of equals", lambda x: x.norm(p=INFINITY), [2, -2, 1], [0.5, -0.5, 0]),
        ("least norm of equals", lambda x: x.norm(p=-INFINITY), [2, -2, 3], [0.5, -0.5, 0]),
        ("std of equals", torch.std, [2, 2, 2], [0, 0, 0]),
        ("prod with a zero", torch.prod, [0, 2, 3], [6, 0, 0]),
        ("prod with two zeros", torch.prod, [0, 2, 0], [0, 0, 0]),
        ("sqrt at 0", torch.sqrt, [0, 4], [INFINITY, 0.25]),
        ("log at 0", torch.log, [0, 2], [INFINITY, 0.5]),
        ("x ** 0", lambda x: x**0, [0, 2], [0, 0]),
        ("x ** 1", lambda x: x**1, [0, 2], [1, 1]),
        ("x ** 2", lambda x: x**2, [0, 2], [0, 4]),
        ("x ** tensor", lambda x: x ** torch.tensor([0.0, 1.0, 3.0]), [0, 0, 0], [0, 1, 0]),
        ("0 ** x", lambda x: torch.zeros(3) ** x, [0, 1, 2], [0, 0, 0]),
        ("remainder at multiples", lambda x: x % 2, [2, 4, -2], [1, 1, 1]),
        ("sigmoid far out", torch.sigmoid, [-1000, 1000], [0, 0]),
        ("tanh far out", torch.tanh, [-1000, 1000], [0, 0]),
        ("gelu far out", F.gelu, [-50, 50], [0, 1]),
        ("softmax of -inf", lambda x: F.softmax(x, 0)[0], [0, -INFINITY], [0, 0]),
        ("logsumexp of -inf", lambda x: x.logsumexp(0), [0, -INFINITY], [1, 0]),
        ("where does not hide nan", lambda x: torch.where(x > 0, x.sqrt(), 0.0), [-1, 4], [NAN, 0.25]),
    ],
)
def test_the_gradient_where_there_is_a_choice_is_pytorchs(name, function, at, gradient):
    x = torch.tensor(at, dtype=torch.float32, requires_grad=True)
    function(x).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.array(gradient, np.float32))


# ------------------------------------------------------------------------------------------------ completeness
NO_GRADIENT = {
    *("eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor", "logical_not"),
    *(
        "bitwise_and",
        "bitwise_or",
        "bitwise_xor",
        "bitwise_not",
        "floor_divide",
        "isnan",
        "isinf",
        "isfinite",
        "isclose",
    ),
    *("argmax", "argmin", "all", "any"),
}
TESTED_ELSEWHERE = {"to"}  # below


def test_every_differentiable_operation_is_in_the_table():
    seen = set()

    @settings(max_examples=1)
    @given(data=st.data())
    def one_call(data, row):
        arrays, options = drawn(data, row)
        waiting = [y.grad_fn for y in call(row, leaves(arrays), options)]
        while waiting:
            node = waiting.pop()
            seen.add(node.op.__name__ if node.op else "leaf")
            waiting += [parent for parent, _ in node.next_functions if parent is not None]

    for row in ROWS:
        one_call(row=row)
    existing = set()
    for info in pkgutil.iter_modules(ops.__path__):
        module = importlib.import_module(f"tinytorch.ops.{info.name}")
        existing |= {
            name
            for name, op in inspect.getmembers(module, inspect.isfunction)
            if op.__module__ == module.__name__ and not name.startswith("_") and name not in ("view", "quiet")
        }
    assert existing - seen - TESTED_ELSEWHERE == NO_GRADIENT


@pytest.mark.parametrize("kind", [torch.float16, torch.float32, torch.float64])
def test_conversion_gives_the_gradient_back_in_the_inputs_type(kind):
    x = torch.tensor([1.5, 2.5], requires_grad=True)
    (x.to(kind) * torch.tensor([2.0, 3.0], dtype=kind)).sum().backward()
    assert (x.grad.dtype, x.grad.tolist()) == (torch.float32, [2.0, 3.0])


def test_conversion_to_integers_has_no_gradient():
    assert not torch.tensor([1.5], requires_grad=True).long().requires_grad
