"""DataParallel: a batch in pieces, each with a thread of its own, so that a model uses several cores.

NumPy lets other threads work while it computes. A piece goes through the whole model, forwards and backwards, in one
thread; the gradients of the pieces are added up. Splitting each operation instead would hand work over hundreds of
times in a step, at about 50 microseconds each.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tinytorch.autograd import Function, grad, is_grad_enabled, set_grad_enabled
from tinytorch.environment import get_num_threads
from tinytorch.errors import need, need_tensors
from tinytorch.functions.creation import randint
from tinytorch.functions.shape import cat, stack
from tinytorch.nn.module import Module
from tinytorch.nn.parameter import Parameter
from tinytorch.random import manual_seed
from tinytorch.tensor import Tensor

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

__all__ = ["DataParallel"]


class DataParallel(Module):
    """Computes `module` on `get_num_threads()` pieces of the batch at the same time.

    Worth it where a step takes about a tenth of a second or more (docs/benchmarks.md). NumPy's own threads take
    turns with these, so set OPENBLAS_NUM_THREADS=1 before the program starts, and `torch.set_num_threads(2)` in it.

    What the module returns is put together again along `dim`; a number, such as a loss, becomes one number for each
    piece. As in PyTorch, each piece goes through a replica of the module that shares its parameters: batch norm sees
    a piece alone, and of what `forward` keeps in the module only what the first replica writes into its buffers stays.
    Each piece draws its dropout from a seed that is drawn from the caller's generator.

    Args:
        module: any module that returns a tensor, or a tuple of tensors.
        device_ids: PyTorch's list of devices; there is one, the CPU, and it is not looked at.
        output_device: the same.
        dim: the dimension of the batch, in all tensors among the arguments of a call; what else is given, or stands in
            lists, goes to each piece as it is.

    Raises:
        RuntimeError: the tensors have no dimension `dim`, or not one size in it.

    >>> import tinytorch as torch
    >>> from tinytorch import nn
    >>> model = nn.DataParallel(nn.Linear(3, 2))
    >>> model(torch.randn(8, 3)).shape
    torch.Size([8, 2])
    """

    def __init__(self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0) -> None:
        super().__init__()
        self.module = module
        self.dim = dim

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """Compute the module's output, piece by piece at the same time."""
        given = (*inputs, *kwargs.values())
        shapes = [tuple(x.shape) for x in given if isinstance(x, Tensor)]
        for shape in shapes:
            fits = -len(shape) <= self.dim < len(shape)
            need(
                fits,
                f"DataParallel needs tensors with a dimension {self.dim} to split, not one of shape {shape}",
                RuntimeError,
            )
        counts = {shape[self.dim] for shape in shapes}
        need(len(counts) <= 1, f"DataParallel: sizes {sorted(counts)} in dimension {self.dim}, not one", RuntimeError)
        count = min(get_num_threads(), max(counts, default=1))
        if count <= 1:
            return self.module(*inputs, **kwargs)
        seed = int(randint(2**62, ()).item()) if self.module.training else None
        call = _Call(self.module, self.dim, count, seed, len(inputs), tuple(kwargs), is_grad_enabled())
        return _Pieces.apply(call, *given, *self.module.parameters())


class _Call(NamedTuple):
    """What the pieces of a call have in common."""

    module: Module
    dim: int
    pieces: int
    seed: int | None
    positional: int  # how many arguments have no name; those with one come after them, and then the parameters
    names: tuple[str, ...]
    recorded: bool


class _Pieces(Function):
    """The call, on its arguments and the module's parameters; pulls back through all pieces at the same time."""

    @staticmethod
    def forward(ctx: Any, call: _Call, *tensors: Any) -> Any:
        """Compute all pieces, and keep each with its graph."""
        first = call.positional
        given, parameters = tensors[: first + len(call.names)], tensors[first + len(call.names) :]
        split = [x.chunk(call.pieces, call.dim) if isinstance(x, Tensor) else (x,) * call.pieces for x in given]
        needed = ctx.needs_input_grad[1:]

        def compute(piece: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[Any], bool]:
            place, *mine = piece
            if call.seed is not None:
                manual_seed(call.seed + place)
            leaves = [x.detach().requires_grad_() if need else x for x, need in zip(mine, needed)]
            twins: dict[int, Any] = {}
            twin = _replica(call.module, twins, place == 0)
            with set_grad_enabled(call.recorded):
                result = twin(*leaves[:first], **dict(zip(call.names, leaves[first:])))
            results = result if isinstance(result, tuple) else (result,)
            return results, leaves + [twins[id(x)] for x in parameters], isinstance(result, tuple)

        ctx.pieces = _together(compute, list(zip(range(call.pieces), *split)))
        ctx.dim, ctx.given = call.dim, len(given)
        joined = tuple(_joined(each, call.dim) for each in zip(*(results for results, _, _ in ctx.pieces)))
        return joined if ctx.pieces[0][2] else joined[0]

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """The gradients of the arguments, put together, and of the parameters, added up."""
        starts = [_parted(g, [piece[0][i] for piece in ctx.pieces], ctx.dim) for i, g in enumerate(gradients)]

        def pull(piece: tuple[Any, ...]) -> list[Any]:
            (results, leaves, _), *start = piece
            ends = [(y, g) for y, g in zip(results, start) if y.requires_grad]
            wanted = [x for x in leaves if isinstance(x, Tensor) and x.requires_grad]
            found = iter(grad([y for y, _ in ends], wanted, [g for _, g in ends], allow_unused=True))
            return [next(found) if isinstance(x, Tensor) and x.requires_grad else None for x in leaves]

        columns = list(zip(*_together(pull, list(zip(ctx.pieces, *starts)))))
        of_arguments = [_joined(each, ctx.dim) if each[0] is not None else None for each in columns[: ctx.given]]
        return (None, *of_arguments, *map(_added, columns[ctx.given :]))


def _replica(module: Module, twins: dict[int, Any], first: bool) -> Any:
    """A module that computes the same from leaves of its own, which share the memory of the parameters.

    `twins` takes what stands for each parameter and module. But for the `first` replica, buffers are copies.
    """
    if id(module) not in twins:
        twins[id(module)] = twin = object.__new__(type(module))
        own = twin.__dict__
        own.update(module.__dict__)
        for name, kind in module._kinds.items():
            value = own[name]
            if isinstance(value, Module):
                own[name] = _replica(value, twins, first)
            elif kind is Parameter and value is not None:
                own[name] = twins.setdefault(id(value), Parameter(value.detach(), value.requires_grad))
            elif value is not None and not first:
                own[name] = value.clone()
    return twins[id(module)]


def _joined(pieces: Sequence[Any], dim: int) -> Tensor:
    """The pieces of a tensor in one, outside the record."""
    need_tensors("DataParallel", *pieces)
    return cat(pieces, dim) if pieces[0].ndim else stack(pieces)


def _parted(gradient: Tensor, pieces: Sequence[Tensor], dim: int) -> Sequence[Tensor]:
    """The gradient of what `_joined` gave, for each piece."""
    return gradient.split([y.shape[dim] for y in pieces], dim) if pieces[0].ndim else gradient.unbind()


def _added(gradients: Sequence[Tensor | None]) -> Tensor | None:
    """The sum of the pieces' gradients of a parameter; None if no piece has used it."""
    some = [g for g in gradients if g is not None]
    return functools.reduce(Tensor.add_, some) if some else None


def _together(function: Callable[[Any], Any], pieces: Sequence[Any]) -> list[Any]:
    """The results of the pieces, computed at the same time; one by one in a thread that works on a piece itself."""
    from threading import current_thread  # here, to keep it off the import path

    if current_thread().name.startswith(DataParallel.__name__):
        return list(map(function, pieces))
    return list(_threads(len(pieces), os.getpid()).map(function, pieces))


@functools.cache
def _threads(count: int, process: int) -> ThreadPoolExecutor:
    """The threads of this process, kept, as is the memory they work in. A process that was forked has none of them."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(count, DataParallel.__name__)
