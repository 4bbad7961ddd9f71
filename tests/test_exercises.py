"""Do the pages of the milestones ask for changes that can be made, and does each have a record that belongs to it?"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tinytorch.milestones import catalog

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "evidence"))
changes, exercises = import_module("changes"), import_module("exercises")

ASKED = list(changes.all_asked())
RECORDS = json.loads((ROOT / "evidence" / "results" / "exercises.json").read_text(encoding="utf-8"))["findings"]
SMALL = """
from tinytorch.milestones import Run, equals, milestone

@milestone(year=1957, people="", idea="", data="", source="", gates={"is two": equals(2)})
def xor_solved(run: Run, number: int = 2) -> None:
    run.metric("seed", run.seed)
    run.gate("is two", number if run.seed else 1)

if __name__ == "__main__":
    xor_solved.main()
"""


def text(name: str) -> str:
    return catalog.path(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("asked", ASKED, ids=[f"{a.name} {i}" for i, a in enumerate(ASKED)])
def test_a_change_fits_its_program_and_has_a_record(asked):
    program = changes.changed(text(asked.name), asked.change)
    compile(program, asked.name, "exec")
    assert program != text(asked.name)
    if asked.tried:
        command = f"python evidence/exercises.py --only {asked.name}"
        assert changes.key(asked.name, text(asked.name)) in RECORDS, f"`{command}` tries {asked.name} as it is"
        assert changes.key(asked.name, program) in RECORDS, f"`{command}` tries this change:\n{asked.change}"


def test_no_record_is_left_of_what_no_page_asks_for():
    assert set(RECORDS) <= set(exercises.wanted(None))


def test_a_record_belongs_to_the_text_of_the_program_and_of_the_change():
    """So that an edit to either makes the record stale, which the test above notices."""
    name, change = next((a.name, a.change) for a in ASKED if a.tried)
    program = changes.changed(text(name), change)
    assert changes.key(name, program) in RECORDS
    assert changes.key(name, changes.changed(f"{text(name)}\n# edited\n", change)) not in RECORDS
    assert changes.key(name, changes.changed(text(name), f"{change}  # edited")) not in RECORDS


@pytest.mark.parametrize(
    ("program", "change", "sentence"),
    [
        ("a = 1\n", "- b = 2\n+ b = 3", "0 times"),
        ("a = 1\na = 1\n", "- a = 1\n+ a = 2", "2 times"),
        ("aa = 1\n", "- a = 1\n+ a = 2", "0 times"),  # the end of a line is not the line
        ("a = 1\n", "+ b = 2", "begin with -"),
        ("a = 1\n", "", "begin with -"),
        ("a = 1\n", "- a = 1\nb = 2", "begin with -"),
    ],
)
def test_a_change_that_can_not_be_made_is_refused(program, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        changes.changed(program, change)


def test_a_change_in_two_places_and_one_that_only_takes_out():
    assert changes.changed("a\nb\nc\n", "- a\n+ A\n+\n- c\n+ C") == "A\n\nb\nC\n"
    assert changes.changed("a\nb\n", "- a") == "b\n"


def test_a_block_that_is_written_otherwise_is_refused_and_not_overlooked():
    with pytest.raises(ValueError, match="a change is"):
        changes.asked("```{change} xor_solved\n:unknown: option\n- a\n```\n\n````{change} xor_solved\n- a\n````\n")


def test_a_change_that_was_not_tried_says_so():
    block = "```{change} xor_solved\n:not-tried: no data\n- a\n+ b\n\nWhy.\n```\n"
    assert changes.asked(block) == [changes.Asked("", "xor_solved", "- a\n+ b", False)]


def test_an_outcome_is_the_means_over_seeds_and_how_often_all_gates_were_met(tmp_path):
    found = exercises.outcome("xor_solved", SMALL, tmp_path)
    assert found == {"program": "xor_solved", "seeds": 5, "met": 4, "means": {"seed": 2.0, "is two": 9 / 5}}


def test_the_outcome_of_a_program_that_breaks_is_its_last_words(tmp_path):
    found = exercises.outcome("xor_solved", SMALL.replace("number if", "no_such_name if"), tmp_path)
    assert found == {"program": "xor_solved", "error": "NameError: name 'no_such_name' is not defined"}


@pytest.mark.parametrize("name", sorted({asked.name for asked in ASKED}))
def test_a_page_has_five_questions_and_three_mistakes(name):
    questions, mistakes = (changes.PAGES / f"{name}.md").read_text(encoding="utf-8").split("\n## Common mistakes\n")
    assert len(changes.asked(questions)) == 5
    assert 3 <= len(changes.asked(mistakes)) <= 5
    for part in (questions, mistakes):  # each says why
        assert all(changes.split(each["body"])[1] for each in changes.BLOCK.finditer(part))
