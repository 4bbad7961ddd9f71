"""How does a transformer predict the next token, and what does it save to remember the ones before?

A decoder as GPT-2's: a norm before each part, causal attention, learned positions (Vaswani et al., 2017,
arXiv:1706.03762; Radford et al., "Language models are unsupervised multitask learners", 2019).
"""

from __future__ import annotations

import tinytorch as torch
from tinytorch import nn
from tinytorch.nn import functional as F


class KVCache:
    """The keys and values of the tokens so far, of every layer: room for `context` tokens, `length` of it used.

    Without it, each new token asks for the keys and values of all before it again: n tokens cost 1 + 2 + ... + n.

    >>> cache = KVCache(GPT(vocab=10, context=8, width=4, heads=2, layers=1))
    >>> cache.length, cache.nbytes  # keys and values of 8 places, 4 numbers of 4 bytes each
    (0, 256)
    """

    def __init__(self, model: GPT, batch: int = 1) -> None:
        heads, width = model.blocks[0].attention.heads, model.tokens.weight.shape[1]
        shape = len(model.blocks), 2, batch, heads, model.context, width // heads
        self.store = torch.zeros(shape)
        self.length = 0

    @property
    def nbytes(self) -> int:
        """How much memory the keys and values take."""
        return self.store.numel() * self.store.element_size()

    def extended(self, layer: int, new: torch.Tensor) -> torch.Tensor:
        """All keys and values of a layer, the new ones (2, batch, heads, time, width / heads) included."""
        end = self.length + new.shape[3]
        self.store[layer, :, :, :, self.length : end].copy_(new)
        return self.store[layer, :, :, :, :end]


class Attention(nn.Module):
    """Causal self-attention with several heads (Vaswani et al., 2017, section 3.2)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        """Queries, keys and values: (3, batch, heads, time, width / heads)."""
        batch, time, width = x.shape
        heads: torch.Tensor = self.qkv(x).reshape(batch, time, 3, self.heads, width // self.heads)
        return heads.permute(2, 0, 3, 1, 4)

    def forward(self, x: torch.Tensor, cache: KVCache | None = None, layer: int = 0) -> torch.Tensor:
        """(batch, time, width) to the same; with a cache, `x` comes after what the cache holds."""
        batch, time, width = x.shape
        q, k, v = new = self._split(x)
        if cache is None or cache.length == 0:
            mask, causal = None, True
        else:  # the new tokens see all the old ones, and each other in order
            mask, causal = None if time == 1 else torch.ones(time, cache.length + time).tril(cache.length) > 0, False
        if cache is not None:
            k, v = cache.extended(layer, new[1:])
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        y: torch.Tensor = self.out(mixed.transpose(1, 2).reshape(batch, time, width))
        return y

    def weights(self, x: torch.Tensor) -> torch.Tensor:
        """How much each place attends to each: (batch, heads, time, time), rows sum to 1; for looking at."""
        q, k, _ = self._split(x)
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        future = torch.ones(scores.shape[-2:]).triu(1) > 0
        shares: torch.Tensor = scores.masked_fill(future, float("-inf")).softmax(-1)
        return shares


class Block(nn.Module):
    """Attention, then a network for each place; a norm before each, and each added to what was there."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.norm2, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor, cache: KVCache | None = None, layer: int = 0) -> torch.Tensor:
        """(batch, time, width) to the same."""
        x = x + self.attention(self.norm1(x), cache, layer)
        x = x + self.down(F.relu(self.up(self.norm2(x))))
        return x


class GPT(nn.Module):
    """Tokens in, scores of the next token out.

    Args:
        vocab: How many different tokens there are.
        context: The longest sequence, in tokens.
        width: Numbers for each token; a multiple of `heads`.
        heads: Attention heads in each layer.
        layers: Blocks, one after the other.
        dropout: Share of the embedding's numbers set to 0 while training.
        embedding_scale: Standard deviation of the embeddings at the start; with less than PyTorch's 1, attention has
            more of a say, and learns sooner where to look.

    >>> model = GPT(vocab=10, context=8, width=4, heads=2, layers=1)
    >>> model(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 10])
    """

    def __init__(
        self, vocab: int, context: int, width: int = 64, heads: int = 2, layers: int = 2, dropout: float = 0.0,
        embedding_scale: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.context, self.dropout = context, dropout
        self.tokens, self.places = nn.Embedding(vocab, width), nn.Embedding(context, width)
        with torch.no_grad():
            for table in (self.tokens, self.places):
                table.weight.mul_(embedding_scale)
        self.blocks = nn.ModuleList([Block(width, heads) for _ in range(layers)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocab, bias=False)

    def need_room(self, tokens: int) -> None:
        """`ValueError` if so many do not fit into the context."""
        if tokens > self.context:
            raise ValueError(f"GPT: {tokens} tokens do not fit into a context of {self.context}: give fewer")

    def embed(self, ids: torch.Tensor, start: int = 0) -> torch.Tensor:
        """(batch, time) tokens, the first at place `start`, to (batch, time, width)."""
        end = start + ids.shape[1]
        self.need_room(end)
        x = self.tokens(ids) + self.places(torch.arange(start, end))
        return F.dropout(x, self.dropout, self.training)

    def forward(self, ids: torch.Tensor, cache: KVCache | None = None) -> torch.Tensor:
        """(batch, time) tokens to (batch, time, vocab) scores; with a cache, the tokens that come after it."""
        x = self.embed(ids, cache.length if cache else 0)
        for layer, block in enumerate(self.blocks):
            x = block(x, cache, layer)
        if cache:
            cache.length += ids.shape[1]
        scores: torch.Tensor = self.head(self.norm(x))
        return scores

    def attention_maps(self, ids: torch.Tensor) -> list[torch.Tensor]:
        """The attention of each layer over (batch, time) tokens: each (batch, heads, time, time)."""
        x, maps = self.embed(ids), []
        for block in self.blocks:
            maps.append(block.attention.weights(block.norm1(x)))
            x = block(x)
        return maps
