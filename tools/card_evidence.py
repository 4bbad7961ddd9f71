"""Which numbers of the documents come from the evidence? One function per block, made from ``evidence/results``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent.parent / "evidence" / "results"


class MissingEvidenceError(Exception):
    """A result that a document quotes has not been made."""


def result(name: str) -> Any:
    """Return what the evidence script called ``name`` found.

    Raises:
        MissingEvidenceError: If it has not been run.
    """
    path = RESULTS / f"{name}.json"
    if not path.is_file():
        raise MissingEvidenceError(f"evidence/results/{name}.json is missing: `make evidence` makes it")
    return json.loads(path.read_text(encoding="utf-8"))


BLOCKS: Mapping[str, Callable[..., str]] = {}
