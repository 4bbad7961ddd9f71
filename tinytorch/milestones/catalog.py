"""Which milestones are there, in what order, and how is one loaded?

The folders are named for readers (`01_1957_perceptron`), so they are not importable: programs load by
path.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path

from tinytorch.milestones.kit import Milestone

FOLDER = Path(__file__).parent

PROGRAMS = (  # in historical order
    "01_1957_perceptron/forward_pass.py",
    "01_1957_perceptron/perceptron_trained.py",
    "02_1969_xor/xor_crisis.py",
    "02_1969_xor/xor_solved.py",
    "03_1986_mlp/mlp_digits.py",
    "05_2017_transformer/profile_kv_cache.py",
)


def names() -> tuple[str, ...]:
    return tuple(Path(program).stem for program in PROGRAMS)


def path(name: str) -> Path:
    """Where the program is; KeyError for a name that is not in the catalog."""
    return FOLDER / dict(zip(names(), PROGRAMS, strict=True))[name]


@cache
def load(name: str, framework: str = "tinytorch") -> Milestone:
    """The program, with TinyTorch or PyTorch (`framework="torch"`) under it."""
    file = path(name)
    module_name = f"tinytorch.milestones.{name}"
    spec = importlib.util.spec_from_file_location(module_name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} can't be loaded: it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # so that pickling and inspection find it, as for any import
    spec.loader.exec_module(module)
    program = getattr(module, name, None)
    if not isinstance(program, Milestone):
        raise ImportError(f"{file} defines no milestone called {name}")
    return program
