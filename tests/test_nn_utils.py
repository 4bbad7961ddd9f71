"""Initial values of weights, clipped gradients, padded sequences: what they promise, measured."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tinytorch as torch
from tinytorch import nn
from tinytorch.nn import init
from tinytorch.nn.utils import clip_grad_norm_, clip_grad_value_, parameters_to_vector, vector_to_parameters
from tinytorch.nn.utils.rnn import (
    pack_padded_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
    unpad_sequence,
)


# ------------------------------------------------------------------------------------------------ init
@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [(0, 1, -2, 2), (0, 0.02, -2, 2), (1, 2, -1, 4), (0, 1, 1.5, 3), (0, 1, 4, 9), (-3, 0.5, 0, 50), (0, 1, 0.1, 0.11)],
)
def test_a_truncated_normal_has_its_density(mean, std, a, b):
    """Shares of ten stretches of [a, b] against those of the error function."""
    torch.manual_seed(0)
    n = 100_000
    drawn = init.trunc_normal_(torch.empty(n, dtype=torch.float64), mean, std, a, b).numpy()
    assert a <= drawn.min() <= drawn.max() <= b
    edges = np.quantile(drawn, np.linspace(0.1, 0.9, 9))

    def beyond(x):  # the share above x, precise in the tail too
        return math.erfc((x - mean) / std / math.sqrt(2))

    expected = [(beyond(a) - beyond(x)) / (beyond(a) - beyond(b)) for x in edges]
    np.testing.assert_allclose(expected, np.linspace(0.1, 0.9, 9), atol=4 * 0.5 / math.sqrt(n) + 1e-3)


def test_a_truncated_normal_of_nothing_and_of_nowhere():
    assert init.trunc_normal_(torch.empty(0, 3)).shape == (0, 3)
    assert init.trunc_normal_(torch.empty(3), a=0.5, b=0.5).tolist() == [0.5] * 3
    with pytest.raises(RuntimeError, match="from 2"):
        init.trunc_normal_(torch.empty(3), a=2, b=-2)


@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (7, 3), (5, 2, 3), (30, 4, 2, 2)])
def test_orthogonal_rows_or_columns(shape):
    w = init.orthogonal_(torch.empty(*shape, dtype=torch.float64), gain=2.0).flatten(1).numpy()
    small = w @ w.T if shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(small, 4 * np.eye(len(small)), atol=1e-12)


def test_orthogonal_matrices_are_equally_likely():
    """Of a rotation drawn evenly each entry has mean 0 and mean square 1 / n; without the signs the diagonal hasn't."""
    torch.manual_seed(0)
    drawn = np.stack([init.orthogonal_(torch.empty(3, 3)).numpy() for _ in range(4000)])
    np.testing.assert_allclose(drawn.mean(0), 0, atol=0.04)
    np.testing.assert_allclose((drawn**2).mean(0), 1 / 3, atol=0.03)


def test_eye_passes_on_what_it_is_given():
    layer = nn.Linear(3, 3, bias=False)
    init.eye_(layer.weight)
    x = torch.randn(2, 3)
    assert torch.equal(layer(x), x)


def test_init_changes_the_weights_and_not_the_record():
    w = nn.Parameter(torch.zeros(4, 4))
    for fill in (init.trunc_normal_, init.orthogonal_, init.eye_, init.kaiming_normal_):
        before = w.tolist()
        assert fill(w) is w
        assert w.tolist() != before
        assert (w.is_leaf, w.requires_grad) == (True, True)


def test_nothing_to_initialise_is_warned_of():
    with pytest.warns(UserWarning, match="without elements"):
        init.kaiming_uniform_(torch.empty(3, 0))


# ------------------------------------------------------------------------------------------------ gradients
def gradients(*values):
    params = [torch.zeros(np.shape(v), requires_grad=True) for v in values]
    for p, v in zip(params, values):
        p.grad = torch.tensor(v)
    return params


def test_a_clipped_gradient_keeps_its_direction():
    p, q = gradients([3.0, 0.0], [[0.0, 4.0]])
    assert clip_grad_norm_([p, q, torch.zeros(1)], 1.0).item() == pytest.approx(5)
    assert p.grad.tolist() == pytest.approx([0.6, 0])
    assert q.grad[0].tolist() == pytest.approx([0, 0.8])
    assert clip_grad_norm_([p, q], 10).item() == pytest.approx(1)
    assert p.grad.tolist() == pytest.approx([0.6, 0])
    clip_grad_value_([p, q], 0.7)
    assert q.grad[0].tolist() == pytest.approx([0, 0.7])


def test_a_norm_that_is_no_number_can_be_refused():
    (p,) = gradients([1.0, math.inf])
    with pytest.raises(RuntimeError, match="inf"):
        clip_grad_norm_(p, 1.0, error_if_nonfinite=True)
    assert p.grad.tolist() == [1, math.inf]
    assert clip_grad_norm_(p, 1.0).item() == math.inf


def test_a_clipped_gradient_is_what_the_optimizer_sees():
    (p,) = gradients([30.0, 40.0])
    trained = torch.optim.SGD([p], lr=1.0)
    for expected in (-0.6, -1.2):
        p.grad = torch.tensor([30.0, 40.0])
        clip_grad_norm_([p], 1.0)
        trained.step()
        assert p[0].item() == pytest.approx(expected)


def test_a_model_as_one_vector_and_back():
    model, other = nn.Linear(3, 2), nn.Linear(3, 2)
    vector = parameters_to_vector(model.parameters())
    assert vector.shape == (8,)
    vector_to_parameters(vector, other.parameters())
    x = torch.randn(5, 3)
    assert torch.equal(model(x), other(x))


# ------------------------------------------------------------------------------------------------ sequences
def test_padding_is_filled_in_and_taken_off_and_gradients_reach_the_sequences():
    words = [torch.randn(n, 4, requires_grad=True) for n in (2, 5, 3)]
    padded = pad_sequence(words, batch_first=True, padding_value=-1.0)
    assert padded.shape == (3, 5, 4)
    assert (padded[0, 2:] == -1).all()
    again = unpad_sequence(padded, torch.tensor([2, 5, 3]), batch_first=True)
    assert all(torch.equal(a, b) for a, b in zip(words, again))
    (padded * 2).sum().backward()
    assert all((word.grad == 2).all() for word in words)


def test_packing_leaves_out_the_padding_and_filling_up_puts_it_back_in_the_first_order():
    padded = torch.tensor([[1, 2, 0], [3, 0, 0], [4, 5, 6]])
    packed = pack_padded_sequence(padded, [2, 1, 3], batch_first=True, enforce_sorted=False)
    assert packed.data.tolist() == [4, 1, 3, 5, 2, 6]
    assert [x.tolist() for x in packed[1:]] == [[3, 2, 1], [2, 0, 1], [1, 2, 0]]
    again, lengths = pad_packed_sequence(packed, batch_first=True, padding_value=-1)
    assert again.tolist() == [[1, 2, -1], [3, -1, -1], [4, 5, 6]]
    assert lengths.tolist() == [2, 1, 3]


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_packed_batch_is_each_sequence_alone_and_what_lies_in_the_padding_is_never_seen(kind):
    layer = kind(3, 4, num_layers=2, bidirectional=True).double()
    x, lengths = torch.full((6, 3, 3), float("nan"), dtype=torch.float64), [2, 5, 1]
    for n, length in enumerate(lengths):
        x[:length, n] = torch.randn(length, 3, dtype=torch.float64)
    output, final = layer(pack_padded_sequence(x, lengths, enforce_sorted=False))
    last = torch.stack(final) if kind is nn.LSTM else final
    for n, (length, own) in enumerate(zip(lengths, unpack_sequence(output))):
        alone, states = layer(x[:length, n])
        assert torch.allclose(own, alone)
        assert torch.allclose(last[..., n, :], torch.stack(states) if kind is nn.LSTM else states)


def test_a_state_that_would_grow_beyond_all_bounds_after_the_end_does_not_harm_the_gradients():
    layer = nn.RNN(1, 1, nonlinearity="relu", bias=False)
    for p in layer.parameters():
        p.data.fill_(100.0)
    x = torch.ones(40, 2, 1)
    x[2:, 1] = 0
    x[:, 0] = 0
    output, _ = layer(pack_padded_sequence(x, [40, 2]))
    output.data.sum().backward()
    assert torch.isfinite(layer.weight_hh_l0.grad).all()
    assert layer.weight_hh_l0.grad.item() == 100  # of the one step that had a state before it


def test_the_sentences_about_lengths_say_what_was_found():
    x = torch.zeros(4, 2, 3)
    for lengths, found in (([1, 2], r"\[1, 2\].*enforce_sorted=False"), ([2, 0], r"1 to the 4 steps.*\[2, 0\]"),
                           ([5, 1], r"1 to the 4 steps.*\[5, 1\]"), ([3], r"2 lengths.*\(1,\)")):  # fmt: skip
        with pytest.raises(RuntimeError, match=found):
            pack_padded_sequence(x, lengths)


def test_other_names_are_left_out():
    with pytest.raises(AttributeError, match=r"no torch.nn.utils.weight_norm"):
        nn.utils.weight_norm  # noqa: B018
