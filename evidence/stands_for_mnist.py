"""Do TinyMNIST's 200 test images rank models as MNIST's 10,000 do?

    python evidence/stands_for_mnist.py --writers CSV --mnist DIR

Models from very weak to strong learn from 1,000 images and are tested on both. The same is done with what seems
the natural choice, the easiest 1,000 and the easiest 200, and with 1,000 random test sets of 200, as controls.
The judges, which had a part in choosing the test images, are also left out, to see what the others say; and so
are weak models, because a wide range of strengths makes ranking easy.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from choosing import RULES, Pool
from difficulty import balanced_draw
from image_models import JUDGES
from image_sources import Array, arguments, mnist_5000, official_mnist
from many_models import MANY
from record import HERE, recall, record, rounded
from scipy.stats import kendalltau

CONTROLS, RESAMPLES, STRONG = 1000, 1000, 0.85
EASY = "easiest 1,000 and easiest 200"


def tau(small: Array, large: Array) -> float:
    """Return how well two lists of accuracies agree on the order: 1 in all pairs, 0 by chance (Kendall's tau-b)."""
    return float(kendalltau(small, large).statistic)


def agreement(right: Array, large: Array) -> dict[str, object]:
    """Return what test images say about models, against the accuracies on MNIST's test file.

    Drawing images again with repetition makes a noisier test set than the one that is asked about, so that the interval
    over images leans to low values of tau.

    Args:
        right: ``(models, images)`` bool, which answers were right.
        large: ``(models,)`` accuracies on the 10,000.
    """
    small, lots = right.mean(axis=1), np.random.default_rng(0)
    models = [lots.integers(len(large), size=len(large)) for _ in range(RESAMPLES)]
    images = [lots.integers(right.shape[1], size=right.shape[1]) for _ in range(RESAMPLES)]
    return {
        "models": len(large),
        "tau": tau(small, large),
        "tau, 95% over models": np.quantile([tau(small[m], large[m]) for m in models], [0.025, 0.975]),
        "tau, 95% over images": np.quantile([tau(right[:, i].mean(axis=1), large) for i in images], [0.025, 0.975]),
        "mean absolute difference": np.abs(small - large).mean(),
        "mean difference": (small - large).mean(),
    }


def ask(x: Array, y: Array, *tests: tuple[Array, Array]) -> list[Array]:
    """Train all models once; return for each test set which answers were right, ``(models, images)``."""
    answers: list[list[Array]] = [[] for _ in tests]
    for make in MANY.values():
        model = make().fit(x, y)
        for rights, (test_x, test_y) in zip(answers, tests):
            rights.append(model.predict(test_x) == test_y)
    return [np.array(rights) for rights in answers]


def controls(right: Array, large: Array, labels: Array) -> dict[str, object]:
    """Return how random test sets of 20 images per digit fare, drawn from the writers who are for testing."""
    rows, lots = np.arange(len(labels)), np.random.default_rng(1)
    draws = [right[:, balanced_draw(rows, labels, 20, lots)].mean(axis=1) for _ in range(CONTROLS)]
    taus = np.array([tau(small, large) for small in draws])
    differences = np.array([np.abs(small - large).mean() for small in draws])
    return {
        "tau, mean": taus.mean(),
        "tau, 95% of draws": np.quantile(taus, [0.025, 0.975]),
        "mean absolute difference, mean": differences.mean(),
        "mean absolute difference, 95% of draws": np.quantile(differences, [0.025, 0.975]),
        "draws with tau of 0.8 or more and a difference of 0.02 or less": (
            (taus >= 0.8) & (differences <= 0.02)
        ).mean(),
    }


def main(writers: Path, mnist: Path) -> None:
    """Print and record the agreement, and draw it."""
    source, found = mnist_5000(writers), recall("choice_tinymnist")
    train, test, for_train = (
        np.array(found[name]) for name in ("train rows", "test rows", "rows by the writers who are for training")
    )
    for_test = np.setdiff1d(np.arange(len(source.labels)), for_train)
    pool = Pool(source.labels, np.empty(0), np.array(recall("difficulty_tinymnist")["difficulty"]))
    easy_train, easy_test = (RULES["easiest"](pool, rows, n, None) for rows, n in ((for_train, 100), (for_test, 20)))
    images, labels = official_mnist(mnist, "t10k")
    official = ((images.reshape(len(images), -1) / 255).astype(np.float32), labels)
    x, y = source.x, source.labels

    ours, ours_10k = ask(x[train], y[train], (x[for_test], y[for_test]), official)
    easy, easy_10k = ask(x[easy_train], y[easy_train], (x[easy_test], y[easy_test]), official)
    large, easy_large = ours_10k.mean(axis=1), easy_10k.mean(axis=1)
    right = ours[:, np.searchsorted(for_test, test)]
    others, strong = ~np.isin(list(MANY), list(JUDGES)), large >= STRONG
    findings = {
        "TinyMNIST": agreement(right, large),
        "TinyMNIST, without the judges": agreement(right[others], large[others]),
        f"TinyMNIST, models of {STRONG:.0%} or more": agreement(right[strong], large[strong]),
        EASY: agreement(easy, easy_large),
        "random 200s": controls(ours, large, y[for_test]),
        f"random 200s, models of {STRONG:.0%} or more": controls(ours[strong], large[strong], y[for_test]),
        "accuracies": {
            name: dict(zip(("TinyMNIST 200", "MNIST 10,000", "easiest 200", "MNIST 10,000 after easiest"), row))
            for name, *row in zip(MANY, right.mean(axis=1), large, easy.mean(axis=1), easy_large)
        },
    }
    for name, values in findings.items():
        if name != "accuracies":
            print(f"{name}: {rounded(values)}")
    record("stands_for_mnist", {"controls": CONTROLS, "resamples": RESAMPLES}, findings)
    draw(findings["accuracies"], findings)


def draw(accuracies: dict[str, dict[str, float]], findings: dict[str, dict[str, object]]) -> None:
    """Draw both choices side by side, one point a model."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "tinytorch"  # the same bytes every time
    import matplotlib.pyplot as plt

    figure, sides = plt.subplots(1, 2, figsize=(9, 4.6), sharex=True, sharey=True, layout="constrained")
    panels = (
        ("TinyMNIST: 1,000 to learn from, 200 to test", "TinyMNIST", "TinyMNIST 200", "MNIST 10,000"),
        ("The easiest 1,000, the easiest 200", EASY, "easiest 200", "MNIST 10,000 after easiest"),
    )
    for side, (title, name, small, large) in zip(sides, panels):
        points = np.array([(row[large], row[small]) for row in accuracies.values()])
        side.plot([0, 1], [0, 1], color="0.6", linewidth=1, zorder=1)
        side.scatter(*points.T, s=24, color="tab:blue" if name == "TinyMNIST" else "tab:red", alpha=0.7, zorder=2)
        about = findings[name]
        side.set_title(title, fontsize=11)
        side.text(
            0.97, 0.05, f"{len(points)} models\nKendall's τ {about['tau']:.2f}\n"
            f"mean difference {100 * about['mean absolute difference']:.1f} points",
            transform=side.transAxes, ha="right", va="bottom", fontsize=10,
        )  # fmt: skip
        side.set_xlabel("accuracy on MNIST's 10,000 test images")
        side.set(xlim=(0.3, 1.02), ylim=(0.3, 1.02), aspect="equal")
    sides[0].set_ylabel("accuracy on the 200 test images")
    (HERE / "figures").mkdir(exist_ok=True)
    figure.savefig(HERE / "figures" / "stands_for_mnist.svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)


if __name__ == "__main__":
    options = arguments(__doc__ or "", "writers", "mnist")
    main(options.writers, options.mnist)
