"""Do datasets, samplers and loaders give every sample in the order they promise, and the same batches both ways?"""

from __future__ import annotations

from collections import namedtuple

import numpy as np
import pytest

import tinytorch as torch
from tinytorch.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    random_split,
)

Point = namedtuple("Point", "x y")


class Squares(Dataset):
    """A dataset of the reader's own making: no tensors, no fast way."""

    def __init__(self, n):
        self.n = n

    def __getitem__(self, index):
        if not 0 <= index < self.n:
            raise IndexError(index)
        return index, float(index**2)

    def __len__(self):
        return self.n


def rows(n=7):
    return TensorDataset(torch.arange(2 * n).reshape(n, 2), torch.arange(n) * 10)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def order(loader):
    """Return the numbers of the samples, batch by batch, of a loader of `range`."""
    return [batch.tolist() for batch in loader]


def flat(loader):
    return [sample for batch in order(loader) for sample in batch]


# ------------------------------------------------------------------------------------------------ order
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [[0], [1], [2], [3], [4]]),
        ({"batch_size": 2}, [[0, 1], [2, 3], [4]]),
        ({"batch_size": 2, "drop_last": True}, [[0, 1], [2, 3]]),
        ({"batch_size": 9}, [[0, 1, 2, 3, 4]]),
        ({"batch_size": 9, "drop_last": True}, []),
        ({"batch_size": 2, "sampler": [4, 0, 0]}, [[4, 0], [0]]),
        ({"batch_sampler": [[1, 2], [], [4]][::2]}, [[1, 2], [4]]),
        ({"batch_sampler": BatchSampler(SequentialSampler(range(5)), 3, True)}, [[0, 1, 2]]),
        ({"batch_size": 2, "num_workers": 3, "pin_memory": True}, [[0, 1], [2, 3], [4]]),
    ],
)
def test_batches_in_order(options, expected):
    loader = DataLoader(range(5), **options)
    assert order(loader) == expected
    assert order(loader) == expected  # again from the start
    assert len(loader) == len(expected)


def test_without_batches_samples_come_one_by_one():
    assert list(DataLoader(Squares(3), batch_size=None)) == [[0, 0.0], [1, 1.0], [2, 4.0]]
    assert list(DataLoader([1, 2], batch_size=None, collate_fn=lambda x: -x)) == [-1, -2]


@pytest.mark.parametrize("batch_size", [1, 3, 20])
def test_a_shuffle_gives_every_sample_once_in_a_new_order_each_time(batch_size):
    loader = DataLoader(range(20), batch_size=batch_size, shuffle=True, generator=seeded(0))
    epochs = [flat(loader) for _ in range(3)]
    assert all(sorted(epoch) == list(range(20)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in [*epochs, range(20)]}) == 4
    again = DataLoader(range(20), batch_size=batch_size, shuffle=True, generator=seeded(0))
    assert [flat(again) for _ in range(3)] == epochs
    other = DataLoader(range(20), batch_size=batch_size, shuffle=True, generator=seeded(1))
    assert flat(other) != epochs[0]


def test_manual_seed_fixes_the_shuffle_where_no_generator_is_given():
    found = []
    for seed in (5, 5, 6):
        torch.manual_seed(seed)
        found.append(order(DataLoader(range(10), shuffle=True)))
    assert found[0] == found[1] != found[2]


def test_a_shuffle_is_fair():
    places = np.zeros((4, 4))
    generator = seeded(0)
    for _ in range(800):
        for place, (sample,) in enumerate(order(DataLoader(range(4), shuffle=True, generator=generator))):
            places[place, sample] += 1
    assert ((places - 200) ** 2 / 200).sum() < 27.9  # chi squared, nine degrees of freedom, once in a thousand


def test_samplers():
    assert list(SequentialSampler(range(3))) == [0, 1, 2]
    assert sorted(RandomSampler(range(5))) == [0, 1, 2, 3, 4]
    twice = list(RandomSampler(range(3), num_samples=6))
    assert sorted(twice[:3]) == sorted(twice[3:]) == [0, 1, 2]
    drawn = list(RandomSampler(range(3), replacement=True, num_samples=300, generator=seeded(0)))
    assert len(drawn) == len(RandomSampler(range(3), replacement=True, num_samples=300)) == 300
    assert set(np.bincount(drawn) > 60) == {np.True_}
    batches = BatchSampler(range(5), 2, drop_last=False)
    assert (list(batches), len(batches)) == ([[0, 1], [2, 3], [4]], 3)


# ------------------------------------------------------------------------------------------------ batches
@pytest.mark.parametrize("dataset", [rows(), Subset(rows(), [5, 1, 1, 6, 0]), Subset(rows(), range(1, 6))])
@pytest.mark.parametrize(
    "options", [{"batch_size": 3}, {"batch_size": 2, "shuffle": True}, {"batch_size": 4, "drop_last": True}]
)
def test_the_fast_way_through_tensors_gives_what_the_slow_way_gives(dataset, options):
    fast = DataLoader(dataset, **options, generator=seeded(3))
    slow = DataLoader(dataset, **options, generator=seeded(3), collate_fn=default_collate)
    pairs = list(zip(fast, slow, strict=True))
    assert pairs
    for a, b in pairs:
        assert type(a) is type(b) is list
        for x, y in zip(a, b, strict=True):
            assert (x.dtype, x.tolist()) == (y.dtype, y.tolist())
            assert not np.shares_memory(x.numpy(), rows().tensors[0].numpy())


def test_gradients_flow_to_a_dataset_of_tensors_that_require_them():
    x = torch.ones(4, requires_grad=True)
    for (batch,) in DataLoader(TensorDataset(x), batch_size=3):
        (batch * 2).sum().backward()
    assert x.grad.tolist() == [2, 2, 2, 2]


def test_changing_a_batch_does_not_change_the_dataset():
    data = rows()
    for x, y in DataLoader(data, batch_size=3):
        x.zero_()
        y.zero_()
    assert data.tensors[0].tolist() == rows().tensors[0].tolist()


def test_a_dataset_of_ones_own_is_collated():
    x, y = next(iter(DataLoader(Squares(4), batch_size=3)))
    assert (x.tolist(), x.dtype) == ([0, 1, 2], torch.int64)
    assert (y.tolist(), y.dtype) == ([0, 1, 4], torch.float64)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([torch.ones(2), torch.zeros(2)], torch.tensor([[1.0, 1.0], [0.0, 0.0]])),
        ([np.ones(2), np.zeros(2)], torch.tensor([[1.0, 1.0], [0.0, 0.0]], dtype=torch.float64)),
        ([np.float32(1), np.float32(2)], torch.tensor([1.0, 2.0])),
        ([1, 2], torch.tensor([1, 2])),
        ([1.5, 2.5], torch.tensor([1.5, 2.5], dtype=torch.float64)),
        ([True, False], torch.tensor([True, False])),
        (["a", "b"], ["a", "b"]),
        ([(1, "a"), (2, "b")], [torch.tensor([1, 2]), ("a", "b")]),
        ([[1, 2], [3, 4]], [torch.tensor([1, 3]), torch.tensor([2, 4])]),
        ([{"x": 1, "y": [2]}, {"x": 3, "y": [4]}], {"x": torch.tensor([1, 3]), "y": [torch.tensor([2, 4])]}),
        ([Point(1, 2), Point(3, 4)], Point(torch.tensor([1, 3]), torch.tensor([2, 4]))),
        ([((1, (2,)), 3)], [[torch.tensor([1]), [torch.tensor([2])]], torch.tensor([3])]),
    ],
)
def test_collating(samples, expected):
    assert_alike(default_collate(samples), expected)


def assert_alike(found, expected):
    assert type(found) is type(expected)
    if isinstance(found, torch.Tensor):
        assert (found.dtype, found.tolist()) == (expected.dtype, expected.tolist())
    elif isinstance(found, dict):
        assert list(found) == list(expected)
        for key in found:
            assert_alike(found[key], expected[key])
    elif isinstance(found, (list, tuple)):
        assert len(found) == len(expected)
        for a, b in zip(found, expected):
            assert_alike(a, b)
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("samples", "error", "says"),
    [
        ([torch.ones(2), torch.ones(3)], RuntimeError, r"\(2,\).*\(3,\)"),
        ([(1, 2), (3,)], RuntimeError, "length"),
        ([object()], TypeError, "object.*collate_fn"),
        ([None, None], TypeError, "NoneType"),
    ],
)
def test_what_makes_no_batch(samples, error, says):
    with pytest.raises(error, match=says):
        default_collate(samples)


def test_a_collate_function_of_ones_own():
    loader = DataLoader(Squares(5), batch_size=2, collate_fn=lambda samples: [y for _, y in samples])
    assert list(loader) == [[0, 1], [4, 9], [16]]


# ------------------------------------------------------------------------------------------------ datasets
def test_a_tensor_dataset_is_its_rows():
    data = rows(4)
    assert len(data) == 4
    x, y = data[2]
    assert (x.tolist(), y.item()) == ([4, 5], 20)
    assert [x.tolist() for x in data[1:3]] == [[[2, 3], [4, 5]], [10, 20]]
    with pytest.raises(IndexError):
        data[4]
    with pytest.raises(AssertionError, match=r"\[4, 3\]"):
        TensorDataset(torch.ones(4), torch.ones(3))


def test_a_dataset_without_getitem_says_so():
    with pytest.raises(NotImplementedError, match="Dataset"):
        Dataset()[0]


def test_a_subset_of_a_subset():
    part = Subset(Subset(Squares(10), [9, 7, 5, 3]), [3, 0])
    assert (len(part), part[0], part[1]) == (2, (3, 9.0), (9, 81.0))
    assert [x.tolist() for x in next(iter(DataLoader(Subset(Subset(rows(), [6, 4]), [1]))))] == [[[8, 9]], [40]]


@pytest.mark.parametrize(
    ("n", "lengths", "sizes"),
    [
        (10, [7, 3], [7, 3]),
        (10, [0.7, 0.3], [7, 3]),
        (10, [10], [10]),
        (10, [1.0], [10]),
        (10, [10, 0], [10, 0]),
        (10, [0.25, 0.25, 0.5], [3, 2, 5]),  # what rounding down leaves goes round from the first
        (11, [0.5, 0.5], [6, 5]),
        (3, [0.1] * 10, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]),
    ],
)
def test_random_split_deals_every_sample_once(n, lengths, sizes):
    parts = random_split(range(n), lengths, generator=seeded(0))
    assert [len(part) for part in parts] == sizes
    assert sorted(sample for part in parts for sample in part) == list(range(n))
    again = random_split(range(n), lengths, generator=seeded(0))
    assert [list(part) for part in again] == [list(part) for part in parts]
    assert isinstance(parts[0], Subset)


def test_random_split_is_random():
    splits = {tuple(random_split(range(20), [10, 10], generator=seeded(s))[0]) for s in range(10)}
    assert len(splits) == 10


@pytest.mark.parametrize("lengths", [[5, 4], [0.5, 0.4], [0.7, 0.7], [11, -1], [1.5, -0.5], []])
def test_random_split_refuses_lengths_that_do_not_add_up(lengths):
    with pytest.raises(ValueError, match="random_split"):
        random_split(range(10), lengths)


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 0},
        {"batch_size": -1},
        {"batch_size": 2.5},
        {"shuffle": True, "sampler": [0]},
        {"batch_sampler": [[0]], "batch_size": 2},
        {"batch_sampler": [[0]], "shuffle": True},
        {"batch_size": None, "drop_last": True},
    ],
    ids=str,
)
def test_loaders_refuse_options_that_exclude_each_other(options):
    with pytest.raises(ValueError, match=r"batch_s|sampler|drop_last"):
        DataLoader(range(4), **options)


def test_an_empty_dataset():
    assert order(DataLoader(range(0), batch_size=2)) == []
    assert list(DataLoader(TensorDataset(torch.ones(0, 2)), batch_size=2)) == []


# ------------------------------------------------------------------------------------------------ several datasets
def test_datasets_add_up():
    both = rows(3) + rows(2)
    assert [len(both), len(both + rows(1))] == [5, 6]
    assert [both[i][0].tolist() for i in (0, 3, -1)] == [
        rows(3)[0][0].tolist(),
        rows(2)[0][0].tolist(),
        rows(2)[1][0].tolist(),
    ]
    for wrong, error in ((5, IndexError), (-6, ValueError)):
        with pytest.raises(error):
            both[wrong]


def test_a_weighted_sampler_draws_in_proportion():
    drawn = list(WeightedRandomSampler([1.0, 0.0, 3.0], 4000, generator=seeded(0)))
    share = np.bincount(drawn, minlength=3) / 4000
    assert share[1] == 0
    assert abs(share[2] - 0.75) < 0.03  # four standard deviations
    assert sorted(WeightedRandomSampler([1.0, 2.0, 3.0], 3, replacement=False)) == [0, 1, 2]


def test_a_subset_is_visited_in_a_new_order_each_time():
    sampler = SubsetRandomSampler(range(100, 130), generator=seeded(1))
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(100, 130))
    assert first != second


def test_pytorchs_modules_hold_these_names_too():
    from tinytorch.utils.data.dataloader import default_collate as collate
    from tinytorch.utils.data.dataset import random_split as split
    from tinytorch.utils.data.sampler import SubsetRandomSampler as Sampler

    assert (collate, split, Sampler) == (default_collate, random_split, SubsetRandomSampler)
    with pytest.raises(AttributeError, match=r"TinyTorch has no torch.utils.data.DataLoder: did you mean DataLoader\?"):
        _ = torch.utils.data.DataLoder


@pytest.mark.parametrize("workers", [0, 2])
def test_worker_arguments_change_nothing(workers):
    more = {"prefetch_factor": 4, "persistent_workers": True, "multiprocessing_context": "fork"} if workers else {}
    loader = DataLoader(range(7), batch_size=3, num_workers=workers, pin_memory=True, worker_init_fn=print, **more)
    assert order(loader) == [[0, 1, 2], [3, 4, 5], [6]]
