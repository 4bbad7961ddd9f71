"""Which models answer the questions of TinyTalks, from counting words to attention? Five, with one interface.

Every model is asked the same: what is the next word, after each word of a line ``prompt answer``? ``fit`` learns
from lines, of which only the words of the answers count; ``scores`` gives a number for each word of the vocabulary at
each place. The four that learn by gradient share one training loop; each has its own rate, decay and number of steps.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import tinytorch as torch
from tinytorch import nn
from tinytorch.datasets.talks import words
from tinytorch.models import GPT, BagOfWords, NGram
from tinytorch.models.baselines import IGNORE, Ids
from tinytorch.nn import functional as F
from tinytorch.text import Vocabulary, padded

PAD = Vocabulary.PAD


class Lines(NamedTuple):
    """Texts as numbers, left-aligned: what is read, and the next word where it counts."""

    inputs: Ids  # (lines, time), PAD after the end
    targets: Ids  # (lines, time), IGNORE where no word of an answer is due


def vocabulary(texts: list[str]) -> Vocabulary:
    """Number the words of the texts; PAD is nobody's number."""
    return Vocabulary(word for text in texts for word in words(text))


def encode(prompts: list[str], answers: list[str], known: Vocabulary) -> Lines:
    """Put prompts and answers into arrays. No sign for the end is needed: every answer is one sentence."""
    inputs, targets = [], []
    for prompt, answer in zip(prompts, answers):
        read, due = known.encode(words(prompt)), known.encode(words(answer))
        inputs.append(read + due[:-1])
        targets.append([IGNORE] * (len(read) - 1) + due)
    return Lines(padded(inputs, PAD), padded(targets, IGNORE))


class WindowMLP(nn.Module):
    """The neural language model of Bengio et al. (2003), with a window that holds the whole line: all but attention."""

    def __init__(self, vocab: int, time: int, width: int = 32, hidden: int = 256) -> None:
        super().__init__()
        self.window = time
        self.embed = nn.Embedding(vocab, width)
        self.hidden, self.head = nn.Linear(time * width, hidden), nn.Linear(hidden, vocab)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """``(batch, time)`` words to ``(batch, time, vocab)`` scores."""
        batch, time = ids.shape
        padded = F.pad(ids, (self.window - 1, 0), value=PAD)
        places = torch.arange(time).unsqueeze(1) + torch.arange(self.window)
        x = self.embed(padded[:, places]).reshape(batch, time, -1)  # (batch, time, window * width)
        return self.head(F.dropout(F.relu(self.hidden(x)), 0.2, self.training))


class Trained:
    """A network with the training loop that all of them share."""

    def __init__(self, network: nn.Module, seed: int, *, steps: int, lr: float, decay: float, batch: int = 32) -> None:
        self.network, self.steps, self.lr, self.batch = network, steps, lr, batch
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=lr, betas=(0.9, 0.98), weight_decay=decay)
        self.order = np.random.RandomState(seed)
        self.seconds = 0.0

    def fit(self, lines: Lines) -> None:
        """Train, and note how many seconds of processor time it took."""
        start = time.process_time()
        self.network.train()
        step = 0
        while step < self.steps:
            mixed = self.order.permutation(len(lines.inputs))
            for first in range(0, len(mixed) - self.batch + 1, self.batch):
                self._step(lines, mixed[first : first + self.batch], step)
                step += 1
        self.network.eval()
        self.seconds = time.process_time() - start

    def _step(self, lines: Lines, rows: Ids, step: int) -> None:
        for group in self.optimizer.param_groups:  # 50 steps up, level for two thirds, down to a twentieth
            group["lr"] = self.lr * min(1, (step + 1) / 50) * max(0.05, min(1, 3 - 3 * step / self.steps))
        inputs, targets = (array[rows] for array in lines)
        longest = int((inputs != PAD).sum(1).max())
        scores = self.network(torch.tensor(inputs[:, :longest]))
        loss = F.cross_entropy(scores.flatten(0, 1), torch.tensor(targets[:, :longest]).flatten(), ignore_index=IGNORE)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()

    def scores(self, lines: Lines) -> npt.NDArray[np.float32]:
        """Return ``(lines, time, vocab)``: the network's scores."""
        with torch.no_grad():
            return self.network(torch.tensor(lines.inputs)).numpy()


def make(name: str, vocab: int, time: int, seed: int) -> Any:
    """Return the model called ``name``, untrained."""
    torch.manual_seed(seed)
    if name == "n-gram":
        return NGram(vocab, seed)
    if name == "bag of words":
        return Trained(BagOfWords(vocab), seed, steps=400, lr=1e-2, decay=0.01)
    if name == "MLP":
        return Trained(WindowMLP(vocab, time), seed, steps=250, lr=1e-3, decay=0.1)
    layers = {"one-layer GPT": 1, "two-layer GPT": 2}[name]
    # The dropout keeps it from learning the stories by heart.
    return Trained(GPT(vocab, time, layers=layers, dropout=0.3), seed, steps=1200, lr=4e-3, decay=1.0)


MODELS = ("n-gram", "bag of words", "MLP", "one-layer GPT", "two-layer GPT")
