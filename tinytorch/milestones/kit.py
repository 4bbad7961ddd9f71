"""What turns a function into a milestone that cannot claim success it did not earn?

    @milestone(year=1957, people=..., idea=..., data=..., source=..., epochs=20,
               gates={"held-out accuracy": at_least(0.97, percent=True)})
    def perceptron_trained(run, learning_rate=1.0):
        ...
        run.gate("held-out accuracy", accuracy)

The decorator holds the promise (the gates), the function reports the numbers, and the kit compares the
two after the function has returned. A gate that was never reported, and one whose number is NaN, is a
gate missed. Keyword parameters of the function are its configuration; they are kept with the result.
"""

from __future__ import annotations

import inspect
import math
import operator
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from tinytorch.milestones.pictures import Bars, Curve, Images, Picture, Plane, Regions, Table

_COMPARE = {"at least": operator.ge, "at most": operator.le, "exactly": operator.eq}


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
        }


def _number(value: float) -> float:
    return int(value) if isinstance(value, Integral) else float(value)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


class Screen(Protocol):
    """What a run talks to: the terminal, a plot file, or nothing at all."""

    def say(self, text: str) -> None: ...

    def show(self, picture: Picture) -> None: ...

    def progress(self, done: int, total: int, values: Mapping[str, float]) -> None: ...


class Run:
    """What a program receives: its seed and epochs, and a place to hand over text, pictures and numbers."""

    def __init__(self, milestone: Milestone, seed: int, epochs: int, screens: Sequence[Screen]) -> None:
        self.seed = seed
        self.epochs = epochs
        self.metrics: dict[str, float] = {}
        self.reported: dict[str, float] = {}
        self._milestone = milestone
        self._screens = screens

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

    def progress(self, epoch: int, **values: float) -> None:
        """Say how far training is: epochs done, and the numbers of the moment."""
        numbers = {name.replace("_", " "): float(value) for name, value in values.items()}
        for screen in self._screens:
            screen.progress(epoch, self.epochs, numbers)

    # text and pictures

    def say(self, text: str) -> None:
        """One paragraph; line breaks inside it do not matter."""
        for screen in self._screens:
            screen.say(" ".join(text.split()))

    def images(self, title: str, images: npt.ArrayLike, captions: Sequence[object]) -> None:
        self._show(Images(title, np.asarray(images), [str(caption) for caption in captions]))

    def regions(self, title: str, planes: Mapping[str, Plane], points: npt.ArrayLike, labels: npt.ArrayLike) -> None:
        self._show(Regions(title, planes, np.asarray(points), np.asarray(labels)))

    def curve(
        self, title: str, series: Mapping[str, Sequence[float]], x_label: str, y_label: str, start: int = 1
    ) -> None:
        longest = max((len(values) for values in series.values()), default=0)
        self._show(Curve(title, range(start, start + longest), series, x_label, y_label))

    def bars(self, title: str, amounts: Mapping[str, float], x_label: str) -> None:
        self._show(Bars(title, list(amounts), [float(value) for value in amounts.values()], x_label))

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        self._show(Table(title, columns, [[str(cell) for cell in row] for row in rows]))

    def _show(self, picture: Picture) -> None:
        for screen in self._screens:
            screen.show(picture)


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

    @property
    def name(self) -> str:
        return self.function.__name__

    def play(self, seed: int = 0, epochs: int | None = None, screens: Sequence[Screen] = (), **config: Any) -> Result:
        """Run the program once and judge it. `config` overrides the function's keyword parameters."""
        chosen = self.epochs if epochs is None else epochs
        run = Run(self, seed, chosen or 0, screens)
        settings = {**_defaults(self.function), **config}
        started = time.perf_counter()
        self.function(run, **settings)
        seconds = time.perf_counter() - started
        gates = tuple(Gate(name, run.reported.get(name, math.nan), bound) for name, bound in self.gates.items())
        return Result(self.name, self.year, seed, chosen, settings, run.metrics, gates, seconds)

    def main(self) -> None:
        """Run as `python path/to/program.py`, with the flags of `tinytorch run`."""
        from tinytorch.cli import run_file  # the one place where a program meets the screen

        run_file(self)


def _defaults(function: Callable[..., None]) -> dict[str, Any]:
    parameters = list(inspect.signature(function).parameters.values())[1:]  # the first is `run`
    return {parameter.name: parameter.default for parameter in parameters}


def milestone(
    *, year: int, people: str, idea: str, data: str, source: str, gates: Mapping[str, Bound], epochs: int | None = None
) -> Callable[[Callable[..., None]], Milestone]:
    """Declare a program. It must name at least one gate."""

    def declare(function: Callable[..., None]) -> Milestone:
        if not gates:
            raise ValueError(f"milestone {function.__name__}: declare at least one gate, or it proves nothing")
        return Milestone(function, year, people, idea, data, source, dict(gates), epochs)

    return declare
