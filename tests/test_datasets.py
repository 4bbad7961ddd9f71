"""Are the datasets what their declarations and cards say, and is damage noticed?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from tinytorch import datasets
from tinytorch.datasets import CATALOG, UnknownDatasetError, get_dataset, load_tinydigits
from tinytorch.datasets.tinydigits import build

HOME = Path(datasets.__file__).parent


# --- TinyDigits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("split", "count"), [("train", 150), ("test", 47), ("all", 197)])
def test_each_split_has_its_shapes_and_types(split, count):
    digits = load_tinydigits(split)
    assert (digits.images.shape, digits.images.dtype) == ((count, 8, 8), np.uint8)
    assert (digits.labels.shape, digits.labels.dtype) == ((count,), np.int64)
    assert (digits.source_index.shape, digits.source_index.dtype) == ((count,), np.int64)
    assert (digits.images.min(), digits.images.max()) == (0, 16)
    assert digits.split == split


def test_the_splits_are_balanced_disjoint_and_together_all():
    train, test, both = (load_tinydigits(split) for split in ("train", "test", "all"))
    assert np.bincount(train.labels).tolist() == [15] * 10
    assert np.bincount(test.labels).tolist() == [4, 5, 4, 5, 5, 5, 5, 5, 4, 5]
    assert len(np.unique(both.source_index)) == 197
    assert len(np.unique(both.images, axis=0)) == 197
    for column in ("images", "labels", "source_index"):
        parts = np.concatenate([getattr(train, column), getattr(test, column)])
        np.testing.assert_array_equal(parts, getattr(both, column))


def test_every_image_is_its_row_of_scikit_learn():
    source = pytest.importorskip("sklearn.datasets").load_digits()
    digits = load_tinydigits("all")
    for image, label, row in zip(digits.images, digits.labels, digits.source_index, strict=True):
        assert (image == source.images[row]).all()
        assert label == source.target[row]


def test_building_again_gives_the_same_bytes(tmp_path, capsys):
    pytest.importorskip("sklearn")
    rebuilt = build.build(tmp_path).read_bytes()
    assert rebuilt == (HOME / "tinydigits" / "tinydigits.npz").read_bytes()
    assert get_dataset("tinydigits").files[0].sha256 in capsys.readouterr().out


def test_the_build_notices_a_wrong_image(tmp_path):
    source = pytest.importorskip("sklearn.datasets").load_digits()
    path = build.build(tmp_path)
    row = load_tinydigits("test").source_index[7]
    source.images[row, 3, 3] += 1
    with pytest.raises(AssertionError):
        build.check(path, source)


def test_the_file_opens_without_tinytorch_and_holds_no_pickle_and_no_clock():
    path = HOME / "tinydigits" / "tinydigits.npz"
    with np.load(path, allow_pickle=False) as archive:
        assert archive.files == ["images", "labels", "source_index", "split"]
        assert {len(archive[name]) for name in archive.files} == {197}
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            assert member.compress_type == zipfile.ZIP_STORED
            assert member.date_time == (1980, 1, 1, 0, 0, 0)


def test_changing_what_was_loaded_does_not_change_the_next_load():
    first = load_tinydigits("all")
    first.images[:], first.labels[:], first.source_index[:] = 99, 99, 99
    second = load_tinydigits("all")
    assert second.images.max() == 16
    assert second.labels.max() == 9
    assert len(np.unique(second.source_index)) == 197
    with pytest.raises(AttributeError):
        second.images = first.images  # type: ignore[misc]


def test_return_X_y_is_the_same_data():
    images, labels = load_tinydigits("test", return_X_y=True)
    digits = load_tinydigits("test")
    np.testing.assert_array_equal(images, digits.images)
    np.testing.assert_array_equal(labels, digits.labels)
    assert [digits.target_names[label] for label in labels[:3]] == [str(label) for label in labels[:3]]


def test_the_card_says_what_the_data_says():
    digits = load_tinydigits()
    assert "| train | 150 | 15 |" in digits.DESCR
    assert "| test | 47 | 5, but 4 of the digits 0, 2 and 8 |" in digits.DESCR
    assert get_dataset("tinydigits").citation in digits.DESCR


@pytest.mark.parametrize("split", ["Train", "val", "", 3, None])
def test_an_unknown_split_is_answered_with_the_valid_ones(split):
    with pytest.raises(ValueError, match=r"TinyDigits has no split .*'train', 'test', 'all'"):
        load_tinydigits(split)


# --- The catalog --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("info", CATALOG.values(), ids=CATALOG)
def test_every_declaration_fits_its_files(info):
    for file in info.files:
        content = (HOME / info.name / file.name).read_bytes()
        assert (file.size, file.sha256) == (len(content), sha256(content).hexdigest())
    assert (HOME / info.name / "README.md").is_file()
    assert (HOME / info.name / "LICENSE").is_file()


def test_an_unknown_name_is_answered_with_the_closest_and_the_valid_ones():
    with pytest.raises(UnknownDatasetError, match=r"'TinyDigit': did you mean tinydigits\? \(there are: "):
        get_dataset("TinyDigit")
    with pytest.raises(ValueError, match=r"^no dataset is named 'xyz' \(there are: tinydigits"):
        get_dataset("xyz")


# --- Damage -------------------------------------------------------------------------------------------------


@pytest.fixture
def copied_package(tmp_path):
    """Return a copy of the package that a test may harm."""
    return shutil.copytree(HOME.parent, tmp_path / "tinytorch", ignore=shutil.ignore_patterns("__pycache__"))


def load_from(package: Path) -> subprocess.CompletedProcess[str]:
    program = "from tinytorch.datasets import load_tinydigits as load; print(load('train').labels.sum())"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=package.parent,
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_unharmed_copy_loads(copied_package):
    assert load_from(copied_package).stdout == f"{15 * sum(range(10))}\n"


@pytest.mark.parametrize("position", [0, 5000, -1])
def test_one_flipped_bit_is_found_and_the_file_named(copied_package, position):
    file = copied_package / "datasets" / "tinydigits" / "tinydigits.npz"
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(content)
    run = load_from(copied_package)
    message = run.stderr.splitlines()[-1]
    assert run.returncode == 1
    assert message.startswith(
        "tinytorch.datasets.files.DamagedFileError: tinydigits.npz is damaged: install TinyTorch again"
    )
    assert message.endswith(str(file))
    assert get_dataset("tinydigits").files[0].sha256[:12] in message
    assert sha256(content).hexdigest()[:12] in message
    assert "pip install --force-reinstall" in message


def test_a_missing_file_is_named(copied_package):
    file = copied_package / "datasets" / "tinydigits" / "tinydigits.npz"
    file.unlink()
    message = load_from(copied_package).stderr.splitlines()[-1]
    assert "DamagedFileError: tinydigits.npz is missing: install TinyTorch again" in message
    assert message.endswith(str(file))


def test_importing_the_datasets_imports_nothing_heavy():
    program = "import sys, {}; print([m for m in ('zipfile', 'difflib', 'sklearn') if m in sys.modules])"
    ours, numpy_alone = (
        subprocess.check_output([sys.executable, "-c", program.format(module)], text=True)
        for module in ("tinytorch.datasets", "numpy")  # some versions of NumPy import some of these
    )
    assert ours == numpy_alone
