"""How often does each milestone meet its gates, how long does it take, and how much memory?

    python evidence/milestones.py                    # every milestone that needs no download, 40 seeds each
    python evidence/milestones.py --only cnn_digits  # one of them; the others' findings stay
    python evidence/milestones.py --history          # `tinytorch run --all` once: seconds and memory

Each program runs in a process of its own, on one thread (`tinytorch run NAME --seeds 40`), after `--all` in an empty
cache folder, so that profile_kv_cache finds the chat model. The seconds are those of the processor, its start included,
so that a busy machine adds little to them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from record import HERE, interval, recall, record

sys.path.insert(0, str(HERE.parent))

from benchmarks.processes import held
from tinytorch.milestones import catalog
from tinytorch.milestones.sweep import wilson_interval

SEEDS = 40
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def call(words: list[str], home: str) -> dict[str, float]:
    """Run `tinytorch`; return its exit status, its seconds (processor and wall) and the most memory that it held."""
    start = time.perf_counter()
    environment = {**os.environ, **ONE_THREAD, "TINYTORCH_DATA": home}
    running = subprocess.Popen([sys.executable, "-m", "tinytorch.cli", *words], env=environment)
    peak = 0.0
    while not (ended := os.wait4(running.pid, os.WNOHANG))[0]:
        peak = max(peak, held(running.pid))
        time.sleep(0.05)
    _, status, used = ended
    running.returncode = os.waitstatus_to_exitcode(status)
    return {
        "status": running.returncode,
        "processor seconds": round(used.ru_utime + used.ru_stime, 2),
        "wall seconds": round(time.perf_counter() - start, 2),
        "peak MB": round(peak, 1),
    }


def sweep(name: str, home: str) -> dict[str, Any]:
    """Forty seeds of one program."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "runs.json"
        one_run = call(["run", name, "--seed", "1"], home)
        call(["run", name, "--seeds", str(SEEDS), "--json", str(file)], home)
        found = json.loads(file.read_text(encoding="utf-8"))
    gates: dict[str, Any] = {}
    for place, gate in enumerate(found["runs"][0]["gates"]):
        values = [run["gates"][place]["value"] for run in found["runs"]]
        required = {key: gate[key] for key in ("relation", "required")}
        known = [value for value in values if value is not None]
        gates[gate["name"]] = {
            **required,
            "mean": sum(known) / len(known),
            "mean, 95% over seeds": interval(known) if len(set(known)) > 1 else None,
            "values": values,
        }
    return {
        "seeds": SEEDS,
        "met": found["met"],
        "95% (Wilson)": wilson_interval(found["met"], SEEDS),
        "gates": gates,
        "one run": one_run,
    }


@click.command()
@click.option("--only", type=click.Choice(catalog.names()))
@click.option("--history", is_flag=True)
def main(only: str | None, history: bool) -> None:
    """Run, print and record."""
    offline = [name for name in catalog.names() if catalog.load(name).dataset is None]
    findings = recall("milestones") if (HERE / "results" / "milestones.json").exists() else {}
    with tempfile.TemporaryDirectory() as home:  # what one program trains, the next finds here
        if history or not only:
            findings["run --all"] = call(["run", "--all"], home)
        if only == "profile_kv_cache":
            call(["run", "vaswani_chatgpt"], home)
        for name in [] if history else [only] if only else offline:
            findings[name] = sweep(name, home)
    record("milestones", {"seeds": SEEDS, "threads": 1}, findings)


if __name__ == "__main__":
    main()
