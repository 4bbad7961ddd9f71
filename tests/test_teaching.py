"""Can a class be taught by docs/teaching? What the plans ask for is there: exercises, programs, chapters, commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from tinytorch.cli import commands
from tinytorch.milestones import catalog

DOCS = Path(__file__).parent.parent / "docs"
# Tables are read as text: without the marks around them.
PAGES = {
    path.name: re.sub(r"```\{list-table\}\n((?:.|\n)*?)```", r"\1", path.read_text(encoding="utf-8"))
    for path in [DOCS / "teaching.md", *DOCS.glob("teaching/*.md")]
}
EIGHT, FOURTEEN = ("eight_weeks.md",), ("weeks_1_to_7.md", "weeks_8_to_14.md")
WEEKS = {
    f"{name}, {week.partition(':')[0]}": week
    for name in EIGHT + FOURTEEN
    for week in PAGES[name].split("\n## Week ")[1:]
}
CHAPTERS = {path.stem for path in DOCS.glob("framework/*.md")} - {"index"}
MEANT = {
    "FILE": "out.json",
    "DIR": ".",
    "FOLDER": "out",
    "$program": "xor_solved.py",
}  # by what is not to be typed as is


def in_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def linked(text: str, folder: str) -> list[str]:
    """Return the names of the pages in a folder that a text links to, in order."""
    return list(dict.fromkeys(re.findall(rf"\]\(\.\./{folder}/(\w+)\.md", text)))


def exercises(name: str) -> set[str]:
    """Return what the exercises and mistakes on a milestone's page are called."""
    page = (DOCS / "milestones" / f"{name}.md").read_text(encoding="utf-8")
    return {in_one_line(each).rstrip(".,:") for each in re.findall(r"^\*\*([^*]+)\*\*", page, re.MULTILINE)}


def asked(text: str) -> list[str]:
    """Return the exercises that a text asks for: they stand in italics."""
    return [
        in_one_line(each) for each in re.findall(r"\*([^*]{3,})\*", re.sub(r"`[^`]*`|^\* - ", "", text, flags=re.M))
    ]


def typed() -> list[str]:
    """Return each `tinytorch` and each `python PROGRAM.py` with options that these pages print."""
    text = "\n".join(PAGES.values())
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    words = [in_one_line(each) for each in re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))]
    found = [
        re.search(r"\btinytorch [a-z].*|python \S+ -.*", each) for each in "\n".join([*blocks, *words]).splitlines()
    ]
    return sorted(
        {each[0].partition(" > ")[0] for each in found if each and "-m" not in each[0] and "-c" not in each[0]}
    )


@pytest.mark.parametrize("where", WEEKS)
def test_a_week_names_exercises_that_its_pages_have(where):
    there = [exercises(name) for name in linked(WEEKS[where], "milestones")]
    assert set(asked(WEEKS[where])) <= set().union(*there)
    assert bool(there) == bool(asked(WEEKS[where]))  # a page is not only read


def test_each_course_has_its_weeks():
    assert [where.split()[-1] for where in WEEKS] == [str(week) for week in [*range(1, 9), *range(1, 15)]]


def test_the_longer_course_reads_every_page_in_the_order_of_the_years():
    text = "".join(PAGES[name] for name in FOURTEEN)
    assert set(linked(text, "framework")) == CHAPTERS
    assert linked(text, "milestones") == list(catalog.names())


@pytest.mark.parametrize("command", typed())
def test_what_is_to_be_typed_can_be_typed(command, monkeypatch, tmp_path):
    """Its words are understood, and name what there is; what it then does is shown by the tests of the command line."""
    monkeypatch.chdir(tmp_path)
    first, *words = [MEANT.get(word, word) for word in shlex.split(command)]
    for file in [word for word in words if word.endswith((".json", "/mnist"))]:  # what must be there
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch() if file.endswith(".json") else (tmp_path / file).mkdir()
    meant: click.Command = commands.tinytorch
    if first == "python":
        meant = commands.command_for(catalog.load(Path(words.pop(0)).stem))
    while isinstance(meant, click.Group):
        meant = meant.commands[words.pop(0)]
    with meant.make_context(meant.name, words) as context:
        names = [*(context.params.get("names") or ()), *filter(None, [context.params.get("name")])]
    assert set(names) <= {*catalog.names(), "tinydigits", "tinymnist", "tinytalks", "mnist", "cifar10"}
