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
    # ------------------------------------------------------------------------ more real functions
    *table(
        "elementwise",
        """
        torch.$f(x)
        x.$f()
        torch.$f(input=d)
        torch.$f(z)
        torch.$f(s)
        torch.$f(h)
        """,
        f="""
            exp2; expm1; tan; asin; acos; atan; sinh; cosh; asinh; atanh; erfc; deg2rad; rad2deg; frac; trunc; log10
            arcsin; arccos; arctan; arcsinh; arctanh; fix; absolute; negative; positive; nan_to_num
        """,
        x=floats(2, 3, low=-0.95, high=0.95),
        d=floats(3, 2, dtype="float64", low=-0.95, high=0.95),
        z=floats(0, 3),
        s=floats(low=-0.9, high=0.9),
        h=floats(4, dtype="float16", low=-0.9, high=0.9),
    ),
    *table(
        "elementwise",
        """
        torch.$g(x)
        x.$g()
        torch.$g(d)
        torch.logit(u)
        u.logit()
        torch.logit(d - 1)
        torch.logit(d - 1.5)
        torch.logit(u * 3)
        torch.logit(u, 0.3)
        u.logit(eps=0.3)
        """,
        g="acosh; arccosh",
        x=floats(2, 3, low=1.1, high=3),
        d=floats(3, 2, dtype="float64", low=1.1, high=1.9),
        u=floats(2, 3, low=0.05, high=0.95),
    ),
    *table(
        "elementwise",
        "torch.$f(e)",
        f="""
            exp2; expm1; tan; asin; acos; atan; sinh; cosh; asinh; acosh; atanh; erfc; deg2rad; rad2deg; frac; trunc
            log10; isposinf; isneginf; signbit; nan_to_num
        """,
        e=EDGES,
    ),
    *table(
        "elementwise",
        """
        torch.$f(n)
        torch.$f(b)
        """,
        f="""
            exp2; expm1; tan; asin; acos; atan; sinh; cosh; asinh; acosh; atanh; erfc; deg2rad; rad2deg; log10; sgn
            isposinf; isneginf; signbit; nan_to_num; logit; isinf; isfinite
        """,
        n=[ints(2, 3, high=1), ints(4, dtype="int8", low=-2, high=2), ints(3, dtype="uint8")],
        b=bools(2, 3),
    ),
    *table(
        "elementwise",
        """
        torch.erfc(t)
        torch.erf(t)
        e.nan_to_num(1.5)
        torch.nan_to_num(e, 0.0, 2.0, -2.0)
        torch.nan_to_num(n.half() / 0)
        torch.special.$same(torch.tensor([0.25, 0.5]))
        torch.special.logsumexp(torch.tensor([0.25, 0.5]), 0)
        torch.special.softmax(torch.tensor([0.25, 0.5]), 0)
        """,
        t=[
            given([-6.0, -3.0, -0.4, 0.4, 0.5, 2.0, 4.5, 6.0, 9.0, 12.0, 30.0]),
            given([-6.0, -3.0, -0.4, 0.4, 0.5, 2.0, 4.5, 6.0, 9.0, 20.0, 26.0, 30.0], "float64"),
        ],
        e=EDGES,
        n=ints(4),
        same="erf; erfc; expit; logit; log1p; expm1; exp2",
        tolerance=3e-5,
    ),
    *table(
        "elementwise",
        """
        torch.$f(x, y)
        x.$f(y)
        torch.$f(input=x, other=y)
        torch.$f(x.detach(), d.detach())
        torch.$f(s, x)
        torch.$f(x, n)
        torch.$f(e, e.flip(0))
        torch.$f(e.detach(), torch.tensor(0.0))
        """,
        f="atan2; arctan2; hypot; logaddexp; fmod; maximum; minimum",
        x=floats(2, 3, low=0.5, high=3),
        y=floats(3, low=0.5, high=3),
        d=floats(2, 1, dtype="float64", low=0.5, high=3),
        s=floats(low=0.5, high=3),
        n=ints(2, 3, low=1),
        e=EDGES,
    ),
    *table(
        "elementwise",
        """
        torch.$f(n, m)
        torch.$f(m, k)
        torch.$f(b, n)
        """,
        f="atan2; maximum; minimum",
        n=ints(2, 3, low=-4, high=4),
        m=ints(3, low=1),
        k=ints(3, dtype="int8", low=1),
        b=bools(2, 3),
    ),
    *table(
        "elementwise",
        """
        torch.fmod(k, 3)
        torch.fmod(k, -3)
        k.fmod(m)
        torch.fmod(x, 1.5)
        (x * 3).fmod(2)
        torch.fmod(n, 2.5)
        torch.remainder(7, x.detach())
        torch.remainder(7.5, m)
        n << 1
        n << n
        n >> 1
        k >> torch.tensor(1)
        torch.bitwise_left_shift(n, 2)
        n.bitwise_right_shift(m)
        torch.bitwise_and(6, n)
        6 | n
        torch.tensor([True, False]) << 1
        torch.pow(k, m)
        torch.tensor([2, 1, -1, -1, 3]) ** torch.tensor([-1, -3, -2, -3, 0])
        torch.rsub(x, y)
        torch.rsub(x, 2, alpha=3)
        torch.rsub(n, 7, alpha=2)
        torch.$alias(x, 1)
        x.$alias(1)
        torch.$alias(x, y)
        torch.isin(n, m)
        torch.isin(n, 3)
        torch.isin(3, n)
        torch.isin(n, m, invert=True)
        torch.isin(elements=n, test_elements=x.detach())
        torch.equal(n, n.int())
        torch.equal(n, n.float())
        torch.isclose(n, n + 1, atol=1)
        torch.fill(x, 3)
        torch.fill(n, torch.tensor(2))
        torch.zero_(n)
        torch.fill_(n, 3)
        """,
        alias="greater; greater_equal; less; less_equal; not_equal",
        x=floats(2, 3, low=0.5, high=3),
        y=floats(3, low=0.5, high=3),
        n=ints(2, 3),
        m=ints(3, low=1, high=4),
        k=ints(3, low=-9, high=-1),
        t=given([0.0, -1.0, 2.0, -1.0, -0.0]),
    ),
    *table(
        "elementwise",
        """
        torch.lerp(x, y, $w)
        x.lerp(y, weight=$w)
        torch.lerp(input=x, end=x, weight=s)
        torch.lerp(x, y, y)
        torch.addcmul(x, y, y)
        torch.addcmul(x, y, x, value=$w)
        x.addcmul(y, n)
        torch.addcmul(n, n, n, value=3)
        torch.addcmul(input=n, tensor1=x, tensor2=y)
        torch.addcdiv(x, y, y)
        torch.addcdiv(x, y, x, value=$w)
        x.addcdiv(n, y)
        torch.clamp_min(x, $w)
        x.clamp_max($w)
        torch.clamp_min(x, y)
        torch.clamp_max(x, max=y)
        n.clamp_min($w)
        torch.clamp_max(n, 3)
        torch.clip(x, max=$w)
        """,
        w="0; 0.25; 1; -0.5; 0.75",
        x=floats(2, 3, low=0.5, high=3),
        y=floats(3, low=0.5, high=3),
        s=floats(),
        n=ints(2, 3),
    ),
    *table(
        "elementwise",
        """
        torch.$two(x, 1.0)
        torch.$two(1.0, x)
        torch.$two(x, z)
        torch.$two(x)
        torch.$comparison(2, x)
        torch.lerp(x, x.double(), 0.5)
        torch.lerp(x, 1.0, 0.5)
        torch.lerp(x, z, 0.5)
        torch.addcmul(x, x, 2)
        torch.addcmul(x, x, z)
        torch.addcdiv(x, x, z)
        torch.clamp_min(x)
        torch.fmod(n, 0)
        torch.fmod(5, x)
        x.detach() << 1
        n >> 1.0
        torch.isclose(n, 2)
        torch.isclose(x, x.double())
        torch.exp2("x")
        torch.nan_to_num("x")
        torch.where(x > 0, x)
        torch.bitwise_left_shift(n)
        """,
        raises=True,
        two="atan2; hypot; logaddexp",
        comparison="eq; ne; lt; le; gt; ge; greater",
        x=floats(2, 3),
        z=floats(2, 4),
        n=ints(2, 3),
    ),
]
