"""How do the modules with PyTorch's names do the work? With the same program: the networks of workloads.py."""

from __future__ import annotations

import os
import shutil
from importlib import import_module

from workloads import NEW_TOKENS, Workload, generation, prompt, training_step, weights

from systems import SkippedError, Step


def tinytorch(work: Workload, threads: int) -> Step:
    if work.generates and not work.by_modules:
        return generate(work)
    return _build("tinytorch", work, threads)


def parallel(work: Workload, threads: int) -> Step:
    """A piece of the batch for each thread, and BLAS with one in each."""
    if work.generates:
        raise SkippedError("there is no batch to make pieces of")
    return _build("tinytorch", work, threads, parallel=True)


def eager(work: Workload, threads: int) -> Step:
    return _build("torch", work, threads)


def compiled(work: Workload, threads: int) -> Step:
    import_module("torch")  # if it is missing, that is the reason
    if not any(map(shutil.which, (os.environ.get("CXX", "c++"), "g++", "clang++", "cl"))):
        raise SkippedError("torch.compile needs a C++ compiler, and none is installed")
    return _build("torch", work, threads, compiled=True)


def _build(module: str, work: Workload, threads: int, **ways: bool) -> Step:
    torch = import_module(module)
    torch.set_num_threads(threads)
    return (generation if work.generates else training_step)(torch, work, **ways)


def generate(work: Workload) -> Step:
    """What a user of TinyTorch calls: models.generate, which after the prompt works on plain arrays, not on modules."""
    import tinytorch as torch
    from tinytorch.models import GPT, generate

    depth, width, heads, context, vocabulary = work.shape
    model, state = GPT(vocabulary, context, width, heads, depth), {}
    for name, array in weights(work).items():  # by another name there
        name = name.replace(".qkv.", ".attention.qkv.").replace(".proj.", ".attention.out.")
        state[name] = torch.tensor(array)
    model.load_state_dict(state)
    model.eval()
    first = prompt(work).tolist()
    return lambda: generate(model, first, NEW_TOKENS)
