"""Attention."""

import math

import numpy as np

from tinytorch.autograd import apply
from tinytorch.dtypes import float32
from tinytorch.errors import need, need_tensors
from tinytorch.functions.creation import ones, zeros
from tinytorch.nn.functional.linear import dropout
from tinytorch.ops import attention as ops
from tinytorch.tensor import Tensor

__all__ = ["scaled_dot_product_attention"]


def scaled_dot_product_attention(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None,
                                 dropout_p: float = 0.0, is_causal: bool = False, *, scale: float | None = None,
                                 enable_gqa: bool = False) -> Tensor:  # fmt: skip
    """softmax(query @ key.mT · scale + mask) @ value: for each query a mean of the values, weighted by its likeness.

    Args:
        query: (..., queries, features).
        key: (..., keys, features).
        value: (..., keys, outputs); the result is (..., queries, outputs).
        attn_mask: what broadcasts to (..., queries, keys): numbers to add, or True where a query may look at a key.
        dropout_p: the probability with which a weight is dropped; there is no `training` to switch it off.
        is_causal: query i sees the keys 0 to i only.
        scale: 1/√features if not given.
        enable_gqa: key and value may have fewer heads (dimension -3), each of which serves several query heads.

    Source: Vaswani et al. (2017), arXiv:1706.03762, equation 1.

    >>> import tinytorch as torch
    >>> x = torch.eye(2).unsqueeze(0)
    >>> scaled_dot_product_attention(x, x, x, is_causal=True)
    tensor([[[1.0000, 0.0000],
             [0.3302, 0.6698]]])
    """
    tensors = (query, key, value)
    need_tensors("attention", *tensors)
    need(not is_causal or attn_mask is None, "attention: give attn_mask or is_causal, not both", RuntimeError)
    if min(x.ndim for x in tensors) < 2 or len({x.dtype for x in tensors}) > 1 or not query.is_floating_point():
        got = ", ".join(f"{tuple(x.shape)} of {x.dtype}" for x in tensors)
        raise RuntimeError(f"attention needs three tensors of one floating type and 2 or more dimensions, got {got}")
    if enable_gqa:
        key, value = (_repeated(x, query.shape[-3]) for x in (key, value))
    if attn_mask is not None:
        attn_mask = added(attn_mask if attn_mask.is_floating_point() else ~attn_mask, query)
        if attn_mask.dtype not in (query.dtype, float32):
            raise RuntimeError(f"attention: attn_mask must be bool, float32 or {query.dtype}, not {attn_mask.dtype}")
    kept = None
    if dropout_p:
        batch = np.broadcast_shapes(*(x.shape[:-2] for x in tensors))
        kept = dropout(ones(*batch, query.shape[-2], key.shape[-2], dtype=query.dtype), dropout_p)._array
    scale = 1 / math.sqrt(query.shape[-1] or 1) if scale is None else scale
    return apply(ops.attention, query, key, value, attn_mask, scale=scale, causal=is_causal, kept=kept)


def added(mask: Tensor, like: Tensor) -> Tensor:
    """A mask as what to add to the scores: where it is True, -inf in the type of `like`."""
    return mask if mask.is_floating_point() else zeros(mask.shape, dtype=like.dtype).masked_fill(mask, -math.inf)


def _repeated(x: Tensor, heads: int) -> Tensor:
    """(..., few heads, time, features) with each head standing `heads` / few times in a row."""
    few = x.shape[-3]
    need(not heads % few, f"attention: {few} heads of keys can't serve {heads} heads of queries alike", RuntimeError)
    return x.unsqueeze(-3).expand(*x.shape[:-2], heads // few, *x.shape[-2:]).flatten(-4, -3)
