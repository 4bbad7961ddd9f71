"""Multi-head attention."""

from __future__ import annotations

import math

from tinytorch.functions.creation import empty, zeros
from tinytorch.functions.shape import cat
from tinytorch.nn import functional as F
from tinytorch.nn import init
from tinytorch.nn.functional.attention import added
from tinytorch.nn.layers.linear import Linear
from tinytorch.nn.module import Module
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor

__all__ = ["MultiheadAttention"]


class NonDynamicallyQuantizableLinear(Linear):
    """A `Linear`: the name is what PyTorch prints for the last layer of its attention."""


class MultiheadAttention(Module):
    """Attention in `num_heads` parts of the features, each with its own projections; one more joins their outputs.

    Takes query (queries, batch, embed_dim), key (keys, batch, kdim) and value (keys, batch, vdim), batch and first
    dimension swapped with `batch_first`, or no batch. Returns the output, shaped like the query, and the weights
    (batch, queries, keys), averaged over the heads.

    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.2.2.

    >>> import tinytorch as torch
    >>> x = torch.zeros(2, 5, 8)
    >>> output, weights = torch.nn.MultiheadAttention(8, num_heads=2, batch_first=True)(x, x, x)
    >>> output.shape, weights.shape
    (torch.Size([2, 5, 8]), torch.Size([2, 5, 5]))
    """

    in_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, add_bias_kv: bool = False,
        add_zero_attn: bool = False, kdim: int | None = None, vdim: int | None = None, batch_first: bool = False,
        device: object = None, dtype: object = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0 or embed_dim % num_heads:
            kind = AssertionError if min(embed_dim, num_heads) > 0 else ValueError
            raise kind(f"MultiheadAttention: embed_dim {embed_dim} must be a multiple of num_heads {num_heads} > 0")
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        packed = self.kdim == self.vdim == embed_dim
        for name, used, *shape in (
            ("in_proj_weight", packed, 3 * embed_dim, embed_dim),
            ("q_proj_weight", not packed, embed_dim, embed_dim),
            ("k_proj_weight", not packed, embed_dim, self.kdim),
            ("v_proj_weight", not packed, embed_dim, self.vdim),
            ("in_proj_bias", bias, 3 * embed_dim),
            ("bias_k", add_bias_kv, 1, 1, embed_dim),
            ("bias_v", add_bias_kv, 1, 1, embed_dim),
        ):
            setattr(self, name, Parameter(empty(shape, device=device, dtype=dtype)) if used else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, device, dtype)
        for name, x in self.named_parameters():
            if name.endswith("proj_weight"):
                init.xavier_uniform_(x)
            elif name.startswith("bias"):
                init.xavier_normal_(x)
            elif name.endswith("bias"):
                init.zeros_(x)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_padding_mask: Tensor | None = None,
        need_weights: bool = True, attn_mask: Tensor | None = None, average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:  # fmt: skip
        """The output, and the weights if they are needed (without, it is faster).

        `key_padding_mask` (batch, keys) is True where a key is to be ignored; `attn_mask`, (queries, keys) or
        (batch · heads, queries, keys), where a query must not look at a key; or both are numbers to add to the scores.
        `average_attn_weights=False` gives the weights of each head, (batch, heads, queries, keys). `is_causal` only
        says that `attn_mask` is the causal mask.
        """
        shapes = [tuple(x.shape) for x in (query, key, value)]
        batched = query.ndim == 3
        if not 2 <= query.ndim == key.ndim <= 3 or shapes[0][-1] != self.embed_dim or shapes[1][:-1] != shapes[2][:-1]:
            expected = f"query (..., {self.embed_dim}), key and value equally long, all with 2 or all with 3 dimensions"
            raise AssertionError(f"MultiheadAttention expected {expected}; got shapes {shapes}")
        if not batched:
            query, key, value = (x.unsqueeze(1) for x in (query, key, value))
        elif self.batch_first:
            query, key, value = (x.transpose(0, 1) for x in (query, key, value))
        q, k, v = self._projected(query, key, value)  # (queries or keys, batch, features)
        mask = self._mask(attn_mask, key_padding_mask, is_causal, q, len(k), batched)
        zero = zeros(1, 1, self.embed_dim, dtype=q.dtype) if self.add_zero_attn else None
        for last_k, last_v in ((self.bias_k, self.bias_v), (zero, zero)):
            if last_k is not None and last_v is not None:  # one key more, and its value
                k, v = (cat([x, last.expand(1, x.shape[1], -1)]) for x, last in ((k, last_k), (v, last_v)))
                mask = None if mask is None else cat([mask, zeros(*mask.shape[:-1], 1, dtype=mask.dtype)], -1)
        q, k, v = (x.unflatten(2, (self.num_heads, -1)).permute(1, 2, 0, 3) for x in (q, k, v))  # (batch, heads, ...)
        p, weights = self.dropout if self.training else 0.0, None
        if need_weights:
            scores = (q * math.sqrt(1 / self.head_dim)) @ k.mT  # (batch, heads, queries, keys)
            weights = F.dropout(F.softmax(scores if mask is None else scores + mask, -1), p)
            y = weights @ v
            weights = weights.mean(1) if average_attn_weights else weights
            weights = weights if batched else weights.squeeze(0)
        else:
            y = F.scaled_dot_product_attention(q, k, v, mask, p)
        output = self.out_proj(y.permute(2, 0, 1, 3).flatten(2))  # (queries, batch, features)
        return output.squeeze(1) if not batched else output.transpose(0, 1) if self.batch_first else output, weights

    def _projected(self, *inputs: Tensor) -> list[Tensor]:
        packed, biases = self.in_proj_weight, self.in_proj_bias
        weights = [getattr(self, f"{x}_proj_weight") for x in "qkv"] if packed is None else packed.chunk(3)
        return [F.linear(*each) for each in zip(inputs, weights, [None] * 3 if biases is None else biases.chunk(3))]

    def _mask(
        self, attn_mask: Tensor | None, padding: Tensor | None, is_causal: bool, q: Tensor, keys: int, batched: bool
    ) -> Tensor | None:
        """What to add to the scores (batch, heads, queries, keys), or nothing."""
        if is_causal and attn_mask is None:
            raise RuntimeError("MultiheadAttention: is_causal is only a hint: give the causal mask as attn_mask, too")
        (queries, batch), heads = q.shape[:2], self.num_heads
        total = None
        for mask, name, wrong, *allowed in (
            (attn_mask, "attn_mask", RuntimeError, (queries, keys), (batch * heads, queries, keys)),
            (padding, "key_padding_mask", AssertionError, (batch, keys) if batched else (keys,)),
        ):
            if mask is not None:
                if tuple(mask.shape) not in allowed:
                    expected = " or ".join(map(str, allowed))
                    raise wrong(f"MultiheadAttention: {name} must be {expected}, not {tuple(mask.shape)}")
                rows = queries if mask is attn_mask else 1
                part = added(mask, q).reshape(-1, heads if mask.ndim == 3 else 1, rows, keys)
                total = part if total is None else total + part
        return total
