"""Which numbers of the documents come from the evidence? One function per block, made from ``evidence/results``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from card_data import paragraph, table

from tinytorch.datasets import load_images

RESULTS = Path(__file__).parent.parent / "evidence" / "results"


class MissingEvidenceError(Exception):
    """A result that a document quotes has not been made."""


def result(name: str) -> Any:
    """Return what the evidence script called ``name`` found.

    Raises:
        MissingEvidenceError: If it has not been run.
    """
    path = RESULTS / f"{name}.json"
    if not path.is_file():
        raise MissingEvidenceError(f"evidence/results/{name}.json is missing: `make evidence` makes it")
    return json.loads(path.read_text(encoding="utf-8"))


def percent(share: float) -> str:
    """Return a share in per cent.

    >>> percent(0.9234)
    '92.3'
    """
    return f"{100 * share:.1f}"


def range_of(pair: Sequence[float] | None) -> str:
    """Return an interval in per cent, or a dash where there is none.

    >>> range_of([0.9, 0.95]), range_of(None)
    ('90.0–95.0', '–')
    """
    return "–" if pair is None else f"{percent(pair[0])}–{percent(pair[1])}"


def difficulty(name: str) -> str:
    """Return how difficult the candidates are, and the images that were chosen among them."""
    everything = np.array(result(f"difficulty_{name}")["findings"]["difficulty"])
    groups = {f"all {len(everything):,} candidates": everything}
    for split in ("train", "test"):
        groups[split] = load_images(name, split).difficulty
    shares = (0.1, 0.25, 0.5, 0.75, 0.9)
    rows = (
        [group, f"{values.mean():.3f}", *(f"{value:.3f}" for value in np.quantile(values, shares))]
        for group, values in groups.items()
    )
    return table(["difficulty of", "mean", *(f"{share:.0%} are below" for share in shares)], rows)


def selection() -> str:
    """Return what models learn from training images chosen by different rules."""
    found = result("selection_table")
    rules, gain, config = found["findings"]["table"], found["findings"]["gain"], found["config"]
    families = list(gain)
    rows = [[rule, *(percent(row[family]["mean"]) for family in families)] for rule, row in rules.items()]
    rows.append(["**ours − random, points**", *(f"**{100 * gain[family]:+.1f}**" for family in families)])
    ahead = [family for family in families if gain[family] > 0]
    return (
        table(["training images", *families], rows)
        + "\n"
        + paragraph(
            f"Accuracy in % on MNIST's test file after learning from 1,000 images, which each rule chose among those by "
            f"the writers who are for training: means over {config['seeds']} seeds, or {config['seeds of others']} for the "
            f"rules that are only there for comparison. Every seed has another random draw. Ours is ahead of it for "
            f"{len(ahead)} of {len(families)} kinds of models."
        )
    )


def stands() -> str:
    """Return how well the small test ranks models, beside tests chosen otherwise."""
    found = result("stands_for_mnist")["findings"]
    names = {"TinyMNIST": "**TinyMNIST's test**"}
    rows = []
    for name, about in found.items():
        if "models" in about:
            rows.append([
                names.get(name, name), about["models"], f"{about['tau']:.2f}",
                "–".join(f"{end:.2f}" for end in about["tau, 95% over images"]),
                f"{100 * about['mean absolute difference']:.1f}", f"{100 * about['mean difference']:+.1f}",
            ])  # fmt: skip
        elif "tau, mean" in about:
            rows.append([
                f"{name}, mean", "", f"{about['tau, mean']:.2f}",
                "–".join(f"{end:.2f}" for end in about["tau, 95% of draws"]),
                f"{100 * about['mean absolute difference, mean']:.1f}", "",
            ])  # fmt: skip
    head = ["test images", "models", "Kendall's τ", "95% interval", "mean distance, points", "mean error, points"]
    return table(head, rows)


def reference(test: str) -> str:
    """Return what models reach on one test set, with what is uncertain about it.

    Args:
        test: ``tinymnist``, ``tinydigits`` (their own tests) or ``mnist`` (MNIST's, after learning from TinyMNIST).
    """
    found = result("reference_accuracies")["findings"]["MNIST test" if test == "mnist" else f"{test} test"]
    rows = (
        [family, about["seeds"], percent(about["mean"]), range_of(about["mean, 95% over seeds"]),
         percent(about["worst"]), range_of(about["95% over images (Wilson)"])]
        for family, about in found.items()
    )  # fmt: skip
    head = ["model", "seeds", "accuracy, %", "95% over seeds", "worst seed", "95% over images"]
    return table(head, rows)


def easy_test() -> str:
    """Return what a test of the easiest images would have made of the same models."""
    found = result("stands_for_mnist")["findings"]
    (name,) = (name for name in found if name.startswith("easiest"))
    easy, ours = found[name], found["TinyMNIST"]
    return paragraph(
        f"Over {easy['models']} models that learned from the easiest images, the easiest test promised "
        f"{100 * easy['mean difference']:.1f} points more than MNIST's test file found; for TinyMNIST's two splits the "
        f"mean error is {100 * ours['mean difference']:+.1f} points."
    )


BLOCKS: Mapping[str, Callable[..., str]] = {
    "difficulty": difficulty,
    "selection": selection,
    "stands": stands,
    "reference": reference,
    "easy-test": easy_test,
}
