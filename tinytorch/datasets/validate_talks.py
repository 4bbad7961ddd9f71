"""Is a set of questions and answers fit to show what attention does? Checks that say what is wrong, and statistics.

A question of level 2 or above must need its story, a story its question, and what is held out must be new in what it
combines and old in its words. The checks say so in terms of text alone, so they serve any text in the format of
``talks.py``. What models make of it is measured elsewhere: ``evidence/tinytalks_certificate.py``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from tinytorch.datasets.talks import LEVELS, Story, TalkFormatError, format_talks, parse_talks, words

Splits = Mapping[str, list[Story]]
WHOLE, TWIN, TRAIN = "tinytalks_v1.txt", "tinytalks_v1.jsonl", "train"
SPLITS = (TRAIN, "val", "test")


class Report(NamedTuple):
    """What the validator found.

    Attributes:
        problems: One sentence for each thing that is wrong; empty if nothing is.
        statistics: Numbers about the text, as :func:`statistics` gives them; empty if it can't be read.
    """

    problems: list[str]
    statistics: dict[str, Any]


def validate_talks(path: Path | str) -> Report:
    r"""Check a folder laid out as TinyTalks is, or a single text, which is then taken for training text.

    Args:
        path: A folder with ``splits/train.txt``, ``val.txt`` and ``test.txt``, ``tinytalks_v1.txt`` and
            ``tinytalks_v1.jsonl``; or a text file.

    Raises:
        FileNotFoundError: If there is nothing at ``path``.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "mine.txt")
    ...     _ = file.write_text("[L2] Ada sings.\nQ: What does Ada do?\nA: Ada sings.\n")
    ...     validate_talks(file).problems
    []
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: give a text file or a folder with splits/train.txt")
    single = not path.is_dir()
    files = {TRAIN: path} if single else {split: path / "splits" / f"{split}.txt" for split in SPLITS}
    splits: dict[str, list[Story]] = {}
    problems = []
    for split, file in files.items():
        try:
            splits[split] = parse_talks(file.read_bytes().decode("utf-8"))
        except FileNotFoundError:
            problems.append(f"{file.name} is missing: put it at {file}")
        except UnicodeDecodeError as error:
            problems.append(f"{file.name} is not UTF-8 at byte {error.start}: save it as UTF-8")
        except TalkFormatError as error:
            problems.append(f"{file.name}: {error}")
    if problems:
        return Report(problems, {})
    problems += check(splits)
    return Report(problems if single else problems + list(_files_agree(path, splits)), statistics(splits))


def check(splits: Splits) -> list[str]:
    """Return what is wrong with the stories of the splits, a sentence each."""
    stories = [(split, story) for split, part in splits.items() for story in part]
    problems = [
        *_levels(splits),
        *_repeated(stories),
        *_answered_without_the_question(stories),
        *_from_nowhere(stories),
    ]
    if set(splits) > {TRAIN}:
        problems += [*_leaks(splits), *_strange_words(splits)]
    return problems


def _levels(splits: Splits) -> Iterator[str]:
    for split, stories in splits.items():
        missing = [f"L{level}" for level in LEVELS if level not in {story.level for story in stories}]
        if missing and len(splits) > 1:
            yield f"{split} has no story of {', '.join(missing)}: every split needs all five levels"
        for story in stories:
            if (story.level == 1) != (not story.context):
                need = "stands without a context" if story.level == 1 else "needs a context after its level"
                yield f"{split} has an L{story.level} story that asks {story.pairs[0][0]!r}: L{story.level} {need}"


def _repeated(stories: list[tuple[str, Story]]) -> Iterator[str]:
    asked = Counter(
        (tuple(words(story.context)), tuple(words(question))) for _, story in stories for question, _ in story.pairs
    )
    for (context, question), times in asked.items():
        if times > 1:
            yield f"{' '.join((*context, *question))!r} is asked {times} times: keep one"


def _answered_without_the_question(stories: list[tuple[str, Story]]) -> Iterator[str]:
    for split, story in stories:
        answer, times = Counter(answer for _, answer in story.pairs).most_common(1)[0]
        if times > 1:
            yield f"{split} answers {answer!r} {times} times in {story.context!r}: ask so that each answer differs"


def _from_nowhere(stories: list[tuple[str, Story]]) -> Iterator[str]:
    for split, story in stories:
        told = set(words(story.context))
        for question, answer in story.pairs if story.context else ():
            if strange := [word for word in words(answer) if word not in told.union(words(question))]:
                yield f"{split} answers {answer!r}, but {', '.join(strange)} is not in {story.context!r}: tell it there"


def _leaks(splits: Splits) -> Iterator[str]:
    home: dict[tuple[str, ...], str] = {}
    for split, stories in splits.items():
        for story in stories:
            first = home.setdefault(tuple(sorted(sentences(story.context))), split)
            if story.context and first != split:
                yield f"{story.context!r} is in {first} and in {split}: split by story, so that it is in one"
    known = set().union(*(sentence_pairs(story) for story in splits[TRAIN]))
    for split, stories in splits.items():
        for pair in sorted(
            set().union(*(sentence_pairs(story) for story in stories)) & known if split != TRAIN else [], key=sorted
        ):
            yield f"{' and '.join(sorted(pair))} stand together in {TRAIN} and in {split}: part them in one of the two"


def sentences(text: str) -> list[str]:
    """Return the sentences of a text.

    >>> sentences("Ada sings. Bao reads.")
    ['Ada sings.', 'Bao reads.']
    """
    return [sentence.strip() for sentence in text.replace(".", ".\n").splitlines()]


def sentence_pairs(story: Story) -> set[frozenset[str]]:
    """Return every two sentences that stand together in a story's context."""
    return {frozenset(pair) for pair in combinations(sentences(story.context), 2)}


def _texts(stories: Iterable[Story]) -> Iterator[tuple[str, str, str]]:
    return ((story.context, *pair) for story in stories for pair in story.pairs)


def _strange_words(splits: Splits) -> Iterator[str]:
    known = {word for texts in _texts(splits[TRAIN]) for text in texts for word in words(text)}
    answered = {word for *_, answer in _texts(splits[TRAIN]) for word in words(answer)}
    for split, stories in splits.items():
        found = {word for texts in _texts(stories) for text in texts for word in words(text)}
        due = {word for *_, answer in _texts(stories) for word in words(answer)}
        if found - known:
            yield f"{split} has words that {TRAIN} has not: use {', '.join(sorted(found - known))} in {TRAIN}, too"
        if strange := (due & known) - answered:
            yield f"{split} answers with words that {TRAIN} never answers: use {', '.join(sorted(strange))} there, too"


def _files_agree(folder: Path, splits: Splits) -> Iterator[str]:
    remedy = "write it anew: python -m tinytorch.datasets.tinytalks.build"
    whole, twin = folder / WHOLE, folder / TWIN
    expected = format_talks(story for stories in splits.values() for story in stories)
    if not whole.exists() or whole.read_bytes() != expected.encode("utf-8"):
        yield f"{WHOLE} is not the text of the splits, in order: {remedy}"
    if not twin.exists() or twin.read_bytes() != to_jsonl(splits).encode("utf-8"):
        yield f"{TWIN} does not hold the stories of the splits, in order: {remedy}"


def to_jsonl(splits: Splits) -> str:
    """Return the twin of the text for programs: one story a line, its pairs as ``[question, answer]``."""
    rows = [
        {"split": split, "level": level, "context": context, "pairs": pairs}
        for split, stories in splits.items()
        for level, context, pairs in stories
    ]
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)


def statistics(splits: Splits) -> dict[str, Any]:
    """Return what can be counted, for the documents to quote; shares are between 0 and 1.

    Per split: ``pairs``, ``stories``, ``pairs_by_level``, ``words_per_prompt`` (mean, most) and ``chance_by_level``
    (see :func:`chance`). For what is held out also ``seen``: the share of its answers, questions, prompts and runs of
    3, 5 and 8 words that are in the training text, too. Overall: ``pairs``, ``stories``, ``vocabulary`` (words).
    """
    report: dict[str, Any] = {"splits": {}}
    for split, stories in splits.items():
        lengths = [len(words(f"{context} {question}")) for context, question, _ in _texts(stories)]
        report["splits"][split] = {
            "pairs": len(lengths),
            "stories": len(stories),
            "pairs_by_level": {level: sum(len(s.pairs) for s in stories if s.level == level) for level in LEVELS},
            "words_per_prompt": {"mean": round(sum(lengths) / len(lengths), 1), "most": max(lengths)},
            "chance_by_level": chance(stories),
        }
        if split != TRAIN:
            report["splits"][split]["seen"] = _seen(stories, splits[TRAIN])
    everything = [texts for stories in splits.values() for texts in _texts(stories)]
    report["pairs"] = len(everything)
    report["stories"] = sum(len(stories) for stories in splits.values())
    report["vocabulary"] = len({word for texts in everything for text in texts for word in words(text)})
    return report


def chance(stories: Iterable[Story]) -> dict[int, float]:
    """Return, for each level with contexts, the best that a guess can score which ignores which question it is.

    Such a guess knows a story and all right answers to its questions, but answers every question alike; it counts as
    right if it names what the answer says beyond the question's own words. So it is right as often as the most
    frequent of these: in one of K questions, if a story has K and their answers differ.

    >>> pairs = (("What does Ada do?", "Ada sings."), ("What does Bao do?", "Bao reads."))
    >>> chance([Story(2, "Ada sings. Bao reads.", pairs)])
    {2: 0.5}
    """
    right: Counter[int] = Counter()
    asked: Counter[int] = Counter()
    for story in stories:
        if story.context:
            beyond = Counter(tuple(w for w in words(a) if w not in words(q)) for q, a in story.pairs)
            right[story.level] += max(beyond.values())
            asked[story.level] += len(story.pairs)
    return {level: round(right[level] / asked[level], 4) for level in sorted(asked)}


def _seen(stories: list[Story], train: list[Story]) -> dict[str, float]:
    def share(part: list[Any], of: Iterable[Any]) -> float:
        known = set(of)
        return round(sum(each in known for each in part) / len(part), 3) if part else 0.0

    def runs(part: list[Story], length: int) -> list[tuple[str, ...]]:
        lines = [words(" ".join(texts)) for texts in _texts(part)]
        return [tuple(line[i : i + length]) for line in lines for i in range(len(line) - length + 1)]

    held_out, known = list(_texts(stories)), list(_texts(train))
    return {
        "answers": share([t[2] for t in held_out], (t[2] for t in known)),
        "questions": share([t[1] for t in held_out], (t[1] for t in known)),
        "prompts": share([t[:2] for t in held_out], (t[:2] for t in known)),
        **{f"runs_of_{n}_words": share(runs(stories, n), runs(train, n)) for n in (3, 5, 8)},
    }
