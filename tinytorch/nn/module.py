"""Module: the base class of layers and models.

A module's parameters, buffers and children are simply those of its attributes that are a Parameter, a registered
buffer or a Module: there is no second register to keep in step.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from tinytorch.autograd import no_grad
from tinytorch.dtypes import float32, float64
from tinytorch.hooks import RemovableHandle
from tinytorch.nn.parameter import Parameter
from tinytorch.tensor import Tensor

Self = TypeVar("Self", bound="Module")
ForwardHook = Callable[["Module", tuple[Any, ...], Any], Any]
ForwardPreHook = Callable[["Module", tuple[Any, ...]], Any]


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` found missing in the state, and what it found that the module has not."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        return "<All keys matched successfully>" if not any(self) else f"IncompatibleKeys{tuple(self)}"


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
    _buffer_names: dict[str, bool]  # name -> whether it belongs to the state dict
    _hooked = False
    _forward_hooks: dict[int, ForwardHook]
    _forward_pre_hooks: dict[int, ForwardPreHook]

    def __init__(self) -> None:
        self.training = True
        self._forward_hooks, self._forward_pre_hooks = {}, {}
        self._buffer_names = {}

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; each subclass defines it. Call the module itself, not this."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(self, ...)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output: `forward`, with the hooks before and after it."""
        if not self._hooked:
            return self.forward(*args, **kwargs)
        for before in list(self._forward_pre_hooks.values()):
            changed = before(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        result = self.forward(*args, **kwargs)
        for after in list(self._forward_hooks.values()):
            changed = after(self, args, result)
            result = result if changed is None else changed
        return result

    # ------------------------------------------------------------------------------------ attributes
    def __setattr__(self, name: str, value: Any) -> None:
        known = self.__dict__.get(name)
        if isinstance(value, (Parameter, Module)):
            self._need_init(f"assigning {name}, a {type(value).__name__}")
        elif isinstance(known, (Parameter, Module)) and value is not None:
            kind = "parameter" if isinstance(known, Parameter) else "module"
            raise TypeError(
                f"{type(self).__name__}.{name} is a {kind} and can't become a {type(value).__name__}: "
                f"change its values under no_grad(), or assign a new {type(known).__name__}"
            )
        object.__setattr__(self, name, value)

    def _need_init(self, before: str) -> None:
        if "training" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__}: call super().__init__() before {before}")

    def _need_free(self, name: str, kind: Iterable[str]) -> None:
        if "." in name or (hasattr(self, name) and name not in kind):
            raise KeyError(f"{type(self).__name__}: the name {name!r} holds a dot or is taken by another attribute")

    def __delattr__(self, name: str) -> None:
        self._buffer_names.pop(name, None)
        object.__delattr__(self, name)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make `param` (or None: a parameter that is switched off) the attribute `name`."""
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"{type(self).__name__}: {name} must be a Parameter or None, not a {type(param).__name__}")
        setattr(self, name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Make `tensor` an attribute that is part of the state but not trained, such as a running mean."""
        self._need_init(f"registering the buffer {name}")
        self._need_free(name, self._buffer_names)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"a buffer must be a Tensor or None, not {type(tensor).__name__}")
        object.__setattr__(self, name, tensor)
        self._buffer_names[name] = persistent

    def add_module(self, name: str, module: Module | None) -> None:
        """Make `module` the child called `name`."""
        if module is not None and not isinstance(module, Module):
            what = getattr(module, "__name__", repr(module))
            hint = ": use a module such as nn.ReLU()" if callable(module) else ""
            hint = ": unpack the list with *" if isinstance(module, (list, tuple)) else hint
            raise TypeError(f"{type(self).__name__}: {what} is not a Module{hint}")
        self._need_free(name, self._modules)
        setattr(self, name, module)

    register_module = add_module

    @property
    def _parameters(self) -> dict[str, Parameter]:
        return {name: value for name, value in vars(self).items() if isinstance(value, Parameter)}

    @property
    def _buffers(self) -> dict[str, Tensor]:
        return {name: vars(self)[name] for name in self._buffer_names if vars(self)[name] is not None}

    @property
    def _modules(self) -> dict[str, Module]:
        return {name: value for name, value in vars(self).items() if isinstance(value, Module)}

    # ------------------------------------------------------------------------------------ walking the tree
    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct children with their names; one that stands under two names comes once."""
        seen: set[Module] = set()
        for name, child in self._modules.items():
            if child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """The direct children."""
        return (child for _, child in self.named_children())

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all below it, each with its dotted path."""
        memo = set() if memo is None else memo
        if remove_duplicate and self in memo:
            return
        memo.add(self)
        yield prefix, self
        for name, child in self._modules.items():
            yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        return (module for _, module in self.named_modules())

    def _named_tensors(self, kind: str, prefix: str, recurse: bool, remove_duplicate: bool) -> Iterator[Any]:
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        seen = set()
        for path, module in modules:
            for name, tensor in getattr(module, kind).items():
                if remove_duplicate and id(tensor) in seen:
                    continue
                seen.add(id(tensor))
                yield f"{path}.{name}" if path else name, tensor

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their dotted names; a shared one comes once."""
        return self._named_tensors("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, for an optimizer."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """The buffers with their dotted names."""
        return self._named_tensors("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The module at a dotted path."""
        module = self
        for name in filter(None, target.split(".")):
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"{name!r} of {target!r} is not a Module")
        return module

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted path."""
        path, _, name = target.rpartition(".")
        found = getattr(self.get_submodule(path), name)
        if not isinstance(found, Parameter):
            raise AttributeError(f"{target!r} is not a Parameter")
        return found

    # ------------------------------------------------------------------------------------ switching
    def train(self: Self, mode: bool = True) -> Self:
        """Switch to training (dropout drops, batch norm learns), or with False to evaluation."""
        for module in self.modules():
            module.training = mode
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

    def to(self: Self, *args: Any, **kwargs: Any) -> Self:
        """All parameters and buffers in another floating type, as `Tensor.to`."""
        for module in self.modules():
            for tensor in (*module._parameters.values(), *module._buffers.values()):
                if tensor.is_floating_point():
                    grad, tensor.data = tensor.grad, tensor.detach().to(*args, **kwargs)
                    tensor.grad = None if grad is None else grad.to(*args, **kwargs)
        return self

    def float(self: Self) -> Self:
        """All parameters and buffers in float32."""
        return self.to(float32)

    def double(self: Self) -> Self:
        """All parameters and buffers in float64."""
        return self.to(float64)

    def cpu(self: Self) -> Self:
        """The module itself: it is on the CPU already."""
        return self

    # ------------------------------------------------------------------------------------ hooks
    def register_forward_hook(self, hook: ForwardHook) -> RemovableHandle:
        """Call `hook(module, args, output)` after each forward; what it returns (if not None) replaces the output."""
        return self._register("_forward_hooks", hook)

    def register_forward_pre_hook(self, hook: ForwardPreHook) -> RemovableHandle:
        """Call `hook(module, args)` before each forward; what it returns (if not None) replaces the arguments."""
        return self._register("_forward_pre_hooks", hook)

    def _register(self, where: str, hook: Any) -> RemovableHandle:
        self._need_init("registering a hook")
        self._hooked = True
        hooks = getattr(self, where)
        key = next(_hook_keys)
        hooks[key] = hook
        return RemovableHandle(lambda: hooks.pop(key, None))

    # ------------------------------------------------------------------------------------ state
    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> OrderedDict[str, Tensor]:
        """Every parameter and persistent buffer by its dotted name, sharing their memory."""
        state: OrderedDict[str, Tensor] = OrderedDict()
        for path, module in self.named_modules(prefix=prefix.removesuffix("."), remove_duplicate=False):
            buffers = {name: x for name, x in module._buffers.items() if module._buffer_names[name]}
            for name, tensor in {**module._parameters, **buffers}.items():
                state[f"{path}.{name}" if path else name] = tensor if keep_vars else tensor.detach()
        return state

    def load_state_dict(self, state_dict: Mapping[str, Tensor], strict: bool = True) -> IncompatibleKeys:
        """Copy the values of a state dict into this module; nothing is changed if one of them doesn't fit.

        Raises:
            RuntimeError: names every key that is missing, unexpected (where strict) or of another shape.
        """
        own = self.state_dict()
        missing = [key for key in own if key not in state_dict]
        unexpected = [key for key in state_dict if key not in own]
        problems = []
        for key in own:
            value = state_dict.get(key, own[key])
            if not isinstance(value, Tensor):
                problems.append(f"{key} is a {type(value).__name__}, not a Tensor")
            elif value.shape != own[key].shape:
                problems.append(f"{key} has shape {tuple(value.shape)}, the module's {tuple(own[key].shape)}")
        if strict and unexpected:
            problems.insert(0, "unexpected: " + ", ".join(unexpected))
        if strict and missing:
            problems.insert(0, "missing: " + ", ".join(missing))
        if problems:
            raise RuntimeError(f"the state dict does not fit {type(self).__name__}: " + "; ".join(problems))
        with no_grad():
            for key, tensor in own.items():
                if key in state_dict:
                    tensor.copy_(state_dict[key])
        return IncompatibleKeys(missing, unexpected)

    # ------------------------------------------------------------------------------------ printing
    def extra_repr(self) -> str:
        """What stands between the brackets of a layer's `repr`."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        for name, child in self._modules.items():
            lines.append(f"({name}): " + repr(child).replace("\n", "\n  "))
        if not lines:
            return f"{type(self).__name__}()"
        if len(lines) == 1 and extra:
            return f"{type(self).__name__}({extra})"
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"


_hook_keys = itertools.count()
