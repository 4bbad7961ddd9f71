"""Does the summary count what a hand counts?"""

from __future__ import annotations

import math

import numpy as np
import pytest

import tinytorch as torch
from tinytorch import nn
from tinytorch.autograd import apply
from tinytorch.inspection.summarize import flops


def rows(table):
    return {row.name or row.type: (row.output_shape, row.parameters, row.flops) for row in table.layers}


def test_a_linear_layer():
    table = torch.summary(nn.Linear(3, 5), (7, 3))
    # 7·5 outputs, each of 3 multiply-adds and a bias
    assert rows(table) == {"Linear": ((7, 5), 3 * 5 + 5, 7 * 5 * (2 * 3 + 1))}
    assert (table.total_params, table.trainable_params, table.total_flops) == (20, 20, 245)
    assert (table.input_bytes, table.activation_bytes, table.parameter_bytes) == (7 * 3 * 4, 7 * 5 * 4, 20 * 4)


def test_a_linear_layer_without_bias_on_one_more_dimension():
    table = torch.summary(nn.Linear(3, 5, bias=False), (2, 7, 3))
    assert rows(table) == {"Linear": ((2, 7, 5), 15, 2 * 7 * 5 * 2 * 3)}


def test_an_mlp_adds_up():
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 10))
    table = torch.summary(model, (4, 8, 8))
    assert rows(table) == {
        "Sequential": ((4, 10), 0, 0),
        "0": ((4, 64), 0, 0),  # a view: nothing is computed, no memory taken
        "1": ((4, 32), 64 * 32 + 32, 4 * 32 * (128 + 1)),
        "2": ((4, 32), 0, 4 * 32),
        "3": ((4, 32), 0, 0),  # evaluation: passes on
        "4": ((4, 10), 32 * 10 + 10, 4 * 10 * (64 + 1)),
    }
    assert table.total_params == sum(row.parameters for row in table.layers) == 2410
    assert table.total_flops == sum(row.flops for row in table.layers) == 19240
    assert table.activation_bytes == 4 * (4 * 32 + 4 * 32 + 4 * 10)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.unused = nn.ModuleList([nn.Linear(2, 2)])

    def forward(self, x):
        q, k, v = self.qkv(x).split(8, 2)
        return torch.softmax(q @ k.transpose(1, 2) / 2, -1) @ v, None


def test_what_a_model_computes_itself_stands_in_its_own_row():
    table = torch.summary(Attention(), (2, 5, 8))
    products = 2 * (2 * 5 * 5 * 8) + 2 * (2 * 5 * 8 * 5)
    assert rows(table) == {
        "Attention": ((2, 5, 8), 0, products + 2 * (2 * 5 * 5)),  # / and softmax count each score once
        "qkv": ((2, 5, 24), 8 * 24 + 24, 2 * 5 * 24 * 17),
        "unused": (None, 0, 0),
        "0": (None, 6, 0),
    }
    assert "      0 (Linear)" not in str(table)
    assert "\n    0 (Linear)" in str(table)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4, bias=False)
        self.b = nn.Linear(4, 4)
        self.b.weight = self.a.weight
        self.again = self.a
        self.b.bias.requires_grad_(False)

    def forward(self, x):
        return self.again(self.b(self.a(x)))


def test_what_is_shared_counts_once_and_what_is_called_twice_computes_twice():
    table = torch.summary(Tied(), (3, 4))
    one = 3 * 4 * 8
    assert rows(table) == {"Tied": ((3, 4), 0, 0), "a": ((3, 4), 16, 2 * one), "b": ((3, 4), 4, one + 12)}
    assert (table.total_params, table.trainable_params) == (20, 16)


class Two(nn.Module):
    def forward(self, x, index=None):
        return {"y": x[index] if index is not None else x}


def test_several_inputs_named_inputs_and_their_types():
    table = torch.summary(Two(), input_data=[torch.zeros(5, 2).double(), torch.zeros(3).long()])
    assert rows(table) == {"Two": ((3, 2), 0, 0)}
    assert (table.input_bytes, table.activation_bytes) == (5 * 2 * 8 + 3 * 8, 3 * 2 * 8)
    named = torch.summary(Two(), input_data={"index": torch.tensor([0, 0, 1]), "x": torch.zeros(5, 2)})
    assert rows(named) == rows(table)
    assert rows(torch.summary(Two(), input_data=torch.zeros(6)))["Two"][0] == (6,)
    assert rows(torch.summary(Two(), input_data=[torch.zeros(6)]))["Two"][0] == (6,)
    assert rows(torch.summary(Two(), ()))["Two"][0] == ()
    assert rows(torch.summary(nn.Linear(2, 1).double(), torch.Size([4, 2])))["Linear"][0] == (4, 1)


def test_the_model_stays_as_it_was():
    model = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5)).train()
    model[0].eval()
    torch.summary(model, (1, 3))
    assert [module.training for module in model.modules()] == [True, False, True]
    assert not any(module._hooked or module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert model[0].weight.grad is None


def test_an_input_that_does_not_fit_gets_the_sentence_of_the_layer():
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
    with pytest.raises(RuntimeError, match=r"^Linear\(3, 3\) got \(2, 4\), but expects \(..., 3\)$"):
        torch.summary(model, (2, 4))
    assert not model[0]._hooked
    with pytest.raises(TypeError, match=r"^summary needs input_size, such as \(32, 784\)"):
        torch.summary(model)


def test_the_table_fits_80_columns_whatever_the_names():
    class LayerWithAVeryLongNameIndeed(nn.Linear):
        pass

    layers = [(f"a_name_that_is_long_as_well_{i}", LayerWithAVeryLongNameIndeed(1000, 1000)) for i in range(2)]
    table = torch.summary(nn.Sequential(dict_of(layers)), (64, 1000))
    lines = str(table).splitlines()
    assert max(map(len, lines)) == 80
    assert all(len(line) == 80 for line in lines if "Linear" in line or "=" * 9 in line)
    assert lines[3] == "  a_name_that_is_long_as_well_0 (LayerWi…    (64, 1000)   1,001,000  128,064,000"
    assert "FLOPs of one forward pass: 256,128,000" in lines
    assert "Memory: 8.78 MB = input 0.26 MB + activations 0.51 MB + parameters 8.01 MB" in lines
    assert repr(table) == str(table)


def dict_of(layers):
    from collections import OrderedDict

    return OrderedDict(layers)


# ------------------------------------------------------------------------------------------------ the formulas
def named(name, output):
    def op(*arrays):
        return output._array, None

    op.__name__ = name
    return op


@pytest.mark.parametrize(
    ("name", "shapes", "output", "count"),
    [
        ("conv", [(2, 6, 9, 9), (8, 3, 3, 5), (8,)], (2, 8, 7, 5), 2 * (2 * 8 * 7 * 5) * (3 * 3 * 5) + 2 * 8 * 7 * 5),
        ("conv", [(2, 6, 9), (8, 6, 3)], (2, 8, 7), 2 * (2 * 8 * 7) * 6 * 3),
        ("conv_transpose", [(2, 6, 4, 4), (6, 8, 3, 3)], (2, 8, 6, 6), 2 * (2 * 6 * 4 * 4) * 8 * 3 * 3),
        ("matmul", [(5, 2, 3), (3, 4)], (5, 2, 4), 2 * 5 * 2 * 4 * 3),
        ("matmul", [(3,), (3,)], (), 6),
        ("attention", [(2, 4, 5, 8), (2, 4, 7, 8), (2, 4, 7, 6)], (2, 4, 5, 6), 8 * 5 * 7 * (2 * 8 + 1 + 2 * 6)),
        ("recurrent", [(7, 2, 20), (1, 2, 5), (20, 5), (20,)], (1, 7, 2, 5), 7 * 2 * 20 * (2 * 5 + 1)),
        ("sum", [(5, 3)], (), 15),
        ("add", [(5, 1), (3,)], (5, 3), 15),
        ("max_pool", [(1, 1, 4, 4)], (1, 1, 2, 2), 16),
        ("permute", [(5, 3)], (3, 5), 0),
        ("embedding", [(100, 3)], (5, 3), 0),
    ],
)
def test_the_count_of_one_operation(name, shapes, output, count):
    inputs = [torch.zeros(*shape) for shape in shapes]
    result = torch.zeros(output)
    assert flops(name, inputs, result) == count

    class Model(nn.Module):
        def forward(self, *inputs):
            return apply(named(name, result), *inputs)

    assert torch.summary(Model(), input_data=inputs).total_flops == count


def test_a_matrix_product_counts_the_multiplications_that_a_loop_makes():
    a, b = torch.zeros(3, 4), torch.zeros(4, 2)
    steps = sum(2 for _ in np.ndindex(3, 2, 4))  # a multiplication and an addition for each i, j, k
    assert flops("matmul", (a, b), a @ b) == steps


def test_an_in_place_change_takes_the_memory_of_what_it_writes_once():
    class Model(nn.Module):
        def forward(self, x):
            return (x + 1).mul_(2)

    table = torch.summary(Model(), (10,))
    assert (table.total_flops, table.activation_bytes) == (20, 2 * 10 * 4)
    assert math.prod(table.layers[0].output_shape) == 10
