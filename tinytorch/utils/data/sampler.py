"""Samplers: in which order to visit the samples of a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Generic, TypeVar

from tinytorch.dtypes import float64
from tinytorch.errors import need
from tinytorch.functions.creation import as_tensor, randint, randperm
from tinytorch.functions.sampling import multinomial
from tinytorch.random import Generator
from tinytorch.utils.data.dataset import length

__all__ = [
    "BatchSampler", "RandomSampler", "Sampler", "SequentialSampler", "SubsetRandomSampler", "WeightedRandomSampler",
]  # fmt: skip

Number = TypeVar("Number", covariant=True)


class Sampler(Generic[Number]):
    """The numbers of the samples in the order in which to visit them."""

    def __init__(self, data_source: Any = None) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} defines no __iter__(self)")


class SequentialSampler(Sampler[Any]):
    """0, 1, 2, ..."""

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))

    def __len__(self) -> int:
        return length(self.data_source)


class RandomSampler(Sampler[Any]):
    """All numbers in random order, or with `replacement` drawn again each time."""

    def __init__(self, data_source: Any, replacement: bool = False, num_samples: int | None = None,
                 generator: Generator | None = None) -> None:  # fmt: skip
        super().__init__(data_source)
        self.replacement, self.generator = replacement, generator
        self.num_samples = length(data_source) if num_samples is None else num_samples
        _need_count("RandomSampler", self.num_samples)

    def __iter__(self) -> Iterator[int]:
        n = len(self.data_source)
        if self.replacement:
            yield from randint(n, (self.num_samples,), generator=self.generator).tolist()
            return
        # All orders at once, so that they do not depend on what else is drawn while the samples are used.
        orders = [randperm(n, generator=self.generator).tolist() for _ in range(0, self.num_samples, max(n, 1))]
        yield from islice(chain.from_iterable(orders), self.num_samples)

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[Any]):
    """The given numbers in random order."""

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices, self.generator = indices, generator

    def __iter__(self) -> Iterator[int]:
        return (self.indices[i] for i in randperm(len(self.indices), generator=self.generator).tolist())

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[Any]):
    """`num_samples` numbers from 0 to n - 1, number i with a probability proportional to `weights[i]`."""

    def __init__(self, weights: Any, num_samples: int, replacement: bool = True,
                 generator: Generator | None = None) -> None:  # fmt: skip
        _need_count("WeightedRandomSampler", num_samples)
        self.weights = as_tensor(weights, dtype=float64)
        shape = tuple(self.weights.shape)
        need(len(shape) == 1, f"WeightedRandomSampler needs a list of weights, not shape {shape}")
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __iter__(self) -> Iterator[int]:
        return iter(multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator).tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[Any]):
    """Lists of `batch_size` numbers from another sampler; the last may be shorter, or is dropped."""

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        need(type(batch_size) is int and batch_size > 0, f"batch_size must be a positive integer, not {batch_size!r}")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        n = length(self.sampler)
        return (n if self.drop_last else n + self.batch_size - 1) // self.batch_size


def _need_count(sampler: str, count: Any) -> None:
    need(isinstance(count, int) and count > 0, f"{sampler} needs at least one sample, got {count}: no data?")
