"""Images made larger or smaller: padding, interpolation, pixels out of channels."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinytorch.autograd import apply
from tinytorch.dtypes import Array
from tinytorch.errors import need_tensors
from tinytorch.nn.functional.conv import Ints, per_axis
from tinytorch.ops import windows as ops
from tinytorch.tensor import Tensor

__all__ = ["interpolate", "pad", "pixel_shuffle", "pixel_unshuffle"]

_LINEAR = ("linear", "bilinear", "trilinear")


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """`input` with elements added around it, or (negative numbers) cut off.

    Args:
        input: a tensor; modes other than "constant" pad the dimensions after (n, channels) or (channels).
        pad: how many before and after on the last dimension, then before and after on the last but one, and so on.
        mode: what is added: "constant" (`value`), "reflect" (the mirror image, without the edge itself), "replicate"
            (the edge again and again) or "circular" (the other end).
        value: 0 unless told.

    >>> import tinytorch as torch
    >>> pad(torch.tensor([[1, 2, 3]]), (2, 1), "reflect")
    tensor([[3, 2, 1, 2, 3, 2]])
    """
    need_tensors("pad", input)
    n, shape = len(pad) // 2, tuple(input.shape)
    before, after = ((0,) * (len(shape) - n) + tuple(pad[start::2][::-1]) for start in (0, 1))
    size = tuple(s + a + b for s, a, b in zip(shape, before, after))
    if len(pad) % 2 or n > len(shape) or min(size, default=0) < 0:
        raise RuntimeError(f"pad: {tuple(pad)} must be pairs, one for each of the last dimensions of {shape}")
    if mode == "constant":
        return apply(ops.pad, input, before=before, size=size, value=value or 0)
    if mode not in _SOURCE or len(shape) - n not in (1, 2):
        what = f"mode {mode!r} must be constant or, for the dimensions after (N, C) or (C), {', '.join(_SOURCE)}"
        raise NotImplementedError(f"pad: {tuple(pad)} on {shape}: {what}")
    for axis in range(len(shape) - n, len(shape)):
        most = {"reflect": shape[axis] - 1, "circular": shape[axis]}.get(mode, np.inf)
        if max(before[axis], after[axis]) > most or not size[axis]:
            raise RuntimeError(f"pad: {tuple(pad)} in mode {mode!r} needs more elements than {shape} has")
        index = _SOURCE[mode](np.arange(-before[axis], shape[axis] + after[axis]), shape[axis])
        input = input.index_select(axis, Tensor._wrap(index))
    return input


def _circular(i: Array, n: int) -> Any:
    start, end = max(i[0], 0), min(i[-1] + 1, n)  # what is cut off does not come back at the other end
    return start + (i - start) % (end - start)


_SOURCE: dict[str, Callable[[Array, int], Any]] = {  # where the elements i of a padded axis of length n come from
    "reflect": lambda i, n: (n - 1) - abs((n - 1) - abs(i)),
    "replicate": lambda i, n: i.clip(0, n - 1),
    "circular": _circular,
}


def interpolate(input: Tensor, size: Ints | None = None, scale_factor: float | Sequence[float] | None = None,
                mode: str = "nearest", align_corners: bool | None = None, recompute_scale_factor: bool | None = None,
                antialias: bool = False) -> Tensor:  # fmt: skip
    """Images (n, channels, *size) in another size, or `scale_factor` times as large.

    Modes are "nearest", "nearest-exact" (which counts from the middle of the pixels), and "linear", "bilinear" or
    "trilinear" for 1, 2 or 3 dimensions: there `align_corners` makes the corners meet, not the edges.

    >>> import tinytorch as torch
    >>> interpolate(torch.tensor([[[1.0, 3.0]]]), scale_factor=2)
    tensor([[[1., 1., 3., 3.]]])
    """
    n, old, smooth = input.ndim - 2, tuple(input.shape[2:]), mode.endswith("linear")
    modes = ("nearest", "nearest-exact", *_LINEAR[n - 1 : n] * input.is_floating_point()) if n > 0 else ()
    if mode not in modes or antialias:
        what = f"modes are {', '.join(modes)}, without antialias" if modes else "expected (N, C, *size)"
        raise NotImplementedError(f"interpolate {input.dtype} {tuple(input.shape)} in mode {mode!r}: {what}")
    given: Any = size if scale_factor is None else scale_factor
    each = given if isinstance(given, Sequence) else [given] * n
    if (size is None) == (scale_factor is None) or len(each) != n or (align_corners is not None and not smooth):
        raise ValueError(f"interpolate: give size or scale_factor, 1 or {n} numbers; align_corners is for linear modes")
    new = [int(length * factor) for length, factor in zip(old, each)] if size is None else each
    per_axis("interpolate", n, 1, size=new)
    for axis in range(-n, 0):
        step = 1 / each[axis] if size is None and not recompute_scale_factor else old[axis] / new[axis]
        i = np.arange(new[axis], dtype=np.promote_types(input._array.dtype, np.float32))
        middle = 0.0 if mode == "nearest" else 0.5  # of a pixel
        if align_corners:
            where = i * ((old[axis] - 1) / max(new[axis] - 1, 1))
        else:
            where = ((i + middle) * step - smooth * middle).clip(0, old[axis] - 1)
        low = where.astype(np.int64)
        left = input.index_select(axis, Tensor._wrap(low))
        if smooth:
            right = input.index_select(axis, Tensor._wrap((low + 1).clip(0, old[axis] - 1)))
            share = Tensor._wrap((where - low).astype(input._array.dtype).reshape(-1, *(1,) * (-1 - axis)))
            left = left * (1 - share) + right * share
        input = left
    return input


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Channels made into pixels: (..., channels · r², height, width) -> (..., channels, height · r, width · r).

    Source: Shi et al. (2016), arXiv:1609.05158.
    """
    r, (*outer, c, h, w) = upscale_factor, (1, 1, 1, *input.shape)
    if input.ndim < 3 or r < 1 or c % (r * r):
        raise RuntimeError(f"pixel_shuffle expects (..., C · {r * r}, H, W), got {tuple(input.shape)}")
    apart = input.reshape(*outer[3:], c // (r * r), r, r, h, w)
    return apart.movedim((-4, -3), (-3, -1)).reshape(*outer[3:], c // (r * r), h * r, w * r)


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """The inverse of `pixel_shuffle`: (..., channels, height · r, width · r) -> (..., channels · r², height, width)."""
    r, (*outer, c, h, w) = downscale_factor, (1, 1, 1, *input.shape)
    if input.ndim < 3 or r < 1 or h % r or w % r:
        raise RuntimeError(f"pixel_unshuffle expects (..., C, H · {r}, W · {r}), got {tuple(input.shape)}")
    apart = input.reshape(*outer[3:], c, h // r, r, w // r, r)
    return apart.movedim((-3, -1), (-4, -3)).reshape(*outer[3:], c * r * r, h // r, w // r)
