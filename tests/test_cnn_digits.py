"""Does cnn_digits earn what it claims? Each gate is seen shut when the program is broken in its own way."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from programs import science

import tinytorch as torch
from tinytorch import nn
from tinytorch.milestones import catalog
from tinytorch.milestones.kit import Result

ACCURACY = "CNN, mean accuracy on the 47 test images"
MOVED = "least change of the filters, in their own lengths"
LEAD = "CNN's mean lead over the MLP on the 47 test images"
PLACES = "lead in five places, low end of its 95% interval"


@pytest.fixture
def program(monkeypatch):
    """The program's module, with four networks of each kind instead of twenty."""
    monkeypatch.setattr(science("cnn_digits"), "PAIRS", 4)
    return science("cnn_digits")


def play(**settings: object) -> Result:
    return catalog.load("cnn_digits").play(**settings)


def missed(result: Result) -> set[str]:
    return {gate.name for gate in result.missed}


def value(result: Result, name: str) -> float:
    return next(gate.value for gate in result.gates if gate.name == name)


@pytest.mark.parametrize(
    "settings",
    [{"epochs": 0}, {"learning_rate": 0.0, "mlp_learning_rate": 0.0, "epochs": 2}],
    ids=["untrained", "still"],
)
def test_networks_that_do_not_learn(program, settings):
    assert {ACCURACY, MOVED, PLACES} <= missed(play(**settings))


def test_a_cnn_that_does_not_learn_is_not_ahead(program):
    assert missed(play(learning_rate=0.0, epochs=10)) == {ACCURACY, MOVED, LEAD, PLACES}


def test_filters_that_never_move(program, monkeypatch):
    """All the rest learns, and the gate that says "moved" is shut."""
    honest = program.convolutional

    def frozen(*sizes):
        net = honest(*sizes)
        net[0].requires_grad_(False)
        return net

    monkeypatch.setattr(program, "convolutional", frozen)
    result = play()
    assert MOVED in missed(result)
    assert ACCURACY not in missed(result)
    assert value(result, MOVED) == 0.0


def test_labels_that_were_shuffled(program, monkeypatch):
    honest = program.load_tinydigits

    def shuffled(split, return_X_y):
        images, labels = honest(split, return_X_y=return_X_y)
        return images, np.random.default_rng(0).permutation(labels) if split == "train" else labels

    monkeypatch.setattr(program, "load_tinydigits", shuffled)
    assert ACCURACY in missed(play(epochs=10))


def test_an_mlp_in_the_place_of_the_cnn(program, monkeypatch):
    """The rival against itself, begun from the same numbers, with the same rate in the same order: it is not ahead."""
    honest = program.fully_connected

    def begun_alike(n, *sizes):
        torch.manual_seed(0)
        return honest(n)

    monkeypatch.setattr(program, "convolutional", begun_alike)
    monkeypatch.setattr(program, "fully_connected", begun_alike)
    monkeypatch.setattr(program, "with_frozen_filters", lambda cnn, features, *images: (honest(4), images))
    monkeypatch.setattr(program, "ENDS", (1.0, 1.0, 1.0))
    result = play(filters=32, learning_rate=0.03, mlp_learning_rate=0.03)
    assert {LEAD, PLACES} <= missed(result)
    assert value(result, LEAD) == 0.0
    assert result.metrics["CNN, weights learned"] == result.metrics["MLP, weights learned"] == 64 * 32 + 32 + 330


def test_weights_are_counted(program):
    metrics = play(epochs=0).metrics
    first, second, scores = 12 * 9 + 12 + 2 * 12, 32 * 12 * 9 + 32 + 2 * 32, 32 * 10 + 10
    assert metrics["CNN, weights learned"] == first + second + scores
    assert metrics["CNN, filters frozen, weights learned"] == scores


def test_networks_side_by_side_know_nothing_of_each_other(program):
    """The scores of one are the same, whatever the images of the others; the rival is Linear, ReLU, Linear."""
    torch.manual_seed(0)
    x = torch.rand(7, 3, 8, 8)
    for net in (program.convolutional(3, 4, 5), program.fully_connected(3)):
        scores, other = net(x), x.clone()
        other[:, 0] = 0.5
        changed = net(other)
        np.testing.assert_array_equal(changed[:, 1:].detach().numpy(), scores[:, 1:].detach().numpy())
        assert not np.array_equal(changed[:, 0].detach().numpy(), scores[:, 0].detach().numpy())
    hidden, out = net[0].weight[32:64].reshape(32, 64), net[2].weight[10:20].reshape(10, 32)
    by_hand = nn.functional.relu(x[:, 1].flatten(1) @ hidden.T + net[0].bias[32:64]) @ out.T + net[2].bias[10:20]
    np.testing.assert_allclose(by_hand.detach().numpy(), scores[:, 1].detach().numpy(), atol=1e-5)


def test_both_kinds_see_the_same_batches(program, monkeypatch):
    """And none of them sees a test image."""
    seen = {}

    def watched(make):
        def make_and_watch(*sizes):
            net = make(*sizes)
            seen[make.__name__] = batches = []

            def note(module, inputs):
                if torch.is_grad_enabled():
                    batches.append(inputs[0].numpy().copy())

            net.register_forward_pre_hook(note)
            return net

        return make_and_watch

    monkeypatch.setattr(program, "convolutional", watched(program.convolutional))
    monkeypatch.setattr(program, "fully_connected", watched(program.fully_connected))
    play(epochs=2)
    ours, theirs = seen["convolutional"], seen["fully_connected"]
    assert len(ours) == len(theirs) == 2 * 5  # epochs, batches of 30
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)
    images, held_out = (program.load_tinydigits(split, return_X_y=True)[0] / 16.0 for split in ("train", "test"))
    first, second = np.concatenate(ours[:5]), np.concatenate(ours[5:])
    assert not np.array_equal(first, second)  # another epoch, another order
    assert not np.array_equal(first[:, 0], first[:, 1])  # and another for each pair
    order = lambda x: x.reshape(150, 64)[np.lexsort(x.reshape(150, 64).T)]  # noqa: E731
    for pair in range(4):
        np.testing.assert_array_equal(order(first[:, pair]), order(images))
    assert not (np.concatenate(ours).reshape(-1, 1, 64) == held_out.reshape(1, 47, 64)).all(axis=2).any()


def test_training_knows_the_training_images_only(program, monkeypatch):
    """What the test images are cannot change what is learned: blank them, and the same filters come out."""
    honest = program.load_tinydigits
    filters = play(epochs=2).kept["model"]

    def blank(split, return_X_y):
        images, labels = honest(split, return_X_y=return_X_y)
        return (images, labels) if split == "train" else (np.zeros_like(images), labels)

    monkeypatch.setattr(program, "load_tinydigits", blank)
    blanked = play(epochs=2).kept["model"]
    for name, values in filters.items():
        np.testing.assert_array_equal(blanked[name], values)


def test_the_interval_is_that_of_twenty_paired_differences(monkeypatch):
    """Answers made up: the MLP knows 40 images of 47, and the CNN one to four more, or the same, or two less."""
    more = [1, 2, 3, 4, 0, -2, 1, 1, 2, 3, 4, 0, 0, 1, 2, 1, 3, -2, 2, 1]
    module = science("cnn_digits")
    labels = module.load_tinydigits("test", return_X_y=True)[1]
    knows = iter([[40 + extra for extra in more], [40] * 20, [40] * 20])

    def made_up(kind, x):
        return np.array([np.tile(np.where(np.arange(47) < known, labels, 10), (5, 1)) for known in next(knows)])

    monkeypatch.setattr(module, "answers", made_up)
    result = play(epochs=0)
    middle = statistics.mean(more) / 47
    half = 2.093 * statistics.stdev(more) / 47 / math.sqrt(20)  # Student's t with 19 degrees of freedom, as tabled
    for where in ("as they are", "in five places"):
        assert result.metrics[f"CNN's lead {where}"] == pytest.approx(middle)
        assert result.metrics[f"CNN's lead {where}, interval, low"] == pytest.approx(middle - half)
        assert result.metrics[f"CNN's lead {where}, interval, high"] == pytest.approx(middle + half)
    assert value(result, LEAD) == pytest.approx(middle)
    assert value(result, PLACES) == pytest.approx(middle - half)


def test_the_five_places():
    image = np.zeros((1, 8, 8))
    image[0, 3, 4] = 1.0
    image[0, 0, 7] = 2.0  # in the corner: it leaves upwards and to the right
    moved = science("cnn_digits").in_all_places(image)
    assert [tuple(np.argwhere(m == 1.0)[0]) for m in moved] == [(3, 4), (2, 4), (4, 4), (3, 3), (3, 5)]
    assert [len(np.argwhere(m == 2.0)) for m in moved] == [1, 0, 1, 1, 0]
