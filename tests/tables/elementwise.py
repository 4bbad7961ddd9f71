"""Functions of each element, with the plain definition that each must equal (the oldest of them are in core)."""

from __future__ import annotations

import math

import numpy as np

import tinytorch as torch
from tables.drawing import Row, broadcast, halves, nonzero, off_grid, on_grid, real, same, unit


def each(function):
    return np.vectorize(function, otypes=[float])


def above_one(rng, size):
    return 1.1 + unit(rng, size)


ROWS = [
    *(
        Row(name, getattr(torch, name), each(definition), domains=(domain,))
        for name, definition, domain in [
            ("exp2", lambda v: 2.0**v, real),
            ("expm1", math.expm1, real),
            ("tan", math.tan, unit),
            ("asin", math.asin, unit),
            ("acos", math.acos, unit),
            ("atan", math.atan, real),
            ("sinh", math.sinh, real),
            ("cosh", math.cosh, real),
            ("asinh", math.asinh, real),
            ("acosh", math.acosh, above_one),
            ("atanh", math.atanh, unit),
            ("deg2rad", math.radians, real),
            ("rad2deg", math.degrees, real),
            ("erfc", math.erfc, real),
            ("logit", lambda v: math.log(v) - math.log(1 - v), unit),
            ("frac", lambda v: math.fmod(v, 1), off_grid),
            ("trunc", math.trunc, off_grid),
            ("nan_to_num", lambda v: v, real),
        ]
    ),
    *(
        Row(name, getattr(torch, name), each(definition), broadcast(2), domains)
        for name, definition, domains in [
            ("atan2", math.atan2, (nonzero, nonzero)),
            ("hypot", math.hypot, (nonzero, nonzero)),
            ("logaddexp", lambda a, b: math.log(math.exp(a) + math.exp(b)), (real, real)),
            ("fmod", math.fmod, (off_grid, halves)),
            ("clamp_min", max, (on_grid, off_grid)),
            ("clamp_max", min, (on_grid, off_grid)),
        ]
    ),
    *(
        Row(f"lerp {w}", lambda a, b, w=w: torch.lerp(a, b, w), lambda a, b, w=w: (1 - w) * a + w * b, broadcast(2))
        for w in (0, 0.3, 1, 1.75)
    ),
    Row("lerp", torch.lerp, lambda a, b, w: (1 - w) * a + w * b, broadcast(3)),
    Row("addcmul", lambda a, b, c: a.addcmul(b, c, value=2.5), lambda a, b, c: a + 2.5 * b * c, broadcast(3)),
    Row(
        "addcdiv",
        lambda a, b, c: a.addcdiv(b, c, value=0.5),
        lambda a, b, c: a + b / c / 2,
        broadcast(3),
        (real, real, nonzero),
    ),
    Row("rsub", lambda a, b: torch.rsub(a, b, alpha=2), lambda a, b: b - 2 * a, broadcast(2)),
    Row("fill", lambda x: x + torch.fill(x, 3.0), lambda x: x + 3),
    # in place: what a view changes, and what is left of the tensor's own gradient
    *(
        Row(f"{name}_", lambda x, f=name: getattr(x * 2, f + "_")(), lambda x, d=definition: d(2 * x), same(1))
        for name, definition in [
            ("exp", np.exp),
            ("square", np.square),
            ("sin", np.sin),
            ("cos", np.cos),
            ("atan", np.arctan),
            ("expm1", np.expm1),
        ]
    ),
]
