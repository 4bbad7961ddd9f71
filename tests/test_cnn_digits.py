"""Does cnn_digits earn what it claims? Each gate is seen shut when the program is broken in its own way."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from test_milestones import science

import tinytorch as torch
from tinytorch import nn
from tinytorch.milestones import catalog
from tinytorch.milestones.kit import Result

ACCURACY = "CNN, mean accuracy on the 47 test images"
MOVED = "least change of the filters, in their own lengths"
LEAD = "lead over the MLP in five places, low end of its 95% interval"


@pytest.fixture
def program(monkeypatch):
    """The program's module, with four seeds instead of twenty."""
    monkeypatch.setattr(science("cnn_digits"), "SEEDS", 4)
    return science("cnn_digits")


def play(**settings: object) -> Result:
    return catalog.load("cnn_digits").play(**settings)


def missed(result: Result) -> set[str]:
    return {gate.name for gate in result.missed}


def value(result: Result, name: str) -> float:
    return next(gate.value for gate in result.gates if gate.name == name)


@pytest.mark.parametrize("settings", [{"epochs": 0}, {"learning_rate": 0.0, "epochs": 3}], ids=["untrained", "frozen"])
def test_networks_that_do_not_learn(program, settings):
    assert missed(play(**settings)) == {ACCURACY, MOVED, LEAD}


def test_filters_that_never_move(program, monkeypatch):
    """Only the layer above learns; it learns well enough for the accuracy, and the gate that says "moved" is shut."""
    honest = program.convolutional

    def frozen(filters):
        net = honest(filters)
        net[0].requires_grad_(False)
        return net

    monkeypatch.setattr(program, "convolutional", frozen)
    result = play(epochs=10)
    assert MOVED in missed(result)
    assert value(result, MOVED) == 0.0
    # the third network is this one, on maps that were computed once
    assert result.metrics["CNN, filters frozen, mean accuracy"] == result.metrics["CNN, mean accuracy"]


def test_labels_that_were_shuffled(program, monkeypatch):
    honest = program.load_tinydigits

    def shuffled(split, return_X_y):
        images, labels = honest(split, return_X_y=return_X_y)
        return images, np.random.default_rng(0).permutation(labels) if split == "train" else labels

    monkeypatch.setattr(program, "load_tinydigits", shuffled)
    assert ACCURACY in missed(play(epochs=10))


def test_a_filter_as_large_as_the_image_is_an_mlp(program, monkeypatch):
    """It lies in one place only, so it is a hidden neuron: the same seed gives the same network as the rival."""
    monkeypatch.setattr(
        program,
        "convolutional",
        lambda filters: nn.Sequential(nn.Conv2d(1, 32, 8), nn.ReLU(), nn.MaxPool2d(1), nn.Flatten(), nn.Linear(32, 10)),
    )
    result = play()
    assert missed(result) == {LEAD}
    assert value(result, LEAD) == 0
    assert result.metrics["CNN, weights learned"] == result.metrics["MLP, weights learned"] == 64 * 32 + 32 + 330


def test_weights_are_counted(program):
    result = play(epochs=1)
    assert result.metrics["CNN, weights learned"] == 12 * 9 + 12 + 12 * 4 * 4 * 10 + 10
    assert result.metrics["CNN, filters frozen, weights learned"] == 12 * 4 * 4 * 10 + 10


def test_both_networks_see_the_same_batches(program, monkeypatch):
    """And none of them sees a test image."""
    seen = {}

    def watched(make):
        def make_and_watch(*sizes):
            net = make(*sizes)
            net.register_forward_pre_hook(
                lambda module, inputs: (
                    seen.setdefault(make.__name__, []).append(inputs[0].numpy().copy())
                    if torch.is_grad_enabled()
                    else None
                )
            )
            return net

        return make_and_watch

    monkeypatch.setattr(program, "convolutional", watched(program.convolutional))
    monkeypatch.setattr(program, "fully_connected", watched(program.fully_connected))
    monkeypatch.setattr(program, "SEEDS", 2)
    play(epochs=2)
    ours, theirs = seen["convolutional"], seen["fully_connected"]
    assert len(ours) == len(theirs) == 2 * 2 * 5  # seeds, epochs, batches of 30
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(ours[0], ours[5])  # another epoch, another order
    images, held_out = (program.load_tinydigits(split, return_X_y=True)[0] / 16.0 for split in ("train", "test"))
    first_epoch = np.concatenate(ours[:5])[:, 0]
    order = lambda x: x.reshape(150, 64)[np.lexsort(x.reshape(150, 64).T)]  # noqa: E731
    np.testing.assert_array_equal(order(first_epoch), order(images))
    assert not (np.concatenate(ours).reshape(-1, 1, 64) == held_out.reshape(1, 47, 64)).all(axis=2).any()


def test_training_and_choosing_know_the_training_images_only():
    """What the test images are cannot change what is learned: blank them, and the same filters come out."""
    program, honest = science("cnn_digits"), science("cnn_digits").load_tinydigits

    def blank(split, return_X_y):
        images, labels = honest(split, return_X_y=return_X_y)
        return (images, labels) if split == "train" else (np.zeros_like(images), labels)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "SEEDS", 2)
        filters = play(epochs=2).kept["model"]["0.weight"]
        patch.setattr(program, "load_tinydigits", blank)
        np.testing.assert_array_equal(play(epochs=2).kept["model"]["0.weight"], filters)


def test_the_interval_is_that_of_twenty_paired_differences(monkeypatch):
    """Answers made up: the MLP knows 40 images of 47, and the CNN one to four more, or the same, or two less."""
    more = [1, 2, 3, 4, 0, -2, 1, 1, 2, 3, 4, 0, 0, 1, 2, 1, 3, -2, 2, 1]
    module = science("cnn_digits")
    labels = module.load_tinydigits("test", return_X_y=True)[1]

    def made_up(run, seed, *rest):
        said = [np.where(np.arange(47) < known, labels, 10) for known in (40 + more[seed], 40, 40)]
        said = [np.tile(answers, (5, 1)) for answers in said]
        nets = [module.convolutional(12), module.fully_connected(), nn.Linear(192, 10)]
        return nets, np.ones((12, 1, 3, 3)), np.zeros((1, 3)), said

    monkeypatch.setattr(module, "play_pair", made_up)
    result = play()
    middle = statistics.mean(more) / 47
    half = 2.093 * statistics.stdev(more) / 47 / math.sqrt(20)  # Student's t with 19 degrees of freedom, as tabled
    for where in ("as they are", "in five places"):
        assert result.metrics[f"CNN's lead {where}"] == pytest.approx(middle)
        assert result.metrics[f"CNN's lead {where}, interval, low"] == pytest.approx(middle - half)
        assert result.metrics[f"CNN's lead {where}, interval, high"] == pytest.approx(middle + half)
    assert value(result, LEAD) == pytest.approx(middle - half)


def test_the_five_places():
    image = np.zeros((1, 8, 8))
    image[0, 3, 4] = 1.0
    image[0, 0, 7] = 2.0  # in the corner: it leaves upwards and to the right
    moved = science("cnn_digits").in_all_places(image)
    assert [tuple(np.argwhere(m == 1.0)[0]) for m in moved] == [(3, 4), (2, 4), (4, 4), (3, 3), (3, 5)]
    assert [len(np.argwhere(m == 2.0)) for m in moved] == [1, 0, 1, 1, 0]
