"""The transformer: Vaswani et al. (2017), arXiv:1706.03762; norm_first as in Xiong et al. (2020), arXiv:2002.04745."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tinytorch.functions.arranging import triu
from tinytorch.functions.creation import full
from tinytorch.nn import functional as F
from tinytorch.nn import init
from tinytorch.nn.containers import ModuleList
from tinytorch.nn.layers.attention import MultiheadAttention
from tinytorch.nn.layers.linear import Dropout, Linear
from tinytorch.nn.layers.normalization import LayerNorm
from tinytorch.nn.module import Module
from tinytorch.tensor import Tensor

__all__ = [
    "Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder", "TransformerEncoderLayer",
]  # fmt: skip

Activation = str | Callable[[Tensor], Tensor]
_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": F.relu, "gelu": F.gelu}


class _Block(Module):
    """Attentions and a network for each position, each with a norm and added to what it was given."""

    _attentions: tuple[str, ...]

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: Activation = F.relu, layer_norm_eps: float = 1e-5, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, device: object = None, dtype: object = None,
    ) -> None:  # fmt: skip
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
        if isinstance(activation, str) and activation not in _ACTIVATIONS:
            raise RuntimeError(f'activation must be "relu", "gelu" or a function, not {activation!r}')
        self.activation = _ACTIVATIONS[activation] if isinstance(activation, str) else activation

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

    def forward(
        self, src: Tensor, src_mask: Tensor | None = None, src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        """(time, batch, d_model), or (batch, time, d_model) with `batch_first`; masks as in `MultiheadAttention`."""

        def attention(x: Tensor) -> Any:
            return self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)[0]

        return self._add(2, self._add(1, src, attention), self._feed_forward)


class TransformerDecoderLayer(_Block):
    """Self-attention, attention to what an encoder made (the memory), then a network for each position."""

    _attentions = ("self_attn", "multihead_attn")
    self_attn: MultiheadAttention
    multihead_attn: MultiheadAttention

    def forward(
        self, tgt: Tensor, memory: Tensor, tgt_mask: Tensor | None = None, memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None, memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False, memory_is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
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

    def __init__(
        self, encoder_layer: Module, num_layers: int, norm: Module | None = None, enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(encoder_layer, num_layers, norm)

    def forward(
        self, src: Tensor, mask: Tensor | None = None, src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:  # fmt: skip
        """The same shape as `src`."""
        return self._through(src, mask, src_key_padding_mask, is_causal=bool(is_causal))


class TransformerDecoder(_Stack):
    """`num_layers` copies of a decoder layer, one after the other, and perhaps a norm."""

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__(decoder_layer, num_layers, norm)

    def forward(
        self, tgt: Tensor, memory: Tensor, tgt_mask: Tensor | None = None, memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None, memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None, memory_is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
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

    def __init__(
        self, d_model: int = 512, nhead: int = 8, num_encoder_layers: int = 6, num_decoder_layers: int = 6,
        dim_feedforward: int = 2048, dropout: float = 0.1, activation: Activation = F.relu,
        custom_encoder: Module | None = None, custom_decoder: Module | None = None, layer_norm_eps: float = 1e-5,
        batch_first: bool = False, norm_first: bool = False, bias: bool = True, device: object = None,
        dtype: object = None,
    ) -> None:  # fmt: skip
        super().__init__()
        made: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        how = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first)
        norms = [LayerNorm(d_model, layer_norm_eps, **made) for _ in range(2)]
        encoder, decoder = TransformerEncoderLayer(*how, **made), TransformerDecoderLayer(*how, **made)
        self.encoder = custom_encoder or TransformerEncoder(encoder, num_encoder_layers, norms[0])
        self.decoder = custom_decoder or TransformerDecoder(decoder, num_decoder_layers, norms[1])
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self, src: Tensor, tgt: Tensor, src_mask: Tensor | None = None, tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None, src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None, memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None, tgt_is_causal: bool | None = None, memory_is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
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
