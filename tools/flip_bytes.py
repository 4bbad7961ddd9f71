"""Is every changed byte of every shipped data file noticed? ``python tools/flip_bytes.py [--every N] [--json FILE]``.

In a copy of the package, each byte is given another value, the file is verified and loaded, and the byte is put back.
At some places, all 255 other values are tried. ``--every N`` takes each Nth byte only. ``--json`` adds the counts to a
file, as rows of `make faults`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from fault_rows import leave

ROOT = Path(__file__).parent.parent
PLACES = 16  # of each file, at which all values are tried


def main() -> int:
    """Flip, and say how often that was noticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--json", type=Path)
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "tinytorch", Path(folder, "tinytorch"), ignore=shutil.ignore_patterns("__pycache__"))
        sys.path.insert(0, folder)
        from tinytorch.datasets import CATALOG, files

        home = Path(files.__file__).parent
        if not home.is_relative_to(folder):
            raise RuntimeError(f"tinytorch is imported from {home}: run this program by itself")
        failed = 0
        for info in CATALOG.values():
            for file in info.files:
                checks = verifier(info.name), loader(info.name, file.name)
                failed |= leave(flip(home / info.name / file.name, *checks, wishes.every), wishes.json)
    return failed


def verifier(dataset: str) -> Callable[[], bool]:
    """Return what says whether `tinytorch datasets verify` finds fault with the dataset."""
    from tinytorch.datasets.verify import verify

    return lambda: not all(check.ok for check in verify(dataset))


def loader(dataset: str, file: str) -> Callable[[], bool]:
    """Return what says whether loading refuses the file; texts that no loader takes are read as export reads them."""
    from tinytorch.datasets import DamagedFileError, files, images, load_tinytalks

    def load() -> bool:
        files.read_data_file.cache_clear()
        try:
            if file.endswith(".npz"):
                images.load_images(dataset, "all")
            elif file.startswith("splits/"):
                load_tinytalks("all")
            else:
                files.read_data_file(dataset, file)
        except DamagedFileError as error:
            return str(error).startswith(f"{file} is damaged: ")
        return False

    return load


def changes(size: int, every: int) -> Iterator[tuple[int, int]]:
    """Return places and what is added to the byte there, modulo 256."""
    random = Random(size)
    for place in range(0, size, every):
        yield place, 1 + random.randrange(255)
    for place in random.sample(range(size), max(PLACES // every, 1)):
        for more in range(1, 256):
            yield place, more


def flip(path: Path, verify: Callable[[], bool], load: Callable[[], bool], every: int) -> dict[str, Any]:
    """Change one byte after another of a file; return the row of the table of faults."""
    content, tries, missed = path.read_bytes(), 0, 0
    if verify() or load():
        raise RuntimeError(f"{path} is damaged before anything was changed")
    with path.open("r+b", buffering=0) as file:
        for place, more in changes(len(content), every):
            file.seek(place)
            file.write(bytes([(content[place] + more) % 256]))
            tries += 1
            missed += not (verify() and load())
            file.seek(place)
            file.write(content[place : place + 1])
    if path.read_bytes() != content or verify() or load():
        raise RuntimeError(f"{path} was not put back")
    which = "each byte" if every == 1 else f"each {every}th byte"
    return {
        "part": "shipped data",
        "fault": f"a changed byte in {path.name}",
        "how": f"{which}, and all values at some places",
        "tries": tries,
        "lost": missed,
        "outcome": "noticed by datasets verify and by loading",
    }


if __name__ == "__main__":
    raise SystemExit(main())
