"""Do imports point one way? Reads them from the source of every file, and looks at what importing really loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import tinytorch

HOME = Path(tinytorch.__file__).parent

# The rooms of the house from the ground up. A file may import what lies below it, or files of its own room.
FLOORS = [
    ["dtypes"],
    ["errors", "device", "memory"],
    ["size"],
    ["ops", "random", "printing"],
    ["autograd"],
    ["functions"],
    ["tensor", "linalg"],
    ["functions.creation", "environment", "special"],
    ["nn", "nested"],
    ["optim", "utils", "serialization"],
    ["inspection"],  # looks at a model from outside
    ["profiler"],
    ["onnx"],
    ["__init__"],  # the public names; what programs see as `tinytorch`
    ["models", "text"],
    ["datasets.maps"],  # the datasets as utils.data.Dataset
    ["datasets.remote"],
    ["milestones"],
    ["cli"],
    ["__main__"],
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
ALONE = "datasets"  # knows nothing of tensors, and may be used by those above the public names
# A program run as a file meets the screen, and a generator puts its state into a tensor: only when asked to.
ALLOWED = {("milestones.kit", "cli"), ("random", "tensor")}
# What a library file may import from outside when it is itself imported; everything else is imported where it is used.
OUTSIDE = {"cli": {"numpy", "click", "rich"}, "cli.plots": {"numpy", "matplotlib"}}
ANYWHERE = {"numpy"}
NEVER = {"torch"}


class Import(NamedTuple):
    source: str  # the importing file, as "nn.layers"
    target: str  # what it imports: "tinytorch.ops.loss", "numpy.typing"
    eager: bool  # when the file is imported, not when a function is called
    line: int


def module_name(path: Path) -> str:
    parts = path.relative_to(HOME).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imports_in(source: str, text: str) -> Iterator[Import]:
    """Return every import of a file but those that only type checkers see."""

    def walk(node: ast.AST, eager: bool) -> Iterator[Import]:
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            return
        if isinstance(node, ast.Import):
            yield from (Import(source, alias.name, eager, node.lineno) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{source}:{node.lineno} imports relatively: write the whole name"
            assert node.module
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield Import(source, whole if is_module(whole) else node.module, eager, node.lineno)
        inside = eager and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside)

    yield from walk(ast.parse(text), True)


def is_module(name: str) -> bool:
    if not name.startswith("tinytorch."):
        return False
    path = HOME.joinpath(*name.split(".")[1:])
    return path.is_dir() or path.with_suffix(".py").is_file()


def room(name: str) -> str:
    """Return the room of a file: the longest of its prefixes that has a floor."""
    parts = name.split(".")
    prefixes = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next((p for p in prefixes if p in FLOOR or p == ALONE), name)


def inner(target: str) -> str | None:
    """Return a target inside the package without the package's name; None for one outside."""
    if target == "tinytorch":
        return "__init__"
    return target.removeprefix("tinytorch.") if target.startswith("tinytorch.") else None


def complaint(each: Import) -> str | None:
    target = inner(each.target)
    if target is None:
        return complaint_outside(each)
    here, there = room(each.source), room(target)
    if here == there or (not each.eager and (each.source, there) in ALLOWED):
        return None
    if here == ALONE:
        return "the datasets know nothing of the rest"
    if there == ALONE:
        return None if FLOOR[here] > FLOOR["__init__"] else "the core knows nothing of the datasets"
    if here not in FLOOR or there not in FLOOR:
        return "has no floor: add its room to FLOORS"
    return None if FLOOR[there] < FLOOR[here] else f"points up, from {here} to {there}"


def complaint_outside(each: Import) -> str | None:
    top = each.target.split(".")[0]
    if top in NEVER:
        return "the library needs no torch"
    if top in sys.stdlib_module_names or not each.eager:
        return None
    here = next((k for k in (each.source, each.source.split(".")[0]) if k in OUTSIDE), "")
    return (
        None if top in OUTSIDE.get(here, ANYWHERE) else "is imported as soon as the library is: do it where it is used"
    )


FILES = {module_name(path): path for path in sorted(HOME.rglob("*.py"))}


@pytest.mark.parametrize("name", FILES)
def test_imports_point_one_way(name):
    found = imports_in(name, FILES[name].read_text(encoding="utf-8"))
    wrong = [f"line {each.line}: {each.target} {complaint(each)}" for each in found if complaint(each)]
    assert not wrong


@pytest.mark.parametrize(
    ("name", "line", "says"),
    [
        ("ops.loss", "from tinytorch.autograd import apply", "points up, from ops to autograd"),
        ("ops.loss", "import tinytorch as torch", "points up"),
        ("autograd", "from tinytorch import tensor", "points up"),
        ("tensor", "def f():\n    from tinytorch.nn import functional", "points up, from tensor to nn"),
        ("functions.shape", "from tinytorch.functions.creation import zeros", "points up"),
        ("optim.algorithms", "from tinytorch.utils.data import DataLoader", "points up"),
        ("nn.layers", "from tinytorch.datasets import load_tinydigits", "the core knows nothing"),
        ("utils.data", "from tinytorch.milestones import kit", "points up"),
        ("datasets.files", "from tinytorch.tensor import Tensor", "know nothing of the rest"),
        ("datasets.images", "import tinytorch", "know nothing of the rest"),
        ("nn.layers", "import tinytorch.cli", "points up"),
        ("attic", "from tinytorch.tensor import Tensor", "has no floor"),
        ("nn.layers", "from tinytorch.inspection.watch import watched", "points up"),
        ("autograd", "from tinytorch.profiler.record import active", "points up"),
        ("onnx.translators", "import onnx", "as soon as"),
        ("nn.layers", "import torch", "no torch"),
        ("nn.layers", "def f():\n    import torch", "no torch"),
        ("datasets.images", "from sklearn.datasets import load_digits", "as soon as"),
        ("tensor", "try:\n    import rich\nexcept ImportError:\n    rich = None", "as soon as"),
        ("milestones.kit", "import matplotlib.pyplot as plt", "as soon as"),
        ("cli.screen", "import matplotlib", "as soon as"),
        ("milestones.kit", "from tinytorch.cli import run_file", "points up"),
        ("tensor", "class A:\n    import click", "as soon as"),
    ],
)
def test_an_import_that_points_the_wrong_way_would_be_found(name, line, says):
    (each,) = imports_in(name, line)
    assert says in (complaint(each) or "")


def test_imports_that_are_right_are_not_complained_of():
    for name, line in (
        ("tensor", "if TYPE_CHECKING:\n    from tinytorch.nn import Module"),
        ("milestones.kit", "def f():\n    from tinytorch.cli import run_file"),
        ("datasets.tinydigits.build", "def f():\n    from sklearn.datasets import load_digits"),
        (
            "milestones.03_1986_mlp.mlp_digits",
            "import tinytorch as torch\nfrom tinytorch.datasets import load_tinydigits",
        ),
        ("cli.screen", "import click\nfrom rich.console import Console\nfrom tinytorch.milestones import kit"),
    ):
        assert [complaint(each) for each in imports_in(name, line)] in ([], [None], [None] * 2, [None] * 3)


def test_files_import_each_other_in_no_circle():
    needs = {
        name: {
            file_of(inner(i.target))
            for i in imports_in(name, path.read_text(encoding="utf-8"))
            if i.eager and inner(i.target)
        }
        - {name}
        for name, path in FILES.items()
        if name != "__init__"
    }
    done: set[str] = {"__init__"}
    while ready := {name for name in needs if name not in done and needs[name] <= done}:
        done |= ready
    assert sorted(set(needs) - done) == []


def file_of(name: str) -> str:
    return name if name in FILES else name.rpartition(".")[0]


def programs():
    return sorted((HOME / "milestones").glob("[0-9]*/*.py"))


def test_no_milestone_imports_another_and_each_is_a_program_to_be_read_alone():
    assert programs()
    for path in programs():
        targets = {each.target for each in imports_in(module_name(path), path.read_text(encoding="utf-8"))}
        ours = {t for t in targets if t.startswith("tinytorch")}
        assert "tinytorch" in ours
        names = {f"tinytorch.milestones.{each.stem}" for each in programs()}
        others = (ours & names) | {t for t in ours if "cli" in t}
        assert not others, f"{path.name} imports {others}"
        assert {t.split(".")[0] for t in targets} <= {"tinytorch", "numpy"} | sys.stdlib_module_names


# ------------------------------------------------------------------------------------------------ what is loaded
def loaded_by(statement: str) -> set[str]:
    program = f"{statement}; import sys; print(*sys.modules, sep='\\n')"
    return set(subprocess.check_output([sys.executable, "-c", program], text=True, cwd=HOME.parent).split())


HEAVY = {
    *("rich", "click", "matplotlib", "pooch", "sklearn", "torch", "mlxtend", "pygments"),
    *("numpy.random", "json", "tempfile", "hashlib", "zipfile", "dataclasses", "urllib.request", "ssl", "difflib"),
    *("tinytorch.datasets", "tinytorch.milestones", "tinytorch.cli", "tinytorch.inspection", "tinytorch.onnx", "onnx"),
    "tinytorch.profiler",
}


def test_importing_tinytorch_loads_nothing_slow_that_numpy_has_not_loaded():
    extra = loaded_by("import tinytorch") - loaded_by("import numpy")
    assert "tinytorch.nn" in extra
    assert sorted(extra & HEAVY) == []


def test_importing_the_datasets_loads_no_tensors():
    pure = "import sys, types; package = types.ModuleType('tinytorch'); package.__path__ = ['tinytorch']; "
    pure += "sys.modules['tinytorch'] = package; import tinytorch.datasets"
    assert {name for name in loaded_by(pure) if name.startswith("tinytorch")} <= {
        "tinytorch",
        *(f"tinytorch.{name}" for name in FILES if name.startswith("datasets")),
    }
