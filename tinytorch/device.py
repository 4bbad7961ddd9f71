"""Where a tensor lives. There is one place, the CPU; the name is here so that programs which choose a device run."""

from __future__ import annotations


class device:
    """`torch.device("cpu")`; any other name is refused with a sentence. In a `with` statement it changes nothing.

    >>> import tinytorch as torch
    >>> torch.zeros(2, device=torch.device("cpu")).device
    device(type='cpu')
    """

    type = "cpu"

    def __init__(self, type: object, index: int | None = None) -> None:
        name = str(type) if index is None else f"{type}:{index}"
        if name not in ("cpu", "cpu:0"):
            if name.startswith(("float", "int", "uint", "bool")):
                raise RuntimeError(f"{name!r} is a type and not a device: use torch.{name}")
            raise RuntimeError(f'TinyTorch computes on the CPU only: use device="cpu", not {name!r}')
        self.index = 0 if name == "cpu:0" else None

    def __repr__(self) -> str:
        return "device(type='cpu')" if self.index is None else "device(type='cpu', index=0)"

    def __str__(self) -> str:
        return "cpu" if self.index is None else "cpu:0"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and self.index == other.index

    def __hash__(self) -> int:
        return hash(str(self))

    def __enter__(self) -> device:
        return self

    def __exit__(self, *exception: object) -> None:
        pass


CPU = device("cpu")
