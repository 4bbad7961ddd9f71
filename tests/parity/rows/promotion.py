"""The type of a result when types meet: every pair of types, as tensors, 0-d tensors and Python numbers.

One case tries one operation on one type against all the others, in every form.
"""

from parity.harness import table
from parity.inputs import DTYPES

# (2,) and 0-d, of the type under test and of every other type d
A = "torch.tensor([1, 3]).to(torch.$dtype); torch.tensor(3).to(torch.$dtype)"
B = "torch.tensor([2, 1]).to(d); torch.tensor(2).to(d)"
CHOICE = "torch.tensor([True, False])"

CASES = [
    *table(
        "promotion",
        "{str(d): $operation for d in DTYPES}",
        operation=f"$a + $b; $a * $b; $a / $b; $a == $b; $a < $b; torch.where({CHOICE}, $a, $b); torch.maximum($a, $b)",
        a=A,
        b=B,
        dtype=DTYPES,
        grad=False,
    ),
    *table(
        "promotion",
        "[$operation for n in (2, 2.5, True)]",
        operation=f"""
            $a + n; n + $a; $a * n; n * $a; $a / n; n / $a; $a == n; n == $a; $a < n; n < $a
            torch.where({CHOICE}, $a, n); torch.where({CHOICE}, n, $a)
        """,
        a=A,
        dtype=DTYPES,
        grad=False,
    ),
    *table(
        "promotion",
        """
        {str(d): torch.cat([torch.tensor([1, 3]).to(torch.$dtype), torch.tensor([2, 1]).to(d)]) for d in DTYPES}
        {str(d): torch.stack([torch.tensor([1, 3]).to(torch.$dtype), torch.tensor([2, 1]).to(d)]) for d in DTYPES}
        """,
        dtype=DTYPES,
        grad=False,
    ),
    *table(
        "promotion",
        """
        $a - 1
        1 - $a
        $a - 0.5
        2.5 - $a
        $a - torch.tensor(2)
        $a // 2
        $a // 2.0
        7 // $a
        7.5 // $a
        $a % 2
        $a % 1.5
        7 % $a
        $a ** 2
        $a ** 2.0
        $a ** 0.5
        2 ** $a
        2.0 ** $a
        -$a
        abs($a)
        $a.sum()
        $a.prod()
        $a.cumsum(0)
        $a.sum(dtype=torch.float64)
        $a.mean(dtype=torch.float32)
        $a.max()
        $a.argmax()
        $a.any()
        $a.all()
        $a.sqrt()
        $a.exp()
        $a.sigmoid()
        $a.tanh()
        $a.sign()
        $a.square()
        $a.reciprocal()
        $a.log1p()
        $a.erf()
        $a.clamp(min=2)
        $a.clamp(max=1.5)
        """,
        a=[f"torch.tensor([1, 3]).to(torch.{d})" for d in DTYPES if d not in ("bool", "float16")],
        grad=False,
    ),
    *table(
        "promotion",
        """
        $b + 1
        $b + 1.5
        $b + True
        $b + $b
        $b * $b
        $b * 2
        $b / 2
        $b / $b
        $b ** 2
        $b.sum()
        $b.float().mean()
        $b.cumsum(0)
        $b.prod()
        $b.exp()
        $b.sqrt()
        ~$b
        $b & $b
        $b | True
        $b ^ $b
        $b < 1
        $b.max()
        $b == 1
        """,
        b="torch.tensor([True, False]); torch.tensor([1, 0]); torch.tensor([1, 0], dtype=torch.uint8)",
        grad=False,
    ),
    *table(
        "promotion",
        """
        -torch.tensor([True])
        torch.tensor([True]) - torch.tensor([True])
        torch.tensor([True]) - True
        1 - torch.tensor([True])
        torch.tensor([1.5]) & 1
        ~torch.tensor([1.5])
        torch.tensor([1, 2]).mean()
        torch.tensor([1, 2]).var()
        torch.tensor([1, 2]).softmax(0)
        torch.tensor([1, 2]) @ torch.tensor([1.0, 2.0])
        torch.tensor([1, 2]).float() @ torch.tensor([1.0, 2.0]).double()
        torch.tensor([1, 2]) + "1"
        torch.tensor([1, 2]) + None
        torch.tensor([1, 2]) + [1, 2]
        "1" * torch.tensor([1, 2])
        torch.tensor([2]) ** -1
        torch.tensor([1, 2]) < "1"
        """,
        raises=True,
    ),
    *table(
        "promotion",
        """
        torch.tensor([1, 2]) == None
        torch.tensor([1, 2]) == "1"
        torch.tensor([1, 2]) != "1"
        torch.tensor([1.0]) + np.float64(1)
        torch.tensor([1.0]) * np.float32(2)
        torch.tensor([1]) + np.int64(1)
        torch.tensor([1.0]) + np.array([1.0, 2.0])
        np.float64(1) * torch.tensor([1.0])
        torch.tensor(1.0, dtype=torch.float64) * torch.tensor([1.0])
        torch.tensor([1, 2]) * torch.tensor(2.5)
        torch.tensor([1.0], dtype=torch.float16) * 1e-3
        torch.tensor([200], dtype=torch.uint8) + 100
        torch.tensor([200], dtype=torch.uint8) * torch.tensor([2], dtype=torch.uint8)
        torch.tensor([3], dtype=torch.uint8) - 5
        torch.tensor([100], dtype=torch.int8) + torch.tensor([100], dtype=torch.int8)
        torch.tensor([2**31 - 1], dtype=torch.int32) + 1
        """,
        grad=False,
    ),
]
