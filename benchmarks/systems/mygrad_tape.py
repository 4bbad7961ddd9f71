"""How does MyGrad do the work? NumPy's names on its tensors, with its own convolution, pooling, softmax and loss."""

from __future__ import annotations

import sys
from itertools import cycle
from typing import Any

import mygrad
import numpy
from mygrad import nnet
from workloads import Workload, batches, weights

from systems import SkippedError, Step, numpy_names

relu, softmax, cross_entropy = nnet.activations.relu, nnet.activations.softmax, nnet.losses.softmax_crossentropy


def images(x: Any) -> Any:
    return x


def flatten(x: Any) -> Any:
    return mygrad.reshape(x, (x.shape[0], -1))


def unstack(x: Any) -> list[Any]:
    return [x[i] for i in range(len(x))]


def pool(x: Any) -> Any:
    return nnet.layers.max_pool(x, (2, 2), 2)


def conv(x: Any, weight: Any, bias: Any, padding: int) -> Any:
    return nnet.layers.conv_nd(x, weight, stride=1, padding=padding) + mygrad.reshape(bias, (1, -1, 1, 1))


def build(work: Workload, threads: int) -> Step:
    if work.generates:
        raise SkippedError("without gradients, MyGrad is plain NumPy")
    mygrad.turn_memory_guarding_off()  # its own advice for speed
    nn, state = sys.modules[__name__], weights(work)
    moments, count, data = numpy_names.start(numpy, state), numpy.float32(0), cycle(batches(work))

    def step() -> float:
        nonlocal state, moments, count
        count += numpy.float32(1)
        tensors = {name: mygrad.tensor(array, copy=False) for name, array in state.items()}
        loss = numpy_names.loss(mygrad, nn, work, tensors, *next(data))
        loss.backward()
        gradients = {name: tensor.grad for name, tensor in tensors.items()}
        state, moments = numpy_names.update(numpy, work, state, gradients, moments, count)
        return float(loss)

    return step
