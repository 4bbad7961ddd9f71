"""Normalization layers."""

from collections.abc import Sequence

from tinytorch.errors import need
from tinytorch.functions.creation import empty, tensor
from tinytorch.nn import functional as F
from tinytorch.nn import init
from tinytorch.nn.layers.base import parameter
from tinytorch.nn.module import Module
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor

__all__ = ["BatchNorm1d", "BatchNorm2d", "GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "LayerNorm", "RMSNorm"]

Sizes = int | Sequence[int]


class _Norm(Module):
    """A layer with a weight that starts as 1 and a bias that starts as 0, each None if it is switched off."""

    _shown: str
    weight: Parameter | None
    bias: Parameter | None

    def __init__(self, sizes: Sequence[int], affine: bool, bias: bool, device: object, dtype: object) -> None:
        super().__init__()
        self.weight = parameter(*sizes, device=device, dtype=dtype, used=affine)
        self.bias = parameter(*sizes, device=device, dtype=dtype, used=affine and bias)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weight to 1 and the bias to 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def extra_repr(self) -> str:
        """The settings, the sizes without their names."""
        values = {n: getattr(self, n) if n != "bias" else self.bias is not None for n in self._shown.split()}
        return ", ".join(f"{v}" if n.startswith(("num", "normal")) else f"{n}={v}" for n, v in values.items())


class LayerNorm(_Norm):
    """Over the last dimensions, of sizes `normalized_shape` (a number: the last); see `nn.functional.layer_norm`."""

    _shown = "normalized_shape eps elementwise_affine bias"

    def __init__(self, normalized_shape: Sizes, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True,
                 device: object = None, dtype: object = None) -> None:  # fmt: skip
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        super().__init__(shape, elementwise_affine, bias, device, dtype)
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


class RMSNorm(_Norm):
    """By the root of the mean square over the last dimensions; see `nn.functional.rms_norm`."""

    _shown = "normalized_shape eps elementwise_affine"

    def __init__(self, normalized_shape: Sizes, eps: float | None = None, elementwise_affine: bool = True,
                 device: object = None, dtype: object = None) -> None:  # fmt: skip
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        super().__init__(shape, elementwise_affine, False, device, dtype)
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)


class GroupNorm(_Norm):
    """Over groups of channels of (n, channels, ...); see `nn.functional.group_norm`."""

    _shown = "num_groups num_channels eps affine bias"

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True,
                 device: object = None, dtype: object = None, *, bias: bool = True) -> None:  # fmt: skip
        fits = num_channels % num_groups == 0
        need(fits, f"GroupNorm: num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        super().__init__((num_channels,), affine, bias, device, dtype)
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


class _Tracking(_Norm):
    """Batch and instance norm: a weight for each channel, and perhaps the running mean and variance as buffers."""

    _dims: tuple[int, ...]
    _shown = "num_features eps momentum affine bias track_running_stats"
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
                 track_running_stats: bool = True, device: object = None, dtype: object = None, *,
                 bias: bool = True) -> None:  # fmt: skip
        super().__init__((num_features,), affine, bias, device, dtype)
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
    def forward(self, input: Tensor) -> Tensor:
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

    def forward(self, input: Tensor) -> Tensor:
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
