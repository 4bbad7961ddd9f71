"""Where do trained models wait for whoever uses them? In the cache folder, as safetensors."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tinytorch as torch
from tinytorch import models
from tinytorch.datasets.remote import cache_folder
from tinytorch.milestones import catalog
from tinytorch.milestones.kit import Result, Screen


def file_of(name: str) -> Path:
    """Where the model that the program `name` trains is kept."""
    return cache_folder() / "models" / f"{name}.safetensors"


def tensors(kept: dict[str, Any]) -> dict[str, Any]:
    """What a program handed over to `Run.keep`, its arrays as tensors, for `torch.save`."""
    return {**kept, "model": {name: torch.from_numpy(values) for name, values in kept["model"].items()}}


def keep(result: Result) -> Path | None:
    """Write the model of a run that met its gates into the cache folder; None if there is none, or no place for it."""
    if not (result.success and result.kept):
        return None
    path = file_of(result.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({**tensors(dict(result.kept)), "made by": _sources(result.name)}, path)
    except OSError:
        return None
    return path


def find(name: str) -> dict[str, Any] | None:
    """The model that was kept, unless its program has changed since, or the file is damaged."""
    try:
        found = torch.load(file_of(name))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or found.pop("made by", None) != _sources(name):
        return None
    return {**found, "model": {key: values.numpy() for key, values in found["model"].items()}}


def find_or_train(name: str, screens: Sequence[Screen] = (), framework: str = "tinytorch") -> dict[str, Any]:
    """The model that was kept; if there is none, the program runs, and shows its progress and nothing else.

    Raises:
        RuntimeError: The program missed a gate, so there is no model worth using.
    """
    found = find(name)
    if found is None:
        result = catalog.load(name, framework).play(screens=[ProgressOnly(screen) for screen in screens])
        if not result.success:
            raise RuntimeError(f"{name} was to train the model, but missed a gate: {result.missed[0]}")
        keep(result)
        found = dict(result.kept)
    return found


class ProgressOnly:
    """A screen for a run inside another one."""

    def __init__(self, screen: Screen) -> None:
        self.progress = screen.progress

    def say(self, text: str) -> None:
        """Stay silent."""

    def show(self, picture: object) -> None:
        """Show nothing."""


def _sources(name: str) -> str:
    """A digest of the code that a kept model depends on."""
    files = [catalog.path(name), *sorted(Path(str(models.__file__)).parent.glob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
