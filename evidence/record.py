"""How does a script of this folder leave its findings? As results/NAME.json, with what they depend on."""

from __future__ import annotations

import json
import platform
import re
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

HERE = Path(__file__).parent
STARTED = time.perf_counter()


def record(name: str, config: dict[str, Any], findings: dict[str, Any]) -> Path:
    """Write ``results/NAME.json``: settings, findings, versions, seconds taken. Numbers keep 4 decimals."""
    versions = {package: version(package) for package in ("numpy", "scikit-learn", "mlxtend")}
    content = {
        "config": config,
        "findings": rounded(findings),
        "versions": {"python": platform.python_version(), **versions},
        "seconds": round(time.perf_counter() - STARTED),
    }
    path = HERE / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(content, indent=1, ensure_ascii=False)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda found: re.sub(r"\s+", " ", found[0]), text)  # a list of numbers is one line
    path.write_text(text + "\n", encoding="utf-8")
    print(f"written: {path.relative_to(HERE.parent)} ({content['seconds']} s)")
    return path


def recall(name: str) -> dict[str, Any]:
    """Return the findings that ``record`` kept under a name."""
    content: dict[str, Any] = json.loads((HERE / "results" / f"{name}.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = content["findings"]
    return found


def interval(values: Sequence[float]) -> list[float] | None:
    """Return the 95% interval of the mean over seeds (Student's t); none if there is one value only.

    >>> interval([0.8, 0.9])
    [0.21..., 1.48...]
    """
    if len(values) < 2:
        return None
    return list(stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values)))


def rounded(value: Any) -> Any:
    """Return plain Python values, numbers with 4 decimals, whatever NumPy made of them."""
    if isinstance(value, dict):
        return {str(key): rounded(entry) for key, entry in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [rounded(entry) for entry in value]
    return round(value, 4) if isinstance(value, float) else value
