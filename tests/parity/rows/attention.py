"""Attention: the function, the multi-head layer, the transformer's layers and stacks."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

from parity.harness import programs, table
from parity.inputs import bools, floats, given
from parity.material import load, name_pairs

LEFT = given([[True, False, False, False], [True, True, False, False], [True, True, True, False]], "bool")
NOTHING = given([[True, False, False, True], [False, False, False, False], [True, True, True, False]], "bool")
NUMBERS = given([[0.5, -1.0, 0.0, -math.inf], [-math.inf] * 4, [0.0, 2.0, -math.inf, 1.0]])

MHA = """
    nn.MultiheadAttention(4, 2); nn.MultiheadAttention(4, 1, bias=False); nn.MultiheadAttention(4, 4, add_bias_kv=True)
    nn.MultiheadAttention(embed_dim=4, num_heads=2, add_zero_attn=True)
    nn.MultiheadAttention(4, 2, 0.0, True, True, True)
"""
CROSS = "nn.MultiheadAttention(4, 2, kdim=3, vdim=5); nn.MultiheadAttention(4, 2, bias=False, kdim=3, vdim=5)"
SETTINGS = [
    "",
    ", dropout=0.0, norm_first=True",
    ", 8, 0.0, 'gelu'",
    ", 8, 0.0, F.gelu, 1e-3, False, True, False",
    ", 8, 0.0, activation=torch.tanh, bias=False",
]
BLOCKS = [f"nn.TransformerEncoderLayer(4, 2{s}).eval()" for s in SETTINGS]
DECODERS = [f"nn.TransformerDecoderLayer(4, 2{s}).eval()" for s in SETTINGS]
STACKS = """
    nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, 0.0), 2)
    nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, 0.0), num_layers=1, norm=nn.LayerNorm(4))
    nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 1, 8, 0.0, norm_first=True), 2, None, False)
"""
WHOLE = """
    nn.Transformer(4, 2, 1, 2, 8, 0.0); nn.Transformer(4, 1, 1, 1, 8, 0.0, norm_first=True, bias=False)
    nn.Transformer(d_model=4, nhead=2, num_encoder_layers=2, num_decoder_layers=1, dim_feedforward=6, dropout=0.0)
"""

CASES = [
    # the function
    *table(
        "attention",
        """
        F.scaled_dot_product_attention(q, k, v)
        F.scaled_dot_product_attention(q, k, v, is_causal=True)
        F.scaled_dot_product_attention(q, k, v, $mask)
        F.scaled_dot_product_attention(q, k, v, attn_mask=$mask, dropout_p=0.0, scale=0.3)
        F.scaled_dot_product_attention(query=q, key=k, value=v, scale=1.0)
        F.scaled_dot_product_attention(q * 0, k, v)
        F.scaled_dot_product_attention(q, k.detach(), v)
        F.scaled_dot_product_attention(q.detach(), k.detach(), v)
        F.scaled_dot_product_attention(q, k, v, None, 0.0, True)
        F.scaled_dot_product_attention(q, q, q, is_causal=True)
        F.scaled_dot_product_attention(q, k, v, $mask, enable_gqa=True)
        F.scaled_dot_product_attention(q[:, :1], k, v)
        F.scaled_dot_product_attention(q.double(), k.double(), v.double(), b)
        """,
        mask="None; a; b; n",
        q=floats(2, 2, 3, 5),
        k=floats(2, 2, 4, 5),
        v=floats(2, 2, 4, 5),
        a=LEFT,
        b=floats(2, 1, 3, 4),
        n=NOTHING,
    ),
    *table(
        "attention",
        """
        F.scaled_dot_product_attention(q, k, v)
        F.scaled_dot_product_attention(q, k, v, a)
        F.scaled_dot_product_attention(q, k, v, n)
        F.scaled_dot_product_attention(q, k, v, i.detach())
        F.scaled_dot_product_attention(q, k, v, is_causal=True)
        F.scaled_dot_product_attention(q[0], k[0], v[0])
        F.scaled_dot_product_attention(q, k, torch.cat([v, v], -1))
        F.scaled_dot_product_attention(q, k, v, dropout_p=1.0)
        """,
        q=floats(2, 3, 5),
        k=floats(2, 4, 5),
        v=floats(2, 4, 5),
        a=LEFT,
        n=NOTHING,
        i=NUMBERS,
    ),
    *table(
        "attention",
        """
        F.scaled_dot_product_attention(q, k, v)
        F.scaled_dot_product_attention(q, k, v, a)
        F.scaled_dot_product_attention(q, k, v, is_causal=True)
        """,
        q=floats(2, 3, 5, dtype="float64"),
        k=floats(2, 4, 5, dtype="float64"),
        v=floats(2, 4, 5, dtype="float64"),
        a=LEFT,
    ),
    *table(
        "attention",
        """
        F.scaled_dot_product_attention(q, k, v)
        F.scaled_dot_product_attention(q, k, v, is_causal=True)
        """,
        tolerance=5e-3,
        q=floats(2, 3, 5, dtype="float16"),
        k=floats(2, 4, 5, dtype="float16"),
        v=floats(2, 4, 5, dtype="float16"),
    ),
    *table(
        "attention",
        """
        F.scaled_dot_product_attention(h.transpose(1, 2), h.transpose(1, 2), h.transpose(1, 2), is_causal=True)
        F.scaled_dot_product_attention(h.transpose(1, 2), h.transpose(1, 2), h.transpose(1, 2)).transpose(1, 2)
        F.scaled_dot_product_attention(q, k, k, enable_gqa=True)
        F.scaled_dot_product_attention(q, k, k, is_causal=True, enable_gqa=True)
        F.scaled_dot_product_attention(q[0], k[:1, 0], k[:1, 0])
        F.scaled_dot_product_attention(q, h.transpose(1, 2), h.transpose(1, 2))
        """,
        h=floats(2, 3, 4, 5),
        q=floats(2, 4, 3, 5),
        k=floats(2, 2, 6, 5),
    ),
    *table(
        "attention",
        """
        F.scaled_dot_product_attention(x * 1e4, x * 1e4, x)
        F.scaled_dot_product_attention(x * 1e4, x, x, is_causal=True)
        F.scaled_dot_product_attention(x * 1e-4, x * 1e-4, x)
        F.scaled_dot_product_attention(x, x, x * 1e4, (1 - torch.eye(3)) * -1e4)
        F.scaled_dot_product_attention(x[:, :0], x, x)
        """,
        x=floats(2, 3, 5),
    ),
    *table(
        "attention",
        """
        y = F.scaled_dot_product_attention(x, x, x * 0 + 1, dropout_p=0.25); abs(y.mean().item() - 1) < 0.02
        F.scaled_dot_product_attention(x, x, x, dropout_p=0.5).shape
        """,
        x=floats(200, 40, 4),
        grad=False,
    ),
    *table(
        "attention",
        """
        F.scaled_dot_product_attention(q, q[..., :3], q)
        F.scaled_dot_product_attention(q[0, 0], q[0, 0], q[0, 0])
        F.scaled_dot_product_attention(q, q.double(), q)
        F.scaled_dot_product_attention(q.long(), q.long(), q.long())
        F.scaled_dot_product_attention(q, q, q, torch.zeros(3, 2))
        F.scaled_dot_product_attention(q, q, q, torch.zeros(3, 3, dtype=torch.int64))
        F.scaled_dot_product_attention(q, q, q, torch.zeros(3, 3).double())
        F.scaled_dot_product_attention(q, q, q, None, 0.0, False, 1.0)
        k = torch.ones(2, 2, 3, 5); F.scaled_dot_product_attention(torch.ones(2, 3, 3, 5), k, k, enable_gqa=True)
        F.scaled_dot_product_attention(q, q)
        """,
        raises=True,
        q=floats(2, 3, 5),
    ),
    # the layer
    *table(
        "attention",
        """
        trained($mha, q, k, k)
        trained($mha, q, k, k, need_weights=False)
        trained($mha, q, q, q, average_attn_weights=False)
        trained($mha, q, k, k, attn_mask=a)
        trained($mha, q, k, k, None, False, b)
        trained($mha, q, k, k, key_padding_mask=p)
        trained($mha, q, k, k, key_padding_mask=p, need_weights=False, attn_mask=a)
        trained($mha, q, k, k, p, True, a, False)
        trained($mha, q[:, 0], k[:, 0], k[:, 0])
        trained($mha, q[:, 0], k[:, 0], k[:, 0], key_padding_mask=p[0], need_weights=False)
        trained($mha.eval(), q, k, k * 2)
        trained($mha.double(), q.double(), k.double(), k.double())
        """,
        mha=MHA,
        q=floats(3, 2, 4),
        k=floats(4, 2, 4),
        a=given([[False, True, True, False], [False] * 4, [True, False, True, True]], "bool"),
        b=floats(3, 4),
        p=given([[False, False, True, True], [False, True, False, False]], "bool"),
    ),
    *table(
        "attention",
        """
        trained(nn.MultiheadAttention(4, 2, batch_first=True), x, x, x)
        trained(nn.MultiheadAttention(4, 2, batch_first=True), x, x, x, need_weights=False)
        trained(nn.MultiheadAttention(4, 2, 0.0, batch_first=True), x, x[:, :2], x[:, :2])
        trained(nn.MultiheadAttention(4, 2, batch_first=True), x, x, x, None, False, m.detach(), is_causal=True)
        trained(nn.MultiheadAttention(4, 2, batch_first=True), x, x, x, attn_mask=m.detach() < 0, is_causal=True)
        trained(nn.MultiheadAttention(4, 2, batch_first=True), x, x, x, attn_mask=h)
        trained(nn.MultiheadAttention(4, 2, batch_first=True), x, x, x, attn_mask=h, need_weights=False)
        trained(nn.MultiheadAttention(4, 2, batch_first=True), x, x, x, key_padding_mask=f)
        trained(nn.MultiheadAttention(4, 2, batch_first=True), x[0], x[0], x[0])
        trained(nn.MultiheadAttention(4, 2, dropout=0.5, batch_first=True).eval(), x, x, x)
        """,
        x=floats(2, 3, 4),
        m=given([[0.0, -math.inf, -math.inf], [0.0, 0.0, -math.inf], [0.0, 0.0, 0.0]]),
        h=floats(4, 3, 3),
        f=floats(2, 3),
    ),
    *table(
        "attention",
        """
        trained($mha, q, k, v)
        trained($mha, q, k, v, need_weights=False)
        """,
        mha=CROSS,
        q=floats(3, 2, 4),
        k=floats(4, 2, 3),
        v=floats(4, 2, 5),
    ),
    *table(
        "attention",
        """
        repr($mha)
        [(k, tuple(x.shape)) for k, x in $mha.state_dict().items()]
        [k for k, p in $mha.named_parameters()]
        m = $mha; (m.embed_dim, m.num_heads, m.head_dim, m.kdim, m.vdim, m.dropout, m.batch_first)
        m = $mha; (m.in_proj_weight is None, m.in_proj_bias is None, m.bias_k is None)
        """,
        mha=MHA + ";" + CROSS,
    ),
    *table(
        "init",
        """
        w = nn.MultiheadAttention(200, 4).in_proj_weight; (w.min().item(), w.max().item(), w.std().item())
        w = nn.MultiheadAttention(200, 4).out_proj.weight; (w.min().item(), w.max().item(), w.std().item())
        w = nn.MultiheadAttention(200, 4, kdim=300).k_proj_weight; (w.min().item(), w.max().item(), w.std().item())
        m = nn.MultiheadAttention(200, 4); (m.in_proj_bias.abs().sum().item(), m.out_proj.bias.abs().sum().item())
        w = nn.MultiheadAttention(2000, 4, add_bias_kv=True).bias_k; w.std().item()
        w = nn.Transformer(200, 2, 1, 1, 100).decoder.layers[0].linear1.weight; (w.min().item(), w.max().item())
        w = nn.TransformerEncoderLayer(200, 2, 100).linear1.weight; (w.min().item(), w.max().item())
        """,
        tolerance=0.05,
    ),
    *table(
        "attention",
        """
        nn.MultiheadAttention(4, 3)
        nn.MultiheadAttention(4)
        nn.MultiheadAttention(4, 2)(x, x)
        nn.MultiheadAttention(6, 2)(x, x, x)
        nn.MultiheadAttention(4, 2)(x, x, x[:2])
        nn.MultiheadAttention(4, 2)(x, x[:, 0], x[:, 0])
        nn.MultiheadAttention(4, 2)(x[0, 0], x[0, 0], x[0, 0])
        nn.MultiheadAttention(4, 2)(x, x, x, is_causal=True)
        nn.MultiheadAttention(4, 2)(x, x, x, attn_mask=torch.zeros(3, 2))
        nn.MultiheadAttention(4, 2)(x, x, x, attn_mask=torch.zeros(2, 3, 3))
        nn.MultiheadAttention(4, 2)(x, x, x, key_padding_mask=torch.zeros(3, 2))
        nn.MultiheadAttention(4, 2)(x, x, x, key_padding_mask=torch.zeros(3))
        nn.MultiheadAttention(4, 2)(x.double(), x.double(), x.double())
        nn.TransformerEncoderLayer(4, 3)
        nn.TransformerEncoderLayer(4, 2, activation="tanh")
        nn.TransformerDecoderLayer(4, 2, 8, 0.0, "swish")
        nn.TransformerEncoderLayer(6, 2)(x)
        nn.TransformerDecoderLayer(4, 2)(x)
        nn.Transformer(4, 2, 1, 1, 8)(x, x[:, :1])
        nn.Transformer(6, 2, 1, 1, 8)(x, x)
        """,
        raises=True,
        x=floats(3, 2, 4),
    ),
    # the transformer
    *table(
        "transformer",
        """
        trained($layer, x)
        trained($layer, x[:, 0])
        trained($layer, x, m.detach())
        trained($layer, x, src_mask=a, src_key_padding_mask=p)
        trained($layer, x, m.detach(), is_causal=True)
        """,
        layer=BLOCKS,
        x=floats(3, 2, 4),
        m=given([[0.0, -math.inf, -math.inf], [0.0, 0.0, -math.inf], [0.0, 0.0, 0.0]]),
        a=given([[False, True, True], [False, False, True], [False] * 3], "bool"),
        p=given([[False, False, True], [False, False, False]], "bool"),
        tolerance=1e-4,
    ),
    *table(
        "transformer",
        """
        trained($layer, x, y)
        trained($layer, x[:, 0], y[:, 0])
        trained($layer, x, y, m.detach())
        trained($layer, x, y, tgt_mask=m.detach(), memory_key_padding_mask=p, tgt_is_causal=True)
        trained($layer, x, y, None, b, None, p)
        """,
        layer=DECODERS,
        x=floats(3, 2, 4),
        y=floats(4, 2, 4),
        m=given([[0.0, -math.inf, -math.inf], [0.0, 0.0, -math.inf], [0.0, 0.0, 0.0]]),
        b=given([[False, True, True, False], [False, False, True, False], [False] * 4], "bool"),
        p=given([[False, False, True, False], [False, False, False, True]], "bool"),
        tolerance=1e-4,
    ),
    *table(
        "transformer",
        """
        trained($stack, x)
        trained($stack, x, mask=m.detach())
        trained($stack, x, m.detach(), is_causal=True)
        trained($stack, x, src_key_padding_mask=p)
        """,
        stack=STACKS,
        x=floats(3, 2, 4),
        m=given([[0.0, -math.inf, -math.inf], [0.0, 0.0, -math.inf], [0.0, 0.0, 0.0]]),
        p=given([[False, False, True], [False, False, False]], "bool"),
        tolerance=1e-4,
    ),
    *table(
        "transformer",
        """
        trained($model, x, y)
        trained($model, x[:, 0], y[:, 0])
        trained($model, x, y, tgt_mask=m.detach())
        trained($model, x, y, None, m.detach(), None, p, q, p)
        """,
        model=WHOLE,
        x=floats(4, 2, 4),
        y=floats(3, 2, 4),
        m=given([[0.0, -math.inf, -math.inf], [0.0, 0.0, -math.inf], [0.0, 0.0, 0.0]]),
        p=given([[False, False, True, False], [False, False, False, False]], "bool"),
        q=given([[False, False, True], [False, False, False]], "bool"),
        tolerance=1e-4,
    ),
    *table(
        "transformer",
        """
        trained(nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True), x)
        trained(nn.TransformerDecoderLayer(4, 2, 8, 0.0, batch_first=True), x, x * 2)
        trained(nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 8, 0.0, batch_first=True), 2), x, x * 2)
        d = nn.TransformerDecoderLayer(4, 2, 8, 0.0); trained(nn.TransformerDecoder(d, 1, nn.LayerNorm(4)), x, memory=x)
        trained(nn.Transformer(4, 2, 1, 1, 8, 0.0, batch_first=True), x, x * 2)
        trained(nn.Transformer(4, 2, 1, 1, 8, 0.0, "gelu", batch_first=True, layer_norm_eps=1e-2), src=x, tgt=x[:, :2])
        trained(nn.TransformerEncoderLayer(4, 2, 8, 0.0, dtype=torch.float64), x.double())
        m = fill(nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True)).eval(); torch.no_grad()(m)(x)
        """,
        x=floats(2, 3, 4),
        tolerance=1e-4,
    ),
    *table(
        "transformer",
        """
        repr($model)
        list($model.state_dict())
        [(k, tuple(p.shape)) for k, p in $model.named_parameters()]
        """,
        model=[
            *BLOCKS,
            *DECODERS,
            *(each.strip() for each in STACKS.strip().splitlines()),
            "nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 8), 2, nn.LayerNorm(4))",
            "nn.Transformer(4, 2, 1, 2, 8)",
        ],
    ),
    *table(
        "transformer",
        """
        nn.Transformer.generate_square_subsequent_mask(3)
        nn.Transformer(4, 2, 1, 1, 8).generate_square_subsequent_mask(sz=2, dtype=torch.float64)
        m = nn.Transformer(4, 2, 1, 1, 8); (m.d_model, m.nhead, m.batch_first)
        e = nn.TransformerEncoderLayer(4, 2); m = nn.TransformerEncoder(e, 3); (m.num_layers, m.layers[0] is e)
        e = nn.TransformerEncoderLayer(4, 2); a, b = nn.TransformerEncoder(e, 2).layers; a.linear1.bias - b.linear1.bias
        m = nn.TransformerEncoderLayer(4, 2); (m.norm_first, m.dropout.p, m.linear1.out_features)
        """,
    ),
    *table(
        "attention",
        "F.scaled_dot_product_attention(x, x, x, m.detach())",
        x=floats(4, 2, 3, 5),
        m=[bools(3, 3), bools(4, 1, 3, 3)],
    ),
]


# ------------------------------------------------------------------------------------ programs
def nano_gpt(torch: ModuleType) -> Any:
    """The blocks of nanoGPT, trained a little on names."""
    nn, F = torch.nn, torch.nn.functional

    class CausalSelfAttention(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self, n_embd: int, n_head: int) -> None:
            super().__init__()
            self.c_attn = nn.Linear(n_embd, 3 * n_embd)
            self.c_proj = nn.Linear(n_embd, n_embd)
            self.n_head, self.n_embd = n_head, n_embd

        def forward(self, x: Any) -> Any:
            B, T, C = x.size()
            q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
            k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
            q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
            v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=None, dropout_p=0, is_causal=True)
            y = y.transpose(1, 2).contiguous().view(B, T, C)
            return self.c_proj(y)

    class Block(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self, n_embd: int, n_head: int) -> None:
            super().__init__()
            self.ln_1, self.ln_2 = nn.LayerNorm(n_embd), nn.LayerNorm(n_embd, bias=False)
            self.attn = CausalSelfAttention(n_embd, n_head)
            self.mlp = nn.Sequential(nn.Linear(n_embd, 4 * n_embd), nn.GELU(), nn.Linear(4 * n_embd, n_embd))

        def forward(self, x: Any) -> Any:
            x = x + self.attn(self.ln_1(x))
            return x + self.mlp(self.ln_2(x))

    class GPT(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.wte, self.wpe = nn.Embedding(27, 8), nn.Embedding(6, 8)
            self.h = nn.ModuleList([Block(8, 2) for _ in range(2)])
            self.ln_f = nn.LayerNorm(8)
            self.lm_head = nn.Linear(8, 27, bias=False)
            self.wte.weight = self.lm_head.weight

        def forward(self, idx: Any, targets: Any) -> Any:
            x = self.wte(idx) + self.wpe(torch.arange(idx.size(1)))
            for block in self.h:
                x = block(x)
            logits = self.lm_head(self.ln_f(x))
            return logits, F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1))

    model = load(torch, GPT())
    x, _ = name_pairs(torch, 7)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, betas=(0.9, 0.95))
    losses = []
    for _ in range(4):
        _, loss = model(x[:, :-1], x[:, 1:].contiguous())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, sum(p.numel() for p in model.parameters())


def sequence_to_sequence(torch: ModuleType) -> Any:
    """A translation tutorial in small: masks for padding and for the future, greedy decoding."""
    nn = torch.nn
    model = load(torch, nn.Transformer(8, 2, 1, 1, 16, 0.0, batch_first=True))
    words, head = load(torch, nn.Embedding(9, 8, padding_idx=0)), load(torch, nn.Linear(8, 9))
    source = torch.tensor([[1, 2, 3, 0], [4, 5, 0, 0]])
    target = torch.tensor([[6, 7, 8], [6, 8, 0]])
    mask = nn.Transformer.generate_square_subsequent_mask(3)
    padding = source == 0
    output = head(
        model(
            words(source), words(target), tgt_mask=mask, src_key_padding_mask=padding, memory_key_padding_mask=padding
        )
    )
    loss = nn.functional.cross_entropy(output.reshape(-1, 9), target.reshape(-1))
    loss.backward()
    with torch.no_grad():
        memory, found = model.encoder(words(source), src_key_padding_mask=padding)[:, :2], torch.tensor([[6], [6]])
        for _ in range(3):
            step = nn.Transformer.generate_square_subsequent_mask(found.size(1))
            y = head(model.decoder(words(found), memory, tgt_mask=step))
            found = torch.cat([found, y[:, -1:].argmax(-1)], 1)
    return loss.detach(), words.weight.grad, head.weight.grad, found


CASES += programs("attention", nano_gpt, sequence_to_sequence, grad=False, tolerance=1e-4)
