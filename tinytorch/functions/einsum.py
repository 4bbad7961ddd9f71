"""Einstein's summation: products of tensors written as letters for their dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tinytorch.autograd import Recorded
from tinytorch.errors import dimension, need_tensors, same_type
from tinytorch.functions.linalg import matmul

__all__ = ["einsum", "inner", "tensordot"]

if TYPE_CHECKING:
    from tinytorch.tensor import Tensor

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DOTS = "0123456789"  # the letters for the dimensions that "..." stands for, matched from the last


def einsum(equation: str, *operands: Any) -> Tensor:
    """The sum of products that an equation such as "ij,jk->ik" says: over each letter that is not in its output.

    Without "->" the letters that occur once are the output, in the order of the alphabet. A letter twice in one word
    takes a diagonal, and "..." stands for any further dimensions, which broadcast.

    >>> import tinytorch as torch
    >>> torch.einsum("ij,j->i", torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1.0, 10.0]))
    tensor([21., 43.])
    """
    if not isinstance(equation, str):
        raise NotImplementedError('einsum: write the dimensions as text, such as "ij,jk->ik"; lists are not supported')
    tensors = operands if not operands or isinstance(operands[0], Recorded) else operands[0]
    need_tensors("einsum", *tensors)
    words, output = _words(equation, tensors)
    sizes: dict[str, int] = {}
    for x, word in zip(tensors, words):
        same_type("einsum", x, tensors[0])
        for letter, size in zip(word, x.shape):
            if size != 1 and sizes.setdefault(letter, size) != size:  # a size of 1 broadcasts
                raise RuntimeError(f"einsum: {letter} in {equation!r} has the sizes {sizes[letter]} and {size}")
    total, letters = _plain(tensors[0], words[0], sizes)
    for i, (x, word) in enumerate(zip(tensors[1:], words[1:]), 2):
        total, letters = _product(total, letters, *_plain(x, word, sizes), set(output).union(*words[i:]))
    total, letters = _summed(total, letters, output)
    return total.permute([letters.index(letter) for letter in output])


def _words(equation: str, tensors: Sequence[Tensor]) -> tuple[list[str], str]:
    """A letter for each dimension of each tensor, and of the output."""
    left, arrow, output = equation.replace(" ", "").partition("->")
    words = left.split(",")
    rest = [x.ndim - len(word) + 3 if "..." in word else 0 for x, word in zip(tensors, words)]
    words = [word.replace("...", DOTS[len(DOTS) - n :], 1) for word, n in zip(words, rest)] + words[len(rest) :]
    dots, every = DOTS[len(DOTS) - max(rest, default=0) :], "".join(words)
    once = "".join(sorted(letter for letter in every if every.count(letter) == 1 and letter not in dots))
    output = output.replace("...", dots, 1) if arrow else dots + once
    wrong = len(words) != len(tensors) or any(len(word) != x.ndim for word, x in zip(words, tensors))
    strange = set(output) - set(every) or set(every) - {*LETTERS, *dots} or len(set(output)) < len(output)
    if wrong or strange:
        shapes = ", ".join(str(tuple(x.shape)) for x in tensors)
        raise RuntimeError(f"einsum: {equation!r} needs a letter for each dimension of {shapes}, once in the output")
    return words, output


def _plain(x: Tensor, word: str, sizes: dict[str, int]) -> tuple[Tensor, str]:
    """The tensor with one dimension for each different letter, without those of size 1 that broadcast."""
    for letter in sorted(set(word)):
        while word.count(letter) > 1:
            first, second = word.index(letter), word.rindex(letter)
            if x.shape[first] != x.shape[second]:
                found = f"{x.shape[first]} and {x.shape[second]}"
                raise RuntimeError(f"einsum: {letter}, twice for one tensor, has the sizes {found}")
            word = word[:first] + word[first + 1 : second] + word[second + 1 :] + letter
            x = x.diagonal(0, first, second)
        if letter in sizes and x.shape[word.index(letter)] == 1:
            x, word = x.select(word.index(letter), 0), word.replace(letter, "")
    return x, word


def _product(a: Tensor, ours: str, b: Tensor, theirs: str, keep: Iterable[str]) -> tuple[Tensor, str]:
    """One matrix product for each combination of the letters that are in both and are kept."""
    a, ours = _summed(a, ours, {*keep, *theirs})
    b, theirs = _summed(b, theirs, {*keep, *ours})
    batch = [c for c in ours if c in theirs and c in keep]
    inner = [c for c in ours if c in theirs and c not in keep]
    left, right = [c for c in ours if c not in theirs], [c for c in theirs if c not in ours]
    sizes = dict(zip(ours + theirs, (*a.shape, *b.shape)))

    def grouped(x: Tensor, word: str, *groups: list[str]) -> Tensor:
        order = [word.index(letter) for group in groups for letter in group]
        return x.permute(order).reshape([math.prod(sizes[letter] for letter in group) for group in groups])

    rows, columns = grouped(a, ours, batch, left, inner), grouped(b, theirs, batch, inner, right)
    product = matmul(rows, columns) if inner else rows * columns  # (batch, left, right)
    letters = batch + left + right
    return product.reshape([sizes[letter] for letter in letters]), "".join(letters)


def _summed(x: Tensor, word: str, keep: Iterable[str]) -> tuple[Tensor, str]:
    gone = [i for i, letter in enumerate(word) if letter not in keep]
    return (x.sum(gone), "".join(c for c in word if c in keep)) if gone else (x, word)


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """The sum of products over the last `dims` dimensions of `a` and the first of `b`, or over two lists of them."""
    if isinstance(dims, int):
        if dims > min(a.ndim, b.ndim):
            raise RuntimeError(f"tensordot over {dims} dimensions does not fit {tuple(a.shape)} and {tuple(b.shape)}")
        dims = range(a.ndim - dims, a.ndim), range(dims)
    first, second = LETTERS[: a.ndim], list(LETTERS[a.ndim : a.ndim + b.ndim])
    if len(dims[0]) != len(dims[1]):
        raise RuntimeError(f"tensordot: {dims} must name as many dimensions of the first as of the second")
    for i, j in zip(*dims):
        second[dimension(int(j), b.ndim, "tensordot")] = first[dimension(int(i), a.ndim, "tensordot")]
    return einsum(f"{first},{''.join(second)}", a, b)


def inner(input: Tensor, other: Tensor) -> Tensor:
    """The sum of products over the last dimension of both."""
    return tensordot(input, other, ([-1], [-1])) if input.ndim and other.ndim else input * other
