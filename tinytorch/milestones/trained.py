"""Where do trained models wait for whoever uses them? In the cache folder, as safetensors.

What waits there met its program's gates, and is what the program hands over when it is played as it is declared: a run
with other epochs or settings leaves it alone, and one with another seed or framework, too, unless there is nothing.
It is used only while it is whole, and while its program, the models' code and the version of TinyTorch are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tinytorch as torch
from tinytorch import models
from tinytorch.datasets.remote import cache_folder
from tinytorch.milestones import catalog
from tinytorch.milestones.kit import Milestone, NotTrainedError, Result, Screen

STAMP = "made by"  # beside the model: the digest of its program and of itself


def file_of(name: str) -> Path:
    """Where the model that the program `name` trains is kept."""
    return cache_folder() / "models" / f"{name}.safetensors"


def tensors(kept: dict[str, Any]) -> dict[str, Any]:
    """What a program handed over to `Run.keep`, its arrays as tensors, for `torch.save`."""
    return {**kept, "model": {name: torch.from_numpy(values) for name, values in kept["model"].items()}}


def is_from_catalog(program: Milestone) -> bool:
    """Whether it is the program of this name that comes with TinyTorch, and not a reader's own or changed copy."""
    file = Path(program.function.__code__.co_filename).resolve()
    return program.name in catalog.names() and file == catalog.path(program.name).resolve()


def keep(result: Result) -> Path | None:
    """Write the model of a run that met its gates into the cache folder; None if there is none, or no place for it."""
    program = catalog.load(result.name)
    as_declared = (result.epochs, dict(result.config), result.full) == (program.epochs, program.settings, False)
    if not (result.success and result.kept and as_declared):
        return None
    if (result.seed, result.framework) != (0, "tinytorch") and find(result.name) is not None:
        return None
    path, kept = file_of(result.name), dict(result.kept)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({**tensors(kept), STAMP: _digest(result.name, kept)}, path)
    except OSError:
        return None
    return path


def find(name: str) -> dict[str, Any] | None:
    """The model that was kept, unless its program has changed since, or the file is damaged."""
    try:
        found = torch.load(file_of(name))
        stamp = found.pop(STAMP)
        found["model"] = {key: values.numpy() for key, values in found["model"].items()}
        return found if stamp == _digest(name, found) else None
    except (OSError, ValueError, KeyError, AttributeError, TypeError):  # none, no safetensors, or a stranger's
        return None


def find_or_train(name: str, screens: Sequence[Screen] = (), framework: str = "tinytorch") -> dict[str, Any]:
    """The model that was kept; if there is none, the program runs, and shows its progress and nothing else.

    Raises:
        NotTrainedError: The program missed a gate, so there is no model worth using.
    """
    found = find(name)
    if found is not None:
        return found
    result = catalog.load(name, framework).play(screens=[ProgressOnly(screen) for screen in screens])
    if not result.success:
        raise NotTrainedError(f"{name} was to train the model, but missed a gate: {result.missed[0]}")
    if keep(result) is None:
        for screen in screens:
            screen.say(f"The model of {name} can't be kept: {file_of(name)} can't be written. It is trained each time.")
    return dict(result.kept)


class ProgressOnly:
    """A screen for a run inside another one."""

    def __init__(self, screen: Screen) -> None:
        self.progress = screen.progress

    def say(self, text: str) -> None:
        """Stay silent."""

    def show(self, picture: object) -> None:
        """Show nothing."""


def _digest(name: str, kept: dict[str, Any]) -> str:
    """Of the code that a kept model depends on, and of every number and word of the model."""
    files = [catalog.path(name), *sorted(Path(str(models.__file__)).parent.glob("*.py"))]
    digest = hashlib.sha256(torch.__version__.encode())
    for file in files:
        digest.update(file.read_bytes())
    rest = {key: value for key, value in kept.items() if key != "model"}
    digest.update(json.dumps(rest, sort_keys=True).encode())
    for key, values in sorted(kept["model"].items()):
        digest.update(f"{key} {values.dtype.name} {values.shape}".encode() + values.tobytes())
    return digest.hexdigest()
