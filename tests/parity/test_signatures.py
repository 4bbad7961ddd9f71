"""Do layers and functions take the arguments that PyTorch's take, in the same order, with the same defaults?"""

from __future__ import annotations

import inspect

import pytest
import torch.nn.functional

from tinytorch import nn

LEFT_OUT = {
    "Hardtanh": {"min_value", "max_value"},  # PyTorch itself advises against them
    "normalize": {"out"},
    **{name: {"weight"} for name in ("huber_loss", "l1_loss", "mse_loss")},  # no layer of PyTorch takes it
}
UNTOLD = {"Identity", "Module", "Sequential"}  # or told in the documentation alone
_REST = "bias batch_first dropout bidirectional proj_size device dtype"
RECURRENT = {
    "RNN": f"input_size hidden_size num_layers nonlinearity {_REST}",
    "LSTM": f"input_size hidden_size num_layers {_REST}",
    "GRU": f"input_size hidden_size num_layers {_REST}",
}
LAYERS = sorted(
    name
    for name, each in vars(nn).items()
    if isinstance(each, type) and issubclass(each, nn.Module) and hasattr(torch.nn, name) and name not in UNTOLD
)


def told(function):
    try:
        return not any(p.kind is p.VAR_KEYWORD for p in inspect.signature(function).parameters.values())
    except ValueError:  # it is written in C++
        return False


FUNCTIONS = sorted(
    name
    for name, each in vars(nn.functional).items()
    if inspect.isfunction(each)
    and name[0] != "_"
    and hasattr(torch.nn.functional, name)
    and told(getattr(torch.nn.functional, name))
)


def parameters(cls, left_out=()):
    found = inspect.signature(cls).parameters.values()
    keep = [p for p in found if p.name not in left_out and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return [(p.name, p.kind, p.default if not callable(p.default) else p.default.__name__) for p in keep]


def test_there_is_enough_to_compare():
    assert len(LAYERS) > 85
    assert {"LeakyReLU", "CrossEntropyLoss", "BatchNorm2d", "ModuleDict"} <= set(LAYERS)
    assert len(FUNCTIONS) > 45
    assert {"cross_entropy", "mse_loss", "leaky_relu", "interpolate"} <= set(FUNCTIONS)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_takes_pytorchs_arguments(name):
    ours = parameters(getattr(nn, name))
    if name in RECURRENT:  # whose __init__ PyTorch declares as *args, **kwargs
        assert [parameter[0] for parameter in ours] == RECURRENT[name].split()
    else:
        assert ours == parameters(getattr(torch.nn, name), LEFT_OUT.get(name, ()))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_takes_pytorchs_arguments(name):
    ours, theirs = parameters(getattr(nn.functional, name)), parameters(getattr(torch.nn.functional, name))
    assert ours == [parameter for parameter in theirs if parameter[0] not in LEFT_OUT.get(name, ())]
