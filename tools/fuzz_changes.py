"""How is a file changed by somebody who does not know, or knows too well, what it is? Bytes, and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol


class Choices(Protocol):
    """The part of `random.Random` that is used; hypothesis gives one that it can make simpler."""

    def random(self) -> float: ...  # noqa: D102
    def randrange(self, stop: int) -> int: ...  # noqa: D102
    def choice(self, seq: Sequence[Any]) -> Any: ...  # noqa: D102


# ---- changes that know nothing of a format ----

NUMBERS = (0, 1, 2, 7, 8, 127, 128, 255, 256, 32767, 65535, 1 << 31, (1 << 32) - 1, 1 << 32, 1 << 62, (1 << 64) - 1)


def change_bytes(content: bytes, random: Choices) -> bytes:
    """Flip, overwrite, remove, repeat, insert or cut."""
    at = random.randrange(len(content) + 1)
    length = random.choice((1, 1, 2, 4, 8, 30, 1000))
    kind = random.randrange(7)
    if kind == 0:
        return (
            content[:at] + bytes(byte ^ (1 << random.randrange(8)) for byte in content[at : at + 1]) + content[at + 1 :]
        )
    if kind == 1:
        return content[:at] + bytes(random.randrange(256) for _ in content[at : at + length]) + content[at + length :]
    if kind == 2:
        return content[:at] + content[at + length :]
    if kind == 3:
        return content[: at + length] + content[at:]
    if kind == 4:
        wide = random.choice((1, 2, 4, 8))
        number = (random.choice(NUMBERS) % (1 << 8 * wide)).to_bytes(wide, random.choice(("little", "big")))
        return content[:at] + number + content[at + wide :]
    if kind == 5:
        return content[:at] + bytes(random.randrange(256) for _ in range(length % 31)) + content[at:]
    return content[:at]


# ---- JSON ----

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 3.5, -0.0, 1e308, float("nan"), float("inf"), 1 << 31, 1 << 63, 1 << 64, 10**149,
    10**400, "", "a", "F32", "BOOL", "é\u2028\U0001f600", "\ud800", "\x1b[31m", "x" * 3000, "__metadata__", "name", [],
    {}, [0], [[]], {"a": {}}, [1, 2, 3], [10**19] * 70, {"runs": []}, {"tensor": "a"}, {"dict": [["a", 1]]},
)  # fmt: skip


def change_json(value: Any, random: Choices) -> Any:
    """Replace, remove, rename, add or nest something somewhere in it."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        key = random.choice(list(value))
        kind = random.randrange(10)
        if kind == 0:
            return {each: value[each] for each in value if each != key}
        if kind == 1:
            return {str(random.choice(VALUES)) if each == key else each: value[each] for each in value}
        if kind == 2:
            return {**value, str(random.choice(VALUES)): random.choice(VALUES)}
        return {**value, key: change_json(value[key], random)}
    if isinstance(value, list) and value and random.random() < 0.85:
        at = random.randrange(len(value))
        kind = random.randrange(8)
        changed = [[], [value[at]] * 2, [random.choice(VALUES), value[at]]][kind] if kind < 3 else None
        return value[:at] + ([change_json(value[at], random)] if changed is None else changed) + value[at + 1 :]
    if random.random() < 0.05:
        for _ in range(random.choice((1, 40, 1200))):
            value = [value] if random.random() < 0.5 else {"list": value}
        return value
    if isinstance(value, (int, float)) and random.random() < 0.4:
        return value + random.choice((-1, 1, 8, 0.5))
    return random.choice(VALUES)


def json_bytes(value: Any) -> bytes:
    """Return it as text, whatever Python's encoder makes of it."""
    try:
        return json.dumps(value).encode()
    except RecursionError:
        return b"[" * 5000 + b"]" * 5000
