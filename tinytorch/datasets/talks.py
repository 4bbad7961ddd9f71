"""Stand-in."""

from typing import Any


def load_tinytalks(split: str = "train", *, return_X_y: bool = False) -> Any:
    """Stand-in."""
    raise NotImplementedError
