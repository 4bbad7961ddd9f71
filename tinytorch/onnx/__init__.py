"""Models as ONNX files, which run elsewhere: `tinytorch.onnx.export`. Needs the package onnx.

A trace tells what a model computes: its operations on an example, in order, with what is known of each tensor. A tensor
is known by its array, which `detach()` and the options of an operation pass on too. Whatever does not depend on the
inputs is a constant: parameters, buffers, masks, and all that is computed from them. `translators` makes nodes of it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from itertools import count, zip_longest
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from tinytorch.autograd import Recorded, engine
from tinytorch.dtypes import Array
from tinytorch.errors import need
from tinytorch.inspection.watch import tensors_in, watched
from tinytorch.nn.module import Module
from tinytorch.onnx.translators import TRANSLATORS
from tinytorch.serialization import PathLike, write_whole
from tinytorch.tensor import Tensor

__all__ = ["export"]

LEFT = """, and the file would hold it as the example had it: something left the tensors on its way there (a branch, \
.item(), .numpy(), a random draw, a size)"""


def export(model: Module, args: Tensor | Sequence[Any], f: PathLike | BinaryIO, *,
           input_names: Sequence[str] | None = None, output_names: Sequence[str] | None = None, opset_version: int = 18,
           dynamic_axes: Mapping[str, Mapping[int, str] | Sequence[int]] | None = None,
           **ignored: object) -> None:  # fmt: skip
    """Write what the model computes in evaluation mode as an ONNX file, which appears under its name when it is whole.

    The model runs twice, on the example and on other values (and dynamic sizes). Where the two differ in more than the
    tensors, something has left them on its way (a branch, `.item()`, NumPy, a random draw): the file would hold it as
    the example had it, so the model is refused.

    Args:
        model: stays as it is.
        args: an example of the input, or a tuple of the inputs (what is not a tensor is a constant).
        f: a path, or an open binary file.
        input_names: the names of the arguments of `forward` unless told.
        output_names: "output", or "output_0" and so on, unless told.
        opset_version: of ONNX, 18 or newer.
        dynamic_axes: sizes that may be others than the example's, most often `{"input": {0: "batch"}}`.
        ignored: PyTorch's other options, which change nothing.

    Raises:
        ImportError: the package onnx is not installed.
        NotImplementedError: an operation has no translation; says which, and in which module.
        RuntimeError: the result depends on more than the inputs, or on memory that was changed in place.
    """
    try:
        import onnx
    except ImportError:
        raise ImportError("onnx.export needs the package onnx: python -m pip install onnx") from None
    need(opset_version >= 18, f"onnx.export writes opset 18 and newer, not {opset_version}")
    need("dynamic_shapes" not in ignored, "onnx.export: say dynamic_axes, not dynamic_shapes", NotImplementedError)
    args = (args,) if isinstance(args, Tensor) else tuple(args)
    own = zip(inspect.signature(getattr(model, "_function", model.forward)).parameters, args)
    names = list(input_names or (name for name, x in own if isinstance(x, Tensor)))
    sizes = {
        name: axes if isinstance(axes, Mapping) else {i: f"{name}_{i}" for i in axes}
        for name, axes in (dynamic_axes or {}).items()
    }

    def example(make: Callable[[Array, Any], Array]) -> list[Any]:
        axes = iter([sizes.get(name, ()) for name in names])
        return [Tensor._wrap(make(x._array, next(axes, ()))) if isinstance(x, Tensor) else x for x in args]

    run, other = (Trace(model, example(make), names) for make in (lambda array, axes: array.copy(), _varied))
    for a, b in zip(run.values, other.values):
        a.shape = b.shape = tuple(m if m == n else None for m, n in zip(a.shape, b.shape))
    several = len(run.outputs) > 1
    results = list(output_names or [f"output_{i}" if several else "output" for i in range(len(run.outputs))])
    for what, there, given in (("input", len(tensors_in(args)), names), ("output", len(run.outputs), results)):
        wanted = f"onnx.export: {there} {what}s need as many different {what}_names, not {given}"
        need(there == len(given) == len(set(given)), wanted)
    known = sizes.keys() <= {*names, *results}
    need(known, f"onnx.export: dynamic sizes of {list(sizes)}, but inputs {names} and outputs {results}")
    file = _File(onnx, run, results)
    file.need_same(_File(onnx, other, results))
    model_proto = file.model(run, results, sizes, opset_version)
    onnx.checker.check_model(model_proto, full_check=True)
    write_whole(f, model_proto.SerializeToString(), "onnx.export")


def _varied(array: Array, axes: Sequence[int]) -> Array:
    """Another example: values of its own in other places, floats halved, and dynamic sizes larger by one."""
    array = np.minimum(array, array.reshape(-1)[::-1].reshape(array.shape))
    for axis in axes:
        array = np.concatenate([array, array.take([-1], axis)], axis)
    return np.asarray(array * array.dtype.type(0.5) if array.dtype.kind == "f" else array)


# ---------------------------------------------------------------------------------------------- what the model computes
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
        with watched(model, self._saw_op, lambda path, output: None):
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


# ---------------------------------------------------------------------------------------------- what the file says
class _File:
    """The nodes and initializers of a file, as they are added: the `g` of the translators."""

    def __init__(self, onnx: Any, run: Trace, results: list[str]) -> None:
        self.onnx = onnx
        self.nodes: list[Any] = []
        self.initializers: dict[str, Any] = {}
        made = {call.output for call in run.calls}
        for name, value in zip(results, run.outputs):
            need(not value.constant, f"onnx.export: {name} does not depend on the inputs", RuntimeError)
            value.name = name if value in made else value.name
        for call in run.calls:
            self._translate(call)
        for name, value in zip(results, run.outputs):
            if value.name != name:  # an input, or one output under two names
                self.nodes.append(onnx.helper.make_node("Identity", [value.name], [name]))

    def _translate(self, call: Call) -> None:
        self.call = call
        for value in call.values():
            value.g = self
        try:
            if call.op not in TRANSLATORS:
                raise NotImplementedError("it has no translation: write one, in tinytorch/onnx/translators.py")
            result = TRANSLATORS[call.op](self, call.output, *call.inputs, **call.options)
        except NotImplementedError as error:
            raise NotImplementedError(f"onnx.export: {call.op} in {call.path or 'the model'}: {error}") from None
        if isinstance(result, Value):
            self("Identity", result)
        self.nodes[-1].output[0] = call.output.name

    def __call__(self, operator: str, *inputs: Any, **attributes: Any) -> Output:
        output = Output()
        output.g, output.name = self, f"{self.call.path}/{operator}_{len(self.nodes)}"
        names = [self._name(x) for x in inputs if x is not None]
        self.nodes.append(self.onnx.helper.make_node(operator, names, [output.name], name=output.name, **attributes))
        return output

    def _name(self, x: Any) -> str:
        if isinstance(x, Output) and not (isinstance(x, Value) and x.constant):
            return x.name
        name, array = (x.name, x.content) if isinstance(x, Value) else (f"number_{len(self.initializers)}", x)
        if not isinstance(array, (np.ndarray, np.generic)):
            array = np.asarray(array, np.int64 if isinstance(array, tuple) else self.call.output.dtype)
        self.initializers[name] = self.onnx.numpy_helper.from_array(np.asarray(array), name)
        return name

    def cast(self, x: Any, kind: np.dtype[Any]) -> Any:
        """A value or a number in another type."""
        if isinstance(x, Value):
            return x if x.dtype == kind else self("Cast", x, to=self.type(kind))
        return x if x is None or isinstance(x, Output) else np.asarray(x, kind)

    def type(self, kind: np.dtype[Any]) -> int:
        """ONNX's number for a type."""
        return int(self.onnx.helper.np_dtype_to_tensor_dtype(kind))

    def need_same(self, other: _File) -> None:
        """Refuse a file that other values, or sizes, would have made another one."""
        for a, b in zip_longest(self.nodes, other.nodes):
            same = a == b and all(self.initializers.get(x) == other.initializers.get(x) for x in a.input)
            what = f"onnx.export: {(a or b).name} is not the same when the example has other values or sizes"
            need(same, f"{what}{LEFT}", RuntimeError)

    def model(self, run: Trace, results: list[str], sizes: Mapping[str, Mapping[int, str]], opset: int) -> Any:
        """The whole file."""
        helper = self.onnx.helper
        known = {size for axes in sizes.values() for size in axes.values()}
        default = known.pop() if len(known) == 1 else None  # what else could it be?

        def info(name: str, value: Value) -> Any:
            shape = [sizes.get(name, {}).get(i, default) if n is None else n for i, n in enumerate(value.shape)]
            return helper.make_tensor_value_info(name, self.type(value.dtype), shape)

        inputs, outputs = [info(x.name, x) for x in run.inputs], list(map(info, results, run.outputs))
        graph = helper.make_graph(self.nodes, "tinytorch", inputs, outputs, list(self.initializers.values()))
        sets = [helper.make_opsetid("", opset)]
        version = helper.find_min_ir_version_for(sets)
        return helper.make_model(graph, producer_name="tinytorch", opset_imports=sets, ir_version=version)
