"""What do the systems with NumPy's names share? The networks, the losses and the optimizers, written once.

`np` is the system's NumPy. `nn` is the system's module, which adds what NumPy has no name for, as the system does it
best: images, conv, pool, flatten, relu, unstack, softmax, cross_entropy. Weights have PyTorch's layouts and names.
"""

from __future__ import annotations

import math
from typing import Any

import numpy
from workloads import Workload

Arrays = dict[str, Any]


def forward(np: Any, nn: Any, work: Workload, weights: Arrays, x: Any) -> Any:
    """The scores: (batch, classes), or (batch * time, vocabulary) of a GPT."""
    return (gpt if work.is_gpt else sequential)(np, nn, work, weights, x)


def linear(weights: Arrays, name: str, x: Any) -> Any:
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def sequential(np: Any, nn: Any, work: Workload, weights: Arrays, x: Any) -> Any:
    if len(work.shape) == 3:
        x = nn.images(x)
    for i, layer in enumerate(work.layers):
        if layer == "relu":
            x = nn.relu(x)
        elif layer == "tanh":
            x = np.tanh(x)
        elif layer == "pool":
            x = nn.pool(x)
        elif layer == "flatten":
            x = nn.flatten(x)
        elif layer[0] == "conv":
            x = nn.conv(x, weights[f"{i}.weight"], weights[f"{i}.bias"], padding=layer[4])
        else:
            x = linear(weights, str(i), x)
    return x


def layer_norm(np: Any, weights: Arrays, name: str, x: Any) -> Any:
    centred = x - np.mean(x, axis=-1, keepdims=True)
    variance = np.mean(centred * centred, axis=-1, keepdims=True)
    return centred / np.sqrt(variance + numpy.float32(1e-5)) * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def gelu(np: Any, x: Any) -> Any:
    half, one, scale, cube = map(numpy.float32, (0.5, 1, math.sqrt(2 / math.pi), 0.044715))
    return half * x * (one + np.tanh(scale * (x + cube * x * x * x)))


def gpt(np: Any, nn: Any, work: Workload, weights: Arrays, ids: Any) -> Any:
    depth, width, heads, _, _ = work.shape
    n, time = ids.shape
    future = numpy.triu(numpy.full((time, time), -1e9, numpy.float32), 1)
    scale = numpy.float32((width // heads) ** -0.5)
    x = np.reshape(weights["tokens.weight"][ids] + weights["places.weight"][:time], (n * time, width))
    for block in (f"blocks.{i}" for i in range(depth)):
        qkv = linear(weights, f"{block}.qkv", layer_norm(np, weights, f"{block}.norm1", x))
        q, k, v = nn.unstack(np.transpose(np.reshape(qkv, (n, time, 3, heads, width // heads)), (2, 0, 3, 1, 4)))
        scores = np.matmul(q, np.swapaxes(k, -1, -2)) * scale + future  # (batch, heads, time, time)
        mixed = np.transpose(np.matmul(nn.softmax(scores), v), (0, 2, 1, 3))
        x = x + linear(weights, f"{block}.proj", np.reshape(mixed, (n * time, width)))
        hidden = gelu(np, linear(weights, f"{block}.up", layer_norm(np, weights, f"{block}.norm2", x)))
        x = x + linear(weights, f"{block}.down", hidden)
    return layer_norm(np, weights, "norm", x) @ weights["head.weight"].T


def loss(np: Any, nn: Any, work: Workload, weights: Arrays, x: Any, y: Any) -> Any:
    scores = forward(np, nn, work, weights, x)
    if work.loss == "binary_cross_entropy_with_logits":
        return np.mean(np.logaddexp(numpy.float32(0), scores) - y * scores)
    return nn.cross_entropy(scores, y.reshape(-1))


def start(np: Any, weights: Arrays) -> tuple[Arrays, Arrays]:
    """The two moments of Adam before the first step."""
    first, second = ({name: np.zeros_like(array) for name, array in weights.items()} for _ in range(2))
    return first, second


def update(np: Any, work: Workload, weights: Arrays, gradients: Arrays, moments: Any, count: Any) -> tuple[Arrays, Any]:
    """The weights and moments after step number `count` (of 32 bits, from 1) of SGD, Adam or AdamW."""
    rate, decay = work.options["lr"], work.options.get("weight_decay", 0.0)
    if work.optimizer == "SGD":
        return {name: array - rate * gradients[name] for name, array in weights.items()}, moments
    first, second = moments
    first = {name: 0.9 * first[name] + (1 - 0.9) * gradient for name, gradient in gradients.items()}
    second = {name: 0.999 * second[name] + (1 - 0.999) * gradient * gradient for name, gradient in gradients.items()}
    # 1 - beta**count, exactly: in 32 bits, 1 - 0.999 is wrong by 5e-5, and after ten steps of W5b the loss by 2e-3
    unbiased, unbiased_second = (-np.expm1(count * numpy.float32(math.log(beta))) for beta in (0.9, 0.999))
    moved = {
        name: array * (1 - rate * decay)
        - rate * (first[name] / unbiased) / (np.sqrt(second[name] / unbiased_second) + 1e-8)
        for name, array in weights.items()
    }
    return moved, (first, second)
