"""What accuracy is to be expected on TinyMNIST and TinyDigits?

    python evidence/reference_accuracies.py --mnist DIR

Five families learn from the training images. Two things are uncertain, and both are told: how the accuracy differs
from seed to seed (models without chance have one value), and what so few test images can say (Wilson's interval).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from image_models import FAMILIES, SEEDED, Network, mlp
from image_sources import Array, arguments, official_mnist
from record import interval, record

from tinytorch.milestones import wilson_interval

SEEDS = {"tinymnist": 20, "tinydigits": 40}
INK = {"tinymnist": 255, "tinydigits": 16}
MODELS: dict[str, dict[str, Any]] = {
    "tinymnist": FAMILIES,
    "tinydigits": {**FAMILIES, "MLP": lambda seed: Network(mlp(32), seed)},  # 64-32-10, as in the milestone
}


def load(name: str) -> dict[str, tuple[Array, Array]]:
    """Return ``x`` (N, pixels) and ``y`` (N,) of each split."""
    folder = Path(__file__).parents[1] / "tinytorch" / "datasets" / name
    with np.load(folder / f"{name}.npz", allow_pickle=False) as archive:
        x, y, split = pixels(archive["images"], INK[name]), archive["labels"].astype(np.int64), archive["split"]
    return {part: (x[split == part], y[split == part]) for part in ("train", "test")}


def pixels(images: Array, ink: int) -> Array:
    """(N, side, side) grey levels → (N, side * side) from 0 to 1."""
    return (images.reshape(len(images), -1) / ink).astype(np.float32)


def about(accuracies: list[float], images: int) -> dict[str, Any]:
    """Say what there is to say about one family on one test set."""
    mean = float(np.mean(accuracies))
    return {
        "mean": mean,
        "sd over seeds": float(np.std(accuracies)),
        "worst": min(accuracies),
        "mean, 95% over seeds": interval(accuracies),
        "95% over images (Wilson)": wilson_interval(round(mean * images), images),
        "seeds": len(accuracies),
        "accuracies": accuracies,
    }


def main(mnist: Path) -> None:
    """Print and record the accuracies."""
    images, labels = official_mnist(mnist, "t10k")
    findings: dict[str, Any] = {}
    for name, seeds in SEEDS.items():
        data = load(name)
        tests = {f"{name} test": data["test"]}
        if name == "tinymnist":
            tests["MNIST test"] = pixels(images, 255), labels
        for family, make in MODELS[name].items():
            models = [make(seed).fit(*data["train"]) for seed in range(seeds if family in SEEDED else 1)]
            for test, (x, y) in tests.items():
                accuracies = [float((model.predict(x) == y).mean()) for model in models]
                findings.setdefault(test, {})[family] = found = about(accuracies, len(y))
                low, high = found["95% over images (Wilson)"]
                print(f"{test:16} {family:20} {found['mean']:.3f}, sd {found['sd over seeds']:.3f},"
                      f" worst {found['worst']:.3f}; {len(y)} images: {low:.3f} to {high:.3f}", flush=True)  # fmt: skip
    record("reference_accuracies", {"seeds": SEEDS}, findings)


if __name__ == "__main__":
    main(arguments(__doc__ or "", "mnist").mnist)
