"""Sequences of different lengths in one tensor, under the names of `torch.nn.utils.rnn`."""

from collections.abc import Iterable
from typing import Any, NoReturn

from tinytorch.errors import need, need_tensors
from tinytorch.functions.shape import cat, stack
from tinytorch.tensor import Tensor


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


def _left_out(*args: Any, **kwargs: Any) -> NoReturn:
    raise NotImplementedError("TinyTorch has no packed sequences: use pad_sequence, and a mask of the padding")


pack_sequence = pack_padded_sequence = pad_packed_sequence = unpack_sequence = _left_out
