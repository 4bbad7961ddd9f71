"""How were the settings of mlp_mnist chosen? On images that its networks had not seen, and never on test images.

    python tools/choose_mlp_mnist.py              # by cross-validation inside TinyMNIST's 1,000 training images
    python tools/choose_mlp_mnist.py --mnist DIR  # for --full: on 5,000 of MNIST's 60,000 training images in DIR

Five folds with 20 images of each digit, two seeds each: every setting of the first is scored on 10 × 200 images. The
second scores each setting once, on a part drawn with another seed than the program's. No test image is ever loaded.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

import tinytorch as torch
from tinytorch.datasets import MNIST, load_tinymnist
from tinytorch.milestones import Run, catalog

FOLDS, SEEDS, BATCH = 5, range(1000, 1002), 100
TINY = ((64, 128), (0.002, 0.004, 0.008), (0.01, 0.5), (10, 20))  # hidden neurons, rate, weight decay, epochs
FULL = ((128,), (0.002, 0.004), (0.01, 0.5), (5, 7))


def folds() -> Iterator[tuple[Any, Any, Any, Any]]:
    """Images and labels to learn from and to be scored on, five times."""
    images, labels = load_tinymnist("train", return_X_y=True)
    fold = np.zeros(len(labels), dtype=int)
    for digit in range(10):
        fold[labels == digit] = np.arange((labels == digit).sum()) % FOLDS
    for held_out in range(FOLDS):
        inside = fold != held_out
        yield images[inside], labels[inside], images[~inside], labels[~inside]


def part_of_mnist(folder: str) -> Iterator[tuple[Any, Any, Any, Any]]:
    """55,000 images to learn from and 5,000 to be scored on."""
    mnist = MNIST(split="train", from_dir=folder)
    order = np.random.Generator(np.random.PCG64(1000)).permutation(len(mnist))
    inside, outside = order[5000:], order[:5000]
    yield mnist.data[inside], mnist.targets[inside], mnist.data[outside], mnist.targets[outside]


def main() -> None:
    """Print every setting with its accuracy, the best first."""
    parser = argparse.ArgumentParser(description="Choose mlp_mnist's settings without any test image.")
    parser.add_argument("--mnist", metavar="DIR", help="folder with MNIST's published files: choose for --full")
    folder = parser.parse_args().mnist
    program = catalog.load("mlp_mnist")
    science = sys.modules["tinytorch.milestones.mlp_mnist"]
    rows = []
    for hidden, rate, decay, epochs in product(*(FULL if folder else TINY)):
        scores = []
        for seed in SEEDS[:1] if folder else SEEDS:
            for images, labels, other_images, other_labels in part_of_mnist(folder) if folder else folds():
                torch.manual_seed(seed)
                run = Run(program, seed, epochs, ())
                net = science.train(run, *science.as_tensors(images, labels), 1, hidden, rate, decay, BATCH)
                x, y = science.as_tensors(other_images, other_labels)
                with torch.no_grad():
                    scores.append((net(x).argmax(dim=1) == y).float().mean().item())
        rows.append((float(np.mean(scores)), float(np.std(scores)), hidden, rate, decay, epochs))
    print("accuracy  sd      hidden  rate   decay  epochs")
    for mean, sd, hidden, rate, decay, epochs in sorted(rows, reverse=True):
        print(f"{mean:.4f}    {sd:.4f}  {hidden:6d}  {rate:<5}  {decay:<5}  {epochs:6d}")


if __name__ == "__main__":
    main()
