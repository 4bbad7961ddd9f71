"""Does `--framework torch` put PyTorch under a program, and under nothing else?

PyTorch is not needed here. Its stand-in is a copy of TinyTorch's core in which every `tinytorch` reads `torch`: another
library with classes of its own, which draws the same random numbers. tests/parity/test_programs.py takes the real one.
"""

from __future__ import annotations

import builtins
import importlib
import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from command import COMMAND, ROOT, call, one_line

import tinytorch
from tinytorch.milestones import catalog, framework
from tinytorch.models import GPT, generate

NOT_IN_TORCH = ("datasets", "milestones", "cli", "models", "text.py", "inspection", "onnx", "__pycache__")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where a package `torch` lies."""
    place = tmp_path_factory.mktemp("stand_in")
    shutil.copytree(ROOT / "tinytorch", place / "torch", ignore=shutil.ignore_patterns(*NOT_IN_TORCH))
    for file in (place / "torch").rglob("*.py"):
        file.write_text(file.read_text(encoding="utf-8").replace("tinytorch", "torch"), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def torch(folder):
    """The stand-in, imported; after the tests of this file it is forgotten."""

    def theirs(name: str) -> bool:
        return name.partition(".")[0] == "torch" or name.startswith("on torch:")

    before = {name: sys.modules.pop(name) for name in list(sys.modules) if theirs(name)}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield importlib.import_module("torch")
    for name in filter(theirs, list(sys.modules)):
        del sys.modules[name]
    sys.modules.update(before)


@pytest.fixture
def load(torch, tmp_path):
    """Run a text as a program's file on the stand-in."""

    def load(text: str):
        file = tmp_path / "sample.py"
        file.write_text(text, encoding="utf-8")
        return framework.load("sample", file, "torch")

    return load


# ---- what `import` means ----


THEIRS = [
    ("import tinytorch as torch", "torch.tensor", "torch.tensor"),
    ("import tinytorch", "tinytorch.tensor", "torch.tensor"),
    ("import tinytorch", "tinytorch.nn.functional.relu", "torch.nn.functional.relu"),
    ("import tinytorch as torch", "torch.optim.SGD", "torch.optim.SGD"),
    ("from tinytorch import nn", "nn.Linear", "torch.nn.Linear"),
    ("from tinytorch import Tensor", "Tensor", "torch.Tensor"),
    ("import tinytorch.nn", "tinytorch.nn.Module", "torch.nn.Module"),
    ("import tinytorch.nn as nn", "nn.Module", "torch.nn.Module"),
    ("import tinytorch.nn.functional as F", "F.softmax", "torch.nn.functional.softmax"),
    ("from tinytorch.nn import functional as F", "F.softmax", "torch.nn.functional.softmax"),
    ("from tinytorch.nn.functional import softmax", "softmax", "torch.nn.functional.softmax"),
    ("from tinytorch.optim import lr_scheduler", "lr_scheduler.StepLR", "torch.optim.lr_scheduler.StepLR"),
    ("from tinytorch.utils import data", "data.DataLoader", "torch.utils.data.DataLoader"),
    ("from tinytorch.utils.data import DataLoader", "DataLoader", "torch.utils.data.DataLoader"),
]
OURS = [
    ("from tinytorch.datasets import load_tinydigits", "load_tinydigits", "tinytorch.datasets.load_tinydigits"),
    ("from tinytorch import datasets", "datasets.load_tinytalks", "tinytorch.datasets.load_tinytalks"),
    ("import tinytorch.datasets as d", "d.load_tinydigits", "tinytorch.datasets.load_tinydigits"),
    ("import tinytorch.datasets", "tinytorch.datasets.load_tinydigits", "tinytorch.datasets.load_tinydigits"),
    ("import tinytorch.datasets", "tinytorch.tensor", "torch.tensor"),
    ("from tinytorch.milestones import milestone", "milestone", "tinytorch.milestones.milestone"),
    ("from tinytorch.text import Vocabulary", "Vocabulary", "tinytorch.text.Vocabulary"),
    ("import numpy as np", "np.array", "numpy.array"),
    ("import os.path", "os.path.join", "os.path.join"),
]


def named(path: str) -> object:
    """What a dotted name means to everyone."""
    first, *rest = path.split(".")
    value = sys.modules[first]
    for part in rest:
        value = getattr(value, part)
    return value


@pytest.mark.parametrize(("line", "expression", "meant"), THEIRS + OURS)
def test_imports(load, line, expression, meant):
    module = load(
        f"{line}\nat_the_top = {expression}\n"
        f"def function():\n    {line}\n    return {expression}\n"
        f"class Class:\n    {line}\n    inside = {expression}\n"
    )
    assert module.at_the_top is module.function() is module.Class.inside is named(meant)


def test_a_module_that_nobody_has_imported_yet(load, monkeypatch):
    monkeypatch.delitem(sys.modules, "tinytorch.datasets.croissant", raising=False)
    monkeypatch.delattr("tinytorch.datasets.croissant", raising=False)
    assert load("from tinytorch.datasets import croissant").croissant.__name__ == "tinytorch.datasets.croissant"


def test_models_are_run_again(load, torch):
    module = load(
        "from tinytorch.models import GPT, generate\n"
        "from tinytorch import models\n"
        "import tinytorch.models.gpt as gpt\n"
        "from tinytorch.models.gpt import KVCache\n"
    )
    assert issubclass(module.GPT, torch.nn.Module)
    assert not issubclass(module.GPT, tinytorch.nn.Module)
    assert module.GPT is module.models.GPT is module.gpt.GPT is not GPT
    assert module.KVCache is module.models.KVCache
    assert issubclass(GPT, tinytorch.nn.Module)  # everyone else's is what it was

    sizes = {"vocab": 12, "context": 16, "width": 8}
    torch.manual_seed(3), tinytorch.manual_seed(3)
    theirs, ours = module.GPT(**sizes), GPT(**sizes)
    assert type(theirs(torch.tensor([[1, 2]]))) is torch.Tensor
    assert module.generate(theirs, [1, 2], 10) == generate(ours, [1, 2], 10)


def test_two_programs_share_their_models(load):
    assert load("from tinytorch.models import GPT").GPT is load("from tinytorch.models import GPT").GPT


# ---- and to whom ----


def test_only_the_program_sees_it(load, torch):
    importer, modules = builtins.__import__, {name: m for name, m in sys.modules.items() if "tinytorch" in name}
    load("import tinytorch as torch\nfrom tinytorch.models import GPT\nfrom tinytorch.utils.data import DataLoader")
    assert builtins.__import__ is importer
    assert {name: sys.modules[name] for name in modules} == modules
    exec("import tinytorch as t; from tinytorch.nn import Linear; from tinytorch.models import GPT as G", names := {})
    assert (names["t"], names["Linear"], names["G"]) == (tinytorch, tinytorch.nn.Linear, GPT)
    assert torch.Tensor is not tinytorch.Tensor


def test_program_is_found_by_what_looks_into_modules(load):
    module = load("from __future__ import annotations\nfrom dataclasses import dataclass\n"
                  "import tinytorch as torch\n@dataclass\nclass Pair:\n    x: torch.Tensor\n")  # fmt: skip
    assert sys.modules[module.Pair.__module__] is module


# ---- what PyTorch lacks ----


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("from tinytorch import no_such_name", "cannot import name 'no_such_name'"),
        ("from tinytorch.nn import NoSuchLayer", "cannot import name 'NoSuchLayer' from 'torch.nn'"),
        ("import tinytorch.inspection", r"No module named 'torch\.inspection'"),
        ("from tinytorch.models import NoSuchModel", "cannot import name 'NoSuchModel'"),
        ("from tinytorch.models.no_such_file import Model", r"No module named 'tinytorch\.models\.no_such_file'"),
    ],
)
def test_a_name_that_pytorch_lacks_is_not_taken_from_tinytorch(load, line, says):
    with pytest.raises(ImportError, match=says):
        load(line)
    assert "on torch:sample" not in sys.modules


# ---- programs ----


@pytest.mark.parametrize("name", ["xor_solved", "mlp_digits"])
def test_a_program_and_its_result(torch, name):
    ours = catalog.load(name).play(seed=1, epochs=3)
    program = catalog.load_file(catalog.path(name), name, "torch")
    theirs = program.play(seed=1, epochs=3)
    assert (ours.framework, theirs.framework) == ("tinytorch", "torch")
    assert theirs.metrics == ours.metrics
    assert theirs.gates == ours.gates
    for weight, values in ours.kept["model"].items():
        assert (theirs.kept["model"][weight] == values).all()
    assert program.function.__globals__["nn"] is torch.nn


def test_the_command(folder, tmp_path):
    records = []
    for words in (
        ["run", "xor_solved"],
        ["run", "xor_solved", "--framework", "torch"],
        [str(catalog.path("xor_solved")), "--framework", "torch"],
        [str(catalog.path("xor_solved")), "--framework", "tinytorch"],
    ):
        command = COMMAND if words[0] == "run" else [sys.executable]
        done = call(*words, "--json", tmp_path / "run.json", command=command, PYTHONPATH=f"{folder}{os.pathsep}{ROOT}")
        assert (done.returncode, done.stderr) == (0, "")
        assert (", on PyTorch" in done.stdout) is ("torch" in words)
        records.append(json.loads((tmp_path / "run.json").read_text(encoding="utf-8")))
        records[-1].pop("seconds")
    ours, theirs, file, again = records
    assert ours == again
    assert theirs == file
    assert (ours.pop("framework"), theirs.pop("framework")) == ("tinytorch", "torch")
    assert theirs.pop("torch") == tinytorch.__version__  # the stand-in's
    assert ours == theirs


def test_a_copy_of_a_program_somewhere_else(folder, tmp_path):
    """Started as a file, it is that file that runs on PyTorch, and not the one in the catalog."""
    source = catalog.path("xor_solved").read_text(encoding="utf-8")
    (tmp_path / "mine.py").write_text(source.replace("epochs=300", "epochs=0"), encoding="utf-8")
    command = [sys.executable, str(tmp_path / "mine.py")]
    done = call("--framework", "torch", command=command, PYTHONPATH=f"{folder}{os.pathsep}{ROOT}")
    assert done.returncode == 1
    assert "Fell short: corners right" in done.stdout


@pytest.mark.parametrize("as_a_file", [False, True])
def test_without_pytorch_it_is_said_how_to_get_it(as_a_file, tmp_path):
    hide = "import sys; sys.modules['torch'] = None; "
    if as_a_file:
        start = f"import runpy; runpy.run_path({str(catalog.path('xor_solved'))!r}, run_name='__main__')"
    else:
        start = "sys.argv.insert(1, 'run'); sys.argv.insert(2, 'xor_solved'); from tinytorch.cli import main; main()"
    command = [sys.executable, "-c", hide + start]
    line = one_line(call("--framework", "torch", "--json", tmp_path / "run.json", command=command))
    assert line.startswith("tinytorch: --framework torch needs PyTorch: ")
    assert line.endswith(" -m pip install torch\n")
    assert list(tmp_path.iterdir()) == []
    assert call(command=command).returncode == 0  # nothing else needs it


def test_frameworks_that_there_are_not():
    assert "--framework jax: choose tinytorch or torch" in one_line(call("run", "xor_solved", "--framework", "jax"))
