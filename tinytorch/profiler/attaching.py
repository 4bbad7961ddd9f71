"""How are a program's operations measured, when the library knows of no profiler? By putting measuring in their place.

While a profile runs, the functions and methods below are replaced by ones that call them between `begin` and `end`;
`ExitStack` puts every one of them back. Nothing else is touched, so that without a profile nothing is slower. What is
computed stays the same, bit for bit: every argument and every result is handed on as it is.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any
from weakref import WeakKeyDictionary

from tinytorch.autograd import engine, function
from tinytorch.functions import inplace
from tinytorch.nn.module import Module
from tinytorch.ops import indexing
from tinytorch.optim.optimizer import Optimizer
from tinytorch.profiler.costs import Cost, cost_of, pulled_cost
from tinytorch.profiler.record import BACKWARD, DATA, MODULE, OPTIMIZER, Key, active
from tinytorch.utils.data.dataloader import DataLoader

Call = Callable[..., Any]


def attach(stack: ExitStack) -> None:
    """Measure from now on, until `stack` is closed."""
    functions = [
        (engine.apply, _timed_apply(engine.apply)),
        (engine.walk_back, _timed(engine.walk_back, lambda record, *args: ("backward", BACKWARD, ""))),
        (inplace.overwrite, _timed_overwrite(inplace.overwrite)),
        (indexing.write, _timed(indexing.write, lambda record, *args: ("write", *record.here))),  # x[i] = y, unrecorded
        (function._recorded, _timed_record(function._recorded)),
    ]
    stack.callback(_replace, {id(new): old for old, new in functions})
    _replace({id(old): new for old, new in functions})
    methods: list[tuple[type[Any], str, Call]] = [
        (Module, "__call__", _timed_module), (DataLoader, "__iter__", _timed_batches),
        (function.Function, "apply", _timed_function),
    ]  # fmt: skip
    kinds: set[type[Any]] = {Optimizer, *_subclasses(Optimizer)}
    for kind in kinds:
        methods += [(kind, name, _timed_method) for name in ("step", "zero_grad") if name in vars(kind)]
    for kind, name, timed in methods:
        stack.callback(setattr, kind, name, vars(kind)[name])
        setattr(kind, name, timed(vars(kind)[name]))


def _replace(by_id: dict[int, Any]) -> None:
    """Wherever a module holds an object of one of these ids, under whatever name it was imported, replace it."""
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", {})
        for name, value in list(names.items()):
            if id(value) in by_id:
                names[name] = by_id[id(value)]


def _subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)


def _timed(call: Call, key: Callable[..., Key]) -> Call:
    """`call`, measured as an event of `key(record, *its arguments)`."""

    @functools.wraps(call)
    def timed(*args: Any, **kwargs: Any) -> Any:
        record = active()
        if record is None:
            return call(*args, **kwargs)
        record.begin(key(record, *args))
        try:
            return call(*args, **kwargs)
        finally:
            record.end()

    return timed


# ---------------------------------------------------------------------------------------------- operations
def _timed_apply(apply: Call) -> Call:
    @functools.wraps(apply)
    def timed(op: Any, *inputs: Any, **options: Any) -> Any:
        record = active()
        if record is None:
            return apply(op, *inputs, **options)
        record.begin((op.__name__, *record.here))
        result = None
        try:
            result = apply(op, *inputs, **options)
        finally:
            record.end(_noted, op.__name__, inputs, result, record.here[1])
        return result

    return timed


def _noted(name: str, inputs: tuple[Any, ...], result: Any, path: str) -> Cost:
    """What the operation cost; its pull-backs, if it was recorded, are to be measured as well."""
    if result is None:  # it raised an error
        return 0, 0
    cost, back = cost_of(name, inputs, result)
    if result._node is not None:
        _time_pulls(result._node, path, back)
    return cost


def _timed_overwrite(overwrite: Call) -> Call:
    @functools.wraps(overwrite)
    def timed(target: Any, result: Any, name: str) -> Any:
        record = active()
        if record is None:
            return overwrite(target, result, name)
        record.begin(("overwrite", *record.here))
        try:
            return overwrite(target, result, name)
        finally:
            record.end(lambda: (0, 2 * target._array.nbytes))

    return timed


def _time_pulls(node: engine.Node, path: str, costs: Sequence[Cost | None]) -> None:
    """Measure the pull-backs of a node, as far as they will be called, wherever a profile runs when they are."""
    key = node.name(), BACKWARD, path
    node.pullbacks = tuple(
        pull if parent is None or pull is None else _timed_pull(pull, key, cost)
        for parent, pull, cost in zip(node.inputs, node.pullbacks or (), costs)
    )


def _timed_pull(pull: engine.PullBack, key: Key, cost: Cost | None) -> engine.PullBack:
    # A plain function with the pull-back in its closure, where the engine looks for arrays that were changed in place.
    def timed(grad: Any) -> Any:
        record = active()
        if record is None:
            return pull(grad)
        here, record.here = record.here, key[1:]
        record.begin(key)
        result = None
        try:
            result = pull(grad)
        finally:
            record.end(*(() if cost is None else (pulled_cost, grad, result, *cost)))
            record.here = here
        return result

    return timed


# ---------------------------------------------------------------------------------------------- autograd.Function
def _timed_function(apply: Any) -> Any:
    return classmethod(_timed(apply.__func__, lambda record, cls, *args: (cls.__name__, *record.here)))


def _timed_record(recorded: Call) -> Call:
    @functools.wraps(recorded)
    def timed(ctx: Any, args: Any, outputs: tuple[Any, ...]) -> Any:
        results = recorded(ctx, args, outputs)
        record = active()
        made = [y._node for y in results if getattr(y, "_node", None) is not None and y._node.op is type(ctx)]
        if record is not None and made:
            behind = made[0].inputs[0]  # the node that calls backward: see autograd.function
            _time_pulls(behind, record.here[1], [None] * len(args))  # the operations in it count for themselves
        return results

    return timed


# ---------------------------------------------------------------------------------------------- methods
def _timed_method(call: Call) -> Call:
    return _timed(call, lambda record, self, *args: (f"{type(self).__name__}.{call.__name__}", OPTIMIZER, ""))


def _timed_batches(iterate: Call) -> Call:
    end = object()
    fetch = _timed(next, lambda record, *args: ("DataLoader", DATA, record.here[1]))

    @functools.wraps(iterate)
    def timed(loader: Any) -> Iterator[Any]:
        batches = iterate(loader)
        while (batch := fetch(batches, end)) is not end:
            yield batch

    return timed


def _timed_module(call: Call) -> Call:
    paths, inside = WeakKeyDictionary[Module, str](), list[Module]()

    @functools.wraps(call)
    def timed(module: Any, *args: Any, **kwargs: Any) -> Any:
        record = active()
        if record is None:
            return call(module, *args, **kwargs)
        here = record.here
        inside.append(module)
        path = paths.get(module) or _find(paths, inside, here[1])
        record.here = here[0], path
        record.begin((type(module).__name__, MODULE, path))
        try:
            return call(module, *args, **kwargs)
        finally:
            record.end()
            record.here = here
            inside.pop()

    return timed


def _find(paths: WeakKeyDictionary[Module, str], inside: list[Module], here: str) -> str:
    """What the innermost of the modules that are computing is called: `Net.body.0 (Linear)`, from the outermost on."""
    outermost, module = inside[0], inside[-1]
    root = paths.setdefault(outermost, type(outermost).__name__).split()[0]
    for path, each in outermost.named_modules():
        paths.setdefault(each, f"{root}.{path} ({type(each).__name__})")
    kind = type(module).__name__
    return paths.setdefault(module, f"{here.split()[0] if here else kind}.{kind} ({kind})")  # it is in a list, say
