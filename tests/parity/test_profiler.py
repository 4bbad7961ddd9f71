"""Are the FLOPs those that PyTorch counts, and the profiler's arguments and schedules those that it takes?"""

from __future__ import annotations

import inspect
import itertools

import pytest
import torch
from torch.autograd.profiler_util import EventList
from torch.utils.flop_counter import FlopCounterMode

import tinytorch
from tinytorch.profiler import profile


def mlp(lib, learns):
    x = lib.ones(7, 12, requires_grad=learns)
    model = lib.nn.Sequential(lib.nn.Linear(12, 9, bias=False), lib.nn.ReLU(), lib.nn.Linear(9, 4, bias=False))
    return lambda: model(x).sum()


def convolutions(lib, learns):
    x = lib.ones(3, 2, 9, 8, requires_grad=learns)
    model = lib.nn.Sequential(
        lib.nn.Conv2d(2, 4, 3, padding=1, bias=False), lib.nn.Tanh(),
        lib.nn.Conv2d(4, 6, (3, 2), stride=2, bias=False),
        lib.nn.ConvTranspose2d(6, 2, 3, stride=2, bias=False),
    )  # fmt: skip
    return lambda: model(x).sum()


def products(lib, learns):
    a, b = lib.ones(5, 4, 3, requires_grad=True), lib.ones(5, 3, 6, requires_grad=learns)
    return lambda: (a @ b).sum()


@pytest.mark.parametrize("learns", [False, True])
@pytest.mark.parametrize("program", [mlp, convolutions, products])
def test_products_and_convolutions_count_as_many_flops_as_in_pytorch(program, learns):
    with FlopCounterMode(display=False) as counter:
        program(torch, learns)().backward()
    with profile() as prof:
        program(tinytorch, learns)().backward()
    names = ("linear", "matmul", "conv", "conv_transpose")
    keys = {*names, *(f"{name.title().replace('_', '')}Backward0" for name in names)}
    assert sum(row.flops for row in prof.key_averages() if row.key in keys) == counter.get_total_flops() > 0


@pytest.mark.filterwarnings("ignore:Profiler won't be using warmup")
def test_schedules_are_pytorchs():
    for wait, warmup, active, repeat, skip, no_wait in itertools.product(
        (0, 2), (0, 1), (1, 3), (0, 2), (0, 2), (0, 1)
    ):
        settings = dict(
            wait=wait, warmup=warmup, active=active, repeat=repeat, skip_first=skip, skip_first_wait=no_wait
        )
        ours, theirs = tinytorch.profiler.schedule(**settings), torch.profiler.schedule(**settings)
        assert [ours(n).name for n in range(20)] == [theirs(n).name for n in range(20)], settings


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (profile, torch.profiler.profile),
        (profile.key_averages, torch.profiler.profile.key_averages),
        (tinytorch.profiler.schedule, torch.profiler.schedule),
        (tinytorch.profiler.record_function, torch.profiler.record_function),
        (tinytorch.profiler.tables.EventList.table, EventList.table),
    ],
)
def test_arguments_are_pytorchs(ours, theirs):
    named, known = inspect.signature(ours).parameters, inspect.signature(theirs).parameters
    taken = [name for name, each in named.items() if each.kind is not each.VAR_KEYWORD]
    assert taken == list(known)[: len(taken)]
    assert len(taken) == len(known) or len(taken) < len(named)  # the others are taken, too
    assert [named[name].default for name in taken] == [known[name].default for name in taken]


@pytest.mark.parametrize("name", ["profile", "record_function", "ProfilerActivity", "ProfilerAction"])
def test_names_are_pytorchs(name):
    ours, theirs = ({each for each in dir(getattr(lib.profiler, name)) if each[0] != "_"} for lib in (tinytorch, torch))
    own = {"by_module", "to_json", "most_events", "events_kept", "events_left_out"} if name == "profile" else set()
    assert ours - own <= theirs


def test_a_program_written_for_pytorch_runs_on_both(tmp_path):
    def program(lib):
        ready = []
        with lib.profiler.profile(
            activities=[lib.profiler.ProfilerActivity.CPU],
            schedule=lib.profiler.schedule(wait=1, warmup=1, active=2, repeat=1),
            on_trace_ready=lambda prof: ready.append(prof.step_num),
            record_shapes=True, with_stack=False,
        ) as prof:  # fmt: skip
            for _ in range(5):
                with lib.profiler.record_function("my block"):
                    lib.ones(3).exp()
                prof.step()
        averages = prof.key_averages()
        assert averages.table(sort_by="self_cpu_time_total", row_limit=5)
        (row,) = [row for row in averages if row.key == "my block"]
        assert 0 <= row.self_cpu_time_total <= row.cpu_time_total == pytest.approx(row.count * row.cpu_time)
        prof.export_chrome_trace(str(tmp_path / f"{lib.__name__}.json"))
        return row.count, ready

    assert program(tinytorch) == program(torch)
    assert len(list(tmp_path.iterdir())) == 2
