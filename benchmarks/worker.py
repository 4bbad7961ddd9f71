"""How long does one system take for one workload? A process that holds them and nothing else.

    python benchmarks/worker.py SYSTEM WORKLOAD THREADS         # driven line by line, as below
    python benchmarks/worker.py SYSTEM WORKLOAD THREADS STEPS   # takes so many steps and ends

It answers in lines of JSON. The first says what its first steps gave (losses, or the tokens of a generation) or why
there is none. Then every line "go SECONDS" on stdin has it work for about so long and say the median time of a step.
When stdin ends, it says how much memory it held at most, and ends. Between its turns it waits and uses no core, so that
several can take turns within a second, and none of them disturbs the threads or the memory of another.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from systems import SkippedError, Step, build
from workloads import NEW_TOKENS, Workload, find

FIRST_STEPS = 10
LEAST_STEPS = 3  # in a block, however long they take
WARM_UP = 0.03  # seconds at the start of a block: caches are ours again, and the others' threads have gone to sleep


def pin(threads: int) -> None:
    """Keep to as many cores as threads, with all that has been started in this process, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        for thread in os.listdir("/proc/self/task") if os.path.exists("/proc/self/task") else ["0"]:
            os.sched_setaffinity(int(thread), sorted(os.sched_getaffinity(0))[-threads:])


def memory(field: str) -> float | None:
    """What Linux says of this process, in MB: VmRSS, held now, or VmHWM, held at most (ru_maxrss has the parent's)."""
    status = Path("/proc/self/status")
    found = re.search(rf"{field}:\s+(\d+) kB", status.read_text(encoding="ascii")) if status.exists() else None
    return int(found[1]) * 1024 / 1e6 if found else None


def machine_seconds() -> float | None:
    """How long all processes together have kept this machine's cores busy, on Linux."""
    path = Path("/proc/stat")
    if not path.exists():
        return None
    ticks = path.read_text(encoding="ascii").splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, softirq, steal, *_ = map(int, ticks)  # without idle and waiting
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def first_results(step: Step, work: Workload) -> dict[str, Any]:
    """What every system must agree on, and about how long a step takes once all is compiled and warm."""
    results = []
    for _ in range(1 if work.generates else FIRST_STEPS):
        start = time.perf_counter()
        results.append(step())
        seconds = time.perf_counter() - start
    return {"tokens" if work.generates else "losses": results[0] if work.generates else results, "seconds": seconds}


def block(step: Step, seconds: float, expected: float) -> dict[str, Any]:
    """The median time of a step, in seconds; the share of a core that it got; and what others took meanwhile."""
    for _ in range(int(WARM_UP / expected)):
        step()
    times: list[float] = []
    machine = machine_seconds()
    start, used = time.perf_counter(), time.process_time()
    while len(times) < LEAST_STEPS or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        step()
        times.append(time.perf_counter() - before)
    wall, used = time.perf_counter() - start, time.process_time() - used
    after = machine_seconds()
    others = None if machine is None or after is None else max(0.0, after - machine - used) / wall
    return {"seconds": statistics.median(times), "steps": len(times), "share": used / wall, "others": others}


def begin(system: str, work: Workload, threads: int) -> tuple[Step | None, dict[str, Any]]:
    """The step, and what it gave at first; no step, and the reason, if there is none."""
    try:
        step = build(system, work, threads)
        built = memory("VmRSS")
        return step, {**first_results(step, work), "built_mb": built}
    except SkippedError as error:
        return None, {"skipped": str(error)}
    except Exception as error:  # whatever a peer's own reason may be, it is one
        return None, {"skipped": f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"[:200]}


def main() -> None:
    """Hold one system and answer."""
    say = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    system, name, threads, *steps = sys.argv[1:]
    work = find(name)
    if int(threads) > 1 or steps:
        pin(int(threads))  # before anyone counts the cores
    step, first = begin(system, work, int(threads))
    print(json.dumps(first), file=say, flush=True)
    if step is None:
        return
    for _ in range(FIRST_STEPS, int(steps[0]) if steps else 0):
        step()
    pin(int(threads))  # only now if there is one thread, so that several workers can start at the same time
    for line in sys.stdin if not steps else ():
        found = block(step, float(line.split()[1]), first["seconds"])
        if work.generates:
            found["seconds"] /= NEW_TOKENS
        print(json.dumps(found), file=say, flush=True)
    print(json.dumps({"built_mb": first["built_mb"], "peak_mb": memory("VmHWM")}), file=say, flush=True)


if __name__ == "__main__":
    main()
