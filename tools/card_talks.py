"""Which numbers of the documents come from TinyTalks and its certificate? One function per block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean

from card_data import paragraph, table
from card_evidence import percent, result

from tinytorch.datasets import get_dataset
from tinytorch.datasets.files import packaged, read_data_file
from tinytorch.datasets.talks import format_talks, load_tinytalks, parse_talks
from tinytorch.datasets.validate_talks import validate_talks

LEVELS = {
    1: "greetings, which need no story",
    2: "a short story: who does what",
    3: "a longer story",
    4: "a longer story still, with a sentence that nobody asks about",
    5: "a story in which people take up something else: what do they do now?",
}


def talks_levels() -> str:
    """Return how many questions each level has in each split."""
    parts = list(get_dataset("tinytalks").splits)
    data = load_tinytalks("all")
    counts = {
        level: [int(((data.levels == level) & (data.splits == part)).sum()) for part in parts] for level in LEVELS
    }
    rows = [[f"L{level}", LEVELS[level], *count, sum(count)] for level, count in counts.items()]
    rows.append(["all", "", *(sum(column) for column in zip(*counts.values())), len(data)])
    return table(["level", "what it asks for", *parts, "all"], rows)


def talks_example() -> str:
    """Return the first story of each level in the training split, as it stands in the file."""
    stories = parse_talks(read_data_file("tinytalks", "splits/train.txt").decode("utf-8"))
    first = [next(story for story in stories if story.level == level) for level in LEVELS]
    return "```text\n" + format_talks(first) + "```\n"


def talks_load() -> str:
    """Return a program that loads the questions, with what it finds."""
    data = load_tinytalks("train")
    says = {
        "contexts": f"{len(data.contexts)} texts: the story, empty for greetings",
        "questions": f"{len(data.questions)} texts",
        "answers": f"{len(data.answers)} texts",
        "levels": f"{data.levels.shape} {data.levels.dtype}: {data.levels.min()} to {data.levels.max()}",
        "story": f"{data.story.shape} {data.story.dtype}: the same number for all questions about a story",
        "splits": f"{data.splits.shape} text: the split of each question",
    }
    lines = ["from tinytorch.datasets import load_tinytalks", "", 'talks = load_tinytalks("train")']
    lines += [f"{'talks.' + column:15}  # {what}" for column, what in says.items()]
    return "```python\n" + "\n".join(lines) + "\n```\n"


def talks_statistics() -> str:
    """Return what the validator counts, and that it found nothing wrong."""
    report = validate_talks(Path(str(packaged("tinytalks", ""))))
    if report.problems:
        raise ValueError(f"the validator finds fault with TinyTalks: {report.problems[0]}")
    found = report.statistics
    rows = []
    for split, about in found["splits"].items():
        length, seen = about["words_per_prompt"], about.get("seen", {})
        shares = (seen.get(what) for what in ("answers", "prompts", "runs_of_3_words", "runs_of_8_words"))
        rows.append([
            split, about["stories"], about["pairs"], f"{length['mean']} ({length['most']})",
            *("" if share is None else f"{share:.1%}" for share in shares),
        ])  # fmt: skip
    heads = [
        "split",
        "stories or greetings",
        "questions",
        "words and marks of a prompt, mean (most)",
        "answers also in train",
        "prompts also in train",
        "runs of 3 words or marks also in train",
        "runs of 8 words or marks also in train",
    ]
    says = f"""Together {found["stories"]} stories and greetings with {found["pairs"]} questions, from
        {found["vocabulary"]} words, punctuation marks among them. The validator finds nothing wrong. A prompt is a
        story and a question."""
    return table(heads, rows) + "\n" + paragraph(says)


def talks_certificate(part: str) -> str:
    """Return how many questions each kind of model answers exactly, by level.

    Args:
        part: ``test``, the shipped questions, or ``fresh``, more of the same kind.
    """
    found = result("tinytalks_certificate")
    if found["data"] != {file.name: file.sha256 for file in get_dataset("tinytalks").files}:
        raise ValueError("evidence/results/tinytalks_certificate.json is about other talks: run `make evidence`")
    asked, chance = found["questions"][part], found["chance"][part]
    levels = [level for level, count in asked.items() if count]
    rows = [
        ["questions", *(str(asked[level]) for level in levels)],
        ["chance", *(percent(chance[level]) if level in chance else "" for level in levels)],
    ]
    for model, runs in found["runs"].items():
        shares = {level: [run[part][level] for run in runs] for level in levels}
        rows.append([
            model, *(f"{percent(mean(of))} ({percent(min(of))}–{percent(max(of))})" for of in shares.values()),
        ])  # fmt: skip
    return table(["", *levels], rows)


def talks_verdict() -> str:
    """Return whether what was to be certified holds, with the numbers that decide it."""
    found = result("tinytalks_certificate")
    verdict, seeds = found["verdict"], max(map(len, found["runs"].values()))
    model, level, most = max(
        ((model, level, value) for model, levels in verdict["above_chance"].items() for level, value in levels.items()),
        key=lambda entry: entry[2],
    )
    holds = "**holds**" if verdict["holds"] else "**does not hold**"
    return paragraph(f"""To be certified was: no model but the two-layer GPT is more than 10 points above chance on any
        level with stories, and the GPT answers 95% of the test questions of levels 1 to 4 exactly, in 9 of 10 seeds and
        after at most 60 seconds of training on one core. Found was: the others are at most {100 * most:.1f} points
        above chance ({model}, {level}); the GPT reached that in {verdict["two_layer_seeds_enough"]} of {seeds} seeds
        and trained for {verdict["two_layer_most_seconds"]:.0f} seconds at most. So it {holds}.""")


BLOCKS: Mapping[str, Callable[..., str]] = {
    "talks-levels": talks_levels,
    "talks-example": talks_example,
    "talks-load": talks_load,
    "talks-statistics": talks_statistics,
    "talks-certificate": talks_certificate,
    "talks-verdict": talks_verdict,
}
