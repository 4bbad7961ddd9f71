"""torch.nn.functional: layers without state, activations, losses."""

from parity.harness import table
from parity.inputs import bools, floats, given, ints

REDUCTIONS = "mean; sum; none"

CASES = [
    *table(
        "functional",
        """
        F.linear(x, w)
        F.linear(x, w, b)
        F.linear(x, weight=w, bias=b)
        F.linear(input=x, weight=w, bias=None)
        F.linear(x, w.detach(), b)
        F.linear(x.detach(), w, b)
        """,
        x=[floats(3), floats(2, 3), floats(4, 2, 3), floats(0, 3)],
        w=floats(5, 3),
        b=floats(5),
    ),
    *table(
        "functional",
        """
        F.linear(x, w)
        F.linear(x, w, b)
        """,
        x=floats(2, 3, dtype="float64"),
        w=floats(5, 3, dtype="float64"),
        b=floats(5, dtype="float64"),
    ),
    *table(
        "functional",
        """
        F.$f(x)
        F.$f(input=x)
        """,
        f="relu; gelu; sigmoid; tanh",
        x=[floats(2, 3), floats(), floats(0, 3), floats(9, dtype="float64", low=-6, high=6), given([0.0, -0.0, 1.0])],
    ),
    *table(
        "functional",
        """
        F.gelu(x, approximate="tanh")
        F.gelu(x, approximate="none")
        torch.relu(x)
        x.relu()
        F.relu(x, inplace=False)
        F.relu(x * 1, inplace=True)
        y = x * 2; z = F.relu(y, inplace=True); (y, z)
        F.relu(x, False)
        y = x.detach(); F.relu(y, True); y
        """,
        x=[floats(2, 3, low=-4, high=4), floats(5, dtype="float64", low=-8, high=8)],
    ),
    *table(
        "functional",
        """
        $where.softmax(x, dim=0)
        $where.softmax(x, -1)
        $where.log_softmax(x, dim=1)
        $where.log_softmax(x, 0)
        $where.softmax(x, dim=1, dtype=torch.float64)
        $where.log_softmax(x, dim=1, dtype=torch.float64)
        x.softmax(1)
        x.softmax(dim=-1)
        x.log_softmax(0)
        x.log_softmax(dim=-1)
        """,
        where=["torch", "F"],
        x=[floats(2, 3), floats(2, 3, 4), floats(3, 4, low=-1000, high=1000)],
    ),
    *table(
        "functional",
        """
        F.softmax(s, dim=0)
        F.log_softmax(s, dim=-1)
        F.softmax(z, dim=1)
        F.softmax(z, dim=0)
        F.softmax(n, dim=0, dtype=torch.float32)
        F.softmax(i, dim=0)
        F.log_softmax(i, dim=0)
        F.softmax(d, 0)
        F.log_softmax(d, 0)
        """,
        s=floats(),
        z=floats(0, 3),
        n=ints(3),
        i=given([float("-inf"), 1.0, 2.0]),
        d=floats(4, dtype="float64"),
    ),
    *table(
        "functional",
        """
        F.dropout(x, 0.5, False)
        F.dropout(x, p=0.3, training=False)
        F.dropout(x, 0.0)
        F.dropout(x, p=0.0, training=True)
        F.dropout(x, 1.0)
        F.dropout(x, training=False) is x
        y = F.dropout(torch.ones(1000), 0.25); sorted({round(v, 4) for v in y.tolist()})
        y = F.dropout(torch.ones(10000), 0.25); abs(y.mean().item() - 1) < 0.05
        y = torch.ones(1000, requires_grad=True); z = F.dropout(y); z.sum().backward(); torch.equal(z.detach(), y.grad)
        F.dropout(torch.ones(3, dtype=torch.float64)).dtype
        """,
        x=floats(2, 3),
    ),
    *table(
        "functional",
        """
        F.cross_entropy(x, t, reduction="$r")
        F.cross_entropy(v, c, reduction="$r")
        F.cross_entropy(k, l, reduction="$r")
        F.cross_entropy(q, u, reduction="$r")
        F.cross_entropy(d, t, reduction="$r")
        F.mse_loss(x, y, reduction="$r")
        F.mse_loss(v, w, reduction="$r")
        F.mse_loss(s, s2, reduction="$r")
        F.mse_loss(d, e, reduction="$r")
        F.mse_loss(x, y.detach(), reduction="$r")
        F.binary_cross_entropy_with_logits(x, p, reduction="$r")
        F.binary_cross_entropy_with_logits(v, p[0, :3], reduction="$r")
        F.binary_cross_entropy_with_logits(x * 50, p.round(), reduction="$r")
        F.binary_cross_entropy_with_logits(d, p.double(), reduction="$r")
        F.binary_cross_entropy_with_logits(x, p.detach(), reduction="$r")
        F.binary_cross_entropy_with_logits(k, k.detach().sigmoid(), reduction="$r")
        """,
        r=REDUCTIONS,
        x=floats(4, 5),
        y=floats(4, 5),
        t=ints(4, high=4),
        v=floats(3),
        w=floats(3),
        c=ints(high=2),
        k=floats(2, 3, 4),
        l=ints(2, 4, high=2),
        q=floats(2, 3, 4, 2),
        u=ints(2, 4, 2, high=2),
        d=floats(4, 5, dtype="float64"),
        e=floats(4, 5, dtype="float64"),
        s=floats(),
        s2=floats(),
        p=floats(4, 5, low=0, high=1),
    ),
    *table(
        "functional",
        """
        F.cross_entropy(x, t)
        F.cross_entropy(input=x, target=t)
        F.cross_entropy(x * 1000, t)
        F.cross_entropy(x, t.to(torch.uint8))
        F.cross_entropy(x.view(-1, 5), t.view(-1))
        F.mse_loss(x, y)
        F.mse_loss(input=x, target=y)
        F.mse_loss(x, d)
        F.mse_loss(x, n)
        F.binary_cross_entropy_with_logits(x, p)
        F.binary_cross_entropy_with_logits(input=x, target=p)
        F.binary_cross_entropy_with_logits(x, p.double())
        F.binary_cross_entropy_with_logits(x.half(), p.double()).dtype == torch.float64
        F.huber_loss(x.detach(), d.detach())
        F.huber_loss((x.half() * 1e4).detach(), x.detach().half().double() * 1e4 + 1)
        F.cross_entropy(z, torch.zeros(0, dtype=torch.int64), reduction="sum")
        F.cross_entropy(z, torch.zeros(0, dtype=torch.int64), reduction="none")
        F.mse_loss(z, z, reduction="sum")
        """,
        x=floats(4, 5),
        y=floats(4, 5),
        d=floats(4, 5, dtype="float64"),
        n=ints(4, 5),
        t=ints(4, high=4),
        p=floats(4, 5, low=0, high=1),
        z=floats(0, 5),
        tolerance=1e-5,
    ),
    *table(
        "functional",
        """
        F.linear(x, w)
        F.linear(x, w.t(), w[0])
        F.linear(n, w)
        F.linear(x, w.double())
        F.linear(x)
        F.gelu(x, approximate="erf")
        F.gelu(n)
        F.softmax(n, dim=0)
        F.log_softmax(n, dim=0)
        F.softmax(x, dim=2)
        F.log_softmax(x, dim=-3)
        torch.softmax(x)
        F.dropout(x, 1.5)
        F.dropout(x, -0.1)
        F.cross_entropy(x, t + 5)
        F.cross_entropy(x, t - 5)
        F.cross_entropy(x, t[:3])
        F.cross_entropy(x, t.float())
        F.cross_entropy(x, t.int())
        F.cross_entropy(x, t.unsqueeze(1))
        F.cross_entropy(x, t, reduction="average")
        F.cross_entropy(n, t)
        F.cross_entropy(x)
        F.mse_loss(x, x, reduction="average")
        F.mse_loss(x, x[:, :2])
        F.binary_cross_entropy_with_logits(x, x[0])
        F.binary_cross_entropy_with_logits(x, x[:, :2])
        F.binary_cross_entropy_with_logits(x, p, reduction="average")
        F.binary_cross_entropy_with_logits(x, b)
        F.relu("x")
        F.relu()
        """,
        raises=True,
        x=floats(4, 5),
        w=floats(3, 4),
        n=ints(4, 5),
        t=ints(4, high=4),
        p=floats(4, 5, low=0, high=1),
        b=bools(4, 5),
    ),
    *table(
        "functional",
        """
        F.mse_loss(v, v.detach().unsqueeze(1))
        F.mse_loss(x, x.detach()[0])
        nn.MSELoss()(v.unsqueeze(1), v.detach())
        """,
        x=floats(4, 5),
        v=floats(4),
    ),
    *table(
        "functional",
        """
        nn.MSELoss(x, x)
        nn.CrossEntropyLoss(x, t)
        nn.CrossEntropyLoss(weight=[1.0, 2.0])
        nn.BCEWithLogitsLoss(pos_weight=2.0)
        F.cross_entropy(x, [0, 1, 2, 3])
        F.cross_entropy(x, t, torch.ones(5).long())
        F.cross_entropy(x, t, torch.ones(5).double())
        F.cross_entropy(t, x)
        F.cross_entropy(x, x.long())
        F.cross_entropy(torch.ones(4, 6, 3), torch.zeros(4, 6).long())
        F.mse_loss(x, x.detach().numpy())
        F.linear(x, "w")
        F.linear(x, x, [1.0] * 4)
        F.dropout(t, 0.2)
        F.dropout2d(torch.ones(1, 2, 2, 2).long(), 0.2)
        F.dropout(None)
        F.layer_norm([1.0], (1,))
        F.pad([1.0], (1, 1))
        F.kl_div(x, x[:, :3])
        F.cosine_similarity(x, x[:, :3])
        F.cosine_similarity(x, [1.0])
        F.scaled_dot_product_attention(x, x, x, torch.zeros(4, 4), is_causal=True)
        F.adaptive_avg_pool2d(torch.ones(1, 2, 3, 3), (1,))
        nn.BatchNorm2d(3)(torch.ones(2, 4, 5, 3))
        nn.Linear(1, 1).train("no")
        optim.Adam([x], betas=(0.9,))
        optim.Adam([x], betas=0.9)
        optim.SGD([{"param": [x]}])
        optim.lr_scheduler.LambdaLR(optim.SGD([x]), 3)
        nn.utils.clip_grad_norm_(nn.Linear(1, 1), 1.0)
        data.TensorDataset(x.detach().numpy())
        list(data.DataLoader(data.Dataset()))
        data.default_collate([torch.ones(2), torch.ones(3)])
        """,
        raises=True,
        x=floats(4, 5),
        t=ints(4, high=4),
    ),
    *table(
        "functional",
        """
        F.dropout(t, 1.0)
        nn.Linear(0, 3, bias=False)(torch.zeros(2, 0))
        F.linear(torch.zeros(4, 2, 0, requires_grad=True), torch.zeros(3, 0), v[:3])
        F.linear(x, torch.zeros(0, 5))
        a = nn.MultiheadAttention(8, 2, batch_first=True); y, w = a(*[torch.zeros(0, 3, 8)] * 3); y.shape, w.shape
        nn.TransformerEncoderLayer(8, 2)(torch.zeros(3, 0, 8)).shape
        nn.ModuleList().append(module=nn.ReLU())
        nn.Sequential(nn.Tanh()).insert(0, module=nn.ReLU())
        nn.ModuleDict(modules={"a": nn.ReLU()})
        len(nn.ParameterList().append(value=torch.ones(2)))
        nn.BatchNorm1d(3, affine=False, track_running_stats=False)(x)
        """,
        x=floats(4, 5),
        v=floats(4),
        t=ints(4, high=4),
    ),
]
