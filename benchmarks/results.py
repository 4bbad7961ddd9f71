"""Where do results go, and what goes with them? A JSON file that also says on which machine they were made."""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "results"
PACKAGES = ("numpy", "torch", "jax", "autograd", "mygrad")


def machine() -> dict[str, Any]:
    """The processor, and the versions of all that takes part."""
    information = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", information.read_text("utf-8")) if information.exists() else None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": found[1] if found else platform.processor() or platform.machine(),
        "cores": cores,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "blas": blas(),
        **{package: installed(package) for package in PACKAGES},
    }


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def blas() -> str | None:
    """The library with which NumPy multiplies matrices."""
    try:
        found = np.show_config(mode="dicts")["Build Dependencies"]["blas"]  # type: ignore[call-overload, index]
    except TypeError:  # before NumPy 1.25
        return None
    return f"{found['name']} {found['version']}"


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, lowest and highest.

    >>> spread([3.0, 1.0, 2.0])
    {'median': 2.0, 'low': 1.0, 'high': 3.0}
    """
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def read(path: Path) -> dict[str, Any]:
    """What was measured; nothing, if nothing was."""
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def write(path: Path, found: dict[str, Any]) -> None:
    """Write a result: four significant digits, a list of numbers on one line, the machine first."""
    text = json.dumps(rounded({"machine": machine(), **found}), indent=1, ensure_ascii=False)
    text = re.sub(r"[\[{][^\[\]{}]*[\]}]", lambda inner: re.sub(r"\s+", " ", inner[0]), text)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def rounded(value: Any) -> Any:
    """The same with numbers of four significant digits; losses are compared before.

    >>> rounded({"us": [1234.56, 2]})
    {'us': [1235.0, 2]}
    """
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
