"""Does memory grow while a network trains? No: the end stands where step 100 stood.

    python evidence/memory_growth.py            # all, each in a process of its own
    python evidence/memory_growth.py gpt lstm   # these; results of several runs add up

Every kind of network trains for 10,000 steps, and a DataLoader goes through its data 1,000 times. At step 100 and at
the end are measured: the memory that the process holds (/proc/self/statm; tinytorch.memory keeps freed memory, so this
is the most that was ever needed at once) and how many objects the collector knows of. A second witness is tracemalloc,
which counts bytes that Python and NumPy ask for: from 100 to 300 further steps. A list of losses is measured as well:
the bytes that each one keeps.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

import tinytorch as torch
from tinytorch import nn
from tinytorch.models import GPT
from tinytorch.nn import functional as F
from tinytorch.utils.data import DataLoader, TensorDataset

STEPS, EPOCHS, WARM, ALLOWED = 10_000, 1_000, 100, 1 << 20  # the last in bytes
LIMITS = {"bytes held more": ALLOWED, "objects more": 50, "bytes in use more": 1 << 14}
Step = Callable[[], Any]


# ---------------------------------------------------------------------------------------------- what trains
class LastOf(nn.Module):
    """A recurrent layer, and a linear one of its last output."""

    def __init__(self, recurrent: nn.Module) -> None:
        super().__init__()
        self.recurrent, self.head = recurrent, nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, time, 4) -> (batch, 3)."""
        return self.head(self.recurrent(x)[0][:, -1])


def training(model: nn.Module, x: torch.Tensor, target: torch.Tensor, kind: Any = torch.optim.Adam) -> Step:
    """A training step of a classifier, with a scheduler and clipped gradients; it returns the loss."""
    optimizer = kind(model.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9999)

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        scores = model(x)
        loss = F.cross_entropy(scores.reshape(-1, scores.shape[-1]), target)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        return loss

    return step


def mlp() -> nn.Module:
    """Two layers with dropout."""
    return nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 3))


def cnn() -> nn.Module:
    """Convolution, batch norm, dropout, pooling."""
    features = [nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout2d(0.2)]
    return nn.Sequential(*features, nn.Flatten(), nn.Linear(64, 3))


def embedding() -> nn.Module:
    """A bag of words, roughly."""
    return nn.Sequential(nn.Embedding(20, 8), nn.Flatten(), nn.LayerNorm(48), nn.Linear(48, 3))


NETWORKS: dict[str, Callable[[], tuple[nn.Module, torch.Tensor, torch.Tensor]]] = {
    "mlp": lambda: (mlp(), torch.randn(8, 16), torch.randint(3, (8,))),
    "cnn": lambda: (cnn(), torch.randn(8, 1, 8, 8), torch.randint(3, (8,))),
    "rnn": lambda: (LastOf(nn.RNN(4, 8, batch_first=True)), torch.randn(8, 5, 4), torch.randint(3, (8,))),
    "lstm": lambda: (LastOf(nn.LSTM(4, 8, batch_first=True)), torch.randn(8, 5, 4), torch.randint(3, (8,))),
    "gru": lambda: (LastOf(nn.GRU(4, 8, batch_first=True)), torch.randn(8, 5, 4), torch.randint(3, (8,))),
    "gpt": lambda: (GPT(12, 8, width=8, heads=2, layers=2), torch.randint(12, (4, 8)), torch.randint(12, (32,))),
    "embedding": lambda: (embedding(), torch.randint(20, (8, 6)), torch.randint(3, (8,))),
}


EVERYTHING = [*NETWORKS, "dataloader", "history"]


def epochs() -> Step:
    """A pass over 64 samples, shuffled, by two workers."""
    data = TensorDataset(torch.arange(64.0).reshape(64, 1), torch.arange(64))
    loader = DataLoader(data, batch_size=10, shuffle=True, num_workers=2)

    def step() -> None:
        assert sum(len(x) for x, _ in loader) == 64

    return step


def step_of(name: str) -> Step:
    """The training step of a network, or an epoch of a DataLoader."""
    torch.manual_seed(0)
    return epochs() if name == "dataloader" else training(*NETWORKS[name]())


# ---------------------------------------------------------------------------------------------- the witnesses
def resident() -> int:
    """Bytes of memory that this process holds; 0 where the system does not tell."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text("utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def growth(step: Step, steps: int, warm: int = WARM) -> dict[str, int]:
    """Run `steps` steps; by how much the memory held and the objects grew since step `warm`."""
    for _ in range(warm):
        step()
    gc.collect()
    before, objects = resident(), len(gc.get_objects())
    for _ in range(steps - warm):
        step()
    held = resident() - before  # before anything is cleaned up
    gc.collect()
    return {"steps": steps, "bytes held more": held, "objects more": len(gc.get_objects()) - objects}


def traced(step: Step, warm: int = 100, steps: int = 200) -> int:
    """By how many bytes the memory in use grew over `steps` steps, after the first `warm`."""
    tracemalloc.start()
    try:
        for _ in range(warm):
            step()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(steps):
            step()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def bytes_of_a_loss(backward: bool, losses: int = 200) -> int:
    """What each loss in a list keeps in memory: one that backward went through, or one with its whole graph."""
    torch.manual_seed(0)
    model, x, target = NETWORKS["mlp"]()
    step = training(model, x, target)
    history: list[Any] = []
    kept = (lambda: history.append(step())) if backward else (lambda: history.append(F.cross_entropy(model(x), target)))
    return traced(kept, 20, losses) // losses


# ---------------------------------------------------------------------------------------------- all of it
def measure(name: str) -> dict[str, int]:
    """What came of a network or the DataLoader, in this process."""
    if name == "history":
        return {"bytes a loss after backward": bytes_of_a_loss(True), "bytes a loss without": bytes_of_a_loss(False)}
    step = step_of(name)
    found = growth(step, EPOCHS if name == "dataloader" else STEPS)
    return {**found, "bytes in use more": traced(step)}


def rows(found: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """The rows of `make faults`: an object, a byte in use or a megabyte held too many counts as lost."""
    made = []
    for name, each in found.items():
        if name != "history":
            unit = "epochs" if name == "dataloader" else "steps"
            leaks = (
                each["bytes held more"] > ALLOWED or each["objects more"] > 50 or each["bytes in use more"] > 1 << 14
            )
            what = f"{each['steps']:,} {unit}: {name}"
            outcome = f"memory held grew by {max(each['bytes held more'], 0) // 1024} KB from step {WARM} on"
            how = "training in a process of its own" if unit == "steps" else "shuffled, with two workers"
            made.append(
                {"part": "memory", "fault": what, "how": how, "tries": 1, "lost": int(leaks), "outcome": outcome}
            )
    return made


@click.command()
@click.option("--here", is_flag=True, help="measure the one in this process, and print it")
@click.argument("names", nargs=-1, type=click.Choice(EVERYTHING))
def main(here: bool, names: tuple[str, ...]) -> None:
    """Measure, print and record."""
    if here:
        print(json.dumps(measure(names[0])))
        return
    from record import recall, record

    try:
        found = recall("memory_growth")["measured"]
    except FileNotFoundError:
        found = {}
    for name in names or EVERYTHING:
        words = [sys.executable, __file__, "--here", name]
        found[name] = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
        print(name, found[name], flush=True)
    found = {name: found[name] for name in EVERYTHING if name in found}
    config = {"steps": STEPS, "epochs": EPOCHS, "compared with step": WARM, "allowed bytes": ALLOWED}
    record("memory_growth", config, {"measured": found, "faults": rows(found)})


if __name__ == "__main__":
    main()
