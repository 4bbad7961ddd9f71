"""Ten steps of each optimizer from the same weights with the same gradients, and the form of its state."""

from parity.harness import table

SGD = [
    "lr=0.1", "lr=0.1, momentum=0.9", "lr=0.1, momentum=0.9, nesterov=True", "lr=0.1, momentum=0.9, dampening=0.5",
    "lr=0.1, weight_decay=0.1", "lr=0.1, momentum=0.9, weight_decay=0.01", "lr=0.1, maximize=True",
    "lr=0.1, momentum=0.5, weight_decay=0.1, nesterov=True, maximize=True", "", "lr=0.0, momentum=0.9",
    "lr=0.1, momentum=0.9, dampening=0.2, weight_decay=0.05, maximize=True",
]  # fmt: skip
ADAM = [
    "", "lr=0.1", "lr=0.05, betas=(0.5, 0.9)", "lr=0.05, eps=1e-2", "lr=0.05, weight_decay=0.1", "lr=0.05, amsgrad=True",
    "lr=0.05, maximize=True", "lr=0.05, betas=(0.8, 0.99), weight_decay=0.05, amsgrad=True, maximize=True",
    "lr=0.05, betas=(0.0, 0.0)", "lr=0.05, weight_decay=0",
]  # fmt: skip
WITHOUT = ["", "idle=(1,), ", "late=(0, 2), ", "groups=True, ", "idle=(3,), late=(1,), groups=True, "]

P = "p = torch.tensor([1.0, -2.0], requires_grad=True)"
Q = "q = torch.tensor([[3.0]], requires_grad=True)"

CASES = [
    *table("optimizers", "steps(optim.SGD, $without$options)", without=WITHOUT, options=SGD, tolerance=1e-6),
    *table("optimizers", "steps(optim.$Adam, $without$options)", Adam=["Adam", "AdamW"], without=WITHOUT, options=ADAM, tolerance=1e-6),
    *table("optimizers", "steps(optim.SGD, dtype='float64', $options)", options=SGD),
    *table("optimizers", "steps(optim.$Adam, dtype='float64', $options)", Adam=["Adam", "AdamW"], options=ADAM),
    *table(
        "optimizers",
        f"""
        {P}; o = optim.$Kind([p], lr=0.1); (p * p).sum().backward(); o.step(); p
        {P}; o = optim.$Kind([p], lr=0.1); o.step(); p
        {P}; o = optim.$Kind([p], lr=0.1); (p * p).sum().backward(); o.zero_grad(); p.grad
        {P}; o = optim.$Kind([p], lr=0.1); (p * p).sum().backward(); o.zero_grad(set_to_none=False); p.grad
        {P}; o = optim.$Kind(params=[p], lr=0.1); len(o.param_groups)
        {P}; o = optim.$Kind([p], lr=0.1); o.param_groups[0]["lr"]
        {P}; o = optim.$Kind([p], lr=0.1); o.param_groups[0]["lr"] = 0.5; (p * p).sum().backward(); o.step(); p
        {P}; {Q}; o = optim.$Kind([p], lr=0.1); o.add_param_group(dict(params=[q], lr=1.0)); [g["lr"] for g in o.param_groups]
        {P}; {Q}; o = optim.$Kind([dict(params=p), dict(params=[q], lr=1.0)], lr=0.1); [(len(g["params"]), g["lr"]) for g in o.param_groups]
        {P}; o = optim.$Kind([p], lr=0.1); o.param_groups[0]["params"][0] is p
        {P}; o = optim.$Kind([p], lr=0.1); o.state_dict()["state"]
        {P}; o = optim.$Kind([p], lr=0.1); o.state_dict()["param_groups"][0]["params"]
        {P}; o = optim.$Kind([p], lr=0.1); o.defaults["lr"]
        {P}; o = optim.$Kind([p], lr=0.1); o.step(lambda: 3.5)
        {P}; o = optim.$Kind([p], lr=0.1); o.step()
        {P}; o = optim.$Kind([p], lr=0.1); (p * p).sum().backward(); o.step(); list(o.state_dict())
        {P}; o = optim.$Kind([p], lr=0.1); (p * p).sum().backward(); o.step(); d = o.state_dict(); n = optim.$Kind([p], lr=0.5); n.load_state_dict(d); n.step(); p
        {P}; o = optim.$Kind([p], lr=0.1); (p * p).sum().backward(); g = p.grad; o.step(); (p.grad is g, p.grad)
        {P}; o = optim.$Kind([p], lr=0.1); (p * p).sum().backward(); o.step(); (p.requires_grad, p.is_leaf)
        {P}; o = optim.$Kind(iter([p]), lr=0.1); len(o.param_groups[0]["params"])
        o = optim.$Kind(nn.Linear(2, 3).parameters(), lr=0.1); len(o.param_groups[0]["params"])
        o = optim.$Kind(nn.Linear(2, 3).named_parameters(), lr=0.1); len(o.param_groups[0]["params"])
        m = fill(nn.Linear(2, 3)); o = optim.$Kind(m.parameters(), lr=0.1); m(torch.ones(1, 2)).sum().backward(); o.step(); m.weight
        {P}; o = optim.$Kind([p]); o.param_groups[0]["lr"]
        """,
        Kind="SGD; Adam; AdamW",
        grad=False,
    ),
    *table(
        "optimizers",
        f"""
        {P}; optim.$Kind(p, lr=0.1)
        optim.$Kind([], lr=0.1)
        {P}; optim.$Kind([p * 2], lr=0.1)
        optim.$Kind([3], lr=0.1)
        {P}; optim.$Kind([p], lr=-0.1)
        {P}; optim.$Kind([dict(params=[p]), dict(params=[p])], lr=0.1)
        {P}; optim.$Kind([p], lr=0.1, frobnicate=3)
        {P}; optim.$Kind([p], lr=0.1, weight_decay=-1)
        {P}; optim.$Kind([p], lr=0.1).load_state_dict(optim.$Kind([p, torch.ones(1)], lr=0.1).state_dict())
        optim.$Kind(lr=0.1)
        optim.$Kind([dict(lr=0.1)])
        """,
        Kind="SGD; Adam; AdamW",
        raises=True,
        grad=False,
    ),
    *table(
        "optimizers",
        f"""
        {P}; optim.SGD([p], lr=0.1, momentum=-0.5)
        {P}; optim.SGD([p], lr=0.1, nesterov=True)
        {P}; optim.SGD([p], lr=0.1, momentum=0.9, dampening=0.1, nesterov=True)
        {P}; optim.Adam([p], betas=(1.0, 0.9))
        {P}; optim.Adam([p], betas=(0.9, -0.1))
        {P}; optim.Adam([p], eps=-1.0)
        {P}; optim.AdamW([p], betas=(0.9, 1.5))
        """,
        raises=True,
    ),
]
