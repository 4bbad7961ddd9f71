"""How does JAX do the work? The whole step compiled once, optimizer included; channels last; a cache of fixed size."""

from __future__ import annotations

import sys
from itertools import cycle
from typing import Any

import jax
import jax.numpy as np
from jax import lax
from workloads import NEW_TOKENS, Workload, batches, prompt, weights

from systems import Step, numpy_names
from systems.numpy_names import layer_norm, linear

relu, softmax, unstack = jax.nn.relu, jax.nn.softmax, tuple


def images(x: Any) -> Any:
    return x.transpose(0, 2, 3, 1)


def flatten(x: Any) -> Any:
    return x.transpose(0, 3, 1, 2).reshape(x.shape[0], -1)


def pool(x: Any) -> Any:
    n, height, width, channels = x.shape  # a third faster than lax.reduce_window, whose gradient is a scatter
    x = x.reshape(n, height // 2, 2, width, channels)
    x = np.maximum(x[:, :, 0], x[:, :, 1]).reshape(n, height // 2, width // 2, 2, channels)
    return np.maximum(x[:, :, :, 0], x[:, :, :, 1])


def conv(x: Any, weight: Any, bias: Any, padding: int) -> Any:
    around = [(padding, padding)] * 2
    return lax.conv_general_dilated(x, weight, (1, 1), around, dimension_numbers=("NHWC", "OIHW", "NHWC")) + bias


def cross_entropy(scores: Any, y: Any) -> Any:
    chosen = np.take_along_axis(scores, y[:, None], 1)[:, 0]
    return (jax.nn.logsumexp(scores, -1) - chosen).mean()


def build(work: Workload, threads: int) -> Step:
    return generation(work) if work.generates else training(work)


def training(work: Workload) -> Step:
    nn = sys.modules[__name__]

    def whole(state: Any, moments: Any, count: Any, x: Any, y: Any) -> Any:
        loss, gradients = jax.value_and_grad(lambda state: numpy_names.loss(np, nn, work, state, x, y))(state)
        count = count + 1
        return loss, *numpy_names.update(np, work, state, gradients, moments, count), count

    compiled = jax.jit(whole, donate_argnums=(0, 1, 2))
    state = {name: np.asarray(array) for name, array in weights(work).items()}
    moments, count = numpy_names.start(np, state), np.zeros((), np.float32)
    data = cycle([tuple(map(np.asarray, batch)) for batch in batches(work)])

    def step() -> float:
        nonlocal state, moments, count
        loss, state, moments, count = compiled(state, moments, count, *next(data))
        return float(loss)

    return step


def one_token(work: Workload, state: Any, token: Any, place: Any, keys: Any, values: Any) -> Any:
    """The next token, and the cache (layers, heads, context, size) with one place more."""
    depth, width, heads, context, _ = work.shape
    x = state["tokens.weight"][token] + state["places.weight"][place]
    for i in range(depth):
        block = f"blocks.{i}"
        qkv = linear(state, f"{block}.qkv", layer_norm(np, state, f"{block}.norm1", x))
        q, k, v = qkv.reshape(3, heads, -1)  # each (heads, size)
        keys, values = keys.at[i, :, place].set(k), values.at[i, :, place].set(v)
        scores = np.einsum("hd,htd->ht", q, keys[i]) * (width // heads) ** -0.5
        scores = np.where(np.arange(context) <= place, scores, -np.inf)
        mixed = np.einsum("ht,htd->hd", softmax(scores), values[i]).reshape(width)
        x = x + linear(state, f"{block}.proj", mixed)
        hidden = linear(state, f"{block}.up", layer_norm(np, state, f"{block}.norm2", x))
        x = x + linear(state, f"{block}.down", relu(hidden))
    scores = layer_norm(np, state, "norm", x) @ state["head.weight"].T
    return scores.argmax(), place + 1, keys, values


def generation(work: Workload) -> Step:
    depth, width, heads, context, _ = work.shape
    state = {name: np.asarray(array) for name, array in weights(work).items()}
    following = jax.jit(lambda *arguments: one_token(work, *arguments), donate_argnums=(3, 4))
    first = [int(token) for token in prompt(work)]

    def generate() -> list[int]:
        keys, place = np.zeros((depth, heads, context, width // heads)), 0
        values, written = np.zeros_like(keys), []
        for token in first[:-1]:
            _, place, keys, values = following(state, token, place, keys, values)
        token = first[-1]
        for _ in range(NEW_TOKENS):
            token, place, keys, values = following(state, token, place, keys, values)
            written.append(int(token))
        return written

    return generate
