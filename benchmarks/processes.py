"""How are the processes started that are measured, and how are they asked?"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

WORKER = Path(__file__).parent / "worker.py"
ENOUGH = 0.95  # of its core must a process on one thread have had
OTHERS = 0.2  # cores, at most, may others have used beside a process with more threads


def environment(threads: int) -> dict[str, str]:
    """Libraries read these when they are imported: NumPy's and PyTorch's BLAS, OpenMP, and XLA."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    blas = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    alone = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" if threads == 1 else ""
    return {**kept, **blas, "XLA_FLAGS": alone, "JAX_PLATFORMS": "cpu", "TORCHINDUCTOR_COMPILE_THREADS": "1"}


def held(process: int) -> float:
    """The most memory that a process has held so far, in MB, on Linux; ru_maxrss would count its parent's, too."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 / 1e6 if found else 0.0


class Worker:
    """One system that holds one workload, in a process of its own, which starts at once; `blas` threads are BLAS's."""

    def __init__(self, system: str, workload: str, threads: int, blas: int | None = None) -> None:
        self.first: dict[str, Any] = {}
        self.skipped: str | None = None
        self._errors: Any = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, str(WORKER), system, workload, str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, encoding="utf-8",
            env=environment(blas or threads),
        )  # fmt: skip

    def wait(self) -> None:
        """Until it has taken its first steps: `first` is what they gave."""
        self.first = self.first or self._answer()
        self.skipped = self.first.get("skipped")

    def go(self, seconds: float) -> dict[str, Any]:
        """Let it work for about so long; an answer with `skipped` if it can't any more."""
        return self._ask(f"go {seconds}\n")

    def end(self) -> dict[str, Any]:
        """Let it end; what it says of its memory."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.close()
        found = {} if self.skipped else self._answer()
        self.kill()
        return found

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    def _ask(self, line: str) -> dict[str, Any]:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(line)
            stdin.flush()
        except OSError:
            pass  # it has ended: the answer says so
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        stdout = self._process.stdout
        assert stdout is not None
        line = stdout.readline()
        if line:
            found: dict[str, Any] = json.loads(line)
            return found
        self._errors.seek(0)
        last = (self._errors.read().strip().splitlines() or ["no reason given"])[-1]
        self.skipped = f"its process ended with status {self._process.wait()}: {last}"[:200]
        return {"skipped": self.skipped}


def disturbed(block: dict[str, Any], threads: int) -> bool:
    """Did something else use the cores that this block needed?

    >>> disturbed({"share": 0.9, "others": 0.0}, 1), disturbed({"share": 1.6, "others": 0.5}, 2)
    (True, True)
    """
    if threads == 1:
        return bool(block["share"] < ENOUGH)
    return block["others"] is not None and bool(block["others"] > OTHERS)
