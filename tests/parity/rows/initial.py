"""torch.nn.init: bounds and spread of what is drawn, gains, and the start of each layer."""

from parity.harness import table

W = "torch.empty(200, 300)"
P = "nn.Parameter(torch.empty(300, 200))"
C = "torch.empty(50, 20, 7, 7)"

L = "torch.empty(300, 400)"
TRUNCATED = f"""
    trunc_normal_({L}); trunc_normal_({L}, 0.1, 0.02, 0.06, 0.14); trunc_normal_({L}, 1.0, 2.0, -1.0, 4.0)
    trunc_normal_({L}, a=-0.5, b=1)
    trunc_normal_({L}, mean=0.5, std=0.3, a=0.0, b=0.6); trunc_normal_({L}, a=1.5, b=3.0); trunc_normal_({L}, b=0.0)
    trunc_normal_({L}, 0.0, 1.0, -0.001, 0.001); trunc_normal_({L}, std=5.0); trunc_normal_({L}.double(), 0, 1, -1, 2)
    trunc_normal_(nn.Parameter({L}), a=-1.0)
"""
UNIFORM = f"""
    uniform_({W}); uniform_({W}, -1, 2); uniform_({W}, a=0.5, b=0.75); uniform_({P}); xavier_uniform_({W})
    xavier_uniform_({W}, gain=2.0); xavier_uniform_({P}, init.calculate_gain('relu')); xavier_uniform_({C})
    kaiming_uniform_({W}); kaiming_uniform_({W}, a=math.sqrt(5)); kaiming_uniform_({W}, mode='fan_out')
    kaiming_uniform_({W}, nonlinearity='relu'); kaiming_uniform_({W}, 0.2, 'fan_in', 'leaky_relu')
    kaiming_uniform_({W}, nonlinearity='tanh'); kaiming_uniform_({C})
"""
NORMAL = f"""
    normal_({W}); normal_({W}, 0, 0.1); normal_({W}, mean=2.0, std=0.25); normal_({P}); xavier_normal_({W})
    xavier_normal_({W}, 3); kaiming_normal_({W}); kaiming_normal_({W}, mode='fan_out', nonlinearity='relu')
    kaiming_normal_({W}, a=1); kaiming_normal_({C}); kaiming_normal_({P}, nonlinearity='selu')
"""

CASES = [
    *table(
        "init",
        "w = init.$fill.detach(); s = w.std().item(); (w.min().item() / s, w.max().item() / s, w.mean().item() / s, s)",
        fill=UNIFORM,
        tolerance=0.02,
    ),
    *table(
        "init", "w = init.$fill.detach(); s = w.std().item(); (w.mean().item() / s, s)", fill=NORMAL, tolerance=0.02
    ),
    *table(
        "init",
        "w = init.$fill.detach(); s = w.std().item(); ([f().item() / s for f in (w.min, w.max, w.mean)], s, w.dtype)",
        fill=TRUNCATED,
        tolerance=0.03,
    ),
    *table(
        "init",
        """
        w = init.orthogonal_($w.detach()).flatten(1); r = w @ w.t() if len(w) <= w.shape[1] else w.t() @ w; r
        w = init.orthogonal_($w.detach(), gain=3.0).flatten(1); (w.shape, (w * w).sum())
        """,
        w="torch.empty(5, 5); torch.empty(3, 7); torch.empty(7, 3); torch.empty(4, 3, 2, 2); torch.empty(20, 3, 2); "
        "torch.empty(6, 9, dtype=torch.float64); torch.empty(1, 4); nn.Parameter(torch.empty(2, 3))",
        tolerance=1e-5,
    ),
    *table(
        "init",
        """
        init.eye_(torch.empty($shape))
        init.eye_(nn.Parameter(torch.empty($shape)))
        """,
        shape="3, 3; 2, 5; 5, 2; 0, 2",
    ),
    *table(
        "init",
        """
        init.trunc_normal_(torch.empty(0, 3))
        init.orthogonal_(torch.empty(3, 0))
        init.kaiming_uniform_(torch.empty(3, 0))
        init.kaiming_normal_(torch.empty(0, 3))
        init._calculate_fan_in_and_fan_out(torch.empty(2, 3, 4, 5, 6))
        init._calculate_fan_in_and_fan_out(nn.Linear(2, 3).weight)
        g = torch.Generator().manual_seed(1); [init.$draw.shape for _ in range(2)]
        """,
        draw="trunc_normal_(torch.empty(3), generator=g); orthogonal_(torch.empty(3, 2), generator=g); "
        "kaiming_normal_(torch.empty(3, 2), generator=g); "
        "kaiming_uniform_(torch.empty(3, 2), mode='FAN_OUT', generator=g)",
    ),
    *table(
        "init",
        "w = init.$fill; (w.requires_grad, w.is_leaf, w.grad)",
        fill=f"uniform_({P}); normal_({P}); zeros_({P}); trunc_normal_({P}); orthogonal_({P})",
    ),
    *table(
        "init",
        """
        init.calculate_gain("$name")
        init.calculate_gain(nonlinearity="$name")
        """,
        name="linear; sigmoid; tanh; relu; leaky_relu; selu; conv1d; conv2d; conv3d; conv_transpose1d; "
        "conv_transpose2d; conv_transpose3d",
    ),
    *table(
        "init",
        """
        init.calculate_gain("leaky_relu", 0.2)
        init.calculate_gain("leaky_relu", param=0)
        init.zeros_(torch.empty(2, 2))
        init.ones_(torch.empty(2, dtype=torch.float64))
        init.constant_(torch.empty(2), 3)
        p = nn.Parameter(torch.ones(2)); init.zeros_(p) is p
        p = nn.Parameter(torch.ones(2)); init.zeros_(p)
        p = torch.ones(2, requires_grad=True); init.constant_(p, 4.0)
        g = torch.Generator().manual_seed(1); a = init.uniform_(torch.empty(3), generator=g); a.shape
        a, b = (torch.manual_seed(1) and nn.Linear(3, 2) for _ in range(2)); torch.equal(a.weight, b.weight)
        m = nn.Linear(3, 2); w = m.weight.clone(); m.reset_parameters(); torch.equal(w, m.weight)
        """,
    ),
    *table(
        "init",
        """
        y = torch.empty(60000).uniform_(-1, 3); (y.min().item(), y.max().item(), y.dtype)
        y = torch.empty(60000, dtype=torch.float64).uniform_(); (y.min().item(), y.max().item(), y.dtype)
        y = torch.empty(60000).normal_(0, 0.1); (y.std().item(), y.dtype)
        w = nn.Linear(400, 300).weight; (w.min().item(), w.max().item(), w.std().item())
        w = nn.Linear(400, 20000).bias; (w.min().item(), w.max().item(), w.std().item())
        """,
        tolerance=0.02,
    ),
    *table(
        "init",
        """
        init.calculate_gain("swish")
        init._calculate_fan_in_and_fan_out(torch.empty(3))
        init.eye_(torch.empty(3))
        init.eye_(torch.empty(3, 3, 3))
        init.orthogonal_(torch.empty(3))
        init.trunc_normal_(torch.empty(3), a=2.0, b=-2.0)
        init.trunc_normal_(torch.empty(3), std=0.0)
        init.xavier_uniform_(torch.empty(3))
        init.kaiming_normal_(torch.empty(3))
        init.kaiming_uniform_(torch.empty(3, 3), mode="fan")
        init.kaiming_uniform_(torch.empty(3, 3), nonlinearity="swish")
        init.uniform_()
        torch.empty(3).uniform_(2, 1)
        torch.empty(3).normal_(0, -1)
        torch.empty(3, requires_grad=True).uniform_()
        """,
        raises=True,
    ),
]
