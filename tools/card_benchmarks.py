"""Which numbers of docs/benchmarks.md come from ``make bench``? Made from ``benchmarks/results``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from card_data import paragraph, table

import tinytorch

RESULTS = Path(tinytorch.__file__).parent.parent / "benchmarks" / "results"
TITLES = {
    "tinytorch": "TinyTorch", "tinytorch-parallel": "TinyTorch, DataParallel", "torch": "PyTorch",
    "torch.compile": "torch.compile", "jax": "JAX", "autograd": "autograd", "mygrad": "MyGrad",
    "gemm": "products alone",
}  # fmt: skip
STEP_MEMORY, STEP_REACH = ("W5b", "W6m"), 1.3  # whose memory is compared, and what is to be reached


def result(name: str) -> Any:
    """Return what was measured.

    Raises:
        FileNotFoundError: If it was not.
    """
    path = RESULTS / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(f"benchmarks/results/{name}.json is missing: `make bench` makes it")
    return json.loads(path.read_text(encoding="utf-8"))


def rows(threads: str) -> list[Any]:
    """Return the rows that were measured on so many threads."""
    return [row for row in result("speed")["rows"] if row["threads"] == int(threads)]


def systems(found: list[Any]) -> list[str]:
    """Return who was asked to take part."""
    return [name for name in TITLES if any(name in row["systems"] for row in found)]


def spread(found: Mapping[str, Any]) -> str:
    """Return a ratio with its lowest and highest round, or why there is none.

    >>> spread({"ratio": {"median": 0.5, "low": 0.45, "high": 0.625}, "void": False})
    '0.50 (0.45–0.62)'
    >>> spread({"skipped": "no"}), spread({"ratio": {}, "void": True})
    ('–', 'void')
    """
    if found.get("void"):
        return "void"
    if "ratio" not in found:
        return "–"
    median, low, high = (found["ratio"][key] for key in ("median", "low", "high"))
    return f"{median:.2f} ({low:.2f}–{high:.2f})"


def judged(value: float, most: float) -> str:
    """Return what was to be reached and whether it was.

    >>> judged(0.504, 0.5), judged(0.506, 0.5)
    ('0.50, met', '0.50, missed')
    """
    return f"{most:.2f}, {'met' if round(value, 2) <= most else 'missed'}"


def steps(threads: str) -> str:
    """Return the table of the steps' times over PyTorch's, with who was skipped and how quiet the machine was."""
    found = rows(threads)
    peers = [name for name in systems(found) if name not in ("tinytorch", "torch")]
    lines = []
    for row in found:
        ours = row["systems"]["tinytorch"]
        reach = "–" if "ratio" not in ours else judged(ours["ratio"]["median"], row["reach"])
        others = (spread(row["systems"].get(name, {})) for name in peers)
        lines.append([f"{row['workload']} {row['title']}", f"{ours['ms']:.3g}", spread(ours), reach, *others])
    total = {key: sum(row[key] for row in found) for key in ("redone", "disturbed")}
    rounds = min(row["rounds"] for row in found)
    words = [
        f"{rounds} rounds a row; {total['redone']} more in all were disturbed and taken again, and "
        f"{total['disturbed']} were kept though disturbed."
    ]
    if "tinytorch-parallel" in systems(found):
        words.append(in_pieces(found))
    for name, workloads, reason in skipped(found):
        words.append(f"{TITLES[name]} did not take part in {', '.join(workloads)}: {reason}.")
    head = ["workload", "TinyTorch, ms", "TinyTorch", "reach", *(TITLES[name] for name in peers)]
    return table(head, lines) + "\n" + paragraph(" ".join(words))


def in_pieces(found: list[Any]) -> str:
    """Return what the threads of nn.DataParallel reach that NumPy's own do not."""
    missed, reached = [], []
    for row in found:
        ratios = [row["systems"].get(name, {}).get("ratio") for name in ("tinytorch", "tinytorch-parallel")]
        if all(ratios):
            own, pieces = (round(each["median"], 2) <= row["reach"] for each in ratios)
            missed += [] if own else [row["workload"]]
            reached += [row["workload"]] if pieces and not own else []
    return f"Of what is missed so, nn.DataParallel reaches {', '.join(reached) or 'nothing'}." if missed else ""


def skipped(found: list[Any]) -> list[tuple[str, list[str], str]]:
    """Return who was skipped, where and why."""
    where: dict[tuple[str, str], list[str]] = {}
    for row in found:
        for name in systems(found):
            about = row["systems"].get(name, {"skipped": "nobody asked it to"})
            if "skipped" in about:
                where.setdefault((name, about["skipped"]), []).append(row["workload"])
    return [(name, workloads, reason) for (name, reason), workloads in where.items()]


def memory() -> str:
    """Return the most memory that each process held, and what the steps alone took where that is to be compared."""
    found = rows("1")
    names = systems(found)
    lines = [[row["workload"], *(megabytes(row["systems"].get(name, {})) for name in names)] for row in found]
    words = []
    for row in found:
        if row["workload"] in STEP_MEMORY:
            ours, theirs = (_step(row["systems"][name]) for name in ("tinytorch", "torch"))
            words.append(
                f"The steps of {row['workload']} alone, built network and data not counted: TinyTorch {ours:.0f} MB, "
                f"PyTorch {theirs:.0f} MB, ratio {ours / theirs:.2f} (reach {judged(ours / theirs, STEP_REACH)})."
            )
    return table(["MB", *(TITLES[name] for name in names)], lines) + "\n" + paragraph(" ".join(words))


def megabytes(found: Mapping[str, Any]) -> str:
    """Return the most that was held, or a dash.

    >>> megabytes({"peak_mb": 42.6}), megabytes({"skipped": "no"})
    ('43', '–')
    """
    return "–" if found.get("peak_mb") is None else f"{found['peak_mb']:.0f}"


def _step(found: Mapping[str, Any]) -> float:
    return float(found["peak_mb"] - found["built_mb"])


def startup() -> str:
    """Return what a process costs from its start: imports, a trained network, a whole program."""
    found = result("startup")
    reach, imports, trained, program = (found[key] for key in ("reach", "import", "trained", "program"))
    lines = [
        [f"`import {name}`", f"{each['seconds']:.3f}", megabytes(each), spread(each),
         judged(each["ratio"]["median"], reach["import time"]) if name == "tinytorch" else ""]
        for name, each in imports.items()
    ]  # fmt: skip
    for name in (name for name in TITLES if name in trained):
        seconds = f"{trained[name]['seconds']:.2f}" if "seconds" in trained[name] else "–"
        title = f"{trained['workload']} trained for {trained['steps']} steps, {TITLES[name]}"
        lines.append([title, seconds, megabytes(trained[name]), spread(trained[name]), ""])
    for name in ("tinytorch", "torch"):
        each = program[name]
        verdict = judged(each["ratio"]["median"], reach["program"]) if name == "tinytorch" else ""
        gates = ", ".join(f"{value:.1%} {gate}" for gate, value in each["gates"].items())
        title = f"`tinytorch run {program['program']}`, {TITLES[name]} ({gates})"
        lines.append([title, f"{each['seconds']:.2f}", megabytes(each), spread(each), verdict])
    more = imports["tinytorch"]["peak_mb"] - imports["numpy"]["peak_mb"]
    words = (
        f"`import tinytorch` holds {more:.1f} MB more than `import numpy` (reach {judged(more, reach['import MB'])})."
    )
    return table(["from the start of a process", "s", "MB", "ratio", "reach"], lines) + "\n" + paragraph(words)


def growth() -> str:
    """Return how each axis grows."""
    names = {"arithmetic": "arithmetic", "gemm": "products alone", "torch": "PyTorch", "tinytorch": "TinyTorch"}
    lines = []
    for axis, found in result("growth")["axes"].items():
        numbers = [found["exponents"].get(name) for name in names]
        numbers += [found.get(name, {}).get("surprise") for name in ("tinytorch", "torch")]
        ends = [f"{a:.3g}" for a in (found["tinytorch"]["ms"][0], found["tinytorch"]["ms"][-1])]
        what = f"{axis} of {found['workload']}" if "workload" in found else "operations in a chain, backward"
        shown = ["–" if value is None else f"{value:.2f}" for value in numbers]
        lines.append([what, f"{found['sizes'][0]:,}–{found['sizes'][-1]:,}", "–".join(ends), *shown])
    titles = [f"exponent, {title}" for title in names.values()]
    return table(["what grows", "sizes", "TinyTorch, ms", *titles, "surprise, TinyTorch", "surprise, PyTorch"], lines)


def machine() -> str:
    """Return where and with what all this was measured."""
    found = [result(name)["machine"] for name in ("speed", "startup", "growth")]
    if any(each != found[0] for each in found):
        raise ValueError("benchmarks/results are of different machines or versions: run `make bench`")
    about = found[0]
    packages = {**{name: TITLES[name] for name in ("torch", "jax", "autograd", "mygrad")}, "numpy": "NumPy"}
    versions = ", ".join(f"{title} {about[name]}" for name, title in packages.items() if about[name])
    return paragraph(
        f"{about['processor']}, {about['cores']} cores, {about['system']}; Python {about['python']}, {versions}, which "
        f"multiplies with {about['blas']}."
    )


def techniques() -> str:
    """Return what each way of making it fast bought."""
    head = ["what", "how", "plain, ms", "fast, ms", "fast / plain"]
    rows = [
        [each["what"], each["how"], f"{each['before_ms']:.3g}", f"{each['after_ms']:.3g}", spread(each)]
        for each in result("techniques")["techniques"]
    ]
    return table(head, rows)


BLOCKS: Mapping[str, Callable[..., str]] = {
    "bench-steps": steps,
    "bench-memory": memory,
    "bench-startup": startup,
    "bench-growth": growth,
    "bench-techniques": techniques,
    "bench-machine": machine,
}
