"""What a row is, and what to call it with: domains of numbers without kinks, and strategies for shapes and options."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

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
    n = math.prod(np.atleast_1d(np.asarray(size, int)[chosen_axes(size, options["dim"])])) if size else 1
    options["correction"] = draw(st.integers(0, min(1, max(n - least, 0))))
    return [tuple(max(s, least) for s in size) or (least,)], options


def chosen_axes(size, dim):
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


def sections(n):
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


class Row(NamedTuple):
    name: str
    function: Callable[..., Any]
    definition: Callable[..., Any]
    call: st.SearchStrategy[Any] = one()
    domains: Sequence[Callable[..., Any]] = (real,)
