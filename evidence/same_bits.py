"""Does a seed give the same bits, whatever ran before in the process, and with any number of BLAS threads?

    python evidence/same_bits.py

Every program that needs no download trains for two epochs: alone in a process, after all the others in one process, in
the opposite order, in another process with another hash seed, and with two BLAS threads, twice. Compared are all bits
of the model that it hands over, and all its numbers but those of time.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from hashlib import sha256

import click
from record import record

from tinytorch.milestones import catalog

PROGRAMS = [name for name in catalog.names() if catalog.load(name).dataset is None and name != "profile_kv_cache"]
SEED, EPOCHS = 3, 2
VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def play(name: str) -> str:
    """Run a program in this process; return the sha256 of what it leaves."""
    program = catalog.load(name)
    result = program.play(SEED, EPOCHS if program.epochs else None)
    told = [*result.metrics.items(), *((gate.name, gate.value) for gate in result.gates)]
    digest = sha256(repr([each for each in told if not re.search("seconds|times as fast|speed", each[0])]).encode())
    for key, values in sorted(result.kept.get("model", {}).items()):
        digest.update(key.encode() + values.tobytes())
    return digest.hexdigest()


def in_a_process(names: list[str], threads: int = 1, hash_seed: int = 0) -> dict[str, str]:
    """Let this script play programs, one after the other, in a process of its own."""
    settings = {**dict.fromkeys(VARIABLES, str(threads)), "PYTHONHASHSEED": str(hash_seed)}
    words = [sys.executable, __file__, *names]
    done = subprocess.run(words, env={**os.environ, **settings}, stdout=subprocess.PIPE, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


@click.command()
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    """Compare, print and record."""
    if names:
        print(json.dumps({name: play(name) for name in names}))
        return
    ways = {
        "alone": {name: in_a_process([name])[name] for name in PROGRAMS},
        "after the others": in_a_process(PROGRAMS),
        "in the opposite order, another hash seed": in_a_process(PROGRAMS[::-1], hash_seed=1),
        "two BLAS threads": in_a_process(PROGRAMS, threads=2),
        "two BLAS threads, again": in_a_process(PROGRAMS[::-1], threads=2),
    }
    one, two = list(ways)[:3], list(ways)[3:]
    findings = {
        "programs": len(PROGRAMS),
        "the same on one thread, whatever ran before": [p for p in PROGRAMS if len({ways[w][p] for w in one}) == 1],
        "the same on two threads, whatever ran before": [p for p in PROGRAMS if len({ways[w][p] for w in two}) == 1],
        "the same on one thread and on two": [p for p in PROGRAMS if len({ways[w][p] for w in ways}) == 1],
    }
    print(json.dumps(findings, indent=1))
    record("same_bits", {"seed": SEED, "epochs": EPOCHS, "programs": PROGRAMS}, findings)


if __name__ == "__main__":
    main()
