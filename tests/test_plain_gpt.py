"""Do the fast operations of a GPT equal their definitions, also where an array is many blocks?"""

import math

import numpy as np
import pytest
from plain_gpt import attention, gelu, gelu_tanh, layer_norm, rms_norm, slope

from tinytorch.ops import activation, blocks, normalization
from tinytorch.ops import attention as attention_ops

RANDOM = np.random.RandomState(0)


def numbers(*shape, scale=1.0):
    return scale * RANDOM.standard_normal(shape)


def agree(found, wanted, kind):
    tolerance = {np.float32: 2e-5, np.float64: 1e-9}[kind]
    assert found.dtype == kind
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, tolerance, tolerance)


def slopes_agree(pull, function, x, grad):
    """A pull-back in float64 against central differences of the definition."""
    directions, wanted = slope(function, x, grad)
    found = [float((pull(grad).reshape(x.shape) * d).sum()) for d in directions]
    np.testing.assert_allclose(found, wanted, 1e-5, 1e-6)


@pytest.fixture(params=[False, True], ids=["one block", "many blocks"])
def block_size(request, monkeypatch):
    if request.param:
        monkeypatch.setattr(blocks, "BLOCK", 50)
        monkeypatch.setattr(attention_ops, "SCORES", 60)


@pytest.mark.usefixtures("block_size")
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(("op", "plain"), [(activation.gelu_tanh, gelu_tanh), (activation.gelu, gelu)])
@pytest.mark.parametrize("axes", [(0, 1, 2), (0, 2, 1), (2, 0, 1)], ids=str)
def test_gelu(op, plain, kind, axes):
    x = numbers(3, 7, 11, scale=3).transpose(axes)
    y, (pull,) = op(x.astype(kind))
    agree(y, plain(x), kind)
    assert y.strides == x.astype(kind).strides  # laid out in memory as x
    if kind is np.float64:
        slopes_agree(pull, plain, x, numbers(*x.shape))  # whose gradient is laid out in order


@pytest.mark.usefixtures("block_size")
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(7,), (30, 7), (2, 3, 200), (0, 4)], ids=str)
def test_layer_norm_and_rms_norm(kind, shape):
    x, weight, bias, grad = numbers(*shape), numbers(shape[-1]), numbers(shape[-1]), numbers(*shape)
    x = x + 100 * (kind is np.float64)  # far from 0, where the mean square less the squared mean would lose all
    axis = (len(shape) - 1,)
    given = [each.astype(kind) for each in (x, weight, bias)]
    y, pulls = normalization.normalize_rows(*given, axis=axis, eps=1e-5)
    agree(y, layer_norm(x, weight, bias, 1e-5), kind)
    z, pulls_rms = normalization.normalize_rows(*given[:2], None, axis=axis, eps=1e-5, centre=False)
    agree(z, rms_norm(x, weight, 1e-5), kind)
    if kind is np.float64:
        slopes_agree(pulls[0], lambda x: layer_norm(x, weight, bias, 1e-5), x, grad)
        slopes_agree(pulls[1], lambda weight: layer_norm(x, weight, bias, 1e-5), weight, grad)
        slopes_agree(pulls[2], lambda bias: layer_norm(x, weight, bias, 1e-5), bias, grad)
        slopes_agree(pulls_rms[0], lambda x: rms_norm(x, weight, 1e-5), x, grad)
        slopes_agree(pulls_rms[1], lambda weight: rms_norm(x, weight, 1e-5), weight, grad)


@pytest.mark.usefixtures("block_size")
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("size", [0.3, 30], ids=["scores near 0", "scores far from 0"])
@pytest.mark.parametrize("case", ["plain", "causal", "masked", "dropout"])
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 5, 9), (3, 80, 70), (1, 70, 140)], ids=str)
def test_attention(kind, size, case, shape):
    batch, queries, keys = shape
    heads = batch, 2
    q, k, v = numbers(*heads, queries, 4, scale=size), numbers(*heads, keys, 4), numbers(*heads, keys, 6)
    mask, kept = np.zeros((queries, keys)), np.ones((*heads, queries, keys))
    if case == "causal":
        mask[np.arange(queries)[:, None] < np.arange(keys)] = -np.inf
    if case == "masked":
        mask = np.where(RANDOM.random_sample(mask.shape) < 0.3, -np.inf, numbers(*mask.shape))
        mask[0] = -np.inf
    if case == "dropout":
        kept = (RANDOM.random_sample(kept.shape) < 0.5) * 2.0
    given = [mask.astype(kind)] if case == "masked" else [None]
    arrays = [each.astype(kind) for each in (q, k, v)]
    y, pulls = attention_ops.attention(*arrays, *given, 0.4, case == "causal", kept.astype(kind))
    wanted = attention(*(each.astype(float) for each in arrays), mask, 0.4, kept)
    np.testing.assert_allclose(y, wanted, atol=1e-5 if kind is np.float32 else 1e-12)
    assert y.dtype == kind
    if kind is np.float64:
        grad = numbers(*y.shape)
        slopes_agree(pulls[0], lambda q: attention(q, k, v, mask, 0.4, kept), q, grad)
        slopes_agree(pulls[1], lambda k: attention(q, k, v, mask, 0.4, kept), k, grad)
        slopes_agree(pulls[2], lambda v: attention(q, k, v, mask, 0.4, kept), v, grad)
        whole = np.broadcast_to(mask, kept.shape)
        if case == "masked":
            slopes_agree(pulls[3], lambda mask: attention(q, k, v, mask, 0.4, kept), whole, grad)


def test_erf_is_within_four_units_of_the_last_place():
    x = np.concatenate([np.linspace(-6, 6, 100_001), np.logspace(-30, 2, 10_000), [0, np.inf, -np.inf]])
    x = x.astype(np.float32)
    wanted = np.array([math.erf(each) for each in x])
    error = np.abs(activation.erf(x)[0] - wanted) / np.spacing(np.abs(wanted).astype(np.float32))
    assert error.max() < 4
    assert np.isnan(activation.erf(np.array([np.nan], np.float32))[0]).all()
