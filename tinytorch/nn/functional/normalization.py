"""Normalization over the batch, the features, groups of channels, or one example's pixels."""

import math
from collections.abc import Sequence

import numpy as np

from tinytorch.autograd import apply, no_grad
from tinytorch.dtypes import float16, float32
from tinytorch.errors import need, need_tensors
from tinytorch.ops import normalization as ops
from tinytorch.tensor import Tensor

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "normalize", "rms_norm"]


def layer_norm(input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, bias: Tensor | None = None,
               eps: float = 1e-5) -> Tensor:  # fmt: skip
    """(x - mean) / √(variance + eps) · weight + bias over the last dimensions, whose sizes are `normalized_shape`.

    Source: Ba, Kiros & Hinton (2016), arXiv:1607.06450.

    >>> import tinytorch as torch
    >>> layer_norm(torch.tensor([[1.0, 2.0, 3.0]]), (3,))
    tensor([[-1.2247,  0.0000,  1.2247]])
    """
    axis = _last("layer_norm", input, normalized_shape, weight=weight, bias=bias)
    return apply(ops.normalize_rows, input.contiguous(), weight, bias, axis=axis, eps=eps)


def rms_norm(input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None,
             eps: float | None = None) -> Tensor:  # fmt: skip
    """x / √(mean of x² + eps) · weight over the last dimensions; `eps` is the rounding error of the type if not given.

    Source: Zhang & Sennrich (2019), arXiv:1910.07467.
    """
    axis = _last("rms_norm", input, normalized_shape, weight=weight)
    if eps is None:
        eps = float(np.finfo(np.promote_types(input._array.dtype, np.float32)).eps)
    return apply(ops.normalize_rows, input.contiguous(), weight, None, axis=axis, eps=eps, centre=False)


def _last(name: str, input: Tensor, sizes: Sequence[int], **parameters: Tensor | None) -> tuple[int, ...]:
    """The last dimensions, as many as there are sizes."""
    if isinstance(sizes, int):
        raise TypeError(f"{name}: normalized_shape must be a sequence such as ({sizes},), not the number {sizes}")
    need_tensors(name, input)
    sizes, ndim = tuple(sizes), input._array.ndim
    if not sizes or input._array.shape[-len(sizes) :] != sizes:
        raise RuntimeError(f"{name} over the last dimensions {sizes} does not fit an input of {tuple(input.shape)}")
    _check(name, input, sizes, **parameters)
    return tuple(range(ndim - len(sizes), ndim))


def _check(name: str, input: Tensor, shape: tuple[int, ...], **parameters: Tensor | None) -> None:
    """That the input is floating, and each parameter of its type and of `shape`."""
    if not input.is_floating_point():
        raise NotImplementedError(f"{name} needs a floating input, not {input.dtype}: use input.float()")
    kinds = (float16, float32) if input.dtype is float16 else (input.dtype,)
    for what, x in parameters.items():
        if x is not None and (x._array.shape != shape or x.dtype not in kinds):
            fits = f"for an input of {tuple(input.shape)} of {input.dtype}, {what} must be {shape} of that type"
            raise RuntimeError(f"{name}: {fits}, not {tuple(x.shape)} of {x.dtype}")


def _several(what: str, input: Tensor, count: int, training: bool = True, fix: str = "") -> None:
    """One number is its own mean, so that nothing is left of it."""
    if training and count == 1:
        raise ValueError(f"Expected more than 1 {what} when training, got input size {tuple(input.shape)}{fix}")


def batch_norm(input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None,
               bias: Tensor | None = None, training: bool = False, momentum: float = 0.1,
               eps: float = 1e-5) -> Tensor:  # fmt: skip
    """(x - mean) / √(variance + eps) · weight + bias, for each channel of (n, channels, ...).

    In training the mean and variance are those of the batch, and the running ones move towards them by the part
    `momentum` (the running variance towards the unbiased one); otherwise the running ones are used.

    Raises:
        ValueError: in training, a channel has only one value.

    Source: Ioffe & Szegedy (2015), arXiv:1502.03167.
    """
    channels = input.shape[1] if input.ndim > 1 else 0
    count = math.prod(input.shape) // max(channels, 1)
    fix = ": for a batch of one, use DataLoader(drop_last=True), or model.eval()"
    _several("value per channel", input, count, training, fix)
    given = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    _check("batch_norm", input, (channels,), **given)
    broad = (-1, *[1] * (input.ndim - 2))
    weight, bias = (None if x is None else x.reshape(broad) for x in (weight, bias))
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError("batch_norm needs running_mean and running_var when it is not training")
        scale = (running_var + eps).rsqrt().reshape(broad)
        scale = scale if weight is None else scale * weight
        shift = -running_mean.reshape(broad) * scale
        return (input * scale + (shift if bias is None else shift + bias)).to(input.dtype)
    axis = (0, *range(2, input.ndim))
    known = ops.moments(input._array, axis)
    if running_mean is not None and running_var is not None and input.numel():
        with no_grad():
            for running, found, n in ((running_mean, known[1], 1), (running_var, known[2], count / (count - 1))):
                running.mul_(1 - momentum).add_(Tensor._wrap(found.reshape(-1) * (momentum * n)))
    return apply(ops.normalize, input, weight, bias, axis=axis, eps=eps, known=known)


def group_norm(input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None,
               eps: float = 1e-5) -> Tensor:  # fmt: skip
    """(x - mean) / √(variance + eps) over each example's groups of channels, then for each channel · weight + bias.

    Source: Wu & He (2018), arXiv:1803.08494.
    """
    if input.ndim < 2 or input.shape[1] % num_groups:
        expected = f"(n, channels, ...) with channels divisible by {num_groups}"
        raise RuntimeError(f"group_norm needs {expected}, not {tuple(input.shape)}")
    n, channels, *rest = input.shape
    size = math.prod(rest)
    _several("value per channel", input, n * channels // num_groups * size)
    _check("group_norm", input, (channels,), weight=weight, bias=bias)
    inner = channels // num_groups
    weight, bias = (None if x is None else x.reshape(num_groups, inner, 1) for x in (weight, bias))
    grouped = input.contiguous().reshape(n, num_groups, inner, size)
    return apply(ops.normalize, grouped, weight, bias, axis=(2, 3), eps=eps).reshape(input.shape)


def instance_norm(input: Tensor, running_mean: Tensor | None = None, running_var: Tensor | None = None,
                  weight: Tensor | None = None, bias: Tensor | None = None, use_input_stats: bool = True,
                  momentum: float = 0.1, eps: float = 1e-5) -> Tensor:  # fmt: skip
    """`batch_norm` of each example by itself: (n, channels, ...) as one example of n · channels channels.

    Source: Ulyanov, Vedaldi & Lempitsky (2016), arXiv:1607.08022.
    """
    need(input.ndim > 1, f"instance_norm needs (n, channels, ...), not shape {tuple(input.shape)}", RuntimeError)
    n, channels, *rest = input.shape
    _several("spatial element", input, math.prod(rest), use_input_stats)
    given = (running_mean, running_var, weight, bias)
    mean, var, weight, bias = (None if x is None else x.repeat(n) for x in given)
    y = batch_norm(input.reshape(1, n * channels, *rest), mean, var, weight, bias, use_input_stats, momentum, eps)
    for running, found in ((running_mean, mean), (running_var, var)):
        if running is not None and found is not None and use_input_stats:
            running.copy_(found.reshape(n, channels).mean(0))
    return y.reshape(input.shape)


def normalize(input: Tensor, p: float = 2.0, dim: int | Sequence[int] = 1, eps: float = 1e-12) -> Tensor:
    """x / max(‖x‖ₚ, eps) along `dim`: vectors of length 1.

    >>> import tinytorch as torch
    >>> normalize(torch.tensor([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]])
    """
    return input / input.norm(p, dim, keepdim=True).clamp(min=eps)
