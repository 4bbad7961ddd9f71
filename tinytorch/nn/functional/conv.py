"""Convolutions, and unfold; and what all kernels that move along one axis or two share."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial, wraps
from typing import Concatenate, ParamSpec, TypeVar

from tinytorch.autograd import apply
from tinytorch.errors import need, need_tensors, sizes
from tinytorch.nn.functional.linear import other_type
from tinytorch.ops import conv as ops
from tinytorch.ops.windows import Windows
from tinytorch.tensor import Tensor

__all__ = ["conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d", "unfold"]

Ints = int | Sequence[int]
P = ParamSpec("P")
T = TypeVar("T")


def for_axes(function: Callable[Concatenate[int, P], T]) -> tuple[Callable[P, T], Callable[P, T]]:
    """`function(n, ...)` for n = 1 and for n = 2, under its name with "1d" and "2d"."""

    def of(n: int) -> Callable[P, T]:
        @wraps(function)
        def along(*args: P.args, **kwargs: P.kwargs) -> T:
            return function(n, *args, **kwargs)

        along.__name__ = along.__qualname__ = f"{function.__name__}{n}d"
        along.__dict__["__wrapped__"] = partial(function, n)  # whose signature `help` shows
        return along

    return of(1), of(2)


def per_axis(name: str, n: int, least: int, **settings: Ints) -> list[tuple[int, ...]]:
    """Each setting as n numbers; an error, with its name, if it isn't that or if one is too small."""
    found = []
    for what, value in settings.items():
        numbers = (value,) if type(value) is int else sizes((value,), f"{name}: {what}")
        numbers = numbers * n if len(numbers) == 1 else numbers
        if len(numbers) != n or min(numbers) < least:
            raise RuntimeError(f"{name}: {what} must be one number or {n}, each at least {least}, not {value!r}")
        found.append(numbers)
    return found


def around(name: str, padding: Ints | str, kernel: Sequence[int], dilation: Sequence[int]) -> list[tuple[int, int]]:
    """How much comes before and after, axis by axis: "same" is as much as keeps the size, "valid" nothing."""
    if padding == "same":
        return [(d * (k - 1) // 2, d * (k - 1) - d * (k - 1) // 2) for k, d in zip(kernel, dilation)]
    if isinstance(padding, str) and padding != "valid":
        raise RuntimeError(f'{name}: padding must be numbers, "same" or "valid", not {padding!r}')
    (numbers,) = per_axis(name, len(kernel), 0, padding=0 if isinstance(padding, str) else padding)
    return [(number, number) for number in numbers]


def laid(name: str, size: tuple[int, ...], kernel: Ints, stride: Ints, padding: Ints | str, dilation: Ints,
         ceil: bool = False) -> Windows:  # fmt: skip
    """As many windows as fit; with `ceil`, also a last one that begins inside but reaches beyond the padding."""
    kernel, stride, dilation = per_axis(name, len(size), 1, kernel_size=kernel, stride=stride, dilation=dilation)
    windows = _windows(size, kernel, stride, tuple(around(name, padding, kernel, dilation)), dilation, ceil)
    if min(windows.counts) < 1 or (padding == "same" and max(stride) > 1):
        fix = "'same' needs a stride of 1" if padding == "same" else "make the kernel smaller or the padding larger"
        raise RuntimeError(f"{name}: kernel {kernel} with padding {padding} does not fit into {size}: {fix}")
    return windows


@lru_cache  # one object for equal sizes is also found faster by what in ops.windows is worked out once for each
def _windows(size: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...],
             borders: tuple[tuple[int, int], ...], dilation: tuple[int, ...], ceil: bool) -> Windows:  # fmt: skip
    count = []
    for length, k, s, (before, after), d in zip(size, kernel, stride, borders, dilation):
        steps, rest = divmod(length + before + after - d * (k - 1) - 1, s)
        count.append(steps + 1 + (ceil and rest > 0 and (steps + 1) * s < length + before))
    return Windows(kernel, stride, tuple(before for before, _ in borders), dilation, size, tuple(count))


# ---------------------------------------------------------------------------------------------- convolution
def conv(n: int, input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Ints = 1, padding: Ints | str = 0,
         dilation: Ints = 1, groups: int = 1) -> Tensor:  # fmt: skip
    """The sum of weight · input under a kernel that moves over the input, one sum for each output channel.

    Args:
        n: the number of axes that the kernel moves along.
        input: (batch, in, length) or (batch, in, height, width); the batch may be missing.
        weight: (out, in/groups, *kernel).
        bias: (out,).
        stride: how far the kernel moves from one output to the next; this and the next two: one number, or two.
        padding: how many zeros surround the input; or "same", as many as keep the size; or "valid", none.
        dilation: how far the elements under the kernel lie apart.
        groups: input and output channels are divided into so many groups, and each output sees only its own.

    >>> import tinytorch as torch
    >>> image, edge = torch.eye(3).reshape(1, 1, 3, 3), torch.tensor([[[[1.0, -1.0]]]])
    >>> conv2d(image, edge)
    tensor([[[[ 1.,  0.],
              [-1.,  1.],
              [ 0., -1.]]]])
    """
    name, x = _checked(f"Conv{n}d", n, input, weight, bias, groups)
    windows = laid(name, x._array.shape[2:], weight._array.shape[2:], stride, padding, dilation)
    y = apply(ops.conv, x, weight, bias, windows=windows, groups=groups)
    return y if x is input else y.squeeze(0)


def conv_transpose(n: int, input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Ints = 1,
                   padding: Ints = 0, output_padding: Ints = 0, groups: int = 1,
                   dilation: Ints = 1) -> Tensor:  # fmt: skip
    """The gradient of `conv1d` or `conv2d` with respect to its input: each element of `input` spreads the kernel.

    `weight` is (in, out/groups, *kernel); along each axis the output has the size
    (size - 1) · stride - 2 · padding + dilation · (kernel - 1) + 1 + output_padding.
    """
    name, x = _checked(f"ConvTranspose{n}d", n, input, weight, bias, groups)
    stride, dilation = per_axis(name, n, 1, stride=stride, dilation=dilation)
    before, more = per_axis(name, n, 0, padding=padding, output_padding=output_padding)
    windows = Windows(tuple(weight.shape[2:]), stride, before, dilation, (), tuple(x.shape[2:]))
    size = tuple(extent - 2 * b + m for extent, b, m in zip(windows.extent, before, more))
    if min(size) < 1 or any(m >= max(s, d) for m, s, d in zip(more, stride, dilation)):
        fix = "the padding must be smaller than that, output_padding smaller than stride or dilation"
        raise RuntimeError(f"{name} of {tuple(x.shape)} would have size {size}: {fix}")
    windows = windows._replace(size=size)
    y = apply(ops.conv_transpose, x, weight, bias, windows=windows, groups=groups)
    return y if x is input else y.squeeze(0)


def _checked(kind: str, n: int, input: Tensor, weight: Tensor, bias: Tensor | None, groups: int) -> tuple[str, Tensor]:
    """What to call the convolution, and its input as a batch; an error if the tensors don't fit together."""
    need_tensors(kind, input, weight)
    x, w = input._array.shape, weight._array.shape
    if len(w) != n + 2 or groups < 1 or w[0] % groups:
        raise RuntimeError(f"{kind}: a weight of shape {w} does not hold {n}-dimensional kernels in {groups} groups")
    channels, out = (w[0], w[1] * groups) if "Transpose" in kind else (w[1] * groups, w[0])
    name = f"{kind}({channels}, {out}, kernel_size={w[2:]})"
    if len(x) not in (n + 1, n + 2) or x[-n - 1] != channels:
        fix = ": channels first? use movedim(-1, 1)" if len(x) == n + 2 and x[-1] == channels else ""
        fix = ": no channels? use unsqueeze(1)" if len(x) == n + 1 and channels == 1 else fix
        raise RuntimeError(f"{name} got {x}, but expects (N, {channels}, {'H, W' if n == 2 else 'L'}){fix}")
    if 0 in x[-n:]:
        raise RuntimeError(f"{name} got {x}: there may be no image, but not an image of no size")
    for each in (weight, bias):
        if each is not None and each._array.dtype is not input._array.dtype:
            raise RuntimeError(other_type(name, input, each))
    if bias is not None and bias._array.shape != (out,):
        raise RuntimeError(f"{name}: the bias must have shape ({out},), not {tuple(bias.shape)}")
    return name, input if len(x) == n + 2 else input.unsqueeze(0)


conv1d, conv2d = for_axes(conv)
conv_transpose1d, conv_transpose2d = for_axes(conv_transpose)


def unfold(input: Tensor, kernel_size: Ints, dilation: Ints = 1, padding: Ints = 0, stride: Ints = 1) -> Tensor:
    """What lies under a moving kernel, as columns: (n, channels, height, width) -> (n, channels · kernel, windows).

    >>> import tinytorch as torch
    >>> unfold(torch.arange(6.0).reshape(1, 1, 2, 3), 2)
    tensor([[[0., 1.],
             [1., 2.],
             [3., 4.],
             [4., 5.]]])
    """
    need(input.ndim in (3, 4), f"unfold expects (N, C, H, W) or (C, H, W), got {tuple(input.shape)}", RuntimeError)
    return apply(
        ops.unfold, input, windows=laid("unfold", input._array.shape[-2:], kernel_size, stride, padding, dilation)
    )
