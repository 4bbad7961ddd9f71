"""Which numbers of the documents come from the evidence? One function per block, made from ``evidence/results``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from card_data import paragraph, table

import tinytorch
from tinytorch.datasets import load_images
from tinytorch.datasets.image_builds import STRATA

RESULTS = Path(tinytorch.__file__).parent.parent / "evidence" / "results"


class MissingEvidenceError(OSError):
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


def fractions(pair: Sequence[float]) -> str:
    """Return an interval as it is.

    >>> fractions([0.5, 0.875])
    '0.50–0.88'
    """
    return "–".join(f"{end:.2f}" for end in pair)


def range_of(pair: Sequence[float] | None) -> str:
    """Return an interval in per cent, or a dash where there is none.

    >>> range_of([0.9, 0.95]), range_of(None)
    ('90.0–95.0', '–')
    """
    return "–" if pair is None else f"{percent(pair[0])}–{percent(pair[1])}"


def difficulty(name: str) -> str:
    """Return how difficult the images of the source are, and those that were chosen among them."""
    found = result(f"as_difficult_{name}")["findings"]
    levels, quantiles, means = (found[key] for key in ("levels", "quantiles", "means"))
    for split in ("train", "test"):
        if not np.allclose(np.quantile(load_images(name, split).difficulty, levels), quantiles[split], atol=1e-4):
            raise ValueError(f"evidence/results has the difficulty of other images than {name}'s: run `make evidence`")
    titles = {"all": "all images of the source", "test": "**test**", "train": "train"}
    rows = ([titles[part], f"{means[part]:.4f}", *(f"{value:.4f}" for value in quantiles[part])] for part in titles)
    says = f"""The shares of test images and of all images up to any difficulty differ by {found["distance"]:.3f} at
        most (the distance of Kolmogorov and Smirnov); for random test sets of this size that distance is
        {found["distance of random test sets, median"]:.3f} in the median, for a test of the easiest images
        {found["distance of the easiest"]:.3f}."""
    heads = ["difficulty of", "mean", *(f"{level:.0%} are below" for level in levels)]
    return table(heads, rows) + "\n" + paragraph(says)


def apart() -> str:
    """Return how TinyMNIST's images compare with MNIST's official files."""
    found = result("apart_from_mnist_test")["findings"]
    images = found["images"]
    if {found["equal to the training file at their index"], found["labels equal"]} != {images}:
        raise ValueError("an image or a label differs from MNIST's training file: the card may not say otherwise")
    return paragraph(f"""Compared with the official files, byte for byte: all {images:,} images and labels equal MNIST's
        training file at their index, and {found["found in the test file"] or "none"} of them is among the
        {found["images of the test file compared with"]:,} images of its test file.""")


def selection() -> str:
    """Return what models learn from training images chosen by different rules."""
    found = result("selection_table")
    rules, gain = found["findings"]["table"], found["findings"]["gain"]
    seeds, others = found["config"]["seeds"], found["config"]["seeds of others"]
    families = list(gain)
    rows = [[rule, *(percent(row[family]["mean"]) for family in families)] for rule, row in rules.items()]
    rows.append(["**ours − random, points**", *(f"**{100 * gain[family]:+.1f}**" for family in families)])
    behind = {
        rule: sum(row[family]["mean"] < rules["random"][family]["mean"] for family in families)
        for rule, row in rules.items()
        if rule != "random"
    }
    counts = ", ".join(f"{rule} for {count}" for rule, count in behind.items())
    says = f"""Accuracy in % on MNIST's test file after learning from 1,000 images, which each rule chose among those by
        the writers who are for training. The random rule draws anew {seeds} times; each other rule makes one choice, so
        that its networks differ in their seeds alone ({seeds} for ours, {others} for the rules that are only there for
        comparison) and its other models not at all. Of {len(families)} kinds of models, so many do worse than after a
        random draw: {counts}. Only the last row is what was asked for; some rules beat ours for some kinds."""
    return table(["training images", *families], rows) + "\n" + paragraph(says)


def rules() -> str:
    """Return what was found when a part of the training writers was the test."""
    found = result("selection_rules")
    families = list(next(iter(found["findings"].values())))
    rows = [[rule, *(percent(row[family]) for family in families)] for rule, row in found["findings"].items()]
    says = f"""Accuracy in % on writers set aside, mean over {found["config"]["rounds"]} rounds. Leaving more out helps
        most kinds of models and harms 1-NN, which then learns less than from a random draw; so a quarter was left
        out."""
    return table(["training images", *families], rows) + "\n" + paragraph(says)


def bounds() -> str:
    """Return from which difficulty on an image belongs to a stratum."""
    steps = ", ".join(f"`{name}` from {low:g}" for name, low in STRATA.items())
    return paragraph(f"By difficulty: {steps}; the same for both sets of images.")


def stands() -> str:
    """Return how well the small test ranks models, beside tests chosen otherwise."""
    found = result("stands_for_mnist")["findings"]
    rows = []
    for name, about in found.items():
        if "models" in about:
            rows.append([
                "**TinyMNIST**" if name == "TinyMNIST" else name, about["models"], f"{about['tau']:.2f}",
                fractions(about["tau, 95% over models"]), fractions(about["tau, 95% over images"]),
                f"{100 * about['mean absolute difference']:.1f}", f"{100 * about['mean difference']:+.1f}",
            ])  # fmt: skip
        elif "tau, mean" in about:
            rows.append([
                f"{name}, mean", "", f"{about['tau, mean']:.2f}", "", fractions(about["tau, 95% of draws"]),
                f"{100 * about['mean absolute difference, mean']:.1f}", "",
            ])  # fmt: skip
    heads = ["to learn from and to test", "models", "Kendall's τ", "95% over models", "95% over images",
             "mean absolute difference, points", "mean difference, points"]  # fmt: skip
    both = found["random 200s"]["draws with tau of 0.8 or more and a difference of 0.02 or less"]
    says = f"""The differences are those between the accuracy on the small test and on MNIST's. The intervals are
        bootstraps; drawing images with repetition makes a test smaller, so that “over images” lies too low. Of random
        test sets of this size, {both:.0%} reach a τ of 0.8 and stay within a mean absolute difference of 2 points."""
    return table(heads, rows) + "\n" + paragraph(says)


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
    "apart": apart,
    "selection": selection,
    "stands": stands,
    "rules": rules,
    "bounds": bounds,
    "reference": reference,
    "easy-test": easy_test,
}
