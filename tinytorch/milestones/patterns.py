"""How does a pattern of code become a function whose name says what it is to do?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product
from textwrap import indent
from typing import Any, NamedTuple

from tinytorch.milestones.restricted import agrees, parse

ONE = [(x,) for x in range(-20, 21)]
LIST = [([],), ([9, 2, 9],), ([*range(-20, 21)],), *(([x],) for x in range(-20, 21))]
TWO = [*product(range(-5, 10), repeat=2)]


class Function(NamedTuple):
    """A function as text, and what it is to return."""

    prompt: str  # def name(arguments):
    body: str
    means: Callable[..., Any]

    @property
    def inputs(self) -> Sequence[tuple[Any, ...]]:
        """What the function is tried on; an argument with a name in the plural is a list."""
        return TWO if ", " in self.prompt else LIST if "s)" in self.prompt else ONE

    def parses_with(self, body: str) -> bool:
        """Whether Python's parser understands the function with this body."""
        return parse(self.prompt + body) is not None

    def is_done_by(self, body: str) -> bool:
        """Whether this body, run on all its inputs in a restricted interpreter, returns what the function is to."""
        return agrees(self.prompt + body, self.means, self.inputs)


def places(signature: str) -> list[str]:
    """The places of operations in a signature: small letters in braces; `x` and `y` are arguments.

    >>> places("{s}_then_{t}({x})")
    ['s', 't']
    """
    return re.findall("{([a-w])}", signature)


def write(
    signature: str, body: str, meaning: Callable[..., Any], operations: Mapping[str, tuple[str, Callable[..., Any]]],
    chosen: Sequence[tuple[str, int]], letters: Sequence[str],
) -> Function:  # fmt: skip
    r"""The function of a pattern with an operation and its number in each place, and letters as arguments.

    In the body, `{s}` stands for the code of the operation at place `s`. `meaning` gets what each operation does, as
    functions of one number, and then the arguments. `operations` has for each name its code, and what it does with its
    number and an argument.

    >>> operations = {"add": ("+ {}", lambda n, x: x + n), "times": ("* {}", lambda n, x: x * n)}
    >>> function = write("{s}_then_{t}({x})", "result = {x} {s}\nreturn result {t}", lambda s, t, x: t(s(x)),
    ...                           operations, [("add", 3), ("times", 7)], "k")
    >>> print(function.prompt + function.body, end="")
    def add_3_then_times_7(k):
        result = k + 3
        return result * 7
    >>> function.means(1)
    28
    """
    words = dict(zip("xy", letters))
    names = {place: f"{name}_{number}" for place, (name, number) in zip(places(signature), chosen)}
    codes = {place: operations[name][0].format(number) for place, (name, number) in zip(places(signature), chosen)}
    steps = [partial(operations[name][1], number) for name, number in chosen]
    return Function(
        f"def {signature.format(**words, **names)}:\n",
        indent(body.format(**words, **codes), "    ") + "\n",
        partial(meaning, *steps),
    )
