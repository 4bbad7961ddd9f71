"""Schedulers: how the learning rate changes while training goes on.

Most multiply the rate that is there by a factor, instead of setting it, so that several of them, or changes by hand,
act together: this is what PyTorch calls chainable.
"""

from __future__ import annotations

import functools
import warnings
from collections import Counter
from collections.abc import Callable
from itertools import zip_longest
from math import cos, inf, pi
from typing import Any, TypeAlias

from tinytorch.errors import missing, need
from tinytorch.optim.optimizer import Group, Optimizer, Rate
from tinytorch.tensor import Tensor

Factor: TypeAlias = Callable[[int], float]


class LRScheduler:
    """Base class: call `step()` after the optimizer's.

    A subclass defines `get_lr`, the rate of each group; or `_factor(t)`, by which step t multiplies what rate there is.

    `last_epoch` is the number of steps so far. To go on with a schedule, give it the number of the last step, and an
    optimizer whose groups hold their "initial_lr".
    """

    _is_initial, _get_lr_called_within_step = False, True  # the first: whether this is the step that `__init__` takes

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = _checked(optimizer)
        for group in optimizer.param_groups:
            if last_epoch == -1:
                group.setdefault("initial_lr", _copied(group["lr"]))
            need("initial_lr" in group, "to go on with a schedule, each group needs the initial_lr it had", KeyError)
        self.base_lrs = _each(optimizer, "initial_lr")
        self.last_epoch: Any = last_epoch
        optimizer._opt_called = type(optimizer).step is not Optimizer.step  # which notes it; another one may not
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count, self._is_initial = 0, True
        self.step()
        self._is_initial = False

    def _factor(self, t: int) -> float:
        raise NotImplementedError

    def _next(self, lr: Any, base: Any, t: int) -> Any:
        """The rate at step t after the rate `lr`."""
        return lr * self._factor(t)

    def get_lr(self) -> list[Any]:
        """The rate of each group at step `last_epoch`: those that follow the rates there are."""
        groups = zip_longest(self.optimizer.param_groups, self.base_lrs)  # of which some may have joined later
        return [self._next(group["lr"], base, self.last_epoch) for group, base in groups]

    def _lr_from_start(self) -> list[Any]:
        """The same, worked out from the initial rates, whatever the rates are now."""
        if type(self).get_lr is not LRScheduler.get_lr:
            return self.get_lr()
        steps = range(self.last_epoch + 1)
        return [functools.reduce(lambda lr, t: self._next(lr, base, t), steps, base) for base in self.base_lrs]

    def get_last_lr(self) -> list[Any]:
        """The rate of each group."""
        return self._last_lr

    def step(self, epoch: int | None = None) -> None:
        """Set the rates of the next step; with `epoch` (deprecated), those of that step."""
        if self._step_count == 1 and not self.optimizer._opt_called:
            warnings.warn("call optimizer.step() before scheduler.step(), or the first rate is skipped", stacklevel=2)
        if epoch is not None:
            warnings.warn("scheduler.step(epoch) is deprecated: call scheduler.step()", stacklevel=2)
        self._step_count += 1
        self._update_lr(epoch)

    def _update_lr(self, epoch: float | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        rates = self.get_lr() if epoch is None else self._lr_from_start()
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            _set(group, lr)
        self._last_lr = _each(self.optimizer, "lr")

    def state_dict(self) -> dict[str, Any]:
        """All but the optimizer and functions."""
        return {name: value for name, value in vars(self).items() if name not in ("optimizer", "lr_lambdas")}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a state that `state_dict` returned."""
        vars(self).update(state_dict)


_LRScheduler = LRScheduler  # its old name


def _checked(optimizer: Optimizer | None) -> Optimizer:
    need(isinstance(optimizer, Optimizer), f"a scheduler needs an optimizer, not {optimizer!r}", TypeError)
    return optimizer  # type: ignore[return-value]


def _each(optimizer: Optimizer, option: str) -> list[Any]:
    """The option of each group: copies, as a rate that is a tensor changes in place."""
    return [_copied(group[option]) for group in optimizer.param_groups]


def _copied(lr: Rate) -> Rate:
    return lr.clone() if isinstance(lr, Tensor) else lr


def _for_each(optimizer: Optimizer, name: str, value: Any) -> list[Any]:
    """`value` for each group, or the values themselves if there are as many."""
    groups = len(optimizer.param_groups)
    values = list(value) if isinstance(value, (list, tuple)) else [value] * groups
    need(len(values) == groups, f"{name} has {len(values)} values, the optimizer {groups} parameter groups")
    return values


def _set(group: Group, lr: Rate) -> None:
    group["lr"] = group["lr"].fill_(float(lr)) if isinstance(group["lr"], Tensor) else lr


# ------------------------------------------------------------------------------------ multiplied step by step
class StepLR(LRScheduler):
    """Every `step_size` steps, the rate is multiplied by gamma.

    >>> import tinytorch as torch
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(5):
    ...     print(scheduler.get_last_lr(), end=" ")
    ...     optimizer.step()
    ...     scheduler.step()
    [1.0] [1.0] [0.5] [0.5] [0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        need(self.step_size or not t, "StepLR: step_size must be at least 1, not 0", ZeroDivisionError)
        return self.gamma if t != 0 and t % self.step_size == 0 else 1


class MultiStepLR(LRScheduler):
    """At each of the steps in `milestones`, the rate is multiplied by gamma."""

    def __init__(self, optimizer: Optimizer, milestones: list[int], gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        return float(self.gamma ** self.milestones.get(t, 0))  # which is a plain dict when it comes from a file


class ExponentialLR(LRScheduler):
    """At each step, the rate is multiplied by gamma."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        return 1 if t == 0 or self._is_initial else self.gamma


class LinearLR(LRScheduler):
    """The share of the rate goes straight from `start_factor` to `end_factor` in `total_iters` steps: a warm-up."""

    def __init__(self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5,
                 last_epoch: int = -1) -> None:  # fmt: skip
        need(0 < start_factor <= 1, f"LinearLR: start_factor must be above 0 and at most 1, got {start_factor}")
        need(0 <= end_factor <= 1, f"LinearLR: end_factor must be at least 0 and at most 1, got {end_factor}")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self, t: int) -> float:
        if t > 0 and (self._is_initial or t > self.total_iters):
            return 1
        rise = self.end_factor - self.start_factor
        return 1 + rise / (self.total_iters * self.start_factor + (t - 1) * rise) if t > 0 else self.start_factor


class CosineAnnealingLR(LRScheduler):
    """From the initial rate down to `eta_min` in `T_max` steps, along half a wave of the cosine.

    Source: Loshchilov & Hutter (2017), arXiv:1608.03983, without the restarts.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def _next(self, lr: Any, base: Any, t: int) -> Any:
        if t == 0 or self._is_initial:
            return lr
        need(self.T_max, "CosineAnnealingLR: T_max must be at least 1, not 0", ZeroDivisionError)
        if (t - 1 - self.T_max) % (2 * self.T_max) == 0:  # up from the bottom, where there is nothing to multiply
            return lr + (base - self.eta_min) * (1 - cos(pi / self.T_max)) / 2
        factor = (1 + cos(pi * t / self.T_max)) / (1 + cos(pi * (t - 1) / self.T_max))
        return factor * (lr - self.eta_min) + self.eta_min


class LambdaLR(LRScheduler):
    """The rate at step t is the initial one times `lr_lambda(t)`: one function, or a list of one for each group."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | list[Factor], last_epoch: int = -1) -> None:
        self.lr_lambdas = _for_each(optimizer, "lr_lambda", lr_lambda)
        need(all(map(callable, self.lr_lambdas)), f"lr_lambda is a function of the step, not {lr_lambda!r}", TypeError)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The initial rates, multiplied."""
        return [lr * factor(self.last_epoch) for lr, factor in zip(self.base_lrs, self.lr_lambdas)]


# ------------------------------------------------------------------------------------ in cycles
class OneCycleLR(LRScheduler):
    """From max_lr / div_factor up to `max_lr` in the first `pct_start` of all steps, then down to almost nothing.

    Source: Smith & Topin (2018), arXiv:1708.07120, whose three phases `three_phase` gives. The momentum (or the first
    of the betas) goes the other way, unless `cycle_momentum` is False.
    """

    def __init__(self, optimizer: Optimizer, max_lr: float | list[float], total_steps: int | None = None,
                 epochs: int | None = None, steps_per_epoch: int | None = None, pct_start: float = 0.3,
                 anneal_strategy: str = "cos", cycle_momentum: bool = True, base_momentum: float | list[float] = 0.85,
                 max_momentum: float | list[float] = 0.95, div_factor: float = 25.0, final_div_factor: float = 1e4,
                 three_phase: bool = False, last_epoch: int = -1) -> None:  # fmt: skip
        total_steps = total_steps or (epochs or 0) * (steps_per_epoch or 0)
        whole = isinstance(total_steps, int) and total_steps > 0
        need(whole, f"OneCycleLR: total_steps, or epochs and steps_per_epoch, must be above 0, got {total_steps} steps")
        need(0 <= pct_start <= 1, f"OneCycleLR: pct_start must be from 0 to 1, got {pct_start!r}")
        need(anneal_strategy in ("cos", "linear"), f'anneal_strategy is "cos" or "linear", not {anneal_strategy!r}')
        usable = not cycle_momentum or {"momentum", "betas"} & set(_checked(optimizer).defaults)
        need(usable, "OneCycleLR: an optimizer without momentum or betas needs cycle_momentum=False")
        self.total_steps, self.anneal_strategy, self.cycle_momentum = total_steps, anneal_strategy, cycle_momentum
        peak = pct_start * total_steps
        self._points = [(0.0, "initial_lr", "max_momentum"), (peak - 1, "max_lr", "base_momentum")]
        self._points += [(2 * peak - 2, "initial_lr", "max_momentum")] * three_phase
        self._points += [(total_steps - 1, "min_lr", "max_momentum")]
        momenta = {"max_momentum": max_momentum, "base_momentum": base_momentum} if cycle_momentum else {}
        for name, value in ({"max_lr": max_lr} | momenta).items() if last_epoch == -1 else ():
            for group, own in zip(_checked(optimizer).param_groups, _for_each(optimizer, name, value)):
                group[name] = own
                group["initial_lr"] = group["max_lr"] / div_factor
                group["min_lr"] = group["initial_lr"] / final_div_factor
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rate of each group on the way from one point to the next; sets the momentum."""
        need(self.last_epoch <= self.total_steps, f"the cycle has {self.total_steps} steps, and they are over")
        i = next((i for i, (end, _, _) in enumerate(self._points[1:-1]) if self.last_epoch <= end), -2)
        (start, *first), (end, *then) = self._points[i], self._points[i + 1]
        share = (self.last_epoch - start) / (end - start)
        for group in self.optimizer.param_groups if self.cycle_momentum else ():
            momentum = self._between(group[first[1]], group[then[1]], share)
            beta = "betas" in self.optimizer.defaults
            group.update({"betas": (momentum, *group["betas"][1:])} if beta else {"momentum": momentum})
        return [self._between(group[first[0]], group[then[0]], share) for group in self.optimizer.param_groups]

    def _between(self, start: float, end: float, share: float) -> float:
        if self.anneal_strategy == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2 * (cos(pi * share) + 1)


# ------------------------------------------------------------------------------------ by the course of training
class ReduceLROnPlateau(LRScheduler):
    """The rate is multiplied by `factor` when what `step` is told has not become better for `patience` steps.

    Better is lower by more than the `threshold` (a share of the best, or with threshold_mode="abs" a difference), or
    with mode="max" higher. After that, `cooldown` steps pass before steps without progress count again.
    """

    def __init__(self, optimizer: Optimizer, mode: str = "min", factor: float = 0.1, patience: int = 10,
                 threshold: float = 1e-4, threshold_mode: str = "rel", cooldown: int = 0,
                 min_lr: float | list[float] = 0, eps: float = 1e-8) -> None:  # fmt: skip
        need(factor < 1, f"ReduceLROnPlateau: factor must be below 1, got {factor}")
        need(mode in ("min", "max"), f'ReduceLROnPlateau: mode must be "min" or "max", not {mode!r}')
        need(threshold_mode in ("rel", "abs"), f'threshold_mode must be "rel" or "abs", not {threshold_mode!r}')
        self.optimizer, self._last_lr = _checked(optimizer), _each(optimizer, "lr")
        self.factor, self.patience, self.cooldown, self.eps, self.min_lr = factor, patience, cooldown, eps, min_lr
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.min_lrs = _for_each(optimizer, "min_lr", min_lr)
        self.last_epoch = self.num_bad_epochs = self.cooldown_counter = 0
        self.best = inf if mode == "min" else -inf

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]
        """Look at `metrics`, a number such as the loss on data held out, and lower the rates if it is time."""
        current, sign = float(metrics), 1 if self.mode == "min" else -1
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        margin = sign * self.threshold
        bar = self.best * (1.0 - margin) if self.threshold_mode == "rel" else self.best - margin
        better = sign * current < sign * bar
        self.best = current if better else self.best
        self.num_bad_epochs = 0 if better or self.cooldown_counter > 0 else self.num_bad_epochs + 1
        self.cooldown_counter = max(self.cooldown_counter - 1, 0)
        if self.num_bad_epochs > self.patience:
            for group, least in zip(self.optimizer.param_groups, _for_each(self.optimizer, "min_lr", self.min_lr)):
                lr = max(float(group["lr"]) * self.factor, least)
                _set(group, lr if float(group["lr"]) - lr > self.eps else group["lr"])
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = _each(self.optimizer, "lr")


# ------------------------------------------------------------------------------------ several
class SequentialLR(LRScheduler):
    """One scheduler after another: the next takes over, from its beginning, at each of the steps in `milestones`."""

    def __init__(self, optimizer: Optimizer, schedulers: list[LRScheduler], milestones: list[int],
                 last_epoch: int = -1) -> None:  # fmt: skip
        for scheduler in schedulers:
            need(isinstance(scheduler, LRScheduler), f"{scheduler!r} is not a scheduler", TypeError)
            usable = scheduler.optimizer is optimizer and not isinstance(scheduler, ReduceLROnPlateau)
            need(usable, "SequentialLR needs schedulers of its optimizer, and none that is told the loss")
        one_less = len(milestones) == len(schedulers) - 1
        need(one_less, f"{len(schedulers)} schedulers need one milestone less, not {len(milestones)}")
        self.optimizer, self._schedulers = _checked(optimizer), schedulers
        self._milestones, self.last_epoch = milestones, last_epoch + 1
        for group in optimizer.param_groups:
            _set(group, group["initial_lr"])
        for scheduler in schedulers:
            scheduler.last_epoch -= 1  # takes back the step that it took when it was made
        first = schedulers[sum(each <= 0 for each in milestones)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """Take a step with the scheduler whose turn it is."""
        self.last_epoch += 1
        i = sum(each <= self.last_epoch for each in self._milestones)
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            self._schedulers[i]._update_lr(0)
        else:
            self._schedulers[i].step()
        self._last_lr = self._schedulers[i].get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        """All but the optimizer, and the states of the schedulers."""
        return {**super().state_dict(), "_schedulers": [scheduler.state_dict() for scheduler in self._schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a state that `state_dict` returned."""
        super().load_state_dict({**state_dict, "_schedulers": self._schedulers})
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"]):
            scheduler.load_state_dict(state)


def __getattr__(name: str) -> object:
    raise AttributeError(missing("torch.optim.lr_scheduler", name, globals()))
