"""Which figures has the paper? One function each: what is drawn, as numbers; ``docs/paper/charts.typ`` draws it.

A chart is ``{"x": axis, "y": axis, "series": [...]}``: an axis says where it begins and ends, which ticks it has and
what stands beside it; a series has a name, a kind (``line``, ``dots``, ``guide``, ``ranges``, ``steps``) and its
points. A picture is grey levels, ``(height, width)`` uint8, ink 0 on paper 255.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from card_evidence import result

from tinytorch.datasets import load_images
from tinytorch.datasets.files import read_data_file
from tinytorch.datasets.talks import parse_talks

Chart = dict[str, Any]
Grey = npt.NDArray[np.uint8]


def axis(title: str, low: float, high: float, ticks: Mapping[float, str]) -> Chart:
    """Return an axis."""
    return {"title": title, "from": low, "to": high, "ticks": [{"at": at, "says": says} for at, says in ticks.items()]}


def shares(low: float, high: float, step: float) -> dict[float, str]:
    """Return ticks for shares, in per cent.

    >>> shares(0, 1, 0.5)
    {0.0: '0%', 0.5: '50%', 1.0: '100%'}
    """
    count = round((high - low) / step)
    return {round(low + i * step, 6): f"{low + i * step:.0%}" for i in range(count + 1)}


def difficulty(name: str) -> Chart:
    """Return which share of the images is easier than each difficulty: of the source, and of our splits."""
    source = np.array(result(f"difficulty_{name}")["findings"]["difficulty"])
    parts = {
        "source": source,
        "train": load_images(name, "train").difficulty,
        "test": load_images(name, "test").difficulty,
    }
    grid = np.linspace(0, 1, 101)
    series = [
        {"name": part, "kind": "line", "points": [[float(x), float((values <= x).mean())] for x in grid]}
        for part, values in parts.items()
    ]
    ticks = {0.0: "0", 0.5: "0.5", 1.0: "1"}
    return {
        "x": axis("difficulty", 0, 1, ticks),
        "y": axis("share of images", 0, 1, shares(0, 1, 0.25)),
        "series": series,
    }


def stands(easy: bool) -> Chart:
    """Return the accuracy of each model on a small test, against MNIST's."""
    found = result("stands_for_mnist")["findings"]["accuracies"]
    small, large = ("easiest 200", "MNIST 10,000 after easiest") if easy else ("TinyMNIST 200", "MNIST 10,000")
    points = [[about[large], about[small]] for about in found.values()]
    low = 0.4
    assert min(min(point) for point in points) >= low - 0.05
    return {
        "x": axis("accuracy on MNIST’s test", low - 0.05, 1, shares(low, 1, 0.2)),
        "y": axis("accuracy on the small test", low - 0.05, 1.02, shares(low, 1, 0.2)),
        "series": [
            {"name": "", "kind": "guide", "points": [[low, low], [1, 1]]},
            {"name": "a model", "kind": "dots", "points": points},
        ],
    }


def certificate() -> Chart:
    """Return the share of exact answers on the test split by level and kind of model, with the range over the seeds."""
    found = result("tinytalks_certificate")
    levels, models = list(found["questions"]["test"]), list(found["runs"])
    series: list[Chart] = []
    for number, model in enumerate(models):
        points = []
        for place, level in enumerate(levels):
            of = [run["test"][level] for run in found["runs"][model]]
            points.append([place + 0.15 * (number - (len(models) - 1) / 2), float(np.mean(of)), min(of), max(of)])
        series.append({"name": model, "kind": "ranges", "points": points})
    chance = [
        [levels.index(level) - 0.4, levels.index(level) + 0.4, guess]
        for level, guess in found["chance"]["test"].items()
    ]
    series.append({"name": "chance", "kind": "steps", "points": chance})
    return {
        "x": axis("", -0.5, len(levels) - 0.5, dict(enumerate(levels))),
        "y": axis("exact answers", -0.04, 1.04, shares(0, 1, 0.25)),
        "series": series,
    }


CHARTS: Mapping[str, Callable[[], Chart]] = {
    "difficulty-tinydigits": lambda: difficulty("tinydigits"),
    "difficulty-tinymnist": lambda: difficulty("tinymnist"),
    "stands-ours": lambda: stands(easy=False),
    "stands-easy": lambda: stands(easy=True),
    "certificate": certificate,
}


def sheet(images: Grey, columns: int, gap: int) -> Grey:
    """Return images side by side on white paper, ink black; row after row, left to right.

    Args:
        images: ``(N, height, width)`` uint8, ink 255.
        columns: How many stand side by side.
        gap: White pixels between them.

    >>> sheet(np.full((3, 2, 2), 255, np.uint8), columns=2, gap=1).shape
    (5, 5)
    """
    count, height, width = images.shape
    rows = -(-count // columns)
    page = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), 255, np.uint8)
    for i, image in enumerate(images):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        page[top : top + height, left : left + width] = 255 - image
    return page


def by_digit(name: str, split: str, columns: int) -> Grey:
    """Return all images of a split, each digit in rows of its own, the easiest first, and filled up with blanks."""
    data = load_images(name, split)
    ink = (data.images.astype(np.float64) * 255 / data.images.max()).round().astype(np.uint8)
    rows = []
    for digit in range(10):
        chosen = np.flatnonzero(data.labels == digit)
        chosen = chosen[np.argsort(data.difficulty[chosen], kind="stable")]
        rows += [ink[chosen], np.zeros((-len(chosen) % columns, *ink.shape[1:]), np.uint8)]
    return np.concatenate(rows)


def pictures() -> dict[str, Grey]:
    """Return the pictures."""
    return {
        "tinydigits-train": sheet(by_digit("tinydigits", "train", 15), columns=15, gap=1),
        "tinydigits-test": sheet(by_digit("tinydigits", "test", 5), columns=5, gap=1),
        "tinymnist-all": sheet(by_digit("tinymnist", "all", 30), columns=30, gap=2),
        **{f"ambiguous-{i}": 255 - image for i, (image, _) in enumerate(ambiguous(), start=1)},
    }


def ambiguous() -> list[tuple[Grey, str]]:
    """Return TinyMNIST's ambiguous images, the most difficult first, each with its label and difficulty."""
    test = load_images("tinymnist", "test")
    rows = np.flatnonzero(test.stratum == "ambiguous")
    rows = rows[np.argsort(-test.difficulty[rows], kind="stable")]
    return [(test.images[row], f"{test.labels[row]} ({test.difficulty[row]:.2f})") for row in rows]


def story(level: int) -> dict[str, Any]:
    """Return the first story of a level in the training split, with its questions and answers."""
    stories = parse_talks(read_data_file("tinytalks", "splits/train.txt").decode("utf-8"))
    first = next(story for story in stories if story.level == level)
    return {"level": f"L{level}", "context": first.context, "pairs": [list(pair) for pair in first.pairs]}
