"""Which ONNX nodes does each operation become?

A translator is called as the operation was: `translator(g, y, *inputs, **options)`. `g(operator, *inputs,
**attributes)` adds a node and returns its output; +, -, * and / of outputs add nodes too. `y` tells the shape and type
of the result, which the translator returns. A new operation needs one row here, under its name in `ops`.

Numbers are in the type of the result, tuples of numbers are int64. Operators: https://onnx.ai/onnx/operators/
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinytorch.dtypes import BOOL, INT64, result_type

END = np.iinfo(np.int64).max
HALF, ROOT = math.sqrt(0.5), math.sqrt(2 / math.pi)


def absent(why: str) -> Any:
    """Refuse what has no translation."""
    raise NotImplementedError(why)


# ---------------------------------------------------------------------------------------------- families
def _typed(operator: str) -> Any:
    """Element by element, in the type of the result."""
    return lambda g, y, *xs: g(operator, *(g.cast(x, y.dtype) for x in xs))


def _truth(operator: str) -> Any:
    return lambda g, y, *xs: g(operator, *(g.cast(x, BOOL) for x in xs))


def _bits(operator: str) -> Any:
    return lambda g, y, *xs: _typed(operator if y.dtype == BOOL else f"Bitwise{operator}")(g, y, *xs)


def _comparison(operator: str) -> Any:
    """In the common type of what is compared."""
    return lambda g, y, *xs: g(operator, *(g.cast(x, result_type(*(getattr(x, "array", x) for x in xs))) for x in xs))


def _reduction(operator: str) -> Any:
    return lambda g, y, x, axis, keep, **_: g(operator, g.cast(x, y.dtype), axis, keepdims=int(keep))


def _arg(operator: str) -> Any:
    return lambda g, y, x, axis, keep: g(
        operator, x, axis=absent("it needs a dim") if axis is None else axis, keepdims=int(keep)
    )


# ---------------------------------------------------------------------------------------------- shape
def _reshape(g: Any, y: Any, x: Any, shape: Any) -> Any:
    """One dynamic size can be left to be worked out (-1); of several, the others must stay where they are (0)."""
    free = [i for i, size in enumerate(y.shape) if size is None]
    if len(free) > 1:
        free = [i for i in free if i >= x.ndim or x.shape[i] is not None or x.array.shape[i] != y.array.shape[i]]
    if len(free) > 1:
        absent(f"the sizes {free} of the result are dynamic, and only one can be worked out")
    return g("Reshape", x, tuple(-1 if i in free else size or 0 for i, size in enumerate(y.shape)))


def _expand(g: Any, y: Any, x: Any, shape: Any) -> Any:
    if any(new is None is not old for new, old in zip(y.shape[::-1], (*x.shape[::-1], *[1] * y.ndim))):
        absent("it repeats elements along an axis whose size is dynamic")
    return g("Expand", x, tuple(size or 1 for size in y.shape))


def _getitem(g: Any, y: Any, x: Any, index: tuple[Any, ...]) -> Any:
    axis, rest = 0, x.ndim - sum(item is not None and item is not Ellipsis for item in index)
    for item in index:
        if isinstance(item, int):
            x = g("Gather", x, np.int64(item), axis=axis)
            continue
        if item is None:
            x = g("Unsqueeze", x, (axis,))
        elif item is not Ellipsis and item != slice(None):
            end = END if item.stop is None else item.stop
            x = g("Slice", x, (item.start or 0,), (end,), (axis,), (item.step or 1,))
        axis += rest if item is Ellipsis else 1
    return x


def _pad(g: Any, y: Any, x: Any, before: Any, size: Any, value: float) -> Any:
    axes = tuple(range(x.ndim - len(size), x.ndim))
    after = (n - x.array.shape[axis] - b for n, axis, b in zip(size, axes, before))
    return g("Pad", x, (*before, *after), value, axes)


def _take(g: Any, y: Any, x: Any, index: tuple[Any, ...]) -> Any:
    (axis, only), *others = ((i, each) for i, each in enumerate(index) if not isinstance(each, slice))
    if others or only.dtype == BOOL:
        absent("only an index of one tensor of integers is translated: use gather, or torch.where for a mask")
    return g("Gather", x, g.cast(only, INT64), axis=axis)


def _clamp(g: Any, y: Any, x: Any, low: Any, high: Any) -> Any:
    x, low, high = (g.cast(each, y.dtype) for each in (x, low, high))
    x = x if low is None else g("Max", x, low)
    return x if high is None else g("Min", x, high)


# ---------------------------------------------------------------------------------------------- layers
def _var(g: Any, y: Any, x: Any, axis: tuple[int, ...], keep: bool, correction: float) -> Any:
    centred = x - g("ReduceMean", x, axis)
    count = math.prod(x.shape[i] or absent("it divides by a size that is dynamic") for i in axis) if correction else 1
    factor = count / (count - correction) if count > correction else math.inf
    return g("ReduceMean", centred * centred, axis, keepdims=int(keep)) * factor


def _normalize(g: Any, y: Any, x: Any, weight: Any, bias: Any, axis: Any, eps: Any, centre: Any = 1, **_: Any) -> Any:
    x = x - g("ReduceMean", x, axis) if centre else x
    x = x / g("Sqrt", g("ReduceMean", x * x, axis) + eps)
    x = x if weight is None else x * weight
    return x if bias is None else x + bias


def _linear(g: Any, y: Any, x: Any, weight: Any, bias: Any = None) -> Any:
    if x.ndim == 2:
        return g("Gemm", x, weight, bias, transB=1)
    product = g("MatMul", x, g("Transpose", weight, perm=[1, 0]))
    return product if bias is None else product + bias


def _attention(g: Any, y: Any, q: Any, k: Any, v: Any, mask: Any, scale: float, causal: bool = False, **_: Any) -> Any:
    scores = g("MatMul", q * scale, g("Transpose", k, perm=[*range(k.ndim - 2), k.ndim - 1, k.ndim - 2]))
    scores = scores if mask is None else scores + mask
    if causal:
        size = q.shape[-2] or absent("its time is dynamic"), k.shape[-2] or absent("its time is dynamic")
        scores = scores + np.triu(np.full(size, -np.inf, y.dtype), 1)
    return g("MatMul", g("Softmax", scores, axis=-1), v)


def _laid(x: Any, windows: Any) -> dict[str, Any]:
    """The attributes of a kernel's way over `x`."""
    if x.ndim != len(windows.size) + 2:
        absent(f"it needs a batch of examples, not a tensor of {x.ndim} dimensions")
    fields = zip(windows.kernel, windows.stride, windows.padding, windows.dilation, windows.size, windows.counts)
    ends = (max((c - 1) * s + d * (k - 1) + 1 - p - n, 0) for k, s, p, d, n, c in fields)
    kernel, stride, dilation = map(list, (windows.kernel, windows.stride, windows.dilation))
    return dict(kernel_shape=kernel, strides=stride, dilations=dilation, pads=[*windows.padding, *ends])


def _conv_transpose(g: Any, y: Any, x: Any, weight: Any, bias: Any, windows: Any, groups: int) -> Any:
    laid = _laid(x, windows) | dict(pads=[*windows.padding] * 2, output_shape=list(windows.size))
    return g("ConvTranspose", x, weight, bias, group=groups, **laid)


def _avg_pool(g: Any, y: Any, x: Any, windows: Any, count_include_pad: bool, divisor: int | None) -> Any:
    laid = {name: value for name, value in _laid(x, windows).items() if name != "dilations"}
    padded = count_include_pad and any(windows.padding)
    if divisor is not None or (padded and any(end > p for p, end in zip(windows.padding, laid["pads"][-y.ndim + 2 :]))):
        absent("divisor_override, and ceil_mode with padding, are not translated")
    return g("AveragePool", x, count_include_pad=int(padded), **laid)


# ---------------------------------------------------------------------------------------------- the table
# fmt: off
TRANSLATORS: dict[str, Any] = {
    name: _typed(name.capitalize()) for name in (
        "abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "div", "erf", "exp",
        "floor", "log", "mish", "mul", "neg", "pow", "reciprocal", "relu", "sigmoid", "sign", "sin", "sinh",
        "sqrt", "sub", "tan", "tanh",
    )
} | {
    "maximum": _typed("Max"), "minimum": _typed("Min"), "hardswish": _typed("HardSwish"), "matmul": _typed("MatMul"),
    **{f"logical_{name.lower()}": _truth(name) for name in ("And", "Or", "Xor", "Not")},
    **{f"bitwise_{name.lower()}": _bits(name) for name in ("And", "Or", "Xor", "Not")},
    "eq": _comparison("Equal"), "lt": _comparison("Less"), "le": _comparison("LessOrEqual"),
    "ne": lambda g, y, a, b: g("Not", _comparison("Equal")(g, y, a, b)),
    "gt": _comparison("Greater"), "ge": _comparison("GreaterOrEqual"),
    "isnan": lambda g, y, x: g("IsNaN", x), "isinf": lambda g, y, x: g("IsInf", x),
    "sum": _reduction("ReduceSum"), "mean": _reduction("ReduceMean"), "prod": _reduction("ReduceProd"),
    "amax": _reduction("ReduceMax"), "amin": _reduction("ReduceMin"), "logsumexp": _reduction("ReduceLogSumExp"),
    "argmax": _arg("ArgMax"), "argmin": _arg("ArgMin"), "var": _var,
    "std": lambda g, y, *x, **options: g("Sqrt", _var(g, y, *x, **options)),
    "reshape": _reshape, "expand": _expand, "getitem": _getitem, "take": _take, "pad": _pad,
    "clamp": _clamp, "hardtanh": _clamp,
    "permute": lambda g, y, x, axes: g("Transpose", x, perm=list(axes)),
    "cat": lambda g, y, *xs, axis: g("Concat", *(g.cast(x, y.dtype) for x in xs), axis=axis),
    "tril": lambda g, y, x, diagonal: g("Trilu", x, np.int64(diagonal), upper=0),
    "triu": lambda g, y, x, diagonal: g("Trilu", x, np.int64(diagonal), upper=1),
    "flip": lambda g, y, x, axes: g("Slice", x, (-1,) * len(axes), (-END,) * len(axes), axes, (-1,) * len(axes)),
    "gather": lambda g, y, x, index, axis: g("GatherElements", x, g.cast(index, INT64), axis=axis),
    "embedding": lambda g, y, weight, index, **_: g("Gather", weight, g.cast(index, INT64)),
    "clone": lambda g, y, x, order: x,
    "to": lambda g, y, x, kind: g.cast(x, kind),
    "overwrite": lambda g, y, x: g.cast(x, y.dtype),
    "where": lambda g, y, c, a, b: g("Where", g.cast(c, BOOL), g.cast(a, y.dtype), g.cast(b, y.dtype)),
    "masked_fill": lambda g, y, x, mask, value: g("Where", mask, g.cast(value, y.dtype), x),
    "copy": lambda g, y, x, source: g("Cast", _expand(g, y, source, None), to=g.type(y.dtype)),
    "round": lambda g, y, x, decimals: g("Round", x * 10.0**decimals) / 10.0**decimals if decimals else g("Round", x),
    "rsqrt": lambda g, y, x: g("Reciprocal", g("Sqrt", g.cast(x, y.dtype))),
    "square": lambda g, y, x: g.cast(x, y.dtype) * g.cast(x, y.dtype),
    "power": lambda g, y, x, exponent: g("Pow", g.cast(x, y.dtype), exponent),
    "log1p": lambda g, y, x: g("Log", g.cast(x, y.dtype) + 1),
    "gelu": lambda g, y, x: x * 0.5 * (g("Erf", x * HALF) + 1),
    "gelu_tanh": lambda g, y, x: x * 0.5 * (g("Tanh", (x * x * 0.044715 + 1) * x * ROOT) + 1),
    "silu": lambda g, y, x: x * g("Sigmoid", x),
    "leaky_relu": lambda g, y, x, slope: g("LeakyRelu", x, alpha=slope),
    "elu": lambda g, y, x, alpha, scale, rate:
        g("Where", g("Greater", x, 0), x, (g("Exp", x * rate) - 1) * alpha) * scale,
    "softplus": lambda g, y, x, beta, threshold: g("Softplus", x * beta) / beta,
    "logsigmoid": lambda g, y, x: g("Neg", g("Softplus", g("Neg", x))),
    "hardsigmoid": lambda g, y, x: g("HardSigmoid", x, alpha=1 / 6, beta=0.5),
    "softmax": lambda g, y, x, axis: g("Softmax", x, axis=axis),
    "log_softmax": lambda g, y, x, axis: g("LogSoftmax", x, axis=axis),
    "linear": _linear, "normalize": _normalize, "normalize_rows": _normalize, "attention": _attention,
    "avg_pool": _avg_pool,
    "conv": lambda g, y, x, w, bias, windows, groups: g("Conv", x, w, bias, group=groups, **_laid(x, windows)),
    "max_pool": lambda g, y, x, windows: g("MaxPool", x, **_laid(x, windows)), "conv_transpose": _conv_transpose,
}
# fmt: on
