"""What is the least that NumPy can take? The matrix products of the same shapes and nothing else, into arrays at hand.

A convolution counts as the products of its unfolded windows, in blocks of rows that stay in the cache. The first layer
of images has no gradient for its input. No other arithmetic, no memory to be had: the limit, not a rival.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from workloads import NEW_TOKENS, PROMPT, Workload

from systems import Step

ROWS = 512  # of unfolded windows that are multiplied at a time: measured fastest


class Product(NamedTuple):
    """(rows, inner) @ (inner, columns), `times` over; an operand may lie transposed in memory."""

    rows: int
    inner: int
    columns: int
    times: int = 1
    left_transposed: bool = False
    right_transposed: bool = False

    @property
    def flops(self) -> int:
        return 2 * self.times * self.rows * self.inner * self.columns


def linear(rows: int, fan_in: int, fan_out: int, first: bool = False) -> Iterator[Product]:
    """x @ W.T, the gradient of W and, unless x is data, that of x."""
    yield Product(rows, fan_in, fan_out, right_transposed=True)
    yield Product(fan_out, rows, fan_in, left_transposed=True)
    if not first:
        yield Product(rows, fan_out, fan_in)


def convolution(positions: int, window: int, channels: int, first: bool) -> Iterator[Product]:
    """The same three for unfolded windows: (positions, window) @ (window, channels)."""
    for start in range(0, positions, ROWS):
        rows = min(ROWS, positions - start)
        yield Product(rows, window, channels)
        yield Product(window, rows, channels, left_transposed=True)
        if not first:
            yield Product(rows, channels, window, right_transposed=True)


def attention(sequences: int, queries: int, keys: int, size: int, backward: bool) -> Iterator[Product]:
    """Scores and mixture for each sequence and head; then the gradients of weights, values, queries and keys."""
    yield Product(queries, size, keys, sequences, right_transposed=True)
    yield Product(queries, keys, size, sequences)
    if backward:
        yield Product(queries, size, keys, sequences, right_transposed=True)
        yield Product(keys, queries, size, sequences, left_transposed=True)
        yield Product(queries, keys, size, sequences)
        yield Product(keys, queries, size, sequences, left_transposed=True)


def in_sequence(work: Workload) -> Iterator[Product]:
    height, width = work.shape[1:] if len(work.shape) == 3 else (1, 1)
    first = True
    for layer in work.layers:
        if layer == "pool":
            height, width = height // 2, width // 2
        elif layer[0] == "conv":
            _, fan_in, fan_out, kernel, padding = layer
            height, width = (size + 2 * padding - kernel + 1 for size in (height, width))
            yield from convolution(work.batch * height * width, fan_in * kernel * kernel, fan_out, first)
            first = False
        elif layer[0] == "linear":
            yield from linear(work.batch, *layer[1:], first=first)
            first = False


def of_gpt(work: Workload) -> Iterator[Product]:
    depth, width, heads, context, vocabulary = work.shape
    rows = work.batch * context
    for _ in range(depth):
        for fan_in, fan_out in ((width, 3 * width), (width, width), (width, 4 * width), (4 * width, width)):
            yield from linear(rows, fan_in, fan_out)
        yield from attention(work.batch * heads, context, context, width // heads, backward=True)
    yield from linear(rows, width, vocabulary)


def of_generation(work: Workload) -> Iterator[Product]:
    depth, width, heads, _, vocabulary = work.shape
    for known in range(PROMPT, PROMPT + NEW_TOKENS):
        rows = PROMPT if known == PROMPT else 1
        for _ in range(depth):
            for fan_in, fan_out in ((width, 3 * width), (width, width), (width, 4 * width), (4 * width, width)):
                yield Product(rows, fan_in, fan_out, right_transposed=True)
            yield from attention(heads, rows, known, width // heads, backward=False)
        yield Product(1, width, vocabulary, right_transposed=True)


def products(work: Workload) -> list[Product]:
    """All of one training step, or of one generation."""
    return list((of_generation if work.generates else of_gpt if work.is_gpt else in_sequence)(work))


def build(work: Workload, threads: int) -> Step:
    random = np.random.RandomState(0)

    def matrix(times: int, rows: int, columns: int, transposed: bool = False) -> Any:
        shape = (times, columns, rows) if transposed else (times, rows, columns)
        array = random.standard_normal(shape).astype(np.float32)
        array = array.swapaxes(1, 2) if transposed else array
        return array[0] if times == 1 else array

    arrays = {
        product: (
            matrix(product.times, product.rows, product.inner, product.left_transposed),
            matrix(product.times, product.inner, product.columns, product.right_transposed),
            matrix(product.times, product.rows, product.columns),
        )
        for product in set(products(work))
    }
    # Of two matrices, np.dot has less to consider than np.matmul: the products of K6s take 7.4 ms instead of 10.7.
    calls = [(np.dot if product.times == 1 else np.matmul, *arrays[product]) for product in products(work)]

    def step() -> None:
        for multiply, left, right, out in calls:
            multiply(left, right, out=out)

    return step
