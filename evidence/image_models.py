"""Which models are asked about images, and how do they learn?

All are used as scikit-learn's are: ``model.fit(x, y).predict(x)`` with ``x`` ``(N, pixels)`` from 0 to 1.
The networks are TinyTorch's own.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from typing import Any

import numpy as np
from image_sources import Array
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

import tinytorch as torch
from tinytorch import nn


class Network:
    """A classifier from a TinyTorch module: AdamW on the cross-entropy, a fixed number of steps."""

    def __init__(self, make: Callable[[int], nn.Module], seed: int, steps: int = 600, batch: int = 25) -> None:
        self.make, self.seed, self.steps, self.batch = make, seed, steps, batch

    def fit(self, x: Array, y: Array) -> Network:
        """Learn from ``x`` (N, pixels) and ``y`` (N,)."""
        torch.manual_seed(self.seed)
        self.net = self.make(isqrt(x.shape[1]))
        optimizer = torch.optim.AdamW(self.net.parameters(), lr=0.003, weight_decay=0.05)
        images, labels = as_images(x), torch.tensor(y)
        for step in range(self.steps):
            place = step * self.batch % (len(y) - len(y) % self.batch)
            if place == 0:
                order = torch.randperm(len(y))
            rows = order[place : place + self.batch]
            loss = nn.functional.cross_entropy(self.net(images[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return self

    def predict_proba(self, x: Array) -> Array:
        """Return ``(N, 10)`` probabilities."""
        with torch.no_grad():  # in pieces, as convolutions take memory
            pieces = [self.net(as_images(x[i : i + 500])).softmax(dim=1).numpy() for i in range(0, len(x), 500)]
        return np.concatenate(pieces)

    def predict(self, x: Array) -> Array:
        """Return ``(N,)`` digits."""
        return self.predict_proba(x).argmax(axis=1)


def as_images(x: Array) -> torch.Tensor:
    """(N, side * side) → (N, 1, side, side)."""
    side = isqrt(x.shape[1])
    return torch.tensor(x.reshape(-1, 1, side, side))


def mlp(hidden: int) -> Callable[[int], nn.Module]:
    """One hidden layer."""
    return lambda side: nn.Sequential(nn.Flatten(), nn.Linear(side * side, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def cnn(first: int, second: int) -> Callable[[int], nn.Module]:
    """Two convolutions; large images are halved by the first one."""

    def make(side: int) -> nn.Module:
        start = nn.Conv2d(1, first, 5, stride=2, padding=2) if side > 14 else nn.Conv2d(1, first, 3, padding=1)
        rest = (side // 4) ** 2 if side > 14 else (side // 2) ** 2
        return nn.Sequential(
            start, nn.ReLU(), nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(second * rest, 10),
        )  # fmt: skip

    return make


def rbf(x: Array, learned: Array) -> Array:
    """SVC's own kernel with gamma="scale", but as one product of matrices: ten times as fast."""
    return rbf_kernel(x, learned, gamma=1 / (learned.shape[1] * learned.var()))


# The five families that a choice of training images must serve. Those with a seed differ from seed to seed.
FAMILIES: dict[str, Callable[[int], Any]] = {
    "SVM": lambda seed: SVC(C=10, kernel=rbf),
    "1-NN": lambda seed: KNeighborsClassifier(1),
    "logistic regression": lambda seed: LogisticRegression(max_iter=1000),
    "MLP": lambda seed: Network(mlp(64), seed),
    "CNN": lambda seed: Network(cnn(8, 16), seed),
}
SEEDED = ("MLP", "CNN")

# Those that are asked how difficult an image is: they must say how sure they are.
JUDGES: dict[str, Callable[[int], Any]] = {
    "5-NN": lambda seed: KNeighborsClassifier(5, weights="distance"),
    "logistic regression": FAMILIES["logistic regression"],
    "trees": lambda seed: ExtraTreesClassifier(100, random_state=seed),
    "MLP": FAMILIES["MLP"],
    "CNN": FAMILIES["CNN"],
}
