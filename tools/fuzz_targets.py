"""What is fuzzed: what a user loads, with valid files to start from, and how such a file is changed in its own terms.

A target's ``read`` is given the bytes of a file, loads them as a user's call does, and checks that what was loaded is
what the file says. Refusals are the exceptions that the documentation names; anything else is a fault.
"""

from __future__ import annotations

import gzip
import io
import json
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import click
import numpy as np
from fuzz_changes import NUMBERS, Choices, change_bytes, change_json, json_bytes

import tinytorch as torch
from tinytorch.cli import compare
from tinytorch.datasets import files, official, talks, validate_talks
from tinytorch.datasets.npz import UNPACKED, read_arrays

SMALL = 1 << 16  # bytes of the longest input; a file that claims more than it holds needs no more


@dataclass(frozen=True)
class Target:
    """One way into the library for a file that somebody else wrote.

    Attributes:
        seeds: Valid files.
        read: Loads one; raises one of ``refusals`` if it is none.
        check: Given the file and what was loaded, asserts that this is what the file says.
        refusals: The documented exceptions.
        change: Changes a valid file in terms of its format.
        unpacked: Bytes that a compressed file may say that it unpacks to, which count as its own.
    """

    seeds: Sequence[bytes]
    read: Callable[[bytes], Any]
    check: Callable[[bytes, Any], None]
    refusals: tuple[type[Exception], ...]
    change: Callable[[bytes, Choices], bytes]
    unpacked: int = 0


@cache
def scratch() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    """Return a folder that is there while the program runs, and a file in it."""
    folder = tempfile.TemporaryDirectory()
    return folder, Path(folder.name, "file")


def written(content: bytes) -> Path:
    """Return a file that holds it."""
    scratch()[1].write_bytes(content)
    return scratch()[1]


# ---- safetensors ----


def state_files() -> list[bytes]:
    """Return a state dict of every type, and a checkpoint."""
    random = np.random.default_rng(0)
    kinds = ("float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool")
    flat = {f"layer.{kind}": torch.from_numpy((random.random((2, 3)) * 9).astype(kind)) for kind in kinds}
    flat["scalar"], flat["none"] = torch.tensor(3.0), torch.zeros(0, 4)
    tree = {"model": {"weight": torch.ones(2, 2)}, "epoch": 3, "betas": (0.9, 0.999), "names": ["a", None, True]}
    written = []
    for content in (flat, tree):
        buffer = io.BytesIO()
        torch.save(content, buffer)
        written.append(buffer.getvalue())
    return written


def read_state(content: bytes) -> Any:
    """Load it."""
    return torch.load(io.BytesIO(content))


def check_state(content: bytes, loaded: Any) -> None:
    """Save and load again: the same."""
    once, twice = io.BytesIO(), io.BytesIO()
    torch.save(loaded, once)
    torch.save(torch.load(io.BytesIO(once.getvalue())), twice)
    assert once.getvalue() == twice.getvalue(), "what was loaded is not what is loaded from its copy"


def change_state(content: bytes, random: Choices) -> bytes:
    """Change the table, or what the checkpoint's tree says, and write the right length in front, or not."""
    size = int.from_bytes(content[:8], "little")
    table = json.loads(content[8 : 8 + size])
    if "__metadata__" in table and random.random() < 0.6:
        tree = change_json(json.loads(table["__metadata__"]["tinytorch.tree"]), random)
        table["__metadata__"]["tinytorch.tree"] = json_bytes(tree).decode()
    else:
        table = change_json(table, random)
    header = json_bytes(table)
    if random.random() < 0.1:  # a name that stands twice
        header = header[:-1] + b"," + header[1:]
    length = random.choice(NUMBERS) if random.random() < 0.1 else len(header)
    return length.to_bytes(8, "little") + header + content[8 + size :]


# ---- idx ----


def check_idx(content: bytes, loaded: Any) -> None:
    """Write it again: the same bytes."""
    assert official.write_idx(loaded) == content


def change_idx(content: bytes, random: Choices) -> bytes:
    """Give it other sides, more of them, or fewer."""
    count = random.choice((0, 1, 2, 3, 4, 32, 64, 65, 255))
    sides = [random.choice(NUMBERS[:13]) for _ in range(count)]
    start = content[:3] if random.random() < 0.9 else bytes(random.randrange(16) for _ in range(3))
    data = content[4 + 4 * content[3] :] if random.random() < 0.7 else bytes(int(np.prod(sides)) % SMALL)
    return start + bytes([count]) + struct.pack(f">{count}I", *sides) + data


# ---- npz ----


def archives() -> list[bytes]:
    """Return small archives as ours are, and one as NumPy writes it."""
    columns = {"images": np.arange(48, dtype=np.uint8).reshape(3, 4, 4), "labels": np.arange(3), "x": np.ones(2, "f4")}
    columns["split"] = np.array(["train", "test", "test"])
    with tempfile.TemporaryDirectory() as folder:
        files.write_npz(Path(folder, "a.npz"), columns)
        np.savez_compressed(Path(folder, "b.npz"), **columns)
        np.savez(Path(folder, "c.npz"), **columns)
        return [Path(folder, name).read_bytes() for name in ("a.npz", "b.npz", "c.npz")]


def check_npz(content: bytes, loaded: Any) -> None:
    """NumPy must read the same, or refuse it; one in four, as it takes eight megabytes for each."""
    if len(content) % 4:
        return
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            theirs = dict(archive)
    except Exception:  # it has no list of what it raises
        return
    for name, array in loaded.items():
        np.testing.assert_array_equal(theirs[name], array)


NPY = (
    "|u1", "<f4", "<i8", "<U5", "|O", "<V9", "|b1", "<U0", "<U999999999", "<u3", "<M8[s]", ">i4", "<f8", "|S3", "<c16",
)  # fmt: skip
SHAPES = (
    "()",
    "(3,)",
    "(3, 4, 4)",
    "(0,)",
    "(4294967296, 4294967296)",
    "(9999999999,)",
    "(-1,)",
    "(3, )",
    "(1,) * 9",
    "3",
)


@cache
def members_of(content: bytes) -> dict[str, bytes]:
    """Return what is in an archive that is sound."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def change_npz(content: bytes, random: Choices) -> bytes:
    """Write the archive anew, with something wrong in a member or in the directory, and every checksum right."""
    members = members_of(content)
    chosen, kind, made = random.choice(list(members)), random.randrange(6), io.BytesIO()
    with zipfile.ZipFile(made, "w", random.choice((0, 8) * 7 + (14, 12))) as archive:
        for name, data in members.items():
            if name == chosen and kind == 0:
                text = (
                    f"{{'descr': '{random.choice(NPY)}', 'fortran_order': False, 'shape': {random.choice(SHAPES)}, }}"
                )
                header = text.encode().ljust(117) + b"\n"
                data = b"\x93NUMPY\x01\0" + len(header).to_bytes(2, "little") + header + data[128:]
            if name == chosen and kind == 1:
                data = change_bytes(data, random)
            info = zipfile.ZipInfo(name)
            if name == chosen and kind == 2:
                info.filename = random.choice(("../x.npy", "/etc/passwd", "labels.npy", "é.npy", "x" * 300))
            if name == chosen and kind == 3:
                info.external_attr = random.choice((0o120777, 0o020666, 0o040755)) << 16  # a link, a device, a folder
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that a name comes twice is meant
                archive.writestr(info, data, archive.compression)
            if name == chosen and kind == 4:  # what the directory says of it
                field = random.choice(
                    ("file_size", "compress_size", "header_offset", "CRC", "compress_type", "flag_bits")
                )
                setattr(info, field, random.choice([n for n in NUMBERS if n < 1 << (16 if field[-1] in "es" else 32)]))
    changed = bytearray(made.getvalue())
    if kind == 5:  # LZMA's settings, among others
        changed[30 + len(chosen) + random.randrange(9)] = random.randrange(256)
    return bytes(changed)


# ---- talks ----

LINES = (
    "", "Q: ", "A: ", "Q: Who?", "A: Ada.", "[L1]", "[L6] x", "[L2] Ada sings.", "[L2]", " ", "\u2028", "\x85", "\t",
    "\r", "Q: \u200b", "A: \ud7ff", "Q:  two", "Q: end ", "[L1] ", "[L٣] Ada.", "Q: " + "a. " * 300,
    "\x00", "Q: .", "A: .",
)  # fmt: skip


def read_talks(content: bytes) -> Any:
    """Check a text of one's own, and read it."""
    problems = validate_talks.validate_talks(written(content)).problems
    return problems, talks.parse_talks(content.decode())


def check_talks(content: bytes, loaded: Any) -> None:
    """Every problem is a sentence, and the stories written as text read the same."""
    problems, stories = loaded
    assert all(isinstance(problem, str) and problem for problem in problems)
    assert talks.parse_talks(talks.format_talks(stories)) == stories


def change_talks(content: bytes, random: Choices) -> bytes:
    """Change, remove, repeat or exchange lines."""
    lines = content.decode().split("\n")
    for _ in range(random.choice((1, 1, 1, 3))):
        at, other, kind = random.randrange(len(lines)), random.randrange(len(lines)), random.randrange(5)
        if kind == 0:
            lines[at] = random.choice(LINES)
        elif kind == 1 and len(lines) > 1:
            del lines[at]
        elif kind == 2:
            lines.insert(at, lines[other])
        elif kind == 3:
            lines[at], lines[other] = lines[other], lines[at]
        else:
            lines[at] += random.choice(LINES)
    return "\n".join(lines).encode()


# ---- runs ----


def run_files() -> list[bytes]:
    """Return the record of one run, of a sweep, and of several programs, as `tinytorch run --json` writes them."""
    gate = {"name": "accuracy", "value": 0.92, "relation": "at least", "required": 0.9, "met": True}
    run = {
        "name": "reader", "year": 1986, "seed": 0, "epochs": 20, "success": True, "seconds": 2.5, "gates": [gate],
        "config": {"rate": 0.1, "sizes": [64, 32], "act": "relu"},
        "metrics": {"images right": 184, "loss": None, "steps": 10**6},
    }  # fmt: skip
    sweep = {"runs": [run, {**run, "seed": 1, "metrics": {"images right": 180, "loss": 0.25, "steps": 9}}]}
    return [json.dumps(each).encode() for each in (run, sweep, [run, {**run, "name": "other"}, sweep])]


def read_run(content: bytes) -> Any:
    """Read a record."""
    return compare.read(written(content))


def check_run(content: bytes, loaded: Any) -> None:
    """Set it beside a good one; one in twenty, on a screen that nobody sees."""
    good = [compare.Record("reader", [json.loads(run_files()[0])])]
    for record in loaded:
        list(compare._rows(record, good[0]))
        assert all(isinstance(value, str) for value in record.settings.values())
    if len(content) % 20 == 0:
        screen = compare.Comparison()
        screen.console.file = io.StringIO()
        screen.compare(("A", "B"), good, loaded)


def change_run(content: bytes, random: Choices) -> bytes:
    """Change the record somewhere."""
    return json_bytes(change_json(json.loads(content), random))


# ---- CIFAR-10's archive, its batches in small ----

MEMBERS = {f"data_batch_{number}.bin": 2 * official.CIFAR_RECORD for number in range(1, 6)}


def tars() -> list[bytes]:
    """Return an archive of two images a batch, not compressed, so that it can be changed."""
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, size in MEMBERS.items():
            info = tarfile.TarInfo(f"{official.CIFAR_FOLDER}/{name}")
            info.size = size
            tar.addfile(info, io.BytesIO(bytes(size)))
    return [buffer.getvalue()]


def read_tar(content: bytes) -> Any:
    """Read the batches."""
    packed = io.BytesIO(gzip.compress(content, 1))
    return {name: official.read_cifar10(batch) for name, batch in official.cifar10_members(packed, MEMBERS)}


def check_tar(content: bytes, loaded: Any) -> None:
    """All batches are there, whole."""
    assert {name: len(labels) for name, (_, labels) in loaded.items()} == dict.fromkeys(MEMBERS, 2)


def change_tar(content: bytes, random: Choices) -> bytes:
    """Change a field of a header, with the checksum that tar wants."""
    at = 512 * 14 * random.randrange(5)  # a header, and 6,146 bytes in 13 blocks
    header = bytearray(content[at : at + 512])
    start, length = random.choice(((0, 100), (100, 8), (124, 12), (156, 1), (157, 100), (257, 8), (345, 155)))
    text = random.choice(
        (
            "/etc/passwd",
            "../x",
            "",
            "0",
            "1",
            "2",
            "3",
            "5",
            "6",
            "7",
            "L",
            "x",
            "g",
            "S",
            "77777777777",
            "-1",
            "\x80\x7f",
            "9",
        )
    )
    header[start : start + length] = text.encode("latin-1")[:length].ljust(length, b"\0")
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    return content[:at] + bytes(header) + content[at + 512 :]


TARGETS: Mapping[str, Callable[[], Target]] = {
    "safetensors": lambda: Target(state_files(), read_state, check_state, (ValueError,), change_state),
    "idx": lambda: Target(
        [official.write_idx(np.arange(n, dtype=np.uint8).reshape(n // 2, 2)) for n in (0, 2, 40)],
        official.read_idx, check_idx, (official.FormatError,), change_idx,
    ),
    "npz": lambda: Target(archives(), read_arrays, check_npz, (official.FormatError,), change_npz, UNPACKED),
    "talks": lambda: Target(
        [files.read_data_file("tinytalks", "splits/val.txt"), b"[L1]\nQ: Hello!\nA: Hello!\n"],
        read_talks, check_talks, (talks.TalkFormatError, UnicodeDecodeError), change_talks,
    ),
    "runs": lambda: Target(run_files(), read_run, check_run, (click.UsageError,), change_run),
    "cifar10": lambda: Target(tars(), read_tar, check_tar, (official.FormatError,), change_tar),
}  # fmt: skip


def changed(target: Target, random: Choices) -> bytes:
    """Return a valid file after one to four changes, most of them in its own terms."""
    content = random.choice(target.seeds)
    for number in range(random.choice((1, 1, 1, 2, 4))):
        if number == 0 and random.random() < 0.7:
            content = target.change(content, random)
        else:
            content = change_bytes(content, random)
    return content[:SMALL]
