"""Teaching programs on plain tensors, written once: from the same weights every loss must agree."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from parity.harness import programs
from parity.material import CHARACTERS, INDEX, NAMES, name_pairs, two_moons, weights


def linear_regression_by_hand(torch: ModuleType) -> Any:
    x = torch.linspace(-1, 1, 20).unsqueeze(1)
    y = 3 * x - 0.5
    w, b = torch.zeros(1, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    losses = []
    for _ in range(30):
        loss = ((x @ w + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= 0.3 * p.grad
                p.grad = None
        losses.append(loss.item())
    return losses, w, b


def micrograd_neuron(torch: ModuleType) -> Any:
    x1, x2 = torch.tensor([2.0]).double(), torch.tensor([0.0]).double()
    w1, w2, b = torch.tensor([-3.0]).double(), torch.tensor([1.0]).double(), torch.tensor([6.8813735870195432]).double()
    for leaf in (x1, x2, w1, w2, b):
        leaf.requires_grad = True
    n = x1 * w1 + x2 * w2 + b
    o = torch.tanh(n)
    o.backward()
    return o.data.item(), x2.grad.item(), w2.grad.item(), x1.grad.item(), w1.grad.item()


def micrograd_mlp_from_scalars(torch: ModuleType) -> Any:
    random = np.random.RandomState(1)

    class Neuron:
        def __init__(self, inputs: int) -> None:
            self.w = [torch.tensor(random.uniform(-1, 1), requires_grad=True) for _ in range(inputs)]
            self.b = torch.tensor(0.0, requires_grad=True)

        def __call__(self, x: Any) -> Any:
            return sum((wi * xi for wi, xi in zip(self.w, x)), self.b).tanh()

    layers = [[Neuron(3) for _ in range(4)], [Neuron(4) for _ in range(4)], [Neuron(4)]]
    parameters = [p for layer in layers for neuron in layer for p in (*neuron.w, neuron.b)]

    def mlp(x: Any) -> Any:
        for layer in layers:
            x = [neuron(x) for neuron in layer]
        return x[0]

    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    losses = []
    for _ in range(8):
        loss = sum((mlp(x) - y) ** 2 for x, y in zip(xs, [1.0, -1.0, -1.0, 1.0]))
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data += -0.1 * p.grad
        losses.append(loss.item())
    return losses


def bigram_counts(torch: ModuleType) -> Any:
    size = len(CHARACTERS)
    counts = torch.zeros((size, size), dtype=torch.int32)
    for name in NAMES:
        for a, b in zip("." + name, name + "."):
            counts[INDEX[a], INDEX[b]] += 1
    p = (counts + 1).float()
    p /= p.sum(1, keepdim=True)
    log_likelihood = 0.0
    for name in NAMES[:3]:
        for a, b in zip("." + name, name + "."):
            log_likelihood += torch.log(p[INDEX[a], INDEX[b]])
    g = torch.Generator().manual_seed(2147483647)
    drawn = torch.multinomial(p[0], num_samples=1, replacement=True, generator=g).item()
    return counts, p, -log_likelihood, 0 <= drawn < size


def bigram_network(torch: ModuleType) -> Any:
    F = torch.nn.functional
    xs, ys = name_pairs(torch)
    xs = xs[:, 0]
    num = xs.nelement()
    w = weights(torch, len(CHARACTERS), len(CHARACTERS))
    one_hot = torch.eye(len(CHARACTERS))[xs]
    losses = []
    for _ in range(10):
        logits = one_hot @ w
        counts = logits.exp()
        probs = counts / counts.sum(1, keepdims=True)
        loss = -probs[torch.arange(num), ys].log().mean() + 0.01 * (w**2).mean()
        w.grad = None
        loss.backward()
        w.data += -10 * w.grad
        losses.append(loss.item())
    return losses, w, F.cross_entropy(one_hot @ w, ys)


def makemore_mlp(torch: ModuleType) -> Any:
    F = torch.nn.functional
    x, y = name_pairs(torch, context=3)
    c = weights(torch, len(CHARACTERS), 2, seed=1)
    w1, b1 = weights(torch, 6, 20, seed=2, scale=0.5), weights(torch, 20, seed=3, scale=0.1)
    w2, b2 = weights(torch, 20, len(CHARACTERS), seed=4, scale=0.3), weights(torch, len(CHARACTERS), seed=5, scale=0.0)
    parameters = [c, w1, b1, w2, b2]
    losses = []
    for i in range(20):
        ix = torch.tensor(np.random.RandomState(i).randint(0, x.shape[0], (16,)))
        emb = c[x[ix]]
        h = torch.tanh(emb.view(-1, 6) @ w1 + b1)
        logits = h @ w2 + b2
        loss = F.cross_entropy(logits, y[ix])
        for p in parameters:
            p.grad = None
        loss.backward()
        lr = 0.1 if i < 10 else 0.01
        for p in parameters:
            p.data += -lr * p.grad
        losses.append(loss.log10().item())
    return losses, sum(p.numel() for p in parameters)


def makemore_batch_norm_by_hand(torch: ModuleType) -> Any:
    F = torch.nn.functional
    x, y = name_pairs(torch, context=3)
    c, w1 = weights(torch, len(CHARACTERS), 4, seed=1), weights(torch, 12, 16, seed=2, scale=5 / 3 / 12**0.5)
    w2, b2 = weights(torch, 16, len(CHARACTERS), seed=3, scale=0.1), weights(torch, len(CHARACTERS), seed=4, scale=0.1)
    gain, bias = torch.ones((1, 16), requires_grad=True), torch.zeros((1, 16), requires_grad=True)
    running_mean, running_std = torch.zeros((1, 16)), torch.ones((1, 16))
    parameters = [c, w1, w2, b2, gain, bias]
    losses = []
    for _ in range(10):
        before = c[x].view(x.shape[0], -1) @ w1
        mean, std = before.mean(0, keepdim=True), before.std(0, keepdim=True)
        h = torch.tanh(gain * (before - mean) / std + bias)
        with torch.no_grad():
            running_mean = 0.999 * running_mean + 0.001 * mean
            running_std = 0.999 * running_std + 0.001 * std
        loss = F.cross_entropy(h @ w2 + b2, y)
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data -= 0.1 * p.grad
        losses.append(loss.item())
    return losses, running_mean, running_std, [p.grad for p in parameters]


def makemore_backprop_by_hand(torch: ModuleType) -> Any:
    F = torch.nn.functional
    logits = weights(torch, 8, 5, seed=1)
    y = torch.tensor([0, 1, 2, 3, 4, 0, 1, 2])
    maxes = logits.max(1, keepdim=True).values
    norm_logits = logits - maxes
    counts = norm_logits.exp()
    total = counts.sum(1, keepdim=True)
    total_inv = total**-1
    probs = counts * total_inv
    logprobs = probs.log()
    loss = -logprobs[range(8), y].mean()
    for t in (logprobs, probs, counts, total, total_inv, norm_logits, maxes):
        t.retain_grad()
    loss.backward()
    by_hand = F.softmax(logits, 1)
    with torch.no_grad():
        by_hand[range(8), y] -= 1
        by_hand /= 8
    same = torch.allclose(by_hand, logits.grad)
    return loss, [t.grad for t in (logprobs, probs, counts, total, total_inv, norm_logits, maxes)], same


def logistic_regression_by_hand(torch: ModuleType) -> Any:
    x, label = two_moons(torch)
    y = label.to(torch.float32)
    w, b = weights(torch, 2, scale=0.1), torch.zeros(1, requires_grad=True)
    losses = []
    for _ in range(15):
        p = torch.sigmoid(x @ w + b)
        loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
        loss.backward()
        with torch.no_grad():
            w -= w.grad
            b -= b.grad
        w.grad.zero_()
        b.grad.zero_()
        losses.append(loss.item())
    return losses, w, b


def rosenblatts_perceptron(torch: ModuleType) -> Any:
    x, label = two_moons(torch)
    y = label * 2 - 1
    w, b = torch.zeros(2), torch.zeros(1)
    mistakes = []
    for _ in range(5):
        wrong = 0
        for xi, yi in zip(x, y):
            if yi * (w @ xi + b) <= 0:
                w += yi * xi
                b += yi
                wrong += 1
        mistakes.append(wrong)
    return mistakes, w, b


CASES = programs(
    "programs",
    linear_regression_by_hand,
    micrograd_neuron,
    micrograd_mlp_from_scalars,
    bigram_counts,
    bigram_network,
    makemore_mlp,
    makemore_batch_norm_by_hand,
    makemore_backprop_by_hand,
    logistic_regression_by_hand,
    rosenblatts_perceptron,
    grad=False,
    tolerance=1e-4,
)
