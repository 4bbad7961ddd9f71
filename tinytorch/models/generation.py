"""How is a text written, token by token, and what is left of the work when it is one token's?

For a single token the arithmetic takes less time than what surrounds it: calling modules, checking their inputs, asking
whether to record. A model that only writes needs none of that. So the prompt goes through the model, and after it a
`Decoder` works on the same weights and the same cache as plain arrays. docs/benchmarks.md has the times of both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import numpy.typing as npt

import tinytorch as torch
from tinytorch import nn
from tinytorch.models.gpt import GPT, Attention, Block, KVCache

Array = npt.NDArray[Any]
KNOWN = (GPT, nn.ModuleList, Block, Attention, nn.LayerNorm, nn.Linear, nn.Embedding)
TOLERANCE = 1e-4  # of the largest score


@torch.no_grad()
@np.errstate(all="ignore")  # infinity and nan are answers here, too
def generate(
    model: GPT, ids: list[int], count: int, stop: int | Collection[int] | None = None, cached: bool = True
) -> list[int]:
    """Up to `count` further tokens, always the likeliest; ends after `stop`, or after one of several.

    `cached` changes the time, not the answer. Without it, each token is the model's own answer to all before it.

    >>> _ = torch.manual_seed(0)
    >>> model = GPT(vocab=10, context=8, width=4, heads=2, layers=1)
    >>> generate(model, [1, 2, 3], 4) == generate(model, [1, 2, 3], 4, cached=False)
    True
    """
    ends = stop if isinstance(stop, Collection) else (stop,)
    cache = KVCache(model) if cached else None
    ids, start = list(ids), len(ids)
    following = None
    while len(ids) < start + count:
        if following is not None:
            scores = following(ids[-1])
        else:
            scores = model(torch.tensor([ids]), cache)[0, -1].numpy()
            following = one_by_one(model, cache, ids[-1], scores) if cache else None
        ids.append(int(scores.argmax()))
        if ids[-1] in ends:
            break
    return ids[start:]


def one_by_one(model: GPT, cache: KVCache, last: int, scores: Array) -> Callable[[int], Array]:
    """What gives the scores after one more token: a `Decoder` if it computes what the model does, else the model.

    It must find the `scores` that the model found after the `last` token, too. So whoever changes how gpt.py computes
    may leave this file as it is: the model is asked.
    """
    if _is_plain(model):
        decoder = Decoder(model, cache)
        cache.length -= 1  # the last token once more
        here = decoder.kept[..., cache.length, :]
        before = here.copy()
        found = decoder(last)
        here[...] = before
        if np.abs(found - scores).max() <= TOLERANCE * np.abs(scores).max():
            return decoder
    return lambda token: model(torch.tensor([[token]]), cache)[0, -1].numpy()


def _is_plain(model: GPT) -> bool:
    """Whether nothing has a say but the modules of gpt.py and their weights: no hook, no dropout, no rescaled table."""
    return not (model.training and model.dropout) and all(
        type(each) in KNOWN
        and not (each._forward_pre_hooks or each._forward_hooks)
        and getattr(each, "max_norm", None) is None
        for each in model.modules()
    )


class Decoder:
    """`GPT.forward` for one token of one text, after those in the cache, in plain arrays.

    These are the memory of the model's weights and of the cache: nothing is copied.

    >>> _ = torch.manual_seed(0)
    >>> model = GPT(vocab=10, context=8, width=4, heads=2, layers=1)
    >>> scores = model(torch.tensor([[7]]), KVCache(model)).detach().numpy()
    >>> bool(np.allclose(Decoder(model, KVCache(model))(7), scores, atol=1e-5))
    True
    """

    def __init__(self, model: GPT, cache: KVCache) -> None:
        self.model, self.cache = model, cache
        self.kept = cache.store.numpy()[:, :, 0]  # (layers; keys and values; heads; context; size)
        self.tokens, self.places = model.tokens.weight.detach().numpy(), model.places.weight.detach().numpy()
        self.blocks = [
            [_arrays(each) for each in (b.norm1, b.attention.qkv, b.attention.out, b.norm2, b.up, b.down)]
            for b in model.blocks
        ]
        self.norm, self.head, self.eps = _arrays(model.norm), _arrays(model.head), model.norm.eps
        width = self.tokens.shape[1]
        self.scale = 1 / math.sqrt(width // self.kept.shape[2])
        self.share = np.full(width, 1 / width, self.tokens.dtype)  # the product with it is the mean

    def __call__(self, token: int) -> Array:
        """The (vocab,) scores of what follows the token, whose keys and values join the cache."""
        place = self.cache.length
        self.model.need_room(place + 1)
        x = self.tokens[token] + self.places[place]  # (width,)
        for (norm1, qkv, out, norm2, up, down), kept in zip(self.blocks, self.kept):
            new = _linear(self._norm(x, *norm1), *qkv).reshape(3, kept.shape[1], -1)  # (q, k, v; heads; size)
            kept[:, :, place] = new[1:]
            x = x + _linear(self._attention(new[0], *kept[:, :, : place + 1]), *out)
            x = x + _linear(np.maximum(_linear(self._norm(x, *norm2), *up), 0), *down)
        self.cache.length += 1
        return _linear(self._norm(x, *self.norm), *self.head)

    def _norm(self, x: Array, weight: Any, bias: Any) -> Array:
        """Layer norm; of so few numbers a mean is had fastest as a product."""
        x = x - x.dot(self.share)
        y: Array = x * (1 / math.sqrt(x.dot(x) / x.size + self.eps)) * weight + bias
        return y

    def _attention(self, q: Array, keys: Array, values: Array) -> Array:
        """What the heads, one after the other, find for their queries (heads, size): (width,)."""
        scores = np.matmul(keys, (q * self.scale)[:, :, None])  # (heads, time, 1)
        weights = np.exp(scores - np.maximum.reduce(scores, 1, keepdims=True))
        mixed: Array = np.matmul(weights.swapaxes(1, 2), values) / np.add.reduce(weights, 1, keepdims=True)
        return mixed.ravel()


def _linear(x: Array, weight: Any, bias: Any) -> Array:
    y: Array = weight.dot(x) + bias
    return y


def _arrays(layer: Any) -> tuple[Any, Any]:
    """Weight and bias, or what changes nothing in the place of one that the layer does not have."""
    weight, bias = layer.weight, layer.bias
    return 1.0 if weight is None else weight.detach().numpy(), 0.0 if bias is None else bias.detach().numpy()
