"""Elements in order, the largest of them, the different ones, and where others would go."""

from parity.harness import table
from parity.inputs import bools, floats, given, ints

NAN = float("nan")
X = floats(3, 4, 5)

CASES = [
    *table(
        "sorting",
        """
        x.sort()
        x.sort($dim)
        torch.sort(x, dim=$dim, descending=True)
        x.sort($dim, True).values
        torch.sort(x, stable=True, dim=$dim)
        x.argsort($dim)
        torch.argsort(x, dim=$dim, descending=True)
        x.topk(2, $dim)
        x.topk(3, dim=$dim, largest=False)
        torch.topk(x, k=1, dim=$dim)
        x.topk(0, $dim)
        x.sort(axis=$dim)
        """,
        dim="0; 1; -1",
        x=X,
    ),
    *table(
        "sorting",
        """
        t.sort(stable=True)
        t.sort(descending=True, stable=True)
        t.sort(dim=0, stable=True)
        t.argsort(stable=True, descending=True)
        t.sort().values
        t.topk(2).values
        t.topk(2, largest=False).values
        t.sort(dim=-1, descending=True).values
        """,
        t=[given([[1.0, 3.0, 3.0], [2.0, 2.0, 1.0]]), given([[NAN, 1.0, 2.0], [3.0, 0.0, NAN]]), ints(3, 4, high=2)],
    ),
    *table(
        "sorting",
        """
        x.topk(2)
        torch.topk(x, 2)
        torch.topk(x, 2, -1, True, True)
        torch.topk(x, 5, sorted=True).values
        values, indices = x.topk(3); (values, indices)
        x.topk(1).indices
        x[0].topk(2, 0)[0]
        s.sort()
        s.argsort()
        s.topk(1)
        z.sort(0)
        z.argsort()
        z.topk(2)
        b.sort(stable=True)
        b.argsort(stable=True)
        h.sort()
        torch.gather(x, 0, x.argsort(0))
        x.softmax(-1).topk(2)[1]
        repr(x.detach().sort())
        repr(x.detach().topk(2, 0))
        repr(x.detach().median(1))
        """,
        x=X,
        s=floats(),
        z=floats(0, 3),
        b=bools(3, 4),
        h=floats(3, 4, dtype="float64"),
    ),
    *table(
        "sorting",
        """
        $u
        $u.$method
        torch.$function($u)
        """,
        u="n; n[0]; f; b",
        method="""
            unique(); unique(return_inverse=True); unique(return_counts=True); unique(True, True, True)
            unique(dim=0); unique(dim=0, return_inverse=True, return_counts=True)
        """,
        function="unique",
        n=ints(5, 3, high=1),
        f=given([[2.0, 2.0], [1.0, 2.0], [1.0, 2.0]]),
        b=bools(4, 2),
        grad=False,
    ),
    *table(
        "sorting",
        """
        torch.unique(n, return_inverse=True, dim=1)
        torch.unique(n, sorted=True, dim=-1, return_counts=True)
        torch.unique(torch.tensor([]), return_counts=True)
        torch.unique(torch.tensor(3), return_inverse=True)
        labels, counts = torch.unique(n, return_counts=True); labels[counts.argmax()]
        v.bincount()
        torch.bincount(v)
        v.bincount(minlength=12)
        torch.bincount(v, minlength=3)
        v.bincount(w)
        torch.bincount(v, weights=w.double())
        torch.bincount(v, v)
        torch.bincount(v, w, 12)
        v[:0].bincount()
        v[:0].bincount(minlength=3)
        v.int().bincount()
        torch.searchsorted(o, q)
        torch.searchsorted(o, q, right=True)
        torch.searchsorted(o, q[0])
        torch.searchsorted(o, 0.5)
        torch.searchsorted(o, 3, right=True)
        torch.searchsorted(torch.stack([o, o + 1]), q)
        torch.searchsorted(torch.stack([o, o + 1]), q, right=True)
        torch.searchsorted(sorted_sequence=o, input=q)
        torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([0, 3, 9]))
        """,
        n=ints(4, 3, high=1),
        v=ints(8, high=6),
        w=floats(8),
        o=given([-1.0, 0.0, 0.5, 0.5, 2.0]),
        q=given([[-2.0, 0.5, 1.0], [2.0, 3.0, 0.0]]),
        grad=False,
    ),
    *table(
        "sorting",
        """
        x.sort(5)
        x.sort((0, 1))
        x.argsort(3)
        x.topk()
        x.topk(6)
        x.topk(-1)
        x.topk(2, 5)
        s.topk(2)
        v.unique(dim=5)
        x.bincount()
        b[0].bincount()
        (v - 9).bincount()
        v.bincount(torch.ones(3))
        v.bincount(minlength=-1)
        v.reshape(2, 4).bincount()
        torch.searchsorted(torch.ones(2, 3), torch.ones(3))
        torch.searchsorted(torch.ones(2, 3), 1)
        """,
        raises=True,
        x=X,
        s=floats(),
        b=bools(2, 3),
        v=ints(8, high=6),
        o=given([1.0, 2.0]),
        grad=False,
    ),
]
