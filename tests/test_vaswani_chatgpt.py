"""Does vaswani_chatgpt earn its success? It is trained once as it is; then it is broken, and the right gates go red."""

from __future__ import annotations

import numpy as np
import programs
import pytest

import tinytorch as torch
from tinytorch.cli.chat import Talker
from tinytorch.datasets import load_tinytalks
from tinytorch.datasets.talks import Story, load_stories, words
from tinytorch.datasets.validate_talks import sentences
from tinytorch.milestones import catalog
from tinytorch.models import GPT, generate
from tinytorch.models.baselines import IGNORE
from tinytorch.nn import functional as F
from tinytorch.text import Vocabulary

NAME = "vaswani_chatgpt"
EXACT, LEAD, CAUSAL, LOSS = (
    "exact answers, L1 to L4",
    "least lead over both baselines, L2 to L4",
    "most that a word changes scores before it",
    "loss of a word held out, as a share of the bigram's",
)


@pytest.fixture(scope="module")
def science():
    return programs.science(NAME)


@pytest.fixture(scope="module")
def trained():
    """The program as it is, run once: its result, and what it showed."""
    listener = programs.Listener()
    return catalog.load(NAME).play(seed=0, screens=[listener]), listener.pictures


@pytest.fixture(scope="module")
def model(trained):
    kept = trained[0].kept
    gpt = GPT(**kept["config"])
    gpt.load_state_dict({name: torch.tensor(values) for name, values in kept["model"].items()})
    return gpt.eval(), Vocabulary(kept["vocabulary"])


# ---- as it is ----


def test_meets_its_gates(trained):
    result, _ = trained
    assert result.success, [str(gate) for gate in result.missed]
    assert {gate.name: gate.value for gate in result.gates}[CAUSAL] == 0.0


def test_what_it_writes_by_itself_is_what_the_gate_counted(trained, model):
    """The gate takes the likeliest word at each place, given the right ones; here each answer is written alone."""
    (gpt, vocabulary), test = model, load_tinytalks("test")
    ends = vocabulary.encode([".", "!"])
    for cached in (True, False):
        right = np.array([
            vocabulary.decode(generate(gpt, vocabulary.encode(words(prompt)), 10, ends, cached)) == words(answer)
            for prompt, answer in zip(test.prompts, test.answers, strict=True)
        ])  # fmt: skip
        assert right[test.levels <= 4].mean() == {gate.name: gate.value for gate in trained[0].gates}[EXACT]
        assert right[test.levels == 5].mean() == trained[0].metrics["exact answers in L5"]


def test_the_talker_says_what_the_dataset_says(trained):
    """From the text that a person types to the text of the answer, capitals and spaces included."""
    talker, test = Talker(trained[0].kept), load_tinytalks("test")
    right = np.array(
        [talker.reply(prompt) == answer for prompt, answer in zip(test.prompts, test.answers, strict=True)]
    )
    assert right[test.levels <= 4].mean() == {gate.name: gate.value for gate in trained[0].gates}[EXACT]


def test_what_is_kept_suffices_to_generate_as_far_as_the_cache_is_timed(model):
    gpt, vocabulary = model
    assert gpt.context >= 256
    assert len(generate(gpt, vocabulary.encode(words("Ada sings.")), 252)) == 252


def test_shows_the_levels_beside_the_baselines_and_where_words_look(trained):
    shown = trained[1]
    table = shown["Exact answers to questions held out"]
    assert [row[0] for row in table.rows] == ["questions", "GPT", "bag of words", "n-gram"]
    assert table.rows[0][1:] == ["5", "8", "9", "8", "9"]
    maps = shown["Where each word looks"]
    assert list(maps.panels) == ["layer 1", "layer 2"]
    assert list(maps.rows) == list(maps.columns)
    for panel in maps.panels.values():
        np.testing.assert_allclose(panel.sum(1), 1, rtol=1e-5)
        assert (panel[np.triu_indices(len(panel), 1)] == 0).all()
    assert {"GPT", "bigram"} == set(shown["Loss of a word of an answer"].series)
    answers = shown["The first question of each level"]
    assert len(answers.rows) == 5


# ---- its parts ----


def test_a_story_told_again_keeps_its_sentences_and_the_order_of_each_persons(science):
    torch.manual_seed(1)
    context = "Ada climbs. Emil bakes. Bao knits. Bao swims. Ada reads."
    told = {science.retold(context) for _ in range(400)}
    assert len(told) == 30  # 5! orders, divided by 2! for each of the two who do two things
    for each in told:
        assert sorted(sentences(each)) == sorted(sentences(context))
        assert each.index("Bao knits") < each.index("Bao swims")
        assert each.index("Ada climbs") < each.index("Ada reads")
    assert science.retold("") == ""


def test_a_line_asks_for_the_words_of_its_answers_and_for_no_others(science):
    text = "Ada sings. Bao reads."
    pairs = [("What does Bao do?", "Bao reads."), ("What does Ada do?", "Ada sings.")]
    vocabulary = Vocabulary(words(text + " ".join(sum(pairs, ()))))
    read, due = science.line(vocabulary, text, pairs)
    whole = words(f"{text} What does Bao do? Bao reads. What does Ada do? Ada sings.")
    assert vocabulary.decode(read) == whole[:-1]
    assert [(place, vocabulary.pieces[word]) for place, word in enumerate(due) if word != IGNORE] == [
        (10, "bao"), (11, "reads"), (12, "."), (18, "ada"), (19, "sings"), (20, "."),
    ]  # fmt: skip


def test_the_probe_finds_a_model_that_sees_any_later_word(science):
    """A model that lets one place see one later word, by any amount, is found; one that sees none is not."""

    def looking(ahead):
        def scores(ids):
            x = F.one_hot(ids, 7).float()
            y = x.cumsum(1)
            y[:, 2] += 1e-3 * x[:, 2 + ahead]
            return y

        return scores

    for ahead in (1, 2, 3):
        assert science.leak(looking(ahead), [1, 2, 3, 4, 5, 6], 7) == pytest.approx(1e-3, rel=1e-3)
    assert science.leak(looking(0), [1, 2, 3, 4, 5, 6], 7) == 0.0
    assert science.leak(looking(-1), [6, 6, 6, 6, 6, 6], 7) == 0.0


def test_questions_held_out_never_reach_training(monkeypatch, science):
    seen = []
    honest = science.loss_of
    monkeypatch.setattr(
        science, "loss_of", lambda model, lines: seen.append((model.training, lines)) or honest(model, lines)
    )
    catalog.load(NAME).play(epochs=3)
    vocabulary = Vocabulary(w for s in load_stories("train") for t in (s.context, *sum(s.pairs, ())) for w in words(t))

    def whole(lines):
        return {" ".join(vocabulary.decode(read + due[-1:])) for read, due in lines}

    trained_on = set().union(*(whole(lines) for training, lines in seen if training))
    measured = [whole(lines) for training, lines in seen if not training]
    assert len(trained_on) > 246
    assert len(measured) == 1
    assert len(measured[0]) == 39
    pairs = set()  # no two sentences of a story held out stand together in one that was trained on
    for text in trained_on:
        told = set(sentences(text.split(" what ")[0]))
        pairs |= {frozenset((a, b)) for a in told for b in told if a != b}
    for text in measured[0]:
        told = set(sentences(text.split(" what ")[0])) if " what " in text else {text}
        assert text not in trained_on
        assert not {frozenset((a, b)) for a in told for b in told if a != b} & pairs


# ---- broken ----


def test_untrained():
    assert programs.missed(NAME, epochs=0) == {EXACT, LEAD, LOSS}


def test_frozen_weights():
    assert programs.missed(NAME, epochs=2, learning_rate=0.0) == {EXACT, LEAD, LOSS}


@pytest.mark.parametrize("wrong", [False, True], ids=["as they are", "shuffled"])
def test_answers_shuffled_among_the_questions_of_each_story(monkeypatch, science, trained, wrong):
    """A few more epochs leave the trained model right, unless they teach it the answer to another question."""
    honest = science.load_stories

    def shuffled(split):
        def turned(story):
            questions, answers = zip(*story.pairs, strict=True)
            return Story(story.level, story.context, tuple(zip(questions, answers[1:] + answers[:1], strict=True)))

        return [turned(story) if split == "train" and wrong else story for story in honest(split)]

    def trained_before(**sizes):
        gpt = GPT(**sizes)
        gpt.load_state_dict({name: torch.tensor(values) for name, values in trained[0].kept["model"].items()})
        return gpt

    monkeypatch.setattr(science, "load_stories", shuffled)
    monkeypatch.setattr(science, "GPT", trained_before)
    assert programs.missed(NAME, epochs=6) == ({EXACT, LEAD} if wrong else set())


def test_mask_removed(monkeypatch, science):
    """A model that sees the future is found by the probe, trained or not."""
    from tinytorch.models import gpt

    honest = gpt.F.scaled_dot_product_attention

    def unmasked(q, k, v, attn_mask=None, is_causal=False):
        return honest(q, k, v, attn_mask=attn_mask)

    class Unmasked:
        relu, dropout, scaled_dot_product_attention = gpt.F.relu, gpt.F.dropout, staticmethod(unmasked)

    monkeypatch.setattr(gpt, "F", Unmasked)
    assert CAUSAL in programs.missed(NAME, epochs=0)
