"""Functions of each element: values, gradients, and the awkward places of each function."""

from parity.harness import table
from parity.inputs import bools, floats, given, ints

EDGES = given([0.0, -0.0, 1.0, -1.0, float("inf"), float("-inf"), float("nan"), 1e30, -1e30, 1e-30])
HALVES = given([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49, 3.0])

CASES = [
    *table(
        "elementwise",
        """
        torch.$f(x)
        x.$f()
        torch.$f(d)
        torch.$f(input=x)
        torch.$f(z)
        torch.$f(s)
        """,
        f="exp; tanh; sigmoid; sin; cos; neg; abs; square; sign; floor; ceil; round; erf; relu",
        x=floats(2, 3),
        d=floats(3, 2, dtype="float64"),
        z=floats(0, 3),
        s=floats(),
    ),
    *table(
        "elementwise",
        """
        torch.$f(x)
        x.$f()
        torch.$f(d)
        torch.$f(input=x)
        torch.$f(s)
        """,
        f="log; log2; log1p; sqrt; rsqrt; reciprocal",
        x=floats(2, 3, low=0.1, high=3),
        d=floats(3, 2, dtype="float64", low=0.1, high=3),
        s=floats(low=0.1, high=3),
    ),
    *table(
        "elementwise",
        "torch.$f(e)",
        f="""
            exp; tanh; sigmoid; sin; cos; neg; abs; square; sign; floor; ceil; round; erf; relu; log; log2
            log1p; sqrt; rsqrt; reciprocal; isnan; isinf; isfinite; logical_not
        """,
        e=EDGES,
    ),
    *table(
        "elementwise",
        """
        h.round()
        torch.round(h)
        h.floor()
        h.ceil()
        torch.round(h, decimals=1)
        torch.trunc(h)
        """,
        h=HALVES,
    ),
    *table(
        "elementwise",
        """
        x.clamp(-1, 1)
        torch.clamp(x, min=0)
        torch.clamp(x, max=0.5)
        x.clip(0, 1)
        torch.clip(x, 0, 1)
        torch.clamp(x, -1.0, 1.0)
        x.clamp(1, -1)
        x.clamp(min=y)
        x.clamp(y, y + 1)
        e.clamp(-1, 1)
        n.clamp(2, 5)
        n.clamp(min=2.5)
        t.clamp(1, 2)
        t.clamp(min=2)
        """,
        x=floats(2, 3),
        y=floats(3),
        e=EDGES,
        n=ints(6),
        t=given([1.0, 2.0, 3.0, 2.0]),
    ),
    *table(
        "elementwise",
        """
        torch.where(c, x, y)
        torch.where(c, x, 0.0)
        torch.where(c, 1.0, x)
        torch.where(c, x, 0)
        torch.where(c, 1, 0)
        torch.where(c, 1.0, 0)
        torch.where(x > 0, x, -x)
        torch.where(condition=c, input=x, other=y)
        x.where(c, y)
        torch.where(c, x, d)
        torch.where(c[0], x, y)
        torch.where(c, n, 0)
        torch.where(c)
        x.masked_fill(c, 0)
        x.masked_fill(c, -inf)
        torch.masked_fill(x, c, 2.5)
        x.masked_fill(mask=c, value=1)
        x.masked_fill(c[0], 7)
        x.masked_fill(c[:, :1], 7)
        x.masked_fill(c, torch.tensor(3.0))
        x.masked_fill(c, s)
        n.masked_fill(c, 3)
        y.masked_fill(c, 0.0)
        """,
        c=bools(2, 3),
        x=floats(2, 3),
        y=floats(3),
        d=floats(2, 3, dtype="float64"),
        n=ints(2, 3),
        s=floats(),
    ),
    *table(
        "elementwise",
        """
        torch.$f(b, c)
        b.$f(c)
        torch.$f(n, c)
        torch.$f(x, b)
        """,
        f="logical_and; logical_or; logical_xor",
        b=bools(2, 3),
        c=bools(3),
        n=ints(2, 3, high=1),
        x=given([[0.0, 1.5, -1.0], [0.0, 0.0, 2.0]]),
    ),
    *table(
        "elementwise",
        """
        torch.$f(b, c)
        torch.$f(n, n + 1)
        """,
        f="bitwise_and; bitwise_or; bitwise_xor",
        b=bools(2, 3),
        c=bools(3),
        n=ints(2, 3),
    ),
    *table(
        "elementwise",
        """
        ~b
        b.logical_not()
        torch.bitwise_not(n)
        b & (n > 3)
        b | (n > 3)
        b ^ True
        torch.equal(x, x.clone())
        torch.equal(x, x + 1)
        torch.equal(x, x[0])
        x.equal(x)
        torch.allclose(x, x + 1e-9)
        torch.allclose(x, x + 1)
        torch.allclose(x, x + 0.1, atol=0.2)
        x.allclose(x, rtol=1e-3)
        torch.allclose(torch.tensor([nan]), torch.tensor([nan]))
        torch.allclose(torch.tensor([nan]), torch.tensor([nan]), equal_nan=True)
        torch.isclose(x, x + 1e-9)
        torch.isclose(x, y)
        torch.isclose(torch.tensor([inf, nan, 1.0]), torch.tensor([inf, nan, 2.0]))
        torch.isclose(torch.tensor([inf, nan, 1.0]), torch.tensor([inf, nan, 2.0]), equal_nan=True)
        e == e
        e != e
        e < 1
        e.isnan()
        e.isinf()
        e.isfinite()
        torch.isnan(n)
        """,
        b=bools(2, 3),
        n=ints(2, 3),
        x=floats(2, 3),
        y=floats(2, 3),
        e=EDGES,
    ),
    *table(
        "elementwise",
        """
        x + z
        torch.add(x, z)
        torch.where(c, x, z)
        torch.where(x, x, x)
        torch.maximum(x, 1.0)
        x.clamp()
        torch.div(x, x, rounding_mode="up")
        x.masked_fill(x, 1)
        x.masked_fill(c, z)
        x.masked_fill(c2, 1)
        torch.exp("x")
        torch.exp(1.0)
        torch.exp()
        torch.add(x)
        torch.add(x, x, 2, 3, 4)
        torch.allclose(x, d)
        torch.equal(x, 1)
        torch.logical_and(c, True)
        x.add(x, beta=2)
        (x // 2).sum().backward()
        n // 0
        n % 0
        """,
        raises=True,
        x=floats(2, 3),
        z=floats(2, 4),
        d=floats(2, 3, dtype="float64"),
        c=bools(2, 3),
        c2=bools(2, 4),
        n=ints(3),
    ),
]
