"""What does the site add to Sphinx? Directives for what is made and not written; docs/conf.py asks for them.

Each directive answers for itself: a dataset that can't be read, or a program that misses a gate, fails the build.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

ROOMS = (
    "mathml",
    "numbers",
    "milestones",
    "exercises",
    "examples",
    "figures",
    "pictures",
    "talks",
    "reference",
    "checks",
)


def setup(app: Any) -> dict[str, Any]:
    """Let each room say what it adds."""
    for room in ROOMS:
        import_module(f"pages.{room}").setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
