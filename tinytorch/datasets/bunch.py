"""What do all loaded datasets have in common? They answer to keys, as scikit-learn's ``Bunch`` does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar

from tinytorch.datasets.files import packaged


class Bunch:
    """A dataclass whose ``data["images"]`` is ``data.images``.

    Attributes:
        name: The dataset's name in the catalog.
        more: Names of properties that are keys as well.
    """

    name: str
    more: ClassVar[tuple[str, ...]] = ("DESCR",)

    @property
    def DESCR(self) -> str:  # scikit-learn's name for it
        """The text of the dataset's card: its README."""
        return packaged(self.name, "README.md").read_text(encoding="utf-8")

    def keys(self) -> tuple[str, ...]:
        """Return the names of what it holds."""
        assert is_dataclass(self)
        return (*(field.name for field in fields(self)), *self.more)

    def __getitem__(self, key: str) -> Any:
        if key not in self.keys():
            raise KeyError(f"{key!r} is not one of {', '.join(self.keys())}")
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())


def pandas() -> Any:
    """Return pandas.

    Raises:
        ImportError: If it is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise ImportError("data frames need pandas: pip install pandas") from None
    return pandas
