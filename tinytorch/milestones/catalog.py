"""Which milestones are there, in what order, and how is one loaded?

The folders are named for readers (`01_1957_perceptron`), so they are not importable: programs load by
path.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from tinytorch.milestones.framework import load as load_module
from tinytorch.milestones.kit import Milestone

FOLDER = Path(__file__).parent

PROGRAMS = (  # in historical order
    "01_1957_perceptron/forward_pass.py",
    "01_1957_perceptron/perceptron_trained.py",
    "02_1969_xor/xor_crisis.py",
    "02_1969_xor/xor_solved.py",
    "03_1986_mlp/mlp_digits.py",
    "03_1986_mlp/mlp_mnist.py",
    "04_1998_cnn/cnn_digits.py",
    "04_1998_cnn/lecun_cifar10.py",
    "05_2017_transformer/vaswani_chatgpt.py",
    "05_2017_transformer/vaswani_copilot.py",
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
    return load_file(path(name), name, framework)


def load_file(file: Path, name: str, framework: str = "tinytorch") -> Milestone:
    """The milestone `name` that `file` defines."""
    program = getattr(load_module(f"tinytorch.milestones.{name}", file, framework), name, None)
    if not isinstance(program, Milestone):
        raise ImportError(f"{file} defines no milestone called {name}")
    return replace(program, framework=framework)
