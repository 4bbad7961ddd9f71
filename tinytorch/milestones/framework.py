"""How does a program that was written for TinyTorch run on PyTorch, unchanged?

Every name of the framework that it uses is one that PyTorch has too, so it is enough that `import` means something
else in its file. Python looks `import` up among the builtins of the module in which it stands, and a module may have
builtins of its own. Nothing is replaced that others see: to all else in the process, `tinytorch` stays TinyTorch.

    tinytorch, tinytorch.nn, tinytorch.optim, ...       become PyTorch's modules of that name
    tinytorch.models                                    is run once more, in the same way
    tinytorch.datasets, .milestones, .text; all others  stay what they are: they hand out no tensors
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

OURS = ("datasets", "milestones", "text")
TWICE = "models"


def load(name: str, file: Path, framework: str = "tinytorch") -> ModuleType:
    """Run the module `name` that is in `file`, with TinyTorch or PyTorch (`framework="torch"`) under it.

    `sys.modules` knows it as `name`, or as "on torch:<name>", so that pickling and inspection find it.

    Raises:
        ImportError: `file` is no Python file, or PyTorch is not installed or lacks a name that it imports.
    """
    if framework == "torch":
        name = f"on torch:{name}"
        import_module("torch")  # whatever the module imports first
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} can't be loaded: it is no Python file")
    module = module_from_spec(spec)
    if framework == "torch":
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": _import}
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _import(
    name: str, globals: Any = None, locals: Any = None, fromlist: Sequence[str] | None = None, level: int = 0
) -> ModuleType:
    """`import name`, or `from name import fromlist`, as builtins.__import__ is called for them."""
    if level or name.partition(".")[0] != "tinytorch":
        return __import__(name, globals, locals, fromlist or (), level)
    module = _counterpart(name, fromlist or ())
    # `import a.b as c` wants a: Python itself goes on to b. `from a import b` wants a, too.
    return module if fromlist and "." in name else _NAMES


def _counterpart(name: str, fromlist: Sequence[str] = ()) -> ModuleType:
    """The module that takes the place of `name`, with those of its submodules that `fromlist` asks for."""
    room = name.split(".")[1:2]
    if room == [TWICE]:
        return sys.modules.get(f"on torch:{name}") or load(name, _file_of(name), "torch")
    there = name if room and room[0] in OURS else f"torch{name.removeprefix('tinytorch')}"
    return __import__(there, fromlist=("__name__", *fromlist))  # with a fromlist, the innermost module is returned


def _file_of(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return Path(spec.origin)


class _Names(ModuleType):
    """What stands for the package `tinytorch` itself: PyTorch, and the rooms that PyTorch does not have."""

    def __getattr__(self, name: str) -> Any:
        if name in (*OURS, TWICE):
            return _counterpart(f"tinytorch.{name}")
        return getattr(sys.modules.get("torch"), name)  # None before a program has asked for it


_NAMES = _Names("on torch:tinytorch")
