"""How long does each system take for a step of training, and for a token, against PyTorch eager?

    python benchmarks/run.py [--only W3,W5b] [--systems tinytorch,torch] [--threads 1] [--rounds 5] [--json FILE]

All systems start from the same weights and see the same batches. They take turns, each in a process of its own; every
other round goes backwards. A ratio is taken within a round, so that a busy machine slows both sides of it. A round in
which something else used the cores is taken again. A system whose loss at step 10, or whose text, is not PyTorch's has
done other work: its result is void. A system that can't take part is skipped with its reason.

--json writes the results; other rows in the file stay, if they were measured on the same machine. Exits with 1 if a
result is void.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import results
from processes import Worker, disturbed
from report import console, show
from systems import BUILDERS, OWN_THREADS
from workloads import WORKLOADS, Workload

REFERENCE = "torch"
TOLERANCE = 1e-3  # relative, of the loss at step 10
BLOCK_SECONDS = 0.15  # how long a system works before the next has its turn
Round = dict[str, dict[str, Any]]  # a block of every system that is still there
REDO = 2  # at most so many rounds are taken again for one that is kept


def same_work(first: dict[str, Any], reference: dict[str, Any]) -> bool:
    """Do the first steps of two systems show that they do the same? What computes no loss has nothing to show."""
    if "tokens" in first:
        return first["tokens"] is None or first["tokens"] == reference["tokens"]
    loss, expected = first["losses"][-1], reference["losses"][-1]
    return loss is None or math.isclose(loss, expected, rel_tol=TOLERANCE)  # never if one is not a number


def start(work: Workload, threads: int, systems: list[str], stack: contextlib.ExitStack) -> dict[str, Worker]:
    """A worker for each system: all at the same time if on one thread, for with more they would starve each other."""
    workers = {}
    for name in systems:
        workers[name] = stack.enter_context(Worker(name, work.name, threads, 1 if name in OWN_THREADS else None))
        if threads > 1:
            workers[name].wait()
    for worker in workers.values():
        worker.wait()
    return workers


def take_turns(workers: dict[str, Worker], threads: int, rounds: int) -> tuple[list[Round], dict[str, int]]:
    """The rounds, and how many were taken again, and how many of those that were kept are no better."""
    kept: list[Round] = []
    redone, bad, order = 0, 0, list(workers)
    while len(kept) < rounds:
        blocks = {name: workers[name].go(BLOCK_SECONDS) for name in order}
        order = [name for name in reversed(order) if not workers[name].skipped]
        blocks = {name: block for name, block in blocks.items() if name in order}
        busy = any(disturbed(block, threads) for block in blocks.values())
        if busy and redone < REDO * rounds:
            redone += 1
        else:
            kept.append(blocks)
            bad += busy
    return kept, {"rounds": rounds, "redone": redone, "disturbed": bad}


def measure(work: Workload, threads: int, systems: list[str], rounds: int) -> dict[str, Any]:
    """One row: every system on one workload."""
    began = time.perf_counter()
    with contextlib.ExitStack() as stack:
        workers = start(work, threads, systems, stack)
        running = {name: worker for name, worker in workers.items() if not worker.skipped}
        kept, counts = take_turns(running, threads, rounds)
        ends = {name: worker.end() for name, worker in running.items() if not worker.skipped}
    reference = workers[REFERENCE] if REFERENCE in ends else None
    found: dict[str, Any] = {}
    for name, worker in workers.items():
        if worker.skipped:
            found[name] = {"skipped": worker.skipped}
            continue
        times = [each[name]["seconds"] for each in kept]
        found[name] = {"ms": 1e3 * statistics.median(times), **ends[name]}
        if worker.first.get("losses"):
            found[name]["loss"] = worker.first["losses"][-1]
        if reference is not None:
            ratios = [each[name]["seconds"] / each[REFERENCE]["seconds"] for each in kept]
            void = not same_work(worker.first, reference.first)
            found[name].update(ratio=results.spread(ratios), ratios=ratios, void=void)
    reach = work.reach if threads == 1 else work.reach_two
    return {
        "workload": work.name, "title": work.title, "threads": threads, "reach": reach, **counts,
        "seconds": time.perf_counter() - began, "systems": found,
    }  # fmt: skip


def merged(old: dict[str, Any], new: list[dict[str, Any]]) -> dict[str, Any]:
    """The new rows among the old ones, in the order of the workloads; none of another machine stays."""
    rows = old.get("rows", []) if old.get("machine") == results.machine() else []
    places = {work.name: place for place, work in enumerate(WORKLOADS)}
    by_key = {(row["threads"], places[row["workload"]]): row for row in (*rows, *new) if row["workload"] in places}
    return {"rows": [by_key[key] for key in sorted(by_key)]}


def choice(known: list[str]) -> Any:
    """What reads "a,b" and refuses what is not known."""

    def read(words: str) -> list[str]:
        wrong = [word for word in words.split(",") if word not in known]
        if wrong:
            raise argparse.ArgumentTypeError(f"{wrong[0]!r} is unknown: use some of {','.join(known)}")
        return words.split(",")

    return read


def arguments() -> argparse.Namespace:
    names, systems = [work.name for work in WORKLOADS], list(BUILDERS)
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", type=choice(names), default=names, metavar="W3,W5b", help="these workloads")
    parser.add_argument("--systems", type=choice(systems), default=systems, metavar="A,B", help=", ".join(systems))
    parser.add_argument("--threads", type=int, nargs="+", choices=(1, 2), default=(1, 2))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results to this file")
    return parser.parse_args()


def main() -> int:
    """Measure and show."""
    asked, void = arguments(), False
    for threads in asked.threads:
        rows = []
        systems = [name for name in asked.systems if threads > 1 or name not in OWN_THREADS]
        for work in WORKLOADS:
            if work.name in asked.only:
                with console.status(f"{work.name}: {work.title}, {threads} thread(s)"):
                    rows.append(measure(work, threads, systems, asked.rounds))
                if asked.json:
                    results.write(asked.json, merged(results.read(asked.json), rows))
        show(rows, threads)
        void |= any(found.get("void") for row in rows for found in row["systems"].values())
    return int(void)


if __name__ == "__main__":
    sys.exit(main())
