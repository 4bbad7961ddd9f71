"""What programs ask about the machine and set on it: devices, default types, printing, names that do nothing."""

from parity.harness import table
from parity.inputs import floats, ints

X = floats(2, 3)
N = ints(2, 3)

CASES = [
    *table(
        "environment",
        """
        torch.cuda.is_available()
        torch.cuda.device_count()
        torch.cuda.manual_seed(3)
        torch.cuda.manual_seed_all(3)
        torch.cuda.empty_cache()
        torch.cuda.memory_allocated()
        torch.cuda.max_memory_allocated()
        torch.cuda.is_bf16_supported()
        torch.cuda.is_initialized()
        torch.mps.is_available()
        torch.mps.device_count()
        torch.xpu.is_available()
        torch.xpu.device_count()
        torch.accelerator.is_available()
        torch.accelerator.device_count()
        torch.accelerator.current_accelerator()
        torch.backends.mps.is_available()
        torch.backends.mps.is_built()
        torch.backends.cuda.is_built()
        torch.backends.cudnn.is_available()
        torch.backends.cudnn.enabled
        c = torch.backends.cudnn; c.deterministic = True; c.benchmark = False; (c.deterministic, c.benchmark)
        torch.backends.cuda.matmul.allow_tf32 = False; torch.backends.cuda.matmul.allow_tf32
        "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.set_default_device("cpu"); torch.zeros(2).device
        torch.get_default_device()
        torch.get_num_threads() > 0
        torch.set_num_threads(1)
        torch.set_float32_matmul_precision("highest")
        torch.use_deterministic_algorithms(False)
        torch.device("cpu")
        torch.device("cpu", 0)
        torch.device(type="cpu", index=0)
        torch.device("cpu:0").index
        str(torch.device("cpu:0"))
        torch.device(torch.device("cpu:0"))
        torch.device("cpu") == torch.device("cpu:0")
        torch.device("cpu:0") == torch.device("cpu", 0)
        torch.device("cpu") == "cpu"
        hash(torch.device("cpu")) == hash(torch.device("cpu"))
        torch.zeros(2, device="cpu:0").device
        torch.device("cpu").__enter__()
        x.to(torch.device("cpu"), non_blocking=True) is x
        x.to("cpu", non_blocking=True) is x
        x.cpu() is x
        x.is_cuda
        x.is_cpu
        x.is_sparse
        x.is_quantized
        x.is_meta
        x.get_device()
        torch.get_device(x)
        x.layout == torch.strided
        str(x.layout)
        with_amp = torch.amp.autocast("cpu", enabled=False).__enter__; with_amp() is not 3
        s = torch.amp.GradScaler("cpu", enabled=False); s.scale(x)
        s = torch.cuda.amp.GradScaler(enabled=False); (s.update(), s.state_dict())
        s = torch.amp.GradScaler(enabled=False); o = optim.SGD([x], 0.1); x.sum().backward(); s.step(o); x.detach()
        str({"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16})
        torch.bfloat16
        torch.complex64
        torch.complex64.is_complex
        torch.float32.is_complex
        """,
        x=X,
    ),
    *table(
        "environment",
        """
        isinstance(x, torch.$kind)
        isinstance(n, torch.$kind)
        isinstance(x.double(), torch.$kind)
        x.type(torch.$kind)
        n.type("torch.$kind")
        torch.$kind.dtype
        torch.$kind([1, 0]).type()
        x.type(torch.$kind([1]).dtype).type()
        """,
        kind="""
            FloatTensor; DoubleTensor; HalfTensor; LongTensor; IntTensor; ShortTensor; CharTensor; ByteTensor
            BoolTensor
        """,
        x=X,
        n=N,
        grad=False,
    ),
    *table(
        "environment",
        "d = torch.set_default_dtype; d(torch.$dtype); y = $made; t = torch.get_default_dtype(), repr(y); "
        "d(torch.float32); (y, t)",
        dtype="float64; float32",
        made="""
            torch.tensor([1.5, 2.0]); torch.zeros(2); torch.ones(2, 3); torch.full((2,), 2.5); torch.eye(2)
            torch.arange(0.0, 3.0); torch.arange(3); torch.linspace(0, 1, 3); torch.tensor([1, 2]) / 2
            torch.ones(2, dtype=torch.float32); torch.tensor([]); torch.tensor([1.5]).float(); torch.zeros(2, 0)
            torch.tensor([True]).sigmoid(); torch.ones(2, dtype=torch.float16) + 1.5; torch.rand(2) * 0
        """,
    ),
    *table(
        "environment",
        "torch.set_printoptions($options); t = (repr(x * 100), repr(n.float()), repr(y), repr(n[:5]), repr(s)); "
        'torch.set_printoptions(profile="default"); (t, repr(x), repr(y))',
        options="""
            precision=2; 6; sci_mode=True; sci_mode=False; linewidth=40; threshold=5; edgeitems=1, threshold=10
            profile="short"; profile="full"; precision=1, sci_mode=False, linewidth=30; profile="short", edgeitems=1
        """,
        x=X,
        y=floats(40, 30, low=1e-6, high=1),
        n=ints(12, 12, high=1000),
        s=floats(),
        grad=False,
    ),
    *table(
        "environment",
        """
        torch.finfo(torch.$dtype).$field
        torch.finfo().$field
        torch.iinfo(torch.$whole).$limit
        torch.promote_types(torch.$dtype, torch.$whole)
        torch.promote_types(torch.$whole, torch.int8)
        torch.can_cast(torch.$dtype, torch.$whole)
        torch.can_cast(torch.$whole, torch.$dtype)
        torch.can_cast(torch.$whole, torch.bool)
        torch.can_cast(torch.bool, torch.$whole)
        torch.result_type(x, torch.tensor([1], dtype=torch.$whole))
        torch.result_type(torch.tensor([1], dtype=torch.$whole), 2.5)
        torch.result_type(torch.tensor(1, dtype=torch.$whole), 2)
        """,
        dtype="float16; float32; float64",
        whole="uint8; int8; int16; int32; int64",
        field="bits; eps; max; min; tiny; smallest_normal; resolution; dtype",
        limit="bits; max; min; dtype",
        x=X,
    ),
    *table(
        "environment",
        """
        torch.result_type(1, 2)
        torch.result_type(1, 2.0)
        torch.result_type(tensor=x, other=n)
        torch.is_floating_point(x)
        torch.is_floating_point(n)
        torch.is_complex(x)
        torch.is_nonzero(n[0, 0] * 0)
        torch.is_nonzero(x[0, 0])
        torch.numel(x)
        torch.is_tensor(x)
        torch.is_tensor([1])
        """,
        x=X,
        n=N,
    ),
    *table(
        "environment",
        """
        torch.set_default_dtype(torch.int64)
        torch.set_default_dtype("float32")
        torch.finfo(torch.int32)
        torch.iinfo(torch.float32)
        torch.is_nonzero(x)
        torch.device()
        torch.device("bogus")
        x.type("bogus")
        torch.cuda.frobnicate
        torch.backends.frobnicate
        torch.float32.frobnicate
        torch.set_printoptions(frobnicate=3)
        torch.FloatTensor.frobnicate
        """,
        raises=True,
        x=X,
    ),
]
