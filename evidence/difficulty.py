"""How difficult is each image of the sources of TinyMNIST and TinyDigits?

    python evidence/difficulty.py --writers CSV

As difficult as models find it that learned from other writers' images: as many as the small dataset will have
for training. In every round the writers fall into two halves by lot; each judge learns from one half and is
asked about the other. An image's difficulty is the mean, over judges and rounds, of the probability that they
did *not* give to its true digit: 0 where all are always sure and right, 1 where all are sure and wrong.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from image_models import JUDGES
from image_sources import Array, Source, arguments, digits_1797, mnist_5000
from record import record

ROUNDS, SEED = 10, 1


def judge(source: Source, learn_from: int, rounds: int, seed: int = 0) -> tuple[Array, Array]:
    """Return how each judge did on each image, on average over the rounds.

    Args:
        source: The images.
        learn_from: Number of training images, equally many of each digit.
        rounds: How often the writers are divided anew.
        seed: Of the divisions and of the judges.

    Returns:
        doubt: ``(N, judges)``, 1 − the probability of the true digit, mean over the rounds.
        right: ``(N, judges)`` int, in how many rounds the answer was right.
    """
    count, x = len(source.labels), source.x
    doubt, right = np.zeros((count, len(JUDGES))), np.zeros((count, len(JUDGES)), dtype=int)
    for round_ in range(rounds):
        generator = np.random.default_rng([seed, round_])
        first_half = in_half(source.writers, generator)
        for asked in (first_half, ~first_half):
            lesson = balanced_draw(np.flatnonzero(~asked), source.labels, learn_from // 10, generator)
            rows = np.flatnonzero(asked)
            for column, make in enumerate(JUDGES.values()):
                model = make(1000 * seed + round_).fit(x[lesson], source.labels[lesson])
                probability = model.predict_proba(x[rows])
                doubt[rows, column] += 1 - probability[np.arange(len(rows)), source.labels[rows]]
                right[rows, column] += probability.argmax(axis=1) == source.labels[rows]
        print(f"round {round_ + 1} of {rounds}: mean difficulty so far {doubt.mean() / (round_ + 1):.4f}", flush=True)
    return doubt / rounds, right


def in_half(writers: Array, generator: np.random.Generator) -> Array:
    """Return which images are by the half of the writers that the lot fell on."""
    names = np.unique(writers)
    return np.isin(writers, generator.choice(names, len(names) // 2, replace=False))


def balanced_draw(rows: Array, labels: Array, per_digit: int, generator: np.random.Generator) -> Array:
    """Return ``per_digit`` of the given rows for each digit, drawn by lot."""
    of_digit = [rows[labels[rows] == digit] for digit in range(10)]
    return np.sort(np.concatenate([generator.choice(few, per_digit, replace=False) for few in of_digit]))


def main(writers: Path) -> None:
    """Ask about both sources, and record what was found."""
    for name, source, learn_from in (("tinymnist", mnist_5000(writers), 1000), ("tinydigits", digits_1797(), 150)):
        doubt, right = judge(source, learn_from, ROUNDS, SEED)
        findings = {
            "difficulty": doubt.mean(axis=1).astype(np.float32).round(3).astype(float),
            "rounds in which the judge was right": dict(zip(JUDGES, right.T)),
        }
        record(f"difficulty_{name}", {"rounds": ROUNDS, "seed": SEED, "learned from": learn_from}, findings)


if __name__ == "__main__":
    main(arguments(__doc__ or "", "writers").writers)
