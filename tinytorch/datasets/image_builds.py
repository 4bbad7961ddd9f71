"""How is an archive of chosen images made again from its source?

The shipped archive is the record of the choice: which rows, in which split, how difficult. Every image and every
label is taken anew from the source, so that nothing can be in an archive that is not in its source.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tinytorch.datasets.files import packaged, write_npz
from tinytorch.datasets.npz import read_arrays

# From which difficulty on an image belongs to a stratum, the same for all datasets.
STRATA = {"typical": 0.0, "middle": 0.15, "edge": 0.5, "ambiguous": 0.8}


@dataclass(frozen=True)
class Plan:
    """What an archive must be.

    Attributes:
        name: The dataset's name.
        images: ``(N, height, width)`` uint8, all of the source's images.
        labels: ``(N,)`` uint8, all of the source's labels.
        row_column: The archive's column that holds an image's row in the source.
        per_digit: For each split, how many images of the digits 0 to 9.
    """

    name: str
    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]
    row_column: str
    per_digit: dict[str, list[int]]


def strata_of(difficulty: npt.NDArray[Any]) -> npt.NDArray[np.str_]:
    """Return the stratum of each difficulty, both ``(N,)``.

    >>> strata_of(np.array([0.02, 0.15, 0.79, 0.8])).tolist()
    ['typical', 'middle', 'edge', 'ambiguous']
    """
    from_below = np.array(list(STRATA.values()), dtype=np.float32)
    place = np.searchsorted(from_below, difficulty.astype(np.float32), side="right") - 1
    return np.array(list(STRATA), dtype="<U9")[place]


def rebuild(plan: Plan, folder: Path) -> Path:
    """Write the archive into ``folder`` from the shipped choice and the source, check it, and say what it is."""
    columns = read_arrays(packaged(plan.name, f"{plan.name}.npz").read_bytes())
    rows = columns[plan.row_column]
    columns["images"], columns["labels"] = plan.images[rows], plan.labels[rows]
    path = folder / f"{plan.name}.npz"
    write_npz(path, columns)
    check(plan, path)
    return path


def check(plan: Plan, path: Path) -> None:
    """Read an archive back, assert that it is what the plan says, and print it."""
    columns = read_arrays(path.read_bytes())
    images, labels, split, difficulty, stratum = (
        columns[name] for name in ("images", "labels", "split", "difficulty", "stratum")
    )
    rows, count = columns[plan.row_column], sum(sum(counts) for counts in plan.per_digit.values())
    order = np.lexsort((columns["source_index"], split != "train"))

    assert {len(column) for column in columns.values()} == {count}, "a column is longer or shorter than the dataset"
    assert images.dtype == labels.dtype == np.uint8, "images and labels are bytes"
    assert (images == plan.images[rows]).all(), "an image differs from its row in the source"
    assert (labels == plan.labels[rows]).all(), "a label differs from its row in the source"
    assert len(np.unique(rows)) == len(np.unique(columns["source_index"])) == count, "a row was taken twice"
    assert len(np.unique(images, axis=0)) == count, "two images are equal in every pixel"
    assert (order == np.arange(count)).all(), "the order is not train before test, each in the order of the source"
    assert ((difficulty >= 0) & (difficulty <= 1)).all(), "a difficulty is not between 0 and 1"
    assert (stratum == strata_of(difficulty)).all(), "a stratum is not that of its difficulty"
    assert (split[stratum == "ambiguous"] == "test").all(), "an ambiguous image is to be learned from"

    content = path.read_bytes()
    print(f"{path.name}: {len(content)} bytes, sha256 {sha256(content).hexdigest()}")
    for part, wanted in plan.per_digit.items():
        found = np.bincount(labels[split == part].astype(np.intp), minlength=10).tolist()
        assert found == wanted, f"the {part} images of the digits 0 to 9 are {found}, not {wanted}"
        strata = ", ".join(f"{(stratum[split == part] == name).sum()} {name}" for name in STRATA)
        print(f"{part:5}: {sum(found):4} images; of the digits 0 to 9: {' '.join(map(str, found))}; {strata}")
    print("every image and label equals its row in the source; no row is used twice")
