"""How does a checkpoint survive whatever kills the process that writes it, or damages the file?

It appears under its name only when it is whole and on the disk, with its sha256, and the one before it is kept. It says
which run it belongs to, so that no other run goes on from it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import tinytorch as torch
from tinytorch.nested import taken_apart
from tinytorch.serialization import remove_parts

ANEW = "run without --resume to begin anew"


class CheckpointError(ValueError):
    """There is no checkpoint to go on from, or it is damaged, or another run's."""


class Checkpoint:
    """The file of one run's checkpoint, and the file of the one before it.

    Args:
        path: Its name; the one before is kept as ``NAME.previous``.
        run: What the run is: texts and numbers by name. A checkpoint in which they differ is not used.
    """

    def __init__(self, path: Path, run: Mapping[str, Any]) -> None:
        self.path, self.run = path, dict(run)
        self.previous = path.with_name(f"{path.name}.previous")
        self._is_sound = False  # whether what has the name was written or read by this object

    def save(self, state: Mapping[str, Any]) -> None:
        """Write a checkpoint: at each moment, the last sound one has one of the two names.

        Raises:
            OSError: The file can't be written.
        """
        content = {"run": self.run, "state": dict(state)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self._is_sound:
            self._is_sound = False
            with suppress(FileNotFoundError):  # another process that does the same may have removed it
                os.replace(self.path, self.previous)
        torch.save({**content, "sha256": digest_of(content)}, self.path)
        self._is_sound = True

    def load(self) -> tuple[dict[str, Any], str] | None:
        """The last state that was saved and is sound, and a remark if it is not the last; None if there is none.

        Raises:
            CheckpointError: None of the files is sound, or it is a checkpoint of another run.
        """
        damages: list[str] = []
        for path in (self.path, self.previous):
            try:
                content = torch.load(path)
                if not isinstance(content, dict) or content.pop("sha256", None) != digest_of(content):
                    raise ValueError(f"{path} is damaged: its content differs from its sha256")
            except FileNotFoundError:
                continue
            except (OSError, ValueError, TypeError) as error:
                damages.append(str(error))
                continue
            self._refuse_another_run(path, content["run"])
            self._is_sound = path == self.path
            remark = f"The newest checkpoint is damaged ({damages[0]}): this is the one before." if damages else ""
            return content["state"], remark
        if damages:
            raise CheckpointError(f"{damages[0]}; there is no sound one before it: {ANEW}")
        return None

    def remove(self) -> None:
        """Remove both files; they are of no use once the run has ended."""
        for path in (self.path, self.previous):
            with suppress(OSError):
                path.unlink()
        remove_parts(str(self.path))

    def _refuse_another_run(self, path: Path, found: Mapping[str, Any]) -> None:
        names = [*self.run, *(name for name in found if name not in self.run)]
        differ = [name for name in names if found.get(name) != self.run.get(name)]
        if differ:
            said = ", ".join(f"{name} {found.get(name)}, not {self.run.get(name)}" for name in differ)
            raise CheckpointError(f"{path} is the checkpoint of another run ({said}): repeat that one, or {ANEW}")


def digest_of(content: Any) -> str:
    """Of all numbers and words in a checkpoint, and of their order."""
    tensors, tree = taken_apart(content)
    digest = sha256(json.dumps(tree).encode())
    for name, values in tensors.items():
        array = values.numpy()
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()
