"""What a tensor is: its type, device, shape and layout; conversions; numbers taken out again."""

from parity.harness import table
from parity.inputs import DTYPES, bools, floats, ints

X = floats(2, 3)
N = ints(2, 3)

CASES = [
    *table(
        "tensor",
        """
        x.to(torch.$dtype)
        x.to(dtype=torch.$dtype)
        x.type(torch.$dtype)
        n.to(torch.$dtype)
        b.to(torch.$dtype)
        x.$short()
        n.$short()
        """,
        dtype=DTYPES,
        short="float; double; half; long; int; bool",
        x=[floats(2, 3, low=0.5, high=9), floats(2, 3, dtype="float64", low=0.5, high=9)],
        n=N,
        b=bools(2, 3),
    ),
    *table(
        "tensor",
        """
        x.to("cpu")
        x.to("cpu") is x
        x.to(torch.device("cpu"), torch.float64)
        x.to("cpu", dtype=torch.float64)
        x.to(device="cpu", dtype=torch.float16)
        x.to(torch.float32) is x
        x.to(torch.float32, copy=True)
        x.to(torch.float32, copy=True) is x
        x.to(n)
        n.to(x)
        n.type_as(x)
        x.cpu() is x
        x.float() is x
        x.device
        x.device.type
        str(x.device)
        x.device == torch.device("cpu")
        torch.device("cpu")
        torch.device("cpu").index
        x.dtype
        x.dtype == torch.float32
        x.dtype is torch.float
        torch.$dtype
        str(torch.$dtype)
        torch.$dtype.is_floating_point
        torch.$dtype.itemsize
        torch.double is torch.float64
        torch.half is torch.float16
        torch.long is torch.int64
        torch.int is torch.int32
        torch.short is torch.int16
        x.is_floating_point()
        n.is_floating_point()
        x.element_size()
        n.element_size()
        x.numel()
        x.nelement()
        x.dim()
        x.ndim
        x.ndimension()
        x.size()
        x.size(0)
        x.size(-1)
        x.size(dim=1)
        x.shape
        x.shape[1]
        x.shape[:1]
        tuple(x.shape)
        x.shape == (2, 3)
        x.shape.numel()
        str(x.shape)
        len(x)
        x.stride()
        x.stride(0)
        x.t().stride()
        x.is_contiguous()
        x.t().is_contiguous()
        x.t().contiguous()
        x.contiguous() is x
        x.requires_grad
        x.is_leaf
        x.grad
        x.detach()
        x.data
        x.clone()
        x.detach().clone()
        torch.clone(x)
        x.detach().numpy()
        n.numpy()
        n.numpy().dtype.name
        np.array(x.detach())
        x.tolist()
        n.tolist()
        x[0, 0].item()
        n[0, 0].item()
        n.sum().tolist()
        type(n.sum().item())
        type(x.sum().item())
        type((n > 2).any().item())
        float(x[0, 0])
        int(n[0, 0])
        int(x.detach()[0, 0])
        bool(n[0, 0] >= 0)
        f"{x[0, 0]:.3f}"
        f"{n[0, 0]:3d}"
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10][n[0, 0]]
        list(range(n[0, 0]))
        [row for row in n]
        [row for row in x]
        3 in torch.tensor([1, 2, 3])
        4 in torch.tensor([1, 2, 3])
        torch.is_tensor(x)
        torch.is_tensor(3)
        torch.numel(x)
        isinstance(x, torch.Tensor)
        hash(x) == hash(x)
        x is x.detach()
        torch.get_default_dtype()
        x.new_zeros(3)
        x.new_tensor([1, 2])
        x.new_ones((2, 2))
        x.new_full((2,), 3.0)
        torch.finfo(torch.float32).eps
        torch.finfo(torch.float32).min
        torch.iinfo(torch.int64).max
        torch.inf
        torch.pi
        torch.nan
        """,
        dtype="float16; float32; float64; int64; bool; uint8",
        x=X,
        n=N,
    ),
    *table(
        "tensor",
        """
        x.item()
        bool(x)
        float(x)
        len(x[0, 0])
        list(x[0, 0])
        x.numpy()
        [1, 2][x[0, 0]]
        x.size(2)
        x.size(-3)
        x.stride(2)
        x.frobnicate()
        x.frobnicate
        torch.frobnicate
        if_true = 1 if x > 0 else 2; if_true
        """,
        raises=True,
        x=X,
    ),
    *table(
        "tensor",
        """
        x.to(torch.float64, True, True)
        x.to("cpu", torch.float32, False, True) is x
        x.to("cpu", torch.float32, True) is x
        x.to(x, copy=True) is x
        x.to(n, non_blocking=True)
        x.to()
        x.to(memory_format=torch.preserve_format) is x
        x.$short()
        x.$short(memory_format=torch.preserve_format)
        n.to(torch.float32).$short()
        x.type()
        n.type()
        x.type(dtype=torch.float64)
        x.type(torch.float32) is x
        x.type_as(other=n)
        x.clone(memory_format=torch.$format)
        x.t().clone(memory_format=torch.$format)
        x.t().contiguous(memory_format=torch.contiguous_format)
        x.is_contiguous(memory_format=torch.contiguous_format)
        x.t().is_contiguous(memory_format=torch.contiguous_format)
        x.T
        n.T
        x.mT
        x.mH
        x.H
        x.itemsize
        n.itemsize
        x.nbytes
        x.double().nbytes
        x.data_ptr() == x.detach().data_ptr()
        x[1].data_ptr() - x.data_ptr()
        x.is_same_size(n)
        x.is_same_size(x[0])
        x.is_complex()
        x[0, 0].is_nonzero()
        x.positive()
        np.exp(x.detach())
        np.maximum(x.detach(), 1.5)
        np.add(n, n)
        np.float64(2) * n
        np.float32(2) + x
        n - np.int64(1)
        x == np.float64(1)
        x.detach() * np.ones(3)
        f"{x[0, 0]:>8.2f}|{n[0, 0]:05d}"
        "%.2f %d" % (x[0, 0], n[0, 0])
        math.floor(x[0, 0])
        copy.copy(x)
        copy.copy(x).data_ptr() == x.data_ptr()
        copy.copy(x * 2).requires_grad
        copy.copy(x * 2).is_leaf
        copy.deepcopy(x)
        copy.deepcopy(x).data_ptr() == x.data_ptr()
        x.sum().backward(); (copy.copy(x).grad, copy.deepcopy(x).grad)
        pickle.loads(pickle.dumps(x))
        pickle.loads(pickle.dumps(x * 2)).requires_grad
        pickle.loads(pickle.dumps(n))
        pickle.loads(pickle.dumps(nn.Parameter(x.detach())))
        pickle.loads(pickle.dumps(torch.float32)) is torch.float32
        copy.deepcopy(torch.bfloat16) is torch.bfloat16
        sorted(set(dir(x)) & {"add_", "view", "numpy", "uniform_", "exp", "T", "shape"})
        """,
        short="float; double; half; long; int; short; char; byte; bool",
        format="contiguous_format; preserve_format",
        x=X,
        n=N,
    ),
    *table(
        "tensor",
        """
        x.H
        x.type("torch.FrobTensor")
        x.to("bogus")
        copy.deepcopy(x * 2)
        np.exp(x)
        x.is_nonzero()
        x.type_as(3)
        x.$short(3, 4)
        format(x, ".2f")
        x.detach().__index__()
        pickle.dumps(lambda: x)
        """,
        raises=True,
        short="float; cpu",
        x=floats(2),
    ),
    *table(
        "tensor",
        """
        torch.no_grad()(lambda: (x.numpy(), np.asarray(x * 2)))()
        x.sum().backward(); del x.grad; x.grad is None
        y = x[:, 0].detach(); y[torch.newaxis]
        """,
        x=X,
        grad="own",
    ),
    *table("tensor", "np.asarray(x)\nx.reshpe", x=X, raises=True),
    *table("tensor", "hasattr(x, 'reshpe')\nhasattr(x, '_of_no_use')\nhasattr(x, '__of_no_use__')", x=X),
    *table(
        "tensor",
        """
        torch.ones(2, 3).shape + (4,)
        (4,) + torch.ones(2, 3).shape
        torch.ones(2, 3).shape + torch.Size([1])
        torch.ones(2, 3).shape * 2
        2 * torch.ones(2, 3).shape
        torch.Size([torch.tensor(2)])
        type(torch.Size([torch.tensor(2)])[0]) is int
        torch.Size()
        torch.Size(i for i in (1, 2))
        """,
    ),
    *table(
        "tensor",
        """
        torch.Size([2.5])
        torch.Size(["a"])
        torch.Size(3)
        torch.Size(torch.ones(2, 3))
        torch.ones(2).shape + [4]
        [4] + torch.ones(2).shape
        torch.ones(2).shape + ("a",)
        torch.stack(map(torch.ones, (1, 1)))
        torch.cat(map(torch.ones, (1, 1)))
        torch.stack(torch.ones(2))
        """,
        raises=True,
    ),
]
