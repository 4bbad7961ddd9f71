"""Do the optimizers take the steps of their papers, keep their state, and continue from it exactly?"""

from __future__ import annotations

import copy
import gc
import inspect
import math
import pickle
import weakref

import numpy as np
import pytest

import tinytorch as torch
from tinytorch import nn, optim
from tinytorch.optim import lr_scheduler


# ------------------------------------------------ the papers, one number at a time
class PlainSGD:
    """Sutskever et al. (2013) in the form of PyTorch's documentation, for a single weight."""

    def __init__(self, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
        self.options = lr, momentum, dampening, weight_decay, nesterov, maximize
        self.b = None

    def step(self, w, g):
        lr, momentum, dampening, decay, nesterov, maximize = self.options
        g = -g if maximize else g
        g = g + decay * w
        if momentum != 0:
            self.b = g if self.b is None else momentum * self.b + (1 - dampening) * g
            g = g + momentum * self.b if nesterov else self.b
        return w - lr * g


class PlainAdam:
    """Kingma & Ba (2015), Algorithm 1; Reddi et al. (2018) for amsgrad; decay into the gradient."""

    decoupled = False

    def __init__(self, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, maximize=False):
        self.options = lr, betas, eps, weight_decay, amsgrad, maximize
        self.m = self.v = self.highest = self.t = 0

    def step(self, w, g):
        lr, (beta1, beta2), eps, decay, amsgrad, maximize = self.options
        g = -g if maximize else g
        if self.decoupled:
            w = w - lr * decay * w
        else:
            g = g + decay * w
        self.t += 1
        self.m = beta1 * self.m + (1 - beta1) * g
        self.v = beta2 * self.v + (1 - beta2) * g * g
        self.highest = max(self.highest, self.v)
        m_hat = self.m / (1 - beta1**self.t)
        v_hat = (self.highest if amsgrad else self.v) / (1 - beta2**self.t)
        return w - lr * m_hat / (math.sqrt(v_hat) + eps)


class PlainAdamW(PlainAdam):
    """Loshchilov & Hutter (2019), Algorithm 2: the decay shrinks the weight itself."""

    decoupled = True


class PlainAdagrad:
    """Duchi, Hazan & Singer (2011), the diagonal form."""

    def __init__(self, lr, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, maximize=False):
        self.options = lr, lr_decay, weight_decay, eps, maximize
        self.sum, self.t = initial_accumulator_value, 0

    def step(self, w, g):
        lr, lr_decay, decay, eps, maximize = self.options
        g = (-g if maximize else g) + decay * w
        self.sum += g**2
        self.t += 1
        return w - lr / (1 + (self.t - 1) * lr_decay) * g / (math.sqrt(self.sum) + eps)


class PlainRMSprop:
    """Tieleman & Hinton (2012), lecture 6.5; centered as in Graves (2013), equations 38 to 41, but for where eps is."""

    def __init__(self, lr, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False, maximize=False):
        self.options = lr, alpha, eps, weight_decay, momentum, centered, maximize
        self.square = self.mean = self.velocity = 0

    def step(self, w, g):
        lr, alpha, eps, decay, momentum, centered, maximize = self.options
        g = (-g if maximize else g) + decay * w
        self.square = alpha * self.square + (1 - alpha) * g * g
        self.mean = alpha * self.mean + (1 - alpha) * g
        variance = self.square - self.mean**2 if centered else self.square
        self.velocity = momentum * self.velocity + g / (math.sqrt(variance) + eps)
        return w - lr * self.velocity


class PlainAdadelta:
    """Zeiler (2012), Algorithm 1, with PyTorch's factor lr."""

    def __init__(self, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0, maximize=False):
        self.options = lr, rho, eps, weight_decay, maximize
        self.gradients = self.changes = 0

    def step(self, w, g):
        lr, rho, eps, decay, maximize = self.options
        g = (-g if maximize else g) + decay * w
        self.gradients = rho * self.gradients + (1 - rho) * g * g
        change = math.sqrt(self.changes + eps) / math.sqrt(self.gradients + eps) * g
        self.changes = rho * self.changes + (1 - rho) * change**2
        return w - lr * change


CASES = [
    (optim.SGD, PlainSGD, {"lr": 0.1}),
    (optim.SGD, PlainSGD, {"lr": 0.1, "weight_decay": 0.3}),
    (optim.SGD, PlainSGD, {"lr": 0.1, "momentum": 0.9}),
    (optim.SGD, PlainSGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.4}),
    (optim.SGD, PlainSGD, {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.2, "nesterov": True}),
    (optim.SGD, PlainSGD, {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.2, "maximize": True}),
    (optim.Adam, PlainAdam, {"lr": 0.05}),
    (optim.Adam, PlainAdam, {"lr": 0.05, "betas": (0.7, 0.8), "eps": 0.1}),
    (optim.Adam, PlainAdam, {"lr": 0.05, "weight_decay": 0.3}),
    (optim.Adam, PlainAdam, {"lr": 0.05, "amsgrad": True, "betas": (0.5, 0.6)}),
    (optim.Adam, PlainAdam, {"lr": 0.05, "weight_decay": 0.3, "maximize": True}),
    (optim.AdamW, PlainAdamW, {"lr": 0.05, "weight_decay": 0.3}),
    (optim.AdamW, PlainAdamW, {"lr": 0.05, "weight_decay": 0.3, "amsgrad": True, "betas": (0.5, 0.6)}),
    (optim.AdamW, PlainAdamW, {"lr": 0.05, "weight_decay": 0.3, "maximize": True}),
    (optim.Adagrad, PlainAdagrad, {"lr": 0.1}),
    (optim.Adagrad, PlainAdagrad, {"lr": 0.1, "lr_decay": 0.3, "weight_decay": 0.2, "initial_accumulator_value": 0.5}),
    (optim.Adagrad, PlainAdagrad, {"lr": 0.1, "eps": 0.1, "maximize": True}),
    (optim.RMSprop, PlainRMSprop, {"lr": 0.02}),
    (optim.RMSprop, PlainRMSprop, {"lr": 0.02, "alpha": 0.7, "momentum": 0.8, "weight_decay": 0.2}),
    (optim.RMSprop, PlainRMSprop, {"lr": 0.02, "centered": True, "eps": 1e-2, "maximize": True}),
    (optim.RMSprop, PlainRMSprop, {"lr": 0.02, "centered": True, "eps": 1e-2, "momentum": 0.5}),
    (optim.Adadelta, PlainAdadelta, {"lr": 1.0}),
    (optim.Adadelta, PlainAdadelta, {"lr": 0.5, "rho": 0.6, "eps": 1e-3, "weight_decay": 0.2, "maximize": True}),
]
TABLE = pytest.mark.parametrize(
    ("optimizer", "plain", "options"), CASES, ids=[f"{c.__name__} {sorted(o.items())}" for c, _, o in CASES]
)
ALL = [optim.SGD, optim.Adam, optim.AdamW, optim.Adagrad, optim.RMSprop, optim.Adadelta]
SHAPES = [(2, 3), (), (4,), (0, 3)]


def parameters(dtype=np.float64):
    rng = np.random.RandomState(0)
    return [torch.tensor(np.asarray(rng.uniform(-1, 1, s), dtype), requires_grad=True) for s in SHAPES]


def set_gradients(params, rng, missing=()):
    """Give every parameter a random gradient of very different sizes, but None to those in `missing`."""
    for i, p in enumerate(params):
        values = rng.uniform(-1, 1, p.shape) * 10.0 ** rng.randint(-2, 2)
        p.grad = None if i in missing else torch.tensor(np.asarray(values), dtype=p.dtype)


@TABLE
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_steps_are_those_of_the_paper(optimizer, plain, options, dtype):
    params, rng = parameters(dtype), np.random.RandomState(1)
    expected = [[(plain(**options), v) for v in p.detach().flatten().tolist()] for p in params]
    trained = optimizer(params, **options)
    for step in range(12):
        missing = {0: (), 1: (1,), 2: (0, 2), 5: (0, 1, 2, 3)}.get(step, ())  # some have no gradient in some steps
        set_gradients(params, rng, missing)
        for i, p in enumerate(params):
            if i not in missing:
                grads = p.grad.flatten().tolist()
                expected[i] = [(one, one.step(w, g)) for (one, w), g in zip(expected[i], grads)]
        trained.step()
        for p, wanted in zip(params, expected):
            close = {"rtol": 1e-10} if dtype is np.float64 else {"rtol": 2e-5, "atol": 2e-6}
            np.testing.assert_allclose(p.detach().flatten().numpy(), [w for _, w in wanted], **close)
            assert p.detach().numpy().dtype == dtype


def test_the_first_step_of_adam_is_lr_whatever_the_gradient():
    w = torch.zeros(3, requires_grad=True)
    w.grad = torch.tensor([1e-4, 3.0, -1e4])
    optim.Adam([w], lr=0.01, eps=0).step()
    assert w.tolist() == pytest.approx([-0.01, -0.01, 0.01])


@TABLE
def test_a_state_dict_in_the_middle_continues_bit_for_bit(optimizer, plain, options):
    params = parameters(np.float32)
    first = optimizer(params, **options)
    rng = np.random.RandomState(2)
    for _ in range(5):
        set_gradients(params, rng, missing=(1,))
        first.step()
    saved = copy.deepcopy(first.state_dict())
    weights = [p.detach().clone() for p in params]

    def go_on(trained, these):
        numbers = np.random.RandomState(3)
        for _ in range(5):
            set_gradients(these, numbers)
            trained.step()
        return [p.detach().numpy().tobytes() for p in these]

    finished = go_on(first, params)
    others = [w.clone().requires_grad_() for w in weights]
    second = optimizer(others, lr=123.0)
    second.load_state_dict(saved)
    assert second.param_groups[0]["lr"] == options["lr"]
    assert go_on(second, others) == finished
    if optimizer is not optim.SGD or "momentum" in options:  # else there is no state to lose
        third = [w.clone().requires_grad_() for w in weights]
        assert go_on(optimizer(third, **options), third) != finished


def test_taking_a_state_dict_changes_nothing():
    results = []
    for look in (False, True):
        params = parameters(np.float32)
        trained, rng = optim.Adam(params, lr=0.1), np.random.RandomState(4)
        for _ in range(4):
            set_gradients(params, rng)
            trained.step()
            if look:
                trained.state_dict()
        results.append([p.detach().numpy().tobytes() for p in params])
    assert results[0] == results[1]


def test_a_state_dict_has_pytorchs_form():
    params = parameters()
    trained = optim.Adam(params, lr=0.1, betas=(0.5, 0.6))
    set_gradients(params, np.random.RandomState(0), missing=(1,))
    trained.step()
    state = trained.state_dict()
    assert sorted(state) == ["param_groups", "state"]
    assert state["param_groups"][0]["params"] == [0, 1, 2, 3]
    assert (state["param_groups"][0]["lr"], state["param_groups"][0]["betas"]) == (0.1, (0.5, 0.6))
    assert sorted(state["state"]) == [0, 2, 3]
    assert sorted(state["state"][0]) == ["exp_avg", "exp_avg_sq", "step"]
    assert state["state"][0]["step"].item() == 1
    assert state["state"][0]["exp_avg"].shape == (2, 3)
    np.testing.assert_allclose(state["state"][0]["exp_avg"].numpy(), 0.5 * params[0].grad.numpy())


def test_a_state_dict_of_other_groups_is_refused():
    one, two = optim.SGD(parameters(), lr=0.1), optim.SGD(parameters()[:2], lr=0.1)
    with pytest.raises(ValueError, match=r"\[2\].*\[4\]"):
        one.load_state_dict(two.state_dict())


# ------------------------------------------------------------------------------------------------ groups
def test_groups_have_options_of_their_own_and_share_the_defaults():
    a, b, c = (torch.zeros(1, requires_grad=True) for _ in "abc")
    trained = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.5}], lr=0.1, momentum=0.9)
    trained.add_param_group({"params": [c], "lr": 2.0, "momentum": 0})
    for _ in range(2):
        for p in (a, b, c):
            p.grad = torch.ones(1)
        trained.step()
    # with momentum: steps of 1 and of 1.9
    assert [p.item() for p in (a, b, c)] == pytest.approx([-0.29, -1.45, -4.0])
    assert [group["lr"] for group in trained.param_groups] == [0.1, 0.5, 2.0]
    trained.param_groups[0]["lr"] = 10.0  # as a scheduler does
    a.grad = torch.ones(1)
    b.grad = c.grad = None
    trained.step()
    assert a.item() == pytest.approx(-0.29 - 10 * 2.71, rel=1e-5)


@pytest.mark.parametrize("make", ALL)
def test_what_is_not_a_list_of_leaves_is_refused(make):
    w = torch.zeros(1, requires_grad=True)
    for wrong, error, says in (
        ([], ValueError, "empty parameter list"),
        (iter([]), ValueError, "empty parameter list"),
        (w, TypeError, "list"),
        ([1.0], TypeError, "float"),
        ([w * 2], ValueError, "leaf"),
        ([{"params": [w]}, {"params": [w]}], ValueError, "more than one"),
    ):
        with pytest.raises(error, match=says):
            make(wrong, lr=0.1)


@pytest.mark.parametrize(
    ("make", "options", "says"),
    [
        (optim.SGD, {"lr": -1}, "lr.*-1"),
        (optim.SGD, {"momentum": -0.5}, "momentum.*-0.5"),
        (optim.SGD, {"weight_decay": -2}, "weight_decay.*-2"),
        (optim.SGD, {"nesterov": True}, "nesterov"),
        (optim.SGD, {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "nesterov"),
        (optim.Adam, {"lr": -1}, "lr.*-1"),
        (optim.Adam, {"eps": -1}, "eps.*-1"),
        (optim.Adam, {"betas": (1.0, 0.9)}, r"betas.*1\.0"),
        (optim.AdamW, {"betas": (0.9, -0.1)}, r"betas.*-0\.1"),
        (optim.AdamW, {"weight_decay": -1}, "weight_decay.*-1"),
        (optim.Adagrad, {"lr_decay": -1}, "lr_decay.*-1"),
        (optim.RMSprop, {"alpha": -1}, "alpha.*-1"),
        (optim.Adadelta, {"rho": 1.5}, r"rho.*1\.5"),
    ],
)
def test_impossible_options_are_named(make, options, says):
    with pytest.raises(ValueError, match=f"{make.__name__}.*{says}"):
        make([torch.zeros(1, requires_grad=True)], **options)


# ------------------------------------------------------------------------------------------------ the loop
def test_zero_grad_both_ways():
    w, frozen = torch.ones(2, requires_grad=True), torch.ones(2)
    trained = optim.SGD([w, frozen], lr=0.1)
    (w * 3).sum().backward()
    held = w.grad
    trained.zero_grad(set_to_none=False)
    assert w.grad is held
    assert held.tolist() == [0, 0]
    trained.zero_grad()
    assert w.grad is None
    trained.step()
    assert (w.tolist(), frozen.tolist()) == ([1, 1], [1, 1])


def test_a_step_leaves_the_gradients_alone_and_the_weights_where_they_are():
    w = torch.ones(3, requires_grad=True)
    memory = w.detach().numpy()
    (w * 3).sum().backward()
    optim.Adam([w], lr=0.1, weight_decay=0.1, maximize=True).step()
    assert w.grad.tolist() == [3, 3, 3]
    assert np.shares_memory(w.detach().numpy(), memory)
    assert memory.tolist() == w.tolist() != [1, 1, 1]
    assert (w.is_leaf, w.requires_grad) == (True, True)


def test_weights_and_gradients_may_lie_in_memory_as_they_like():
    base = torch.zeros(3, 2)
    w = torch.from_numpy(base.numpy().T).requires_grad_()
    w.grad = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).t()
    optim.SGD([w], lr=1.0).step()
    assert base.tolist() == [[-1, -2], [-3, -4], [-5, -6]]


def test_a_closure_computes_the_loss_with_gradients():
    w = torch.tensor([3.0], requires_grad=True)
    trained = optim.SGD([w], lr=0.5)

    def closure():
        trained.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with torch.no_grad():
        assert trained.step(closure).item() == 9
    assert w.item() == 0


def test_a_large_parameter_is_updated_whole():
    w = torch.zeros(200_001, requires_grad=True)  # longer than the blocks in which a step is taken
    w.grad = torch.arange(200_001.0)
    optim.SGD([w], lr=0.5).step()
    assert torch.equal(w.detach(), w.grad * -0.5)


@pytest.mark.parametrize(
    ("make", "options", "steps"),
    [
        (optim.SGD, {"lr": 0.001, "momentum": 0.95, "nesterov": True}, 1500),
        (optim.Adam, {"lr": 0.1}, 1500),
        (optim.AdamW, {"lr": 0.1, "weight_decay": 0.0, "amsgrad": True}, 1500),
        (optim.RMSprop, {"lr": 0.002, "momentum": 0.5}, 1500),
    ],
)
def test_the_valley_of_rosenbrock_is_followed_to_its_end(make, options, steps):
    """H. H. Rosenbrock (1960): (1 - x)² + 100 (y - x²)² is least at (1, 1)."""
    w = torch.tensor([-0.5, 0.5], dtype=torch.float64, requires_grad=True)
    trained = make([w], **options)
    for _ in range(steps):
        trained.zero_grad()
        x, y = w
        ((1 - x) ** 2 + 100 * (y - x**2) ** 2).backward()
        trained.step()
    assert w.tolist() == pytest.approx([1, 1], abs=0.05)


def test_an_optimizer_tells_its_options():
    text = repr(optim.SGD(nn.Linear(1, 1).parameters(), lr=0.25, momentum=0.5))
    assert text.startswith("SGD (\nParameter Group 0\n    dampening: 0\n    differentiable: False\n")
    for line in ("    lr: 0.25\n", "    momentum: 0.5\n", "    nesterov: False\n"):
        assert line in text


# ------------------------------------------------------------------------------------------------ the state
def test_the_state_of_a_parameter_is_seen_and_changed_through_the_optimizer():
    a, b = torch.zeros(2, requires_grad=True), torch.zeros(3, requires_grad=True)
    trained = optim.SGD([a, b], lr=1.0, momentum=0.5)
    a.grad, b.grad = torch.ones(2), torch.ones(3)
    trained.step()
    assert trained.state[b]["momentum_buffer"].tolist() == [1, 1, 1]
    trained.state[b]["momentum_buffer"].zero_()
    trained.step()  # a goes by 1.5, b by 1
    assert (a.tolist(), b.tolist()) == ([-2.5] * 2, [-2] * 3)
    trained.state.clear()
    trained.step()
    assert (a.tolist(), b.tolist()) == ([-3.5] * 2, [-3] * 3)
    assert trained.state[a]["momentum_buffer"].tolist() == [1, 1]


@pytest.mark.parametrize("move", [copy.deepcopy, lambda both: pickle.loads(pickle.dumps(both))])
@TABLE
def test_a_copy_goes_on_as_the_original_would(optimizer, plain, options, move):
    params = parameters(np.float32)
    first, rng = optimizer(params, **options), np.random.RandomState(2)
    for _ in range(3):
        set_gradients(params, rng, missing=(1,))
        first.step()
    others, second = move((params, first))
    for these, trained in ((params, first), (others, second)):
        numbers = np.random.RandomState(3)
        for _ in range(3):
            set_gradients(these, numbers)
            trained.step()
    assert [p.tolist() for p in others] == [p.tolist() for p in params]
    assert not any(p is q for p, q in zip(params, others))
    assert repr(first) == repr(second)


def test_names_of_parameters_are_kept():
    model = nn.Linear(2, 1)
    trained = optim.Adam(model.named_parameters())
    assert trained.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]
    assert trained.param_groups[0]["params"] == list(model.parameters())


@pytest.mark.parametrize("make", ALL)
def test_a_parameter_listed_twice_is_warned_of(make):
    w = torch.zeros(1, requires_grad=True)
    with pytest.warns(UserWarning, match="twice"):
        make([w, w])


def test_the_flags_of_pytorch_are_in_the_signature():
    assert {"fused", "foreach"} <= set(inspect.signature(optim.AdamW).parameters)  # nanoGPT looks for the first
    w = torch.zeros(2, requires_grad=True)
    w.grad = torch.ones(2)
    optim.AdamW([w], lr=0.1, fused=True, capturable=False, differentiable=False).step()
    assert w.tolist() == pytest.approx([-0.1, -0.1])


def test_what_is_left_out_says_so():
    with pytest.raises(AttributeError, match=r"no torch.optim.LBFGS.*SGD, Adam"):
        optim.LBFGS  # noqa: B018
    with pytest.raises(AttributeError, match="did you mean RMSprop"):
        optim.RMSProp  # noqa: B018
    with pytest.raises(AttributeError, match="did you mean CosineAnnealingLR"):
        lr_scheduler.CosineAnealingLR  # noqa: B018


# ------------------------------------------------------------------------------------------------ schedulers
def rates(scheduler, steps):
    seen = []
    for _ in range(steps):
        seen.append(scheduler.get_last_lr()[0])
        scheduler.optimizer.step()
        scheduler.step()
    return seen


def make_sgd(lr=1.0, **options):
    return optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, **options)


def test_a_warm_up_and_a_cosine():
    """As it is written out in many a training script."""
    warm = lr_scheduler.LinearLR(sgd := make_sgd(0.8), start_factor=0.25, total_iters=3)
    cosine = lr_scheduler.CosineAnnealingLR(sgd, T_max=4, eta_min=0.1)
    expected = [0.2, 0.4, 0.6] + [0.1 + 0.35 * (1 + math.cos(math.pi * t / 4)) for t in range(5)]
    assert rates(lr_scheduler.SequentialLR(sgd, [warm, cosine], [3]), 8) == pytest.approx(expected)


def test_one_cycle_goes_up_and_down_and_the_momentum_the_other_way():
    sgd = make_sgd(momentum=0.9)
    cycle = lr_scheduler.OneCycleLR(sgd, max_lr=1.0, total_steps=11, pct_start=0.5, anneal_strategy="linear")
    momentum, seen = [], []
    for _ in range(11):
        seen.append(cycle.get_last_lr()[0])
        momentum.append(sgd.param_groups[0]["momentum"])
        sgd.step()
        cycle.step()
    assert (seen[0], max(seen), seen[-1]) == pytest.approx((1 / 25, 0.92, 1 / 25 / 1e4), abs=0.1)
    assert np.corrcoef(seen, momentum)[0, 1] < -0.99
    with pytest.raises(ValueError, match="11 steps"):
        cycle.step()


def test_a_plateau_lowers_the_rate_after_its_patience_and_rests_after_it():
    scheduler = lr_scheduler.ReduceLROnPlateau(make_sgd(), factor=0.5, patience=2, cooldown=1, min_lr=0.2)
    seen = []
    for loss in (3, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1):
        scheduler.step(loss)
        seen.append(scheduler.get_last_lr()[0])
    # without progress in steps 3 to 5; step 6 rests, 7 to 9; step 10 is better and rests, 11 to 13
    assert seen == [1] * 4 + [0.5] * 4 + [0.25] * 4 + [0.2] * 5


def test_the_wrong_order_is_warned_of_once_and_the_right_one_is_not():
    scheduler = lr_scheduler.StepLR(sgd := make_sgd(), 2)
    with pytest.warns(UserWarning, match="before scheduler"):
        scheduler.step()
    scheduler.step()
    sgd.step()
    scheduler.step()
    right = lr_scheduler.StepLR(sgd, 2)
    sgd.step()
    right.step()
    with pytest.warns(UserWarning, match="epoch"):
        right.step(epoch=5)


def test_a_scheduler_of_ones_own():
    class WarmUp(lr_scheduler._LRScheduler):
        def __init__(self, optimizer, steps, last_epoch=-1):
            self.steps = steps
            super().__init__(optimizer, last_epoch)

        def get_lr(self):
            return [base * min(1, (self.last_epoch + 1) / self.steps) for base in self.base_lrs]

    assert rates(WarmUp(make_sgd(2.0), 4), 6) == [0.5, 1.0, 1.5, 2.0, 2.0, 2.0]


def test_the_state_of_a_schedule_can_be_saved_and_holds_no_optimizer():
    scheduler = lr_scheduler.LambdaLR(make_sgd(), lambda t: 0.5**t)
    rates(scheduler, 3)
    state = pickle.loads(pickle.dumps(scheduler.state_dict()))
    other = lr_scheduler.LambdaLR(make_sgd(), lambda t: 0.5**t)
    other.load_state_dict(state)
    assert (other.last_epoch, other.get_last_lr()) == (3, [0.125])
    assert rates(other, 2) == rates(scheduler, 2)


def test_a_scheduler_keeps_nothing_alive():
    sgd = make_sgd()
    lr_scheduler.StepLR(sgd, 2)
    gone = weakref.ref(sgd)
    gc.disable()
    del sgd
    gc.enable()
    assert gone() is None


def test_a_state_of_another_shape_is_refused_before_a_step():
    w = torch.zeros(2, 2, requires_grad=True)
    optimizer = torch.optim.Adam([w])
    w.grad = torch.ones(2, 2)
    optimizer.step()
    state = optimizer.state_dict()
    state["state"][0]["exp_avg"] = torch.ones(7)
    with pytest.raises(ValueError, match=r"state exp_avg of parameter 0 has not the parameter's shape \(2, 2\)"):
        torch.optim.Adam([w]).load_state_dict(state)


def test_half_a_wave_needs_a_length():
    w = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=0)
    optimizer.step()
    with pytest.raises(ZeroDivisionError, match="T_max must be at least 1, not 0"):
        scheduler.step()


def test_a_state_of_none_is_none_yet():
    """PyTorch's SGD wrote such before it left them out."""
    w = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    state = optimizer.state_dict() | {"state": {0: {"momentum_buffer": None}}}
    optimizer.load_state_dict(state)
    w.grad = torch.ones(2)
    optimizer.step()
    assert w.tolist() == pytest.approx([-0.1, -0.1])
