"""Does a Module keep parameters, buffers, children and state as PyTorch's does, and do layers and losses fit?"""

from __future__ import annotations

import copy
import math
from collections import OrderedDict

import numpy as np
import pytest

import tinytorch as torch
from tinytorch import nn
from tinytorch.nn import functional as F
from tinytorch.nn import init


class Block(nn.Module):
    """A parameter after a child, to show that the module's own come first."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 3)
        self.scale = nn.Parameter(torch.ones(3))
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("cache", torch.zeros(1), persistent=False)
        self.register_buffer("absent", None)

    def forward(self, x):
        return self.fc(x) * self.scale - self.mean


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Block()
        self.blocks = nn.ModuleList([nn.Linear(3, 3), nn.Tanh()])
        self.tied = self.blocks[0]
        self.out = nn.Sequential(OrderedDict(hidden=nn.Linear(3, 2, bias=False), act=nn.ReLU()))
        self.plain = "an attribute like any other"

    def forward(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.out(self.tied(x))


PARAMETERS = [
    *("first.scale", "first.fc.weight", "first.fc.bias"),
    *("blocks.0.weight", "blocks.0.bias", "out.hidden.weight"),
]


# ------------------------------------------------------------------------------------------------ the tree
def test_parameters_come_in_pytorchs_order_and_shared_ones_once():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == PARAMETERS
    assert [id(p) for p in net.parameters()] == [id(net.get_parameter(name)) for name in PARAMETERS]
    every = [name for name, _ in net.named_parameters(remove_duplicate=False)]
    assert every == [*PARAMETERS[:5], "tied.weight", "tied.bias", PARAMETERS[5]]
    assert [name for name, _ in net.named_parameters(prefix="net", recurse=False)] == []
    assert [name for name, _ in net.first.named_parameters(prefix="x", recurse=False)] == ["x.scale"]


def test_children_and_modules():
    net = Net()
    assert [name for name, _ in net.named_children()] == ["first", "blocks", "tied", "out"]
    assert [name for name, _ in nn.Sequential(*[nn.Tanh()] * 2).named_children()] == ["0"]
    names = ["", "first", "first.fc", "blocks", "blocks.0", "blocks.1", "out", "out.hidden", "out.act"]
    assert [name for name, _ in net.named_modules()] == names
    assert [type(m).__name__ for m in net.blocks.children()] == ["Linear", "Tanh"]
    assert len(list(net.modules())) == len(names)
    assert net.get_submodule("out.hidden") is net.out.hidden
    assert net.get_submodule("") is net
    for wrong in ("out.nothing", "first.scale"):
        with pytest.raises(AttributeError):
            net.get_submodule(wrong)


def test_buffers_are_state_but_not_parameters():
    block = Block()
    assert [name for name, _ in block.named_buffers()] == ["mean", "cache"]
    assert list(block.state_dict()) == ["scale", "mean", "fc.weight", "fc.bias"]
    block.mean = torch.ones(3)  # still a buffer
    assert block.state_dict()["mean"].tolist() == [1, 1, 1]
    with pytest.raises(KeyError, match="scale"):
        block.register_buffer("scale", torch.ones(1))
    with pytest.raises(TypeError, match="list"):
        block.register_buffer("other", [1.0])
    del block.mean
    assert [name for name, _ in block.named_buffers()] == ["cache"]


def test_assigning_none_switches_a_parameter_off():
    layer = nn.Linear(2, 2)
    layer.bias = None
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert torch.equal(layer(torch.eye(2)), layer.weight.t())
    layer.bias = nn.Parameter(torch.ones(2))
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]


def test_gradients_reach_shared_weights_once_for_each_use():
    layer = nn.Linear(1, 1, bias=False)
    model = nn.Sequential(layer, layer)
    layer.weight.data.fill_(3.0)
    model(torch.ones(1, 1)).sum().backward()
    assert (len(model), list(model), len(list(model.parameters()))) == (2, [layer, layer], 1)
    assert layer.weight.grad.item() == 6  # d w²/dw


def test_one_parameter_in_two_modules_is_listed_once_and_saved_twice():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 3, bias=False))
    model[1].weight = model[0].weight  # as a language model ties its first and last layer
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias"]
    assert [name for name, _ in model.named_parameters(remove_duplicate=False)] == ["0.weight", "0.bias", "1.weight"]
    assert list(model.state_dict()) == ["0.weight", "0.bias", "1.weight"]
    torch.optim.SGD(model.parameters(), lr=0.1)


# ------------------------------------------------------------------------------------------------ mistakes
def test_a_typo_in_an_attribute_names_the_class():
    with pytest.raises(AttributeError, match=r"'Net' object has no attribute 'frist'"):
        Net().frist  # noqa: B018


def test_a_tensor_does_not_replace_a_parameter():
    layer = nn.Linear(2, 2)
    before = layer.weight
    for value in (torch.zeros(2, 2), 3, [1.0]):
        with pytest.raises(TypeError, match=rf"Linear\.weight is a Parameter.*{type(value).__name__}"):
            layer.weight = value
    with pytest.raises(TypeError, match="is a Module"):
        Net().out = "text"
    assert layer.weight is before


@pytest.mark.parametrize(
    "body",
    [
        lambda self: setattr(self, "fc", nn.Linear(1, 1)),
        lambda self: setattr(self, "w", nn.Parameter(torch.ones(1))),
        lambda self: self.register_buffer("b", torch.ones(1)),
    ],
)
def test_a_forgotten_super_init_is_named(body):
    class Forgetful(nn.Module):
        def __init__(self):
            body(self)

    with pytest.raises(AttributeError, match=r"Forgetful.*super\(\).__init__\(\)"):
        Forgetful()


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Module defines no forward"):
        nn.Module()(1)


def test_containers_refuse_what_is_no_module():
    for wrong in (lambda: nn.Sequential(F.relu), lambda: nn.ModuleList([3]), lambda: nn.Module().add_module("x", "y")):
        with pytest.raises(TypeError, match="must be a Module"):
            wrong()
    with pytest.raises(IndexError, match=r"2.*Sequential of 1"):
        nn.Sequential(nn.Tanh())[2]


# ------------------------------------------------------------------------------------------------ containers
def test_sequential_is_a_list_of_modules():
    layers = [nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)]
    model = nn.Sequential(*layers)
    x = torch.randn(4, 2)
    assert torch.equal(model(x), layers[2](torch.tanh(layers[0](x))))
    assert (len(model), list(model), model[-1]) == (3, layers, layers[2])
    assert isinstance(model[:2], nn.Sequential)
    assert list(model[1:]) == layers[1:]
    model[1] = nn.ReLU()
    model.append(nn.Tanh())
    assert [type(m).__name__ for m in model] == ["Linear", "ReLU", "Linear", "Tanh"]
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_module_list_counts_its_modules_parameters():
    blocks = nn.ModuleList([nn.Linear(1, 1)]).extend([nn.Tanh(), nn.Linear(1, 2)])
    blocks.append(nn.ReLU())
    assert (len(blocks), len(list(blocks.parameters()))) == (4, 4)
    assert [type(m).__name__ for m in blocks[1:3]] == ["Tanh", "Linear"]
    with pytest.raises(NotImplementedError):
        blocks(torch.ones(1, 1))


# ------------------------------------------------------------------------------------------------ switching
def test_train_and_eval_reach_every_module():
    net = Net()
    assert all(m.training for m in net.modules())
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    net.out.train()
    assert [m.training for m in (net, net.out, net.out.act)] == [False, True, True]


def test_apply_visits_children_before_parents():
    seen = []
    model = nn.Sequential(nn.Sequential(nn.Tanh()), nn.ReLU())
    assert model.apply(lambda m: seen.append(type(m).__name__)) is model
    assert seen == ["Tanh", "Sequential", "ReLU", "Sequential"]


def test_requires_grad_and_zero_grad_reach_every_parameter():
    net = Net()
    net(torch.ones(1, 2)).sum().backward()
    grads = [p.grad for p in net.parameters()]
    net.zero_grad(set_to_none=False)
    assert all(p.grad is g and not g.any() for p, g in zip(net.parameters(), grads))
    net.zero_grad()
    assert [p.grad for p in net.parameters()] == [None] * 6
    net.requires_grad_(False)
    assert not net(torch.ones(1, 2)).requires_grad


def test_double_converts_parameters_their_gradients_and_floating_buffers_in_place():
    block = Block()
    block.register_buffer("steps", torch.tensor(3))
    weight = block.fc.weight
    block(torch.ones(1, 2)).sum().backward()
    assert block.double() is block
    assert block.fc.weight is weight
    kinds = [block.scale.dtype, weight.dtype, weight.grad.dtype, block.mean.dtype, block.cache.dtype, block.steps.dtype]
    assert kinds == [torch.float64] * 5 + [torch.int64]
    block(torch.ones(1, 2, dtype=torch.float64)).sum().backward()
    assert weight.grad.dtype == torch.float64
    block.to(dtype=torch.float32)
    assert (weight.dtype, block.steps.dtype) == (torch.float32, torch.int64)
    assert block.float().cpu().to("cpu") is block
    with pytest.raises(RuntimeError, match="CPU"):
        block.to("cuda")


def test_deepcopy_makes_an_independent_twin_and_keeps_ties():
    net = Net()
    twin = copy.deepcopy(net)
    assert twin.tied is twin.blocks[0]
    assert [name for name, _ in twin.named_parameters()] == PARAMETERS
    for a, b in zip(net.parameters(), twin.parameters()):
        assert torch.equal(a, b)
        b.data.add_(1)
        assert not torch.equal(a, b)


# ------------------------------------------------------------------------------------------------ hooks
def test_hooks_see_and_may_replace_what_goes_in_and_comes_out():
    layer, seen = nn.Identity(), []
    layer.register_forward_pre_hook(lambda module, args: seen.append((module, args[0].item())))
    doubles = layer.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    layer.register_forward_pre_hook(lambda module, args: args[0] + 1)  # not a tuple: PyTorch makes it one
    layer.register_forward_hook(lambda module, args, output: seen.append((args[0].item(), output.item())))
    negates = layer.register_forward_hook(lambda module, args, output: -output)
    assert layer(torch.tensor(5.0)).item() == -11
    assert seen == [(layer, 5), (11, 11)]
    doubles.remove()
    negates.remove()
    negates.remove()  # once more does no harm
    assert layer(torch.tensor(5.0)).item() == 6


def test_hooks_run_for_children_too():
    model, shapes = nn.Sequential(nn.Linear(2, 3), nn.Tanh()), []
    for module in model:
        module.register_forward_hook(lambda module, args, output: shapes.append(tuple(output.shape)))
    model(torch.ones(4, 2))
    assert shapes == [(4, 3), (4, 3)]


# ------------------------------------------------------------------------------------------------ state
def test_hooks_on_the_way_back_see_and_may_replace_the_gradients():
    layer, x, seen = nn.Linear(2, 2), torch.ones(1, 2, requires_grad=True), []
    layer.weight.data.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    layer.register_full_backward_pre_hook(lambda module, grads: (grads[0] * 10,))
    layer.register_full_backward_hook(
        lambda module, inputs, outputs: seen.append((inputs[0].tolist(), outputs[0].tolist()))
    )
    gone = layer.register_full_backward_hook(lambda module, inputs, outputs: (inputs[0] * 0,))
    gone.remove()
    layer.register_full_backward_hook(lambda module, inputs, outputs: (inputs[0] + 1,))
    layer(x).sum().backward()
    assert seen == [([[40, 60]], [[10, 10]])]
    assert (x.grad.tolist(), layer.weight.grad.tolist()) == ([[41, 61]], [[10, 10], [10, 10]])


def test_a_hooked_layer_that_works_in_place_leaves_its_input_alone():
    relu, x = nn.ReLU(inplace=True), torch.tensor([-1.0, 2.0], requires_grad=True)
    relu.register_full_backward_hook(lambda *what: None)
    h = x * 1
    (relu(h) + h).sum().backward()
    assert (h.tolist(), x.grad.tolist()) == ([-1, 2], [1, 2])


def test_what_is_put_behind_the_scenes_is_an_attribute():
    net = Net()
    names = list(net._modules)
    net._modules[names[0]] = nn.Identity()
    assert repr(getattr(net, names[0])) == "Identity()"
    assert list(net._modules) == names
    del net._modules[names[0]]
    assert not hasattr(net, names[0])
    assert names[0] not in repr(net)


def test_left_out_layers_are_named_with_what_there_is():
    for name, says in (("LazyLinear", "nn.Linear"), ("Liner", "did you mean Linear")):
        with pytest.raises(AttributeError, match=says):
            getattr(nn, name)
    for name in ("jit", "fx"):
        with pytest.raises(AttributeError, match="call it"):
            getattr(torch, name)


def test_a_slip_in_an_attribute_gets_a_hint_and_probing_is_cheap():
    layer = nn.Linear(2, 1)
    with pytest.raises(AttributeError, match=r"'Linear'.*'wieght': did you mean weight"):
        _ = layer.wieght
    with pytest.raises(AttributeError, match=r"'Linear'.*'frobnicate'$"):
        _ = layer.frobnicate
    assert getattr(layer, "missing", 3) == 3


def test_inserting_what_is_no_module_changes_nothing():
    model = nn.Sequential(nn.ReLU(), nn.Tanh())
    for wrong in (lambda: model.insert(0, "x"), lambda: model.insert(9, nn.ReLU())):
        with pytest.raises((TypeError, IndexError)):
            wrong()
    assert repr(model) == "Sequential(\n  (0): ReLU()\n  (1): Tanh()\n)"


def test_a_state_dict_shares_memory_without_gradients():
    net = Net()
    state = net.state_dict()
    assert list(state) == [
        *("first.scale", "first.mean", "first.fc.weight", "first.fc.bias"),
        *("blocks.0.weight", "blocks.0.bias", "tied.weight", "tied.bias", "out.hidden.weight"),
    ]
    assert not any(x.requires_grad for x in state.values())
    net.first.scale.data.fill_(9.0)
    assert state["first.scale"].tolist() == [9, 9, 9]
    assert net.state_dict(keep_vars=True)["first.scale"] is net.first.scale
    assert next(iter(net.state_dict(prefix="net."))) == "net.first.scale"


def test_loading_copies_values_into_the_same_parameters():
    a, b = Net(), Net()
    weights = [id(p) for p in b.parameters()]
    result = b.load_state_dict(a.state_dict())
    assert (repr(result), list(result)) == ("<All keys matched successfully>", [[], []])
    assert [id(p) for p in b.parameters()] == weights
    assert all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values()))
    b.first.scale.data.fill_(7.0)
    assert a.first.scale.tolist() == [1, 1, 1]
    double = {name: x.double() for name, x in a.state_dict().items()}
    b.load_state_dict(double)
    assert b.first.scale.dtype == torch.float32
    assert b.first.scale.tolist() == [1, 1, 1]


def test_a_state_that_does_not_fit_is_listed_in_full_and_changes_nothing():
    net = Net()
    before = {name: x.tolist() for name, x in net.state_dict().items()}
    wrong = Net().state_dict()
    del wrong["first.mean"], wrong["tied.bias"]
    wrong["extra.one"] = wrong["extra.two"] = torch.ones(1)
    wrong["out.hidden.weight"] = torch.ones(5, 5)
    wrong["blocks.0.bias"] = torch.ones(4)
    with pytest.raises(RuntimeError) as error:
        net.load_state_dict(wrong)
    for said in (
        *("first.mean", "tied.bias", "extra.one", "extra.two", "out.hidden.weight", "(5, 5)", "(2, 3)"),
        *("blocks.0.bias", "(4,)", "(3,)", "Net"),
    ):
        assert said in str(error.value)
    assert {name: x.tolist() for name, x in net.state_dict().items()} == before
    with pytest.raises(RuntimeError, match=r"weight.*list"):
        nn.Linear(1, 1).load_state_dict({"weight": [[1.0]], "bias": torch.ones(1)})


def test_loading_not_strictly_takes_what_fits_and_reports_the_rest():
    layer = nn.Linear(1, 1)
    result = layer.load_state_dict({"weight": torch.tensor([[5.0]]), "other": torch.ones(1)}, strict=False)
    assert (result.missing_keys, result.unexpected_keys) == (["bias"], ["other"])
    assert layer.weight.item() == 5
    with pytest.raises(RuntimeError, match=r"\(2, 2\)"):  # a wrong shape is an error all the same
        layer.load_state_dict({"weight": torch.ones(2, 2)}, strict=False)


# ------------------------------------------------------------------------------------------------ printing
# Typed into PyTorch 2.13, and what it answered.
PRINTED = r"""
>>> nn.Linear(3, 2)
Linear(in_features=3, out_features=2, bias=True)
>>> nn.ReLU()
ReLU()
>>> nn.ReLU(inplace=True)
ReLU(inplace=True)
>>> nn.Tanh()
Tanh()
>>> nn.Sigmoid()
Sigmoid()
>>> nn.GELU()
GELU(approximate='none')
>>> nn.GELU(approximate='tanh')
GELU(approximate='tanh')
>>> nn.Softmax(dim=1)
Softmax(dim=1)
>>> nn.Softmax()
Softmax(dim=None)
>>> nn.Dropout()
Dropout(p=0.5, inplace=False)
>>> nn.Dropout(0.1, inplace=True)
Dropout(p=0.1, inplace=True)
>>> nn.Flatten()
Flatten(start_dim=1, end_dim=-1)
>>> nn.Flatten(0, 1)
Flatten(start_dim=0, end_dim=1)
>>> nn.Identity(3, a=4)
Identity()
>>> nn.Sequential()
Sequential()
>>> nn.ModuleList()
ModuleList()
>>> nn.MSELoss()
MSELoss()
>>> nn.CrossEntropyLoss(reduction='sum')
CrossEntropyLoss()
>>> nn.BCEWithLogitsLoss()
BCEWithLogitsLoss()
>>> nn.Module()
Module()
>>> nn.Sequential(OrderedDict(a=nn.Linear(1, 1), b=nn.Tanh()))
Sequential(
  (a): Linear(in_features=1, out_features=1, bias=True)
  (b): Tanh()
)
>>> nn.ModuleList([nn.Tanh()])
ModuleList(
  (0): Tanh()
)
>>> nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.Tanh()])
ModuleList(
  (0-1): 2 x Linear(in_features=2, out_features=2, bias=True)
  (2): Tanh()
)
>>> nn.Sequential(nn.Sequential(nn.Tanh()))
Sequential(
  (0): Sequential(
    (0): Tanh()
  )
)
>>> Shown()
Shown(
  (body): Sequential(
    (0): Linear(in_features=4, out_features=8, bias=False)
    (1): ReLU(inplace=True)
    (2): Dropout(p=0.2, inplace=False)
  )
  (heads): ModuleList(
    (0): Linear(in_features=8, out_features=2, bias=True)
    (1): Linear(in_features=8, out_features=3, bias=True)
  )
  (loss): CrossEntropyLoss()
)
"""
ANSWERS = [entry.split("\n", 1) for entry in PRINTED.strip()[4:].split("\n>>> ")]


class Shown(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8, bias=False), nn.ReLU(inplace=True), nn.Dropout(0.2))
        self.heads = nn.ModuleList([nn.Linear(8, 2), nn.Linear(8, 3)])
        self.loss = nn.CrossEntropyLoss()


@pytest.mark.parametrize(("typed", "answer"), ANSWERS, ids=[typed for typed, _ in ANSWERS])
def test_modules_print_as_pytorchs(typed, answer):
    assert repr(eval(typed, {"nn": nn, "OrderedDict": OrderedDict, "Shown": Shown})) == answer


# ------------------------------------------------------------------------------------------------ layers
@pytest.mark.parametrize(
    ("layer", "function"),
    [
        (nn.ReLU(), lambda x: torch.clamp(x, min=0)),
        (nn.Tanh(), lambda x: (x.exp() - (-x).exp()) / (x.exp() + (-x).exp())),
        (nn.Sigmoid(), lambda x: 1 / (1 + (-x).exp())),
        (nn.GELU(), lambda x: x * (1 + torch.erf(x / 2**0.5)) / 2),
        (nn.Softmax(dim=1), lambda x: x.exp() / x.exp().sum(1, keepdim=True)),
        (nn.Flatten(), lambda x: x.reshape(4, 6)),
        (nn.Flatten(0, 1), lambda x: x.reshape(12, 2)),
        (nn.Identity(1, 2), lambda x: x),
    ],
    ids=lambda value: repr(value) if isinstance(value, nn.Module) else "",
)
def test_layers_compute_their_functions(layer, function):
    x = torch.randn(4, 3, 2).double()
    assert torch.allclose(layer(x), function(x))
    assert list(layer.state_dict()) == []


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 5, 3), (0, 3)])
def test_linear_takes_any_leading_dimensions(shape):
    layer, x = nn.Linear(3, 2), torch.randn(*shape)
    y = layer(x)
    assert tuple(y.shape) == (*shape[:-1], 2)
    for row, out in zip(x.reshape(-1, 3).tolist(), y.reshape(-1, 2).tolist()):
        for unit, bias, value in zip(layer.weight.tolist(), layer.bias.tolist(), out):
            assert value == pytest.approx(sum(a * b for a, b in zip(row, unit)) + bias, abs=1e-6)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_dropout_drops_a_share_p_and_scales_the_rest(p):
    n = 40_000
    x = torch.ones(n, requires_grad=True)
    y = nn.Dropout(p)(x)
    kept = y != 0
    assert abs(kept.sum().item() / n - (1 - p)) < 4 * math.sqrt(p * (1 - p) / n)
    assert set(y[kept].tolist()) == {np.float32(1) / np.float32(1 - p)}
    y.sum().backward()
    assert torch.equal(x.grad, y)  # the same elements, the same scale
    neighbours = (kept[1:] & kept[:-1]).sum().item() / (n - 1)
    assert abs(neighbours - (1 - p) ** 2) < 6 / math.sqrt(n)  # independent of each other
    assert not torch.equal(y, nn.Dropout(p)(x))


def test_dropout_at_the_ends_and_in_evaluation():
    x = torch.randn(5)
    assert torch.equal(nn.Dropout(0)(x), x)
    assert nn.Dropout(1)(x).tolist() == [0] * 5
    assert torch.equal(nn.Dropout(0.9).eval()(x), x)
    assert torch.equal(F.dropout(x, 0.9, training=False), x)
    for p in (-0.1, 1.1):
        with pytest.raises(ValueError, match=str(p)):
            nn.Dropout(p)
        with pytest.raises(ValueError, match=str(p)):
            F.dropout(x, p)


def test_in_place_layers_change_their_input():
    x = torch.tensor([-1.0, 2.0])
    assert nn.ReLU(inplace=True)(x).tolist() == x.tolist() == [0, 2]
    assert nn.Dropout(1.0, inplace=True)(x) is x
    assert x.tolist() == [0, 0]


# ------------------------------------------------------------------------------------------------ losses
def test_losses_at_known_points():
    assert F.cross_entropy(torch.zeros(3, 10), torch.tensor([0, 5, 9])).item() == pytest.approx(math.log(10))
    assert F.cross_entropy(torch.tensor([[1000.0, 0.0]]), torch.tensor([0])).item() == 0
    assert F.cross_entropy(torch.tensor([[1000.0, 0.0]]), torch.tensor([1])).item() == 1000
    assert F.binary_cross_entropy_with_logits(torch.zeros(2), torch.tensor([0.0, 1.0])).item() == pytest.approx(
        math.log(2)
    )
    far = torch.tensor([1000.0, -1000.0])
    assert F.binary_cross_entropy_with_logits(far, torch.tensor([1.0, 0.0])).item() == 0
    assert F.binary_cross_entropy_with_logits(far, torch.tensor([0.0, 1.0])).item() == 1000
    assert F.mse_loss(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 2.0])).item() == 2
    assert nn.MSELoss(reduction="sum")(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 1.0])).item() == 5
    assert nn.CrossEntropyLoss(reduction="none")(torch.zeros(2, 4), torch.tensor([0, 1])).shape == (2,)
    assert nn.BCEWithLogitsLoss(reduction="none")(torch.zeros(2, 4), torch.ones(2, 4)).shape == (2, 4)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "loss",
    [
        lambda x, y: F.cross_entropy(x, torch.tensor([0, 1, 0])),
        lambda x, y: F.cross_entropy(x, torch.tensor([0, 1, 0]), torch.tensor([1, 2]).to(x.dtype), label_smoothing=0.1),
        lambda x, y: F.cross_entropy(x, (y + 1) / 2),
        lambda x, y: F.nll_loss(F.log_softmax(x, 1), torch.tensor([0, 1, 0])),
        lambda x, y: F.binary_cross_entropy_with_logits(x, (y + 1) / 2),
        lambda x, y: F.binary_cross_entropy_with_logits(x, (y + 1) / 2, pos_weight=torch.tensor(3).to(x.dtype)),
        lambda x, y: F.binary_cross_entropy(x.sigmoid(), (y + 1) / 2),
        lambda x, y: F.kl_div(F.log_softmax(x, 1), (y + 1) / 2),
        lambda x, y: F.smooth_l1_loss(x, y) + F.huber_loss(x, y) + F.l1_loss(x, y) + F.mse_loss(x, y),
        lambda x, y: F.soft_margin_loss(x, y) + F.hinge_embedding_loss(x, y),
        lambda x, y: F.margin_ranking_loss(x, -x, y),
        lambda x, y: (F.softmax(x, 1) + F.softmin(x, 0) + F.logsigmoid(x) + F.softplus(x)).sum(),
        lambda x, y: (F.elu(x) + F.celu(x, 0.1) + F.selu(x) + F.silu(x) + F.mish(x) + F.gelu(x) + F.softsign(x)).sum(),
    ],
)  # fmt: skip
def test_losses_and_their_gradients_are_finite_far_out(loss, kind):
    x = torch.tensor([[1e4, -1e4], [1e4, -1e4], [-1e4, -1e4]], dtype=kind, requires_grad=True)
    y = torch.tensor([[-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]], dtype=kind)
    value = loss(x, y)
    value.backward()
    assert value.isfinite()
    assert x.grad.isfinite().all()
    assert value.dtype == x.grad.dtype == kind


def test_a_loss_of_ignored_targets_is_nan_as_a_mean_and_zero_as_a_sum():
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    assert F.cross_entropy(x, torch.tensor([-100])).isnan()
    assert F.cross_entropy(x, torch.tensor([7]), ignore_index=7, reduction="sum").item() == 0
    F.cross_entropy(x * torch.ones(2, 1), torch.tensor([1, 7]), ignore_index=7).backward()
    np.testing.assert_allclose(x.grad.numpy(), [[1 / (1 + math.e), -1 / (1 + math.e)]], rtol=1e-6)


def test_the_older_arguments_stand_for_a_reduction():
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([0.0, 0.0])
    assert F.mse_loss(x, y, False).item() == F.mse_loss(x, y, size_average=False, reduce=True).item() == 5
    assert F.mse_loss(x, y, None, False).tolist() == nn.MSELoss(reduce=False)(x, y).tolist() == [1, 4]
    assert nn.CrossEntropyLoss(None, False, -1).reduction == "sum"


def test_weights_of_a_loss_are_buffers_and_its_settings_attributes():
    loss = nn.CrossEntropyLoss(torch.tensor([1.0, 3.0]), label_smoothing=0.1)
    assert list(loss.state_dict()) == ["weight"]
    assert (loss.ignore_index, loss.reduction, loss.label_smoothing) == (-100, "mean", 0.1)
    assert list(nn.BCEWithLogitsLoss(pos_weight=torch.ones(2)).state_dict()) == ["pos_weight"]
    with pytest.raises(TypeError, match="MSELoss takes size_average, reduce, reduction; got"):
        nn.MSELoss(beta=1)


def test_channel_dropout_drops_whole_channels():
    torch.manual_seed(0)
    y = nn.Dropout2d(0.25)(torch.ones(8, 100, 2, 3))
    assert (y == y[:, :, :1, :1]).all()
    assert (y == 0).float().mean().item() == pytest.approx(0.25, abs=0.05)
    assert y.amax().item() == pytest.approx(4 / 3)


def test_the_gradient_of_cross_entropy_is_probability_minus_one_hot():
    x = torch.tensor([[math.log(1.0), math.log(2.0), math.log(5.0)]], requires_grad=True)
    F.cross_entropy(x, torch.tensor([1])).backward()
    np.testing.assert_allclose(x.grad.numpy(), [[1 / 8, 2 / 8 - 1, 5 / 8]], atol=1e-7)


@pytest.mark.parametrize("classes", [1, 2, 31, 32, 33, 100])  # rows of up to 32 are looked at in columns
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("form", ["in order", "transposed", "every other", "expanded"])
def test_cross_entropy_equals_its_plain_definition(classes, reduction, form):
    random = np.random.RandomState(classes)
    scores, n = 3 * random.standard_normal((7, classes)), 7
    if form == "expanded":
        scores = np.repeat(scores[:1], n, 0)
    labels = random.randint(0, classes, n, np.int64)
    x = torch.tensor(scores, requires_grad=True)
    laid = {
        "in order": lambda: x,
        "transposed": lambda: x.t().clone().contiguous().t(),
        "every other": lambda: torch.stack([x, x], 1).reshape(2 * n, classes)[::2],
        "expanded": lambda: x[:1].expand(n, classes),
    }[form]()
    weights = torch.tensor(random.standard_normal(n)) if reduction == "none" else torch.tensor(3.0)
    losses = F.cross_entropy(laid, torch.tensor(labels), reduction=reduction)
    (losses * weights).sum().backward()
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    plain = -np.log(p[range(n), labels])
    expected = {"mean": plain.mean(), "sum": plain.sum(), "none": plain}[reduction]
    np.testing.assert_allclose(losses.detach().numpy(), expected, rtol=1e-12, atol=1e-12)
    slopes = (p - np.eye(classes)[labels]) * np.reshape(weights.numpy(), (-1, 1)) / (n if reduction == "mean" else 1)
    if form == "expanded":
        slopes = np.concatenate([slopes.sum(0, keepdims=True), np.zeros((n - 1, classes))])
    np.testing.assert_allclose(x.grad.numpy(), slopes, rtol=1e-9, atol=1e-12)


def test_a_class_that_is_ignored_may_be_one_of_the_classes():
    x = torch.tensor([[0.0, math.log(3.0)], [5.0, 0.0]], requires_grad=True)
    loss = F.cross_entropy(x, torch.tensor([1, 0]), ignore_index=0)
    loss.backward()
    assert loss.item() == pytest.approx(math.log(4 / 3))
    np.testing.assert_allclose(x.grad.numpy(), [[0.25, -0.25], [0, 0]], atol=1e-7)


def test_softmax_is_a_distribution_whatever_the_scores():
    x = torch.tensor([[1e4, 1e4, -1e4], [0.0, float("-inf"), 0.0]])
    assert F.softmax(x, 1).tolist() == [[0.5, 0.5, 0], [0.5, 0, 0.5]]
    assert F.log_softmax(torch.tensor([1000.0, 0.0]), 0).tolist() == [0, -1000]
    y = torch.randn(3, 4)
    np.testing.assert_allclose(F.softmax(y, 0).sum(0).numpy(), 1, rtol=1e-6)
    np.testing.assert_allclose(F.softmax(y + 100, 1).numpy(), F.softmax(y, 1).numpy(), rtol=1e-4)
    assert F.softmax(torch.tensor([1.0, 1.0]), 0, dtype=torch.float64).dtype == torch.float64


# ------------------------------------------------------------------------------------------------ initial values
def uniform(a, b):
    return lambda x: (x - a) / (b - a)


def normal(mean, std):
    return lambda x: 0.5 * (1 + math.erf((x - mean) / (std * math.sqrt(2))))


def assert_distributed(x, distribution):
    """Kolmogorov and Smirnov's test: the largest distance between the sample's distribution function and this one."""
    values = sorted(x.detach().flatten().tolist())
    n = len(values)
    steps = [distribution(v) for v in values]
    distance = max(max((i + 1) / n - s, s - i / n) for i, s in enumerate(steps))
    assert min(steps) >= 0
    assert max(steps) <= 1
    assert distance < 1.95 / math.sqrt(n)  # farther away once in a thousand times, and the seed is fixed


def test_linear_starts_uniform_in_one_over_root_fan_in():
    layer = nn.Linear(100, 300)
    assert_distributed(layer.weight, uniform(-0.1, 0.1))
    assert_distributed(nn.Linear(4, 5000).bias, uniform(-0.5, 0.5))
    first = layer.weight.tolist()
    layer.reset_parameters()
    assert layer.weight.tolist() != first


SHAPE = (60, 40, 2, 2)  # fan in 40 · 4 = 160, fan out 60 · 4 = 240


@pytest.mark.parametrize(
    ("fill", "distribution"),
    [
        (lambda w: init.uniform_(w, -3, 5), uniform(-3, 5)),
        (lambda w: init.normal_(w, 2, 0.5), normal(2, 0.5)),
        (init.xavier_uniform_, uniform(-math.sqrt(6 / 400), math.sqrt(6 / 400))),
        (lambda w: init.xavier_normal_(w, gain=2), normal(0, 2 * math.sqrt(2 / 400))),
        (init.kaiming_uniform_, uniform(-math.sqrt(6 / 160), math.sqrt(6 / 160))),
        (lambda w: init.kaiming_normal_(w, mode="fan_out"), normal(0, math.sqrt(2 / 240))),
        (lambda w: init.kaiming_normal_(w, nonlinearity="linear"), normal(0, math.sqrt(1 / 160))),
        (lambda w: init.kaiming_uniform_(w, a=1), uniform(-math.sqrt(3 / 160), math.sqrt(3 / 160))),
    ],
    ids=[
        "uniform",
        "normal",
        "xavier u",
        "xavier n",
        "kaiming u",
        "kaiming n out",
        "kaiming n linear",
        "kaiming u a=1",
    ],
)
def test_initial_values_have_the_published_distribution(fill, distribution):
    w = nn.Parameter(torch.empty(*SHAPE))
    assert fill(w) is w
    assert (w.is_leaf, w.requires_grad) == (True, True)
    assert_distributed(w, distribution)


def test_constant_initial_values_gains_and_mistakes():
    w = nn.Parameter(torch.empty(2, 2))
    assert init.zeros_(w).tolist() == [[0, 0], [0, 0]]
    assert init.ones_(w).tolist() == [[1, 1], [1, 1]]
    assert init.constant_(w, 0.25).tolist() == [[0.25, 0.25], [0.25, 0.25]]
    # the table in PyTorch's documentation of calculate_gain
    gains = {
        "linear": 1,
        "sigmoid": 1,
        "tanh": 5 / 3,
        "relu": math.sqrt(2),
        "leaky_relu": math.sqrt(2 / 1.0001),
        "selu": 0.75,
    }
    assert {name: init.calculate_gain(name) for name in gains} == pytest.approx(gains)
    assert init.calculate_gain("leaky_relu", 1) == pytest.approx(1)
    with pytest.raises(ValueError, match="swish"):
        init.calculate_gain("swish")
    with pytest.raises(ValueError, match=r"\(3,\)"):
        init.xavier_uniform_(torch.empty(3))
    with pytest.raises(ValueError, match="sideways"):
        init.kaiming_normal_(w, mode="sideways")


def test_parameters():
    data = torch.zeros(2)
    p = nn.Parameter(data)
    assert (p.requires_grad, p.is_leaf, isinstance(p, torch.Tensor)) == (True, True, True)
    data[0] = 5.0
    assert p.tolist() == [5, 0]
    assert not nn.Parameter(data, requires_grad=False).requires_grad
    with pytest.raises(RuntimeError, match="floating"):
        nn.Parameter(torch.tensor([1]))
