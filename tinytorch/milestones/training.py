"""How does training that was killed go on as if nothing had happened?

A checkpoint holds all that the rest of a training depends on: the model, the optimizer, the schedule and what else the
program names, the random numbers, and the place, down to the batch. A program says what there is to keep, and no more:

    for epoch in run.epochs_left(model=net, optimizer=optimizer, schedule=schedule, losses=losses):
        for batch in run.batches_left(loader):

A run that goes on does again what the program does before these loops. In the loop that was interrupted, the batches of
the epoch are drawn again, in the same order, and those that are done are left out.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import tinytorch as torch
from tinytorch.datasets.remote import cache_folder
from tinytorch.milestones.checkpoints import ANEW, Checkpoint, CheckpointError
from tinytorch.random import Generator, default_generator

if TYPE_CHECKING:
    from tinytorch.milestones.kit import Milestone

SECONDS = 10.0  # so much work may be lost
RANDOM = "random numbers"  # the name of the default generator among the parts
Batch = TypeVar("Batch")


class Training:
    """The loops of one run over epochs and batches, which go on from a checkpoint and leave new ones.

    Args:
        checkpoint: Where the state is kept.
        saved: The state to go on from; None: from the beginning.
        seconds: How much work passes between one checkpoint and the next.
    """

    def __init__(
        self, checkpoint: Checkpoint, saved: Mapping[str, Any] | None = None, seconds: float | None = None
    ) -> None:
        self.checkpoint = checkpoint
        self.every = SECONDS if seconds is None else seconds
        self.seconds_before: float = saved["seconds"] if saved else 0.0
        self.remark = ""  # what the user is to know before it starts
        self.last_place = ""  # of the checkpoint that there is, in words
        self.complain: Callable[[str], None] = print  # told once, if no checkpoint can be written
        self._saved = saved
        self._finished: list[dict[str, Any]] = []  # the parts of each loop over epochs that has ended
        self._parts: dict[str, Any] = {}
        self._epochs = self._batches = self._total = 0  # done, and to be done, in the loop of now
        self._begin: dict[str, Any] = {}  # the generators' states when the epoch began
        self._started = self._last = time.perf_counter()

    def epochs(self, total: int, parts: Mapping[str, Any]) -> Iterator[int]:
        """The numbers of the epochs that are left, the last of which is `total`; the parts are then as they were."""
        self._parts, self._total = {**parts, RANDOM: default_generator()}, total
        self._epochs = self._batches = 0
        saved = self._saved
        if saved and len(self._finished) < len(saved["finished"]):
            self._epochs = total
            self._restore(saved["finished"][len(self._finished)])
        elif saved:
            self._epochs = saved["epochs"]
            self._restore(saved["parts"])
            if not saved["batches"]:
                self._saved = None
        try:
            for epoch in range(self._epochs + 1, total + 1):
                if self._saved:  # to draw its batches again
                    self._restore(self._saved["begin"], Generator)
                self._begin = self._states(Generator)
                yield epoch
                self._epochs, self._batches = epoch, 0
                self._save_if_due()
        finally:  # also if the program leaves the loop early
            self._finished.append(copy.deepcopy(self._states()))

    def batches(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches that are left of this epoch.

        The order of the batches must be drawn when the first of them is, as all samplers of `utils.data` do.
        """
        if self._batches:
            raise RuntimeError("batches_left: a place in training is an epoch and a batch: loop once in each epoch")
        left = iter(batches)
        if self._saved:
            saved, self._saved = self._saved, None
            self._batches = sum(1 for _ in islice(left, saved["batches"]))
            self._restore(saved["parts"], Generator)
        for batch in left:
            yield batch
            self._batches += 1
            self._save_if_due()

    @property
    def seconds(self) -> float:
        """What training has taken, together with what it took before it was interrupted."""
        return self.seconds_before + time.perf_counter() - self._started

    def _save_if_due(self) -> None:
        if time.perf_counter() - self._last < self.every:
            return
        state = {"finished": self._finished, "parts": self._states(), "begin": self._begin, "seconds": self.seconds}
        state |= {"epochs": self._epochs, "batches": self._batches, "total": self._total}
        try:
            self.checkpoint.save(state)
            self.last_place = place(state)
        except OSError as error:
            self.complain(f"No checkpoint can be kept ({error}): if this run is stopped, it can't go on.")
            self.complain = lambda text: None
        self._last = time.perf_counter()

    def _states(self, kind: type = object) -> dict[str, Any]:
        return {name: _state(part) for name, part in self._parts.items() if isinstance(part, kind)}

    def _restore(self, states: Mapping[str, Any], kind: type = object) -> None:
        try:
            for name, part in self._parts.items():
                if isinstance(part, kind):
                    _load(part, states[name])
        except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise CheckpointError(f"{self.checkpoint.path} does not fit this program ({reason}): {ANEW}") from error


def place(state: Mapping[str, Any]) -> str:
    """How far a saved state is, in words."""
    before = len(state["finished"])
    words = [f"training {before + 1}"] if before else []
    words += [f"{state['epochs']} of {state['total']} epochs"]
    words += [f"{state['batches']:,} batches"] if state["batches"] else []
    return "after " + ", ".join(words)


def prepare(program: Milestone, seed: int, epochs: int | None, resume: bool) -> Training | None:
    """The training of one run, which goes on from its checkpoint if it is to `resume`; None for one on PyTorch.

    Raises:
        CheckpointError: It is to go on, and there is nothing to go on from.
    """
    if program.framework != "tinytorch":
        return None
    checkpoint = checkpoint_of(program, seed, program.epochs if epochs is None else epochs)
    try:
        found = checkpoint.load()
    except CheckpointError:
        if resume:
            raise
        found = None
    if resume and not found:
        path = checkpoint.path
        raise CheckpointError(f"there is no checkpoint of this run of {program.name}, as {path} is not there: {ANEW}")
    state, remark = found or (None, "")
    training = Training(checkpoint, state if resume else None)
    if state:
        training.last_place = place(state)
        anew = f"It begins anew; with --resume it goes on {place(state)}."
        training.remark = f"{remark} It goes on {place(state)}." if resume else anew
    return training


def checkpoint_of(program: Milestone, seed: int, epochs: int | None) -> Checkpoint:
    """Where the checkpoint of a run waits, in the cache folder; runs that differ in seed or epochs have their own."""
    name = f"{program.name}{'-full' if program.is_full else ''}-{epochs}-epochs-seed-{seed}.safetensors"
    file = Path(program.function.__code__.co_filename)
    text = file.read_bytes() if file.is_file() else b""  # of a program that was typed in, nothing is left
    run = {"program": program.name, "full": program.is_full, "seed": seed, "epochs": epochs, **program.settings}
    run |= {"TinyTorch": torch.__version__, "the program's text": sha256(text).hexdigest()[:12]}
    return Checkpoint(cache_folder() / "checkpoints" / name, run)


def _state(part: Any) -> Any:
    if isinstance(part, list):
        return list(part)
    return part.get_state() if isinstance(part, Generator) else part.state_dict()


def _load(part: Any, state: Any) -> None:
    if isinstance(part, list):
        part[:] = state
    elif isinstance(part, Generator):
        part.set_state(state)
    else:
        part.load_state_dict(state)
