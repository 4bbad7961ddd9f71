"""What does `tinytorch run` do, once its words are understood? Plays, judges, writes what was asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinytorch.cli.files import output_file, refuse_one_file_for_two, writing
from tinytorch.cli.leave import GATE_MISSED
from tinytorch.cli.screen import Terminal
from tinytorch.datasets.catalog import REMOTE
from tinytorch.datasets.files import DamagedFileError
from tinytorch.datasets.remote import DataNotFoundError, Files
from tinytorch.milestones.checkpoints import CheckpointError
from tinytorch.milestones.kit import Milestone, Result, Screen
from tinytorch.milestones.sweep import Sweep

if TYPE_CHECKING:
    from tinytorch.milestones.training import Training

LAST_SEED = 2**32 - 1


@dataclass(frozen=True)
class Wishes:
    """The flags of `tinytorch run`."""

    seed: int = 0
    epochs: int | None = None
    seeds: int | None = None
    json_path: Path | None = None
    plot_path: Path | None = None
    save_path: Path | None = None
    resume: bool = False
    full: bool = False
    download: bool = False
    from_dir: Path | None = None
    framework: str = "tinytorch"

    def refuse_what_has_no_meaning(self, programs: Sequence[Milestone]) -> None:
        """Find contradictions before anything runs."""
        first = programs[0].name
        if self.epochs is not None and not any(program.epochs for program in programs):
            raise click.UsageError(f"--epochs has no meaning for {first}: it does not train")
        for flag, path in (("--plot", self.plot_path), ("--save", self.save_path)):
            if path and (self.seeds or len(programs) > 1):
                raise click.UsageError(f"{flag} is for one run: name one milestone, without --seeds")
        if self.resume and (self.seeds or len(programs) > 1):
            raise click.UsageError("--resume is for one run: name one milestone, without --seeds")
        if self.resume and self.framework == "torch":
            raise click.UsageError("--resume has no meaning with --framework torch: only TinyTorch leaves checkpoints")
        if self.save_path and not programs[0].keeps_a_model:
            raise click.UsageError(f"--save has no meaning for {first}: it leaves no model")
        refuse_one_file_for_two(self.json_path, self.plot_path, self.save_path)
        if self.seeds and self.seed + self.seeds - 1 > LAST_SEED:
            raise click.UsageError(
                f"--seed {self.seed} --seeds {self.seeds} would end at seed {self.seed + self.seeds - 1}: "
                f"the last one is {LAST_SEED}"
            )
        if self.download and self.from_dir:
            raise click.UsageError("--download fetches, and --from-dir uses what is on disk: give one of them")
        if self.full and len(programs) == 1 and programs[0].full is None:
            raise click.UsageError(f"--full has no meaning for {first}: it has no more data than it uses")


def play_all(programs: Sequence[Milestone], wishes: Wishes) -> None:
    """Play the programs and leave with the exit status that they earned."""
    wishes.refuse_what_has_no_meaning(programs)
    if wishes.full:
        programs = [program.whole() if program.full else program for program in programs]
    with ExitStack() as stack:
        json_file = stack.enter_context(output_file("--json", wishes.json_path))
        plot_file = stack.enter_context(output_file("--plot", wishes.plot_path))
        save_file = stack.enter_context(output_file("--save", wishes.save_path))
        terminal = stack.enter_context(Terminal(compact=len(programs) > 1))
        skipped: dict[str, str] = {}
        for program in programs:
            try:
                provide(program, wishes)
            except (DamagedFileError, DataNotFoundError) as unfit:
                if len(programs) == 1 + len(skipped):  # nothing would run
                    raise
                skipped[program.name] = str(unfit)
        if wishes.seeds:
            chosen = [program for program in programs if program.name not in skipped]
            sweeps = [_sweep(terminal, program, wishes) for program in chosen]
            terminal.sweeps(sweeps, skipped)
            records = [sweep.to_json() for sweep in sweeps]
            success = all(sweep.holds for sweep in sweeps)
        else:
            results = []
            for program in programs:
                if program.name in skipped:
                    terminal.skip(program, skipped[program.name])
                else:
                    results.append(_play(terminal, program, wishes, plot_file, save_file))
            if len(programs) > 1:
                terminal.summary(programs, results, skipped)
            records = [result.to_json() for result in results]
            success = all(result.success for result in results)
        if json_file:
            record: Any = records[0] if len(records) == 1 else records
            with writing("--json", wishes.json_path):
                json_file.write_text(json.dumps(record, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    terminal.wrote_each(wishes.plot_path, wishes.save_path, wishes.json_path)
    if not success:
        raise click.exceptions.Exit(GATE_MISSED)


def provide(program: Milestone, wishes: Wishes) -> None:
    """See to it that the dataset that a program needs is there, or say how it gets there."""
    if program.dataset is None:
        return
    info = REMOTE[program.dataset]
    files = Files(info, from_dir=wishes.from_dir)
    try:
        for file in info.files:
            files.open(file).close()
        return
    except DamagedFileError:
        if not wishes.download:
            raise
    except DataNotFoundError:
        if wishes.from_dir:
            raise
        if not wishes.download:
            raise DataNotFoundError(
                f"{program.name} needs {info.title}, which is not in {files.folder}. Run with --download to fetch "
                f"{info.title} ({info.cost}) into that folder, or with --from-dir DIR to use the published files in DIR"
            ) from None
    from tinytorch.cli.fetch import download

    download(info.name)


def _play(
    terminal: Terminal, program: Milestone, wishes: Wishes, plot_file: Path | None, save_file: Path | None
) -> Result:
    from tinytorch.milestones import trained
    from tinytorch.milestones.training import prepare

    try:
        training = prepare(program, wishes.seed, wishes.epochs, wishes.resume)
    except CheckpointError as reason:
        raise click.UsageError(f"--resume: {reason}") from None
    screens: list[Screen] = [terminal]
    if plot_file:
        from tinytorch.cli.plots import Plot

        plot = Plot()
        screens.append(plot)
    terminal.begin(program)
    result = _result(terminal, program, wishes, screens, training)
    if plot_file and wishes.plot_path:
        with writing("--plot", wishes.plot_path):
            plot.save(plot_file, wishes.plot_path.suffix.lower().lstrip("."), result)
    if save_file:
        from tinytorch import save

        with writing("--save", wishes.save_path):
            save(trained.tensors(dict(result.kept)), save_file)
    if trained.is_from_catalog(program):
        trained.keep(result)
    if training:
        training.checkpoint.remove()
    terminal.end(result)
    return result


def _result(
    terminal: Terminal, program: Milestone, wishes: Wishes, screens: Sequence[Screen], training: Training | None
) -> Result:
    """Play a program; whoever stops it hears from where it would go on."""
    if training:
        training.complain = terminal.say
        if training.remark:
            terminal.say(training.remark)
    try:
        return program.play(wishes.seed, wishes.epochs, screens, wishes.from_dir, training)
    except CheckpointError as reason:
        raise click.UsageError(f"--resume: {reason}") from None
    except KeyboardInterrupt:
        if training and training.last_place:
            raise KeyboardInterrupt(f"the same command with --resume goes on {training.last_place}") from None
        raise


def _sweep(terminal: Terminal, program: Milestone, wishes: Wishes) -> Sweep:
    results: list[Result] = []
    seeds = range(wishes.seed, wishes.seed + (wishes.seeds or 0))
    for done, seed in enumerate(seeds, start=1):
        results.append(program.play(seed, wishes.epochs, from_dir=wishes.from_dir))
        terminal.counting(program.name, done, len(seeds), sum(result.success for result in results))
    return Sweep(program.name, results)
