"""Write docs/api.md: every public name of PyTorch's that TinyTorch has, whole or in part, and those it has not.

    make api                         # needs PyTorch (the parity extra)
    python tools/api_page.py --check # exits with 1 if the page in the tree is another

A name is ✓ only if `make parity` runs it and it takes every argument that PyTorch's takes; otherwise it is "partial",
with what differs. Nothing on the page is written by hand.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

import torch
from parity import samples
from parity.deliberate import REASONS
from parity.rows import CASES

import tinytorch

PAGE = ROOT / "docs" / "api.md"
ROOMS = {  # the title of each, and the path to it from either library
    "torch": "",
    "torch.Tensor": "Tensor",
    "torch.nn": "nn",
    "torch.nn.functional": "nn.functional",
    "torch.nn.init": "nn.init",
    "torch.nn.utils": "nn.utils",
    "torch.nn.utils.rnn": "nn.utils.rnn",
    "torch.optim": "optim",
    "torch.optim.lr_scheduler": "optim.lr_scheduler",
    "torch.autograd": "autograd",
    "torch.linalg": "linalg",
    "torch.utils.data": "utils.data",
}
SHORT = {
    "F": "nn.functional", "nn": "nn", "init": "nn.init", "optim": "optim", "data": "utils.data", "torch": "",
    "S": "optim.lr_scheduler", "U": "nn.utils", "rnn": "nn.utils.rnn",
}  # fmt: skip
# Arguments that say how PyTorch is to compute or where to put it, on machines that TinyTorch does not know.
HOW = """
    self out layout pin_memory memory_format names requires_grad_ foreach fused capturable differentiable non_blocking
    verbose is_grads_batched swap_tensors args kwargs _stacklevel sparse_grad pickle_module pickle_protocol
    _disable_byteorder_record _use_new_zipfile_serialization orig_func
"""
# Arguments that PyTorch's docstrings name and its functions do not take under that name.
MISPRINTS = """
    broadcast_to.shape true_divide.dividend true_divide.divisor true_divide.value rot90.1 bmm.batch2 div.value
    divide.value dot.other floor_divide.value fmod.divisor hsplit.split_size_or_sections index_copy.tensor2
    masked_scatter.tensor matmul.tensor2 mul.value multiply.value narrow.dimension remainder.divisor
    split.split_size take.indices type_as.tensor vdot.other vsplit.split_size_or_sections where.y one_hot.tensor
    result_type.tensor1 result_type.tensor2 concatenate.axis default_convert.data uniform_.from
"""


def room(lib: Any, path: str) -> Any:
    """`torch.nn.functional` of a library."""
    return lib.Tensor if path == "Tensor" else importlib.import_module(f"{lib.__name__}.{path}".rstrip("."))


def public(lib: Any, path: str) -> dict[str, Any]:
    """The public names in a room that are functions, methods, properties or classes."""
    home = room(lib, path)
    names = getattr(home, "__all__", None) or dir(home)
    found = {}
    for name in sorted({*names, *(dir(home) if path == "Tensor" or lib is tinytorch else ())}):
        value = getattr(home, name, None)
        if name.startswith("_") or inspect.ismodule(value) or not (callable(value) or path == "Tensor"):
            continue
        module = getattr(value, "__module__", None) or ""
        if module.split(".")[0] in ("typing", "builtins", "functools", "numpy", "collections") and path != "Tensor":
            continue
        found[name] = value
    return found


def run_by_parity() -> set[str]:
    """The names, such as `nn.functional.relu` or `Tensor.sum`, that some case of parity or some sample calls."""
    found: set[str] = set()
    for case in CASES:
        source = textwrap.dedent(inspect.getsource(case.program)) if case.program else case.text
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Attribute):
                found.add(_resolved(ast.unparse(node)))
    for name in samples.NAMES:
        for sample in _first(samples.samples(name)):
            found.add(name)
            found.add(f"Tensor.{name}" if " method " in sample.text or hasattr(torch.Tensor, name) else name)
    return found


def _first(several: Iterator[Any]) -> Iterator[Any]:
    for each in several:
        yield each
        return


def _resolved(path: str) -> str:
    first, _, rest = path.partition(".")
    if first in SHORT and re.fullmatch(r"[\w.]+", path):
        return ".".join(filter(None, [SHORT[first], rest]))
    return f"Tensor.{path.rpartition('.')[2]}"


def arguments(function: Any) -> set[str] | None:
    """The names of the arguments; None where it takes any, or where nobody knows."""
    try:
        parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    except (TypeError, ValueError):
        name = re.escape(getattr(function, "__name__", ""))
        lines = re.findall(rf"^(?:torch\.)?{name}\((.*?)\) ->", inspect.getdoc(function) or "", re.M)
        return {word for line in lines for word in re.findall(r"(?:^|, )\*?(\w+)", re.sub(r"\[[^]]*\]", "", line))}
    if any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in parameters):
        return None
    return {p.name for p in parameters}


def partial(theirs: Any, ours: Any) -> str:
    """Which of PyTorch's arguments are missing."""
    a, b = arguments(theirs), arguments(ours)
    missing = sorted((a or set()) - (b if b is not None else a or set()) - set(HOW.split()))
    missing = [each for each in missing if f"{theirs.__name__}.{each}" not in MISPRINTS.split()]
    return f"without {', '.join(f'`{name}`' for name in missing)}" if missing else ""


def page() -> str:
    """The whole page."""
    run = run_by_parity()
    lines = [
        "# The names",
        "",
        "Written by `make api` from the code; every ✓ is a name that `make parity` runs on PyTorch and on TinyTorch.",
        f"PyTorch is {torch.__version__.split('+')[0]}; TinyTorch is {tinytorch.__version__}.",
        "",
    ]
    body, totals = [], []
    for title, path in ROOMS.items():
        theirs, ours = public(torch, path), public(tinytorch, path)
        rows, counts = [], {"✓": 0, "partial": 0}
        for name in sorted({*theirs} & {*ours}, key=_alphabetical):
            whole = f"{path}.{name}" if path else name
            notes = [partial(theirs[name], ours[name])] if callable(ours[name]) else []
            notes += [] if whole in run else ["not compared with PyTorch"]
            note = "; ".join(filter(None, notes))
            counts["partial" if note else "✓"] += 1
            rows.append(f"| `{name}` | {'partial: ' + note if note else '✓'} |")
        documented = {name for name, value in theirs.items() if getattr(value, "__doc__", None)}
        absent = sorted(documented - {*ours}, key=_alphabetical)
        totals.append(
            f"| [{title}](#{title.lower().replace('.', '')}) | {counts['✓']} | {counts['partial']} | {len(absent)} |"
        )
        body += [f"## {title}", "", "| name | |", "|---|---|", *rows, ""]
        body += [f"Absent: {_listed(absent)}", ""] if absent else []
    lines += ["| room | ✓ | partial | absent |", "|---|---:|---:|---:|", *totals, "", *body]
    lines += ["## Differences on purpose", "", *(f"- {reason}." for reason in REASONS), ""]
    return "\n".join(lines)


def _alphabetical(name: str) -> tuple[str, str]:
    return name.lower(), name


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) + "."


def main() -> int:
    """Write the page, or compare it with the one there is."""
    text = page()
    if "--check" in sys.argv:
        return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    print("\n".join(line for line in text.splitlines() if line.startswith("| [")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
