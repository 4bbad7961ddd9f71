"""How were the settings of cnn_digits chosen? By cross-validation inside its 150 training images.

    python tools/choose_cnn_digits.py

Four times over, the images are dealt into five folds with three of each digit, and every network is scored on the
fold that it had not seen: 20 × 30 images for each setting. Both networks are given the same folds, seeds and batches.
Then the rule: rate, decay and epochs are those with which the *fully connected* network scores best, and both are
trained with them; the filters are those with which the convolutional one then scores best. With these settings, it
also prints what both score in each of the five places. The 47 test images are never loaded.

The grid ends at 20 epochs, as 20 networks of each kind are trained in seconds, and at 14 filters, as with more of them
the convolutional network would have more weights than its rival.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import product
from types import ModuleType

import numpy as np
import numpy.typing as npt

import tinytorch as torch
from tinytorch.datasets import load_tinydigits
from tinytorch.milestones import Run, catalog
from tinytorch.milestones.kit import Milestone

FOLDS, SEEDS = 5, range(1000, 1004)
FILTERS, RATES, DECAYS, EPOCHS = (8, 12, 14), (0.01, 0.02, 0.03), (0.01, 0.1), (10, 20)


def splits(labels: npt.NDArray[np.int64]) -> Iterator[tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """The seed, the images inside and those held out, for each seed and fold."""
    for seed in SEEDS:
        rng, fold = np.random.default_rng(seed), np.zeros(len(labels), dtype=int)
        for digit in range(10):
            mine = np.flatnonzero(labels == digit)
            fold[mine] = rng.permutation(np.arange(len(mine)) % FOLDS)
        for held_out in range(FOLDS):
            yield seed, np.flatnonzero(fold != held_out), np.flatnonzero(fold == held_out)


def scores(
    science: ModuleType, program: Milestone, filters: Sequence[int], rate: float, decay: float, epochs: int
) -> npt.NDArray[np.float64]:
    """Held-out accuracy of the rival and of a network with each number of filters, in five places: (1 + filters, 5)."""
    images, labels = load_tinydigits("train", return_X_y=True)
    x, y = science.as_tensors(images, labels)
    found = []
    for seed, inside, outside in splits(labels):
        torch.manual_seed(seed)
        nets = [science.fully_connected(), *map(science.convolutional, filters)]
        run = Run(program, seed, epochs, ())
        science.train(run, nets, [x[inside]] * len(nets), y[inside], rate, decay, batch_size=30)
        held_out, _ = science.as_tensors(science.in_all_places(images[outside]), labels[outside])
        found.append([(science.answers(net, held_out) == labels[outside]).mean(axis=1) for net in nets])
    return np.mean(found, axis=0)


def main() -> None:
    """Print every setting with the accuracy of each network, the rival's best first."""
    program = catalog.load("cnn_digits")
    science = sys.modules["tinytorch.milestones.cnn_digits"]
    rows = []
    for rate, decay, epochs in product(RATES, DECAYS, EPOCHS):
        means = scores(science, program, FILTERS, rate, decay, epochs)
        rows.append((means[:, 0].tolist(), rate, decay, epochs, means))
    rows.sort(key=lambda row: row[:4], reverse=True)
    print("rate   decay  epochs  fully connected", *(f"{filters:3d} filters" for filters in FILTERS))
    for known, rate, decay, epochs, _ in rows:
        print(f"{rate:<5}  {decay:<5}  {epochs:6d}  {known[0]:15.3f}", *(f"{mean:11.3f}" for mean in known[1:]))
    known, *_, means = rows[0]
    best = 1 + int(np.argmax(known[1:]))
    print("\nwith the first of these  ", *(f"{place!s:>8}" for place in science.PLACES))
    print("fully connected          ", *(f"{mean:8.3f}" for mean in means[0]))
    print(f"{FILTERS[best - 1]:2d} filters               ", *(f"{mean:8.3f}" for mean in means[best]))


if __name__ == "__main__":
    main()
