"""Does TinyTorch keep the habits that Windows, macOS, small machines and other processors need?

That text is opened as UTF-8 by name, and paths are put together by pathlib, is seen to by `make lint` (PLW1514, PTH).
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import re
import subprocess
import sys

import numpy as np
import pytest
from command import ROOT, call, environment, one_line

import tinytorch as torch
from tinytorch import nn
from tinytorch.datasets import load_tinydigits
from tinytorch.utils.data import DataLoader, TensorDataset

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


# ---------------------------------------------------------------------------------------------- processes, spawned
def train(seed: int, loader: DataLoader | None = None) -> str:
    """Train a small network for one epoch; the digest of its weights."""
    torch.manual_seed(seed)
    if loader is None:
        images, labels = load_tinydigits("train", return_X_y=True)
        data = TensorDataset(torch.tensor(images / 16).float().flatten(1), torch.tensor(labels))
        loader = DataLoader(data, batch_size=16, shuffle=True)
    model = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return hashlib.sha256(b"".join(each.numpy().tobytes() for each in model.state_dict().values())).hexdigest()


def first_row(model: nn.Module, x: torch.Tensor) -> tuple[nn.Module, torch.Tensor]:
    return model, model(x)[0]


def test_processes_that_are_spawned_train_as_this_one_does():
    """Windows and macOS start processes so: nothing but what is sent along is known there."""
    data = TensorDataset(torch.rand(40, 64), torch.arange(40) % 10)
    loader = DataLoader(data, batch_size=8, shuffle=True, num_workers=2, multiprocessing_context="spawn")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        theirs = pool.starmap(train, [(0,), (1,), (2, loader)])
    assert theirs == [train(0), train(1), train(2, loader)]
    assert len(set(theirs)) == 3


def test_a_model_goes_to_a_spawned_process_and_back():
    model, x = nn.Sequential(nn.Linear(3, 2), nn.Tanh()), torch.rand(4, 3)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        twin, row = pool.apply(first_row, (model, x))
    np.testing.assert_array_equal(row.detach().numpy(), model(x)[0].detach().numpy())
    assert all(torch.equal(a, b) for a, b in zip(twin.parameters(), model.parameters(), strict=True))
    assert all(each.requires_grad for each in twin.parameters())


# ------------------------------------------------------------------------------------------------------------ text
@pytest.mark.parametrize(
    "words",
    [
        "run mlp_digits --json run.json --save model.safetensors",
        "datasets verify tinytalks",
        "datasets build tinytalks .",
    ],
)
def test_no_text_is_opened_in_the_encoding_that_the_system_happens_to_have(tmp_path, words):
    """Python itself says where one is: https://peps.python.org/pep-0597/."""
    command = [sys.executable, "-X", "warn_default_encoding", "-W", "error::EncodingWarning", "-m", "tinytorch.cli"]
    done = call(*words.split(), command=command, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_that_encoding_would_be_noticed(tmp_path):
    program = "import pathlib; pathlib.Path('a').write_text('é')"
    words = [sys.executable, "-X", "warn_default_encoding", "-W", "error::EncodingWarning", "-c", program]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False)
    assert b"EncodingWarning" in done.stderr


def test_a_python_without_lzma_is_told_so():
    """One that was built where the headers of liblzma are missing, as `pyenv` does: its import of `_lzma` fails."""
    program = "import sys; sys.modules['_lzma'] = None; from tinytorch.cli import main; main()"
    done = call("datasets", "show", "tinydigits", command=[sys.executable, "-c", program])
    assert "tinydigits.npz can't be unpacked, as this Python was built without lzma" in one_line(done, status=3)


def test_files_are_written_and_read_below_a_folder_with_spaces_and_accents(tmp_path):
    folder = tmp_path / "Übung 1 – für später"
    folder.mkdir()
    for number in "12":
        done = call("run", "mlp_digits", "--json", folder / f"läuft {number}.json", "--save", folder / "m.safetensors")
        assert done.returncode == 0, done.stderr
    assert json.loads((folder / "läuft 1.json").read_text(encoding="utf-8"))
    assert call("compare", folder / "läuft 1.json", folder / "läuft 2.json").returncode == 0
    assert torch.load(folder / "m.safetensors")


# ----------------------------------------------------------------------------------------- what a user has to type
SHELL = re.compile(r"&&|\|\||[|;<>`]|\$\(|^(?:export|source|sh|bash|sudo|chmod|cp|rm|mv|cat|ls) |^[A-Z_]+=")


def typed(text: str) -> list[str]:
    """Return the commands that a document gives in paragraphs of their own, without what is said of them."""
    prose = re.sub(r"```.*?```", "", text, flags=re.S)
    return [line.split("  #")[0].strip() for line in re.findall(r"^ {4}(\S.*)$", prose, re.M)]


def shell_only(text: str) -> list[str]:
    """Return the commands that cmd.exe and PowerShell would not understand, and for which they are told no other."""
    commands = typed(text)
    twins = {"py -m venv .venv": "python3 -m venv .venv"}
    windows = {
        twins.get(each, each.replace("\\Scripts\\", "/bin/")) for each in commands if "\\" in each or each in twins
    }
    posix = {each for each in commands if each.startswith((".venv/bin/", "python3 "))}
    makes = [] if "Without make:" in text else [each for each in commands if each.startswith("make ")]
    return [each for each in commands if SHELL.search(each)] + sorted(posix - windows) + makes


def test_no_step_of_the_readme_needs_a_unix_shell():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert ".venv/bin/pip install ." in typed(text)
    assert shell_only(text) == []


@pytest.mark.parametrize(
    "step", ["export A=1", "A=1 tinytorch run", "cd a && b", "tinytorch list | head", ".venv/bin/tinytorch", "make run"]
)
def test_a_step_that_needs_one_would_be_found(step):
    assert shell_only(f"Do\n\n    {step}\n") == [step]


# --------------------------------------------------------------------------------------------------- small machines
def tool(name: str, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / name), *words]
    return subprocess.run(command, env=environment(**extra), capture_output=True, encoding="utf-8", check=False)


@linux_only
def test_a_program_runs_on_one_core_with_little_memory():
    done = tool("small_machine.py", "--only", "cnn_digits")  # takes the most memory of all
    assert done.returncode == 0, done
    assert done.stdout.endswith("1 tried, 1 of 1 runs met their gates: cnn_digits, 0 lost\n")


@linux_only
def test_a_program_that_has_too_little_memory_is_said_to_fail():
    done = tool("small_machine.py", "--only", "mlp_digits", "--memory", "50")  # not even for NumPy
    assert done.returncode == 1
    assert done.stdout.endswith("1 tried, 0 of 1 runs met their gates: mlp_digits, 1 lost\n")


def test_where_the_tools_for_arm_are_missing_one_sentence_says_so_and_nothing_failed(tmp_path):
    done = tool("arm.py", PATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"make arm: skipped: debootstrap is not here: [^\n]+\.\n", done.stdout)
    assert not list(tmp_path.iterdir())
