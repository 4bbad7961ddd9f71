"""What did the user mean? The closest names to one that does not exist, on one line."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """The sentence for a name that does not exist.

    >>> unknown("milestone", "mlp_digit", ["xor_solved", "mlp_digits"])
    "there is no milestone 'mlp_digit'; did you mean mlp_digits?"
    """
    wanted = name.lower().removesuffix(".py").replace("-", "_")
    close = get_close_matches(wanted, known, n=3, cutoff=0.5)
    close += [candidate for candidate in known if wanted and wanted in candidate and candidate not in close]
    if close:
        return f"there is no {kind} {name!r}; did you mean {' or '.join(close[:3])}?"
    return f"there is no {kind} {name!r}; there are: {', '.join(known)}"
