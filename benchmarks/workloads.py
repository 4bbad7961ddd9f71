"""What is timed: networks, their data, and one training step, written once for every module with PyTorch's names.

A row of WORKLOADS says all that another system needs to do the same work: the shapes, the weights and the batches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

Batch = tuple[np.ndarray, np.ndarray]
PROMPT, NEW_TOKENS = 8, 200  # of a generation


@dataclass(frozen=True)
class Workload:
    """A network, its data and its optimizer; `reach` is the highest acceptable ratio to PyTorch's time."""

    name: str
    title: str
    layers: tuple[Any, ...] = ()  # of a network in sequence: ("conv", in, out, kernel, padding), ("linear", in, out)
    shape: tuple[int, ...] = ()  # of one sample, or of a GPT: (layers, width, heads, context, vocabulary)
    batch: int = 1
    loss: str = "cross_entropy"
    optimizer: str = "Adam"
    options: dict[str, float] = field(default_factory=lambda: {"lr": 1e-3})
    reach: float = 1.0  # on one thread
    reach_two: float = 1.25  # on two
    by_modules: bool = False  # of a generation: each token goes through every module, also where a shorter way is there

    @property
    def is_gpt(self) -> bool:
        return not self.layers

    @property
    def generates(self) -> bool:
        return self.name.startswith("K")


def mlp(*sizes: int, between: str = "relu") -> tuple[Any, ...]:
    """The layers of a multi-layer perceptron."""
    layers: list[Any] = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [("linear", fan_in, fan_out), between]
    return tuple(layers[:-1])


def cnn(*convolutions: tuple[int, int, int, int], sizes: tuple[int, ...]) -> tuple[Any, ...]:
    """The layers of a convolutional network: each convolution with ReLU and 2×2 pooling, then a perceptron."""
    layers: list[Any] = []
    for convolution in convolutions:
        layers += [("conv", *convolution), "relu", "pool"]
    return (*layers, "flatten", *mlp(*sizes))


GPT_SMALL, GPT_MEDIUM, GPT_WRITING = (2, 64, 4, 64, 100), (4, 128, 4, 128, 100), (2, 64, 4, 256, 100)
ADAMW = {"lr": 1e-3, "weight_decay": 0.01}
LENET = cnn((1, 6, 5, 2), (6, 16, 5, 0), sizes=(400, 120, 84, 10))
CIFAR = cnn((3, 32, 3, 1), (32, 64, 3, 1), sizes=(4096, 128, 10))
WORKLOADS = (
    Workload("W1", "XOR 2-4-1, full batch, SGD", mlp(2, 4, 1, between="tanh"), (2,), 4,
             "binary_cross_entropy_with_logits", "SGD", {"lr": 0.5}, 0.25, 0.7),
    Workload("W2", "digits MLP 64-32-10, batch 32, Adam", mlp(64, 32, 10), (64,), 32, options={"lr": 1e-2},
             reach=0.30, reach_two=0.7),
    Workload("W3", "MLP 784-128-10, batch 64, Adam", mlp(784, 128, 10), (784,), 64, reach=0.60, reach_two=0.7),
    Workload("W4", "CNN 8-16 on 8×8, batch 32, Adam", cnn((1, 8, 3, 1), (8, 16, 3, 1), sizes=(64, 10)), (1, 8, 8), 32,
             options={"lr": 1e-2}, reach=0.45, reach_two=0.7),
    Workload("W5a", "LeNet-5 style on 28×28, batch 64, Adam", LENET, (1, 28, 28), 64, reach=1.10),
    Workload("W5b", "CIFAR CNN 32-64, batch 64, Adam", CIFAR, (3, 32, 32), 64, reach=1.00),
    Workload("W6s", "GPT 2×64, context 64, batch 16, AdamW", (), GPT_SMALL, 16, optimizer="AdamW", options=ADAMW,
             reach=1.00),
    Workload("W6m", "GPT 4×128, context 128, batch 32, AdamW", (), GPT_MEDIUM, 32, optimizer="AdamW", options=ADAMW,
             reach=1.10),
    Workload("K6s", "one token of GPT 2×64, with KV cache", (), GPT_WRITING, reach=0.45, reach_two=0.7),
    Workload("K6s-modules", "one token of GPT 2×64, through its modules", (), GPT_WRITING, reach=0.45, reach_two=0.7,
             by_modules=True),
)  # fmt: skip


def find(name: str) -> Workload:
    """The workload of that name, or one that has grown: "W3 batch=256".

    >>> find("W3 width=64").layers
    (('linear', 784, 64), 'relu', ('linear', 64, 10))
    """
    first, *grown = name.split()
    work = next(work for work in WORKLOADS if work.name == first)
    for axis, size in (each.split("=") for each in grown):
        work = GROW[axis](work, int(size))
    return replace(work, name=name)


def _context(work: Workload, size: int) -> Workload:
    depth, width, heads, _, vocabulary = work.shape
    return replace(work, shape=(depth, width, heads, size, vocabulary))


def _image(work: Workload, size: int) -> Workload:
    layers = cnn(*(layer[1:] for layer in CIFAR if layer[0] == "conv"), sizes=(64 * (size // 4) ** 2, 128, 10))
    return replace(work, layers=layers, shape=(3, size, size))


GROW: Mapping[str, Callable[[Workload, int], Workload]] = {
    "batch": lambda work, size: replace(work, batch=size),
    "width": lambda work, size: replace(work, layers=mlp(784, size, 10)),  # of a perceptron's hidden layer
    "depth": lambda work, size: replace(work, layers=mlp(784, *[128] * size, 10)),  # how many hidden layers
    "context": _context,  # of a GPT
    "image": _image,  # the side of a CIFAR network's images
}


# ---------------------------------------------------------------------------------------------- data and weights
def batches(work: Workload, count: int = 10) -> list[Batch]:
    """Some batches of the workload's shapes: XOR's points, or images or text made so that ten steps learn from them.

    So a system that trains otherwise shows another loss. The images are those of classes, with noise, and the same in
    all batches; a quarter of the labels is drawn anew. So no neuron stays silent and no loss vanishes: processors are
    slow with gradients that are almost zero. In text, token n is n + 1 times as rare as token 0.
    """
    random = np.random.RandomState(0)
    if work.loss == "binary_cross_entropy_with_logits":
        x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
        return [(x, np.array([[0], [1], [1], [0]], np.float32))] * count
    if work.is_gpt:
        _, _, _, context, vocabulary = work.shape
        often = 1 / np.arange(1, vocabulary + 1)
        text = random.choice(vocabulary, (count, work.batch, context + 1), p=often / often.sum())
        return [(np.ascontiguousarray(each[:, :-1]), np.ascontiguousarray(each[:, 1:])) for each in text]
    classes = work.layers[-1][2]
    shown, wrong = random.randint(0, classes, work.batch), random.randint(0, classes, (count, work.batch))
    shares = (np.arange(classes) + 1.0) / classes
    ink = random.random_sample((*work.shape, classes)) < shares  # each class has more ink than the one before
    images = 2.0 * np.moveaxis(ink, -1, 0)[shown] - 1 + random.standard_normal((work.batch, *work.shape))
    labels = np.where(random.random_sample(wrong.shape) < 0.75, shown, wrong)
    return [(images.astype(np.float32), each) for each in labels]


def prompt(work: Workload) -> np.ndarray:
    """The tokens from which a generation starts."""
    return np.random.RandomState(7).randint(0, work.shape[-1], PROMPT)


def weights(work: Workload) -> dict[str, np.ndarray]:
    """Initial weights for every system, in PyTorch's layouts and by the names of the state dict."""
    random = np.random.RandomState(1)
    state: dict[str, np.ndarray] = {}
    if work.is_gpt:
        depth, width, _, context, vocabulary = work.shape
        scale = 0.2 if work.generates else 0.02  # so that greedy choices are far from ties

        def normal(name: str, *shape: int) -> None:
            state[name] = random.standard_normal(shape).astype(np.float32) * np.float32(scale)

        def norm(name: str) -> None:
            state[f"{name}.weight"], state[f"{name}.bias"] = np.ones(width, np.float32), np.zeros(width, np.float32)

        normal("tokens.weight", vocabulary, width)
        normal("places.weight", context, width)
        for i in range(depth):
            sizes = {"qkv": (width, 3), "proj": (width, 1), "up": (width, 4), "down": (4 * width, 1 / 4)}
            for name, (fan_in, times) in sizes.items():
                fan_out = width if name == "down" else int(width * times)
                normal(f"blocks.{i}.{name}.weight", fan_out, fan_in)
                state[f"blocks.{i}.{name}.bias"] = np.zeros(fan_out, np.float32)
            norm(f"blocks.{i}.norm1")
            norm(f"blocks.{i}.norm2")
        norm("norm")
        normal("head.weight", vocabulary, width)
        return state
    for i, layer in enumerate(work.layers):
        if isinstance(layer, tuple):
            kind, fan_in, fan_out = layer[:3]
            kernel = (layer[3],) * 2 if kind == "conv" else ()
            bound = (fan_in * int(np.prod(kernel))) ** -0.5
            state[f"{i}.weight"] = random.uniform(-bound, bound, (fan_out, fan_in, *kernel)).astype(np.float32)
            state[f"{i}.bias"] = random.uniform(-bound, bound, fan_out).astype(np.float32)
    return state


# ---------------------------------------------------------------------------------------------- PyTorch's names
def sequential(torch: Any, work: Workload) -> Any:
    """The network in sequence."""
    nn = torch.nn
    plain = {"relu": nn.ReLU, "tanh": nn.Tanh, "pool": lambda: nn.MaxPool2d(2), "flatten": nn.Flatten}
    layers = []
    for layer in work.layers:
        if layer in plain:
            layers.append(plain[layer]())
        elif layer[0] == "conv":
            layers.append(nn.Conv2d(layer[1], layer[2], layer[3], padding=layer[4]))
        else:
            layers.append(nn.Linear(*layer[1:]))
    return nn.Sequential(*layers)


def gpt(torch: Any, work: Workload) -> Any:
    """A GPT, written as for PyTorch: pre-norm blocks, positions learnt, GELU by tanh, a head of its own.

    Where it generates it has ReLU, as `tinytorch.models.GPT`, so that all can be asked for the same text.
    """
    nn, F = torch.nn, torch.nn.functional
    depth, width, heads, context, vocabulary = work.shape

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x: Any, cache: Any = None) -> Any:
            n, time, _ = x.shape
            q, k, v = self.qkv(self.norm1(x)).view(n, time, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
            if cache is not None:
                keys, values, start = cache
                keys[:, :, start : start + time], values[:, :, start : start + time] = k, v
                k, v = keys[:, :, : start + time], values[:, :, : start + time]
            y = F.scaled_dot_product_attention(q, k, v, is_causal=time > 1)
            x = x + self.proj(y.transpose(1, 2).reshape(n, time, width))
            hidden = self.up(self.norm2(x))
            return x + self.down(F.relu(hidden) if work.generates else F.gelu(hidden, approximate="tanh"))

    class GPT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
            self.blocks = nn.ModuleList([Block() for _ in range(depth)])
            self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

        def forward(self, ids: Any, caches: Any = None, start: int = 0) -> Any:
            x = self.tokens(ids) + self.places.weight[start : start + ids.shape[1]]
            for i, block in enumerate(self.blocks):
                x = block(x, None if caches is None else (*caches[i], start))
            if caches is not None:
                x = x[:, -1:]
            return self.head(self.norm(x))

    return GPT()


def model(torch: Any, work: Workload) -> Any:
    """The network with the weights that all systems start from."""
    network = gpt(torch, work) if work.is_gpt else sequential(torch, work)
    network.load_state_dict({name: torch.tensor(array) for name, array in weights(work).items()})
    return network


def training_step(torch: Any, work: Workload, compiled: bool = False, parallel: bool = False) -> Callable[[], float]:
    """A function that takes the next batch, trains on it and returns the loss."""
    network = torch.nn.DataParallel(model(torch, work)) if parallel else model(torch, work)
    optimizer = getattr(torch.optim, work.optimizer)(network.parameters(), **work.options)
    criterion = getattr(torch.nn.functional, work.loss)
    data = [(torch.tensor(x), torch.tensor(y)) for x, y in batches(work)]

    def measure(x: Any, y: Any) -> Any:
        out = network(x)
        return criterion(out.flatten(0, 1), y.flatten()) if work.is_gpt else criterion(out, y)

    forward = torch.compile(measure) if compiled else measure
    count = 0

    def step() -> float:
        nonlocal count
        x, y = data[count % len(data)]
        count += 1
        optimizer.zero_grad()
        loss = forward(x, y)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step


def generation(torch: Any, work: Workload, compiled: bool = False) -> Callable[[], list[int]]:
    """A function that writes NEW_TOKENS greedily, each from the one before and what the cache keeps."""
    network = model(torch, work)
    network.eval()
    depth, width, heads, context, _ = work.shape
    forward = torch.compile(network, dynamic=True) if compiled else network
    first = torch.tensor(prompt(work))[None]

    def generate() -> list[int]:
        with torch.inference_mode():
            shape = (1, heads, context, width // heads)
            caches = [(torch.zeros(shape), torch.zeros(shape)) for _ in range(depth)]
            written, ids, start = [], first, 0
            for _ in range(NEW_TOKENS):
                chosen = forward(ids, caches, start)[:, -1].argmax(-1, keepdim=True)
                start, ids = start + ids.shape[1], chosen
                written.append(int(chosen.item()))
        return written

    return generate
