"""Whether two outcomes are the same, and if not, where they part."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from parity.harness import Case, Outcome, Seen, Structure

TOLERANCE = {"float16": 2e-3, "float32": 1e-5, "float64": 1e-10}


def differences(case: Case, theirs: Outcome, ours: Outcome) -> list[str]:
    """One line for each thing in which TinyTorch (`ours`) differs from PyTorch (`theirs`)."""
    if case.raises and theirs.error is None:
        raise AssertionError(f"the table says that PyTorch refuses this, and it does not: {case}")
    if not case.raises and theirs.error is not None:
        raise AssertionError(f"PyTorch refuses this, and the table does not say so: {case}") from theirs.error
    if ours.error is not None or theirs.error is not None:
        return list(_errors(theirs.error, ours.error))
    found = [
        *_compare("result", theirs.result, ours.result, case.tolerance),
        *_compare("inputs", theirs.inputs, ours.inputs, case.tolerance),
        *_compare("grads", theirs.grads, ours.grads, case.tolerance),
    ]
    if not case.strides:
        found = [line for line in found if ".strides: " not in line]
    return found + [f"TinyTorch warns, PyTorch does not: {ours.warned}"] * bool(ours.warned and not theirs.warned)


def _errors(theirs: Exception | None, ours: Exception | None) -> Iterator[str]:
    if theirs is None or ours is None or not isinstance(ours, type(theirs)):
        yield f"error: PyTorch {_error(theirs)}, TinyTorch {_error(ours)}"


def _error(error: Exception | None) -> str:
    text = str(error).strip().splitlines() or [""]
    return "has none" if error is None else f"raises {type(error).__name__} ({text[0][:150]})"


def _compare(where: str, theirs: Any, ours: Any, tolerance: float | None) -> Iterator[str]:
    if type(theirs) is not type(ours):
        yield f"{where}: PyTorch {_short(theirs)}, TinyTorch {_short(ours)}"
    elif isinstance(theirs, Seen):
        for name in ("dtype", "shape", "strides", "shares", "requires_grad", "is_leaf", "kind"):
            a, b = getattr(theirs, name), getattr(ours, name)
            if a != b:
                yield f"{where}.{name}: PyTorch {a}, TinyTorch {b}"
        yield from _compare(where, theirs.values, ours.values, tolerance)
    elif isinstance(theirs, Structure):
        yield from _compare(f"{where}.kind", theirs.kind, ours.kind, tolerance)
        yield from _compare(where, dict(theirs.items), dict(ours.items), tolerance)
    elif isinstance(theirs, dict):
        if list(theirs) != list(ours):
            yield f"{where}: PyTorch has {list(theirs)}, TinyTorch {list(ours)}"
        for key in [key for key in theirs if key in ours]:
            yield from _compare(f"{where}[{key!r}]", theirs[key], ours[key], tolerance)
    elif isinstance(theirs, np.ndarray):
        if theirs.dtype != ours.dtype or theirs.shape != ours.shape or not _close(theirs, ours, tolerance):
            yield f"{where}: PyTorch {_short(theirs)}, TinyTorch {_short(ours)}"
    elif isinstance(theirs, float):
        both_nan = math.isnan(theirs) and math.isnan(ours)
        if not both_nan and not math.isclose(theirs, ours, rel_tol=tolerance or 1e-5, abs_tol=tolerance or 1e-7):
            yield f"{where}: PyTorch {theirs!r}, TinyTorch {ours!r}"
    elif theirs != ours:
        yield f"{where}: PyTorch {theirs!r}, TinyTorch {ours!r}"


def _close(theirs: np.ndarray, ours: np.ndarray, tolerance: float | None) -> bool:
    if theirs.dtype.kind != "f":
        return bool((theirs == ours).all())
    relative = tolerance or TOLERANCE[theirs.dtype.name]
    finite = np.abs(theirs[np.isfinite(theirs)])
    absolute = 0.1 * relative * max(1.0, float(finite.max(initial=0)))
    return np.allclose(ours.astype("float64"), theirs.astype("float64"), relative, absolute, equal_nan=True)


def _short(value: Any) -> str:
    text = f"{value.dtype}{list(value.shape)} {value.tolist()}" if isinstance(value, np.ndarray) else repr(value)
    return text if len(text) < 300 else text[:300] + "…"
