"""Which datasets exist, and what is each one? One declaration per dataset.

The loaders, the checksums and the screen all read these declarations; nothing about a dataset is said twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class DataFile:
    """One file as it must be found, byte for byte.

    Attributes:
        name: File name inside the dataset's folder.
        size: Length in bytes.
        sha256: Hex digest of the whole file.
    """

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class DatasetInfo:
    """What can be said about a dataset without opening it.

    Attributes:
        name: What the user types; also the name of the folder beside this file.
        title: How the name is written in a sentence.
        description: One line.
        files: The data files.
        splits: Number of samples in each split, in the order of the file.
        target_names: What label 0, 1, 2, … stands for.
        licence: SPDX identifiers of the licences that the data comes under.
        source: Where the samples come from.
        citation: BibTeX of the source, for the reference list of whoever uses the data.
    """

    name: str
    title: str
    description: str
    files: tuple[DataFile, ...]
    splits: Mapping[str, int]
    target_names: tuple[str, ...]
    licence: str
    source: str
    citation: str


class UnknownDatasetError(ValueError):
    """The name is in no declaration of the catalog."""


TINYDIGITS = DatasetInfo(
    name="tinydigits",
    title="TinyDigits",
    description="197 real handwritten digits, 8×8 pixels, grey levels 0 to 16",
    files=(
        DataFile(
            name="tinydigits.npz",
            size=18_067,
            sha256="808e58997669e89bf1a900fb53c08be7731f270b3e94f3d97715b2023949524c",
        ),
    ),
    splits={"train": 150, "test": 47},
    target_names=("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
    licence="CC-BY-4.0 AND BSD-3-Clause",
    source="scikit-learn's load_digits, the test part of UCI's Optical Recognition of Handwritten Digits",
    citation="""\
@misc{alpaydin1998optical,
  author       = {Alpaydin, E. and Kaynak, C.},
  title        = {Optical Recognition of Handwritten Digits},
  year         = {1998},
  howpublished = {UCI Machine Learning Repository},
  doi          = {10.24432/C50P49}
}""",
)

TINYTALKS = DatasetInfo(
    name="tinytalks",
    title="TinyTalks",
    description="300 questions and answers in five levels, most about a short story",
    files=(
        DataFile(
            name="splits/train.txt",
            size=13_342,
            sha256="7dc7b34688f435f5cf67476cfe337ad312f2b95295a867480ab7db79ac111fee",
        ),
        DataFile(
            name="splits/val.txt", size=820, sha256="743f730f9395e3712ff24cbde99669c08e6143d21704894c22644485eda29c03"
        ),
        DataFile(
            name="splits/test.txt",
            size=2_128,
            sha256="e3a52e004feff9ae7ca736f52b859f5a7a7f12741f2dcfa3ad6ba855567b653b",
        ),
        DataFile(
            name="tinytalks_v1.txt",
            size=16_292,
            sha256="0d25489675709a8a991e5b0f5d1312326a131c8055342bdc71c5a14a35531ac8",
        ),
        DataFile(
            name="tinytalks_v1.jsonl",
            size=21_882,
            sha256="d81f30c17b84e2b9d86f2a4dda9a3bdaaeef6daff33828fe3265209727fa5c5f",
        ),
    ),
    splits={"train": 246, "val": 15, "test": 39},
    target_names=(),
    licence="CC-BY-4.0",
    source="written for TinyTorch: sentences by hand, combined by build.py",
    citation="""\
@misc{tinytorch_tinytalks_v1,
  author = {{The TinyTorch authors}},
  title  = {TinyTalks v1: 300 questions and answers that show what attention does},
  year   = {2026}
}""",
)

CATALOG: Mapping[str, DatasetInfo] = {info.name: info for info in (TINYDIGITS, TINYTALKS)}


def get_dataset(name: str) -> DatasetInfo:
    """Return the declaration of the dataset called ``name``.

    Raises:
        UnknownDatasetError: If there is none; the message gives the closest names and all valid ones.

    >>> get_dataset("tinydigits").splits
    {'train': 150, 'test': 47}
    >>> get_dataset("tinydigit")
    Traceback (most recent call last):
        ...
    tinytorch...UnknownDatasetError: no dataset is named 'tinydigit': did you mean tinydigits...
    """
    if name in CATALOG:
        return CATALOG[name]
    from difflib import get_close_matches

    close = get_close_matches(name.lower(), CATALOG, cutoff=0.5)
    hint = f": did you mean {' or '.join(close)}?" if close else ""
    raise UnknownDatasetError(f"no dataset is named {name!r}{hint} (there are: {', '.join(CATALOG)})")
