"""How is a dataset written in each format? One function a format: the parts of a dataset in, files in a folder out.

What keeps columns as arrays has their names (``images``, ``labels``); what has a row per sample names the one
(``image``, ``label``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tinytorch.datasets.catalog import DatasetInfo
from tinytorch.datasets.files import read_data_file, write_npz
from tinytorch.datasets.images import load_images
from tinytorch.datasets.official import write_idx
from tinytorch.datasets.talks import load_tinytalks

Columns = Mapping[str, npt.NDArray[Any]]

IMAGES = ("images", "labels", "source_index", "difficulty", "stratum")
TALKS = ("contexts", "questions", "answers", "levels", "story")
OF_ONE = {name: name.removesuffix("s") for name in ("images", "labels", "contexts", "questions", "answers", "levels")}
MNIST_NAMES = {"train": "train", "test": "t10k"}


@dataclass(frozen=True)
class Part:
    """One split of a dataset: its name and its columns, each with one entry per sample."""

    split: str
    columns: Columns

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each sample as plain Python values; an image is a list of its rows of pixels."""
        names = [OF_ONE.get(name, name) for name in self.columns]
        for values in zip(*(column.tolist() for column in self.columns.values())):
            yield dict(zip(names, values))

    def cells(self) -> dict[str, npt.NDArray[Any]]:
        """Return columns of single values: an image takes one column per pixel, after all others."""
        flat = {OF_ONE.get(name, name): column for name, column in self.columns.items() if column.ndim == 1}
        for column in self.columns.values():
            if column.ndim == 3:  # (N, height, width)
                _, height, width = column.shape
                flat |= {f"pixel_{y}_{x}": column[:, y, x] for y in range(height) for x in range(width)}
        return flat


def parts_of(info: DatasetInfo) -> list[Part]:
    """Load every split of a dataset.

    >>> from tinytorch.datasets import get_dataset
    >>> train, test = parts_of(get_dataset("tinydigits"))
    >>> train.split, list(train.columns), len(list(test.rows()))
    ('train', ['images', 'labels', 'source_index', 'difficulty', 'stratum'], 47)
    """
    return [Part(split, _columns(info, split)) for split in info.splits]


def _columns(info: DatasetInfo, split: Any) -> Columns:
    if info.name == "tinytalks":
        talks = load_tinytalks(split)
        return {name: np.asarray(getattr(talks, name)) for name in TALKS}
    data = load_images(info.name, split)
    return {name: data[name] for name in IMAGES}


def npz(info: DatasetInfo, parts: Sequence[Part], folder: Path) -> None:
    """Write ``train.npz`` and so on."""
    for part in parts:
        write_npz(folder / f"{part.split}.npz", part.columns)


def csv(info: DatasetInfo, parts: Sequence[Part], folder: Path) -> None:
    """Write ``train.csv`` and so on: a header, then a line per sample."""
    from csv import writer

    for part in parts:
        cells = part.cells()
        with (folder / f"{part.split}.csv").open("w", encoding="utf-8", newline="") as file:
            lines = writer(file, lineterminator="\n")
            lines.writerow(cells)
            lines.writerows(zip(*(column.tolist() for column in cells.values())))


def jsonl(info: DatasetInfo, parts: Sequence[Part], folder: Path) -> None:
    """Write ``train.jsonl`` and so on: a JSON object per sample and line."""
    for part in parts:
        (folder / f"{part.split}.jsonl").write_bytes(json_lines(part.rows()))


def json_lines(rows: Iterator[dict[str, Any]]) -> bytes:
    """Return the rows as JSON, one a line, the same bytes on every machine."""
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    return "".join(lines).encode()


def pkl(info: DatasetInfo, parts: Sequence[Part], folder: Path) -> None:
    """Write ``train.pkl`` and so on: a dict of plain arrays. TinyTorch itself never reads a pickle."""
    import pickle

    for part in parts:
        (folder / f"{part.split}.pkl").write_bytes(pickle.dumps(dict(part.columns), protocol=4))


def parquet(info: DatasetInfo, parts: Sequence[Part], folder: Path) -> None:
    """Write ``train.parquet`` and so on, with the columns of the CSV."""
    try:
        import pandas as pd
        import pyarrow  # noqa: F401  # what pandas writes Parquet with
    except ImportError:
        raise ImportError("Parquet files need pandas and pyarrow: pip install pandas pyarrow") from None
    for part in parts:
        pd.DataFrame(part.cells()).to_parquet(folder / f"{part.split}.parquet", engine="pyarrow", index=False)


def idx(info: DatasetInfo, parts: Sequence[Part], folder: Path) -> None:
    """Write the four files of MNIST, under its names."""
    for part in parts:
        for kind, column in (("images", part.columns["images"]), ("labels", part.columns["labels"])):
            name = f"{MNIST_NAMES[part.split]}-{kind}-idx{column.ndim}-ubyte"
            (folder / name).write_bytes(write_idx(column.astype(np.uint8)))


def png(info: DatasetInfo, parts: Sequence[Part], folder: Path) -> None:
    """Write ``train/3/00042.png``: a folder per split and digit; the number is the image's place in its split."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError("PNG files need Pillow: pip install pillow") from None
    scale = ink_scale(parts)
    for part in parts:
        for row, (image, label) in enumerate(zip(part.columns["images"], part.columns["labels"])):
            path = folder / part.split / info.target_names[label] / f"{row:05}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image * np.uint8(scale)).save(path)


def ink_scale(parts: Sequence[Part]) -> int:
    """Return the whole number that makes full ink nearly white: 15 for levels from 0 to 16, 1 for levels to 255."""
    return int(255 // max(part.columns["images"].max() for part in parts))


def txt(info: DatasetInfo, parts: Sequence[Part], folder: Path) -> None:
    """Write the shipped text files, as they are."""
    shipped(info, folder, ".txt")


def shipped(info: DatasetInfo, folder: Path, ending: str = "") -> None:
    """Write the shipped files, or those whose name ends so."""
    for file in info.files:
        if file.name.endswith(ending):
            (folder / file.name).parent.mkdir(exist_ok=True)
            (folder / file.name).write_bytes(read_data_file(info.name, file.name))
