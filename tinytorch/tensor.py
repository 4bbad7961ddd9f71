"""Tensor: an array that remembers how it was made.

The class holds what makes a tensor a tensor (its array, its place in the record, its gradient) and the table of its
methods; the functions themselves are in `functions`, the mathematics in `ops`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from tinytorch import autograd
from tinytorch.autograd import Node
from tinytorch.autograd.gradient import RemovableHandle, gradient_hook
from tinytorch.dtypes import Array, Number, default_float
from tinytorch.errors import did_you_mean
from tinytorch.functions import activation as act
from tinytorch.functions import arranging as a
from tinytorch.functions import conversion as c
from tinytorch.functions import einsum, sampling
from tinytorch.functions import elementwise as e
from tinytorch.functions import indexing as i
from tinytorch.functions import inplace as change
from tinytorch.functions import linalg as la
from tinytorch.functions import reduction as r
from tinytorch.functions import shape as s
from tinytorch.functions import sorting as order
from tinytorch.functions.properties import Properties

_bool: TypeAlias = bool  # the class has a method of this name


class _Function:
    """Stands in the class for the function of its name in functions/elementwise.py."""

    def __set_name__(self, owner: type, name: str) -> None:
        setattr(owner, name, getattr(e, name))


_of_one = cast("Callable[[Tensor], Tensor]", _Function())
_of_two = cast("Callable[[Tensor, Tensor | Number], Tensor]", _Function())
_form = cast("Callable[..., Tensor]", change.InPlaceForm())


def _operator(function: Any) -> Callable[[Tensor, Any], Tensor]:
    """A function as an operator, which leaves an operand of a class that it doesn't know to the operators of that."""

    def operator(self: Tensor, other: Any) -> Tensor:
        try:
            return function(self, other)  # type: ignore[no-any-return]
        except TypeError:
            if isinstance(other, (*_Comparable, complex, str, list, tuple, NoneType)):
                raise
            return NotImplemented  # type: ignore[no-any-return]

    operator.__name__, operator.__doc__ = function.__name__, function.__doc__
    return operator


class Tensor(Properties):
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
        self._array = c.legacy(data, default_float())

    @staticmethod
    def _new() -> Tensor:
        return Tensor.__new__(Tensor)

    @staticmethod
    def _wrap(array: Array) -> Tensor:
        tensor = Tensor.__new__(Tensor)
        tensor._array = array
        return tensor

    def __array_wrap__(self, array: Array, context: Any = None, return_scalar: _bool = False) -> Tensor:
        return self._wrap(np.asarray(array))  # NumPy's functions of a tensor give a tensor

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

    @grad.deleter
    def grad(self) -> None:
        self.grad = None

    def backward(
        self, gradient: Tensor | None = None, retain_graph: _bool | None = None, create_graph: _bool = False,
        inputs: Any = None,
    ) -> None:  # fmt: skip
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
        return _hooked(node, "hooks", gradient_hook(hook, Tensor._wrap))

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call `hook(tensor)` whenever `backward` has added to the `grad` of this leaf."""
        node = self._node
        if node is None or not self.is_leaf:
            raise RuntimeError("register_post_accumulate_grad_hook: only a leaf that requires grad is added to")
        return _hooked(node, "after", lambda: hook(self))

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            hint = "" if name.startswith("_") else did_you_mean(name, dir(type(self)))
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'{hint}")

    # ------------------------------------------------------------------------------------ operators
    __add__ = __radd__ = _operator(e.add)
    __mul__ = __rmul__ = _operator(e.mul)
    __sub__, __truediv__, __floordiv__, __mod__ = map(_operator, (e.sub, e.div, e.floor_divide, e.remainder))
    __rsub__, __rtruediv__, __rfloordiv__, __rmod__ = map(_operator, (e.rsub, e.rdiv, e.rfloor_divide, e.rremainder))
    __pow__, __rpow__, __matmul__, __rmatmul__ = map(_operator, (e.pow, e.rpow, la.matmul, la.rmatmul))
    __lt__, __le__, __gt__, __ge__ = map(_operator, (e.lt, e.le, e.gt, e.ge))
    __and__, __or__, __xor__ = map(_operator, (e.bitwise_and, e.bitwise_or, e.bitwise_xor))
    __lshift__, __rshift__ = map(_operator, (e.bitwise_left_shift, e.bitwise_right_shift))
    __rdiv__, __rand__, __ror__, __rxor__ = __rtruediv__, __and__, __or__, __xor__
    __rlshift__, __rrshift__ = e.rlshift, e.rrshift
    __neg__, __pos__, __abs__, __invert__ = e.neg, e.positive, e.abs, e.bitwise_not
    __getitem__, __setitem__ = i.getitem, i.setitem
    __hash__ = object.__hash__
    __deepcopy__, __reduce_ex__ = c.deepcopy, c.reduce

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]
        return e.eq(self, other) if isinstance(other, _Comparable) else NotImplemented  # type: ignore[arg-type]

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]
        return e.ne(self, other) if isinstance(other, _Comparable) else NotImplemented  # type: ignore[arg-type]

    # ------------------------------------------------------------------------------------ the table of methods
    # element by element: functions/elementwise.py
    # fmt: off
    abs = absolute = acos = acosh = arccos = arccosh = arcsin = arcsinh = arctan = arctanh = asin = asinh = _of_one
    atan = atanh = bitwise_not = ceil = cos = cosh = deg2rad = erf = erfc = exp = exp2 = expm1 = fix = floor = _of_one
    frac = isfinite = isinf = isnan = isneginf = isposinf = log = log2 = log10 = log1p = logical_not = neg = _of_one
    negative = positive = rad2deg = reciprocal = rsqrt = sgn = sigmoid = sign = signbit = sin = sinh = sqrt = _of_one
    square = tan = tanh = trunc = _of_one
    arctan2 = atan2 = bitwise_and = bitwise_or = bitwise_xor = bitwise_left_shift = bitwise_right_shift = _of_two
    clamp_max = clamp_min = eq = floor_divide = fmod = ge = greater = greater_equal = gt = hypot = le = less = _of_two
    less_equal = logaddexp = logical_and = logical_or = logical_xor = lt = maximum = minimum = mul = multiply = _of_two
    ne = not_equal = remainder = _of_two
    # fmt: on
    add, sub, subtract, div, divide, true_divide, pow = e.add, e.sub, e.sub, e.div, e.div, e.div, e.pow
    clamp, clip, round, logit, nan_to_num, clone = e.clamp, e.clamp, e.round, e.logit, e.nan_to_num, e.clone
    addcmul, addcdiv, lerp, masked_fill = e.addcmul, e.addcdiv, e.lerp, e.masked_fill
    equal, isclose, allclose = e.equal, e.isclose, e.allclose
    relu, prelu, softmax, log_softmax = act.relu, act.prelu, act.softmax, act.log_softmax

    def where(self, condition: Tensor, other: Tensor | Number) -> Tensor:
        """This tensor where the condition holds, elsewhere `other`."""
        return e.where(condition, self, other)  # type: ignore[no-any-return]

    # along dimensions: functions/reduction.py, functions/sorting.py
    sum, mean, var, std, prod, median, amax, amin = r.sum, r.mean, r.var, r.std, r.prod, r.median, r.amax, r.amin
    max, min, argmax, argmin, all, any = r.max, r.min, r.argmax, r.argmin, r.all, r.any
    count_nonzero, logsumexp, cumsum, cumprod = r.count_nonzero, r.logsumexp, r.cumsum, r.cumprod
    sort, argsort, topk, unique, bincount = order.sort, order.argsort, order.topk, order.unique, order.bincount

    # shape: functions/shape.py
    reshape, reshape_as, ravel, view, view_as, flatten = s.reshape, s.reshape_as, s.ravel, s.view, s.view_as, s.flatten
    unflatten, squeeze, unsqueeze, expand, expand_as = s.unflatten, s.squeeze, s.unsqueeze, s.expand, s.expand_as
    unsqueeze_, squeeze_ = change.turned(s.unsqueeze), change.turned(s.squeeze)
    transpose_, t_ = change.turned(s.transpose), change.turned(s.t)
    broadcast_to, permute, transpose, swapaxes = s.broadcast_to, s.permute, s.transpose, s.transpose
    swapdims, t, movedim, moveaxis, split, chunk = s.transpose, s.t, s.movedim, s.movedim, s.split, s.chunk
    unbind, narrow, select, stride = s.unbind, s.narrow, s.select, s.stride
    is_contiguous, contiguous = s.is_contiguous, s.contiguous
    T, mT, mH = property(s.reversed_dimensions), property(s.matrix_transpose), property(s.matrix_transpose)
    H = property(lambda x: s.t(s.need_matrix(x, "H")))

    # arrangement: functions/arranging.py
    repeat, tile, repeat_interleave, unfold, flip = a.repeat, a.tile, a.repeat_interleave, a.unfold, a.flip
    roll, tril, triu, diag, diagonal, diag_embed = a.roll, a.tril, a.triu, a.diag, a.diagonal, a.diag_embed

    # indexing: functions/indexing.py
    gather, index_select, masked_select, nonzero = i.gather, i.index_select, i.masked_select, i.nonzero
    argwhere, take_along_dim, scatter, scatter_add = i.argwhere, i.take_along_dim, i.scatter, i.scatter_add
    index_add, index_copy, index_fill = i.index_add, i.index_copy, i.index_fill

    # linear algebra: functions/linalg.py, functions/einsum.py
    matmul, mm, mv, bmm, dot, outer, addmm = la.matmul, la.mm, la.mv, la.bmm, la.dot, la.outer, la.addmm
    baddbmm, trace, det, inverse, norm, inner = la.baddbmm, la.trace, la.det, la.inv, la.norm, einsum.inner

    # types: functions/conversion.py
    to, type, type_as, cpu, cuda, pin_memory = c.to, c.as_type, c.type_as, c.cpu, c.cuda, c.cuda
    half, float, double, byte, char, short, int, long, bool = c.CONVERSIONS
    new_tensor, new_zeros, new_ones = c.new_tensor, c.new_zeros, c.new_ones
    new_full, new_empty = c.new_full, c.new_empty

    # in place: functions/inplace.py
    # fmt: off
    abs_ = absolute_ = acos_ = acosh_ = add_ = addcdiv_ = addcmul_ = asin_ = asinh_ = atan_ = atan2_ = atanh_ = _form
    arccos_ = arccosh_ = arcsin_ = arcsinh_ = arctan_ = arctanh_ = arctan2_ = bitwise_and_ = bitwise_not_ = _form
    bitwise_or_ = bitwise_xor_ = bitwise_left_shift_ = bitwise_right_shift_ = ceil_ = clamp_ = clamp_max_ = _form
    clamp_min_ = clip_ = cos_ = cosh_ = deg2rad_ = div_ = divide_ = eq_ = erf_ = erfc_ = exp_ = exp2_ = expm1_ = _form
    fix_ = floor_ = floor_divide_ = fmod_ = frac_ = ge_ = greater_ = greater_equal_ = gt_ = hypot_ = index_add_ = _form
    index_copy_ = index_fill_ = le_ = lerp_ = less_ = less_equal_ = log_ = log10_ = log1p_ = log2_ = _form
    logical_and_ = logical_not_ = logical_or_ = logical_xor_ = logit_ = lt_ = masked_fill_ = mul_ = multiply_ = _form
    nan_to_num_ = ne_ = neg_ = negative_ = not_equal_ = pow_ = rad2deg_ = reciprocal_ = relu_ = remainder_ = _form
    round_ = rsqrt_ = scatter_ = scatter_add_ = sgn_ = sigmoid_ = sign_ = sin_ = sinh_ = sqrt_ = square_ = sub_ = _form
    subtract_ = tan_ = tanh_ = tril_ = triu_ = true_divide_ = trunc_ = _form
    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ifloordiv__ = __imod__ = __ipow__ = __iand__ = __ior__ = _form
    __ixor__ = __ilshift__ = __irshift__ = _form
    # fmt: on
    zero_, fill_, copy_ = change.zero_, change.fill_, change.copy_

    # at random: functions/sampling.py
    uniform_, normal_, bernoulli_ = sampling.uniform_, sampling.normal_, sampling.bernoulli_
    bernoulli, multinomial = sampling.bernoulli, sampling.multinomial


def _hooked(node: Node, place: str, hook: Callable[..., Any]) -> RemovableHandle:
    """Add a hook to those of a node; the handle takes it away again."""
    setattr(node, place, (*getattr(node, place), hook))
    return RemovableHandle(lambda: setattr(node, place, tuple(h for h in getattr(node, place) if h is not hook)))


_Comparable = (Tensor, int, float, np.ndarray, np.generic)
