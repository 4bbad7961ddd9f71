"""Losses and distances: each with the plain definition that it must equal, one sample at a time."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tinytorch as torch
from tables.core import reduce_losses
from tables.drawing import (
    REDUCTIONS,
    Row,
    along,
    classified,
    nonzero,
    off_grid,
    on_grid,
    positive,
    real,
    same,
    shapes,
    sizes,
    unit,
)
from tinytorch.nn import functional as F


# ------------------------------------------------------------------------------------------------ calls
@st.composite
def weighted_classes(draw, smoothing):
    """Scores with labels, a weight for each class, and a label to be ignored that not all labels are."""
    (size,), options = draw(classified())
    classes = size[1] if len(size) > 1 else size[0]
    options["weight"] = draw(st.none() | hnp.arrays(float, classes, elements=st.sampled_from([0.5, 1.0, 3.0])))
    options["ignore_index"] = draw(st.integers(-1, classes - 1).filter(lambda i: (options["target"] != i).any()))
    options["label_smoothing"] = draw(st.sampled_from([0.25, 1.0])) if smoothing else 0.0
    return [size], options


@st.composite
def signed(draw, n):
    """Shapes that are equal, and for each element a target of 1 or -1."""
    size = draw(shapes(min_side=1))
    target = draw(hnp.arrays(float, size, elements=st.sampled_from([1.0, -1.0])))
    return [size] * n, {"target": target, "reduction": draw(REDUCTIONS)}


@st.composite
def signed_rows(draw):
    n, i = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    target = draw(hnp.arrays(float, n, elements=st.sampled_from([1.0, -1.0])))
    return [(n, i)] * 2, {"target": target, "reduction": draw(REDUCTIONS)}


def pairs(n=2, **options):
    return same(n, reduction=REDUCTIONS, **options).filter(lambda c: 0 not in c[0][0])


def rows(n):
    return sizes(*["ij"] * n).filter(lambda c: 0 not in c[0][0])


# ------------------------------------------------------------------------------------------------ functions
def on_tensors(function):
    """The function, with the arrays among its options as tensors, the real ones in the type of the inputs."""

    def tensor(value, kind):
        made = torch.tensor(value)
        return made.to(kind) if made.is_floating_point() else made

    return lambda *inputs, **options: function(
        *inputs, **{k: tensor(v, inputs[0].dtype) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    )


def nll(log_p, target, weight, ignore_index, reduction, label_smoothing=0.0):
    """The definition, one target at a time."""
    lines = np.moveaxis(log_p, 1, -1) if log_p.ndim > 1 else log_p
    w = np.ones(lines.shape[-1]) if weight is None else weight
    losses, total = np.zeros(target.shape), 0.0
    for place in np.ndindex(target.shape):
        line, label = lines[place].tolist(), target[place]
        if label != ignore_index:
            total += w[label]
            even = -sum(w[j] * line[j] for j in range(len(line))) / len(line)
            losses[place] = (1 - label_smoothing) * -w[label] * line[label] + label_smoothing * even
    return losses.sum() / total if reduction == "mean" else reduce_losses(losses, reduction)


def log_softmax(x):
    axis = min(x.ndim, 2) - 1
    return x - np.log(np.exp(x).sum(axis, keepdims=True))


def soft_entropy(x, p, reduction):
    axis = min(x.ndim, 2) - 1
    p = 0.8 * p + 0.2 / x.shape[axis]
    return reduce_losses(np.asarray(-(log_softmax(x) * p).sum(axis)), reduction)


def lined(of):
    """A definition from the loss of one element."""
    return lambda *arrays, reduction, **o: reduce_losses(np.vectorize(of, otypes=[float])(*arrays, **o), reduction)


def binary(p, t, w=1.0, yes=1.0):
    return w * (-yes * t * math.log(p) - (1 - t) * math.log(1 - p))


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def cosine(a, b, dim):
    return (a * b).sum(dim) / np.sqrt((a * a).sum(dim) * (b * b).sum(dim))


def cosine_embedding(a, b, target, reduction):
    c = (a * b).sum(-1) / np.sqrt(((a * a).sum(-1) + 1e-12) * ((b * b).sum(-1) + 1e-12))
    return reduce_losses(np.where(target == 1, 1 - c, np.maximum(c + 0.9, 0)), reduction)


def distance(p):
    return lambda a, b: (np.abs(a - b + 1e-6) ** p).sum(-1) ** (1 / p)


def triplet(a, b, c):
    far = np.minimum(distance(2)(a, c), distance(2)(b, c))
    return np.mean(np.maximum(distance(2)(a, b) - far + 10, 0))


ROWS = [
    Row("nll_loss", on_tensors(lambda x, label_smoothing, **o: F.nll_loss(x, **o)), nll, weighted_classes(False)),
    Row(
        "cross_entropy with weights",
        on_tensors(F.cross_entropy),
        lambda x, **o: nll(log_softmax(x), **o),
        weighted_classes(False),
    ),
    Row(
        "cross_entropy smoothed",
        on_tensors(F.cross_entropy),
        lambda x, **o: nll(log_softmax(x), **o),
        weighted_classes(True),
    ),
    Row(
        "cross_entropy of probabilities",
        lambda x, p, reduction: F.cross_entropy(x, p, reduction=reduction, label_smoothing=0.2),
        soft_entropy,
        pairs().filter(lambda c: c[0][0]),
        (real, unit),
    ),
    Row("l1_loss", F.l1_loss, lined(lambda a, b: abs(a - b)), pairs(), (on_grid, off_grid)),
    Row(
        "smooth_l1_loss",
        lambda a, b, reduction: F.smooth_l1_loss(a, b, reduction=reduction, beta=0.5),
        lined(lambda a, b: (a - b) ** 2 if abs(a - b) < 0.5 else abs(a - b) - 0.25),
        pairs(),
        (on_grid, off_grid),
    ),
    Row(
        "huber_loss",
        lambda a, b, reduction: F.huber_loss(a, b, reduction, 1.5),
        lined(lambda a, b: (a - b) ** 2 / 2 if abs(a - b) < 1.5 else 1.5 * (abs(a - b) - 0.75)),
        pairs(),
        (on_grid, off_grid),
    ),
    Row("binary_cross_entropy", F.binary_cross_entropy, lined(binary), pairs(), (unit, unit)),
    Row(
        "binary_cross_entropy with weights",
        lambda p, t, w, reduction: F.binary_cross_entropy(p, t, w, reduction=reduction),
        lined(binary),
        pairs(3),
        (unit, unit, positive),
    ),
    Row(
        "binary_cross_entropy_with_logits with weights",
        lambda x, t, w, yes, reduction: F.binary_cross_entropy_with_logits(
            x, t, w, pos_weight=yes, reduction=reduction
        ),
        lined(lambda x, t, w, yes: binary(sigmoid(x), t, w, yes)),
        pairs(4),
        (real, unit, positive, positive),
    ),
    Row("kl_div", F.kl_div, lined(lambda x, t: t * (math.log(t) - x)), pairs(), (real, unit)),
    Row(
        "kl_div of logarithms",
        lambda x, t: F.kl_div(x, t, reduction="batchmean", log_target=True),
        lambda x, t: np.sum(np.exp(t) * (t - x)) / len(x),
        rows(2),
    ),
    Row(
        "gaussian_nll_loss",
        lambda x, t, v, reduction: F.gaussian_nll_loss(x, t, v, full=True, reduction=reduction),
        lined(lambda x, t, v: -math.log(math.exp(-((x - t) ** 2) / (2 * v)) / math.sqrt(2 * math.pi * v))),
        pairs(3),
        (real, real, positive),
    ),
    Row(
        "soft_margin_loss",
        on_tensors(F.soft_margin_loss),
        lined(lambda x, target: math.log(1 + math.exp(-target * x))),
        signed(1),
    ),
    Row(
        "hinge_embedding_loss",
        on_tensors(F.hinge_embedding_loss),
        lined(lambda x, target: x if target == 1 else max(0, 1 - x)),
        signed(1),
        (off_grid,),
    ),
    Row(
        "margin_ranking_loss",
        on_tensors(lambda a, b, **o: F.margin_ranking_loss(a, b, margin=0.5, **o)),
        lined(lambda a, b, target: max(0, 0.5 - target * (a - b))),
        signed(2),
        (on_grid, off_grid),
    ),
    Row(
        "cosine_embedding_loss",
        on_tensors(lambda a, b, **o: F.cosine_embedding_loss(a, b, margin=-0.9, **o)),
        cosine_embedding,
        signed_rows(),
        (nonzero,),
    ),
    Row("cosine_similarity", F.cosine_similarity, cosine, along().map(lambda c: (c[0] * 2, c[1])), (nonzero,)),
    *(
        Row(
            f"pairwise_distance {p}",
            lambda a, b, p=p: F.pairwise_distance(a, b, p),
            distance(p),
            rows(2),
            (on_grid, off_grid),
        )
        for p in (1, 2, 3)
    ),
    Row("triplet_margin_loss", lambda *x: F.triplet_margin_loss(*x, margin=10, swap=True), triplet, rows(3)),
]
