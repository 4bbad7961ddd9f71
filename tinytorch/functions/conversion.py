"""To another type or to NumPy's arrays from data: what decides the type of a tensor, wherever one is made."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch import dtypes
from tinytorch.autograd import Recorded, apply
from tinytorch.device import device as device_class
from tinytorch.dtypes import DTYPES, SHORT_NAMES, Array, default_float, from_numpy_dtype, to_numpy_dtype
from tinytorch.errors import need, sizes
from tinytorch.functions.elementwise import clone
from tinytorch.ops import elementwise as ops
from tinytorch.size import Size

__all__ = ["can_cast", "promote_types", "result_type"]

if TYPE_CHECKING:
    from typing import TypedDict

    from typing_extensions import Unpack

    from tinytorch.random import Generator
    from tinytorch.tensor import Tensor

    class Options(TypedDict, total=False):
        """What functions that make tensors take by name (`generator`: those that draw random numbers)."""

        dtype: Any
        device: Any
        requires_grad: bool
        generator: Generator | None
        layout: object
        pin_memory: bool
        memory_format: object

    class Sized(Options, total=False):
        """And the size, where it may be given by name, too."""

        size: Sequence[int]


# ---------------------------------------------------------------------------------------------- to another type
def to(input: Tensor, *args: Any, dtype: Any = None, device: Any = None, copy: bool = False, **ignored: Any) -> Tensor:
    """The tensor in another type: `x.to(torch.float64)`, `x.to("cpu")`, `x.to(other_tensor)`; itself if it has it.

    >>> import tinytorch as torch
    >>> torch.tensor([1, 2]).to(torch.float32)
    tensor([1., 2.])
    """
    for arg in args:
        if isinstance(arg, (str, device_class)):
            device = arg
        elif not isinstance(arg, bool):
            dtype = arg._array.dtype if isinstance(arg, Recorded) else arg
    if device is not None:
        device_class(device)
    kind = input._array.dtype if dtype is None else to_numpy_dtype(dtype)
    if kind != input._array.dtype:
        return apply(ops.to, input, kind=kind)
    flags = [arg for arg in args if isinstance(arg, bool)]  # non_blocking, copy
    return clone(input) if copy or flags[1:] == [True] else input


def as_type(input: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The tensor in another type; or, told none, the name of its own, such as "torch.FloatTensor"."""
    names = {f"torch.{name.title()}Tensor": kind for name, kind in SHORT_NAMES.items()}
    if dtype is None:
        return next(name for name, kind in names.items() if kind is input.dtype)
    if isinstance(dtype, str) and dtype not in names:
        raise ValueError(f"type: {dtype!r} is not the name of a tensor type: use one of {', '.join(names)}")
    return to(input, names[dtype] if isinstance(dtype, str) else getattr(dtype, "dtype", dtype))


def type_as(input: Tensor, other: Tensor) -> Tensor:
    """The tensor in the type of another."""
    return to(input, other)


def _conversion(kind: dtypes.dtype) -> Callable[..., Tensor]:
    def converted(input: Tensor, memory_format: object = None) -> Tensor:
        return to(input, kind)

    converted.__doc__ = f"The tensor in {kind.name}."
    return converted


CONVERSIONS = tuple(map(_conversion, DTYPES))  # half, float, double, ...: in the order of SHORT_NAMES


def cpu(input: Tensor, memory_format: object = None) -> Tensor:
    """The tensor itself: it is on the CPU already."""
    return input


def cuda(input: Tensor, device: object = "cuda", non_blocking: bool = False) -> Tensor:
    """Always an error: there is only the CPU."""
    return to(input, str(device))


def can_cast(from_: dtypes.dtype, to: dtypes.dtype) -> bool:
    """Whether an operation may write a result of type `from_` into a tensor of type `to`: no float into an integer."""
    return dtypes.RANK[from_.numpy.kind] <= dtypes.RANK[to.numpy.kind]


def promote_types(type1: dtypes.dtype, type2: dtypes.dtype) -> dtypes.dtype:
    """The smallest type that both convert to."""
    return from_numpy_dtype(dtypes.promote_types(type1.numpy, type2.numpy))


def result_type(tensor: Any, other: Any) -> dtypes.dtype:
    """The type of tensor + other, of which either may be a number.

    >>> import tinytorch as torch
    >>> torch.result_type(torch.tensor([1, 2]), 1.0)
    torch.float32
    """
    return from_numpy_dtype(dtypes.result_type(*(getattr(x, "_array", x) for x in (tensor, other))))


# ---------------------------------------------------------------------------------------------- from data
def as_array(data: Any, dtype: object = None) -> Array:
    """`data` (a tensor, an array, a number, nested lists of them) as an array: the same memory where it is one."""
    if isinstance(data, Recorded):
        data = data._array
    given = isinstance(data, (np.ndarray, np.generic))
    array, kind = (np.asarray(data), data.dtype) if given else _from_numbers(data, dtype)
    kind = to_numpy_dtype(kind if dtype is None else dtype)  # refuses types that tensors do not hold
    if kind.kind in "iu" and array.size and not isinstance(data, np.ndarray):
        dtypes.fitting(array.min().item(), kind), dtypes.fitting(array.max().item(), kind)
    if array.dtype is kind:
        return array
    with np.errstate(all="ignore"):  # what is too large for float32 is infinite there
        return array.astype(kind, copy=False)


def _from_numbers(data: Any, dtype: object) -> tuple[Array, np.dtype[Any]]:
    """The numbers as NumPy reads them, and the type that PyTorch gives them."""
    numbers = _plain(data)
    try:
        array = np.array(numbers)
    except ValueError:
        raise ValueError(f"tensor: the nested lists must all be equally long: {str(data)[:60]}") from None
    first = data
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    if isinstance(first, (np.ndarray, np.generic)):
        return array, array.dtype
    if array.dtype.kind in "uO" and (getattr(dtype, "is_floating_point", False) or float in map(type, array.flat)):
        array = array.astype(dtypes.FLOAT64)
    if array.dtype.kind in "uO" and all(isinstance(x, (int, np.integer)) for x in array.flat):
        raise RuntimeError(f"tensor: a number in {str(data)[:60]} is too large for int64")
    if array.dtype.kind not in "fib":
        error = RuntimeError if array.dtype.kind == "O" else TypeError
        raise error(f"tensor: expected real numbers, got {str(data)[:60]!r}")
    kinds = {"b": dtypes.BOOL, "i": dtypes.INT64} if array.size else {}
    return array, kinds.get(array.dtype.kind, default_float())


def _plain(data: Any) -> Any:
    """Nested lists without tensors in them."""
    if isinstance(data, Recorded):
        shape = data._array.shape
        need(data._array.size == 1, f"tensor: one of shape {shape} in a list is not a number: use torch.stack")
        return data._array.item()
    return [_plain(each) for each in data] if isinstance(data, (list, tuple)) else data


def legacy(data: Sequence[Any], kind: np.dtype[Any]) -> Array:
    """What `torch.Tensor(2, 3)` (of that size, with whatever was in memory) and `torch.Tensor([2, 3])` mean."""
    if len(data) == 1 and not isinstance(data[0], (int, Size)):
        if not hasattr(data[0], "__len__") or isinstance(data[0], str):
            raise TypeError(f"a tensor is made from sizes or a list, not from {data[0]!r}: use torch.tensor")
        return as_array(data[0], kind)
    return np.empty(shape_of(data) if data else 0, kind)


# ---------------------------------------------------------------------------------------------- new ones
def made(wrap: Callable[[Array], Tensor], make: Callable[[np.dtype[Any]], Array], default: np.dtype[Any],
    options: Options) -> Tensor:  # fmt: skip
    """A tensor of the array that `make` returns for a type, with the options of all functions that make tensors."""
    if not options:
        return wrap(make(default))
    unknown = options.keys() - {"dtype", "device", "requires_grad", "layout", "pin_memory", "memory_format"}
    if unknown:
        raise TypeError(f"no function that makes a tensor takes {', '.join(unknown)}: use the tensor that it returns")
    device, dtype = options.get("device"), options.get("dtype")
    if device is not None:
        device_class(device)
    tensor = wrap(make(default if dtype is None else to_numpy_dtype(dtype)))
    return tensor.requires_grad_() if options.get("requires_grad") else tensor


def shape_of(size: Sequence[Any], options: Any = None) -> tuple[int, ...]:
    """The shape that was asked for, one size after the other, as one sequence, or by the name `size` in `options`."""
    shape = sizes((options.pop("size"),) if options and "size" in options else size, "creating a tensor")
    if min(shape, default=0) < 0:
        raise RuntimeError(f"a tensor can't have the size {shape}: no size may be negative")
    if math.prod(shape) >= 1 << 59:
        raise RuntimeError(f"a tensor of the size {shape} has more elements than any memory")
    return shape


def new_tensor(input: Tensor, data: Any, **options: Unpack[Options]) -> Tensor:
    """A new tensor with a copy of `data`, in the type of this one."""
    return made(input._wrap, lambda kind: np.array(as_array(data, kind)), input._array.dtype, options)


def new_full(input: Tensor, size: Any, fill_value: Any, **options: Unpack[Options]) -> Tensor:
    """A new tensor with one value, in the type of this one."""
    shape = shape_of((size,))
    return made(input._wrap, lambda kind: np.full(shape, dtypes.fitting(fill_value, kind)), input._array.dtype, options)


def new_zeros(input: Tensor, *shape: Any, **options: Unpack[Sized]) -> Tensor:
    """A new tensor of zeros, in the type of this one."""
    return new_full(input, shape_of(shape, options), 0, **options)  # type: ignore[misc]


def new_ones(input: Tensor, *shape: Any, **options: Unpack[Sized]) -> Tensor:
    """A new tensor of ones, in the type of this one."""
    return new_full(input, shape_of(shape, options), 1, **options)  # type: ignore[misc]


new_empty = new_zeros  # what is in memory might as well be zeros


# ---------------------------------------------------------------------------------------------- copies of the object
def reduce(input: Tensor, protocol: object) -> tuple[Any, ...]:
    """What `copy` and `pickle` take of a tensor: its array, and whether it requires grad."""
    return _restored, (type(input), input._array, input.requires_grad)


def _restored(kind: type[Tensor], array: Array, requires_grad: bool) -> Tensor:
    tensor = kind.__new__(kind)
    tensor._array = array.view(array.dtype.name)  # unpickled types are equal to NumPy's own, but not they
    return tensor.requires_grad_(requires_grad)


def deepcopy(input: Tensor, memo: dict[Any, Any]) -> Tensor:
    """A copy of a leaf with its gradient, for `copy.deepcopy`."""
    import copy  # here, to keep it off the import path

    if not input.is_leaf:
        raise RuntimeError("only leaf tensors can be deep-copied: use clone() or detach() on a result")
    twin = memo[id(input)] = _restored(type(input), copy.deepcopy(input._array, memo), input.requires_grad)
    twin.grad = copy.deepcopy(input.grad, memo)
    return twin
