"""torch.nn.init: bounds and spread of what is drawn, gains, and the start of each layer."""

from parity.harness import table

W = "torch.empty(200, 300)"
P = "nn.Parameter(torch.empty(300, 200))"
C = "torch.empty(50, 20, 7, 7)"

UNIFORM = [
    f"uniform_({W})", f"uniform_({W}, -1, 2)", f"uniform_({W}, a=0.5, b=0.75)", f"uniform_({P})", f"xavier_uniform_({W})",
    f"xavier_uniform_({W}, gain=2.0)", f"xavier_uniform_({P}, init.calculate_gain('relu'))", f"xavier_uniform_({C})",
    f"kaiming_uniform_({W})", f"kaiming_uniform_({W}, a=math.sqrt(5))", f"kaiming_uniform_({W}, mode='fan_out')",
    f"kaiming_uniform_({W}, nonlinearity='relu')", f"kaiming_uniform_({W}, 0.2, 'fan_in', 'leaky_relu')",
    f"kaiming_uniform_({W}, nonlinearity='tanh')", f"kaiming_uniform_({C})",
]  # fmt: skip
NORMAL = [
    f"normal_({W})", f"normal_({W}, 0, 0.1)", f"normal_({W}, mean=2.0, std=0.25)", f"normal_({P})", f"xavier_normal_({W})",
    f"xavier_normal_({W}, 3)", f"kaiming_normal_({W})", f"kaiming_normal_({W}, mode='fan_out', nonlinearity='relu')",
    f"kaiming_normal_({W}, a=1)", f"kaiming_normal_({C})", f"kaiming_normal_({P}, nonlinearity='selu')",
]  # fmt: skip

CASES = [
    *table(
        "init",
        "w = init.$fill.detach(); s = w.std().item(); (w.min().item() / s, w.max().item() / s, w.mean().item() / s, s)",
        fill=UNIFORM,
        tolerance=0.02,
    ),
    *table("init", "w = init.$fill.detach(); s = w.std().item(); (w.mean().item() / s, s)", fill=NORMAL, tolerance=0.02),
    *table("init", "w = init.$fill; (w.requires_grad, w.is_leaf, w.grad)", fill=[f"uniform_({P})", f"normal_({P})", f"zeros_({P})"]),
    *table(
        "init",
        """
        init.calculate_gain("$name")
        init.calculate_gain(nonlinearity="$name")
        """,
        name="linear; sigmoid; tanh; relu; leaky_relu; selu; conv1d; conv2d; conv_transpose2d",
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
        g = torch.Generator(); a = init.uniform_(torch.empty(3), generator=g.manual_seed(1)); torch.equal(a, init.uniform_(torch.empty(3), generator=g.manual_seed(1)))
        _ = torch.manual_seed(1); a = nn.Linear(3, 2); _ = torch.manual_seed(1); torch.equal(a.weight, nn.Linear(3, 2).weight)
        m = nn.Linear(3, 2); w = m.weight.clone(); m.reset_parameters(); torch.equal(w, m.weight)
        init.eye_(torch.empty(2, 3))
        init.trunc_normal_(torch.empty(10000)).abs().max().item() <= 2
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
