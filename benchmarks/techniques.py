"""What did each way of making TinyTorch fast buy? The plain form and the fast one, in turn, on one thread.

    python benchmarks/techniques.py [--rounds 15] [--json FILE]

The plain forms are those of a textbook, and compute the same: where they differ by more than rounding, it stops.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # read when NumPy is imported

import argparse
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import results

import tinytorch as torch
from tinytorch.nn import functional as F
from tinytorch.ops import activation, attention, normalization, row_total

Way = Callable[[], Any]
random = np.random.RandomState(0)


def floats(*shape: int) -> np.ndarray:
    return random.standard_normal(shape).astype(np.float32)


# ---------------------------------------------------------------------------------------------- plain and fast
def convolution() -> tuple[Way, Way]:
    """The second convolution of W5b, forward and back."""
    x, weight, grad = floats(64, 32, 16, 16), floats(64, 32, 3, 3), floats(64, 64, 16, 16)

    def plain() -> Any:
        padded, whole = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), np.zeros((64, 32, 18, 18), np.float32)
        kernels = weight.reshape(64, -1)
        places = [(i, j) for i in range(3) for j in range(3)]
        columns = np.stack([padded[:, :, i : i + 16, j : j + 16] for i, j in places], 2).reshape(64, 288, 256)
        y, g = kernels @ columns, grad.reshape(64, 64, 256)
        back = (kernels.T @ g).reshape(64, 32, 9, 16, 16)
        for place, (i, j) in enumerate(places):
            whole[:, :, i : i + 16, j : j + 16] += back[:, :, place]
        return y.reshape(grad.shape), whole[:, :, 1:-1, 1:-1], (g @ columns.swapaxes(1, 2)).sum(0).reshape(weight.shape)

    def fast() -> Any:
        a, b = torch.tensor(x, requires_grad=True), torch.tensor(weight, requires_grad=True)
        y = F.conv2d(a, b, padding=1)
        y.backward(torch.tensor(grad))
        return y, a.grad, b.grad

    return plain, fast


def pooling() -> tuple[Way, Way]:
    """The first pooling of W5b, forward and back."""
    x, grad = floats(64, 32, 32, 32), floats(64, 32, 16, 16)

    def plain() -> Any:
        windows = x.reshape(64, 32, 16, 2, 16, 2).transpose(0, 1, 2, 4, 3, 5).reshape(64, 32, 16, 16, 4)
        winner = windows.argmax(-1)[..., None]
        back = np.zeros_like(windows)
        np.put_along_axis(back, winner, grad[..., None], -1)
        back = back.reshape(64, 32, 16, 16, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(x.shape)
        return np.take_along_axis(windows, winner, -1)[..., 0], back

    def fast() -> Any:
        a = torch.tensor(x, requires_grad=True)
        y = F.max_pool2d(a, 2)
        y.backward(torch.tensor(grad))
        return y, a.grad

    return plain, fast


def gelu() -> tuple[Way, Way]:
    """GELU of one layer of W6m, forward and back."""
    x, grad = floats(4096, 512), floats(4096, 512)

    def plain() -> Any:
        root = math.sqrt(2 / math.pi)
        t = np.tanh(root * (x + 0.044715 * x * x * x))
        slope = 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * root * (1 + 3 * 0.044715 * x * x)
        return 0.5 * x * (1 + t), grad * slope

    def fast() -> Any:
        y, (pull,) = activation.gelu_tanh(x)
        return y, pull(grad)

    return plain, fast


def layer_norm() -> tuple[Way, Way]:
    """Layer norm of W6m, forward and back."""
    x, weight, bias, grad = floats(4096, 128), floats(128), floats(128), floats(4096, 128)

    def plain() -> Any:
        centred = x - x.mean(1, keepdims=True)
        spread = np.sqrt((centred**2).mean(1, keepdims=True) + np.float32(1e-5))
        normal = centred / spread
        slope = grad * weight
        share = slope - slope.mean(1, keepdims=True) - normal * (slope * normal).mean(1, keepdims=True)
        return normal * weight + bias, share / spread, (grad * normal).sum(0), grad.sum(0)

    def fast() -> Any:
        y, pulls = normalization.normalize_rows(x, weight, bias, (1,), 1e-5)
        return (y, *(pull(grad) for pull in pulls))

    return plain, fast


def causal_attention() -> tuple[Way, Way]:
    """Attention of W6m, forward and back."""
    q, k, v, grad = (floats(32, 4, 128, 32) for _ in range(4))
    scale = 32**-0.5

    def plain() -> Any:
        scores = q @ k.swapaxes(-1, -2) * np.float32(scale)
        scores = np.where(np.tri(128, dtype=bool), scores, np.float32(-np.inf))
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        slope = grad @ v.swapaxes(-1, -2)
        slope = weights * (slope - (weights * slope).sum(-1, keepdims=True)) * np.float32(scale)
        return weights @ v, slope @ k, slope.swapaxes(-1, -2) @ q, weights.swapaxes(-1, -2) @ grad

    def fast() -> Any:
        y, pulls = attention.attention(q, k, v, None, scale, causal=True)
        return (y, *(pull(grad) for pull in pulls[:3]))

    return plain, fast


def sum_of_rows() -> tuple[Way, Way]:
    """A bias's gradient in W6m: the sum of 4,096 rows."""
    x = floats(4096, 512)
    return lambda: [x.sum(0)], lambda: [row_total(x)]


def adam() -> tuple[Way, Way]:
    """A step of Adam for the ten parameters of W5a's kind of network."""
    shapes = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,)]
    starts, grads = [floats(*shape) for shape in shapes], [floats(*shape) for shape in shapes]
    mine = [torch.tensor(start, requires_grad=True) for start in starts]
    for p, g in zip(mine, grads):
        p.grad = torch.tensor(g)
    optimizer = torch.optim.Adam(mine)
    theirs, first, second = [[x.copy() for x in starts], *([np.zeros_like(x) for x in starts] for _ in range(2))]
    steps = 0

    def plain() -> Any:
        nonlocal steps
        steps += 1
        for i, g in enumerate(grads):
            first[i] = 0.9 * first[i] + (1 - 0.9) * g
            second[i] = 0.999 * second[i] + (1 - 0.999) * g * g
            mean, square = first[i] / (1 - 0.9**steps), second[i] / (1 - 0.999**steps)
            theirs[i] = theirs[i] - 1e-3 * mean / (np.sqrt(square) + 1e-8)
        return theirs

    def fast() -> Any:
        optimizer.step()
        return mine

    return plain, fast


PAIRS = (
    (convolution, "columns copied a part at a time with channels innermost, multiplied while in the cache"),
    (pooling, "comparisons in cache-sized parts; masks that remember the first of the largest"),
    (gelu, "the chain of steps over blocks of 256 KB, in place"),
    (layer_norm, "rows in blocks; sums as products with a vector; one way back for three gradients"),
    (causal_attention, "pieces that stay in the cache, without the keys that no query of a piece sees"),
    (sum_of_rows, "a product with ones, in blocks of 128 rows, which also rounds less"),
    (adam, "all parameters as one array, every pass in place"),
)


# ---------------------------------------------------------------------------------------------- measuring
def seconds(way: Way) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def compare(pair: Callable[[], tuple[Way, Way]], rounds: int) -> dict[str, Any]:
    """The medians of both, and of the ratio within a round; each runs for at least 20 ms a round."""
    plain, fast = pair()
    for expected, ours in zip(plain(), fast()):
        ours = ours.detach().numpy() if isinstance(ours, torch.Tensor) else ours
        np.testing.assert_allclose(ours, expected, rtol=1e-3, atol=1e-3)
    times = max(1, int(0.02 / seconds(plain)))
    best = [
        (min(seconds(plain) for _ in range(times)), min(seconds(fast) for _ in range(times))) for _ in range(rounds)
    ]
    return found(best)


STEPS = """
import statistics, sys, time, types
if sys.argv[2] == "usual":  # glibc's habit stays
    sys.modules["tinytorch.memory"] = types.SimpleNamespace(keep_freed_memory=lambda: False)
sys.path.insert(0, sys.argv[1])
import tinytorch
from workloads import WORKLOADS, training_step
step = training_step(tinytorch, next(work for work in WORKLOADS if work.name == "W5b"))
times = []
for _ in range(24):
    start = time.perf_counter()
    step()
    times.append(time.perf_counter() - start)
print(statistics.median(times[4:]))
"""


def kept_memory(rounds: int) -> dict[str, Any]:
    """A step of W5b, each time in a new process: with the C library's usual habit, and with freed memory kept."""

    def run(habit: str) -> float:
        command = [sys.executable, "-c", STEPS, str(Path(__file__).parent), habit]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    return found([(run("usual"), run("kept")) for _ in range(rounds)])


def found(both: list[tuple[float, float]]) -> dict[str, Any]:
    """The medians of seconds before and after, and of their ratio."""
    before, after = (statistics.median(each) * 1e3 for each in zip(*both))
    return {"before_ms": before, "after_ms": after, "ratio": results.spread([b / a for a, b in both])}


def main() -> int:
    """Measure every pair and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    args = parser.parse_args()
    rows = [
        *((pair.__doc__, how, lambda pair=pair: compare(pair, args.rounds)) for pair, how in PAIRS),
        (kept_memory.__doc__, "freed memory is kept (glibc)", lambda: kept_memory(max(args.rounds // 3, 3))),
    ]
    techniques = []
    for what, how, measure in rows:
        row = {"what": what.strip().split(":")[0].rstrip("."), "how": how, **measure()}
        techniques.append(row)
        print(
            f"{row['what']:62} {row['before_ms']:8.3f} ms {row['after_ms']:8.3f} ms {row['ratio']['median']:5.2f}",
            flush=True,
        )
    if args.json:
        results.write(args.json, {"techniques": techniques})
    return 0


if __name__ == "__main__":
    sys.exit(main())
