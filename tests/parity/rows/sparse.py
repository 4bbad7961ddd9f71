"""Embedding and one-hot."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from parity.harness import programs, table
from parity.inputs import floats, given, ints

EMBEDDINGS = """
    nn.Embedding(6, 3); nn.Embedding(6, 3, padding_idx=0); nn.Embedding(6, 3, -2); nn.Embedding(6, 3, max_norm=0.5)
    nn.Embedding(6, 3, max_norm=1.0, norm_type=1); nn.Embedding(num_embeddings=6, embedding_dim=3)
    nn.Embedding(6, 3, scale_grad_by_freq=True); nn.Embedding(6, 3, dtype=torch.float64)
"""

CASES = [
    *table(
        "embedding",
        """
        F.embedding(i, w)
        F.embedding(input=i, weight=w)
        F.embedding(i.int(), w)
        F.embedding(i, w.double())
        F.embedding(i, w, 1)
        F.embedding(i, w, padding_idx=-1)
        F.embedding(i, w, scale_grad_by_freq=True)
        F.embedding(i, w, 2, scale_grad_by_freq=True)
        F.embedding(i, w) * 2 + F.embedding(i, w)
        """,
        i=[ints(high=5), ints(7, high=5), ints(3, 4, high=5), ints(2, 0, high=5), given([[5, 5, 5, 5]], "int64")],
        w=floats(6, 3),
    ),
    *table(
        "embedding",
        """
        (F.embedding(i, w, max_norm=1.0), w)
        (F.embedding(i, w, None, 0.5, 1.0), w)
        """,
        i=ints(3, high=5),
        w=floats(6, 3),
        grad=False,
    ),
    *table("embedding", "trained($e, i)", e=EMBEDDINGS, i=[ints(4, high=5), ints(2, 3, high=5)]),
    *table(
        "embedding",
        """
        e = nn.Embedding.from_pretrained(w); (e(i), e.weight.requires_grad, repr(e))
        e = nn.Embedding.from_pretrained(w, freeze=False); (e(i), e.weight.requires_grad, type(e.weight).__name__)
        e = nn.Embedding.from_pretrained(w, padding_idx=1, max_norm=0.5); (e(i), repr(e), e.padding_idx)
        e = nn.Embedding(6, 3, _weight=w); e.weight
        e = nn.Embedding(6, 3, padding_idx=2); (e.weight[2], e.num_embeddings, e.embedding_dim, e.padding_idx)
        e = nn.Embedding(6, 3, padding_idx=2); e.reset_parameters(); e.weight[2]
        e = nn.Embedding(6, 3); e.weight.shape
        e = nn.Embedding(6, 3); e.weight = nn.Parameter(w); e(i)
        """,
        i=ints(4, high=5),
        w=floats(6, 3),
        grad=False,
    ),
    *table(
        "embedding",
        """
        F.one_hot(i)
        F.one_hot(i, 6)
        F.one_hot(i, num_classes=9)
        F.one_hot(i, -1)
        F.one_hot(input=i, num_classes=7)
        F.one_hot(i, 6).float() @ w
        """,
        i=[ints(high=5), ints(5, high=5), ints(2, 3, high=5)],
        w=floats(6, 2),
    ),
    *table("embedding", "F.one_hot(torch.zeros(0, 2, dtype=torch.int64), 3)"),
    *table(
        "embedding",
        """
        F.embedding(i + 5, w)
        F.embedding(i - 1, w)
        F.embedding(i.float(), w)
        F.embedding(i > 0, w)
        F.embedding(i.byte(), w)
        F.embedding(w, i)
        F.embedding(i, w[0])
        F.embedding(i, w, 6)
        F.embedding(i, w, -7)
        F.embedding([0, 1], w)
        nn.Embedding(6, 3, padding_idx=6)
        nn.Embedding(6, 3, _weight=w[:2])
        nn.Embedding(-1, 3)
        nn.Embedding(6)
        nn.Embedding(3, 2)(i + 2)
        nn.Embedding(6, 3)(i.float())
        nn.Embedding.from_pretrained(w[0])
        F.one_hot(i.int())
        F.one_hot(i.float())
        F.one_hot(i - 5)
        F.one_hot(i, 1)
        F.one_hot(i, 0)
        F.one_hot(i, -3)
        F.one_hot()
        """,
        raises=True,
        i=given([0, 1, 5], "int64"),
        w=floats(6, 3),
    ),
    *table(
        "init",
        """
        w = nn.Embedding(400, 300).weight.detach(); (w.std().item(), w.mean().item() + 1)
        w = nn.Embedding(400, 300, padding_idx=3).weight.detach(); (w.std().item(), w[3].abs().sum().item())
        """,
        tolerance=0.02,
    ),
    *table(
        "embedding",
        """
        repr($layer)
        m = $layer; [(k, tuple(x.shape), x.dtype) for k, x in m.state_dict().items()]
        """,
        layer=EMBEDDINGS,
    ),
]


# ------------------------------------------------------------------------------------ programs
def frozen_words_and_learnt_ones(torch: ModuleType) -> Any:
    table = torch.nn.Embedding(5, 2, padding_idx=0)
    with torch.no_grad():
        table.weight.copy_(torch.arange(10).reshape(5, 2) / 10)
    bag = table(torch.tensor([[1, 2, 0], [3, 0, 0]])).mean(1)
    bag.sum().backward()
    return bag.detach(), table.weight.grad


CASES += programs("embedding", frozen_words_and_learnt_ones, grad=False)
