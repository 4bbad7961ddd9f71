"""What does a model compute? Its operations on an example, in order, with what is known of each tensor.

A tensor is known by its array, which `detach()` and the options of an operation pass on too. Whatever does not depend
on the inputs is a constant: parameters, buffers, masks, and all that is computed from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from tinytorch.autograd import Recorded, engine
from tinytorch.dtypes import Array
from tinytorch.inspection.watch import tensors_in, watched
from tinytorch.nn.module import Module
from tinytorch.tensor import Tensor


class Output:
    """What a node gives; `g` adds nodes, also those of +, -, * and / of outputs."""

    g: Any
    name: str

    def _adds(operator: str) -> Callable[[Output, Any], Any]:  # type: ignore[misc]
        return lambda self, other: self.g(operator, self, other)

    __add__, __sub__, __mul__, __truediv__ = _adds("Add"), _adds("Sub"), _adds("Mul"), _adds("Div")


class Value(Output):
    """A tensor of the run: one that depends on the inputs, or a constant."""

    def __init__(self, name: str, array: Array, constant: bool = False) -> None:
        self.name, self.array, self.constant = name, array, constant
        self.content = array.copy() if constant else array  # the program may change its own array later
        self.dtype, self.ndim, self.time = array.dtype, array.ndim, engine._tick()
        self.shape: tuple[int | None, ...] = array.shape  # None, once the runs are compared, for a dynamic size


class Call(NamedTuple):
    """One operation: the tensors among its inputs and options are `Value`s."""

    op: str
    inputs: tuple[Any, ...]
    options: dict[str, Any]
    output: Value
    path: str  # of the module in which it ran

    def values(self) -> list[Value]:
        """The tensors that it is computed from."""
        return _values_in((*self.inputs, *self.options.values()))


class Trace:
    """The operations that lead from the inputs of a model to its outputs."""

    def __init__(self, model: Module, args: Sequence[Any], names: Sequence[str]) -> None:
        self.inputs = [Value(name, x._array) for name, x in zip(names, tensors_in(args))]
        self._known = {id(value.array): value for value in self.inputs}
        self._names = {id(x._array): name for name, x in (*model.named_parameters(), *model.named_buffers())}
        self._count = count()
        self.calls: list[Call] = []
        with watched(model, self._saw_op):
            outputs = model(*args)
        self.outputs = [self._value(x._array) for x in tensors_in(outputs)]
        needed = set(self.outputs)
        for call in reversed(self.calls):
            needed.update(call.values() if call.output in needed else ())
        self.calls = [call for call in self.calls if call.output in needed]
        self.values = [*self.inputs, *(call.output for call in self.calls)]  # all but the constants

    def _saw_op(self, path: str, op: Any, inputs: Any, options: Any, result: Tensor) -> None:
        name = op.__name__
        if name == "overwrite":  # of (target, what is written into it): from now on the target is that
            inputs = inputs[1:]
        output = Value(f"{path}/{name}_{next(self._count)}", result._array)
        call = Call(name, self._seen(inputs), {k: self._seen(x) for k, x in options.items()}, output, path)
        self._known.pop(id(result._array), None)
        if not all(value.constant for value in call.values()):
            self._known[id(result._array)] = output
            self.calls.append(call)

    def _seen(self, x: Any) -> Any:
        """A tensor, or an array that was one, as its `Value`; anything else as it is."""
        if type(x) is tuple:
            return tuple(map(self._seen, x))
        array = x._array if isinstance(x, Recorded) else x
        return self._value(array) if isinstance(array, np.ndarray) else x

    def _value(self, array: Array) -> Value:
        known = self._known.get(id(array))
        _, changed, by = engine._changes.get(id(engine._owner(array)), (None, 0, ""))
        if known is not None and changed <= known.time:
            return known
        if known is not None and not known.constant:
            raise RuntimeError(
                f"onnx.export: {by} changed in place memory that another tensor, of shape {array.shape}, shares and is "
                "used with later: use the form that makes a new tensor, or clone() before the change"
            )
        name = self._names.pop(id(array), None) or f"constant_{next(self._count)}"
        value = self._known[id(array)] = Value(name, array, constant=True)
        return value


def _values_in(nested: tuple[Any, ...]) -> list[Value]:
    inner = (_values_in(each) if isinstance(each, tuple) else [each] for each in nested)
    return [each for some in inner for each in some if isinstance(each, Value)]
