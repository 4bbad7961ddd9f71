"""Are the models that programs share what they are called? Against NumPy, their definitions, and themselves."""

from __future__ import annotations

import doctest
from collections import Counter

import numpy as np
import pytest

import tinytorch as torch
from tinytorch import nn, text
from tinytorch.datasets.talks import words
from tinytorch.models import GPT, BagOfWords, KVCache, NGram, baselines, generate, generation, gpt
from tinytorch.models.baselines import IGNORE, bigram_loss, exact
from tinytorch.models.generation import Decoder
from tinytorch.text import Vocabulary, padded, spelled


@pytest.fixture
def model():
    torch.manual_seed(3)
    return GPT(vocab=11, context=12, width=8, heads=2, layers=2, dropout=0.5).eval()


IDS = [[1, 5, 3, 9, 2, 2, 7], [4, 4, 10, 0, 8, 1, 6]]


def by_hand(model: GPT, ids: list[int]) -> np.ndarray:
    """The scores (time, vocab) again, in NumPy and float64, one place and one head after the other."""
    w = {name: values.numpy().astype(np.float64) for name, values in model.state_dict().items()}

    def norm(x, name):
        return (x - x.mean()) / np.sqrt(x.var() + 1e-5) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def linear(x, name):
        return w[f"{name}.weight"] @ x + w[f"{name}.bias"]

    xs = [w["tokens.weight"][token] + w["places.weight"][place] for place, token in enumerate(ids)]
    width, heads = len(xs[0]), model.blocks[0].attention.heads
    for i in range(len(model.blocks)):
        block, size = f"blocks.{i}", width // heads
        qkv = [linear(norm(x, f"{block}.norm1"), f"{block}.attention.qkv") for x in xs]
        after = []
        for place, x in enumerate(xs):
            mixed = []
            for head in range(heads):
                q, k, v = (slice(part * width + head * size, part * width + (head + 1) * size) for part in range(3))
                match = np.array([np.exp(qkv[place][q] @ qkv[past][k] / np.sqrt(size)) for past in range(place + 1)])
                mixed.append(sum(share * qkv[past][v] for past, share in enumerate(match / match.sum())))
            x = x + linear(np.concatenate(mixed), f"{block}.attention.out")
            after.append(x + linear(np.maximum(linear(norm(x, f"{block}.norm2"), f"{block}.up"), 0), f"{block}.down"))
        xs = after
    return np.array([w["head.weight"] @ norm(x, "norm") for x in xs])


def test_gpt_is_what_its_papers_say(model):
    scores = model(torch.tensor(IDS)).detach().numpy()
    for ids, row in zip(IDS, scores, strict=True):
        np.testing.assert_allclose(row, by_hand(model, ids), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("pieces", [[7], [1] * 7, [3, 1, 3], [2, 5]])
def test_a_cache_changes_nothing_however_the_text_comes(model, pieces):
    ids, start = torch.tensor(IDS), 0
    with torch.no_grad():
        whole, cache, parts = model(ids), KVCache(model, batch=2), []
        for size in pieces:
            parts.append(model(ids[:, start : start + size], cache))
            start += size
    np.testing.assert_allclose(torch.cat(parts, 1).numpy(), whole.numpy(), rtol=1e-4, atol=1e-5)
    assert cache.length == 7
    assert cache.nbytes == 4 * len(model.blocks) * 2 * 2 * 12 * 8  # of layers: keys and values of 2 texts, 12 places


def test_a_cache_that_lies_changes_the_scores(model):
    with torch.no_grad():
        cache = KVCache(model)
        model(torch.tensor([[1, 2, 3]]), cache)
        honest = model(torch.tensor([[4]]), cache).numpy()
        cache.length = 3
        cache.store.mul_(0.5)
        assert np.abs(model(torch.tensor([[4]]), cache).numpy() - honest).max() > 1e-3


def test_attention_maps_are_the_weights_that_are_used(model):
    ids = torch.tensor(IDS)
    with torch.no_grad():
        maps, x = model.attention_maps(ids), model.embed(ids)
        for block, weights in zip(model.blocks, maps, strict=True):
            assert weights.shape == (2, 2, 7, 7)
            np.testing.assert_allclose(weights.numpy().sum(-1), 1, rtol=1e-5)
            assert (weights.triu(1) == 0).all()
            qkv = block.attention.qkv(block.norm1(x)).numpy().reshape(2, 7, 3, 2, 4)
            mixed = np.einsum("bhqk,bkhf->bqhf", weights.numpy(), qkv[:, :, 2]).reshape(2, 7, 8)
            expected = block.attention.out(torch.tensor(mixed)).numpy()
            np.testing.assert_allclose(block.attention(block.norm1(x)).numpy(), expected, rtol=1e-4, atol=1e-5)
            x = block(x)


def test_a_text_that_is_too_long_is_refused(model):
    with pytest.raises(ValueError, match="13 tokens do not fit into a context of 12: give fewer"):
        model(torch.tensor([[1] * 13]))
    cache = KVCache(model)
    model(torch.tensor([[1] * 12]), cache)
    with pytest.raises(ValueError, match="13 tokens do not fit"):
        model(torch.tensor([[1]]), cache)


def test_dropout_is_for_training_only(model):
    ids = torch.tensor(IDS)
    assert (model(ids) == model(ids)).all()
    model.train()
    assert not (model(ids) == model(ids)).all()


@pytest.mark.parametrize("cached", [True, False])
def test_generate_takes_the_likeliest_and_ends_where_it_is_told(model, cached):
    ids, new = [1, 2, 3], []
    for _ in range(9):
        new.append(int(by_hand(model, ids + new)[-1].argmax()))
    assert generate(model, ids, 9, cached=cached) == new
    assert ids == [1, 2, 3]
    for stop in (new[4], [new[4]], {new[4], 99}):
        assert generate(model, ids, 9, stop, cached) == new[: new.index(new[4]) + 1]
    assert generate(model, ids, 0, cached=cached) == []


# ---- a token in plain arrays ----


@pytest.fixture
def decoded(monkeypatch):
    """The tokens that a decoder read."""
    tokens, honest = [], Decoder.__call__
    monkeypatch.setattr(Decoder, "__call__", lambda self, token: (tokens.append(token), honest(self, token))[1])
    return tokens


@pytest.mark.parametrize("seed", range(12))
def test_a_decoder_gives_the_models_scores_up_to_the_brim(seed):
    random = np.random.RandomState(seed)
    heads, layers = random.randint(1, 5), random.randint(1, 4)
    vocab, context, width = random.randint(2, 40), random.randint(1, 30), heads * random.randint(1, 9)
    torch.manual_seed(seed)
    model = GPT(vocab, context, width, heads, layers)
    for values in model.parameters():  # so that no bias is 0 and no norm's weight is 1
        values.data.add_(torch.randn_like(values) * 0.2)
    if seed % 2:  # scores of which the exponential is too large for a float
        model.blocks[0].attention.qkv.weight.data.mul_(40)
    ids, prompt = random.randint(0, vocab, context).tolist(), random.randint(0, context)
    with torch.no_grad():
        whole, cache = model(torch.tensor([ids]))[0].numpy(), KVCache(model)
        if prompt:
            model(torch.tensor([ids[:prompt]]), cache)
        decoder = Decoder(model, cache)
        found = np.array([decoder(token) for token in ids[prompt:]])
        kept = KVCache(model)
        model(torch.tensor([ids]), kept)
    np.testing.assert_allclose(found, whole[prompt:], rtol=1e-5, atol=1e-5 * np.abs(whole).max())
    np.testing.assert_allclose(cache.store.numpy(), kept.store.numpy(), rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match=f"{context + 1} tokens do not fit into a context of {context}: give fewer"):
        decoder(0)


@pytest.mark.parametrize("prompt", [[6], [1, 2, 3], [4] * 11, [5] * 12])
def test_generate_writes_the_same_text_to_the_brim_and_not_beyond(model, decoded, prompt):
    room = 13 - len(prompt)  # the last token is read by nobody
    text = generate(model, prompt, room)
    assert decoded == [*prompt[-1:], *text[:-1]]  # the first time to be checked
    assert text == generate(model, prompt, room, cached=False)
    for cached in (True, False):
        with pytest.raises(ValueError, match="13 tokens do not fit into a context of 12: give fewer"):
            generate(model, prompt, room + 1, cached=cached)


def test_generate_sees_weights_that_have_changed(model, decoded):
    texts = []
    for _ in range(4):
        texts.append(generate(model, [1, 2, 3], 9))
        assert texts[-1] == generate(model, [1, 2, 3], 9, cached=False)
        with torch.no_grad():
            model.blocks[1].down.weight.add_(torch.randn_like(model.blocks[1].down.weight))
            model.head.weight = nn.Parameter(torch.randn_like(model.head.weight))
    assert len(set(map(tuple, texts))) > 1
    assert len(decoded) == 4 * 9


def other_layers(model):
    model.tokens.weight = model.head.weight
    model.head = nn.Linear(8, 11)
    model.blocks[0].up = nn.Linear(8, 20, bias=False)
    model.blocks[0].down = nn.Linear(20, 8)
    model.blocks[1].norm2 = nn.LayerNorm(8, elementwise_affine=False)


def other_type(model):
    class Scaled(nn.Linear):
        def forward(self, x):
            return super().forward(x) * (1 if x.shape[1] > 1 else -1)

    model.head = Scaled(8, 11)


def other_model(model):
    class Repeating(GPT):
        def forward(self, ids, cache=None):
            return super().forward(ids, cache) * (1 if ids.shape[1] > 1 else -1)

    model.__class__ = Repeating


def hook(model):
    model.head.register_forward_hook(lambda module, args, output: output if output.shape[1] > 1 else -output)


def hook_before(model):
    model.norm.register_forward_pre_hook(lambda module, args: args[0] if args[0].shape[1] > 1 else -args[0])


def short_rows(model):
    model.tokens.max_norm = 0.5


@pytest.mark.parametrize(
    ("change", "read"),
    [(other_layers, 9), (other_type, 0), (other_model, 0), (hook, 0), (hook_before, 0), (short_rows, 0)],
)
def test_what_the_decoder_does_not_compute_is_left_to_the_model(model, decoded, change, read):
    change(model)
    expected, cache, new = [], KVCache(model), [1, 2, 3]
    with torch.no_grad():
        for _ in range(9):
            new = [int(model(torch.tensor([new]), cache)[0, -1].argmax())]
            expected += new
    assert generate(model, [1, 2, 3], 9) == expected
    assert len(decoded) == read


def test_dropout_is_left_to_the_model(model, decoded):
    model.train()
    texts = {tuple(generate(model, [1, 2, 3], 9)) for _ in range(9)}
    assert (len(texts) > 1, decoded) == (True, [])
    model.dropout = 0.0
    assert generate(model, [1, 2, 3], 9) == generate(model, [1, 2, 3], 9, cached=False)
    assert len(decoded) == 9


def test_who_changes_the_network_in_its_file_need_not_change_the_decoder(model, decoded, monkeypatch):
    """As if gpt.py had GELU, or one norm less: the decoder finds other scores, and leaves no trace in the cache."""
    monkeypatch.setattr(gpt.F, "relu", nn.functional.gelu)
    text = generate(model, [1, 2, 3], 9)
    assert text == generate(model, [1, 2, 3], 9, cached=False)
    assert decoded == [3]
    cache = KVCache(model)
    with torch.no_grad():
        scores = model(torch.tensor([[1, 2, 3]]), cache)[0, -1].numpy()
        before, length = cache.store.clone(), cache.length
        following = generation.one_by_one(model, cache, 3, scores)
    assert not isinstance(following, Decoder)
    assert (torch.equal(cache.store, before), cache.length) == (True, length)


def test_scores_that_are_no_numbers_are_left_to_the_model(model, decoded):
    with torch.no_grad():
        model.places.weight[2] = float("nan")
    assert generate(model, [1, 2, 3], 3) == generate(model, [1, 2, 3], 3, cached=False)
    assert decoded == [3]


# ---- baselines ----


LINES = (
    np.array([[1, 2, 3, 4, 5, 0], [1, 2, 3, 4, 5, 0], [9, 2, 3, 4, 6, 2], [7, 3, 8, 4, 6, 1]]),
    np.array([[IGNORE, IGNORE, 4, 5, 6, IGNORE], [IGNORE, 3, 4, 5, 7, IGNORE], [2, 3, 8, IGNORE, 2, 3],
              [IGNORE, IGNORE, 4, 1, 1, 1]]),
)  # fmt: skip


def test_ngram_backs_off_to_the_longest_past_it_knows():
    """Its choices again, from counts of whole pasts."""
    model = NGram(vocab=10, seed=1)
    model.fit(LINES)
    follows: dict[tuple[int, ...], Counter[int]] = {}
    for read, due in zip(*(array.tolist() for array in LINES), strict=True):
        for place, word in enumerate(due):
            for length in range(4):
                if word != IGNORE:
                    follows.setdefault(tuple(read[max(0, place + 1 - length) : place + 1]), Counter())[word] += 1
    rng = np.random.default_rng(0)
    asked = rng.integers(1, 10, (40, 6)), rng.integers(1, 10, (40, 6))
    scores = model.scores(asked)
    lengths = Counter()
    for row in range(40):
        for place in range(6):
            past = next(
                p for n in (3, 2, 1, 0) if (p := tuple(asked[0][row, max(0, place + 1 - n) : place + 1])) in follows
            )
            most = max(follows[past].values())
            assert scores[row, place].argmax() in {word for word, count in follows[past].items() if count == most}
            lengths[len(past)] += 1
    assert len(lengths) > 2  # longer and shorter pasts were needed


def test_ngram_draws_lots_by_its_seed_and_answers_only_what_is_due():
    ties = np.array([[1, 1]]), np.array([[2, 3]])
    first = set()
    for seed in range(20):
        model = NGram(vocab=5, seed=seed)
        model.fit((ties[0][:, :1].repeat(2, 0), ties[1].T))
        scores = model.scores((np.array([[1, 1]]), np.array([[2, IGNORE]])))
        assert not scores[0, 1].any()
        first.add(int(scores[0, 0].argmax()))
    assert first == {2, 3}


def test_bag_of_words_knows_no_order_but_the_last_word():
    torch.manual_seed(0)
    bag = BagOfWords(vocab=9)
    scores = bag(torch.tensor([[1, 2, 3, 4], [3, 1, 2, 4], [1, 2, 4, 3]])).detach().numpy()
    np.testing.assert_allclose(scores[0, 3], scores[1, 3], rtol=1e-5)
    assert np.abs(scores[0, 3] - scores[2, 3]).max() > 1e-3
    weight, bias = bag.head.weight.detach().numpy(), bag.head.bias.detach().numpy()
    counts = np.array([0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    np.testing.assert_allclose(scores[0, 3], weight @ counts + bias, rtol=1e-4, atol=1e-6)


def test_bigram_loss_by_hand():
    learned = np.array([[1, 2, 1]]), np.array([[2, 1, 2]])
    asked = np.array([[1, 2, 2]]), np.array([[2, 3, IGNORE]])
    assert bigram_loss(learned, asked, vocab=4) == pytest.approx(-(np.log(3 / 6) + np.log(1 / 5)) / 2)


def test_exact_wants_every_word_that_is_due():
    due = np.array([[IGNORE, 2, 3], [IGNORE, 2, 3], [1, IGNORE, IGNORE]])
    said = np.array([[9, 2, 3], [9, 2, 4], [1, 5, 5]])
    assert exact(np.eye(10, dtype=np.float32)[said], due).tolist() == [True, False, True]


# ---- text ----


def test_spelled_undoes_words():
    from tinytorch.datasets import load_tinytalks
    from tinytorch.datasets.tinytalks.build import PEOPLE

    talks = load_tinytalks("all")
    for sentence in (*talks.prompts, *talks.answers):
        assert spelled(words(sentence), [*PEOPLE, "I"]) == sentence


def test_vocabulary_and_padding():
    vocabulary = Vocabulary(["b", "a", "b", ""])
    assert vocabulary.pieces == ["", "a", "b"]
    assert Vocabulary(vocabulary.pieces).pieces == vocabulary.pieces
    with pytest.raises(KeyError, match="'c' is not among the 2 known pieces"):
        vocabulary.encode(["a", "c"])
    assert vocabulary.decode(padded([[1], [2, 1]])[0].tolist()) == ["a"]
    assert padded([]).shape == (0, 0)
    assert padded([[], [3]], fill=-1).tolist() == [[-1], [3]]


@pytest.mark.parametrize("module", [baselines, generation, gpt, text])
def test_examples_in_docstrings(module):
    failures, tried = doctest.testmod(module)
    assert (failures, tried > 0) == (0, True)
