"""Modules that hold other modules, or parameters, as lists and dicts do."""

import itertools
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from tinytorch.nn.module import Attributes, Module
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]


def _entry(kind: Any, value: Any) -> Any:
    """The value; a Tensor that is to be a Parameter is made one."""
    plain = kind is Parameter and isinstance(value, Tensor) and not isinstance(value, Parameter)
    return Parameter(value) if plain else value


class _Held(Module):
    """What lists and dicts share: they hold modules, or parameters."""

    _kind: Any = Module
    _called: ClassVar[dict[str, str]] = {}  # types that are printed under another name

    def __len__(self) -> int:
        return len(self._of_kind(self._kind))

    def extra_repr(self) -> str:
        """The type and size of each parameter."""
        kinds = {name: self._called.get(str(p.dtype), p.dtype) for name, p in self._of_kind(Parameter).items()}
        sizes = {name: "x".join(map(str, getattr(self, name).shape)) for name in kinds}
        return "\n".join(f"  ({n}): Parameter containing: [{kind} of size {sizes[n]}]" for n, kind in kinds.items())


class _List(_Held):
    """Modules (or parameters) under the names "0", "1", ..."""

    def __init__(self, modules: Iterable[Any] | None = None) -> None:
        super().__init__()
        self.extend(() if modules is None else modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._of_kind(self._kind).values())

    def __getitem__(self, index: int | slice) -> Any:
        return type(self)(list(self)[index]) if isinstance(index, slice) else getattr(self, self._name_at(index))

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, self._name_at(index), _entry(self._kind, value))

    def __delitem__(self, index: int | slice) -> None:
        rest = list(self)
        del rest[index]
        self._renumber(rest)

    def __add__(self, other: Iterable[Any]) -> Any:
        return self[:].extend(other)

    def _name_at(self, index: int) -> str:
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} is out of range for a {type(self).__name__} of {len(self)}")
        return list(self._of_kind(self._kind))[index]

    def _renumber(self, values: Iterable[Any]) -> None:
        for name in self._of_kind(self._kind):
            delattr(self, name)
        self.extend(values)

    def append(self, module: Any) -> Any:
        """Add one at the end."""
        self._register_kind(self._kind, str(len(self)), _entry(self._kind, module))
        return self

    def extend(self, values: Iterable[Any]) -> Any:
        """Add several at the end."""
        if isinstance(values, Tensor) or not isinstance(values, Iterable):
            raise TypeError(f"{type(self).__name__} is made of a list, not of a {type(values).__name__}")
        for value in values:
            self.append(value)
        return self

    __iadd__ = extend

    def insert(self, index: int, module: Any) -> Any:
        """Put one before the place `index`."""
        if index != len(self):
            self._name_at(index)  # an IndexError where there is no such place
        self.append(module)  # which looks at what it is
        rest = list(self)
        rest.insert(index, rest.pop())
        self._renumber(rest)
        return self

    def pop(self, key: int | slice) -> Any:
        """Take one out and return it."""
        value = self[key]
        del self[key]
        return value


class Sequential(_List):
    """Modules applied one after the other.

    >>> from tinytorch import nn
    >>> nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *args: Module | OrderedDict[str, Module]) -> None:
        super().__init__()
        first = args[0] if len(args) == 1 else None
        named = first if isinstance(first, OrderedDict) else {str(i): module for i, module in enumerate(args)}
        for name, module in named.items():
            self.add_module(name, module)  # type: ignore[arg-type]

    def forward(self, input: Any) -> Any:
        """The output of the last module."""
        own = self.__dict__
        for name, kind in tuple(self._kinds.items()):
            if kind is Module:
                input = own[name](input)
        return input

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._of_kind(Module).items())[index]))
        return super().__getitem__(index)


class ModuleList(_List):
    """A list of modules whose parameters count; it computes nothing itself."""

    def __repr__(self) -> str:
        """Equal neighbours share a line: `(0-2): 3 x Linear(...)`."""
        body, i = "", 0
        for text, same in itertools.groupby(map(repr, self)):
            n = len(list(same))
            line = f"({i}): {text}" if n == 1 else f"({i}-{i + n - 1}): {n} x {text}"
            body += "\n  " + line.replace("\n", "\n  ")
            i += n
        return f"{type(self).__name__}({body}\n)" if body else f"{type(self).__name__}()"


class ParameterList(_List):
    """A list of parameters; a tensor put into it becomes one."""

    _kind = Parameter

    def __init__(self, values: Iterable[Tensor] | None = None) -> None:
        super().__init__(values)

    def append(self, value: Any) -> Any:
        """Add one at the end."""
        return super().append(value)


class _Dict(_Held, Attributes):
    """Modules (or parameters) under names of their own."""

    _owner = property(lambda self: self)
    __hash__, __eq__ = object.__hash__, object.__eq__

    def __init__(self, modules: Any = None) -> None:
        Module.__init__(self)
        self.update(() if modules is None else modules)

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, _entry(self._kind, value))


class ModuleDict(_Dict):
    """A dict of modules whose parameters count; it computes nothing itself.

    >>> from tinytorch import nn
    >>> nn.ModuleDict({"relu": nn.ReLU()})["relu"]
    ReLU()
    """

    def __init__(self, modules: Any = None) -> None:
        super().__init__(modules)


class ParameterDict(_Dict):
    """A dict of parameters; a tensor put into it becomes one. As in PyTorch, a plain dict is sorted by its keys."""

    _kind = Parameter
    _called: ClassVar = {
        f"torch.float{n}": f"torch.{x}Tensor" for n, x in ((16, "Half"), (32, "Float"), (64, "Double"))
    }

    def __init__(self, parameters: Any = None) -> None:
        plain = isinstance(parameters, dict) and not isinstance(parameters, OrderedDict)
        super().__init__(sorted(parameters.items()) if plain else parameters)
