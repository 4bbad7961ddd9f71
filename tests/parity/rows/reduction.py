"""Reductions along every form of `dim`, with and without `keepdim`; their gradients, ties and empty tensors."""

from parity.harness import table
from parity.inputs import bools, floats, given, ints

X = floats(2, 3, 4)
TIES = given([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
MANY = "0; 1; -1; (0, 1); (0, -1); [1]; (0, 1, 2); (); None"
ONE = "0; 1; -1; -3"

CASES = [
    *table(
        "reduction",
        """
        x.$f()
        torch.$f(x)
        x.$f($dim)
        torch.$f(x, dim=$dim)
        x.$f(dim=$dim, keepdim=True)
        """,
        f="sum; mean; amax; amin; var; std",
        dim=MANY,
        x=X,
    ),
    *table(
        "reduction",
        """
        torch.$f(x, $dim, True)
        x.$f(dim=$dim, keepdim=True)
        torch.$f(x, dim=$dim)
        x.$f()
        """,
        f="prod; argmax; argmin; max; min",
        dim=ONE,
        x=X,
    ),
    *table(
        "reduction",
        """
        x.sum(1, keepdims=True)
        x.mean(axis=1)
        x.max(axis=1, keepdims=True)
        x.sum(dtype=torch.float64)
        x.sum(0, dtype=torch.float64)
        n.sum(dtype=torch.float32)
        n.mean(dtype=torch.float32)
        n.sum()
        n.sum(1)
        n.prod()
        n.prod(0)
        n.max()
        n.max(1)
        n.min(dim=0)
        n.argmax(1)
        n.cumsum(1)
        b.sum()
        b.sum(0)
        b.prod()
        b.max()
        b.max(1)
        b.any()
        b.any(1)
        b.all(0)
        b.any(dim=-1, keepdim=True)
        b.all(dim=(0, 1))
        torch.all(b)
        torch.any(b, 0)
        torch.all(x > -9)
        n.any(0)
        x.all()
        (b == b).all()
        x.prod(dtype=torch.float64)
        x.amin(dim=(1, 2))
        s.sum()
        s.mean()
        s.max()
        s.argmax()
        s.sum(0)
        s.sum(-1)
        s.max(0)
        s.amax(0, keepdim=True)
        s.sum(dim=0, keepdim=True)
        s.std(unbiased=False)
        """,
        x=X,
        n=ints(3, 4),
        b=bools(3, 4),
        s=floats(),
    ),
    *table(
        "reduction",
        """
        x.$f(unbiased=False)
        x.$f(unbiased=True)
        x.$f(1, unbiased=False)
        x.$f(dim=1, unbiased=False)
        x.$f(False)
        x.$f(0, False)
        x.$f(0, True, True)
        x.$f(dim=-1, correction=0)
        torch.$f(x, dim=1, correction=2, keepdim=True)
        torch.$f(x, dim=(0, 2), unbiased=False)
        torch.$f(x, 1, False, True)
        torch.$f(x, correction=0)
        x.$f(dim=1, correction=0.5)
        x[:1].$f(0)
        """,
        f=["var", "std"],
        x=X,
    ),
    *table(
        "reduction",
        """
        t.$f()
        t.$f(dim=1)
        t.$f(0, keepdim=True)
        """,
        f="amax; amin; max; min; argmax; argmin",
        t=[TIES, given([[float("nan"), 1.0, 2.0], [3.0, float("nan"), 0.0]]), given([[float("inf"), 1.0, 2.0]])],
    ),
    *table(
        "reduction",
        """
        x.logsumexp(0)
        torch.logsumexp(x, 1)
        torch.logsumexp(x, dim=-1, keepdim=True)
        torch.logsumexp(x, dim=(0, 2))
        (x * 1000).logsumexp(1)
        i.logsumexp(0)
        x.cumsum(0)
        x.cumsum(dim=-1)
        torch.cumsum(x, 1)
        torch.cumsum(x, dim=1, dtype=torch.float64)
        s.cumsum(0)
        x.norm()
        torch.norm(x)
        x.norm(2)
        x.norm(p=2, dim=1)
        x.norm(dim=-1, keepdim=True)
        x.norm(1)
        x.norm(3)
        x.norm(inf, dim=0)
        x.norm(p=1, dim=(0, 1))
        torch.norm(x, 2, -1)
        torch.norm(x, dim=0, p=2)
        torch.zeros(3, requires_grad=True).norm()
        x.max(1).values
        x.max(1).indices
        x.max(1)[0]
        values, indices = x.min(0); (values, indices)
        x.max(1, keepdim=True)
        x.prod(1)
        x.argmax(keepdim=True)
        p.prod()
        p.prod(0)
        p.prod(1, keepdim=True)
        """,
        x=X,
        s=floats(),
        i=given([[float("-inf"), 1.0], [float("-inf"), 2.0]]),
        p=given([[0.0, 2.0, 3.0], [0.0, 0.0, 4.0], [1.0, 5.0, -2.0]]),
    ),
    *table(
        "reduction",
        """
        torch.$f(x)
        torch.$f(x, 1)
        torch.$f(x, (0, -1), keepdim=True)
        torch.$f(x, 0, False)
        torch.$f(x, False)
        torch.$f(x, dim=1, unbiased=False)
        torch.$f(x, dim=2, correction=0)
        torch.$f(x, axis=1, keepdims=True)
        """,
        f="var_mean; std_mean",
        x=X,
    ),
    *table(
        "reduction",
        """
        x.median()
        torch.median(x)
        x.median(1)
        x.median(dim=-1, keepdim=True)
        torch.median(x, 0)
        m.median()
        m.median(1)
        n.median()
        n.median(0).values
        s.median()
        s.median(0)
        z.median(1)
        x.median(1).values
        values, indices = torch.median(x, dim=2); (values, indices)
        torch.count_nonzero(n)
        n.count_nonzero(0)
        n.count_nonzero(dim=(0, 1))
        x.count_nonzero(-1)
        b.count_nonzero(dim=1)
        (x > 0).count_nonzero()
        s.count_nonzero()
        """,
        x=X,
        m=given([[float("nan"), 1.0, 2.0], [3.0, float("nan"), 0.0]]),
        t=TIES,
        n=ints(3, 5, high=2),
        b=bools(3, 4),
        s=floats(),
        z=floats(0, 3),
    ),
    *table(
        "reduction",
        """
        x.cumprod(0)
        torch.cumprod(x, 1)
        x.cumprod(dim=-1)
        torch.cumprod(x, dim=2, dtype=torch.float64)
        p.cumprod(0)
        p.cumprod(1)
        n.cumprod(1)
        b.cumprod(0)
        s.cumprod(0)
        z.cumprod(0)
        torch.cumsum(x, axis=1)
        """,
        x=X,
        t=TIES,
        n=ints(3, 4),
        b=bools(3, 4),
        s=floats(),
        z=floats(0, 3),
        m=given([[float("nan"), 1.0, 2.0], [3.0, float("nan"), 5.0]]),
        p=given([[0.0, 2.0, 3.0], [0.0, 0.0, 4.0], [1.0, 5.0, -2.0]]),
    ),
    *table(
        "reduction",
        """
        x.norm("fro", dim=(0, 1))
        x.norm(None)
        x.norm(2, 1, True)
        x.norm(0.5)
        x.norm(-1, 0)
        x.norm(dtype=torch.float64)
        torch.norm(x, p=2, dim=1, dtype=torch.float64)
        """,
        x=X,
    ),
    *table(
        "reduction",
        """
        z.sum()
        z.sum(0)
        z.sum(1)
        z.mean()
        z.mean(0)
        z.prod()
        z.any()
        z.all()
        z.all(0)
        z.cumsum(1)
        z.var()
        z.norm()
        z.logsumexp(0)
        z.amax(1)
        z.max(1)
        z.argmax(1)
        """,
        z=floats(0, 3),
    ),
    *table(
        "reduction",
        """
        x.sum(3)
        x.sum(-4)
        x.sum((0, 0))
        x.sum("0")
        x.sum(1.0)
        x.mean(5)
        x.amax((1, 1))
        x.max(3)
        x.max((0, 1))
        x.argmax(3)
        x.argmax((0, 1))
        x.prod((0, 1))
        x.cumsum()
        x.cumsum(3)
        x.logsumexp()
        x.logsumexp(4)
        x.var(3)
        n.mean()
        n.mean(0)
        n.std()
        n.norm()
        z.max()
        z.min()
        z.argmax()
        z.amax()
        z.max(0)
        z.argmin(0)
        z.amin(0)
        torch.sum()
        torch.sum(3)
        torch.sum([1, 2])
        z.median(0)
        x.median(5)
        x.count_nonzero(9)
        x.cumprod(9)
        x.cumprod()
        torch.var_mean(n)
        torch.std_mean(x, 5)
        x.norm("bad")
        n.norm("fro")
        x.sum(axis=3)
        x.norm(axis=1)
        x.all(3)
        s.sum(1)
        """,
        raises=True,
        x=X,
        n=ints(3, 4),
        z=floats(0, 3),
        s=floats(),
    ),
    *table(
        "reduction",
        """
        x.$name(0, 1)
        x.$name(0, keepdim=1)
        x.$name(dim=0, keepdim=None)
        """,
        name="sum; mean; prod; max; argmax; logsumexp; amax; all; median",
        x=floats(2, 3),
        grad=False,
        raises=True,
    ),
    *table(
        "reduction",
        "torch.linalg.vector_norm(x, 2, 0, 1)\nx.std(0, keepdim=1)\nx.std(0, True, 1)\nx.norm(2, 0, 1)",
        x=floats(2, 3),
        raises=True,
    ),
    *table(
        "reduction",
        "torch.softmax(x, axis=1)\nx.softmax(axis=0)\nx.log_softmax(axis=1)\ntorch.special.softmax(x, axis=1)",
        x=floats(2, 3),
    ),
    *table(  # many rows: nothing may be lost on the way
        "reduction",
        """
        torch.full((1000000, 2), 0.1).mean(0)
        torch.full((60000, 10), 0.1).sum(0)
        torch.full((60001, 3), 0.1).mean(0, keepdim=True)
        torch.full((400, 500, 3), 0.1).sum((0, 1))
        torch.full((400, 3, 500), 0.1).sum((0, 2))
        torch.full((3, 60000), 0.1).t().sum()
        torch.full((60000, 1), 0.1).expand(60000, 3).sum(0)
        (torch.arange(120000).reshape(60000, 2) % 3 + 0.1).var(0)
        (torch.arange(120000).reshape(60000, 2) % 3 + 0.1).std(0)
        torch.full((60000, 3), 0.1).logsumexp(0)
        torch.full((100000,), 0.1).cumsum(0)[-1]
        torch.ones(20000000).cumsum(0)[-1]
        b = torch.zeros(2, requires_grad=True); (torch.zeros(100000, 2) + b).backward(torch.full((100000, 2), 0.1)); b.grad
        m = nn.Linear(1, 2); m(torch.ones(100000, 1)).backward(torch.full((100000, 2), 0.1)); m.bias.grad
        """,
        grad="own",
        tolerance=1.1e-6,
    ),
    *table(  # float16 adds up in float32
        "reduction",
        """
        torch.ones(3000, 3).half().sum(0)
        torch.ones(3000, 3).half().mean(0)
        (torch.arange(9000).reshape(3000, 3) % 2).half().var(0)
        (torch.arange(9000).reshape(3000, 3) % 2).half().std(0)
        torch.full((1000,), 100.0).half().mean()
        torch.full((1000,), 100.0).half().norm()
        torch.full((1000, 3), 100.0).half().norm(dim=0, keepdim=True)
        torch.full((1000, 3), 100.0).half().norm(3, 0)
        torch.full((70000,), 2.0).half().var()
        torch.full((70000,), 2.0).half().sum()
        torch.ones(5000).half().cumsum(0)[-1]
        torch.ones(5000).half().logsumexp(0)
        torch.ones(5000, 2).half().softmax(0)
        torch.ones(5000, 2).half().log_softmax(0)
        F.mse_loss(torch.zeros(1000).half(), torch.full((1000,), 40.0).half())
        F.l1_loss(torch.zeros(1000).half(), torch.full((1000,), 400.0).half())
        F.binary_cross_entropy_with_logits(torch.full((1000,), 400.0).half(), torch.zeros(1000).half())
        F.cross_entropy(torch.zeros(3, 5000).half(), torch.tensor([1, 2, 3]))
        F.avg_pool2d(torch.full((1, 1, 40, 40), 100.0).half(), 40)
        F.adaptive_avg_pool2d(torch.full((1, 1, 40, 40), 100.0).half(), 1)
        F.normalize(torch.full((1, 2), 200.0).half())
        F.cosine_similarity(torch.full((1, 2), 200.0).half(), torch.full((1, 2), 200.0).half())
        x = torch.ones(3000, 3).half().requires_grad_(); x.mean(0).sum().backward(); x.grad[0]
        x = torch.full((1000,), 100.0).half().requires_grad_(); x.norm().backward(); x.grad[0]
        b = torch.zeros(2).half().requires_grad_(); (torch.zeros(3000, 2).half() + b).sum().backward(); b.grad
        """,
        grad="own",
    ),
]
