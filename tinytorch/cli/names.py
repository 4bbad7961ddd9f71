"""What did the user mean? The closest names to one that does not exist, and what is missing, on one line."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

import click


def closest(name: str, known: Collection[str]) -> str:
    """The one name that is nearly this one, or an empty string."""
    return "".join(get_close_matches(_bare(name), known, n=1, cutoff=0.8))


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """The sentence for a name that does not exist.

    >>> unknown("milestone", "mlp_digit", ["xor_solved", "mlp_digits"])
    "there is no milestone 'mlp_digit'; did you mean mlp_digits?"
    """
    wanted = _bare(name)
    if nearly := closest(name, known):
        return f"there is no {kind} {name!r}; did you mean {nearly}?"
    close = get_close_matches(wanted, known, n=3, cutoff=0.5)
    close += [candidate for candidate in known if wanted and wanted in candidate and candidate not in close]
    if close:
        return f"there is no {kind} {name!r}; did you mean {' or '.join(close[:3])}?"
    return f"there is no {kind} {name!r}; there are: {', '.join(known)}"


def _bare(name: str) -> str:
    return name.lower().removesuffix(".py").replace("-", "_")


def in_our_words(mistake: click.ClickException) -> str:
    """The sentence for a mistake that click has found, as ours are written."""
    if isinstance(mistake, click.NoSuchOption):
        return _unknown_option(mistake)
    if isinstance(mistake, click.MissingParameter) and mistake.param and mistake.ctx:
        return f"{mistake.param.human_readable_name} is missing: {mistake.ctx.get_usage().removeprefix('Usage: ')}"
    said = mistake.format_message()
    if isinstance(mistake, click.BadOptionUsage):
        return f"{mistake.option_name} {'takes no value' if 'not take' in said else 'needs a value after it'}"
    return said[0].lower() + said[1:].rstrip(".") if said.startswith("Got unexpected") else said


def _unknown_option(mistake: click.NoSuchOption) -> str:
    """The sentence for an option that the command does not have, but that a subcommand may."""
    option, context = mistake.option_name, mistake.ctx
    if context is None:
        return mistake.format_message()
    if isinstance(context.command, click.Group):
        for name, command in context.command.commands.items():
            if option in _options(command, context):
                return f"put {option} after {name}: {context.command_path} {name} ... {option}"
    close = get_close_matches(option, _options(context.command, context), n=1, cutoff=0.6)
    hint = f"did you mean {close[0]}?" if close else "--help lists them"
    return f"there is no option {option}; {hint}"


def _options(command: click.Command, context: click.Context) -> list[str]:
    parameters = command.get_params(context)
    return [option for parameter in parameters if isinstance(parameter, click.Option) for option in parameter.opts]
