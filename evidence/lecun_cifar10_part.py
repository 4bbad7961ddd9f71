"""What does lecun_cifar10 learn from 10,000 of CIFAR-10's images, and what would all of them cost?

    python evidence/lecun_cifar10_part.py data_batch_1.bin.gz test_batch_first1000.bin.gz --seeds 3

The files are records of CIFAR-10's binary version, gzipped: 10,000 training images and the first 1,000 test images.
They are made into an archive of the published layout and size, in which each training image stands five times and each
test image ten times, and the unchanged program runs on it. So time and memory are those of the whole CIFAR-10, and the
accuracy is that on 1,000 test images after each of 10,000 training images was seen 25 times. More images teach more.
"""

from __future__ import annotations

import gzip
import inspect
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from record import interval, record

from tinytorch.datasets.catalog import REMOTE, RemoteFile
from tinytorch.datasets.download import sha256_of
from tinytorch.datasets.official import CIFAR_FOLDER, read_cifar10
from tinytorch.milestones import Run, catalog
from tinytorch.milestones.sweep import wilson_interval

TRAIN, TEST = 10_000, 1_000  # images that are given
ARCHIVE = REMOTE["cifar10"].files[0].name


def stand_in(train: bytes, test: bytes, path: Path) -> None:
    """Write an archive of CIFAR-10's layout and size with the same images again and again."""
    members = {**{f"data_batch_{number}.bin": train for number in range(1, 6)}, "test_batch.bin": 10 * test}
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(f"{CIFAR_FOLDER}/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


def play(folder: Path, seed: int) -> dict[str, Any]:
    """Run the program on the archive in a folder, in this process."""
    path = folder / ARCHIVE
    with path.open("rb") as content:
        file = RemoteFile(ARCHIVE, path.stat().st_size, sha256_of(content), "")
    REMOTE["cifar10"] = replace(REMOTE["cifar10"], files=(file,))  # type: ignore[index]
    result = catalog.load("lecun_cifar10").play(seed, from_dir=folder)
    return {"accuracy": result.gates[0].value, "loss": result.metrics["loss in the last epoch"]}


def one_epoch(batch: Path) -> dict[str, Any]:
    """Train once on the images of a batch, in this process."""
    program = catalog.load("lecun_cifar10")
    science = sys.modules["tinytorch.milestones.lecun_cifar10"]
    settings = list(inspect.signature(program.function).parameters.values())[1:]
    images, labels = read_cifar10(gzip.decompress(batch.read_bytes()))
    wall, processor = time.perf_counter(), time.process_time()
    science.train(Run(program, 0, 1, ()), images, labels, *(setting.default for setting in settings))
    return {"processor": time.process_time() - processor, "wall": time.perf_counter() - wall}


def in_a_process(threads: int, *words: object) -> dict[str, Any]:
    """Let this script do one thing in a process of its own, with so many threads; return what it found and took."""
    variables = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(variables, str(threads))}
    start = time.perf_counter()
    command = [sys.executable, __file__, *map(str, words)]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert running.stdout is not None
    found = json.loads(running.stdout.read())
    used = os.wait4(running.pid, 0)[2]
    cost = {
        "processor seconds": round(used.ru_utime + used.ru_stime, 1),
        "wall seconds": round(time.perf_counter() - start, 1),
        "peak MB": round(used.ru_maxrss / 1000),  # Linux counts kilobytes, from this process' own size on
    }
    print(*words, f"threads {threads}:", found | cost, flush=True)
    return found | cost


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--seeds", default=3)
@click.option("--play", "played", hidden=True, type=click.Path(path_type=Path))
@click.option("--seed", default=0, hidden=True)
@click.option("--one-epoch", "once", hidden=True, type=click.Path(path_type=Path))
def main(files: tuple[Path, ...], seeds: int, played: Path | None, seed: int, once: Path | None) -> None:
    """Run, print and record."""
    if played or once:
        print(json.dumps(play(played, seed) if played else one_epoch(once or Path())))
        return
    train, test = (gzip.decompress(file.read_bytes()) for file in files)
    assert (len(train), len(test)) == (TRAIN * 3073, TEST * 3073)
    load = os.getloadavg()[0]
    epochs = {str(count): in_a_process(count, "--one-epoch", files[0]) for count in (1, 2)}
    with tempfile.TemporaryDirectory() as folder:
        stand_in(train, test, Path(folder) / ARCHIVE)
        runs = [in_a_process(1, "--play", folder, "--seed", number) for number in range(seeds)]
    accuracies = [run["accuracy"] for run in runs]
    findings = {
        "seconds for one epoch of 10,000 images, by BLAS threads": {
            threads: {kind: cost[kind] for kind in ("processor", "wall")} for threads, cost in epochs.items()
        },
        "runs at full size, one BLAS thread": runs,
        "accuracy on 1,000 test images": {
            "mean": float(np.mean(accuracies)),
            "worst": min(accuracies),
            "mean, 95% over seeds": interval(accuracies),
            "95% over images (Wilson)": wilson_interval(round(float(np.mean(accuracies)) * TEST), TEST),
        },
        "processes that shared the processors when it began": round(load, 1),
    }
    config = {"training images": TRAIN, "test images": TEST, "seeds": seeds, "processors": os.cpu_count()}
    record("lecun_cifar10_part", config | {"epochs": catalog.load("lecun_cifar10").epochs}, findings)


if __name__ == "__main__":
    main()
