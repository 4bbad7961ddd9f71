"""Datasets: samples by number, or as they come."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

from tinytorch.errors import need, need_tensors
from tinytorch.functions.creation import randperm
from tinytorch.random import Generator
from tinytorch.tensor import Tensor

__all__ = ["ConcatDataset", "Dataset", "IterableDataset", "Subset", "TensorDataset", "random_split"]

Sample = TypeVar("Sample", covariant=True)


class Dataset(Generic[Sample]):
    """Samples by number: a subclass defines `__getitem__(index)` and `__len__()`.

    It may also define `__getitems__(indices)`, which returns many samples at once, as a list. Datasets add up: `a + b`.
    """

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} defines no __getitem__(self, index)")

    def __add__(self, other: Any) -> Any:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[Sample]):
    """Samples as they come, from a file or a stream: a subclass defines `__iter__()`."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} defines no __iter__(self)")


class TensorDataset(Dataset[Any]):
    """The rows of tensors of equal length, as tuples.

    >>> import tinytorch as torch
    >>> data = TensorDataset(torch.arange(4), torch.arange(4) * 10)
    >>> data[2]
    (tensor(2), tensor(20))
    """

    def __init__(self, *tensors: Tensor) -> None:
        need_tensors("TensorDataset", *tensors)
        lengths = [len(x) for x in tensors]
        need(len(set(lengths)) <= 1, f"TensorDataset needs tensors of equal length, got {lengths}", AssertionError)
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(x[index] for x in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])

    def batch(self, indices: Sequence[int]) -> list[Tensor]:
        """Many rows at once, as they would be after `default_collate`, without handling each by itself."""
        rows = np.asarray(indices)
        return [x[rows] if x.requires_grad else Tensor._wrap(x._array[rows]) for x in self.tensors]


class ConcatDataset(Dataset[Any]):
    """Datasets one after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        usable = self.datasets and not any(isinstance(each, IterableDataset) for each in self.datasets)
        need(usable, "ConcatDataset needs at least one dataset, and none that is iterable", AssertionError)
        self.cumulative_sizes = np.cumsum([len(each) for each in self.datasets]).tolist()

    def __getitem__(self, index: int) -> Any:
        need(index >= -len(self), f"index {index} is out of range for a dataset of {len(self)}")
        index += len(self) if index < 0 else 0
        which = sum(end <= index for end in self.cumulative_sizes)
        return self.datasets[which][index - ([0, *self.cumulative_sizes][which])]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]  # type: ignore[no-any-return]


class Subset(Dataset[Any]):
    """The samples of a dataset that have the given numbers."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> Any:
        return self.dataset[[self.indices[i] for i in index] if isinstance(index, list) else self.indices[index]]

    def __getitems__(self, indices: list[int]) -> Any:
        return samples(self.dataset, [self.indices[i] for i in indices])

    def __len__(self) -> int:
        return len(self.indices)


def samples(dataset: Any, indices: list[int]) -> Any:
    """The samples of these numbers, at once if the dataset can."""
    if hasattr(dataset, "__getitems__"):
        return dataset.__getitems__(indices)
    return [dataset[i] for i in indices]


def length(dataset: Any) -> int:
    """The number of samples."""
    name = type(dataset).__name__
    need(hasattr(dataset, "__len__"), f"{name} defines no __len__(self): how many samples has it?", TypeError)
    return len(dataset)


def random_split(dataset: Any, lengths: Sequence[int | float], generator: Generator | None = None) -> list[Subset]:
    """The samples dealt at random into parts of the given lengths, or fractions that add up to 1.

    >>> import tinytorch as torch
    >>> parts = random_split(range(10), [0.7, 0.3], generator=torch.Generator().manual_seed(0))
    >>> [len(part) for part in parts]
    [7, 3]
    """
    total, sizes = length(dataset), list(lengths)
    need(min(sizes, default=0) >= 0, f"random_split: lengths must not be negative, got {sizes}")
    if math.isclose(sum(sizes), 1) and any(isinstance(size, float) for size in sizes):
        sizes = [math.floor(total * fraction) for fraction in sizes]
        for i in range(int(total - sum(sizes))):  # what rounding down left over, one each
            sizes[i % len(sizes)] += 1
    need(sum(sizes) == total, f"random_split: lengths {sizes} don't add up to {total}, the length of the dataset")
    order = randperm(total, generator=generator).tolist()
    ends = np.cumsum(sizes, dtype=int)
    return [Subset(dataset, order[end - int(size) : end]) for size, end in zip(sizes, ends)]
