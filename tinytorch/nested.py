"""Checkpoints without pickle: nested dicts and lists of tensors and plain values, as tensors by name and a tree.

The tree is JSON: it holds the plain values, and the names of the tensors in the places of the tensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinytorch.tensor import Tensor

_PLAIN = (bool, int, float, str, type(None))


def taken_apart(obj: Any) -> tuple[dict[str, Tensor], Any]:
    """The tensors in `obj`, each under the path that leads to it, and the tree of all the rest.

    >>> import tinytorch as torch
    >>> taken_apart({"model": {"bias": torch.zeros(1)}, "epoch": 3})
    ({'model.bias': tensor([0.])}, {'dict': [['model', {'dict': [['bias', {'tensor': 'model.bias'}]]}], ['epoch', 3]]})
    """
    tensors: dict[str, Tensor] = {}
    return tensors, _walk(obj, (), tensors)


# Not a function within that one: it would hold itself and the tensors until the garbage collector comes.
def _walk(value: Any, path: tuple[str, ...], tensors: dict[str, Tensor]) -> Any:
    """The tree of `value`, whose tensors are put into `tensors`."""
    if isinstance(value, Tensor):
        name = ".".join(path) or "tensor"
        while name in tensors:
            name += "'"
        tensors[name] = value
        return {"tensor": name}
    if isinstance(value, Mapping) and all(isinstance(key, _PLAIN) for key in value):
        return {"dict": [[key, _walk(each, (*path, str(key)), tensors)] for key, each in value.items()]}
    if type(value) in (list, tuple):
        return {type(value).__name__: [_walk(each, (*path, str(i)), tensors) for i, each in enumerate(value)]}
    if isinstance(value, _PLAIN):
        return value
    place = "".join(f"[{key!r}]" for key in path)
    hint = ": save model.state_dict() and not the model" if hasattr(value, "state_dict") else ""
    if isinstance(value, Mapping):
        hint = ", whose keys must be text, numbers or None"
    raise TypeError(
        f"save writes tensors, numbers, text, None, and dicts, lists and tuples of these; not the "
        f"{type(value).__name__}{' at ' + place if place else ''}{hint}"
    )


def put_together(tree: Any, tensors: Mapping[str, Tensor]) -> Any:
    """What `taken_apart` took apart; `ValueError`, `KeyError` or `TypeError` where the tree is another's."""
    if not isinstance(tree, dict):
        return tree
    ((kind, content),) = tree.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "dict":
        return {key: put_together(each, tensors) for key, each in content}
    return {"list": list, "tuple": tuple}[kind](put_together(each, tensors) for each in content)
