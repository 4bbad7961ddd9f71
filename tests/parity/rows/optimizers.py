"""Ten steps of each optimizer from the same weights with the same gradients, and the form of its state."""

import copy
import pickle
from typing import Any

from parity.harness import programs, table

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
ADAGRAD = """
    lr=0.1; lr=0.05, lr_decay=0.1; lr=0.05, weight_decay=0.1; lr=0.05, initial_accumulator_value=0.5; lr=0.05, eps=0.1
    lr=0.05, maximize=True; lr=0.1, lr_decay=0.5, weight_decay=0.1, initial_accumulator_value=0.1, eps=1e-6
"""
RMSPROP = """
    lr=0.01; lr=0.01, alpha=0.5; lr=0.01, eps=0.1; lr=0.01, weight_decay=0.1; lr=0.01, momentum=0.9
    lr=0.01, centered=True; lr=0.01, maximize=True
    lr=0.01, alpha=0.9, momentum=0.5, centered=True, weight_decay=0.1, maximize=True
    lr=0.01, momentum=0.5, centered=True
"""
ADADELTA = """
    lr=1.0; lr=0.5, rho=0.5; lr=1.0, eps=1e-3; lr=1.0, weight_decay=0.1; lr=1.0, maximize=True
    lr=2.0, rho=0.95, eps=1e-5, weight_decay=0.1, maximize=True; lr=1.0, rho=1.0; lr=1.0, rho=0
"""
OTHERS = [
    f"optim.{kind}, {options.strip()}"
    for kind, rows in (("Adagrad", ADAGRAD), ("RMSprop", RMSPROP), ("Adadelta", ADADELTA))
    for options in ";".join(rows.strip().splitlines()).split(";")
]
KINDS = ("SGD", "Adam", "AdamW", "Adagrad", "RMSprop", "Adadelta")
ALL = "; ".join(KINDS)
GRADIENTS = "late=(0, 2); idle=(1,); groups=True; idle=(3,), late=(1,), groups=True"

P = "p = torch.tensor([1.0, -2.0], requires_grad=True)"
START = f"{P}; o = optim.$Kind([p], lr=0.1)"


def several(torch: Any, run: Any) -> dict[str, Any]:
    """What `run(optimizer, parameter)` gives with each of the optimizers after a first step."""
    seen = {}
    for name in KINDS:
        p = torch.tensor([1.0, -2.0], requires_grad=True)
        optimizer = getattr(torch.optim, name)([p], lr=0.1)
        (p * p).sum().backward()
        optimizer.step()
        seen[name] = run(optimizer, p)
    return seen


def a_deep_copy_goes_its_own_way(torch: Any) -> Any:
    def run(optimizer, p):
        other = copy.deepcopy(optimizer)
        q = other.param_groups[0]["params"][0]
        q.grad = torch.tensor([3.0, 4.0])
        other.step()
        optimizer.step()
        return q is p, p, q, optimizer.state[p], other.state[q]

    return several(torch, run)


def a_pickled_copy_goes_on(torch: Any) -> Any:
    def run(optimizer, p):
        q, other = pickle.loads(pickle.dumps((p, optimizer)))
        assert other.param_groups[0]["params"][0] is q
        q.grad = torch.tensor([3.0, 4.0])
        other.step()
        return p, q, other.state[q]

    return several(torch, run)


def a_group_joins_later(torch: Any) -> Any:
    def run(optimizer, p):
        q = torch.ones(3, requires_grad=True)
        optimizer.add_param_group({"params": q})
        (p.sum() + q.sum()).backward()
        optimizer.step()
        return p, q, optimizer.state_dict()["state"]

    return several(torch, run)


def names_go_along(torch: Any) -> Any:
    groups = [{"params": torch.nn.Linear(2, 3).named_parameters()}, {"params": [("x", torch.ones(1))]}]
    optimizer = torch.optim.SGD(groups)
    again = torch.optim.SGD(torch.nn.Linear(2, 3).named_parameters())
    again.add_param_group({"params": [("y", torch.ones(1))]})
    again.load_state_dict(optimizer.state_dict())
    return [[group["param_names"] for group in each.state_dict()["param_groups"]] for each in (optimizer, again)]


def a_group_is_the_dict_that_was_given(torch: Any) -> Any:
    group = {"params": torch.ones(1), "lr": 0.5, "extra": "yes"}
    optimizer = torch.optim.Adam([group], lr=0.1)
    return sorted(group), optimizer.param_groups[0] is group, optimizer.state_dict()["param_groups"][0]["extra"]


def empty_parameters_do_no_harm(torch: Any) -> Any:
    def run(optimizer, p):
        q = torch.zeros(0, 2, requires_grad=True)
        optimizer.add_param_group({"params": [q]})
        (p.sum() + q.sum()).backward()
        optimizer.step()
        return p, q, optimizer.state_dict()["state"]

    return several(torch, run)


def an_optimizer_of_ones_own(torch: Any) -> Any:
    """As many courses have their students write one."""

    class Averaged(torch.optim.Optimizer):
        def __init__(self, params, lr=0.1, beta=0.9):
            super().__init__(params, {"lr": lr, "beta": beta})

        @torch.no_grad()
        def step(self, closure=None):
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    state = self.state[p]
                    if len(state) == 0:
                        state["count"], state["mean"] = 0, torch.zeros_like(p)
                    state["count"] += 1
                    state["mean"].mul_(group["beta"]).add_(p.grad, alpha=1 - group["beta"])
                    p.sub_(state["mean"], alpha=group["lr"])

    p, q = torch.tensor([1.0, -2.0], requires_grad=True), torch.ones(3, requires_grad=True)
    optimizer = Averaged([{"params": [p]}, {"params": [q], "lr": 0.5}], beta=0.5)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    for _ in range(3):
        optimizer.zero_grad()
        (p * p).sum().backward()
        optimizer.step()
        scheduler.step()
    other = Averaged([{"params": [p]}, {"params": [q]}])
    other.load_state_dict(optimizer.state_dict())
    states = [each.state_dict() for each in (optimizer, other)]
    groups = [dict(sorted(group.items())) for state in states for group in state["param_groups"]]
    return p, q, [state["state"] for state in states], groups, repr(other)


def momentum_that_begins_later(torch: Any) -> Any:
    p = torch.tensor([1.0, -2.0], requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=0.1, dampening=0.5)
    seen = []
    for momentum in (0, 0, 0.9, 0.9, 0, 0.5):
        optimizer.param_groups[0]["momentum"] = momentum
        optimizer.zero_grad()
        (p * p).sum().backward()
        optimizer.step()
        seen.append(p.detach().clone())
    return seen


CASES = [
    *programs(
        "optimizers",
        a_deep_copy_goes_its_own_way,
        a_pickled_copy_goes_on,
        a_group_joins_later,
        names_go_along,
        a_group_is_the_dict_that_was_given,
        empty_parameters_do_no_harm,
        an_optimizer_of_ones_own,
        momentum_that_begins_later,
    ),
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
    *table("optimizers", "steps($other, dtype='float64')", other=OTHERS),
    *table(
        "optimizers",
        """
        steps($other)
        steps($other, $gradients)
        """,
        other=OTHERS,
        gradients=GRADIENTS,
    ),
    *table("optimizers", "steps(optim.$Kind, lr=torch.tensor(0.01))", Kind=ALL, tolerance=1e-6),
    *table(
        "optimizers",
        """
        steps(optim.$Kind, lr=0.1, spoil=$value)
        steps(optim.SGD, lr=0.1, momentum=0.9, spoil=$value)
        """,
        Kind=ALL,
        value="nan; inf; -inf; 1e38; 1e-40",
        loud=False,
    ),
    *table("optimizers", "steps(optim.$Kind, groups=True, lr=torch.tensor([0.01]))", Kind=ALL, tolerance=1e-6),
    *table("optimizers", "steps(optim.Adam, betas=(torch.tensor(0.8), torch.tensor(0.95)))", tolerance=1e-6),
    *table("optimizers", "steps(optim.SGD, lr=0.1, weight_decay=torch.tensor(0.1))", tolerance=1e-6),
    *table("optimizers", "steps(optim.$Kind)", Kind=ALL, tolerance=1e-6),
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
        {START}; repr(o)
        {P}; o = optim.$Kind([dict(params=p), dict(params=[torch.ones(2)], lr=1.0)], maximize=True); repr(o)
        {START}; dict(sorted(o.state_dict()["param_groups"][0].items()))
        {START}; (p * p).sum().backward(); o.step(); o.state_dict()["state"]
        {START}; dict(o.state[p])
        {START}; (p * p).sum().backward(); o.step(); o.step(); dict(o.state[p])
        {START}; p.sum().backward(); o.step(); [x.zero_() for x in o.state[p].values()]; o.step(); (p, o.state[p])
        {START}; p.sum().backward(); o.step(); o.state.clear(); o.step(); (p, list(o.state.values()))
        {START}; p.sum().backward(); o.step(); d = o.state_dict(); o.step(); d["state"]
        {P}; o = optim.$Kind([p], foreach=False, maximize=True, differentiable=False); o.param_groups[0]["maximize"]
        {P}; t = torch.tensor(0.5); o = optim.$Kind([p], lr=t); (o.param_groups[0]["lr"] is t, o.defaults["lr"])
        {START}; isinstance(o, optim.Optimizer)
        {P}; optim.$Kind([dict(params=[p], lr=-1.0)], lr=0.1).param_groups[0]["lr"]
        """,
        Kind=ALL,
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
        optim.$Kind(3)
        {P}; optim.$Kind([p], lr="high")
        {P}; optim.$Kind([p], lr=None)
        {P}; optim.$Kind([p], lr=torch.tensor([0.1, 0.2]))
        {P}; optim.$Kind([dict(params={{p}})])
        {START}; o.add_param_group(dict(params=[p]))
        {START}; o.add_param_group([torch.ones(1)])
        {START}; o.load_state_dict(optim.$Kind([dict(params=[p]), dict(params=[torch.ones(1)])], lr=0.1).state_dict())
        {START}; o.load_state_dict({{}})
        """,
        Kind=ALL,
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
        {P}; optim.AdamW([p], decoupled_weight_decay=False)
        {P}; optim.RMSprop([p], alpha=-0.1)
        {P}; optim.RMSprop([p], momentum=-0.1)
        {P}; optim.RMSprop([p], eps=-0.1)
        {P}; optim.Adagrad([p], lr_decay=-0.5)
        {P}; optim.Adagrad([p], initial_accumulator_value=-0.5)
        {P}; optim.Adadelta([p], rho=1.1)
        {P}; optim.Adadelta([p], rho=-0.1)
        {P}; optim.Adam([p], 0.1, (0.9, 0.99), 1e-8, 0, False, True)
        {P}; optim.SGD([p], 0.1, 0, 0, 0, False, True)
        """,
        raises=True,
    ),
]
