"""Which images make TinyMNIST and TinyDigits? Writes both archives anew.

    python evidence/choose_images.py --writers CSV

MNIST's test images have no part in it. difficulty.py, run before, asked models about each image; choosing.py has the
rules. The archives are the record of the choice: each dataset's build.py makes its archive again from that and the
source.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from choosing import OURS, RULES, matched_test, pool_of, some_writers
from image_sources import Array, Source, arguments, digits_1797, mnist_5000
from record import recall, record

import tinytorch.datasets
from tinytorch.datasets.files import write_npz
from tinytorch.datasets.image_builds import STRATA, strata_of

TEST_WRITERS, SEED = 1 / 3, 1


def choose(
    source: Source, judged: dict[str, Any], train_per_digit: int, test_per_digit: list[int]
) -> tuple[dict[str, Array], dict[str, object]]:
    """Return the columns of the archive, and what there is to say about the whole source."""
    difficulty = np.array(judged["difficulty"], dtype=np.float32)
    right = np.array(list(judged["rounds in which the judge was right"].values())).T  # (N, judges)
    lots = np.random.default_rng(SEED)
    for_test = some_writers(source.writers, TEST_WRITERS, lots)
    test = matched_test(source.labels, difficulty, right, for_test, test_per_digit, lots)
    train = RULES[OURS](pool_of(source, difficulty), np.flatnonzero(~for_test), train_per_digit, lots)
    train, test = (chosen[np.argsort(source.index[chosen])] for chosen in (train, test))
    rows = np.concatenate([train, test])
    columns = {
        "images": source.images[rows],
        "labels": source.labels[rows].astype(np.uint8),
        "source_index": source.index[rows].astype(np.uint16),
        "split": np.array(["train"] * len(train) + ["test"] * len(test), dtype="<U5"),
        "difficulty": difficulty[rows],
        "stratum": strata_of(difficulty[rows]),
    }
    if source.row_name != "source_index":
        columns[source.row_name] = rows.astype(np.uint16)
    return columns, {
        "train rows": train,
        "test rows": test,
        "rows by the writers who are for training": np.flatnonzero(~for_test),
    }


def main() -> None:
    """Choose, write the archives and what the other scripts need to know."""
    options = arguments(__doc__ or "", "writers")
    fives_but_three = [4, 5, 4, 5, 5, 5, 5, 5, 4, 5]  # 47; the source has fewest of the digits 0, 2 and 8
    work = {
        "tinymnist": (mnist_5000(options.writers), 100, [20] * 10),
        "tinydigits": (digits_1797(), 15, fives_but_three),
    }
    for name, (source, train, test) in work.items():
        columns, about = choose(source, recall(f"difficulty_{name}"), train, test)
        folder = Path(tinytorch.datasets.__file__).parent / name
        folder.mkdir(exist_ok=True)
        write_npz(folder / f"{name}.npz", columns)
        print(f"written: {name}.npz ({(folder / f'{name}.npz').stat().st_size} bytes)")
        record(f"choice_{name}", {"test writers": TEST_WRITERS, "seed": SEED, "strata": STRATA}, about)


if __name__ == "__main__":
    main()
