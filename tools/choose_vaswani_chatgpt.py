"""How were the settings of vaswani_chatgpt chosen? On stories made for the purpose, never on those of the test.

    python tools/choose_vaswani_chatgpt.py [SEEDS]

The dataset's own rules tell fresh stories with a seed of their own, kept apart from those of train as the test is, and
the greetings that the dataset leaves out are greeted. Every setting is one change to the program's own; the scores are
shares of exact answers, and L1-L4 weighs the levels as the test does. Only the splits train and val are loaded.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from random import Random
from typing import Any

import numpy as np

import tinytorch as torch
from tinytorch.datasets.talks import Story, load_stories, words
from tinytorch.datasets.tinytalks import build
from tinytorch.milestones import catalog
from tinytorch.models import GPT
from tinytorch.models.baselines import exact
from tinytorch.text import Vocabulary

FRESH_SEED, FAMILIES = 1001, 20
ASKED_IN_TEST = {1: 5, 2: 8, 3: 9, 4: 8}
OWN = {
    "width": 64, "heads": 1, "dropout": 0.3, "batch_size": 8, "learning_rate": 0.003, "weight_decay": 0.3,
    "embedding_scale": 0.5,
}  # fmt: skip
CHANGES: list[dict[str, Any]] = [
    {}, {"told": "as written"}, {"heads": 2}, {"width": 48}, {"dropout": 0.1}, {"batch_size": 16},
    {"learning_rate": 0.006}, {"weight_decay": 0.1}, {"weight_decay": 1.0}, {"embedding_scale": 1.0},
]  # fmt: skip


def fresh_stories() -> list[Story]:
    """Stories that nobody has seen, under the rules of those that are held out, and the greetings that are left."""
    made = build.make()
    teller = build.Storyteller(Random(FRESH_SEED))
    teller.remember(made["train"])
    stories = [
        story for level in build.SIZE for _ in range(FAMILIES) for story in teller.family(level, build.FAMILY[level])
    ]
    known = {story.pairs[0][0] for part in made.values() for story in part if story.level == 1}
    for greeting, reply in build.GREETINGS:
        for who in build.PEOPLE:
            question = f"{greeting} This is {who}."
            if question not in known:
                stories.append(Story(1, "", ((question, reply.format(who)),)))
    return stories


def score(science: Any, model: Any, vocabulary: Vocabulary, stories: list[Story]) -> list[float]:
    """The share of exact answers in L1 to L5, and in L1 to L4 together."""
    lines = [science.line(vocabulary, story.context, [pair]) for story in stories for pair in story.pairs]
    read, due = science.arrays(lines)
    with torch.no_grad():
        right = exact(model(torch.tensor(read)).numpy(), due)
    levels = np.array([story.level for story in stories for _ in story.pairs])
    shares = [float(right[levels == level].mean()) for level in range(1, 6)]
    return [*shares, float(np.average(shares[:4], weights=list(ASKED_IN_TEST.values())))]


def lines_of_an_epoch(science: Any, vocabulary: Vocabulary, told: list[Story], retold: Any) -> list[Any]:
    """Every story of train, told by `retold`, with its questions in random order."""
    return [science.line(vocabulary, retold(story.context), science.mixed(story.pairs)) for story in told]


def main() -> None:
    """Print every setting with its mean scores, and the worst seed."""
    seeds = range(1000, 1000 + int(sys.argv[1] if len(sys.argv) > 1 else 3))
    program = catalog.load("vaswani_chatgpt")
    science = sys.modules["tinytorch.milestones.vaswani_chatgpt"]
    told, asked = load_stories("train"), {"fresh": fresh_stories(), "val": load_stories("val")}
    vocabulary = Vocabulary(w for story in told for text in (story.context, *sum(story.pairs, ())) for w in words(text))
    print("asked    L1    L2    L3    L4    L5   L1-L4  worst  seconds  change")
    for change in CHANGES:
        chosen = {"told": "in another order", **OWN, **change}
        retold = science.retold if chosen["told"] == "in another order" else str
        scores: dict[str, list[list[float]]] = {part: [] for part in asked}
        started = time.process_time()
        for seed in seeds:
            torch.manual_seed(seed)
            shape = {name: chosen[name] for name in ("width", "heads", "dropout", "embedding_scale")}
            model = GPT(len(vocabulary), 256, layers=2, **shape)
            draw = partial(lines_of_an_epoch, science, vocabulary, told, retold)
            pace = (chosen["batch_size"], chosen["learning_rate"], chosen["weight_decay"])
            science.train(model, draw, program.epochs, *pace)
            model.eval()
            for part, stories in asked.items():
                scores[part].append(score(science, model, vocabulary, stories))
        seconds = (time.process_time() - started) / len(seeds)
        for part, rows in scores.items():
            numbers = "  ".join(f"{share:.2f}" for share in np.mean(rows, axis=0)[:5])
            mean, worst = np.mean(rows, axis=0)[5], np.min(rows, axis=0)[5]
            print(f"{part:6}  {numbers}   {mean:.3f}  {worst:.3f}  {seconds:7.1f}  {change or 'none'}", flush=True)


if __name__ == "__main__":
    main()
