"""What programs ask about the machine and set on it, under PyTorch's names. There is only the CPU: most change nothing.

A program that looks for a GPU hears that there is none, and goes on; one that insists on it is told so in a sentence.
"""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn

from tinytorch import dtypes
from tinytorch.device import CPU
from tinytorch.device import device as device_class
from tinytorch.errors import need
from tinytorch.functions.conversion import legacy
from tinytorch.tensor import Tensor

__all__ = [
    "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor", "LongTensor",
    "ShortTensor", "accelerator", "amp", "autocast", "backends", "channels_last", "contiguous_format",
    "cuda", "get_default_device", "get_num_threads", "mps", "preserve_format", "set_default_device",
    "set_float32_matmul_precision", "set_num_threads", "strided", "use_deterministic_algorithms", "xpu",
]  # fmt: skip


# ---------------------------------------------------------------------------------------------- the older tensor types
class TensorType:
    """`torch.LongTensor` and its kin: makes tensors of its type as `torch.Tensor` does, and names it for `x.type()`.

    >>> import tinytorch as torch
    >>> torch.LongTensor([1, 2]), isinstance(torch.ones(2), torch.FloatTensor)
    (tensor([1, 2]), True)
    """

    def __init__(self, dtype: dtypes.dtype) -> None:
        self.dtype = dtype

    def __call__(self, *data: Any) -> Tensor:
        return Tensor._wrap(legacy(data, self.dtype.numpy))

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, Tensor) and value.dtype is self.dtype


HalfTensor, FloatTensor, DoubleTensor, ByteTensor, CharTensor, ShortTensor, IntTensor, LongTensor, BoolTensor = (
    TensorType(each) for each in dtypes.DTYPES
)


# ---------------------------------------------------------------------------------------------- settings
def _nothing(*args: object, **options: object) -> None:
    """Accepted, so that programs run as they are: it changes nothing here."""


set_float32_matmul_precision = use_deterministic_algorithms = _nothing
strided, contiguous_format, preserve_format = "torch.strided", "torch.contiguous_format", "torch.preserve_format"
channels_last = "torch.channels_last"


_num_threads: int | None = None  # as it was set


def set_num_threads(num: int) -> None:
    """Set how many pieces `nn.DataParallel` makes of a batch. NumPy's own threads are the environment's to set."""
    global _num_threads
    need(isinstance(num, int) and num > 0, f"set_num_threads needs a number from 1 up, not {num!r}", RuntimeError)
    _num_threads = num


def get_num_threads() -> int:
    """How many threads `nn.DataParallel` uses: what was set, or OMP_NUM_THREADS, or the cores of this machine."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return _num_threads or (int(given) if given.isdigit() and int(given) else os.cpu_count() or 1)


def set_default_device(device: Any) -> None:
    """Where new tensors are made: on the CPU, and nowhere else."""
    device_class(device)


def get_default_device() -> device_class:
    """The CPU."""
    return CPU


# ---------------------------------------------------------------------------------------------- mixed precision
def autocast(device_type: str, dtype: Any = None, enabled: bool = True, **cache: Any) -> AbstractContextManager[None]:
    """Does nothing where PyTorch's does nothing: for a GPU that is not there, or with `enabled=False`."""
    if enabled and device_type == "cpu":
        raise RuntimeError("autocast on the CPU computes in bfloat16, which TinyTorch has not: use enabled=False")
    return nullcontext()


class GradScaler:
    """Loss scaling for float16 on a GPU: here it scales nothing, and `step` is the optimizer's."""

    def __init__(self, device: str = "cuda", **settings: object) -> None:
        pass

    def scale(self, outputs: Any) -> Any:
        """The same."""
        return outputs

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """The optimizer's step."""
        return optimizer.step(*args, **kwargs)

    def state_dict(self) -> dict[str, Any]:
        """Empty."""
        return {}

    unscale_ = update = load_state_dict = _nothing


# ---------------------------------------------------------------------------------------------- modules of few names
def _module(name: str, **names: object) -> ModuleType:
    """A module that a program can also import from, as in `import tinytorch.backends.cudnn`."""

    def absent(attribute: str) -> NoReturn:
        raise AttributeError(f'torch.{name} has no {attribute}: TinyTorch computes on the CPU only: use device="cpu"')

    module = ModuleType(f"tinytorch.{name}", "There is only the CPU.")
    vars(module).update(names, __getattr__=absent)
    return sys.modules.setdefault(module.__name__, module)


_gpu: dict[str, Any] = {
    **dict.fromkeys(("is_available", "is_built", "is_initialized", "is_bf16_supported"), lambda *args: False),
    **dict.fromkeys(("device_count", "memory_allocated", "max_memory_allocated", "memory_reserved"), lambda *args: 0),
    **dict.fromkeys(("manual_seed", "manual_seed_all", "empty_cache", "current_accelerator"), _nothing),
}
amp = _module("amp", autocast=autocast, GradScaler=GradScaler)
_cuda_amp = _module("cuda.amp", autocast=lambda *args, **options: nullcontext(), GradScaler=GradScaler)
cuda, mps, xpu = _module("cuda", **_gpu, amp=_cuda_amp), _module("mps", **_gpu), _module("xpu", **_gpu)
accelerator = _module("accelerator", **_gpu)
_cudnn = _module("backends.cudnn", **_gpu, enabled=True, benchmark=False, deterministic=False, allow_tf32=True)
_cublas = _module("backends.cuda", **_gpu, matmul=SimpleNamespace(allow_tf32=False))
backends = _module("backends", cudnn=_cudnn, cuda=_cublas, mps=_module("backends.mps", **_gpu))
