"""torch.nn.init: bounds and spread of what is drawn, gains, and the start of each layer."""

from parity.harness import table

W = "torch.empty(200, 300)"
P = "nn.Parameter(torch.empty(300, 200))"
C = "torch.empty(50, 20, 7, 7)"

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
        "init", "w = init.$fill; (w.requires_grad, w.is_leaf, w.grad)", fill=f"uniform_({P}); normal_({P}); zeros_({P})"
    ),
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
