"""Where a tensor lives. There is one place, the CPU; the name is here so that programs which choose a device run."""

from __future__ import annotations


class device:
    """`torch.device("cpu")`; any other name is refused with a sentence.

    >>> import tinytorch as torch
    >>> torch.zeros(2, device=torch.device("cpu")).device
    device(type='cpu')
    """

    type = "cpu"
    index = None

    def __init__(self, name: object = "cpu", index: int | None = None) -> None:
        if str(name) not in ("cpu", "cpu:0"):
            if str(name).startswith(("float", "int", "uint", "bool")):
                raise RuntimeError(f"{str(name)!r} is a type and not a device: use torch.{name}")
            raise RuntimeError(f'TinyTorch computes on the CPU only: use device="cpu", not {str(name)!r}')

    def __repr__(self) -> str:
        return "device(type='cpu')"

    def __str__(self) -> str:
        return "cpu"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device)

    def __hash__(self) -> int:
        return hash("cpu")


CPU = device()


class _Cuda:
    """`torch.cuda`, so that programs which ask whether there is a GPU hear no."""

    def is_available(self) -> bool:
        """Always False: use device="cpu"."""
        return False

    def __getattr__(self, name: str) -> object:
        raise AttributeError(f'torch.cuda.{name}: TinyTorch computes on the CPU only: use device="cpu"')


cuda = _Cuda()
