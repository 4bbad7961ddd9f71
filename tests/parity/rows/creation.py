"""Tensors out of nothing, out of data and out of chance."""

from parity.harness import table
from parity.inputs import DTYPES, floats, ints

X = floats(2, 3)
N = ints(2, 3)

CASES = [
    *table(
        "creation",
        """
        torch.$filled(3)
        torch.$filled(2, 3)
        torch.$filled((2, 3))
        torch.$filled([2, 0, 3])
        torch.$filled(())
        torch.$filled(size=(2,))
        torch.$filled(2, dtype=torch.$dtype)
        torch.$filled(2, 3, dtype=torch.float64, device="cpu", requires_grad=True)
        torch.$filled(x.shape)
        torch.$like(x)
        torch.$like(n)
        torch.$like(x, dtype=torch.$dtype)
        torch.$like(n, dtype=torch.float64, requires_grad=True)
        torch.$like(x.t())
        """,
        filled=["zeros", "ones"],
        like=["zeros_like", "ones_like"],
        dtype=DTYPES,
        x=X,
        n=N,
    ),
    *table(
        "creation",
        """
        torch.full((2, 3), $value)
        torch.full((2,), fill_value=$value, dtype=torch.float64)
        torch.full((), $value)
        torch.full_like(x, $value)
        torch.full_like(n, $value)
        torch.full([2], $value, dtype=torch.int32)
        """,
        value="7; 2.5; True",
        x=X,
        n=N,
    ),
    *table(
        "creation",
        """
        torch.empty(2, 3).shape
        torch.empty((2, 3), dtype=torch.int64).dtype
        torch.empty_like(x).shape
        torch.empty(0)
        torch.eye(3)
        torch.eye(2, 4)
        torch.eye(n=3, m=2, dtype=torch.int64)
        torch.eye(0)
        torch.arange(5)
        torch.arange(1, 5)
        torch.arange(1, 10, 3)
        torch.arange(start=1, end=4)
        torch.arange(5, 0, -2)
        torch.arange(5.0)
        torch.arange(0, 1, 0.1)
        torch.arange(1, 2.5, 0.5)
        torch.arange(1.0, 0, -0.3)
        torch.arange(3, dtype=torch.float32)
        torch.arange(0, 5, 2, dtype=torch.uint8)
        torch.arange(2, 2)
        torch.arange(end=3)
        torch.arange(0, 6, step=2)
        torch.linspace(0, 1, 5)
        torch.linspace(-2, 2, steps=4, dtype=torch.float64)
        torch.linspace(start=3, end=1, steps=3)
        torch.linspace(0, 10, 1)
        torch.linspace(0, 1, 0)
        torch.linspace(0, 10, 11, dtype=torch.int64)
        """,
        x=X,
    ),
    *table(
        "creation",
        """
        torch.tensor(3)
        torch.tensor(2.5)
        torch.tensor(True)
        torch.tensor([1, 2, 3])
        torch.tensor([1, 2.5])
        torch.tensor([True, False])
        torch.tensor([True, 2])
        torch.tensor([[1.0, 2.0], [3.0, 4.0]])
        torch.tensor(((1, 2), (3, 4)))
        torch.tensor(range(4))
        torch.tensor([])
        torch.tensor([[], []])
        torch.tensor([1.5, 2.5], dtype=torch.int64)
        torch.tensor([0, 1, 2], dtype=torch.bool)
        torch.tensor([1, 2], dtype=float)
        torch.tensor([1, 2], dtype=int)
        torch.tensor([1.0, 0.0], dtype=bool)
        torch.tensor([1, 2], dtype=torch.$dtype)
        torch.tensor([1.0], requires_grad=True)
        torch.tensor([1.0], device="cpu")
        torch.tensor([1.0], device=torch.device("cpu"))
        torch.tensor(np.arange(3))
        torch.tensor(np.ones(2))
        torch.tensor(np.float32(2))
        torch.tensor(np.int32([1, 2]))
        torch.tensor([np.float64(1.5), np.float64(2)])
        torch.tensor([np.float32(1.5), np.float32(2)])
        torch.tensor([np.arange(2), np.arange(2)])
        torch.tensor([torch.tensor(1.0), torch.tensor(2.0)])
        torch.tensor(float("inf"))
        torch.tensor([nan, -inf])
        torch.tensor(2**40)
        torch.tensor(-1)
        torch.tensor(1e300)
        torch.Tensor([1, 2])
        torch.Tensor(2, 3).shape
        torch.as_tensor([1, 2])
        torch.as_tensor(3.5)
        torch.as_tensor(x)
        torch.as_tensor(x) is x
        torch.as_tensor(x, dtype=torch.float64)
        torch.as_tensor(np.ones(2), dtype=torch.float32)
        torch.from_numpy(np.arange(6).reshape(2, 3))
        torch.from_numpy(np.ones(2, np.float32))
        torch.tensor([1 + 2j]).shape
        torch.device("cuda").type
        a = np.zeros(3); t = torch.from_numpy(a); a[0] = 5; t
        a = np.zeros(3); t = torch.from_numpy(a); t[1] = 5; a
        a = np.zeros(3); t = torch.as_tensor(a); a[0] = 5; t
        a = np.zeros(3); t = torch.tensor(a); a[0] = 5; t
        torch.from_numpy(np.arange(6).reshape(2, 3).T)
        """,
        dtype=DTYPES,
        x=X,
    ),
    *table(
        "creation",
        """
        torch.tensor([[1, 2], [3]])
        torch.tensor("three")
        torch.tensor(None)
        torch.tensor([1, "2"])
        torch.tensor([1], requires_grad=True)
        torch.zeros(2, dtype=torch.int64, requires_grad=True)
        torch.zeros(-1)
        torch.zeros(2, 3.5)
        torch.ones("2")
        torch.full((2,))
        torch.arange(0, 5, -1)
        torch.arange(1, 5, 0)
        torch.arange()
        torch.linspace(0, 1)
        torch.eye(-1)
        torch.from_numpy([1, 2])
        torch.from_numpy(np.array(["a"]))
        torch.tensor(np.array([None]))
        torch.zeros(2, device="cuda")
        torch.zeros(2, device="meta9")
        torch.randint(3, 3, (2,))
        torch.randint(5)
        torch.randperm(-1)
        torch.multinomial(torch.tensor([0.5, 0.5]), 3)
        torch.multinomial(torch.tensor([-1.0, 0.5]), 1)
        torch.multinomial(torch.tensor([1, 2]), 1)
        torch.bernoulli(torch.tensor([1.5]))
        torch.zeros(2).to("cuda:bogus")
        torch.device("gpu")
        torch.zeros(2, dtype="float32")
        torch.normal(0.0, -1.0, (2,))
        torch.linspace(0, 1, -1)
        torch.zeros(2, 3, frobnicate=3)
        torch.zeros([2, [3]])
        """,
        raises=True,
    ),
    *table(
        "creation",
        """
        y = torch.$random(2, 3); (y.shape, y.dtype, y.requires_grad)
        torch.$random((2, 3), dtype=torch.float64).dtype
        torch.$random([4], requires_grad=True).requires_grad
        torch.$random(()).shape
        torch.$random(0, 3).shape
        torch.$random(2, generator=torch.Generator().manual_seed(1)).shape
        torch.$like(x).shape
        torch.$like(x, dtype=torch.float64).dtype
        g = torch.Generator(); a, b = (torch.$random(5, generator=g.manual_seed(3)) for _ in 'ab'); torch.equal(a, b)
        _ = torch.manual_seed(2); a = torch.$random(5); _ = torch.manual_seed(2); torch.equal(a, torch.$random(5))
        _ = torch.manual_seed(2); a = torch.$random(5); torch.equal(a, torch.$random(5))
        """,
        random=["rand", "randn"],
        like=["rand_like", "randn_like"],
        x=X,
    ),
    *table(
        "creation",
        """
        y = torch.rand(10000); (bool((y >= 0).all()), bool((y < 1).all()), abs(y.mean().item() - 0.5) < 0.02)
        y = torch.randn(10000); (abs(y.mean().item()) < 0.05, abs(y.std().item() - 1) < 0.05)
        y = torch.randint(5, (1000,)); (y.dtype, y.min().item(), y.max().item(), all((y == k).any() for k in range(5)))
        y = torch.randint(-2, 3, (1000,)); (y.min().item(), y.max().item())
        torch.randint(low=0, high=3, size=(2, 2)).shape
        torch.randint(high=3, size=(2, 2)).dtype
        torch.randint(3, (2,), dtype=torch.int32).dtype
        torch.randint(0, 10, (3,), generator=torch.Generator().manual_seed(1)).shape
        y = torch.randperm(10); (y.dtype, y.tolist() != list(range(10)), sorted(y.tolist()))
        torch.randperm(0)
        torch.randperm(4, dtype=torch.int32).dtype
        y = torch.normal(2.0, 3.0, (10000,)); (y.dtype, abs(y.mean().item() - 2) < 0.2, abs(y.std().item() - 3) < 0.2)
        torch.normal(0.0, 1.0, size=(2, 3)).shape
        torch.normal(mean=1.0, std=0.0, size=(2, 3))
        y = torch.normal(torch.zeros(3), torch.ones(3)); (y.shape, y.dtype)
        y = torch.normal(torch.zeros(2, 3), 1.0); (y.shape, y.dtype)
        y = torch.bernoulli(torch.full((1000,), 0.3)); (y.dtype, y.max().item(), 0.2 < y.mean().item() < 0.4)
        torch.bernoulli(torch.tensor([0.0, 1.0]))
        torch.multinomial(torch.tensor([0.0, 1.0, 0.0]), 1)
        torch.multinomial(torch.tensor([0.0, 1.0, 0.0]), num_samples=4, replacement=True)
        sorted(torch.multinomial(torch.tensor([1.0, 2.0, 3.0]), 3).tolist())
        y = torch.multinomial(torch.ones(2, 5), 3); (y.shape, y.dtype)
        torch.multinomial(torch.ones(2, 5), 1, generator=torch.Generator().manual_seed(0)).shape
        y = torch.multinomial(torch.tensor([1.0, 3.0]), 4000, True).float().mean().item(); abs(y - 0.75) < 0.05
        torch.Generator().manual_seed(12).initial_seed()
        torch.manual_seed(13).initial_seed()
        _ = torch.manual_seed(14); torch.initial_seed()
        """,
        grad=False,
    ),
]
