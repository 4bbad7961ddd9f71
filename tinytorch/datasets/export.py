"""How does a dataset leave the package? As a whole folder in the format that was asked for, or not at all.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as home:
...     for path in export("tinydigits", "idx", f"{home}/digits"):
...         print(path.name)
CHANGELOG.md
CITATION.bib
DATASHEET.md
LICENSE
README.md
t10k-images-idx3-ubyte
t10k-labels-idx1-ubyte
train-images-idx3-ubyte
train-labels-idx1-ubyte
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tinytorch.datasets import croissant, formats
from tinytorch.datasets.catalog import DatasetInfo, get_dataset
from tinytorch.datasets.files import packaged
from tinytorch.datasets.formats import Part, parts_of

Writer = Callable[[DatasetInfo, Sequence[Part], Path], None]


class ExportError(OSError):
    """The files of an export can't be written."""


@dataclass(frozen=True)
class Format:
    """A way to write a dataset.

    Attributes:
        write: Writes the parts of a dataset into a folder.
        holds: What the README in that folder says about the files.
    """

    write: Writer
    holds: str


FORMATS: Mapping[str, Format] = {
    "npz": Format(formats.npz, "A NumPy archive per split: `numpy.load(file)` has the columns as arrays."),
    "txt": Format(formats.txt, "The text as shipped: each story after its level, then its questions and answers."),
    "csv": Format(formats.csv, "A table per split: a header, then a line per sample, in UTF-8."),
    "jsonl": Format(formats.jsonl, "A file per split with a JSON object per line, one for each sample, in UTF-8."),
    "idx": Format(formats.idx, "Images and labels in MNIST's own format and under its names, in which `t10k` is test."),
    "png": Format(
        formats.png,
        "A grey picture per image in `split/label/`, named by the image's place in its split. Grey levels from 0 to "
        "255 are kept; the 0 to 16 of TinyDigits are multiplied by 15 to be seen: divide by 15 to have them back.",
    ),
    "pkl": Format(formats.pkl, "A pickled dict of NumPy arrays per split. Load a pickle only from where you trust."),
    "croissant": Format(croissant.write, "What `croissant.json` describes: the data as shipped, and as JSON lines."),
    "parquet": Format(formats.parquet, "A Parquet table per split, with the columns of the CSV."),
}


def export(name: str, format: str, folder: str | os.PathLike[str], *, force: bool = False) -> list[Path]:
    """Write a dataset into a new folder, in the format asked for, with its licence and its documents.

    Every sample of every split is written, unchanged; PNG pictures alone are scaled, by a whole number that their
    README names. The folder appears when everything in it is written, so that nobody finds half of it.

    Args:
        name: The dataset's name in the catalog.
        format: One of ``FORMATS``.
        folder: Where to; it may not exist yet, or be empty. Missing parents are made.
        force: Replace what an earlier export wrote there. A folder that holds anything else is left alone.

    Returns:
        The paths of all files written, sorted.

    Raises:
        UnknownDatasetError: If there is no such dataset.
        ValueError: If there is no such format, or it is not for this dataset.
        FileExistsError: If the folder holds something, and may not or must not be replaced.
        ImportError: If the format needs a library that is not installed.
        ExportError: If the files can't be written; what was begun is removed.
    """
    info = get_dataset(name)
    chosen = FORMATS[_need_format(info, format)]
    target = Path(folder).resolve()
    with _whole(target, force) as new:
        chosen.write(info, parts_of(info), new)
        for paper in ("LICENSE", "DATASHEET.md", "CHANGELOG.md"):
            (new / paper).write_bytes(packaged(name, paper).read_bytes())
        (new / "CITATION.bib").write_bytes(f"{info.citations}\n".encode())
        (new / "README.md").write_bytes(_readme(info, format, chosen.holds).encode())
    return sorted(path for path in target.rglob("*") if path.is_file())


def formats_of(info: DatasetInfo) -> list[str]:
    """Return the formats that a dataset can be exported in: pictures for images, plain text for text.

    >>> print(*formats_of(get_dataset("tinymnist")))
    npz csv jsonl idx png pkl croissant parquet
    >>> print(*formats_of(get_dataset("tinytalks")))
    npz txt csv jsonl pkl croissant parquet
    """
    others = ("txt",) if info.target_names else ("idx", "png")
    return [name for name in FORMATS if name not in others]


def _need_format(info: DatasetInfo, format: str) -> str:
    valid = formats_of(info)
    if format not in valid:
        raise ValueError(f"{info.title} can't be exported as {format!r}; choose one of {', '.join(valid)}")
    return format


def _readme(info: DatasetInfo, format: str, holds: str) -> str:
    card = packaged(info.name, "README.md").read_text(encoding="utf-8")
    card = re.sub(r"\[([^]]*)\]\(\.\./[^)]*\)", r"\1", card)  # what lies outside of the dataset's folder
    counts = ", ".join(f"{count:,} {split}" for split, count in info.splits.items())
    return f"""{card.rstrip()}

## The files in this folder

{info.title} {info.version} ({counts}), written by `tinytorch datasets export {info.name} --format {format}`.
{holds}
"""


@contextmanager
def _whole(target: Path, force: bool) -> Iterator[Path]:
    """Give a folder to write into, which takes the target's place if all goes well and vanishes if not."""
    import shutil
    from secrets import token_hex

    new = target.parent / f".tinytorch-export-{token_hex(4)}"  # beside it, so that renaming is one step
    parents: list[Path] = []
    try:
        _need_room(target, force)
        parents = [parent for parent in target.parents if not parent.exists()]  # those that we make, innermost first
        new.mkdir(parents=True)
        yield new
        _swap(new, target)
    except OSError as error:
        if error.errno is None:  # a sentence already
            raise
        raise ExportError(
            f"could not write {target} ({error.strerror}): choose a folder that you may write to, on a disk with "
            "room; nothing was left behind"
        ) from None
    finally:
        shutil.rmtree(new, ignore_errors=True)
        for parent in parents:
            with suppress(OSError):  # it holds something
                parent.rmdir()


def _need_room(target: Path, force: bool) -> None:
    """Refuse a target that must not be replaced."""
    if Path.cwd().is_relative_to(target):
        raise FileExistsError(f"{target} is where you are: name a folder inside it, or go elsewhere")
    if target.exists() and not target.is_dir():
        raise FileExistsError(f"{target} is a file: name a new folder")
    if target.is_dir() and any(target.iterdir()) and not force:
        raise FileExistsError(f"{target} holds something already: name another folder, or replace it with --force")


def _swap(new: Path, target: Path) -> None:
    """Put the new folder where the old one is, if nothing is lost by it."""
    import shutil

    if not target.exists():
        new.rename(target)
        return
    others = sorted(_inside(target) - _inside(new))
    if others:
        raise FileExistsError(
            f"{target} holds {others[0]}{' and more' if others[1:] else ''}, which this export does not write: "
            "move it away, or name another folder"
        )
    shutil.copymode(target, new)  # who could not look into it still can't
    old = new.with_name(f"{new.name}-old")
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        if not target.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _inside(folder: Path) -> set[str]:
    """Return what is in a folder, at any depth, but for folders themselves."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}
