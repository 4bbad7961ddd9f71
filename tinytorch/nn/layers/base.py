"""Layer: a module that is a function with settings, which most layers are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tinytorch.nn.module import Module
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor


def unusual(module: Module, **usual: Any) -> str:
    """`, name=value` for each setting of the module that is not the usual one."""
    values = {name: getattr(module, name) for name in usual}
    return "".join(f", {name}={value}" for name, value in values.items() if value != usual[name])


class Layer(Module):
    """A layer whose `forward` is a function, called with the settings that `__init__` was given.

        class LeakyReLU(Layer, function=F.leaky_relu):
            def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
                super().__init__(locals())

    The settings are attributes of their names, read anew at each call; a Tensor among them becomes a buffer.
    `shown` names those that `repr` prints (all, unless told); `training=True` passes `self.training` on, too.
    """

    _function: Callable[..., Any]
    _shown: tuple[str, ...] | None = None
    _passes: tuple[str, ...] = ()

    def __init_subclass__(
        cls, function: Callable[..., Any] | None = None, shown: str | None = None, training: bool = False
    ) -> None:
        super().__init_subclass__()
        if function is not None:
            cls._function = staticmethod(function)
        if shown is not None:
            cls._shown = tuple(shown.split())
        if training:
            cls._passes = ("training",)

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._settings = tuple(name for name in settings or () if name not in ("self", "__class__"))
        for name in self._settings:
            value = (settings or {})[name]
            if isinstance(value, Tensor) and not isinstance(value, Parameter):
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)

    def forward(self, *inputs: Tensor, **named: Tensor) -> Any:
        """The function of the inputs."""
        settings = {name: getattr(self, name) for name in (*self._settings, *self._passes)}
        return self._function(*inputs, **named, **settings)

    def extra_repr(self) -> str:
        """The settings; `inplace` only where it is so."""
        shown = self._settings if self._shown is None else self._shown
        values = {name: getattr(self, name) for name in shown}
        if values.get("inplace") is False and self._shown is None:
            del values["inplace"]
        return ", ".join(f"{name}={value!r}" for name, value in values.items())
