"""Is the README right: its programs, its links, its pictures, and do those show what the results say?"""

import doctest
import html
import io
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tinytorch.milestones import catalog

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
sys.path.append(str(ROOT / "tools"))
card_readme, pictures = TOOLS = [import_module(name) for name in ("card_readme", "readme_pictures")]


def test_the_readmes_programs_run(tmp_path, monkeypatch, capsys):
    pytest.importorskip("onnx", reason="the last line writes an ONNX file")
    monkeypatch.chdir(tmp_path)
    programs = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    assert len(programs) == 3
    exec(compile("\n".join(programs), "README.md", "exec"), {})
    shown = capsys.readouterr().out
    assert float(re.search(r"^loss ([\d.]+)$", shown, re.M)[1]) < 0.1
    assert "trainable: 2,410" in shown
    assert "LinearBackward0" in shown
    assert {path.name for path in tmp_path.iterdir()} == {"graph.svg", "model.onnx"}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/api.md", "docs/faults.md", "docs/mutants.md"])
def test_every_link_to_a_file_leads_to_one(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if not link.startswith("http")]
    links += re.findall(r'<img src="([^"]+)"', text)
    assert [link for link in links if not (ROOT / name).parent.joinpath(link).exists()] == []


@pytest.mark.parametrize("module", TOOLS, ids=lambda module: module.__name__)
def test_the_examples_in_the_tools_are_right(module):
    assert doctest.testmod(module).failed == 0


# --- Pictures -------------------------------------------------------------------------------------------------------


def test_every_picture_is_shown_small_and_asks_nobody_for_anything():
    files = sorted(pictures.PICTURES.iterdir())
    text = README.read_text(encoding="utf-8")
    assert [file.name for file in files if f"docs/pictures/{file.name}" not in text] == []
    assert sum(file.stat().st_size for file in files) < 150_000
    for file in files:
        if file.suffix == ".svg":
            drawn = file.read_text(encoding="utf-8").replace(pictures.SVG, "")
            assert re.search(r"https?:|href|url\(|<script|@import|<image", drawn) is None


@pytest.mark.parametrize("name", ["tinydigits.png", "tinymnist.png"])
def test_a_picture_of_images_shows_the_shipped_ones(name):
    """Pixel by pixel: how a picture is packed is up to the zlib that is there."""
    image = pytest.importorskip("PIL.Image")
    drawn, made = (
        image.open(io.BytesIO(content))
        for content in ((pictures.PICTURES / name).read_bytes(), pictures.of_datasets()[name])
    )
    assert drawn.mode == made.mode == "L"
    assert (drawn.size, drawn.tobytes()) == (made.size, made.tobytes())


def test_the_picture_of_talks_shows_the_shipped_ones():
    assert (pictures.PICTURES / "tinytalks.svg").read_bytes() == pictures.of_datasets()["tinytalks.svg"]


def judged(picture: str) -> dict[str, dict[str, str]]:
    """Return what a picture says of each milestone's gates: the value reached, by the name of the gate."""
    found: dict[str, dict[str, str]] = {}
    lines: dict[tuple[str, str], str] = {}
    for window, column in enumerate(picture.split("<title>")[1:]):
        for y, said in re.findall(r'<text [^>]*y="(\d+)"[^>]*>([^<]*)</text>', column):
            lines[window, int(y)] = " ".join([*lines.get((window, int(y)), "").split(), *html.unescape(said).split()])
    shown = "\n".join(lines[place] for place in sorted(lines))
    for name, about in re.findall(r"^\d{4} ● (\w+)$(.*?)(?=^\d{4} ● |\Z)", shown, re.MULTILINE | re.DOTALL):
        about = about.replace("\n│", "")
        found[name] = dict(re.findall(r"✓ (.+?): (\S+) \((?:at least|at most|exactly) [^)]*\)", about))
    return found


def among(shown: str, bound, values: list[float]) -> bool:
    """Tell whether a number as text is one of the seeds', or lies between them: another machine's bits are others."""
    number = float(shown.rstrip("%")) / (100 if shown.endswith("%") else 1)
    return shown in {bound.show(value) for value in values} or min(values) <= number <= max(values)


def test_the_timeline_shows_what_the_results_say():
    results = import_module("card_evidence").result("milestones")["findings"]
    found = judged((pictures.PICTURES / "run_all.svg").read_text(encoding="utf-8"))
    assert set(found) == {name for column in pictures.COLUMNS for name in column}
    for name, gates in found.items():
        bounds, measured = catalog.load(name).gates, results[name]["gates"]
        assert set(gates) == set(bounds)
        assert [gate for gate in gates if not among(gates[gate], bounds[gate], measured[gate]["values"])] == []


def test_a_value_that_no_seed_gave_is_noticed():
    (bound,) = catalog.load("mlp_digits").gates.values()
    assert among("95.7%", bound, [0.9574, 0.9787])
    assert among("97%", bound, [0.9574, 0.9787])
    assert not among("98.8%", bound, [0.9574, 0.9787])


def test_a_milestone_that_was_not_run_is_missed():
    with pytest.raises(KeyError, match="perceptron_trained"):
        pictures.timeline("1957 ● forward_pass\n    │ met\n")


# --- The comparison -------------------------------------------------------------------------------------------------


def test_the_comparison_follows_the_measurements(tmp_path, monkeypatch):
    before = card_readme.comparison()
    benchmarks = import_module("card_benchmarks")
    text = (benchmarks.RESULTS / "speed.json").read_text(encoding="utf-8")
    monkeypatch.setattr(benchmarks, "RESULTS", tmp_path)
    (tmp_path / "speed.json").write_text(text, encoding="utf-8")
    assert card_readme.comparison() == before
    (tmp_path / "speed.json").write_text(text.replace('"median": 0.', '"median": 7.'), encoding="utf-8")
    assert card_readme.comparison() != before
    (tmp_path / "speed.json").unlink()
    with pytest.raises(FileNotFoundError, match="`make bench` makes it"):
        card_readme.comparison()
