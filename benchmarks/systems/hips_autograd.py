"""How does HIPS autograd do the work? NumPy's names; a convolution is one product of shifted slices, channels last."""

from __future__ import annotations

import sys
from itertools import cycle
from typing import Any

import autograd
import autograd.numpy as np
import numpy
from workloads import Workload, batches, weights

from systems import SkippedError, Step, numpy_names


def images(x: Any) -> Any:
    return np.transpose(x, (0, 2, 3, 1))


def flatten(x: Any) -> Any:
    return np.reshape(np.transpose(x, (0, 3, 1, 2)), (x.shape[0], -1))


def relu(x: Any) -> Any:
    return np.maximum(x, numpy.float32(0))


def pool(x: Any) -> Any:
    n, height, width, channels = x.shape
    return np.max(np.max(np.reshape(x, (n, height // 2, 2, width // 2, 2, channels)), axis=4), axis=2)


def cut(x: Any, start: int, length: int, axis: int) -> Any:
    """A slice; np.split's gradient is a concatenation, where indexing's is numpy.add.at, several times slower."""
    return np.split(x, [start, start + length], axis=axis)[1]


def conv(x: Any, weight: Any, bias: Any, padding: int) -> Any:
    out, _, kernel, _ = weight.shape
    if padding:
        x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)), "constant")
    n, height, width, _ = x.shape
    height, width = height - kernel + 1, width - kernel + 1
    rows = [cut(x, i, height, axis=1) for i in range(kernel)]
    windows = np.concatenate([cut(row, j, width, axis=2) for row in rows for j in range(kernel)], axis=3)
    columns = np.reshape(np.transpose(weight, (2, 3, 1, 0)), (-1, out))
    return np.reshape(np.reshape(windows, (-1, columns.shape[0])) @ columns, (n, height, width, out)) + bias


def unstack(x: Any) -> list[Any]:
    return [np.reshape(part, x.shape[1:]) for part in np.split(x, len(x))]


def softmax(x: Any) -> Any:
    x = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return x / np.sum(x, axis=-1, keepdims=True)


def cross_entropy(scores: Any, y: Any) -> Any:
    centred = scores - np.max(scores, axis=1, keepdims=True)
    logs = centred - np.log(np.sum(np.exp(centred), axis=1, keepdims=True))
    return -np.mean(logs[np.arange(len(y)), y])


def build(work: Workload, threads: int) -> Step:
    if work.generates:
        raise SkippedError("without gradients, autograd is plain NumPy")
    nn, state = sys.modules[__name__], weights(work)
    moments, count, data = numpy_names.start(numpy, state), numpy.float32(0), cycle(batches(work))
    gradient = autograd.value_and_grad(lambda state, x, y: numpy_names.loss(np, nn, work, state, x, y))

    def step() -> float:
        nonlocal state, moments, count
        count += numpy.float32(1)
        loss, gradients = gradient(state, *next(data))
        state, moments = numpy_names.update(numpy, work, state, gradients, moments, count)
        return float(loss)

    return step
