"""State dicts in files, in the safetensors format: a length, a JSON table of names, types, shapes and offsets, bytes.

Never pickle: opening a file from a stranger can't run anything. PyTorch reads and writes the same files with
`safetensors.torch.load_file` and `save_file`. Format: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import errno
import math
import os
import stat
from _thread import get_ident
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, BinaryIO, TypeAlias

import numpy as np

from tinytorch.nested import put_together, taken_apart
from tinytorch.tensor import Tensor

PathLike: TypeAlias = str | os.PathLike[str]

_CODES = {
    "BOOL": "?",
    "U8": "u1",
    "I8": "i1",
    "I16": "i2",
    "I32": "i4",
    "I64": "i8",
    "F16": "f2",
    "F32": "f4",
    "F64": "f8",
}
_TYPES = {name: np.dtype(code).newbyteorder("<") for name, code in _CODES.items()}
_NAMES = {kind: name for name, kind in _TYPES.items()}
_TREE = "tinytorch.tree"  # the metadata in which a checkpoint keeps what is not a tensor


def save(obj: Any, f: PathLike | BinaryIO) -> None:
    """Write a state dict, or a checkpoint that holds several, to a path or an open binary file, as safetensors.

    A flat dict of names to tensors is an ordinary safetensors file. Of nested dicts, lists and tuples of tensors,
    numbers, text and None the tensors are stored under their paths (`model.0.weight`) and the rest in the metadata.
    The file appears under its name only when it is whole, with the permissions of the one that it replaces. A link
    stays a link; a pipe or a device is written to.

    >>> import io
    >>> import tinytorch as torch
    >>> file = io.BytesIO()
    >>> torch.save({"model": {"weight": torch.ones(2)}, "epoch": 3}, file)
    >>> torch.load(io.BytesIO(file.getvalue()))
    {'model': {'weight': tensor([1., 1.])}, 'epoch': 3}

    Raises:
        TypeError: something else is in `obj`, for example a whole model.
    """
    flat = isinstance(obj, Mapping) and all(isinstance(k, str) and isinstance(v, Tensor) for k, v in obj.items())
    try:
        content = _packed(obj, {}) if flat else _packed(*_with_tree(obj))
    except RecursionError:
        raise ValueError("save: the dicts and lists are nested too deeply, or one of them holds itself") from None
    write_whole(f, content, "save")


def write_whole(f: PathLike | BinaryIO, content: bytes, operation: str) -> None:
    """Write a file that appears under its name only when it is whole; to an open file, just write."""
    if not isinstance(f, (str, os.PathLike)):
        f.write(content)
        return
    path = os.path.realpath(f)  # a symbolic link stays one: what it leads to is replaced
    temporary = f"{path}.{os.getpid()}-{get_ident()}.part"  # two threads may write one file: each writes its own
    try:
        if is_pipe_or_device(f) or os.path.islink(path) or not os.path.split(f)[1]:
            with open(f, "wb") as pipe:  # an error if it is a link to itself, or the name of a folder
                pipe.write(content)
            return
        remove_parts(path)
        with open(temporary, "wb") as file:
            if os.path.exists(path):
                _make_alike(temporary, path)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _settle(os.path.dirname(path))
    except OSError as error:
        raise type(error)(error.errno, f"{operation}: {error.strerror}", os.fspath(f)) from None
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def is_pipe_or_device(path: PathLike) -> bool:
    """Whether it is there and is neither file nor folder: then it is to be written to, and never replaced."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def _make_alike(new: str, old: str) -> None:
    """Give a file the group and the permissions of the one that it will replace; that may not be read-only."""
    if not os.access(old, os.W_OK):
        raise PermissionError(errno.EACCES, "Permission denied", old)
    found = os.stat(old)
    mode = stat.S_IMODE(found.st_mode)
    if hasattr(os, "chown"):
        try:
            os.chown(new, -1, found.st_gid)
        except OSError:  # not a member: then no group may
            mode &= ~stat.S_IRWXG
    os.chmod(new, mode)


def remove_parts(path: str) -> None:
    """Remove what processes that were killed while they wrote `path` have left: PATH.PROCESS*.part."""
    import re  # here, to keep them off the import path
    from pathlib import Path

    name = re.escape(Path(path).name)
    for part in Path(path).parent.glob("*.part"):
        process = re.match(rf"{name}\.(\d{{1,9}}).*", part.name)
        if process and not _is_alive(int(process[1])):
            with suppress(OSError):  # another process may have done it, and Windows keeps a file that is still open
                part.unlink()


def _is_alive(process: int) -> bool:
    if os.name == "nt":  # where a signal of 0 would stop it
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it is someone else's
    return True


def _settle(folder: str) -> None:
    """Have the disk itself know the file's new name, where the system lets a folder be opened."""
    if hasattr(os, "O_DIRECTORY"):
        with suppress(OSError):
            place = os.open(folder, os.O_DIRECTORY)
            try:
                os.fsync(place)
            finally:
                os.close(place)


def _with_tree(obj: Any) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors in a checkpoint, and the metadata that holds all the rest."""
    import json  # here, to keep it off the import path

    tensors, tree = taken_apart(obj)
    return tensors, {_TREE: json.dumps(tree)}


def _packed(tensors: Mapping[str, Tensor], metadata: dict[str, str]) -> bytes:
    import json

    if "__metadata__" in tensors:
        raise ValueError('save: safetensors keeps the name "__metadata__" for itself: rename that tensor')
    table: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    parts, end = [], 0
    for name, tensor in tensors.items():
        array = tensor._array
        kind = array.dtype.newbyteorder("<")
        parts.append(array.astype(kind, copy=False).tobytes())
        start, end = end, end + len(parts[-1])
        table[name] = {"dtype": _NAMES[kind], "shape": list(array.shape), "data_offsets": [start, end]}
    header = json.dumps(table, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + b"".join(parts)


def load(f: PathLike | BinaryIO, map_location: object = None, weights_only: bool = True) -> Any:
    """What `save` wrote, or the state dict of any safetensors file: a path or an open binary file.

    Raises:
        ValueError: the file is not safetensors, or is damaged; a pickled PyTorch file is refused with the way to
            convert it.
    """
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            return _unpacked(file.read(), os.fspath(f))
    return _unpacked(f.read(), getattr(f, "name", "the file"))


def _unpacked(content: bytes, name: str) -> Any:
    import json

    size = int.from_bytes(content[:8], "little")
    whole = len(content) >= 8 and size <= len(content) - 8
    if not whole and content[:2] == b"PK" and _first_name(content).endswith(b".npy"):
        raise ValueError(f"{name} is a .npz of NumPy's: numpy.load reads it, and torch.from_numpy makes tensors of it")
    if not whole and content[:2] in (b"PK", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
        raise ValueError(
            f"{name} holds a Python pickle, which can run code when it is opened: convert it where PyTorch is "
            'installed, with safetensors.torch.save_file(torch.load("file.pt", weights_only=True), "file.safetensors")'
        )
    if not whole or content[8:9] != b"{":
        raise ValueError(f"{name} is not a safetensors file, or is cut short: {len(content)} bytes")
    try:
        table = json.loads(content[8 : 8 + size].decode(), object_pairs_hook=_without_repeats)
        metadata = table.pop("__metadata__", {})
        tree = json.loads(metadata.get(_TREE, "null"))
        entries = [
            (key, _type(e["dtype"]), (*e["shape"],), start, end)
            for key, e in table.items()
            for start, end in [e["data_offsets"]]
        ]
        sound = all(type(n) is int and n >= 0 for _, _, shape, *ends in entries for n in (*shape[:65], *ends))
    except ValueError as error:
        raise ValueError(f"{name}: the table can't be read: {error!s:.99}") from None
    except (KeyError, TypeError, AttributeError, RecursionError):
        what = "it does not give each tensor's dtype, shape and data_offsets, as safetensors has them"
        raise ValueError(f"{name}: the table can't be read: {what}") from None
    if not sound:
        raise ValueError(f"{name}: the safetensors table has sizes that are not whole numbers")
    data = memoryview(content)[8 + size :]
    state: OrderedDict[str, Tensor] = OrderedDict()
    expected_start = 0
    for key, kind, shape, start, end in sorted(entries, key=lambda entry: entry[3:]):
        count = math.prod(shape[:65])  # of more dimensions than NumPy has, the product would take its time
        if start != expected_start or end - start != count * kind.itemsize or end > len(data):
            raise ValueError(f"{name}: {key!r:.80} is not where the table says: the file is damaged or cut short")
        expected_start = end
        try:
            array = np.frombuffer(data[start:end], kind).reshape(shape)
        except ValueError:
            raise ValueError(f"{name}: {key!r:.80} has a shape that no tensor can have: {shape[:8]}") from None
        state[key] = Tensor._wrap(array.astype(kind.newbyteorder("="), copy=True))
    if expected_start != len(data):
        raise ValueError(f"{name}: {len(data) - expected_start} bytes after the last tensor: the file is damaged")
    if _TREE not in metadata:
        return OrderedDict((key, state[key]) for key in table)
    try:
        return put_together(tree, state)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{name}: the checkpoint can't be read: {type(error).__name__}: {error!s:.99}") from None


def _first_name(archive: bytes) -> bytes:
    return archive[30 : 30 + int.from_bytes(archive[26:28], "little")]


def _type(name: str) -> np.dtype[Any]:
    if name not in _TYPES:
        raise ValueError(f"TinyTorch has no type {name!r:.20}: convert it to F32 with the program that wrote the file")
    return _TYPES[name]


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands in it twice")
    return dict(pairs)
