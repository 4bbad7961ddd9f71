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
        data.RandomSampler(range(3), replacement=3)
        data.BatchSampler(range(3), 0, False)
        list(data.DataLoader(range(3), sampler=[5]))
        list(data.DataLoader(range(0), shuffle=True))
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
    "data", dataset_of_my_own, a_sampler_of_my_own, batches_are_copies, named_tuples_stay_named_tuples, grad=False
)
