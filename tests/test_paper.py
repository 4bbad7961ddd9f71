"""Does the paper say what the results say, in every number, and can it be set again to the same bytes?"""

from __future__ import annotations

import doctest
import json
import re
import shutil
import sys
import time
import zlib
from importlib import import_module
from math import ceil
from pathlib import Path

import numpy as np
import pytest
from command import call

import tinytorch
from tinytorch.datasets import CATALOG, load_images

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tools"))
PARTS = ("claims", "facts", "figures", "numbers", "sources", "study", "tables")
NAMES = ("paper", *(f"paper_{part}" for part in PARTS))
paper, claims, facts, figures, numbers, sources_of, study, tables = TOOLS = [import_module(name) for name in NAMES]
evidence = import_module("card_evidence")
PROSE, HOUSE, CHARTS = (
    (paper.SOURCE / f"{name}.typ").read_text(encoding="utf-8") for name in ("paper", "house", "charts")
)
CITATION = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
REFERENCES = (paper.SOURCE / "references.bib").read_text(encoding="utf-8")


# --- No number is typed -----------------------------------------------------------------------------------------

NUMBER = re.compile(
    r"\d[\d.,]*|\b(?:four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)te?en|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|millions?|percent)\b",
    re.IGNORECASE,
)
NOT_SAID = (  # in this order
    r"^\s*//.*$",  # comments
    r"\bn\(\"[^\"]*\"\)",  # numbers of the results
    r"@[\w:-]+|<[\w:-]+>",  # references and labels
    r"\b\d+(?:\.\d+)?(?:pt|cm|em|fr)\b|\bwidth: 100%",  # lengths
    r"\b(?:[HL]\d|CIFAR-10|MNIST-1D)\b",  # names
)


def typed(source: str) -> list[str]:
    """Return the numbers that stand in a text, in figures or as words from four on."""
    for pattern in NOT_SAID:
        source = re.sub(pattern, "", source, flags=re.MULTILINE)
    return NUMBER.findall(source)


def test_no_number_is_typed_in_the_prose():
    assert typed(PROSE) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("95% of #n(\"a.b-3\") learners @kerry1998intracluster", ["95"]),
        ("#fig(\"a\", [Of 37 models], height: 4cm, width: 100%)", ["37"]),
        ("H1 and L2, seven of them, 1,200 in 0.5 hours", ["seven", "1,200", "0.5"]),
        ("// 12 lines\nnone", []),
    ],
)  # fmt: skip
def test_a_typed_number_is_noticed(text, found):
    assert typed(text) == found


def test_the_house_says_no_number():
    """What draws the page has lengths and colours, but no text with a figure in it."""
    for source in (HOUSE, CHARTS):
        code = re.sub(r"//.*$", "", source, flags=re.MULTILINE)
        texts = [text for text in re.findall(r'"([^"\n]*)"', code) if re.search(r"\d", text)]
        assert [text for text in texts if not re.fullmatch(r"#[0-9a-f]{6}|luma8|a4|1\.1|1", text)] == []
        content = [said for said in re.findall(r"\[([^\[\]]*)\]", code) if not said.startswith("#figure(")]
        assert [said for said in content if typed(said)] == []


def test_the_prose_asks_for_numbers_that_there_are():
    asked = set(re.findall(r"\bn\(\"([^\"]*)\"\)", PROSE + HOUSE))
    assert len(asked) > 100
    assert asked - set(numbers.numbers()) == set()


def test_every_table_figure_and_picture_is_shown():
    shown = set(re.findall(r"#tab\(\"([^\"]*)\"", PROSE))
    assert shown == set(tables.TABLES)
    assert set(re.findall(r"chart(?:-legend)?\(\"([^\"]*)\"", PROSE)) == set(figures.CHARTS)
    pictured = {re.sub(r"-\d+$", "-", name) for name in figures.pictures()}
    assert set(re.findall(r"sheet\(\"([^\"]*)\"", PROSE + HOUSE)) == pictured
    labels = {f"tab:{name}" for name in shown} | {f"fig:{name}" for name in re.findall(r"fig\(\"([^\"]*)\"", PROSE)}
    labels |= set(re.findall(r"<(sec:\w+)>", PROSE))
    sources = {what for whats in sources_of.SOURCES.values() for what in whats}
    assert labels - sources == {"tab:provenance", "tab:commands"}
    assert sources <= labels
    assert [file for file in sources_of.SOURCES if not (ROOT / file).exists()] == []


# --- The numbers follow the results -------------------------------------------------------------------------------


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Return a copy of the results, from which everything is made during this test."""
    monkeypatch.setattr(evidence, "RESULTS", shutil.copytree(evidence.RESULTS, tmp_path / "results"))
    numbers.numbers.cache_clear()
    yield tmp_path / "results"
    numbers.numbers.cache_clear()


def changed(value: object) -> object:
    """Return the value with every fraction in it another one; if it has none, every whole number."""
    other = with_others(value, float)
    return with_others(value, int) if other == value else other


def with_others(value: object, kind: type) -> object:
    if isinstance(value, dict):
        return {key: with_others(entry, kind) for key, entry in value.items()}
    if isinstance(value, list):
        return [with_others(entry, kind) for entry in value]
    return value if type(value) is not kind else value * 0.9 + 0.01 if kind is float else value + 1


def change(path: Path, by=changed) -> None:
    path.write_text(json.dumps(by(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")


QUOTED = [Path(file).stem for file in sources_of.SOURCES if file.startswith("evidence/")]


def shown() -> str:
    return paper.as_json(
        [dict(numbers.numbers()), *(make() for make in (*tables.TABLES.values(), *figures.CHARTS.values()))]
    )


@pytest.fixture(scope="module")
def unchanged():
    return shown()


@pytest.mark.parametrize("name", QUOTED)
def test_a_changed_result_changes_what_is_shown(name, unchanged, results):
    change(results / f"{name}.json")
    assert shown() != unchanged


@pytest.mark.parametrize("name", QUOTED)
def test_a_missing_result_is_asked_for(name, results):
    (results / f"{name}.json").unlink()
    with pytest.raises(OSError, match=f"evidence/results/{name}.json is missing: `make evidence` makes it"):
        shown()


def test_the_results_bear_out_what_is_said_in_words():
    assert [claim for claim, holds in claims.claims().items() if not holds] == []


def worse(found):
    found["findings"]["gain"]["CNN"] = -0.001
    return found


def void(found):
    found["verdict"]["holds"] = False
    return found


@pytest.mark.parametrize(
    ("name", "by", "claim"),
    [
        ("selection_table", worse, "ours teach every kind of model more than random images"),
        ("tinytalks_certificate", void, "the certificate holds"),
    ],
)
def test_a_claim_that_no_longer_holds_stops_the_paper(name, by, claim, results):
    change(results / f"{name}.json", by)
    with pytest.raises(ValueError, match=f"^the paper says that {claim}, and the results do not: mend docs/paper"):
        paper.contents()


def test_constants_are_those_of_the_scripts():
    build = import_module("tinytorch.datasets.tinytalks.build")
    assert numbers.constant("tinytorch/datasets/tinytalks/build.py", "PEOPLE") == build.PEOPLE
    with pytest.raises(ValueError, match=r"evidence/choosing\.py has no constant NOTHING"):
        numbers.constant("evidence/choosing.py", "NOTHING")


def test_students_t_is_right():
    stats = pytest.importorskip("scipy.stats")
    for draws in (2, 3, 20, 40):
        assert numbers.students_t(draws) == pytest.approx(stats.t.ppf(0.975, draws - 1), rel=1e-4)


@pytest.mark.parametrize("module", TOOLS, ids=NAMES)
def test_the_examples_in_the_tools_are_right(module):
    assert doctest.testmod(module).failed == 0


# --- Pictures and charts --------------------------------------------------------------------------------------------


def test_all_images_of_tinymnist_are_on_their_page_sorted():
    page, all_ = figures.pictures()["tinymnist-all"], load_images("tinymnist", "all")
    places = [page[top : top + 28, left : left + 28] for top in range(0, 40 * 30, 30) for left in range(0, 30 * 30, 30)]
    rows = {(255 - image).tobytes(): row for row, image in enumerate(all_.images)}
    found = [rows[place.tobytes()] for place in places]
    assert sorted(found) == list(range(len(all_)))
    assert all_.labels[found].tolist() == sorted(all_.labels.tolist())
    assert all((np.diff(all_.difficulty[found][digit * 120 : digit * 120 + 120]) >= 0).all() for digit in range(10))


def test_the_curves_of_difficulty_rise_from_none_to_all():
    chart = figures.difficulty("tinydigits")
    test = np.array(next(series["points"] for series in chart["series"] if series["name"] == "test"))
    assert (np.diff(test[:, 1]) >= 0).all()
    assert (test[0, 1], test[-1, 1]) == (0, 1)
    median = np.median(load_images("tinydigits", "test").difficulty)
    assert test[test[:, 0] <= median - 0.01, 1].max() <= 0.5 <= test[test[:, 0] >= median, 1].min()


# --- The study ------------------------------------------------------------------------------------------------------


def exact_power(first: float, second: float, n: int) -> float:
    """Of the two-sided test with Yates' correction, by going through all outcomes."""
    stats = pytest.importorskip("scipy.stats")
    a, b = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    mean = (a + b) / (2 * n)
    spread = np.sqrt(np.maximum(2 * mean * (1 - mean) / n, 1e-12))
    rejected = np.maximum(np.abs(a - b) / n - 1 / n, 0) / spread > stats.norm.ppf(0.975)
    chances = np.outer(stats.binom.pmf(np.arange(n + 1), n, first), stats.binom.pmf(np.arange(n + 1), n, second))
    return float(chances[rejected].sum())


@pytest.mark.parametrize(("first", "second"), [(0.65, 0.95), (0.65, 0.8), (0.65, 0.75), (0.2, 0.5)])
def test_so_many_learners_give_the_power_that_is_said(first, second):
    assert exact_power(first, second, ceil(study.per_arm_for_shares(first, second))) == pytest.approx(0.9, abs=0.025)


def test_so_many_learners_show_that_a_mean_is_not_worse():
    n, lots = ceil(study.per_arm_for_not_worse(0.3)), np.random.default_rng(0)
    differences = lots.normal(0, np.sqrt(2 / n), 20_000)  # of two means, in standard deviations
    assert np.mean(differences - 1.96 * np.sqrt(2 / n) > -0.3) == pytest.approx(0.9, abs=0.01)


def test_so_many_classes_give_the_power_that_is_said():
    """Classes whose learners are alike: their chances are beta-distributed, so that the correlation is the one said."""
    stats = pytest.importorskip("scipy.stats")
    icc, size, lots = 0.1, study.CLASS, np.random.default_rng(1)
    count = study.classes(study.per_arm_for_shares(0.65, 0.8), icc)
    arms = []
    for share in (0.65, 0.8):
        chance = lots.beta(share * (1 / icc - 1), (1 - share) * (1 / icc - 1), (4000, count))
        arms.append(lots.binomial(size, chance) / size)
    assert np.mean(stats.ttest_ind(*arms, axis=1).pvalue < 0.05) == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.0, 1.0)])
def test_shares_that_cannot_be_compared_are_refused(shares):
    with pytest.raises(ValueError, match="give two different ones between 0 and 1"):
        study.per_arm_for_shares(*shares)


# --- Other people's work ----------------------------------------------------------------------------------------------

ENTRY = re.compile(r"^@\w+\{(\w+),\n((?:.*\n)*?)\}$", re.MULTILINE)


def test_every_work_is_cited_and_every_citation_is_a_work():
    works = {**dict(ENTRY.findall(REFERENCES)), **paper.bibliography()}
    cited = set(re.findall(r"@(?!tab:|fig:|sec:|study|comparison)(\w+)", PROSE)) | {
        cite for cite in tables.others()["cites"] if cite
    }
    ours = {f"{name}{info.published[:4]}" for name, info in CATALOG.items()}  # printed in full instead
    assert cited == set(works) - ours
    unlinked = [key for key, about in works.items() if not re.search(r"^\s*(doi|url)\s*= ", about, re.MULTILINE)]
    assert unlinked == sorted(ours)


@pytest.mark.parametrize("name", CATALOG)
def test_the_datasets_are_cited_as_the_command_prints_it(name):
    run = call("datasets", "cite", name)
    assert run.returncode == 0
    keys = re.findall(r"^@\w+\{(\w+),$", run.stdout, re.MULTILINE)
    assert "\n\n".join(paper.bibliography()[key] for key in keys) == run.stdout.strip()


def faults(citation: str) -> list[str]:
    """Return what the format's own schema finds wrong with a CITATION.cff: what `cffconvert --validate` goes by.

    The schema is https://citation-file-format.github.io/1.2.0/schema.json as published (CC BY 4.0). cffconvert itself
    needs jsonschema below 4, and so can't stand beside the rest: tools/check_croissant.py runs it in a room of its own.
    """
    jsonschema = pytest.importorskip("jsonschema", reason="pip install '.[test]'")
    yaml = pytest.importorskip("yaml", reason="pip install '.[test]'")
    schema = json.loads((Path(__file__).parent / "citation-file-format-1.2.0.json").read_text(encoding="utf-8"))
    return [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(citation))]


def test_citation_cff_is_valid():
    assert faults(CITATION) == []


@pytest.mark.parametrize(
    ("old", "new"), [("title: TinyTorch\n", ""), ("type: data", "type: pictures"), ("doi: 10.", "doi: 11.")]
)
def test_a_fault_in_citation_cff_is_noticed(old, new):
    assert old in CITATION
    assert len(faults(CITATION.replace(old, new, 1))) >= 1


def test_citation_cff_says_what_the_command_prints():
    """Title, version, year and authors of each dataset; the version of TinyTorch itself."""
    yaml = pytest.importorskip("yaml", reason="pip install '.[test]'")
    citation = yaml.safe_load(CITATION)
    assert citation["version"] == tinytorch.__version__
    for info in CATALOG.values():
        entry = dict(re.findall(r"^  (\w+) += \{(.*)\},?$", info.citation, re.MULTILINE))
        title = re.sub(r"[{}]", "", entry["title"])
        (said,) = (work for work in citation["references"] if work["title"] == title)
        assert (said["version"], str(said["year"])) == (entry["version"], entry["year"])
        assert said["version"] == info.version
        assert [who["name"] for who in said["authors"]] == [entry["author"].strip("{}")] == paper.authors()


def test_every_fact_is_about_a_work_that_is_cited():
    works = {*dict(ENTRY.findall(REFERENCES)), *paper.bibliography()}
    assert {fact["cite"] for fact in facts.facts().values()} <= works
    assert [name for name, fact in facts.facts().items() if "https://" not in fact["read"]] == []


@pytest.mark.parametrize("value", ["1500", "15", "50", "150.5"])
def test_a_fact_that_its_sentence_does_not_state_is_refused(value):
    fact = {"value": value, "says": "measurements for 150 flowers", "cite": "horst2022penguins", "read": "https://x"}
    with pytest.raises(ValueError, match=f"'iris' is {value}, which its sentence does not say"):
        facts.check("iris", fact)


# --- The page ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def data():
    return paper.contents()


@pytest.fixture(scope="module")
def pdf(tmp_path_factory, data):
    pytest.importorskip("typst", reason="pip install '.[paper]'")
    folder = tmp_path_factory.mktemp("paper")
    paper.typeset(paper.lay_out(data, figures.pictures(), paper.SOURCE, folder / "work"), folder / "paper.pdf")
    return (folder / "paper.pdf").read_bytes()


def unpacked(pdf: bytes) -> bytes:
    """Return the file with its compressed streams opened."""
    parts = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(parts)


def test_setting_it_again_gives_the_same_bytes(pdf, data, tmp_path):
    time.sleep(1.1)  # a clock would show
    paper.typeset(paper.lay_out(data, figures.pictures(), paper.SOURCE, tmp_path / "elsewhere"), tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == pdf


def test_it_has_what_a_paper_for_everybody_must_have(pdf):
    inside = unpacked(pdf)
    assert re.search(rb"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A<", inside)  # all fonts within
    assert b"<pdfuaid:part>1<" in inside  # read aloud, too
    assert b"TinyTorch: purpose-designed datasets for learning machine learning from first principles" in inside
    assert f"<rdf:li>{paper.authors()[0]}</rdf:li>".encode() in inside
    assert b"/Outlines" in inside
    assert max(info.published for info in CATALOG.values()).encode() in inside
    pages = [int(count) for count in re.findall(rb"/Type\s*/Pages[^>]*?/Count (\d+)", inside)]
    assert 6 <= max(pages) <= 10


def set_again(data, folder: Path, old: str = "", new: str = "") -> Path:
    pytest.importorskip("typst")
    main = paper.lay_out(data, figures.pictures(), paper.SOURCE, folder / "work")
    source = main.read_text(encoding="utf-8")
    assert old in source
    main.write_text(source.replace(old, new, 1), encoding="utf-8")
    paper.typeset(main, folder / "paper.pdf")
    return folder / "paper.pdf"


def test_a_number_that_no_result_gives_stops_the_compiler(data, tmp_path):
    with pytest.raises(RuntimeError, match=r"no result gives the number “tinymnist\.smaples”"):
        set_again(data, tmp_path, '#n("tinymnist.samples")', '#n("tinymnist.smaples")')


def test_a_work_that_is_not_in_the_bibliography_stops_the_compiler(data, tmp_path):
    with pytest.raises(RuntimeError, match="nobody1999nothing"):
        set_again(data, tmp_path, "@gebru2021datasheets", "@nobody1999nothing")


def test_what_the_compiler_warns_of_stops_it(data, tmp_path):
    with pytest.raises(RuntimeError, match="unknown font family: no such font"):
        set_again(data, tmp_path, "= Motivation", '#set text(font: "No Such Font")\n= Motivation')


def test_every_number_reaches_the_page(pdf, data, tmp_path):
    other = {**data, "n": {**data["n"], "stands.models": "38"}}
    assert set_again(other, tmp_path).read_bytes() != pdf
