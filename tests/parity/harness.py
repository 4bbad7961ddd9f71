"""The cases, and running one of them on one library.

A row of a table is the line that a student would write, such as `x.sum(dim=1, keepdim=True)`: statements separated by
semicolons, the last of them an expression. `torch`, `nn`, `F`, `optim` and `data` in it mean either library. What does
not fit on a line is a function of `torch`. No row knows which library it runs on, and none may import one.
"""

from __future__ import annotations

import ast
import itertools
import re
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from parity import helpers
from parity.inputs import Input
from tinytorch.ops import QUIET


@dataclass(frozen=True)
class Case:
    """One thing to try on both libraries."""

    family: str
    text: str
    inputs: Mapping[str, Input] = field(default_factory=dict)
    program: Callable[[ModuleType], Any] | None = None
    raises: bool = False  # PyTorch refuses it; or else it must not
    grad: bool | str = True  # floating inputs require grad, and it is pulled back; "own": the row does that itself
    tolerance: float | None = None  # instead of the one for the type
    strides: bool = True  # they must be PyTorch's, too
    loud: bool = True  # NumPy's warnings count also where TinyTorch's own filter holds them back

    @property
    def name(self) -> str:
        """What the row says, whatever it is given."""
        return f"{self.family}: {self.text}"

    def __str__(self) -> str:
        used = ", ".join(f"{name}={spec}" for name, spec in self.inputs.items())
        return self.name + (f"  with {used}" if used else "")

    def random(self, salt: int = 0) -> np.random.Generator:
        """The same random numbers whichever library asks."""
        return np.random.default_rng([zlib.crc32(str(self).encode()), salt])


def table(family: str, rows: str | Sequence[str], **options: Any) -> list[Case]:
    """A case for each line of `rows`.

    An option that is an `Input`, or a list of them, gives the row its tensor of that name. One that is text, or a list
    of texts, replaces `$name`; a text stands for the several that semicolons or line ends separate in it. There is a
    case for each combination. The other options are fields of `Case`.
    """
    fields = {k: v for k, v in options.items() if k in ("raises", "grad", "tolerance", "loud")}
    names = {k: _several(v) for k, v in options.items() if k not in fields}
    cases = []
    for line in rows.strip().splitlines() if isinstance(rows, str) else rows:
        for text, inputs in _choices(line.strip(), names):
            cases.append(Case(family, text, inputs, **fields))
    return cases


def _several(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [part.strip() for part in re.split(r"[;\n]", value) if part.strip()]
    return [value] if isinstance(value, Input) else list(value)


def _choices(line: str, names: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Input]]]:
    """The texts that a line stands for, and for each the inputs it may get."""
    words = [word for word in re.findall(r"\$(\w+)", line) if word in names]
    if words:
        for text in names[words[0]]:
            yield from _choices(re.sub(rf"\${words[0]}\b", lambda _, text=text: text, line), names)
        return
    inputs = {name for name, several in names.items() if isinstance(several[0], Input)}
    used = [word for word in dict.fromkeys(re.findall(r"[A-Za-z_]\w*", line)) if word in inputs]
    for chosen in itertools.product(*[names[word] for word in used]):
        yield line, dict(zip(used, chosen))


def programs(family: str, *functions: Callable[[ModuleType], Any], **fields: Any) -> list[Case]:
    """A case for each function of `torch`, named after it."""
    return [Case(family, f.__name__.replace("_", " "), program=f, **fields) for f in functions]


# ------------------------------------------------------------------------------------ what can be seen from outside
@dataclass(frozen=True)
class Seen:
    """A tensor, as a program can see it."""

    values: np.ndarray
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]  # of the dimensions along which there is a step to make
    shares: tuple[str, ...]  # the inputs whose memory it shares
    requires_grad: bool
    is_leaf: bool
    kind: str = "Tensor"  # or Parameter


@dataclass(frozen=True)
class Structure:
    """A container: the name of its type and of its fields, and what it holds."""

    kind: str
    items: tuple[tuple[Any, Any], ...]


@dataclass
class Outcome:
    """All that came of a case on one library."""

    result: Any = None
    inputs: dict[str, Seen] = field(default_factory=dict)  # as they are afterwards
    grads: dict[str, Seen | None] = field(default_factory=dict)
    error: Exception | None = None
    warned: str = ""


def run(case: Case, lib: ModuleType) -> Outcome:
    """Try the case on `lib`: the result, the gradient of every floating input, or the error."""
    random = case.random()
    arrays = {name: spec.draw(random) for name, spec in case.inputs.items()}
    getattr(lib, "default_generator", lib).manual_seed(0)
    inputs = {name: lib.tensor(array.copy()) for name, array in arrays.items()}
    if case.grad:
        for name, array in arrays.items():
            inputs[name].requires_grad_(array.dtype.kind == "f")
    outcome = Outcome()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if not case.loud:
            warnings.filterwarnings("ignore", category=RuntimeWarning, module=QUIET)
        try:
            result = case.program(lib) if case.program else _evaluate(case.text, {**helpers.names(lib, case), **inputs})
            outcome.result = look(result, lib, inputs)
            if case.grad is True:
                _pull_back(case, lib, result)
            outcome.inputs = {name: _look_at_tensor(x, lib, {}) for name, x in inputs.items()}
            outcome.grads = {name: look(x.grad, lib, {}) for name, x in inputs.items() if x.is_leaf}
        except Exception as error:
            outcome.error = error
    outcome.warned = "; ".join(str(each.message) for each in caught if each.category is not ResourceWarning)
    return outcome


def _evaluate(text: str, names: dict[str, Any]) -> Any:
    *statements, last = ast.parse(text).body
    assert isinstance(last, ast.Expr), f"the last part must be an expression: {text}"
    exec(compile(ast.Module(statements, []), text, "exec"), names)
    return eval(compile(ast.Expression(last.value), text, "eval"), names)


def _pull_back(case: Case, lib: ModuleType, result: Any) -> None:
    """Pull random gradients back from every tensor in the result that has a history."""
    outputs = [x for x in _tensors(result, lib) if x.requires_grad]
    for i, output in enumerate(outputs):
        cotangent = case.random(1 + i).normal(size=tuple(output.shape))
        gradient = lib.tensor(cotangent.astype(helpers.dtype_name(output)))
        output.backward(gradient, retain_graph=i + 1 < len(outputs))


def _tensors(value: Any, lib: ModuleType) -> Iterator[Any]:
    if isinstance(value, lib.Tensor):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _tensors(each, lib)


def look(value: Any, lib: ModuleType, inputs: Mapping[str, Any]) -> Any:
    """`value` with everything that belongs to `lib` replaced by what can be seen of it."""
    if isinstance(value, lib.Tensor):
        return _look_at_tensor(value, lib, inputs)
    if isinstance(value, (list, tuple, dict)):
        kind = type(value).__name__ if isinstance(value, (lib.Size, dict)) or type(value) in (list, tuple) else "fields"
        keys = value if isinstance(value, dict) else getattr(type(value), "__match_args__", None) or range(len(value))
        items = value.values() if isinstance(value, dict) else value
        return Structure(kind, tuple((key, look(item, lib, inputs)) for key, item in zip(keys, items)))
    if isinstance(value, (lib.dtype, lib.device)):
        return repr(value)
    plain = value is None or isinstance(value, (bool, int, float, str, bytes, np.ndarray))
    return value if plain else f"a {type(value).__name__}"


def _look_at_tensor(x: Any, lib: ModuleType, inputs: Mapping[str, Any]) -> Seen:
    array = x.detach().numpy()
    assert array.dtype.name == helpers.dtype_name(x)
    assert array.shape == tuple(x.shape)
    return Seen(
        values=array.copy(),
        dtype=repr(x.dtype),
        shape=array.shape,
        strides=tuple(step for step, size in zip(x.stride(), x.shape) if size > 1) if array.size else (),
        shares=tuple(n for n, other in inputs.items() if np.may_share_memory(array, other.detach().numpy())),
        requires_grad=x.requires_grad,
        is_leaf=x.is_leaf,
        kind="Parameter" if isinstance(x, lib.nn.Parameter) else "Tensor",
    )
