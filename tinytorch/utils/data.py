"""Datasets, and batches from them, under the names of `torch.utils.data`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from typing import Any

import numpy as np

from tinytorch.functions.creation import as_tensor, randint, randperm
from tinytorch.functions.shape import stack
from tinytorch.random import Generator
from tinytorch.tensor import Tensor


class Dataset:
    """Samples by number: a subclass defines `__getitem__(index)` and `__len__()`."""

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} defines no __getitem__(self, index)")


class TensorDataset(Dataset):
    """The rows of tensors of equal length, as tuples.

    >>> import tinytorch as torch
    >>> data = TensorDataset(torch.arange(4), torch.arange(4) * 10)
    >>> data[2]
    (tensor(2), tensor(20))
    """

    def __init__(self, *tensors: Tensor) -> None:
        lengths = [len(x) for x in tensors]
        if len(set(lengths)) != 1:
            raise AssertionError(f"TensorDataset needs tensors of equal length, got {lengths}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(x[index] for x in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])

    def batch(self, indices: Sequence[int]) -> list[Tensor]:
        """Many rows at once, as they would be after `default_collate`, without handling each by itself."""
        rows = np.asarray(indices)
        return [x[rows] if x.requires_grad else Tensor._wrap(x._array[rows]) for x in self.tensors]


class Subset(Dataset):
    """The samples of a dataset that have the given numbers."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


def random_split(dataset: Any, lengths: Sequence[int | float], generator: Generator | None = None) -> list[Subset]:
    """The samples dealt at random into parts of the given lengths, or fractions that add up to 1.

    >>> import tinytorch as torch
    >>> parts = random_split(range(10), [0.7, 0.3], generator=torch.Generator().manual_seed(0))
    >>> [len(part) for part in parts]
    [7, 3]
    """
    total = len(dataset)
    fractions = math.isclose(sum(lengths), 1) and any(isinstance(x, float) for x in lengths)
    if any(x < 0 or (fractions and x > 1) for x in lengths):
        raise ValueError(f"random_split: lengths must not be negative, nor fractions above 1, got {list(lengths)}")
    if fractions:
        sizes = [math.floor(total * fraction) for fraction in lengths]
        for i in range(total - sum(sizes)):  # what rounding down left over, one each
            sizes[i % len(sizes)] += 1
    else:
        sizes = [int(x) for x in lengths]
    if sum(sizes) != total:
        raise ValueError(f"random_split: lengths {list(lengths)} don't add up to {total}, the length of the dataset")
    order = randperm(total, generator=generator).tolist()
    ends = np.cumsum(sizes)
    return [Subset(dataset, order[end - size : end]) for size, end in zip(sizes, ends)]


# ---------------------------------------------------------------------------------------------- order
class Sampler:
    """The numbers of the samples in the order in which to visit them."""

    def __init__(self, data_source: Sized | None = None) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} defines no __iter__(self)")


class SequentialSampler(Sampler):
    """0, 1, 2, ..."""

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))

    def __len__(self) -> int:
        assert self.data_source is not None
        return len(self.data_source)


class RandomSampler(Sampler):
    """All numbers in random order, or with `replacement` drawn again each time."""

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(data_source)
        self.replacement, self.generator = replacement, generator
        self.num_samples = len(data_source) if num_samples is None else num_samples
        if not isinstance(replacement, bool):
            raise TypeError(f"RandomSampler: replacement must be True or False, not {replacement!r}")
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(f"RandomSampler needs at least one sample, got {self.num_samples}: is the dataset empty?")

    def __iter__(self) -> Iterator[int]:
        assert self.data_source is not None
        n = len(self.data_source)
        if self.replacement:
            yield from randint(n, (self.num_samples,), generator=self.generator).tolist()
            return
        for start in range(0, self.num_samples, max(n, 1)):
            yield from randperm(n, generator=self.generator).tolist()[: self.num_samples - start]

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """Lists of `batch_size` numbers from another sampler; the last may be shorter, or is dropped."""

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        super().__init__()
        if not isinstance(batch_size, int) or batch_size <= 0:
            raise ValueError(f"batch_size must be a positive integer, not {batch_size!r}")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        batch: list[int] = []
        for index in self.sampler:
            batch.append(index)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch

    def __len__(self) -> int:
        n = len(self.sampler)  # type: ignore[arg-type]
        return n // self.batch_size if self.drop_last else math.ceil(n / self.batch_size)


# ---------------------------------------------------------------------------------------------- batches
def default_collate(batch: Sequence[Any]) -> Any:
    """Samples made into one batch: tensors and numbers stacked along a new first dimension, containers item by item.

    >>> default_collate([(1.0, "a"), (2.0, "b")])
    [tensor([1., 2.], dtype=torch.float64), ('a', 'b')]
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, (np.ndarray, np.generic)):
        return as_tensor(np.stack(batch))
    if isinstance(first, (bool, int)):
        return as_tensor(list(batch))
    if isinstance(first, float):
        return as_tensor(np.array(batch, np.float64))
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, (Mapping, Sequence)) and any(len(sample) != len(first) for sample in batch):
        raise RuntimeError(f"default_collate: samples have different lengths: {sorted({len(s) for s in batch})}")
    if isinstance(first, Mapping):
        return {key: default_collate([sample[key] for sample in batch]) for key in first}
    if isinstance(first, Sequence):
        columns = [default_collate(column) for column in zip(*batch)]
        return type(first)(*columns) if hasattr(first, "_fields") else columns
    raise TypeError(f"default_collate can't make a batch of {type(first).__name__}: give DataLoader a collate_fn")


def default_convert(sample: Any) -> Any:
    """A sample that stays by itself: NumPy arrays become tensors, also inside containers."""
    if isinstance(sample, (np.ndarray, np.generic)):
        return as_tensor(sample)
    if isinstance(sample, Mapping):
        return {key: default_convert(value) for key, value in sample.items()}
    if isinstance(sample, (list, tuple)) and not hasattr(sample, "_fields"):
        return [default_convert(value) for value in sample]
    return sample


class DataLoader:
    """Batches of a dataset, in order or shuffled.

    A shuffle is drawn anew for each pass, from `generator` or else the default one, so a seed fixes all of them.
    Worker arguments are accepted and change nothing: samples are fetched in the process itself.

    >>> import tinytorch as torch
    >>> loader = DataLoader(TensorDataset(torch.arange(5)), batch_size=2)
    >>> [batch.tolist() for batch, in loader]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Any = None,
        *,
        generator: Generator | None = None,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
    ) -> None:
        if shuffle and sampler is not None:
            raise ValueError("DataLoader: a sampler decides the order, so shuffle can't be set as well")
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise ValueError("DataLoader: a batch_sampler excludes batch_size, shuffle, sampler and drop_last")
        self.dataset, self.batch_size, self.drop_last, self.generator = dataset, batch_size, drop_last, generator
        self.num_workers, self.collate_fn = num_workers, collate_fn
        if batch_size is None and drop_last:
            raise ValueError("DataLoader: batch_size=None makes no batches, so drop_last can't be set")
        if num_workers < 0:
            raise ValueError(f"DataLoader: num_workers must not be negative, got {num_workers}")
        if sampler is None:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        self.sampler = sampler
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_sampler = batch_sampler

    def __iter__(self) -> Iterator[Any]:
        if self.batch_sampler is None:
            for index in self.sampler:
                yield (self.collate_fn or default_convert)(self.dataset[index])
            return
        at_once = self._at_once() if self.collate_fn is None else None
        collate = self.collate_fn or default_collate
        for indices in self.batch_sampler:
            yield at_once(indices) if at_once else collate([self.dataset[i] for i in indices])

    def _at_once(self) -> Callable[[Any], Any] | None:
        """How to fetch a batch in one go, for a TensorDataset or a Subset of one."""
        dataset = self.dataset
        if type(dataset) is TensorDataset:
            return dataset.batch
        if type(dataset) is Subset and type(dataset.dataset) is TensorDataset:
            whole, numbers = dataset.dataset, np.asarray(dataset.indices)
            return lambda indices: whole.batch(numbers[indices])
        return None

    def __len__(self) -> int:
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]
