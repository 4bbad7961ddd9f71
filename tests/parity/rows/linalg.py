"""Products: every combination of ranks, broadcasting batches, and the shapes that don't fit."""

from parity.harness import table
from parity.inputs import bools, floats, given, ints

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
        torch.einsum("ij,jk->ik", a, b)
        torch.einsum("ij,jk", a, b)
        torch.einsum("ij,jk->ki", a, b).contiguous()
        torch.einsum("ij->ji", a)
        torch.einsum("ij->", a)
        torch.einsum("ij->j", a)
        torch.einsum("ba", a)
        torch.einsum("ii->i", k)
        torch.einsum("ii", k)
        torch.einsum("i,j->ij", u, v)
        torch.einsum("i,i->", v, w)
        torch.einsum("i,ij,j", u, a, v)
        torch.einsum("ij,ij->ij", a, a)
        torch.einsum("ij,ij->i", a, a)
        torch.einsum("ij,ij,ij->j", a, a, a)
        torch.einsum("ij,kl->ik", a, b)
        torch.einsum("bij,bjk->bik", p, q).contiguous()
        torch.einsum("bij,bik->bjk", p, p).contiguous()
        torch.einsum("bij,jk->bik", p, q[0]).contiguous()
        torch.einsum("bij,bij->b", p, p)
        torch.einsum("...ij,...jk->...ik", p, q).contiguous()
        torch.einsum("...ij,jk->...ik", p, b).contiguous()
        torch.einsum("...i->...", p)
        torch.einsum("...i->i...", p).contiguous()
        torch.einsum("...,...->...", a, v)
        torch.einsum("...", a)
        torch.einsum("...ij->ij", p)
        torch.einsum("bhqd,bhkd->bhqk", p[None], p[None]).contiguous()
        torch.einsum("ij,ij->ij", a, torch.ones(1, 3))
        torch.einsum("ij,j->i", a, torch.ones(1))
        torch.einsum(" i j , j k -> i k ", a, b)
        torch.einsum("Ab,bC->AC", a, b)
        torch.einsum("ij,jk->ik", [a, b])
        torch.einsum("ij,jk->ik", (a, b))
        torch.einsum("ij->j", a[:0])
        torch.einsum("ij,jk->ik", n, n.t())
        torch.einsum("i->", n[0])
        torch.einsum("", torch.tensor(2.0))
        torch.einsum("ij,jk->ik", a.double(), b.double())
        torch.tensordot(a, b, 1)
        torch.tensordot(a, a)
        torch.tensordot(a, b, dims=([1], [0]))
        torch.tensordot(p, q, ([0, 2], [0, 1]))
        torch.tensordot(a, b, 0)
        torch.tensordot(p, a, dims=([-1], [-1])).contiguous()
        torch.inner(v, w)
        torch.inner(a, a)
        a.inner(v)
        torch.inner(torch.tensor(2.0), a)
        torch.addmm(c, a, b)
        c.addmm(a, b, beta=0.5, alpha=2)
        torch.addmm(input=c, mat1=a, mat2=b)
        torch.addmm(c[0], a, b)
        torch.addmm(c[:, :1], a, b)
        torch.addmm(c * nan, a, b, beta=0).detach()
        torch.addmm(n[:, :2], n, n.t(), alpha=2)
        torch.baddbmm(p @ q, p, q)
        torch.baddbmm(u, p, q.detach(), beta=2)
        torch.linalg.matmul(a, b)
        torch.trace(k)
        a.trace()
        n.trace()
        """,
        a=floats(2, 3),
        b=floats(3, 4),
        c=floats(2, 4),
        v=floats(3),
        w=floats(3),
        u=floats(2),
        k=floats(3, 3),
        n=ints(2, 3),
        p=floats(5, 2, 3),
        q=floats(5, 3, 2),
    ),
    *table(
        "linalg",
        """
        torch.linalg.inv(k).contiguous()
        torch.inverse(k).contiguous()
        k.inverse().contiguous()
        torch.linalg.inv(torch.stack([k, k + 1])).contiguous()
        torch.det(k)
        torch.linalg.det(k)
        k.det()
        torch.linalg.det(torch.stack([k, k.t() - 1]))
        torch.det(torch.zeros(2, 2))
        torch.linalg.solve(k, v)
        torch.linalg.solve(k, k.detach() * 2).contiguous()
        torch.linalg.solve(A=k, B=v.unsqueeze(1))
        torch.linalg.solve(torch.stack([k, k + 1]), torch.stack([v, v])).contiguous()
        torch.linalg.solve(k, torch.stack([k, k]).detach()).contiguous()
        """,
        k=given([[4.0, 1.0, -0.5], [0.5, 3.0, 1.0], [-1.0, 0.25, 5.0]], "float64"),
        v=floats(3, dtype="float64"),
        tolerance=1e-9,
    ),
    *table(
        "linalg",
        """
        torch.linalg.norm(x)
        torch.linalg.norm(a, $ord)
        """,
        ord='"fro"; None',
        x=floats(3, 4, 2, dtype="float64"),
        a=floats(3, 4, dtype="float64"),
        tolerance=1e-8,
    ),
    *table(
        "linalg",
        """
        torch.linalg.norm(v)
        torch.linalg.norm(v, 3)
        torch.linalg.norm(a, dim=1)
        torch.linalg.norm(a, 1, 0, True)
        torch.linalg.norm(a, axis=1, keepdims=True)
        torch.linalg.norm(a, dim=(0, 1))
        torch.linalg.norm(a, dtype=torch.float64)
        torch.linalg.vector_norm(a)
        torch.linalg.vector_norm(a, 1)
        torch.linalg.vector_norm(x=a, ord=inf, dim=0)
        torch.linalg.vector_norm(a, dim=(0, 1), keepdim=True)
        torch.linalg.vector_norm(a, 0).detach()
        torch.cdist(a, b)
        torch.cdist(a, b, p=1)
        torch.cdist(x1=a, x2=b, p=inf)
        torch.cdist(a[None], torch.stack([b, b + 1]))
        torch.cdist(a.detach(), a.detach())
        """,
        v=floats(3),
        a=floats(3, 4),
        b=floats(2, 4),
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
        torch.einsum("ij,jk->iz", a, v)
        torch.einsum("ij,j->ii", a, v)
        torch.einsum("ij,jk->ik", a, a)
        torch.einsum("ijk", a)
        torch.einsum("ij,jk", a)
        torch.einsum("i$j->i", a)
        torch.einsum("ij,j", a, n[0])
        torch.einsum("i.j->i", a)
        torch.einsum("ij,j->i", a, 3)
        torch.tensordot(a, a, 1)
        torch.tensordot(a.sum(), a.sum(), 1)
        torch.tensordot(a, v, 2)
        torch.tensordot(a, a, dims=([0, 1], [0]))
        torch.inner(a, v2)
        torch.addmm(v, a, d.float())
        torch.addmm(a, a, a)
        torch.addmm(a, v, a)
        torch.addmm(d, a, a.t())
        torch.addmm(p, a, a.t())
        torch.baddbmm(v, p, q)
        torch.trace(v)
        torch.trace(p)
        torch.linalg.inv(a)
        torch.linalg.inv(v)
        torch.linalg.inv(n)
        torch.linalg.inv(torch.zeros(2, 2))
        torch.linalg.solve(torch.zeros(3, 3), v)
        torch.det(a)
        torch.linalg.solve(a, v)
        torch.linalg.solve(torch.eye(3), v2)
        torch.linalg.solve(torch.eye(3), v.double())
        torch.linalg.norm(a, "bad")
        torch.linalg.norm(p, 2)
        torch.linalg.vector_norm(n)
        torch.cdist(a, d)
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
