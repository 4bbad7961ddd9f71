"""Optimizer: what all optimizers share.

The gradients of all parameters are gathered into one flat array, so that a step is a handful of NumPy passes whatever
the number of layers. Parameters and gradients keep their own memory; only the optimizer's state is flat, and
`optimizer.state[p]` shows the part of it that belongs to a parameter. An optimizer adds one function, `_change`, which
reads like the formula in its paper.
"""

from __future__ import annotations

import operator
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np

from tinytorch.autograd import enable_grad, mark_changed
from tinytorch.dtypes import Array
from tinytorch.errors import need
from tinytorch.ops import aligned
from tinytorch.tensor import Tensor

Group: TypeAlias = dict[str, Any]  # "params": the tensors, and the options by name
Params: TypeAlias = Iterable[Any]  # tensors, or their names and tensors, or groups
Rate: TypeAlias = float | Tensor
Flag: TypeAlias = bool | None  # how PyTorch computes, not what: accepted, and without effect
BLOCK = 1 << 16  # elements updated at a time, so that the dozen passes of a step run in cache


class _Bucket:
    """Parameters of one type that have taken equally many steps, with their state laid end to end."""

    def __init__(self, params: list[Tensor], steps: int, state: list[str], first: float) -> None:
        self.params, self.steps = params, np.full(len(params), steps, np.float32)
        size, kind = sum(p.numel() for p in params), params[0]._array.dtype
        self.gradient = aligned((size,), kind)
        self.gradients = self.views(self.gradient)
        self.state = {name: aligned((size,), kind) for name in state}
        for flat in self.state.values():
            flat.fill(first)
        blocks = [slice(start, start + BLOCK) for start in range(0, self.gradient.size, BLOCK)]
        self.blocks = [(at, self.gradient[at], {k: flat[at] for k, flat in self.state.items()}) for at in blocks]

    def views(self, flat: Array) -> list[Array]:
        """The part of a flat array that belongs to each parameter, in the parameter's shape."""
        ends = np.cumsum([p.numel() for p in self.params])
        return [flat[end - p.numel() : end].reshape(p.shape) for p, end in zip(self.params, ends)]


class Optimizer:
    """Base class: parameter groups, `zero_grad`, `step`, `state_dict`, and `state[p]`, which may be changed in place.

    A subclass defines `step` itself, or `_change(group, lr, step, grad, **state)`, which turns the gradient in place
    into what is subtracted from the weights, and `_keeps`: the names of its state, each with the option that asks for
    it ("": always kept).
    """

    _change: Callable[..., None]
    _keeps: tuple[tuple[str, str], ...] = ()
    _counts_steps = True  # whether the number of steps is part of the state
    _opt_called = True  # whether it has taken a step since it got a scheduler, which sees to the order

    def __init__(self, params: Params, defaults: Group) -> None:
        listed = isinstance(params, Iterable) and not isinstance(params, Tensor)
        need(listed, f"an optimizer needs a list: pass model.parameters(), not one {type(params).__name__}", TypeError)
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self._buckets: dict[int, tuple[list[Any], list[_Bucket]]] = {}  # of each group: what they rest on, buckets
        entries = list(params)
        need(entries, "empty parameter list: was model.parameters() used up, or are layers not in an nn.ModuleList?")
        for entry in entries if isinstance(entries[0], dict) else [{"params": entries}]:
            self.add_param_group(entry)

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters, with options of their own: `{"params": [...], "lr": 0.1}`."""
        need(isinstance(param_group, dict), f"a group is a dict, not a {type(param_group).__name__}", TypeError)
        need("params" in param_group, f"a group holds its tensors as 'params', got {list(param_group)}", KeyError)
        params = param_group["params"]
        need(not isinstance(params, set), "parameters need an order: use a list, not a set", TypeError)
        params = [params] if isinstance(params, Tensor) else list(params)
        names = [p[0] for p in params if isinstance(p, tuple)]  # of named_parameters()
        param_group["params"] = params = [p[1] if isinstance(p, tuple) else p for p in params]
        for p in params:
            need(isinstance(p, Tensor), f"an optimizer trains tensors, got a {type(p).__name__}", TypeError)
            need(p.is_leaf, "an optimizer trains leaf tensors, got the result of an operation")
        if names:
            param_group["param_names"] = names
        if len(set(params)) < len(params):
            warnings.warn("a parameter is twice in a parameter group, and is changed twice: list it once", stacklevel=3)
        known = {p for group in self.param_groups for p in group["params"]}
        need(known.isdisjoint(params), "a parameter is in more than one parameter group")
        param_group.update(self.defaults | param_group)
        self.param_groups.append(param_group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, so that the next backward starts from nothing."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none and p._node is not None:
                    p._node.grad = None
                elif set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad.zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient; returns the loss if given a `closure` that computes it anew."""
        loss, self._opt_called = None, True
        if closure is not None:
            with enable_grad():
                loss = closure()
        for i, group in enumerate(self.param_groups):
            for bucket in self._current_buckets(i, group):
                self._step(group, bucket)
        return loss

    def _step(self, group: Group, bucket: _Bucket) -> None:
        step = int(bucket.steps.item(0)) + 1
        bucket.steps.fill(step)
        for p, flat in zip(bucket.params, bucket.gradients):
            flat[...] = p._node.grad  # type: ignore[union-attr]
        if group["maximize"]:
            np.negative(bucket.gradient, out=bucket.gradient)
        lr, decay, decoupled = float(group["lr"]), float(group["weight_decay"]), group.get("decoupled_weight_decay")
        if decay:
            pull = np.concatenate([p._array.ravel() for p in bucket.params])
            pull *= decay * lr if decoupled else decay
        for block, grad, state in bucket.blocks:
            if decay and not decoupled:
                grad += pull[block]
            self._change(group, lr, step, grad, **state)
            if decay and decoupled:
                grad += pull[block]
        by = f"{type(self).__name__}.step()"
        for p, change in zip(bucket.params, bucket.gradients):
            array = p._array
            array -= change
            mark_changed(array, by)

    # ------------------------------------------------------------------------------------ buckets
    def _current_buckets(self, i: int, group: Group) -> list[_Bucket]:
        """The buckets of the parameters of group `i` that have a gradient; those of the last step if they still fit."""
        names = [name for name, option in self._keeps if not option or group[option]]
        params = [p for p in group["params"] if p._node is not None and p._node.grad is not None]
        known, buckets = self._buckets.get(i, ([], []))
        rest_on = [*names, *params, *map(self.state.get, params)]
        if len(rest_on) != len(known) or not all(map(operator.is_, rest_on, known)):
            alike: dict[tuple[Any, int], list[Tensor]] = {}
            for p in params:
                entry = self.state.get(p, {})
                steps = int(entry.get("step", len(entry)))  # without a count, only the first step is special
                alike.setdefault((p._array.dtype, steps), []).append(p)
            buckets = [self._bucket(same, steps, names) for (_, steps), same in alike.items()]
            self._buckets[i] = [*names, *params, *map(self.state.get, params)], buckets
        return buckets

    def _bucket(self, params: list[Tensor], steps: int, names: list[str]) -> _Bucket:
        """A bucket that holds the state of its parameters from now on."""
        bucket = _Bucket(params, steps, names, self.defaults.get("initial_accumulator_value", 0))
        for i, p in enumerate(params if self._counts_steps else ()):
            self.state[p]["step"] = Tensor._wrap(bucket.steps[i, ...])
        for name, flat in bucket.state.items():
            for p, part in zip(params, bucket.views(flat)):
                part[...] = self.state[p][name]._array if name in self.state[p] else part
                self.state[p][name] = Tensor._wrap(part)
        return bucket

    # ------------------------------------------------------------------------------------ state
    def state_dict(self) -> dict[str, Any]:
        """The state of each parameter by its number, and the options of each group: PyTorch's form."""
        params = [p for group in self.param_groups for p in group["params"]]
        numbers = {p: i for i, p in enumerate(params)}
        groups = [{**group, "params": [numbers[p] for p in group["params"]]} for group in self.param_groups]
        return {"state": {numbers[p]: entry for p, entry in self.state.items()}, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a state that `state_dict` returned for the same groups of parameters."""
        import copy  # here, to keep it off the import path

        saved = copy.deepcopy(state_dict["param_groups"])
        sizes, expected = [len(g["params"]) for g in saved], [len(g["params"]) for g in self.param_groups]
        need(sizes == expected, f"the state is of groups of {sizes} parameters, the optimizer has groups of {expected}")
        self.state = defaultdict(dict)
        for group, other in zip(self.param_groups, saved):
            for p, number in zip(group["params"], other.pop("params")):
                for name, value in state_dict["state"].get(number, {}).items():
                    own = isinstance(value, Tensor) and name != "step"
                    kept = value is not None and name in dict(self._keeps)  # None is no state yet
                    fits = not kept or getattr(value, "shape", None) == p.shape
                    need(fits, f"state {name} of parameter {number} has not the parameter's shape {tuple(p.shape)}")
                    self.state[p][name] = value.to(p.dtype) if own else value
            group.update(other)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_buckets": {}}

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for i, group in enumerate(self.param_groups):
            lines = [f"    {name}: {group[name]}\n" for name in sorted(group) if name != "params"]
            text += f"\nParameter Group {i}\n" + "".join(lines)
        return text + ")"


def options(arguments: dict[str, Any]) -> Group:
    """The arguments of an optimizer's `__init__`, checked, as the options of its groups."""
    optimizer = type(arguments["self"]).__name__
    found = {name: value for name, value in arguments.items() if name not in ("self", "params", "__class__")}
    for name, value in found.items():
        if name == "betas":
            error = IndexError if isinstance(value, (tuple, list)) else TypeError
            what = f"{optimizer}: betas must be two numbers, such as (0.9, 0.999), got {value!r}"
            need(error is IndexError and len(value) == 2, what, error)
            need(all(0 <= beta < 1 for beta in value), f"{optimizer}: betas must be from 0 to below 1, got {value}")
        elif name not in ("dampening", "foreach", "fused"):
            need(hasattr(value, "__float__"), f"{optimizer}: {name} must be a number, not {value!r}", TypeError)
            need(float(value) >= 0, f"{optimizer}: {name} must not be negative, got {value}")
    return found
