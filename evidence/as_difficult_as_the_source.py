"""Are the test images of TinyMNIST and TinyDigits as difficult as all images of their sources?

    python evidence/as_difficult_as_the_source.py

The distance is that of Kolmogorov and Smirnov: the largest difference between the shares of test images and of all
images that are at most so difficult. Beside ours stand random test sets of the same size, and the easiest images.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from record import recall, record, rounded
from scipy.stats import kstest

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
DRAWS = 1000


def main() -> None:
    """Print and record quantiles and distances."""
    for name in ("tinymnist", "tinydigits"):
        everything = np.array(recall(f"difficulty_{name}")["difficulty"])
        folder = Path(__file__).parents[1] / "tinytorch" / "datasets" / name
        with np.load(folder / f"{name}.npz", allow_pickle=False) as archive:
            difficulty, split = archive["difficulty"].astype(float), archive["split"]
        parts = {"all": everything, **{part: difficulty[split == part] for part in ("test", "train")}}
        size, lots = len(parts["test"]), np.random.default_rng(0)
        draws = [kstest(lots.choice(everything, size, replace=False), everything).statistic for _ in range(DRAWS)]
        findings = {
            "levels": LEVELS,
            "quantiles": {part: np.quantile(values, LEVELS) for part, values in parts.items()},
            "means": {part: values.mean() for part, values in parts.items()},
            "distance": kstest(parts["test"], everything).statistic,
            "distance of random test sets, median": np.median(draws),
            "distance of the easiest": kstest(np.sort(everything)[:size], everything).statistic,
        }
        print(f"{name}: {rounded(findings)}")
        record(f"as_difficult_{name}", {"draws": DRAWS}, findings)


if __name__ == "__main__":
    main()
