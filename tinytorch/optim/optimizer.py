"""Optimizer: what all optimizers share.

The gradients of all parameters are gathered into one flat array, so that a step is a handful of NumPy passes whatever
the number of layers. Parameters and gradients keep their own memory; only the optimizer's state is flat. An optimizer
adds one function, `_change`, which reads like the formula in its paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from tinytorch.autograd import enable_grad, mark_changed
from tinytorch.dtypes import Array
from tinytorch.tensor import Tensor

Group = dict[str, Any]
BLOCK = 1 << 16  # elements updated at a time, so that the dozen passes of a step run in cache


class _Bucket:
    """Parameters of one type that have taken equally many steps, with their state laid end to end."""

    def __init__(self, params: list[Tensor], step: int) -> None:
        self.params, self.step = params, step
        self.size = sum(p.numel() for p in params)
        self.dtype = params[0]._array.dtype
        self.state: dict[str, Array] = {}
        self.gradient = np.empty(self.size, self.dtype)
        self.gradients = list(self.views(self.gradient))

    def views(self, flat: Array) -> Iterator[Array]:
        """The part of a flat array that belongs to each parameter, in the parameter's shape."""
        start = 0
        for p in self.params:
            yield flat[start : start + p.numel()].reshape(p.shape)
            start += p.numel()

    def __getitem__(self, name: str) -> Array:
        """A state array, of zeros at first."""
        if name not in self.state:
            self.state[name] = np.zeros(self.size, self.dtype)
        return self.state[name]


class Optimizer:
    """Base class: parameter groups, `zero_grad`, `step`, `state_dict`.

    Subclasses define `_change(group, step, grad, weights, state)`: the array to subtract from the weights.
    """

    _counts_steps = True  # whether the number of steps is part of the state

    def __init__(self, params: Iterable[Any], defaults: Group) -> None:
        if isinstance(params, Tensor):
            raise TypeError("an optimizer needs a list of tensors such as model.parameters(), not one tensor")
        if not isinstance(params, Iterable):
            raise TypeError(
                f"an optimizer needs a list of tensors: pass model.parameters(), not {type(params).__name__}"
            )
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self._buckets: list[tuple[list[int], list[_Bucket]]] = []  # of each group: ids of its parameters, buckets
        self._state: dict[Tensor, tuple[int, dict[str, Array]]] = {}  # of parameters that are in no bucket
        entries = list(params)
        if not entries:
            raise ValueError(
                "the optimizer got an empty parameter list: was model.parameters() used up already, or do the layers "
                "stand in a plain list instead of nn.ModuleList?"
            )
        for entry in entries if isinstance(entries[0], dict) else [{"params": entries}]:
            self.add_param_group(entry)

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters, with options of their own: `{"params": [...], "lr": 0.1}`."""
        params = param_group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        params = [p[1] if isinstance(p, tuple) else p for p in params]  # of named_parameters()
        group = {**self.defaults, **param_group, "params": params}
        known = {id(p) for other in self.param_groups for p in other["params"]}
        for p in group["params"]:
            if not isinstance(p, Tensor):
                raise TypeError(f"optimizers train tensors, got a {type(p).__name__}: pass model.parameters()")
            if not p.is_leaf:
                raise ValueError("optimizers train leaf tensors, got the result of an operation")
            if id(p) in known:
                raise ValueError("a parameter is in more than one place of the parameter groups")
            known.add(id(p))
        self.param_groups.append(group)
        self._buckets.append(([], []))

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, so that the next backward starts from nothing."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad.zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient; returns the loss if given a `closure` that computes it anew."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for i, group in enumerate(self.param_groups):
            for bucket in self._current_buckets(i):
                bucket.step += 1
                self._step(group, bucket)
        return loss

    def _step(self, group: Group, bucket: _Bucket) -> None:
        for p, flat in zip(bucket.params, bucket.gradients):
            flat[...] = p._node.grad  # type: ignore[union-attr]
        if group["maximize"]:
            np.negative(bucket.gradient, out=bucket.gradient)
        weights = None
        if group.get("weight_decay"):
            weights = np.concatenate([p._array.ravel() for p in bucket.params])
        state = {name: bucket[name] for name in self._state_names(group)}
        for start in range(0, bucket.size, BLOCK):
            block = slice(start, start + BLOCK)
            grad = bucket.gradient[block]
            grad[...] = self._change(
                group,
                bucket.step,
                grad,
                None if weights is None else weights[block],
                {name: array[block] for name, array in state.items()},
            )
        for p, change in zip(bucket.params, bucket.gradients):
            np.subtract(p._array, change, out=p._array)
            mark_changed(p._array, f"{type(self).__name__}.step()")

    def _state_names(self, group: Group) -> tuple[str, ...]:
        raise NotImplementedError

    def _change(self, group: Group, step: int, grad: Array, weights: Array | None, state: dict[str, Array]) -> Array:
        raise NotImplementedError

    # ------------------------------------------------------------------------------------ buckets
    def _current_buckets(self, i: int) -> list[_Bucket]:
        """The buckets of the parameters of group `i` that have a gradient; those of the last step if they still fit."""
        params = [p for p in self.param_groups[i]["params"] if p._node is not None and p._node.grad is not None]
        ids = [id(p) for p in params]
        if ids != self._buckets[i][0]:
            self._empty_buckets(i)
            together: dict[Any, list[Tensor]] = {}
            for p in params:
                together.setdefault((p._array.dtype, self._state.get(p, (0, {}))[0]), []).append(p)
            self._buckets[i] = ids, [self._filled_bucket(same, key[1]) for key, same in together.items()]
        return self._buckets[i][1]

    def _filled_bucket(self, params: list[Tensor], step: int) -> _Bucket:
        bucket = _Bucket(params, step)
        saved = [self._state.pop(p, (0, {}))[1] for p in params]
        for name in saved[0]:
            for view, state in zip(bucket.views(bucket[name]), saved):
                view[...] = state[name]
        return bucket

    def _empty_buckets(self, i: int) -> None:
        """Take the state out of the buckets of group `i`, parameter by parameter."""
        for bucket in self._buckets[i][1]:
            parts = {name: list(bucket.views(flat)) for name, flat in bucket.state.items()}
            for j, p in enumerate(bucket.params):
                self._state[p] = bucket.step, {name: views[j].copy() for name, views in parts.items()}
        self._buckets[i] = [], []

    # ------------------------------------------------------------------------------------ state
    def state_dict(self) -> dict[str, Any]:
        """The state of each parameter by its number, and the options of each group: PyTorch's form."""
        numbers: dict[Tensor, int] = {}
        groups = []
        for i, group in enumerate(self.param_groups):
            self._empty_buckets(i)
            for p in group["params"]:
                numbers[p] = len(numbers)
            groups.append({**group, "params": [numbers[p] for p in group["params"]]})
        state: dict[int, dict[str, Tensor]] = {}
        for p, (step, arrays) in self._state.items():
            counted = {"step": Tensor._wrap(np.array(step, np.float32))} if self._counts_steps else {}
            entry = counted | {name: Tensor._wrap(array.copy()) for name, array in arrays.items()}
            if entry:
                state[numbers[p]] = entry
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a state that `state_dict` returned for the same groups of parameters."""
        saved = state_dict["param_groups"]
        sizes, expected = [len(g["params"]) for g in saved], [len(g["params"]) for g in self.param_groups]
        if sizes != expected:
            raise ValueError(f"the state is of groups of {sizes} parameters, the optimizer has groups of {expected}")
        self._state = {}
        for i, (group, other) in enumerate(zip(self.param_groups, saved)):
            self._buckets[i] = [], []
            for p, number in zip(group["params"], other["params"]):
                if number in state_dict["state"]:
                    arrays = {k: np.array(v._array) for k, v in state_dict["state"][number].items() if k != "step"}
                    self._state[p] = int(state_dict["state"][number].get("step", 1)), arrays
            group.update({k: v for k, v in other.items() if k != "params"})

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])


def check_not_negative(optimizer: str, **values: float) -> None:
    """`ValueError` for an option below 0."""
    for name, value in values.items():
        if not isinstance(value, (int, float)):
            raise TypeError(f"{optimizer}: {name} must be a number, not {value!r}")
        if not value >= 0:
            raise ValueError(f"{optimizer}: {name} must not be negative, got {value}")
