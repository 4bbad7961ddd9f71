"""What is timed: one training step, written once and run on any module that has PyTorch's names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Workload:
    """A network, its data and its optimizer."""

    name: str
    title: str
    sizes: tuple[int, ...]
    batch: int
    loss: str
    optimizer: str
    options: dict[str, float]
    reach: float  # the highest acceptable ratio to PyTorch's time


WORKLOADS = (
    Workload("W1", "XOR 2-4-1, full batch, SGD", (2, 4, 1), 4, "BCEWithLogitsLoss", "SGD", {"lr": 0.5}, 0.5),
    Workload("W2", "digits 64-32-10, batch 32, Adam", (64, 32, 10), 32, "CrossEntropyLoss", "Adam", {"lr": 1e-2}, 0.5),
    Workload("W3", "MLP 784-128-10, batch 64, Adam", (784, 128, 10), 64, "CrossEntropyLoss", "Adam", {"lr": 1e-3}, 1.0),
)


def batches(work: Workload) -> list[tuple[np.ndarray, np.ndarray]]:
    """Ten batches of the workload's shapes: the four points of XOR, or random images with random labels."""
    if work.loss == "BCEWithLogitsLoss":
        x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
        return [(x, np.array([[0], [1], [1], [0]], np.float32))] * 10
    random = np.random.RandomState(0)
    images = random.random_sample((10, work.batch, work.sizes[0])).astype(np.float32)
    return list(zip(images, random.randint(0, work.sizes[-1], (10, work.batch), np.int64)))


def weights(work: Workload) -> dict[str, np.ndarray]:
    """Initial weights for every system, by the names of the state dict."""
    random = np.random.RandomState(1)
    state = {}
    for i, (fan_in, fan_out) in enumerate(zip(work.sizes, work.sizes[1:])):
        bound = fan_in**-0.5
        state[f"{2 * i}.weight"] = random.uniform(-bound, bound, (fan_out, fan_in)).astype(np.float32)
        state[f"{2 * i}.bias"] = random.uniform(-bound, bound, fan_out).astype(np.float32)
    return state


def training_step(torch: Any, work: Workload) -> Callable[[], float]:
    """A function that takes the next batch, trains on it and returns the loss."""
    nn = torch.nn
    layers: list[Any] = []
    for fan_in, fan_out in zip(work.sizes, work.sizes[1:]):
        layers += [nn.Linear(fan_in, fan_out), nn.Tanh() if work.name == "W1" else nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    model.load_state_dict({name: torch.tensor(array) for name, array in weights(work).items()})
    optimizer = getattr(torch.optim, work.optimizer)(model.parameters(), **work.options)
    criterion = getattr(nn, work.loss)()
    data = [(torch.tensor(x), torch.tensor(y)) for x, y in batches(work)]
    count = 0

    def step() -> float:
        nonlocal count
        x, y = data[count % len(data)]
        count += 1
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step
