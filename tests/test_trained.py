"""Is a kept model what its program made, whatever happens to its file, and does `--save` hand over the same?"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from command import call, environment, one_line
from programs import Listener

import tinytorch as torch
from tinytorch import nn
from tinytorch.milestones import catalog, trained
from tinytorch.milestones.kit import NotTrainedError

PROGRAM = """
import tinytorch as torch
from tinytorch import nn
from tinytorch.milestones import at_least, milestone

@milestone(year=2000, people="", idea="", data="", source="", epochs=3, gates={"epochs": at_least(3)})
def little(run, width=2):
    torch.manual_seed(run.seed)
    model = nn.Linear(width, 1)
    run.progress(run.epochs, loss=0.5)
    run.say("not to be seen when another program runs this one")
    run.keep(model, vocabulary=["a", "b"], config={"width": width})
    with torch.no_grad():
        model.weight.zero_()  # what a program does with its model later is its own affair
    run.gate("epochs", run.epochs)

@milestone(year=2000, people="", idea="", data="", source="", epochs=None, gates={"it came": at_least(1)})
def user(run):
    run.trained("little")
    run.gate("it came", 1)
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """The file of a little program, which is the only one there is; models are kept in a folder of the test's own."""
    file = tmp_path / "little.py"
    file.write_text(PROGRAM, encoding="utf-8")
    monkeypatch.setattr(catalog, "FOLDER", tmp_path)
    monkeypatch.setattr(catalog, "PROGRAMS", ("little.py",))
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path / "data"))
    catalog.load.cache_clear()
    yield file
    catalog.load.cache_clear()
    sys.modules.pop("tinytorch.milestones.little", None)


def weight(kept):
    return kept["model"]["weight"]


def expected(seed=0):
    torch.manual_seed(seed)
    return nn.Linear(2, 1).weight.detach().numpy()


# ---- kept and found ----


def test_a_model_is_found_as_it_was_handed_over(program):
    assert trained.find("little") is None
    path = trained.keep(catalog.load("little").play())
    assert path == trained.file_of("little") == program.parent / "data" / "models" / "little.safetensors"
    found = trained.find("little")
    assert np.array_equal(weight(found), expected())
    assert {key: found[key] for key in found if key != "model"} == {"vocabulary": ["a", "b"], "config": {"width": 2}}
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_it_is_looked_for_where_tinytorch_data_says(program, monkeypatch):
    trained.keep(catalog.load("little").play())
    monkeypatch.setenv("TINYTORCH_DATA", str(program.parent / "elsewhere"))
    assert trained.find("little") is None
    path = trained.keep(catalog.load("little").play())
    assert path is not None
    assert "elsewhere" in path.parts
    assert trained.find("little") is not None


def test_the_program_runs_once_and_shows_its_progress_only(program):
    first, second = Listener(), Listener()
    made = trained.find_or_train("little", [first])
    assert (first.said, first.shown, first.steps) == ([], [], [("epoch", 3, 3, {"loss": 0.5})])
    found = trained.find_or_train("little", [second])
    assert second.steps == []
    assert np.array_equal(weight(made), weight(found))


def test_no_model_of_a_run_that_missed_its_gate(program):
    assert trained.keep(catalog.load("little").play(epochs=2)) is None
    assert trained.find("little") is None


def test_a_program_whose_model_is_not_to_be_had_misses_its_gates(program):
    program.write_text(PROGRAM.replace("at_least(3)", "at_least(4)"), encoding="utf-8")
    with pytest.raises(NotTrainedError, match="little was to train the model, but missed a gate: epochs is 3"):
        trained.find_or_train("little")
    screen = Listener()
    result = sys.modules["tinytorch.milestones.little"].user.play(screens=[screen])
    assert [gate.name for gate in result.missed] == ["it came"]
    assert screen.said == ["little was to train the model, but missed a gate: epochs is 3, required: at least 4."]
    assert trained.find("little") is None


# ---- which run's model it is ----


@pytest.mark.parametrize("other", [{"epochs": 5}, {"width": 3}, {"epochs": 5, "seed": 1}], ids=str)
def test_a_run_that_is_not_as_declared_is_never_kept(program, other):
    little = catalog.load("little")
    assert trained.keep(little.play(**other)) is None
    assert trained.find("little") is None
    trained.keep(little.play())
    assert trained.keep(little.play(**other)) is None
    assert np.array_equal(weight(trained.find("little")), expected())


def test_another_seed_is_kept_until_the_first_one_comes(program):
    little = catalog.load("little")
    trained.keep(little.play(seed=7))
    assert np.array_equal(weight(trained.find("little")), expected(seed=7))
    trained.keep(little.play(seed=8))
    assert np.array_equal(weight(trained.find("little")), expected(seed=7))
    trained.keep(little.play(seed=0))
    assert np.array_equal(weight(trained.find("little")), expected(seed=0))
    trained.keep(little.play(seed=7))
    assert np.array_equal(weight(trained.find("little")), expected(seed=0))


def test_a_changed_copy_is_not_the_program_of_that_name(program):
    namespace = {"__name__": "copy"}
    exec(compile(PROGRAM, str(program.parent / "copy" / "little.py"), "exec"), namespace)
    assert not trained.is_from_catalog(namespace["little"])
    assert not trained.is_from_catalog(namespace["user"])  # a name that the catalog does not know
    assert trained.is_from_catalog(catalog.load("little"))


# ---- files that are not to be trusted ----


def kept_bytes():
    path = trained.keep(catalog.load("little").play())
    assert path is not None
    return path, path.read_bytes()


def test_every_single_byte_counts(program):
    path, content = kept_bytes()
    assert trained.find("little") is not None
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert trained.find("little") is None, f"byte {place} of {len(content)}"


def test_a_file_cut_short_anywhere_is_trained_anew(program):
    path, content = kept_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        assert trained.find("little") is None
    assert np.array_equal(weight(trained.find_or_train("little")), expected())
    assert path.read_bytes() == content  # mended


@pytest.mark.parametrize(
    "stranger",
    [
        {"weight": torch.ones(1, 2)},
        {"model": {"weight": torch.ones(1, 2)}, "vocabulary": []},
        {"model": {"weight": torch.ones(1, 2)}, "made by": "someone"},
        {"model": [1, 2], "made by": "someone"},
        [torch.ones(2)],
        {"model": {"weight": 3.0}, "made by": None},
    ],
    ids=range(6),
)
def test_a_strangers_file_is_not_used(program, stranger):
    path, _ = kept_bytes()
    torch.save(stranger, path)
    assert trained.find("little") is None


def test_a_folder_in_its_place_is_no_model(program):
    screen = Listener()
    trained.file_of("little").mkdir(parents=True)
    assert np.array_equal(weight(trained.find_or_train("little", [screen])), expected())
    assert len(screen.said) == 1
    assert "can't be written" in screen.said[0]


def test_a_changed_program_trains_anew(program):
    trained.keep(catalog.load("little").play())
    program.write_text(PROGRAM.replace("epochs=3", "epochs=4"), encoding="utf-8")
    assert trained.find("little") is None
    catalog.load.cache_clear()
    screen = Listener()
    trained.find_or_train("little", [screen])
    assert screen.steps == [("epoch", 4, 4, {"loss": 0.5})]


def test_a_change_in_the_models_trains_anew(program, monkeypatch):
    folder = program.parent / "models"
    shutil.copytree(trained.models.__path__[0], folder)
    monkeypatch.setattr(trained.models, "__file__", str(folder / "__init__.py"))
    trained.keep(catalog.load("little").play())
    assert trained.find("little") is not None
    with (folder / "gpt.py").open("a", encoding="utf-8") as file:
        file.write("\n# another network\n")
    assert trained.find("little") is None


def test_another_version_trains_anew(program, monkeypatch):
    trained.keep(catalog.load("little").play())
    monkeypatch.setattr(torch, "__version__", "0.0.0")
    assert trained.find("little") is None


def test_where_nothing_can_be_written_the_model_is_trained_each_time(program, monkeypatch):
    (program.parent / "file").touch()
    monkeypatch.setenv("TINYTORCH_DATA", str(program.parent / "file" / "data"))  # denied to everyone, root included
    assert trained.keep(catalog.load("little").play()) is None
    for screen in (Listener(), Listener()):
        assert np.array_equal(weight(trained.find_or_train("little", [screen])), expected())
        assert len(screen.steps) == 1
        assert "little.safetensors can't be written. It is trained each time." in screen.said[0]


WRITER = """
import sys
from pathlib import Path
from tinytorch.milestones import catalog, trained
catalog.FOLDER, catalog.PROGRAMS = Path(sys.argv[1]), ("little.py",)
result = catalog.load("little").play()
for _ in range(60):
    assert trained.keep(result)
"""


def test_two_processes_write_while_a_third_reads(program):
    trained.keep(catalog.load("little").play())
    command = [sys.executable, "-c", WRITER, str(program.parent)]
    writers = [subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE) for _ in range(2)]
    reads = 0
    while any(writer.poll() is None for writer in writers):
        assert trained.find("little") is not None
        reads += 1
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [(b"", 0)] * 2
    assert reads > 10
    assert [file.name for file in trained.file_of("little").parent.iterdir()] == ["little.safetensors"]


# ---- the command ----


def test_save_writes_the_model_that_was_judged(tmp_path):
    file, data, record = tmp_path / "model.safetensors", tmp_path / "data", tmp_path / "run.json"
    done = call("run", "mlp_digits", "--save", file, "--json", record, TINYTORCH_DATA=str(data))
    assert (done.returncode, done.stderr) == (0, "")
    state = torch.load(file)["model"]
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    net.load_state_dict(state)
    images, labels = catalog.load("mlp_digits").function.__globals__["load_tinydigits"]("test", return_X_y=True)
    with torch.no_grad():
        answers = net(torch.tensor(images / 16.0, dtype=torch.float32).flatten(1)).argmax(dim=1).numpy()
    assert int((answers == labels).sum()) == json.loads(record.read_text())["metrics"]["test images right"]
    (kept,) = data.rglob("*.safetensors")
    waiting = torch.load(kept)["model"]
    assert all(torch.equal(waiting[name], values) for name, values in state.items())


def test_save_writes_a_model_that_missed_its_gate_but_does_not_keep_it(tmp_path):
    file, data = tmp_path / "model.safetensors", tmp_path / "data"
    done = call("run", "mlp_digits", "--epochs", 0, "--save", file, TINYTORCH_DATA=str(data))
    assert done.returncode == 1
    assert torch.load(file)["model"]["0.weight"].shape == (32, 64)
    assert not list(tmp_path.rglob("mlp_digits.safetensors"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("xor_crisis", "--save", "m.safetensors"), "it leaves no model"),
        (("mlp_digits", "--seeds", 2, "--save", "m.safetensors"), "one run"),
        (("mlp_digits", "--save", "no/such/folder/m.safetensors"), "there is no such folder"),
        (("mlp_digits", "--save", "m.safetensors", "--json", "m.safetensors"), "two flags name m.safetensors"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_save_refuses_before_anything_runs(words, told, tmp_path):
    assert told in one_line(call("run", *words, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_readers_own_program_leaves_the_kept_models_alone(tmp_path):
    own = tmp_path / "mlp_digits.py"
    own.write_text(catalog.path("mlp_digits").read_text(encoding="utf-8"), encoding="utf-8")
    mine = tmp_path / "mine.py"
    mine.write_text(own.read_text(encoding="utf-8").replace("mlp_digits", "mine"), encoding="utf-8")
    for file in (own, mine):
        done = call(command=[sys.executable, str(file)], TINYTORCH_DATA=str(tmp_path / "data"))
        assert (done.returncode, done.stderr) == (0, "")
    assert not list(tmp_path.rglob("*.safetensors"))
