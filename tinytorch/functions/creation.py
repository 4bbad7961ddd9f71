"""Functions that make tensors: from data, filled, in sequence, at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinytorch.device import device as device_class
from tinytorch.dtypes import BOOL, FLOAT32, FLOAT64, INT64, Array, Number, to_numpy_dtype
from tinytorch.errors import sizes
from tinytorch.random import Generator, default_generator
from tinytorch.tensor import Tensor

__all__ = [
    "arange", "as_tensor", "bernoulli", "empty", "empty_like", "eye", "from_numpy", "full", "full_like", "is_tensor",
    "linspace", "multinomial", "normal", "numel", "ones", "ones_like", "rand", "rand_like", "randint", "randn",
    "randn_like", "randperm", "tensor", "tril_indices", "triu_indices", "zeros", "zeros_like",
]  # fmt: skip


def _made(array: Array, device: object = None, requires_grad: bool = False) -> Tensor:
    if device is not None:
        device_class(device)
    made = Tensor._wrap(array)
    return made.requires_grad_() if requires_grad else made


def _shape(size: tuple[Any, ...], named: Sequence[int] | None = None) -> tuple[int, ...]:
    shape = sizes(size if named is None else (named,), "creating a tensor")
    if min(shape, default=0) < 0:
        raise RuntimeError(f"a tensor can't have the size {shape}: no size may be negative")
    return shape


def _numpy_type(dtype: object, default: Any = FLOAT32) -> Any:
    return default if dtype is None else to_numpy_dtype(dtype)


# ---------------------------------------------------------------------------------------------- from data
def tensor(data: Any, *, dtype: object = None, device: object = None, requires_grad: bool = False) -> Tensor:
    """A new tensor with a copy of `data`: a number, nested lists of numbers, or a NumPy array (which keeps its type).

    Python floats become float32, integers int64, truth values bool.

    >>> import tinytorch as torch
    >>> torch.tensor([[1, 2], [3, 4]]).dtype, torch.tensor(2.5)
    (torch.int64, tensor(2.5000))
    """
    array = _as_array(data, dtype)
    return _made(array.copy("K") if array is getattr(data, "_array", data) else array, device, requires_grad)


def as_tensor(data: Any, dtype: object = None, device: object = None) -> Tensor:
    """`tensor`, but sharing the memory of an array or tensor that needs no conversion."""
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    return _made(_as_array(data, dtype), device)


def from_numpy(ndarray: Array) -> Tensor:
    """A tensor that shares the memory of a NumPy array: what changes one changes the other."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy needs a NumPy array, not {type(ndarray).__name__}: use torch.tensor")
    return Tensor._wrap(_as_array(ndarray, None))


def _as_array(data: Any, dtype: object) -> Array:
    with np.errstate(over="ignore"):  # what is too large for float32 is infinite there
        return _converted(data, dtype)


def _converted(data: Any, dtype: object) -> Array:
    if isinstance(data, Tensor):
        data = data._array
    if isinstance(data, (np.ndarray, np.generic)):
        array = np.asarray(data)
        to_numpy_dtype(array.dtype if dtype is None else dtype)  # refuses types that tensors do not hold
        return array if dtype is None else array.astype(to_numpy_dtype(dtype), copy=False)
    try:
        array = np.array(_plain(data))
    except ValueError:
        raise ValueError(f"tensor: the nested lists must all be equally long: {str(data)[:60]}") from None
    if array.dtype.kind not in "fib" and not _holds_arrays(data):
        if array.dtype.kind in "uO" and all(isinstance(x, int) for x in array.flat):
            raise RuntimeError(f"tensor: a number in {str(data)[:60]} is too large for int64")
        error = RuntimeError if data is None else TypeError
        raise error(f"tensor: expected numbers, got {str(data)[:60]!r}")
    if dtype is not None:
        return array.astype(to_numpy_dtype(dtype))
    if _holds_arrays(data):
        return _converted(array, None)
    return array.astype({"b": BOOL, "i": INT64}.get(array.dtype.kind, FLOAT32) if array.size else FLOAT32)


def _plain(data: Any) -> Any:
    """Nested lists without tensors in them."""
    if isinstance(data, Tensor):
        return data.tolist()
    return [_plain(each) for each in data] if isinstance(data, (list, tuple)) else data


def _holds_arrays(data: Any) -> bool:
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (np.ndarray, np.generic))


# ---------------------------------------------------------------------------------------------- filled
def zeros(
    *shape: Any,
    size: Sequence[int] | None = None,
    dtype: object = None,
    device: object = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of zeros of the given size.

    >>> import tinytorch as torch
    >>> torch.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return _made(np.zeros(_shape(shape, size), _numpy_type(dtype)), device, requires_grad)


def ones(
    *shape: Any,
    size: Sequence[int] | None = None,
    dtype: object = None,
    device: object = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of ones of the given size."""
    return _made(np.ones(_shape(shape, size), _numpy_type(dtype)), device, requires_grad)


def empty(
    *shape: Any,
    size: Sequence[int] | None = None,
    dtype: object = None,
    device: object = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor whose elements are whatever was in memory."""
    return _made(np.empty(_shape(shape, size), _numpy_type(dtype)), device, requires_grad)


def full(
    size: Sequence[int], fill_value: Number, *, dtype: object = None, device: object = None, requires_grad: bool = False
) -> Tensor:
    """A tensor filled with one value, which also decides its type."""
    default = {bool: BOOL, int: INT64}.get(type(fill_value), FLOAT32)
    return _made(np.full(_shape((size,)), fill_value, _numpy_type(dtype, default)), device, requires_grad)


def zeros_like(input: Tensor, *, dtype: object = None, device: object = None, requires_grad: bool = False) -> Tensor:
    """Zeros in the shape and type of another tensor."""
    return _made(np.zeros_like(input._array, _numpy_type(dtype, input._array.dtype)), device, requires_grad)


def ones_like(input: Tensor, *, dtype: object = None, device: object = None, requires_grad: bool = False) -> Tensor:
    """Ones in the shape and type of another tensor."""
    return _made(np.ones_like(input._array, _numpy_type(dtype, input._array.dtype)), device, requires_grad)


def empty_like(input: Tensor, *, dtype: object = None, device: object = None, requires_grad: bool = False) -> Tensor:
    """A tensor in the shape and type of another, with whatever was in memory."""
    return _made(np.empty_like(input._array, _numpy_type(dtype, input._array.dtype)), device, requires_grad)


def full_like(
    input: Tensor, fill_value: Number, *, dtype: object = None, device: object = None, requires_grad: bool = False
) -> Tensor:
    """One value in the shape and type of another tensor."""
    kind = _numpy_type(dtype, input._array.dtype)
    return _made(np.full_like(input._array, fill_value, kind), device, requires_grad)


def eye(
    n: int, m: int | None = None, *, dtype: object = None, device: object = None, requires_grad: bool = False
) -> Tensor:
    """Ones on the diagonal of an n by m matrix, zeros elsewhere."""
    return _made(np.eye(*_shape((n, n if m is None else m)), dtype=_numpy_type(dtype)), device, requires_grad)


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: object = None, device: object = None) -> Tensor:
    """The places on and below the diagonal of a matrix: a row of row numbers and a row of column numbers."""
    return _made(np.stack(np.tril_indices(row, offset, col)).astype(_numpy_type(dtype, INT64)), device)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: object = None, device: object = None) -> Tensor:
    """The places on and above the diagonal of a matrix: a row of row numbers and a row of column numbers."""
    return _made(np.stack(np.triu_indices(row, offset, col)).astype(_numpy_type(dtype, INT64)), device)


# ---------------------------------------------------------------------------------------------- in sequence
def arange(
    *bounds: Number,
    start: Number = 0,
    end: Number | None = None,
    step: Number = 1,
    dtype: object = None,
    device: object = None,
    requires_grad: bool = False,
) -> Tensor:
    """The numbers from `start` (0 unless told) up to, without, `end`: `arange(end)`, `arange(start, end, step)`.

    >>> import tinytorch as torch
    >>> torch.arange(1, 10, 3)
    tensor([1, 4, 7])
    """
    if len(bounds) == 1:
        end = bounds[0]
    elif bounds:
        start, end, step = (*bounds, step)[:3]
    if end is None:
        raise TypeError("arange needs an end")
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"arange: from {start} to {end} can't be reached in steps of {step}")
    default = FLOAT32 if any(isinstance(x, float) for x in (start, end, step)) else INT64
    count = int(np.ceil((end - start) / step))
    kind = _numpy_type(dtype, default)
    numbers = start + step * np.arange(count, dtype=FLOAT64 if default == FLOAT32 else INT64)
    return _made(numbers.astype(kind), device, requires_grad)


def linspace(
    start: Number, end: Number, steps: int, *, dtype: object = None, device: object = None, requires_grad: bool = False
) -> Tensor:
    """`steps` numbers at equal distances from `start` to `end`, both included."""
    return _made(np.linspace(start, end, _shape((steps,))[0]).astype(_numpy_type(dtype)), device, requires_grad)


# ---------------------------------------------------------------------------------------------- at random
def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: object = None,
    device: object = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers, equally likely everywhere in [0, 1)."""
    numbers = (generator or default_generator()).uniform(_shape(size))
    return _made(numbers.astype(_numpy_type(dtype), copy=False), device, requires_grad)


def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: object = None,
    device: object = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers of the normal distribution with mean 0 and standard deviation 1."""
    numbers = (generator or default_generator()).normal(_shape(size))
    return _made(numbers.astype(_numpy_type(dtype), copy=False), device, requires_grad)


def randint(
    *bounds: Any,
    low: int = 0,
    high: int | None = None,
    size: Sequence[int] | None = None,
    generator: Generator | None = None,
    dtype: object = None,
    device: object = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random integers from `low` (0 unless told) to `high` - 1: `randint(high, size)` or `randint(low, high, size)`."""
    *limits, size = (*bounds, size) if size is not None else bounds
    if limits:
        low, high = (low, limits[0]) if len(limits) == 1 else limits
    if high is None or not hasattr(size, "__iter__"):
        raise TypeError(f"randint needs an upper limit and a size such as (2, 3), got high={high}, size={size}")
    if low >= high:
        raise RuntimeError(f"randint needs low < high and a size, got low={low}, high={high}, size={size}")
    numbers = (generator or default_generator()).integers(low, high, _shape((size,)))
    return _made(numbers.astype(_numpy_type(dtype, INT64), copy=False), device, requires_grad)


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: object = None,
    device: object = None,
    requires_grad: bool = False,
) -> Tensor:
    """The integers from 0 to n - 1 in random order."""
    numbers = (generator or default_generator()).permutation(*_shape((n,)))
    return _made(numbers.astype(_numpy_type(dtype, INT64), copy=False), device, requires_grad)


def rand_like(input: Tensor, *, dtype: object = None, requires_grad: bool = False) -> Tensor:
    """`rand` in the shape and type of another tensor."""
    return empty_like(input, dtype=dtype).copy_(rand(input.shape)).requires_grad_(requires_grad)


def randn_like(input: Tensor, *, dtype: object = None, requires_grad: bool = False) -> Tensor:
    """`randn` in the shape and type of another tensor."""
    return empty_like(input, dtype=dtype).copy_(randn(input.shape)).requires_grad_(requires_grad)


def normal(
    mean: Tensor | float, std: Tensor | float, size: Sequence[int] | None = None, *, generator: Generator | None = None
) -> Tensor:
    """Random numbers of a normal distribution; `size` unless the mean or the deviation is a tensor."""
    centre, spread = (x._array if isinstance(x, Tensor) else np.float32(x) for x in (mean, std))
    if np.any(spread < 0):
        raise RuntimeError(f"normal: the standard deviation must not be negative, got {std}")
    shape = np.broadcast_shapes(centre.shape, spread.shape) if size is None else _shape((size,))
    return _made((generator or default_generator()).normal(shape) * spread + centre)


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Indices (int64) drawn with probabilities proportional to `input`: (n,) or (rows, n) -> (..., num_samples)."""
    if not input.is_floating_point():
        raise RuntimeError(f"multinomial needs floating probabilities, not {input.dtype}: use x.float()")
    p = np.atleast_2d(input._array).astype(FLOAT64)
    if not np.isfinite(p).all() or (p < 0).any() or (p.sum(1) <= 0).any():
        raise RuntimeError("multinomial: the probabilities of each row must be finite, not negative, and not all zero")
    if not replacement and num_samples > (p > 0).sum(1).min():
        raise RuntimeError(f"multinomial: can't draw {num_samples} different ones: use replacement=True")
    source = generator or default_generator()
    if replacement:
        steps = p.cumsum(1) / p.sum(1, keepdims=True)
        draws = source.uniform((len(p), num_samples))
        drawn = np.stack([np.searchsorted(row, u, "right") for row, u in zip(steps, draws)])
        drawn = np.minimum(drawn, p.shape[1] - 1)
    else:  # the smallest of exponential waiting times: each next one is drawn among those left
        with np.errstate(divide="ignore"):
            waiting = -np.log1p(-source.uniform(p.shape).astype(FLOAT64)) / p
        drawn = np.argsort(np.where(p > 0, waiting, np.inf), 1, "stable")[:, :num_samples]
    return _made(drawn.astype(INT64).reshape(*input.shape[:-1], num_samples))


def bernoulli(input: Tensor, *, generator: Generator | None = None) -> Tensor:
    """0 or 1: 1 with the probability that each element of `input` gives."""
    if not ((input._array >= 0) & (input._array <= 1)).all():
        raise RuntimeError("bernoulli: every probability must lie between 0 and 1")
    chance = (generator or default_generator()).uniform(input.shape)
    return _made((chance < input._array).astype(input._array.dtype))


def is_tensor(obj: object) -> bool:
    """Whether `obj` is a tensor."""
    return isinstance(obj, Tensor)


def numel(input: Tensor) -> int:
    """The number of elements."""
    return input.numel()
