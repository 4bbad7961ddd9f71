"""Whether operations are recorded: no_grad, enable_grad, inference_mode, set_grad_enabled; each thread for itself."""

from __future__ import annotations

import functools
from _thread import _local  # threading.local, without the rest of threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["enable_grad", "inference_mode", "is_grad_enabled", "no_grad", "set_grad_enabled"]

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])
_GENERATOR = 0x20  # the flag of a generator function's code


class _GradMode(_local):
    enabled = True  # a class attribute: the value that each thread starts with


grad_mode = _GradMode()


def is_grad_enabled() -> bool:
    """Whether operations are being recorded in this thread."""
    return grad_mode.enabled


class _SetsGradMode:
    """A context manager, and a decorator, under which recording is switched."""

    mode = True

    def __new__(cls, mode: object = None) -> Self:
        """Also a decorator without parentheses: `@torch.no_grad`."""
        switch = super().__new__(cls)
        return switch(mode) if callable(mode) else switch  # type: ignore[return-value]

    def __enter__(self) -> Self:
        self.previous = grad_mode.enabled
        grad_mode.enabled = self.mode
        return self

    def __exit__(self, *exception: object) -> None:
        grad_mode.enabled = self.previous

    def __call__(self, function: AnyFunction) -> AnyFunction:
        # Each call switches by itself, so that recursion and threads don't share what was before.
        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with set_grad_enabled(self.mode):
                return function(*args, **kwargs)

        @functools.wraps(function)
        def inside_generator(*args: Any, **kwargs: Any) -> Any:
            generator, sent = function(*args, **kwargs), None
            while True:
                with set_grad_enabled(self.mode):  # while the generator runs, not while its user does
                    try:
                        value = generator.send(sent)
                    except StopIteration as stop:
                        return stop.value
                sent = yield value

        flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
        return inside_generator if flags & _GENERATOR else inside  # type: ignore[return-value]


class no_grad(_SetsGradMode):
    """Switch recording off, as a context manager or a decorator: faster, and leaves no graph in memory.

    >>> import tinytorch as torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> with torch.no_grad():
    ...     y = w * 2
    >>> y.requires_grad
    False
    """

    mode = False


class enable_grad(_SetsGradMode):
    """Switch recording on again inside a `no_grad` block."""


class inference_mode(_SetsGradMode):
    """`no_grad` under the name PyTorch gives to its stricter form; `inference_mode(False)` changes nothing."""

    mode = False

    def __init__(self, mode: bool | Callable[..., Any] = True) -> None:
        self.mode = not mode and grad_mode.enabled


class set_grad_enabled(_SetsGradMode):
    """Switch recording on or off: at once, for a `with` block, or as a decorator."""

    def __init__(self, mode: bool) -> None:
        self.mode = mode
        self.previous = grad_mode.enabled
        grad_mode.enabled = mode

    def __enter__(self) -> Self:
        grad_mode.enabled = self.mode
        return self

    def __call__(self, function: AnyFunction) -> AnyFunction:
        """A decorator switches inside the function only."""
        grad_mode.enabled = self.previous
        return super().__call__(function)
