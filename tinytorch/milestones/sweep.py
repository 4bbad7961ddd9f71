"""Over many seeds, how often is the gate met, and how far can that rate be trusted?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tinytorch.milestones.kit import Bound, Gate, Result

REQUIRED = (39, 40)  # a program holds when it meets its gates for at least 39 seeds of 40


def wilson_interval(successes: int, trials: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95% interval of a success rate (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    Unlike the familiar p ± 1.96 √(p(1-p)/n), it stays inside [0, 1] and is honest for few trials.

    >>> low, high = wilson_interval(45, 47)
    >>> f"{low:.3f} to {high:.3f}"
    '0.858 to 0.988'
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"wilson_interval: got {successes} successes in {trials} trials")
    rate, shrink = successes / trials, 1 + z * z / trials
    center = (rate + z * z / (2 * trials)) / shrink
    half = z / shrink * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    # At the ends the formula is exact but for rounding.
    return (center - half if successes else 0.0), (center + half if successes < trials else 1.0)


@dataclass(frozen=True)
class GateSweep:
    """One gate over all seeds; `worst` is the value that came nearest to missing, or missed by most."""

    name: str
    bound: Bound
    met: int
    mean: float
    sd: float
    worst: float


@dataclass(frozen=True)
class Sweep:
    """The results of one program over many seeds."""

    name: str
    results: Sequence[Result]

    @property
    def met(self) -> int:
        return sum(result.success for result in self.results)

    @property
    def holds(self) -> bool:
        needed, of = REQUIRED
        return self.met * of >= needed * len(self.results)

    @property
    def interval(self) -> tuple[float, float]:
        return wilson_interval(self.met, len(self.results))

    @property
    def slowest(self) -> float:
        return max(result.seconds for result in self.results)

    @property
    def gates(self) -> list[GateSweep]:
        columns = zip(*(result.gates for result in self.results), strict=True)
        return [self._summary(list(column)) for column in columns]

    @staticmethod
    def _summary(gates: Sequence[Gate]) -> GateSweep:
        name, bound = gates[0].name, gates[0].bound
        values = [gate.value for gate in gates]
        mean = sum(values) / len(values)
        sd = math.sqrt(sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1))

        def how_far_above_the_bound(value: float) -> tuple[bool, float]:
            surplus = {
                "at least": value - bound.required,
                "at most": bound.required - value,
                "exactly": -abs(value - bound.required),
            }
            return not math.isnan(value), surplus[bound.relation]  # a NaN is worse than any number

        worst = min(values, key=how_far_above_the_bound)
        return GateSweep(name, bound, sum(gate.met for gate in gates), mean, sd, worst)

    def to_json(self) -> dict[str, Any]:
        low, high = self.interval
        return {
            "name": self.name,
            "seeds": len(self.results),
            "met": self.met,
            "holds": self.holds,
            "interval": [low, high],
            "slowest": round(self.slowest, 4),
            "runs": [result.to_json() for result in self.results],
        }
