"""How was TinyTalks made? ``python -m tinytorch.datasets.tinytalks.build [FOLDER]`` makes it again.

Sentences written by hand are combined by a rule and one seed. A story gives each of its people something that they
do; the people and what they do are dealt like cards, so that all are equally frequent, and only which belongs to whom
is left to chance. Each question about a story has an answer of its own, so the story alone never tells the answer,
nor does the question alone.

What is held out are combinations: no two sentences of a story in val or test stand together in a story of train, while
all words of val and test occur in train, those of the answers in answers. Habit is no help: to answer each question
with what train has the person do most often is right once a story, as a guess is. Nor are words or places alone: the
stories of test come in families, the same words in other places, with the same questions and other answers.

Only ``Random.random`` is drawn from, which Python promises to keep: the same bytes come out on every machine.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TypeVar

from tinytorch.datasets.talks import Story, format_talks
from tinytorch.datasets.validate_talks import TWIN, WHOLE, sentence_pairs, to_jsonl, validate_talks

SEED = 1
PEOPLE = ("Ada", "Bao", "Chidi", "Dina", "Emil", "Fatou", "Goro", "Hana")
DOES = ("bakes", "climbs", "dances", "knits", "paints", "reads", "sings", "swims")
ASIDES = ("Birds chirp.", "Rain falls.", "Snow melts.", "Stars shine.")  # nobody asks about them
GREETINGS = (
    ("Hello!", "Hello, {}!"),
    ("Good morning!", "Good morning, {}!"),
    ("Good night!", "Sleep well, {}!"),
    ("How are you?", "I am well, {}!"),
    ("I won the game!", "Well done, {}!"),
    ("It is my birthday!", "Happy birthday, {}!"),
    ("See you soon!", "Goodbye, {}!"),
    ("Thank you!", "You are welcome, {}!"),
)
PER_GREETING = 4  # of the 8 people
SIZE = {2: 2, 3: 3, 4: 4, 5: 3}  # how many people a story of each level has
# Stories per level; each has as many questions as people, a greeting is one.
STORIES = {
    "train": {1: 24, 2: 28, 3: 20, 4: 13, 5: 18},
    "val": {1: 3, 2: 1, 3: 1, 4: 1, 5: 1},
    "test": {1: 5, 2: 4, 3: 3, 4: 2, 5: 3},
}
FAMILY = {2: 2, 3: 3, 4: 2, 5: 3}  # how many stories of test have the same words
PAIRS = {"train": 246, "val": 15, "test": 39}

Item = TypeVar("Item")


def shuffled(random: Random, items: Iterable[Item]) -> list[Item]:
    """Return the items in random order (Fisher and Yates; Python does not promise to keep its own ``shuffle``)."""
    mixed = list(items)
    for last in range(len(mixed) - 1, 0, -1):
        other = int(random.random() * (last + 1))
        mixed[last], mixed[other] = mixed[other], mixed[last]
    return mixed


class Deck:
    """Cards that are dealt from the top; a used-up deck is followed by another, so all cards stay equally frequent."""

    def __init__(self, random: Random, cards: Sequence[str]) -> None:
        self.random, self.cards, self.left = random, cards, list[str]()

    def deal(self, count: int) -> list[str]:
        """Return ``count`` different cards."""
        hand: list[str] = []
        while len(hand) < count:
            if set(self.left) <= set(hand):
                self.left += shuffled(self.random, self.cards)
            card = next(card for card in self.left if card not in hand)
            self.left.remove(card)
            hand.append(card)
        return hand


class Storyteller:
    """Makes stories.

    Attributes:
        apart: Pairs of sentences that may not come together again.
        answered: How often each answer was right before: what a guess by habit goes by.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.people, self.does, self.asides = (Deck(random, cards) for cards in (PEOPLE, DOES, ASIDES))
        self.apart: set[frozenset[str]] = set()
        self.answered: Counter[str] = Counter()

    def family(self, level: int, count: int = 1) -> list[Story]:
        """Return ``count`` stories of the same words, each with a question about each of its people.

        What is done moves on from one fact to the next, so that each story has other answers. In level 4 one sentence
        is about nobody. In level 5 one or two people take up something else, one after the other, and the last thing
        is the answer.
        """
        while True:  # until nothing comes together that must stay apart, and habit is as good as a guess
            people = self.people.deal(SIZE[level])
            changing = shuffled(self.random, people)[: 1 + int(self.random.random() * 2)] if level == 5 else []
            aside = self.asides.deal(1) if level == 4 else []
            does = self.does.deal(len(people) + len(changing))
            place = int(self.random.random() * (len(does) + 1))
            asked, stories = shuffled(self.random, people), []
            for turn in range(count):
                facts = list(zip(people + changing, does[turn:] + does[:turn]))
                if level < 5:  # where order is not time, it moves on, too: nobody keeps their place in the story
                    facts = facts[turn:] + facts[:turn]
                told, latest = [f"{who} {what}." for who, what in facts], dict(facts)
                pairs = tuple((f"What does {who} do?", f"{who} {latest[who]}.") for who in asked)
                stories.append(Story(level, " ".join(told[:place] + aside + told[place:]), pairs))
            right = sum(self.right_by_habit(story, does) for story in stories)
            habit_is_a_guess = abs(right - count) < 0.1 or not self.answered
            if habit_is_a_guess and not any(sentence_pairs(story) & self.apart for story in stories):
                return stories

    def right_by_habit(self, story: Story, does: list[str]) -> float:
        """Return how many questions are answered by what the person most often did before, of all that is told.

        Ties count for the chance of each.
        """
        right = 0.0
        for _, answer in story.pairs:
            counts = [self.answered[f"{answer.split()[0]} {what}."] for what in does]
            right += (self.answered[answer] == max(counts)) / counts.count(max(counts))
        return right

    def remember(self, stories: list[Story]) -> None:
        """Keep what comes from now on apart from these stories."""
        self.apart.update(*(sentence_pairs(story) for story in stories))
        self.answered.update(answer for story in stories for _, answer in story.pairs)


def greetings(random: Random) -> list[Story]:
    """Return the stories of level 1 in random order: each greeting from 4 people, each person with 4 greetings."""
    stories = []
    for number, (greeting, reply) in enumerate(GREETINGS):
        for step in range(PER_GREETING):
            who = PEOPLE[(number + step) % len(PEOPLE)]
            stories.append(Story(1, "", ((f"{greeting} This is {who}.", reply.format(who)),)))
    return shuffled(random, stories)


def make() -> dict[str, list[Story]]:
    """Return the stories of each split, by level."""
    random = Random(SEED)
    level_1, teller = greetings(random), Storyteller(random)
    splits: dict[str, list[Story]] = {}
    for split, counts in STORIES.items():
        splits[split] = [level_1.pop() for _ in range(counts[1])]
        for level in SIZE:
            of = FAMILY[level] if split == "test" else 1
            splits[split] += [story for _ in range(counts[level] // of) for story in teller.family(level, of)]
        if split == "train":
            teller.remember(splits[split])
    return splits


def build(folder: Path) -> list[Path]:
    """Write the text of each split, the whole and its twin into ``folder``; check them and say what they are."""
    splits = make()
    contents = {f"splits/{split}.txt": format_talks(stories) for split, stories in splits.items()}
    contents[WHOLE] = format_talks(story for stories in splits.values() for story in stories)
    contents[TWIN] = to_jsonl(splits)
    paths = [folder / name for name in contents]
    for path, content in zip(paths, contents.values()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("ascii"))
    check(folder)
    return paths


def check(folder: Path) -> None:
    """Read the files back, assert that they are what the card says, and print it."""
    problems, found = validate_talks(folder)
    assert not problems, problems
    for split, expected in PAIRS.items():
        counted = found["splits"][split]
        assert counted["pairs"] == expected, (split, counted)
        by_level = ", ".join(f"L{level} {count}" for level, count in counted["pairs_by_level"].items())
        print(f"{split:5} {expected:4} pairs in {counted['stories']} stories; by level: {by_level}")
        if split != "train":
            print(f"      seen in train: {', '.join(f'{what} {share}' for what, share in counted['seen'].items())}")
    print(f"{found['pairs']} pairs in {found['stories']} stories, {found['vocabulary']} different words")
    total = 0
    for name in (*(f"splits/{split}.txt" for split in PAIRS), WHOLE, TWIN):
        content = (folder / name).read_bytes()
        total += len(content)
        print(f"{name}: {len(content):,} bytes, sha256 {sha256(content).hexdigest()}")
    assert total <= 58_000, total


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
