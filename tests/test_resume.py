"""Does training go on from a checkpoint as if nothing had happened, wherever it was stopped, and from nothing else?

Processes are killed for real: at random moments, and just before each of the steps that writing a checkpoint takes.
"""

from __future__ import annotations

import json
import math
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from command import COMMAND, ROOT, call, environment, one_line

import tinytorch as torch
from tinytorch import nn, optim
from tinytorch.milestones import catalog
from tinytorch.milestones.checkpoints import Checkpoint, CheckpointError
from tinytorch.milestones.training import Training, checkpoint_of, prepare
from tinytorch.optim import lr_scheduler
from tinytorch.utils import data

EPOCHS, IMAGES, BATCH = 3, 10, 4
RUN = {"program": "a test", "seed": 0}


class StoppedError(Exception):
    """What stops a training here, after it has left a checkpoint."""


# ---- the loops, stopped after every batch ----


class Stream(data.IterableDataset):
    """Samples as they come, which are drawn at random."""

    def __iter__(self):
        yield from torch.rand(IMAGES, 3)


SAMPLES = data.TensorDataset(torch.arange(3.0 * IMAGES).reshape(IMAGES, 3) / 10)
BATCHES = {
    "in order": lambda g: data.DataLoader(SAMPLES, BATCH),
    "shuffled": lambda g: data.DataLoader(SAMPLES, BATCH, shuffle=True),
    "shuffled by a generator of its own": lambda g: data.DataLoader(SAMPLES, BATCH, shuffle=True, generator=g),
    "more samples than there are": lambda g: data.DataLoader(
        SAMPLES, BATCH, sampler=data.RandomSampler(SAMPLES, num_samples=2 * IMAGES + 3)
    ),
    "with replacement": lambda g: data.DataLoader(SAMPLES, BATCH, sampler=data.RandomSampler(SAMPLES, True, 14)),
    "weighted": lambda g: data.DataLoader(
        SAMPLES, BATCH, sampler=data.WeightedRandomSampler([1.0, 2.0] * 5, 14, generator=g)
    ),
    "of a subset": lambda g: data.DataLoader(SAMPLES, BATCH, sampler=data.SubsetRandomSampler(range(1, 8))),
    "a stream": lambda g: data.DataLoader(Stream(), BATCH),
    "a permutation": lambda g: [SAMPLES.batch(some.tolist()) for some in torch.randperm(IMAGES).split(BATCH)],
}
OPTIMIZERS = {
    "SGD": lambda p: optim.SGD(p, 0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    "Adam": lambda p: optim.Adam([{"params": p[:1]}, {"params": p[1:], "lr": 0.02}], 0.01, amsgrad=True),
    "AdamW": lambda p: optim.AdamW(p, torch.tensor(0.01)),
    "RMSprop": lambda p: optim.RMSprop(p, 0.01, momentum=0.5, centered=True),
    "Adagrad": lambda p: optim.Adagrad(p, 0.1, lr_decay=0.1, initial_accumulator_value=0.1),
    "Adadelta": optim.Adadelta,
}
SCHEDULES = {
    "StepLR": lambda o: lr_scheduler.StepLR(o, 2),
    "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, [2, 5, 5, 7]),
    "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, 0.9),
    "LinearLR": lambda o: lr_scheduler.LinearLR(o, total_iters=4),
    "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, 6, 0.01),
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, lambda step: 1 / (1 + step)),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, 0.1, 100),
    "ReduceLROnPlateau": lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=1),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.LinearLR(o, total_iters=3), lr_scheduler.ExponentialLR(o, 0.9)], [3]
    ),
}


def learn(folder, stop=None, at_epoch=False, batches="shuffled", optimizer="SGD", schedule="StepLR"):
    """Train a network, from its checkpoint if there is one; what is left in the end, as bytes.

    After `stop` batches, it leaves a checkpoint and is stopped: at once, or with `at_epoch` when the next batch comes.
    """
    checkpoint = Checkpoint(folder / "run", RUN)
    found = checkpoint.load()
    training = Training(checkpoint, found and found[0], seconds=math.inf)
    torch.manual_seed(5)
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Dropout(0.4), nn.Linear(4, 1))
    own, losses = torch.Generator().manual_seed(6), []
    optimizer = OPTIMIZERS[optimizer](list(net.parameters()))
    schedule = SCHEDULES[schedule](optimizer)
    parts = {"net": net, "optimizer": optimizer, "schedule": schedule, "own": own, "losses": losses}
    for _ in training.epochs(EPOCHS, parts):
        for batch in training.batches(BATCHES[batches](own)):
            if stop is not None and len(losses) == stop:
                raise StoppedError
            loss = net(batch[0] if isinstance(batch, (list, tuple)) else batch).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            schedule.step(*[losses[-1]] * isinstance(schedule, lr_scheduler.ReduceLROnPlateau))
            if len(losses) == stop:
                training.every = 0
        if stop is not None and len(losses) == stop and not at_epoch:
            raise StoppedError
    rates = [float(group["lr"]) for group in optimizer.param_groups]
    bits = [values.numpy().tobytes() for values in (*net.state_dict().values(), torch.rand(3), torch.randn(3))]
    return losses, rates, bits, torch.rand(3, generator=own).tolist()


@pytest.mark.parametrize("batches", BATCHES)
def test_wherever_it_is_stopped_it_goes_on_to_the_same_bits(batches, tmp_path):
    whole = learn(tmp_path / "whole", batches=batches)
    for stop in range(1, len(whole[0])):
        for at_epoch in (False, True):
            folder = tmp_path / f"{stop}{at_epoch}"
            with pytest.raises(StoppedError):
                learn(folder, stop, at_epoch, batches)
            torch.rand(stop)
            assert learn(folder, batches=batches) == whole


@pytest.mark.parametrize(
    ("optimizer", "schedule"), [*((name, "StepLR") for name in OPTIMIZERS), *(("SGD", name) for name in SCHEDULES)]
)
def test_every_optimizer_and_schedule_goes_on_to_the_same_bits(optimizer, schedule, tmp_path):
    settings = {"optimizer": optimizer, "schedule": schedule}
    whole = learn(tmp_path / "whole", **settings)
    for stop in (1, 4, 5, 7):
        for again in (stop + 1, None):  # stopped twice
            try:
                found = learn(tmp_path / f"{stop}", stop if again else None, **settings)
            except StoppedError:
                with pytest.raises(StoppedError):
                    learn(tmp_path / f"{stop}", again, **settings)
        assert found == whole


def two_loops(folder, stop=None):
    """Two networks one after the other, of which the first stops early; numbers are drawn in between."""
    checkpoint = Checkpoint(folder / "run", RUN)
    found = checkpoint.load()
    training, steps, left = Training(checkpoint, found and found[0], math.inf), count(1), []
    torch.manual_seed(5)
    for number in range(3):
        net, losses = nn.Linear(3, 1), []
        optimizer = optim.Adam(net.parameters(), 0.1)
        for _ in training.epochs(4, {"net": net, "optimizer": optimizer, "losses": losses}):
            if next(steps) == stop:
                training.every = 0
            loss = net(torch.rand(4, 3)).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if number == 1 and len(losses) == 3:
                break
            if stop and training.last_place:
                raise StoppedError
        left += [losses, net.weight.tolist(), torch.rand(2).tolist()]
    return left


def test_several_loops_and_one_that_the_program_leaves_early(tmp_path):
    whole = two_loops(tmp_path / "whole")
    assert [len(losses) for losses in whole[::3]] == [4, 3, 4]
    for stop in range(1, 11):
        with pytest.raises(StoppedError):
            two_loops(tmp_path / f"{stop}", stop)
        assert two_loops(tmp_path / f"{stop}") == whole, stop


def test_two_loops_over_batches_in_an_epoch_are_refused(tmp_path):
    training = Training(Checkpoint(tmp_path / "run", RUN), seconds=math.inf)
    for _ in training.epochs(1, {}):
        assert list(training.batches([1, 2])) == [1, 2]
        with pytest.raises(RuntimeError, match="loop once in each epoch"):
            list(training.batches([1, 2]))


def test_a_checkpoint_comes_after_so_many_seconds_of_work_and_not_before(tmp_path):
    training = Training(Checkpoint(tmp_path / "run", RUN), seconds=0.2)
    seen = []
    for _ in training.epochs(2, {}):
        for _ in training.batches(range(6)):
            seen.append(training.last_place)
            time.sleep(0.05)
    assert seen[:4] == [""] * 4
    assert 1 <= len({*seen} - {""}) <= 3


def test_another_networks_state_does_not_fit(tmp_path):
    checkpoint = Checkpoint(tmp_path / "run", RUN)
    for _ in Training(checkpoint, seconds=0).epochs(1, {"net": nn.Linear(2, 3)}):
        pass
    for parts in ({"net": nn.Linear(2, 4)}, {"model": nn.Linear(2, 3)}, {"net": optim.SGD([torch.ones(1)])}):
        with pytest.raises(CheckpointError, match=r"run does not fit this program \(.*: run without --resume"):
            list(Training(checkpoint, checkpoint.load()[0]).epochs(2, parts))


# ---- the file ----


@pytest.fixture
def checkpoint(tmp_path) -> Checkpoint:
    return Checkpoint(tmp_path / "some folder" / "another" / "run.safetensors", RUN)


def state(number):
    return {"weight": torch.full((3, 2), float(number)), "losses": [0.5, math.inf, -0.0], "deep": {1: (number, None)}}


def numbered(found):
    return found[0]["deep"][1][0], bool(found[1])


def test_what_is_saved_is_found_and_the_one_before_it_is_kept(checkpoint):
    assert checkpoint.load() is None
    for number in range(3):
        checkpoint.save(state(number))
        again = Checkpoint(checkpoint.path, RUN)
        assert numbered(again.load()) == (number, False)
        assert again.load()[0]["losses"] == state(0)["losses"]
    assert sorted(file.name for file in checkpoint.path.parent.iterdir()) == [
        checkpoint.path.name,
        checkpoint.previous.name,
    ]
    checkpoint.path.unlink()  # as if killed while the next one was written
    assert numbered(checkpoint.load()) == (1, False)
    checkpoint.remove()
    assert list(checkpoint.path.parent.iterdir()) == []
    checkpoint.remove()


@pytest.mark.fault(
    "training", "a flipped bit in a checkpoint", "in every byte of one", "the one before it is used, and that is said"
)
def test_every_single_bit_counts(checkpoint, record_property):
    checkpoint.save(state(0))
    checkpoint.save(state(1))
    content = checkpoint.path.read_bytes()
    record_property("tries", len(content))
    for place in range(len(content)):
        changed = content[:place] + bytes([content[place] ^ 1 << place % 8]) + content[place + 1 :]
        checkpoint.path.write_bytes(changed)
        found = checkpoint.load()
        assert numbered(found) == (0, True), place
        assert found[1].startswith(f"The newest checkpoint is damaged ({checkpoint.path}")


@pytest.mark.fault(
    "training", "a checkpoint that is cut short", "to every length", "refused in a sentence; nothing is overwritten"
)
def test_a_file_cut_short_anywhere_is_not_used(checkpoint, record_property):
    checkpoint.save(state(0))
    content = checkpoint.path.read_bytes()
    record_property("tries", len(content))
    for length in range(len(content)):
        checkpoint.path.write_bytes(content[:length])
        with pytest.raises(CheckpointError, match="no sound one before it: run without --resume"):
            checkpoint.load()
    assert checkpoint.path.read_bytes() == content[:-1]  # nothing was overwritten


def test_a_damaged_one_never_takes_the_place_of_the_sound_one_before_it(checkpoint):
    checkpoint.save(state(0))
    checkpoint.save(state(1))
    checkpoint.path.write_bytes(b"damaged")
    again = Checkpoint(checkpoint.path, RUN)
    assert numbered(again.load()) == (0, True)
    again.save(state(2))
    assert numbered(again.load()) == (2, False)
    again.path.unlink()
    assert numbered(again.load()) == (0, False)


@pytest.mark.parametrize(
    ("run", "says"),
    [({**RUN, "seed": 1}, "seed 0, not 1"), ({"program": "a test"}, "seed 0, not None"),
     ({**RUN, "width": 3}, "width None, not 3"), ({}, "program a test, not None, seed 0")],
)  # fmt: skip
def test_another_runs_is_not_used(checkpoint, run, says):
    checkpoint.save(state(0))
    with pytest.raises(CheckpointError, match=rf"another run \({says}.*repeat that one, or run without --resume"):
        Checkpoint(checkpoint.path, run).load()


@pytest.mark.fault(
    "training", "a stranger's file in the place of a checkpoint", "states, lists, numbers", "refused in a sentence"
)
@pytest.mark.parametrize("stranger", [{"x": torch.ones(1)}, {"run": RUN, "state": {}}, torch.ones(2), [1], 3, None])
def test_a_strangers_file_is_not_used(checkpoint, stranger):
    checkpoint.path.parent.mkdir(parents=True)
    torch.save(stranger, checkpoint.path)
    with pytest.raises(CheckpointError, match="is damaged: its content differs from its sha256"):
        checkpoint.load()


# ---- killed ----

KILLER = """
import os, signal, sys
left = int(sys.argv.pop(1))
def before(event, args):
    global left
    left -= event in ("open", "os.rename", "os.remove") and {place!r} in str(args[0])
    if left == 0 and event != "os.kill":
        os.kill(os.getpid(), signal.SIGKILL)
if left:
    sys.addaudithook(before)
"""
EVIDENCE = ROOT / "evidence" / "killed_training.py"
SMALL = "sys.argv[0] = {file!r}; import runpy; runpy.run_path({file!r}, run_name='__main__')".format(file=str(EVIDENCE))
posix = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory) -> str:
    """The sha256 of what the training of evidence/killed_training.py leaves."""
    done = call("--train", tmp_path_factory.mktemp("whole"), "--seconds", 1e9, command=[sys.executable, str(EVIDENCE)])
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@posix
@pytest.mark.fault(
    "training",
    "kill -9 while a checkpoint is written",
    "SIGKILL before each step of it",
    "goes on, and ends with the same bits",
)
@pytest.mark.parametrize("step", [3, 4, 5, 62, 63, 64, 65])
def test_killed_before_each_step_of_writing(step, uninterrupted, tmp_path):
    """Reading what there is takes two steps, and each checkpoint four: set aside, write, rename, flush the folder."""
    words = ("--train", tmp_path, "--seconds", 0)
    killer = KILLER.format(place=str(tmp_path)) + SMALL
    done = call(step, *words, command=[sys.executable, "-c", killer])
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "")
    again = call(*words[:-1], 0.02, command=[sys.executable, str(EVIDENCE)])
    assert (again.returncode, again.stdout) == (0, uninterrupted)
    assert again.stderr.startswith("goes on after") is (step > 4)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


@posix
@pytest.mark.fault(
    "training", "kill -9 within a training", "at a random moment", "goes on, and ends with the same bits"
)
@pytest.mark.parametrize("trial", range(4))
def test_killed_at_a_random_moment(trial, uninterrupted, tmp_path):
    command = [sys.executable, str(EVIDENCE), "--train", str(tmp_path), "--seconds", "0"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        while not list(tmp_path.iterdir()):
            time.sleep(0.001)
        time.sleep(random.Random(trial).uniform(0, 0.4))
        running.kill()
    again = call(command=[*command[:-1], "0.02"])
    assert (again.returncode, again.stdout) == (0, uninterrupted)


# ---- tinytorch run --resume ----

SOON = "from tinytorch.milestones import training; training.SECONDS = {seconds}; from tinytorch.cli import main; main()"
NAME = ("run", "mlp_mnist", "--epochs", 4)


def run(home, *words, seconds=0, kill=0, command=NAME):
    """`tinytorch run mlp_mnist`, with a checkpoint after every epoch; killed before so many steps with files."""
    program = KILLER.format(place="/checkpoints/") + SOON.format(seconds=seconds)
    return call(kill, *command, *words, command=[sys.executable, "-c", program], TINYTORCH_DATA=str(home))


def left_by(folder):
    """The bytes of the model, and all numbers but the seconds."""
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record.pop("seconds") > 0
    return (folder / "model.safetensors").read_bytes(), record


def outputs(folder):
    folder.mkdir(exist_ok=True)
    return "--save", folder / "model.safetensors", "--json", folder / "run.json"


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """A cache folder in which a run was killed, in its second network."""
    home = tmp_path_factory.mktemp("home")
    done = run(home, kill=20)
    assert done.returncode == -signal.SIGKILL
    assert [path.suffix for path in sorted((home / "checkpoints").iterdir())] == [".safetensors", ".previous"]
    return home


def copy_of(home, tmp_path):
    return Path(shutil.copytree(home, tmp_path / "home"))


@posix
@pytest.mark.fault(
    "training",
    "kill -9 within a training",
    "of tinytorch run mlp_mnist, in its second network",
    "--resume ends with the same bits and numbers",
)
def test_a_killed_command_goes_on_to_the_same_file_and_numbers(interrupted, tmp_path):
    whole, home = tmp_path / "whole", copy_of(interrupted, tmp_path)
    assert run(tmp_path / "elsewhere", *outputs(whole), seconds=1e9).returncode == 0
    assert not (tmp_path / "elsewhere" / "checkpoints").exists()  # of a short run, nothing is kept
    done = run(home, *outputs(tmp_path / "resumed"), "--resume", seconds=1e9)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"It goes on after training 2, \d of 4 epochs\.", done.stdout)
    assert left_by(tmp_path / "resumed") == left_by(whole)
    assert list((home / "checkpoints").iterdir()) == []  # it has ended


@posix
def test_without_resume_it_begins_anew_and_says_that_it_could_go_on(interrupted, tmp_path):
    home = copy_of(interrupted, tmp_path)
    done = run(home, seconds=1e9)
    assert "\nIt begins anew; with --resume it goes on after training 2, 2 of 4 epochs.\n" in done.stdout
    assert list((home / "checkpoints").iterdir()) == []
    assert "begins anew" not in run(home, seconds=1e9).stdout


@posix
def test_what_can_not_be_gone_on_from_is_told_in_one_line_and_stays(interrupted, tmp_path):
    home = copy_of(interrupted, tmp_path)
    path, previous = sorted((home / "checkpoints").iterdir())
    for words in (("--seed", 1), ("--epochs", 3)):
        line = one_line(run(home, "--resume", *words))
        assert line.startswith("tinytorch: --resume: there is no checkpoint of this run of mlp_mnist, as ")
        assert line.endswith("run without --resume to begin anew\n")
    other = path.with_name(path.name.replace("seed-0", "seed-1"))
    shutil.copy(path, other)
    assert "another run (seed 0, not 1)" in one_line(run(home, "--resume", "--seed", 1))
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    previous.write_bytes(content.replace(b"network", b"netwerk"))
    line = one_line(run(home, "--resume"))
    assert line.startswith(f"tinytorch: --resume: {path}")
    assert "there is no sound one before it" in line
    assert (path.read_bytes(), other.read_bytes()) == (content[:-1], content)


@posix
@pytest.mark.fault(
    "training",
    "a damaged checkpoint of a command",
    "the newest of two",
    "--resume says so, goes on from the one before, and ends the same",
)
def test_the_newest_is_damaged_and_the_one_before_is_used(interrupted, tmp_path):
    home = copy_of(interrupted, tmp_path)
    path, _ = sorted((home / "checkpoints").iterdir())
    path.write_bytes(path.read_bytes()[:-1])
    done = run(home, *outputs(tmp_path / "resumed"), "--resume", seconds=1e9)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The newest checkpoint is damaged" in done.stdout
    assert run(tmp_path / "elsewhere", *outputs(tmp_path / "whole"), seconds=1e9).returncode == 0
    assert left_by(tmp_path / "resumed") == left_by(tmp_path / "whole")


@posix
@pytest.mark.parametrize("end", ["\n", "    pass"])
def test_a_changed_program_does_not_go_on(interrupted, tmp_path, end):
    """Started as a file, of which there is a copy with another text."""
    home = copy_of(interrupted, tmp_path)
    text = catalog.path("mlp_mnist").read_text(encoding="utf-8")
    program = tmp_path / "mlp_mnist.py"
    program.write_text(text + (end if end.strip() else ""), encoding="utf-8")
    words = ("--epochs", 4, "--resume")
    done = call(*words, command=[sys.executable, str(program)], TINYTORCH_DATA=str(home))
    if end.strip():
        assert "another run (the program's text " in one_line(done)
    else:
        assert "It goes on after training 2" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--all",), "--resume is for one run: name one milestone"),
        (("xor_solved", "mlp_digits"), "--resume is for one run"),
        (("mlp_mnist", "--seeds", 2), "--resume is for one run"),
        (("xor_solved",), "there is no checkpoint of this run of xor_solved"),
        (("forward_pass",), "there is no checkpoint of this run of forward_pass"),
    ],
)
def test_resume_where_it_has_no_meaning(words, says, tmp_path):
    assert says in one_line(call("run", *words, "--resume", command=COMMAND, TINYTORCH_DATA=str(tmp_path)))


def test_on_pytorch_there_are_no_checkpoints(monkeypatch):
    from dataclasses import replace

    program = replace(catalog.load("mlp_mnist"), framework="torch")
    assert prepare(program, 0, None, False) is None


@pytest.mark.fault(
    "training", "a cache folder that can't be written", "a file in its place", "a sentence, once; the run goes on"
)
def test_where_no_checkpoint_can_be_written_the_run_goes_on(tmp_path):
    home = tmp_path / "a file"
    home.touch()
    done = run(home)
    assert done.returncode in (0, 1)
    assert done.stderr == ""
    assert done.stdout.count("No checkpoint can be kept") == 1
    assert "if this run is stopped, it can't go on." in " ".join(done.stdout.split())


@posix
@pytest.mark.fault("training", "Ctrl-C within a training", "SIGINT", "a sentence that tells how to go on")
def test_ctrl_c_tells_how_to_go_on(tmp_path):
    words = [*map(str, ("run", "mlp_mnist", "--epochs", 2000))]
    command = [sys.executable, "-c", SOON.format(seconds=0.1), *words]
    settings = environment(TINYTORCH_DATA=str(tmp_path))
    with subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        while not any((tmp_path / "checkpoints").glob("*.previous")):  # the first is whole, and the program knows it
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert re.fullmatch(
        rb"tinytorch: stopped; the same command with --resume goes on after [\d,]+ of 2000 epochs\n", said
    )


def test_each_run_has_a_file_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))
    mnist, cifar = catalog.load("mlp_mnist"), catalog.load("lecun_cifar10")
    ways = [(mnist, 0, 10), (mnist, 1, 10), (mnist, 0, 7), (mnist.whole(), 0, 7), (cifar, 0, 7)]
    paths = {checkpoint_of(*way).path for way in ways}
    assert len(paths) == len(ways)
    assert {path.parent for path in paths} == {tmp_path / "checkpoints"}
    assert checkpoint_of(mnist, 0, 10).run["hidden"] == mnist.settings["hidden"]
    assert np.all([path.suffix == ".safetensors" for path in paths])
