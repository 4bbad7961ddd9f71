"""How were the settings of cnn_digits chosen? By cross-validation inside its 150 training images.

    python tools/choose_cnn_digits.py

Four times over, the images are dealt into five folds with three of each digit, and every network is scored on the
fold that it had not seen: 20 × 30 images for each setting. Both networks are given the same folds, seeds and batches.
Then the rule: rate, decay and epochs are those with which the *fully connected* network scores best, and both are
trained with them; the filters are those with which the convolutional one then scores best. The 47 test images are
never loaded.

The grid ends at 20 epochs, as 20 networks of each kind are trained in seconds, and at 14 filters, as with more of them
the convolutional network would have more weights than its rival.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product

import numpy as np
import numpy.typing as npt

import tinytorch as torch
from tinytorch.datasets import load_tinydigits
from tinytorch.milestones import Run, catalog

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


def main() -> None:
    """Print every setting with the accuracy of each network, the rival's best first."""
    program = catalog.load("cnn_digits")
    science = sys.modules["tinytorch.milestones.cnn_digits"]
    images, labels = load_tinydigits("train", return_X_y=True)
    x, y = science.as_tensors(images, labels)
    rows = []
    for rate, decay, epochs in product(RATES, DECAYS, EPOCHS):
        scores = []
        for seed, inside, outside in splits(labels):
            torch.manual_seed(seed)
            nets = [science.fully_connected(), *map(science.convolutional, FILTERS)]
            run = Run(program, seed, epochs, ())
            science.train(run, nets, [x[inside]] * len(nets), y[inside], rate, decay, batch_size=30)
            scores.append([(science.answers(net, x[outside]) == labels[outside]).mean() for net in nets])
        rows.append((np.mean(scores, axis=0).tolist(), rate, decay, epochs))
    print("rate   decay  epochs  fully connected", *(f"{filters:3d} filters" for filters in FILTERS))
    for means, rate, decay, epochs in sorted(rows, reverse=True):
        print(f"{rate:<5}  {decay:<5}  {epochs:6d}  {means[0]:15.3f}", *(f"{mean:11.3f}" for mean in means[1:]))


if __name__ == "__main__":
    main()
