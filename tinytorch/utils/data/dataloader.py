"""DataLoader: batches of samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tinytorch.dtypes import INT64
from tinytorch.errors import need
from tinytorch.functions.creation import as_tensor
from tinytorch.functions.shape import stack
from tinytorch.random import Generator
from tinytorch.tensor import Tensor
from tinytorch.utils.data.dataset import IterableDataset, Subset, TensorDataset, length, samples
from tinytorch.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]


def default_collate(batch: Sequence[Any]) -> Any:
    """Samples made into one batch: tensors and numbers stacked along a new first dimension, containers item by item.

    >>> default_collate([(1.0, "a"), (2.0, "b")])
    [tensor([1., 2.], dtype=torch.float64), ('a', 'b')]
    """
    first = batch[0]
    if isinstance(first, (Tensor, np.ndarray)):
        shapes = sorted({tuple(sample.shape) for sample in batch if hasattr(sample, "shape")})
        fix = "give DataLoader a collate_fn, such as one that pads them by nn.utils.rnn.pad_sequence"
        need(len(shapes) == 1, f"default_collate: samples have shapes {shapes}: {fix}", RuntimeError)
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, (np.ndarray, np.generic)):
        return as_tensor(np.stack(batch))
    if isinstance(first, (bool, int, float)):
        numbers = np.array(batch)
        return as_tensor(numbers, INT64 if numbers.dtype.kind == "i" else None)  # NumPy's int may have 32 bits
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
    if isinstance(sample, Mapping):
        return {key: default_convert(value) for key, value in sample.items()}
    if isinstance(sample, (list, tuple)) and not hasattr(sample, "_fields"):
        return [default_convert(value) for value in sample]
    return as_tensor(sample) if isinstance(sample, (np.ndarray, np.generic)) else sample


class DataLoader:
    """Batches of a dataset, in order or shuffled.

    A shuffle is drawn anew for each pass, from `generator` or else the default one, so a seed fixes all of them.
    Worker arguments are accepted and change nothing: samples are fetched in the process itself.

    >>> import tinytorch as torch
    >>> loader = DataLoader(TensorDataset(torch.arange(5)), batch_size=2)
    >>> [batch.tolist() for batch, in loader]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, dataset: Any, batch_size: int | None = 1, shuffle: bool | None = None,
                 sampler: Iterable[int] | None = None, batch_sampler: Iterable[Any] | None = None, num_workers: int = 0,
                 collate_fn: Callable[[Any], Any] | None = None, pin_memory: bool = False, drop_last: bool = False,
                 timeout: float = 0, worker_init_fn: Any = None, multiprocessing_context: Any = None,
                 generator: Generator | None = None, *, prefetch_factor: int | None = None,
                 persistent_workers: bool = False, pin_memory_device: str = "",
                 in_order: bool = True) -> None:  # fmt: skip
        self.streams, ordered = isinstance(dataset, IterableDataset), sampler is not None
        batched = batch_sampler is not None
        for wrong, why in (
            (num_workers < 0 or timeout < 0, f"num_workers ({num_workers}) and timeout ({timeout}) are not negative"),
            (self.streams and (shuffle or ordered or batched), "an IterableDataset gives its own order: set no other"),
            (shuffle and ordered, "a sampler decides the order, so shuffle can't be set as well"),
            (batched and (batch_size != 1 or shuffle or ordered or drop_last),
             "a batch_sampler excludes batch_size, shuffle, sampler and drop_last"),
            (batch_size is None and drop_last, "batch_size=None makes no batches, so drop_last can't be set"),
        ):  # fmt: skip
            need(not wrong, f"DataLoader: {why}")
        if self.streams:
            sampler = dataset  # its samples themselves take the place of their numbers
        elif sampler is None:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if not batched and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset, self.drop_last, self.generator = dataset, drop_last, generator
        self.batch_size = None if batched else batch_size
        self.sampler: Any = sampler
        self.batch_sampler: Any = batch_sampler
        self.num_workers, self.pin_memory, self.timeout = num_workers, pin_memory, timeout
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)

    def __iter__(self) -> Iterator[Any]:
        whole, numbers = self.dataset, None
        if type(whole) is Subset:
            whole, numbers = whole.dataset, np.asarray(whole.indices)
        if self.batch_sampler is None:
            for index in self.sampler:
                yield self.collate_fn(index if self.streams else self.dataset[index])
        elif type(whole) is TensorDataset and self.collate_fn is default_collate:  # the same, in one go
            for indices in self.batch_sampler:
                yield whole.batch(indices if numbers is None else numbers[indices])
        else:
            for indices in self.batch_sampler:
                yield self.collate_fn(indices if self.streams else samples(self.dataset, indices))

    def __len__(self) -> int:
        return length(self.sampler if self.batch_sampler is None else self.batch_sampler)


def get_worker_info() -> None:
    """None: there are no worker processes."""
