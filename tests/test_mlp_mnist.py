"""Does mlp_mnist earn what it claims? Each gate is seen met, and missed when the program is broken."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from command import ROOT, call, one_line
from mirror import Mirror
from programs import Listener, science

from tinytorch.datasets import load_tinymnist
from tinytorch.milestones import catalog
from tinytorch.milestones.kit import Result
from tinytorch.milestones.pictures import Heatmaps

PROGRAM = catalog.load("mlp_mnist")
SCIENCE = science("mlp_mnist")
ACCURACY, GAIN = "accuracy on the 200 test images", "accuracy gained over a tenth of the images"
LEARNT_FROM = ("10", "100", "1,000")  # with --full, if these are all there are
SHORT = 4  # epochs that suffice, when nothing is broken


def missed(seed: int = 0, **settings: object) -> set[str]:
    return {gate.name for gate in PROGRAM.play(seed, **{"epochs": SHORT, **settings}).missed}


@pytest.fixture(scope="module")
def honest() -> Result:
    return PROGRAM.play(epochs=SHORT)


def test_the_short_run_meets_the_gates(honest):
    assert honest.success, [str(gate) for gate in honest.missed]


def test_the_strata_add_up(honest):
    counts = Counter(load_tinymnist("test").stratum.tolist())
    right = sum(honest.metrics[f"accuracy, {kind}"] * count for kind, count in counts.items())
    assert right == pytest.approx(honest.metrics["test images right"])
    assert honest.metrics["accuracy after 1,000 images"] == honest.metrics["test images right"] / 200
    assert honest.metrics["accuracy, typical"] > honest.metrics["accuracy, edge"]


def test_the_model_that_is_kept_is_the_one_that_was_judged(honest):
    first, bias, last, last_bias = honest.kept["model"].values()
    images, labels = load_tinymnist("test", return_X_y=True)
    hidden = np.maximum(images.reshape(200, 784) / 255 @ first.T + bias, 0)
    assert ((hidden @ last.T + last_bias).argmax(axis=1) == labels).sum() == honest.metrics["test images right"]


# ---- broken ----


@pytest.mark.parametrize("settings", [{"epochs": 0}, {"learning_rate": 0.0}], ids=["untrained", "frozen"])
@pytest.mark.parametrize("seed", range(3))
def test_networks_that_do_not_learn(settings, seed):
    assert ACCURACY in missed(seed, **{"epochs": 1, **settings})


@pytest.mark.parametrize("seed", range(2))
def test_shuffled_labels(monkeypatch, seed):
    load = SCIENCE.load

    def shuffled(run, split):
        images, labels, stratum = load(run, split)
        return images, np.random.default_rng(0).permutation(labels) if split == "train" else labels, stratum

    monkeypatch.setattr(SCIENCE, "load", shuffled)
    assert ACCURACY in missed(seed)


def test_a_learning_curve_that_lies(monkeypatch):
    """All networks see all images: the accuracy is as it should be, but more images bring nothing."""
    everything, train = [], SCIENCE.train
    monkeypatch.setattr(SCIENCE, "as_tensors", keeping(SCIENCE.as_tensors, everything))
    monkeypatch.setattr(SCIENCE, "train", lambda run, x, y, passes, *rest: train(run, *everything[0], 1, *rest))
    assert missed() == {GAIN}


def keeping(function, kept):
    def kept_function(*args):
        kept.append(function(*args))
        return kept[-1]

    return kept_function


def test_what_is_trained_on(monkeypatch):
    """Each network gets the images of the one before and more, of each digit as many; never a test image."""
    seen, train = [], SCIENCE.train
    monkeypatch.setattr(
        SCIENCE, "train", lambda run, x, y, *rest: seen.append((x.numpy(), y.numpy())) or train(run, x, y, *rest)
    )
    PROGRAM.play(epochs=0)
    assert [len(y) for _, y in seen] == [100, 200, 500, 1000]
    for (fewer, _), (more, labels) in pairwise(seen):
        assert (more[: len(fewer)] == fewer).all()
        assert (np.bincount(labels.astype(np.intp)) == len(labels) // 10).all()
    known = {image.tobytes(): label for image, label in zip(*load_tinymnist(return_X_y=True), strict=True)}
    held_out = {image.tobytes() for image in load_tinymnist("test").images}
    given = [np.rint(image * 255).astype(np.uint8).tobytes() for image in seen[-1][0]]
    assert len(set(given)) == 1000
    assert [known[image] for image in given] == seen[-1][1].tolist()  # each with its own label
    assert not held_out & set(given)


# ---- --full ----


def test_full_reads_mnist_and_shows_its_mistakes(monkeypatch, tmp_path):
    """TinyMNIST in the place of MNIST; the pictures are those of the whole."""
    asked = []

    def small(split, from_dir):
        asked.append((split, from_dir))
        images, labels = load_tinymnist(split, return_X_y=True)
        return SimpleNamespace(data=images, targets=labels)

    monkeypatch.setattr(SCIENCE, "MNIST", small)
    listener = Listener()
    result = PROGRAM.whole().play(epochs=1, screens=[listener], from_dir=tmp_path)
    assert asked == [("train", tmp_path), ("test", tmp_path)]
    assert [gate.name for gate in result.gates] == ["accuracy on MNIST's 10,000 test images", GAIN]
    assert [name for name in result.metrics if "after" in name] == [f"accuracy after {n} images" for n in LEARNT_FROM]
    (heat,) = (picture for picture in listener.shown if isinstance(picture, Heatmaps))
    (mistakes,) = heat.panels.values()
    assert mistakes.sum() == 200 - result.metrics["test images right"]
    assert not mistakes.diagonal().any()


def test_full_without_data_says_how_to_get_it(tmp_path):
    line = one_line(call("run", "mlp_mnist", "--full", TINYTORCH_DATA=str(tmp_path)), status=3)
    for words in ("--download", str(tmp_path / "mnist"), "--from-dir", "11.6 MB"):
        assert words in line
    assert "train-images" in one_line(call("run", "mlp_mnist", "--full", "--from-dir", tmp_path), status=3)
    assert list(tmp_path.iterdir()) == []


def test_full_fetches_mnist_when_told_to(tmp_path):
    """From a server here, whose few images are noise: what can't be learned misses the gates."""
    with Mirror() as server:
        small = (
            f"import mirror; from tinytorch.datasets import catalog; "
            f"catalog.REMOTE['mnist'] = mirror.small_mnist({server.url!r}); from tinytorch.cli import main; main()"
        )
        paths = os.pathsep.join(map(str, (ROOT, Path(__file__).parent)))
        settings = {"TINYTORCH_DATA": str(tmp_path), "PYTHONPATH": paths}
        words = ("run", "mlp_mnist", "--full", "--epochs", 1)
        done = call(*words, "--download", command=[sys.executable, "-c", small], **settings)
        assert (done.returncode, done.stderr) == (1, "")
        assert len(server.asked) == 4
        again = call(*words, command=[sys.executable, "-c", small], **settings)
        assert len(server.asked) == 4  # it is in the cache folder now
    assert "MNIST is in" in done.stdout
    assert re.search(r"Fell short: accuracy on MNIST's 10,000 test images is \d", done.stdout)
    assert re.sub(r"\d+\.\d\d s,", "", again.stdout) in re.sub(r"\d+\.\d\d s,", "", done.stdout)
