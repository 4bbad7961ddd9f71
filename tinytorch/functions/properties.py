"""What a tensor tells of itself: its shape, type and place; its numbers taken out again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tinytorch import dtypes
from tinytorch.autograd import Recorded, is_grad_enabled
from tinytorch.device import CPU
from tinytorch.dtypes import Array
from tinytorch.errors import dimension, need
from tinytorch.functions import elementwise as e
from tinytorch.functions import shape as s
from tinytorch.functions.arranging import flip
from tinytorch.printing import tensor_repr
from tinytorch.size import Size

__all__ = ["get_device", "is_complex", "is_floating_point", "is_nonzero", "is_tensor", "numel"]

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor


class Properties(Recorded):
    """The half of `Tensor` that is read only: nothing here changes a tensor or leaves a record."""

    device, layout, is_cpu = CPU, "torch.strided", True
    is_cuda = is_mps = is_xpu = is_meta = is_sparse = is_quantized = False

    @property
    def shape(self) -> Size:
        """The size of each dimension."""
        return tuple.__new__(Size, self._array.shape)  # known to be whole numbers: no need to look again

    def size(self, dim: int | None = None) -> Any:
        """`shape`, or the size of one dimension."""
        return self.shape if dim is None else self._array.shape[dimension(dim, self.ndim, "size")]

    def dim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    def numel(self) -> int:
        """The number of elements."""
        return self._array.size

    def element_size(self) -> int:
        """Bytes per element."""
        return self._array.itemsize

    def data_ptr(self) -> int:
        """Where in memory the first element lies."""
        return int(self._array.__array_interface__["data"][0])

    ndimension, nelement = dim, numel
    ndim, itemsize = property(dim), property(element_size)
    nbytes = property(lambda self: self._array.nbytes, doc="Bytes of all elements.")

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements, such as `torch.float32`."""
        return dtypes.from_numpy_dtype(self._array.dtype)

    def is_floating_point(self) -> bool:
        """Whether the elements are real numbers."""
        return self._array.dtype.kind == "f"

    def is_complex(self) -> bool:
        """Always False."""
        return False

    def is_same_size(self, other: Tensor) -> bool:
        """Whether the other has the same shape."""
        return self.shape == other.shape

    def get_device(self) -> int:
        """The number of the GPU: always -1, the CPU."""
        return -1

    # ------------------------------------------------------------------------------------ out of tensors
    def item(self) -> Any:
        """The one element, as a Python number."""
        if self._array.size != 1:
            raise RuntimeError(f"item needs a tensor of one element, got shape {tuple(self.shape)}: use tolist()")
        return self._array.item()

    def tolist(self) -> Any:
        """Nested lists of Python numbers."""
        return self._array.tolist()

    def numpy(self, *, force: bool = False) -> Array:
        """The NumPy array itself: changing it changes the tensor."""
        if self._history() is not None and not force and is_grad_enabled():
            raise RuntimeError("numpy: this tensor requires grad: use x.detach().numpy()")
        return self._array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        array = self.numpy()
        if copy or (dtype is not None and array.dtype != dtype):
            return array.astype(dtype or array.dtype)
        return array

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __iter__(self: Any) -> Iterator[Tensor]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter(s.unbind(self))

    def __bool__(self) -> bool:
        if self._array.size != 1:
            raise RuntimeError(f"the truth of shape {tuple(self.shape)} is ambiguous: use .any(), .all() or .item()")
        return bool(self._array.item())

    is_nonzero = __bool__

    def __float__(self) -> float:
        return float(self._only())

    def __int__(self) -> int:
        return int(self._only())

    def _only(self) -> Any:
        if self._array.size != 1:
            raise ValueError(f"only a tensor of one element becomes a Python number, not one of {tuple(self.shape)}")
        return self._array.item()

    def __index__(self) -> int:
        if self.is_floating_point() or self._array.size != 1:
            raise TypeError("only a tensor of one integer can be an index")
        return int(self.item())

    def __format__(self, spec: str) -> str:
        if self.ndim and spec:
            raise TypeError(f"a format such as {spec!r} needs one number, not a tensor of shape {tuple(self.shape)}")
        return format(repr(self) if self.ndim else self.item(), spec)

    def __repr__(self: Any) -> str:
        return tensor_repr(self)

    def __delitem__(self, index: Any) -> None:
        raise TypeError("a tensor can't lose elements: take those to keep, as in x[1:]")

    def __reversed__(self: Any) -> Tensor:
        return flip(self, 0) if self.ndim else self

    def __contains__(self: Any, value: Any) -> bool:
        need(isinstance(value, (Recorded, int, float)), f"in: looks for a number, not {value!r}", RuntimeError)
        return bool(e.eq(self, value).any())


def is_floating_point(input: Tensor) -> bool:
    """Whether the elements are real numbers."""
    return input.is_floating_point()


def is_complex(input: Tensor) -> bool:
    """Always False: there are no complex numbers."""
    return input.is_complex()


def is_nonzero(input: Tensor) -> bool:
    """Whether the one element is not zero."""
    return bool(input)


def numel(input: Tensor) -> int:
    """The number of elements."""
    return input.numel()


get_device = Properties.get_device


def is_tensor(obj: object) -> bool:
    """Whether `obj` is a tensor."""
    return isinstance(obj, Recorded)
