"""How do data files get into the package and out of it unharmed?

Reading compares a file with its checksum in the catalog; writing gives the same bytes on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tinytorch.datasets.catalog import get_dataset

if TYPE_CHECKING:
    from importlib.abc import Traversable


# By its source, as the package index may have something else under this name.
REPAIR = (
    "install TinyTorch again from where you got it "
    "(in a clone: git checkout tinytorch/datasets, then pip install --force-reinstall --no-deps .)"
)


class DamagedFileError(OSError):
    """A file of the package is missing, or is not what was shipped."""


def packaged(dataset: str, file: str) -> Traversable:
    """Return the place of one file in a dataset's folder, also where the package is imported from a zip."""
    from importlib.resources import files  # here, because it costs more to import than the rest together

    return files("tinytorch.datasets") / dataset / file


@cache  # so a file is read and checked once per process; a failure is not kept
def read_data_file(dataset: str, file: str) -> bytes:
    """Return the bytes of a shipped data file, after comparing them with the catalog.

    Raises:
        DamagedFileError: If the file is missing or its size or sha256 differs.
    """
    from hashlib import sha256

    expected = next(entry for entry in get_dataset(dataset).files if entry.name == file)
    place = packaged(dataset, file)
    try:
        content = place.read_bytes()
    except FileNotFoundError:
        raise DamagedFileError(f"{file} is missing: {REPAIR}; it belongs at {place}") from None
    found = sha256(content).hexdigest()
    if found != expected.sha256:
        raise DamagedFileError(
            f"{file} is damaged: {REPAIR}; expected {expected.size} bytes with sha256 {expected.sha256[:12]}, "
            f"found {len(content)} bytes with sha256 {found[:12]} at {place}"
        )
    return content


def read_npz(dataset: str, file: str) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a shipped ``.npz``, new ones on every call.

    Raises:
        DamagedFileError: If the file is not the one that was shipped, or this Python can't unpack it.
    """
    try:
        import lzma  # noqa: F401  where its headers are missing, Python is built without it
    except ImportError:
        raise DamagedFileError(
            f"{file} can't be unpacked, as this Python was built without lzma: install the headers of liblzma and "
            "build it again, or use another Python"
        ) from None
    from tinytorch.datasets.npz import read_arrays

    return read_arrays(read_data_file(dataset, file))


def write_npz(path: Path, columns: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write arrays as an ``.npz`` whose bytes depend on the arrays alone.

    ``np.savez`` stamps the time into the archive. Here the date is fixed. Members are packed with LZMA, which
    ``np.load`` opens: images come out smaller than deflated, and deflated bytes differ between versions of zlib.
    """
    from io import BytesIO
    from zipfile import ZIP_LZMA, ZipFile, ZipInfo

    with ZipFile(path, "w") as archive:
        for name, column in columns.items():
            buffer = BytesIO()
            values = np.ascontiguousarray(column)
            np.lib.format.write_array(buffer, values, version=(1, 0), allow_pickle=False)
            member = ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3  # Unix, wherever it is built
            member.external_attr = 0o644 << 16
            archive.writestr(member, buffer.getvalue(), ZIP_LZMA)
