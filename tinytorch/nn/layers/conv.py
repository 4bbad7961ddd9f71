"""Convolution and pooling as layers."""

from __future__ import annotations

from typing import Any

from tinytorch.errors import need
from tinytorch.nn import functional as F
from tinytorch.nn.functional.conv import Ints, around, conv, conv_transpose, per_axis
from tinytorch.nn.functional.pooling import Regions
from tinytorch.nn.layers.base import Layer, parameter
from tinytorch.nn.layers.linear import draw
from tinytorch.nn.module import Module
from tinytorch.tensor import Tensor

__all__ = ["AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AvgPool1d",
           "AvgPool2d", "Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d", "MaxPool1d", "MaxPool2d",
           "Unfold"]  # fmt: skip


class _Conv(Module):
    axes = 1
    modes: tuple[str, ...] = ("zeros", "reflect", "replicate", "circular")
    transposed = False

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Ints, stride: Ints = 1,
                 padding: Ints | str = 0, dilation: Ints = 1, groups: int = 1, bias: bool = True,
                 padding_mode: str = "zeros", device: object = None, dtype: object = None) -> None:  # fmt: skip
        super().__init__()
        name = type(self).__name__
        divisible = groups > 0 and not in_channels % groups and not out_channels % groups
        need(divisible, f"{name}: {in_channels} and {out_channels} channels can't be divided into {groups} groups")
        modes = ", ".join(self.modes)
        need(padding_mode in self.modes, f"{name}: padding_mode must be one of {modes}, not {padding_mode!r}")
        settings = per_axis(name, self.axes, 0, kernel_size=kernel_size, stride=stride, dilation=dilation)
        self.kernel_size, self.stride, self.dilation = settings
        fits = not isinstance(padding, str) or padding == "valid" or (padding == "same" and max(self.stride) == 1)
        need(fits, f'{name}: padding must be numbers, "valid", or with stride 1 "same", not {padding!r}')
        self.padding: Any = padding if isinstance(padding, str) else per_axis(name, self.axes, 0, padding=padding)[0]
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.padding_mode, self.output_padding = padding_mode, (0,) * self.axes
        rows, columns = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = parameter(rows, columns // groups, *self.kernel_size, device=device, dtype=dtype)
        self.bias = parameter(out_channels, dtype=dtype, used=bias)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        draw(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """(n, in_channels, *size) -> (n, out_channels, *size)."""
        padding = self.padding
        if self.padding_mode != "zeros":
            borders = around(type(self).__name__, padding, self.kernel_size, self.dilation)
            input, padding = F.pad(input, [n for border in borders[::-1] for n in border], self.padding_mode), 0
        return conv(self.axes, input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        """The channels, kernel_size and stride, and what is not as usual."""
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        usual = {"padding": {0}, "dilation": {1}, "output_padding": {0}}
        parts += [f"{name}={getattr(self, name)}" for name in usual if set(getattr(self, name)) != usual[name]]
        parts += [f"groups={self.groups}"] * (self.groups != 1) + ["bias=False"] * (self.bias is None)
        return ", ".join(parts + [f"padding_mode={self.padding_mode}"] * (self.padding_mode != "zeros"))


class Conv1d(_Conv):
    """`Conv2d` along one axis: (n, in_channels, length) -> (n, out_channels, length)."""


class Conv2d(_Conv):
    """`nn.functional.conv2d` with a weight and a bias to train.

    The weight (out_channels, in_channels/groups, *kernel_size) and the bias start uniform in ±1/√n, where n is the
    number of weights of one output. `padding_mode` is what the padding holds: "zeros", "reflect", "replicate" or
    "circular", as in `nn.functional.pad`.

    >>> import tinytorch as torch
    >>> torch.nn.Conv2d(3, 8, kernel_size=3, padding=1)(torch.zeros(5, 3, 32, 32)).shape
    torch.Size([5, 8, 32, 32])
    """

    axes = 2


class ConvTranspose1d(_Conv):
    """`ConvTranspose2d` along one axis."""

    modes = ("zeros",)
    transposed = True

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Ints, stride: Ints = 1, padding: Ints = 0,
                 output_padding: Ints = 0, groups: int = 1, bias: bool = True, dilation: Ints = 1,
                 padding_mode: str = "zeros", device: object = None, dtype: object = None) -> None:  # fmt: skip
        rest = dilation, groups, bias, padding_mode, device, dtype
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, *rest)
        (self.output_padding,) = per_axis(type(self).__name__, self.axes, 0, output_padding=output_padding)

    def forward(self, input: Tensor) -> Tensor:
        """(n, in_channels, *size) -> (n, out_channels, *size)."""
        settings = self.stride, self.padding, self.output_padding, self.groups, self.dilation
        return conv_transpose(self.axes, input, self.weight, self.bias, *settings)


class ConvTranspose2d(ConvTranspose1d):
    """`nn.functional.conv_transpose2d` with a weight (in_channels, out_channels/groups, *kernel_size) to train."""

    axes = 2


class Unfold(Layer, function=F.unfold):
    """What lies under a moving kernel, as columns; see `nn.functional.unfold`."""

    kernel_size: Ints
    dilation: Ints = 1
    padding: Ints = 0
    stride: Ints = 1


# ---------------------------------------------------------------------------------------------- pooling
class _Pool(Layer, shown="kernel_size stride padding"):
    kernel_size: Ints
    stride: Ints | None = None
    padding: Ints = 0

    def __post_init__(self) -> None:
        self.stride = self.kernel_size if self.stride is None else self.stride


class _MaxPool(_Pool, shown="kernel_size stride padding dilation ceil_mode"):
    dilation: Ints = 1
    return_indices: bool = False
    ceil_mode: bool = False


class MaxPool1d(_MaxPool, function=F.max_pool1d):
    """The largest element under a kernel that moves over (n, channels, length)."""


class MaxPool2d(_MaxPool, function=F.max_pool2d):
    """The largest element under a kernel that moves over (n, channels, height, width), by its own size unless told."""


class AvgPool1d(_Pool, function=F.avg_pool1d):
    """The average under a kernel that moves over (n, channels, length)."""

    ceil_mode: bool = False
    count_include_pad: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        windows: dict[str, Any] = {"kernel_size": self.kernel_size, "stride": self.stride, "padding": self.padding}
        self.kernel_size, self.stride, self.padding = per_axis("AvgPool1d", 1, 0, **windows)


class AvgPool2d(_Pool, function=F.avg_pool2d):
    """The average under a kernel that moves over (n, channels, height, width), by its own size unless told."""

    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: int | None = None


class AdaptiveAvgPool1d(Layer, function=F.adaptive_avg_pool1d):
    """The averages of `output_size` regions that cover each channel."""

    output_size: Regions


class AdaptiveAvgPool2d(Layer, function=F.adaptive_avg_pool2d):
    """The averages of `output_size` regions that cover each channel, such as (7, 7), or 1 for all of it."""

    output_size: Regions


class AdaptiveMaxPool1d(Layer, function=F.adaptive_max_pool1d, shown="output_size"):
    """The largest elements of `output_size` regions that cover each channel."""

    output_size: Regions
    return_indices: bool = False


class AdaptiveMaxPool2d(Layer, function=F.adaptive_max_pool2d, shown="output_size"):
    """The largest elements of `output_size` regions that cover each channel, such as (7, 7), or 1 for all of it."""

    output_size: Regions
    return_indices: bool = False
