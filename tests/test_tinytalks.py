"""Is TinyTalks what its declaration says, and does its validator find every fault?"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from tinytorch import datasets
from tinytorch.datasets import get_dataset, load_tinytalks
from tinytorch.datasets.talks import Story, TalkFormatError, format_talks, parse_talks, words
from tinytorch.datasets.tinytalks import build
from tinytorch.datasets.validate_talks import chance, check, to_jsonl, validate_talks

HOME = Path(datasets.__file__).parent / "tinytalks"
FILES = [file.name for file in get_dataset("tinytalks").files]


# --- The loader ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("split", "count", "stories"), [("train", 246, 103), ("val", 15, 7), ("test", 39, 17)])
def test_each_split_has_its_columns(split, count, stories):
    talks = load_tinytalks(split)
    assert len(talks) == len(talks.contexts) == len(talks.questions) == len(talks.answers) == count
    assert (talks.levels.dtype, talks.levels.shape) == (np.int64, (count,))
    assert (talks.story.dtype, talks.story.shape) == (np.int64, (count,))
    assert set(talks.levels) == {1, 2, 3, 4, 5}
    assert len(np.unique(talks.story)) == stories
    assert set(talks.splits) == {split}
    assert all((context == "") == (level == 1) for context, level in zip(talks.contexts, talks.levels))


def test_all_is_the_three_splits_in_order():
    parts, whole = [load_tinytalks(split) for split in ("train", "val", "test")], load_tinytalks("all")
    for column in ("contexts", "questions", "answers"):
        assert [text for part in parts for text in getattr(part, column)] == getattr(whole, column)
    for column in ("levels", "story", "splits"):
        np.testing.assert_array_equal(np.concatenate([getattr(part, column) for part in parts]), getattr(whole, column))
    assert len(np.unique(whole.story)) == 127


def test_prompts_and_answers_come_as_two_lists():
    prompts, answers = load_tinytalks("test", return_X_y=True)
    assert (len(prompts), len(answers)) == (39, 39)
    # The answer of every story is a sentence of its context: read off the prompt with nothing of ours.
    told = [re.findall(r"[A-Z][a-z]+ [a-z]+\.", prompt) for prompt in prompts]
    levels = load_tinytalks("test").levels
    for prompt, answer, sentences, level in zip(prompts, answers, told, levels):
        if level > 1:
            who = re.fullmatch(r".* What does (\w+) do\?", prompt)[1]
            assert [s for s in sentences if s.startswith(who)][-1] == answer  # the last thing said of them
            assert sum(s.startswith(who) for s in sentences) == 1 or level == 5


def test_an_unknown_split_lists_the_valid_ones():
    with pytest.raises(ValueError, match=r"TinyTalks has no split 'dev'; choose one of 'train', 'val', 'test', 'all'"):
        load_tinytalks("dev")


# --- The format ---------------------------------------------------------------------------------------------

GOOD = "[L1]\nQ: Hello! This is Ada.\nA: Hello, Ada!\n\n[L2] Ada sings.\nQ: What does Ada do?\nA: Ada sings.\n"


def test_text_and_stories_round_trip():
    stories = parse_talks(GOOD)
    assert stories == [
        Story(1, "", (("Hello! This is Ada.", "Hello, Ada!"),)),
        Story(2, "Ada sings.", (("What does Ada do?", "Ada sings."),)),
    ]
    assert format_talks(stories) == GOOD
    for name in FILES[:4]:
        text = (HOME / name).read_text(encoding="utf-8")
        assert format_talks(parse_talks(text)) == text


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[L1]", "[L6]", "line 1 is '[L6]' where a story is due: begin it with its level, [L1] to [L5]"),
        ("[L1]\n", "", "line 1 is 'Q: Hello! This is Ada.' where a story is due"),
        ("[L2] Ada", "[L2]Ada", "line 5 is '[L2]Ada sings.' where a story is due"),
        ("A: Hello, Ada!\n", "", 'line 3 is empty where an answer is due: write "A: " and the answer there'),
        ("A: Ada sings.\n", "", 'line 7 is the end of the text where an answer is due: write "A: "'),
        ("Q: What", "What", "line 6 is 'What does Ada do?' where a question is due: write \"Q: \""),
        ("Q: Hello! This is Ada.", "Q: ", "line 2 is 'Q: ' where a question is due"),
        (
            "sings.\nQ",
            "sings. \nQ",
            "line 5 has too many spaces: take those around the text of '[L2] Ada sings. ' away",
        ),
        ("A: Hello", "A:  Hello", "line 3 has too many spaces"),
        ("\n\n", "\n\n\n", "line 5 is empty where a story is due"),
        ("do?\nA: Ada sings.\n", "do?\nA: Ada sings.", "line 7 has no end: put a line feed"),
        (GOOD, "", "line 1 is the end of the text where a story is due"),
    ],
)
def test_a_fault_in_the_format_is_named_with_its_line_and_what_to_do(old, new, says):
    assert old in GOOD
    with pytest.raises(TalkFormatError, match=re.escape(says)):
        parse_talks(GOOD.replace(old, new))


def test_words_are_what_models_see():
    assert words("Hello, Ada! It isn't 5.") == ["hello", ",", "ada", "!", "it", "isn't", "5", "."]


# --- The builder --------------------------------------------------------------------------------------------


def test_building_again_gives_the_same_bytes(tmp_path, capsys):
    build.build(tmp_path)
    said = capsys.readouterr().out
    for file in get_dataset("tinytalks").files:
        assert (tmp_path / file.name).read_bytes() == (HOME / file.name).read_bytes(), file.name
        assert file.sha256 in said
    assert sum((HOME / name).stat().st_size for name in FILES) <= 58_000


def test_the_build_notices_a_changed_word(tmp_path):
    build.build(tmp_path)
    path = tmp_path / "splits" / "test.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("Ada", "Zoe", 1), encoding="utf-8")
    with pytest.raises(AssertionError, match="zoe"):
        build.check(tmp_path)


def test_people_and_what_they_do_are_equally_frequent_in_train():
    for level, size in build.SIZE.items():
        assert {story.context.count(".") - (level == 4) for story in build.make()["train"] if story.level == level} <= {
            size,
            *((size + 1, size + 2) if level == 5 else ()),
        }
    talks = load_tinytalks("train")
    asked = [question.split()[2] for question, level in zip(talks.questions, talks.levels) if level > 1]
    counts = np.array([asked.count(person) for person in build.PEOPLE])
    assert counts.sum() == 222
    assert counts.max() - counts.min() <= 1


def test_stories_of_a_family_have_the_same_words_and_other_answers():
    """So that who knows the words of a story and of the question, but no order, can do no better than guess."""
    talks = load_tinytalks("test")
    families = {}
    for prompt, answer, level in zip(talks.prompts, talks.answers, talks.levels):
        if level > 1:
            families.setdefault((level, *sorted(words(prompt))), []).append(answer)
    sizes = {2: 2, 3: 3, 4: 2, 5: 3}
    assert {(level, len(answers), len(set(answers))) for (level, *_), answers in families.items()} == {
        (level, size, size) for level, size in sizes.items()
    }


def test_habit_is_right_once_in_a_held_out_story():
    """A guess by what train has each person do most often, written here anew, is as good as any guess."""
    train, test = load_tinytalks("train"), load_tinytalks("test")
    right = dict.fromkeys(range(2, 6), 0.0)
    for context, question, answer, level in zip(test.contexts, test.questions, test.answers, test.levels):
        if level > 1:
            who = question.split()[2]
            told = {sentence.split()[1] for sentence in context[:-1].split(". ") if sentence.split()[0] in build.PEOPLE}
            often = {what: train.answers.count(f"{who} {what}.") for what in told}
            best = [what for what in told if often[what] == max(often.values())]
            right[level] += (answer[len(who) + 1 : -1] in best) / len(best)
    assert {level: round(count, 6) for level, count in right.items()} == {2: 4, 3: 3, 4: 2, 5: 3}


# --- The validator ------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(HOME, tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


def test_nothing_is_wrong_with_what_is_shipped(folder):
    problems, found = validate_talks(folder)
    assert problems == []
    assert (found["pairs"], found["stories"]) == (300, 127)
    assert {split: part["pairs"] for split, part in found["splits"].items()} == dict(get_dataset("tinytalks").splits)
    for part in found["splits"].values():
        assert part["chance_by_level"] == {2: 0.5, 3: 0.3333, 4: 0.25, 5: 0.3333}
    assert found["splits"]["test"]["seen"]["prompts"] == 0.0


@pytest.mark.parametrize(
    ("name", "break_it", "says"),
    [
        ("splits/val.txt", lambda p: p.unlink(), "val.txt is missing: put it at"),
        ("splits/val.txt", lambda p: p.write_bytes(b"\xff"), "val.txt is not UTF-8 at byte 0"),
        ("splits/val.txt", lambda p: p.write_bytes(b"[L1]\n"), "val.txt: line 2 is the end of the text where a quest"),
        ("tinytalks_v1.txt", lambda p: p.unlink(), "tinytalks_v1.txt is not the text of the splits"),
        ("tinytalks_v1.txt", lambda p: p.write_bytes(p.read_bytes() + b"\n"), "tinytalks_v1.txt is not the text of"),
        ("tinytalks_v1.jsonl", lambda p: p.unlink(), "tinytalks_v1.jsonl does not hold the stories"),
        (
            "tinytalks_v1.jsonl",
            lambda p: p.write_bytes(p.read_bytes().replace(b"sings", b"reads", 1)),
            "tinytalks_v1.jsonl does not hold the stories of the splits",
        ),
    ],
)
def test_a_fault_in_the_files_is_found(folder, name, break_it, says):
    break_it(folder / name)
    (problem,) = validate_talks(folder).problems
    assert problem.startswith(says)


def changed(splits, split, number, **to):
    part = list(splits[split])
    part[number] = part[number]._replace(**to)
    return {**splits, split: part}


def fault(kind):
    """Return the shipped stories with one fault, and how the sentence about it begins or what it says."""
    splits = build.make()
    test, train = splits["test"], splits["train"]
    first = next(i for i, story in enumerate(test) if story.level == 2)
    story = test[first]
    (question, answer), (other, _) = story.pairs
    match kind:
        case "level missing":
            return {**splits, "val": [s for s in splits["val"] if s.level != 4]}, "val has no story of L4"
        case "greeting with context":
            return changed(splits, "test", 0, context="Rain falls."), "L1 stands without a context"
        case "story without context":
            return changed(splits, "test", first, context=""), "L2 needs a context after its level"
        case "asked twice":
            pairs = ((question, answer), (question.upper(), "Ada reads."))
            return changed(splits, "test", first, pairs=pairs), "is asked 2 times: keep one"
        case "answer from nowhere":
            pairs = ((question, "Paris gleams."), (other, answer))
            return changed(splits, "test", first, pairs=pairs), "paris, gleams is not in"
        case "one answer for all":
            return changed(
                splits, "test", first, pairs=((question, answer), (other, answer))
            ), "ask so that each answer"
        case "story in two splits":
            turned = " ".join(reversed(train[40].context.replace(".", ".|").split("|"))).strip()
            new = (("Who is it?", train[40].pairs[0][1]),)
            return changed(splits, "test", first, context=turned, pairs=new), "is in train and in test: split by story"
        case "facts together":
            two = " ".join(re.findall(r"\w+ \w+\.", train[50].context)[:2])
            return changed(splits, "test", first, context=f"{two} Stars shine."), "stand together in train and in test"
        case "new word":
            return changed(splits, "test", first, context=f"{story.context} Ada yodels."), "not: use yodels in train"
        case "new word in an answer":
            pairs = ((question, answer), (other, "Rain falls."))
            return changed(splits, "test", first, pairs=pairs), "train never answers: use falls, rain there"
    raise AssertionError(kind)


@pytest.mark.parametrize(
    "kind",
    ["level missing", "greeting with context", "story without context", "asked twice", "answer from nowhere",
        "one answer for all",
     "story in two splits", "facts together", "new word", "new word in an answer"],
)  # fmt: skip
def test_a_fault_in_the_stories_is_found(kind):
    assert check(build.make()) == []
    splits, says = fault(kind)
    assert any(says in problem for problem in check(splits)), check(splits)


def test_a_single_file_of_ones_own_is_checked(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(GOOD, encoding="utf-8")
    problems, found = validate_talks(path)
    assert (problems, found["pairs"], found["vocabulary"]) == ([], 2, 12)
    path.write_text(GOOD + "\n" + GOOD, encoding="utf-8")
    assert len(validate_talks(path).problems) == 2  # both questions are asked twice
    with pytest.raises(FileNotFoundError, match="give a text file or a folder"):
        validate_talks(tmp_path / "nothing.txt")


def test_chance_counts_what_the_answer_says_beyond_the_question():
    told = (("Ada", "sings"), ("Bao", "sings"), ("Dina", "reads"))
    same = Story(3, "Ada sings. Bao sings. Dina reads.", tuple((f"Does {who}?", f"{who} {it}.") for who, it in told))
    assert chance([same]) == {3: 0.6667}


def test_the_twin_is_json_line_by_line():
    rows = [json.loads(line) for line in (HOME / "tinytalks_v1.jsonl").read_text(encoding="utf-8").splitlines()]
    whole = load_tinytalks("all")
    assert [q for row in rows for q, _ in row["pairs"]] == whole.questions
    assert [a for row in rows for _, a in row["pairs"]] == whole.answers
    assert [row["context"] for row in rows for _ in row["pairs"]] == whole.contexts
    assert [row["level"] for row in rows for _ in row["pairs"]] == whole.levels.tolist()
    assert [row["split"] for row in rows for _ in row["pairs"]] == whole.splits.tolist()
    assert to_jsonl({"train": [Story(1, "", (("é?", "é!"),))]}).encode() == (
        b'{"split":"train","level":1,"context":"","pairs":[["\xc3\xa9?","\xc3\xa9!"]]}\n'
    )
