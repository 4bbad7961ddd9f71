"""Are random numbers in range, distributed as they should be, and the same again from the same seed?"""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

import tinytorch as torch

N = 20_000


def close(found, expected, std):
    """Whether a mean of N draws is within four of its standard deviations."""
    return abs(found - expected) < 4 * std / math.sqrt(N)


# ------------------------------------------------------------------------------------------------ distributions
def test_rand_is_uniform_below_one():
    x = torch.rand(N)
    assert 0 <= x.min().item() < 1e-3
    assert 1 - 1e-3 < x.max().item() < 1
    assert close(x.mean().item(), 0.5, math.sqrt(1 / 12))
    assert close((x * x).mean().item(), 1 / 3, math.sqrt(4 / 45))
    tenths, _ = np.histogram(x.numpy(), 10, (0, 1))
    assert ((tenths - N / 10) ** 2 / (N / 10)).sum() < 27.9  # chi squared, nine degrees of freedom, once in a thousand
    assert (x * 2**24 == (x * 2**24).floor()).all()  # so that no number is rounded up to 1


def test_randn_is_normal():
    x = torch.randn(N)
    assert close(x.mean().item(), 0, 1)
    assert close(x.var().item(), 1, math.sqrt(2))
    for z, share in ((1, 0.682689), (2, 0.954500), (3, 0.997300)):
        assert close((x.abs() < z).float().mean().item(), share, math.sqrt(share * (1 - share)))
    y = torch.normal(5.0, 0.1, (N,))
    assert close(y.mean().item(), 5, 0.1)
    assert close(y.std().item(), 0.1, 0.1 / math.sqrt(2))


def test_randint_takes_low_but_not_high():
    x = torch.randint(-2, 3, (N,))
    assert x.dtype == torch.int64
    values, counts = np.unique(x.numpy(), return_counts=True)
    assert values.tolist() == [-2, -1, 0, 1, 2]
    assert ((counts - N / 5) ** 2 / (N / 5)).sum() < 18.5
    assert torch.randint(1, (5,)).tolist() == [0] * 5
    assert torch.randint(high=7, size=(2, 3)).shape == (2, 3)
    assert torch.randint(0, 2**40, (100,)).max().item() > 2**32
    for low, high in ((3, 3), (5, 2)):
        with pytest.raises(RuntimeError, match=rf"{low}.*{high}"):
            torch.randint(low, high, (2,))


def test_randperm_gives_every_order_equally_often():
    counts: dict[tuple[int, ...], int] = {}
    for _ in range(1200):
        order = tuple(torch.randperm(3).tolist())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    assert sum((c - 200) ** 2 / 200 for c in counts.values()) < 20.5
    assert sorted(torch.randperm(50).tolist()) == list(range(50))
    assert torch.randperm(0).tolist() == []


def test_bernoulli_follows_each_probability():
    x = torch.bernoulli(torch.full((N,), 0.3))
    assert set(x.tolist()) == {0.0, 1.0}
    assert close(x.mean().item(), 0.3, math.sqrt(0.21))
    assert torch.bernoulli(torch.tensor([0.0, 1.0] * 50)).tolist() == [0, 1] * 50


def test_multinomial_follows_the_weights():
    weights = torch.tensor([1.0, 0.0, 3.0, 4.0])
    drawn = torch.multinomial(weights, N, replacement=True)
    shares = np.bincount(drawn.numpy().astype(np.intp), minlength=4) / N
    for share, p in zip(shares, [1 / 8, 0, 3 / 8, 4 / 8]):
        assert close(share, p, math.sqrt(p * (1 - p)) + 1e-9)
    first = np.array([torch.multinomial(weights, 3).tolist() for _ in range(1000)])
    assert all(sorted(row) == [0, 2, 3] for row in first.tolist())  # each once, and never the one of weight 0
    assert abs((first[:, 0] == 3).mean() - 0.5) < 4 * math.sqrt(0.25 / 1000)
    # the second of two draws without replacement: P(0 then 3) = 1/8 · 4/7
    assert abs(((first[:, 0] == 0) & (first[:, 1] == 3)).mean() - 4 / 56) < 4 * math.sqrt(4 / 56 / 1000)
    assert np.sort(torch.multinomial(torch.ones(2, 5), 5).numpy()).tolist() == [[0, 1, 2, 3, 4]] * 2


@pytest.mark.parametrize(
    ("weights", "n"), [([0.0, 0.0], 1), ([-1.0, 2.0], 1), ([1.0, float("nan")], 1), ([1.0], 2), ([1.0], 0)]
)
def test_multinomial_refuses_what_is_no_distribution(weights, n):
    with pytest.raises(RuntimeError, match="multinomial"):
        torch.multinomial(torch.tensor(weights), n)


def test_filling_in_place():
    x = torch.empty(N).uniform_(-3, 5)
    assert -3 <= x.min().item() < -2.9
    assert 4.9 < x.max().item() < 5
    assert close(x.mean().item(), 1, 8 / math.sqrt(12))
    y = torch.empty(N, dtype=torch.float64).normal_(2, 3)
    assert y.dtype == torch.float64
    assert close(y.mean().item(), 2, 3)
    assert close(y.std().item(), 3, 3 / math.sqrt(2))


# ------------------------------------------------------------------------------------------------ types
@pytest.mark.parametrize(
    ("make", "kind", "shape"),
    [
        (lambda: torch.rand(2, 3), torch.float32, (2, 3)),
        (lambda: torch.rand((4,)), torch.float32, (4,)),
        (lambda: torch.rand(()), torch.float32, ()),
        (lambda: torch.randn(2, 0), torch.float32, (2, 0)),
        (lambda: torch.randn(2, dtype=torch.float64), torch.float64, (2,)),
        (lambda: torch.rand_like(torch.zeros(3, dtype=torch.float16)), torch.float16, (3,)),
        (lambda: torch.randn_like(torch.zeros(3)), torch.float32, (3,)),
        (lambda: torch.randint(9, (2,), dtype=torch.uint8), torch.uint8, (2,)),
        (lambda: torch.randperm(4, dtype=torch.int32), torch.int32, (4,)),
    ],
)
def test_types_and_shapes(make, kind, shape):
    assert (make().dtype, tuple(make().shape)) == (kind, shape)
    assert torch.rand(2, requires_grad=True).requires_grad


# ------------------------------------------------------------------------------------------------ seeds
DRAWS = {
    "rand": lambda **g: torch.rand(5, **g),
    "randn": lambda **g: torch.randn(5, **g),
    "randint": lambda **g: torch.randint(1000, (5,), **g),
    "randperm": lambda **g: torch.randperm(20, **g),
    "normal": lambda **g: torch.normal(0.0, 1.0, (5,), **g),
    "bernoulli": lambda **g: torch.bernoulli(torch.full((64,), 0.5), **g),
    "multinomial": lambda **g: torch.multinomial(torch.ones(50), 10, **g),
    "uniform_": lambda **g: torch.empty(5).uniform_(**g),
    "normal_": lambda **g: torch.empty(5).normal_(**g),
}


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_gives_the_same_numbers_again(name):
    draw = DRAWS[name]
    assert torch.manual_seed(5) is torch.manual_seed(5)
    first, second = draw().tolist(), draw().tolist()
    assert first != second
    torch.manual_seed(5)
    assert [draw().tolist(), draw().tolist()] == [first, second]
    torch.manual_seed(6)
    assert draw().tolist() != first
    # a generator of the same seed gives the same, and neither disturbs the other
    generator = torch.Generator().manual_seed(5)
    assert [draw(generator=generator).tolist(), draw(generator=generator).tolist()] == [first, second]
    torch.manual_seed(5)
    draw(generator=generator)
    assert draw().tolist() == first


# Written down on NumPy 2.4; NumPy promises that the streams of RandomState never change.
WRITTEN = {
    "rand": [0.6554495096206665, 0.9285076260566711],
    "randint": [873, 856, 17],
    "randperm": [4, 0, 5, 2, 1, 3],
    "randn": [1.353710651397705, 1.2107316255569458],
}


def test_a_seed_means_the_same_everywhere():
    torch.manual_seed(42)
    assert torch.rand(2).tolist() == WRITTEN["rand"]
    assert torch.randint(1000, (3,)).tolist() == WRITTEN["randint"]
    assert torch.randperm(6).tolist() == WRITTEN["randperm"]
    assert torch.randn(2).tolist() == pytest.approx(WRITTEN["randn"], rel=1e-6)


def test_seeds_large_negative_and_impossible():
    assert torch.manual_seed(7).initial_seed() == torch.initial_seed() == 7
    numbers = []
    for seed in (0, 1, 2**32, 2**63, 2**64 - 1, -3):
        torch.manual_seed(seed)
        numbers.append(tuple(torch.rand(3).tolist()))
    assert len(set(numbers)) == 6
    for seed in (2**64, -(2**63) - 1):
        with pytest.raises(RuntimeError, match=str(seed)):
            torch.manual_seed(seed)
    g = torch.Generator()
    assert g.seed() == g.initial_seed()
    assert torch.Generator().seed() != torch.Generator().seed()


def test_a_seed_is_a_whole_number_of_any_kind():
    g = torch.Generator()
    assert str(g.device) == "cpu"
    assert g.manual_seed(np.int64(5)).initial_seed() == 5
    assert g.manual_seed(-(2**63)).initial_seed() == 2**63
    assert g.manual_seed(2**64 - 1).initial_seed() == 2**64 - 1
    for wrong in (1.5, "1", None):
        with pytest.raises(RuntimeError, match=f"^manual_seed needs a whole number, not {wrong!r}$"):
            g.manual_seed(wrong)
    found = torch.seed()
    assert found == torch.initial_seed() < 2**64
    first = torch.rand(3).tolist()
    torch.manual_seed(found)
    assert torch.rand(3).tolist() == first


@pytest.mark.parametrize(("kind", "bits"), [(torch.float16, 11), (torch.float32, 24), (torch.float64, 53)])
def test_uniform_numbers_are_multiples_of_the_spacing_below_one(kind, bits):
    whole = torch.rand(1000, dtype=kind).numpy().astype(np.float64) * 2**bits
    assert (whole == np.floor(whole)).all()
    assert (whole % 2 == 1).any()
    with pytest.raises(NotImplementedError, match="need a floating type, not int64"):
        torch.Generator().uniform((1,), np.dtype(np.int64))


def test_each_thread_draws_from_its_own_stream():
    def other():
        torch.manual_seed(99)
        torch.rand(10)

    torch.manual_seed(3)
    expected = torch.rand(4).tolist()
    torch.manual_seed(3)
    first = torch.rand(2).tolist()
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert first + torch.rand(2).tolist() == expected


# ------------------------------------------------------------------------------------------------ states
AGES = {
    "not yet used": lambda g: None,
    "in the middle of its numbers": lambda g: torch.rand(5, generator=g),
    "at the end of its numbers": lambda g: torch.rand(624, generator=g),
    "with a second normal number waiting": lambda g: torch.randn(3, generator=g),
}


@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize("seed", [0, 7, 2**64 - 1])
def test_a_state_is_where_a_generator_goes_on(age, seed):
    g = torch.Generator().manual_seed(seed)
    AGES[age](g)
    state = g.get_state()
    expected = [draw(generator=g).tolist() for draw in DRAWS.values()]
    assert (state.dtype, tuple(state.shape)) == (torch.uint8, (2520,))
    for other in (g, torch.Generator(), torch.Generator().manual_seed(99)):
        other.normal((3,))
        assert other.set_state(state) is other
        assert other.initial_seed() == seed
        assert torch.equal(other.get_state(), state)
        assert [draw(generator=other).tolist() for draw in DRAWS.values()] == expected


def test_a_state_holds_what_numpy_says_in_the_same_bytes_everywhere():
    torch.manual_seed(42).normal((1,))
    stream = np.random.RandomState([42, 0])
    stream.standard_normal(1)
    _, words, used, has_normal, normal = stream.get_state()
    state = torch.get_rng_state().numpy().tobytes()
    assert state[:8] == (42).to_bytes(8, "little")
    assert state[8:2504] == b"".join(int(word).to_bytes(4, "little") for word in words)
    assert state[2504:2512] == int(used).to_bytes(4, "little") + int(has_normal).to_bytes(4, "little")
    assert np.frombuffer(state[2512:], "<f8")[0] == normal != 0


def test_the_default_generators_state_survives_a_file(tmp_path):
    torch.manual_seed(3).normal((5,))
    torch.save({"random": torch.get_rng_state()}, tmp_path / "state")
    expected = torch.randn(9).tolist()
    torch.manual_seed(4)
    torch.set_rng_state(torch.load(tmp_path / "state")["random"])
    assert torch.randn(9).tolist() == expected
    assert torch.initial_seed() == 3


def changed(state, place, byte):
    bytes_ = state.numpy().copy()
    bytes_[place] = byte
    return torch.from_numpy(bytes_)


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda state: [1, 2], TypeError, "not a list"),
        (lambda state: state.numpy(), TypeError, "not a ndarray"),
        (lambda state: state.float(), TypeError, "not a tensor of float32"),
        (lambda state: state.to(torch.int8), TypeError, "not a tensor of int8"),
        (lambda state: state[:-1], RuntimeError, "2519 bytes, not 2520"),
        (lambda state: torch.zeros(5056, dtype=torch.uint8), RuntimeError, "5056 bytes"),  # PyTorch's length
        (lambda state: torch.zeros_like(state), RuntimeError, "impossible"),  # a twister of zeros stays there
        (lambda state: changed(state, 2505, 3), RuntimeError, "impossible"),  # more words used than there are
        (lambda state: changed(state, 2508, 2), RuntimeError, "impossible"),
    ],
)
def test_what_is_no_state_is_refused_and_changes_nothing(wrong, error, says):
    g = torch.Generator().manual_seed(5)
    state = g.get_state()
    for generator in (g, torch.manual_seed(5)):
        with pytest.raises(error, match=says):
            generator.set_state(wrong(state))
        assert torch.equal(generator.get_state(), state)
