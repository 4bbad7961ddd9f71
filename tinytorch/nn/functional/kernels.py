"""What convolution and pooling share: along one axis or two, with settings of one number for all or one for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Concatenate, ParamSpec, TypeVar

from tinytorch.errors import sizes
from tinytorch.ops.windows import Windows

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
        numbers = sizes((value,), f"{name}: {what}")
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


def laid(
    name: str, size: Sequence[int], kernel: Ints, stride: Ints, padding: Ints | str, dilation: Ints, ceil: bool = False
) -> Windows:
    """As many windows as fit; with `ceil`, also a last one that begins inside but reaches beyond the padding."""
    kernel, stride, dilation = per_axis(name, len(size), 1, kernel_size=kernel, stride=stride, dilation=dilation)
    borders, count = around(name, padding, kernel, dilation), []
    for length, k, s, (before, after), d in zip(size, kernel, stride, borders, dilation):
        steps, rest = divmod(length + before + after - d * (k - 1) - 1, s)
        count.append(steps + 1 + (ceil and rest > 0 and (steps + 1) * s < length + before))
    if min(count) < 1 or (padding == "same" and max(stride) > 1):
        fix = "'same' needs a stride of 1" if padding == "same" else "make the kernel smaller or the padding larger"
        raise RuntimeError(
            f"{name}: a kernel of {kernel} with padding {padding} does not fit into {tuple(size)}: {fix}"
        )
    return Windows(kernel, stride, tuple(before for before, _ in borders), dilation, tuple(size), tuple(count))
