"""Does every offline program run on one core with 512 MB of memory?

    python tools/small_machine.py                # make small
    python tools/small_machine.py --memory 400   # with less
    python tools/small_machine.py --only mlp_digits

Each program, and the whole history in one process (`tinytorch run --all`), runs on one core in a process that the
system refuses more than 512 MB of address space (RLIMIT_AS: libraries and reserved room count, too, so it is stricter
than 512 MB of memory). That the limit holds is seen first, by a process that asks for more. Linux only. ``--json``
keeps what was counted as a row of `make faults`. Exits with 1 if a program failed.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fault_rows import leave

from tinytorch.milestones import catalog

MEMORY = 512
PATIENCE = 600  # seconds; an old OpenBLAS that gets no memory asks for it for ever
NEEDS_DATA = ("lecun_cifar10",)  # CIFAR-10 is fetched
TOO_MUCH = "bytearray({} * 10**6)"
TINYTORCH = [sys.executable, "-m", "tinytorch.cli"]


def limited(command: list[str], memory: int, home: str) -> dict[str, float]:
    """Run a command on one core with so many MB; return its exit status and the MB that it reserved and held."""

    def limit() -> None:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        resource.setrlimit(resource.RLIMIT_AS, (memory * 10**6, memory * 10**6))

    peak = {"reserved": 0.0, "held": 0.0}
    environment = {**os.environ, "TINYTORCH_DATA": home}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said, preexec_fn=limit)
        end = time.monotonic() + PATIENCE
        while process.poll() is None:
            peak = {**peak, **peaks(process.pid)}
            time.sleep(0.02)
            if time.monotonic() > end:
                process.kill()
    return {"status": process.returncode, **peak}


def peaks(process: int) -> dict[str, float]:
    """Return the most MB of address space and of memory that a process has had so far; nothing if it has just ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return {}
    names = {"reserved": "VmPeak", "held": "VmHWM"}
    found = {key: re.search(rf"{name}:\s+(\d+) kB", status) for key, name in names.items()}
    return {key: int(match[1]) * 1024 / 1e6 for key, match in found.items() if match}


def main() -> None:
    """Print what each program took, and keep the row."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--memory", type=int, default=MEMORY, help="MB (512)")
    parser.add_argument("--only", action="append", choices=catalog.names(), help="this program")
    parser.add_argument("--json", type=Path, help="keep what was counted in this file")
    chosen = parser.parse_args()
    runs = [[name] for name in chosen.only or catalog.names() if name not in NEEDS_DATA]
    failed = 0
    with tempfile.TemporaryDirectory() as home:
        control = [sys.executable, "-c", TOO_MUCH.format(chosen.memory)]
        if limited(control, chosen.memory, home)["status"] == 0:
            sys.exit("this system does not hold a process to its limit of address space, so nothing can be shown")
        for words in runs if chosen.only else [*runs, ["--all"]]:
            run = limited([*TINYTORCH, "run", *words], chosen.memory, home)
            failed += run["status"] != 0
            outcome = "✓" if run["status"] == 0 else f"status {run['status']:.0f}"
            print(f"{words[0]:20} {run['reserved']:4.0f} MB reserved {run['held']:4.0f} MB held  {outcome}", flush=True)
    tried = len(runs) + (not chosen.only)
    of = ", ".join(chosen.only) if chosen.only else "each program but lecun_cifar10, and all in one process"
    row = {
        "part": "small and other machines", "fault": "little memory, one core",
        "how": f"{chosen.memory} MB of address space, one core", "tries": tried, "lost": failed,
        "outcome": f"{tried - failed} of {tried} runs met their gates: {of}",
    }  # fmt: skip
    sys.exit(leave(row, chosen.json))


if __name__ == "__main__":
    main()
