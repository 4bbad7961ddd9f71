"""Is the ruler right? Do all do the same work, is a lie void, is nothing left out silently, is a regression found?"""

from __future__ import annotations

import copy
import doctest
import json
import re
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import tinytorch
from tinytorch import models
from tinytorch.models import generation

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"
sys.path += [str(BENCHMARKS), str(ROOT / "tools")]
check, growth, processes, results, run, startup, workloads = map(
    import_module, ("check", "growth", "processes", "results", "run", "startup", "workloads")
)
chain, report, cards, pages = map(import_module, ("chain", "report", "card_benchmarks", "write_cards"))
gemm, torch_names = map(import_module, ("systems.gemm", "systems.torch_names"))

# Workers on which this test has its hand. "torch" is an honest TinyTorch; each of the others has a fault of its own.
FAULTY = f"""
import os, sys, time
sys.path.insert(0, {str(BENCHMARKS)!r})
from dataclasses import replace
import systems, worker

def build(system, work, threads):
    if system == "jax":
        sys.modules["jax"] = None  # as if it were not installed
        return systems.build("jax", work, threads)
    if system == "mygrad":
        raise ValueError("two lines\\nof reasons")
    if system == "torch.compile":  # does other work: nine tenths of the learning rate
        work = replace(work, options={{**work.options, "lr": 0.9 * work.options["lr"]}})
    step, count = systems.build("tinytorch", work, threads), 0
    def faulty():
        nonlocal count
        count += 1
        if system == "gemm" and count > 20:
            print("out of paper", file=sys.stderr)
            os._exit(3)
        if system == "autograd":
            time.sleep(0.003)
        return step()
    return faulty

worker.build = build
worker.main()
"""


@pytest.fixture
def faulty(tmp_path, monkeypatch):
    script = tmp_path / "worker.py"
    script.write_text(FAULTY, encoding="utf-8")
    monkeypatch.setattr(processes, "WORKER", script)
    monkeypatch.setattr(run, "BLOCK_SECONDS", 0.01)


def measure(*systems: str, workload: str = "W1") -> dict:
    return run.measure(workloads.find(workload), 1, list(systems), 2)


# ---------------------------------------------------------------------------------------------- the work
def test_a_worker_trains_xor_as_the_textbook_does():
    with processes.Worker("tinytorch", "W1", 1) as worker:
        worker.wait()
        block = worker.go(0.01)
        ended = worker.end()
    state = {name: array.astype(float) for name, array in workloads.weights(workloads.find("W1")).items()}
    w1, b1, w2, b2 = (state[name] for name in ("0.weight", "0.bias", "2.weight", "2.bias"))
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([[0], [1], [1], [0.0]])
    losses = []
    for _ in range(10):
        hidden = np.tanh(x @ w1.T + b1)
        chance = 1 / (1 + np.exp(-(hidden @ w2.T + b2)))
        losses.append(-np.mean(y * np.log(chance) + (1 - y) * np.log(1 - chance)))
        error = (chance - y) / 4
        back = error @ w2 * (1 - hidden**2)
        w2, b2 = w2 - 0.5 * error.T @ hidden, b2 - 0.5 * error.sum(0)
        w1, b1 = w1 - 0.5 * back.T @ x, b1 - 0.5 * back.sum(0)
    np.testing.assert_allclose(worker.first["losses"], losses, rtol=1e-5)
    assert block["steps"] >= 3
    assert 0 < block["seconds"] < 1
    assert ended["peak_mb"] is None or ended["peak_mb"] >= ended["built_mb"] > 10


@pytest.mark.parametrize("name", ["W1", "W2", "W3", "W4", "W5a", "W6s"])
def test_ten_steps_show_a_learning_rate_that_is_a_tenth_too_low(name):
    work = workloads.find(name)
    slower = replace(work, options={**work.options, "lr": 0.9 * work.options["lr"]})
    taught, less = (workloads.training_step(tinytorch, each) for each in (work, slower))
    first = {"losses": [taught() for _ in range(10)]}
    assert run.same_work(first, copy.deepcopy(first))
    assert not run.same_work({"losses": [less() for _ in range(10)]}, first)


def test_what_counts_as_the_same_work():
    assert run.same_work({"losses": [1.0009]}, {"losses": [1.0]})
    assert not run.same_work({"losses": [1.0011]}, {"losses": [1.0]})
    assert not run.same_work({"losses": [float("nan")]}, {"losses": [float("nan")]})
    assert run.same_work({"tokens": [1, 2]}, {"tokens": [1, 2]})
    assert not run.same_work({"tokens": [1, 3]}, {"tokens": [1, 2]})
    assert run.same_work({"losses": [None]}, {"losses": [1.0]})  # the limit computes no loss


def test_a_text_is_timed_as_a_user_has_it_written_and_module_by_module(monkeypatch):
    """Both ways write the same; the one asks the model for its first token only, the other for each."""
    asked = []
    for name in ("Decoder", "GPT"):
        kind, how = (generation.Decoder, "__call__") if name == "Decoder" else (models.GPT, "forward")
        honest = getattr(kind, how)
        monkeypatch.setattr(kind, how, lambda *args, n=name, do=honest: (asked.append(n), do(*args))[1])
    texts = {}
    for name, counts in {"K6s": (200, 1), "K6s-modules": (0, 0)}.items():  # the first to be checked
        texts[name] = torch_names.tinytorch(workloads.find(name), 1)()
        assert (asked.count("Decoder"), asked.count("GPT")) == counts
        asked.clear()
    assert run.same_work({"tokens": texts["K6s-modules"]}, {"tokens": texts["K6s"]})
    assert len(set(texts["K6s"])) > 10


def test_a_text_shows_that_another_network_wrote_it(monkeypatch):
    monkeypatch.setattr(workloads, "NEW_TOKENS", 50)
    work, honest = workloads.find("K6s-modules"), workloads.weights

    def text(*, without: str = "", by_gelu: bool = False) -> dict:
        state = honest(work)
        if without:
            state[without][...] = 0
        with monkeypatch.context() as patch:
            patch.setattr(workloads, "weights", lambda _: state)
            if by_gelu:
                patch.setattr(tinytorch.nn.functional, "relu", tinytorch.nn.functional.gelu)
            return {"tokens": torch_names.tinytorch(work, 1)()}

    assert run.same_work(text(), text())
    for other in (text(by_gelu=True), text(without="places.weight"), text(without="blocks.0.up.weight")):
        assert not run.same_work(other, text())


def test_the_limit_is_all_products_of_a_step():
    """Counted by the usual formulas: two operations a weight and sample forward, twice that backward."""
    mlp, gpt = workloads.find("W3"), workloads.find("W6s")
    flops = [sum(product.flops for product in gemm.products(work)) for work in (mlp, gpt)]
    assert flops[0] == 2 * 64 * (3 * (784 * 128 + 128 * 10) - 784 * 128)  # the images need no gradient
    matrices = sum(
        array.size for name, array in workloads.weights(gpt).items() if re.search(r"(qkv|proj|up|down|head).w", name)
    )
    attention = 2 * 16 * 64 * 64 * 64 * 2  # layers, batch, time, time, width, two operations
    assert flops[1] == 6 * matrices * 16 * 64 + 6 * attention
    convolution = workloads.find("W5b image=8")
    window_products = 64 * 64 * 27 * 32 * 2 + 64 * 16 * 288 * 64 * 3  # images, positions, window, channels, products
    assert sum(p.flops for p in gemm.products(convolution)) == 2 * (window_products + 64 * (256 * 128 + 1280) * 3)
    assert gemm.build(mlp, 1)() is None  # and they can be multiplied


# ---------------------------------------------------------------------------------------------- who takes part
def test_a_system_that_does_other_work_is_void(faulty):
    found = measure("tinytorch", "torch", "torch.compile")["systems"]
    assert {name: each["void"] for name, each in found.items()} == {
        "tinytorch": False, "torch": False, "torch.compile": True,
    }  # fmt: skip
    assert report.ratio(found["torch.compile"]) == "VOID"
    assert report.verdict({**found["torch.compile"]}, 100.0) == "VOID"
    assert cards.spread(found["torch.compile"]) == "void"


def test_who_cannot_take_part_is_skipped_with_the_reason(faulty):
    row = measure("tinytorch", "torch", "jax", "mygrad", "gemm")
    skipped = {name: each["skipped"] for name, each in row["systems"].items() if "skipped" in each}
    assert skipped == {
        "jax": "jax is not installed",
        "mygrad": "ValueError: two lines",
        "gemm": "its process ended with status 3: out of paper",  # in the middle of a round
    }
    assert row["systems"]["tinytorch"]["ratio"]["median"] > 0
    said = report.remarks([row])
    assert "JAX is skipped (W1): jax is not installed" in said
    assert "GEMM is skipped (W1): its process ended with status 3: out of paper" in said


def test_without_pytorch_there_are_times_and_no_ratios(faulty):
    found = measure("tinytorch")["systems"]["tinytorch"]
    assert found["ms"] > 0
    assert "ratio" not in found
    assert (report.ratio(found), report.verdict(found, 1.0)) == ("–", "–")


# ---------------------------------------------------------------------------------------------- rounds
class Scripted:
    """A worker whose blocks are known; it notes when it had its turn."""

    def __init__(self, name: str, blocks: list[tuple[float, float]], turns: list[str]) -> None:
        self.name, self.blocks, self.turns, self.skipped = name, iter(blocks), turns, None
        self.first = {"losses": [1.0]}

    def wait(self) -> None:
        pass

    def go(self, seconds: float) -> dict[str, float]:
        self.turns.append(self.name)
        seconds, share = next(self.blocks)
        return {"seconds": seconds, "share": share, "others": 0.0}

    def end(self) -> dict[str, float]:
        return {}

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def scripted(monkeypatch):
    def script(**blocks: list[tuple[float, float]]) -> tuple[dict, list[str]]:
        turns: list[str] = []
        monkeypatch.setattr(run, "Worker", lambda name, *_: Scripted(name, blocks[name], turns))
        return run.measure(workloads.find("W1"), 1, list(blocks), 3), turns

    return script


def test_a_ratio_is_taken_within_a_round_and_rounds_alternate(scripted):
    """In the second round all of the machine is ten times as slow."""
    row, turns = scripted(tinytorch=[(1, 1), (10, 1), (1, 1)], torch=[(2, 1), (20, 1), (2, 1)])
    assert row["systems"]["tinytorch"]["ratios"] == [0.5, 0.5, 0.5]
    assert turns == ["tinytorch", "torch", "torch", "tinytorch", "tinytorch", "torch"]
    assert (row["redone"], row["disturbed"]) == (0, 0)


def test_a_disturbed_round_is_taken_again_but_not_for_ever(scripted):
    row, _ = scripted(tinytorch=[(9, 0.5), *[(1, 1)] * 3], torch=[(2, 1)] * 4)
    assert row["systems"]["tinytorch"]["ratios"] == [0.5, 0.5, 0.5]
    assert (row["redone"], row["disturbed"]) == (1, 0)
    row, _ = scripted(tinytorch=[(9, 0.5)] * 9, torch=[(2, 1)] * 9)
    assert (row["rounds"], row["redone"], row["disturbed"]) == (3, 6, 3)
    assert report.remarks([row])[-1].startswith("3 rounds, 6 more were disturbed and taken again, 3 were kept though")


def test_new_rows_take_the_place_of_old_ones_of_this_machine_only(scripted):
    row, _ = scripted(tinytorch=[(1, 1)] * 3, torch=[(2, 1)] * 3)
    old = {"machine": results.machine(), "rows": [{**row, "threads": 2}, {**row, "title": "old"}]}
    assert [(each["threads"], each["title"] == "old") for each in run.merged(old, [row])["rows"]] == [
        (1, False),
        (2, False),
    ]
    elsewhere = {**old, "machine": {"processor": "another"}}
    assert run.merged(elsewhere, [row]) == {"rows": [row]}


# ---------------------------------------------------------------------------------------------- the guard
def stored(tmp_path: Path, row: dict) -> Path:
    path = tmp_path / "speed.json"
    results.write(path, {"rows": [row]})
    return path


def guard(path: Path, monkeypatch, **again: object) -> int:
    monkeypatch.setattr(sys, "argv", ["check.py", "--against", str(path)])
    return check.main(**again)


def test_the_guard_passes_on_its_own_results_and_fails_on_doctored_ones(scripted, tmp_path, monkeypatch, capsys):
    row, _ = scripted(tinytorch=[(1.0, 1), (1.2, 1), (0.9, 1)], torch=[(2, 1)] * 3)
    asked = []

    def again(work, threads, rounds):
        asked.append(rounds)
        return row

    assert guard(stored(tmp_path, row), monkeypatch, again=again) == 0
    assert asked == [check.ROUNDS]
    assert "W1, 1 thread: 0.500 of PyTorch's time, was 0.500 (noise +30%: up to 0.650)" in capsys.readouterr().out
    doctored = copy.deepcopy(row)
    doctored["systems"]["tinytorch"]["ratios"] = [0.39, 0.4, 0.41, 0.4, 40.0]
    assert guard(stored(tmp_path, doctored), monkeypatch, again=again) == 1
    assert asked == [check.ROUNDS, check.ROUNDS, 2 * check.ROUNDS]  # a second look before anyone is alarmed
    said = capsys.readouterr().out
    assert "W1, 1 thread: 0.500 of PyTorch's time, was 0.400 (noise +10%: up to 0.440): SLOWER" in said


def test_the_guard_looks_again_after_all_others_and_only_at_what_was_slow(scripted, tmp_path, monkeypatch, capsys):
    row, _ = scripted(tinytorch=[(1, 1)] * 3, torch=[(2, 1)] * 3)
    slower, _ = scripted(tinytorch=[(2, 1)] * 3, torch=[(2, 1)] * 3)
    other = copy.deepcopy(row)
    other["systems"]["tinytorch"]["void"] = True
    rows = [{**row, "workload": name} for name in ("W1", "W2", "W3")]
    path = tmp_path / "speed.json"
    results.write(path, {"rows": rows})
    asked = []

    def again(work, threads, rounds):
        asked.append((work.name, rounds))
        busy = work.name == "W1" and len(asked) == 1
        return slower if busy else other if work.name == "W2" else row

    assert guard(path, monkeypatch, again=again) == 1  # W2 does other work
    few = check.ROUNDS
    assert asked == [("W1", few), ("W2", few), ("W3", few), ("W1", 2 * few)]
    assert capsys.readouterr().out.endswith("1 failed: see above.\n")


def test_the_guard_finds_a_step_that_has_become_slower(faulty, tmp_path, monkeypatch, capsys):
    """3 ms in a step of a fifth of one; the floor is raised so that nothing less can fail here."""
    monkeypatch.setattr(check, "FLOOR", {1: 2.0})
    monkeypatch.setattr(check, "ROUNDS", 2)
    path = stored(tmp_path, measure("tinytorch", "torch"))
    assert guard(path, monkeypatch) == 0
    monkeypatch.setattr(check, "measured", None)

    def slowed(work, threads, rounds):
        row = run.measure(work, threads, ["autograd", "torch"], rounds)
        return {**row, "systems": {"tinytorch": row["systems"]["autograd"]}}

    assert guard(path, monkeypatch, again=slowed) == 1
    assert re.search(r"W1, 1 thread: \S+ of PyTorch's time, was .*: SLOWER", capsys.readouterr().out)


def test_the_guard_fails_if_there_is_nothing_to_compare(faulty, tmp_path, monkeypatch, capsys):
    assert guard(tmp_path / "none.json", monkeypatch) == 1
    assert "has no such rows: make bench writes them" in capsys.readouterr().out
    path = stored(tmp_path, measure("tinytorch", "torch"))

    def other_work(work, threads, rounds):
        row = run.measure(work, threads, ["torch.compile", "torch"], rounds)
        return {**row, "systems": {"tinytorch": row["systems"]["torch.compile"]}}

    assert guard(path, monkeypatch, again=other_work) == 1
    assert "VOID" in capsys.readouterr().out


# ---------------------------------------------------------------------------------------------- growth and start
def test_backward_through_a_long_chain_does_not_recurse():
    assert chain.backward_seconds(tinytorch, 20_000) > 0
    before = sys.getrecursionlimit()

    class Recursive:
        """What a walk that recurses would be."""

        def __init__(self, inner: Recursive | None = None) -> None:
            self.inner = inner
            self.grad = np.ones(1)

        def __mul__(self, other: float) -> Recursive:
            return Recursive(self)

        def backward(self) -> None:
            if self.inner:
                self.inner.backward()

    fake = type("fake", (), {"ones": staticmethod(lambda *_, **__: Recursive())})
    sys.setrecursionlimit(before)
    with pytest.raises(RecursionError):
        chain.backward_seconds(fake, 20_000)


def test_a_step_that_outgrows_its_arithmetic_is_a_surprise():
    sizes = [1, 2, 4, 8, 16, 32]
    assert growth.exponent(sizes, [size**2 for size in sizes]) == pytest.approx(2)
    assert growth.surprise([1, 2, 4, 8, 16, 32], sizes) == pytest.approx(1)
    assert growth.surprise([1, 2, 4, 12, 24, 48], sizes) == pytest.approx(1.5)


@pytest.mark.parametrize("axis", growth.AXES)
def test_workloads_grow_and_still_run(axis):
    name, sizes = growth.AXES[axis]
    work = workloads.find(f"{name} {axis}={sizes[0]}")
    assert work.name == f"{name} {axis}={sizes[0]}"
    step = workloads.training_step(tinytorch, work)
    assert np.isfinite([step(), step()]).all()


def test_a_fresh_process_is_timed_and_its_memory_seen():
    found = startup.run(["-c", "import time; b = b'1' * 200_000_000; time.sleep(0.1); print('done')"])
    assert (found["status"], found["last"]) == (0, "done")
    assert found["seconds"] > 0.1
    if Path("/proc/self/status").exists():
        assert 200 < found["peak_mb"] < 260


# ---------------------------------------------------------------------------------------------- the page
@pytest.mark.parametrize(
    "module", [workloads, processes, results, report, check, growth, startup, run, cards], ids=lambda m: m.__name__
)
def test_the_examples_are_right(module):
    assert doctest.testmod(module).failed == 0


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """A copy of the results, from which the blocks are made during this test."""
    for path in cards.RESULTS.glob("*.json"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(cards, "RESULTS", tmp_path)
    return tmp_path


def test_the_page_says_what_was_measured_and_that_something_is_void(measured):
    page = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    assert cards.steps("1") in page
    path = measured / "speed.json"
    found = json.loads(path.read_text("utf-8"))
    found["rows"][0]["systems"]["tinytorch"]["void"] = True
    found["rows"][1]["systems"]["torch.compile"] = {"skipped": "no compiler"}
    del found["rows"][0]["systems"]["jax"]
    path.write_text(json.dumps(found), "utf-8")
    table = cards.steps("1")
    assert "| void |" in table.splitlines()[2]
    words = " ".join(table.split())
    assert "torch.compile did not take part in W2: no compiler." in words
    assert "JAX did not take part in W1: nobody asked it to." in words
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"benchmarks/results/speed.json is missing: `make bench` makes it"):
        cards.steps("1")


def test_results_of_different_machines_are_not_shown_as_one(measured):
    path = measured / "growth.json"
    found = json.loads(path.read_text("utf-8"))
    found["machine"]["cores"] += 1
    path.write_text(json.dumps(found), "utf-8")
    with pytest.raises(ValueError, match="benchmarks/results are of different machines or versions: run `make bench`"):
        cards.machine()


def test_every_row_is_on_the_page_and_the_figure_beside_it():
    page = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    for work in workloads.WORKLOADS:
        assert page.count(f"| {work.name} {work.title} |") == 2
    for link in re.findall(r"\]\(([^)#]+)\)", page):
        assert (ROOT / "docs" / link).exists()
