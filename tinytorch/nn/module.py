"""Module: the base class of layers and models.

A module's parameters, buffers and children are attributes like others; `_kinds` says which are which, in the order in
which they were registered. What the hooks do is in `hooked`.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tinytorch.autograd import no_grad
from tinytorch.autograd.gradient import RemovableHandle
from tinytorch.dtypes import float16, float32, float64
from tinytorch.errors import did_you_mean, need
from tinytorch.functions.creation import empty
from tinytorch.nn.hooked import call_with_hooks
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor

Self = TypeVar("Self", bound="Module")


class _IncompatibleKeys(NamedTuple):
    """What `load_state_dict` found missing in the state, and what it found that the module has not."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not any(self):
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Module:
    """A layer or model: attributes hold its parameters and layers, `forward` computes.

    >>> import tinytorch as torch
    >>> from tinytorch import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.fc = nn.Linear(4, 2)
    ...     def forward(self, x):
    ...         return torch.relu(self.fc(x))
    >>> Net()
    Net(
      (fc): Linear(in_features=4, out_features=2, bias=True)
    )
    >>> [name for name, _ in Net().named_parameters()]
    ['fc.weight', 'fc.bias']
    """

    training: bool
    _kinds: dict[str, Any]  # name -> Parameter, Module or Tensor (a buffer); an attribute that is None is switched off
    _hooked = False

    def __init__(self) -> None:
        self.training = True
        self._kinds = {}
        self._non_persistent_buffers_set: set[str] = set()
        self._forward_pre_hooks: dict[int, Any] = {}
        self._forward_hooks: dict[int, Any] = {}
        self._backward_pre_hooks: dict[int, Any] = {}
        self._backward_hooks: dict[int, Any] = {}

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; each subclass defines it. Call the module itself, not this."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(self, ...)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output: `forward`, with the hooks before and after it."""
        return call_with_hooks(self, args, kwargs) if self._hooked else self.forward(*args, **kwargs)

    # ------------------------------------------------------------------------------------ attributes
    def __setattr__(self, name: str, value: Any) -> None:
        kinds = self.__dict__.get("_kinds")
        known = kinds.get(name) if kinds else None
        kind = Parameter if isinstance(value, Parameter) else Module if isinstance(value, Module) else None
        replaces = kind is not None and known is not Parameter
        if known is not None and value is not None and not isinstance(value, known) and not replaces:
            here, fix = (
                f"{type(self).__name__}.{name}",
                f"change its values under no_grad(), or assign a {known.__name__}",
            )
            raise TypeError(f"{here} is a {known.__name__} and can't become a {type(value).__name__}: {fix}")
        if kind is not None and kind is not known:
            if kinds is None:
                raise AttributeError(f"{type(self).__name__}: call super().__init__() before assigning {name}")
            kinds.pop(name, None)
            kinds[name] = kind
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        self._kinds.pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    if not TYPE_CHECKING:  # type checkers are to notice an attribute that is not there

        def __getattr__(self, name: str) -> Any:
            hint = "" if name.startswith("_") else did_you_mean(name, dir(self))
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{hint}")

    def _register_kind(self, kind: Any, name: str, value: Any) -> None:
        """Make a value of a kind, or None (it is switched off), an attribute, if the name is free."""
        here, own = type(self).__name__, self.__dict__
        need("_kinds" in own, f"{here}: call super().__init__() before registering {name}", AttributeError)
        if value is not None and not isinstance(value, kind):
            what = getattr(value, "__name__", None) or f"a {type(value).__name__}"
            hint = ": unpack the list with *?" if isinstance(value, (list, tuple)) else ""
            hint = ": use a module such as nn.ReLU()" if callable(value) else hint
            raise TypeError(f"{here}: {name} must be a {kind.__name__} or None, not {what}{hint}")
        taken = self._kinds.get(name) is not kind and (name in own or hasattr(type(self), name))
        if taken or "." in name or not name:
            raise KeyError(f"{here}: the name {name!r} is empty, holds a dot or is taken by another attribute")
        self._kinds[name] = kind
        own[name] = value

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make `param` (or None: a parameter that is switched off) the attribute `name`."""
        self._register_kind(Parameter, name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Make `tensor` an attribute that is part of the state but not trained, such as a running mean."""
        self._register_kind(Tensor, name, tensor)
        (set.discard if persistent else set.add)(self._non_persistent_buffers_set, name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Make `module` the child called `name`."""
        self._register_kind(Module, name, module)

    register_module = add_module

    def _of_kind(self, kind: Any) -> dict[str, Any]:
        own = self.__dict__
        return {name: own[name] for name, each in self._kinds.items() if each is kind}

    _parameters = property(lambda self: Attributes(self, Parameter))
    _buffers = property(lambda self: Attributes(self, Tensor))
    _modules = property(lambda self: Attributes(self, Module))

    # ------------------------------------------------------------------------------------ walking the tree
    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct children with their names; one that stands under two names comes once."""
        seen: set[Module] = set()
        for name, child in self._of_kind(Module).items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """The direct children."""
        return (child for _, child in self.named_children())

    def named_modules(self, memo: set[Module] | None = None, prefix: str = "",
                      remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:  # fmt: skip
        """This module and all below it, each with its dotted path."""
        memo = set() if memo is None else memo
        if remove_duplicate and self in memo:
            return
        memo.add(self)
        yield prefix, self
        for name, child in self._of_kind(Module).items():
            if child is not None:
                yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        return (module for _, module in self.named_modules())

    def _named_tensors(self, kind: Any, prefix: str, recurse: bool, remove_duplicate: bool) -> Iterator[Any]:
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        seen = set()
        for path, module in modules:
            for name, tensor in module._of_kind(kind).items():
                if tensor is not None and (not remove_duplicate or id(tensor) not in seen):
                    seen.add(id(tensor))
                    yield f"{path}.{name}" if path else name, tensor

    def named_parameters(self, prefix: str = "", recurse: bool = True,
                         remove_duplicate: bool = True) -> Iterator[tuple[str, Parameter]]:  # fmt: skip
        """The parameters with their dotted names; a shared one comes once."""
        return self._named_tensors(Parameter, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, for an optimizer."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True,
                      remove_duplicate: bool = True) -> Iterator[tuple[str, Tensor]]:  # fmt: skip
        """The buffers with their dotted names."""
        return self._named_tensors(Tensor, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The module at a dotted path."""
        module = self
        for name in filter(None, target.split(".")):
            module = module._get_kind(Module, name)
        return module

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted path."""
        return self._get_kind(Parameter, target)  # type: ignore[no-any-return]

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a dotted path."""
        return self._get_kind(Tensor, target)  # type: ignore[no-any-return]

    def _get_kind(self, kind: Any, target: str) -> Any:
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        value = getattr(module, name)
        if module._kinds.get(name) is not kind:
            raise AttributeError(f"{target!r} is not a {'buffer' if kind is Tensor else kind.__name__}")
        return value

    # ------------------------------------------------------------------------------------ switching
    def train(self: Self, mode: bool = True) -> Self:
        """Switch to training (dropout drops, batch norm learns), or with False to evaluation."""
        need(isinstance(mode, bool), f"train: mode must be True or False, not {mode!r}")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self: Self) -> Self:
        """Switch to evaluation."""
        return self.train(False)

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Ask for gradients of all parameters, or no more."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            if set_to_none or parameter.grad is None:
                parameter.grad = None
            else:
                parameter.grad.zero_()

    def apply(self: Self, fn: Callable[[Module], Any]) -> Self:
        """Call `fn` on every module below and then on this one, for example to set initial weights."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def _apply(self: Self, fn: Callable[[Tensor], Tensor]) -> Self:
        """Replace the memory of all parameters, their gradients and all buffers by what `fn` makes of it."""
        for x in (*self.parameters(), *self.buffers()):
            grad, x.data = x.grad, fn(x.detach())
            x.grad = None if grad is None else fn(grad)
        return self

    def to(self: Self, *args: Any, **kwargs: Any) -> Self:
        """All parameters and buffers in another floating type, as `Tensor.to`."""
        kind = empty(0).to(*args, **kwargs)
        need(kind.is_floating_point(), f"a module is of a floating type, not of {kind.dtype}", TypeError)
        return self._apply(lambda x: x.to(*args, **kwargs) if x.is_floating_point() else x)

    def type(self: Self, dst_type: Any) -> Self:
        """All parameters and buffers in another type."""
        return self._apply(lambda x: x.type(dst_type))

    def half(self: Self) -> Self:
        """All floating parameters and buffers in float16."""
        return self.to(float16)

    def float(self: Self) -> Self:
        """All floating parameters and buffers in float32."""
        return self.to(float32)

    def double(self: Self) -> Self:
        """All floating parameters and buffers in float64."""
        return self.to(float64)

    def cpu(self: Self) -> Self:
        """The module itself: it is on the CPU already."""
        return self

    def cuda(self: Self, device: object = None) -> Self:
        """Always an error: there is only the CPU."""
        return self.to("cuda")

    share_memory = cpu

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the module runs as it is written."""

    # ------------------------------------------------------------------------------------ hooks
    def register_forward_pre_hook(self, hook: Callable[..., Any], *, prepend: bool = False,
                                  with_kwargs: bool = False) -> RemovableHandle:  # fmt: skip
        """Call `hook(module, args)` before each forward; what it returns (if not None) replaces the arguments.

        With kwargs, it is `hook(module, args, kwargs)`, and returns both.
        """
        return self._keep_hook(self._forward_pre_hooks, (hook, with_kwargs), prepend)

    def register_forward_hook(self, hook: Callable[..., Any], *, prepend: bool = False,
                              with_kwargs: bool = False) -> RemovableHandle:  # fmt: skip
        """Call `hook(module, args, output)` after each forward; what it returns (if not None) replaces the output.

        With kwargs, it is `hook(module, args, kwargs, output)`.
        """
        return self._keep_hook(self._forward_hooks, (hook, with_kwargs), prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)`, a tuple, in each backward; what it returns replaces the gradients."""
        return self._keep_hook(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)`, tuples, in each backward.

        What it returns (if not None) replaces `grad_input`: the gradient of each argument of the call.
        """
        return self._keep_hook(self._backward_hooks, hook, prepend)

    def _keep_hook(self, hooks: dict[int, Any], hook: Any, prepend: bool) -> RemovableHandle:
        self._hooked = True
        key = next(_hook_keys)
        others = dict(hooks) if prepend else {}
        for other in others:
            del hooks[other]
        hooks.update({key: hook, **others})
        return RemovableHandle(lambda: hooks.pop(key, None))

    # ------------------------------------------------------------------------------------ state
    def state_dict(self, *, destination: Any = None, prefix: str = "",
                   keep_vars: bool = False) -> OrderedDict[str, Tensor]:  # fmt: skip
        """Every parameter and persistent buffer by its dotted name, sharing their memory."""
        state: OrderedDict[str, Tensor] = OrderedDict() if destination is None else destination
        for path, module in self.named_modules(prefix=prefix.removesuffix("."), remove_duplicate=False):
            for name, x in (*module._of_kind(Parameter).items(), *module._of_kind(Tensor).items()):
                if x is not None and name not in module._non_persistent_buffers_set:
                    state[f"{path}.{name}" if path else name] = x if keep_vars else x.detach()
        return state

    def load_state_dict(self, state_dict: Mapping[str, Tensor], strict: bool = True,
                        assign: bool = False) -> _IncompatibleKeys:  # fmt: skip
        """Copy the values of a state dict into this module; nothing is changed if one of them doesn't fit.

        With `assign`, the tensors themselves become the module's, with their type.

        Raises:
            RuntimeError: names every key that is missing, unexpected (where strict) or of another shape.
        """
        need(
            isinstance(state_dict, Mapping),
            f"load_state_dict needs a dict of tensors, not a {type(state_dict)}",
            TypeError,
        )
        own = self.state_dict(keep_vars=True)
        missing = [key for key in own if key not in state_dict]
        unexpected = [key for key in state_dict if key not in own]
        lists = {"missing": missing, "unexpected": unexpected} if strict else {}
        problems = [f"{what}: {', '.join(map(str, keys))}" for what, keys in lists.items() if keys]
        for key in own:
            value = state_dict.get(key, own[key])
            if not isinstance(value, Tensor):
                problems.append(f"{key} is a {type(value).__name__}, not a Tensor")
            elif value.shape != own[key].shape:
                problems.append(f"{key} has shape {tuple(value.shape)}, the module's {tuple(own[key].shape)}")
        need(not problems, f"the state dict does not fit {type(self).__name__}: " + "; ".join(problems), RuntimeError)
        for key, x in own.items():
            if assign and key in state_dict:
                path, _, name = key.rpartition(".")
                plain = isinstance(x, Parameter) and not isinstance(state_dict[key], Parameter)
                new = Parameter(state_dict[key], x.requires_grad) if plain else state_dict[key]
                setattr(self.get_submodule(path), name, new)
            elif key in state_dict:
                with no_grad():
                    x.copy_(state_dict[key])
        return _IncompatibleKeys(missing, unexpected)

    # ------------------------------------------------------------------------------------ printing
    def extra_repr(self) -> str:
        """What stands between the brackets of a layer's `repr`."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        for name, child in self._of_kind(Module).items():
            lines.append(f"({name}): " + repr(child).replace("\n", "\n  "))
        if len(lines) == bool(extra):
            return f"{type(self).__name__}({extra})"
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"


_hook_keys = itertools.count()


class Attributes(MutableMapping[str, Any]):
    """The attributes of one kind as a dict, for programs that look behind the scenes; what is put in is set."""

    def __init__(self, module: Module, kind: Any) -> None:
        self._owner, self._kind = module, kind

    def __getitem__(self, key: str) -> Any:
        return self._owner._of_kind(self._kind)[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._owner._register_kind(self._kind, key, value)

    def __delitem__(self, key: str) -> None:
        self[key]  # a KeyError where there is none
        delattr(self._owner, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._owner._of_kind(self._kind))

    def __len__(self) -> int:
        return len(self._owner._of_kind(self._kind))


def compile(model: Any = None, **options: Any) -> Any:
    """The model itself (or, without one, a decorator that changes nothing): it runs as it is written."""
    return (lambda model: model) if model is None else model
