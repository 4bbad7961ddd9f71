"""How were the settings of cnn_digits chosen? By cross-validation inside its 150 training images.

    python tools/choose_cnn_digits.py

Eight times over, the images are dealt into five folds with three of each digit, and every network is scored on the
fold that it had not seen: 40 × 30 images for each setting. All networks are given the same folds, seeds and batches,
and all rates fall to zero. Then the rule: each of the two networks gets the rate and the number of filters with which
it scores best, the fully connected one keeping its 32 hidden neurons. With these settings, it also prints what both
score in each of the five places, and in how many of the eight deals the convolutional one leads. The 47 test images
are never loaded.

The grid ends at 30 epochs, as 20 networks of each kind are trained in seconds.
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

FOLDS, SEEDS = 5, range(1000, 1008)
FEATURES, RATES, RIVAL_RATES = (16, 24, 32), (0.01, 0.02, 0.03), (0.01, 0.02, 0.03, 0.05)


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
    """Print every setting with its accuracy, each kind's best first."""
    program = catalog.load("cnn_digits")
    science = sys.modules["tinytorch.milestones.cnn_digits"]
    images, labels = load_tinydigits("train", return_X_y=True)
    x, y = science.as_tensors(images, labels)
    ours, theirs = list(product(FEATURES, RATES)), list(RIVAL_RATES)
    names = [f"12 and {features} filters, rate {rate}" for features, rate in ours]
    names += [f"fully connected, rate {rate}" for rate in theirs]
    found = []
    for seed, inside, outside in splits(labels):
        torch.manual_seed(seed)
        nets = [science.convolutional(12, features) for features, _ in ours]
        nets += [science.fully_connected() for _ in theirs]
        run, rates = Run(program, seed, program.epochs, ()), [rate for _, rate in ours] + theirs
        science.train(run, nets, [x[inside]] * len(nets), y[inside], rates, weight_decay=0.01, batch_size=50)
        held_out, _ = science.as_tensors(science.in_all_places(images[outside]), labels[outside])
        found.append([(science.answers(net, held_out) == labels[outside]).mean(axis=1) for net in nets])
    scores = np.array(found)  # (folds of all deals, settings, places)
    means, best = scores.mean(axis=0), []
    for first, last in ((0, len(ours)), (len(ours), len(names))):
        ranked = sorted(range(first, last), key=lambda i: -means[i, 0])
        best.append(ranked[0])
        for i in ranked:
            print(f"{means[i, 0]:.4f}  {names[i]}")
    print("\nbest of each", " " * 24, *(f"{place!s:>8}" for place in science.PLACES))
    for i in best:
        print(f"{names[i]:37}", *(f"{mean:8.3f}" for mean in means[i]))
    leads = (scores[:, best[0], 0] - scores[:, best[1], 0]).reshape(-1, FOLDS).mean(axis=1)
    print("lead in each deal, in points:", *(f"{100 * lead:.1f}" for lead in leads))


if __name__ == "__main__":
    main()
