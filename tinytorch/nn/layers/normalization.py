"""Normalization layers."""

from collections.abc import Sequence
from typing import Any

from tinytorch.errors import need
from tinytorch.functions.creation import empty, tensor
from tinytorch.nn import functional as F
from tinytorch.nn import init
from tinytorch.nn.layers.base import Layer, parameter
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor

__all__ = ["BatchNorm1d", "BatchNorm2d", "GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "LayerNorm", "RMSNorm"]

Sizes = int | Sequence[int]


def _learnt(shape: Sequence[int], affine: bool, bias: bool, device: object, dtype: object) -> dict[str, Any]:
    used = {"weight": affine, "bias": affine and bias}
    return {name: parameter(*shape, device=device, dtype=dtype, used=on) for name, on in used.items()}


class _Norm(Layer):
    """A layer with a weight that starts as 1 and a bias that starts as 0, each None if it is switched off."""

    weight: Parameter | None
    bias: Parameter | None = None

    def __init__(self, *settings: Any, **named: Any) -> None:
        super().__init__(*settings, **named)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weight to 1 and the bias to 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def extra_repr(self) -> str:
        """The settings, the sizes without their names."""
        values = {n: getattr(self, n) if n != "bias" else self.bias is not None for n in self._shown or ()}
        return ", ".join(f"{v}" if n.startswith(("num", "normal")) else f"{n}={v}" for n, v in values.items())


class LayerNorm(_Norm, function=F.layer_norm, settings="normalized_shape eps weight bias",
                shown="normalized_shape eps elementwise_affine bias"):  # fmt: skip
    """Over the last dimensions, of sizes `normalized_shape` (a number: the last); see `nn.functional.layer_norm`."""

    def __init__(self, normalized_shape: Sizes, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True,
                 device: object = None, dtype: object = None) -> None:  # fmt: skip
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        super().__init__(shape, eps, **_learnt(shape, elementwise_affine, bias, device, dtype))
        self.elementwise_affine = elementwise_affine


class RMSNorm(_Norm, function=F.rms_norm, settings="normalized_shape eps weight",
              shown="normalized_shape eps elementwise_affine"):  # fmt: skip
    """By the root of the mean square over the last dimensions; see `nn.functional.rms_norm`."""

    def __init__(self, normalized_shape: Sizes, eps: float | None = None, elementwise_affine: bool = True,
                 device: object = None, dtype: object = None) -> None:  # fmt: skip
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        super().__init__(shape, eps, parameter(*shape, device=device, dtype=dtype, used=elementwise_affine))
        self.elementwise_affine = elementwise_affine


class GroupNorm(_Norm, function=F.group_norm, settings="num_groups weight bias eps",
                shown="num_groups num_channels eps affine bias"):  # fmt: skip
    """Over groups of channels of (n, channels, ...); see `nn.functional.group_norm`."""

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True,
                 device: object = None, dtype: object = None, *, bias: bool = True) -> None:  # fmt: skip
        fits = num_channels % num_groups == 0
        need(fits, f"GroupNorm: num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        super().__init__(num_groups, eps=eps, **_learnt((num_channels,), affine, bias, device, dtype))
        self.num_channels, self.affine = num_channels, affine


class _Tracking(_Norm, settings="weight bias", shown="num_features eps momentum affine bias track_running_stats"):
    """Batch and instance norm: a weight for each channel, and perhaps the running mean and variance as buffers."""

    _dims: tuple[int, ...]
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
                 track_running_stats: bool = True, device: object = None, dtype: object = None, *,
                 bias: bool = True) -> None:  # fmt: skip
        super().__init__(**_learnt((num_features,), affine, bias, device, dtype))
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        buffers = (empty(num_features, dtype=dtype), empty(num_features, dtype=dtype), tensor(0))
        for name, x in zip(("running_mean", "running_var", "num_batches_tracked"), buffers):
            self.register_buffer(name, x if track_running_stats else None)
        self.reset_running_stats()

    def reset_running_stats(self) -> None:
        """Start again with mean 0 and variance 1."""
        for name, start in (("running_mean", 0), ("running_var", 1), ("num_batches_tracked", 0)):
            if self.track_running_stats:
                getattr(self, name).fill_(start)

    def _check(self, input: Tensor) -> None:
        if input.ndim not in self._dims:
            expected = " or ".join(f"{n}D" for n in self._dims)
            raise ValueError(f"{type(self).__name__}: expected {expected} input, got shape {tuple(input.shape)}")


class _BatchNorm(_Tracking):
    def forward(self, input: Tensor) -> Tensor:  # type: ignore[override]
        """The same shape."""
        self._check(input)
        n, got = self.num_features, tuple(input.shape)
        fix = ": channels first? use movedim(-1, 1)" if got[-1] == n else ""
        fits = got[1] == n or not (self.affine or self.track_running_stats)
        need(fits, f"{type(self).__name__}({n}) got {got[1]} channels, in an input of shape {got}{fix}", RuntimeError)
        momentum, learning = self.momentum or 0.0, self.training and self.track_running_stats
        if learning:
            self.num_batches_tracked.add_(1)
            momentum = 1 / self.num_batches_tracked.item() if self.momentum is None else momentum
        mean, var = (self.running_mean, self.running_var) if learning or not self.training else (None, None)
        on_batch = self.training or self.running_mean is None
        return F.batch_norm(input, mean, var, self.weight, self.bias, on_batch, momentum, self.eps)


class BatchNorm1d(_BatchNorm):
    """Each channel of (n, channels) or (n, channels, length); see `nn.functional.batch_norm`.

    With momentum=None the running mean and variance are the plain means over all batches.
    """

    _dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Each channel of (n, channels, height, width); see `nn.functional.batch_norm`."""

    _dims = (4,)


class _InstanceNorm(_Tracking):
    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = False,
                 track_running_stats: bool = False, device: object = None, dtype: object = None, *,
                 bias: bool = True) -> None:  # fmt: skip
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input: Tensor) -> Tensor:  # type: ignore[override]
        """The same shape."""
        self._check(input)
        x = input if input.ndim == self._dims[1] else input.unsqueeze(0)
        fits = not self.affine or x.shape[1] == self.num_features
        need(fits, f"{type(self).__name__}: expected {self.num_features} channels, got {x.shape[1]}")
        own, momentum = self.training or not self.track_running_stats, self.momentum or 0.0
        mean, var = self.running_mean, self.running_var
        return F.instance_norm(x, mean, var, self.weight, self.bias, own, momentum, self.eps).reshape(input.shape)


class InstanceNorm1d(_InstanceNorm):
    """Each channel of each example of (n, channels, length), or of one (channels, length); by default no weights."""

    _dims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Each channel of each image of (n, channels, height, width), or of one (channels, height, width)."""

    _dims = (3, 4)
