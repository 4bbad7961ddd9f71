"""How do the tests get at a milestone: the module of its science, the gates that it misses, what it shows?"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType

from tinytorch.milestones import catalog
from tinytorch.milestones.pictures import Picture


def science(name: str) -> ModuleType:
    """The program's module, so that a test can break a part of it."""
    catalog.load(name)
    return sys.modules[f"tinytorch.milestones.{name}"]


def missed(name: str, seed: int = 0, **settings: object) -> set[str]:
    """Run the program and say which gates stayed shut."""
    return {gate.name for gate in catalog.load(name).play(seed, **settings).missed}


class Listener:
    """A screen that notes what reaches it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.shown: list[Picture] = []
        self.steps: list[tuple[str, int, int, dict[str, float]]] = []

    @property
    def pictures(self) -> dict[str, Picture]:
        """What was shown, by title."""
        return {picture.title: picture for picture in self.shown}

    def say(self, text: str) -> None:
        self.said.append(text)

    def show(self, picture: Picture) -> None:
        self.shown.append(picture)

    def progress(self, unit: str, done: int, total: int, values: Mapping[str, float]) -> None:
        self.steps.append((unit, done, total, dict(values)))
