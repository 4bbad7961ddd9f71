"""Which blocks has README.md alone? The datasets with their pictures, and the time of a step beside other systems'."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from card_benchmarks import TITLES, result, rows
from card_data import paragraph, table

from tinytorch.datasets import CATALOG

PEERS = ("tinytorch", "torch.compile", "jax", "autograd", "mygrad")


def gallery() -> str:
    """Return the table of the shipped datasets: a picture of some samples, and what there is."""
    lines = []
    for name, info in CATALOG.items():
        picture = f"docs/pictures/{name}.{'svg' if name == 'tinytalks' else 'png'}"
        counts = ", ".join(f"{count:,} {split}" for split, count in info.splits.items())
        size = sum(file.size for file in info.files)
        shown = [
            f'<img src="{picture}" width="300" alt="Samples of {info.title}">',
            f"**[{info.title}](tinytorch/datasets/{name}/README.md)**: {info.description}",
            f"{counts}; {size:,} bytes; {info.licence}",
        ]
        lines.append(["<br>".join(shown)])
    total = sum(file.size for info in CATALOG.values() for file in info.files)
    return table([f"datasets, together {total:,} bytes"], lines)


def comparison() -> str:
    """Return how long a step takes on one thread, over PyTorch's time, and where TinyTorch is the slower one."""
    found = [row for row in rows("1") if "ratio" in row["systems"]["tinytorch"]]
    lines = [[row["title"], *(ratio(row["systems"].get(name, {})) for name in PEERS)] for row in found]
    slower = [row for row in found if row["systems"]["tinytorch"]["ratio"]["median"] > 1]
    rounds = min(row["rounds"] for row in found)
    words = (
        f"The time of one step over PyTorch's time: below 1 is faster than PyTorch. Medians of {rounds} or "
        f"more rounds taken in turns, on one thread ({result('speed')['machine']['processor']}). TinyTorch is slower "
        f"than PyTorch in {len(slower)} of {len(found)} rows."
    )
    return paragraph(words) + "\n" + table(["one step", *(TITLES[name] for name in PEERS)], lines)


def ratio(found: Mapping[str, Mapping[str, float]]) -> str:
    """Return a median ratio, or a dash where a system did not take part.

    >>> ratio({"ratio": {"median": 0.4609}}), ratio({})
    ('0.46', '–')
    """
    return f"{found['ratio']['median']:.2f}" if "ratio" in found and not found.get("void") else "–"


BLOCKS: Mapping[str, Callable[..., str]] = {"gallery": gallery, "comparison": comparison}
