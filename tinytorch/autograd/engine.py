"""Record an operation; walk the record backwards.

`apply` runs an operation on plain arrays and, where a gradient will be wanted, leaves one `Node` in the record:
which nodes its inputs came from, and for each the function that pulls a gradient back to it. `walk_back` visits the
nodes from the newest to the oldest, so that every node is met once, with its whole gradient.

One clock stamps every recorded operation and every in-place change. If an array that a pull-back holds was changed
after its operation was recorded, the gradient would be silently wrong: `walk_back` refuses instead.
"""

from __future__ import annotations

import functools
import itertools
import operator
import weakref
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.autograd.grad_mode import enable_grad, grad_mode
from tinytorch.dtypes import Array
from tinytorch.errors import explain, no_tensor
from tinytorch.ops import quiet, total
from tinytorch.ops.indexing import Part
from tinytorch.ops.shape import VIEWS

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

__all__ = ["Node", "Recorded", "apply", "mark_changed", "records"]

PullBack = Callable[[Array], Array]  # gradient of the output -> gradient of one input
PullBacks = tuple[PullBack, ...]
Op = Callable[..., tuple[Array, PullBacks | None]]  # arrays -> (array, how to pull a gradient back)

_tick = itertools.count(1).__next__
_time = operator.attrgetter("time")


# ---------------------------------------------------------------------------------------------- the record
class Node:
    """One recorded operation, or (with `op` None) a leaf: a tensor whose gradient the user asked for.

    It holds arrays only through its pull-backs, never a Tensor, so a graph makes no reference cycle.
    """

    grad: Array | None = None  # of a leaf, or where retain_grad() asked for it
    hooks: tuple[Callable[[Array], Array], ...] = ()
    after: tuple[Callable[[], Any], ...] = ()  # of a leaf: what is called when its gradient has been added up
    retains_grad = False
    line: tuple[str, int] | None = None  # the file and line of the user's program that made it, in anomaly mode

    def __init__(self, op: Any, inputs: Any, pullbacks: Any, output: Array, given: Sequence[Any] = ()) -> None:
        """Anomaly mode looks at what `op` was `given`."""
        self.op: Op | None = op
        self.inputs: Sequence[Node | None] = inputs
        self.pullbacks: PullBacks | None = pullbacks
        self.shape = output.shape
        self.dtype = output.dtype
        self.time = _tick()

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes of the inputs, in PyTorch's form."""
        return tuple((node, 0) for node in self.inputs)

    def name(self) -> str:
        """PyTorch's kind of name for the operation, such as `MulBackward0`."""
        if self.op is None or isinstance(self.op, type):  # a leaf, or a Function
            return "AccumulateGrad" if self.op is None else f"{self.op.__name__}Backward"
        return self.op.__name__.title().replace("_", "") + "Backward0"

    def __repr__(self) -> str:
        return f"<{self.name()}>"


# Anomaly mode replaces these.
new_node: Callable[..., Node] = Node
check_gradient: Callable[[Node, Array], None] | None = None


class Recorded:
    """What autograd knows of a tensor: its array, and the node that tells how it was made (None: no gradient)."""

    _array: Array
    _node: Node | None = None
    _base: Recorded | None = None  # of a view: the tensor whose memory it shares,
    _path: tuple[tuple[Op, dict[str, Any]], ...] = ()  # the view operations that lead here from the base,
    _seen = 0  # and when its node was last in step with the base's
    _rewritten = 0  # of a base: when an in-place operation last gave it a new node,
    _turned = 0  # and when unsqueeze_ or its like last gave it another shape

    @staticmethod
    def _new() -> Tensor:
        raise NotImplementedError

    def _history(self) -> Node | None:
        """The node; that of a view is made anew if its base has been rewritten in place since."""
        base = self._base
        if base is not None and base._rewritten > self._seen:
            if base._turned > self._seen:
                raise RuntimeError("the tensor that this one is a view of was turned in place: make the view anew")
            self._seen = _tick()
            view = base
            with enable_grad():
                for op, options in self._path:
                    view = apply(op, view, **options)
            self._node = view._node
        return self._node


def apply(op: Op, *inputs: Any, **options: Any) -> Tensor:
    """Run `op` on the arrays of `inputs`, and record it if a gradient may be asked for.

    `op(*arrays, **options)` returns its result and a pull-back for each input, or None: not differentiable.
    """
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
        raise no_tensor(op.__name__, inputs[0])
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
    if needed and pullbacks is not None and grad_mode.enabled:
        result._node = new_node(op, nodes, pullbacks, output, arrays)
    if op in VIEWS and shares_memory(output, example._array):
        result._base = example if example._base is None else example._base
        result._path = (*example._path, (op, options))
        result._seen = _tick()
    if _observers:
        tell_observers(op, inputs, options, result)
    return result


def shares_memory(view: Array, array: Array) -> bool:
    """Whether the one is a view of the other, or both of a third; NumPy's own question takes longer."""
    base = view.base
    return base is not None and (base is array or base is array.base or np.may_share_memory(view, array))


def records(*inputs: Any) -> bool:
    """Whether an operation on `inputs` would be recorded."""
    return grad_mode.enabled and any(isinstance(x, Recorded) and x._history() is not None for x in inputs)


# ---------------------------------------------------------------------------------------------- observers
# apply looks whether there are any, which is all that observers cost where there are none.
_observers: tuple[Callable[..., None], ...] = ()


@contextmanager
def observed(observer: Callable[..., None]) -> Iterator[None]:
    """Within this context, call `observer(op, inputs, options, result)` after every operation.

    This is how a tool sees what a model computes (FLOPs, export, profile), recorded or not. The inputs are as `apply`
    got them; a change in place comes as the operation `overwrite` of (target, what was written into it).
    """
    global _observers
    _observers = (*_observers, observer)
    try:
        yield
    finally:
        _observers = tuple(each for each in _observers if each is not observer)


def is_observed() -> bool:
    """Whether someone wants to know of each operation."""
    return bool(_observers)


def tell_observers(op: Any, inputs: tuple[Any, ...], options: dict[str, Any], result: Any) -> None:
    """Report an operation that was just done."""
    for observer in _observers:
        observer(op, inputs, options, result)


# ---------------------------------------------------------------------------------------------- backward
@quiet
def walk_back(outputs: Sequence[Node], gradients: Sequence[Array], retain_graph: bool,
              wanted: Set[Node | None] | None) -> dict[Node, Array]:  # fmt: skip
    """Walk the record from `outputs` backwards, adding to the `grad` of each leaf.

    Or walk only to the nodes that are `wanted` and return their gradients, as far as there are any. Without
    `retain_graph` each node forgets its pull-backs, and so frees the arrays they hold, as soon as it is done.
    """
    pending: dict[Node | None, Array] = {}
    for node, gradient in zip(outputs, gradients):
        pending[node] = pending[node] + gradient if node in pending else gradient
    nodes = _newest_first(outputs, wanted)
    reach = None if wanted is None else _ways_to(wanted, nodes)
    found: dict[Node, Array] = {}
    own: set[Node] = set()  # nodes whose pending gradient is an array that nobody else has, so that it may be changed
    for node in nodes:
        grad = pending.pop(node, None)
        if grad is None:  # none of the operations that used it had a gradient to give
            continue
        if type(grad) is not np.ndarray:  # NumPy turns 0-d results into scalars
            grad = np.asarray(grad)
        for hook in node.hooks:
            grad = hook(grad)
        if wanted is not None and node in wanted:
            found[node] = grad
        if node.retains_grad or (wanted is None and node.op is None):
            accumulate(node, grad)
        # which ends here for a leaf, and where a node is wanted itself and nothing before it
        if node.op is None or (reach is not None and reach.isdisjoint(node.inputs)):
            continue
        if _last_change > node.time:
            _refuse_changed_arrays(node)
        for parent, pull in zip(node.inputs, node.pullbacks):  # type: ignore[arg-type]
            if parent is None or (reach is not None and parent not in reach):
                continue
            if parent in own and type(pull) is Part:
                pull.add_to(pending[parent], grad)
                continue
            g = pull(grad)
            if g is None:  # a Function that has no gradient to give
                continue
            if check_gradient is not None:
                check_gradient(node, g)
            if g.shape != parent.shape:
                g = sum_to_shape(g, parent.shape)
            if g.dtype is not parent.dtype:
                g = g.astype(parent.dtype, "C")
            if parent in own:
                np.add(pending[parent], g, out=pending[parent])
            elif parent in pending:
                pending[parent] = pending[parent] + g
                if parent.shape:  # NumPy makes a scalar of 0-d results
                    own.add(parent)
            elif parent.op is None and (g is grad or g.base is not None):
                pending[parent] = g.copy()  # a leaf's gradient is the user's to change: it must be nobody else's
            else:
                pending[parent] = g
                if type(pull) is Part:
                    own.add(parent)
        if not retain_graph:
            node.pullbacks, node.inputs = None, ()
    return found


def _ways_to(wanted: Set[Node | None], nodes: list[Node]) -> set[Node | None]:
    """The nodes that are wanted, or lie on a way to one that is."""
    reach = set(wanted)
    for node in reversed(nodes):
        if not reach.isdisjoint(node.inputs):
            reach.add(node)
    return reach


def _newest_first(outputs: Sequence[Node], wanted: Set[Node | None] | None) -> list[Node]:
    """Every node that `outputs` depend on. Inputs are always older, so the clock's order is a topological one."""
    seen: set[Node | None] = {None, *outputs}
    nodes = list(dict.fromkeys(outputs))
    freed = None
    for node in nodes:  # which grows on the way
        if node.pullbacks is None and node.op is not None:
            freed = node.op
        for parent in node.inputs:
            if parent not in seen:
                seen.add(parent)
                nodes.append(parent)  # type: ignore[arg-type]
    if freed is not None and (wanted is None or not wanted <= seen):
        raise RuntimeError(
            f"backward went through {freed.__name__} a second time, but the first backward freed what it had "
            "saved: call the first one with backward(retain_graph=True), compute the loss anew before the second, "
            "or detach() what is carried over from an earlier step"
        )
    nodes.sort(key=_time, reverse=True)
    return nodes


def accumulate(node: Node, grad: Array) -> None:
    """Add `grad` to what the node has, in place as in PyTorch: who holds `p.grad` sees it change."""
    if node.grad is None:
        node.grad = np.asarray(grad, order="C") if node.op is None else np.array(grad)
    else:
        np.add(node.grad, grad, out=node.grad)
        mark_changed(node.grad, "backward")
    for call in node.after:
        call()


def sum_to_shape(grad: Array, shape: tuple[int, ...]) -> Array:
    """Undo broadcasting: add up over the axes along which an input of `shape` was repeated.

    >>> sum_to_shape(np.ones((4, 2, 3)), (2, 1))
    array([[12.],
           [12.]])
    """
    extra = grad.ndim - len(shape)
    repeated = tuple(i for i in range(grad.ndim) if i < extra or (shape[i - extra] == 1 and grad.shape[i] != 1))
    return total(grad, repeated).reshape(shape)


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
    owner = array if array.base is None else _owner(array)
    key = id(owner)
    known = _changes.get(key)
    reference = known[0] if known else weakref.ref(owner, functools.partial(_forget, key))
    _last_change = _tick()
    _changes[key] = reference, _last_change, by


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
