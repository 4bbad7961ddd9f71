"""Small archives of CIFAR-10's kind, for tests to read, serve and spoil."""

from __future__ import annotations

import gzip
import io
import tarfile

import numpy as np

from tinytorch.datasets.official import CIFAR_FOLDER, write_cifar10

RECORD = 3073
NAMES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")


def some_images(count, seed=0):
    random = np.random.Generator(np.random.PCG64(seed))
    return random.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8), random.integers(0, 10, count)


def batches(count):
    """Return the six members, each of so many images."""
    return {name: write_cifar10(*some_images(count, seed)) for seed, name in enumerate(NAMES)}


CONTENTS = batches(2)
SIZES = {name: len(content) for name, content in CONTENTS.items()}


def member(name, content=b"", folder=f"{CIFAR_FOLDER}/", **fields):
    info = tarfile.TarInfo(folder + name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def archive(*extra, leave_out=(), contents=CONTENTS):
    """Return an archive of the published one's layout, with other members in front."""
    members = [
        *extra,
        member("", type=tarfile.DIRTYPE),
        member("batches.meta.txt", b"airplane\n"),
        *(member(name, content) for name, content in contents.items() if name not in leave_out),
        member("readme.html", b"<meta>"),
    ]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), compresslevel=1, mtime=0)  # the same bytes at any second
