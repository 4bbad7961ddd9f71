"""Does a profile tell what happened, change nothing of it, and leave nothing behind?"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from importlib import import_module

import click
import numpy as np
import pytest
from command import call, one_line

import tinytorch as torch
from tinytorch import nn
from tinytorch.autograd import Function, apply, engine
from tinytorch.cli import profile as command
from tinytorch.nn import functional as F
from tinytorch.profiler import ProfilerAction, ProfilerActivity, costs, profile, record_function, schedule
from tinytorch.profiler.record import Record
from tinytorch.utils.data import DataLoader, TensorDataset


def rows(events):
    return {row.key: row for row in events}


def counts(events, *names):
    found = rows(events)
    return {name: (found[name].count, found[name].flops, found[name].bytes) for name in names or found}


# ------------------------------------------------------------------------------------------------ calls, FLOPs, bytes
def test_an_mlp_counts_what_a_hand_counts():
    model = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))
    x, y = torch.randn(7, 3), torch.zeros(7, dtype=torch.int64)
    with profile() as prof:
        for _ in range(4):
            F.cross_entropy(model(x), y).backward()
    first, second = 7 * 5 * (2 * 3 + 1), 7 * 2 * (2 * 5 + 1)
    # Backwards the weights of both layers, their biases, and only the second layer's input.
    back = (7 * 5 * 2 * 3 + 7 * 5) + (2 * 7 * 2 * 2 * 5 + 7 * 2)
    bytes_ = 4 * (7 * 3 + 5 * 3 + 5 + 7 * 5 + 7 * 5 + 2 * 5 + 2 + 7 * 2)
    # Read: the gradient (always), the other operand; written: the gradient of the operand.
    to_weights = (7 * 5 + 7 * 3 + 5 * 3) + (7 * 2 + 7 * 5 + 2 * 5)
    to_biases, to_input = (7 * 5 + 5) + (7 * 2 + 2), 7 * 2 + 2 * 5 + 7 * 5
    bytes_back = 4 * (to_weights + to_biases + to_input)
    assert counts(prof.key_averages(), "linear", "LinearBackward0", "relu", "ReluBackward0") == {
        "linear": (8, 4 * (first + second), 4 * bytes_),
        "LinearBackward0": (4 * 5, 4 * back, 4 * bytes_back),
        "relu": (4, 4 * 35, 4 * 4 * 2 * 35),
        "ReluBackward0": (4, 4 * 35, 4 * 4 * 3 * 35),
    }


@pytest.mark.parametrize("learns", [False, True])
@pytest.mark.parametrize("groups", [1, 2])
def test_a_convolution_counts_only_the_gradients_that_are_computed(learns, groups):
    model, x = nn.Conv2d(groups, 2, 3, groups=groups), torch.randn(4, groups, 5, 5, requires_grad=learns)
    with profile() as prof:
        model(x).sum().backward()
    product = 2 * (4 * 2 * 3 * 3) * (1 * 3 * 3)
    found = rows(prof.key_averages())
    assert found["conv"].flops == product + 72
    assert found["ConvBackward0"].flops == product * (1 + learns) + 72
    assert found["ConvBackward0"].count == 2 + learns


@pytest.mark.parametrize(("learning", "flops"), [
    ("qkv", 2 * (2 * 8 + 2 * 6) + 1),  # from the gradient: that of the weights, of q, of k; of v; the softmax
    ("v", 2 * 6),
    ("kv", 2 * 8 + 2 * 6),
])  # fmt: skip
def test_attention_takes_two_products_forward_and_four_backward(learning, flops):
    shapes = {"q": (5, 8), "k": (7, 8), "v": (7, 6)}
    q, k, v = (torch.randn(2, 3, *shape, requires_grad=name in learning) for name, shape in shapes.items())
    with profile() as prof:
        F.scaled_dot_product_attention(q, k, v).sum().backward()
    weights = 2 * 3 * 5 * 7
    found = rows(prof.key_averages())
    assert found["attention"].flops == weights * (2 * 8 + 1 + 2 * 6)
    assert found["AttentionBackward0"].flops == weights * flops


def test_views_cost_nothing_and_moves_compute_nothing():
    x = torch.randn(6, 4, requires_grad=True)
    with profile() as prof:
        y = x.reshape(4, 6).T + 0
        torch.cat([y, y[:2]]).sum().backward()
    found = counts(prof.key_averages(), "reshape", "permute", "ReshapeBackward0", "getitem", "cat", "AddBackward0")
    assert found == {
        "reshape": (1, 0, 0),
        "permute": (1, 0, 0),
        "ReshapeBackward0": (1, 0, 0),  # the gradient of y, of which a part was taken, lies as y does
        "getitem": (1, 0, 0),
        "cat": (1, 0, 4 * 2 * 32),  # (8, 4): read and written
        "AddBackward0": (1, 0, 0),  # hands the gradient on
    }
    with profile() as prof:
        (x.reshape(4, 6).T * torch.ones(6, 4)).sum().backward()
    found = counts(prof.key_averages(), "ReshapeBackward0")
    assert found == {"ReshapeBackward0": (1, 0, 4 * 2 * 24)}  # has to bring a transposed gradient into order


def test_an_embedding_reads_the_rows_that_it_needs():
    with profile() as prof:
        nn.Embedding(1000, 4)(torch.tensor([[1, 2, 3]]))
    assert counts(prof.key_averages())["embedding"] == (1, 0, 2 * 3 * 4 * 4)


def test_other_shapes_have_other_costs():
    with profile() as prof:
        for n in (2, 3, 2):
            torch.ones(n, n) @ torch.ones(n, n)
    assert rows(prof.key_averages())["matmul"].flops == 2 * 2**3 + 2 * 3**3 + 2 * 2**3


def test_a_view_and_a_copy_of_the_same_shape_have_other_costs():
    x = torch.ones(4, 4)
    with profile() as prof:
        x.reshape(2, 8), x.T.reshape(2, 8), x.reshape(2, 8)
    assert counts(prof.key_averages(), "reshape") == {"reshape": (3, 0, 2 * 64)}


def test_the_known_costs_stay_few(monkeypatch):
    monkeypatch.setattr(costs, "MOST_KNOWN", 3)
    with profile() as prof:
        for n in range(1, 9):
            torch.ones(n).exp()
    assert rows(prof.key_averages())["exp"].flops == sum(range(1, 9))
    assert len(costs._known) <= 3


# ------------------------------------------------------------------------------------------------ times
def slow(x):
    """An operation that takes its time, forth and back."""
    time.sleep(0.02)

    def back(grad):
        time.sleep(0.04)
        return grad * 2

    return x * 2, (back,)


class Slow(nn.Module):
    def forward(self, x):
        time.sleep(0.01)
        return apply(slow, x)


@pytest.fixture
def clock(monkeypatch):
    """A clock on which nothing takes time but to sleep."""
    now = [0]
    monkeypatch.setattr("tinytorch.profiler.record.clock", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.append(now.pop() + round(1e9 * seconds)))


def profile_of_slow():
    model, x = nn.Sequential(nn.Linear(2, 2), Slow()), torch.ones(1, 2)
    with profile() as prof:
        with record_function("the whole of it"):
            loss = model(x).sum()
        loss.backward()
        time.sleep(0.05)
    return prof


def test_what_is_slow_is_shown_where_it_is_slow(clock):
    prof = profile_of_slow()
    events, modules = prof.key_averages(), prof.by_module()
    own = {row.key: row.self_cpu_time_total for row in events if row.self_cpu_time_total}
    assert own == {"slow": 20_000, "SlowBackward0": 40_000}
    total = {row.key: row.cpu_time_total for row in events if row.cpu_time_total}
    assert total == {"slow": 20_000, "SlowBackward0": 40_000, "the whole of it": 30_000, "backward": 40_000}
    assert {row.key: row.self_cpu_time_total for row in modules if row.self_cpu_time_total} == {
        "Sequential.1 (Slow)": 10_000 + 20_000 + 40_000
    }
    assert modules[0].self_backward_time_total == 40_000
    assert rows(modules)["Sequential"].cpu_time_total == 30_000
    assert (events.wall, events.taken) == (120_000, 0)
    assert events.wall - events.self_cpu_time_total == 10_000 + 50_000  # the module's own, and what came after
    assert modules.wall - modules.self_cpu_time_total == 50_000


def test_real_time_is_measured():
    events = profile_of_slow().key_averages()
    assert [row.key for row in events[:2]] == ["SlowBackward0", "slow"]
    assert events[0].self_cpu_time_total >= 40_000
    assert events[1].self_cpu_time_total >= 20_000
    assert events.wall >= 120_000


def trained(prof=None, steps=6):
    """Losses and gradients of a network with all that is measured, and the random number that comes next."""
    torch.manual_seed(3)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.2),
        nn.Linear(36, 10), nn.LayerNorm(10),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(model.parameters())
    loader = DataLoader(TensorDataset(torch.randn(4 * steps, 1, 8, 8), torch.randint(0, 10, (4 * steps,))), 4, True)
    losses = []
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if prof:
            prof.step()
    values = [p._array.copy() for p in model.parameters()] + [p.grad._array.copy() for p in model.parameters()]
    return [*values, np.array(losses), torch.rand(1)._array]


def test_a_profile_changes_no_bit_of_what_is_computed():
    plain = trained()
    with profile():
        profiled = trained()
    assert len(plain) > 10
    for a, b in zip(plain, profiled, strict=True):
        assert a.dtype == b.dtype
        assert a.tobytes() == b.tobytes()


def test_times_are_split_between_what_encloses_and_what_is_enclosed(monkeypatch):
    now = iter(range(0, 10**6, 10))
    monkeypatch.setattr("tinytorch.profiler.record.clock", lambda: next(now))
    record = Record(10)  # at 0
    a, b, c = (("a", "user", ""), ("b", "user", ""), ("c", "user", ""))
    record.begin(a)  # at 10
    record.begin(b)  # at 20
    record.begin(c)  # at 30
    record.end()  # at 40, and 50 when all is noted
    record.end()  # at 60, and 70
    record.begin(b)  # at 80
    record.end(lambda: (next(now), 7))  # at 90, 100, and 110
    record.end()  # at 120, and 130
    record.stop()  # at 140
    found = {name: (e.calls, e.total, e.own, e.flops, e.bytes) for (name, *_), e in record.entries.items()}
    assert found == {"c": (1, 10, 10, 0, 0), "b": (2, 40 + 10, 20 + 10, 100, 7), "a": (1, 110, 110 - 50 - 30, 0, 0)}
    assert (record.taken, record.wall) == (10 + 10 + 20 + 10, 140)
    assert [(key[0], begun, length) for key, begun, length, *_ in record.events] == [
        ("c", 30, 10), ("b", 20, 40), ("b", 80, 10), ("a", 10, 110),
    ]  # fmt: skip


def test_what_is_open_ends_with_the_profile():
    prof = profile()
    prof.start()
    with record_function("cut off"):
        torch.ones(2).exp()
        prof.stop()
        torch.ones(2).exp()
    found = rows(prof.key_averages())
    assert (found["cut off"].count, found["exp"].count) == (1, 1)
    assert found["exp"].cpu_time_total < found["cut off"].cpu_time_total < prof.key_averages().wall


def test_every_nanosecond_is_in_one_row():
    start = time.perf_counter()
    with profile() as prof:
        trained()
    outside = (time.perf_counter() - start) * 1e6
    for events in (prof.key_averages(), prof.by_module()):
        assert all(0 <= row.self_backward_time_total <= row.self_cpu_time_total for row in events)
        assert all(row.self_cpu_time_total <= row.cpu_time_total + 1e-3 or not row.count for row in prof.key_averages())
        assert 0 < events.self_cpu_time_total + events.taken <= events.wall < outside
    # What modules do themselves is Python to the operations, so there the rest is more.
    assert prof.by_module().self_cpu_time_total > prof.key_averages().self_cpu_time_total
    assert sum(row.flops for row in prof.by_module()) == sum(row.flops for row in prof.key_averages())
    assert sum(row.bytes for row in prof.by_module()) == sum(row.bytes for row in prof.key_averages())


def test_the_lines_of_the_table_add_up_to_the_whole():
    with profile() as prof:
        trained()
    for events in (prof.key_averages(), prof.by_module()):
        head, body, below, _ = events.table(row_limit=3).split("-" * 80)
        column = head.index("%") + 1
        own = [float(line[:column].split()[-1]) for line in body.strip().splitlines()]
        times = [float(line.split(" ms")[0].split()[-1].replace(",", "")) for line in below.strip().splitlines()]
        shares = [float(line.split()[-2]) for line in below.strip().splitlines()]
        assert len(own) == 3
        assert sum(own) + sum(shares[:-1]) == pytest.approx(100, abs=0.5)
        assert shares[-1] == 100
        assert times[-1] == pytest.approx(events.wall / 1000, abs=1e-3)


def test_the_share_of_the_peak_is_that_of_the_nearer_limit(monkeypatch):
    monkeypatch.setattr("tinytorch.profiler.tables.peak", lambda: costs.Peak(1e9, 1e8))
    with profile() as prof:
        torch.ones(200, 200) @ torch.ones(200, 200)
        torch.ones(1000).exp()
    found = rows(prof.key_averages())
    for name, limit, work in (("matmul", "a", 2 * 200**3 / 1e9), ("exp", "m", 8000 / 1e8)):
        assert found[name].of_peak == (pytest.approx(work / (found[name].self_cpu_time_total / 1e6)), limit)


def test_the_peak_is_the_best_of_several_products_and_copies(monkeypatch):
    done = {"matmul": 0, "copyto": 0}

    def seconds(function, *args):
        name, shapes = function.__name__, {x.shape for x in args}
        assert shapes == {(512, 512)} if name == "matmul" else {(64 * 2**20 // 4,)}
        assert {x.dtype for x in args} == {np.dtype(np.float32)}
        done[name] += 1
        return {"matmul": 0.01, "copyto": 0.05}[name] * (2 if done[name] != 3 else 1)

    assert costs.peak() is costs.peak()
    assert min(costs.peak()) > 1e7
    monkeypatch.setattr(costs, "_seconds", seconds)
    assert costs.peak.__wrapped__() == pytest.approx((2 * 512**3 / 0.01, 2 * 64 * 2**20 / 0.05))
    assert min(done.values()) > 3


# ------------------------------------------------------------------------------------------------ what is recorded
def test_optimizers_and_data_loaders_are_rows():
    class Mine(torch.optim.SGD):
        def step(self, closure=None):
            time.sleep(0.002)
            return super().step(closure)

    w = torch.ones(3, requires_grad=True)
    optimizers = [torch.optim.Adam([w]), Mine([w], lr=0.1)]
    loader = DataLoader(list(range(10)), batch_size=4)
    with profile() as prof:
        for _ in loader:
            for each in optimizers:
                each.zero_grad()
                (w * w).sum().backward()
                each.step()
    found = rows(prof.key_averages())
    assert {name: found[name].count for name in found if "." in name} == {
        "Adam.step": 3, "Adam.zero_grad": 3, "Mine.step": 6, "Mine.zero_grad": 3,
    }  # fmt: skip
    assert found["Mine.step"].self_cpu_time_total > 6000
    assert found["DataLoader"].count == 3 + 1  # the last finds nothing
    assert set(found) <= set(rows(prof.by_module())) | {"mul", "sum", "MulBackward0", "SumBackward0", "backward"}


class Block(nn.Module):
    def __init__(self, shared):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(2, 2), shared)
        self.unknown = [nn.Tanh()]

    def forward(self, x):
        return self.unknown[0](self.inner(x)) * 2


def test_modules_are_called_by_their_way_from_the_outermost():
    shared = nn.ReLU()
    model = nn.ModuleDict({"a": Block(shared), "b": Block(shared)})
    with profile() as prof:
        for _ in range(2):
            y = model["a"](torch.ones(1, 2))
        nn.Sequential(*model.values())(y).sum().backward()
        late = nn.Sequential(nn.Tanh())
        late(y)
        late.append(nn.Sigmoid())
        late(y)
    found = rows(prof.by_module())
    # The first block was met alone; what it shares with the second is where it was met first.
    assert {key: row.count for key, row in found.items()} == {
        "Block": 3, "Block.inner (Sequential)": 3, "Block.inner.0 (Linear)": 3, "Block.inner.1 (ReLU)": 4,
        "Block.Tanh (Tanh)": 3, "Sequential": 3, "Sequential.1 (Block)": 1, "Sequential.1.inner (Sequential)": 1,
        "Sequential.1.inner.0 (Linear)": 1, "Sequential.1.Tanh (Tanh)": 1, "Sequential.0 (Tanh)": 2,
        "Sequential.1 (Sigmoid)": 1, "(outside of modules)": 0,
    }  # fmt: skip


def test_backward_counts_where_forward_ran():
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    with profile() as prof:
        (model(torch.ones(1, 2)) ** 2).sum().backward()
    record = prof._record.entries
    assert record["TanhBackward0", "backward", "Sequential.1 (Tanh)"].calls == 1
    assert record["LinearBackward0", "backward", "Sequential.0 (Linear)"].calls == 2
    assert record["PowerBackward0", "backward", ""].calls == 1


class Cube(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        time.sleep(0.01)
        return grad.exp() * 3 * x * x


@pytest.mark.parametrize("bound_before", [True, False])
def test_a_function_of_your_own(clock, bound_before):
    cube, w = Cube.apply, torch.ones(3, requires_grad=True)
    with profile() as prof:
        (cube if bound_before else Cube.apply)(w).sum().backward()
    found = rows(prof.key_averages())
    assert ("Cube" in found) is not bound_before  # who took its apply away took what was not measured
    assert found["CubeBackward"].count == 1
    assert found["CubeBackward"].self_cpu_time_total == 10_000
    assert found["mul"].count == 5
    assert prof._record.entries["exp", "backward", ""].calls == 1


def test_hooks_are_measured_as_what_they_are():
    def run():
        seen, model = [], nn.Linear(2, 2)
        model.register_full_backward_hook(lambda module, before, after: seen.append(after[0].tolist()))
        w = torch.ones(1, 2, requires_grad=True)
        model(w * 3).exp().sum().backward()
        return seen, w.grad.tolist()

    torch.manual_seed(0)
    plain = run()
    torch.manual_seed(0)
    with profile() as prof:
        assert run() == plain
    assert rows(prof.key_averages())["_PassBackward"].count == 2  # where the output and the input pass


def test_a_change_in_place_is_a_row_and_a_wrong_one_an_error():
    w = torch.ones(3, requires_grad=True)
    with profile() as prof:
        y = w * 2
        y.add_(1)
        y.exp_().sum().backward()
        z = w.exp()
        z.detach().zero_()
        with pytest.raises(RuntimeError, match="changed in place a tensor"):
            z.sum().backward()
    assert counts(prof.key_averages(), "overwrite")["overwrite"] == (3, 0, 3 * 2 * 12)


def test_an_assignment_that_is_not_recorded_is_a_row():
    x = torch.zeros(4, 4)
    with profile() as prof:
        x[1] = 2.0
        x[:, 1:3] = torch.ones(2)
    assert counts(prof.key_averages()) == {"write": (2, 0, 0)}


def test_errors_end_what_they_interrupt():
    model = nn.Sequential(nn.Linear(2, 2))
    with profile() as prof:
        with pytest.raises(RuntimeError, match="Linear"):
            model(torch.ones(1, 3))
        with pytest.raises(RuntimeError, match="add of"):
            torch.ones(2) + torch.ones(3)
        model(torch.ones(1, 2))
    assert {key: row.count for key, row in rows(prof.by_module()).items()} == {
        "Sequential": 2, "Sequential.0 (Linear)": 2, "(outside of modules)": 0,
    }  # fmt: skip
    assert counts(prof.key_averages(), "add", "linear") == {"add": (1, 0, 0), "linear": (1, 10, 4 * 10)}
    assert prof._record.here == ("forward", "")


def test_anomaly_mode_still_knows_the_line():
    x = torch.zeros(1, requires_grad=True)
    with profile(), torch.autograd.detect_anomaly():
        y = (x.sqrt() * 0).sum()
        with pytest.raises(RuntimeError, match=r"test_profiler.py, line \d+: y = \(x.sqrt\(\)"):
            y.backward()


def test_a_backward_after_the_block_is_not_measured_and_one_in_another_block_is():
    w = torch.ones(3, requires_grad=True)
    with profile() as prof:
        y, z = w.exp(), w.sin()
    y.sum().backward()
    assert "ExpBackward0" not in rows(prof.key_averages())
    with profile() as again:
        z.sum().backward()
    assert counts(again.key_averages(), "SinBackward0") == {"SinBackward0": (1, 3, 4 * 9)}
    assert "SinBackward0" not in rows(prof.key_averages())


@record_function("count")
def countdown(n):
    return countdown(n - 1) if n else torch.ones(2).exp()


def test_named_blocks_nest_and_do_nothing_without_a_profile():
    countdown(3)
    with profile() as prof:
        countdown(3)
        with record_function("outer"), record_function("inner", "arguments"):
            torch.ones(2).exp()
    assert {key: row.count for key, row in rows(prof.key_averages()).items()} == {
        "count": 4, "outer": 1, "inner": 1, "exp": 2,
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------ nothing stays
def attached():
    """All that a profile replaces, as it is now."""
    holders = [
        (name, key, value)
        for name, module in sorted(sys.modules.items())
        for key, value in list(getattr(module, "__dict__", {}).items())
        if name.startswith(("tinytorch", "test_profiler")) and callable(value)
    ]
    kinds = [nn.Module, DataLoader, Function, torch.optim.Optimizer, *torch.optim.Optimizer.__subclasses__()]
    return holders, [dict(vars(kind)) for kind in kinds]


def test_nothing_stays_attached():
    before = attached()
    with profile():
        assert attached() != before
        assert apply is engine.apply is not before  # this file's name, too
        trained()
    assert attached() == before
    with pytest.raises(ZeroDivisionError), profile() as prof, record_function("broken off"):
        1 / 0  # noqa: B018
    assert attached() == before
    assert rows(prof.key_averages())["broken off"].count == 1


def test_what_is_imported_meanwhile_is_set_right(monkeypatch, tmp_path):
    (tmp_path / "imported_late.py").write_text("from tinytorch.autograd import apply as late\n")
    monkeypatch.syspath_prepend(tmp_path)
    original = apply
    with profile():
        late = import_module("imported_late")
        assert late.late is apply is not original
    assert late.late is apply is original
    del sys.modules["imported_late"]


def test_a_profile_that_can_not_start_leaves_nothing(monkeypatch):
    before = attached()
    monkeypatch.setattr("tinytorch.profiler.attaching._timed_module", lambda call: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        profile().start()
    monkeypatch.undo()
    assert attached() == before
    with profile():
        pass


def test_profiles_do_not_nest():
    with profile() as outer:
        torch.ones(2).exp()
        with pytest.raises(RuntimeError, match="profile: another one is running"), profile():
            pass
        torch.ones(2).exp()
    assert rows(outer.key_averages())["exp"].count == 2


def test_other_threads_are_left_out_and_can_not_start_one():
    w, found = torch.ones(3, requires_grad=True), []

    def elsewhere():
        model = nn.Linear(3, 1)
        with record_function("elsewhere"):
            model(w).sum().backward()
        found.append(w.grad.tolist() == model.weight[0].tolist())
        try:
            profile().start()
        except RuntimeError as error:
            found.append("another thread" in str(error))

    with profile() as prof:
        torch.ones(2).exp()
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert found == [True, True]
    assert set(rows(prof.key_averages())) == {"exp"}


def test_a_trace_handler_that_fails_leaves_nothing():
    before = attached()
    with pytest.raises(ZeroDivisionError), profile(on_trace_ready=lambda prof: 1 / 0):
        pass
    assert attached() == before
    with profile():
        pass


# ------------------------------------------------------------------------------------------------ the trace
def test_the_trace_tells_what_lay_inside_what(tmp_path):
    file = tmp_path / "trace.json"
    with profile() as prof, record_function("all"):
        trained()
    prof.export_chrome_trace(file)
    assert list(tmp_path.iterdir()) == [file]
    trace = json.loads(file.read_text(encoding="utf-8"))
    events = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    assert {event["ph"] for event in trace["traceEvents"]} == {"X", "M"}
    assert trace["otherData"] == {"events kept": len(events), "events left out": 0}
    assert len(events) == sum(entry.calls for entry in prof._record.entries.values())
    assert {event["cat"] for event in events} == {"forward", "backward", "module", "optimizer", "data", "user"}
    assert {(event["pid"], event["tid"]) for event in events} == {(1, 1)}
    open_, outermost = [], 0.0
    for event in events:  # sorted by their beginnings
        end = event["ts"] + event["dur"]
        assert event["ts"] >= 0
        assert event["dur"] >= 0
        while open_ and open_[-1][1] <= event["ts"]:
            open_.pop()
        if open_:
            assert end <= open_[-1][1] + 1e-6, (event, open_[-1])
        else:
            outermost += event["dur"]
        event["inside"] = [name for name, _ in open_]
        open_.append((event["name"], end))
    assert outermost <= prof.key_averages().wall
    inside = {event["name"]: event["inside"] for event in events}
    assert inside["conv"] == ["all", "Sequential", "Conv2d"]
    assert inside["ConvBackward0"] == ["all", "backward"]
    assert inside["AdamW.step"] == ["all"]
    (conv,) = [event for event in events if event["name"] == "conv"][:1]
    assert conv["args"] == {
        "module": "Sequential.0 (Conv2d)",
        "FLOPs": 4 * 4 * 36 * 19,
        "bytes": 4 * (4 * 64 + 40 + 16 * 36),
    }


def test_events_are_kept_up_to_a_bound_and_the_sums_are_whole():
    prof = profile()
    prof.most_events = 10
    with prof:
        for _ in range(25):
            torch.ones(2).exp()
    assert (len(prof._record.events), prof._record.left_out) == (10, 15)
    assert rows(prof.key_averages())["exp"].count == 25
    assert len(prof._record.entries) == 1


def test_without_events_a_long_profile_takes_no_more_memory_than_a_short_one():
    model, x = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)), torch.ones(5, 4)
    optimizer = torch.optim.Adam(model.parameters())

    def steps(n):
        for _ in range(n):
            optimizer.zero_grad()
            model(x).sum().backward()
            optimizer.step()
        return sys.getallocatedblocks()

    prof = profile()
    prof.most_events = 0
    with prof:
        before, after = steps(2500), steps(500)  # the interpreter keeps dropped tuples for later, up to a number
    assert after - before < 200  # less than half an object a step


def test_steps_are_in_the_trace(tmp_path):
    with profile() as prof:
        for _ in range(3):
            torch.ones(2).exp()
            prof.step()
    prof.export_chrome_trace(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text(encoding="utf-8"))["traceEvents"]
    names = [event["name"] for event in events if event["ph"] == "X"]
    assert names == ["ProfilerStep#0", "exp", "ProfilerStep#1", "exp", "ProfilerStep#2", "exp"]
    assert set(rows(prof.key_averages())) == {"exp"}


# ------------------------------------------------------------------------------------------------ PyTorch's arguments
def test_a_schedule_says_which_steps_are_recorded():
    seen = []

    def ready(prof):
        seen.append((prof.step_num, {row.key: row.count for row in prof.key_averages()}))

    before = attached()
    which = schedule(wait=1, warmup=1, active=2, repeat=2)
    with profile(activities=[ProfilerActivity.CPU], schedule=which, on_trace_ready=ready, with_flops=True) as prof:
        for step in range(10):
            recorded = attached() != before
            assert recorded == (which(step) in (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE))
            for _ in range(step):
                torch.ones(2).exp()
            prof.step()
    assert seen == [(4, {"exp": 2 + 3}), (8, {"exp": 6 + 7})]


def test_the_first_cycle_need_not_wait():
    which = schedule(wait=3, warmup=0, active=1, skip_first=1, skip_first_wait=1)
    assert [n for n in range(10) if which(n) is ProfilerAction.RECORD_AND_SAVE] == [1, 5, 9]


def test_a_schedule_without_pauses_begins_anew():
    seen = []
    always = schedule(wait=0, warmup=0, active=2)
    with profile(schedule=always, on_trace_ready=lambda prof: seen.append(len(prof._record.events))) as prof:
        for _ in range(5):
            torch.ones(2).exp()
            prof.step()
    assert seen == [4, 4, 2]  # each with its steps


def test_start_and_stop():
    prof = profile()
    prof.start()
    torch.ones(2).exp()
    prof.stop()
    prof.stop()
    assert rows(prof.key_averages())["exp"].count == 1


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda prof: prof.step(), "step() is for the inside"),
        (lambda prof: prof.key_averages(), "key_averages: there is nothing to see before"),
        (lambda prof: prof.by_module(), "by_module: there is nothing to see before"),
        (lambda prof: prof.export_chrome_trace("x.json"), "export_chrome_trace: there is nothing to see before"),
        (lambda prof: schedule(wait=0, warmup=0, active=0), "schedule: active must be 1 or more"),
        (lambda prof: schedule(wait=-1, warmup=0, active=1), "none negative"),
        (lambda prof: torch.profiler.profiler, "profiler"),
    ],
)
def test_mistakes_are_told_in_a_sentence(call, says):
    with pytest.raises((RuntimeError, ValueError, AttributeError)) as error:
        call(profile())
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_what_can_not_be_shown_is_said():
    with profile() as prof:
        torch.ones(2).exp()
        with pytest.raises(RuntimeError, match="nothing to see before the profile has ended"):
            prof.key_averages()
    with pytest.raises(NotImplementedError, match="grouped by name alone"):
        prof.key_averages(group_by_input_shape=True)
    with pytest.raises(ValueError, match="only the CPU to sort by"):
        prof.key_averages().table(sort_by="cuda_time_total")
    with pytest.raises(FileNotFoundError, match="export_chrome_trace"):
        prof.export_chrome_trace("/no/such/folder/trace.json")


def test_the_table_is_80_columns_wide_sorted_and_cut():
    with profile() as prof:
        with record_function("a name so long that it has no room in a table of eighty columns"):
            trained()
        for _ in range(2000):
            torch.ones(2).exp()
    events = prof.key_averages()
    table = events.table(sort_by="count", row_limit=2, header="What was done most often", time_unit="ms")
    lines = table.splitlines()
    for text in (table, str(events), str(prof.by_module())):
        assert max(map(len, text.splitlines())) == 80
    assert lines[0] == "What was done most often"
    assert lines[3].split()[:2] == ["exp", "2,000"]
    assert lines[6].startswith(f"({len(events) - 2} more)")
    (cut,) = [line for line in str(events).splitlines() if line.startswith("..")]
    assert "a table of eighty columns" in cut
    by_name = events.table(sort_by="key", row_limit=-1).splitlines()[2 : 2 + len(events)]
    first = [line.split()[0] for line in by_name]
    assert first == ["..oom" if " " in key else key for key in sorted(rows(events))]
    assert [row.self_cpu_time_total for row in events] == sorted((r.self_cpu_time_total for r in events), reverse=True)


def test_an_empty_profile_has_an_empty_table():
    with profile() as prof:
        pass
    assert prof.key_averages() == prof.by_module() == []
    assert "Python, and the rest" in prof.key_averages().table()


# ------------------------------------------------------------------------------------------------ the command
def profiled(*words, **extra):
    return call("profile", *words, **extra)


def test_the_command_shows_a_table_and_bars_and_writes_files(tmp_path):
    pytest.importorskip("matplotlib")
    trace, plot, record = (tmp_path / name for name in ("trace.json", "plot.svg", "record.json"))
    done = profiled("mlp_digits", "--rows", 5, "--trace", trace, "--plot", plot, "--json", record)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(tmp_path.iterdir()) == [plot, record, trace]
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "mlp_digits, 60 epochs, seed 0, under the profiler"
    assert lines[2].split()[:2] == ["Operation", "Calls"]
    assert len(re.findall(r"^ *\w[\w.]+ █+ [\d.]+$", done.stdout, re.M)) == 5
    assert "The gate is met." in done.stdout
    assert [line.split()[0] for line in done.stdout.split("\n\n")[-1].splitlines()].count("wrote") == 2  # of the three
    found = json.loads(record.read_text(encoding="utf-8"))
    assert found["run"]["success"] is True
    operations = {row["name"]: row for row in found["profile"]["operations"]}
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    each = torch.summary(model, (1, 64)).total_flops  # of one image, forward: 150 in each epoch, and the 47 of the test
    assert operations["linear"]["flops"] + operations["relu"]["flops"] == (60 * 150 + 47) * each
    assert operations["AdamW.step"]["calls"] == operations["cross_entropy"]["calls"] == 60 * 5
    own = sum(row["self_seconds"] for row in found["profile"]["modules"]) + found["profile"]["profiler_seconds"]
    assert 0 < own < found["profile"]["seconds"]
    assert found["run"]["seconds"] < found["profile"]["seconds"]
    events = json.loads(trace.read_text(encoding="utf-8"))
    count = sum(row["calls"] for part in ("operations", "modules") for row in found["profile"][part]
                if part == "operations" or row["name"] not in operations)  # fmt: skip
    assert events["otherData"] == {"events kept": count, "events left out": 0}
    assert f"{trace}:{count:,}events" in "".join(done.stdout.split())  # a long path takes more than a line
    assert "The modules that took longest" in plot.read_text(encoding="utf-8")


def test_the_command_by_module_on_a_plain_terminal():
    done = profiled("xor_solved", "--by", "module", "--seed", 3, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert re.search(r"^Sequential\.\d \(Linear\) +\d+ +[\d.]+ +[\d.]+", done.stdout, re.M)
    assert re.search(r"^ +Adam.step #+ [\d.]+$", done.stdout, re.M)


def test_a_gate_missed_is_the_exit_status_of_a_run():
    done = profiled("mlp_digits", "--epochs", 1, "--rows", 1)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("mlp_digits, 1 epoch, seed 0")
    assert "more)" in done.stdout
    assert "Fell short: accuracy" in done.stdout


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["mlp_digit"], 2, "there is no milestone 'mlp_digit'; did you mean mlp_digits?"),
        (["forward_pass", "--epochs", "3"], 2, "--epochs has no meaning for forward_pass: it does not train"),
        (["xor_solved", "--json", "a.json", "--trace", "a.json"], 2, "two flags name a.json"),
        (["xor_solved", "--trace", "no/such/folder.json"], 2, "there is no such folder"),
        (["xor_solved", "--by", "layer"], 2, "--by layer: choose op or module"),
        (["lecun_cifar10", "--from-dir", "."], 3, "there is no cifar-10-binary.tar.gz"),
    ],
)
def test_mistakes_at_the_command(words, status, says, tmp_path):
    assert says in one_line(profiled(*words, cwd=tmp_path), status)
    assert list(tmp_path.iterdir()) == []


def test_without_a_trace_no_event_is_kept(monkeypatch, capsys):
    ended, end = [], profile.stop
    monkeypatch.setattr(profile, "stop", lambda self: (end(self), ended.append(self)))
    with pytest.raises(click.exceptions.Exit):  # two epochs are too few
        command.profile.callback(name="xor_solved", by="op", rows=3, trace_path=None, seed=0, epochs=2)
    (prof,) = ended
    assert (prof.events_kept, prof.events_left_out > 50) == (0, True)


def test_a_trace_that_is_cut_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(profile, "most_events", 20)
    with pytest.raises(click.exceptions.Exit):  # two epochs are too few
        command.profile.callback(name="xor_solved", by="op", rows=3, trace_path=tmp_path / "t.json", seed=0, epochs=2)
    assert re.search(r"the first 20 of \d+ events", " ".join(capsys.readouterr().out.split()))
    assert json.loads((tmp_path / "t.json").read_text())["otherData"]["events kept"] == 20
