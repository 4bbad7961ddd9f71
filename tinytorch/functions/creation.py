"""Functions that make tensors: from data, filled, in sequence, at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.dtypes import FLOAT64, INT64, Array, Number, default_float, fitting, result_type
from tinytorch.errors import need_tensors
from tinytorch.functions.conversion import as_array, made, shape_of
from tinytorch.random import Generator, default_generator
from tinytorch.tensor import Tensor

__all__ = [
    "arange", "as_tensor", "empty", "empty_like", "eye", "from_numpy", "full", "full_like", "linspace", "normal",
    "ones", "ones_like", "rand", "rand_like", "randint", "randn", "randn_like", "randperm", "tensor", "tril_indices",
    "triu_indices", "zeros", "zeros_like",
]  # fmt: skip

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from tinytorch.functions.conversion import Options, Sized


def _made(make: Callable[[np.dtype[Any]], Array], options: Options, default: np.dtype[Any] | None = None) -> Tensor:
    return made(Tensor._wrap, make, default or default_float(), options)


# ---------------------------------------------------------------------------------------------- from data
def tensor(data: Any, **options: Unpack[Options]) -> Tensor:
    """A new tensor with a copy of `data`: a number, nested lists of numbers, or a NumPy array (which keeps its type).

    Python floats become float32, integers int64, truth values bool.

    >>> import tinytorch as torch
    >>> torch.tensor([[1, 2], [3, 4]]).dtype, torch.tensor(2.5)
    (torch.int64, tensor(2.5000))
    """
    array = as_array(data, options.get("dtype"))
    return _made(lambda kind: array.copy("K") if array is getattr(data, "_array", data) else array, options)


def as_tensor(data: Any, dtype: object = None, device: object = None) -> Tensor:
    """`tensor`, but sharing the memory of an array or tensor that needs no conversion."""
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    return _made(lambda kind: as_array(data, dtype), {"device": device})


def from_numpy(ndarray: Array) -> Tensor:
    """A tensor that shares the memory of a NumPy array: what changes one changes the other."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy needs a NumPy array, not {type(ndarray).__name__}: use torch.tensor")
    return Tensor._wrap(as_array(ndarray))


# ---------------------------------------------------------------------------------------------- filled
def zeros(*shape: Any, **options: Unpack[Sized]) -> Tensor:
    """A tensor of zeros of the given size.

    >>> import tinytorch as torch
    >>> torch.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return _made(partial(np.zeros, shape_of(shape, options)), options)


def ones(*shape: Any, **options: Unpack[Sized]) -> Tensor:
    """A tensor of ones of the given size."""
    return _made(partial(np.ones, shape_of(shape, options)), options)


def empty(*shape: Any, **options: Unpack[Sized]) -> Tensor:
    """A tensor whose elements are whatever was in memory."""
    return _made(partial(np.empty, shape_of(shape, options)), options)


def full(size: Sequence[int], fill_value: Any, **options: Unpack[Options]) -> Tensor:
    """A tensor filled with one value, which also decides its type."""
    value = _number(fill_value)
    shape = shape_of((size,))
    return _made(lambda kind: np.full(shape, fitting(value, kind)), options, result_type(value))


def _alike(make: Callable[..., Array], input: Tensor, options: Options) -> Tensor:
    need_tensors(make.__name__, input)
    return _made(partial(make, input._array), options, input._array.dtype)


def zeros_like(input: Tensor, **options: Unpack[Options]) -> Tensor:
    """Zeros in the shape and type of another tensor."""
    return _alike(np.zeros_like, input, options)


def ones_like(input: Tensor, **options: Unpack[Options]) -> Tensor:
    """Ones in the shape and type of another tensor."""
    return _alike(np.ones_like, input, options)


def empty_like(input: Tensor, **options: Unpack[Options]) -> Tensor:
    """A tensor in the shape and type of another, with whatever was in memory."""
    return _alike(np.empty_like, input, options)


def full_like(input: Tensor, fill_value: Any, **options: Unpack[Options]) -> Tensor:
    """One value in the shape and type of another tensor."""

    def full_like(like: Array, kind: np.dtype[Any]) -> Array:
        return np.full_like(like, fitting(_number(fill_value), kind), kind)

    return _alike(full_like, input, options)


def eye(n: int, m: int | None = None, **options: Unpack[Options]) -> Tensor:
    """Ones on the diagonal of an n by m matrix, zeros elsewhere."""
    return _made(partial(np.eye, *shape_of((n, n if m is None else m)), 0), options)


def tril_indices(row: int, col: int, offset: int = 0, **options: Unpack[Options]) -> Tensor:
    """The rows and columns of the elements on and below the diagonal of a matrix: (2, how many)."""
    return _made(partial(np.array, np.tril_indices(row, offset, col)), options, INT64)


def triu_indices(row: int, col: int, offset: int = 0, **options: Unpack[Options]) -> Tensor:
    """The rows and columns of the elements on and above the diagonal of a matrix: (2, how many)."""
    return _made(partial(np.array, np.triu_indices(row, offset, col)), options, INT64)


# ---------------------------------------------------------------------------------------------- in sequence
def arange(
    *bounds: Any, start: Number = 0, end: Number | None = None, step: Number = 1, **options: Unpack[Options]
) -> Tensor:
    """The numbers from `start` (0 unless told) up to, without, `end`: `arange(end)`, `arange(start, end, step)`.

    >>> import tinytorch as torch
    >>> torch.arange(1, 10, 3)
    tensor([1, 4, 7])
    """
    if len(bounds) == 1 and end is None:
        bounds = (0, *bounds)
    given = [_number(x) for x in (*bounds, *(start, end, step)[len(bounds) :])]
    if None in given or len(given) > 3:
        raise TypeError(f"arange needs an end, or a start and an end, or those and a step, got {bounds}")

    def numbers(kind: np.dtype[Any]) -> Array:
        first, last, by = (int(x) for x in given) if kind.kind != "f" else given
        if by == 0 or not (last - first) * by >= 0 or not np.isfinite(last - first):
            raise RuntimeError(f"arange: from {first} to {last} can't be reached in steps of {by}")
        count = np.arange(np.ceil((last - first) / by), dtype=FLOAT64 if kind.kind == "f" else INT64)
        return (first + by * count).astype(kind)

    return _made(numbers, options, default_float() if any(isinstance(x, float) for x in given) else INT64)


def linspace(start: Any, end: Any, steps: int, **options: Unpack[Options]) -> Tensor:
    """`steps` numbers at equal distances from `start` to `end`, both included."""
    count = shape_of((steps,))[0]

    def numbers(kind: np.dtype[Any]) -> Array:
        first, last = (_number(x) if kind.kind == "f" else int(_number(x)) for x in (start, end))
        return np.linspace(first, last, count).astype(kind)

    return _made(numbers, options)


def _number(x: Any) -> Any:
    return x.item() if isinstance(x, (Tensor, np.generic)) else x


# ---------------------------------------------------------------------------------------------- at random
def _drawn(draw: Callable[..., Array], shape: Any, options: Options, default: np.dtype[Any] | None = None) -> Tensor:
    source, size = options.pop("generator", None) or default_generator(), shape_of(shape, options)
    return _made(lambda kind: draw(source, size, kind), options, default)


def rand(*shape: Any, **options: Unpack[Sized]) -> Tensor:
    """Random numbers, equally likely everywhere in [0, 1)."""
    return _drawn(Generator.uniform, shape, options)


def randn(*shape: Any, **options: Unpack[Sized]) -> Tensor:
    """Random numbers of the normal distribution with mean 0 and standard deviation 1."""
    return _drawn(Generator.normal, shape, options)


def randint(*bounds: Any, low: int = 0, high: int | None = None, **options: Unpack[Sized]) -> Tensor:
    """Random integers from `low` (0 unless told) to `high` - 1: `randint(high, size)` or `randint(low, high, size)`."""
    *limits, size = (*bounds, options.pop("size")) if "size" in options else bounds
    if limits:
        low, high = (low, limits[0]) if len(limits) == 1 else limits
    if high is None or not hasattr(size, "__iter__"):
        raise TypeError(f"randint needs an upper limit and a size such as (2, 3), got high={high}, size={size}")
    if low >= high:
        raise RuntimeError(f"randint needs low < high and a size, got low={low}, high={high}, size={size}")
    return _drawn(lambda source, size, kind: source.integers(low, high, size).astype(kind), size, options, INT64)


def randperm(n: int, **options: Unpack[Options]) -> Tensor:
    """The integers from 0 to n - 1 in random order."""
    return _drawn(lambda source, size, kind: source.permutation(*size).astype(kind), (n,), options, INT64)


def rand_like(input: Tensor, **options: Unpack[Options]) -> Tensor:
    """`rand` in the shape and type of another tensor."""
    return _like(input, rand, options)


def randn_like(input: Tensor, **options: Unpack[Options]) -> Tensor:
    """`randn` in the shape and type of another tensor."""
    return _like(input, randn, options)


def _like(input: Tensor, draw: Callable[..., Tensor], options: Any) -> Tensor:
    drawn = draw(size=input.shape, **{"dtype": input.dtype, **options})
    drawn.data = empty_like(input, dtype=drawn.dtype).copy_(drawn.detach())  # laid out as the input is
    return drawn


def normal(mean: Any, std: Any = 1.0, size: Sequence[int] | None = None, **options: Unpack[Options]) -> Tensor:
    """Random numbers of a normal distribution; `size` unless the mean or the deviation is a tensor."""
    centre, spread = as_array(mean), as_array(std)
    if (spread < 0).any():
        raise RuntimeError(f"normal: the standard deviation must not be negative, got {std}")
    if size is not None:
        return _drawn(lambda g, size, kind: (g.normal(size, kind) * spread + centre).astype(kind), (size,), options)
    like = mean if isinstance(mean, Tensor) else std
    if not isinstance(like, Tensor):
        raise TypeError("normal needs a tensor, or a size as in torch.normal(0.0, 1.0, size=(2, 3))")
    result: Tensor = (mean + std).to(like.dtype)
    noise = randn_like(result.detach(), **options)
    return result.copy_(noise * Tensor._wrap(spread) + Tensor._wrap(centre))
