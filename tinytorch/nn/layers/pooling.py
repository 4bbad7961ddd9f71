"""Pooling as layers."""

from __future__ import annotations

from tinytorch.nn import functional as F
from tinytorch.nn.functional.kernels import Ints, per_axis
from tinytorch.nn.functional.pooling import Regions
from tinytorch.nn.layers.base import Layer

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AvgPool1d", "AvgPool2d",
    "MaxPool1d", "MaxPool2d",
]  # fmt: skip


class _MaxPool(Layer, shown="kernel_size stride padding dilation ceil_mode"):
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Ints = 0, dilation: Ints = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None:  # fmt: skip
        stride = kernel_size if stride is None else stride
        super().__init__(locals())


class MaxPool1d(_MaxPool, function=F.max_pool1d):
    """The largest element under a kernel that moves over (n, channels, length)."""


class MaxPool2d(_MaxPool, function=F.max_pool2d):
    """The largest element under a kernel that moves over (n, channels, height, width), by its own size unless told."""


class AvgPool1d(Layer, function=F.avg_pool1d, shown="kernel_size stride padding"):
    """The average under a kernel that moves over (n, channels, length)."""

    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Ints = 0,
        ceil_mode: bool = False, count_include_pad: bool = True,
    ) -> None:  # fmt: skip
        stride = kernel_size if stride is None else stride
        kernel_size, stride, padding = per_axis(
            "AvgPool1d", 1, 0, kernel_size=kernel_size, stride=stride, padding=padding
        )
        super().__init__(locals())


class AvgPool2d(Layer, function=F.avg_pool2d, shown="kernel_size stride padding"):
    """The average under a kernel that moves over (n, channels, height, width), by its own size unless told."""

    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Ints = 0,
        ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> None:  # fmt: skip
        stride = kernel_size if stride is None else stride
        super().__init__(locals())


class AdaptiveAvgPool1d(Layer, function=F.adaptive_avg_pool1d):
    """The averages of `output_size` regions that cover each channel."""

    def __init__(self, output_size: Regions) -> None:
        super().__init__(locals())


class AdaptiveAvgPool2d(AdaptiveAvgPool1d, function=F.adaptive_avg_pool2d):
    """The averages of `output_size` regions that cover each channel, such as (7, 7), or 1 for all of it."""


class AdaptiveMaxPool1d(Layer, function=F.adaptive_max_pool1d, shown="output_size"):
    """The largest elements of `output_size` regions that cover each channel."""

    def __init__(self, output_size: Regions, return_indices: bool = False) -> None:
        super().__init__(locals())


class AdaptiveMaxPool2d(AdaptiveMaxPool1d, function=F.adaptive_max_pool2d):
    """The largest elements of `output_size` regions that cover each channel, such as (7, 7), or 1 for all of it."""
