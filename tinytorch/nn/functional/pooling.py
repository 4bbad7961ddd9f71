"""Pooling: the largest or the average element under a moving kernel, or of a given number of regions."""

from collections.abc import Callable, Sequence
from typing import Any

from tinytorch.autograd import apply
from tinytorch.errors import need, need_tensors
from tinytorch.functions.shape import cat
from tinytorch.nn.functional.conv import Ints, for_axes, laid, per_axis
from tinytorch.ops import windows as ops
from tinytorch.ops.windows import Windows
from tinytorch.tensor import Tensor

__all__ = ["adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d", "avg_pool1d",
           "avg_pool2d", "max_pool1d", "max_pool2d"]  # fmt: skip

Regions = int | Sequence[int | None] | None


def max_pool(n: int, input: Tensor, kernel_size: Ints, stride: Ints | None = None, padding: Ints = 0,
             dilation: Ints = 1, ceil_mode: bool = False, return_indices: bool = False) -> Any:  # fmt: skip
    """The largest element under a kernel that moves over each channel of (batch, channels, *size).

    The kernel moves by `stride`, its own size unless told; `padding` surrounds the input with -inf. With `ceil_mode`
    a last kernel may reach out of the input; with `return_indices` the result is a pair, the second where in its
    channel, counted row by row, each element was found. Of equal elements the first counts.

    >>> import tinytorch as torch
    >>> max_pool2d(torch.arange(16.0).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 5.,  7.],
              [13., 15.]]]])
    """
    windows = _windows(f"max_pool{n}d", n, input, kernel_size, stride, padding, dilation, ceil_mode)
    y = apply(ops.max_pool, input, windows=windows)
    return (y, apply(ops.max_pool_index, input, windows=windows)) if return_indices else y


def avg_pool(n: int, input: Tensor, kernel_size: Ints, stride: Ints | None = None, padding: Ints = 0,
             ceil_mode: bool = False, count_include_pad: bool = True,
             divisor_override: int | None = None) -> Tensor:  # fmt: skip
    """The average under a kernel that moves over each channel of (batch, channels, *size); see `max_pool2d`.

    The zeros of the padding count as elements, unless `count_include_pad` is False; `divisor_override` is what the sum
    is divided by instead of the number of elements.
    """
    windows = _windows(f"avg_pool{n}d", n, input, kernel_size, stride, padding, 1, ceil_mode)
    need(divisor_override != 0, "avg_pool2d: divisor_override must not be zero", RuntimeError)
    return apply(ops.avg_pool, input, windows=windows, count_include_pad=count_include_pad, divisor=divisor_override)


def _windows(name: str, n: int, input: Tensor, kernel: Ints, stride: Ints | None, padding: Ints, dilation: Ints,
             ceil: bool) -> Windows:  # fmt: skip
    stride = kernel if stride is None or stride in ((), []) else stride
    windows = laid(name, _size(name, n, input), kernel, stride, padding, dilation, ceil)
    if any(p > (d * (k - 1) + 1) // 2 for p, d, k in zip(windows.padding, windows.dilation, windows.kernel)):
        raise RuntimeError(f"{name}: padding {padding} must be at most half of kernel_size {kernel}")
    return windows


def _size(name: str, n: int, input: Tensor, error: type[Exception] = RuntimeError) -> tuple[int, ...]:
    need_tensors(name, input)
    shape: tuple[int, ...] = input._array.shape
    if len(shape) not in (n + 1, n + 2) or 0 in shape[-n - 1 :]:
        expected = "(N, C, H, W) or (C, H, W)" if n == 2 else "(N, C, L) or (C, L)"
        raise error(f"{name} expects {expected}, where only N may be 0, got {shape}")
    return shape[-n:]


def adaptive_avg_pool(n: int, input: Tensor, output_size: Regions) -> Tensor:
    """The average of each of `output_size` regions of each channel: (..., *size) -> (..., *output_size).

    The regions cover the input evenly; where its size is no multiple of theirs, neighbours overlap. None keeps a size.

    >>> import tinytorch as torch
    >>> adaptive_avg_pool2d(torch.arange(6.0).reshape(1, 2, 3), (1, 2))
    tensor([[[2., 3.]]])
    """
    return _over_regions(f"adaptive_avg_pool{n}d", n, input, output_size, lambda x, dim: x.mean(dim, keepdim=True))


def adaptive_max_pool(n: int, input: Tensor, output_size: Regions, return_indices: bool = False) -> Tensor:
    """The largest element of each of the regions of `adaptive_avg_pool2d`."""
    need(not return_indices, "adaptive_max_pool has no return_indices: max_pool2d has them", NotImplementedError)
    return _over_regions(f"adaptive_max_pool{n}d", n, input, output_size, lambda x, dim: x.max(dim, keepdim=True)[0])


def _over_regions(name: str, n: int, input: Tensor, output_size: Regions,
                  reduced: Callable[[Tensor, int], Tensor]) -> Tensor:  # fmt: skip
    several = output_size if isinstance(output_size, Sequence) else [output_size] * n
    size = _size(name, n, input, ValueError if several is output_size and input.ndim <= n else RuntimeError)
    need(len(several) == n, f"{name}: output_size must be one number or {n}, not {output_size!r}", RuntimeError)
    wanted = [size[i - n] if out is None else out for i, out in enumerate(several)]
    (counts,) = per_axis(name, n, 1, output_size=wanted)
    for axis, count in zip(range(-1, -n - 1, -1), counts[::-1]):
        starts, ends = ([(i * size[axis] + up) // count for i in range(count + 1)] for up in (0, count - 1))
        input = cat([reduced(input.narrow(axis, a, b - a), axis) for a, b in zip(starts, ends[1:])], axis)
    return input


max_pool1d, max_pool2d = for_axes(max_pool)
avg_pool1d, avg_pool2d = for_axes(avg_pool)
adaptive_avg_pool1d, adaptive_avg_pool2d = for_axes(adaptive_avg_pool)
adaptive_max_pool1d, adaptive_max_pool2d = for_axes(adaptive_max_pool)
