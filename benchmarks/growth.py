"""How does the time of a step grow with batch, width, depth, context and image size, and backward with the graph?

    python benchmarks/growth.py [--only batch,chain] [--rounds 3] [--json FILE] [--plot FILE]

TinyTorch, PyTorch eager and the limit (the matrix products alone) take turns as in run.py, on one thread. An exponent
is the slope on log axes over the upper half of the sizes. A surprise would be a step whose time grows more than its
arithmetic does: `surprise` is the largest growth of time over that of arithmetic between neighbouring sizes.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import results
from processes import environment
from report import console
from rich.table import Table
from run import choice, measure
from systems.gemm import products
from workloads import find

CHAIN = Path(__file__).parent / "chain.py"
SYSTEMS = ["tinytorch", "torch", "gemm"]
AXES = {  # what grows, of which workload, to which sizes
    "batch": ("W3", (1, 4, 16, 64, 256, 1024)),
    "width": ("W3", (16, 64, 256, 1024, 4096)),
    "depth": ("W3", (1, 2, 4, 8, 16, 32)),
    "context": ("W6s", (16, 32, 64, 128, 256)),
    "image": ("W5b", (8, 16, 32, 64)),
}
LENGTHS = (1_000, 3_000, 10_000, 30_000, 100_000)  # operations of the chain


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """The slope of the upper half on log axes.

    >>> round(exponent([1, 2, 4, 8], [5, 5, 20, 80]), 2)
    2.0
    """
    upper = len(sizes) // 2
    return float(np.polyfit(np.log(sizes[upper:]), np.log(times[upper:]), 1)[0])


def surprise(times: Sequence[float], work: Sequence[float]) -> float:
    """The most by which time grows faster than work between neighbours.

    >>> surprise([1, 2, 6], [1, 2, 4])
    1.5
    """
    steps = range(1, len(times))
    return max(times[i] / times[i - 1] / (work[i] / work[i - 1]) for i in steps)


def grow(axis: str, rounds: int) -> dict[str, Any]:
    """One axis: the time of a step at every size."""
    workload, sizes = AXES[axis]
    works = [find(f"{workload} {axis}={size}") for size in sizes]
    rows = []
    for work in works:
        with console.status(work.name):
            rows.append(measure(work, 1, SYSTEMS, rounds)["systems"])
    flops = [sum(product.flops for product in products(work)) for work in works]
    found: dict[str, Any] = {"workload": workload, "sizes": sizes, "flops": flops}
    found["exponents"] = {"arithmetic": exponent(sizes, flops)}
    for name in SYSTEMS:
        if any("ms" not in row[name] for row in rows):
            continue
        times = [row[name]["ms"] for row in rows]
        found[name] = {"ms": times, "surprise": surprise(times, flops), "void": any(row[name]["void"] for row in rows)}
        found["exponents"][name] = exponent(sizes, times)
    return found


def chain(rounds: int) -> dict[str, Any]:
    """The time of backward through a chain, in turn."""
    found: dict[str, Any] = {"sizes": LENGTHS, "exponents": {}}
    times: dict[str, list[list[float]]] = {name: [] for name in ("tinytorch", "torch")}
    for _ in range(rounds):
        for name, each in times.items():
            words = [sys.executable, str(CHAIN), name, *map(str, LENGTHS)]
            run = subprocess.run(words, env=environment(1), capture_output=True, encoding="utf-8", check=True)
            each.append(json.loads(run.stdout))
    for name, each in times.items():
        found[name] = {"ms": [1e3 * value for value in np.median(each, axis=0).tolist()]}
        found["exponents"][name] = math.log(found[name]["ms"][-1] / found[name]["ms"][0], LENGTHS[-1] / LENGTHS[0])
    return found


def show(found: dict[str, Any]) -> None:
    """Print the exponents and the surprises."""
    slopes = {"arithmetic": "arithmetic", "gemm": "GEMM", "torch": "PyTorch", "tinytorch": "TinyTorch"}
    table = Table("", "sizes", *slopes.values(), "surprise", "PyTorch's", box=None)
    for axis, each in found.items():
        numbers = [each["exponents"].get(name) for name in slopes]
        numbers += [each.get(name, {}).get("surprise") for name in ("tinytorch", "torch")]
        shown = ("–" if value is None else f"{value:.2f}" for value in numbers)
        table.add_row(axis, f"{each['sizes'][0]}–{each['sizes'][-1]}", *shown)
    console.print("How the time grows: exponents, and the most by which time outgrew arithmetic", table, sep="\n")


def draw(found: dict[str, Any], path: Path) -> None:
    """All of it on log axes, as an SVG whose bytes depend on the numbers alone."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"svg.hashsalt": "growth", "svg.fonttype": "none", "font.size": 9})
    labels = {"batch": "batch of an MLP 784-128-10", "width": "width of an MLP's hidden layer",
              "depth": "hidden layers of 128", "context": "context of a GPT 2×64", "image": "side of a CNN's images",
              "chain": "operations in a chain (backward)"}  # fmt: skip
    lines = {"torch": ("PyTorch", "tab:gray", "s-"), "tinytorch": ("TinyTorch", "tab:red", "o-"),
             "gemm": ("the matrix products alone", "tab:blue", ":")}  # fmt: skip
    figure, axes = pyplot.subplots(2, 3, figsize=(10, 6), layout="constrained")
    for panel, (axis, label) in zip(axes.flat, labels.items()):
        if axis not in found:
            continue
        each = found[axis]
        for name, (title, colour, style) in lines.items():
            if name in each:
                panel.plot(each["sizes"], each[name]["ms"], style, color=colour, label=title, markersize=4)
        panel.set(xscale="log", yscale="log", xlabel=label, ylabel="ms")
        panel.set_xticks(each["sizes"], [f"{size:,}" for size in each["sizes"]])
        panel.minorticks_off()
        panel.grid(alpha=0.3)
    figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Measure, show, write and draw."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = [*AXES, "chain"]
    parser.add_argument("--only", type=choice(known), default=known, metavar="A,B", help=", ".join(known))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results to this file")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="also draw them (needs matplotlib)")
    asked = parser.parse_args()
    old = results.read(asked.json) if asked.json else {}
    found = old.get("axes", {}) if old.get("machine") == results.machine() else {}
    for axis in asked.only:
        found[axis] = chain(asked.rounds) if axis == "chain" else grow(axis, asked.rounds)
    found = {axis: found[axis] for axis in known if axis in found}
    show(found)
    if asked.json:
        results.write(asked.json, {"axes": found})
    if asked.plot:
        draw(found, asked.plot)


if __name__ == "__main__":
    main()
