"""`x[...]` in every form, read and assigned, with gradients; `gather` and its relatives."""

from parity.harness import table
from parity.inputs import bools, floats, given, ints

X = floats(4, 3, 5)

BASIC = """
    0; -1; 1, 2; 1, -2, 3; 0, 1:; :; 1:3; ::2; -2:; 3:1; 0:100; -100:2; ...; ..., 0; 0, ...; ..., 1:3; 0, ..., 1
    None; None, 0; :, None; ..., None; 0, None, 1; :, 1; :, :, -1; 1:2, ::2, 0; (); 0, 1, 2, ...; torch.tensor(1)
    torch.tensor(1), 2; np.int64(2); True; False; :, torch.tensor(0)
"""
ADVANCED = """
    [0, 2]; [-1, 0, 0]; torch.tensor([0, 2]); torch.tensor([[0, 1], [2, 3]]); :, [0, 2]; ..., [0, 4]; [0, 1], [1, 2]
    :, torch.tensor([1, 1, 0]); [0, 1], [1, 2], [3, 4]; torch.tensor([[0], [3]]), torch.tensor([0, 2])
    [0, 1], :, [1, 2]; 0, [0, 2]; [0, 2], 1; :, [0, 2], 1; 0, :, [0, 2]; [0, 1], 1, [2, 3]; None, [0, 1]; [0, 1], None
    1:3, [0, 2]; 1:3, :, [0, 2, 4]; [0, 1], ..., [2, 3]; np.array([0, 2]); 0, torch.tensor([1, 2]), 1:4; [3, 1], 0:2, 0
    [0, 1], :, None, [2, 3]; torch.tensor(1), [0, 2]; 1, :, torch.tensor([[0, 1]]); x.argmax(0)[0]; []; torch.arange(0)
    torch.tensor([1, 2], dtype=torch.int32); torch.arange(4); torch.arange(4), torch.tensor([0, 1, 2, 0])
    torch.tensor([True, False, True, True]); [True, False, True, True]; torch.tensor([[True]] * 4)[:, 0]
    :, torch.tensor([True, False, True]); torch.tensor([True, False, False, True]), torch.tensor([0, 2])
    torch.tensor([True, False, False, True]), 1; x > 0; x > 5; x[:, :, 0] > 0; x[:, :, 0] > 0, 2; 0, x[0] > 0
"""

CASES = [
    *table("indexing", "x[$at]", at=BASIC + ADVANCED, x=X),
    *table(
        "indexing",
        """
        x[$at] = 7; x
        x[$at] = x[$at].clone() * 2; x
        """,
        at=BASIC + ADVANCED,
        x=X,
        grad=False,
    ),
    *table(
        "indexing",
        """
        y = x * 1; y[$at] = 0; y
        y = x * 1; y[$at] = v; y
        y = torch.zeros(4, 3, 5); y[$at] = v * 2; y
        """,
        at="0; :, 1; 1:3; [0, 2]; :, [0, 2]; torch.tensor([True, False, True, True])",
        x=X,
        v=floats(5),
    ),
    *table(
        "indexing",
        """
        y = x * 1; y[0, 0] += 1; y
        y = x * 1; y[:, 0] *= v; y
        y = x * 1; y[1] = y[0]; y
        y = x * 1; y[y > 0] = 0; y
        y = x * 1; y[y > 0] *= 2; y
        y = x * 1; y[[0, 1]] += v; y
        y = x * 1; y[0, 0, 0] = v[0]; y
        y = x * 1; y[..., None, 0] = 3; y
        y = x * 1; y[0] = n[0]; y
        y = x * 1; y[:2][0] = 5; y.detach()
        y = x * 1; y[x > 0] = x[x > 0] * 3; y
        y = torch.zeros(3, 3); y[range(3), range(3)] = 1; y
        y = torch.zeros(3, 3); y[torch.arange(3), torch.tensor([0, 2, 1])] = 1.5; y
        y = torch.zeros(4, dtype=torch.int64); y[1:3] = torch.tensor([5, 6]); y
        y = torch.zeros(4, dtype=torch.int64); y[0] = 2.9; y
        y = torch.zeros(4, dtype=torch.bool); y[1] = True; y
        y = torch.zeros(4, dtype=torch.bool); y[1:] = 5; y
        y = torch.zeros(2, 3); y[0] = torch.tensor([1, 2, 3]); y
        y = torch.zeros(2, 3); y[:, 1] = torch.tensor(4.0); y
        y = torch.zeros(2, 3); y[...] = torch.arange(3.0); y
        y = torch.zeros(2, 3); y[:] = 3; y
        y = torch.zeros(2, 3); y[0] = torch.ones(3); y
        y = torch.zeros(2, 3); y[1] = torch.ones(1, 3); y
        y = torch.arange(6).reshape(2, 3); y[y > 2] = -1; y
        y = torch.arange(6.0); y[y % 2 == 0] = torch.tensor([9.0, 8.0, 7.0]); y
        y = torch.arange(6.0); y[[1, 1]] = 5; y
        """,
        x=X,
        v=floats(5),
        n=ints(4, 3, 5),
    ),
    *table("indexing", "y = x * 1; y[0] = d; y", x=X, d=floats(5, dtype="float64"), tolerance=1e-6),
    *table(
        "indexing",
        """
        x.gather(0, i)
        x.gather(1, i)
        torch.gather(x, 1, i)
        torch.gather(x, dim=-1, index=i)
        torch.gather(x, 1, i[:, :1])
        torch.gather(x, 0, i[:1])
        x.gather(1, torch.tensor([[2], [0]]))
        v.gather(0, torch.tensor([1, 1, 0]))
        x.softmax(1).gather(1, i[:, :1])
        x.index_select(0, torch.tensor([1, 0, 1]))
        torch.index_select(x, 1, torch.tensor([2, 2]))
        torch.index_select(x, dim=-1, index=torch.tensor([0]))
        x.masked_select(x > 0)
        torch.masked_select(x, b)
        x.masked_select(b[0])
        torch.masked_select(v, b)
        x.nonzero()
        torch.nonzero(b)
        torch.nonzero(b, as_tuple=True)
        b.nonzero(as_tuple=True)[0]
        torch.tensor(5).nonzero()
        torch.zeros(2, 2).nonzero()
        torch.tensor([0, 3, 0, 4]).nonzero()
        torch.tensor([0, 3, 0, 4]).nonzero().squeeze(1)
        x[torch.arange(2), i[:, 0]]
        v[i]
        x[:, i]
        x[b]
        x[~b]
        x[b, None]
        x[torch.tensor([1, 0], dtype=torch.uint8)]
        x[(0, 1)]
        x[[0, 1], torch.tensor([1, 2])]
        x[torch.tensor(True)]
        x[i.bool()]
        x[None, ..., None]
        x[:][0]
        x[0][1:]
        x[-1:, -2:]
        """,
        x=floats(2, 3),
        v=floats(3),
        i=ints(2, 3, high=1),
        b=bools(2, 3),
    ),
    *table(
        "indexing",
        """
        x.scatter(0, i, y)
        x.scatter(1, i[:, :1], y.detach())
        torch.scatter(x, 0, i[:, :2], y.detach())
        torch.scatter(x, dim=1, index=i[:1], src=y.detach())
        x.scatter(0, i, 5.0)
        x.scatter(1, i[:, :1], value=-1)
        torch.zeros(2, 3).scatter(1, torch.tensor([[2], [0]]), 1.0)
        x.scatter(0, i, 2, reduce="add").detach()
        x.scatter_add(0, i, y)
        torch.scatter_add(x, 1, i, y)
        x.scatter_add(dim=-1, index=i[:, :2], src=y.detach())
        torch.zeros(2, 3).scatter_add(0, i, torch.ones(2, 3))
        v[0].scatter(0, torch.tensor(0), 5)
        v[0].scatter_add(0, torch.tensor([0]), v[1:2])
        """,
        how="sum; prod; mean; amax; amin",
        x=floats(2, 3),
        y=floats(2, 3),
        n=ints(2, 3),
        t=given([[1.0, 2.0, 2.0], [2.0, 2.0, 1.0]]),
        v=floats(3),
        i=given([[0, 1, 1], [1, 0, 1]], "int64"),
    ),
    *table(
        "indexing",
        """
        x.index_add(0, i, y)
        x.index_add(0, i, y, alpha=2)
        torch.index_add(x, 1, torch.tensor([2, 2, 0]), y.t()[:2])
        torch.index_add(x, dim=0, index=i.int(), source=y)
        torch.zeros(3, 2, dtype=torch.int8).index_add(0, i, torch.ones(3, 2, dtype=torch.int8))
        x.index_copy(0, torch.tensor([1, 0]), y[:2])
        torch.index_copy(x, 1, torch.tensor([2]), y[:2, :1])
        torch.take_along_dim(x, x.argsort(1), 1)
        torch.take_along_dim(x, x.argmax(0, keepdim=True), dim=0)
        x.take_along_dim(torch.tensor([[1], [-1]]), 1)
        x.take_along_dim(torch.tensor([5, 0, 0]))
        torch.take_along_dim(x, torch.zeros(1, 2, dtype=torch.int64), dim=1)
        torch.argwhere(b)
        (x > 0).argwhere()
        x.index_select(axis=0, index=i)
        x.gather(0, torch.zeros(0, 3, dtype=torch.int64))
        s.index_select(0, torch.tensor([0]))
        s.gather(0, torch.tensor([0, 0]))
        s.index_copy(0, torch.tensor([0]), y[0, :1])
        s.index_add(0, torch.tensor(0), y[0, 0])
        """,
        x=floats(2, 3),
        y=floats(3, 3),
        i=given([0, 1, 0], "int64"),
        b=bools(2, 3),
        s=floats(),
    ),
    *table(
        "indexing",
        """
        z = x * 1; z.scatter_(0, i, y[:2]); z
        z = x * 1; z.scatter_(1, i[:, :1], 1.0); z
        z = x * 1; z.scatter_add_(0, i, y[:2]); z
        z = x * 1; z.index_add_(0, i[0], y); z
        z = x * 1; z.index_copy_(1, torch.tensor([1]), y[:2, :1]); z
        z = x * 1; z[:, 1:].scatter_(1, i[:, :1], 0.0); z
        z = torch.zeros(2, 3); z.scatter_(1, torch.tensor([[2], [0]]), 1); z
        z = torch.zeros(3); z.index_add_(0, torch.tensor([1, 1]), y[0, :2]); z
        """,
        x=floats(2, 3),
        y=floats(3, 3),
        i=given([[0, 1, 1], [1, 0, 1]], "int64"),
    ),
    *table(
        "indexing",
        """
        x[4]
        x[-5]
        x[0, 3]
        x[0, 0, 0, 0]
        x[[0, 4]]
        x[torch.tensor([0, 4])]
        x[torch.tensor([-5])]
        x[1.0]
        x["a"]
        x[torch.tensor([0.5])]
        x[torch.tensor([True, False])]
        x[x[0] > 0]
        x[[0, 1], [0, 1, 2]]
        x[::-1]
        x[::0]
        x[5:1:-1]
        x[{}]
        x[0] = torch.zeros(7); x
        x[0, 0] = torch.zeros(2, 5); x
        x[4] = 1; x
        x[[0, 9]] = 1; x
        x["a"] = 1; x
        x[0] = "a"; x
        x[0] = None; x
        x[x > 0] = torch.zeros(2); x
        s[0]
        s[0, 0]
        x.gather(0, torch.tensor([0]))
        x.gather(3, torch.tensor([[[0]]]))
        x.gather(0, torch.tensor([[[9]]]))
        x.gather(0, torch.tensor([[[0.0]]]))
        x.index_select(0, torch.tensor([[0]]))
        x.index_select(0, torch.tensor([9]))
        x.index_select(3, torch.tensor([0]))
        x.gather(0, torch.tensor([[[-1]]]))
        x.scatter(0, torch.tensor([[[9]]]), 1.0)
        x.scatter(0, torch.tensor([0]), 1.0)
        x.scatter(3, torch.tensor([[[0]]]), 1.0)
        x.scatter(0, torch.tensor([[[0]]]), torch.ones(1, 1, 1, dtype=torch.float64))
        x.scatter(0, torch.tensor([[[0, 0]]]), torch.ones(1, 1, 1))
        x.scatter(0, torch.tensor([[[0]]]), torch.ones(1, 1, 1), reduce="sum")
        x.scatter_add(0, torch.tensor([[[0]]]), 3)
        x.scatter_add(0, torch.tensor([[[-1]]]), torch.ones(1, 1, 1))
        x.index_add(0, torch.tensor([9]), torch.ones(1, 3, 5))
        x.index_add(0, torch.tensor([0]), torch.ones(2, 3, 5))
        x.index_add(0, torch.tensor([0]), torch.ones(1, 3, 4))
        x.index_add(0, torch.tensor([0.0]), torch.ones(1, 3, 5))
        x.index_add(0, torch.tensor([[0]]), torch.ones(1, 3, 5))
        x.index_add(0, torch.tensor([0]), torch.ones(1, 3, 5, dtype=torch.float64))
        x.index_copy(0, torch.tensor([9]), torch.ones(1, 3, 5))
        x.index_copy(0, torch.tensor([-1]), torch.ones(1, 3, 5))
        x.index_copy(0, torch.tensor([0]), torch.ones(2, 3, 5))
        x.index_select(0, torch.tensor([-1]))
        x.index_select(0, torch.tensor([0.0]))
        torch.take_along_dim(x, torch.tensor([0]), 1)
        torch.take_along_dim(x, torch.zeros(2, 2, 2, dtype=torch.int64), 0)
        torch.take_along_dim(x, torch.zeros(1, 1, 1), 0)
        x.masked_select(torch.tensor([True, False]))
        x.masked_select(x)
        """,
        raises=True,
        x=X,
        s=floats(),
        grad=False,
    ),
    *table(  # a list that holds more than numbers is a tuple
        "indexing",
        "x[$at]",
        at="""
            [[0, 1]]; [[0, 1], [1, 2]]; [[0, 1], 1]; [[True, False]]; [[0, 1]],; [torch.tensor(0), torch.tensor(1)]
            [torch.tensor([0, 1])]; [np.array([0, 1])]; [np.array([0, 1]), np.array([1, 1])]; [np.int64(0), np.int64(1)]
            [(0, 1), (1, 2)]; [slice(None), 1]; [1, None]; [..., 1]; [0] * 33; [[0]] * 33; [range(2)]; [0, [1]]
            [torch.tensor(0), 1]; [0, slice(None)]; range(2)
        """,
        x=floats(2, 3),
    ),
    *table(
        "indexing",
        "y = torch.zeros(2, 3); y[[[0, 1], [1, 2]]] = 1; y\ny = torch.zeros(2, 3); y[[slice(None), 1]] += 1; y",
    ),
    *table("indexing", "y = torch.zeros(2, dtype=torch.uint8); y[0] = -1; y"),
    *table("indexing", "v[torch.tensor(1):]\nv[np.int64(1):]\nreversed(v)\nreversed(v.sum())", v=floats(3)),
    *table(
        "indexing",
        """
        v[[v.argmax(), v.argmin()]]
        v[1.9:]
        v[torch.tensor(1.0):]
        v["a":]
        v.__delitem__(0)
        "a" in v
        None in v
        y = torch.zeros(2, dtype=torch.uint8); y[0] = 300
        y = torch.zeros(2, dtype=torch.int64); y[0] = float("nan")
        """,
        v=floats(3),
        grad=False,
        raises=True,
    ),
]
