"""Which rule for choosing training images teaches most? Asked inside the 5,000 images that ours come from.

    python evidence/selection_rules.py --writers CSV

TinyMNIST's test writers are out of it, and so is MNIST's test file. In every round a quarter of the other writers
is set aside by lot, a rule chooses 1,000 images of the rest, each family of models learns from them, and the writers
set aside are the test. The rule and the quarter of easiest images that it leaves out were settled by trials of this
kind over all 5,000 images, before the test writers were drawn. To leave out more helps most families and harms 1-NN.
"""

from __future__ import annotations

import numpy as np
from choosing import OURS, RULES, graded, pool_of, some_writers
from image_models import FAMILIES
from image_sources import arguments, mnist_5000
from record import recall, record

ROUNDS = 3
RULES_ASKED = {
    **{name: RULES[name] for name in ("random", "medoids")},
    "graded medoids, no easy ones left out": graded(0.0),
    OURS: RULES[OURS],
    "graded medoids, half left out": graded(0.5),
}


def main() -> None:
    """Print and record the mean accuracy of each family under each rule."""
    source = mnist_5000(arguments(__doc__ or "", "writers").writers)
    choice = recall("choice_tinymnist")
    pool, x, y = pool_of(source, np.array(recall("difficulty_tinymnist")["difficulty"])), source.x, source.labels
    rows = np.array(choice["rows by the writers who are for training"])
    table: dict[str, dict[str, float]] = {}
    for name, rule in RULES_ASKED.items():
        scores = np.zeros((ROUNDS, len(FAMILIES)))
        for round_ in range(ROUNDS):
            lots = np.random.default_rng([7, round_])  # the same writers for every rule
            aside = some_writers(source.writers[rows], 1 / 4, lots)
            lesson, asked = rule(pool, rows[~aside], 100, lots), rows[aside]
            for column, make in enumerate(FAMILIES.values()):
                model = make(round_).fit(x[lesson], y[lesson])
                scores[round_, column] = (model.predict(x[asked]) == y[asked]).mean()
        table[name] = dict(zip(FAMILIES, scores.mean(axis=0)))
        print(f"{name:37}", *(f"{score:.4f}" for score in table[name].values()), flush=True)
    record("selection_rules", {"rounds": ROUNDS}, table)


if __name__ == "__main__":
    print("Accuracy of", ", ".join(FAMILIES))
    main()
