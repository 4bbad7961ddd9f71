"""torch.utils.data where chance has no part, or where only the size of its result is looked at."""

from __future__ import annotations

from collections import namedtuple
from types import ModuleType
from typing import Any

from parity.harness import programs, table
from parity.inputs import floats, ints

Pair = namedtuple("Pair", "image label")
PAIRS = "data.TensorDataset(x, y)"
SEED = "generator=torch.Generator().manual_seed(3)"

CASES = [
    *table(
        "data",
        f"""
        list(data.DataLoader({PAIRS}, $how))
        len(data.DataLoader({PAIRS}, $how))
        list(data.DataLoader([{{"image": x[i], "label": i}} for i in range(7)], $how))
        list(data.DataLoader([(float(i), i, str(i)) for i in range(7)], $how))
        list(data.DataLoader(list(range(7)), $how))
        list(data.DataLoader(x, $how))
        """,
        how="""
            1; 2; 3; 7; 10; batch_size=3; batch_size=3, drop_last=True; batch_size=10, drop_last=True
            batch_size=None; batch_size=2, shuffle=False; 4, False, num_workers=0, pin_memory=False
            sampler=[3, 1, 2]; sampler=[3, 1, 2], batch_size=2; batch_sampler=[[0, 1], [2], [6, 5, 4]]
            batch_size=2, sampler=data.SequentialSampler(range(3))
            batch_size=2, collate_fn=lambda rows: len(rows)
        """,
        x=floats(7, 2),
        y=ints(7),
        grad=False,
    ),
    *table(
        "data",
        f"""
        sorted(int(i) for b in data.DataLoader(range(10), batch_size=3, shuffle=True) for i in b)
        [len(b) for b in data.DataLoader(range(10), batch_size=4, shuffle=True, drop_last=True)]
        a, b = (data.DataLoader(range(10), 10, True, {SEED}) for _ in 'ab'); torch.equal(next(iter(a)), next(iter(b)))
        l = data.DataLoader(range(20), 20, True); next(iter(l)).tolist() != next(iter(l)).tolist()
        [len(part) for part in data.random_split(range(10), [7, 3])]
        [len(part) for part in data.random_split(range(10), [0.5, 0.5])]
        [len(part) for part in data.random_split(range(10), [0.33, 0.33, 0.34])]
        [len(part) for part in data.random_split(range(11), [0.5, 0.25, 0.25], {SEED})]
        sorted(i for part in data.random_split(range(10), [7, 3]) for i in part)
        type(data.random_split(range(10), [7, 3])[0]).__name__
        {PAIRS}[2]
        {PAIRS}[-1]
        {PAIRS}[1:3]
        {PAIRS}[torch.tensor([0, 2])]
        {PAIRS}[[0, 2]]
        len({PAIRS})
        len({PAIRS}.tensors)
        type({PAIRS}[0]).__name__
        [len(item) for item in {PAIRS}]
        s = data.Subset({PAIRS}, [4, 2]); (len(s), s[0], s[1], s.indices)
        data.Subset({PAIRS}, [4, 2])[[0, 1]]
        list(data.DataLoader(data.Subset({PAIRS}, [4, 2, 0]), batch_size=2))
        list(data.SequentialSampler(range(4)))
        len(data.SequentialSampler(range(4)))
        sorted(data.RandomSampler(range(6)))
        len(data.RandomSampler(range(6)))
        len(list(data.RandomSampler(range(6), replacement=True, num_samples=9)))
        len(list(data.RandomSampler(range(6), num_samples=4)))
        len(list(data.RandomSampler(range(6), num_samples=15)))
        list(data.BatchSampler(data.SequentialSampler(range(7)), 3, False))
        list(data.BatchSampler(data.SequentialSampler(range(7)), batch_size=3, drop_last=True))
        len(data.BatchSampler(data.SequentialSampler(range(7)), 3, False))
        len(data.BatchSampler(data.SequentialSampler(range(7)), 3, True))
        l = data.DataLoader(range(7), batch_size=2); (l.batch_size, l.drop_last, l.num_workers, len(l.dataset))
        l = data.DataLoader(range(7), batch_size=2); [b.tolist() for b in l] == [b.tolist() for b in l]
        """,
        x=floats(7, 2),
        y=ints(7),
        grad=False,
    ),
    *table(
        "data",
        "data.default_collate($batch)",
        batch="""
            [1, 2, 3]; [1.5, 2.5]; [True, False]; ['a', 'b']; [b'a', b'b']; [torch.ones(2), torch.zeros(2)]
            [torch.tensor(1), torch.tensor(2)]; [(1, 2.0), (3, 4.0)]; [[1, 2], [3, 4]]
            [{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'y'}]; [np.float32(1), np.float32(2)]
            [np.float64(1), np.float64(2)]; [np.int64(1), np.int64(2)]; [np.ones(3), np.zeros(3)]
            [np.ones((2, 2), np.float32), np.zeros((2, 2), np.float32)]; [np.arange(2), np.arange(2)]
            [(torch.ones(2), 0), (torch.zeros(2), 1)]; [((1, 2), 3), ((4, 5), 6)]
            [{'a': {'b': torch.ones(1)}}] * 2; [np.bool_(True), np.bool_(False)]
        """,
    ),
    *table(
        "data",
        f"""
        c = data.ConcatDataset([{PAIRS}, data.TensorDataset(x + 10, y)]); (len(c), c[0], c[6], c[7], c[-1], c[-14])
        c = data.ConcatDataset([range(3), range(0), range(10, 12)]); (c.cumulative_sizes, [c[i] for i in range(5)])
        c = {PAIRS} + {PAIRS}; (type(c).__name__, len(c), c[8])
        list(data.DataLoader({PAIRS} + {PAIRS}, batch_size=5))
        data.Subset({PAIRS}, [4, 2]).__getitems__([1, 0])
        sorted(data.SubsetRandomSampler([5, 3, 9]))
        len(data.SubsetRandomSampler([5, 3, 9]))
        list(data.DataLoader(range(10), batch_size=3, sampler=data.SubsetRandomSampler([7]), drop_last=False))
        set(data.WeightedRandomSampler([0.0, 1.0, 0.0, 2.0], 50))
        sorted(data.WeightedRandomSampler([0.5, 1.0, 0.0, 2.0], 3, replacement=False))
        len(data.WeightedRandomSampler(torch.tensor([1.0, 2.0]), num_samples=7))
        data.WeightedRandomSampler([1, 2], 3).weights
        s = data.WeightedRandomSampler([1, 1, 1, 9], 8, True, {SEED}); len([*data.DataLoader(range(4), 2, sampler=s)])
        data.get_worker_info()
        data.default_convert($sample)
        l = data.DataLoader(range(4), num_workers=0, pin_memory=False, timeout=0, worker_init_fn=None); len(l)
        [len(b) for b in data.DataLoader(range(4), 2, None, None, None, 0, None, False, True, 0, None, None, None)]
        l = data.DataLoader(range(4), 2, prefetch_factor=None, persistent_workers=False, in_order=True); len(list(l))
        l = data.DataLoader(range(4), batch_sampler=[[0, 1]]); (l.batch_size, l.drop_last, l.batch_sampler)
        l = data.DataLoader(range(4), 2); (l.collate_fn is data.default_collate, l.pin_memory, l.timeout)
        l = data.DataLoader(range(4), 2, True); (type(l.sampler).__name__, type(l.batch_sampler).__name__)
        """,
        sample="""
            np.ones(2); 3; "text"; [np.ones(2), 1]; (np.ones(1), "a"); {"a": np.arange(2)}; torch.ones(1); None
        """,
        x=floats(7, 2),
        y=ints(7),
        grad=False,
    ),
    *table(
        "data",
        """
        data.DataLoader(range(4), batch_size=0)
        data.DataLoader(range(4), batch_size=-1)
        data.DataLoader(range(4), batch_size=1.5)
        data.DataLoader(range(4), shuffle=True, sampler=[0, 1])
        data.DataLoader(range(4), batch_size=2, batch_sampler=[[0]])
        data.DataLoader(range(4), shuffle=True, batch_sampler=[[0]])
        data.DataLoader(range(4), batch_size=None, drop_last=True)
        data.DataLoader(range(4), num_workers=-1)
        data.DataLoader()
        data.TensorDataset(torch.ones(2), torch.ones(3))
        data.TensorDataset(torch.ones(2))[2]
        data.TensorDataset(torch.ones(2))[-3]
        data.Subset(range(3), [0, 1])[2]
        data.random_split(range(4), [1, 2])
        data.random_split(range(4), [0.5, 0.6])
        data.random_split(range(4), [3, 3])
        data.default_collate([None, None])
        data.default_collate([object(), object()])
        data.default_collate([torch.ones(2), torch.ones(3)])
        data.default_collate([[1, 2], [3]])
        data.default_collate([{"a": 1}, {"b": 2}])
        list(data.DataLoader([torch.ones(2), torch.ones(3)], batch_size=2))
        list(data.DataLoader(data.Dataset()))
        data.Dataset()[0]
        len(data.Dataset())
        data.RandomSampler(range(3), num_samples=0)
        data.BatchSampler(range(3), 0, False)
        list(data.DataLoader(range(3), sampler=[5]))
        list(data.DataLoader(range(0), shuffle=True))
        data.DataLoader(range(4), timeout=-1)
        data.ConcatDataset([])
        data.ConcatDataset([range(3)])[3]
        data.ConcatDataset([range(3)])[-4]
        data.WeightedRandomSampler([1, 2], 0)
        data.WeightedRandomSampler([1, 2], 2.5)
        data.WeightedRandomSampler([[1, 2]], 2)
        list(data.WeightedRandomSampler([1, 1], 3, replacement=False))
        iter(data.Sampler())
        data.BatchSampler(range(3), True, False)
        """,
        raises=True,
    ),
]


def dataset_of_my_own(torch: ModuleType) -> Any:
    class Squares(torch.utils.data.Dataset):  # type: ignore[name-defined, misc]
        def __len__(self) -> int:
            return 5

        def __getitem__(self, i: int) -> tuple[Any, int]:
            if not 0 <= i < 5:
                raise IndexError(i)
            return torch.tensor([i, i * i]), i

    squares = Squares()
    loader = torch.utils.data.DataLoader(squares, batch_size=2)
    return [list(batch) for batch in loader], len(loader), [label for _, label in squares]


def stream(torch: ModuleType, n: int, length: bool = False) -> Any:
    class Stream(torch.utils.data.IterableDataset):  # type: ignore[name-defined, misc]
        def __iter__(self) -> Any:
            info = torch.utils.data.get_worker_info()
            assert info is None
            return ((torch.tensor([float(i)]), i) for i in range(n))

    class Measured(Stream):
        def __len__(self) -> int:
            return n

    return (Measured if length else Stream)()


def datasets_that_are_iterated(torch: ModuleType) -> Any:
    loader = torch.utils.data.DataLoader
    return [
        list(loader(stream(torch, 5), batch_size=2)),
        list(loader(stream(torch, 5), batch_size=2, drop_last=True)),
        list(loader(stream(torch, 5), batch_size=None)),
        list(loader(stream(torch, 2))),
        list(loader(stream(torch, 3), batch_size=2, shuffle=False, collate_fn=len)),
        list(loader(stream(torch, 0), batch_size=2)),
    ]


def lengths_of_what_is_iterated(torch: ModuleType) -> Any:
    loader = torch.utils.data.DataLoader
    measured = stream(torch, 5, length=True)
    return [
        len(loader(measured, batch_size=b, drop_last=d)) for b, d in ((2, False), (2, True), (1, False), (None, False))
    ]


def a_stream_is_read_anew_in_each_epoch(torch: ModuleType) -> Any:
    loader = torch.utils.data.DataLoader(stream(torch, 3), batch_size=2)
    return [[label.tolist() for _, label in loader] for _ in range(2)]


def datasets_that_fetch_many_at_once(torch: ModuleType) -> Any:
    asked: list[Any] = []

    class Squares(torch.utils.data.Dataset):  # type: ignore[name-defined, misc]
        def __len__(self) -> int:
            return 6

        def __getitem__(self, i: int) -> int:
            return i * i

        def __getitems__(self, indices: list[int]) -> list[int]:
            asked.append(list(indices))
            return [i * i for i in indices]

    squares = Squares()
    whole = list(torch.utils.data.DataLoader(squares, batch_size=4))
    part = list(torch.utils.data.DataLoader(torch.utils.data.Subset(squares, [5, 1, 2]), batch_size=2))
    return whole, part, list(torch.utils.data.DataLoader(squares, batch_size=None)), asked


def a_dataset_with_a_type(torch: ModuleType) -> Any:
    class Words(torch.utils.data.Dataset[str]):  # type: ignore[name-defined, misc]
        def __len__(self) -> int:
            return 2

        def __getitem__(self, i: int) -> str:
            return "ab"[i]

    class Order(torch.utils.data.Sampler[int]):  # type: ignore[name-defined, misc]
        def __iter__(self) -> Any:
            return iter([1, 0])

    return list(torch.utils.data.DataLoader(Words(), sampler=Order())), [len(w) for w in Words() + Words()]


def splits_by_hand(torch: ModuleType) -> Any:
    """As tutorials deal the training data into two loaders."""
    sampler, indices = torch.utils.data.SubsetRandomSampler, list(range(20))
    images = torch.utils.data.TensorDataset(torch.arange(20.0), torch.arange(20))
    train = torch.utils.data.DataLoader(images, batch_size=4, sampler=sampler(indices[:12]))
    valid = torch.utils.data.DataLoader(images, batch_size=4, sampler=sampler(indices[12:]), num_workers=0)
    return len(train), len(valid), sorted(i for _, label in train for i in label.tolist())


def shuffling_a_stream(torch: ModuleType) -> Any:
    return torch.utils.data.DataLoader(stream(torch, 3), shuffle=True)


def sampling_a_stream(torch: ModuleType) -> Any:
    return torch.utils.data.DataLoader(stream(torch, 3), sampler=[0, 1])


def batch_sampling_a_stream(torch: ModuleType) -> Any:
    return torch.utils.data.DataLoader(stream(torch, 3), batch_sampler=[[0, 1]])


def the_length_of_a_stream(torch: ModuleType) -> Any:
    return len(torch.utils.data.DataLoader(stream(torch, 3), batch_size=2))


def a_stream_in_a_concatenation(torch: ModuleType) -> Any:
    return torch.utils.data.ConcatDataset([stream(torch, 3)])


def empty_batches_of_a_stream(torch: ModuleType) -> Any:
    return torch.utils.data.DataLoader(stream(torch, 3), batch_size=0)


def a_sampler_of_my_own(torch: ModuleType) -> Any:
    class Backwards(torch.utils.data.Sampler):  # type: ignore[name-defined, misc]
        def __init__(self, source: Any) -> None:
            self.source = source

        def __iter__(self) -> Any:
            return iter(range(len(self.source) - 1, -1, -1))

        def __len__(self) -> int:
            return len(self.source)

    numbers = list(range(5))
    loader = torch.utils.data.DataLoader(numbers, batch_size=2, sampler=Backwards(numbers))
    return list(loader), len(loader)


def batches_are_copies(torch: ModuleType) -> Any:
    x = torch.zeros(4, 2)
    for (batch,) in torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x), batch_size=2):
        batch.add_(1)
    return x


def named_tuples_stay_named_tuples(torch: ModuleType) -> Any:
    batch = torch.utils.data.default_collate([Pair(torch.ones(2), 0), Pair(torch.zeros(2), 1)])
    return type(batch).__name__, batch.image, batch.label


CASES += programs(
    "data",
    dataset_of_my_own,
    datasets_that_are_iterated,
    lengths_of_what_is_iterated,
    a_stream_is_read_anew_in_each_epoch,
    datasets_that_fetch_many_at_once,
    a_dataset_with_a_type,
    splits_by_hand,
    a_sampler_of_my_own,
    batches_are_copies,
    named_tuples_stay_named_tuples,
    grad=False,
)
CASES += programs(
    "data",
    shuffling_a_stream,
    sampling_a_stream,
    batch_sampling_a_stream,
    the_length_of_a_stream,
    a_stream_in_a_concatenation,
    empty_batches_of_a_stream,
    raises=True,
)
