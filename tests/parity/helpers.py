"""The names that rows may use besides the library's own: `fill`, `trained`, `steps`, `rates`, `exchange`."""

from __future__ import annotations

import copy
import importlib
import io
import math
import pickle
import re
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import safetensors.torch

import tinytorch
from parity.inputs import DTYPES


def names(lib: ModuleType, case: Any) -> dict[str, Any]:
    """What the words in a row mean when it runs on `lib`."""
    return {
        "torch": lib,
        "nn": lib.nn,
        "F": lib.nn.functional,
        "init": lib.nn.init,
        "U": lib.nn.utils,
        "rnn": importlib.import_module(f"{lib.__name__}.nn.utils.rnn"),
        "optim": lib.optim,
        "S": lib.optim.lr_scheduler,
        "data": importlib.import_module(f"{lib.__name__}.utils.data"),
        "DTYPES": [getattr(lib, name) for name in DTYPES],
        "np": np,
        "copy": copy,
        "io": io,
        "pickle": pickle,
        "OrderedDict": OrderedDict,
        "math": math,
        "inf": math.inf,
        "nan": math.nan,
        "fill": lambda model: fill(lib, model, case.random(99)),
        "trained": lambda model, *inputs, **named: trained(lib, fill(lib, model, case.random(99)), *inputs, **named),
        "steps": lambda make, **how: steps(lib, make, case.random(99), **how),
        "rates": lambda make, **how: rates(lib, make, **how),
        "unnamed": lambda x: re.sub(r",\s+grad_fn=<\w+>", ", grad_fn", repr(x)),
        "exchange": lambda tensors, **how: exchange(lib, tensors, **how),
        "again": lambda tensors, **how: again(lib, tensors, **how),
    }


def dtype_name(x: Any) -> str:
    """`float32` for `torch.float32`."""
    return repr(x.dtype).removeprefix("torch.")


def fill(lib: ModuleType, model: Any, random: np.random.Generator) -> Any:
    """The model, with weights that depend on `random` and not on the library."""
    with lib.no_grad():
        for tensor in model.state_dict().values():
            tensor.copy_(lib.tensor(random.normal(0, 0.5, tuple(tensor.shape)).astype(dtype_name(tensor))))
    return model


def trained(lib: ModuleType, model: Any, *inputs: Any, **named: Any) -> dict[str, Any]:
    """The output of the model, and after a backward with a given gradient the gradient of each parameter.

    Where it returns several tensors, in tuples, the outputs are those, and each has its given gradient.
    """
    outputs = flat(model(*inputs, **named))
    for i, output in enumerate(outputs):
        gradient = np.cos(np.arange(output.numel())).reshape(tuple(output.shape)).astype(dtype_name(output))
        if output.requires_grad:
            output.backward(lib.tensor(gradient), retain_graph=i + 1 < len(outputs))
    seen = [x.detach() for x in outputs]
    return {"output": seen if len(seen) > 1 else seen[0], **{name: p.grad for name, p in model.named_parameters()}}


def flat(outputs: Any) -> list[Any]:
    """The tensors in nested tuples."""
    if isinstance(outputs, tuple):
        return [x for each in outputs for x in flat(each)]
    return [] if outputs is None else [outputs]


def steps(
    lib: ModuleType,
    make: Callable[..., Any],
    random: np.random.Generator,
    *,
    dtype: str = "float32",
    idle: tuple[int, ...] = (),
    late: tuple[int, ...] = (),
    groups: bool = False,
    spoil: float | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Ten steps with given gradients: the weights after each, then the structure of the optimizer's state.

    The parameters in `idle` never get a gradient, those in `late` from the fifth step on; `groups` puts the first
    parameter into a group with a learning rate of its own. `spoil` takes the place of one element of each gradient from
    the third step on; there is then a parameter without elements, too.
    """
    shapes = [(3, 2), (4,), (), (2, 3), *[(0, 2)] * (spoil is not None)]
    params = [lib.tensor(random.normal(size=shape).astype(dtype), requires_grad=True) for shape in shapes]
    split = [{"params": params[:1], "lr": 0.05}, {"params": params[1:]}] if groups else params
    optimizer = make(split, **options)
    history = []
    for step in range(10):
        optimizer.zero_grad()
        for i, p in enumerate(params):
            values = np.asarray(random.normal(size=shapes[i]), dtype)
            if spoil is not None and step >= 2 and values.size:
                values.flat[values.size // 2] = spoil
            gradient = lib.tensor(values)
            if i not in idle and (i not in late or step >= 4):
                p.grad = gradient
        optimizer.step()
        history.append([p.detach().clone() for p in params])
    state = dict(sorted(optimizer.state_dict()["state"].items()))
    return {"history": history, "state": state, "groups": settings(optimizer)}


def rates(
    lib: ModuleType,
    make: Callable[[Any], Any],
    *,
    count: int = 50,
    kind: str = "SGD",
    done: int = -1,
    tensor: bool = False,
    save: int = -1,
    **options: Any,
) -> dict[str, Any]:
    """The learning rates (and momentum) of two groups over `count` steps of the scheduler that `make(optimizer)` makes.

    `done` is the step from which the scheduler goes on; `tensor` makes the rates tensors; `save` is the step at which
    its state moves to a new scheduler.
    """
    as_rate = (lambda lr: lib.tensor(lr, dtype=lib.float64)) if tensor else float
    groups = [{"params": [lib.zeros(1)], "lr": as_rate(lr)} for lr in (0.4, 0.03)]
    if done >= 0:
        for group, lr in zip(groups, (1.0, 0.3)):
            group["initial_lr"] = as_rate(lr)
    optimizer = getattr(lib.optim, kind)(groups, **options)
    scheduler = make(optimizer)

    def now() -> list[Any]:
        settings = [(g["lr"], g.get("momentum"), g.get("betas"), g.get("initial_lr")) for g in optimizer.param_groups]
        return copy.deepcopy([settings, scheduler.get_last_lr(), getattr(scheduler, "last_epoch", None)])

    seen = [now()]
    for step in range(count):
        if step == save:
            state = copy.deepcopy(scheduler.state_dict())
            settings = [dict(group) for group in optimizer.param_groups]
            scheduler = make(optimizer)
            scheduler.load_state_dict(state)
            for group, old in zip(optimizer.param_groups, settings):
                group.update(old)
        optimizer.step()
        scheduler.step()
        seen.append(now())
    return {"rates": seen, "base": getattr(scheduler, "base_lrs", None)}


def exchange(lib: ModuleType, tensors: dict[str, Any], metadata: dict[str, str] | None = None) -> dict[str, Any]:
    """The tensors after a journey through a file, written for `lib` and read for the other library.

    PyTorch's side is the safetensors package; `metadata` is what it adds to the file.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "state.safetensors")
        if lib is tinytorch:
            lib.save(tensors, path)
            arrived = safetensors.torch.load_file(path)
        else:
            safetensors.torch.save_file(tensors, path, metadata)
            arrived = tinytorch.load(path)
    return {key: lib.tensor(arrived[key].detach().numpy()) for key in sorted(arrived)}


def again(lib: ModuleType, tensors: Any, **how: Any) -> dict[str, Any]:
    """The tensors after a journey through three files: two on disk and one in memory."""
    with tempfile.TemporaryDirectory() as folder:
        memory = io.BytesIO()
        for f in (Path(folder, "model.pt"), str(Path(folder, "model.pth")), memory):
            lib.save(tensors, f)
        memory.seek(0)
        first, second, third = (
            lib.load(f, **how) for f in (str(Path(folder, "model.pt")), Path(folder, "model.pth"), memory)
        )
    assert all(lib.equal(first[key], second[key]) and lib.equal(first[key], third[key]) for key in first)
    return {key: value.detach().contiguous() for key, value in first.items()}  # safetensors keeps no strides


INNER = ("foreach", "fused", "capturable", "differentiable")  # how PyTorch computes, not what


def settings(optimizer: Any) -> list[dict[str, Any]]:
    """The options of each group, but for those that only tell PyTorch how to compute."""
    return [
        {key: group[key] for key in sorted(group) if key not in INNER}
        for group in optimizer.state_dict()["param_groups"]
    ]
