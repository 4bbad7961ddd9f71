"""What went wrong, in the user's terms: NumPy's complaints rewritten with the operation, the shapes and the fix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import index
from typing import Any

import numpy as np


def explain(operation: str, operands: Sequence[Any], error: Exception) -> RuntimeError:
    """The error to raise where `operation` failed inside NumPy on arrays or numbers."""
    shapes = [x.shape for x in operands if isinstance(x, np.ndarray)]
    named = " and ".join(str(shape) for shape in shapes)
    if operation in ("matmul", "mm", "mv", "dot") and len(shapes) == 2:
        return RuntimeError(f"{operation} of {named}: {_inner_sizes(*shapes)}")
    if "broadcast" in str(error) and len(shapes) >= 2:
        return RuntimeError(f"{operation} of {named}: {_why_not_broadcast(shapes)}")
    return RuntimeError(f"{operation} of {named or 'no tensors'}: {error}")


def _inner_sizes(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    if not a or not b:
        return "both need at least one dimension; multiply by a single number with *"
    inner = b[-2] if len(b) > 1 else b[0]
    if a[-1] == inner:
        return "the dimensions before the last two don't broadcast: each pair must be equal or hold a 1"
    hint = "; transpose the second?" if len(b) > 1 and a[-1] == b[-1] else ""
    which = "last but one" if len(b) > 1 else "only"
    return f"the last size of the first ({a[-1]}) must equal the second's {which} ({inner}){hint}"


def _why_not_broadcast(shapes: Sequence[tuple[int, ...]]) -> str:
    for i in range(1, max(map(len, shapes)) + 1):
        sizes = {shape[-i] for shape in shapes if len(shape) >= i} - {1}
        if len(sizes) > 1:
            clash = " and ".join(map(str, sorted(sizes)))
            return f"sizes, matched from the last dimension back, must be equal or 1, but dimension {-i} has {clash}"
    return "the shapes don't broadcast"


def dimension(dim: int, ndim: int, operation: str) -> int:
    """`dim` counted from the front; `IndexError` where a tensor of `ndim` dimensions has no such one."""
    limit = max(ndim, 1)  # PyTorch lets a 0-d tensor have dimension 0 and -1
    if not -limit <= dim < limit:
        raise IndexError(f"{operation}: dim {dim} is out of range of {ndim} dimensions: use {-limit} to {limit - 1}")
    return dim % limit


def dimensions(dim: int | Sequence[int] | None, ndim: int, operation: str) -> tuple[int, ...]:
    """`dim` as a tuple of dimensions counted from the front; None and () mean all of them."""
    if dim is None:
        return tuple(range(ndim))
    if isinstance(dim, int):
        dim = (dim,)
    axes = tuple([dimension(each, ndim, operation) for each in dim])
    if len(set(axes)) != len(axes):
        raise RuntimeError(f"{operation}: dim {tuple(dim)} names a dimension twice")
    return (axes or tuple(range(ndim))) if ndim else ()


def need(condition: object, otherwise: str, error: type[Exception] = ValueError) -> None:
    """Raise the error, which says what was expected and what was found, unless the condition holds."""
    if not condition:
        raise error(otherwise)


def need_tensors(operation: str, *values: Any) -> None:
    """`TypeError` for a value that is not a tensor."""
    for value in values:
        if not hasattr(value, "_array"):
            raise no_tensor(operation, value)


_INSTEAD = {
    "NoneType": ("None", "does a forward end without return?"),
    "tuple": ("a tuple", "unpack it first, as in output, state = lstm(x)"),
}


def no_tensor(operation: str, value: Any) -> TypeError:
    """The error to raise where `operation` got a value that is not a tensor."""
    kind = type(value).__name__
    got, fix = _INSTEAD.get(kind, (f"a {kind}", "make one with torch.tensor"))
    return TypeError(f"{operation} needs a Tensor, got {got}: {fix}")


def same_type(operation: str, a: Any, b: Any) -> None:
    """`TypeError` for what is not a tensor, `RuntimeError` for two tensors of different types."""
    need_tensors(operation, a, b)
    if a._array.dtype is not b._array.dtype:
        raise RuntimeError(f"{operation} needs tensors of one type, not {a.dtype} and {b.dtype}: convert with .to()")


def sizes(values: Sequence[Any], operation: str) -> tuple[int, ...]:
    """Sizes given one by one, or as one sequence; `TypeError` for what is not a whole number."""
    if len(values) == 1 and hasattr(values[0], "__iter__") and getattr(values[0], "ndim", True):
        values = values[0]
    try:
        return tuple(map(index, values))
    except TypeError:
        raise TypeError(f"{operation}: sizes must be whole numbers, not {values!r}") from None


# What is left out on purpose, and the nearest thing there is.
LEFT_OUT = {
    "torch.autograd.functional": "take gradients with torch.autograd.grad",
    **dict.fromkeys(("torch.fx", "torch.jit"), "a model is the Python that you wrote: call it"),
    "torch.nn.parallel": "use nn.DataParallel, which works with threads",
    "torch.nn.LazyLinear": "use nn.Linear, with the size of its input",
    "torch.optim.LBFGS": "use optim.SGD with momentum, or optim.Adam",
    **dict.fromkeys(
        ("torch.sparse", "torch.sparse_coo_tensor", "torch.sparse_csr_tensor", "torch.Tensor.to_sparse"),
        "every tensor is dense: make it with torch.zeros and assign to its elements",
    ),
    **{f"torch.linalg.{name}": f"take numpy.linalg.{name} of x.numpy()" for name in ("cholesky", "eigh", "qr", "svd")},
    "torch.fft": "take numpy.fft of x.numpy()",
    "torch.distributions": "draw with torch.multinomial or torch.normal, and write the log-probability out",
}


def missing(module: str, name: str, there: Mapping[str, Any]) -> str:
    """What to say of a name that a module has not: a slip of the pen, or something TinyTorch leaves out."""
    whole = f"{module}.{name}"
    return f"TinyTorch has no {whole}" + (f": {LEFT_OUT[whole]}" if whole in LEFT_OUT else did_you_mean(name, there))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint at the name that was meant, if one of those known is close."""
    import difflib  # here, to keep it off the import path

    in_case = sorted(known, key=lambda each: each[:1].isupper() == name[:1].isupper())  # Tensr: Tensor, not tensor
    public = {each.lower(): each for each in in_case if each[0] != "_"}
    close = difflib.get_close_matches(name.lower(), public, n=1, cutoff=0.8)
    return f": did you mean {public[close[0]]}?" if close else ""
