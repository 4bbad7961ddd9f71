"""Operators and functions of two operands: broadcasting, powers, rounding division, comparison."""

from parity.harness import table
from parity.inputs import floats, given, ints

EDGES = given([0.0, -0.0, 1.0, -1.0, float("inf"), float("-inf"), float("nan"), 1e30, -1e30, 1e-30])

CASES = [
    *table(
        "arithmetic",
        """
        x $op y
        x $op d
        x $op 3
        x $op 2.5
        2.5 $op x
        """,
        op="+; -; *; /",
        x=[floats(2, 3, low=0.5, high=4), floats(3, low=0.5, high=4)],
        y=[floats(2, 3, low=0.5, high=4), floats(2, 1, low=0.5, high=4), floats(low=0.5, high=4)],
        d=floats(3, dtype="float64", low=0.5, high=4),
    ),
    *table(
        "arithmetic",
        """
        x $op y
        x $op 3
        x $op 2.5
        7.5 $op x
        torch.$f(x, y)
        x.$f(y)
        torch.$f(x, other=y)
        torch.$f(x, 2.0)
        """,
        op=["//", "%"],
        f=["floor_divide", "remainder"],
        x=floats(2, 3, low=-4, high=4),
        y=floats(3, low=0.5, high=4),
        grad=False,
    ),
    *table(
        "arithmetic",
        """
        x % 2
        (x * 2) % 2.5
        x % y.detach()
        torch.remainder(x, 3)
        """,
        x=floats(2, 3, low=-4, high=4),
        y=floats(3, low=0.5, high=4),
    ),
    *table(
        "arithmetic",
        """
        torch.$f(x, y)
        x.$f(y)
        torch.$f(x, other=y)
        torch.$f(x, 2.0)
        x.$f(3)
        """,
        f="add; sub; mul; div; eq; ne; lt; le; gt; ge",
        x=floats(4, 1, 3, low=0.5, high=4),
        y=floats(2, 1, low=0.5, high=4),
    ),
    *table(
        "arithmetic",
        """
        n $op m
        n $op 3
        7 $op n
        k $op 3
        k $op -3
        """,
        op="+; -; *; /; //; %; <; <=; >; >=; ==; !=; &; |; ^",
        n=ints(2, 3, low=1),
        m=ints(3, low=1),
        k=ints(8, low=-9, high=-1),
    ),
    *table(
        "arithmetic",
        """
        torch.add(x, y, alpha=2)
        x.add(y, alpha=0.5)
        torch.sub(x, y, alpha=3)
        x.sub(1, alpha=2)
        torch.div(x, y, rounding_mode=$mode)
        torch.div(n, 2, rounding_mode=$mode)
        torch.div(n, m, rounding_mode=$mode)
        n.div(-2, rounding_mode=$mode)
        torch.maximum(x, y)
        torch.minimum(x, y)
        x.maximum(y)
        torch.max(x, y)
        torch.min(x, other=y)
        torch.maximum(t, u)
        torch.minimum(t, u)
        x ** 2
        x ** 3
        x ** -1
        x ** 0.5
        x ** 0
        x ** 1
        x ** y
        2 ** x
        0.5 ** x
        x.pow(2)
        torch.pow(x, 2)
        torch.pow(x, exponent=y)
        torch.pow(2, x)
        n ** 2
        n ** m
        n ** 0
        n ** 2.5
        e ** 2
        e ** 0.5
        e ** -1
        e ** 0
        torch.tensor([0.0, 2.0], requires_grad=True) ** 0
        torch.tensor([0.0, 2.0], requires_grad=True) ** 2
        torch.tensor([0.0, 0.0, 2.0], requires_grad=True) ** torch.tensor([0.0, 2.0, 1.0], requires_grad=True)
        0.0 ** torch.tensor([0.0, 1.0, 2.0], requires_grad=True)
        +x
        torch.negative(x)
        torch.absolute(x)
        torch.multiply(x, y)
        torch.subtract(x, y)
        torch.divide(x, y)
        torch.true_divide(x, y)
        torch.rsub(x, 2)
        """,
        mode="'floor'; 'trunc'; None",
        x=floats(2, 3, low=0.5, high=3),
        y=floats(3, low=0.5, high=3),
        n=ints(2, 3),
        m=ints(3, low=1, high=4),
        t=given([1.0, 2.0, 3.0, 2.0]),
        u=given([1.0, 3.0, 2.0, 2.0]),
        e=EDGES,
    ),
    *table(
        "arithmetic",
        "1 << n\n8 >> n\ntorch.split(tensor=n, split_size_or_sections=2)\nn.repeat(repeats=(2,))\nn.view(size=(3, 1))",
        n=ints(3, high=3),
    ),
    *table(
        "arithmetic",
        """
        torch.det(input=x)
        torch.inverse(input=x).contiguous()
        torch.linalg.det(A=x)
        torch.linalg.inv(A=x).contiguous()
        """,
        x=given([[1.0, 2.0], [3.0, 5.0]]),
    ),
    *table("arithmetic", "torch.det(A=x)\ntorch.linalg.det(input=x)", x=given([[1.0, 2.0], [3.0, 5.0]]), raises=True),
    *table("arithmetic", "1.5 << x", x=floats(3), raises=True),
    *table(  # a class of the user's own has its turn
        "arithmetic",
        """
        x + type("A", (), {"__radd__": lambda self, other: 7})()
        x @ type("A", (), {"__rmatmul__": lambda self, other: 7})()
        x < type("A", (), {"__gt__": lambda self, other: 7})()
        y = x * 1; y += type("A", (), {"__radd__": lambda self, other: 7})(); y
        """,
        x=floats(3),
    ),
    *table(
        "arithmetic",
        """
        x + type("A", (), {})()
        x - "a"
        x * [1]
        x ** None
        torch.add(x, type("A", (), {"__radd__": lambda self, other: 7})())
        x.mul(type("A", (), {"__rmul__": lambda self, other: 7})())
        """,
        x=floats(3),
        grad=False,
        raises=True,
    ),
]
