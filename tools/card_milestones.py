"""Which numbers of the documents come from running the milestones? Made from ``evidence/results/milestones.json``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from card_data import paragraph, table
from card_evidence import percent, range_of, result

from tinytorch.milestones import Milestone, catalog


def milestones() -> str:
    """Return how often each program met its gates, with one gate's mean, seconds and memory; then `--all`."""
    found = result("milestones")["findings"]
    rows = [_row(catalog.load(name), found[name]) for name in catalog.names() if name in found]
    history = found["run --all"]
    head = ["program", "seeds that met all gates", "gate", "required", "mean over seeds", "s", "MB"]
    words = (
        f"One core; seconds of the processor for one run, its start included; most memory held. `tinytorch run --all`: "
        f"{history['processor seconds']:.0f} s and {history['peak MB']:.0f} MB (`python evidence/milestones.py`)."
    )
    return table(head, rows) + "\n" + paragraph(words)


def _row(program: Milestone, about: Mapping[str, Any]) -> list[object]:
    name = next(name for name, bound in program.gates.items() if bound.required > 0.001)  # no rounding error's
    gate, bound = about["gates"][name], program.gates[name]
    met = f"{about['met']} of {about['seeds']} ({range_of(about['95% (Wilson)'])} %)"
    mean = f"{percent(gate['mean'])}%" if bound.percent else bound.show(gate["mean"])
    seconds = f"{about['one run']['processor seconds']:.1f}"
    return [f"`{program.name}`", met, name, bound, mean, seconds, f"{about['one run']['peak MB']:.0f}"]


BLOCKS: Mapping[str, Callable[..., str]] = {"milestones": milestones}
