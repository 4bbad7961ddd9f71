"""Do the programs in the README run as they stand, and do the links in the documents lead anywhere?"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


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
    assert [link for link in links if not (ROOT / name).parent.joinpath(link).exists()] == []
