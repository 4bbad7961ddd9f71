"""`str` and `repr` of tensors of many kinds: the strings must be equal, character by character."""

from parity.harness import table
from parity.inputs import bools, floats, given, ints

F64, I32, U8 = "float64", "int32", "uint8"
INF, NAN = float("inf"), float("nan")

# fmt: off
MATRICES = [
    floats(2, 3), floats(3, 2, dtype=F64), floats(2, 2, dtype="float16"), floats(4, 3, low=0, high=1), floats(25, 3),
    floats(3, 3, low=-1000, high=1000), floats(2, 3, low=1e-6, high=1e-5), floats(2, 3, low=1e5, high=1e9),
    ints(2, 3), floats(3, 40), floats(2, 1000), floats(1001, 2), floats(30, 40), ints(3, 3, low=-99, high=999),
    ints(2, 3, dtype=U8), ints(2, 3, dtype=I32, low=-5), ints(40, 30), bools(2, 3), bools(40, 40),
]
SHAPES = [
    floats(), floats(1), floats(7), floats(12), floats(100), floats(1000), floats(1001), floats(1, 1),
    floats(2, 3, 4), floats(2, 1, 2, 3), floats(2, 0, 3), floats(0), floats(0, dtype=F64), floats(3, 0),
    floats(12, 11, 10), bools(30), floats(10, 1, 200), floats(1001, dtype=F64), floats(5, low=1e10, high=1e12),
    floats(5, low=-1e-3, high=1e-3), floats(5, dtype="float16", low=-5e4, high=6e4),
    floats(3, 3, low=9990, high=10010), floats(20, low=-1e4, high=1e4), floats(dtype=F64), ints(), ints(0),
    ints(0, 2), ints(30), ints(1001), ints(3, 400), ints(2, 3, 4, low=-1000, high=9),
    ints(50, low=10**9, high=10**12), ints(5, dtype="int8"), ints(dtype=I32), ints(0, dtype=I32),
    ints(1001, dtype=U8), bools(), bools(0), bools(1001),
]
VALUES = [
    [1.0, 2.0, 3.0], [1.5, 2.0], [-1.0, 0.0], [0.0, -0.0], 3.0, -2.5, [1e10, 1.0], [1e8, 1.0], [1e9, 2e9], [1e5, 1.5],
    [0.0001, 1.0], [0.00001, 1.0], [1e-5, 2e-5], [0.1, 1000.0], [1.0, 1000.5], [0.5, 1001.0], [99999.0, 0.5],
    [NAN, 1.0], [INF, 1.0, -2.0], [-INF, 1.5], [NAN, INF], NAN, -INF, [NAN, 1e-8], [1e38, 1e-38], [100000000.0],
    [99999999.0], [1e-4], [0.00012345], [123456.789], [123456789.0], [16777216.0, 1.0], [0.30000001192092896],
    [[1.0, INF], [NAN, -3.25]], [[]], [0.00099, 1.0], [2.0, 1e-10], [1e-45], [[-1.0, 2.0], [3.0, 4.0]],
    [1000.0, 2000.0], [10000.0, 0.25], [0.1, 0.25, 0.125],
]
TYPED = [
    given([1 / 3], F64), given([1e300], F64), given([1e-300, 1.0], F64), given([65504.0], "float16"),
    given([[[1]]], "int64"), given([-1, 100, 7], "int64"), given(True, "bool"), given([255, 0], U8),
    given([-(2**63), 2**63 - 1], "int64"), given([[], []], "int64"),
]
# fmt: on

CASES = [
    *table(
        "printing",
        """
        str(t)
        repr(t.t())
        repr(t * 1)
        str(t[0])
        f"{t}"
        """,
        t=MATRICES,
        grad=False,
    ),
    *table("printing", "repr(t)", t=SHAPES + [given(values) for values in VALUES] + TYPED),
    *table(
        "printing",
        """
        repr(x)
        repr(x.detach())
        repr(x.requires_grad_(False))
        repr(d)
        repr(s)
        repr(x.$op)
        """,
        op="""
            sum(); mean(); exp(); tanh(); sigmoid(); neg(); abs(); sqrt(); log(); clone(); var(); std(); prod()
            permute(1, 0); expand(2, 2, 3); add(1); sub(1); mul(2); div(2); masked_fill(x > 0, 0); cumsum(0)
            logsumexp(1); amax(); amin(1); sin(); cos(); erf(); rsqrt(); reciprocal(); log2(); sign(); floor()
            round(); ceil(); tril(); triu(); flip(0); gather(1, torch.zeros(2, 1, dtype=torch.int64)); contiguous()
            float(); maximum(x); minimum(x); t().contiguous(); select(0, 0).outer(x[1]); movedim(0, 1)
        """,
        x=floats(2, 3, low=0.1),
        d=floats(2, dtype="float64"),
        s=floats(),
    ),
    *table(
        "printing",
        """
        repr(x + 1)
        repr(x * x)
        repr(x / 2)
        repr(-x)
        repr(torch.cat([x, x]))
        repr(torch.where(x > 0, x, 0.0))
        repr(F.relu(x))
        repr(F.gelu(x))
        repr(F.softmax(x, 1))
        repr(F.log_softmax(x, 1))
        repr(F.mse_loss(x, x.detach()))
        repr(F.binary_cross_entropy_with_logits(x, x.detach().clamp(0, 1)))
        repr(F.dropout(x, 0.5, training=False))
        repr((x * 1).add_(1))
        repr((x * 1).mul_(2))
        repr(x.grad_fn)
        str(x.data)
        (x * x).sum().backward(); repr(x.grad)
        repr([x, x.sum()])
        str(torch.Size([2, 3]))
        unnamed(x.max(1))
        repr(x.detach().max(1))
        repr(x.detach().min(dim=0))
        repr(nn.Parameter(torch.arange(3.0)))
        repr(torch.nn.Parameter(torch.zeros(2, 2), requires_grad=False))
        f"{x.sum():.2f}"
        f"{x.sum().item():.4f}"
        f"{x[0, 0]:8.3f}"
        "%.3f" % x.sum()
        "%d" % torch.tensor(3)
        f"{torch.tensor(3)}"
        f"{torch.tensor(3):04d}"
        f"{torch.tensor(True)}"
        f"{x.detach()}"
        str(torch.float32)
        repr(torch.int64)
        repr(torch.bool)
        """,
        x=floats(2, 3, low=0.1),
    ),
    # what TinyTorch derives from other operations, and so names otherwise: see deliberate.py
    *table("printing", "repr($known)", known="x.t(); x[0]", x=floats(2, 3, low=0.1)),
    *table(
        "printing",
        "unnamed($derived)",
        derived="""
            x.t(); x.pow(2); x.max(); x.max(1).values; x.min(dim=0)[0]; x.view(-1); x.reshape(3, 2); x.reshape(-1)
            x.flatten(); x.transpose(0, 1); x.unsqueeze(0); x.squeeze(); x.repeat(2, 1); x.double(); x.half()
            x.matmul(x.t()); x.mm(x.t()); x.mv(x[0]); x.select(0, 0).dot(x[1]); x.clamp(0, 1); x.clamp(min=0)
            x.norm(); x.square(); x.log1p(); x.index_select(0, torch.tensor([0])); x.unbind()[0]; x.split(1)[0]
            x.chunk(2)[1]; x.narrow(0, 0, 1); x.select(0, 0); x.masked_select(x > 0); x.sum(0); x.mean(1)
            x.unflatten(1, (3, 1)); 1 - x; 2 / x; x ** 2; 2 ** x; x ** x; x @ x.t(); x[0] @ x[0]; x @ x[0]
            x.unsqueeze(0) @ x.t(); x[0]; x[:, 1:]; x[[0, 1]]; x[x > 1]; x[0, 0]; x[None]; x[..., 0]
            torch.stack([x, x]); F.linear(x, x); F.linear(x, x, x[:, 0]); F.cross_entropy(x, torch.tensor([0, 1]))
            (x * 1).zero_()
        """,
        x=floats(2, 3, low=0.1),
    ),
    *table(
        "printing",
        """
        repr(torch.finfo(torch.float16))
        repr(torch.finfo(torch.float32))
        repr(torch.finfo(torch.float64))
        repr(torch.iinfo(torch.uint8))
        str(torch.iinfo(torch.int64))
        repr(nn.Linear(2, 2).load_state_dict({"weight": torch.ones(2, 2), "c": torch.ones(1)}, strict=False))
        """,
    ),
]
