"""`str` and `repr` of tensors of many kinds: the strings must be equal, character by character."""

from parity.harness import table
from parity.inputs import bools, floats, given, ints

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
        t=[
            floats(2, 3), floats(3, 2, dtype="float64"), floats(2, 2, dtype="float16"), floats(4, 3, low=0, high=1),
            floats(3, 3, low=-1000, high=1000), floats(2, 3, low=1e-6, high=1e-5), floats(2, 3, low=1e5, high=1e9),
            floats(25, 3), floats(3, 40), floats(2, 1000), floats(1001, 2), floats(30, 40), ints(2, 3), ints(3, 3, low=-99, high=999),
            ints(2, 3, dtype="uint8"), ints(2, 3, dtype="int32", low=-5), ints(40, 30), bools(2, 3), bools(40, 40),
        ],
        grad=False,
    ),
    *table(
        "printing",
        "repr(t)",
        t=[
            floats(), floats(1), floats(7), floats(12), floats(100), floats(1000), floats(1001), floats(1, 1), floats(2, 3, 4),
            floats(2, 1, 2, 3), floats(2, 0, 3), floats(0), floats(0, dtype="float64"), floats(3, 0), floats(12, 11, 10), floats(10, 1, 200),
            floats(1001, dtype="float64"), floats(5, low=1e10, high=1e12), floats(5, low=-1e-3, high=1e-3), floats(dtype="float64"),
            floats(5, dtype="float16", low=-5e4, high=6e4), floats(3, 3, low=9990, high=10010), floats(20, low=-1e4, high=1e4),
            ints(), ints(0), ints(0, 2), ints(30), ints(1001), ints(3, 400), ints(2, 3, 4, low=-1000, high=9), ints(50, low=10**9, high=10**12),
            ints(5, dtype="int8"), ints(dtype="int32"), ints(0, dtype="int32"), ints(1001, dtype="uint8"), bools(), bools(0), bools(30), bools(1001),
            given([1.0, 2.0, 3.0]), given([1.5, 2.0]), given([-1.0, 0.0]), given([0.0, -0.0]), given(3.0), given(-2.5), given([1e10, 1.0]), given([1e8, 1.0]),
            given([1e9, 2e9]), given([1e5, 1.5]), given([0.0001, 1.0]), given([0.00001, 1.0]), given([1e-5, 2e-5]), given([0.1, 1000.0]), given([1.0, 1000.5]),
            given([0.5, 1001.0]), given([99999.0, 0.5]), given([float("nan"), 1.0]), given([float("inf"), 1.0, -2.0]), given([float("-inf"), 1.5]),
            given([float("nan"), float("inf")]), given(float("nan")), given(float("-inf")), given([float("nan"), 1e-8]), given([1e38, 1e-38]),
            given([100000000.0]), given([99999999.0]), given([1e-4]), given([0.00012345]), given([123456.789]), given([123456789.0]), given([1 / 3], "float64"),
            given([1e300], "float64"), given([1e-300, 1.0], "float64"), given([16777216.0, 1.0]), given([0.30000001192092896]), given([65504.0], "float16"),
            given([[1.0, float("inf")], [float("nan"), -3.25]]), given([0.00099, 1.0]), given([2.0, 1e-10]), given([1e-45]), given([-1, 100, 7], "int64"),
            given([[[1]]], "int64"), given(True, "bool"), given([255, 0], "uint8"), given([-(2**63), 2**63 - 1], "int64"), given([[]]), given([[], []], "int64"),
            given([[-1.0, 2.0], [3.0, 4.0]]), given([1000.0, 2000.0]), given([10000.0, 0.25]), given([0.1, 0.25, 0.125]),
        ],
    ),
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
            sum(); mean(); exp(); tanh(); sigmoid(); t(); neg(); abs(); pow(2); sqrt(); log(); clone(); max()
            max(1).values; min(dim=0)[0]; var(); std(); prod(); view(-1); reshape(3, 2); reshape(-1); flatten()
            permute(1, 0); transpose(0, 1); unsqueeze(0); squeeze(); expand(2, 2, 3); repeat(2, 1); double()
            half(); add(1); sub(1); mul(2); div(2); matmul(x.t()); mm(x.t()); mv(x[0]); select(0, 0).dot(x[1])
            clamp(0, 1); clamp(min=0); masked_fill(x > 0, 0); cumsum(0); logsumexp(1); amax(); amin(1); norm()
            sin(); cos(); erf(); square(); rsqrt(); reciprocal(); log1p(); log2(); sign(); floor(); round()
            ceil(); tril(); triu(); flip(0); gather(1, torch.zeros(2, 1, dtype=torch.int64))
            index_select(0, torch.tensor([0])); unbind()[0]; split(1)[0]; chunk(2)[1]; narrow(0, 0, 1)
            select(0, 0); masked_select(x > 0); contiguous(); float(); detach(); maximum(x); minimum(x); sum(0)
            mean(1); t().contiguous(); select(0, 0).outer(x[1]); unflatten(1, (3, 1)); movedim(0, 1)
        """,
        x=floats(2, 3, low=0.1),
        d=floats(2, dtype="float64"),
        s=floats(),
    ),
    *table(
        "printing",
        """
        repr(x + 1)
        repr(1 - x)
        repr(x * x)
        repr(x / 2)
        repr(2 / x)
        repr(-x)
        repr(x ** 2)
        repr(2 ** x)
        repr(x ** x)
        repr(x @ x.t())
        repr(x[0] @ x[0])
        repr(x @ x[0])
        repr(x.unsqueeze(0) @ x.t())
        repr(x[0])
        repr(x[:, 1:])
        repr(x[[0, 1]])
        repr(x[x > 1])
        repr(x[0, 0])
        repr(x[None])
        repr(x[..., 0])
        repr(torch.cat([x, x]))
        repr(torch.stack([x, x]))
        repr(torch.where(x > 0, x, 0.0))
        repr(F.relu(x))
        repr(F.gelu(x))
        repr(F.softmax(x, 1))
        repr(F.log_softmax(x, 1))
        repr(F.linear(x, x))
        repr(F.linear(x, x, x[:, 0]))
        repr(F.mse_loss(x, x.detach()))
        repr(F.cross_entropy(x, torch.tensor([0, 1])))
        repr(F.binary_cross_entropy_with_logits(x, x.detach().clamp(0, 1)))
        repr(F.dropout(x, 0.5, training=False))
        repr((x * 1).add_(1))
        repr((x * 1).mul_(2))
        repr((x * 1).zero_())
        repr(x.grad_fn)
        str(x.data)
        (x * x).sum().backward(); repr(x.grad)
        repr([x, x.sum()])
        str(torch.Size([2, 3]))
        repr(x.max(1))
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
]
