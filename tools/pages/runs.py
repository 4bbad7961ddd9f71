"""What do the programs print and draw? Each is run once for the site, and again only after its sources change."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tinytorch
from tinytorch.milestones import catalog

HOME = Path(tinytorch.__file__).parent
ROOT = HOME.parent
KEPT = ROOT / "build" / "site" / "runs"
HISTORY = "run --all"
LAST = "profile_kv_cache"  # it uses the model that vaswani_chatgpt leaves, and it times, so it runs alone
WIDTH = 80  # characters
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Colour, though nobody watches, and no moving bars.
COLOUR = {"FORCE_COLOR": "1", "COLORTERM": "truecolor", "TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "0"}
SOURCES = (".py", ".npz", ".txt", ".jsonl")


class RunError(RuntimeError):
    """A program did not run, or missed a gate."""


@dataclass(frozen=True)
class Run:
    """What one run left behind."""

    text: str  # as the terminal shows it; with colours for HISTORY
    record: Any  # what --json writes
    drawing: Path | None  # what --plot draws


def names() -> tuple[str, ...]:
    """The programs that run without a download."""
    return tuple(name for name in catalog.names() if catalog.load(name).dataset is None)


def digest(name: str) -> str:
    """What tells whether a run is of these sources: the package but for other years' programs, and the libraries."""
    own = HOME / "milestones" if name == HISTORY else catalog.path(name).parent
    found = hashlib.sha256(name.encode())
    for library in ("numpy", "rich", "matplotlib"):
        found.update(f"{library} {version(library)}, Python {platform.python_version()}\n".encode())
    for path in sorted(path for path in HOME.rglob("*") if path.suffix in SOURCES):
        another_year = path.parent.parent == HOME / "milestones" and not path.is_relative_to(own)
        if not another_year:
            found.update(path.relative_to(HOME).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def command(name: str) -> str:
    """What a reader types for the same run."""
    return f"tinytorch {HISTORY}" if name == HISTORY else f"tinytorch run {name}"


def run(name: str) -> Run:
    """The run of a program, or of all (`HISTORY`), with seed 0: from before, if it was of the same sources.

    Raises:
        RunError: If it failed or missed a gate.
    """
    stem = KEPT / f"{name.replace(' ', '')}-{digest(name)}"
    text, record, drawing = (stem.with_suffix(suffix) for suffix in (".txt", ".json", ".svg"))
    if not text.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        for old in KEPT.glob(f"{stem.name.rpartition('-')[0]}-*"):
            old.unlink()
        words = ["run", "--all"] if name == HISTORY else ["run", name, "--plot", str(drawing)]
        shown = call(["-m", "tinytorch.cli", *words, "--json", str(record)], name)
        shown = shown.partition("\nwrote ")[0] + "\n"  # the reader's command writes no files
        text.write_text(shown, encoding="utf-8")  # last: it says that the others are whole
    return Run(
        text.read_text(encoding="utf-8"),
        json.loads(record.read_text(encoding="utf-8")),
        drawing if drawing.exists() else None,
    )


def call(words: list[str], name: str) -> str:
    """Run Python with these words, as `name` is run, and return what it prints.

    Raises:
        RunError: If it failed or missed a gate.
    """
    environment = {
        **os.environ, **ONE_THREAD, **(COLOUR if name == HISTORY else {"NO_COLOR": "1"}), "COLUMNS": str(WIDTH),
        "TINYTORCH_DATA": str(KEPT / "data"), "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, *words],
        env=environment, cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode:
        end = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
        raise RunError(f"`{command(name)}` left with status {done.returncode}, so the site can't show it:\n{end}")
    return done.stdout


def run_all() -> None:
    """Run whatever is not there yet, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, [HISTORY, *reversed([name for name in names() if name != LAST])]))  # the longest first
    run(LAST)


if __name__ == "__main__":
    run_all()
