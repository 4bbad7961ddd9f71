"""Do observers see every operation, and does watching leave no trace?"""

from __future__ import annotations

import pytest

import tinytorch as torch
from tinytorch import nn
from tinytorch.autograd import engine
from tinytorch.autograd.engine import observed
from tinytorch.inspection.watch import tensors_in, watched


def test_an_observer_is_told_of_every_operation_with_its_inputs_options_and_result():
    seen = []
    x = torch.ones(2, 3)
    with observed(lambda *what: seen.append(what)):
        y = (x * 2).sum(1)
    after = x + 1
    (mul, (a, two), none, product), (sum_, (b,), options, result) = seen
    assert (mul.__name__, two, none, sum_.__name__) == ("mul", 2, {}, "sum")
    assert a is x
    assert b is product
    assert result is y
    assert options["axis"] == (1,)
    assert after.sum() == 12


def test_observers_nest_and_leave_also_when_an_operation_fails():
    outer, inner = [], []
    x = torch.ones(2)
    with observed(lambda op, *_: outer.append(op.__name__)):
        with pytest.raises(RuntimeError, match="matmul"), observed(lambda op, *_: inner.append(op.__name__)):
            (x + 1) @ torch.ones(3)
        x - 1
    assert (outer, inner) == (["add", "sub"], ["add"])
    assert engine._observers == ()


def test_a_change_in_place_is_told_after_the_operation_that_made_what_is_written():
    seen = []
    x = torch.ones(2)
    with torch.no_grad(), observed(lambda op, inputs, options, result: seen.append((op, inputs, result))):
        x.mul_(3)
    (mul, _, product), (overwrite, (target, written), result) = seen
    assert (mul.__name__, overwrite.__name__) == ("mul", "overwrite")
    assert target is x
    assert result is x
    assert written is product


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(torch.relu(self.fc(x))) + x


def test_watching_knows_the_module_and_leaves_the_model_as_it_was():
    model = nn.Sequential(Block(), nn.Linear(3, 1)).train()
    model[0].drop.eval()
    calls = []
    model[1].register_forward_hook(lambda *_: calls.append("mine"))
    before = {name: dict(vars(module)) for name, module in model.named_modules()}
    ops, outputs = [], []
    with watched(
        model,
        lambda path, op, *_: ops.append((path, op.__name__)),
        lambda path, y: outputs.append((path, tuple(y.shape))),
    ):
        model(torch.ones(2, 3))
    assert ops == [("0.fc", "linear"), ("0", "relu"), ("0", "add"), ("1", "linear")]
    assert outputs == [("0.fc", (2, 3)), ("0.drop", (2, 3)), ("0", (2, 3)), ("1", (2, 1)), ("", (2, 1))]
    assert calls == ["mine"]
    after = {name: dict(vars(module)) for name, module in model.named_modules()}
    assert all(after[name] == {**was, "_hooked": name == "1"} for name, was in before.items())


def test_watching_a_model_that_fails_leaves_it_as_it_was():
    model = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.1)).train()
    with pytest.raises(RuntimeError, match="Linear"), watched(model, lambda *_: None, lambda *_: None):
        model(torch.ones(2, 4))
    assert all(module.training and not module._hooked and not module._forward_hooks for module in model.modules())
    assert torch.is_grad_enabled()


def test_tensors_are_found_in_nested_results():
    a, b, c = torch.ones(1), torch.ones(2), torch.ones(3)
    found = tensors_in({"x": (a, None, [b]), "y": 3, "z": c})
    assert [x.numel() for x in found] == [1, 2, 3]
