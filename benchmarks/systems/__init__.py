"""Who takes part? Each system builds the function that is timed: a training step, or a generation.

A system is a module of this folder, or, for those with PyTorch's names, an entry point of torch_names. What it needs
is imported when it is built, so that no process holds more than one.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from workloads import Workload

Step = Callable[[], Any]  # returns the loss, or the tokens that were written; the limit returns None

BUILDERS = {  # a function of a workload and the number of threads
    "tinytorch": "torch_names.tinytorch",
    "tinytorch-parallel": "torch_names.parallel",
    "torch": "torch_names.eager",
    "torch.compile": "torch_names.compiled",
    "jax": "jax_jit.build",
    "autograd": "hips_autograd.build",
    "mygrad": "mygrad_tape.build",
    "gemm": "gemm.build",
}
OWN_THREADS = {"tinytorch-parallel"}  # those that start threads of their own, and so take part only where there are two


class SkippedError(Exception):
    """A system can't run a workload here; the message is the reason."""


def build(system: str, work: Workload, threads: int) -> Step:
    """Return the function to be timed.

    Raises:
        SkippedError: The system is not installed, has nothing to do this work with, or fails to begin.
    """
    module, function = BUILDERS[system].split(".")
    try:
        step: Step = getattr(import_module(f"{__name__}.{module}"), function)(work, threads)
    except ModuleNotFoundError as error:
        raise SkippedError(f"{error.name} is not installed") from error
    return step
