"""Tensor: an array that remembers how it was made.

The class holds what makes a tensor a tensor (its array, its place in the record, its gradient) and the table of its
methods; the functions themselves are in `functions`, the mathematics in `ops`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np

from tinytorch import autograd
from tinytorch.autograd import Node, Recorded
from tinytorch.device import CPU
from tinytorch.device import device as _device
from tinytorch.dtypes import Array, Number, from_numpy_dtype
from tinytorch.dtypes import dtype as _dtype
from tinytorch.errors import dimension
from tinytorch.functions import activation as act
from tinytorch.functions import conversion as c
from tinytorch.functions import elementwise as e
from tinytorch.functions import indexing as i
from tinytorch.functions import inplace as change
from tinytorch.functions import linalg as la
from tinytorch.functions import reduction as r
from tinytorch.functions import shape as s
from tinytorch.hooks import RemovableHandle, gradient_hook
from tinytorch.printing import tensor_repr
from tinytorch.size import Size

_int: TypeAlias = int  # the class has methods called int, float and bool
_float: TypeAlias = float
_bool: TypeAlias = bool


class Tensor(Recorded):
    """A NumPy array with PyTorch's names, that remembers how it was made. Make one with `torch.tensor`.

    >>> import tinytorch as torch
    >>> x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> loss = (x * x).sum()
    >>> loss.backward()
    >>> x.grad
    tensor([2., 4., 6.])
    """

    __array_priority__ = 1000  # numpy_array * tensor asks the tensor first

    _idle_grad: Array | None = None  # a gradient kept while requires_grad is off
    _grad_seen: Tensor | None = None  # the tensor that `grad` last returned

    def __init__(self, *data: Any) -> None:
        if len(data) > 1 or (data and isinstance(data[0], int)):
            self._array = np.empty(data, np.float32)
        else:
            self._array = np.array(data[0] if data else [], np.float32)

    @staticmethod
    def _new() -> Tensor:
        return Tensor.__new__(Tensor)

    @staticmethod
    def _wrap(array: Array) -> Tensor:
        tensor = Tensor.__new__(Tensor)
        tensor._array = array
        return tensor

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._array = self._array.view(self._array.dtype.name)  # unpickled types are equal to NumPy's own, but not they

    # ------------------------------------------------------------------------------------ what it is
    @property
    def shape(self) -> Size:
        """The size of each dimension."""
        return Size(self._array.shape)

    def size(self, dim: _int | None = None) -> Any:
        """`shape`, or the size of one dimension."""
        return self.shape if dim is None else self._array.shape[dimension(dim, self.ndim, "size")]

    @property
    def ndim(self) -> _int:
        """The number of dimensions."""
        return self._array.ndim

    def dim(self) -> _int:
        """The number of dimensions."""
        return self._array.ndim

    def numel(self) -> _int:
        """The number of elements."""
        return self._array.size

    ndimension, nelement = dim, numel

    @property
    def dtype(self) -> _dtype:
        """The type of the elements, such as `torch.float32`."""
        return from_numpy_dtype(self._array.dtype)

    @property
    def device(self) -> _device:
        """Always the CPU."""
        return CPU

    def is_floating_point(self) -> _bool:
        """Whether the elements are real numbers."""
        return self._array.dtype.kind == "f"

    def element_size(self) -> _int:
        """Bytes per element."""
        return self._array.itemsize

    # ------------------------------------------------------------------------------------ out of tensors
    def item(self) -> Any:
        """The one element, as a Python number."""
        if self._array.size != 1:
            raise RuntimeError(f"item needs a tensor of one element, got shape {tuple(self.shape)}: use tolist()")
        return self._array.item()

    def tolist(self) -> Any:
        """Nested lists of Python numbers."""
        return self._array.tolist()

    def numpy(self, *, force: _bool = False) -> Array:
        """The NumPy array itself: changing it changes the tensor."""
        if self.requires_grad and not force:
            raise RuntimeError("numpy: this tensor requires grad: use x.detach().numpy()")
        return self._array

    def __array__(self, dtype: Any = None, copy: _bool | None = None) -> Array:
        array = self.numpy()
        if copy or (dtype is not None and array.dtype != dtype):
            return array.astype(dtype or array.dtype)
        return array

    def __len__(self) -> _int:
        if not self.ndim:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter(s.unbind(self))

    def __bool__(self) -> _bool:
        if self._array.size != 1:
            raise RuntimeError(
                f"the truth of a tensor of shape {tuple(self.shape)} is ambiguous: use .any(), .all() or .item()"
            )
        return bool(self._array.item())

    def __float__(self) -> _float:
        return float(self._only())

    def __int__(self) -> _int:
        return int(self._only())

    def _only(self) -> Any:
        if self._array.size != 1:
            raise ValueError(f"only a tensor of one element becomes a Python number, not one of {tuple(self.shape)}")
        return self._array.item()

    def __index__(self) -> _int:
        if self.is_floating_point() or self._array.size != 1:
            raise TypeError("only a tensor of one integer can be an index")
        return int(self.item())

    def __format__(self, spec: str) -> str:
        if self.ndim == 0:
            return format(self.item(), spec)
        if spec:
            raise TypeError(f"a format such as {spec!r} needs one number, not a tensor of shape {tuple(self.shape)}")
        return repr(self)

    def __repr__(self) -> str:
        return tensor_repr(self)

    def __contains__(self, value: Any) -> _bool:
        return bool(e.eq(self, value).any())

    # ------------------------------------------------------------------------------------ gradients
    @property
    def requires_grad(self) -> _bool:
        """Whether gradients flow to this tensor."""
        return self._history() is not None

    @requires_grad.setter
    def requires_grad(self, value: _bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: _bool = True) -> Tensor:
        """Ask for gradients of this tensor (or, with False, no more)."""
        node = self._history()
        if node is not None and node.op is not None:
            if not requires_grad:
                raise RuntimeError("requires_grad can only be switched off on a leaf: use detach() on a result")
        elif requires_grad and node is None:
            if not self.is_floating_point():
                raise RuntimeError(f"only floating tensors can require gradients, not {self.dtype}: use x.float()")
            self._node = Node(None, (), None, self._array)
            self._node.grad = self._idle_grad
        elif not requires_grad and node is not None:
            self._idle_grad, self._node = node.grad, None
        return self

    @property
    def is_leaf(self) -> _bool:
        """Whether this tensor was made by the user, not by an operation under autograd."""
        node = self._history()
        return node is None or node.op is None

    @property
    def grad_fn(self) -> Node | None:
        """The record of the operation that made this tensor."""
        return None if self.is_leaf else self._history()

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward` added up here: same shape and type as the tensor; None before."""
        node = self._node
        if node is not None and node.op is not None and node.grad is None and not node.retains_grad:
            warnings.warn(
                f"the grad of a result (of {node.op.__name__}) is not kept: call retain_grad() on it before backward()",
                stacklevel=2,
            )
        array = node.grad if node is not None else self._idle_grad
        if array is None:
            return None
        if self._grad_seen is None or self._grad_seen._array is not array:
            self._grad_seen = Tensor._wrap(array)
        return self._grad_seen

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Tensor):
                raise TypeError(f"grad must be a Tensor or None, not {type(value).__name__}")
            if value._array.shape != self._array.shape or value._array.dtype != self._array.dtype:
                raise RuntimeError(
                    f"grad must match its tensor: {tuple(self.shape)} of {self.dtype}, "
                    f"not {tuple(value.shape)} of {value.dtype}"
                )
        array = None if value is None else value._array
        if self._node is not None:
            self._node.grad = array
        else:
            self._idle_grad = array

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: _bool | None = None,
        create_graph: _bool = False,
        inputs: Any = None,
    ) -> None:
        """Add d(self)/d(leaf) to the `grad` of every leaf that this tensor was made from.

        `gradient` (the shape of `self`) is what the tensor's own gradient is; only a single number may leave it out.
        """
        autograd.backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    def detach(self) -> Tensor:
        """The same memory, outside the record."""
        return Tensor._wrap(self._array)

    def detach_(self) -> Tensor:
        """Take this tensor itself out of the record."""
        if self._base is not None:
            raise RuntimeError("detach_: a view can't leave the record of its base: use detach()")
        self._node = None
        return self

    @property
    def data(self) -> Tensor:
        """The same memory, outside the record."""
        return self.detach()

    @data.setter
    def data(self, value: Tensor) -> None:
        if self._node is not None and not value.is_floating_point():
            raise RuntimeError(f"data: a tensor that requires grad must stay floating, got {value.dtype}")
        self._array, self._base = value._array, None
        if self._node is not None:
            self._node.shape, self._node.dtype = value._array.shape, value._array.dtype

    def retain_grad(self) -> None:
        """Keep the gradient of this result in `grad` when `backward` passes by."""
        node = self._history()
        if node is None:
            raise RuntimeError("retain_grad: this tensor does not require grad")
        node.retains_grad = node.op is not None

    @property
    def retains_grad(self) -> _bool:
        """Whether `retain_grad` was called on this result."""
        node = self._history()
        return node is not None and node.retains_grad

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Call `hook(gradient)` when this tensor's gradient is known; what it returns (if not None) replaces it."""
        node = self._history()
        if node is None:
            raise RuntimeError("register_hook: this tensor does not require grad")

        on_arrays = gradient_hook(hook, Tensor._wrap)
        node.hooks = (*node.hooks, on_arrays)
        return RemovableHandle(lambda: setattr(node, "hooks", tuple(h for h in node.hooks if h is not on_arrays)))

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call `hook(tensor)` whenever `backward` has added to the `grad` of this leaf."""
        node = self._node
        if node is None or not self.is_leaf:
            raise RuntimeError("register_post_accumulate_grad_hook: only a leaf that requires grad is added to")
        node.after = (*node.after, lambda: hook(self))
        mine = node.after[-1]
        return RemovableHandle(lambda: setattr(node, "after", tuple(h for h in node.after if h is not mine)))

    # ------------------------------------------------------------------------------------ operators
    __add__ = __radd__ = e.add
    __sub__, __rsub__ = e.sub, e.rsub
    __mul__ = __rmul__ = e.mul
    __truediv__, __rtruediv__ = e.div, e.rdiv
    __floordiv__, __rfloordiv__, __mod__, __rmod__ = e.floor_divide, e.rfloor_divide, e.remainder, e.rremainder
    __pow__, __rpow__ = e.pow, e.rpow
    __neg__, __pos__, __abs__, __invert__ = e.neg, e.positive, e.abs, e.bitwise_not
    __matmul__ = la.matmul
    __lt__, __le__, __gt__, __ge__ = e.lt, e.le, e.gt, e.ge
    __and__, __or__, __xor__ = e.bitwise_and, e.bitwise_or, e.bitwise_xor
    __rand__, __ror__, __rxor__ = e.bitwise_and, e.bitwise_or, e.bitwise_xor
    __iadd__, __isub__, __imul__, __itruediv__ = change.add_, change.sub_, change.mul_, change.div_
    __ifloordiv__, __imod__, __ipow__ = change.floor_divide_, change.remainder_, change.pow_
    __iand__, __ior__, __ixor__ = change.bitwise_and_, change.bitwise_or_, change.bitwise_xor_
    __getitem__, __setitem__ = i.getitem, i.setitem
    __hash__ = object.__hash__
    __deepcopy__ = c.deepcopy

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]
        return e.eq(self, other) if isinstance(other, _Comparable) else NotImplemented  # type: ignore[arg-type]

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]
        return e.ne(self, other) if isinstance(other, _Comparable) else NotImplemented  # type: ignore[arg-type]

    # ------------------------------------------------------------------------------------ the table of methods
    # element by element: functions/elementwise.py
    add, sub, mul, div, pow, neg, abs = e.add, e.sub, e.mul, e.div, e.pow, e.neg, e.abs
    sign, square, remainder, floor_divide = e.sign, e.square, e.remainder, e.floor_divide
    maximum, minimum, clamp, clip = e.maximum, e.minimum, e.clamp, e.clamp
    exp, log, log2, log10, log1p = e.exp, e.log, e.log2, e.log10, e.log1p
    sqrt, rsqrt, reciprocal = e.sqrt, e.rsqrt, e.reciprocal
    sin, cos, tanh, sigmoid, erf = e.sin, e.cos, e.tanh, e.sigmoid, e.erf
    floor, ceil, trunc, round = e.floor, e.ceil, e.trunc, e.round
    subtract, multiply, divide, negative, absolute = e.sub, e.mul, e.div, e.neg, e.abs
    relu, softmax, log_softmax = act.relu, act.softmax, act.log_softmax
    eq, ne, lt, le, gt, ge = e.eq, e.ne, e.lt, e.le, e.gt, e.ge
    logical_and, logical_or, logical_xor, logical_not = e.logical_and, e.logical_or, e.logical_xor, e.logical_not
    isnan, isinf, isfinite = e.isnan, e.isinf, e.isfinite
    equal, isclose, allclose = e.equal, e.isclose, e.allclose
    masked_fill, clone = e.masked_fill, e.clone

    def where(self, condition: Tensor, other: Tensor | Number) -> Tensor:
        """This tensor where the condition holds, elsewhere `other`."""
        return e.where(condition, self, other)  # type: ignore[no-any-return]

    # along dimensions: functions/reduction.py
    sum, mean, var, std, prod = r.sum, r.mean, r.var, r.std, r.prod
    amax, amin, max, min, argmax, argmin = r.amax, r.amin, r.max, r.min, r.argmax, r.argmin
    all, any, logsumexp, cumsum, norm = r.all, r.any, r.logsumexp, r.cumsum, r.norm

    # shape: functions/shape.py
    reshape, view, view_as, flatten, unflatten = s.reshape, s.view, s.view_as, s.flatten, s.unflatten
    permute, transpose, movedim, t, flip = s.permute, s.transpose, s.movedim, s.t, s.flip
    squeeze, unsqueeze = s.squeeze, s.unsqueeze
    stride, is_contiguous, contiguous = s.stride, s.is_contiguous, s.contiguous
    expand, expand_as, broadcast_to, repeat = s.expand, s.expand_as, s.broadcast_to, s.repeat
    split, chunk, unbind, narrow, select = s.split, s.chunk, s.unbind, s.narrow, s.select
    tril, triu = s.tril, s.triu
    T = property(s.reversed_dimensions)
    mT = property(s.matrix_transpose)

    # indexing: functions/indexing.py
    gather, index_select, masked_select, nonzero = i.gather, i.index_select, i.masked_select, i.nonzero

    # products: functions/linalg.py
    matmul, mm, mv, bmm, dot, outer = la.matmul, la.mm, la.mv, la.bmm, la.dot, la.outer

    # types: functions/conversion.py
    to, type, type_as, float, double, half = c.to, c.type, c.type_as, c.float, c.double, c.half
    long, int, byte, bool, cpu, cuda = c.long, c.int, c.byte, c.bool, c.cpu, c.cuda
    new_tensor, new_zeros, new_ones, new_full = c.new_tensor, c.new_zeros, c.new_ones, c.new_full

    # in place: functions/inplace.py
    add_, sub_, mul_, div_, pow_ = change.add_, change.sub_, change.mul_, change.div_, change.pow_
    neg_, abs_, exp_, sqrt_ = change.neg_, change.abs_, change.exp_, change.sqrt_
    tanh_, sigmoid_, clamp_, masked_fill_ = change.tanh_, change.sigmoid_, change.clamp_, change.masked_fill_
    zero_, fill_, copy_ = change.zero_, change.fill_, change.copy_
    uniform_, normal_ = change.uniform_, change.normal_


_Comparable = (Tensor, int, float, np.ndarray, np.generic)
