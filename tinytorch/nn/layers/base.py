"""Layer: a module that is a function with settings, which most layers are; and what layers with weights share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from tinytorch.functions.creation import empty
from tinytorch.nn.module import Module
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor

if TYPE_CHECKING:
    from inspect import Signature

    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**options):
        """For type checkers, which need to be told that annotations make the `__init__`."""
        return lambda cls: cls


def parameter(*shape: int, device: object = None, dtype: object = None, used: bool = True) -> Any:
    """A parameter whose values are still to be drawn, or None if it is not used."""
    return Parameter(empty(shape, device=device, dtype=dtype)) if used else None


def unusual(module: Module, **usual: Any) -> str:
    """`, name=value` for each setting of the module that is not the usual one."""
    values = {name: getattr(module, name) for name in usual}
    return "".join(f", {name}={value}" for name, value in values.items() if value != usual[name])


class _Signature:
    """Of a layer's class: what `inspect.signature` and `help` ask for, made when they do."""

    def __get__(self, layer: Layer | None, cls: type[Layer]) -> Signature | None:
        if layer is not None or cls.__init__ is not Layer.__init__:
            return None
        from inspect import Parameter, Signature

        either, usual = Parameter.POSITIONAL_OR_KEYWORD, {**dict.fromkeys(cls._settings, Parameter.empty), **cls._usual}
        return Signature([Parameter(n, either, default=usual[n], annotation=t) for n, t in cls._settings.items()])


@dataclass_transform(eq_default=False)
class Layer(Module):
    """A layer whose `forward` is a function, called with the settings that `__init__` was given.

        class LeakyReLU(Layer, function=F.leaky_relu):
            negative_slope: float = 0.01
            inplace: bool = False

    As in a dataclass, the annotated names are what `__init__` takes, those of the base class first, and
    `__post_init__` may look at them. They are attributes, read anew at each call; a Tensor among them becomes a buffer.
    `shown` names those that `repr` prints (all, unless told); `training=True` passes `self.training` on, too. A class
    without any of these options, such as a user's own, adds no settings.
    """

    __signature__ = _Signature()
    _function: ClassVar[Callable[..., Any]]
    _settings: ClassVar[dict[str, str]] = {}  # name -> type
    _usual: ClassVar[dict[str, Any]] = {}  # the defaults
    _shown: tuple[str, ...] | None = None
    _passed: ClassVar[tuple[str, ...]] = ()  # to the function

    def __init_subclass__(cls, function: Callable[..., Any] | None = None, shown: str | None = None,
                          training: bool = False) -> None:  # fmt: skip
        super().__init_subclass__()
        if function is not None:
            cls._function = staticmethod(function)
        if shown is not None:
            cls._shown = tuple(shown.split())
        if (function, shown) != (None, None):
            own = cls.__annotations__
            cls._settings = {**cls._settings, **own}
            cls._usual = {**cls._usual, **{name: vars(cls)[name] for name in own if name in vars(cls)}}
            cls._passed = (*cls._settings, *["training"] * (training or "training" in cls._passed))
            for name in own.keys() & vars(cls).keys():
                delattr(cls, name)  # it is the layer that has it

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__()
        given = {**dict(zip(self._settings, args)), **named}
        settings = {**self._usual, **given}
        if len(given) < len(args) + len(named) or settings.keys() != self._settings.keys():
            takes = ", ".join(self._settings) or "no settings"
            raise TypeError(f"{type(self).__name__} takes {takes}; got {args} and {named}")
        for name, value in settings.items():
            if isinstance(value, Tensor) and not isinstance(value, Parameter):
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Check or complete the settings."""

    def forward(self, *inputs: Tensor, **named: Tensor) -> Any:
        """The function of the inputs."""
        if not self._passed:
            return self._function(*inputs, **named)
        return self._function(*inputs, **named, **{name: getattr(self, name) for name in self._passed})

    def extra_repr(self) -> str:
        """The settings; `inplace` only where it is so."""
        values = {name: getattr(self, name) for name in (self._settings if self._shown is None else self._shown)}
        if values.get("inplace") is False and self._shown is None:
            del values["inplace"]
        return ", ".join(f"{name}={value!r}" for name, value in values.items())
