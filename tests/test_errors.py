"""Does every mistake of a user get an error that names what was given and what to do?

One table: what was done, the class of the error (PyTorch's, where it has one), and what its sentence must hold. Every
sentence is also read as such: one line, and none of NumPy's or Python's inner words.
"""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

import tinytorch as torch
from tinytorch import nn, optim
from tinytorch.nn import functional as F
from tinytorch.utils.data import DataLoader, Dataset, TensorDataset, default_collate


def ones(*shape, **options):
    return torch.ones(*shape, **options)


def ints(*values):
    return torch.tensor(values)


def leaf():
    return ones(2, requires_grad=True)


def stepped(scheduler, *settings):
    optimizer = optim.SGD([leaf()])
    schedule = scheduler(optimizer, *settings)
    optimizer.step()
    schedule.step()


MISTAKES = [
    # names that there are not
    (lambda: torch.tensr, AttributeError, ["TinyTorch has no torch.tensr: did you mean tensor?"]),
    (lambda: nn.Relu, AttributeError, ["TinyTorch has no torch.nn.Relu: did you mean ReLU?"]),
    (lambda: torch.cross, AttributeError, ["TinyTorch has no torch.cross"]),
    (lambda: ones(2).reshpe, AttributeError, ["'Tensor'", "'reshpe': did you mean reshape?"]),
    (lambda: ones(2).unsqueeze(5), IndexError, ["unsqueeze", "dim 5", "-2 to 1"]),
    (lambda: leaf().zero_(), RuntimeError, ["zero_", "leaf"]),
    (lambda: leaf().fill_(1), RuntimeError, ["fill_", "leaf"]),
    (lambda: leaf().normal_(), RuntimeError, ["normal_", "leaf"]),
    (lambda: torch.tensor(300, dtype=torch.uint8), RuntimeError, ["300", "uint8", "0 to 255"]),
    (lambda: ones(2, 3).sum(0, 1), TypeError, ["sum", "keepdim", "True or False", "1"]),
    (lambda: torch.tensor([ones(2), ones(2)]), ValueError, ["(2,)", "torch.stack"]),
    (lambda: ones(3)[0.5:], TypeError, ["slice", "0.5"]),
    (lambda: torch.stack(map(ones, [1])), TypeError, ["stack", "list", "map"]),
    # layers: which one, what it was given, what it expects, the likely fix
    (lambda: nn.Linear(64, 10)(ones(32, 8, 8)), RuntimeError, ["Linear(64, 10) got (32, 8, 8)", "flatten it first?"]),
    (lambda: nn.Linear(64, 10)(ones(32, 63)), RuntimeError, ["Linear(64, 10) got (32, 63)", "(..., 64)"]),
    (lambda: nn.Linear(64, 10)(torch.tensor(1.0)), RuntimeError, ["Linear(64, 10) got ()"]),
    (lambda: nn.Linear(2, 1)(ints(1, 2)), RuntimeError, ["Linear(2, 1)", "float32", "int64", "x.float()"]),
    (lambda: nn.Linear(2, 1)(ones(1, 2, dtype=torch.uint8)), RuntimeError, ["uint8", "x.float()"]),
    (lambda: nn.Linear(2, 1)(ones(1, 2, dtype=torch.float64)), RuntimeError, ["float64", "x.to(torch.float32)"]),
    (lambda: nn.Linear(2, 1)(np.ones((1, 2), np.float32)), TypeError, ["ndarray"]),
    (lambda: nn.Linear(2, 1)([[1.0, 2.0]]), TypeError, ["list"]),
    (lambda: nn.Flatten(2, 1)(ones(2, 3, 4)), RuntimeError, ["flatten", "2", "1"]),
    (lambda: nn.Softmax()(ones(2)), TypeError, ["softmax", "dim"]),
    (lambda: F.softmax(ints(1, 2), 0), RuntimeError, ["softmax", "int64", "x.float()"]),
    (lambda: F.softmax(ones(2, 3), 2), IndexError, ["softmax", "dim 2", "-2 to 1"]),
    (lambda: F.gelu(ones(1), approximate="sigmoid"), RuntimeError, ["'sigmoid'", '"tanh"']),
    (lambda: F.silu(ints(1)), NotImplementedError, ["silu", "int64", "x.float()"]),
    (lambda: F.hardtanh(ones(1), 1, -1), ValueError, ["min_val", "1 and -1"]),
    (lambda: F.glu(ones(2, 3)), RuntimeError, ["glu", "even", "(2, 3)"]),
    (lambda: F.prelu(ones(2, 3), ones(4)), RuntimeError, ["(2, 3)", "1 weight or 3", "(4,)"]),
    (lambda: F.elu(leaf(), inplace=True), RuntimeError, ["elu_", "leaf", "(2,)"]),
    (lambda: F.dropout2d(ones(2)), RuntimeError, ["dropout2d", "(2,)"]),
    (lambda: F.relu([1.0]), TypeError, ["relu", "list"]),
    (lambda: nn.Dropout(1.5), ValueError, ["Dropout", "1.5"]),
    # losses
    (lambda: F.cross_entropy(ones(2, 3), ints(0, 3)), IndexError, ["target 3", "3 classes", "0 to 2"]),
    (lambda: F.cross_entropy(ones(2, 3), ints(-1, 0)), IndexError, ["target -1", "3 classes"]),
    (lambda: F.cross_entropy(ones(2, 3), ones(2)), RuntimeError, ["int64", "float32", "target.long()"]),
    (lambda: F.cross_entropy(ones(2, 3), ints(0, 1, 2)), ValueError, ["(2, 3)", "(3,)", "(2,)"]),
    (lambda: F.cross_entropy(ones(2, 3), ints([0], [1])), RuntimeError, ["(2, 3)", "(2, 1)", "(2,)"]),
    (lambda: F.cross_entropy(ones(3), ints(0, 1)), ValueError, ["(3,)", "(2,)", "()"]),
    (lambda: F.cross_entropy(ones(2, 3, 4), ints(0, 1)), RuntimeError, ["(2, 3, 4)", "(2, 4)"]),
    (lambda: F.cross_entropy(ones(2, 3), ints(0, 1), reduction="average"), ValueError, ["'average'", '"mean"']),
    (lambda: F.cross_entropy(ints([1, 2]), ints(0)), RuntimeError, ["cross_entropy", "int64"]),
    (lambda: F.mse_loss(ones(4, 1), ones(4)), RuntimeError, ["mse_loss", "(4, 1)", "(4,)", "unsqueeze(1)"]),
    (lambda: F.mse_loss(ones(4), ones(4, 1)), RuntimeError, ["mse_loss", "(4,)", "(4, 1)"]),
    (lambda: F.mse_loss(ones(4), ones(5)), RuntimeError, ["(4,)", "(5,)"]),
    (lambda: F.mse_loss(ones(4), ones(1)), RuntimeError, ["(4,)", "(1,)"]),
    (lambda: nn.BCEWithLogitsLoss()(ones(4, 1), ones(4)), ValueError, ["logits", "(4, 1)", "(4,)"]),
    (lambda: F.binary_cross_entropy_with_logits(ones(2), ints(0, 1)), RuntimeError, ["int64", "target.float()"]),
    (lambda: F.l1_loss(ones(4, 1), ones(4)), RuntimeError, ["l1_loss", "(4, 1)", "(4,)", "unsqueeze(1)"]),
    (lambda: F.huber_loss(ones(4), ones(4), delta=-1), RuntimeError, ["delta", "-1"]),
    (lambda: F.smooth_l1_loss(ints(1), ints(1)), NotImplementedError, ["smooth_l1_loss", "int64", "input.float()"]),
    (lambda: F.cross_entropy(ones(2, 3), ints(0, 1), ones(2)), RuntimeError, ["3 classes", "(2,)"]),
    (lambda: F.cross_entropy(ones(2, 3), ints(0, 1), label_smoothing=2), RuntimeError, ["label_smoothing", "2"]),
    (lambda: F.cross_entropy(ones(2, 3), ones(2, 3), ignore_index=0), RuntimeError, ["ignore_index", "probabilities"]),
    (lambda: F.nll_loss(ones(2, 3), ints(0, 3)), IndexError, ["target 3", "3 classes", "0 to 2"]),
    (lambda: F.nll_loss(ones(2, 3), ints(0)), ValueError, ["nll_loss", "(2, 3)", "(1,)", "(2,)"]),
    (lambda: F.binary_cross_entropy(2 * ones(2), ones(2)), RuntimeError, ["input", "0 to 1", "with_logits"]),
    (lambda: F.kl_div(ones(2), ones(2), reduction="average"), ValueError, ["'average'"]),
    (lambda: F.margin_ranking_loss(ones(2, 3), ones(3), ones(3)), RuntimeError, ["(2, 3)", "(3,)"]),
    (lambda: F.triplet_margin_loss(ones(2), ones(2), ones(2), margin=0), ValueError, ["margin", "0"]),
    (
        lambda: F.cosine_embedding_loss(ones(2, 3), ones(2, 3), ones(2, 1)),
        RuntimeError,
        ["(n, size)", "(2, 3)", "(2, 1)"],
    ),
    (lambda: F.gaussian_nll_loss(ones(2, 3), ones(2, 3), -ones(2, 3)), ValueError, ["variance", "negative"]),
    (lambda: F.gaussian_nll_loss(ones(2, 3), ones(2, 3), ones(3)), ValueError, ["(3,)", "(2, 3)"]),
    (lambda: nn.SmoothL1Loss(delta=2), TypeError, ["SmoothL1Loss", "beta", "delta"]),
    (lambda: nn.MSELoss(reduction="none ")(ones(1), ones(1)), ValueError, ["'none '"]),
    (lambda: nn.MSELoss(ones(2), ones(2)), RuntimeError, ["nn.MSELoss()(pred, target)"]),
    (lambda: nn.HuberLoss(ones(2), ones(2)), RuntimeError, ["make the loss first"]),
    (lambda: nn.CrossEntropyLoss(weight=[1.0, 2.0]), TypeError, ["weight", "list", "torch.tensor"]),
    (
        lambda: F.cross_entropy(ones(2, 3), ints(0, 1), ints(1, 2, 3)),
        RuntimeError,
        ["weight of torch.float32", "int64"],
    ),
    (lambda: F.cross_entropy(ones(2, 3), [0, 1]), TypeError, ["cross_entropy", "list", "torch.tensor"]),
    (lambda: F.mse_loss(None, ones(2)), TypeError, ["mse_loss", "None", "forward", "return"]),
    (lambda: F.mse_loss(ones(2), 1.0), TypeError, ["mse_loss", "float"]),
    (lambda: F.cross_entropy(ints(0, 1), ones(2, 3)), NotImplementedError, ["cross_entropy", "swapped"]),
    (lambda: F.cross_entropy(ones(2, 3), ints([0, 0, 1], [1, 0, 0])), RuntimeError, ["target.argmax(1)"]),
    (lambda: F.cross_entropy(ones(2, 5, 3), ints([0] * 5, [1] * 5)), RuntimeError, ["scores.transpose(1, 2)"]),
    (lambda: F.kl_div(ones(2, 3), ones(2, 4)), RuntimeError, ["kl_div", "(2, 3)", "(2, 4)"]),
    (lambda: F.cosine_similarity(ones(2, 3), ones(2, 4)), RuntimeError, ["cosine_similarity", "(2, 3)", "(2, 4)"]),
    (lambda: F.cosine_similarity(ones(2, 3), [1.0]), TypeError, ["cosine_similarity", "list"]),
    # what is not a tensor, or not a tensor for this
    (lambda: nn.Linear(3, 1)((ones(2, 3), None)), TypeError, ["Linear", "tuple", "output, state = lstm(x)"]),
    (lambda: nn.ReLU()(None), TypeError, ["relu", "None", "return"]),
    (lambda: nn.LayerNorm(3)([1.0]), TypeError, ["layer_norm", "list"]),
    (lambda: nn.MaxPool2d(2)(None), TypeError, ["max_pool2d", "None"]),
    (lambda: F.linear(ones(2, 3), "w"), TypeError, ["Linear", "str"]),
    (lambda: F.pad([1.0], (1, 1)), TypeError, ["pad", "list"]),
    (lambda: F.dropout(ints(1, 2, 3), 0.2), RuntimeError, ["dropout", "int64", "x.float()"]),
    (lambda: F.dropout([1.0]), TypeError, ["dropout", "list"]),
    (lambda: nn.BatchNorm2d(3)(ones(2, 4, 5, 3)), RuntimeError, ["BatchNorm2d(3) got 4 channels", "movedim(-1, 1)"]),
    (lambda: nn.BatchNorm1d(3)(ones(1, 3)), ValueError, ["(1, 3)", "drop_last=True", "eval()"]),
    (lambda: nn.AdaptiveAvgPool2d((1,))(ones(1, 2, 3, 3)), RuntimeError, ["output_size", "(1,)"]),
    # shapes that don't fit
    (lambda: ones(2, 3) + ones(4), RuntimeError, ["add", "(2, 3)", "(4,)", "3 and 4"]),
    (lambda: ones(2, 3) * ones(2), RuntimeError, ["mul", "(2, 3)", "(2,)", "2 and 3"]),
    (lambda: torch.maximum(ones(2), ones(3)), RuntimeError, ["maximum", "(2,)", "(3,)"]),
    (lambda: ones(2) == ones(3), RuntimeError, ["eq", "(2,)", "(3,)"]),
    (lambda: torch.where(ones(2) > 0, ones(3), 0.0), RuntimeError, ["where", "(2,)", "(3,)"]),
    (lambda: ones(2, 3) @ ones(2, 3), RuntimeError, ["matmul", "(2, 3)", "(3)", "(2)", "transpose"]),
    (lambda: ones(3) @ ones(4), RuntimeError, ["(3,)", "(4,)"]),
    (lambda: ones(2, 3) @ torch.tensor(1.0), RuntimeError, ["matmul", "(2, 3)", "()", "*"]),
    (lambda: ones(2, 2, 3) @ ones(3, 3, 2), RuntimeError, ["(2, 2, 3)", "(3, 3, 2)", "broadcast"]),
    (lambda: ones(2) @ ints(1, 2), RuntimeError, ["matmul", "float32", "int64", ".to()"]),
    (lambda: torch.mm(ones(2), ones(2, 2)), RuntimeError, ["mm", "(2,)", "2-d"]),
    (lambda: torch.bmm(ones(2, 1, 1), ones(3, 1, 1)), RuntimeError, ["bmm", "(2, 1, 1)", "(3, 1, 1)"]),
    (lambda: torch.dot(ones(2, 2), ones(2)), RuntimeError, ["dot", "(2, 2)"]),
    (lambda: ones(2).dot(ones(3)), RuntimeError, ["(2,)", "(3,)"]),
    (lambda: torch.cat([ones(2, 3), ones(2, 4)]), RuntimeError, ["cat", "(2, 3)", "(2, 4)", "dim 0"]),
    (lambda: torch.cat([ones(2, 3), ones(2)]), RuntimeError, ["cat", "(2, 3)", "(2,)"]),
    (lambda: torch.cat([]), ValueError, ["cat", "empty list"]),
    (lambda: torch.cat([torch.tensor(1.0)] * 2), RuntimeError, ["cat", "0-d", "stack"]),
    (lambda: torch.cat(ones(2)), TypeError, ["cat"]),
    (lambda: torch.cat([ones(2), [1.0]]), TypeError, ["cat", "list"]),
    (lambda: torch.stack([ones(2), ones(3)]), RuntimeError, ["stack", "(2,)", "(3,)"]),
    (lambda: torch.stack([]), RuntimeError, ["stack", "empty"]),
    (lambda: ones(2, 3).reshape(4, 2), RuntimeError, ["reshape", "6", "(2, 3)", "(4, 2)"]),
    (lambda: ones(2, 3).reshape(-1, 4), RuntimeError, ["6", "(-1, 4)"]),
    (lambda: ones(2, 3).reshape(-1, -1), RuntimeError, ["(-1, -1)"]),
    (lambda: ones(2, 3).t().view(6), RuntimeError, ["view", "(3, 2)", "reshape"]),
    (lambda: ones(2, 3, 4).t(), RuntimeError, ["t", "2 dimensions", "3", "transpose"]),
    (lambda: ones(2, 3).expand(2, 4), RuntimeError, ["expand", "(2, 3)", "(2, 4)"]),
    (lambda: ones(2, 3).expand(3), RuntimeError, ["expand", "(2, 3)", "(3,)"]),
    (lambda: ones(2, 3).repeat(2), RuntimeError, ["repeat", "(2,)", "2 dimensions"]),
    (lambda: ones(2, 3).permute(0), RuntimeError, ["permute", "(0,)", "2 dimensions"]),
    (lambda: ones(2, 3).permute(0, 0), RuntimeError, ["permute", "(0, 0)"]),
    (lambda: ones(5).split([2, 2]), RuntimeError, ["split", "[2, 2]", "5"]),
    (lambda: ones(5).split(0), RuntimeError, ["split", "0"]),
    (lambda: ones(5).chunk(0), RuntimeError, ["chunk", "0"]),
    (lambda: ones(5).narrow(0, 3, 3), RuntimeError, ["narrow", "5"]),
    # dimensions that are not there
    (lambda: ones(2, 3).sum(2), IndexError, ["sum", "dim 2", "2 dimensions", "-2 to 1"]),
    (lambda: ones(2, 3).mean(-3), IndexError, ["mean", "dim -3"]),
    (lambda: ones(2, 3).sum((0, 0)), RuntimeError, ["sum", "(0, 0)", "twice"]),
    (lambda: ones(2, 3).max(5), IndexError, ["max", "dim 5"]),
    (lambda: ones(2, 3).argmax(5), IndexError, ["argmax", "dim 5"]),
    (lambda: ones(2).transpose(0, 1), IndexError, ["transpose", "dim 1"]),
    (lambda: ones(2).unsqueeze(3), IndexError, ["unsqueeze", "dim 3"]),
    (lambda: ones(2).squeeze(1), IndexError, ["squeeze", "dim 1"]),
    (lambda: torch.cat([ones(2)], 1), IndexError, ["cat", "dim 1"]),
    (lambda: ones(2).size(1), IndexError, ["size", "dim 1"]),
    (lambda: ones(2).cumsum(1), IndexError, ["cumsum", "dim 1"]),
    (lambda: ones(2).chunk(2, 1), IndexError, ["chunk", "dim 1"]),
    (lambda: torch.zeros(0).max(), (RuntimeError, IndexError), ["max", "(0,)"]),
    (lambda: torch.zeros(0).argmax(), (RuntimeError, IndexError), ["argmax", "(0,)"]),
    # indices
    (lambda: ones(3)[5], IndexError, ["5", "3"]),
    (lambda: ones(3)[ints(5)], IndexError, ["5", "3"]),
    (lambda: ones(3)[0, 0], IndexError, ["too many indices", "2", "(3,)"]),
    (lambda: ones(3)[1.5], (IndexError, TypeError), ["integers"]),
    (lambda: ones(3)[ones(3)], IndexError, ["integer", "float32"]),
    (lambda: ones(3)["a"], (IndexError, TypeError), []),
    (lambda: ones(3)[::-1], ValueError, ["-1", "flip"]),
    (lambda: ones(3)[torch.tensor([True, False])], IndexError, ["(2,)", "3"]),
    (lambda: ones(3).__setitem__(7, 1.0), IndexError, ["7", "3"]),
    (lambda: ones(3).__setitem__(slice(0, 2), ones(3)), RuntimeError, ["(3,)", "(2,)"]),
    (lambda: ones(2, 3).gather(1, ints([5], [0])), (IndexError, RuntimeError), ["5", "3"]),
    (lambda: ones(2, 3).gather(1, ints(0, 1)), (IndexError, RuntimeError), ["gather", "(2, 3)", "(2,)"]),
    (lambda: ones(2, 3).index_select(1, ints(3)), IndexError, ["3"]),
    (lambda: ones(3).select(0, 4), IndexError, ["4", "3"]),
    (lambda: ones(2).masked_fill(ints(0, 1), 0.0), RuntimeError, ["masked_fill", "bool", "int64", "mask == 0"]),
    (lambda: torch.where(ones(2), 1.0, 0.0), RuntimeError, ["where", "bool", "float32"]),
    # types
    (lambda: torch.arange(3).mean(), RuntimeError, ["mean", "int64", "float()"]),
    (lambda: torch.arange(3).std(), RuntimeError, ["int64", "float()"]),
    (lambda: ints(1, 2).requires_grad_(), RuntimeError, ["int64", "float()"]),
    (lambda: torch.tensor([1], requires_grad=True), RuntimeError, ["int64"]),
    (lambda: -torch.tensor([True]), RuntimeError, ["~"]),
    (lambda: torch.tensor([True]) - torch.tensor([True]), RuntimeError, ["^"]),
    (lambda: ints(5) % 0, RuntimeError, ["zero"]),
    (lambda: ints(5) // ints(0), RuntimeError, ["zero"]),
    (lambda: ints(2) ** -1, RuntimeError, ["negative"]),
    (lambda: ints(1).add_(0.5), RuntimeError, ["add_", "float32", "int64"]),
    (lambda: ones(2) + "1", TypeError, ["str"]),
    (lambda: torch.add(ones(2), [1.0, 2.0]), TypeError, ["list"]),
    (lambda: torch.exp(2.0), TypeError, ["exp", "Tensor", "float"]),
    (lambda: torch.tensor("text"), (TypeError, ValueError), ["text"]),
    (lambda: torch.tensor([[1, 2], [3]]), ValueError, ["[[1, 2], [3]]"]),
    (lambda: torch.tensor([None]), (TypeError, RuntimeError), ["None"]),
    (lambda: torch.tensor(2**63), (TypeError, RuntimeError, ValueError), ["9223372036854775808"]),
    (lambda: torch.tensor(np.array(["a"])), TypeError, ["float32", "<U1"]),
    (lambda: torch.from_numpy([1.0]), TypeError, ["list", "torch.tensor"]),
    (lambda: torch.from_numpy(np.ones(2, np.complex64)), TypeError, ["complex64"]),
    (lambda: torch.zeros(2, dtype="float33"), TypeError, ["float33"]),
    (lambda: torch.zeros(-1), (RuntimeError, ValueError), ["-1"]),
    (lambda: torch.arange(5, 1), RuntimeError, ["5", "1"]),
    (lambda: torch.arange(1, 5, 0), RuntimeError, ["0"]),
    (lambda: ones(1).clamp(), (ValueError, RuntimeError), ["clamp", "min", "max"]),
    (lambda: ones(2).div(2, rounding_mode="up"), RuntimeError, ["'up'", "floor"]),
    # places
    (lambda: torch.zeros(2, device="cuda"), RuntimeError, ["cuda", "CPU"]),
    (lambda: ones(2).to("cuda:0"), RuntimeError, ["cuda:0", "CPU"]),
    (lambda: ones(2).cuda(), RuntimeError, ["cuda", "CPU"]),
    (lambda: nn.Linear(1, 1).to("mps"), RuntimeError, ["mps", "CPU"]),
    (lambda: torch.device("gpu"), RuntimeError, ["gpu"]),
    # out of tensors
    (lambda: leaf().numpy(), RuntimeError, ["requires grad", "detach().numpy()"]),
    (lambda: np.asarray(leaf()), RuntimeError, ["detach().numpy()"]),
    (lambda: ones(2).item(), RuntimeError, ["item", "(2,)", "tolist()"]),
    (lambda: bool(ones(2)), RuntimeError, ["(2,)", ".any()", ".all()"]),
    (lambda: float(ones(2)), ValueError, ["(2,)"]),
    (lambda: len(torch.tensor(1)), TypeError, ["0-d"]),
    # gradients
    (lambda: leaf().add_(1), RuntimeError, ["add_", "leaf", "(2,)", "no_grad()"]),
    (lambda: leaf().__setitem__(0, 1.0), RuntimeError, ["setitem", "leaf", "no_grad()"]),
    (lambda: (leaf() * 2).backward(), RuntimeError, ["(2,)", ".sum()"]),
    (lambda: ones(1).backward(), RuntimeError, ["requires_grad=True"]),
    # modules, optimizers, data, seeds
    (lambda: nn.Linear(2, 1).wieght, AttributeError, ["'Linear'", "'wieght'"]),
    (lambda: setattr(nn.Linear(2, 1), "weight", ones(1, 2)), TypeError, ["Linear.weight", "Tensor"]),
    (lambda: nn.Sequential(nn.Linear(2, 1), F.relu), TypeError, ["Sequential", "relu", "Module"]),
    (lambda: nn.Linear(2, 1).load_state_dict({}), RuntimeError, ["Linear", "missing", "weight", "bias"]),
    (lambda: optim.SGD([], lr=0.1), ValueError, ["empty parameter list"]),
    (lambda: optim.SGD(nn.Linear(1, 1).parameters(), lr=-1), ValueError, ["lr", "-1"]),
    (lambda: TensorDataset(ones(3), ones(2)), AssertionError, ["[3, 2]"]),
    (lambda: nn.Linear(1, 1).train("no"), ValueError, ["train", "'no'"]),
    (lambda: optim.Adam([leaf()], betas=(0.9,)), IndexError, ["Adam", "betas", "(0.9,)"]),
    (lambda: optim.Adam([leaf()], betas=0.9), TypeError, ["Adam", "betas", "(0.9, 0.999)"]),
    (lambda: optim.SGD([{"param": [leaf()]}]), KeyError, ["'params'", "'param'"]),
    (lambda: nn.utils.clip_grad_norm_(nn.Linear(1, 1), 1.0), TypeError, ["Linear", "model.parameters()"]),
    (lambda: optim.lr_scheduler.LambdaLR(optim.SGD([leaf()]), 3), TypeError, ["lr_lambda", "function", "3"]),
    (lambda: stepped(optim.lr_scheduler.StepLR, 0), ZeroDivisionError, ["step_size", "0"]),
    (lambda: TensorDataset([1], [2]), TypeError, ["TensorDataset", "list", "torch.tensor"]),
    (lambda: list(DataLoader(Dataset())), TypeError, ["Dataset", "__len__"]),
    (lambda: DataLoader(Dataset(), shuffle=True), TypeError, ["Dataset", "__len__"]),
    (lambda: default_collate([ones(2), ones(3)]), RuntimeError, ["(2,)", "(3,)", "collate_fn", "pad_sequence"]),
    (lambda: default_collate([np.ones(2), np.ones(3)]), RuntimeError, ["(2,)", "(3,)", "collate_fn"]),
    (lambda: DataLoader([1], batch_size=0), ValueError, ["batch_size", "0"]),
    (lambda: torch.manual_seed(2**64), RuntimeError, [str(2**64)]),
    (lambda: torch.randint(5, 5, (2,)), RuntimeError, ["low=5", "high=5"]),
    (lambda: torch.save(nn.Linear(1, 1), "never-written"), TypeError, ["Linear", "state_dict"]),
]


def said(action):
    try:
        action()
    except Exception as error:
        return error
    return None


def source(action):
    """Return the text of a lambda of the table, for the name of its test."""
    text = inspect.getsource(action).strip()
    found = re.match(r"\(?(?:lambda: )(.*?), (?:\(?[A-Z]\w+Error)", text, re.DOTALL)
    return found.group(1)[:70] if found else text[:70]


TABLE = pytest.mark.parametrize(("action", "error", "words"), MISTAKES, ids=[source(m[0]) for m in MISTAKES])


@TABLE
def test_a_mistake_is_answered_with_what_was_given_and_what_to_do(action, error, words):
    raised = said(action)
    assert raised is not None, "no error at all"
    assert isinstance(raised, error), repr(raised)
    missing = [word for word in words if word not in str(raised)]
    assert not missing, f"{missing} not in: {raised}"


INNER_WORDS = re.compile(
    r"numpy\.|np\.|operand|axis|ufunc|NoneType|_array|gufunc|broadcast together|0x[0-9a-f]{6}|object at|"
    r"not supported between|zero-size array|read-only|tuple index|math domain|positional argument"
)


@TABLE
def test_the_sentence_is_one_line_in_the_users_words(action, error, words):
    text = str(said(action))
    assert 10 < len(text) < 300
    assert "\n" not in text
    assert not INNER_WORDS.findall(text), text


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: torch.nn.functional.one_hot(torch.zeros(0, dtype=torch.int64)), "give num_classes"),
        (lambda: torch.zeros(0).norm(float("inf")), "no elements have no norm of order inf"),
        (lambda: torch.tensor(2**63), "9223372036854775808 is too large for int64"),
        (lambda: torch.zeros(2**40, 2**40), "more elements than any memory"),
        (lambda: torch.nn.Linear(2, 2).load_state_dict({3: torch.ones(1)}), "unexpected: 3"),
    ],
)
def test_what_numpy_or_python_would_say_in_their_own_words_is_a_sentence(call, said):
    with pytest.raises(RuntimeError, match=said):
        call()
