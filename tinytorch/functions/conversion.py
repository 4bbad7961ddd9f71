"""Functions that convert a tensor to another type. A tensor that has the type already is returned itself."""

from __future__ import annotations

import builtins
import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch import dtypes
from tinytorch.autograd import Recorded, apply
from tinytorch.device import device as device_class
from tinytorch.dtypes import to_numpy_dtype
from tinytorch.errors import sizes
from tinytorch.functions.elementwise import clone
from tinytorch.ops import elementwise as ops

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


def to(
    input: Tensor, *args: Any, dtype: Any = None, device: Any = None, copy: builtins.bool = False, **ignored: Any
) -> Tensor:
    """The tensor in another type: `x.to(torch.float64)`, `x.to("cpu")`, `x.to(other_tensor)`.

    >>> import tinytorch as torch
    >>> torch.tensor([1, 2]).to(torch.float32)
    tensor([1., 2.])
    """
    for arg in args:
        if isinstance(arg, (str, device_class)):
            device = arg
        elif not isinstance(arg, builtins.bool):
            dtype = arg._array.dtype if isinstance(arg, Recorded) else arg
    if device is not None:
        device_class(device)
    kind = input._array.dtype if dtype is None else to_numpy_dtype(dtype)
    if kind != input._array.dtype:
        return apply(ops.to, input, kind=kind)
    return clone(input) if copy else input


def type(input: Tensor, dtype: Any) -> Tensor:
    """The tensor in another type."""
    return to(input, dtype)


def type_as(input: Tensor, other: Tensor) -> Tensor:
    """The tensor in the type of another."""
    return to(input, other.dtype)


def float(input: Tensor) -> Tensor:
    """The tensor in float32."""
    return to(input, dtypes.float32)


def double(input: Tensor) -> Tensor:
    """The tensor in float64."""
    return to(input, dtypes.float64)


def half(input: Tensor) -> Tensor:
    """The tensor in float16."""
    return to(input, dtypes.float16)


def long(input: Tensor) -> Tensor:
    """The tensor in int64."""
    return to(input, dtypes.int64)


def int(input: Tensor) -> Tensor:
    """The tensor in int32."""
    return to(input, dtypes.int32)


def byte(input: Tensor) -> Tensor:
    """The tensor in uint8."""
    return to(input, dtypes.uint8)


def bool(input: Tensor) -> Tensor:
    """Whether each element is not zero."""
    return to(input, dtypes.bool_)


def cpu(input: Tensor) -> Tensor:
    """The tensor itself: it is on the CPU already."""
    return input


def cuda(input: Tensor, *args: Any) -> Tensor:
    """Always an error: there is only the CPU."""
    return to(input, "cuda")


# ---------------------------------------------------------------------------------------------- new, of one type
def new_tensor(input: Tensor, data: Any, dtype: Any = None) -> Tensor:
    """A new tensor with a copy of `data`, in the type of this one."""
    return input._wrap(np.array(data, to_numpy_dtype(dtype or input.dtype)))


def new_full(input: Tensor, size: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """A new tensor with one value, in the type of this one."""
    return input._wrap(np.full(sizes((size,), "new_full"), fill_value, to_numpy_dtype(dtype or input.dtype)))


def new_zeros(input: Tensor, *size: Any, dtype: Any = None) -> Tensor:
    """A new tensor of zeros, in the type of this one."""
    return new_full(input, sizes(size, "new_zeros"), 0, dtype)


def new_ones(input: Tensor, *size: Any, dtype: Any = None) -> Tensor:
    """A new tensor of ones, in the type of this one."""
    return new_full(input, sizes(size, "new_ones"), 1, dtype)


def deepcopy(input: Tensor, memo: dict[Any, Any]) -> Tensor:
    """A copy of a leaf with its gradient, for `copy.deepcopy`."""
    if not input.is_leaf:
        raise RuntimeError("only leaf tensors can be deep-copied: use clone() or detach() on a result")
    twin = builtins.type(input).__new__(builtins.type(input))
    memo[id(input)] = twin
    twin.__dict__.update({k: copy.deepcopy(v, memo) for k, v in vars(input).items() if k not in _OWN})
    if input.requires_grad:
        twin.requires_grad_()
        twin.grad = copy.deepcopy(input.grad, memo)
    return twin


_OWN = ("_node", "_base", "_path", "_seen", "_grad_seen")  # a copy has its own place in the record
