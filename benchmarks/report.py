"""How are the results of run.py shown on a terminal? In 80 columns."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

console = Console(highlight=False)
OURS, REFERENCE = "tinytorch", "torch"
SHORT = {"torch.compile": "compile", "gemm": "GEMM", "jax": "JAX", "mygrad": "MyGrad", "tinytorch": "TinyTorch",
         "tinytorch-parallel": "parallel"}  # fmt: skip


def verdict(found: dict[str, Any], most: float) -> str:
    """What our result means.

    >>> verdict({"ratio": {"median": 1.2}, "void": False}, 1.0), verdict({"ratio": {"median": 1.2}, "void": True}, 1.0)
    ('missed', 'VOID')
    """
    if "ratio" not in found:
        return "–"
    if found["void"]:
        return "VOID"
    return "met" if round(found["ratio"]["median"], 2) <= most else "missed"


def ratio(found: dict[str, Any], with_spread: bool = False) -> str:
    if "ratio" not in found:
        return "–"
    if found["void"] and not with_spread:
        return "VOID"
    values = found["ratio"]
    return f"{values['median']:.2f}" + (f" ({values['low']:.2f}–{values['high']:.2f})" if with_spread else "")


def show(rows: list[dict[str, Any]], threads: int) -> None:
    """Print a table of ours, one of the others, and what is to be said of them."""
    if not rows:
        return
    others = [name for name in rows[0]["systems"] if name not in (OURS, REFERENCE)]
    ours, theirs = [], []
    for row in rows:
        found, most = row["systems"], row["reach"]
        own = found.get(OURS, {})
        ms = f"{own['ms']:.3g}" if "ms" in own else "–"
        ours.append([row["workload"], ms, ratio(own, with_spread=True), f"{most:.2f}", verdict(own, most)])
        theirs.append([row["workload"], *(ratio(found.get(name, {})) for name in others)])
    console.print(f"A step's time over PyTorch eager's, {'one thread' if threads == 1 else f'{threads} threads'}")
    console.print(columns(["", "ms", "TinyTorch", "reach", ""], ours))
    console.print(columns(["", *(SHORT.get(name, name) for name in others)], theirs))
    for words in remarks(rows):
        console.print(words)


def columns(heads: list[str], lines: list[list[str]]) -> Table:
    """A table without lines, whose numbers stand under each other."""
    table = Table(box=None, padding=(0, 1, 0, 0))
    for i, head in enumerate(heads):
        table.add_column(head, justify="right" if i else "left", no_wrap=True)
    for line in lines:
        table.add_row(*line)
    return table


def remarks(rows: list[dict[str, Any]]) -> list[str]:
    """Who was skipped and why, and how disturbed the machine was."""
    where: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for name, found in row["systems"].items():
            if "skipped" in found:
                where.setdefault((SHORT.get(name, name), found["skipped"]), []).append(row["workload"])
    skipped = [f"{name} is skipped ({', '.join(names)}): {reason}" for (name, reason), names in where.items()]
    total = {key: sum(row[key] for row in rows) for key in ("rounds", "redone", "disturbed", "seconds")}
    turns = f"{total['rounds']} rounds, {total['redone']} more were disturbed and taken again"
    kept = f", {total['disturbed']} were kept though disturbed" if total["disturbed"] else ""
    return [*skipped, f"{turns}{kept}; {total['seconds']:.0f} s"]
