"""Functions of tensors under PyTorch's names; most are methods of `Tensor` too. The mathematics is in `ops`."""

import functools
from types import FunctionType
from typing import Any


def numpy_names(functions: dict[str, Any], *but: str) -> None:
    """Let `axis` and `keepdims` stand for `dim` and `keepdim` in the functions of a file, as PyTorch does in most."""

    def named(function: Any) -> Any:
        @functools.wraps(function)
        def inner(*args: Any, **kwargs: Any) -> Any:
            for numpys, ours in (("axis", "dim"), ("keepdims", "keepdim")) if kwargs else ():
                if numpys in kwargs:
                    kwargs[ours] = kwargs.pop(numpys)
            return function(*args, **kwargs)

        return inner

    for name, each in list(functions.items()):
        own = isinstance(each, FunctionType) and each.__module__ == functions["__name__"] and name not in but
        if own and "dim" in each.__code__.co_varnames[: each.__code__.co_argcount]:
            functions[name] = named(each)
