"""What the teaching programs work on: weights, points, names; the same for both libraries."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "noah", "liam", "ann", "otto", "eve", "bob", "hannah"]
CHARACTERS = [".", *sorted(set("".join(NAMES)))]
INDEX = {c: i for i, c in enumerate(CHARACTERS)}


def weights(torch: ModuleType, *shape: int, seed: int = 0, scale: float = 1.0) -> Any:
    """A tensor of weights that are the same in both libraries."""
    values = np.random.RandomState(seed).randn(*shape) * scale
    return torch.tensor(values.astype("float32"), requires_grad=True)


def load(torch: ModuleType, model: Any) -> Any:
    """The model with weights that are the same in both libraries."""
    random = np.random.RandomState(7)
    state = {
        name: torch.tensor(random.uniform(-0.5, 0.5, tuple(p.shape)).astype("float32"))
        for name, p in model.state_dict().items()
    }
    model.load_state_dict(state)
    return model


def two_moons(torch: ModuleType, n: int = 60) -> Any:
    """Points (n, 2) and their class, 0 or 1 (n,)."""
    random = np.random.RandomState(3)
    angle = random.uniform(0, np.pi, n)
    label = np.arange(n) % 2
    x = np.where(label, 1 - np.cos(angle), np.cos(angle)) + random.normal(0, 0.1, n)
    y = np.where(label, 0.5 - np.sin(angle), np.sin(angle)) + random.normal(0, 0.1, n)
    return torch.tensor(np.stack([x, y], 1).astype("float32")), torch.tensor(label)


def name_pairs(torch: ModuleType, context: int = 1) -> Any:
    """Windows of `context` characters (n, context) and the character that follows each (n,)."""
    xs, ys = [], []
    for name in NAMES:
        window = [0] * context
        for c in name + ".":
            xs.append(window)
            ys.append(INDEX[c])
            window = [*window[1:], INDEX[c]]
    return torch.tensor(xs), torch.tensor(ys)
