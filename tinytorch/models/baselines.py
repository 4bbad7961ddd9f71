"""How well can a model do that has no attention? Models that count words, for others to be measured against."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt

import tinytorch as torch
from tinytorch import nn
from tinytorch.nn import functional as F

Ids = npt.NDArray[np.int64]
IGNORE = -100  # as a target: no word is due here


def exact(scores: npt.NDArray[np.float32], targets: Ids) -> npt.NDArray[np.bool_]:
    """Which lines a model would write word for word, always taking the likeliest: (lines,).

    Given the right words so far, every next word must be the likeliest in (lines, time, vocab) scores: the same as
    letting it write by itself.

    >>> exact(np.eye(3, dtype=np.float32)[[[0, 1], [2, 1]]], np.array([[IGNORE, 1], [IGNORE, 0]]))
    array([ True, False])
    """
    right: npt.NDArray[np.bool_] = ((scores.argmax(-1) == targets) | (targets == IGNORE)).all(1)
    return right


def bigram_loss(learned: tuple[Ids, Ids], asked: tuple[Ids, Ids], vocab: int) -> float:
    """The mean loss of the words asked for, if each is guessed from the one before it.

    Its probability is how often it followed in what was learned, plus one, as a share of all that followed (Laplace).

    >>> line = np.array([[1, 2]]), np.array([[2, IGNORE]])
    >>> round(bigram_loss(line, line, vocab=3), 4)  # 1 + 1 of 1 + 3
    0.6931
    """
    counts = np.ones((vocab, vocab))
    follow, due = ((inputs[targets != IGNORE], targets[targets != IGNORE]) for inputs, targets in (learned, asked))
    np.add.at(counts, follow, 1)
    return float(-np.log(counts / counts.sum(1, keepdims=True))[due].mean())


class NGram:
    """The word that most often followed the last three words; if they never stood together, the last two; and so on.

    Ties are broken by lot. Source: the backoff of Katz (1987), with counts in place of probabilities, since only the
    first place matters (Brants et al., 2007).

    Args:
        vocab: How many different words there are.
        seed: Where the lots come from.
        order: How many words are looked at together: 4 are three and the one that follows.

    >>> model = NGram(vocab=5, seed=0)
    >>> line = np.array([[1, 2, 3]]), np.array([[2, 3, 4]])
    >>> model.fit(line)
    >>> model.scores(line).argmax(-1)
    array([[2, 3, 4]])
    """

    def __init__(self, vocab: int, seed: int, order: int = 4) -> None:
        self.vocab, self.order = vocab, order
        self.lot = np.random.RandomState(seed).random_sample(vocab) * 0.5  # less than one count
        self.after: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)

    def fit(self, lines: tuple[Ids, Ids]) -> None:
        """Count what follows what: (lines, time) words, and the next words where they count, IGNORE elsewhere."""
        for inputs, targets in zip(*lines):
            for place in np.flatnonzero(targets != IGNORE):
                for length in range(self.order):
                    self.after[self._last(inputs, place, length)][targets[place]] += 1

    def _last(self, inputs: Ids, place: Any, length: int) -> tuple[int, ...]:
        return tuple(inputs[max(0, place + 1 - length) : place + 1].tolist())

    def scores(self, lines: tuple[Ids, Ids]) -> npt.NDArray[np.float32]:
        """How often each word followed the longest past that is known: (lines, time, vocab), 0 where none is due."""
        inputs, targets = lines
        found = np.zeros((*inputs.shape, self.vocab), np.float32)
        for row, place in np.argwhere(targets != IGNORE):
            pasts = (self._last(inputs[row], place, length) for length in reversed(range(self.order)))
            counts = next(self.after[past] for past in pasts if past in self.after)
            found[row, place] = self.lot
            for word, count in counts.items():
                found[row, place, word] += count
        return found


class BagOfWords(nn.Module):
    """A linear classifier that knows how often each word has come, and which came last, but no order.

    >>> BagOfWords(vocab=5)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 5])
    """

    def __init__(self, vocab: int) -> None:
        super().__init__()
        self.vocab = vocab
        self.head = nn.Linear(2 * vocab, vocab)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """(batch, time) words to (batch, time, vocab) scores."""
        last = F.one_hot(ids, self.vocab).float()
        scores: torch.Tensor = self.head(torch.cat([last.cumsum(1), last], dim=-1))
        return scores
