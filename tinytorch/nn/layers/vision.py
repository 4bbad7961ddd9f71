"""Padding, resizing and pixels out of channels, as layers."""

from __future__ import annotations

from collections.abc import Sequence

from tinytorch.nn import functional as F
from tinytorch.nn.functional.conv import Ints
from tinytorch.nn.layers.base import Layer
from tinytorch.nn.module import Module
from tinytorch.tensor import Tensor

__all__ = ["ConstantPad1d", "ConstantPad2d", "PixelShuffle", "PixelUnshuffle", "ReflectionPad1d", "ReflectionPad2d",
           "ReplicationPad1d", "ReplicationPad2d", "Upsample", "ZeroPad1d", "ZeroPad2d"]  # fmt: skip


class _Pad(Module):
    axes, mode = 1, "constant"
    value: float | None = None

    def __init_subclass__(cls, axes: int = 1, mode: str = "constant") -> None:
        cls.axes, cls.mode = axes, mode

    def __init__(self, padding: Ints) -> None:
        super().__init__()
        self.padding = (padding,) * (2 * self.axes) if isinstance(padding, int) else tuple(padding)

    def forward(self, input: Tensor) -> Tensor:
        """The input with a border."""
        return F.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        """How many elements before and after, the last dimension first, and what they hold."""
        return f"{self.padding}" if self.value is None else f"padding={self.padding}, value={self.value}"


class ZeroPad1d(_Pad, axes=1):
    """Zeros before and after the last dimension."""


class ZeroPad2d(_Pad, axes=2):
    """Zeros around images: `padding` on all sides, or (left, right, top, bottom)."""


class ReflectionPad1d(_Pad, axes=1, mode="reflect"):
    """The mirror image before and after the last dimension."""


class ReflectionPad2d(_Pad, axes=2, mode="reflect"):
    """The mirror image around images: `padding` on all sides, or (left, right, top, bottom)."""


class ReplicationPad1d(_Pad, axes=1, mode="replicate"):
    """The edge repeated before and after the last dimension."""


class ReplicationPad2d(_Pad, axes=2, mode="replicate"):
    """The edge repeated around images: `padding` on all sides, or (left, right, top, bottom)."""


class ConstantPad1d(_Pad, axes=1):
    """`value` before and after the last dimension."""

    def __init__(self, padding: Ints, value: float) -> None:
        super().__init__(padding)
        self.value = value


class ConstantPad2d(ConstantPad1d, axes=2):
    """`value` around images: `padding` on all sides, or (left, right, top, bottom)."""


class Upsample(Layer, function=F.interpolate):
    """Images in another size, or `scale_factor` times as large; see `nn.functional.interpolate`.

    >>> import tinytorch as torch
    >>> torch.nn.Upsample(scale_factor=2)(torch.zeros(1, 3, 4, 4)).shape
    torch.Size([1, 3, 8, 8])
    """

    size: Ints | None = None
    scale_factor: float | Sequence[float] | None = None
    mode: str = "nearest"
    align_corners: bool | None = None
    recompute_scale_factor: bool | None = None

    def __post_init__(self) -> None:
        scale = self.scale_factor
        if scale is not None:
            self.scale_factor = tuple(map(float, scale)) if isinstance(scale, Sequence) else float(scale)
        self._shown = ("size" if scale is None else "scale_factor", "mode")


class PixelShuffle(Layer, function=F.pixel_shuffle):
    """Channels made into pixels; see `nn.functional.pixel_shuffle`."""

    upscale_factor: int


class PixelUnshuffle(Layer, function=F.pixel_unshuffle):
    """Pixels made into channels; see `nn.functional.pixel_unshuffle`."""

    downscale_factor: int
