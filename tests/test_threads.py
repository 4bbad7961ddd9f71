"""Do two threads that train at once leave each other alone? Each must end with the bits of a training by itself."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import tinytorch as torch
from tinytorch import nn
from tinytorch.models import GPT
from tinytorch.nn import functional as F
from tinytorch.utils import data

STEPS = 12


@pytest.fixture(autouse=True)
def often():
    """Python lets the threads take turns after every few instructions, and not after 5 ms."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


class Reader(nn.Module):
    """A recurrent network, which looks at its last state."""

    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.LSTM(6, 8, 2, batch_first=True, dropout=0.2), nn.Linear(8, 3)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


NETWORKS = {  # and the shape of a sample
    "mlp": (lambda: nn.Sequential(nn.Linear(6, 9), nn.BatchNorm1d(9), nn.GELU(), nn.Dropout(), nn.Linear(9, 3)), (6,)),
    "cnn": (lambda: nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
                                  nn.Conv2d(4, 4, 3), nn.Dropout(0.2), nn.Flatten(), nn.Linear(16, 3)), (2, 8, 8)),
    "rnn": (Reader, (5, 6)),
    "gpt": (lambda: GPT(vocab=9, context=8, width=8, heads=2, layers=2, dropout=0.2), None),
}  # fmt: skip


def train(kind, seed, turn=lambda: None):
    """Train a network on noise; its losses, weights and random numbers then. `turn` is called before each half step."""
    torch.manual_seed(seed)
    make, shape = NETWORKS[kind]
    net = make()
    if shape is None:
        samples = data.TensorDataset(torch.randint(0, 9, (16, 8)), torch.randint(0, 9, (16, 8)))
    else:
        samples = data.TensorDataset(torch.randn(16, *shape), torch.randint(0, 3, (16,)))
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01 * (seed + 1), weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    losses = []
    while len(losses) < STEPS:
        for x, y in data.DataLoader(samples, 4, shuffle=True):
            turn()
            with torch.no_grad():  # half a step without gradients, while others need theirs
                turn()
                assert not net(x).requires_grad
            assert torch.is_grad_enabled()
            loss = F.cross_entropy(net(x).flatten(0, -2), y.flatten())
            assert loss.requires_grad
            turn()
            optimizer.zero_grad()
            loss.backward()
            turn()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
    return losses, [x.numpy().tobytes() for x in (*net.state_dict().values(), torch.rand(3), torch.randn(3))]


def together(*ways):
    """Call each in a thread of its own, all at once."""
    start = threading.Barrier(len(ways))

    def when_all_are_there(way):
        start.wait(30)
        return way()

    with ThreadPoolExecutor(len(ways)) as pool:
        return [done.result(60) for done in [pool.submit(when_all_are_there, way) for way in ways]]


@pytest.mark.fault(
    "training", "two trainings at once", "in two threads, step by step and freely", "as one after the other"
)
@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("other", NETWORKS)
def test_two_trainings_at_once_are_those_one_after_the_other(kind, other):
    alone = [train(kind, 0), train(other, 1)]
    in_turns = threading.Barrier(2)  # each half of a step begins in both at the same time
    assert (
        together(lambda: train(kind, 0, lambda: in_turns.wait(30)), lambda: train(other, 1, lambda: in_turns.wait(30)))
        == alone
    )
    assert together(lambda: train(kind, 0), lambda: train(other, 1)) == alone


def test_many_at_once():
    ways = [(kind, seed) for kind in NETWORKS for seed in (0, 1)]
    alone = [train(*way) for way in ways]
    assert together(*(lambda way=way: train(*way) for way in ways)) == alone


def test_another_threads_anomaly_mode_and_profile_change_no_number():
    alone = [train("mlp", 0), train("cnn", 1)]

    def watched():
        with torch.autograd.detect_anomaly(), torch.profiler.profile():
            return train("cnn", 1)

    assert together(lambda: train("mlp", 0), watched) == alone
    assert not torch.is_anomaly_enabled()


def test_a_thread_starts_with_gradients_and_with_random_numbers_of_its_own():
    def look():
        first = torch.rand(3).tolist()
        torch.manual_seed(7)
        return torch.is_grad_enabled(), first, torch.rand(3).tolist()

    torch.manual_seed(7)
    expected = torch.rand(3).tolist()
    with torch.no_grad():
        (grad, first, seeded), (_, other, again) = together(look, look)
        assert not torch.is_grad_enabled()
    assert grad
    assert len({*first, *other, *expected}) == 9
    assert seeded == again == expected


def test_states_are_those_of_the_thread_that_asks():
    torch.manual_seed(3)
    state = torch.get_rng_state()

    def go_on():
        torch.set_rng_state(state)
        return torch.rand(4).tolist()

    assert together(go_on, go_on) == [torch.rand(4).tolist()] * 2
