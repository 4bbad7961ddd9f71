"""What turns a function into a milestone that cannot claim success it did not earn?

    @milestone(year=1957, people=..., idea=..., data=..., source=..., epochs=20,
               gates={"held-out accuracy": at_least(0.97, percent=True)})
    def perceptron_trained(run, learning_rate=1.0):
        ...
        run.gate("held-out accuracy", accuracy)

The decorator holds the promise (the gates), the function reports the numbers, and the kit compares the
two after the function has returned. A gate that was never reported, and one whose number is NaN, is a
gate missed. Keyword parameters of the function are its configuration; they are kept with the result.

A program that can also use the whole of a dataset that does not come with the package says so with
`full=Full(...)`: with `--full` it is judged by other gates, and reads `run.full`.
"""

from __future__ import annotations

import inspect
import math
import operator
import platform
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from tinytorch.milestones.pictures import Bars, Curve, Heatmaps, Images, Picture, Plane, Regions, Table

if TYPE_CHECKING:
    from tinytorch.milestones.training import Training

Batch = TypeVar("Batch")
_COMPARE = {"at least": operator.ge, "at most": operator.le, "exactly": operator.eq}


class CannotGoOnError(RuntimeError):
    """A program stops, as what it would do next would mean nothing; the gates that it has not reported are missed."""


class NotTrainedError(CannotGoOnError):
    """A program needs a model whose own program missed a gate."""


@dataclass(frozen=True)
class Bound:
    """A gate's condition: a relation and the number that is required."""

    relation: str
    required: float
    percent: bool = False

    def met_by(self, value: float) -> bool:
        return math.isfinite(value) and bool(_COMPARE[self.relation](value, self.required))

    def show(self, value: float) -> str:
        """The number as text, with enough digits to tell a near miss from the required number."""
        for digits in range(1, 7):
            text = self._format(value, digits)
            if value == self.required or text != self._format(self.required, digits):
                break
        return text

    def __str__(self) -> str:
        return f"{self.relation} {self._format(self.required, 3)}"

    def _format(self, value: float, digits: int) -> str:
        if not math.isfinite(value):
            return str(value)
        if self.percent:
            return f"{100 * value:.{digits}f}".rstrip("0").rstrip(".") + "%"
        return f"{value:.{digits + 2}g}"


def at_least(required: float, percent: bool = False) -> Bound:
    return Bound("at least", required, percent)


def at_most(required: float, percent: bool = False) -> Bound:
    return Bound("at most", required, percent)


def equals(required: float, percent: bool = False) -> Bound:
    return Bound("exactly", required, percent)


@dataclass(frozen=True)
class Gate:
    """One promise and the number that came out."""

    name: str
    value: float
    bound: Bound

    @property
    def met(self) -> bool:
        return self.bound.met_by(self.value)

    def __str__(self) -> str:
        found = "was never reported" if math.isnan(self.value) else f"is {self.bound.show(self.value)}"
        return f"{self.name} {found}, required: {self.bound}"


@dataclass(frozen=True)
class Result:
    """Everything that one run leaves behind; `to_json()` is the record that `--json` writes."""

    name: str
    year: int
    seed: int
    epochs: int | None
    config: Mapping[str, Any]
    metrics: Mapping[str, float]
    gates: tuple[Gate, ...]
    seconds: float
    framework: str = "tinytorch"
    full: bool = False
    kept: Mapping[str, Any] = field(default_factory=dict)  # the model, if the program handed one over

    @property
    def success(self) -> bool:
        return bool(self.gates) and all(gate.met for gate in self.gates)

    @property
    def missed(self) -> tuple[Gate, ...]:
        return tuple(gate for gate in self.gates if not gate.met)

    def to_json(self) -> dict[str, Any]:
        """Plain dicts, lists and numbers; a number that is not finite becomes None, as JSON knows no NaN."""
        from tinytorch import __version__

        return {
            "name": self.name,
            "year": self.year,
            "seed": self.seed,
            "framework": self.framework,
            "full": self.full,
            "config": {"epochs": self.epochs, **self.config},
            "metrics": {name: _finite(value) for name, value in self.metrics.items()},
            "gates": [
                {
                    "name": gate.name,
                    "value": _finite(gate.value),
                    "relation": gate.bound.relation,
                    "required": gate.bound.required,
                    "met": gate.met,
                }
                for gate in self.gates
            ],
            "success": self.success,
            "seconds": round(self.seconds, 4),
            "version": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            **({"torch": import_module("torch").__version__} if self.framework == "torch" else {}),
        }


def _number(value: float) -> float:
    return int(value) if isinstance(value, Integral) else float(value)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


class Screen(Protocol):
    """What a run talks to: the terminal, a plot file, or nothing at all."""

    def say(self, text: str) -> None: ...

    def show(self, picture: Picture) -> None: ...

    def progress(self, unit: str, done: int, total: int, values: Mapping[str, float]) -> None: ...


class Run:
    """What a program receives: its seed and epochs, and a place to hand over text, pictures, numbers and a model.

    Attributes:
        seed: Where every random draw starts from.
        epochs: How long to train.
        full: Use the whole dataset that is fetched on demand (``--full``).
        from_dir: Where its published files lie; None: in the cache folder.
    """

    def __init__(
        self, milestone: Milestone, seed: int, epochs: int, screens: Sequence[Screen], from_dir: Path | None = None,
        training: Training | None = None,
    ) -> None:  # fmt: skip
        self.seed = seed
        self.epochs = epochs
        self.full = milestone.is_full
        self.from_dir = from_dir
        self.metrics: dict[str, float] = {}
        self.reported: dict[str, float] = {}
        self.kept: dict[str, Any] = {}
        self._milestone = milestone
        self._screens = screens
        self._training = training

    # numbers

    def metric(self, name: str, value: float) -> None:
        """Keep a number with the result; a count stays an integer."""
        self.metrics[name] = _number(value)

    def gate(self, name: str, value: float) -> None:
        """Report the number that a declared gate is judged by, once."""
        if name not in self._milestone.gates:
            raise ValueError(f"{self._milestone.name} declares no gate {name!r}: {list(self._milestone.gates)}")
        if name in self.reported:
            raise ValueError(f"{self._milestone.name} reports the gate {name!r} twice: a gate has one number")
        self.reported[name] = _number(value)

    def progress(self, done: int, total: int | None = None, unit: str = "epoch", **values: float) -> None:
        """Say how far training is: epochs done (or other units of a total), and the numbers of the moment."""
        numbers = {name.replace("_", " "): float(value) for name, value in values.items()}
        for screen in self._screens:
            screen.progress(unit, done, self.epochs if total is None else total, numbers)

    # training

    def epochs_left(self, **parts: Any) -> Iterable[int]:
        """The epochs to train, 1 to `epochs`; of a run that was interrupted and goes on (``--resume``), those left.

        The parts are what the loop changes: models, optimizers, schedules, random generators of their own, and lists
        of numbers. From time to time they are kept, and when a run goes on, they are as they were.
        """
        return range(1, self.epochs + 1) if self._training is None else self._training.epochs(self.epochs, parts)

    def batches_left(self, batches: Iterable[Batch]) -> Iterable[Batch]:
        """The batches of an epoch of `epochs_left`, from a DataLoader or a list: those that are left."""
        return batches if self._training is None else self._training.batches(batches)

    # models

    def keep(self, model: Any, **about: Any) -> None:
        """Hand over the trained model, for `--save` and for programs that use it.

        It is copied, so that nothing that is done to the model later changes what was kept. `about` is what else is
        needed to use it: lists and dicts of numbers and text, such as a vocabulary.
        """
        state = model.state_dict()
        self.kept = {"model": {name: values.detach().numpy().copy() for name, values in state.items()}, **about}

    def trained(self, name: str) -> dict[str, Any]:
        """What another program handed over to `keep`, with arrays as its weights; that program runs if it has not."""
        from tinytorch.milestones import trained

        return trained.find_or_train(name, self._screens, self._milestone.framework)

    # text and pictures

    def say(self, text: str) -> None:
        """One paragraph; line breaks inside it do not matter."""
        for screen in self._screens:
            screen.say(" ".join(text.split()))

    def images(self, title: str, images: npt.ArrayLike, captions: Sequence[object], signed: bool = False) -> None:
        self._show(Images(title, np.asarray(images), [str(caption) for caption in captions], signed))

    def regions(self, title: str, planes: Mapping[str, Plane], points: npt.ArrayLike, labels: npt.ArrayLike) -> None:
        self._show(Regions(title, planes, np.asarray(points), np.asarray(labels)))

    def curve(
        self, title: str, series: Mapping[str, Sequence[float]], x_label: str, y_label: str, start: int = 1,
        x: Sequence[float] | None = None, log: bool = False,
    ) -> None:  # fmt: skip
        """Lines over `x`, or over start, start + 1, ..."""
        longest = max((len(values) for values in series.values()), default=0)
        self._show(Curve(title, range(start, start + longest) if x is None else x, series, x_label, y_label, log))

    def heatmaps(
        self, title: str, panels: Mapping[str, npt.ArrayLike], rows: Sequence[object], columns: Sequence[object],
        x_label: str, y_label: str,
    ) -> None:  # fmt: skip
        arrays = {name: np.asarray(values) for name, values in panels.items()}
        self._show(Heatmaps(title, arrays, [str(row) for row in rows], [str(c) for c in columns], x_label, y_label))

    def bars(self, title: str, amounts: Mapping[str, float], x_label: str) -> None:
        self._show(Bars(title, list(amounts), [float(value) for value in amounts.values()], x_label))

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        self._show(Table(title, columns, [[str(cell) for cell in row] for row in rows]))

    def _show(self, picture: Picture) -> None:
        for screen in self._screens:
            screen.show(picture)


@dataclass(frozen=True)
class Full:
    """How a program differs when it uses the whole of a dataset that is fetched on demand."""

    dataset: str  # its name in tinytorch.datasets.catalog.REMOTE
    data: str
    gates: Mapping[str, Bound]
    epochs: int


@dataclass(frozen=True)
class Milestone:
    """A program with its place in history and its gates."""

    function: Callable[..., None]
    year: int
    people: str
    idea: str
    data: str
    source: str
    gates: Mapping[str, Bound]
    epochs: int | None  # None: the program does not train
    dataset: str | None = None  # what must be fetched before it can run
    full: Full | None = None
    is_full: bool = False
    framework: str = "tinytorch"

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def keeps_a_model(self) -> bool:
        """Whether it hands a model over: whether its function speaks of `run.keep`."""
        return "keep" in self.function.__code__.co_names

    @property
    def settings(self) -> dict[str, Any]:
        """The function's keyword parameters with their values, as declared."""
        parameters = list(inspect.signature(self.function).parameters.values())[1:]  # the first is `run`
        return {parameter.name: parameter.default for parameter in parameters}

    def whole(self) -> Milestone:
        """The program on the whole of its dataset, as `--full` asks for."""
        if self.full is None:
            raise ValueError(f"{self.name} has no more data than it uses: only programs declared with full= do")
        full = self.full
        return replace(
            self, data=full.data, gates=full.gates, epochs=full.epochs, dataset=full.dataset, full=None, is_full=True
        )

    def play(
        self, seed: int = 0, epochs: int | None = None, screens: Sequence[Screen] = (), from_dir: Path | None = None,
        training: Training | None = None, **config: Any,
    ) -> Result:  # fmt: skip
        """Run the program once and judge it. `config` overrides the function's keyword parameters."""
        chosen = self.epochs if epochs is None else epochs
        run = Run(self, seed, chosen or 0, screens, from_dir, training)
        settings = {**self.settings, **config}
        started = time.perf_counter() - (training.seconds_before if training else 0)
        try:
            self.function(run, **settings)
        except CannotGoOnError as reason:
            run.say(f"{reason}.")
        return self.judge(run, settings, time.perf_counter() - started)

    def judge(self, run: Run, settings: Mapping[str, Any], seconds: float) -> Result:
        """Hold what a run has reported against the gates: those that it has not reported are missed."""
        gates = tuple(Gate(name, run.reported.get(name, math.nan), bound) for name, bound in self.gates.items())
        epochs = None if self.epochs is None else run.epochs
        return Result(
            self.name, self.year, run.seed, epochs, settings, run.metrics, gates, seconds, self.framework, self.is_full,
            run.kept,
        )  # fmt: skip

    def main(self) -> None:
        """Run as `python path/to/program.py`, with the flags of `tinytorch run`."""
        from tinytorch.cli import run_file  # the one place where a program meets the screen

        run_file(self)


def milestone(
    *, year: int, people: str, idea: str, data: str, source: str, gates: Mapping[str, Bound],
    epochs: int | None = None, dataset: str | None = None, full: Full | None = None,
) -> Callable[[Callable[..., None]], Milestone]:  # fmt: skip
    """Declare a program. It must name at least one gate."""

    def declare(function: Callable[..., None]) -> Milestone:
        if not gates or (full and not full.gates):
            raise ValueError(f"milestone {function.__name__}: declare at least one gate, or it proves nothing")
        return Milestone(function, year, people, idea, data, source, dict(gates), epochs, dataset, full)

    return declare
