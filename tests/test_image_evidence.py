"""Do the committed findings about TinyMNIST and TinyDigits say what is claimed, and belong to the shipped images?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tinytorch import datasets

RESULTS = Path(__file__).parent.parent / "evidence" / "results"
FAMILIES = ("SVM", "1-NN", "logistic regression", "MLP", "CNN")


def findings(name: str) -> dict:
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))["findings"]


def shipped(name: str, ink: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    with np.load(Path(datasets.__file__).parent / name / f"{name}.npz", allow_pickle=False) as archive:
        x = (archive["images"].reshape(len(archive["images"]), -1) / ink).astype(np.float32)
        y, split = archive["labels"].astype(np.int64), archive["split"]
    return {part: (x[split == part], y[split == part]) for part in ("train", "test")}


def test_every_family_learns_at_least_as_much_as_from_a_random_draw_and_most_learn_more():
    gain = findings("selection_table")["gain"]
    assert tuple(gain) == FAMILIES
    assert min(gain.values()) >= 0
    assert sum(value > 0.002 for value in gain.values()) >= 3
    table = findings("selection_table")["table"]
    for family in FAMILIES:  # the tempting choice fails, so the yardstick tells choices apart
        assert table["easiest"][family]["mean"] < table["random"][family]["mean"]
    assert table["random"]["CNN"]["seeds"] == table["graded medoids (ours)"]["CNN"]["seeds"] == 20


def test_tinymnist_ranks_models_as_mnist_does():
    stats = pytest.importorskip("scipy.stats")
    found = findings("stands_for_mnist")
    small, large, easy, easy_large = np.array([list(row.values()) for row in found["accuracies"].values()]).T
    assert len(small) >= 20
    assert large.min() < 0.6 and large.max() > 0.92  # of different strengths  # noqa: PT018
    assert stats.kendalltau(small, large).statistic >= 0.8
    assert np.abs(small - large).mean() <= 0.02
    assert stats.kendalltau(small, large).statistic == pytest.approx(found["TinyMNIST"]["tau"], abs=0.005)
    assert stats.kendalltau(easy, easy_large).statistic < 0.8
    assert np.abs(easy - easy_large).mean() > 0.1


@pytest.mark.parametrize("family", ["SVM", "1-NN", "logistic regression"])
@pytest.mark.parametrize(("name", "ink"), [("tinymnist", 255), ("tinydigits", 16)])
def test_the_reference_accuracies_are_those_of_the_shipped_images(name, ink, family):
    """Learns again, with scikit-learn alone, what needs no luck to learn."""
    sklearn = pytest.importorskip("sklearn")
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.svm import SVC

    assert sklearn
    models = {
        "SVM": SVC(C=10, random_state=0),
        "1-NN": KNeighborsClassifier(1),
        "logistic regression": LogisticRegression(max_iter=1000),
    }
    data = shipped(name, ink)
    x, y = data["test"]
    right = (models[family].fit(*data["train"]).predict(x) == y).sum()
    recorded = findings("reference_accuracies")[f"{name} test"][family]["mean"] * len(y)
    assert abs(right - recorded) <= 1.01  # one image of room for other versions of the libraries


def test_the_networks_reach_their_marks():
    found = findings("reference_accuracies")
    digits, mnist = found["tinydigits test"], found["MNIST test"]
    assert digits["CNN"]["seeds"] == 40
    assert digits["CNN"]["mean"] >= 0.9
    assert digits["CNN"]["mean"] > digits["MLP"]["mean"]
    assert 0.87 <= mnist["MLP"]["mean"] <= 0.91
    assert 0.92 <= mnist["CNN"]["mean"] <= 0.96


def test_no_image_is_from_the_test_file_of_mnist():
    found = findings("apart_from_mnist_test")
    assert found["found in the test file"] == 0
    assert found["images"] == found["equal to the training file at their index"] == found["labels equal"] == 1200
    assert found["images of the test file compared with"] == 10_000
