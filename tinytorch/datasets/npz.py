"""How are arrays read from an ``.npz`` without trusting it?

``np.load`` opens any archive and believes what it claims: how large its arrays and its dictionaries are. This reads the
archives that `files.write_npz` writes, in memory, and refuses one that claims more than ``UNPACKED`` before it has
taken any memory for it. Formats: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html and PKWARE's
APPNOTE.TXT.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tinytorch.datasets.official import FormatError

if TYPE_CHECKING:
    from zipfile import ZipInfo

UNPACKED = 2_000_000  # bytes that the arrays of an archive may take: twice what those of the largest do
LAST_CHARACTER = 0x10FFFF
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<|][ifuU][1-9]\d{0,8})', 'fortran_order': False, "
    rb"'shape': \(((?:\d{1,10},? ?)*)\), \} *\n",
    re.DOTALL,
)
_NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{0,60}\.npy")
_LOCAL = 30  # bytes in front of a member's name in the archive


def read_arrays(content: bytes) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of an ``.npz`` by name, as `files.write_npz` writes them: numbers and text, never a pickle.

    Args:
        content: The whole archive; its members are stored, deflated or packed with LZMA.

    Raises:
        FormatError: If it is no such archive, or is damaged, or a name comes twice, or it unpacks to more than
            ``UNPACKED`` bytes.

    >>> read_arrays(b"PK")
    Traceback (most recent call last):
        ...
    tinytorch...FormatError: this is no .npz archive of plain arrays: File is not a zip file
    """
    import lzma
    import zlib
    from io import BytesIO
    from struct import error as StructError
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
        if sum(member.file_size for member in members) > UNPACKED:
            raise FormatError(f"it says that it unpacks to more than {UNPACKED:,} bytes")
        names = [member.filename.removesuffix(".npy") for member in members]
        if len(set(names)) != len(names):
            raise FormatError("a name comes twice in it")
        return {name: _array(_unpacked(content, member)) for name, member in zip(names, members)}
    except (BadZipFile, StructError, zlib.error, lzma.LZMAError, NotImplementedError, ValueError, OSError) as error:
        raise FormatError(f"this is no .npz archive of plain arrays: {error}") from None


def _unpacked(content: bytes, member: ZipInfo) -> bytes:
    """Return what a member holds, after taking no more memory than it says that it needs."""
    from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED
    from zlib import crc32, decompressobj

    at, size, name = member.header_offset, member.file_size, member.filename.encode()
    if (
        not _NAME.fullmatch(name)
        or content[at : at + 4] != b"PK\3\4"
        or content[at + _LOCAL : at + _LOCAL + len(name)] != name
    ):
        raise FormatError(f"{member.filename[:80]!r} is not the name of an array, or not the one at its place")
    at += _LOCAL + len(name) + int.from_bytes(content[at + 28 : at + 30], "little")
    packed = memoryview(content)[at : at + member.compress_size]
    if member.compress_type == ZIP_STORED:
        found = bytes(packed[: size + 1])
    elif member.compress_type == ZIP_DEFLATED:
        found = decompressobj(-15).decompress(packed, size + 1)
    elif member.compress_type == ZIP_LZMA:
        found = _unpacked_lzma(packed, size)
    else:
        raise FormatError(f"{member.filename!r} is packed in a way that NumPy does not use")
    if len(found) != size or crc32(found) != member.CRC:
        raise FormatError(f"{member.filename!r} is damaged")
    return found


def _unpacked_lzma(packed: memoryview, size: int) -> bytes:
    """Unpack LZMA as zip archives have it: two bytes of version, 5 as two bytes, the settings, the dictionary's size.

    That size is not believed, as the decoder would take so much memory: it needs no more than the result.
    """
    import lzma

    if len(packed) < 9:
        raise FormatError("a member ends within its header")
    rest, literal_context = divmod(packed[4], 9)
    position, literal_position = divmod(rest, 5)
    settings = {"lc": literal_context, "lp": literal_position, "pb": position, "dict_size": max(size, 4096)}
    decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, **settings}])
    return decoder.decompress(packed[9:], size + 1)


def _array(content: bytes) -> npt.NDArray[Any]:
    """Return the array in an ``.npy`` file, one that may be changed."""
    header = _HEADER.match(content)
    if header is None or int.from_bytes(content[8:10], "little") != header.end() - 10:
        raise FormatError("a member does not begin as an array of numbers or text")
    try:
        kind = np.dtype(header[1].decode())
    except TypeError:
        raise FormatError(f"NumPy has no type {header[1].decode()!r}") from None
    shape = tuple(map(int, header[2].replace(b" ", b"").strip(b",").split(b","))) if header[2] else ()
    if len(content) - header.end() != math.prod(shape) * kind.itemsize:
        raise FormatError(f"a member says shape {shape} and holds {len(content) - header.end():,} bytes")
    array = np.frombuffer(content, kind, offset=header.end()).reshape(shape).copy()
    if kind.kind == "U" and array.size and array.view("<u4").max() > LAST_CHARACTER:
        raise FormatError("a member holds text with characters that do not exist")
    return array
