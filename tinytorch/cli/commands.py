"""What can be typed? The words and flags of `tinytorch`; what they show is in screen.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tinytorch import __version__
from tinytorch.cli.chat import chat
from tinytorch.cli.compare import compare
from tinytorch.cli.datasets import datasets
from tinytorch.cli.leave import STATUSES
from tinytorch.cli.names import closest, unknown
from tinytorch.cli.play import LAST_SEED, Wishes, play_all
from tinytorch.cli.profile import profile
from tinytorch.cli.screen import Terminal
from tinytorch.cli.words import WholeNumber, Words, file_name, folder_name, framework, model_file_name, plot_file_name
from tinytorch.milestones import catalog
from tinytorch.milestones.kit import Milestone
from tinytorch.milestones.sweep import REQUIRED

WELCOME = """TinyTorch: PyTorch's names on NumPy arrays, small real data, and history that runs.

\b
Start here:
  tinytorch milestones          what there is to run
  tinytorch run mlp_digits      a network learns to read handwriting
  tinytorch run --all           the whole history, in order
  tinytorch profile mlp_digits  where the time of that network goes
  tinytorch chat                talk with a model that was trained here
"""


class FirstWords(Words):
    """The group `tinytorch`, where the name of a milestone is an easy thing to type."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the next word names."""
        if args and self.get_command(ctx, args[0]) is None:
            milestone = closest(args[0], catalog.names())
            if milestone:
                raise click.UsageError(f"there is no command {args[0]!r}; did you mean tinytorch run {milestone}?")
        return super().resolve_command(ctx, args)


@click.group(
    cls=FirstWords, help=WELCOME, invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
@click.version_option(__version__, prog_name="tinytorch", message="%(prog)s %(version)s")
@click.pass_context
def tinytorch(context: click.Context) -> None:
    """Welcome whoever says no more than `tinytorch`."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


# ---- tinytorch milestones, and what stands in files of its own: datasets, chat, compare ----


@tinytorch.command(short_help="List the programs in historical order, with their gates.")
def milestones() -> None:
    """List the programs in historical order, each with the gate that it must meet."""
    Terminal().list_milestones([catalog.load(name) for name in catalog.names()])


tinytorch.add_command(datasets)
tinytorch.add_command(compare)
tinytorch.add_command(chat)


# ---- tinytorch run ----


def run_flags(command: Callable[..., None]) -> Callable[..., None]:
    """The flags that `tinytorch run` and `python path/to/program.py` share."""
    flags = (
        click.option("--seed", type=WholeNumber(0, LAST_SEED), default=0, metavar="N",
                     help="Where every random draw starts from.  [default: 0]"),
        click.option("--epochs", type=WholeNumber(0), metavar="N",
                     help="Train this long instead of the program's own choice."),
        click.option("--json", "json_path", metavar="FILE", type=click.Path(), callback=file_name,
                     help="Write configuration, numbers and verdict."),
        click.option("--plot", "plot_path", metavar="FILE", type=click.Path(), callback=plot_file_name,
                     help="Draw the program's pictures into a .png or .svg (needs matplotlib)."),
        click.option("--seeds", type=WholeNumber(1), metavar="N",
                     help=f"Run N seeds, from --seed on, and count how many meet the gates. "
                          f"At least {REQUIRED[0] / REQUIRED[1]:.1%} must ({REQUIRED[0]} of {REQUIRED[1]})."),
        click.option("--save", "save_path", metavar="FILE", type=click.Path(), callback=model_file_name,
                     help="Write the trained model as .safetensors."),
        click.option("--resume", is_flag=True, help="Go on from where a run like this one was interrupted."),
        click.option("--full", is_flag=True, help="Use the whole of a dataset that is fetched on demand."),
        click.option("--download", is_flag=True, help="Fetch the dataset that is needed and not there."),
        click.option("--from-dir", metavar="DIR", type=click.Path(exists=False), callback=folder_name,
                     help="Use the dataset's published files in DIR."),
        click.option("--framework", metavar="[tinytorch|torch]", default="tinytorch", callback=framework,
                     help="What the program runs on: torch is PyTorch.  [default: tinytorch]"),
    )  # fmt: skip
    for flag in reversed(flags):
        command = flag(command)
    return command


@tinytorch.command(epilog=STATUSES)
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--all", "everything", is_flag=True, help="Every milestone, in historical order.")
@run_flags
def run(names: tuple[str, ...], everything: bool, **flags: Any) -> None:
    """Run milestones, and judge each by its gates.

    A gate is a number that the program must reach; which one, it says before it starts.
    """
    if everything and names:
        raise click.UsageError("give names or --all, not both")
    if not everything and not names:
        raise click.UsageError(f"name a milestone ({', '.join(catalog.names())}) or say --all")
    for name in names:
        if name not in catalog.names():
            raise click.UsageError(unknown("milestone", name, catalog.names()))
    wishes = Wishes(**flags)
    play_all([catalog.load(name, wishes.framework) for name in names or catalog.names()], wishes)


tinytorch.add_command(profile)  # after run, which is meant by a flag of both that stands before any command


def command_for(milestone: Milestone) -> click.Command:
    """The command line of one program that was started as a file."""

    @click.command(
        name=milestone.name, help=milestone.idea, epilog=STATUSES,
        context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip
    @run_flags
    def program(**flags: Any) -> None:
        wishes = Wishes(**flags)
        file = Path(milestone.function.__code__.co_filename)
        again = wishes.framework != milestone.framework
        play_all([catalog.load_file(file, milestone.name, wishes.framework) if again else milestone], wishes)

    return program
