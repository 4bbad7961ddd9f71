"""Layer: a module that is a function with settings, which most layers are; and what layers with weights share."""

from collections.abc import Callable
from typing import Any, ClassVar

from tinytorch.functions.creation import empty
from tinytorch.nn.module import Module
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor


def parameter(*shape: int, device: object = None, dtype: object = None, used: bool = True) -> Any:
    """A parameter whose values are still to be drawn, or None if it is not used."""
    return Parameter(empty(shape, device=device, dtype=dtype)) if used else None


def unusual(module: Module, **usual: Any) -> str:
    """`, name=value` for each setting of the module that is not the usual one."""
    values = {name: getattr(module, name) for name in usual}
    return "".join(f", {name}={value}" for name, value in values.items() if value != usual[name])


class Layer(Module):
    """A layer whose `forward` is a function, called with the settings that `__init__` was given.

        class LeakyReLU(Layer, function=F.leaky_relu, settings="negative_slope inplace"):
            ...

    Settings come in the order given, with the function's defaults. They are attributes of their names, read anew at
    each call; a Tensor among them becomes a buffer. `shown` names those that `repr` prints (all, unless told);
    `training=True` passes `self.training` on, too.
    """

    _function: Callable[..., Any]
    _settings: tuple[str, ...] = ()
    _usual: ClassVar[dict[str, Any]] = {}  # the defaults
    _shown: tuple[str, ...] | None = None
    _passed: tuple[str, ...] = ()  # to the function

    def __init_subclass__(cls, function: Callable[..., Any] | None = None, settings: str = "",
                          shown: str | None = None, training: bool = False) -> None:  # fmt: skip
        super().__init_subclass__()
        if settings:
            cls._settings = tuple(settings.split())
            cls._passed = cls._settings + ("training",) * training
        if shown is not None:
            cls._shown = tuple(shown.split())
        if function is not None:
            cls._function = staticmethod(function)
            arguments = function.__code__.co_varnames[: function.__code__.co_argcount]
            usual = dict(zip(arguments[::-1], (function.__defaults__ or ())[::-1]))
            cls._usual = {name: usual[name] for name in cls._settings if name in usual}

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__()
        settings = {**self._usual, **dict(zip(self._settings, args)), **named}
        if len(args) > len(self._settings) or settings.keys() != set(self._settings):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self._settings)}; got {args} and {named}")
        for name, value in settings.items():
            if isinstance(value, Tensor) and not isinstance(value, Parameter):
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)

    def forward(self, *inputs: Tensor, **named: Tensor) -> Any:
        """The function of the inputs."""
        return self._function(*inputs, **named, **{name: getattr(self, name) for name in self._passed})

    def extra_repr(self) -> str:
        """The settings; `inplace` only where it is so."""
        values = {name: getattr(self, name) for name in (self._settings if self._shown is None else self._shown)}
        if values.get("inplace") is False and self._shown is None:
            del values["inplace"]
        return ", ".join(f"{name}={value!r}" for name, value in values.items())
