"""Is a Tensor what PyTorch's is? Making, types, memory, indices, as Python and NumPy see it, printing."""

from __future__ import annotations

import copy
import pickle
import warnings

import numpy as np
import pytest

import tinytorch as torch

NAN = float("nan")


def same_memory(a, b):
    return np.shares_memory(a.detach().numpy(), b.detach().numpy())


# ------------------------------------------------------------------------------------------------ making
@pytest.mark.parametrize(
    ("data", "kind", "shape"),
    [
        (3, torch.int64, ()),
        (2.5, torch.float32, ()),
        (True, torch.bool, ()),
        ([], torch.float32, (0,)),
        ([[], []], torch.float32, (2, 0)),
        ([1, 2], torch.int64, (2,)),
        ([1, 2.5], torch.float32, (2,)),
        ([True, False], torch.bool, (2,)),
        ([True, 2], torch.int64, (2,)),
        ([[1, 2, 3], [4, 5, 6]], torch.int64, (2, 3)),
        (((1.0, 2.0),), torch.float32, (1, 2)),
        (range(3), torch.int64, (3,)),
        (np.float64(1.5), torch.float64, ()),
        (np.zeros((2, 1), np.float64), torch.float64, (2, 1)),
        (np.zeros(2, np.uint8), torch.uint8, (2,)),
        (np.zeros(2, np.float16), torch.float16, (2,)),
        ([np.zeros(2), np.ones(2)], torch.float64, (2, 2)),
        ([torch.tensor(1.0), torch.tensor(2.0)], torch.float32, (2,)),
        (torch.ones(2, dtype=torch.int32), torch.int32, (2,)),
    ],
)
def test_tensor_takes_its_type_from_the_data(data, kind, shape):
    x = torch.tensor(data)
    assert (x.dtype, tuple(x.shape)) == (kind, shape)
    assert (x.requires_grad, x.is_leaf, str(x.device)) == (False, True, "cpu")
    assert torch.tensor(data, dtype=torch.float64).dtype == torch.float64


@pytest.mark.parametrize(
    ("made", "values", "kind"),
    [
        (lambda: torch.zeros(2, 2), [[0, 0], [0, 0]], torch.float32),
        (lambda: torch.zeros((2,)), [0, 0], torch.float32),
        (lambda: torch.zeros([]), 0, torch.float32),
        (lambda: torch.ones(2, dtype=torch.int64), [1, 1], torch.int64),
        (lambda: torch.ones(torch.Size([1, 2]), dtype=bool), [[True, True]], torch.bool),
        (lambda: torch.full((2,), 3), [3, 3], torch.int64),
        (lambda: torch.full((2,), 3.0), [3, 3], torch.float32),
        (lambda: torch.full((1,), True), [True], torch.bool),
        (lambda: torch.zeros_like(torch.ones(1, 2, dtype=torch.int32)), [[0, 0]], torch.int32),
        (lambda: torch.ones_like(torch.zeros(2), dtype=torch.float64), [1, 1], torch.float64),
        (lambda: torch.full_like(torch.zeros(2), 7), [7, 7], torch.float32),
        (lambda: torch.eye(2, 3), [[1, 0, 0], [0, 1, 0]], torch.float32),
        (lambda: torch.arange(3), [0, 1, 2], torch.int64),
        (lambda: torch.arange(1, 8, 3), [1, 4, 7], torch.int64),
        (lambda: torch.arange(5, 1, -2), [5, 3], torch.int64),
        (lambda: torch.arange(3, 3), [], torch.int64),
        (lambda: torch.arange(0, 1, 0.25), [0, 0.25, 0.5, 0.75], torch.float32),
        (lambda: torch.arange(2.0), [0, 1], torch.float32),
        (lambda: torch.arange(2, dtype=torch.float64), [0, 1], torch.float64),
        (lambda: torch.arange(start=1, end=3), [1, 2], torch.int64),
        (lambda: torch.linspace(0, 1, 5), [0, 0.25, 0.5, 0.75, 1], torch.float32),
        (lambda: torch.linspace(3, 10, steps=1), [3], torch.float32),
        (lambda: torch.tensor([1.9, -1.9]).long(), [1, -1], torch.int64),
        (lambda: torch.tensor([0.0, 2.0, NAN]).bool(), [False, True, True], torch.bool),
        (lambda: torch.tensor([1, 0]).to(torch.float16), [1, 0], torch.float16),
        (lambda: torch.tensor([1]).to("cpu", torch.float64), [1], torch.float64),
        (lambda: torch.tensor([1]).type_as(torch.zeros(1)), [1], torch.float32),
    ],
)
def test_functions_that_make_tensors(made, values, kind):
    x = made()
    assert (x.tolist(), x.dtype) == (values, kind)


def test_the_names_of_types():
    assert (torch.float, torch.double, torch.half) == (torch.float32, torch.float64, torch.float16)
    assert (torch.int, torch.long, torch.short) == (torch.int32, torch.int64, torch.int16)
    assert (str(torch.bool), repr(torch.float32)) == ("torch.bool", "torch.float32")
    assert [t.itemsize for t in (torch.bool, torch.uint8, torch.int16, torch.float32, torch.int64)] == [1, 1, 2, 4, 8]
    assert [t.is_floating_point for t in (torch.float16, torch.float64, torch.int64, torch.bool)] == [1, 1, 0, 0]
    assert copy.deepcopy(torch.float32) is pickle.loads(pickle.dumps(torch.float32)) is torch.float32
    assert copy.deepcopy(torch.bool) is torch.bool


# ------------------------------------------------------------------------------------------------ mixing types
NAMES = ["b", "u1", "i1", "i2", "i4", "i8", "f2", "f4", "f8"]
KINDS = {
    **dict(zip(NAMES, [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64])),
    **dict(zip(NAMES[6:], [torch.float16, torch.float32, torch.float64])),
}
# What PyTorch 2.13 printed; rows and columns are NAMES, and -- an error.
BOTH_WITH_DIMENSIONS = """
    b  u1 i1 i2 i4 i8 f2 f4 f8
    u1 u1 i2 i2 i4 i8 f2 f4 f8
    i1 i2 i1 i2 i4 i8 f2 f4 f8
    i2 i2 i2 i2 i4 i8 f2 f4 f8
    i4 i4 i4 i4 i4 i8 f2 f4 f8
    i8 i8 i8 i8 i8 i8 f2 f4 f8
    f2 f2 f2 f2 f2 f2 f2 f4 f8
    f4 f4 f4 f4 f4 f4 f4 f4 f8
    f8 f8 f8 f8 f8 f8 f8 f8 f8"""
SECOND_ZERO_DIMENSIONAL = """
    b  u1 i1 i2 i4 i8 f2 f4 f8
    u1 u1 u1 u1 u1 u1 f2 f4 f8
    i1 i1 i1 i1 i1 i1 f2 f4 f8
    i2 i2 i2 i2 i2 i2 f2 f4 f8
    i4 i4 i4 i4 i4 i4 f2 f4 f8
    i8 i8 i8 i8 i8 i8 f2 f4 f8
    f2 f2 f2 f2 f2 f2 f2 f2 f2
    f4 f4 f4 f4 f4 f4 f4 f4 f4
    f8 f8 f8 f8 f8 f8 f8 f8 f8"""
PAIRS = [
    (a, b, shape, result)
    for shape, table in [((2,), BOTH_WITH_DIMENSIONS), ((), SECOND_ZERO_DIMENSIONAL)]
    for a, row in zip(NAMES, table.strip().splitlines())
    for b, result in zip(NAMES, row.split())
]


@pytest.mark.parametrize("combine", [torch.add, torch.mul, torch.maximum, lambda a, b: torch.where(a > 5, a, b)])
def test_the_type_of_two_tensors_together(combine):
    wrong = []
    for a, b, shape, result in PAIRS:
        x, y = torch.ones(2, dtype=KINDS[a]), torch.ones(shape, dtype=KINDS[b])
        for left, right in ((x, y), (y, x)):
            found = combine(left, right).dtype
            if found != KINDS[result]:
                wrong.append(f"{a}{tuple(left.shape)}, {b}{tuple(right.shape)}: {found}")
    assert not wrong


@pytest.mark.parametrize(
    ("operation", "number", "results"),
    [
        (lambda x, n: x + n, True, "b  u1 i1 i2 i4 i8 f2 f4 f8"),
        (lambda x, n: x + n, 2, "i8 u1 i1 i2 i4 i8 f2 f4 f8"),
        (lambda x, n: n * x, 2, "i8 u1 i1 i2 i4 i8 f2 f4 f8"),
        (lambda x, n: x * n, 2.5, "f4 f4 f4 f4 f4 f4 f2 f4 f8"),
        (lambda x, n: x / n, 2, "f4 f4 f4 f4 f4 f4 f2 f4 f8"),
        (lambda x, n: n / x, 2, "f4 f4 f4 f4 f4 f4 f2 f4 f8"),
        (lambda x, n: x**n, 2, "i8 u1 i1 i2 i4 i8 f2 f4 f8"),
        (lambda x, n: x**n, 2.5, "f4 f4 f4 f4 f4 f4 f2 f4 f8"),
        (lambda x, n: x // n, 2, "i8 u1 i1 i2 i4 i8 f2 f4 f8"),
        (lambda x, n: x % n, 2.5, "f4 f4 f4 f4 f4 f4 f2 f4 f8"),
        (lambda x, n: x.sum(dtype=x.dtype) + n, 2, "i8 u1 i1 i2 i4 i8 f2 f4 f8"),  # 0-d, and still above a number
        (lambda x, n: x == n, 2, "b  b  b  b  b  b  b  b  b"),
        (lambda x, n: x > n, 1.5, "b  b  b  b  b  b  b  b  b"),
        (lambda x, n: x / x, 0, "f4 f4 f4 f4 f4 f4 f2 f4 f8"),
    ],
)
def test_the_type_with_a_number(operation, number, results):
    assert [operation(torch.ones(2, dtype=KINDS[name]), number).dtype for name in NAMES] == [
        KINDS[result] for result in results.split()
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "results"),
    [
        ("sum", (), "i8 i8 i8 i8 i8 i8 f2 f4 f8"),
        ("prod", (), "i8 i8 i8 i8 i8 i8 f2 f4 f8"),
        ("cumsum", (0,), "i8 i8 i8 i8 i8 i8 f2 f4 f8"),
        ("mean", (), "-- -- -- -- -- -- f2 f4 f8"),
        ("var", (), "-- -- -- -- -- -- f2 f4 f8"),
        ("norm", (), "-- -- -- -- -- -- f2 f4 f8"),
        ("exp", (), "f4 f4 f4 f4 f4 f4 f2 f4 f8"),
        ("sqrt", (), "f4 f4 f4 f4 f4 f4 f2 f4 f8"),
        ("sigmoid", (), "f4 f4 f4 f4 f4 f4 f2 f4 f8"),
        ("logsumexp", (0,), "f4 f4 f4 f4 f4 f4 f2 f4 f8"),
        ("abs", (), "-- u1 i1 i2 i4 i8 f2 f4 f8"),
        ("neg", (), "-- u1 i1 i2 i4 i8 f2 f4 f8"),
        ("square", (), "i8 u1 i1 i2 i4 i8 f2 f4 f8"),
        ("sign", (), "b  u1 i1 i2 i4 i8 f2 f4 f8"),
        ("floor", (), "-- u1 i1 i2 i4 i8 f2 f4 f8"),
        ("amax", (), "b  u1 i1 i2 i4 i8 f2 f4 f8"),
        ("argmax", (), "-- i8 i8 i8 i8 i8 i8 i8 i8"),
        ("all", (), "b  u1 b  b  b  b  b  b  b"),
        ("any", (), "b  u1 b  b  b  b  b  b  b"),
        ("isnan", (), "b  b  b  b  b  b  b  b  b"),
    ],
)
def test_the_type_of_one_tensors_function(name, arguments, results):
    found = []
    for kind in KINDS.values():
        try:
            found.append(getattr(torch.ones(2, dtype=kind), name)(*arguments).dtype)
        except RuntimeError:
            found.append(None)
    assert found == [KINDS.get(result) for result in results.split()]


@pytest.mark.parametrize(
    ("made", "values"),
    [
        (lambda: torch.tensor([7, -7]) // 2, [3, -4]),
        (lambda: torch.tensor([7, -7]) % 3, [1, 2]),
        (lambda: torch.tensor([7.0, -7.0]) % -3, [-2, -1]),
        (lambda: torch.tensor([7, -7]).div(2, rounding_mode="trunc"), [3, -3]),
        (lambda: torch.tensor([7, -7]).div(2, rounding_mode="floor"), [3, -4]),
        (lambda: torch.tensor([250], dtype=torch.uint8) + 10, [4]),
        (lambda: torch.tensor([1], dtype=torch.uint8) * -1, [255]),
        (lambda: torch.tensor([1, 2], dtype=torch.uint8) == -1, [False, False]),
        (lambda: torch.tensor([2.0, 3.0]) ** torch.tensor([2, 3]), [4, 27]),
        (lambda: 2 ** torch.tensor([1, 3]), [2, 8]),
        (lambda: torch.tensor([6, 3]) & 5, [4, 1]),
        (lambda: torch.tensor([6, 3]) | 1, [7, 3]),
        (lambda: torch.tensor([True, False]) ^ torch.tensor([True, True]), [False, True]),
        (lambda: ~torch.tensor([True, False]), [False, True]),
        (lambda: ~torch.tensor([0, 5]), [-1, -6]),
        (lambda: torch.round(torch.tensor([0.5, 1.5, 2.5, -0.5])), [0, 2, 2, 0]),
        (lambda: torch.tensor([1.0, 5.0]).clamp(3, 2), [2, 2]),
        (lambda: torch.tensor([1, 5]).clamp(1.5, 3.5), [1.5, 3.5]),
        (lambda: torch.tensor([1.0, NAN]).amax().isnan(), True),
        (lambda: torch.maximum(torch.tensor([NAN]), torch.tensor([1.0])).isnan(), [True]),
        (lambda: torch.tensor([1.0, NAN, 3.0]).argmax(), 1),
        (lambda: torch.tensor([3, 1, 3]).argmax(), 0),
        (lambda: torch.tensor([[1, 5], [7, 2]]).max(1), ([5, 7], [1, 0])),
        (lambda: torch.tensor([1.0, -3.0, 4.0]).norm(p=float("-inf")), 1),
        (lambda: torch.tensor([1.0, 0.0, 4.0]).norm(p=0), 2),
        (lambda: torch.tensor([1.0, 0.0, -1.0]) / 0, [float("inf"), "nan", float("-inf")]),
        (lambda: torch.log(torch.tensor([0.0])), [float("-inf")]),
        (lambda: torch.tensor([-1.0]).sqrt(), ["nan"]),
        (lambda: torch.exp(torch.tensor([1000.0])), [float("inf")]),
        (lambda: torch.zeros(0).mean(), "nan"),
        (lambda: torch.zeros(0).prod(), 1),
        (lambda: torch.zeros(3, 0).logsumexp(1), [float("-inf")] * 3),
        (lambda: torch.zeros(0, 3).amax(1), []),
        (lambda: torch.nn.functional.softmax(torch.zeros(3, 0), 1), [[], [], []]),
        (lambda: torch.nonzero(torch.tensor([[0, 1], [1, 1]])), [[0, 1], [1, 0], [1, 1]]),
        (lambda: torch.where(torch.tensor([True, False, True])), ([0, 2],)),
        (lambda: torch.cat([torch.ones(1), torch.zeros(0), torch.ones(1)]), [1, 1]),
        (lambda: torch.allclose(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.00001])), True),
        (lambda: torch.isclose(torch.tensor([1.0, 2.0, NAN]), torch.tensor([1.1, 2.0, NAN])), [False, True, False]),
        (lambda: torch.equal(torch.ones(2), torch.ones(2, 1)), False),
    ],
)
def test_values_in_the_corners(made, values):
    def plain(x):
        if isinstance(x, tuple):
            return tuple(plain(each) for each in x)
        x = x.tolist() if isinstance(x, torch.Tensor) else x
        if isinstance(x, list):
            return [plain(each) for each in x]
        return "nan" if x != x else x

    assert plain(made()) == values


# ------------------------------------------------------------------------------------------------ memory
VIEWS = {
    "view": lambda x: x.view(6),
    "view -1": lambda x: x.view(-1, 2),
    "reshape": lambda x: x.reshape(3, 2),
    "flatten": lambda x: x.flatten(),
    "unflatten": lambda x: x.unflatten(1, (3, 1)),
    "t": lambda x: x.t(),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "transpose": lambda x: x.transpose(0, 1),
    "permute": lambda x: x.permute(1, 0),
    "movedim": lambda x: x.movedim(0, 1),
    "squeeze": lambda x: x.squeeze(),
    "unsqueeze": lambda x: x.unsqueeze(0),
    "expand": lambda x: x.expand(4, 2, 3),
    "slice": lambda x: x[:1],
    "number": lambda x: x[0],
    "numbers": lambda x: x[0, 0],
    "None": lambda x: x[None],
    "ellipsis": lambda x: x[..., 0],
    "narrow": lambda x: x.narrow(1, 0, 2),
    "select": lambda x: x.select(0, 0),
    "split": lambda x: x.split(1)[0],
    "chunk": lambda x: x.chunk(2)[0],
    "unbind": lambda x: x.unbind()[0],
    "iteration": lambda x: next(iter(x)),
    "detach": lambda x: x.detach(),
    "data": lambda x: x.data,
    "contiguous": lambda x: x.contiguous(),
    "to the same": lambda x: x.to(torch.float32),
    "as_tensor": torch.as_tensor,
    "from_numpy": lambda x: torch.from_numpy(x.numpy()),
    "Parameter": torch.nn.Parameter,
}
COPIES = {
    "clone": lambda x: x.clone(),
    "tensor": lambda x: torch.tensor(x),
    "array": lambda x: x[torch.tensor([0, 1])],
    "mask": lambda x: x[torch.tensor([True, True])],
    "index_select": lambda x: x.index_select(0, torch.tensor([0])),
    "repeat": lambda x: x.repeat(1, 1),
    "flip": lambda x: x.flip(0),
    "cat": lambda x: torch.cat([x]),
    "stack": lambda x: torch.stack([x]),
    "tril": lambda x: x.tril(),
    "to copy": lambda x: x.to(torch.float32, copy=True),
    "double": lambda x: x.double(),
    "reshape of a transpose": lambda x: x.t().reshape(6),
    "contiguous of a transpose": lambda x: x.t().contiguous(),
    "add": lambda x: x + 0,
    "relu": torch.relu,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize(
    ("make", "shares"),
    [(f, True) for f in VIEWS.values()] + [(f, False) for f in COPIES.values()],
    ids=[*VIEWS, *COPIES],
)
def test_who_shares_memory_with_whom(make, shares):
    x = torch.arange(6.0).reshape(2, 3).clone()
    other = make(x)
    assert same_memory(x, other) is shares
    before = other.detach().numpy().copy()
    x.add_(100)
    np.testing.assert_array_equal(other.detach().numpy(), before + 100 * shares)


def test_a_view_that_needs_a_copy_is_an_error():
    x = torch.arange(6).reshape(2, 3).t()
    with pytest.raises(RuntimeError, match=r"\(3, 2\).*\(6,\).*reshape"):
        x.view(6)
    assert x.reshape(6).tolist() == [0, 3, 1, 4, 2, 5]
    assert (x.is_contiguous(), x.stride(), x.contiguous().stride()) == (False, (1, 3), (2, 1))


def test_numpy_and_tensor_are_one_memory():
    array = np.zeros(3)
    x = torch.from_numpy(array)
    x[0] = 5.0
    array[1] = 7
    assert (array.tolist(), x.tolist()) == ([5, 7, 0], [5, 7, 0])
    assert x.numpy() is array
    w = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"detach\(\)\.numpy\(\)"):
        w.numpy()
    assert np.asarray(w.detach()).tolist() == [1, 1]


def test_data_can_be_set():
    x = torch.ones(2, requires_grad=True)
    x.data = torch.zeros(3)
    assert (x.tolist(), x.requires_grad, tuple(x.shape)) == ([0, 0, 0], True, (3,))
    (x + 1).sum().backward()
    assert x.grad.tolist() == [1, 1, 1]


def test_deepcopy_of_a_leaf_copies_values_and_gradient():
    x = torch.ones(2, requires_grad=True)
    (x * 3).sum().backward()
    y = copy.deepcopy([x, x])
    assert y[0] is y[1]
    assert (y[0].tolist(), y[0].grad.tolist(), y[0].requires_grad, y[0].is_leaf) == ([1, 1], [3, 3], True, True)
    y[0].grad.zero_()
    assert x.grad.tolist() == [3, 3]
    with pytest.raises(RuntimeError, match="leaf"):
        copy.deepcopy(x * 2)


# ------------------------------------------------------------------------------------------------ as Python sees it
def test_numbers_lists_and_truth():
    assert [type(torch.tensor(v).item()) for v in (1, 1.5, True)] == [int, float, bool]
    assert torch.tensor([[2.5]]).item() == 2.5
    assert torch.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert torch.tensor(3).tolist() == 3
    assert (int(torch.tensor(2.9)), float(torch.tensor(2)), bool(torch.tensor([0]))) == (2, 2.0, False)
    assert [10, 20, 30][torch.tensor(1)] == 20
    assert list(range(torch.tensor(3))) == [0, 1, 2]
    with pytest.raises(TypeError, match="integer"):
        [1, 2][torch.tensor(1.0)]
    for many in (torch.ones(2), torch.ones(0)):
        for convert, error in ((bool, RuntimeError), (torch.Tensor.item, RuntimeError), (float, ValueError)):
            with pytest.raises(error, match=rf"\({many.numel()},\)"):
                convert(many)


def test_length_iteration_and_membership():
    x = torch.tensor([[1, 2], [3, 4]])
    assert (len(x), [row.tolist() for row in x]) == (2, [[1, 2], [3, 4]])
    a, b = x
    assert (a + b).tolist() == [4, 6]
    assert (3 in x, 9 in x) == (True, False)
    with pytest.raises(TypeError, match="0-d"):
        len(torch.tensor(1))
    with pytest.raises(TypeError, match="0-d"):
        iter(torch.tensor(1))


def test_equality_is_by_element_and_the_hash_by_identity():
    x, y = torch.tensor([1, 2]), torch.tensor([1, 3])
    assert ((x == y).tolist(), (x != y).tolist()) == ([True, False], [False, True])
    assert (x == None, x != None, x == "one") == (False, True, False)  # noqa: E711
    assert len({x, y, x}) == 2
    assert {x: "x"}[x] == "x"
    assert [(x == 1).tolist(), (1 == x).tolist(), (2 > x).tolist()] == [[True, False]] * 3  # noqa: SIM300


def test_numpy_arrays_meet_tensors():
    x = torch.tensor([1.0, 2.0])
    for both in (x * np.array([3.0, 4.0], np.float32), np.array([3.0, 4.0], np.float32) * x):
        assert isinstance(both, torch.Tensor)
        assert both.tolist() == [3, 8]
    assert (x * np.float64(2)).dtype == torch.float32  # a NumPy number counts as a number


def test_formatting():
    x = torch.tensor(3.14159)
    assert (f"{x:.2f}", f"{x}", f"{torch.tensor(7):03d}") == ("3.14", "3.141590118408203", "007")
    assert f"{torch.tensor([1, 2])}" == "tensor([1, 2])"
    with pytest.raises(TypeError):
        f"{torch.tensor([1.0]):.2f}"


def test_sizes():
    x = torch.zeros(2, 3, 4)
    assert (x.shape, x.size(), x.size(-1), x.numel(), x.dim(), x.ndim) == ((2, 3, 4), x.shape, 4, 24, 3, 3)
    assert x.shape.numel() == 24
    rows, *rest = x.shape
    assert (rows, rest) == (2, [3, 4])
    assert isinstance(x.shape, torch.Size)
    assert (x.stride(), x.stride(1), x.element_size()) == ((12, 4, 1), 4, 4)


def test_pickling_is_not_how_tensors_are_saved_but_deepcopy_of_a_module_works():
    model = torch.nn.Linear(2, 2)
    twin = copy.deepcopy(model)
    twin.weight.data.zero_()
    assert model.weight.abs().sum() > 0
    assert isinstance(twin.weight, torch.nn.Parameter)
    assert twin.weight.requires_grad


# ------------------------------------------------------------------------------------------------ indices
X = np.arange(24).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ((slice(None), [0, 2], slice(None), None), X[:, [0, 2]][..., None]),
        ((0, slice(None), [0, 1]), X[0][:, [0, 1]]),  # NumPy would move the dimension
        (([0, 1], slice(None), [0, 1]), np.stack([X[0, :, 0], X[1, :, 1]])),
        ((Ellipsis, [[0, 1]]), X[:, :, [[0, 1]]]),
        (True, X[None]),
        ([0, 1], X),
        ((1, -1, -1), X[1, 2, 3]),
        (([],), X[[]]),
    ],
)
def test_indices_mean_what_they_mean_in_pytorch(index, expected):
    x = torch.from_numpy(X)
    found = x[
        tuple(torch.tensor(i) if isinstance(i, list) and i else i for i in index) if isinstance(index, tuple) else index
    ]
    np.testing.assert_array_equal(found.numpy(), expected)
    assert tuple(found.shape) == expected.shape


def test_assignment_converts_and_broadcasts():
    x = torch.zeros(2, 3, dtype=torch.int64)
    x[0] = 2.7
    x[:, 1] = torch.tensor([5.9, 6.0])
    x[x == 0] = -1
    assert x.tolist() == [[2, 5, 2], [-1, 6, -1]]
    x[[0, 1], [0, 2]] += 10
    assert x.tolist() == [[12, 5, 2], [-1, 6, 9]]


# ------------------------------------------------------------------------------------------------ printing
# Typed into PyTorch 2.13, and what it answered.
PRINTED = r"""
>>> torch.tensor(3)
tensor(3)
>>> torch.tensor(-2.5)
tensor(-2.5000)
>>> torch.tensor(1e10)
tensor(1.0000e+10)
>>> torch.tensor(True)
tensor(True)
>>> torch.tensor(float("nan"))
tensor(nan)
>>> torch.tensor([1, 20, -300])
tensor([   1,   20, -300])
>>> torch.tensor([1.0, 2.0, -3.0])
tensor([ 1.,  2., -3.])
>>> torch.tensor([0.5, -1.25])
tensor([ 0.5000, -1.2500])
>>> torch.tensor([0.1, 0.123456])
tensor([0.1000, 0.1235])
>>> torch.tensor([1e-5, 1.0])
tensor([1.0000e-05, 1.0000e+00])
>>> torch.tensor([0.00001])
tensor([1.0000e-05])
>>> torch.tensor([1000.5, 0.001])
tensor([1.0005e+03, 1.0000e-03])
>>> torch.tensor([1234567.0, 1.0])
tensor([1.2346e+06, 1.0000e+00])
>>> torch.tensor([123456789.0])
tensor([1.2346e+08])
>>> torch.tensor([1e8, 1.0])
tensor([1.0000e+08, 1.0000e+00])
>>> torch.tensor([1e-4, 0.1])
tensor([1.0000e-04, 1.0000e-01])
>>> torch.tensor([0.0, -0.0])
tensor([0., -0.])
>>> torch.tensor([1.0, float("inf"), float("nan")])
tensor([1., inf, nan])
>>> torch.tensor([1.5, float("-inf"), float("nan")])
tensor([1.5000,   -inf,    nan])
>>> torch.tensor([float("inf"), float("-inf")])
tensor([inf, -inf])
>>> torch.tensor([1e-10, float("inf")])
tensor([1.0000e-10,        inf])
>>> torch.tensor([True, False])
tensor([ True, False])
>>> torch.tensor([[1, 2], [3, 4]])
tensor([[1, 2],
        [3, 4]])
>>> torch.tensor([[1.0, 22.5], [333.0, -4.0]])
tensor([[  1.0000,  22.5000],
        [333.0000,  -4.0000]])
>>> torch.tensor([])
tensor([])
>>> torch.tensor([], dtype=torch.int64)
tensor([], dtype=torch.int64)
>>> torch.zeros(0, 3)
tensor([], size=(0, 3))
>>> torch.zeros(2, 0)
tensor([], size=(2, 0))
>>> torch.tensor([1, 2], dtype=torch.int32)
tensor([1, 2], dtype=torch.int32)
>>> torch.tensor([1, 2], dtype=torch.uint8)
tensor([1, 2], dtype=torch.uint8)
>>> torch.tensor([0.1], dtype=torch.float64)
tensor([0.1000], dtype=torch.float64)
>>> torch.tensor([0.1, 65504], dtype=torch.float16)
tensor([9.9976e-02, 6.5504e+04], dtype=torch.float16)
>>> torch.ones(2, requires_grad=True)
tensor([1., 1.], requires_grad=True)
>>> torch.ones(2, dtype=torch.float64, requires_grad=True)
tensor([1., 1.], dtype=torch.float64, requires_grad=True)
>>> torch.ones(2, requires_grad=True) * 2
tensor([2., 2.], grad_fn=<MulBackward0>)
>>> torch.ones(2, requires_grad=True).sum()
tensor(2., grad_fn=<SumBackward0>)
>>> torch.ones(2, requires_grad=True).exp().mean()
tensor(2.7183, grad_fn=<MeanBackward0>)
>>> torch.zeros(2, 2, 2)
tensor([[[0., 0.],
         [0., 0.]],

        [[0., 0.],
         [0., 0.]]])
>>> torch.arange(24).reshape(2, 3, 4)
tensor([[[ 0,  1,  2,  3],
         [ 4,  5,  6,  7],
         [ 8,  9, 10, 11]],

        [[12, 13, 14, 15],
         [16, 17, 18, 19],
         [20, 21, 22, 23]]])
>>> torch.zeros(1, 2, 1, 2)
tensor([[[[0., 0.]],

         [[0., 0.]]]])
>>> torch.arange(30)
tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,
        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])
>>> torch.arange(30.0)
tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,
        14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25., 26., 27.,
        28., 29.])
>>> torch.arange(12.0) / 7
tensor([0.0000, 0.1429, 0.2857, 0.4286, 0.5714, 0.7143, 0.8571, 1.0000, 1.1429,
        1.2857, 1.4286, 1.5714])
>>> torch.arange(1001)
tensor([   0,    1,    2,  ...,  998,  999, 1000])
>>> torch.arange(2000.0).reshape(50, 40)
tensor([[0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 3.7000e+01, 3.8000e+01,
         3.9000e+01],
        [4.0000e+01, 4.1000e+01, 4.2000e+01,  ..., 7.7000e+01, 7.8000e+01,
         7.9000e+01],
        [8.0000e+01, 8.1000e+01, 8.2000e+01,  ..., 1.1700e+02, 1.1800e+02,
         1.1900e+02],
        ...,
        [1.8800e+03, 1.8810e+03, 1.8820e+03,  ..., 1.9170e+03, 1.9180e+03,
         1.9190e+03],
        [1.9200e+03, 1.9210e+03, 1.9220e+03,  ..., 1.9570e+03, 1.9580e+03,
         1.9590e+03],
        [1.9600e+03, 1.9610e+03, 1.9620e+03,  ..., 1.9970e+03, 1.9980e+03,
         1.9990e+03]])
>>> torch.arange(1500).reshape(3, 500)
tensor([[   0,    1,    2,  ...,  497,  498,  499],
        [ 500,  501,  502,  ...,  997,  998,  999],
        [1000, 1001, 1002,  ..., 1497, 1498, 1499]])
>>> torch.zeros(2, 3, 3, dtype=torch.float64, requires_grad=True) + 0.5
tensor([[[0.5000, 0.5000, 0.5000],
         [0.5000, 0.5000, 0.5000],
         [0.5000, 0.5000, 0.5000]],

        [[0.5000, 0.5000, 0.5000],
         [0.5000, 0.5000, 0.5000],
         [0.5000, 0.5000, 0.5000]]], dtype=torch.float64,
       grad_fn=<AddBackward0>)
>>> torch.zeros(2, 1, 11, requires_grad=True)
tensor([[[0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0.]],

        [[0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0.]]], requires_grad=True)
>>> torch.nn.Parameter(torch.zeros(2, 2))
Parameter containing:
tensor([[0., 0.],
        [0., 0.]], requires_grad=True)
>>> torch.zeros(2, 3).shape
torch.Size([2, 3])
>>> torch.float32
torch.float32
"""
ANSWERS = [entry.split("\n", 1) for entry in PRINTED.strip()[4:].split("\n>>> ")]


@pytest.mark.parametrize(("typed", "answer"), ANSWERS, ids=[typed for typed, _ in ANSWERS])
def test_tensors_print_as_pytorchs(typed, answer):
    assert repr(eval(typed, {"torch": torch})) == answer


def test_bytes_that_are_no_number_change_their_type_in_silence():
    """torch.empty shows what lay in memory, a signalling nan too, of which NumPy warns and PyTorch does not."""
    signalling = torch.from_numpy(np.array([0x7F800001], np.uint32).view(np.float32))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert signalling.double().isnan().all()
        assert torch.zeros(1, dtype=torch.float64).copy_(signalling).isnan().all()
