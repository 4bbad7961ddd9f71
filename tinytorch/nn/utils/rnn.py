"""Sequences of different lengths in one tensor, under the names of `torch.nn.utils.rnn`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from tinytorch.dtypes import SHORT_NAMES, int64
from tinytorch.errors import need, need_tensors
from tinytorch.functions.creation import arange, as_tensor
from tinytorch.functions.shape import cat, stack
from tinytorch.tensor import Tensor

if TYPE_CHECKING:
    from typing_extensions import Self


def pad_sequence(sequences: Iterable[Tensor], batch_first: bool = False, padding_value: float = 0.0,
                 padding_side: str = "right") -> Tensor:  # fmt: skip
    """The sequences, each (length, ...), filled up to the longest: (longest, batch, ...) or (batch, longest, ...).

    >>> import tinytorch as torch
    >>> torch.nn.utils.rnn.pad_sequence([torch.ones(3), torch.ones(1)], batch_first=True)
    tensor([[1., 1., 1.],
            [1., 0., 0.]])
    """
    need(padding_side in ("left", "right"), f'padding_side is "left" or "right", not {padding_side!r}', RuntimeError)
    sequences = list(sequences)
    need(sequences, "pad_sequence needs at least one sequence, got an empty list", RuntimeError)
    need_tensors("pad_sequence", *sequences)
    first, longest, padded = sequences[0], max(map(len, sequences)), []
    for sequence in sequences:
        padding = first.new_full((longest - len(sequence), *sequence.shape[1:]), padding_value)
        both = (sequence.to(first.dtype), padding)
        padded.append(cat(both if padding_side == "right" else both[::-1]))
    return stack(padded, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences that were filled up, each in its length again."""
    batch = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [sequence[: int(length)].clone() for sequence, length in zip(batch, lengths, strict=True)]


class _Fields(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Fields):
    """Sequences without their padding, longest first: the first steps of all, then the second steps, and so on.

    `batch_sizes` says how many sequences have a first, a second... step (int64). If they came in another order,
    `sorted_indices` are their numbers in this one, and `unsorted_indices` put them back. Made by `pack_padded_sequence`
    and `pack_sequence`; recurrent layers take one, and return one.
    """

    __slots__ = ()

    def __new__(cls, data: Any, batch_sizes: Tensor | None = None, sorted_indices: Tensor | None = None,
                unsorted_indices: Tensor | None = None) -> Self:  # fmt: skip
        """The fields; as `data`, also the pair of the data and batch_sizes."""
        if batch_sizes is None:
            pair = isinstance(data, (list, tuple)) and len(data) == 2
            need(pair, "PackedSequence needs batch_sizes: pack with pack_padded_sequence", AssertionError)
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """With the data in another type, as `Tensor.to`; itself if they have it."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else self._replace(data=data)

    cpu = to

    @property
    def is_cuda(self) -> bool:
        """False: there is one device."""
        return self.data.is_cuda


for _name, _kind in SHORT_NAMES.items():  # float(), double(), long()...
    setattr(PackedSequence, _name, lambda self, kind=_kind: self.to(kind))


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The indices that undo those of a permutation; None of None."""
    return None if permutation is None else permutation.argsort()


def pack_padded_sequence(input: Tensor, lengths: Any, batch_first: bool = False,
                         enforce_sorted: bool = True) -> PackedSequence:  # fmt: skip
    """The sequences in (longest, batch, ...), or (batch, longest, ...), without what lies behind their lengths.

    Lengths are whole numbers, a tensor or a list. Sequences come longest first, or in any order with
    `enforce_sorted=False`; `RuntimeError` for others.

    >>> import tinytorch as torch
    >>> padded = torch.tensor([[1, 2, 3], [4, 5, 0]])
    >>> packed = torch.nn.utils.rnn.pack_padded_sequence(padded, [3, 2], batch_first=True)
    >>> packed.data, packed.batch_sizes
    (tensor([1, 4, 2, 5, 3]), tensor([2, 2, 1]))
    """
    need_tensors("pack_padded_sequence", input)
    need(input.ndim > 1, f"sequences to pack have a time and a batch, not shape {tuple(input.shape)}", IndexError)
    time, batch = input.shape[:2][:: -1 if batch_first else 1]
    need(batch, "there must be at least one sequence to pack, not an empty batch", RuntimeError)
    lengths, order = as_tensor(lengths).to(int64), None
    fits = lengths.shape == (batch,)
    need(fits, f"a batch of {batch} needs {batch} lengths, not lengths of shape {tuple(lengths.shape)}", RuntimeError)
    if not enforce_sorted:
        lengths, order = lengths.sort(descending=True)
    found = lengths.tolist()
    fits = 0 < min(found) <= max(found) <= time
    need(fits, f"lengths must be from 1 to the {time} steps that there are, not {found}", RuntimeError)
    fits = found == sorted(found, reverse=True)
    need(fits, f"lengths must fall, not {found}: sort the batch, or pass enforce_sorted=False", RuntimeError)
    there = arange(found[0]).unsqueeze(1) < lengths  # (time, batch)
    step, place = there.nonzero(as_tuple=True)
    place = place if order is None else order[place]
    rows = place * time + step if batch_first else step * batch + place
    return PackedSequence(input.flatten(0, 1)[rows], there.sum(1), order)


def packed_rows(batch_sizes: Tensor) -> Tensor:
    """Where each packed step stands in a padded (time · batch, ...)."""
    rows: Tensor = (arange(int(batch_sizes[0])) < batch_sizes.unsqueeze(1)).flatten().nonzero()
    return rows.squeeze(1)


def pad_packed_sequence(sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0,
                        total_length: int | None = None) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The sequences filled up again, (longest, batch, ...) or (batch, longest, ...), in their first order; the lengths.

    `total_length` fills them up to more than the longest; `ValueError` if it is less.
    """
    sizes, data, order = sequence.batch_sizes, sequence.data, sequence.unsorted_indices
    time, batch, rows = len(sizes), int(sizes[0]), packed_rows(sizes)
    length = time if total_length is None else total_length
    need(length >= time, f"total_length must be at least the longest sequence's {time}, not {total_length}")
    fits = len(rows) == len(data) == int(sizes.sum())
    need(fits, f"batch_sizes {sizes.tolist()} must fall, and add up to the {len(data)} steps packed", RuntimeError)
    padded = data.new_full((length * batch, *data.shape[1:]), padding_value).index_copy(0, rows, data)
    padded = padded.unflatten(0, (length, batch))
    padded = padded.transpose(0, 1) if batch_first else padded
    lengths = (arange(batch).unsqueeze(1) < sizes).sum(1)
    if order is None:
        return padded, lengths
    return padded.index_select(0 if batch_first else 1, order), lengths[order]


def pack_sequence(sequences: list[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """`pack_padded_sequence` of sequences (length, ...) that are not padded yet."""
    padded = pad_sequence(sequences)
    return pack_padded_sequence(padded, [len(each) for each in sequences], enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences that were packed, each in its length again."""
    padded, lengths = pad_packed_sequence(packed_sequences)
    return unpad_sequence(padded, lengths)
