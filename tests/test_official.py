"""Are idx files and CIFAR-10's records read as published, and is everything else refused?"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from archives import CONTENTS, RECORD, SIZES, archive, member, some_images
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tinytorch.datasets.official import (
    CIFAR_FOLDER,
    FormatError,
    cifar10_members,
    read_cifar10,
    read_idx,
    write_cifar10,
    write_idx,
)

OFFICIAL = Path(os.environ.get("TINYTORCH_OFFICIAL", "/nowhere"))
needs_official = pytest.mark.skipif(
    not OFFICIAL.is_dir(), reason="set TINYTORCH_OFFICIAL to a folder with the published files (mnist/, cifar10/)"
)

# ---- idx ----


def test_an_idx_file_written_by_hand_is_read():
    content = bytes.fromhex("00000803 00000002 00000001 00000003 010203 0405ff")
    assert read_idx(content).tolist() == [[[1, 2, 3]], [[4, 5, 255]]]
    assert write_idx(read_idx(content)) == content


def test_what_is_read_may_be_changed():
    array = read_idx(write_idx(np.zeros(3, np.uint8)))
    array[0] = 1


@given(arrays(np.uint8, array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)))
def test_any_array_comes_back(array):
    np.testing.assert_array_equal(read_idx(write_idx(array)), array, strict=True)


@given(arrays(np.uint8, array_shapes(max_dims=3, max_side=4)), st.integers(0, 80), st.booleans())
def test_an_idx_file_that_is_too_short_or_too_long_is_refused(array, change, longer):
    content = write_idx(array)
    changed = content + bytes(change + 1) if longer else content[: max(len(content) - change - 1, 0)]
    with pytest.raises(FormatError):
        read_idx(changed)


@given(st.binary(max_size=60), st.sampled_from([b"", b"\0\0\x08", b"\0\0\x08\x01", b"\0\0\x08\xff", b"\0\0\x08\x40"]))
def test_any_bytes_are_read_or_refused(content, start):
    try:
        array = read_idx(start + content)
    except FormatError:
        return
    assert write_idx(array) == start + content


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "begins with , not with 000008"),
        (b"\x1f\x8b\x08\x00", "begins with 1f8b08"),
        (b"\0\0\x0d\x01\0\0\0\0", "begins with 00000d"),
        (b"\0\0\x08\x02\0\0\0\1", "ends within its header: 8 bytes of 12"),
        (b"\0\0\x08\x02" + b"\xff" * 8, r"says shape \(4294967295, 4294967295\) but holds 0 elements"),
        (
            b"\0\0\x08\x64" + bytes(400),
            r"has 100 dimensions, \(0, 0, 0, 0, 0, 0, 0, 0\) and on, which NumPy can't hold",
        ),
        (b"\0\0\x08\x64" + b"\1" * 400, r"says 100 dimensions, \(16843009, .{60,90}\) and on, but holds 0 elements"),
    ],
)
def test_a_file_that_is_no_idx_is_told_why(content, says):
    with pytest.raises(FormatError, match=says):
        read_idx(content)


def test_only_bytes_are_written_as_idx():
    with pytest.raises(FormatError, match="holds int64: convert it with astype"):
        write_idx(np.zeros(3, np.int64))


# ---- CIFAR-10's records ----


def test_each_byte_of_a_record_is_where_the_source_says():
    images, labels = some_images(3)
    content = write_cifar10(images, labels)
    assert len(content) == 3 * RECORD
    for number in range(3):
        record = content[number * RECORD :][:RECORD]
        assert record[0] == labels[number]
        for row, column, colour in ((0, 0, 0), (0, 1, 0), (1, 0, 0), (31, 31, 0), (0, 0, 1), (5, 7, 2)):
            assert record[1 + 1024 * colour + 32 * row + column] == images[number, row, column, colour]
    again, labels_again = read_cifar10(content)
    np.testing.assert_array_equal(again, images, strict=True)
    np.testing.assert_array_equal(labels_again, labels, strict=True)


def test_records_that_are_none_are_refused():
    images, labels = some_images(2)
    content = write_cifar10(images, labels)
    with pytest.raises(FormatError, match="6145 bytes are no whole number"):
        read_cifar10(content[:-1])
    with pytest.raises(FormatError, match="record 1 has label 10"):
        read_cifar10(content[:RECORD] + b"\x0a" + content[RECORD + 1 :])
    with pytest.raises(FormatError, match=r"and this is \(2, 32, 32\) uint8"):
        write_cifar10(images[..., 0], labels)
    with pytest.raises(FormatError, match="and these are 0 to 10"):
        write_cifar10(images, np.array([0, 10]))
    assert read_cifar10(b"")[0].shape == (0, 32, 32, 3)


# ---- CIFAR-10's archive ----


def members_of(content):
    return dict(cifar10_members(io.BytesIO(content), SIZES))


def test_the_members_of_an_archive_are_read():
    assert members_of(archive()) == CONTENTS


BATCH = CONTENTS["test_batch.bin"]
HOSTILE = {
    "an absolute path": member("/etc/passwd", b"x", folder=""),
    "a path above the folder": member("../test_batch.bin", BATCH),
    "a member in no folder": member("test_batch.bin", BATCH, folder=""),
    "a member in another folder": member("test_batch.bin", BATCH, folder="cifar-100/"),
    "a member in two folders": member(f"{CIFAR_FOLDER}/test_batch.bin", BATCH),
    "a symbolic link": member("test_batch.bin", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "a hard link": member("test_batch.bin", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
    "a device": member("test_batch.bin", type=tarfile.CHRTYPE),
    "a block device": member("test_batch.bin", type=tarfile.BLKTYPE),
    "a pipe": member("test_batch.bin", type=tarfile.FIFOTYPE),
    "a sparse file": member("test_batch.bin", BATCH, type=tarfile.GNUTYPE_SPARSE),
    "another folder": member("etc", type=tarfile.DIRTYPE),
    "an unknown name": member("data_batch_6.bin", BATCH),
    "a pickle of the Python version": member("data_batch_1", b"cos\nsystem\n(S'true'\ntR."),
    "a name that comes twice": member("test_batch.bin", BATCH),
    "a member that is too short": member("test_batch.bin", BATCH[:-RECORD]),
    "a member that is too long": member("test_batch.bin", BATCH + BATCH),
    "a bomb as a text": member("readme.html", bytes(50_000_000)),
    "a bomb as a name": member("a" * 50_000_000),
}
ALL_HOSTILE = [pytest.param(kind, marks=pytest.mark.fault("archives", kind, "in a tar", "refused")) for kind in HOSTILE]


@pytest.fixture(autouse=True)
def nothing_is_written(tmp_path, monkeypatch):
    """Whatever an archive names, no file comes to be, here or above."""
    here = tmp_path / "above" / "here"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    yield
    assert [*tmp_path.rglob("*")] == [tmp_path / "above", here]


@pytest.mark.parametrize("kind", ALL_HOSTILE)
def test_a_hostile_archive_is_refused(kind):
    says = dict.fromkeys(("a member that is too short", "a member that is too long"), "bytes in the archive")
    says["a bomb as a name"] = "unpacks to more"
    leave_out = () if kind == "a name that comes twice" else ("test_batch.bin",)
    with pytest.raises(FormatError, match=says.get(kind, "no member of CIFAR-10")):
        members_of(archive(HOSTILE[kind], leave_out=leave_out))


def test_an_archive_without_a_member_is_refused():
    with pytest.raises(FormatError, match=r"holds no data_batch_2\.bin, test_batch\.bin$"):
        members_of(archive(leave_out=("data_batch_2.bin", "test_batch.bin")))


@pytest.mark.fault("archives", "a member that says 4 EB", "in a tar", "refused")
@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["x.bin", "readme.html", "test_batch.bin", "@LongLink"])
def test_an_archive_that_says_more_than_it_holds_is_refused_at_once(name):
    info, _ = member(name)
    info.size = 1 << 62
    if name == "@LongLink":
        info.type = tarfile.GNUTYPE_LONGNAME
    with pytest.raises(FormatError):
        members_of(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)))


@pytest.mark.timeout(20)
def test_a_sparse_member_that_claims_the_right_size_is_refused_at_once():
    fields = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.map": "0,0", "GNU.sparse.size": "6146"}
    info, _ = member("test_batch.bin", pax_headers={**fields, "GNU.sparse.realsize": "6146", "size": str(1 << 62)})
    with pytest.raises(FormatError, match=r"no member of CIFAR-10|ends early|damaged"):
        members_of(gzip.compress(info.tobuf(tarfile.PAX_FORMAT) + bytes(1024)))


@pytest.mark.fault("archives", "cut at every tenth", "in a tar", "refused")
@pytest.mark.parametrize("tenth", range(10))
def test_an_archive_that_breaks_off_is_refused(tenth):
    content = archive()
    with pytest.raises(FormatError):
        members_of(content[: len(content) * tenth // 10])


@given(st.integers(0, 10**9), st.integers(1, 255))
def test_a_changed_byte_of_the_tar_is_read_or_refused(place, change):
    content = bytearray(gzip.decompress(archive()))
    content[place % len(content)] ^= change
    try:
        found = members_of(gzip.compress(bytes(content), 1))
    except FormatError:
        return
    assert {name: len(found[name]) for name in found} == SIZES


@given(st.binary(max_size=600))
def test_any_headers_are_read_or_refused(content):
    with pytest.raises(FormatError):
        members_of(gzip.compress(content, 1))


# ---- the published files themselves ----


@needs_official
def test_mnist_as_published_comes_back_byte_for_byte():
    for name, shape in (("t10k-images-idx3-ubyte", (10000, 28, 28)), ("train-labels-idx1-ubyte", (60000,))):
        content = gzip.decompress((OFFICIAL / "mnist" / f"{name}.gz").read_bytes())
        array = read_idx(content)
        assert array.shape == shape
        assert write_idx(array) == content


@needs_official
def test_cifar10_as_published_comes_back_byte_for_byte():
    content = gzip.decompress((OFFICIAL / "cifar10" / "test_batch_first1000.bin.gz").read_bytes())
    images, labels = read_cifar10(content)
    assert images.shape == (1000, 32, 32, 3)
    assert labels[:10].tolist() == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1]  # a cat, two ships, ...: as everyone knows them
    assert sha256(write_cifar10(images, labels)).digest() == sha256(content).digest()
