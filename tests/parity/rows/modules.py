"""Modules: same weights, same outputs and gradients; keys of the state, printed form, and the machinery around them."""

from __future__ import annotations

import copy
import pickle
from types import ModuleType
from typing import Any

from parity.harness import programs, table
from parity.inputs import floats, given, ints
from parity.material import load

MLP = "nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))"
NAMED = "nn.Sequential(OrderedDict([('first', nn.Linear(3, 3)), ('act', nn.ReLU()), ('last', nn.Linear(3, 1))]))"
LAYERS = f"""
    nn.Linear(3, 5); nn.Linear(3, 5, bias=False); nn.Linear(in_features=3, out_features=1); nn.ReLU(); nn.Tanh()
    nn.ReLU(inplace=False); nn.Sigmoid(); nn.GELU(); nn.GELU(approximate='tanh'); nn.Softmax(dim=-1); nn.Softmax(0)
    nn.Dropout(0.5).eval(); nn.Dropout(p=0.0); nn.Flatten(); nn.Flatten(0); nn.Flatten(1, 2); nn.Unflatten(1, (1, 2)); nn.Identity()
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
    # ------------------------------------------------------------------------------------ containers
    *table(
        "modules",
        """
        $c
        m = $c; (len(m), [n for n, _ in m.named_parameters()], list(m.state_dict()), repr(m))
        m = $c; [type(x).__name__ for x in m]
        m = copy.deepcopy($c); (len(m), list(m.state_dict()))
        """,
        c="""
            nn.ModuleDict(); nn.ModuleDict({"b": nn.Linear(2, 1), "a": nn.ReLU()}); nn.ParameterList()
            nn.ParameterDict()
            nn.ModuleDict([("b", nn.Linear(2, 1)), ("a", nn.ReLU())]); nn.ModuleDict(nn.ModuleDict({"x": nn.Tanh()}))
            nn.ModuleDict(OrderedDict([("b", nn.Linear(2, 1)), ("a", nn.ReLU())])); nn.ParameterList([torch.ones(2, 3)])
            nn.ParameterList([torch.ones(2), nn.Parameter(torch.tensor(1.0))])
            nn.ParameterList(torch.ones(i) for i in (1, 2)); nn.Sequential(nn.ModuleDict())
            nn.ParameterDict({"b": torch.ones(2), "a": nn.Parameter(torch.ones(1).double())})
            nn.ParameterDict(OrderedDict([("b", torch.ones(2)), ("a", torch.ones(1).half())]))
            nn.ParameterDict([("b", torch.ones(2)), ("a", torch.ones(1))]); nn.ParameterDict({"b": torch.ones(2, 3)})
            nn.ModuleList([nn.ParameterList([torch.ones(1)]), nn.ParameterDict({"k": torch.ones(2)})])
        """,
    ),
    *table(
        "modules",
        """
        m = nn.ModuleDict({"a": nn.ReLU()}); m["b"] = nn.Tanh(); (list(m), list(m.keys()), "b" in m, "c" in m, len(m))
        m = nn.ModuleDict({"a": nn.ReLU()}); m.update({"c": nn.Tanh(), "a": nn.Sigmoid()}); repr(m)
        m = nn.ModuleDict({"a": nn.ReLU(), "b": nn.Tanh()}); (repr(m.pop("a")), list(m), [k for k, v in m.items()])
        m = nn.ModuleDict({"a": nn.ReLU(), "b": nn.Tanh()}); del m["a"]; [repr(v) for v in m.values()]
        m = nn.ModuleDict({"a": nn.ReLU()}); m.clear(); (len(m), repr(m), m.a if hasattr(m, "a") else None)
        m = nn.ModuleDict({"a": nn.Linear(2, 2)}); m.a is m["a"]
        m = fill(nn.ModuleDict({"a": nn.Linear(3, 2), "b": nn.Linear(3, 2)})); m["b"](x)
        m = nn.ParameterDict({"a": torch.ones(2)}); m["b"] = torch.zeros(1); (m["b"], [*m.parameters()], [*m.keys()])
        m = nn.ParameterDict({"a": torch.ones(2)}); m["a"] = torch.zeros(1); m["a"]
        m = nn.ParameterDict({"a": torch.ones(2)}); (m.get("a"), m.get("z"), m.get("z", 3), m.pop("a"), len(m))
        m = nn.ParameterDict({"a": torch.ones(2)}); m.update({"z": torch.ones(1)}); [(k, v) for k, v in m.items()]
        m = nn.ParameterDict({"a": torch.ones(2)}); (m.setdefault("a", 1), m.setdefault("b", m["a"]), len(m))
        m = nn.ParameterList([torch.ones(2)]); m.append(torch.zeros(1)); (m[1], m[-1], len(m), list(m))
        m = nn.ParameterList([torch.ones(2)]); m += [torch.zeros(1)]; m.extend([torch.zeros(3)]); list(m.state_dict())
        m = nn.ParameterList([torch.ones(2), torch.zeros(1)]); m[0] = torch.ones(3); (m[0], len(m[:1]), list(m[1:]))
        p = nn.Parameter(torch.ones(2)); m = nn.ParameterList([p]); m[0] is p
        m = nn.ParameterList([torch.ones(2, 3)] * 2); (x @ m[0].t()).sum().backward(); (m[0].grad, m[1].grad)
        m = nn.Sequential(nn.ReLU(), nn.Tanh()); m.insert(1, nn.Sigmoid()); (repr(m), list(m.state_dict()))
        m = nn.Sequential(nn.ReLU(), nn.Tanh()); m.insert(0, nn.Sigmoid()).insert(3, nn.GELU()); repr(m)
        m = nn.Sequential(nn.ReLU(), nn.Tanh()); m.insert(-1, nn.Sigmoid()); repr(m)
        m = nn.Sequential(nn.ReLU(), nn.Tanh()).extend([nn.Sigmoid(), nn.Tanh()]); repr(m)
        m = nn.Sequential(nn.ReLU(), nn.Tanh()); m += nn.Sequential(nn.Sigmoid()); repr(m)
        repr(nn.Sequential(nn.ReLU(), nn.Tanh()) + nn.Sequential(nn.Sigmoid()))
        m = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid()); (repr(m.pop(1)), repr(m), list(m._modules))
        m = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid()); (repr(m.pop(-1)), repr(m))
        m = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid()); del m[1]; (repr(m), list(m._modules))
        m = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid()); del m[:2]; repr(m)
        m = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid()); del m[-1]; repr(m)
        m = {named}; (repr(m[:2]), repr(m[-1]), list(m[1:].state_dict()), m.first is m[0])
        m = {named}; m.append(nn.ReLU()); list(m._modules)
        m = {named}; m[0] = nn.Tanh(); repr(m.first)
        m = {named}; del m[1]; list(m._modules)
        m = nn.ModuleList([nn.ReLU(), nn.Tanh()]); m.insert(1, nn.Sigmoid()); (repr(m), list(m._modules))
        m = nn.ModuleList([nn.ReLU(), nn.Tanh()]); m += [nn.Sigmoid()]; (repr(m), repr(m + [nn.GELU()]), len(m))
        m = nn.ModuleList([nn.ReLU(), nn.Tanh()]); (repr(m.pop(0)), repr(m.pop(-1)), repr(m))
        m = nn.ModuleList([nn.ReLU(), nn.Tanh(), nn.ReLU()]); del m[0]; del m[:1]; repr(m)
        r = nn.ReLU(); m = nn.ModuleList([r, nn.Tanh()]); (r in m, nn.ReLU() in m, type(m[:1]).__name__, len(m[-1:]))
        m = nn.ModuleList([nn.ReLU() for _ in range(12)]); (repr(m), list(m._modules)[-2:], repr(m[11]))
        """.replace("{named}", NAMED),
        x=floats(2, 3),
        grad=False,
    ),
    # ------------------------------------------------------------------------------------ behind the scenes
    *table(
        "modules",
        """
        m = {mlp}; [(k, type(v).__name__) for k, v in m._modules.items()]
        m = nn.Linear(3, 2); [(k, tuple(v.shape)) for k, v in m._parameters.items()]
        m = nn.Linear(3, 2, bias=False); (m._parameters.get("bias"), m.bias, list(m.state_dict()))
        m = {lin}; (list(m._buffers), len(m._modules), "weight" in m._parameters, m._parameters.get("x"))
        m = {mlp}; m._modules["1"] = nn.ReLU(); (repr(m), repr(m[1]))
        m = {mlp}; del m._modules["1"]; (repr(m), len(m))
        m = {lin}; m._parameters["weight"] = nn.Parameter(torch.ones(2, 3)); (m.weight, len(list(m.parameters())))
        m = {lin}; w = m.weight; del m._parameters["weight"]; m.weight = w * 2; [n for n, _ in m.named_parameters()]
        m = {lin}; del m.weight; m.weight = torch.ones(2, 3); (m(x.detach()).requires_grad, list(m.state_dict()))
        m = nn.Module(); m.b = None; m.a = nn.Parameter(x); m.b = nn.Parameter(x); list(m.state_dict())
        m = {new}; m.register_parameter("b", None); m.a = nn.Parameter(x); m.b = nn.Parameter(x); list(m.state_dict())
        m = nn.Module(); m.c = nn.ReLU(); m.c = nn.Parameter(x); (list(m._modules), list(m._parameters))
        m = nn.Module(); m.register_buffer("c", x); m.c = nn.Linear(1, 1); (list(m._modules), list(m._buffers))
        m = {new}; m.register_buffer("c", x); m.c = nn.Parameter(x); (list(m._parameters), list(m._buffers))
        m = nn.Module(); m.c = nn.Tanh(); m.p = nn.Parameter(x); m.c = nn.Parameter(x); list(m.state_dict())
        m = nn.Module(); m.c = 3; m.c = nn.Linear(1, 1); (list(m._modules), list(m.state_dict()))
        m = nn.Module(); m.c = nn.Linear(1, 1); m.c = None; (list(m._modules), repr(m), len(list(m.children())))
        m = nn.Module(); m.add_module("c", None); (list(m._modules), m.c, len(list(m.modules())), repr(m))
        m = nn.Module(); m.register_module("c", nn.ReLU()); repr(m.c)
        m = {new}; {buf}; m.b = torch.zeros(2); (m.b, list(m.state_dict()), list(m._buffers))
        m = {new}; {buf}; m.b = None; (m.b, list(m.state_dict()), list(m._buffers))
        m = nn.Module(); m.register_buffer("b", None); m.b = torch.ones(1); (m.b, list(m.state_dict()))
        m = {new}; m.register_buffer("b", torch.ones(1), persistent=False); m.b = torch.zeros(1); list(m.state_dict())
        m = nn.Module(); m.register_buffer("b", torch.ones(1)); m.register_buffer("b", torch.zeros(2)); m.b
        m = nn.Module(); m.register_buffer("b", torch.ones(1)); del m.b; (list(m._buffers), hasattr(m, "b"))
        m = {new}; m.p = nn.Parameter(x); m.register_buffer("b", x); m.q = nn.Parameter(x); list(m.state_dict())
        m = nn.Linear(3, 2); m.register_parameter("weight", nn.Parameter(x)); m.weight
        m = {mlp}; (m.get_submodule("2") is m[2], m.get_submodule("") is m, m.get_parameter("0.bias") is m[0].bias)
        m = {new}; {buf}; n = nn.Sequential(m); (n.get_buffer("0.b"), list(n.named_buffers()))
        m = {mlp}; (list(m.state_dict(prefix="a.")), list(m.state_dict(keep_vars=True).values())[0] is m[0].weight)
        m = {mlp}; d = OrderedDict(z=1); (m.state_dict(destination=d) is d, list(d))
        m = {mlp}; [n for n, _ in m.named_parameters("pre")] + [n for n, _ in m.named_parameters(recurse=False)]
        m = {mlp}; [n for n, _ in m.named_modules(prefix="pre")] + [n for n, _ in m.named_children()]
        m = nn.Linear(3, 2); n = nn.Sequential(m, m); [n for n, _ in n.named_parameters(remove_duplicate=False)]
        "weight" in dir(nn.Linear(3, 2)) and "0" in dir(nn.ModuleDict()) + ["0"]
        m = {lin}; (m.half().weight.dtype, m.double().bias.dtype, m.float().weight.dtype, m.cpu() is m)
        m = {lin}; (m.type(torch.float64).weight.dtype, m.to(torch.float16).weight.dtype, m.to("cpu") is m)
        m = nn.Linear(3, 2); (m.to(device="cpu", dtype=torch.float64).weight.dtype, m.to(x).weight.dtype)
        m = nn.Linear(3, 2).to(memory_format=torch.contiguous_format); m.weight.dtype
        m = nn.Linear(3, 2); m.register_buffer("n", torch.arange(2)); m.double(); (m.n.dtype, m.weight.dtype)
        m = nn.Linear(3, 2); w = m.weight; m.double(); (m.weight is w, w.dtype, w.requires_grad)
        m = nn.Linear(3, 2); m(x).sum().backward(); m.double(); m.weight.grad.dtype
        m = nn.Linear(3, 2); m.share_memory() is m
        m = fill(nn.Linear(3, 2)); m._apply(lambda t: t * 0 + 1); m(x)
        m = nn.Linear(3, 2); m.compile()
        m = {lin}; s = {k: torch.ones_like(v) for k, v in m.state_dict().items()}; m.load_state_dict(s); m(x)
        m = {lin}; s = m.double().state_dict(); n = {lin}; n.load_state_dict(s, assign=True); n.weight.dtype
        m = {lin}; w = m.weight; m.load_state_dict({lin}.state_dict(), assign=True); (m.weight is w, m.weight.shape)
        m = {lin}; t = torch.ones(2, 3); m.load_state_dict(dict(weight=t, bias=t[:, 0]), True, True); t[0] = 5; m.bias
        m = {lin}.requires_grad_(False); m.load_state_dict({lin}.state_dict(), True, True); m.weight.requires_grad
        m = {lin}; r = m.load_state_dict({"weight": torch.ones(2, 3), "x": torch.ones(1)}, strict=False); (r, m.weight)
        m = nn.Linear(3, 2); r = m.load_state_dict({}, strict=False); (r.missing_keys, r.unexpected_keys)
        repr(nn.Linear(3, 2).load_state_dict(nn.Linear(3, 2).state_dict()))
        m = copy.deepcopy({mlp}); (m.training, m.eval().training, [c.training for c in m.modules()])
        m = {mlp}; n = copy.deepcopy(m); n[0].weight.data.zero_(); (m[0].weight is n[0].weight, m[0].weight.any())
        m = {mlp}; n = copy.copy(m); n[0] is m[0]
        m = nn.Linear(3, 2); n = copy.deepcopy(nn.Sequential(m, m)); (n[0] is n[1], n[0].weight is n[1].weight)
        """.replace("{mlp}", MLP)
        .replace("{lin}", "nn.Linear(3, 2)")
        .replace("{new}", "nn.Module()")
        .replace("{buf}", 'm.register_buffer("b", torch.ones(1))'),
        x=floats(2, 3),
        grad=False,
    ),
    *table(
        "modules",
        """
        nn.ModuleDict({"a": 3})
        nn.ModuleDict({"a.b": nn.ReLU()})
        nn.ModuleDict({"": nn.ReLU()})
        nn.ModuleDict({"keys": nn.ReLU()})
        nn.ModuleDict({1: nn.ReLU()})
        nn.ModuleDict()["x"]
        nn.ModuleDict().pop("x")
        del nn.ModuleDict()["x"]; 1
        nn.ModuleDict(3)
        nn.ModuleDict({"a": nn.ReLU()})(x)
        nn.ParameterList(torch.ones(2))
        nn.ParameterList(3)
        nn.ParameterList([torch.ones(1)])[1]
        nn.ParameterList([torch.ones(1)])[-2]
        nn.ModuleList(3)
        nn.ModuleList([nn.ReLU()]).append(3)
        nn.ModuleList([nn.ReLU()]).pop(3)
        nn.Sequential(nn.ReLU()).insert(5, nn.ReLU())
        nn.Sequential(nn.ReLU()).append("relu")
        nn.Sequential(nn.ReLU()).pop(1)
        m = nn.Sequential(nn.ReLU()); del m[1]; m
        nn.Linear(2, 1).register_parameter("", None)
        nn.Linear(2, 1).register_parameter("training", None)
        nn.Linear(2, 1).register_parameter("a.b", None)
        nn.Linear(2, 1).register_parameter(3, None)
        nn.Linear(2, 1).register_buffer("weight", None)
        nn.Linear(2, 1).add_module("", nn.ReLU())
        nn.Linear(2, 1).add_module("forward", nn.ReLU())
        nn.Linear(2, 1).to(torch.int64)
        nn.Linear(2, 1).to(torch.zeros(1).long())
        nn.Linear(2, 1).get_buffer("weight")
        nn.Linear(2, 1).get_parameter("in_features")
        nn.Linear(2, 1).get_submodule("weight")
        nn.Linear(2, 1).load_state_dict(3)
        nn.Linear(2, 1).load_state_dict([("weight", torch.zeros(1, 2))])
        nn.Linear(2, 1).load_state_dict({"weight": torch.zeros(2, 2), "bias": torch.zeros(1)}, assign=True)
        m = nn.Module(); m.register_buffer("b", torch.ones(1)); m.b = 3; m
        m = nn.Module(); m.c = nn.ReLU(); m.c = 3; m
        m = nn.Module(); m.c = nn.Parameter(x); m.c = nn.Linear(1, 1); m
        m = nn.Module(); m.c = nn.ReLU(); m.c = torch.ones(1); m
        m = nn.Linear(2, 1); del m.missing; m
        nn.Module().missing
        nn.Module(3)
        """,
        raises=True,
        x=floats(2, 4),
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


def forward_hooks_with_kwargs(torch: ModuleType) -> Any:
    class Power(torch.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, x: Any, *, power: int = 1) -> Any:
            return x**power

    seen: list[Any] = []
    model = Power()
    model.register_forward_pre_hook(lambda m, a, k: (a, {**k, "power": k["power"] + 1}), with_kwargs=True)
    model.register_forward_pre_hook(lambda m, a, k: seen.append((len(a), dict(k))), with_kwargs=True, prepend=True)
    model.register_forward_hook(lambda m, a, k, out: seen.append(dict(k)), with_kwargs=True)
    model.register_forward_hook(lambda m, a, out: out + 1)
    model.register_forward_hook(lambda m, a, out: seen.append("first"), prepend=True)
    return model(torch.tensor([2.0]), power=2), seen


def forward_pre_hook_that_returns_one_value(torch: ModuleType) -> Any:
    model = torch.nn.ReLU()
    handle = model.register_forward_pre_hook(lambda m, args: args[0] + 10)
    first = model(torch.tensor([-1.0]))
    handle.remove()
    return first, model(torch.tensor([-1.0]))


def full_backward_hooks(torch: ModuleType) -> Any:
    model = load(torch, torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1)))
    seen: list[Any] = []

    def keep(module: Any, grad_input: Any, grad_output: Any) -> None:
        seen.append((type(module).__name__, grad_input, grad_output))

    handles = [layer.register_full_backward_hook(keep) for layer in model[1:]]
    x = torch.tensor([[1.0, -1.0]], requires_grad=True)
    model(x).sum().backward()
    for handle in handles:
        handle.remove()
    model(x).sum().backward()
    return seen, x.grad, model[0].weight.grad


def full_backward_hooks_that_replace(torch: ModuleType) -> Any:
    model = load(torch, torch.nn.Linear(2, 3))
    model.register_full_backward_pre_hook(lambda m, grads: (grads[0] * 2,))
    model.register_full_backward_hook(lambda m, inputs, outputs: (inputs[0] + outputs[0].sum(),))
    x = torch.tensor([[1.0, -1.0]], requires_grad=True)
    model(x).sum().backward()
    return x.grad, model.weight.grad


def full_backward_hooks_of_several(torch: ModuleType) -> Any:
    class Pair(torch.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, x: Any, y: Any, scale: float, z: Any = None) -> Any:
            return x * y * scale, x + z

    seen: list[Any] = []
    model = Pair()
    model.register_full_backward_hook(lambda m, inputs, outputs: seen.append((inputs, outputs)))
    x, y = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor([3.0, 4.0])
    a, b = model(x, y, 2.0, z=torch.ones(2))
    (a * a).sum().backward(retain_graph=True)
    ((a * a).sum() + (b * 3).sum()).backward()
    return a, b, seen, x.grad


def full_backward_hooks_where_no_input_learns(torch: ModuleType) -> Any:
    model = load(torch, torch.nn.Linear(2, 3))
    seen: list[Any] = []
    model.register_full_backward_hook(lambda m, inputs, outputs: seen.append((inputs, outputs)))
    y = model(torch.tensor([[1.0, -1.0]]))
    y.pow(2).sum().backward()
    with torch.no_grad():
        model(torch.ones(1, 2))
    return seen, model.weight.grad


def hooks_of_a_copy(torch: ModuleType) -> Any:
    model = torch.nn.ReLU()
    handle = model.register_forward_hook(lambda m, args, out: out + 1)
    twin = copy.deepcopy(model)
    handle.remove()
    return model(torch.ones(1)), twin(torch.ones(1))


def train_is_asked_of_every_child(torch: ModuleType) -> Any:
    class Frozen(torch.nn.Linear):  # type: ignore[name-defined, misc]
        def train(self, mode: bool = True) -> Any:
            return super().train(False)

    model = torch.nn.Sequential(Frozen(1, 1), torch.nn.Sequential(Frozen(1, 1), torch.nn.ReLU()))
    return [m.training for m in model.train().modules()], [m.training for m in model.eval().modules()]


def compiled(torch: ModuleType) -> Any:
    model = torch.nn.ReLU()
    same = torch.compile(model, backend="eager")

    @torch.compile(backend="eager", fullgraph=False)
    def double(x: Any) -> Any:
        return x * 2

    return same(torch.tensor([-1.0, 1.0])), double(torch.ones(1))


def pickled(torch: ModuleType) -> Any:
    model = load(torch, torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ModuleDict({"a": torch.nn.Linear(2, 1)})))
    model.register_buffer("n", torch.tensor([1, 2]), persistent=False)
    model[0].bias.requires_grad_(False)
    twin = pickle.loads(pickle.dumps(model))
    x = torch.tensor([[1.0, -1.0]])
    return twin[1]["a"](twin[0](x)).detach(), list(twin.state_dict()), twin.n, twin[0].bias.requires_grad, repr(twin)


def a_model_with_dicts_and_lists(torch: ModuleType) -> Any:
    nn = torch.nn

    class Net(nn.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__()
            self.gains = nn.ParameterList([nn.Parameter(torch.ones(3)) for _ in range(2)])
            self.activations = nn.ModuleDict({"tanh": nn.Tanh(), "relu": nn.ReLU()})
            self.layers = nn.ModuleList()
            for _ in range(2):
                self.layers.append(nn.Linear(3, 3))
            self.shift = nn.ParameterDict({"a": torch.zeros(3)})

        def forward(self, x: Any) -> Any:
            for i, (layer, kind) in enumerate(zip(self.layers, self.activations.keys())):
                x = self.activations[kind](layer(x)) * self.gains[i] + self.shift["a"]
            return x

    model = load(torch, Net())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = model(torch.tensor([[1.0, 2.0, 3.0]])).pow(2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, list(model.state_dict()), repr(model)


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
    forward_hooks_with_kwargs,
    forward_pre_hook_that_returns_one_value,
    full_backward_hooks,
    full_backward_hooks_that_replace,
    full_backward_hooks_of_several,
    full_backward_hooks_where_no_input_learns,
    hooks_of_a_copy,
    train_is_asked_of_every_child,
    compiled,
    pickled,
    a_model_with_dicts_and_lists,
    tied_weights,
    a_module_used_twice_is_listed_once,
    a_parameter_can_be_replaced_and_removed,
    a_frozen_layer_gets_no_gradient,
    grad=False,
)
CASES += programs("modules", assigning_before_init_is_refused, a_module_without_forward, raises=True)
