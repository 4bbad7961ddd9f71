"""How are the official files of MNIST and CIFAR-10 read and written?

MNIST comes as idx files, CIFAR-10 as records of fixed length inside a tar archive. Both are bytes with a few numbers
in front: nothing here runs code from a file, and nothing takes more memory than the file has bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import gzip
    import tarfile

Bytes = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]

IDX_UINT8 = b"\x00\x00\x08"  # two zeros and the code of the element type; then comes the number of dimensions
CIFAR_RECORD = 1 + 3 * 32 * 32  # a label, and the red, green and blue planes
CIFAR_FOLDER = "cifar-10-batches-bin"
CIFAR_TEXTS = ("batches.meta.txt", "readme.html")  # in the archive, and not needed
SMALL = 1 << 20  # more than the headers and texts of an archive take


class FormatError(ValueError):
    """The bytes are not in the format that they should be in."""


def read_idx(content: bytes) -> Bytes:
    """Return the array in an unpacked idx file of bytes, the format of MNIST.

    Args:
        content: The whole file: ``00 00 08``, the number of dimensions, each dimension as a big-endian uint32, the
            elements.

    Returns:
        uint8, of the shape that the file states: ``(N, 28, 28)`` for MNIST's images, ``(N,)`` for its labels.

    Raises:
        FormatError: If the content is not such a file, or is shorter or longer than its dimensions say.

    >>> read_idx(write_idx(np.array([[1, 2], [3, 4]], np.uint8))).tolist()
    [[1, 2], [3, 4]]
    >>> read_idx(b"PK")
    Traceback (most recent call last):
        ...
    tinytorch...FormatError: this is no idx file of bytes: it begins with 504b, not with 000008
    """
    if len(content) < 4 or content[:3] != IDX_UINT8:
        raise FormatError(f"this is no idx file of bytes: it begins with {content[:3].hex()}, not with 000008")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise FormatError(f"the idx file ends within its header: {len(content)} bytes of {start}")
    shape = tuple(int.from_bytes(content[at : at + 4], "big") for at in range(4, start, 4))
    said = f"shape {shape}" if len(shape) <= 8 else f"{len(shape)} dimensions, {shape[:8]} and on,"
    if len(content) - start != math.prod(shape):
        raise FormatError(f"the idx file says {said} but holds {len(content) - start} elements")
    try:
        return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()
    except ValueError:  # more dimensions than NumPy has, or an empty array of sides that are too long for it
        raise FormatError(f"the idx file has {said} which NumPy can't hold") from None


def write_idx(array: Bytes) -> bytes:
    """Return the bytes of the idx file that holds ``array``, uint8 of any shape.

    Raises:
        FormatError: If the array holds something other than uint8.

    >>> write_idx(np.array([7, 8], np.uint8)).hex(" ")
    '00 00 08 01 00 00 00 02 07 08'
    """
    if array.dtype != np.uint8:
        raise FormatError(f"these idx files hold uint8, and the array holds {array.dtype}: convert it with astype")
    sides = b"".join(side.to_bytes(4, "big") for side in array.shape)
    return IDX_UINT8 + bytes([array.ndim]) + sides + array.tobytes()


def read_cifar10(content: bytes) -> tuple[Bytes, Labels]:
    """Return the images and labels in one file of CIFAR-10's binary version.

    Args:
        content: Records of 3,073 bytes: the label, then 32×32 red, green and blue values, row by row.

    Returns:
        Images ``(N, 32, 32, 3)`` uint8 and labels ``(N,)`` int64.

    Raises:
        FormatError: If the length is no multiple of 3,073, or a label is not one of 0 to 9.

    >>> images, labels = read_cifar10(bytes([6]) + bytes(range(256)) * 12)
    >>> images.shape, images[0, 0, 1].tolist(), labels
    ((1, 32, 32, 3), [1, 1, 1], array([6]))
    """
    if len(content) % CIFAR_RECORD:
        raise FormatError(f"{len(content)} bytes are no whole number of CIFAR-10 records of {CIFAR_RECORD} bytes")
    records = np.frombuffer(content, np.uint8).reshape(-1, CIFAR_RECORD)
    labels = records[:, 0].astype(np.int64)
    if labels.size and labels.max() > 9:
        raise FormatError(f"record {labels.argmax()} has label {labels.max()}: CIFAR-10's labels are 0 to 9")
    planes = records[:, 1:].reshape(-1, 3, 32, 32)  # (N, colour, row, column)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), labels


def write_cifar10(images: Bytes, labels: Labels) -> bytes:
    """Return the records that hold ``images`` ``(N, 32, 32, 3)`` uint8 and ``labels`` ``(N,)`` from 0 to 9.

    Raises:
        FormatError: If they have other shapes, types or labels.

    >>> len(write_cifar10(np.zeros((2, 32, 32, 3), np.uint8), np.array([3, 9])))
    6146
    """
    if images.shape != (len(labels), 32, 32, 3) or images.dtype != np.uint8:
        raise FormatError(f"CIFAR-10 holds ({len(labels)}, 32, 32, 3) uint8, and this is {images.shape} {images.dtype}")
    if labels.size and not 0 <= labels.min() <= labels.max() <= 9:
        raise FormatError(f"CIFAR-10's labels are 0 to 9, and these are {labels.min()} to {labels.max()}")
    planes = images.transpose(0, 3, 1, 2).reshape(len(images), -1)
    return np.column_stack([labels.astype(np.uint8), planes]).tobytes()


def cifar10_members(archive: IO[bytes], sizes: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    """Read a ``.tar.gz`` of CIFAR-10 from front to back, and give the name and content of each expected member.

    Nothing is written to disk, so no member can land anywhere; whatever is not expected is refused all the same.

    Args:
        archive: The open file.
        sizes: The length in bytes of each member of the folder ``cifar-10-batches-bin``.

    Raises:
        FormatError: If a member is a link or a device, stands elsewhere, has another length, comes twice or is
            missing, or if the archive is broken off or holds more than it should.
    """
    import gzip
    import tarfile
    import zlib

    stream = _Bounded(gzip.GzipFile(fileobj=archive), sum(sizes.values()) + SMALL)
    missing = dict(sizes)
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:  # type: ignore[call-overload]
            for member in tar:
                name = _plain_name(member, missing)
                if name in missing:
                    content = tar.extractfile(member)
                    assert content is not None  # as it is a regular file
                    yield name, content.read()
                    del missing[name]
    except FormatError:
        raise
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError) as error:
        raise FormatError(f"the archive is damaged: {error}") from error
    if missing:
        raise FormatError(f"the archive holds no {', '.join(missing)}")


def _plain_name(member: tarfile.TarInfo, missing: Mapping[str, int]) -> str:
    """Return an expected member's name inside the folder; refuse any other."""
    import tarfile

    name = member.name.removeprefix(f"{CIFAR_FOLDER}/")
    folder = member.isdir() and name == CIFAR_FOLDER
    plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()
    inside = plain and name != member.name
    if folder or (inside and name in CIFAR_TEXTS and member.size <= SMALL):
        return name
    if not inside or name not in missing:
        raise FormatError(f"the archive holds {member.name!r}, which is no member of CIFAR-10 or comes twice")
    if member.size != missing[name]:
        raise FormatError(f"{name} has {member.size:,} bytes in the archive, and CIFAR-10's has {missing[name]:,}")
    return name


class _Bounded:
    """A stream that ends in an error rather than give more than ``limit`` bytes: what a bomb unpacks to.

    So it does when it is read on and on past its end, as tarfile does for a member that claims to be huge.
    """

    def __init__(self, stream: gzip.GzipFile, limit: int) -> None:
        self.stream, self.left, self.past_end = stream, limit, 0

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes."""
        chunk = self.stream.read(size)
        self.left -= len(chunk)
        if self.left < 0:
            raise FormatError("the archive unpacks to more than CIFAR-10")
        self.past_end += not chunk
        if self.past_end > 2:
            raise FormatError("the archive ends early")
        return chunk
