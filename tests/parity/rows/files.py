"""Saved by one library, read by the other: both must give back the very arrays that were saved.

The row gets `exchange`: what TinyTorch saves is opened by `safetensors.torch`, and what that saves by TinyTorch.
"""

from parity.harness import table
from parity.inputs import DTYPES, floats, ints

CASES = [
    *table(
        "files",
        """
        exchange({"x": torch.tensor([0, 1, 2]).to(torch.$dtype)})
        exchange({"x": torch.tensor(1).to(torch.$dtype)})
        exchange({"x": torch.zeros(0, 3, dtype=torch.$dtype)})
        """,
        dtype=DTYPES,
    ),
    *table(
        "files",
        """
        exchange({})
        exchange({"x": x, "n": n})
        exchange({"n": n, "x": x})
        exchange({"a.b.c": x, "": n, "ü 漢": x[0].clone()})
        exchange({"x": x.t().contiguous()})
        exchange({"x": x[1].clone()})
        exchange({"x": torch.tensor([nan, inf, -inf, -0.0, 1e-45])})
        exchange(fill(nn.Linear(3, 2)).state_dict())
        exchange(fill(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))).state_dict())
        exchange(fill(nn.Sequential(nn.Linear(3, 4)).double()).state_dict())
        m = nn.Linear(3, 2); m.load_state_dict(exchange(fill(nn.Linear(3, 2)).state_dict())); m(torch.ones(1, 3))
        exchange({"big": torch.arange(10000.0).reshape(100, 100)})
        exchange({str(i): torch.tensor([i]) for i in range(20)})
        exchange({"x": torch.ones(2, 3)}, metadata={"format": "pt", "made by": "a test"})
        """,
        x=floats(2, 3),
        n=ints(4),
        grad=False,
    ),
    # each library reading what it has written itself: to a path as text or Path, or into memory
    *table(
        "files",
        """
        again({"x": x, "n": n})
        again({"x": x.t(), "n": n[::2], "same": x[0], "scalar": x.sum(), "none": x[:0]})
        again(OrderedDict(b=x, a=n))
        again({"p": nn.Parameter(x), "expanded": x[:1].expand(3, 3)})
        again({"$dtype": torch.tensor([0, 1, 2]).to(torch.$dtype)})
        again(fill(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))).state_dict())
        m = nn.Linear(3, 2); m.load_state_dict(again(fill(nn.Linear(3, 2)).state_dict())); m(x)
        s = again(fill(nn.Linear(3, 2)).double().state_dict()); m = nn.Linear(3, 2); m.load_state_dict(s); m(x)
        again({"x": x}, map_location="cpu", weights_only=True)
        again({"x": x}, map_location=torch.device("cpu"))
        """,
        dtype=DTYPES,
        x=floats(2, 3),
        n=ints(4),
        grad=False,
    ),
]
CASES += table(
    "files",
    """
    f = io.BytesIO(); torch.save({"a": [x, 1, None], "b": {"c": (x, "s"), 3: 2.5}}, f); f.seek(0); torch.load(f)
    f = io.BytesIO(); torch.save(x, f); f.seek(0); torch.load(f)
    f = io.BytesIO(); torch.save([x, x * 2], f); f.seek(0); torch.load(f, weights_only=True)
    f = io.BytesIO(); m = nn.Linear(2, 1); torch.save(m.state_dict(), f); f.seek(0); m.load_state_dict(torch.load(f))
    """,
    x=floats(2, 3),
    grad=False,
)
