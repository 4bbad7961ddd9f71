"""Does memory grow while a network trains, and does anything wait for the garbage collector?

The growth of short trainings; evidence/memory_growth.py measures long ones. Then, with the collector off: what is
deleted is gone at once, and the collector finds nothing of ours afterwards.
"""

from __future__ import annotations

import contextlib
import copy
import gc
import io
import os
import subprocess
import sys
import weakref
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import tinytorch as torch
from tinytorch import nn

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "evidence"))
memory_growth = import_module("memory_growth")
NETWORKS = [*memory_growth.NETWORKS]


# ---------------------------------------------------------------------------------------------- growth
@pytest.mark.fault("memory", "a short training", "each kind of network, and a DataLoader", "memory does not grow")
@pytest.mark.parametrize("name", [*NETWORKS, "dataloader"])
def test_training_does_not_grow(name):
    step = memory_growth.step_of(name)
    found = memory_growth.growth(step, 40, 20)
    assert found["objects more"] <= 20
    assert found["bytes held more"] <= 1 << 20
    assert min(memory_growth.traced(step, 10, 20) for _ in range(3)) <= 4096  # a leak is there each time


def test_a_leak_would_be_found():
    step, leaked = memory_growth.step_of("mlp"), []

    def leaking():
        leaked.append((np.ones(5_000), [step()]))

    assert memory_growth.growth(leaking, 60, 20)["objects more"] >= 50
    assert memory_growth.traced(leaking, 10, 20) > 20 * 40_000


def test_a_leak_is_seen_in_what_the_process_holds():
    """In a process of its own: this one may hold memory that earlier tests have freed."""
    program = "import numpy as np, memory_growth as m; kept = []; "
    program += "print(m.growth(lambda: kept.append(np.ones(5_000)), 60, 20)['bytes held more'])"
    place = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "evidence")])}
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, **place}, capture_output=True, check=True)
    assert int(done.stdout) > 1 << 20


def test_a_list_of_losses_does_not_keep_their_graphs():
    after, without = memory_growth.bytes_of_a_loss(True, 50), memory_growth.bytes_of_a_loss(False, 50)
    assert after < 1_500  # a tensor, its array and one node
    assert without > 2 * after  # as in PyTorch, the graph is there until backward, or until the loss is gone


# ---------------------------------------------------------------------------------------------- no cycles
def ours(value):
    """Whether an object is TinyTorch's, or an array."""
    return type(value).__module__.startswith("tinytorch") or isinstance(value, np.ndarray)


@pytest.fixture
def no_collector():
    """The collector off, and everything that it finds in the end kept: none of that is ours."""
    gc.collect()
    gc.disable()
    yield
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        found = [f"{type(value).__module__}.{type(value).__name__}" for value in gc.garbage if ours(value)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
        gc.collect()
    assert found == []


def graph(tensor):
    """Weak references to all nodes that a tensor depends on."""
    nodes, found = [tensor.grad_fn], []
    while nodes:
        node = nodes.pop()
        if node is not None:
            found.append(weakref.ref(node))
            nodes += [parent for parent, _ in node.next_functions]
    return found


def dead(*references):
    return [reference for reference in references if reference() is not None] == []


@pytest.mark.fault("memory", "no garbage collector", "networks and graphs deleted", "gone at once")
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_gone_when_it_is_deleted(name, no_collector):
    model, x, target = memory_growth.NETWORKS[name]()
    step = memory_growth.training(model, x, target)
    loss = step()
    scores = model(x)
    nodes, tensors = graph(scores), [weakref.ref(scores), weakref.ref(loss)]
    assert len(nodes) > 4
    del scores, loss
    living = {id(p._node) for p in model.parameters()}
    assert dead(*tensors)
    assert all(reference() is None or id(reference()) in living for reference in nodes)
    parts = [weakref.ref(each) for each in [*model.modules(), *model.parameters()]]
    del model, step, x, target
    assert dead(*parts, *nodes)


def test_a_loader_is_gone_when_it_is_deleted(no_collector):
    step = memory_growth.epochs()
    step()
    loader = weakref.ref(step.__closure__[0].cell_contents)
    assert isinstance(loader(), torch.utils.data.DataLoader)
    iterator = iter(loader())
    next(iterator)  # and left in the middle
    del step, iterator
    assert dead(loader)


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2 + 0 * ctx.saved_tensors[0]


def gradients(x):
    torch.autograd.grad((x * x).sum(), x)
    y = x * 3
    y.retain_grad()
    y.sum().backward()
    return y


def hooks(x):
    y = x * 2
    y.register_hook(lambda grad: grad * 1)
    seen = []
    layer = nn.Linear(3, 3)
    layer.register_forward_hook(lambda module, args, output: seen.append(output))
    z = layer(y)
    z.sum().backward()
    return z


def own_function(x):
    y = Doubled.apply(x)
    y.sum().backward()
    return Doubled.apply(x)  # and one that nobody goes back through


def without_gradients(x):
    with torch.no_grad():
        y = x * 2
    return y


def profiled(x):
    with torch.profiler.profile() as profile:
        y = (x * 2).sum()
        y.backward()
    profile.key_averages()
    return y


def anomaly(x):
    with torch.autograd.detect_anomaly(check_nan=True):
        y = (x * 2).sum()
        y.backward()
    return y


def refused(x):
    y = x * x
    with contextlib.suppress(RuntimeError):
        y.backward()  # of more than one element
    return y


def in_place(x):
    y = x * 2
    view = y[0]
    view.mul_(3)
    y.sum().backward()
    return view


def copied(x):
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
    other = copy.deepcopy(model)
    other.load_state_dict(model.state_dict())
    return other(x)


def saved(x):
    file = io.BytesIO()
    model = nn.Linear(3, 3)
    optimizer = torch.optim.Adam(model.parameters())
    model(x).sum().backward()
    optimizer.step()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)
    file.seek(0)
    state = torch.load(file)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return model(x)


def kept_losses(x):
    losses = []
    for _ in range(5):
        losses.append((x * 2).sum())
        losses[-1].backward()
    return losses[-1]


USES = [
    gradients,
    hooks,
    own_function,
    without_gradients,
    profiled,
    anomaly,
    refused,
    in_place,
    copied,
    saved,
    kept_losses,
]


@pytest.mark.fault("memory", "no garbage collector", "hooks, Function, files, profiles, ...", "nothing waits for it")
@pytest.mark.filterwarnings("ignore:Anomaly")
@pytest.mark.parametrize("use", USES, ids=lambda use: use.__name__)
def test_nothing_waits_for_the_collector(use, no_collector):
    x = torch.randn(2, 3, requires_grad=True)
    y = use(x)
    gone = [weakref.ref(x), weakref.ref(y), *graph(y)]
    assert not dead(*gone)
    del x, y
    assert dead(*gone)


def test_a_cycle_would_be_found():
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.myself = [y]
    reference = weakref.ref(y)
    gc.disable()
    try:
        del x, y
        assert not dead(reference)
    finally:
        gc.enable()
        gc.collect()
    assert dead(reference)
