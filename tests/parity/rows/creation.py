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
    # ------------------------------------------------------------------------ the rest of the ways to make one
    *table(
        "creation",
        """
        torch.$call.layout == torch.strided
        torch.$call.device
        """,
        call="""
            zeros(2, layout=torch.strided, pin_memory=False); ones((2,), device=torch.device("cpu"), dtype=None)
            empty(2, memory_format=torch.contiguous_format); zeros_like(x, memory_format=torch.preserve_format)
            rand(2, pin_memory=False, device="cpu:0"); randn(size=(2, 3), layout=torch.strided)
            full((2,), 1, layout=torch.strided, device=None); arange(3, device="cpu"); eye(2, layout=torch.strided)
            randint(3, size=(2,), device="cpu"); randperm(3, pin_memory=False); linspace(0, 1, 2, device="cpu")
            rand_like(x, device="cpu"); tensor([1], pin_memory=False); empty(size=(2, 3)); rand(size=(2,))
        """,
        x=X,
    ),
    *table(
        "creation",
        """
        torch.linspace(torch.tensor(0.0), torch.tensor(1.0), 3)
        torch.linspace(3, -2.5, 4, dtype=torch.$dtype)
        torch.arange(torch.tensor(3))
        torch.arange(n[0, 0], n[0, 0] + 3)
        torch.arange(0, end=4)
        torch.arange(1, step=2, end=6)
        torch.arange(0.5, 6, 1.5, dtype=torch.float64)
        torch.arange(0.5, 6, 1.5, dtype=torch.int64)
        torch.full((2,), x.detach()[0, 0])
        torch.full((2,), n[0, 0])
        torch.full((2,), 1.1, dtype=torch.float64)
        torch.full_like(n, 1.5)
        torch.full_like(x.double(), 1.1)
        torch.full_like(x, n[0, 0])
        x.new_full((2,), 1.1, dtype=torch.float64)
        n.new_full((2,), 1.5)
        x.new_zeros((2, 3), requires_grad=True)
        x.new_ones(2, 3, dtype=torch.int64, device="cpu")
        x.new_zeros(size=(2,))
        n.new_tensor([1.5, 2])
        x.new_tensor(2, dtype=torch.float64, requires_grad=True)
        x.new_empty(2, 3).shape
        x.new_empty((2,), dtype=torch.int32).dtype
        torch.tril_indices(3, 3)
        torch.tril_indices(3, 4, -1)
        torch.tril_indices(3, 2, offset=1, dtype=torch.int32)
        torch.triu_indices(3, 3)
        torch.triu_indices(row=2, col=4, offset=1)
        torch.Tensor(torch.Size([2, 3])).shape
        torch.Tensor(5).shape
        torch.Tensor(np.arange(3))
        torch.Tensor([[True, False]])
        torch.Tensor()
        torch.$type(2, 3).shape
        torch.$type(2, 3).dtype
        torch.$type([1, 0, 2])
        torch.$type(np.array([1, 0, 2]))
        torch.$type()
        torch.FloatTensor(torch.Size([2])).shape
        torch.LongTensor([[1], [2]])
        torch.LongTensor([1.5, 2])
        torch.FloatTensor(x.detach())
        torch.Tensor(x.detach())
        torch.randint(0, 5, (2,), dtype=torch.float32).dtype
        torch.tensor([v[0], v[1]])
        torch.tensor(np.float16([1.5]))
        torch.tensor(np.array(2))
        """,
        dtype="float16; float32; float64; int32; int64",
        type="""
            FloatTensor; DoubleTensor; HalfTensor; LongTensor; IntTensor; ShortTensor; CharTensor; ByteTensor
            BoolTensor
        """,
        x=X,
        n=N,
        v=floats(3),
    ),
    *table(
        "creation",
        """
        y = x.clone().$fill; (y.dtype, y.shape, bool(((y >= 0) & (y <= 4)).all()))
        y = n.clone().$fill_n; (y.dtype, bool(((y >= 0) & (y < 4)).all()))
        y = x.clone(); y.uniform_(2, 3) is y
        y = torch.empty(9000).uniform_(-1, 1); (abs(y.mean().item()) < 0.05, y.min().item() >= -1, y.max().item() < 1)
        y = torch.empty(10000).normal_(2, 3); (abs(y.mean().item() - 2) < 0.2, abs(y.std().item() - 3) < 0.2)
        y = torch.empty(10000).bernoulli_(0.3); (abs(y.mean().item() - 0.3) < 0.05, y.max().item())
        y = torch.rand(20000, dtype=torch.float16); (y.dtype, y.max().item() < 1, y.min().item() >= 0)
        y = torch.rand(4000, dtype=torch.float64); len(set(y.tolist()))
        torch.ones(3).bernoulli_(torch.tensor([0.0, 1.0, 0.0]))
        torch.ones(3, dtype=torch.int64).bernoulli_(0.0)
        torch.bernoulli(x.detach(), 1.0)
        torch.bernoulli(n, p=0.0)
        torch.tensor([0.0, 1.0]).bernoulli()
        torch.bernoulli(torch.tensor([0.0, 1.0], requires_grad=True))
        torch.normal(x, 0.0)
        torch.normal(2.0, torch.zeros(3))
        torch.normal(x.double(), torch.zeros(3))
        torch.normal(1.5, 0.0, (2,), dtype=torch.float64)
        torch.tensor([0.0, 1.0, 0.0]).multinomial(1)
        sorted(torch.multinomial(torch.tensor([1.0, 0.0, 0.0]), 2).tolist())[0]
        torch.multinomial(torch.ones(2, 3), num_samples=2, replacement=False).shape
        torch.Generator().device
        torch.Generator("cpu").manual_seed(3).initial_seed()
        g = torch.Generator(device="cpu"); s = g.seed(); s == g.initial_seed()
        s = torch.seed(); s == torch.initial_seed()
        torch.random.manual_seed(5).initial_seed()
        torch.manual_seed(1.7).initial_seed()
        y = torch.zeros(5).uniform_(to=3); bool((y < 3).all())
        torch.random.initial_seed() == torch.initial_seed()
        g = torch.Generator().manual_seed(3); s = g.get_state(); (s.dtype, s.dim(), g.set_state(s) is g)
        g = torch.Generator().manual_seed(3); s = g.get_state(); h = torch.Generator().set_state(s); h.initial_seed()
        g = torch.Generator(); s = g.get_state(); a = torch.$state; g.set_state(s); torch.equal(a, torch.$state)
        s = torch.get_rng_state(); a = torch.rand(3); torch.set_rng_state(s); torch.equal(a, torch.rand(3))
        s = torch.random.get_rng_state(); a = torch.rand(3); torch.random.set_rng_state(s); torch.equal(a, torch.rand(3))
        torch.set_rng_state(torch.get_rng_state())
        """,
        state="rand(3, generator=g); randn(3, generator=g); randperm(9, generator=g)",
        fill="uniform_(); uniform_(1, 3); bernoulli_()",
        fill_n="bernoulli_(0.5)",
        x=X,
        n=N,
        grad=False,
    ),
    *table(
        "creation",
        """
        torch.rand(2, dtype=torch.int64)
        torch.randn(2, dtype=torch.int64)
        torch.rand_like(n)
        torch.randn_like(n)
        n.uniform_()
        n.normal_()
        x.detach().uniform_(2, 1)
        torch.Generator().manual_seed(1.5)
        torch.Generator().manual_seed("a")
        torch.manual_seed("a")
        torch.Generator().set_state(torch.zeros(3))
        torch.Generator().set_state(torch.zeros(3, dtype=torch.uint8))
        torch.Generator().set_state([1, 2])
        torch.set_rng_state(torch.zeros(5056, dtype=torch.uint8))
        torch.set_rng_state(3)
        x.pin_memory()
        x.detach().bernoulli_(2.0)
        x.uniform_()
        torch.bernoulli(torch.tensor([nan]))
        torch.normal(0.0, 1.0)
        torch.normal(n, 1.0)
        torch.normal(x, -1.0)
        torch.normal(x, torch.ones(4))
        torch.multinomial(torch.ones(3), 0)
        torch.multinomial(torch.ones(2, 2, 2), 1)
        torch.multinomial(torch.tensor(1.0), 1)
        torch.multinomial(torch.zeros(3), 1)
        torch.multinomial(torch.tensor([nan, 1.0]), 1)
        torch.multinomial(torch.ones(3), 4)
        torch.full((), "a")
        torch.full((-1,), 2)
        x.new_zeros(-1)
        n.new_zeros((2,), requires_grad=True)
        torch.arange(nan)
        torch.arange(inf)
        torch.eye(2.5)
        torch.zeros(2, dtype=3)
        torch.rand(2, device="mps0")
        torch.Tensor([[1, 2], [3]])
        torch.Tensor(3.5)
        torch.Tensor("a")
        torch.FloatTensor(3.5)
        torch.FloatTensor(2, "a")
        torch.LongTensor([[1], [2, 3]])
        torch.from_numpy(3)
        torch.tensor({1: 2})
        torch.tensor([None])
        torch.zeros_like([1, 2])
        torch.ones_like(3)
        """,
        raises=True,
        x=X,
        n=N,
    ),
    *table(
        "creation",
        """
        torch.tensor([torch.ones(1), torch.ones(1)])
        torch.tensor([torch.ones(1, 1), 2.0])
        torch.tensor([[torch.ones(1)], [torch.ones(1)]])
        torch.tensor([-1, 255], dtype=torch.uint8)
        torch.tensor([2.9, -2.9], dtype=torch.int64)
        torch.tensor(300, dtype=torch.bool)
        torch.tensor(np.array(300), dtype=torch.uint8)
        torch.tensor(1e39)
        torch.tensor(10**30, dtype=torch.float64)
        torch.tensor([10**30, 1.0])
        torch.full((2,), -1, dtype=torch.uint8)
        torch.full((2,), float("inf"))
        torch.full_like(torch.ones(2), torch.tensor(2))
        torch.ones(2).byte().fill_(torch.tensor(300))
        torch.ones(2).byte() + 300
        """,
    ),
    *table(
        "creation",
        """
        torch.tensor([torch.ones(2), torch.ones(2)])
        torch.tensor([torch.ones(0)])
        torch.tensor(300, dtype=torch.uint8)
        torch.tensor(-256, dtype=torch.uint8)
        torch.tensor(-1.0, dtype=torch.uint8)
        torch.tensor([1, 200], dtype=torch.int8)
        torch.tensor(np.int64(300), dtype=torch.uint8)
        torch.tensor(1e10, dtype=torch.int32)
        torch.tensor(float("nan"), dtype=torch.int64)
        torch.full((0,), 300, dtype=torch.uint8)
        torch.full((2,), 1e5, dtype=torch.float16)
        torch.full_like(torch.ones(2), 1e39)
        torch.full_like(torch.ones(2), "a")
        torch.ones(2).byte().new_full((2,), 300)
        torch.ones(2).byte().fill_(300)
        torch.ones(2).half().fill_(1e5)
        torch.fill(torch.ones(2).byte(), 300)
        torch.ones(2).half().masked_fill(torch.ones(2) > 0, -1e9)
        torch.ones(2).long().masked_fill(torch.ones(2) > 0, float("-inf"))
        """,
        raises=True,
    ),
]
