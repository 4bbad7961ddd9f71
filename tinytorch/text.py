"""How does text become numbers? Each different piece (a word, a sign, a character) gets one."""

from __future__ import annotations

from collections.abc import Iterable


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
