"""Where does what the paper shows come from, and what does a reader type to make it again?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from card_evidence import result
from paper_numbers import numbers

Table = dict[str, Any]

SOURCES: Mapping[str, tuple[str, ...]] = {
    "tinytorch/datasets/catalog.py": ("tab:inventory", "tab:others"),
    "tinytorch/datasets/tinydigits/": ("fig:digits", "tab:fields", "tab:strata"),
    "tinytorch/datasets/tinymnist/": ("fig:tinymnist", "fig:ambiguous", "tab:fields", "tab:strata"),
    "tinytorch/datasets/tinytalks/": ("fig:story", "tab:fields", "tab:talks", "sec:statistics"),
    "evidence/results/difficulty_tinydigits.json": ("fig:difficulty", "sec:difficulty"),
    "evidence/results/difficulty_tinymnist.json": ("fig:difficulty", "sec:difficulty"),
    "evidence/results/choice_tinymnist.json": ("sec:difficulty", "sec:training"),
    "evidence/results/selection_rules.json": ("sec:training",),
    "evidence/results/as_difficult_tinydigits.json": ("sec:statistics",),
    "evidence/results/as_difficult_tinymnist.json": ("sec:statistics",),
    "evidence/results/apart_from_mnist_test.json": ("sec:datasets",),
    "evidence/results/selection_table.json": ("tab:selection", "tab:beliefs"),
    "evidence/results/stands_for_mnist.json": ("fig:stands", "tab:stands"),
    "evidence/results/reference_accuracies.json": ("tab:reference",),
    "evidence/results/tinytalks_certificate.json": ("fig:certificate", "tab:certificate"),
    "evidence/results/milestones.json": ("tab:milestones", "tab:beliefs", "sec:time"),
    "evidence/results/small.json": ("tab:beliefs",),
    "evidence/results/arm.json": ("tab:beliefs",),
    "benchmarks/results/speed.json": ("tab:beliefs",),
    "docs/paper/facts.json": ("tab:others", "tab:beliefs", "tab:study", "tab:datasheet"),
}


def provenance() -> Table:
    """Return which tables, figures and sections are made from which files, what makes those, and in which time."""
    rows = [
        [f"`{file}`", maker(file), minutes(file), ", ".join(f"<{what}>" for what in shown)]
        for file, shown in SOURCES.items()
    ]
    return {"head": ["file", "made by", "minutes", "shown in"], "rows": rows}


def maker(file: str) -> str:
    """Return what makes a file.

    >>> maker("evidence/results/difficulty_tinymnist.json"), maker("tinytorch/datasets/tinytalks/")
    ('`evidence/difficulty.py`', '`tinytorch datasets build tinytalks`')
    """
    path = Path(file)
    if made := MAKERS.get(file):
        return made
    if path.parts[0] == "tinytorch":
        return f"`tinytorch datasets build {path.name}`"
    script = next((script for start, script in SCRIPTS.items() if path.stem.startswith(start)), path.stem)
    return f"`evidence/{script}.py`"


MAKERS = {
    "evidence/results/small.json": "`make small`",
    "evidence/results/arm.json": "`make arm`",
    "benchmarks/results/speed.json": "`make bench`",
    "tinytorch/datasets/catalog.py": "people, compared by tests",
    "docs/paper/facts.json": "people, with quotations",
}
SCRIPTS = {  # by how the name of the result begins; all others are written by the script of the same name
    "difficulty_": "difficulty",
    "choice_": "choose_images",
    "as_difficult_": "as_difficult_as_the_source",
}


def minutes(file: str) -> str:
    """Return how long a result took to make, if it says so."""
    if not file.startswith("evidence/"):
        return ""
    found = result(Path(file).stem)
    if "runs" in found:  # the certificate keeps the seconds of each training
        seconds = sum(run["seconds"] for runs in found["runs"].values() for run in runs)
    else:
        seconds = found.get("seconds")
    return "" if seconds is None else f"{max(seconds / 60, 0.1):.1f}"


def commands() -> Table:
    """Return what a reader types to do it again."""
    n = numbers()
    does = {
        "make run": "installs into a folder of its own, and plays the programs that need no network, "
        f"{n['milestones.offline']} ({n['milestones.all.seconds']} s)",
        "tinytorch datasets verify NAME --against DIR": "compares checksums, and each image with the official files",
        "tinytorch datasets build NAME FOLDER": "makes a dataset’s files again from the source, and compares them",
        "evidence/writers.py --mnist DIR --qmnist FILE --to CSV": "joins MNIST with QMNIST’s writers, not ours to ship",
        "make evidence MNIST=DIR WRITERS=CSV": "makes the results that the next table traces to `evidence`, and more "
        f"(about {n['evidence.hours']} hours)",
        "make bench": "times training steps",
        "make paper": "sets this paper from the results, to the same bytes",
        "make test": "fails if a number, a claim in words or a document differs from the results",
    }
    return {"head": ["command", "what it does"], "rows": [[f"`{command}`", what] for command, what in does.items()]}
