"""What can be typed? The words and flags of `tinytorch`; what they show is in screen.py."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from tinytorch import __version__
from tinytorch.cli.datasets import datasets
from tinytorch.cli.files import output_file, writing
from tinytorch.cli.leave import GATE_MISSED, MEANING
from tinytorch.cli.names import closest, unknown
from tinytorch.cli.screen import Terminal
from tinytorch.cli.words import WholeNumber, Words, file_name, plot_file_name
from tinytorch.milestones import catalog
from tinytorch.milestones.kit import Milestone, Result
from tinytorch.milestones.sweep import REQUIRED, Sweep

STATUSES = "\b\nExit status:\n" + "\n".join(f"  {status:<3}  {meaning}" for status, meaning in MEANING.items())
LAST_SEED = 2**32 - 1
WELCOME = """TinyTorch: PyTorch's names on NumPy arrays, small real data, and history that runs.

\b
Start here:
  tinytorch milestones          what there is to run
  tinytorch run mlp_digits      a network learns to read handwriting
  tinytorch run --all           the whole history, in order
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


# ---- tinytorch milestones, tinytorch datasets (in datasets.py) ----


@tinytorch.command()
def milestones() -> None:
    """List the programs in historical order, each with the gate that it must meet."""
    Terminal().list_milestones([catalog.load(name) for name in catalog.names()])


tinytorch.add_command(datasets)


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
    )  # fmt: skip
    for flag in reversed(flags):
        command = flag(command)
    return command


@tinytorch.command(epilog=STATUSES)
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--all", "everything", is_flag=True, help="Every milestone, in historical order.")
@run_flags
def run(names: tuple[str, ...], everything: bool, **flags: Any) -> None:
    """Run milestones, and judge each by its gates."""
    if everything and names:
        raise click.UsageError("give names or --all, not both")
    if not everything and not names:
        raise click.UsageError(f"name a milestone ({', '.join(catalog.names())}) or say --all")
    for name in names:
        if name not in catalog.names():
            raise click.UsageError(unknown("milestone", name, catalog.names()))
    _run([catalog.load(name) for name in names or catalog.names()], **flags)


def command_for(milestone: Milestone) -> click.Command:
    """The command line of one program that was started as a file."""

    @click.command(
        name=milestone.name, help=milestone.idea, epilog=STATUSES,
        context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip
    @run_flags
    def program(**flags: Any) -> None:
        _run([milestone], **flags)

    return program


def _run(
    programs: Sequence[Milestone],
    seed: int,
    epochs: int | None,
    json_path: Path | None,
    plot_path: Path | None,
    seeds: int | None,
) -> None:
    if epochs is not None and not any(program.epochs for program in programs):
        raise click.UsageError(f"--epochs has no meaning for {programs[0].name}: it does not train")
    if plot_path and (seeds or len(programs) > 1):
        raise click.UsageError("--plot draws one run: name one milestone, without --seeds")
    if json_path and plot_path and os.path.realpath(json_path) == os.path.realpath(plot_path):
        raise click.UsageError(f"--json and --plot both name {plot_path}: give each a file of its own")
    if seeds and seed + seeds - 1 > LAST_SEED:
        raise click.UsageError(
            f"--seed {seed} --seeds {seeds} would end at seed {seed + seeds - 1}: the last one is {LAST_SEED}"
        )
    with ExitStack() as stack:
        json_file = stack.enter_context(output_file("--json", json_path))
        plot_file = stack.enter_context(output_file("--plot", plot_path))
        terminal = stack.enter_context(Terminal(compact=len(programs) > 1))
        if seeds:
            sweeps = [_sweep(terminal, program, range(seed, seed + seeds), epochs) for program in programs]
            terminal.sweeps(sweeps)
            record: Any = [sweep.to_json() for sweep in sweeps]
            success = all(sweep.holds for sweep in sweeps)
        else:
            results = [_play(terminal, program, seed, epochs, plot_file, plot_path) for program in programs]
            if len(results) > 1:
                terminal.summary(results)
            record = [result.to_json() for result in results]
            success = all(result.success for result in results)
        if json_file:
            text = json.dumps(record[0] if len(record) == 1 else record, indent=2, allow_nan=False)
            with writing("--json", json_path):
                json_file.write_text(text + "\n", encoding="utf-8")
    if not success:
        raise click.exceptions.Exit(GATE_MISSED)


def _play(
    terminal: Terminal,
    program: Milestone,
    seed: int,
    epochs: int | None,
    plot_file: Path | None,
    plot_path: Path | None,
) -> Result:
    if plot_file is None or plot_path is None:
        plot = None
    else:
        from tinytorch.cli.plots import Plot

        plot = Plot()
    terminal.begin(program)
    result = program.play(seed, epochs, [terminal, *([plot] if plot else [])])
    if plot and plot_file and plot_path:
        with writing("--plot", plot_path):
            plot.save(plot_file, plot_path.suffix.lower().lstrip("."), result)
    terminal.end(result)
    return result


def _sweep(terminal: Terminal, program: Milestone, seeds: range, epochs: int | None) -> Sweep:
    results: list[Result] = []
    for done, seed in enumerate(seeds, start=1):
        results.append(program.play(seed, epochs))
        terminal.counting(program.name, done, len(seeds), sum(result.success for result in results))
    return Sweep(program.name, results)
