"""By which rules can a small training set and a small test set be chosen from a source?

A rule for training images gets the rows that it may choose from, and returns as many of each digit as it is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from difficulty import balanced_draw
from image_sources import Array, Source
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from tinytorch.datasets.image_builds import STRATA

EASIEST_LEFT_OUT = 0.25  # of each digit; selection_rules.py compares


@dataclass(frozen=True)
class Pool:
    """What a rule may look at.

    Attributes:
        labels: ``(N,)`` the digits.
        features: ``(N, 50)`` the images in their principal components.
        difficulty: ``(N,)``.
    """

    labels: Array
    features: Array
    difficulty: Array


def pool_of(source: Source, difficulty: Array) -> Pool:
    """Return what the rules look at; distances in 50 principal components are almost those of the pixels."""
    return Pool(source.labels, PCA(50, random_state=0).fit_transform(source.x), difficulty)


Rule = Callable[[Pool, Array, int, np.random.Generator], Array]  # (pool, rows, per digit, lots) -> rows


def at_random(pool: Pool, rows: Array, count: int, lots: np.random.Generator) -> Array:
    return balanced_draw(rows, pool.labels, count, lots)


def _by_digit(choose: Rule) -> Rule:
    """Apply a rule for one digit to each of them."""

    def rule(pool: Pool, rows: Array, count: int, lots: np.random.Generator) -> Array:
        return np.sort(np.concatenate([choose(pool, rows[pool.labels[rows] == d], count, lots) for d in range(10)]))

    return rule


@_by_digit
def easiest(pool: Pool, rows: Array, count: int, lots: np.random.Generator) -> Array:
    return rows[np.argsort(pool.difficulty[rows], kind="stable")[:count]]


@_by_digit
def hardest(pool: Pool, rows: Array, count: int, lots: np.random.Generator) -> Array:
    return rows[np.argsort(-pool.difficulty[rows], kind="stable")[:count]]


@_by_digit
def nearest_mean(pool: Pool, rows: Array, count: int, lots: np.random.Generator) -> Array:
    features = pool.features[rows]
    return rows[np.argsort(((features - features.mean(axis=0)) ** 2).sum(axis=1), kind="stable")[:count]]


def medoids_of_one_digit(pool: Pool, rows: Array, count: int, lots: np.random.Generator) -> Array:
    """As many clusters as images wanted; of each, the image nearest its centre."""
    features = pool.features[rows]
    clusters = KMeans(count, n_init=1, random_state=int(lots.integers(2**31))).fit(features)
    distance = ((features[:, None] - clusters.cluster_centers_) ** 2).sum(axis=2)  # (rows, clusters)
    distance[clusters.labels_[:, None] != np.arange(count)] = np.inf  # a medoid is of its own cluster
    return rows[distance.argmin(axis=0)]


def graded(easiest_left_out: float) -> Rule:
    """Medoids of what is left without each digit's easiest, which teach little, and the ambiguous, which mislead."""

    @_by_digit
    def rule(pool: Pool, rows: Array, count: int, lots: np.random.Generator) -> Array:
        difficulty = pool.difficulty[rows]
        kept = (difficulty >= np.quantile(difficulty, easiest_left_out)) & (difficulty < STRATA["ambiguous"])
        return medoids_of_one_digit(pool, rows[kept], count, lots)

    return rule


OURS = "graded medoids (ours)"
RULES: dict[str, Rule] = {
    "random": at_random,
    "nearest the mean": nearest_mean,
    "easiest": easiest,
    "hardest": hardest,
    "medoids": _by_digit(medoids_of_one_digit),
    OURS: graded(EASIEST_LEFT_OUT),
}


def some_writers(writers: Array, share: float, lots: np.random.Generator) -> Array:
    """Return which images are by a share of the writers, drawn apart among those of few and of many images."""
    names, counts = np.unique(writers, return_counts=True)  # of MNIST's, some gave about ten, some a hundred
    groups = [names[counts <= 40], names[counts > 40]]
    drawn = [lots.choice(group, round(share * len(group)), replace=False) for group in groups]
    return np.isin(writers, np.concatenate(drawn))


def matched_test(
    labels: Array, difficulty: Array, right: Array, allowed: Array, per_digit: list[int], lots: np.random.Generator
) -> Array:
    """Return test rows on which the judges fare as they do on the whole source.

    Each digit's images are put in order of difficulty and cut into equal steps, as many as test images are wanted;
    one allowed image is drawn from each step. Of 5,000 such draws the one is taken on which every judge is right most
    nearly as often as on the whole source.

    Args:
        labels: ``(N,)`` the digits.
        difficulty: ``(N,)``.
        right: ``(N, judges)`` in how many rounds each judge was right about each image.
        allowed: ``(N,)`` bool, the images by the writers who are for testing.
        per_digit: How many test images of each digit.
        lots: Where the draws come from.
    """
    steps = []
    for digit, count in enumerate(per_digit):
        rows = np.flatnonzero(labels == digit)
        rows = rows[np.argsort(difficulty[rows], kind="stable")]
        for step in np.array_split(rows, count):
            near = step[allowed[step]]
            if not len(near):  # then the allowed image nearest in difficulty
                candidates = rows[allowed[rows]]
                near = candidates[[np.abs(difficulty[candidates] - np.median(difficulty[step])).argmin()]]
            steps.append(near)
    draws = np.array([lots.choice(step, 5000) for step in steps])  # (images, draws)
    weight = 1 / np.bincount(labels)[labels]  # the test set is balanced; the source need not be
    target = np.average(right, axis=0, weights=weight)  # (judges,)
    miss = np.abs(right[draws].mean(axis=0) - target).max(axis=1)  # (draws,)
    best: Array = np.sort(draws[:, miss.argmin()])
    assert len(np.unique(best)) == len(best), "an image stands for two steps"
    return best
