"""What does the paper say of other people's work, and where does it stand?

``docs/paper/facts.json`` keeps each fact with the sentence it is taken from, word for word, the address where that was
read, and the entry of the bibliography. A number that its sentence does not hold is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FACTS = Path(__file__).parent.parent / "docs" / "paper" / "facts.json"


def check(name: str, fact: Mapping[str, str]) -> str:
    """Return the value of a fact, if the sentence that it is taken from holds it.

    >>> check("iris", {"value": "150", "says": "measurements for 150 flowers", "cite": "horst2022", "read": "https://x"})
    '150'
    >>> check("iris", {"value": "151", "says": "measurements for 150 flowers", "cite": "horst2022", "read": "https://x"})
    Traceback (most recent call last):
        ...
    ValueError: facts.json: 'iris' is 151, which its sentence does not say: quote one that does
    """
    for part in ("value", "says", "cite", "read"):
        if not fact.get(part):
            raise ValueError(f"facts.json: {name!r} has no {part!r}: add it")
    if not re.search(rf"(?<![\d.,]){re.escape(fact['value'])}(?!\d|[.,]\d)", fact["says"]):
        raise ValueError(
            f"facts.json: {name!r} is {fact['value']}, which its sentence does not say: quote one that does"
        )
    return fact["value"]


@cache
def facts() -> Mapping[str, Mapping[str, str]]:
    """Return all facts, checked."""
    found: Mapping[str, Mapping[str, str]] = json.loads(FACTS.read_text(encoding="utf-8"))
    for name, fact in found.items():
        check(name, fact)
    return found


def value(name: str) -> str:
    """Return the value of a fact."""
    return facts()[name]["value"]


def plan_shares() -> dict[str, float]:
    """Return the shares of learners that the plan expected to succeed, without and with small datasets."""
    return {key: float(value(f"plan.success.{key}").rstrip("%")) / 100 for key in ("without", "with")}
