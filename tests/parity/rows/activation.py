"""Activations and dropout: functions, methods, in place, modules; values and gradients at kinks and far out too."""

from parity.harness import table
from parity.inputs import bools, floats, given, ints

PLAIN = "relu; relu6; selu; hardsigmoid; hardswish; silu; mish"  # with `inplace` as their one setting
SETTINGS = """
    leaky_relu(NAME, 0.2); leaky_relu(NAME, negative_slope=0.5); leaky_relu(NAME); elu(NAME); elu(NAME, 2.0)
    elu(NAME, alpha=0.5); celu(NAME); celu(NAME, 0.5); celu(NAME, alpha=3.0); hardtanh(NAME); hardtanh(NAME, -2.0, 1.5)
    hardtanh(NAME, min_val=0.0, max_val=0.5); threshold(NAME, 0.5, 2.5); threshold(NAME, threshold=-1, value=7)
"""
OTHERS = """
    softplus(x); softplus(x, 2); softplus(x, beta=0.5, threshold=1); softplus(x, 1.0, 3.0); softsign(x); tanhshrink(x)
    logsigmoid(x); gelu(x); gelu(x, approximate="tanh"); tanh(x); sigmoid(x)
"""
AT = [  # where there is a choice of gradient, and far out
    given([-3.0, 3.0, 0.0, -0.0, 1.0, -1.0, 6.0, 0.5, 1.5, -2.0]),
    given([20.0, 21.0, -20.0, -21.0, 80.0, -80.0, 1e4, -1e4]),
    given([20.0, 21.0, -20.0, -21.0, 80.0, -80.0, 1e4, -1e4], "float64"),
]
NUMBERS = [floats(2, 3, low=-4, high=4), floats(), floats(0, 3), floats(9, low=-9, high=9, dtype="float64"), *AT]
TOLERANCE = 1e-6  # for hardsigmoid: PyTorch's gradient has 1/6 as a float32 also in float64


def written(name: str) -> list[str]:
    """The calls with settings, of the tensor of that name."""
    return [each.replace("NAME", name) for line in SETTINGS.strip().splitlines() for each in line.strip().split("; ")]


LAYERS = """
    nn.ReLU(); nn.ReLU(True); nn.ReLU6(); nn.ReLU6(inplace=True); nn.SELU(); nn.SELU(True); nn.SiLU(); nn.SiLU(True)
    nn.Mish(); nn.Mish(inplace=True); nn.Hardsigmoid(); nn.Hardsigmoid(True); nn.Hardswish(); nn.Hardswish(inplace=True)
    nn.LeakyReLU(); nn.LeakyReLU(0.2); nn.LeakyReLU(negative_slope=0.1, inplace=True); nn.LeakyReLU(0.2, True)
    nn.ELU(); nn.ELU(2.0); nn.ELU(alpha=0.5, inplace=True); nn.CELU(); nn.CELU(0.5); nn.CELU(0.5, True)
    nn.Hardtanh(); nn.Hardtanh(-2.0, 0.5); nn.Hardtanh(min_val=-2, max_val=2, inplace=True); nn.Hardtanh(0, 1, True)
    nn.Threshold(0.5, 2); nn.Threshold(threshold=0.1, value=20, inplace=True); nn.Softplus(); nn.Softplus(2, 1)
    nn.Softplus(beta=0.5, threshold=2.0); nn.Softsign(); nn.Tanhshrink(); nn.LogSigmoid(); nn.GELU(); nn.GELU("tanh")
    nn.GELU(approximate="none"); nn.GLU(); nn.GLU(0); nn.GLU(dim=1); nn.Softmin(dim=1); nn.Softmin(0); nn.Softmax(1)
    nn.LogSoftmax(dim=-1); nn.LogSoftmax(0); nn.Sigmoid(); nn.Tanh(); nn.PReLU(); nn.PReLU(4)
    nn.PReLU(num_parameters=4, init=0.5); nn.PReLU(1, 0.1); nn.Dropout(0.3).eval(); nn.Dropout2d(0.3, True).eval()
    nn.Dropout2d(p=0.0); nn.Dropout2d(p=1.0)
"""

CASES = [
    *table("activation", "F.$f(x)\nF.$f(input=x)\nF.$f(x.t())", f=PLAIN, x=floats(2, 3, low=-7, high=7)),
    *table("activation", "F.$f(x)", f=PLAIN, x=NUMBERS, tolerance=TOLERANCE),
    *table(
        "activation", "F.$f(x, False)\nF.$f(x, inplace=False)", f=PLAIN, x=floats(7, dtype="float16"), tolerance=5e-3
    ),
    *table(
        "activation",
        """
        y = x * 1; z = F.$f(y, inplace=True); (y, z, z is y)
        y = x * 1; z = F.$f(y, True); z * y
        y = x * 2; v = y[0]; z = F.$f(v, inplace=True); (y, v)
        y = x.detach(); F.$f(y, inplace=True); (x, y)
        """,
        f=PLAIN,
        x=[floats(2, 3, low=-7, high=7)],
    ),
    *table("activation", [f"F.{call}" for call in written("x")], x=[*NUMBERS, floats(7, dtype="float16")]),
    *table("activation", [f"F.{call}" for call in written("x.t()")], x=floats(2, 3, low=-4, high=4)),
    *table(
        "activation",
        [f"y = x * 1; z = F.{call[:-1]}, inplace=True); (y, z, z is y)" for call in written("y")],
        x=floats(2, 3, low=-4, high=4),
    ),
    *table("activation", "F.$f", f=OTHERS, x=[*NUMBERS, floats(7, dtype="float16")]),
    *table(
        "activation",
        """
        torch.selu(x)
        torch.celu(x)
        torch.celu(x, 0.5)
        torch.celu(x, alpha=2.0)
        torch.threshold(x, 0.1, 5.0)
        torch.threshold(x, threshold=0.1, value=5.0)
        y = x * 1; torch.relu_(y); y
        y = x * 1; F.relu_(y); y
        y = x * 1; z = y.relu_(); (z, z is y)
        F.relu_(x.detach())
        F.leaky_relu(x, 0.1, False)
        F.leaky_relu(x, -0.5)
        F.elu(x, -0.5)
        F.elu(x * 1, 0.5, True)
        F.hardtanh(x * 1, -0.5, 0.5, True)
        F.threshold(x * 1, 0.1, 5.0, True)
        F.celu(x * 1, 0.5, True)
        F.mish(x) + F.silu(x)
        F.glu(x)
        F.glu(x, 1)
        F.glu(x, dim=-2)
        F.softmin(x, 1)
        F.softmin(x, dim=0)
        F.softmin(x, dim=-1, dtype=torch.float64)
        """,
        x=[floats(2, 4), floats(2, 4, 6, dtype="float64")],
    ),
    *table(
        "activation",
        """
        $where.prelu(x, w)
        $where.prelu(x, w[:1])
        $where.prelu(x, w[0])
        $where.prelu(v, w[:1])
        $where.prelu(v, w[0])
        $where.prelu(s, w[1])
        $where.prelu(s, w[:1])
        $where.prelu(x[0], w[:1])
        $where.prelu(z, w)
        """,
        where=["F", "torch"],
        x=[floats(2, 3), floats(2, 3, 4), floats(2, 3, 4, 2)],
        v=given([0.0, -0.0, -1.0, 2.0]),
        s=floats(),
        z=floats(0, 3),
        w=floats(3, low=-1, high=1),
    ),
    *table("activation", "x.prelu(w)\nx.prelu(weight=w)", x=floats(2, 3), w=floats(3)),
    *table("activation", "F.$f(x)", f="relu; relu6; hardtanh; softsign; tanhshrink", x=ints(5, low=-3)),
    *table("activation", "F.threshold(x, 1, 20)\nF.threshold(x, 1, 2.5)\nF.hardtanh(x, -2, 2)", x=ints(5, low=-3)),
    *table(
        "activation",
        """
        y = F.gumbel_softmax(x); ((y.sum(-1) - 1).abs().max().item() < 1e-5, y.shape, y.dtype)
        y = F.gumbel_softmax(x, 0.5, True); (sorted(set(y.round(decimals=4).flatten().tolist())), y.sum(-1).round())
        y = F.gumbel_softmax(x, tau=2.0, hard=True, dim=0); y.sum(0).round()
        y = x.detach().requires_grad_(); F.gumbel_softmax(y, hard=True)[:, 0].sum().backward(); (y.grad != 0).all()
        p = torch.tensor([[7.0, 2.0, 1.0]] * 4000).log(); F.gumbel_softmax(p, 1, True).mean(0).round(decimals=1)
        """,
        x=floats(50, 4),
        grad=False,
    ),
    *table("activation", "trained($layer, x * 1)", layer=LAYERS, x=floats(2, 4, 2, 6)),
    *table("activation", "repr($layer)\nlist($layer.state_dict())", layer=LAYERS),
    *table(
        "activation",
        """
        nn.PReLU().weight
        nn.PReLU(2, 0.5).weight
        nn.PReLU(2, dtype=torch.float64).weight.dtype
        m = nn.PReLU(3, 0.1); (m.num_parameters, m.init)
        m = nn.LeakyReLU(0.2); (m.negative_slope, m.inplace)
        m = nn.Hardtanh(-2.0, 2.0); (m.min_val, m.max_val)
        m = nn.Softplus(2, 3); (m.beta, m.threshold)
        m = nn.ELU(2.0); m.alpha = 3.0; m(x)
        y = nn.Dropout2d(0.5)(torch.ones(9, 40, 2, 3)); (sorted(set(y.flatten().tolist())), (y == y[..., :1, :1]).all())
        y = nn.Dropout2d(0.25)(torch.ones(9, 400, 2, 3)); abs(y.mean().item() - 1) < 0.05
        y = F.dropout2d(torch.ones(5, 400), 0.5); sorted(set(y.flatten().tolist()))
        y = F.dropout2d(torch.ones(5, 400, 3), 0.5); (y == y[:, :, :1]).all()
        F.dropout2d(x, 0.5, False) is x
        y = torch.ones(2, 3, 4); F.dropout2d(y, p=1.0, inplace=True) is y
        """,
        x=floats(2, 3),
        grad=False,
    ),
    *table(
        "activation",
        """
        F.bilinear(a, b, w)
        F.bilinear(a, b, w, c)
        F.bilinear(a[0], b[0], weight=w, bias=c)
        F.bilinear(d, e, w, c)
        """,
        a=floats(4, 3),
        b=floats(4, 5),
        c=floats(2),
        d=floats(2, 4, 3),
        e=floats(2, 4, 5),
        w=floats(2, 3, 5),
    ),
    *table(
        "activation",
        """
        F.leaky_relu(n)
        F.elu(n)
        F.celu(n)
        F.selu(n)
        F.hardsigmoid(n)
        F.hardswish(n)
        F.silu(n)
        F.mish(n)
        F.softplus(n)
        F.logsigmoid(n)
        F.leaky_relu(b)
        F.softmin(n, 0)
        F.softmin(b, 0)
        F.softmin(x, 2)
        F.hardtanh(x, 1.0, -1.0)
        F.hardtanh(b)
        F.threshold(x, 1.0)
        F.glu(x)
        F.glu(x, 2)
        F.glu(x[0, 0])
        F.prelu(x, x)
        F.prelu(x, x[0, :3])
        F.prelu(x[0, 0], x[0])
        F.prelu(x)
        F.leaky_relu(x, 0.1, False, 3)
        F.elu(x, inplace=True)
        F.silu(x, True)
        F.relu_(x)
        F.leaky_relu(y=x)
        nn.LeakyReLU(0.1, False, 3)
        nn.Threshold(1.0)
        nn.PReLU(3)(x)
        nn.Dropout2d(2.0)
        F.dropout2d(x, 1.5)
        F.dropout2d(x[0])
        F.bilinear(x, x, torch.ones(2, 5, 4))
        """,
        raises=True,
        x=floats(4, 5),
        n=ints(4, 4),
        b=bools(4, 4),
    ),
]
