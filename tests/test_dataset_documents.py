"""Are the documents of the datasets whole: the datasheet, the card and its header, the citation, the licence?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tinytorch import datasets
from tinytorch.datasets import CATALOG, get_dataset

ROOT = Path(__file__).parent.parent
HOME = Path(datasets.__file__).parent
SHIPPED = list(CATALOG)
MARKDOWN = sorted(HOME.rglob("*.md"))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# Gebru et al. 2021, section by section, each question by its beginning.
QUESTIONS = {
    "Motivation": ["For what purpose", "Who created", "Who funded", "Any other comments?"],
    "Composition": [
        "What do the instances", "How many instances", "Does the dataset contain all possible instances",
        "What data does each instance", "Is there a label or target", "Is any information missing",
        "Are relationships between individual instances", "Are there recommended data splits",
        "Are there any errors, sources of noise", "Is the dataset self-contained",
        "Does the dataset contain data that might be considered confidential",
        "Does the dataset contain data that, if viewed directly", "Does the dataset identify any subpopulations",
        "Is it possible to identify individuals", "Does the dataset contain data that might be considered sensitive",
        "Any other comments?",
    ],
    "Collection process": [
        "How was the data associated", "What mechanisms or procedures", "If the dataset is a sample",
        "Who was involved", "Over what timeframe", "Were any ethical review", "Did you collect the data",
        "Were the individuals in question notified", "Did the individuals in question consent",
        "If consent was obtained", "Has an analysis of the potential impact", "Any other comments?",
    ],
    "Preprocessing/cleaning/labeling": [
        "Was any preprocessing", "Was the “raw” data saved", "Is the software used", "Any other comments?",
    ],
    "Uses": [
        "Has the dataset been used", "Is there a repository that links", "What (other) tasks",
        "Is there anything about the composition", "Are there tasks for which the dataset should not",
        "Any other comments?",
    ],
    "Distribution": [
        "Will the dataset be distributed to third parties", "How will the dataset be distributed",
        "When will the dataset be distributed", "Will the dataset be distributed under a copyright",
        "Have any third parties imposed", "Do any export controls", "Any other comments?",
    ],
    "Maintenance": [
        "Who is supporting/hosting/maintaining", "How can the owner", "Is there an erratum",
        "Will the dataset be updated", "If the dataset relates to people, are there applicable limits",
        "Will older versions", "If others want to extend", "Any other comments?",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SHIPPED)
def test_the_datasheet_answers_every_question(name):
    sections = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", read(HOME / name / "DATASHEET.md"), re.MULTILINE))
    assert list(sections) == list(QUESTIONS)
    for section, text in sections.items():
        answers = re.findall(r"^### (.*)\n((?:(?!### ).*\n)*)", text, re.MULTILINE)
        assert len(answers) == len(QUESTIONS[section])
        for (question, answer), beginning in zip(answers, QUESTIONS[section], strict=True):
            assert question.startswith(beginning)
            assert answer.strip(), question


# https://github.com/huggingface/hub-docs/blob/main/datasetcard.md, and the values that the Hub knows.
HUB = {
    "pretty_name": None,
    "language": {"en"},
    "license": {"cc-by-4.0", "cc-by-sa-3.0", "bsd-3-clause"},
    "size_categories": {"n<1K", "1K<n<10K"},
    "task_categories": {"image-classification", "question-answering", "text-generation"},
    "task_ids": {"multi-class-image-classification"},
    "annotations_creators": {"found", "machine-generated"},
    "language_creators": {"expert-generated", "machine-generated"},
    "multilinguality": {"monolingual"},
    "source_datasets": {"original", "extended", "extended|mnist"},
    "tags": None,
}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_header_of_the_card_is_one_that_the_hub_knows(name):
    start, header, _ = read(HOME / name / "README.md").split("---\n", 2)
    assert start == ""
    entries: dict[str, list[str]] = {}
    for line in header.splitlines():
        if found := re.fullmatch(r"(\w+):(?: (.+))?", line):
            entries[key := found[1]] = [found[2]] if found[2] else []
        elif found := re.fullmatch(r"  - (.+)", line):
            entries[key].append(found[1])
        else:
            assert line.startswith("# ")
    assert {"pretty_name", "license", "size_categories", "task_categories", "source_datasets"} <= set(entries)
    for key, values in entries.items():
        assert values, key
        assert HUB[key] is None or set(values) <= HUB[key]
    assert entries["pretty_name"] == [get_dataset(name).title]
    assert entries["license"] == get_dataset(name).licence.lower().split(" and ")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_programs_in_the_card_run(name):
    programs = re.findall(r"```python\n(.*?)```", read(HOME / name / "README.md"), re.DOTALL)
    assert programs
    for program in programs:
        exec(compile(program, f"{name}/README.md", "exec"), {})


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.relative_to(HOME).as_posix())
def test_every_link_to_a_file_leads_to_one(page):
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", read(page)) if not link.startswith("http")]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_the_citation_is_in_the_card_and_whole(name):
    info, card = get_dataset(name), read(HOME / name / "README.md")
    for entry in filter(None, (info.citation, info.source_citation)):
        assert entry in card
        assert entry.count("{") == entry.count("}")
    keys = re.findall(r"^@\w+\{(\w+),$", card, re.MULTILINE)
    assert keys[0] == f"{name}{info.published[:4]}"
    assert len(set(keys)) == len(keys) == card.count("\n@")


LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-3.0": "https://creativecommons.org/licenses/by-sa/3.0/",
    "BSD-3-Clause": "Redistributions in binary form must reproduce the above copyright notice",
}


def test_the_licences_are_beside_the_data_and_in_the_packages_declaration():
    (declared,) = re.findall(r'^license = "(.*)"$', read(ROOT / "pyproject.toml"), re.MULTILINE)
    for info in CATALOG.values():
        for licence in info.licence.split(" AND "):
            assert LICENCES[licence] in read(HOME / info.name / "LICENSE")
            assert licence in declared.split(" AND ")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_changelog_begins_with_the_version_of_the_catalog(name):
    info = get_dataset(name)
    assert re.findall(r"^## .*$", read(HOME / name / "CHANGELOG.md"), re.MULTILINE)[0] == (
        f"## {info.version}, {info.published}"
    )
