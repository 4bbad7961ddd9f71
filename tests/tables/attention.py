"""Attention, against one query at a time."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tables.drawing import Row
from tinytorch.autograd import apply
from tinytorch.nn import functional as F
from tinytorch.ops import attention as ops


def one_query_at_a_time(q, k, v, mask=None, is_causal=False, scale=None, kept=None):
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    y = np.zeros((*q.shape[:-1], v.shape[-1]))
    for place in np.ndindex(q.shape[:-1]):
        *batch, i = place
        keys, values = k[tuple(batch)], v[tuple(batch)]
        weights = []
        for j, key in enumerate(keys):
            score = scale * math.fsum(a * b for a, b in zip(q[place], key)) + (0 if mask is None else mask[i, j])
            weights.append(0.0 if is_causal and j > i else math.exp(score))
        factors = [1] * len(weights) if kept is None else kept[place]
        y[place] = sum(w / math.fsum(weights) * f * value for w, f, value in zip(weights, factors, values))
    return y


@st.composite
def queries(draw, mask=False, **options):
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=2))
    n, m, e, f = (draw(st.integers(1, 3)) for _ in range(4))
    fixed = {name: draw(make) for name, make in options.items()}
    return [(*batch, n, e), (*batch, m, e), (*batch, m, f), *[(n, m)] * mask], fixed


@st.composite
def with_dropout(draw):
    sizes, _ = draw(queries())
    weights = (*sizes[0][:-1], sizes[1][-2])
    return sizes, {"kept": draw(hnp.arrays(float, weights, elements=st.sampled_from([0.0, 2.0])))}


ROWS = [
    Row(
        "scaled_dot_product_attention",
        F.scaled_dot_product_attention,
        one_query_at_a_time,
        queries(is_causal=st.booleans(), scale=st.sampled_from([None, 0.7])),
    ),
    Row("attention with a mask of numbers", F.scaled_dot_product_attention, one_query_at_a_time, queries(mask=True)),
    Row(
        "attention with dropout",
        lambda q, k, v, kept: apply(
            ops.attention, q, k, v, None, scale=q.shape[-1] ** -0.5, kept=kept.astype(q.numpy(force=True).dtype)
        ),
        one_query_at_a_time,
        with_dropout(),
    ),
]
