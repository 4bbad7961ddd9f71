"""Modules: same weights, same outputs and gradients; keys of the state, printed form, and the machinery around them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from parity.harness import programs, table
from parity.inputs import floats, given, ints

MLP = "nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))"
NAMED = "nn.Sequential(OrderedDict([('first', nn.Linear(3, 3)), ('act', nn.ReLU()), ('last', nn.Linear(3, 1))]))"
LAYERS = f"""
    nn.Linear(3, 5); nn.Linear(3, 5, bias=False); nn.Linear(in_features=3, out_features=1); nn.ReLU(); nn.Tanh()
    nn.ReLU(inplace=False); nn.Sigmoid(); nn.GELU(); nn.GELU(approximate='tanh'); nn.Softmax(dim=-1); nn.Softmax(0)
    nn.Dropout(0.5).eval(); nn.Dropout(p=0.0); nn.Flatten(); nn.Flatten(0); nn.Flatten(1, 2); nn.Identity()
    nn.Flatten(start_dim=0, end_dim=1); nn.Identity(54, unused=0.1); nn.Sequential(); {MLP}; {NAMED}
    nn.Sequential(nn.Flatten(0, -2), nn.Linear(3, 2), nn.Sequential(nn.GELU(), nn.Linear(2, 2)))
    nn.Sequential(nn.Linear(3, 3), nn.Dropout(), nn.Softmax(dim=1)).eval()
"""
PRINTED = """
    nn.ReLU(inplace=True); nn.Softmax(); nn.Dropout(0.1, inplace=True); nn.CrossEntropyLoss(); nn.MSELoss()
    nn.BCEWithLogitsLoss(); nn.Module(); nn.ModuleList(); nn.ModuleList([nn.Linear(2, 2), nn.ReLU()])
    nn.ModuleList([nn.Linear(2, 2) for _ in range(3)]); nn.Sequential(nn.ModuleList([nn.Tanh()]))
    nn.Sequential(nn.ReLU(), nn.ReLU(), nn.Linear(1, 1), nn.Linear(1, 1), nn.Linear(1, 1), nn.Linear(1, 2))
"""

CASES = [
    *table("modules", "trained($layer, x)", layer=LAYERS, x=[floats(2, 2, 3)]),
    *table("modules", "trained($layer, x)", layer=["nn.Linear(3, 2)", MLP], x=[floats(3), floats(5, 3), floats(0, 3)]),
    *table("modules", "trained($layer.double(), x)", layer=["nn.Linear(3, 5)", MLP], x=floats(4, 3, dtype="float64")),
    *table(
        "modules",
        """
        list($layer.state_dict())
        [(name, tuple(p.shape), p.requires_grad) for name, p in $layer.named_parameters()]
        [(name, type(m).__name__) for name, m in $layer.named_modules()]
        """,
        layer=LAYERS,
    ),
    *table("modules", "repr($layer)", layer=LAYERS + PRINTED),
    *table(
        "modules",
        """
        nn.$loss()(x, p)
        nn.$loss(reduction="$r")(x, p)
        trained(nn.$loss(reduction="$r"), x, p)
        """,
        loss=["MSELoss", "BCEWithLogitsLoss"],
        r="mean; sum; none",
        x=floats(4, 3),
        p=floats(4, 3, low=0, high=1),
    ),
    *table(
        "modules",
        """
        nn.CrossEntropyLoss()(x, t)
        nn.CrossEntropyLoss(reduction="$r")(x, t)
        nn.CrossEntropyLoss(reduction="$r")(k, u)
        """,
        r="mean; sum; none",
        x=floats(4, 3),
        t=ints(4, high=2),
        k=floats(2, 3, 4),
        u=ints(2, 4, high=2),
    ),
    *table(
        "modules",
        """
        m = $mlp; len(m)
        m = $mlp; repr(m[0])
        m = $mlp; repr(m[-1])
        m = $mlp; repr(m[:2])
        m = $mlp; repr(m[1:])
        m = $mlp; [type(each).__name__ for each in m]
        m = $mlp; m[1] = nn.ReLU(); repr(m)
        m = $mlp; m.append(nn.Sigmoid()); (repr(m), list(m.state_dict()))
        m = $mlp; [type(each).__name__ for each in m.children()]
        m = $mlp; [name for name, _ in m.named_children()]
        m = $mlp; [type(each).__name__ for each in m.modules()]
        m = $mlp; [tuple(p.shape) for p in m.parameters()]
        m = $mlp; sum(p.numel() for p in m.parameters())
        m = $mlp; m.eval(); [each.training for each in m.modules()]
        m = $mlp; m.eval().train().training
        m = $mlp; m.train(False) is m
        m = $mlp; m.requires_grad_(False); [p.requires_grad for p in m.parameters()]
        m = $mlp; m.to(torch.float64); [p.dtype for p in m.parameters()]
        m = $mlp; m.to("cpu") is m
        m = $mlp; m.double().float(); [p.dtype for p in m.parameters()]
        m = $mlp; repr(m.get_submodule("0"))
        m = $mlp; m.get_parameter("0.bias").shape
        m = $mlp; names = []; m.apply(lambda each: names.append(type(each).__name__)); names
        m = $mlp; m.load_state_dict(m.state_dict())
        m = $mlp; str(m.load_state_dict(m.state_dict()))
        m = $mlp; m.load_state_dict({}, strict=False)
        m = $mlp; m.load_state_dict({"0.weight": torch.ones(4, 3), "extra": torch.ones(1)}, strict=False)
        m = $mlp; m.load_state_dict({"0.bias": torch.ones(4)}, strict=False); m[0].bias
        m = fill($mlp); s = m.state_dict(); m[0].bias.data.fill_(5.0); s["0.bias"]
        m = fill($mlp); type(m.state_dict()).__name__
        m = $mlp; m.state_dict(prefix="net.").keys().__len__()
        m = $mlp; list(m.state_dict(prefix="net."))
        m = $mlp; [v.requires_grad for v in m.state_dict().values()]
        m = $mlp; [v.requires_grad for v in m.state_dict(keep_vars=True).values()]
        m = $mlp; m.zero_grad(); [p.grad for p in m.parameters()]
        m = fill($mlp); m(x).sum().backward(); m.zero_grad(); [p.grad for p in m.parameters()]
        m = fill($mlp); m(x).sum().backward(); m.zero_grad(set_to_none=False); [p.grad for p in m.parameters()]
        m = fill($mlp); m(x).sum().backward(); m(x).sum().backward(); [p.grad for p in m.parameters()]
        m = fill($mlp); c = copy.deepcopy(m); c[0].bias.data.zero_(); (m[0].bias, c[0].bias)
        m = fill($mlp); c = copy.deepcopy(m); repr(c)
        m = $mlp; m.add_module("out", nn.Linear(2, 2)); list(m.state_dict())
        m = $mlp; m.training
        """,
        mlp=[MLP],
        x=floats(2, 3),
        grad="own",
    ),
    *table(
        "modules",
        """
        m = nn.ModuleList([nn.Linear(2, 3)]); m.append(nn.ReLU()); m.extend([nn.Tanh()]); [type(x).__name__ for x in m]
        m = nn.ModuleList([nn.Linear(2, 3), nn.ReLU()]); (len(m), repr(m[-1]), repr(m[:1]))
        m = nn.ModuleList([nn.Linear(2, 3), nn.Linear(3, 1)]); list(m.state_dict())
        m = nn.ModuleList([nn.ReLU()]); m[0] = nn.Tanh(); repr(m)
        nn.Linear(3, 2).weight.shape
        type(nn.Linear(3, 2).weight).__name__
        nn.Linear(3, 2).bias.shape
        nn.Linear(3, 2, False).bias
        nn.Linear(3, 2, dtype=torch.float64).weight.dtype
        nn.Linear(3, 2, device="cpu").weight.dtype
        nn.Parameter(x)
        nn.Parameter(x, requires_grad=False)
        nn.Parameter(data=torch.zeros(2))
        repr(nn.Parameter(torch.ones(2)))
        isinstance(nn.Parameter(torch.ones(2)), torch.Tensor)
        nn.Parameter(torch.ones(2)) * 2
        y = torch.ones(2); p = nn.Parameter(y); y[0] = 5; p
        copy.deepcopy(nn.Parameter(torch.ones(2)))
        nn.Parameter(torch.ones(2)).detach()
        nn.Parameter(torch.ones(2)).data
        d = nn.Dropout(0.5); (d.p, d.training, d.eval().training)
        y = nn.Dropout(0.5)(torch.ones(1000)); sorted(set(y.tolist()))
        nn.Sequential(nn.Linear(2, 2)).state_dict()["0.weight"].shape
        y = x * 1; nn.ReLU(inplace=True)(y) is y
        """,
        x=floats(2, 3),
        grad=False,
    ),
    *table(
        "modules",
        """
        nn.Linear(3, 2)(x)
        nn.Linear(4, 2)(n)
        nn.Linear(4, 2)(x.double())
        nn.Linear("3", 2)
        nn.Linear(3)
        nn.Linear()
        nn.Dropout(1.5)
        nn.Module()(x)
        nn.Linear(4, 2).wieght
        nn.Sequential(nn.ReLU()).frobnicate
        nn.Sequential(nn.ReLU())[1]
        nn.Sequential(nn.ReLU())[-2]
        nn.ModuleList([nn.ReLU()])(x)
        nn.ModuleList([nn.ReLU()])[3]
        nn.Sequential(3)
        nn.Sequential(nn.ReLU(), "relu")
        nn.ModuleList([1])
        m = nn.Linear(4, 2); m.weight = 3; m
        m = nn.Linear(4, 2); m.weight = torch.zeros(2, 4); m
        m = nn.Sequential(nn.ReLU()); m[0] = 3; m
        nn.Linear(4, 2).load_state_dict({})
        nn.Linear(4, 2).load_state_dict({"weight": torch.zeros(2, 4)})
        nn.Linear(4, 2).load_state_dict({"weight": torch.zeros(2, 4), "bias": torch.zeros(2), "more": torch.zeros(2)})
        nn.Linear(4, 2).load_state_dict({"weight": torch.zeros(4, 2), "bias": torch.zeros(2)})
        nn.Linear(4, 2).load_state_dict({"weight": torch.zeros(4, 2)}, strict=False)
        nn.Linear(4, 2).register_buffer("weight", torch.zeros(2))
        nn.Linear(4, 2).register_buffer("b", 3)
        nn.Linear(4, 2).register_buffer("a.b", torch.zeros(2))
        nn.Linear(4, 2).register_parameter("p", torch.zeros(2))
        nn.Linear(4, 2).add_module("m", 3)
        nn.Linear(4, 2).add_module("weight", nn.ReLU())
        nn.Linear(4, 2).get_parameter("missing")
        nn.Linear(4, 2).get_submodule("missing")
        nn.Parameter([1.0, 2.0])
        nn.Parameter(n)
        nn.CrossEntropyLoss()(x)
        nn.CrossEntropyLoss()(x, n)
        nn.Softmax(dim=3)(x)
        nn.Flatten(5)(x)
        nn.GELU(approximate="x")(x)
        """,
        raises=True,
        x=floats(2, 4),
        n=ints(2, 4),
    ),
    *table("modules", "nn.Softmax()(x)", x=[floats(3), floats(2, 3), given([[[1.0, 2.0]]])]),
]


# ------------------------------------------------------------------------------------ programs
def counter(torch: ModuleType, persistent: bool = True) -> Any:
    class Counter(torch.nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(2, 2)
            self.register_buffer("calls", torch.zeros((), dtype=torch.int64), persistent=persistent)
            self.scale = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
            self.nothing = None
            self.plain = torch.ones(3)

        def forward(self, x: Any, *, power: int = 1) -> Any:
            self.calls += 1
            return (self.layer(x) * self.scale) ** power

        def extra_repr(self) -> str:
            return "counts its calls"

    return Counter()


def buffers_are_state(torch: ModuleType) -> Any:
    model = counter(torch)
    for _ in range(3):
        model(torch.ones(1, 2))
    return list(model.state_dict()), model.calls, dict(model.named_buffers()), list(dict(model.named_parameters()))


def buffers_that_are_not_persistent(torch: ModuleType) -> Any:
    model = counter(torch, persistent=False)
    return list(model.state_dict()), [n for n, _ in model.named_buffers()], len(list(model.buffers()))


def a_printed_model_with_extra_repr(torch: ModuleType) -> Any:
    return repr(counter(torch)), repr(torch.nn.Sequential(counter(torch), torch.nn.ReLU()))


def keyword_arguments_reach_forward(torch: ModuleType) -> Any:
    model = counter(torch)
    with torch.no_grad():
        model.layer.weight.fill_(0.5)
        model.layer.bias.fill_(0.25)
    return model(torch.ones(1, 2), power=3)


def forward_hooks(torch: ModuleType) -> Any:
    model = torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Tanh())
    seen: list[Any] = []
    first = model[0].register_forward_hook(lambda m, args, out: seen.append((type(m).__name__, len(args), out)))
    model[1].register_forward_hook(lambda m, args, out: out * 10)
    model.register_forward_pre_hook(lambda m, args: (args[0] - 1,))
    results = [model(torch.tensor([0.0, 2.0]))]
    first.remove()
    results.append(model(torch.tensor([0.0, 2.0])))
    return results, seen


def tied_weights(torch: ModuleType) -> Any:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2, bias=False), torch.nn.Linear(2, 2, bias=False))
    model[1].weight = model[0].weight
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    model(torch.ones(1, 2)).sum().backward()
    same = model[1].weight is model[0].weight
    return model[0].weight.grad, len(list(model.parameters())), list(model.state_dict()), same


def a_module_used_twice_is_listed_once(torch: ModuleType) -> Any:
    relu = torch.nn.ReLU()
    model = torch.nn.Sequential(relu, torch.nn.Linear(1, 1), relu)
    return list(dict(model.named_modules())), list(dict(model.named_children())), len(list(model.modules()))


def a_parameter_can_be_replaced_and_removed(torch: ModuleType) -> Any:
    layer = torch.nn.Linear(2, 2)
    layer.weight = torch.nn.Parameter(torch.ones(1, 2))
    del layer.bias
    layer.register_parameter("bias", None)
    return layer(torch.ones(1, 2)), list(layer.state_dict())


def a_frozen_layer_gets_no_gradient(torch: ModuleType) -> Any:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
    for p in model[0].parameters():
        p.requires_grad = False
    model(torch.ones(1, 2)).sum().backward()
    return [p.grad is None for p in model.parameters()], model[1].bias.grad


def assigning_before_init_is_refused(torch: ModuleType) -> Any:
    class Hasty(torch.nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            self.layer = torch.nn.Linear(1, 1)

    return Hasty()


def a_module_without_forward(torch: ModuleType) -> Any:
    class Empty(torch.nn.Module):  # type: ignore[name-defined, misc]
        pass

    return Empty()(torch.ones(1))


CASES += programs(
    "modules",
    buffers_are_state,
    buffers_that_are_not_persistent,
    a_printed_model_with_extra_repr,
    keyword_arguments_reach_forward,
    forward_hooks,
    tied_weights,
    a_module_used_twice_is_listed_once,
    a_parameter_can_be_replaced_and_removed,
    a_frozen_layer_gets_no_gradient,
    grad=False,
)
CASES += programs("modules", assigning_before_init_is_refused, a_module_without_forward, raises=True)
