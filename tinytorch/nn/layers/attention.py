"""Multi-head attention, and the transformer made of it.

Sources: Vaswani et al. (2017), arXiv:1706.03762; norm_first as in Xiong et al. (2020), arXiv:2002.04745.
"""

import math
from collections.abc import Callable
from typing import Any

from tinytorch.errors import need
from tinytorch.functions.arranging import triu
from tinytorch.functions.creation import full, zeros
from tinytorch.functions.shape import cat
from tinytorch.nn import functional as F
from tinytorch.nn import init
from tinytorch.nn.containers import ModuleList
from tinytorch.nn.functional.attention import added
from tinytorch.nn.layers.base import parameter
from tinytorch.nn.layers.linear import Dropout, Linear
from tinytorch.nn.layers.normalization import LayerNorm
from tinytorch.nn.module import Module
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor

__all__ = ["MultiheadAttention", "Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder",
           "TransformerEncoderLayer"]  # fmt: skip

Activation = str | Callable[[Tensor], Tensor]
_ACTIVATIONS: dict[Any, Any] = {"relu": F.relu, "gelu": F.gelu}


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

    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True,
                 add_bias_kv: bool = False, add_zero_attn: bool = False, kdim: int | None = None,
                 vdim: int | None = None, batch_first: bool = False, device: object = None,
                 dtype: object = None) -> None:  # fmt: skip
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0 or embed_dim % num_heads:
            raise AssertionError(f"embed_dim {embed_dim} must be a multiple of num_heads {num_heads}, both above 0")
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
            setattr(self, name, parameter(*shape, device=device, dtype=dtype, used=used))
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, device, dtype)
        for name, x in self.named_parameters():
            if name.endswith("proj_weight"):
                init.xavier_uniform_(x)
            elif name.startswith("bias"):
                init.xavier_normal_(x)
            elif name.endswith("bias"):
                init.zeros_(x)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, key_padding_mask: Tensor | None = None,
                need_weights: bool = True, attn_mask: Tensor | None = None, average_attn_weights: bool = True,
                is_causal: bool = False) -> tuple[Tensor, Tensor | None]:  # fmt: skip
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
        heads = (self.num_heads, self.head_dim)
        q, k, v = (x.unflatten(2, heads).permute(1, 2, 0, 3) for x in (q, k, v))  # (batch, heads, ...)
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

    def _mask(self, attn_mask: Tensor | None, padding: Tensor | None, is_causal: bool, q: Tensor, keys: int,
              batched: bool) -> Tensor | None:  # fmt: skip
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
                many = 1 if mask is attn_mask and mask.ndim == 2 else batch
                part = added(mask, q).reshape(many, heads if mask.ndim == 3 else 1, rows, keys)
                total = part if total is None else total + part
        return total


class _Block(Module):
    """Attentions and a network for each position, each with a norm and added to what it was given."""

    _attentions: tuple[str, ...]

    def __init__(self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
                 activation: Activation = F.relu, layer_norm_eps: float = 1e-5, batch_first: bool = False,
                 norm_first: bool = False, bias: bool = True, device: object = None,
                 dtype: object = None) -> None:  # fmt: skip
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        for name in self._attentions:
            setattr(self, name, MultiheadAttention(d_model, nhead, dropout, batch_first=batch_first, **made))
        self.linear1 = Linear(d_model, dim_feedforward, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **made)
        self.norm_first = norm_first
        for i in range(len(self._attentions) + 1):
            setattr(self, f"norm{i + 1}", LayerNorm(d_model, layer_norm_eps, **made))
        for i in range(len(self._attentions) + 1):
            setattr(self, f"dropout{i + 1}", Dropout(dropout))
        self.activation = _ACTIVATIONS.get(activation, activation)
        need(
            callable(self.activation),
            f'activation must be "relu", "gelu" or a function, not {activation!r}',
            RuntimeError,
        )

    def _add(self, i: int, x: Tensor, part: Callable[[Tensor], Tensor]) -> Tensor:
        """x + part(x), with norm and dropout number `i`."""
        norm: Callable[[Tensor], Tensor] = getattr(self, f"norm{i}")
        dropout: Callable[[Tensor], Tensor] = getattr(self, f"dropout{i}")
        return x + dropout(part(norm(x))) if self.norm_first else norm(x + dropout(part(x)))

    def _feed_forward(self, x: Tensor) -> Any:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_Block):
    """Self-attention, then a network of two linear layers for each position.

    >>> import tinytorch as torch
    >>> torch.nn.TransformerEncoderLayer(8, nhead=2, dim_feedforward=16, batch_first=True)(torch.zeros(3, 5, 8)).shape
    torch.Size([3, 5, 8])
    """

    _attentions = ("self_attn",)
    self_attn: MultiheadAttention

    def forward(self, src: Tensor, src_mask: Tensor | None = None, src_key_padding_mask: Tensor | None = None,
                is_causal: bool = False) -> Tensor:  # fmt: skip
        """(time, batch, d_model), or (batch, time, d_model) with `batch_first`; masks as in `MultiheadAttention`."""

        def attention(x: Tensor) -> Any:
            return self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)[0]

        return self._add(2, self._add(1, src, attention), self._feed_forward)


class TransformerDecoderLayer(_Block):
    """Self-attention, attention to what an encoder made (the memory), then a network for each position."""

    _attentions = ("self_attn", "multihead_attn")
    self_attn: MultiheadAttention
    multihead_attn: MultiheadAttention

    def forward(self, tgt: Tensor, memory: Tensor, tgt_mask: Tensor | None = None, memory_mask: Tensor | None = None,
                tgt_key_padding_mask: Tensor | None = None, memory_key_padding_mask: Tensor | None = None,
                tgt_is_causal: bool = False, memory_is_causal: bool = False) -> Tensor:  # fmt: skip
        """The same shape as `tgt`; the masks as in `MultiheadAttention`."""

        def attention(x: Tensor) -> Any:
            return self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)[0]

        def to_memory(x: Tensor) -> Any:
            how = (memory_key_padding_mask, False, memory_mask)
            return self.multihead_attn(x, memory, memory, *how, is_causal=memory_is_causal)[0]

        return self._add(3, self._add(2, self._add(1, tgt, attention), to_memory), self._feed_forward)


class _Stack(Module):
    def __init__(self, layer: Module, num_layers: int, norm: Module | None) -> None:
        from copy import deepcopy

        super().__init__()
        self.layers = ModuleList(deepcopy(layer) for _ in range(num_layers))
        self.num_layers, self.norm = num_layers, norm

    def _through(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        for layer in self.layers:
            x = layer(x, *args, **kwargs)
        return x if self.norm is None else self.norm(x)


class TransformerEncoder(_Stack):
    """`num_layers` copies of an encoder layer, one after the other, and perhaps a norm."""

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None,
                 enable_nested_tensor: bool = True, mask_check: bool = True) -> None:  # fmt: skip
        super().__init__(encoder_layer, num_layers, norm)

    def forward(self, src: Tensor, mask: Tensor | None = None, src_key_padding_mask: Tensor | None = None,
                is_causal: bool | None = None) -> Tensor:  # fmt: skip
        """The same shape as `src`."""
        return self._through(src, mask, src_key_padding_mask, is_causal=bool(is_causal))


class TransformerDecoder(_Stack):
    """`num_layers` copies of a decoder layer, one after the other, and perhaps a norm."""

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__(decoder_layer, num_layers, norm)

    def forward(self, tgt: Tensor, memory: Tensor, tgt_mask: Tensor | None = None, memory_mask: Tensor | None = None,
                tgt_key_padding_mask: Tensor | None = None, memory_key_padding_mask: Tensor | None = None,
                tgt_is_causal: bool | None = None, memory_is_causal: bool = False) -> Tensor:  # fmt: skip
        """The same shape as `tgt`."""
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        return self._through(tgt, memory, *masks, bool(tgt_is_causal), memory_is_causal)


class Transformer(Module):
    """An encoder of the source and a decoder that makes the target from it.

    >>> import tinytorch as torch
    >>> model = torch.nn.Transformer(8, 2, 1, 1, 16)
    >>> model(torch.zeros(5, 3, 8), torch.zeros(4, 3, 8)).shape
    torch.Size([4, 3, 8])
    """

    def __init__(self, d_model: int = 512, nhead: int = 8, num_encoder_layers: int = 6, num_decoder_layers: int = 6,
                 dim_feedforward: int = 2048, dropout: float = 0.1, activation: Activation = F.relu,
                 custom_encoder: Module | None = None, custom_decoder: Module | None = None,
                 layer_norm_eps: float = 1e-5, batch_first: bool = False, norm_first: bool = False, bias: bool = True,
                 device: object = None, dtype: object = None) -> None:  # fmt: skip
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        how = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first)
        norms = [LayerNorm(d_model, layer_norm_eps, **made) for _ in range(2)]
        encoder, decoder = TransformerEncoderLayer(*how, **made), TransformerDecoderLayer(*how, **made)
        self.encoder = custom_encoder or TransformerEncoder(encoder, num_encoder_layers, norms[0])
        self.decoder = custom_decoder or TransformerDecoder(decoder, num_decoder_layers, norms[1])
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        for weight in self.parameters():
            if weight.ndim > 1:
                init.xavier_uniform_(weight)

    def forward(self, src: Tensor, tgt: Tensor, src_mask: Tensor | None = None, tgt_mask: Tensor | None = None,
                memory_mask: Tensor | None = None, src_key_padding_mask: Tensor | None = None,
                tgt_key_padding_mask: Tensor | None = None, memory_key_padding_mask: Tensor | None = None,
                src_is_causal: bool | None = None, tgt_is_causal: bool | None = None,
                memory_is_causal: bool = False) -> Tensor:  # fmt: skip
        """The same shape as `tgt`; the masks as in `MultiheadAttention`."""
        batch = 0 if self.batch_first else 1
        if {src.shape[-1], tgt.shape[-1]} != {self.d_model} or (src.ndim == 3 and src.shape[batch] != tgt.shape[batch]):
            shapes = f"src {tuple(src.shape)} and tgt {tuple(tgt.shape)}"
            raise RuntimeError(f"Transformer: {shapes} must have equal batches and {self.d_model} features")
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal)
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        return self.decoder(tgt, memory, *masks, tgt_is_causal, memory_is_causal)  # type: ignore[no-any-return]

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: object = None, dtype: object = None) -> Tensor:
        """-inf above the diagonal, 0 elsewhere: added to the scores, each position sees itself and those before it.

        >>> Transformer.generate_square_subsequent_mask(2)
        tensor([[0., -inf],
                [0., 0.]])
        """
        return triu(full((sz, sz), -math.inf, device=device, dtype=dtype), 1)
