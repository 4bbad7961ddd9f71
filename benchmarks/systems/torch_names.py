"""How do the modules with PyTorch's names do the work? With the same program: the networks of workloads.py."""

from __future__ import annotations

import os
import shutil
from importlib import import_module

from workloads import Workload, generation, training_step

from systems import SkippedError, Step


def tinytorch(work: Workload, threads: int) -> Step:
    return _build("tinytorch", work, threads)


def eager(work: Workload, threads: int) -> Step:
    return _build("torch", work, threads)


def compiled(work: Workload, threads: int) -> Step:
    import_module("torch")  # if it is missing, that is the reason
    if not any(map(shutil.which, (os.environ.get("CXX", "c++"), "g++", "clang++", "cl"))):
        raise SkippedError("torch.compile needs a C++ compiler, and none is installed")
    return _build("torch", work, threads, compiled=True)


def _build(module: str, work: Workload, threads: int, compiled: bool = False) -> Step:
    torch = import_module(module)
    torch.set_num_threads(threads)
    return (generation if work.generates else training_step)(torch, work, compiled)
