"""How do the tests call `tinytorch`? As a process of its own, on a terminal as plain as can be."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import tinytorch

ROOT = Path(tinytorch.__file__).parents[1]
COMMAND = [sys.executable, "-m", "tinytorch.cli"]


def environment(**extra: str) -> dict[str, str]:
    """This process' environment, without what would change how the screen looks."""
    dropped = ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING", "TERM", "COLORTERM")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **extra}


def call(
    *words: object, command: list[str] = COMMAND, cwd: Path | None = None, timeout: float = 60, **extra: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, *map(str, words)],
        env=environment(**extra),
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
    )


def one_line(done: subprocess.CompletedProcess[str], status: int = 2) -> str:
    """Check that a mistake was answered with one line and nothing else, and return the line."""
    assert done.returncode == status, done
    assert done.stdout == ""
    assert re.fullmatch(r"tinytorch: [^\n]+\n", done.stderr), done.stderr
    return done.stderr
