"""Does profile_kv_cache notice a cache that lies, before anything is timed, and one that saves nothing?"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from programs import Listener, science

import tinytorch as torch
from tinytorch.milestones import catalog, trained
from tinytorch.milestones.pictures import Curve, Table
from tinytorch.models import GPT, KVCache

EQUAL, FAST = "largest difference of a score", "times as fast over 256 tokens"
SIZES = {"context": 256, "width": 16, "heads": 2, "layers": 2}


@pytest.fixture(autouse=True)
def model(monkeypatch):
    """A small network that was never trained, in the place of the one that vaswani_chatgpt trains."""
    model = GPT(12, **SIZES)
    weights = {name: values.detach().numpy() for name, values in model.state_dict().items()}
    kept = {"model": weights, "vocabulary": list("abcdefghijk"), "config": {"vocab": 12, **SIZES}}
    monkeypatch.setattr(trained, "find_or_train", lambda name, screens, framework: kept)
    return model.eval()


@pytest.fixture
def module():
    return science("profile_kv_cache")


def play(seed=0, screens=(), **settings):
    return catalog.load("profile_kv_cache").play(seed, screens=screens, **{"texts": 2, "tokens": 32, **settings})


# ---- as it is ----


def test_equal_and_at_least_three_times_as_fast(module, monkeypatch):
    listener = Listener()
    big = GPT(60, context=256)  # as wide as a network must be for its arithmetic to outweigh Python
    monkeypatch.setattr(module, "rebuild", lambda kept: big.eval())
    result = play(texts=10, tokens=256, screens=[listener])
    assert result.success, [str(gate) for gate in result.missed]
    assert {step[::2] for step in listener.steps} == {("token", 256)}
    curve = next(each for each in listener.shown if isinstance(each, Curve))
    assert (list(curve.x), curve.log) == ([16, 32, 64, 128, 256], True)
    slow, fast = curve.series["without the cache"], curve.series["with the cache"]
    assert all(a < b for series in (slow, fast) for a, b in pairwise(series))  # seconds in all, so they add up
    assert slow[-1] / fast[-1] == pytest.approx(result.gates[1].value)
    without, with_ = (result.metrics[f"power with which the seconds grow, {way}"] for way in curve.series)
    assert without > 1.4 > with_
    table = next(each for each in listener.shown if isinstance(each, Table))
    assert table.rows[-1][-1] == "2560 KiB"  # 10 texts x 256 tokens x 2 layers x (key + value) x 64 numbers x 4 bytes
    assert result.metrics["bytes kept for each token"] == 10 * 2 * 2 * 64 * 4


def test_the_network_is_the_one_that_was_kept(module, model):
    kept = trained.find_or_train("vaswani_chatgpt", [], "tinytorch")
    ids = torch.randint(0, 12, (2, 20))
    rebuilt = module.rebuild(kept)
    assert not rebuilt.training
    assert torch.equal(rebuilt(ids), model(ids))


def test_a_seed_decides_the_texts():
    first, again, *others = (play(seed).gates[0].value for seed in (1, 1, 2, 3, 4))
    assert first == again
    assert {first} != set(others)  # rounding errors, of which two may well be equal


def test_fewer_tokens_than_promised_do_not_open_the_gate():
    gate = play(tokens=128).gates[1]
    assert gate.name == FAST
    assert math.isnan(gate.value)


def test_the_ways_take_turns_and_read_the_same(module, model):
    calls = []

    def watched(ids, cache=None):
        calls.append(("with" if cache else "without", ids.numpy().copy()))
        return model(ids, cache)

    class Silent:
        def progress(self, done, total, unit):
            pass

    watched.blocks, watched.tokens, watched.context = model.blocks, model.tokens, model.context
    seconds = module.race(Silent(), watched, torch.zeros(3, 1, dtype=torch.int64), 6)
    assert [len(each) for each in seconds.values()] == [6, 6]
    assert [way for way, _ in calls] == ["with", "without", "without", "with"] * 3
    whole = calls[-2][1] if calls[-2][0] == "without" else calls[-1][1]
    assert whole.shape == (3, 6)
    for way, ids in calls:
        n = next(n for n in range(1, 7) if calls[2 * n - 2][1] is ids or calls[2 * n - 1][1] is ids)
        assert np.array_equal(ids, whole[:, :n] if way == "without" else whole[:, n - 1 : n])


def test_the_power_of_a_known_curve(module):
    lengths = np.array([16, 32, 64, 128, 256])
    assert module.exponent(lengths, 3e-5 * lengths**2.0) == pytest.approx(2)
    assert module.exponent(lengths, 3e-5 * lengths**1.0) == pytest.approx(1)


# ---- broken ----


def forgetful(honest):
    def extended(self, layer, new):
        """The first token is lost."""
        return honest(self, layer, new)[:, :, :, min(1, self.length) :]

    return extended


def stale(honest):
    def extended(self, layer, new):
        """The values of the second layer are those of before."""
        return honest(self, layer, new * torch.tensor([1.0, 0.0]).reshape(2, 1, 1, 1, 1) if layer else new)

    return extended


def mixed_up(honest):
    def extended(self, layer, new):
        """Each text reads the other's past."""
        return honest(self, layer, new).flip(1) if self.length else honest(self, layer, new)

    return extended


def wrong_at_the_end(honest):
    def extended(self, layer, new):
        """Right everywhere but at the very last place of the last text."""
        kept = honest(self, layer, new).clone()
        if kept.shape[3] == SIZES["context"]:
            kept[1, -1] *= 1.01
        return kept

    return extended


def spoilt(honest):
    def extended(self, layer, new):
        return honest(self, layer, new) * (math.nan if self.length > 100 else 1.0)

    return extended


@pytest.mark.parametrize("lie", [forgetful, stale, mixed_up, wrong_at_the_end, spoilt])
def test_a_cache_that_lies_is_never_timed(module, monkeypatch, lie):
    monkeypatch.setattr(KVCache, "extended", lie(KVCache.extended))
    monkeypatch.setattr(module, "race", lambda *_: pytest.fail("a cache that lies was timed"))
    result = play()
    assert {gate.name for gate in result.missed} == {EQUAL, FAST}
    assert math.isnan(result.gates[1].value)  # never reported
    assert not result.metrics


def test_a_cache_that_forgets_the_place_is_never_timed(module, monkeypatch):
    honest = GPT.embed
    monkeypatch.setattr(GPT, "embed", lambda self, ids, start=0: honest(self, ids))
    monkeypatch.setattr(module, "race", lambda *_: pytest.fail("a cache that lies was timed"))
    assert {gate.name for gate in play().missed} == {EQUAL, FAST}


def test_a_cache_that_saves_nothing_misses_the_other_gate(monkeypatch):
    honest = GPT.forward

    def forward(self, ids, cache=None):
        """With a cache: keep the tokens, and work everything out anew."""
        if cache is None:
            return honest(self, ids)
        cache.ids = ids if cache.length == 0 else torch.cat([cache.ids, ids], dim=1)
        cache.length += ids.shape[1]
        return honest(self, cache.ids)[:, -ids.shape[1] :]

    monkeypatch.setattr(GPT, "forward", forward)
    result = play(tokens=256)
    assert [gate.name for gate in result.missed] == [FAST]
    assert result.gates[1].value == pytest.approx(1, abs=0.5)
