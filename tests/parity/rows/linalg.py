"""Products: every combination of ranks, broadcasting batches, and the shapes that don't fit."""

from parity.harness import table
from parity.inputs import bools, floats, ints

LEFT = [floats(3), floats(2, 3), floats(5, 2, 3), floats(1, 2, 3), floats(4, 1, 2, 3), floats(0, 3)]
RIGHT = [floats(3), floats(3, 4), floats(5, 3, 4), floats(5, 3, 1), floats(4, 5, 3, 2)]

CASES = [
    *table("linalg", "a @ b", a=LEFT, b=RIGHT),
    *table(
        "linalg",
        """
        torch.matmul(a, b)
        a.matmul(b)
        a @ b.t().contiguous().t()
        a.t().contiguous().t() @ b
        a @ a.t()
        a.t() @ a
        torch.mm(a, b)
        a.mm(b)
        torch.mm(a, mat2=b)
        torch.mv(a, v)
        a.mv(v)
        torch.mv(a, vec=v)
        torch.dot(v, v)
        v.dot(w)
        v @ w
        torch.dot(v, tensor=w)
        torch.outer(v, u)
        v.outer(u)
        torch.outer(v, vec2=u)
        torch.bmm(p, q)
        p.bmm(q)
        torch.bmm(p, mat2=q)
        p @ q
        p @ b[:3]
        p.transpose(1, 2) @ p
        (p @ q).sum(0)
        a.detach() @ b
        a @ b.detach()
        torch.matmul(input=a, other=b)
        """,
        a=floats(2, 3),
        b=floats(3, 4),
        v=floats(3),
        w=floats(3),
        u=floats(2),
        p=floats(5, 2, 3),
        q=floats(5, 3, 2),
    ),
    *table(
        "linalg",
        """
        d @ d.t()
        n @ n.t()
        n[0] @ n[0]
        h @ h.t()
        torch.dot(n[0], n[1])
        torch.outer(n[0], n[1])
        k @ k.t()
        """,
        d=floats(2, 3, dtype="float64"),
        n=ints(2, 3),
        h=floats(2, 3, dtype="float16"),
        k=ints(2, 3, dtype="int32"),
    ),
    *table(
        "linalg",
        """
        a @ a
        a @ v2
        v2 @ a @ v2
        torch.mm(a, v)
        torch.mm(a, p)
        torch.mm(a, a)
        torch.mv(a, a)
        torch.mv(a, v2)
        torch.dot(a, a)
        torch.dot(v, v2)
        torch.bmm(a, a)
        torch.bmm(p, p)
        torch.bmm(p, q)
        torch.outer(a, v)
        p @ q
        p @ p
        a @ 2
        2 @ a
        a @ s
        s @ a
        a @ d
        a @ n
        torch.dot(v, n[0])
        torch.mm(a, d)
        b @ b.t()
        torch.matmul(a)
        a.mm()
        """,
        raises=True,
        a=floats(2, 3),
        v=floats(3),
        v2=floats(2),
        p=floats(5, 2, 3),
        q=floats(4, 3, 2),
        s=floats(),
        d=floats(3, 2, dtype="float64"),
        n=ints(3, 3),
        b=bools(2, 3),
    ),
]
