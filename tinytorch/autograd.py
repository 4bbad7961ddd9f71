"""Record an operation; walk the record backwards.

`apply` runs an operation on plain arrays and, where a gradient will be wanted, leaves one `Node` in the record:
which nodes its inputs came from, and for each the function that pulls a gradient back to it. `backward` walks the
nodes from the newest to the oldest, so that every node is met once, with its whole gradient.

One clock stamps every recorded operation and every in-place change. If an array that a pull-back holds was changed
after its operation was recorded, the gradient would be silently wrong: `backward` refuses instead.
"""

from __future__ import annotations

import functools
import itertools
import operator
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tinytorch.dtypes import Array
from tinytorch.errors import explain
from tinytorch.ops import quiet
from tinytorch.ops.shape import VIEWS

if TYPE_CHECKING:
    from typing_extensions import Self

    from tinytorch.tensor import Tensor

PullBack = Callable[[Array], Array]  # gradient of the output -> gradient of one input
PullBacks = tuple[PullBack, ...]
Op = Callable[..., tuple[Array, PullBacks | None]]  # arrays -> (array, how to pull a gradient back)
AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])

_tick = itertools.count(1).__next__
_time = operator.attrgetter("time")
_GENERATOR = 0x20  # the flag of a generator function's code


# ---------------------------------------------------------------------------------------------- grad mode
class _GradMode(threading.local):
    enabled = True  # a class attribute: the value that each thread starts with


_grad_mode = _GradMode()


def is_grad_enabled() -> bool:
    """Whether operations are being recorded in this thread."""
    return _grad_mode.enabled


class _SetsGradMode:
    """A context manager, and a decorator, under which recording is switched."""

    mode = True

    def __enter__(self) -> Self:
        self.previous = _grad_mode.enabled
        _grad_mode.enabled = self.mode
        return self

    def __exit__(self, *exception: object) -> None:
        _grad_mode.enabled = self.previous

    def __call__(self, function: AnyFunction) -> AnyFunction:
        # Each call switches by itself, so that recursion and threads don't share what was before.
        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with _Switch(self.mode):
                return function(*args, **kwargs)

        @functools.wraps(function)
        def inside_generator(*args: Any, **kwargs: Any) -> Any:
            generator, sent = function(*args, **kwargs), None
            while True:
                with _Switch(self.mode):  # while the generator runs, not while its user does
                    try:
                        value = generator.send(sent)
                    except StopIteration as stop:
                        return stop.value
                sent = yield value

        is_generator = function.__code__.co_flags & _GENERATOR if hasattr(function, "__code__") else False
        return inside_generator if is_generator else inside  # type: ignore[return-value]


class _Switch(_SetsGradMode):
    def __init__(self, mode: bool) -> None:
        self.mode = mode


class _WithoutArguments(_SetsGradMode):
    def __new__(cls, function: Callable[..., Any] | None = None) -> Self:
        """Also a decorator without parentheses: `@torch.no_grad`."""
        switch = super().__new__(cls)
        return switch if function is None else switch(function)  # type: ignore[return-value]


class no_grad(_WithoutArguments):
    """Switch recording off, as a context manager or a decorator: faster, and leaves no graph in memory.

    >>> import tinytorch as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.no_grad():
    ...     y = w * 2
    >>> y.requires_grad
    False
    """

    mode = False


class enable_grad(_WithoutArguments):
    """Switch recording on again inside a `no_grad` block."""


class inference_mode(_SetsGradMode):
    """`no_grad` under the name PyTorch gives to its stricter form; `inference_mode(False)` changes nothing."""

    def __new__(cls, mode: bool | Callable[..., Any] = True) -> Self:
        """Also a decorator without parentheses."""
        switch = super().__new__(cls)
        switch.mode = not mode and _grad_mode.enabled
        return switch(mode) if callable(mode) else switch  # type: ignore[return-value]


class set_grad_enabled(_SetsGradMode):
    """Switch recording on or off: at once, for a `with` block, or as a decorator."""

    def __init__(self, mode: bool) -> None:
        self.mode = mode
        self.previous = _grad_mode.enabled
        _grad_mode.enabled = mode

    def __enter__(self) -> Self:
        _grad_mode.enabled = self.mode
        return self

    def __call__(self, function: AnyFunction) -> AnyFunction:
        """A decorator switches inside the function only."""
        _grad_mode.enabled = self.previous
        return super().__call__(function)


# ---------------------------------------------------------------------------------------------- the record
class Node:
    """One recorded operation, or (with `op` None) a leaf: a tensor whose gradient the user asked for.

    It holds arrays only through its pull-backs, never a Tensor, so a graph makes no reference cycle.
    """

    grad: Array | None = None  # of a leaf, or where retain_grad() asked for it
    hooks: tuple[Callable[[Array], Array], ...] = ()
    retains_grad = False

    def __init__(
        self,
        op: Op | None,
        inputs: Sequence[Node | None],
        pullbacks: PullBacks | None,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
    ) -> None:
        self.op = op
        self.inputs = inputs
        self.pullbacks = pullbacks
        self.shape = shape
        self.dtype = dtype
        self.time = _tick()

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes of the inputs, in PyTorch's form."""
        return tuple((node, 0) for node in self.inputs)

    def name(self) -> str:
        """PyTorch's kind of name for the operation, such as `MulBackward0`."""
        if self.op is None:
            return "AccumulateGrad"
        return "".join(word.capitalize() for word in self.op.__name__.split("_")) + "Backward0"

    def __repr__(self) -> str:
        return f"<{self.name()}>"


class Recorded:
    """What autograd knows of a tensor: its array, and the node that tells how it was made (None: no gradient)."""

    _array: Array
    _node: Node | None = None
    _base: Recorded | None = None  # of a view: the tensor whose memory it shares,
    _path: tuple[tuple[Op, dict[str, Any]], ...] = ()  # the view operations that lead here from the base,
    _seen = 0  # and when its node was last in step with the base's
    _rewritten = 0  # of a base: when an in-place operation last gave it a new node

    @staticmethod
    def _new() -> Tensor:
        raise NotImplementedError

    def _history(self) -> Node | None:
        """The node; that of a view is made anew if its base has been rewritten in place since."""
        base = self._base
        if base is not None and base._rewritten > self._seen:
            self._seen = _tick()
            view = base
            with _Switch(True):
                for op, options in self._path:
                    view = apply(op, view, **options)
            self._node = view._node
        return self._node


def apply(op: Op, *inputs: Any, **options: Any) -> Tensor:
    """Run `op` on the arrays of `inputs`, and record it if a gradient may be asked for.

    `op(*arrays, **options)` returns its result and a pull-back for each input, or None: not differentiable.
    """
    start = time.perf_counter() if _observers else 0.0
    arrays: list[Any] = []
    nodes: list[Node | None] = []
    needed = False
    example: Recorded | None = None
    for x in inputs:
        if isinstance(x, Recorded):
            example = x
            arrays.append(x._array)
            node = x._node if x._base is None else x._history()
            if node is not None:
                needed = True
            nodes.append(node)
        else:
            arrays.append(x if not isinstance(x, np.generic) else x.item())
            nodes.append(None)
    if example is None:
        raise TypeError(f"{op.__name__} needs a Tensor, not {', '.join(type(x).__name__ for x in inputs)}")
    try:
        output, pullbacks = op(*arrays, **options)
    except ValueError as error:  # NumPy's word for shapes that don't fit
        raise explain(op.__name__, arrays, error) from None
    except IndexError as error:
        raise IndexError(f"{op.__name__}: {str(error).replace('axis', 'dimension')}") from None
    result = example._new()
    if type(output) is not np.ndarray:  # NumPy turns 0-d results into scalars
        output = np.asarray(output)
    result._array = output
    if needed and pullbacks is not None and _grad_mode.enabled:
        result._node = Node(op, nodes, pullbacks, output.shape, output.dtype)
    if op in VIEWS and np.may_share_memory(output, example._array):
        result._base = example if example._base is None else example._base
        result._path = (*example._path, (op, options))
        result._seen = _tick()
    if _observers:
        tell_observers(op, inputs, options, result, time.perf_counter() - start)
    return result


# ---------------------------------------------------------------------------------------------- observers
# apply looks whether there are any, which is all that observers cost where there are none.
_observers: tuple[Callable[..., None], ...] = ()


@contextmanager
def observed(observer: Callable[..., None]) -> Iterator[None]:
    """Within this context, call `observer(op, inputs, options, result, seconds)` after every operation.

    This is how a tool sees what a model computes (FLOPs, export, profile), recorded or not. The inputs are as `apply`
    got them; a change in place comes as the operation `overwrite` of (target, what was written into it).
    """
    global _observers
    _observers = (*_observers, observer)
    try:
        yield
    finally:
        _observers = tuple(each for each in _observers if each is not observer)


def tell_observers(op: Any, inputs: tuple[Any, ...], options: dict[str, Any], result: Any, seconds: float = 0) -> None:
    """Report an operation that was just done."""
    for observer in _observers:
        observer(op, inputs, options, result, seconds)


# ---------------------------------------------------------------------------------------------- backward
@quiet
def backward(
    outputs: Sequence[Node],
    gradients: Sequence[Array],
    retain_graph: bool = False,
    only: set[Node | None] | None = None,
) -> None:
    """Walk the record from `outputs` backwards, adding to the `grad` of each leaf (or of the nodes in `only`).

    Without `retain_graph` each node forgets its pull-backs, and so frees the arrays they hold, as soon as it is done.
    """
    pending: dict[Node, Array] = {}
    for node, gradient in zip(outputs, gradients):
        pending[node] = pending[node] + gradient if node in pending else gradient
    for node in _newest_first(outputs):
        grad = pending.pop(node, None)
        if grad is None:  # none of the operations that used it had a gradient to give
            continue
        if type(grad) is not np.ndarray:  # NumPy turns 0-d results into scalars
            grad = np.asarray(grad)
        for hook in node.hooks:
            grad = hook(grad)
        if node.retains_grad or (node.op is None if only is None else node in only):
            accumulate(node, grad)
        if node.op is None:
            continue
        if _last_change > node.time:
            _refuse_changed_arrays(node)
        for parent, pull in zip(node.inputs, node.pullbacks or ()):
            if parent is None:
                continue
            g = pull(grad)
            if g.shape != parent.shape:
                g = sum_to_shape(g, parent.shape)
            if g.dtype is not parent.dtype:
                g = g.astype(parent.dtype, "C")
            if parent in pending:
                pending[parent] = pending[parent] + g
            elif parent.op is None and (g is grad or g.base is not None):
                pending[parent] = g.copy()  # a leaf's gradient is the user's to change: it must be nobody else's
            else:
                pending[parent] = g
        if not retain_graph:
            node.pullbacks, node.inputs = None, ()


def _newest_first(outputs: Sequence[Node]) -> list[Node]:
    """Every node that `outputs` depend on. Inputs are always older, so the clock's order is a topological one."""
    seen = set(outputs)
    stack = list(seen)
    while stack:
        node = stack.pop()
        if node.op is not None and node.pullbacks is None:
            raise RuntimeError(
                f"backward went through {node.op.__name__} a second time, but the first backward freed what it had "
                "saved: call the first one with backward(retain_graph=True), compute the loss anew before the second, "
                "or detach() what is carried over from an earlier step"
            )
        for parent in node.inputs:
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen, key=_time, reverse=True)


def accumulate(node: Node, grad: Array) -> None:
    """Add `grad` to what the node has, in place as in PyTorch: who holds `p.grad` sees it change."""
    if node.grad is None:
        node.grad = np.asarray(grad, order="C") if node.op is None else np.array(grad)
    else:
        np.add(node.grad, grad, out=node.grad)
        mark_changed(node.grad, "backward")


def sum_to_shape(grad: Array, shape: tuple[int, ...]) -> Array:
    """Undo broadcasting: add up over the axes along which an input of `shape` was repeated.

    >>> sum_to_shape(np.ones((4, 2, 3)), (2, 1))
    array([[12.],
           [12.]])
    """
    extra = grad.ndim - len(shape)
    repeated = tuple(i for i in range(grad.ndim) if i < extra or (shape[i - extra] == 1 and grad.shape[i] != 1))
    return grad.sum(axis=repeated, dtype=grad.dtype).reshape(shape)


# ---------------------------------------------------------------------------------------------- in-place changes
_changes: dict[int, tuple[weakref.ref[Array], int, str]] = {}  # id of the owner of the memory -> when, by what
_last_change = 0


def _owner(array: Array) -> Array:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def mark_changed(array: Array, by: str) -> None:
    """Note that the memory of `array` was just changed in place by the operation called `by`."""
    global _last_change
    owner = _owner(array)
    known = _changes.get(id(owner))
    reference = known[0] if known else weakref.ref(owner, functools.partial(_forget, id(owner)))
    _last_change = _tick()
    _changes[id(owner)] = reference, _last_change, by


def _forget(key: int, reference: weakref.ref[Array]) -> None:
    _changes.pop(key, None)


def _held_arrays(held: object) -> Iterator[Array]:
    """The arrays that a pull-back keeps: those in its closure."""
    if isinstance(held, np.ndarray):
        yield held
    elif isinstance(held, (tuple, list)):
        for each in held:
            yield from _held_arrays(each)
    elif isinstance(held, FunctionType):
        for cell in held.__closure__ or ():
            yield from _held_arrays(cell.cell_contents)


def _refuse_changed_arrays(node: Node) -> None:
    assert node.op is not None
    called = [pull for pull, parent in zip(node.pullbacks or (), node.inputs) if parent is not None]
    for array in _held_arrays(called):
        _, when, by = _changes.get(id(_owner(array)), (None, 0, ""))
        if when > node.time:
            raise RuntimeError(
                f"{by} changed in place a tensor of shape {array.shape} that the gradient of {node.op.__name__} needs: "
                f"use the form that makes a new tensor, clone() before the change, or call backward() first"
            )
