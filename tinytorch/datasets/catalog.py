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
            size=12_659,
            sha256="bf78c85bce673f12d955c140da1d7f8e8d6154abddea52c8141bd9acb56bb2c4",
        ),
        DataFile(
            name="splits/val.txt", size=976, sha256="ba7285539045e837487a65a3b9a8960f28106906d45096907f6c1d19032d5a34"
        ),
        DataFile(
            name="splits/test.txt",
            size=2_829,
            sha256="f28cf28b306d9bb9adfe6b700f471900bdd48fb99a1128b2f4126eb345ea3a76",
        ),
        DataFile(
            name="tinytalks_v1.txt",
            size=16_466,
            sha256="231aa5972d7477b7acfbbfcb03d859733b77ce89da9297c0f3c4e910db1c5962",
        ),
        DataFile(
            name="tinytalks_v1.jsonl",
            size=22_187,
            sha256="1d882441f7ead45f26ef2fe727f5a4eef9260a3ad9e2f94cc814c0204e7bb8b9",
        ),
    ),
    splits={"train": 230, "val": 18, "test": 52},
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
