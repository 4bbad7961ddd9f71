"""How was tinydigits.npz made? ``python -m tinytorch.datasets.tinydigits.build [FOLDER]`` makes it again.

The rule has nothing to tune. scikit-learn's ``load_digits`` has about 180 images of each digit, and the
sequence of its labels repeats about every 130 rows, form after form, so that neighbouring rows mostly show
one writer's hand. We therefore take images evenly spaced through the rows of each digit, which spreads them
over the writers. No seed was drawn, no image was looked at, and no model was asked. Both splits share the
writers: the source does not say who wrote what.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tinytorch.datasets.files import write_npz

TRAIN_PER_DIGIT = 15
TEST = 47  # 5 of each digit, but 4 of the three digits that the source has fewest of


def choose(labels: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the source rows of the train and of the test images, each in source order.

    Args:
        labels: ``(N,)`` the digit in each row of the source.
    """
    train: list[int] = []
    test: list[int] = []
    rarest_first = np.argsort(np.bincount(labels, minlength=10), kind="stable")
    with_four = rarest_first[: 10 * 5 - TEST]
    for digit in range(10):
        rows = np.flatnonzero(labels == digit)
        count = 4 if digit in with_four else 5
        # `count` equal steps through the rows; each digit starts a tenth of a step later than the one before,
        # so that the test images of the ten digits do not all fall on the same few writers.
        picked = rows[[(20 * step + 2 * digit + 1) * len(rows) // (20 * count) for step in range(count)]]
        rest = np.setdiff1d(rows, picked)
        # The middle of each of 15 equal steps through what is left.
        steps = range(TRAIN_PER_DIGIT)
        train.extend(rest[[(2 * step + 1) * len(rest) // (2 * TRAIN_PER_DIGIT) for step in steps]])
        test.extend(picked)
    return np.sort(train), np.sort(test)


def build(folder: Path) -> Path:
    """Write ``tinydigits.npz`` into ``folder``, check it against the source, and say what it is."""
    from sklearn.datasets import load_digits

    source = load_digits()
    train, test = choose(source.target)
    rows = np.concatenate([train, test])
    path = folder / "tinydigits.npz"
    write_npz(
        path,
        {
            "images": source.images[rows].astype(np.uint8),
            "labels": source.target[rows].astype(np.uint8),
            "source_index": rows.astype(np.uint16),
            "split": np.array(["train"] * len(train) + ["test"] * len(test), dtype="<U5"),
        },
    )
    check(path, source)
    return path


def check(path: Path, source: Any) -> None:
    """Read the file back, assert that it is what the card says, and print it."""
    with np.load(path, allow_pickle=False) as archive:
        images, labels, rows, split = (archive[name] for name in archive.files)
    per_digit = {part: np.bincount(labels[split == part], minlength=10) for part in ("train", "test")}

    assert (images.shape, images.dtype) == ((197, 8, 8), np.uint8)
    assert (images == source.images[rows]).all(), "an image differs from its row in the source"
    assert (labels == source.target[rows]).all(), "a label differs from its row in the source"
    assert len(np.unique(rows)) == 197, "a row was taken twice"
    assert len(np.unique(images, axis=0)) == 197, "two images are equal in every pixel"
    assert per_digit["train"].tolist() == [TRAIN_PER_DIGIT] * 10
    assert sorted(per_digit["test"].tolist()) == [4] * 3 + [5] * 7

    content = path.read_bytes()
    print(f"{path.name}: {len(content)} bytes, sha256 {sha256(content).hexdigest()}")
    for part, counts in per_digit.items():
        print(f"{part:5}: {counts.sum():3} images; of the digits 0 to 9: {' '.join(map(str, counts))}")
    print("every image and label equals its row in load_digits; no row is used twice")


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
