"""The sizes of a tensor's dimensions: a tuple that prints as PyTorch's."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from tinytorch.errors import sizes as whole


class Size(tuple):  # type: ignore[type-arg]
    """What `tensor.shape` is.

    >>> import tinytorch as torch
    >>> torch.zeros(2, 3).shape, torch.zeros(2, 3).shape.numel()
    (torch.Size([2, 3]), 6)
    """

    def __new__(cls, sizes: Iterable[Any] = ()) -> Size:  # noqa: D102
        return tuple.__new__(cls, whole((tuple(sizes),), "torch.Size"))

    def numel(self) -> int:
        """The number of elements of a tensor of this size."""
        return math.prod(self)

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return tuple.__new__(Size, found) if isinstance(index, slice) else found

    def __add__(self, other: tuple[Any, ...]) -> Size:
        return Size(super().__add__(other))

    def __radd__(self, other: tuple[Any, ...]) -> Size:
        return Size(tuple.__add__(other, self))

    def __mul__(self, times: Any) -> Size:
        return Size(super().__mul__(times))

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"
