"""Reductions, scans and sorting beyond the first ones in `core`."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import strategies as st

import tinytorch as torch
from tables.drawing import Row, along, distinct, one, real, reduced


def of_lines(function):
    """What a function from list to list makes of every line along `dim`."""
    return lambda x, dim=-1, **options: np.apply_along_axis(lambda line: function(line.tolist(), **options), dim, x)


def products(line):
    return [math.prod(line[: i + 1]) for i in range(len(line))]


def differences(line, n):
    for _ in range(n):
        line = [b - a for a, b in itertools.pairwise(line)]
    return line


def with_some_nan(function):
    """The function of x in which every element above 1 is nan."""
    return lambda x, **options: function(torch.where(x > 1, torch.full_like(x, math.nan), x), **options)


def all_but_large(function):
    return lambda x: np.array(function([v for v in x.ravel().tolist() if v <= 1]), float)


def mixed(rng, size):
    """Below 1 for the first, any for the rest."""
    values = np.asarray(real(rng, size))
    values.reshape(-1)[:1] = -0.5
    return values


WAYS = st.booleans()

ROWS = [
    Row("cumprod", torch.cumprod, of_lines(products), along()),
    Row("cumprod with zeros", torch.cumprod, of_lines(products), along(), (lambda r, s: r.choice([0.0, 2, -3], s),)),
    Row("median", torch.median, lambda x: sorted(x.ravel().tolist())[(x.size - 1) // 2], one(min_side=1), (distinct,)),
    Row(
        "median along",
        lambda x, dim: x.median(dim).values,
        of_lines(lambda line: sorted(line)[(len(line) - 1) // 2]),
        along(),
        (distinct,),
    ),
    Row(
        "std_mean",
        lambda x, **options: torch.std_mean(x, correction=0, **options),
        lambda x, dim, keepdim: tuple(of(x, axis=dim, keepdims=keepdim) for of in (np.std, np.mean)),
        reduced(optional=False, min_side=2, min_dims=1),
        (distinct,),
    ),
    Row(
        "sort",
        lambda x, dim, descending: x.sort(dim, descending).values,
        of_lines(lambda line, descending: sorted(line, reverse=descending)),
        along(descending=lambda n: WAYS),
        (distinct,),
    ),
    Row(
        "topk",
        lambda x, dim, k, largest: x.topk(k, dim, largest).values,
        of_lines(lambda line, k, largest: sorted(line, reverse=largest)[:k]),
        along(k=lambda n: st.integers(0, n), largest=lambda n: WAYS),
        (distinct,),
    ),
]
