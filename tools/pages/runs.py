"""What do the programs print and draw? Each is run once for the site, and again only after its sources change.

One run (pages/played.py) makes the program's own page and its part of the timeline.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import tinytorch
from tinytorch.milestones import catalog

HOME = Path(tinytorch.__file__).parent
ROOT = HOME.parent
KEPT = ROOT / "build" / "site" / "runs"
HISTORY = "--all"
LAST = "profile_kv_cache"  # it uses the model that vaswani_chatgpt leaves, and it times, so it runs alone
WIDTH = 80  # characters
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Colour, though nobody watches, and no moving bars.
COLOUR = {"FORCE_COLOR": "1", "COLORTERM": "truecolor", "TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "0"}
SOURCES = (".py", ".npz", ".txt", ".jsonl")


class RunError(RuntimeError):
    """A program did not run, or missed a gate."""


@dataclass(frozen=True)
class Left:
    """The files that one run left behind."""

    page: Path  # as the terminal shows it
    part: Path  # as the timeline shows it, with colours
    record: Path  # what --json writes
    drawing: Path  # what --plot draws


def names() -> tuple[str, ...]:
    """The programs that run without a download."""
    return tuple(name for name in catalog.names() if catalog.load(name).dataset is None)


@functools.cache
def digest(name: str) -> str:
    """What tells whether a run is of these sources: the package but for other years' programs, and the libraries."""
    own = catalog.path(name).parent
    found = hashlib.sha256(Path(__file__).with_name("played.py").read_bytes())
    for library in ("numpy", "rich", "matplotlib"):
        found.update(f"{library} {version(library)}, Python {platform.python_version()}\n".encode())
    for path in sorted(path for path in HOME.rglob("*") if path.suffix in SOURCES):
        another_year = path.parent.parent == HOME / "milestones" and not path.is_relative_to(own)
        if not another_year:
            found.update(path.relative_to(HOME).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def left(name: str) -> Left:
    """What the run of a program leaves, or will leave."""
    stem = KEPT / f"{name}-{digest(name)}"
    return Left(*(stem.with_suffix(suffix) for suffix in (".txt", ".part", ".json", ".svg")))


def command(name: str) -> str:
    """What a reader types for the same run."""
    return f"tinytorch run {name}"


def run(name: str) -> Left:
    """The run of a program with seed 0: from before, if it was of the same sources.

    Raises:
        RunError: If it failed or missed a gate.
    """
    play([name])
    return left(name)


def play(names: Sequence[str]) -> None:
    """Run those of these programs, in one process, that were not run yet.

    Raises:
        RunError: If one of them failed or missed a gate.
    """
    missing = [name for name in names if not left(name).page.exists()]
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in missing:
        for old in KEPT.glob(f"{name}-*"):
            old.unlink()
    if missing:
        call(["-m", "pages.played", *missing], command(" ".join(missing)))


def timeline() -> str:
    """What `tinytorch run --all` shows of these runs, with colours.

    Raises:
        RunError: If one of them failed or missed a gate.
    """
    run_all()
    return call(["-m", "pages.played", "--timeline"], command(HISTORY))


def call(words: list[str], meant: str, look: Mapping[str, str] = COLOUR) -> str:
    """Run Python with these words, which do what a reader's command is meant to do, and return what it prints.

    Raises:
        RunError: If it failed.
    """
    environment = {
        **os.environ, **ONE_THREAD, **look, "COLUMNS": str(WIDTH), "TINYTORCH_DATA": str(KEPT / "data"),
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tools"))), "PYTHONIOENCODING": "utf-8",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, *words],
        env=environment, cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode:
        end = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
        raise RunError(f"`{meant}` left with status {done.returncode}, so the site can't show it:\n{end}")
    return done.stdout


def run_all() -> None:
    """Run whatever is not there yet: a process a year, two at a time."""
    years: dict[Path, list[str]] = {}
    for name in names():
        if name != LAST:
            years.setdefault(catalog.path(name).parent, []).append(name)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(play, reversed(years.values())))  # the longest first
    play([LAST])


if __name__ == "__main__":
    run_all()
