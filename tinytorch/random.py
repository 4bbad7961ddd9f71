"""Random numbers from a seed.

NumPy's `RandomState` is frozen: its streams are promised to stay the same in every version and on every machine,
which its newer Generator does not promise. Initial weights and shuffles are drawn from it, so a seed means the same
everywhere. Each thread has a default generator of its own.
"""

from __future__ import annotations

import os
from _thread import _local  # threading.local, without the rest of threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinytorch.device import device as device_class
from tinytorch.dtypes import FLOAT32, INT64, Array


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
