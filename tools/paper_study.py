"""How many learners would a study need that asks whether small datasets help people to learn?

``python tools/paper_study.py`` prints the table of the paper. Nothing of this has been measured: the shares that are
compared are those of a plan (``docs/paper/facts.json``), and the study is there to find out whether they are right.

Whole classes are assigned by lot, so that neighbours use the same data. Learners of one class resemble each other
(ICC, the intracluster correlation), and so a class tells less than as many learners from anywhere: the number of
learners is multiplied by 1 + (class - 1) * ICC (Kerry and Bland 1998).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, sqrt
from statistics import NormalDist
from typing import NamedTuple

ALPHA, POWER = 0.05, 0.90
CLASS = 20  # learners
CORRELATIONS = (0.0, 0.05, 0.1, 0.2)
SMALLER_GAINS = (0.15, 0.10)  # in the share of those who finish: what would still be worth knowing
MARGIN = 0.3  # standard deviations of the test of what was learned


def per_arm_for_shares(first: float, second: float, alpha: float = ALPHA, power: float = POWER) -> float:
    """Return how many learners each arm needs to tell two shares apart, each learner assigned on their own.

    The two-sided test with the correction for continuity; the approximation of Fleiss, Tytun and Ury (1980), which is
    accurate where ``difference * (n - 2 / difference)`` is 4 or more.

    >>> ceil(per_arm_for_shares(0.65, 0.95))
    42
    """
    normal, difference, mean = NormalDist(), abs(second - first), (first + second) / 2
    if not 0 < difference < 1:
        raise ValueError(f"the shares are {first} and {second}: give two different ones between 0 and 1")
    chance = normal.inv_cdf(1 - alpha / 2) * sqrt(2 * mean * (1 - mean))
    effect = normal.inv_cdf(power) * sqrt(first * (1 - first) + second * (1 - second))
    return float(((chance + effect) / difference) ** 2 + 2 / difference)


def per_arm_for_not_worse(margin: float, alpha: float = ALPHA, power: float = POWER) -> float:
    """Return how many learners each arm needs to show that a mean is not lower by ``margin`` standard deviations.

    The lower end of the two-sided interval of the difference must stay above the margin; the arms are in truth equal.

    >>> ceil(per_arm_for_not_worse(0.3))
    234
    """
    if margin <= 0:
        raise ValueError(f"the margin is {margin}: give a number of standard deviations above 0")
    normal = NormalDist()
    return float(2 * ((normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)) / margin) ** 2)


def classes(learners: float, correlation: float, size: int = CLASS) -> int:
    """Return how many whole classes that is, when learners of one class resemble each other.

    >>> classes(42, 0.0), classes(42, 0.1)
    (3, 7)
    """
    return ceil(learners * (1 + (size - 1) * correlation) / size)


class Row(NamedTuple):
    """One question: what is compared, learners in each arm, and classes in each arm for every correlation."""

    question: str
    learners: int
    classes: list[int]


def rows(plan: Mapping[str, float]) -> Iterator[Row]:
    """Yield the rows of the table.

    Args:
        plan: ``without`` and ``with``, the shares of learners that a plan expects to finish.
    """
    without = plan["without"]
    for share in (plan["with"], *(without + gain for gain in SMALLER_GAINS)):
        needed = per_arm_for_shares(without, share)
        yield Row(f"finish: {without:.0%} or {share:.0%}", ceil(needed), [classes(needed, icc) for icc in CORRELATIONS])
    needed = per_arm_for_not_worse(MARGIN)
    question = f"learned: not less by {MARGIN:g} SD"
    yield Row(question, ceil(needed), [classes(needed, icc) for icc in CORRELATIONS])


def main() -> None:
    """Print the table."""
    from paper_facts import plan_shares

    print(f"{'':30}{'learners':>9}", *(f"ICC {icc:g}".rjust(9) for icc in CORRELATIONS))
    for row in rows(plan_shares()):
        print(f"{row.question:30}{row.learners:9}", *(f"{count:9}" for count in row.classes))
    print(f"per arm; classes of {CLASS}, two-sided at {ALPHA:g}, power {POWER:g}")


if __name__ == "__main__":
    main()
