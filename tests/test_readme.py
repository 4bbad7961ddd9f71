"""Do the programs in the README run as they stand?"""

import re
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"


def test_the_readmes_programs_run(tmp_path, monkeypatch, capsys):
    pytest.importorskip("onnx", reason="the last line writes an ONNX file")
    monkeypatch.chdir(tmp_path)
    programs = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    assert len(programs) == 2
    exec(compile("\n".join(programs), "README.md", "exec"), {})
    shown = capsys.readouterr().out
    assert float(re.search(r"^loss ([\d.]+)$", shown, re.M)[1]) < 0.1
    assert "trainable: 2,410" in shown
    assert {path.name for path in tmp_path.iterdir()} == {"graph.svg", "model.onnx"}
