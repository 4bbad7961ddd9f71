"""Is a file from a stranger loaded as what it says, or refused: whatever is in it, and without harm?

The files are changed as tools/fuzz_targets.py says; the recorded runs of tools/fuzz.py are longer.
"""

from __future__ import annotations

import gzip
import io
import json
import pickle
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import click
import numpy as np
import pytest
from archives import SIZES, archive, member
from hypothesis import given, settings
from hypothesis import strategies as st
from mirror import declared, small

import tinytorch as torch
from tinytorch.cli import compare
from tinytorch.datasets import CATALOG, CIFAR10, MNIST, REMOTE, DamagedFileError, FormatError, files
from tinytorch.datasets.npz import UNPACKED, read_arrays
from tinytorch.datasets.official import read_idx, write_idx
from tinytorch.datasets.talks import TalkFormatError, parse_talks

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tools"))
fuzz, fuzz_targets = import_module("fuzz"), import_module("fuzz_targets")
TARGETS = {name: make() for name, make in fuzz_targets.TARGETS.items()}


def fault(what, how, outcome):
    return pytest.mark.fault("files from strangers", what, how, outcome)


def memory(read, *arguments):
    """Return what came of it, a result or an error, and the most memory that it took meanwhile."""
    tracemalloc.start()
    try:
        outcome = read(*arguments)
    except Exception as error:
        outcome = error
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return outcome, peak


# ---- whatever is in it ----


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=100)
@given(random=st.randoms(use_true_random=False))
def test_a_changed_file_is_loaded_as_what_it_says_or_refused(name, random):
    target = TARGETS[name]
    content = fuzz_targets.changed(target, random)
    with suppress(target.refusals):
        target.check(content, target.read(content))


@pytest.mark.parametrize("name", TARGETS)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_loaded_as_what_they_say_or_refused(name, content):
    target = TARGETS[name]
    with suppress(target.refusals):
        target.check(content, target.read(content))


@pytest.mark.parametrize("name", TARGETS)
def test_the_command_counts_what_it_tried(name, tmp_path):
    counts = tmp_path / "counts.json"
    command = [sys.executable, ROOT / "tools" / "fuzz.py", name, "--runs", "150", "--seed", "9", "--json", counts]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (row,) = json.loads(counts.read_text())["faults"]
    assert (row["tries"], row["lost"]) == (150, 0)
    assert sum(row["refused"].values()) < 150


EVIL = """
import sys, pickle; sys.path.insert(0, {tools!r})
import fuzz, fuzz_targets
from dataclasses import replace
class Runs:
    def __reduce__(self): return (print, ("it ran",))
def refuse(content): raise ValueError("two\\nlines")
reads = [lambda content: pickle.loads(pickle.dumps(Runs())), lambda content: exec("1"), lambda content: {{}}["key"],
         lambda content: bytearray(4 << 20), lambda content: open("/dev/null", "w"), refuse, lambda content: 1 / 0]
good = fuzz_targets.TARGETS["idx"]()
for number, read in enumerate(reads):
    judge = fuzz.Judge("idx")
    judge.target = replace(good, read=read, refusals=(ValueError,))
    judge.see(b"")
judge.target = replace(good, read=lambda content: 1, check=lambda content, loaded: [][1])
judge.see(b"")
"""


def test_the_judge_notices_each_kind_of_fault():
    program = EVIL.format(tools=str(ROOT / "tools"))
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "it ran" not in said.stdout
    told = [line.removeprefix("FAULT in idx: ") for line in said.stderr.splitlines()]
    begins = (
        "it caused the event pickle.find_class", "it caused the event compile", "KeyError: 'key'",
        "it took 4,", "it caused the event open", "the refusal is no sentence", "ZeroDivisionError", "loaded, but",
    )  # fmt: skip
    assert len(told) == len(begins), told
    for line, begin in zip(told, begins):
        assert line.startswith(begin), told


# ---- a pickle runs nothing, wherever it lies ----


class Runs:
    """Unpickled, it leaves a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (exec, (f"open({str(self.path)!r}, 'w').close()",))


@pytest.fixture(params=[0, 2, 4, 5])
def evil(request, tmp_path):
    """Return a pickle that leaves a file; afterwards none must be there, and opening it as a pickle leaves one."""
    ran = tmp_path / "ran"
    content = pickle.dumps(Runs(ran), request.param)
    yield content
    assert not ran.exists()
    pickle.loads(content)
    assert ran.exists()


PICKLE = "a pickle that would run code"


@fault(PICKLE, "given to load as safetensors, alone and in a zip", "refused; nothing ran")
def test_a_pickle_is_no_state_dict(evil):
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as made:
        made.writestr("archive/data.pkl", evil)
    for content in (evil, zipped.getvalue(), len(evil).to_bytes(8, "little") + evil):
        with pytest.raises(ValueError, match=r"pickle|not a safetensors file"):
            torch.load(io.BytesIO(content))


@fault(PICKLE, "in the place of CIFAR-10's archive, bare and in tars", "refused; nothing ran")
def test_a_pickle_is_no_archive(evil, tmp_path, monkeypatch):
    python = archive(member("data_batch_1", evil, folder="cifar-10-batches-py/"), leave_out=SIZES)
    inside = archive(member("data_batch_1.bin", evil), leave_out=("data_batch_1.bin",))
    for content in (evil, gzip.compress(evil), python, inside):
        (tmp_path / "cifar-10-binary.tar.gz").write_bytes(content)
        with pytest.raises(DamagedFileError):
            CIFAR10(from_dir=tmp_path)
        with monkeypatch.context() as patch:  # even if the catalog declared it
            info = replace(REMOTE["cifar10"], files=(declared("cifar-10-binary.tar.gz", content),))
            patch.setitem(REMOTE, "cifar10", info)
            with pytest.raises(FormatError):
                CIFAR10(from_dir=tmp_path)


@fault(PICKLE, "in the place of MNIST's files, bare and gzipped", "refused; nothing ran")
def test_a_pickle_is_no_idx_file(evil, tmp_path, monkeypatch):
    for content in (evil, write_idx(np.frombuffer(evil, np.uint8))[:8] + evil):
        info = small("mnist")
        changed = declared(info.files[0].name, gzip.compress(content))
        (tmp_path / changed.name).write_bytes(gzip.compress(content))
        with pytest.raises(DamagedFileError):
            MNIST(from_dir=tmp_path)
        with monkeypatch.context() as patch:
            patch.setitem(REMOTE, "mnist", replace(info, files=(changed, *info.files[1:])))
            with pytest.raises((FormatError, FileNotFoundError)):
                MNIST(from_dir=tmp_path)


@fault(PICKLE, "as an npz, and as an array of objects in one", "refused; nothing ran")
def test_a_pickle_is_no_npz(evil, tmp_path, monkeypatch):
    objects = io.BytesIO()
    np.savez(objects, images=np.array([Runs(tmp_path / "ran")], object))
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as made:
        made.writestr("images.npy", evil)
    for content in (evil, objects.getvalue(), raw.getvalue()):
        with pytest.raises(FormatError):
            read_arrays(content)
        place = tmp_path / "tinydigits.npz"
        place.write_bytes(content)
        monkeypatch.setattr(files, "packaged", lambda dataset, file, place=place: place)
        files.read_data_file.cache_clear()
        with pytest.raises(DamagedFileError):
            files.read_npz("tinydigits", "tinydigits.npz")


@fault(PICKLE, "as a text of questions, and as the record of a run", "refused; nothing ran")
def test_a_pickle_is_no_text_and_no_record(evil, tmp_path):
    with pytest.raises(TalkFormatError):
        parse_talks(evil.decode("latin-1"))
    (tmp_path / "run.json").write_bytes(evil)
    with pytest.raises(click.UsageError, match=r"run\.json is not JSON"):
        compare.read(tmp_path / "run.json")


# ---- what claims more than it holds ----


def safetensors(table, data=b""):
    header = json.dumps(table).encode() if isinstance(table, dict) else table
    return len(header).to_bytes(8, "little") + header + data


def npy(shape, kind="|u1", data=b""):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\0" + len(header).to_bytes(2, "little") + header + data


def zipped(*members, method=zipfile.ZIP_STORED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as writing, pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)  # that a name comes twice
        for name, content in members:
            writing.writestr(name, content)
    return made.getvalue()


def with_sizes(content, size):
    """Return an archive whose directory and member say that it unpacks to so many bytes."""
    at = content.index(b"PK\x01\x02")
    size = struct.pack("<I", size)
    return content[:22] + size + content[26 : at + 24] + size + content[at + 28 :]


def with_dictionary(content, size):
    """Return an archive whose first member, packed with LZMA, asks for so large a dictionary."""
    at = 30 + len("images.npy") + 5
    return content[:at] + struct.pack("<I", size) + content[at + 4 :]


SMALL_NPY = npy("(3,)", data=b"abc")
CLAIMS = {
    "safetensors header": (torch.load, b"\xff" * 7 + b"\x7f{"),
    "safetensors shape": (
        torch.load,
        safetensors({"a": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}, b"abcd"),
    ),
    "idx sides": (read_idx, b"\0\0\x08\x02" + b"\xff" * 8 + b"abcd"),
    "npy shape": (read_arrays, zipped(("images.npy", npy("(9999999999,)", data=b"abc")))),
    "npy text": (read_arrays, zipped(("images.npy", npy("(3,)", "<U99999999", b"abc")))),
    "zip sizes": (read_arrays, with_sizes(zipped(("images.npy", SMALL_NPY), method=8), 0xFFFFFFF0)),
    "bomb": (read_arrays, zipped(("images.npy", npy("(50000000,)", data=bytes(50_000_000))), method=8)),
    "bomb that says less": (read_arrays, with_sizes(zipped(("images.npy", bytes(9_000_000)), method=8), 131)),
    "LZMA bomb that says less": (read_arrays, with_sizes(zipped(("images.npy", bytes(9_000_000)), method=14), 131)),
}


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=fault("a size that is not so", kind, "refused; little memory")) for kind in CLAIMS],
)
def test_what_claims_more_than_it_holds_takes_no_memory(kind):
    read, content = CLAIMS[kind]
    for _ in range(2):  # once more, as the first time something may be imported
        found, peak = memory(read, io.BytesIO(content) if read is torch.load else content)
    assert type(found) in (ValueError, FormatError), found
    assert peak < 2 * len(content) + 500_000


@fault("a size that is not so", "an LZMA dictionary of four gigabytes", "loaded; little memory")
def test_a_claimed_dictionary_is_not_believed():
    content = with_dictionary(zipped(("images.npy", SMALL_NPY), method=14), 0xF0000000)
    read_arrays(content)
    found, peak = memory(read_arrays, content)
    assert found["images"].tolist() == [97, 98, 99]
    assert peak < 500_000


@pytest.mark.parametrize("kind", ["safetensors", "idx"])
def test_a_large_file_takes_twice_its_size(kind, tmp_path):
    large = np.arange(8_000_000, dtype=np.uint8).reshape(1000, 8000)
    path = tmp_path / "large"
    if kind == "idx":
        content = write_idx(large)
        found, peak = memory(read_idx, content)
        peak += len(content)  # was there before
    else:
        torch.save({"a": torch.from_numpy(large)}, path)
        found, peak = memory(torch.load, path)
        found = found["a"].numpy()
    np.testing.assert_array_equal(found, large)
    assert peak < 2 * large.nbytes + 100_000


@fault("a shape of very many sides", "300,000 sides of ten to the 18th, in a safetensors table", "refused at once")
def test_a_shape_of_very_many_sides_is_refused_at_once():
    """Their product has millions of digits, and takes minutes."""
    table = {"a": {"dtype": "F32", "shape": [10**18] * 300_000, "data_offsets": [0, 4]}}
    content = io.BytesIO(safetensors(table, b"abcd"))
    start = time.perf_counter()
    with pytest.raises(ValueError, match="'a' is not where the table says"):
        torch.load(content)
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("piece", [b"[],", b"{},", b"1,"])
def test_a_text_of_many_small_things_takes_what_python_takes_for_them(piece):
    """Not twice the file, as each is an object; but in proportion to it."""
    content = io.BytesIO(safetensors(b'{"a":[' + piece * 50_000 + b"0]}"))
    found, peak = memory(torch.load, content)
    assert isinstance(found, ValueError)
    assert peak < 40 * len(content.getvalue())


def test_a_refusal_quotes_no_more_than_a_little_and_cannot_steer_the_terminal():
    name = "\x1b[31m\n" + "x" * 5000
    for entry in ({"dtype": name}, {"dtype": "U8", "shape": [2], "data_offsets": [0, 1]}):
        with pytest.raises(ValueError, match="the file: ") as refusal:
            torch.load(io.BytesIO(safetensors({name: entry}, b"a")))
        assert str(refusal.value).isprintable()
        assert len(str(refusal.value)) < 250


def test_a_short_record_takes_little_memory(tmp_path):
    path = tmp_path / "run.json"
    path.write_text("{}")
    for _ in range(2):
        found, peak = memory(compare.read, path)
    assert isinstance(found, click.UsageError)
    assert peak < 200_000


# ---- archives of arrays ----


def test_what_is_shipped_is_read_as_numpy_reads_it_and_fits_the_bound():
    for name in ("tinydigits", "tinymnist"):
        content = files.read_data_file(name, f"{name}.npz")
        arrays = read_arrays(content)
        with np.load(io.BytesIO(content), allow_pickle=False) as theirs:
            assert list(arrays) == theirs.files
            for column in theirs.files:
                np.testing.assert_array_equal(arrays[column], theirs[column], strict=True)
                arrays[column][...] = 0  # the caller's own
        assert sum(array.nbytes for array in arrays.values()) + 1000 * len(arrays) < 0.6 * UNPACKED


def test_numpys_own_archives_are_read():
    columns = {"a": np.arange(6.0).reshape(2, 3), "b": np.array(["x", "yy"]), "c": np.zeros((0, 4), np.int16)}
    columns["d"] = np.array(7, np.uint8)
    for save in (np.savez, np.savez_compressed):
        made = io.BytesIO()
        save(made, **columns)
        found = read_arrays(made.getvalue())
        assert list(found) == list(columns)
        for name, column in columns.items():
            np.testing.assert_array_equal(found[name], column, strict=True)


GOOD = ("images.npy", SMALL_NPY)
BAD_ARCHIVES = {
    "an absolute name": (zipped(("/etc/passwd.npy", SMALL_NPY)), "not the name of an array"),
    "a name above the folder": (zipped(("../images.npy", SMALL_NPY)), "not the name of an array"),
    "a name that comes twice": (zipped(GOOD, GOOD), "a name comes twice"),
    "a symbolic link": (zipped(GOOD, ("link.npy", b"/etc/passwd")), "does not begin as an array"),
    "another packing": (zipped(GOOD, method=zipfile.ZIP_BZIP2), "packed in a way that NumPy does not use"),
    "a wrong checksum": (zipped(GOOD).replace(b"abc", b"abd"), r"'images\.npy' is damaged"),
    "a name that differs at its place": (zipped(GOOD).replace(b"images", b"imagos", 1), "not the one at its place"),
    "an encrypted member": (zipped(GOOD)[:6] + b"\1" + zipped(GOOD)[7:], None),
    "a short LZMA member": (
        zipped(GOOD, method=14).replace(struct.pack("<I", 3 + 128), struct.pack("<I", 4 + 128)), "damaged",
    ),
    "objects": (zipped(("images.npy", npy("(1,)", "|O", b"abcdefgh"))), "does not begin as an array"),
    "Fortran's order": (
        zipped(("images.npy", SMALL_NPY.replace(b"False", b"True "))), "does not begin as an array",
    ),
    "a type that does not exist": (zipped(("images.npy", npy("(1,)", "<u3", b"abc"))), "no type '<u3'"),
    "too few elements": (zipped(("images.npy", npy("(4,)", data=b"abc"))), r"says shape \(4,\) and holds 3 bytes"),
    "too many sides": (zipped(("images.npy", npy(f"({'1, ' * 30}{'1, ' * 35})", data=b"a"))), "maximum|dim"),
    "characters that do not exist": (zipped(("a.npy", npy("(1,)", "<U1", b"\xff" * 4))), "text with characters"),
    "a header's wrong length": (zipped(("a.npy", SMALL_NPY[:8] + b"\x75\0" + SMALL_NPY[10:])), "does not begin as"),
    "a cut end": (zipped(GOOD)[:-5], "not a zip file"),
    "something else": (b"PK\3\4", "not a zip file"),
}  # fmt: skip


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=pytest.mark.fault("archives", kind, "in an npz", "refused")) for kind in BAD_ARCHIVES],
)
def test_a_hostile_npz_is_refused(kind):
    content, says = BAD_ARCHIVES[kind]
    if says is None:  # a flag in front of the member alone, which changes nothing that is read
        assert read_arrays(content)["images"].tolist() == [97, 98, 99]
        return
    with pytest.raises(FormatError, match=rf"^this is no \.npz archive of plain arrays: .*{says}"):
        read_arrays(content)


# ---- every byte of what is shipped ----


def test_every_changed_byte_is_noticed():
    """At some places; evidence/results/flips.json tells of all."""
    command = [sys.executable, ROOT / "tools" / "flip_bytes.py", "--every", "601"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == sum(len(info.files) for info in CATALOG.values())
    assert all(line.endswith("noticed by datasets verify and by loading, 0 lost") for line in lines)
    assert int(lines[1].split(":")[1].split()[0].replace(",", "")) > 183_034 // 601


def test_a_change_that_goes_unnoticed_is_counted(tmp_path):
    """Of a verifier and a loader that look at the first half only."""
    flip_bytes = import_module("flip_bytes")
    path = tmp_path / "data"
    path.write_bytes(bytes(100))

    def half() -> bool:
        return any(path.read_bytes()[:50])

    row = flip_bytes.flip(path, half, half, 1)
    assert 50 <= row["lost"] < row["tries"] == 100 + 16 * 255
    assert path.read_bytes() == bytes(100)
