"""Random numbers from a seed.

NumPy's `RandomState` is frozen: its streams are promised to stay the same in every version and on every machine,
which its newer Generator does not promise. Initial weights and shuffles are drawn from it, so a seed means the same
everywhere. Each thread has a default generator of its own.
"""

from __future__ import annotations

import os
from _thread import _local  # threading.local, without the rest of threading
from collections.abc import Sequence
from struct import Struct
from typing import TYPE_CHECKING, Any

import numpy as np

from tinytorch.device import device as device_class
from tinytorch.dtypes import FLOAT32, INT64, Array

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

# A generator as bytes, the same on every machine: its seed; the Mersenne Twister's 624 words, and how many of them are
# used up; whether a normal number waits, as they are made in pairs, and which.
_STATE = Struct("<Q2496sIId")


class Generator:
    """A source of random numbers with a seed of its own.

    >>> import tinytorch as torch
    >>> g = torch.Generator().manual_seed(7)
    >>> torch.rand(2, generator=g).tolist() == torch.rand(2, generator=g.manual_seed(7)).tolist()
    True
    """

    def __init__(self, device: object = "cpu") -> None:
        self.device = device_class(device)
        self._seed = _from_system()
        self._stream: np.random.RandomState | None = None  # made when first used: numpy.random is slow to import

    def manual_seed(self, seed: int) -> Generator:
        """Start again from `seed`, an integer of at most 64 bits."""
        if not isinstance(seed, (int, np.integer)):
            raise RuntimeError(f"manual_seed needs a whole number, not {seed!r}")
        if not -(2**63) <= int(seed) < 2**64:
            raise RuntimeError(f"manual_seed: {seed} does not fit into 64 bits")
        self._seed, self._stream = int(seed) % 2**64, None
        return self

    def seed(self) -> int:
        """Start again from a seed taken from the operating system, and return it."""
        return self.manual_seed(_from_system()).initial_seed()

    def initial_seed(self) -> int:
        """The seed that this generator started from."""
        return self._seed

    def get_state(self) -> Tensor:
        """The seed and the place in the stream, for `set_state`: a uint8 tensor of shape (2520,)."""
        from tinytorch.tensor import Tensor  # here, as tensors stand above random numbers

        state: Any = self.stream.get_state()
        packed = _STATE.pack(self._seed, state[1].astype("<u4").tobytes(), *state[2:])
        return Tensor._wrap(np.frombuffer(packed, np.uint8).copy())

    def set_state(self, new_state: Tensor) -> Generator:
        """Go on from where `get_state` was called, also in another process and on another machine.

        >>> import tinytorch as torch
        >>> g = torch.Generator().manual_seed(7)
        >>> state, numbers = g.get_state(), torch.rand(2, generator=g)
        >>> torch.equal(torch.rand(2, generator=g.set_state(state)), numbers)
        True

        Raises:
            TypeError: it is not a uint8 tensor.
            RuntimeError: it is not what `get_state` returns; PyTorch's own states are others.
        """
        array = getattr(new_state, "_array", None)
        if array is None or array.dtype != np.uint8:
            kind = type(new_state).__name__ if array is None else f"tensor of {array.dtype}"
            raise TypeError(f"set_state needs the torch.ByteTensor that get_state returned, not a {kind}")
        size, sound = array.size, array.size == _STATE.size
        seed, words, used, *normal = _STATE.unpack(array.tobytes()) if sound else (0, b"", 0)
        if not (any(words) and used <= 624 and normal[0] <= 1):
            why = "its numbers are impossible" if sound else f"it has {size} bytes, not {_STATE.size}"
            raise RuntimeError(f"set_state: this is no state of a generator, as {why}: give what get_state returned")
        self._seed, self._stream = seed, np.random.RandomState(0)
        self._stream.set_state(("MT19937", np.frombuffer(words, "<u4"), used, *normal))
        return self

    @property
    def stream(self) -> np.random.RandomState:
        """The NumPy generator behind this one."""
        if self._stream is None:
            self._stream = np.random.RandomState([self._seed % 2**32, self._seed // 2**32])
        return self._stream

    def uniform(self, shape: Sequence[int], kind: np.dtype[Any] = FLOAT32) -> Array:
        """Numbers in [0, 1): whole multiples of 2^-24 (in float32), so that none is rounded up to 1."""
        bits = np.finfo(_real(kind)).nmant + 1
        whole = self.stream.randint(0, 2**bits, tuple(shape), np.dtype(f"u{kind.itemsize}"))
        return np.asarray(whole * 2.0**-bits, kind)

    def normal(self, shape: Sequence[int], kind: np.dtype[Any] = FLOAT32) -> Array:
        """Numbers of mean 0 and standard deviation 1."""
        return np.asarray(self.stream.standard_normal(tuple(shape)), _real(kind))

    def integers(self, low: int, high: int, shape: Sequence[int]) -> Array:
        """int64 numbers from `low` to `high` - 1."""
        return np.asarray(self.stream.randint(low, high, tuple(shape), INT64))

    def permutation(self, n: int) -> Array:
        """The numbers 0 to n - 1 (int64) in random order."""
        return self.stream.permutation(n).astype(INT64, copy=False)


def _real(kind: np.dtype[Any]) -> np.dtype[Any]:
    if kind.kind != "f":
        raise NotImplementedError(f"random numbers between whole ones need a floating type, not {kind}")
    return kind


def _from_system() -> int:
    return int.from_bytes(os.urandom(8), "little")


class _PerThread(_local):
    def __init__(self) -> None:
        self.generator = Generator()


_default = _PerThread()


def default_generator() -> Generator:
    """The generator that random functions use in this thread when they are given none."""
    return _default.generator


def manual_seed(seed: int) -> Generator:
    """Start this thread's default generator again from `seed`.

    >>> import tinytorch as torch
    >>> _ = torch.manual_seed(0)
    >>> first = torch.rand(3)
    >>> _ = torch.manual_seed(0)
    >>> torch.equal(first, torch.rand(3))
    True
    """
    return _default.generator.manual_seed(int(seed))


def initial_seed() -> int:
    """The seed of this thread's default generator."""
    return _default.generator.initial_seed()


def seed() -> int:
    """Start this thread's default generator again from a seed taken from the operating system, and return it."""
    return _default.generator.seed()


def get_rng_state() -> Tensor:
    """Where this thread's default generator is, for `set_rng_state`: see `Generator.get_state`."""
    return _default.generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Let this thread's default generator go on from where `get_rng_state` was called.

    >>> import tinytorch as torch
    >>> state = torch.get_rng_state()
    >>> first = torch.rand(3)
    >>> torch.set_rng_state(state)
    >>> torch.equal(first, torch.rand(3))
    True
    """
    _default.generator.set_state(new_state)
