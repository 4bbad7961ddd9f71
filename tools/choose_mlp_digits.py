"""How were the settings of mlp_digits chosen? By cross-validation inside its 150 training images.

    python tools/choose_mlp_digits.py

Five folds with three images of each digit, four seeds each: every setting is scored on 20 × 30 images
that its network had not seen. The 47 test images are never loaded.
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np

import tinytorch as torch
from tinytorch.datasets import load_tinydigits
from tinytorch.milestones import Run, catalog

FOLDS, SEEDS = 5, range(1000, 1004)
HIDDEN, RATES, DECAYS, EPOCHS = (16, 32, 64), (0.003, 0.01, 0.03), (0.01, 0.1), (30, 60)


def main() -> None:
    """Print every setting with its accuracy, the best first."""
    program = catalog.load("mlp_digits")
    science = sys.modules["tinytorch.milestones.mlp_digits"]
    images, labels = load_tinydigits("train", return_X_y=True)
    x, y = science.as_tensors(images, labels)
    fold = np.zeros(len(labels), dtype=int)
    for digit in range(10):
        fold[labels == digit] = np.arange((labels == digit).sum()) % FOLDS

    rows = []
    for hidden, rate, decay, epochs in product(HIDDEN, RATES, DECAYS, EPOCHS):
        scores = []
        for seed, held_out in product(SEEDS, range(FOLDS)):
            inside, outside = np.flatnonzero(fold != held_out), np.flatnonzero(fold == held_out)
            torch.manual_seed(seed)
            run = Run(program, seed, epochs, ())
            net, _ = science.train(run, x[inside], y[inside], hidden, rate, decay, batch_size=30)
            with torch.no_grad():
                scores.append((net(x[outside]).argmax(dim=1) == y[outside]).float().mean().item())
        rows.append((float(np.mean(scores)), float(np.std(scores)), hidden, rate, decay, epochs))
    print("accuracy  sd     hidden  rate   decay  epochs")
    for mean, sd, hidden, rate, decay, epochs in sorted(rows, reverse=True):
        print(f"{mean:.3f}     {sd:.3f}  {hidden:6d}  {rate:<5}  {decay:<5}  {epochs:6d}")


if __name__ == "__main__":
    main()
