"""How does text become numbers, and numbers text? Each different piece (a word, a sign, a character) gets one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import numpy.typing as npt


class Vocabulary:
    """The pieces that are known, in alphabetical order from number 1 on; 0 is padding.

    >>> vocabulary = Vocabulary("hello")
    >>> vocabulary.encode("hole")
    [2, 4, 3, 1]
    >>> "".join(vocabulary.decode([2, 4, 3, 1]))
    'hole'
    >>> len(vocabulary)
    5
    """

    PAD = 0

    def __init__(self, pieces: Iterable[str]) -> None:
        self.pieces = ["", *sorted(set(pieces) - {""})]
        self.numbers = {piece: number for number, piece in enumerate(self.pieces)}

    def __len__(self) -> int:
        return len(self.pieces)

    def encode(self, pieces: Iterable[str]) -> list[int]:
        """The number of each piece.

        Raises:
            KeyError: a piece is not known.
        """
        pieces = list(pieces)
        unknown = [piece for piece in pieces if piece not in self.numbers]
        if unknown:
            raise KeyError(f"{unknown[0]!r} is not among the {len(self) - 1} known pieces of text")
        return [self.numbers[piece] for piece in pieces]

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """The pieces again; padding is left out."""
        return [self.pieces[number] for number in numbers if number != self.PAD]


def padded(rows: Sequence[Sequence[int]], fill: int = Vocabulary.PAD) -> npt.NDArray[np.int64]:
    """Rows of different lengths as one array (rows, longest), with `fill` after their ends.

    >>> padded([[1, 2, 3], [4]])
    array([[1, 2, 3],
           [4, 0, 0]])
    """
    array = np.full((len(rows), max(map(len, rows), default=0)), fill, np.int64)
    for row, values in zip(array, rows):
        row[: len(values)] = values
    return array


def spelled(pieces: Iterable[str], names: Collection[str] = ()) -> str:
    """Words and punctuation marks in lower case as a sentence, with capitals where sentences begin and for `names`.

    >>> spelled(["good", "morning", ",", "bao", "!", "i", "am", "well", "."], names=["Bao", "I"])
    'Good morning, Bao! I am well.'
    """
    capital = {name.lower(): name for name in names}
    text = re.sub(r" (?=[^\w\s])", "", " ".join(capital.get(piece, piece) for piece in pieces))
    return re.sub(r"(?:^|(?<=[.!?] ))\w", lambda first: first[0].upper(), text)
