"""How were the settings of cnn_digits chosen? By cross-validation inside its 150 training images.

    python tools/choose_cnn_digits.py

Eight times over, the images are dealt into five folds with three of each digit, and for each setting 40 networks are
trained side by side, each without one fold, on which it is then scored: 40 × 30 images. Both kinds are given the same
folds and batches. Then the rule: the convolutional kind gets the number of filters in its second layer and the rate
with which it scores best, the fully connected one the rate with which *it* scores best; each rate either stays or falls
evenly to zero. With these settings, it also prints what both score in each of the five places, and the lead in each
deal. The 47 test images are never loaded.
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np
import numpy.typing as npt

import tinytorch as torch
from tinytorch.datasets import load_tinydigits
from tinytorch.milestones import Run, catalog

FOLDS, DEALS = 5, range(1000, 1008)
FILTERS, FEATURES, RATES, RIVAL_RATES = 12, (16, 24, 32), (0.01, 0.02, 0.03), (0.01, 0.02, 0.03, 0.05)


def folds(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The fold of each image in each deal: (deals, images)."""
    fold = np.zeros((len(DEALS), len(labels)), dtype=np.int64)
    for deal, seed in enumerate(DEALS):
        rng = np.random.default_rng(seed)
        for digit in range(10):
            mine = np.flatnonzero(labels == digit)
            fold[deal, mine] = rng.permutation(np.arange(len(mine)) % FOLDS)
    return fold


def main() -> None:
    """Print every setting with its accuracy, each kind's best first."""
    program = catalog.load("cnn_digits")
    science = sys.modules["tinytorch.milestones.cnn_digits"]
    images, labels = load_tinydigits("train", return_X_y=True)
    held_out = np.array([deal == fold for deal in folds(labels) for fold in range(FOLDS)])  # (networks, images)
    inside = torch.tensor(np.array([np.flatnonzero(~out) for out in held_out]).T)  # (images, networks)
    networks = len(held_out)
    x, y = science.as_tensors(images, labels, networks)
    placed, _ = science.as_tensors(science.in_all_places(images), labels, networks)

    def scores(kind: torch.nn.Module, rate: float, end: float) -> npt.NDArray[np.float64]:
        """Accuracy on the fold held out, by network and place."""
        run = Run(program, 0, program.epochs, ())
        torch.manual_seed(1)  # the same batches for every setting
        science.train(run, [kind], [x], y, inside, [rate], [end], weight_decay=0.01, batch_size=30)
        right = science.answers(kind, placed) == labels
        return np.array([seen[:, out].mean(axis=1) for seen, out in zip(right, held_out, strict=True)])

    best = []
    for name, sizes, rates in (("convolutional", FEATURES, RATES), ("fully connected", (32,), RIVAL_RATES)):
        found = []
        for size, rate, end in product(sizes, rates, (0.0, 1.0)):
            torch.manual_seed(0)
            if name == "convolutional":
                kind = science.convolutional(networks, FILTERS, size)
            else:
                kind = science.fully_connected(networks, size)
            falls = "stays" if end else "falls"
            found.append((f"{name}, {size}, rate {rate} {falls}", scores(kind, rate, end)))
        found.sort(key=lambda row: -float(row[1][:, 0].mean()))
        best.append(found[0])
        for setting, by_place in found:
            print(f"{by_place[:, 0].mean():.4f}  {setting}", flush=True)
    print("\nthe best of each, by place       ", *(f"{place!s:>8}" for place in science.PLACES))
    for setting, by_place in best:
        print(f"{setting:33}", *(f"{mean:8.3f}" for mean in by_place.mean(axis=0)))
    leads = (best[0][1] - best[1][1])[:, 0].reshape(-1, FOLDS).mean(axis=1)
    print("lead in each deal, in points:", *(f"{100 * lead:.1f}" for lead in leads))


if __name__ == "__main__":
    main()
