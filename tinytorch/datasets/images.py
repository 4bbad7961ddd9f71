"""What does a labelled set of images look like once it is loaded?

The files are tables: every array has one entry per sample, and the column ``split`` says where it belongs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from tinytorch.datasets.catalog import get_dataset
from tinytorch.datasets.files import packaged, read_npz

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)  # == and repr of whole arrays help nobody
class ImageData:
    """Images with their labels; the arrays belong to the caller, who may change them.

    Attributes:
        name: The dataset's name in the catalog.
        split: Which part this is.
        images: ``(N, height, width)`` uint8 grey levels.
        labels: ``(N,)`` int64.
        source_index: ``(N,)`` int64, each image's row in the source that the dataset was made from.
        target_names: What label 0, 1, 2, … stands for.
    """

    name: str
    split: str
    images: Images
    labels: Labels
    source_index: npt.NDArray[np.int64]
    target_names: tuple[str, ...]

    @property
    def DESCR(self) -> str:  # scikit-learn's name for it
        """The text of the dataset's card: its README."""
        return packaged(self.name, "README.md").read_text(encoding="utf-8")

    def __repr__(self) -> str:
        shape = "×".join(str(side) for side in self.images.shape)
        return f"ImageData({self.name}, {self.split}: {shape} {self.images.dtype})"


@overload
def load_tinydigits(
    split: Literal["train", "test", "all"] = "train", *, return_X_y: Literal[False] = False
) -> ImageData: ...
@overload
def load_tinydigits(
    split: Literal["train", "test", "all"] = "train", *, return_X_y: Literal[True]
) -> tuple[Images, Labels]: ...
def load_tinydigits(
    split: Literal["train", "test", "all"] = "train", *, return_X_y: bool = False
) -> ImageData | tuple[Images, Labels]:
    """Load TinyDigits: real handwritten digits, 8×8, grey levels 0 (paper) to 16 (ink).

    Args:
        split: ``"train"`` (150 images, 15 per digit), ``"test"`` (47 images, 4 or 5 per digit) or
            ``"all"`` (the 197 of both, train first).
        return_X_y: Return only ``(images, labels)``.

    Returns:
        An :class:`ImageData` with ``images`` ``(N, 8, 8)`` uint8, ``labels`` ``(N,)`` int64 and
        ``source_index`` ``(N,)`` int64, the row in scikit-learn's ``load_digits``; or the pair
        ``(images, labels)``. New arrays on every call.

    Raises:
        ValueError: If there is no such split.
        DamagedFileError: If the shipped file is missing or was changed.

    Source: E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
    Repository, 1998, doi:10.24432/C50P49, in the copy that scikit-learn carries.

    >>> digits = load_tinydigits()
    >>> digits
    ImageData(tinydigits, train: 150×8×8 uint8)
    >>> int(digits.labels[0]), int(digits.images.min()), int(digits.images.max())
    (5, 0, 16)
    >>> images, labels = load_tinydigits("test", return_X_y=True)
    >>> images.shape, labels.dtype.name
    ((47, 8, 8), 'int64')
    """
    data = _load("tinydigits", split)
    return (data.images, data.labels) if return_X_y else data


def _load(name: str, split: str) -> ImageData:
    info = get_dataset(name)
    if split not in (*info.splits, "all"):
        valid = ", ".join(repr(known) for known in (*info.splits, "all"))
        raise ValueError(f"{info.title} has no split {split!r}; choose one of {valid}")
    table = read_npz(name, info.files[0].name)
    rows: Any = slice(None) if split == "all" else table["split"] == split
    return ImageData(
        name=name,
        split=split,
        images=table["images"][rows],
        labels=table["labels"][rows].astype(np.int64),  # the file keeps the smallest type that fits
        source_index=table["source_index"][rows].astype(np.int64),
        target_names=info.target_names,
    )
