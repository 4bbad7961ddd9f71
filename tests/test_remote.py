"""Do MNIST and CIFAR10 behave as torchvision's, and do they say what is missing or wrong?"""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import subprocess
import sys
import tracemalloc
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from archives import CONTENTS, archive
from mirror import TEST, TRAIN, Mirror, contents, declared, small_mnist, status
from test_official import needs_official

from tinytorch.cli import fetch
from tinytorch.datasets import CIFAR10, MNIST, REMOTE, DamagedFileError, DataNotFoundError, FormatError
from tinytorch.datasets.catalog import RemoteFile
from tinytorch.datasets.official import read_cifar10, read_idx, write_idx
from tinytorch.utils.data import ConcatDataset, DataLoader, Subset

OFFICIAL = Path(os.environ.get("TINYTORCH_OFFICIAL", "/nowhere"))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Return a cache of the test's own; no proxy stands before loopback."""
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def mirror(monkeypatch):
    """Serve small files as MNIST and as CIFAR-10."""
    files = {**contents(), "cifar-10-binary.tar.gz": archive()}
    with Mirror(files=files) as server:
        monkeypatch.setitem(REMOTE, "mnist", small_mnist(server.url))
        file = declared("cifar-10-binary.tar.gz", archive())
        small = replace(REMOTE["cifar10"], files=(file,), mirrors=(server.url,), splits={"train": 10, "test": 2})
        monkeypatch.setitem(REMOTE, "cifar10", small)
        yield server


@pytest.fixture
def on_disk(tmp_path):
    """Return a folder with the files of both, as a user may have them."""
    folder = tmp_path / "from here"
    folder.mkdir()
    for name, content in {**contents(), "cifar-10-binary.tar.gz": archive()}.items():
        (folder / name).write_bytes(content)
    return folder


def state(folder):
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


# ---- what they are ----


@pytest.mark.parametrize(("split", "count"), [("train", TRAIN), ("test", TEST), ("all", TRAIN + TEST)])
def test_mnist_has_its_shapes_and_types(mirror, split, count):
    digits = MNIST(split=split, download=True)
    assert (digits.data.shape, digits.data.dtype) == ((count, 28, 28), np.uint8)
    assert (digits.targets.shape, digits.targets.dtype) == ((count,), np.int64)
    assert len(digits) == count
    image, label = digits[count - 1]
    np.testing.assert_array_equal(image, digits.data[-1])
    assert type(label) is int
    assert digits.class_to_idx[digits.classes[label]] == label
    assert repr(digits).startswith(f"MNIST({split!r}: {count}×28×28 uint8, from ")
    with pytest.raises(IndexError):
        digits[count]


def test_mnist_holds_what_was_published(mirror):
    plain = {name: read_idx(gzip.decompress(content)) for name, content in contents().items()}
    both, train, test = (MNIST(split=split, download=True) for split in ("all", "train", "test"))
    np.testing.assert_array_equal(train.data, plain["train-images-idx3-ubyte.gz"])
    np.testing.assert_array_equal(test.targets, plain["t10k-labels-idx1-ubyte.gz"])
    np.testing.assert_array_equal(both.data, np.concatenate([train.data, test.data]))
    np.testing.assert_array_equal(both.targets, np.concatenate([train.targets, test.targets]))


def test_cifar10_holds_what_was_published(mirror):
    both, train, test = (CIFAR10(split=split, download=True) for split in ("all", "train", "test"))
    for number in range(5):
        images, labels = read_cifar10(CONTENTS[f"data_batch_{number + 1}.bin"])
        np.testing.assert_array_equal(train.data[2 * number :][:2], images, strict=True)
        np.testing.assert_array_equal(train.targets[2 * number :][:2], labels, strict=True)
    np.testing.assert_array_equal(test.data, read_cifar10(CONTENTS["test_batch.bin"])[0])
    np.testing.assert_array_equal(both.data, np.concatenate([train.data, test.data]))
    np.testing.assert_array_equal(both.targets, np.concatenate([train.targets, test.targets]))
    assert (train.data.shape, train.data.dtype, train.targets.dtype) == ((10, 32, 32, 3), np.uint8, np.int64)
    assert train.classes[6] == "frog"
    assert len(mirror.asked) == 1


def test_torchvisions_calls_mean_the_same(mirror, tmp_path):
    for positional, named in ((True, {"train": True}), (False, {"train": False})):
        one = MNIST(tmp_path / "data", positional, None, None, True)
        other = MNIST(root=str(tmp_path / "data"), download=True, **named)
        assert one.split == other.split == ("train" if positional else "test")
        np.testing.assert_array_equal(one.data, other.data)
    assert one.folder == tmp_path / "data" / "mnist"


def test_transforms_are_applied_to_what_is_asked_for(mirror):
    digits = MNIST(transform=lambda image: image.mean(), target_transform=lambda label: -label, download=True)
    image, label = digits[7]
    assert image == digits.data[7].mean()
    assert label == -int(digits.targets[7])


def test_they_go_into_a_data_loader(mirror):
    digits, things = MNIST(download=True), CIFAR10(download=True)
    images, labels = next(iter(DataLoader(digits, batch_size=32)))
    np.testing.assert_array_equal(images.numpy(), digits.data[:32])
    assert labels.tolist() == digits.targets[:32].tolist()
    images, _ = next(iter(DataLoader(ConcatDataset([things, Subset(things, [3])]), batch_size=11)))
    np.testing.assert_array_equal(images.numpy()[-1], things.data[3])


@pytest.mark.parametrize(("split", "train"), [("test", True), ("all", True), ("all", False)])
def test_two_words_for_the_split_that_differ_are_refused(split, train):
    with pytest.raises(ValueError, match=f"split='{split}' and train={train} say different things"):
        MNIST(split=split, train=train)


@pytest.mark.parametrize("split", ["Train", "val", "", 3])
def test_an_unknown_split_is_answered_with_the_valid_ones(split):
    with pytest.raises(ValueError, match=r"MNIST has no split .*'train', 'test', 'all'"):
        MNIST(split=split)


# ---- nothing is fetched unless asked for ----


@pytest.mark.parametrize("dataset", [MNIST, CIFAR10])
def test_without_data_the_error_says_what_to_do_and_no_network_is_touched(dataset, home, monkeypatch):
    def connect(self, address):
        raise AssertionError(f"asked {address}")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(FileNotFoundError) as missing:
        dataset()
    assert isinstance(missing.value, DataNotFoundError)
    sentence = str(missing.value)
    assert f"is not in {home / dataset.name}: fetch it (" in sentence
    assert f"`tinytorch datasets download {dataset.name}` or {dataset.__name__}(download=True)" in sentence
    assert "from_dir=" in sentence
    assert ("170 MB, about 2–3 minutes" if dataset is CIFAR10 else "11.6 MB, about 10 seconds") in sentence
    with pytest.raises(DataNotFoundError, match=r'download mnist --root "/srv/my data"`'):
        MNIST("/srv/my data")
    assert not home.exists()


def test_the_root_goes_before_the_environment_and_that_before_the_cache_of_the_platform(home, tmp_path, monkeypatch):
    from tinytorch.datasets.remote import data_folder

    info = REMOTE["mnist"]
    assert data_folder(info, tmp_path) == tmp_path / "mnist"
    assert data_folder(info) == home / "mnist"
    monkeypatch.setenv("TINYTORCH_DATA", "~/data")
    assert data_folder(info) == Path.home() / "data" / "mnist"
    monkeypatch.delenv("TINYTORCH_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert data_folder(info) == tmp_path / "tinytorch" / "mnist"
    assert data_folder(info).name == "mnist"


def test_importing_the_datasets_loads_nothing_that_fetches():
    program = "import sys, tinytorch.datasets as d\ntry: d.MNIST('/nowhere')\nexcept FileNotFoundError: pass\n"
    program += "print({'pooch', 'requests', 'urllib3', 'filelock', 'tarfile'} & {*sys.modules})"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "set()\n"


# ---- files on disk ----


def test_files_on_disk_are_read_in_place_and_not_changed(mirror, on_disk, home):
    before = state(on_disk)
    fetched = MNIST(download=True)
    asked = len(mirror.asked)
    np.testing.assert_array_equal(MNIST(from_dir=on_disk).data, fetched.data)
    assert CIFAR10(from_dir=str(on_disk)).data.shape == (10, 32, 32, 3)
    assert state(on_disk) == before
    assert len(mirror.asked) == asked
    assert not (home / "cifar10").exists()


def test_unpacked_files_do_as_well_and_so_does_a_folder_of_the_datasets_name(mirror, tmp_path):
    inner = tmp_path / "disk" / "mnist"
    inner.mkdir(parents=True)
    for name, content in contents().items():
        (inner / name.removesuffix(".gz")).write_bytes(gzip.decompress(content))
    digits = MNIST(from_dir=tmp_path / "disk", split="all")
    assert len(digits) == TRAIN + TEST
    shutil.copytree(inner, tmp_path / "root" / "mnist")
    assert len(MNIST(tmp_path / "root", download=True)) == TRAIN
    assert not mirror.asked
    (tmp_path / "root" / "mnist" / "t10k-labels-idx1-ubyte").unlink()
    assert len(MNIST(tmp_path / "root", "test", download=True)) == TEST
    assert mirror.asked == [("t10k-labels-idx1-ubyte.gz", 0)]


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"])
def test_a_wrong_file_on_disk_is_named_with_what_was_expected_and_found(mirror, on_disk, name):
    path = on_disk / name
    path.write_bytes(b"something else")
    if not name.endswith(".gz"):
        (on_disk / f"{name}.gz").unlink()
    with pytest.raises(DamagedFileError) as damage:
        MNIST(from_dir=on_disk)
    assert str(damage.value).startswith(f"{name} is damaged: put the published file there, or leave out --from-dir")
    assert "found 14 bytes with sha256 " in str(damage.value)
    assert str(path) in str(damage.value)


def test_one_flipped_bit_in_the_cache_is_noticed_and_download_mends_it(mirror, home):
    things = CIFAR10(download=True)
    path = home / "cifar10" / "cifar-10-binary.tar.gz"
    content = bytearray(path.read_bytes())
    for place in (0, len(content) // 2, len(content) - 1):
        damaged = bytearray(content)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(DamagedFileError, match="`tinytorch datasets download cifar10` fetches it again"):
            CIFAR10()
    np.testing.assert_array_equal(CIFAR10(download=True).data, things.data)
    assert path.read_bytes() == content


def test_what_is_missing_on_disk_is_named(mirror, on_disk, tmp_path):
    (on_disk / "t10k-labels-idx1-ubyte.gz").unlink()
    assert len(MNIST(from_dir=on_disk)) == TRAIN
    with pytest.raises(DataNotFoundError, match=r"no t10k-labels-idx1-ubyte\.gz or t10k-labels-idx1-ubyte in"):
        MNIST(from_dir=on_disk, split="test")
    with pytest.raises(ValueError, match="give one of them"):
        MNIST(from_dir=on_disk, download=True)


def test_files_that_do_not_belong_together_are_refused(mirror, on_disk, monkeypatch):
    monkeypatch.setitem(REMOTE, "mnist", replace(REMOTE["mnist"], splits={"train": TRAIN + 1, "test": TEST}))
    with pytest.raises(FormatError, match=r"train files hold \(300, 28, 28\) images"):
        MNIST(from_dir=on_disk)


@pytest.mark.parametrize("other", ["images", "labels"])
def test_images_of_one_split_and_labels_of_the_other_are_refused(mirror, on_disk, monkeypatch, other):
    files = {file.name: file for file in REMOTE["mnist"].files}
    ends = f"{other}-idx{3 if other == 'images' else 1}-ubyte.gz"
    files[f"train-{ends}"] = replace(files[f"t10k-{ends}"], name=f"train-{ends}")
    (on_disk / f"train-{ends}").write_bytes((on_disk / f"t10k-{ends}").read_bytes())
    monkeypatch.setitem(REMOTE, "mnist", replace(REMOTE["mnist"], files=tuple(files.values())))
    with pytest.raises(FormatError, match="train files hold"):
        MNIST(from_dir=on_disk)


@contextmanager
def at_most(megabytes):
    """Fail if Python's and NumPy's objects take more memory than this at any moment."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * 1e6
    finally:
        tracemalloc.stop()


def test_a_wrong_or_missing_archive_is_refused_before_memory_is_taken_for_the_images(tmp_path):
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(b"123456")
    with at_most(5), pytest.raises(DamagedFileError):
        CIFAR10(from_dir=tmp_path)
    with at_most(5), pytest.raises(DataNotFoundError):
        CIFAR10(tmp_path / "nowhere")


@pytest.mark.parametrize("fault", ["wrong", "missing"])
def test_a_wrong_or_missing_file_is_refused_before_another_is_unpacked(tmp_path, monkeypatch, fault):
    files = {}
    for file in REMOTE["mnist"].files:
        images = "images" in file.name
        content = write_idx(np.zeros((60000, 28, 28) if images else 60000, np.uint8))
        files[file.name] = gzip.compress(content, 1, mtime=0)
        (tmp_path / file.name).write_bytes(files[file.name])
    large = tuple(declared(name, content) for name, content in files.items())
    splits = {"train": 60000, "test": 60000}
    monkeypatch.setitem(REMOTE, "mnist", replace(REMOTE["mnist"], files=large, splits=splits))
    last = tmp_path / "t10k-labels-idx1-ubyte.gz"
    last.unlink()
    if fault == "wrong":
        last.write_bytes(b"123456")
    with at_most(5), pytest.raises(DamagedFileError if fault == "wrong" else DataNotFoundError, match=last.name):
        MNIST(split="all", from_dir=tmp_path)


# ---- the command ----


def test_the_command_fetches_and_tells_so_in_plain_lines(mirror, home, capfd):
    fetch.download("mnist")
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert lines[0] == f"MNIST ({REMOTE['mnist'].cost}) goes to {home / 'mnist'}"
    assert [line.split(":")[0] for line in lines[1:-1]] == list(contents())
    assert lines[1].startswith("train-images-idx3-ubyte.gz: 0.2 of 0.2 MB")
    assert lines[-1] == f"MNIST is in {home / 'mnist'}, each file as published."
    assert err == ""
    assert len(MNIST()) == TRAIN


def test_the_command_copies_from_a_folder_once_all_of_it_is_right(mirror, on_disk, home, tmp_path, monkeypatch):
    before = state(on_disk)
    monkeypatch.chdir(tmp_path)
    fetch.download("mnist", from_dir=Path(on_disk.name), root=Path("root"))
    assert len(MNIST(tmp_path / "root")) == TRAIN
    assert state(on_disk) == before
    assert (tmp_path / "root" / "mnist" / "t10k-labels-idx1-ubyte.gz").stat().st_mode == (
        on_disk / "t10k-labels-idx1-ubyte.gz"
    ).stat().st_mode
    for name in ("train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"):
        (on_disk / name).write_bytes(b"wrong")
    with pytest.raises(DamagedFileError, match=r"train-images\S+ is damaged.+; t10k-labels\S+ is damaged"):
        fetch.download("mnist", from_dir=on_disk)
    assert not home.exists()
    assert not mirror.asked


def test_the_command_knows_what_needs_no_download_and_what_does_not_exist(capsys):
    import click

    fetch.download("tinydigits")
    assert capsys.readouterr().out == "TinyDigits comes with TinyTorch: there is nothing to download.\n"
    with pytest.raises(click.UsageError, match="there is no dataset 'cifar'; did you mean cifar10"):
        fetch.download("cifar")


def test_a_pipe_gets_a_line_for_each_quarter_with_rate_and_time_left(capsys):
    seconds = iter(range(100))
    file = RemoteFile("large.bin", 100_000_000, "", "")
    with fetch.Meter(lambda: next(seconds)) as meter:
        for held in (20_000_000, 30_000_000, 49_000_000, 60_000_000, 100_000_000, 100_000_000):
            meter(file, held)
    assert capsys.readouterr().out.splitlines() == [
        "large.bin: 30.0 of 100.0 MB, 10.0 MB/s, 7 s left",
        "large.bin: 60.0 of 100.0 MB, 20.0 MB/s, 2 s left",
        "large.bin: 100.0 of 100.0 MB, 26.7 MB/s",
    ]


def test_a_terminal_gets_bars(mirror, monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    fetch.download("mnist")
    out = capsys.readouterr().out
    assert "train-images-idx3-ubyte.gz" in out
    assert "/s" in out
    assert "0:00:00" in out


# ---- the published files themselves ----


@needs_official
def test_mnist_as_published_is_fetched_and_read(tmp_path, monkeypatch):
    files = {file.name: (OFFICIAL / "mnist" / file.name).read_bytes() for file in REMOTE["mnist"].files}
    with Mirror(status(503), files=files) as server:
        monkeypatch.setitem(REMOTE, "mnist", replace(REMOTE["mnist"], mirrors=(server.url,)))
        digits = MNIST(tmp_path, download=True, split="all")
    assert np.bincount(digits.targets[:60000]).tolist() == [
        *(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
    ]
    assert digits.targets[60000:60005].tolist() == [7, 2, 1, 0, 4]
    np.testing.assert_array_equal(MNIST(from_dir=OFFICIAL).data, digits.data[:60000])


@needs_official
def test_mnist_as_published_is_read_unpacked(tmp_path):
    for path in (OFFICIAL / "mnist").glob("*.gz"):
        (tmp_path / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    assert len(MNIST(from_dir=tmp_path, split="all")) == 70000
