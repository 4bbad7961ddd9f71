"""Do the Croissant cards say what the files are, and can others load every record?"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tinytorch import datasets
from tinytorch.datasets import CATALOG
from tinytorch.datasets.croissant import croissant, text
from tinytorch.datasets.export import export
from tinytorch.datasets.responsible import RESPONSIBLE

HOME = Path(datasets.__file__).parent
CHECK = Path(__file__).parent.parent / "tools" / "check_croissant.py"
# http://mlcommons.org/croissant/1.1, "Required" and "Modified and added properties"
REQUIRED = {
    *("@context", "@type", "conformsTo", "description", "license", "name", "url", "creator", "datePublished"),
    *("distribution", "citeAs", "version", "recordSet"),
}
# http://mlcommons.org/croissant/RAI/1.0
RAI = {
    *("dataCollection", "dataCollectionType", "dataCollectionMissingData", "dataCollectionRawData"),
    *("dataCollectionTimeframe", "dataImputationProtocol", "dataManipulationProtocol", "dataPreprocessingProtocol"),
    *("dataAnnotationProtocol", "dataAnnotationPlatform", "dataAnnotationAnalysis", "dataReleaseMaintenancePlan"),
    *("personalSensitiveInformation", "dataSocialImpact", "dataBiases", "dataLimitations", "dataUseCases"),
    *("annotationsPerItem", "annotatorDemographics", "machineAnnotationTools"),
}
EXPECTED_RAI = RAI & {
    *("dataCollection", "dataBiases", "dataLimitations", "dataUseCases", "personalSensitiveInformation"),
    *("dataAnnotationProtocol", "dataSocialImpact", "dataReleaseMaintenancePlan"),
}

every = pytest.mark.parametrize("info", CATALOG.values(), ids=CATALOG)


@every
def test_the_shipped_card_is_what_the_data_make(info):
    shipped = (HOME / info.name / "croissant.json").read_text(encoding="utf-8")
    assert shipped == text(info), "the card is out of date: python tools/write_croissant.py"


@every
def test_an_exported_folder_is_what_its_card_says(info, tmp_path):
    export(info.name, "croissant", tmp_path / "out")
    content = (tmp_path / "out" / "croissant.json").read_text(encoding="utf-8")
    assert content == text(info)
    files = json.loads(content)["distribution"]
    for file in files:
        held = (tmp_path / "out" / file["contentUrl"]).read_bytes()
        assert file["contentSize"] == f"{len(held)} B"
        assert file["sha256"] == sha256(held).hexdigest()
    named = {file["contentUrl"] for file in files} | {"croissant.json"}
    named |= {"README.md", "DATASHEET.md", "CHANGELOG.md", "LICENSE", "CITATION.bib"}
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert found == named
    assert {file.name for file in info.files} < named


@every
def test_a_card_has_what_croissant_asks_for(info):
    card = croissant(info)
    assert set(card) >= REQUIRED
    assert card["conformsTo"] == ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", card["datePublished"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", card["version"])
    assert card["citeAs"].startswith("@")
    assert EXPECTED_RAI <= set(RESPONSIBLE[info.name]) <= RAI
    # Each word of the card has a meaning: schema.org's, or one that the context gives it.
    words = set(re.findall(r'"([a-zA-Z]+)":', json.dumps({**card, "@context": {}})))
    ours = {
        "citeAs",
        "conformsTo",
        "isLiveDataset",
        "recordSet",
        "field",
        "dataType",
        "source",
        "fileObject",
        "extract",
    }
    assert words & ours <= set(card["@context"])


@every
def test_the_ids_of_a_card_are_unique_and_what_it_refers_to_is_there(info):
    card = croissant(info)
    sets = card["recordSet"]
    fields = [field for each in sets for field in each["field"]]
    ids = [each["@id"] for each in [*card["distribution"], *sets, *fields]]
    assert len(ids) == len(set(ids))
    for field in fields:
        if "source" in field:
            assert field["source"]["fileObject"]["@id"] in ids
        if "references" in field:
            assert field["references"]["field"]["@id"] in ids
    assert [each["splits/name"] for each in sets[0]["data"]] == list(info.splits)


@pytest.mark.network
@pytest.mark.timeout(600)
def test_every_record_is_loaded_by_others_as_we_ship_it_and_a_flipped_byte_is_noticed():
    run = subprocess.run([sys.executable, CHECK], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    for info in CATALOG.values():
        assert f"{info.title}: {sum(info.splits.values()):,} records," in run.stdout
    assert run.stdout.count("a flipped byte: loading fails, while `mlcroissant validate` says valid") == 2
    assert run.stdout.count("1 record differs from the shipped one") == 2
    assert "Citation metadata are valid" in run.stdout
