"""Does a model learn more from TinyMNIST's 1,000 training images than from 1,000 taken by another rule?

    python evidence/selection_table.py --writers CSV --mnist DIR

Every rule chooses among the same images: those of the 5,000 whose writers are not TinyMNIST's test writers. Five
families of models learn from what it chose and are tested on MNIST's 10,000 test images. The random draw has another
draw for each seed; the other rules have one choice, from which the networks learn anew for each seed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from choosing import OURS, RULES, Pool, pool_of
from image_models import FAMILIES, SEEDED
from image_sources import Array, arguments, mnist_5000, official_mnist
from record import interval, recall, record

SEEDS = 20
SEEDS_OF_OTHERS = 3  # the rules that are only there to be seen failing


def lessons(rule: str, pool: Pool, choice: dict[str, Array]) -> list[Array]:
    """Return the rows that a rule chose, once for each seed."""
    if rule == OURS:
        return [choice["train rows"]] * SEEDS
    allowed = choice["rows by the writers who are for training"]
    draws = SEEDS if rule == "random" else 1
    chosen = [RULES[rule](pool, allowed, 100, np.random.default_rng([11, seed])) for seed in range(draws)]
    return chosen if rule == "random" else chosen * SEEDS_OF_OTHERS


def scores(x: Array, y: Array, draws: list[Array], test_x: Array, test_y: Array) -> dict[str, list[float]]:
    """Return each family's accuracies, one for each seed; one only, where every seed gives the same."""
    found: dict[str, list[float]] = {}
    for family, make in FAMILIES.items():
        same = family not in SEEDED and all(rows is draws[0] for rows in draws)
        models = ((make(seed).fit(x[rows], y[rows])) for seed, rows in enumerate(draws[:1] if same else draws))
        found[family] = [float((model.predict(test_x) == test_y).mean()) for model in models]
    return found


def main(writers: Path, mnist: Path) -> None:
    """Print and record the table."""
    source = mnist_5000(writers)
    choice = {name: np.array(rows) for name, rows in recall("choice_tinymnist").items() if "rows" in name}
    pool = pool_of(source, np.array(recall("difficulty_tinymnist")["difficulty"]))
    images, test_y = official_mnist(mnist, "t10k")
    test_x = (images.reshape(len(images), -1) / 255).astype(np.float32)
    table: dict[str, dict[str, list[float]]] = {}
    print(f"{'':22}", *(f"{family:>20}" for family in FAMILIES))
    for rule in RULES:
        table[rule] = scores(source.x, source.labels, lessons(rule, pool, choice), test_x, test_y)
        print(f"{rule:22}", *(f"{np.mean(values):20.4f}" for values in table[rule].values()), flush=True)
    gain = {family: np.mean(table[OURS][family]) - np.mean(table["random"][family]) for family in FAMILIES}
    print(f"{'ours - random':22}", *(f"{value:+20.4f}" for value in gain.values()))
    findings = {
        rule: {family: {"mean": np.mean(v), "interval": interval(v), "seeds": len(v)} for family, v in row.items()}
        for rule, row in table.items()
    }
    record("selection_table", {"seeds": SEEDS, "seeds of others": SEEDS_OF_OTHERS}, {"table": findings, "gain": gain})


if __name__ == "__main__":
    options = arguments(__doc__ or "", "writers", "mnist")
    main(options.writers, options.mnist)
