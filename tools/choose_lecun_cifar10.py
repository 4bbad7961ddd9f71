"""How was the learning rate of lecun_cifar10 chosen? On 1,000 of CIFAR-10's training images, kept out of 10,000.

    python tools/choose_lecun_cifar10.py data_batch_1.bin.gz

The file is the first training batch of CIFAR-10's binary version, gzipped. Each rate is tried for ten epochs on the
other 9,000 images, from one seed: 1,000 images tell 3% apart. No test image is loaded. A rate takes 100 seconds.
"""

from __future__ import annotations

import gzip
import sys
import time
from pathlib import Path

import numpy as np

import tinytorch as torch
from tinytorch.datasets.official import read_cifar10
from tinytorch.milestones import Run, catalog

RATES, EPOCHS, SEED = (0.001, 0.003, 0.01), 10, 1000


def main(batch: Path) -> None:
    """Print the accuracy of each rate on the images that were kept out."""
    program = catalog.load("lecun_cifar10")
    science = sys.modules["tinytorch.milestones.lecun_cifar10"]
    images, labels = read_cifar10(gzip.decompress(batch.read_bytes()))
    order = np.random.default_rng(SEED).permutation(len(labels))
    inside, outside = order[:-1000], order[-1000:]
    print("rate   accuracy  loss   CPU seconds")
    for rate in RATES:
        torch.manual_seed(SEED)
        started = time.process_time()
        run = Run(program, SEED, EPOCHS, ())
        net, losses = science.train(run, images[inside], labels[inside], 24, rate, weight_decay=0.01, batch_size=100)
        right = (science.predict(net, images[outside]) == labels[outside]).mean()
        print(f"{rate:<5}  {right:.3f}     {losses[-1]:.3f}  {time.process_time() - started:.0f}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
