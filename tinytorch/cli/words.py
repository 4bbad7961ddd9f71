"""What do the commands have in common? How a mistyped word, number or file name is answered, on one line."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from tinytorch.cli.names import unknown

PLOT_SUFFIXES = (".png", ".svg")


class Words(click.Group):
    """A group of commands that answers a mistyped one with the closest names, on one line."""

    kind = "command"

    def also_known(self) -> Sequence[str]:
        """Names that are no commands but may have been meant."""
        return ()

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the next word names."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            known = [*self.list_commands(ctx), *self.also_known()]
            raise click.UsageError(unknown(self.kind, args[0], known))
        return super().resolve_command(ctx, args)


class WholeNumber(click.IntRange):
    """click's range of integers, except that a mistake is told with the value and the range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, or refuse it."""
        low, high = int(self.min or 0), self.max
        try:
            number = int(value)
        except ValueError:
            number = low - 1
        if number < low or (high is not None and number > high):
            allowed = f"{low} or more" if high is None else f"from {low} to {high:.0f}"
            option = param.opts[0] if param else "the number"
            raise click.UsageError(f"{option} {value}: give a whole number, {allowed}")
        return number


def file_name(context: click.Context, parameter: click.Parameter, name: str | None) -> Path | None:
    """Refuse what can't be the name of an output file."""
    if name in ("", "-"):
        raise click.UsageError(f"{parameter.opts[0]} {name!r}: give the name of a file")
    return None if name is None else Path(name)


def model_file_name(context: click.Context, parameter: click.Parameter, name: str | None) -> Path | None:
    """Refuse what can't be the name of a model's file."""
    path = file_name(context, parameter, name)
    if path is not None and path.suffix.lower() != ".safetensors":
        raise click.UsageError(f"--save {path}: the file's name must end in .safetensors")
    return path


def folder_name(context: click.Context, parameter: click.Parameter, name: str | None) -> Path | None:
    """Refuse a folder that is not there."""
    if name is not None and not Path(name).expanduser().is_dir():
        raise click.UsageError(f"{parameter.opts[0]} {name}: there is no such folder")
    return None if name is None else Path(name)


def plot_file_name(context: click.Context, parameter: click.Parameter, name: str | None) -> Path | None:
    """Refuse what can't be the name of a picture, and tell at once if nothing here can draw it."""
    path = file_name(context, parameter, name)
    if path is None:
        return None
    if path.suffix.lower() not in PLOT_SUFFIXES:
        raise click.UsageError(f"--plot {path}: the file's name must end in .png or .svg")
    if find_spec("matplotlib") is None:
        raise click.UsageError(f"--plot needs matplotlib: {this_python()} -m pip install matplotlib")
    return path


def one_of(*words: str) -> Callable[[click.Context, click.Parameter, str], str]:
    """The check of an option that takes one of a few words."""

    def check(context: click.Context, parameter: click.Parameter, word: str) -> str:
        if word not in words:
            raise click.UsageError(f"{parameter.opts[0]} {word}: choose {' or '.join(words)}")
        return word

    return check


def framework(context: click.Context, parameter: click.Parameter, name: str) -> str:
    """Tell at once if PyTorch is asked for and is not there."""
    one_of("tinytorch", "torch")(context, parameter, name)
    if name == "torch" and find_spec("torch") is None:
        raise click.UsageError(f"--framework torch needs PyTorch: {this_python()} -m pip install torch")
    return name


def this_python() -> str:
    """How this Python is called from the shell."""
    known = shutil.which("python")
    if known and os.path.abspath(known) == os.path.abspath(sys.executable):
        return "python"
    return f'"{sys.executable}"' if " " in sys.executable else sys.executable
