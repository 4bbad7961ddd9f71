"""Are the datasets what their declarations and cards say, and is damage noticed?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

import tinytorch as torch
from tinytorch import datasets
from tinytorch.datasets import (
    CATALOG,
    TinyDigits,
    TinyMNIST,
    TinyTalks,
    UnknownDatasetError,
    files,
    get_dataset,
    load_images,
    load_tinydigits,
    load_tinymnist,
    load_tinytalks,
    verify,
)
from tinytorch.utils.data import DataLoader, Dataset, random_split

HOME = Path(datasets.__file__).parent


# --- Loading ------------------------------------------------------------------------------------------------

LOADERS = {"tinydigits": load_tinydigits, "tinymnist": load_tinymnist}
SHAPES = {"tinydigits": (8, 8), "tinymnist": (28, 28)}
LARGEST = {"tinydigits": 16, "tinymnist": 255}
COUNTS = [
    *[("tinydigits", "train", 150), ("tinydigits", "test", 47), ("tinydigits", "all", 197)],
    *[("tinymnist", "train", 1000), ("tinymnist", "test", 200), ("tinymnist", "all", 1200)],
]


@pytest.mark.parametrize(("name", "split", "count"), COUNTS)
def test_each_split_has_its_shapes_and_types(name, split, count):
    digits = LOADERS[name](split)
    assert (digits.images.shape, digits.images.dtype) == ((count, *SHAPES[name]), np.uint8)
    assert (digits.labels.shape, digits.labels.dtype) == ((count,), np.int64)
    assert (digits.source_index.shape, digits.source_index.dtype) == ((count,), np.int64)
    assert (digits.difficulty.shape, digits.difficulty.dtype) == ((count,), np.float64)
    assert digits.stratum.shape == (count,)
    assert (digits.images.min(), digits.images.max()) == (0, LARGEST[name])
    assert (digits.name, digits.split, len(digits)) == (name, split, count)
    assert digits.target_names == tuple("0123456789")


@pytest.mark.parametrize("name", LOADERS)
def test_the_splits_are_balanced_disjoint_and_together_all(name):
    train, test, both = (LOADERS[name](split) for split in ("train", "test", "all"))
    assert np.bincount(train.labels.astype(np.intp)).tolist() == [15 if name == "tinydigits" else 100] * 10
    tested = [4, 5, 4, 5, 5, 5, 5, 5, 4, 5] if name == "tinydigits" else [20] * 10
    assert np.bincount(test.labels.astype(np.intp)).tolist() == tested
    assert len(np.unique(both.source_index)) == len(both)
    assert len(np.unique(both.images, axis=0)) == len(both)
    for column in ("images", "labels", "source_index", "difficulty", "stratum"):
        parts = np.concatenate([getattr(train, column), getattr(test, column)])
        np.testing.assert_array_equal(parts, getattr(both, column))


def test_every_image_of_tinydigits_is_its_row_of_scikit_learn():
    source = pytest.importorskip("sklearn.datasets").load_digits()
    digits = load_tinydigits("all")
    for image, label, row in zip(digits.images, digits.labels, digits.source_index, strict=True):
        assert (image == source.images[row]).all()
        assert label == source.target[row]


@pytest.mark.parametrize("name", LOADERS)
def test_strata_are_steps_of_difficulty_and_none_to_learn_from_is_ambiguous(name):
    both, train = LOADERS[name]("all"), LOADERS[name]("train")
    assert set(train.stratum.tolist()) == {"typical", "middle", "edge"}
    bounds = {"typical": (0, 0.15), "middle": (0.15, 0.5), "edge": (0.5, 0.8), "ambiguous": (0.8, 1)}
    for stratum, difficulty in zip(both.stratum.tolist(), both.difficulty.tolist(), strict=True):
        low, high = bounds[stratum]
        assert low <= difficulty <= high


@pytest.mark.parametrize("name", LOADERS)
def test_changing_what_was_loaded_does_not_change_the_next_load(name):
    first = LOADERS[name]("all")
    for column in ("images", "labels", "source_index", "difficulty"):
        getattr(first, column)[:] = 99
    second = LOADERS[name]("all")
    assert second.images.max() == LARGEST[name]
    assert second.labels.max() == 9
    assert second.difficulty.max() <= 1
    assert len(np.unique(second.source_index)) == len(second)
    with pytest.raises(AttributeError):
        second.images = first.images  # type: ignore[misc]


@pytest.mark.parametrize("name", LOADERS)
def test_return_X_y_is_the_same_data(name):
    images, labels = LOADERS[name]("test", return_X_y=True)
    digits = LOADERS[name]("test")
    np.testing.assert_array_equal(images, digits.images)
    np.testing.assert_array_equal(labels, digits.labels)


def test_it_is_used_as_a_bunch_of_scikit_learn():
    digits = load_tinydigits("test")
    for key in digits:
        assert np.array_equal(digits[key], getattr(digits, key))
    assert {"images", "data", "target", "DESCR"} <= set(digits)
    with pytest.raises(KeyError, match="'target_name' is not one of name, split, images"):
        digits["target_name"]
    np.testing.assert_array_equal(digits.data, digits.images.reshape(47, 64))
    np.testing.assert_array_equal(digits.target, digits.labels)
    svm = pytest.importorskip("sklearn.svm").SVC(gamma=0.001)
    train = load_tinydigits("train")
    assert svm.fit(train.data, train.target).score(digits.data, digits.target) > 0.8


@pytest.mark.parametrize("name", LOADERS)
def test_a_data_frame_has_a_row_per_image_and_a_column_per_pixel(name):
    pytest.importorskip("pandas")
    digits = LOADERS[name]("test", as_frame=True)
    frame, (height, width) = digits.frame, SHAPES[name]
    assert frame.shape == (len(digits), 4 + height * width)
    np.testing.assert_array_equal(frame.iloc[:, 4:].to_numpy(), digits.data)
    np.testing.assert_array_equal(frame["label"].to_numpy(), digits.labels)
    for column in ("source_index", "difficulty", "stratum"):
        np.testing.assert_array_equal(frame[column].to_numpy(), getattr(digits, column))
    pixels, labels = LOADERS[name]("test", return_X_y=True, as_frame=True)
    assert pixels.columns.tolist() == frame.columns[4:].tolist()
    assert pixels["pixel_3_5"].tolist() == digits.images[:, 3, 5].tolist()
    assert labels.tolist() == digits.labels.tolist()


def test_talks_are_a_bunch_and_a_data_frame_too():
    pytest.importorskip("pandas")
    talks = load_tinytalks("test", as_frame=True)
    assert talks["questions"] is talks.questions
    assert talks["DESCR"].count("# TinyTalks") == 1
    frame = talks.frame
    assert frame["answer"].tolist() == talks.answers
    assert frame["level"].tolist() == talks.levels.tolist()
    prompts, answers = load_tinytalks("test", return_X_y=True, as_frame=True)
    assert prompts.columns.tolist() == ["context", "question"]
    assert answers.tolist() == talks.answers


def test_talks_are_no_images():
    with pytest.raises(ValueError, match=r"^TinyTalks holds no images: load_tinytalks\(\) loads it$"):
        load_images("tinytalks")


def test_without_pandas_a_data_frame_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"^data frames need pandas: pip install pandas$"):
        load_tinydigits(as_frame=True)
    assert len(load_tinydigits()) == 150  # nothing else needs it


@pytest.mark.parametrize("split", ["Train", "val", "", 3, None])
def test_an_unknown_split_is_answered_with_the_valid_ones(split):
    with pytest.raises(ValueError, match=r"TinyDigits has no split .*'train', 'test', 'all'"):
        load_tinydigits(split)
    with pytest.raises(ValueError, match=r"TinyMNIST has no split .*'train', 'test', 'all'"):
        TinyMNIST(split)
    if split != "val":
        with pytest.raises(ValueError, match=r"TinyTalks has no split .*'train', 'val', 'test', 'all'"):
            load_tinytalks(split)


# --- Sample by sample ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [TinyDigits, TinyMNIST])
def test_images_one_by_one_are_the_loaded_ones(kind):
    digits, loaded = kind("test"), LOADERS[kind.name]("test")
    assert isinstance(digits, Dataset)
    assert len(digits) == len(loaded)
    for row, (image, label) in enumerate(digits[i] for i in range(len(digits))):
        np.testing.assert_array_equal(image, loaded.images[row])
        assert (type(label), label) == (int, loaded.labels[row])
    with pytest.raises(IndexError):
        digits[len(digits)]


def test_transforms_are_applied_when_a_sample_is_taken():
    digits = TinyDigits("test", transform=lambda image: image / 16, target_transform=lambda label: label + 100)
    image, label = digits[5]
    plain, number = TinyDigits("test")[5]
    np.testing.assert_array_equal(image, plain / 16)
    assert label == number + 100
    assert digits.data.max() == 16  # the data itself is as it was
    assert digits.class_to_idx["7"] == 7
    assert repr(digits) == "TinyDigits('test': 47×8×8 uint8)"


def test_talks_one_by_one_are_the_loaded_ones():
    talks, loaded = TinyTalks("val", target_transform=str.upper), load_tinytalks("val")
    assert [talks[i][0] for i in range(len(talks))] == loaded.prompts
    assert [talks[i][1] for i in range(len(talks))] == [answer.upper() for answer in loaded.answers]
    assert repr(talks) == "TinyTalks('val': 15 pairs)"


def test_a_data_loader_takes_them():
    loader = DataLoader(TinyMNIST("test", transform=lambda image: image.astype("float32")), batch_size=64)
    shapes = [(tuple(images.shape), images.dtype, labels.dtype) for images, labels in loader]
    assert shapes[0] == ((64, 28, 28), torch.float32, torch.int64)
    assert [shape[0] for shape, *_ in shapes] == [64, 64, 64, 8]
    prompts, answers = next(iter(DataLoader(TinyTalks(), batch_size=3)))
    assert len(prompts) == len(answers) == 3
    first, second = random_split(TinyDigits(), [100, 50])
    assert (len(first), len(second)) == (100, 50)


# --- The catalog --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("info", CATALOG.values(), ids=CATALOG)
def test_every_declaration_fits_its_files(info):
    for file in info.files:
        content = (HOME / info.name / file.name).read_bytes()
        assert (file.size, file.sha256) == (len(content), sha256(content).hexdigest())
    assert (HOME / info.name / "README.md").is_file()
    assert (HOME / info.name / "LICENSE").is_file()


def test_all_that_is_shipped_stays_under_250_kB():
    assert sum(file.size for info in CATALOG.values() for file in info.files) <= 250_000


@pytest.mark.parametrize("name", LOADERS)
def test_an_archive_opens_without_tinytorch_and_holds_no_pickle_and_no_clock(name):
    path = HOME / name / f"{name}.npz"
    with np.load(path, allow_pickle=False) as archive:
        assert {"images", "labels", "source_index", "split", "difficulty", "stratum"} <= set(archive.files)
        assert {len(archive[column]) for column in archive.files} == {sum(get_dataset(name).splits.values())}
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            assert member.compress_type == zipfile.ZIP_LZMA
            assert member.date_time == (1980, 1, 1, 0, 0, 0)


def test_an_unknown_name_is_answered_with_the_closest_and_the_valid_ones():
    with pytest.raises(UnknownDatasetError, match=r"'TinyDigit': did you mean tinydigits\? \(there are: "):
        get_dataset("TinyDigit")
    with pytest.raises(ValueError, match=r"^no dataset is named 'xyz' \(there are: tinydigits"):
        get_dataset("xyz")
    with pytest.raises(ValueError, match=r"^MNIST does not come with TinyTorch .*tinytorch\.datasets\.MNIST fetches"):
        get_dataset("mnist")
    with pytest.raises(ValueError, match=r"^no dataset is named 3 "):
        get_dataset(3)  # type: ignore[arg-type]


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


def test_what_is_wrong_with_a_file_is_said_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "packaged", lambda dataset, file: tmp_path / file)
    read, repair, place = files.read_data_file.__wrapped__, re.escape(files.REPAIR), tmp_path / "tinydigits.npz"
    with pytest.raises(
        files.DamagedFileError, match=rf"^tinydigits\.npz is missing: {repair}; it belongs at {re.escape(str(place))}$"
    ):
        read("tinydigits", "tinydigits.npz")
    place.write_bytes(b"abc")
    known, found = get_dataset("tinydigits").files[0], sha256(b"abc").hexdigest()[:12]
    expected = f"expected {known.size} bytes with sha256 {known.sha256[:12]}, found 3 bytes with sha256 {found}"
    with pytest.raises(
        files.DamagedFileError, match=rf"^tinydigits\.npz is damaged: {repair}; {expected} at {re.escape(str(place))}$"
    ):
        read("tinydigits", "tinydigits.npz")


def test_importing_the_datasets_imports_nothing_heavy():
    program = "import sys, {}; print([m for m in ('zipfile', 'difflib', 'sklearn') if m in sys.modules])"
    ours, numpy_alone = (
        subprocess.check_output([sys.executable, "-c", program.format(module)], text=True)
        for module in ("tinytorch.datasets", "numpy")  # some versions of NumPy import some of these
    )
    assert ours == numpy_alone


def test_a_stratum_that_is_not_that_of_its_difficulty_is_noticed(monkeypatch):
    wrong = load_tinymnist("all")
    wrong.difficulty[np.flatnonzero(wrong.stratum == "ambiguous")[0]] = 0.01
    load = verify.load_images
    monkeypatch.setattr(verify, "load_images", lambda name, split: wrong if split == "all" else load(name, split))
    (check,) = [check for check in verify.verify("tinymnist") if not check.ok]
    assert check.what.startswith("strata are steps of difficulty")
    assert check.found == "1 are not"
