"""Functions of tensors under PyTorch's names; most are methods of `Tensor` too. The mathematics is in `ops`."""

import functools
from types import FunctionType
from typing import Any

_OURS = {"axis": "dim", "keepdims": "keepdim"}


def numpy_names(functions: dict[str, Any], *but: str) -> None:
    """Let `axis` and `keepdims` stand for `dim` and `keepdim` in the functions of a file, as PyTorch does in most."""

    def named(function: Any, names: tuple[str, ...]) -> Any:
        place = names.index("keepdim") if "keepdim" in names else len(names)

        @functools.wraps(function)
        def inner(*args: Any, **kwargs: Any) -> Any:
            if not kwargs and len(args) <= place:
                return function(*args)
            kwargs = {_OURS.get(key, key): value for key, value in kwargs.items()}
            keepdim = args[place] if len(args) > place else kwargs.get("keepdim", False)
            if keepdim is not True and keepdim is not False:  # a second dim, most likely
                raise TypeError(f"{function.__name__}: keepdim must be True or False, not {keepdim!r}")
            return function(*args, **kwargs)

        return inner

    for name, each in list(functions.items()):
        if isinstance(each, FunctionType) and each.__module__ == functions["__name__"] and name[0] != "_":
            code = each.__code__
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            if "dim" in names and name not in but:
                functions[name] = named(each, names)
