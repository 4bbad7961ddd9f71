r"""What does a set of questions and answers look like, as text and once it is loaded?

The text is made to be read. A story is written once, after its level in brackets; its questions and answers follow,
and an empty line ends it. A greeting has no story, so its level stands alone::

    [L1]
    Q: Good night! This is Ada.
    A: Sleep well, Ada!

    [L2] Ada sings. Bao reads.
    Q: What does Bao do?
    A: Bao reads.
    Q: What does Ada do?
    A: Ada sings.

So a text is ``story (empty line, story)*``, a story is ``[L<1 to 5>] <context, or nothing>`` and at least one pair of
lines ``Q: <question>`` and ``A: <answer>``; lines end with ``\n``, and no line begins or ends with a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

import numpy as np
import numpy.typing as npt

from tinytorch.datasets.bunch import Bunch, pandas
from tinytorch.datasets.catalog import get_dataset, need_split
from tinytorch.datasets.files import read_data_file

if TYPE_CHECKING:
    import pandas as pd

Split = Literal["train", "val", "test", "all"]
LEVELS = range(1, 6)
_HEADER = re.compile(r"\[L([1-5])\](?: (\S.*))?")
_LEVEL_DUE = "begin it with its level, [L1] to [L5], one space and the context"
_WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")


class Story(NamedTuple):
    """A context with every question that is asked about it.

    Attributes:
        level: 1 (greetings) to 5 (what changes in a story).
        context: What is told before the first question; empty for greetings.
        pairs: The questions with their answers.
    """

    level: int
    context: str
    pairs: tuple[tuple[str, str], ...]


class TalkFormatError(ValueError):
    """A text is not in the format of TinyTalks."""


def parse_talks(text: str) -> list[Story]:
    r"""Read stories from text in the format that this file describes.

    Raises:
        TalkFormatError: At the first line that is not in the format; the message has its number and says what to do.

    >>> parse_talks("[L1]\nQ: Hello! This is Ada.\nA: Hello, Ada!\n")
    [Story(level=1, context='', pairs=(('Hello! This is Ada.', 'Hello, Ada!'),))]
    >>> parse_talks("[L1]\nQ: Hello! This is Ada.\n")
    Traceback (most recent call last):
        ...
    tinytorch...TalkFormatError: line 3 is the end of the text where an answer is due: write "A: " and the answer there
    """
    if "\r" in text:
        raise TalkFormatError(
            'the text has carriage returns ("\\r"): open it with newline=None, or save it with "\\n" alone'
        )
    lines: list[str | None] = [*text.split("\n")]
    if lines[-1]:
        raise TalkFormatError(f'line {len(lines)} has no end: put a line feed ("\\n") after {_shown(lines[-1])}')
    lines[-1], at = None, 0  # the end of the text
    stories = []
    while True:
        header = _HEADER.fullmatch(_due(lines, at, "[L", "a story is due", _LEVEL_DUE))
        if header is None:
            raise TalkFormatError(f"line {at + 1} is {_shown(lines[at])} where a story is due: {_LEVEL_DUE}")
        at, pairs = at + 1, list[tuple[str, str]]()
        while not pairs or lines[at]:
            question = _due(lines, at, "Q: ", "a question is due", 'write "Q: " and the question there')
            answer = _due(lines, at + 1, "A: ", "an answer is due", 'write "A: " and the answer there')
            pairs.append((question[3:], answer[3:]))
            at += 2
        stories.append(Story(int(header[1]), header[2] or "", tuple(pairs)))
        if lines[at] is None:
            return stories
        at += 1


def _due(lines: list[str | None], at: int, begin: str, due: str, remedy: str) -> str:
    """Return line number ``at`` (from 0) if it begins as it must and has no spaces at its ends."""
    line = lines[at]
    if line is None or not line.startswith(begin) or line == begin:
        raise TalkFormatError(f"line {at + 1} is {_shown(line)} where {due}: {remedy}")
    if line != line.strip() or line[len(begin) :] != line[len(begin) :].strip():
        raise TalkFormatError(f"line {at + 1} has too many spaces: take those around the text of {_shown(line)} away")
    return line


def _shown(line: str | None) -> str:
    if line is None:
        return "the end of the text"
    return repr(line if len(line) <= 40 else line[:37] + "...") if line else "empty"


def format_talks(stories: Iterable[Story]) -> str:
    r"""Write stories as text: ``parse_talks(format_talks(stories))`` gives them back.

    Each of their texts must be one line that neither begins nor ends with white space.

    >>> print(format_talks([Story(2, "Ada sings.", (("What does Ada do?", "Ada sings."),))]), end="")
    [L2] Ada sings.
    Q: What does Ada do?
    A: Ada sings.
    """
    blocks = []
    for level, context, pairs in stories:
        lines = [f"[L{level}] {context}".rstrip(), *(f"Q: {question}\nA: {answer}" for question, answer in pairs)]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def words(text: str) -> list[str]:
    """Return the words of a text as models see them: in lower case, punctuation marks apart.

    >>> words("Ada sings. Who reads?")
    ['ada', 'sings', '.', 'who', 'reads', '?']
    """
    return _WORD.findall(text.lower())


@dataclass(frozen=True, eq=False, repr=False)  # as for images: == and repr of long columns help nobody
class TalkData(Bunch):
    """Questions with their contexts and answers: row i of every column belongs to pair i.

    Attributes:
        name: The dataset's name in the catalog.
        split: Which part this is.
        contexts: ``N`` texts, what is told before the question; empty for greetings.
        questions: ``N`` texts.
        answers: ``N`` texts.
        levels: ``(N,)`` int64, 1 (greetings) to 5 (what changes in a story).
        story: ``(N,)`` int64, the same number for all questions about one context, counted through all splits.
        splits: ``(N,)`` str, the split each pair belongs to.
    """

    name: str
    split: str
    contexts: list[str]
    questions: list[str]
    answers: list[str]
    levels: npt.NDArray[np.int64]
    story: npt.NDArray[np.int64]
    splits: npt.NDArray[np.str_]

    @property
    def prompts(self) -> list[str]:
        """``N`` texts: context and question, with one space between them."""
        return [f"{context} {question}".strip() for context, question in zip(self.contexts, self.questions)]

    @property
    def frame(self) -> pd.DataFrame:
        """The same table as a pandas ``DataFrame``: a row per question.

        Raises:
            ImportError: If pandas is not installed.
        """
        columns = {
            "split": self.splits,
            "level": self.levels,
            "story": self.story,
            "context": self.contexts,
            "question": self.questions,
            "answer": self.answers,
        }
        frame: pd.DataFrame = pandas().DataFrame(columns)
        return frame

    def __len__(self) -> int:
        return len(self.answers)

    def __repr__(self) -> str:
        return f"TalkData({self.name}, {self.split}: {len(self)} pairs)"


def load_stories(split: str = "train") -> list[Story]:
    """Load TinyTalks as it was written: each story once, with its level and all the questions about it.

    Args:
        split: ``"train"`` (103 stories and greetings), ``"val"`` (7) or ``"test"`` (17).

    Raises:
        ValueError: If there is no such split.
        DamagedFileError: If a shipped file is missing or was changed.

    >>> load_stories("train")[0]
    Story(level=1, context='', pairs=(('Good morning! This is Bao.', 'Good morning, Bao!'),))
    """
    if split not in get_dataset("tinytalks").splits:
        raise ValueError(f"TinyTalks has no split {split!r}: it has {', '.join(get_dataset('tinytalks').splits)}")
    return parse_talks(read_data_file("tinytalks", f"splits/{split}.txt").decode("utf-8"))


@overload
def load_tinytalks(
    split: Split = "train", *, return_X_y: Literal[False] = False, as_frame: bool = False
) -> TalkData: ...
@overload
def load_tinytalks(
    split: Split = "train", *, return_X_y: Literal[True], as_frame: Literal[False] = False
) -> tuple[list[str], list[str]]: ...
@overload
def load_tinytalks(
    split: Split = "train", *, return_X_y: Literal[True], as_frame: Literal[True]
) -> tuple[pd.DataFrame, pd.Series[str]]: ...
def load_tinytalks(split: Split = "train", *, return_X_y: bool = False, as_frame: bool = False) -> Any:
    """Load TinyTalks: 300 questions and answers in five levels, most about a story that must be looked up.

    Args:
        split: ``"train"`` (246 pairs), ``"val"`` (15, to choose settings with), ``"test"`` (39) or ``"all"`` (the
            300 of the three, in this order). All questions about a story are in one split.
        return_X_y: Return only ``(prompts, answers)``, where a prompt is a context and a question.
        as_frame: With ``return_X_y``, return pandas' ``DataFrame`` of contexts and questions and ``Series`` of answers;
            without it, make sure that ``frame`` of the result can be had.

    Returns:
        A :class:`TalkData`, or the pair of lists of ``N`` texts. New lists and arrays on every call.

    Raises:
        ValueError: If there is no such split.
        DamagedFileError: If a shipped file is missing or was changed.
        ImportError: If a data frame is asked for and pandas is not installed.

    Source: written for TinyTorch; ``tinytorch/datasets/tinytalks/build.py`` makes it.

    >>> talks = load_tinytalks()
    >>> talks
    TalkData(tinytalks, train: 246 pairs)
    >>> talks.levels.shape, talks.levels.dtype.name
    ((246,), 'int64')
    >>> prompts, answers = load_tinytalks("test", return_X_y=True)
    >>> len(prompts), len(answers)
    (39, 39)
    """
    info = get_dataset("tinytalks")
    need_split(info, split)
    rows, number = [], 0
    for part in info.splits:
        for story in load_stories(part):
            if split in (part, "all"):
                rows += [(story.context, *pair, story.level, number, part) for pair in story.pairs]
            number += 1
    contexts, questions, answers, levels, numbers, parts = zip(*rows)
    data = TalkData(
        name="tinytalks",
        split=split,
        contexts=list(contexts),
        questions=list(questions),
        answers=list(answers),
        levels=np.array(levels, np.int64),
        story=np.array(numbers, np.int64),
        splits=np.array(parts, "<U5"),
    )
    if not as_frame:
        return (data.prompts, data.answers) if return_X_y else data
    frame = data.frame  # also so that a missing pandas is told of here
    return (frame[["context", "question"]], frame["answer"]) if return_X_y else data
