"""DataParallel computes what the module alone computes, on several threads."""

import copy
import gc
import os
import threading
import weakref

import numpy as np
import pytest

import tinytorch as torch
from tinytorch import nn
from tinytorch.nn import functional as F


@pytest.fixture(autouse=True, params=[2, 3])
def threads(request, monkeypatch):
    """Work with so many threads, and leave the setting as it was."""
    monkeypatch.setattr("tinytorch.environment._num_threads", None)
    torch.set_num_threads(request.param)
    return request.param


def network():
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 5))


def gradients(call, net, x, y):
    x = x.clone().requires_grad_()
    net.zero_grad()
    loss = F.cross_entropy(call(x), y)
    loss.backward()
    return [loss.item(), x.grad.numpy(), *(None if p.grad is None else p.grad.numpy().copy() for p in net.parameters())]


@pytest.mark.parametrize("batch", [1, 2, 7, 12])
def test_outputs_and_gradients_are_those_of_the_module(batch):
    torch.manual_seed(batch)
    net = network()
    x, y = torch.randn(batch, 1, 8, 8), torch.randint(5, (batch,))
    expected = gradients(net, net, x, y)
    for found, each in zip(gradients(nn.DataParallel(net), net, x, y), expected):
        np.testing.assert_allclose(found, each, rtol=1e-5, atol=1e-6)


def test_training_is_that_of_the_module():
    """Also after the optimizer has moved the parameters, wherever it keeps them."""
    torch.manual_seed(0)
    one = network()
    two = copy.deepcopy(one)
    calls = (one, nn.DataParallel(two))
    steppers = [torch.optim.Adam(call.parameters(), lr=0.01) for call in calls]
    x, y = torch.randn(10, 1, 8, 8), torch.randint(5, (10,))
    losses = [[], []]
    for _ in range(8):
        for call, stepper, found in zip(calls, steppers, losses):
            stepper.zero_grad()
            loss = F.cross_entropy(call(x), y)
            loss.backward()
            stepper.step()
            found.append(loss.item())
    assert losses[0][-1] < losses[0][0] - 0.1
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-4)


def test_the_pieces_are_worked_on_at_the_same_time(threads):
    """Each piece waits, forwards and backwards, until all others have come: one after the other, none ever would."""
    meeting = threading.Barrier(threads, timeout=20)

    class Meet(nn.Module):
        def forward(self, x):
            meeting.wait()
            y = x * 2
            y.register_hook(lambda grad: (meeting.wait(), None)[1])
            return y

    x = torch.ones(2 * threads, 3, requires_grad=True)
    nn.DataParallel(Meet())(x).sum().backward()
    assert x.grad.tolist() == [[2.0] * 3] * (2 * threads)


def test_arguments_of_all_kinds(threads):
    class Mixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = nn.Linear(3, 2, bias=False), nn.Linear(3, 2)

        def forward(self, x, factor, *, shift, names=()):
            assert names == ["a", "b"]
            return self.used(x) * factor + shift, x.argmax(1)

    net = Mixed()
    net.used.weight.requires_grad_(False)
    x, shift = torch.randn(2 * threads, 3), torch.randn(2 * threads, 2, requires_grad=True)
    scores, places = nn.DataParallel(net)(x, 3.0, shift=shift, names=["a", "b"])
    assert torch.allclose(scores, net.used(x) * 3 + shift)
    assert torch.equal(places, x.argmax(1))
    scores.sum().backward()
    assert shift.grad.tolist() == [[1.0] * 2] * (2 * threads)
    assert all(p.grad is None for p in net.parameters())


def test_an_argument_may_be_a_parameter(threads):
    """Such as an image that is changed until the network sees something in it."""
    net, image = nn.Linear(3, 2), nn.Parameter(torch.randn(2 * threads, 3))
    nn.DataParallel(net)(image).sum().backward()
    assert torch.allclose(image.grad, net.weight.detach().sum(0).expand(2 * threads, 3))


def test_losses_of_the_pieces_and_another_dimension(threads):
    class Loss(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(()))

        def forward(self, x):
            return (self.weight * x).sum()

    net = Loss()
    x = torch.arange(12.0).reshape(2, 6)
    losses = nn.DataParallel(net, dim=1)(x)
    assert losses.shape == (threads,)
    losses.sum().backward()
    assert losses.sum().item() == net.weight.grad.item() == x.sum().item()


def test_shared_parameters_get_the_gradient_of_both_uses():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.head = nn.Embedding(7, 5), nn.Linear(5, 7, bias=False)
            self.head.weight = self.tokens.weight

        def forward(self, ids):
            return self.head(self.tokens(ids)).flatten(0, 1)

    torch.manual_seed(0)
    net, ids = Tied(), torch.randint(7, (6, 4))
    found = []
    for call in (net, nn.DataParallel(net)):
        net.zero_grad()
        F.cross_entropy(call(ids), ids.flatten()).backward()
        found.append(net.tokens.weight.grad.clone())
    assert torch.allclose(*found, rtol=1e-5, atol=1e-7)


def test_dropout_is_the_same_from_the_same_seed_and_not_the_same_in_all_pieces(threads):
    model = nn.DataParallel(nn.Dropout(0.5))
    x = torch.ones(threads, 400)

    def dropped():
        torch.manual_seed(3)
        return [model(x), model(x)]

    first, again = dropped(), dropped()
    assert all(map(torch.equal, first, again))
    rows = [*first[0], *first[1]]
    assert len({tuple(row.tolist()) for row in rows}) == 2 * threads
    assert torch.equal(model.eval()(x), x)


def test_batch_norm_keeps_what_its_first_piece_has_seen(threads):
    norm, alone = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    x = torch.randn(4 * threads, 3)
    nn.DataParallel(norm)(x)
    alone(x[:4])
    assert torch.allclose(norm.running_mean, alone.running_mean)
    assert norm.num_batches_tracked.item() == 1


def test_without_gradients_nothing_is_recorded():
    model, x = nn.DataParallel(nn.Linear(3, 2)), torch.randn(6, 3)
    with torch.no_grad():
        assert not model(x).requires_grad
    assert model(x).requires_grad
    assert torch.equal(model(x).detach(), model.module(x).detach())


def test_one_in_another():
    inner = nn.Linear(3, 3)
    model, x = nn.DataParallel(nn.Sequential(nn.DataParallel(inner), nn.ReLU())), torch.randn(8, 3)
    model(x).sum().backward()
    found, inner.bias.grad = inner.bias.grad, None
    inner(x).relu().sum().backward()
    assert torch.allclose(found, inner.bias.grad)


def test_what_goes_wrong_in_a_piece_is_said(threads):
    with pytest.raises(RuntimeError, match="DataParallel: sizes \\[4, 6\\] in dimension 0"):
        nn.DataParallel(nn.Identity())(torch.ones(4, 2), torch.ones(6, 2))
    with pytest.raises(RuntimeError, match=r"dimension 0 to split, not one of shape \(\)"):
        nn.DataParallel(nn.Identity())(torch.tensor(1.0))
    with pytest.raises(RuntimeError, match=r"^Linear\(3, 2\) got"):
        nn.DataParallel(nn.Linear(3, 2))(torch.ones(8, 4))

    class Words(nn.Module):
        def forward(self, x):
            return "words"

    with pytest.raises(TypeError, match=r"^DataParallel.*str"):
        nn.DataParallel(Words())(torch.ones(8, 4))


def test_states_are_those_of_pytorch():
    model = nn.DataParallel(nn.Linear(3, 2))
    assert list(model.state_dict()) == ["module.weight", "module.bias"]
    model.load_state_dict({"module.weight": torch.zeros(2, 3), "module.bias": torch.ones(2)})
    assert copy.deepcopy(model)(torch.randn(6, 3)).tolist() == [[1.0, 1.0]] * 6


def test_graphs_go_with_the_loss():
    gc.collect()
    gc.disable()
    try:
        model = nn.DataParallel(nn.Sequential(nn.Linear(3, 4), nn.Tanh()))
        loss = model(torch.randn(8, 3)).sum()
        node = weakref.ref(loss.grad_fn)
        loss.backward()
        del loss
        assert node() is None
    finally:
        gc.enable()


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # newer Pythons say it of every fork
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_has_threads_of_its_own():
    model, x = nn.DataParallel(nn.Linear(3, 2)), torch.randn(8, 3)
    model(x)
    child = os.fork()
    if not child:
        model(x).sum().backward()
        os._exit(0 if model.module.bias.grad.tolist() == [8.0, 8.0] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_number_of_threads(monkeypatch):
    assert torch.get_num_threads() in (2, 3)
    with pytest.raises(RuntimeError, match="from 1 up, not 0"):
        torch.set_num_threads(0)
    monkeypatch.setattr("tinytorch.environment._num_threads", None)
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert torch.get_num_threads() == 5
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert torch.get_num_threads() == os.cpu_count()
