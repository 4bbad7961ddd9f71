"""Does a training that is killed at any moment, and goes on, end with the very weights of one that was not killed?

    python evidence/killed_training.py                       # 50 trainings, each killed once
    python evidence/killed_training.py --trials 0 --mnist DIR  # tinytorch run mlp_mnist --full, and --resume
    python evidence/killed_training.py --trials 0 --cifar10 data_batch_1.bin.gz test_batch_first1000.bin.gz

A small network learns TinyDigits with all that has a state: shuffled batches from a generator of their own, dropout,
batch normalization, AdamW, a schedule, a list of losses. SIGKILL ends its process at a random moment, between the
first checkpoint and the end; another process goes on from what lies on the disk. It leaves a checkpoint after every
batch, or every 10 ms, so that many are killed while they write one. Compared are all bits of the weights, of the losses
and of the random numbers at the end.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

import tinytorch as torch
from tinytorch import nn
from tinytorch.datasets import load_tinydigits
from tinytorch.milestones.checkpoints import Checkpoint
from tinytorch.milestones.training import Training, place
from tinytorch.utils.data import DataLoader, TensorDataset

EPOCHS = 10
COUNTS = ("trainings killed", "runs killed"), "ended with the same bits"  # how what is found calls them
RUN = [sys.executable, "-m", "tinytorch.cli", "run"]


def train(folder: Path, seconds: float) -> str:
    """Train, going on from a checkpoint in the folder if there is one; return the sha256 of all that is left."""
    checkpoint = Checkpoint(folder / "checkpoint", {"epochs": EPOCHS})
    saved = checkpoint.load()
    training = Training(checkpoint, saved[0] if saved else None, seconds)
    if saved:
        print(f"goes on {place(saved[0])}", saved[1], file=sys.stderr)
    torch.manual_seed(1)
    images, labels = load_tinydigits("train", return_X_y=True)
    data = TensorDataset(torch.tensor(images / 16).float().flatten(1), torch.tensor(labels))
    shuffles = torch.Generator().manual_seed(2)
    loader = DataLoader(data, batch_size=20, shuffle=True, generator=shuffles)
    net = nn.Sequential(nn.Linear(64, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 10))
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, EPOCHS * len(loader))
    losses: list[float] = []
    parts = {"net": net, "optimizer": optimizer, "schedule": schedule, "shuffles": shuffles, "losses": losses}
    for _ in training.epochs(EPOCHS, parts):
        for x, y in training.batches(loader):
            loss = nn.functional.cross_entropy(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
    digest = sha256(json.dumps([losses, torch.rand(5).tolist(), torch.rand(5, generator=shuffles).tolist()]).encode())
    for name, values in net.state_dict().items():
        digest.update(name.encode() + values.numpy().tobytes())
    return digest.hexdigest()


def start(folder: Path, seconds: float) -> subprocess.Popen[str]:
    """Train in a process of its own."""
    words = [sys.executable, __file__, "--train", str(folder), "--seconds", str(seconds)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def first_file_in(folder: Path, running: subprocess.Popen[str]) -> float:
    """Wait until there is one, and return when that was."""
    while not (folder.is_dir() and any(folder.iterdir())) and running.poll() is None:
        time.sleep(0.0002)
    return time.perf_counter()


def killed_once(folder: Path, seconds: float, wait: float) -> dict[str, Any]:
    """Kill a training so many seconds after its first checkpoint began; let another process end it."""
    with start(folder, seconds) as running:
        first_file_in(folder, running)
        time.sleep(wait)
        running.kill()
    names = [path.name for path in folder.iterdir()]
    inside = any(name.endswith(".part") for name in names) or "checkpoint" not in names
    with start(folder, seconds) as again:
        found, said = again.communicate()
    strays = sum(path.name.endswith(".part") for path in folder.iterdir())
    return {"killed": running.returncode == -9, "sha256": found.strip(), "inside": inside, "said": said.strip(),
            "strays": strays}  # fmt: skip


def small(trials: int) -> dict[str, Any]:
    """So many trainings of the small network, each killed once at a random moment."""
    moments, found = random.Random(0), list[dict[str, Any]]()
    ways = {0: 0.0, 0.01: 0.0}  # seconds between checkpoints -> those from the first checkpoint to the end
    for seconds in ways:
        with tempfile.TemporaryDirectory() as folder, start(Path(folder), seconds) as running:
            began = first_file_in(Path(folder), running)
            whole = running.communicate()[0].strip()
            ways[seconds] = time.perf_counter() - began
    while len(found) < trials:
        seconds = list(ways)[len(found) % 2]
        with tempfile.TemporaryDirectory() as folder:
            trial = killed_once(Path(folder), seconds, moments.uniform(0, ways[seconds]))
        if trial["killed"]:  # or else it had ended before: try another moment
            found.append(trial)
            print(len(found), "inside a write:" if trial["inside"] else "", trial["said"], flush=True)
    return {
        "trainings killed": trials,
        "while a checkpoint was being written": sum(each["inside"] for each in found),
        "gone on from a checkpoint": sum("goes on" in each["said"] for each in found),
        "ended with the same bits": sum(each["sha256"] == whole for each in found),
        "parts of files left in the end": sum(each["strays"] for each in found),
        "where": [each["said"] for each in found],
    }


def command(words: list[str], trials: int) -> dict[str, Any]:
    """`tinytorch run ...`, killed some time after its first checkpoint, and the same with --resume."""
    moments, same, said, whole = random.Random(0), 0, [], {}
    with tempfile.TemporaryDirectory() as home:
        files = {"--save": Path(home) / "model.safetensors", "--json": Path(home) / "run.json"}
        checkpoints = Path(home) / "checkpoints"
        everything = [*words, *(str(each) for pair in files.items() for each in pair)]
        environment = {**os.environ, "TINYTORCH_DATA": home}
        for trial in range(trials + 1):
            if trial:
                with subprocess.Popen(everything, env=environment, stdout=subprocess.DEVNULL, text=True) as running:
                    first_file_in(checkpoints, running)
                    time.sleep(moments.uniform(0.5, 6))
                    running.kill()
            ended = subprocess.run(
                everything + ["--resume"] * bool(trial), env=environment, capture_output=True, text=True
            )
            left = {"model": files["--save"].read_bytes(), **json.loads(files["--json"].read_text(encoding="utf-8"))}
            whole, seconds = whole or left, left["seconds"]
            said += re.findall(r"It goes on [^.]*", ended.stdout)
            same += trial > 0 and {**left, "seconds": 0} == {**whole, "seconds": 0}
            print(f"{seconds} s", *said[-1:], flush=True)
        kept = sum(1 for _ in checkpoints.iterdir())
    return {"runs killed": trials, "ended with the same bits and numbers": same, "where": said, "files left": kept}


def on_cifar10(files: tuple[Path, ...], folder: str) -> list[str]:
    """The command lecun_cifar10, on an archive of the published layout and size that is made of a part of CIFAR-10."""
    from lecun_cifar10_part import ARCHIVE, stand_in

    archive = Path(folder) / ARCHIVE
    stand_in(*(gzip.decompress(file.read_bytes()) for file in files), archive)
    described = f"RemoteFile({ARCHIVE!r}, {archive.stat().st_size}, {sha256(archive.read_bytes()).hexdigest()!r}, '')"
    patched = (
        "from dataclasses import replace; from tinytorch.datasets.catalog import REMOTE, RemoteFile; "
        f"REMOTE['cifar10'] = replace(REMOTE['cifar10'], files=({described},)); "
        "from tinytorch.cli import main; main()"
    )
    return [sys.executable, "-c", patched, "run", "lecun_cifar10", "--epochs", "1", "--from-dir", folder]


def rows(findings: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of the table of faults (tools/faults.py)."""
    found = []
    for name, counted in findings.items():
        tries, same = (next(counted[key] for key in counted if key.startswith(words)) for words in COUNTS)
        found.append(
            {"part": "training", "fault": "kill -9 within a training", "how": f"at a random moment of {name}",
             "tries": tries, "lost": tries - same, "outcome": "goes on, and ends with the same bits"}
        )  # fmt: skip
    return found


@click.command()
@click.option("--trials", default=50)
@click.option("--mnist", type=click.Path(exists=True, path_type=Path))
@click.option("--cifar10", nargs=2, type=click.Path(exists=True, path_type=Path))
@click.option("--train", "folder", hidden=True, type=click.Path(path_type=Path))
@click.option("--seconds", default=0.0, hidden=True)
def main(
    trials: int, mnist: Path | None, cifar10: tuple[Path, ...] | None, folder: Path | None, seconds: float
) -> None:
    """Train, or kill trainings and record what came of it."""
    if folder:
        print(train(folder, seconds))
        return
    from record import HERE, recall, record

    findings = recall("killed_training") if (HERE / "results" / "killed_training.json").exists() else {}
    if trials:
        findings["a small network"] = small(trials)
    if mnist:
        findings["tinytorch run mlp_mnist --full"] = command([*RUN, "mlp_mnist", "--full", "--from-dir", str(mnist)], 2)
    if cifar10:
        with tempfile.TemporaryDirectory() as place:
            findings["tinytorch run lecun_cifar10 --epochs 1"] = command(on_cifar10(cifar10, place), 1)
    findings["faults"] = rows({name: found for name, found in findings.items() if name != "faults"})
    record("killed_training", {"epochs": EPOCHS}, findings)


if __name__ == "__main__":
    main()
