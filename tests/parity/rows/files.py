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
]
