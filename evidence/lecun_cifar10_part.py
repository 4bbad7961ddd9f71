"""What does lecun_cifar10 learn from 10,000 of CIFAR-10's images, and what would all of them cost?

    python evidence/lecun_cifar10_part.py data_batch_1.bin.gz test_batch_first1000.bin.gz --seeds 3

The files are records of CIFAR-10's binary version, gzipped: 10,000 training images and the first 1,000 test images.
They are made into an archive of the published layout and size, in which each training image stands five times and each
test image ten times, and the unchanged program runs on it. So time and memory are those of the whole CIFAR-10, and the
accuracy is that of 1,000 test images after 25 times 10,000 training images. Images that are new would teach more.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
import numpy as np
from record import interval, record

from tinytorch.datasets.catalog import REMOTE, RemoteFile
from tinytorch.datasets.official import CIFAR_FOLDER
from tinytorch.milestones import catalog
from tinytorch.milestones.sweep import wilson_interval

TRAIN, TEST = 10_000, 1_000  # images that are given


def stand_in(train: bytes, test: bytes) -> bytes:
    """Return an archive of CIFAR-10's layout and size with the same images again and again."""
    members = {**{f"data_batch_{number}.bin": train for number in range(1, 6)}, "test_batch.bin": 10 * test}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(f"{CIFAR_FOLDER}/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), compresslevel=1)


def play(folder: Path, seed: int, epochs: int | None) -> None:
    """Run the program on the archive in a folder, in this process, and print its record."""
    (file,) = REMOTE["cifar10"].files
    content = (folder / file.name).read_bytes()
    other = RemoteFile(file.name, len(content), sha256(content).hexdigest(), "")
    del content
    REMOTE["cifar10"] = replace(REMOTE["cifar10"], files=(other,))  # type: ignore[index]
    result = catalog.load("lecun_cifar10").play(seed, epochs, from_dir=folder)
    print(json.dumps(result.to_json()))


def measured(folder: Path, seed: int, threads: int, epochs: int | None = None) -> dict[str, Any]:
    """Run it in a process of its own, with so many threads; return what was found and what it took."""
    words = ["--play", str(folder), "--seed", str(seed), *(["--epochs", str(epochs)] if epochs else [])]
    variables = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(variables, str(threads))}
    start = time.perf_counter()
    running = subprocess.Popen([sys.executable, __file__, *words], env=environment, stdout=subprocess.PIPE)
    assert running.stdout is not None
    found = json.loads(running.stdout.read())
    used = os.wait4(running.pid, 0)[2]
    cost = {
        "processor seconds": round(used.ru_utime + used.ru_stime, 1),
        "wall seconds": round(time.perf_counter() - start, 1),
        "peak MB": round(used.ru_maxrss / 1000),  # Linux counts kilobytes
    }
    print(f"seed {seed}, epochs {found['config']['epochs']}, threads {threads}:"
          f" accuracy {found['gates'][0]['value']:.3f}, {cost}", flush=True)  # fmt: skip
    return {"accuracy": found["gates"][0]["value"], "loss": found["metrics"]["loss in the last epoch"], **cost}


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--seeds", default=3)
@click.option("--play", "played", type=click.Path(path_type=Path), hidden=True)
@click.option("--seed", default=0, hidden=True)
@click.option("--epochs", type=int, hidden=True)
def main(files: tuple[Path, ...], seeds: int, played: Path | None, seed: int, epochs: int | None) -> None:
    """Run, print and record."""
    if played:
        play(played, seed, epochs)
        return
    train, test = (gzip.decompress(file.read_bytes()) for file in files)
    assert (len(train), len(test)) == (TRAIN * 3073, TEST * 3073)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / REMOTE["cifar10"].files[0].name).write_bytes(stand_in(train, test))
        threads = {f"{count} BLAS threads": measured(Path(folder), 0, count, epochs=1) for count in (1, 2)}
        runs = [measured(Path(folder), number, 1) for number in range(seeds)]
    accuracies = [run["accuracy"] for run in runs]
    findings = {
        "one epoch of 50,000 images": threads,
        "all epochs, 1 BLAS thread": runs,
        "accuracy on 1,000 test images": {
            "mean": float(np.mean(accuracies)),
            "worst": min(accuracies),
            "mean, 95% over seeds": interval(accuracies),
            "95% over images (Wilson)": wilson_interval(round(float(np.mean(accuracies)) * TEST), TEST),
        },
        "other processes that wanted the processor before it began": round(load, 1),
    }
    config = {"training images": TRAIN, "test images": TEST, "seeds": seeds, "processors": os.cpu_count()}
    record("lecun_cifar10_part", config | {"epochs of 50,000": catalog.load("lecun_cifar10").epochs}, findings)


if __name__ == "__main__":
    main()
