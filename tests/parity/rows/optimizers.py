"""Ten steps of each optimizer from the same weights with the same gradients, and the form of its state."""

from parity.harness import table

SGD = """
    lr=0.1; lr=0.1, momentum=0.9; lr=0.1, momentum=0.9, nesterov=True; lr=0.1, momentum=0.9, dampening=0.5
    lr=0.1, weight_decay=0.1; lr=0.1, momentum=0.9, weight_decay=0.01; lr=0.1, maximize=True; lr=0.0, momentum=0.9
    lr=1e-3; lr=0.1, momentum=0.5, weight_decay=0.1, nesterov=True, maximize=True
    lr=0.1, momentum=0.9, dampening=0.2, weight_decay=0.05, maximize=True
"""
ADAM = """
    lr=1e-3; lr=0.1; lr=0.05, betas=(0.5, 0.9); lr=0.05, eps=1e-2; lr=0.05, weight_decay=0.1; lr=0.05, amsgrad=True
    lr=0.05, maximize=True; lr=0.05, betas=(0.8, 0.99), weight_decay=0.05, amsgrad=True, maximize=True
    lr=0.05, betas=(0.0, 0.0); lr=0.05, weight_decay=0
"""
GRADIENTS = "late=(0, 2); idle=(1,); groups=True; idle=(3,), late=(1,), groups=True"

P = "p = torch.tensor([1.0, -2.0], requires_grad=True)"
START = f"{P}; o = optim.$Kind([p], lr=0.1)"

CASES = [
    *table(
        "optimizers",
        """
        steps(optim.SGD, $sgd)
        steps(optim.SGD, $gradients, $sgd)
        steps(optim.$Kind, $adam)
        steps(optim.$Kind, $gradients, $adam)
        """,
        Kind="Adam; AdamW",
        gradients=GRADIENTS,
        sgd=SGD,
        adam=ADAM,
        tolerance=1e-6,
    ),
    *table("optimizers", "steps(optim.SGD, dtype='float64', $sgd)", sgd=SGD),
    *table("optimizers", "steps(optim.$Kind, dtype='float64', $adam)", Kind="Adam; AdamW", adam=ADAM),
    *table("optimizers", "steps(optim.$Kind)", Kind="SGD; Adam; AdamW", tolerance=1e-6),
    *table(
        "optimizers",
        f"""
        {START}; (p * p).sum().backward(); o.step(); p
        {START}; o.step(); p
        {START}; (p * p).sum().backward(); o.zero_grad(); p.grad
        {START}; (p * p).sum().backward(); o.zero_grad(set_to_none=False); p.grad
        {P}; o = optim.$Kind(params=[p], lr=0.1); len(o.param_groups)
        {START}; o.param_groups[0]["lr"]
        {START}; o.param_groups[0]["lr"] = 0.5; (p * p).sum().backward(); o.step(); p
        {START}; o.add_param_group(dict(params=[torch.ones(1)], lr=1.0)); [g["lr"] for g in o.param_groups]
        {P}; o = optim.$Kind([dict(params=p, lr=1.0)], lr=0.1); [(len(g["params"]), g["lr"]) for g in o.param_groups]
        {START}; o.param_groups[0]["params"][0] is p
        {START}; o.state_dict()["state"]
        {START}; o.state_dict()["param_groups"][0]["params"]
        {START}; o.defaults["lr"]
        {START}; o.step(lambda: 3.5)
        {START}; o.step()
        {START}; (p * p).sum().backward(); o.step(); list(o.state_dict())
        {START}; p.sum().backward(); o.step(); n = optim.$Kind([p]); n.load_state_dict(o.state_dict()); n.step(); p
        {START}; (p * p).sum().backward(); g = p.grad; o.step(); (p.grad is g, p.grad)
        {START}; (p * p).sum().backward(); o.step(); (p.requires_grad, p.is_leaf)
        {P}; o = optim.$Kind(iter([p]), lr=0.1); len(o.param_groups[0]["params"])
        o = optim.$Kind(nn.Linear(2, 3).parameters(), lr=0.1); len(o.param_groups[0]["params"])
        o = optim.$Kind(nn.Linear(2, 3).named_parameters(), lr=0.1); len(o.param_groups[0]["params"])
        m = fill(nn.Linear(2, 3)); o = optim.$Kind(m.parameters()); m(torch.ones(2)).sum().backward(); o.step(); m.bias
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
        {START}; o.load_state_dict(optim.$Kind([p, torch.ones(1)], lr=0.1).state_dict())
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
