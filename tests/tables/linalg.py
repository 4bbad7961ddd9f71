"""Linear algebra: each function with a definition that multiplies and adds number by number, or by another road."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import strategies as st

import tinytorch as torch
from tables.drawing import Row, distinct, one, real, shapes, sizes


def summed(equation):
    """An einsum by the book: for each choice of a number for each letter, one product, added where it belongs."""
    left, right = equation.split("->")
    words = left.split(",")

    def definition(*arrays):
        size = {}
        for word, x in zip(words, arrays):
            for letter, n in zip(word, x.shape):
                size[letter] = n if size.get(letter, 1) == 1 else size[letter]
        y = np.zeros([size[letter] for letter in right])
        for numbers in itertools.product(*(range(n) for n in size.values())):
            at = dict(zip(size, numbers))
            places = [tuple(at[c] if n > 1 else 0 for c, n in zip(word, x.shape)) for word, x in zip(words, arrays)]
            y[tuple(at[letter] for letter in right)] += math.prod(x[place] for x, place in zip(arrays, places))
        return y

    return definition


def einsum(equation, *pattern):
    words = equation.split("->")[0].split(",")
    return Row(
        f"einsum {equation}", lambda *xs: torch.einsum(equation, *xs), summed(equation), sizes(*(pattern or words))
    )


def leibniz(a):
    """The determinant as the sum over all permutations."""
    n = a.shape[-1]
    total = np.zeros(a.shape[:-2])
    for order in itertools.permutations(range(n)):
        odd = sum(i > j for i, j in itertools.combinations(order, 2)) % 2
        factors = np.ones(a.shape[:-2])
        for i, j in enumerate(order):
            factors = factors * a[..., i, j]
        total = total + (-factors if odd else factors)
    return total


def gauss(a, b):
    """A solution of a @ x = b by elimination, the rows in whatever order they come."""
    a, b = a.copy(), b.copy()
    n = len(a)
    for i in range(n):
        for j in range(n):
            if i != j:
                factor = a[j, i] / a[i, i]
                a[j], b[j] = a[j] - factor * a[i], b[j] - factor * b[i]
    return (b.T / np.diag(a)).T


def well_posed(rng, size):
    """Matrices whose diagonal outweighs the rest."""
    values = rng.uniform(-0.5, 0.5, size)
    if len(size) > 1 and size[-1] == size[-2]:
        values = values + 3 * np.eye(size[-1])
    return values


def square(*rest):
    """Shapes (n, n), and others in which n stands for that size."""
    return st.integers(1, 3).flatmap(
        lambda n: st.tuples(
            st.just([tuple(n if s == "n" else s for s in shape) for shape in (("n", "n"), *rest)]), st.just({})
        )
    )


def distances(p):
    def definition(a, b):
        y = np.empty((*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-2]))
        for *batch, i, j in np.ndindex(*y.shape):
            gaps = [abs(v - w) for v, w in zip(a[(*batch, i)], b[(*batch, j)])]
            y[(*batch, i, j)] = sum(g**p for g in gaps) ** (1 / p)
        return y

    return definition


def singular(a):
    """The singular values by another road: the roots of the eigenvalues of a aᵀ."""
    return np.sqrt(np.maximum(np.linalg.eigvalsh(a @ np.swapaxes(a, -1, -2)), 0))


def wide(rng, size):
    """Matrices with singular values that are far from each other and from 0."""
    y = np.zeros(size)
    for i in range(min(size[-2:])):
        y[..., i, i] = i + 1
    return y + rng.uniform(-0.1, 0.1, size)


MATRICES = shapes(2, 3, 1).filter(lambda s: s[-2] <= s[-1]).map(lambda s: [s])

ROWS = [
    einsum("ij,jk->ik"),
    einsum("ij,jk->ki"),
    einsum("bij,bjk->bik"),
    einsum("bhqd,bhkd->bhqk"),
    einsum("i,j->ij"),
    einsum("ij->ji"),
    einsum("ij->"),
    einsum("ij->j"),
    einsum("ii->i"),
    einsum("ii->"),
    einsum("iij,j->i"),
    einsum("ij,kl->ik"),
    einsum("ij,ij->ij"),
    einsum("ij,ij,ij->i"),
    einsum("i,ij,j->"),
    einsum("ij,jk,kl->il"),
    Row(
        "einsum with sizes of 1",
        lambda *xs: torch.einsum("ij,ij->i", *xs),
        summed("ij,ij->i"),
        st.just(([(2, 3), (1, 3)], {})) | st.just(([(2, 1), (2, 3)], {})),
    ),
    Row(
        "einsum ...ij,jk->...ik",
        lambda *xs: torch.einsum("...ij,jk->...ik", *xs),
        lambda a, b: np.array([summed("ij,jk->ik")(each, b) for each in a]).reshape(*a.shape[:-1], b.shape[-1]),
        sizes("bij", "jk"),
    ),
    Row("tensordot", lambda a, b: torch.tensordot(a, b, ([0, 2], [1, 0])), summed("ijk,ki->j"), sizes("ijk", "ki")),
    Row("tensordot 1", lambda a, b: torch.tensordot(a, b, 1), summed("ij,jkl->ikl"), sizes("ij", "jkl")),
    Row("inner", torch.inner, summed("ij,kj->ik"), sizes("ij", "kj")),
    Row("trace", torch.trace, lambda a: math.fsum(a[i, i] for i in range(min(a.shape))), sizes("ij")),
    Row(
        "addmm",
        lambda m, a, b: m.addmm(a, b, beta=0.5, alpha=3),
        lambda m, a, b: m / 2 + 3 * summed("ij,jk->ik")(a, b),
        sizes("ik", "ij", "jk"),
    ),
    Row(
        "addmm of a row",
        torch.addmm,
        lambda m, a, b: np.ones((len(a), 1)) * m + summed("ij,jk->ik")(a, b),
        sizes("k", "ij", "jk"),
    ),
    Row("baddbmm", torch.baddbmm, lambda m, a, b: m + summed("bij,bjk->bik")(a, b), sizes("bik", "bij", "bjk")),
    Row("det", torch.det, leibniz, square()),
    Row("det of a batch", torch.det, leibniz, one(min_dims=3).map(lambda c: ([(*c[0][0][:1], 2, 2)], {}))),
    Row(
        "det of a singular matrix",
        torch.det,
        leibniz,
        st.just(([(3, 3)], {})),
        (lambda rng, size: np.outer([1, 2, 3], rng.uniform(1, 2, 3)) + np.diag([1.0, 0, 0]),),
    ),
    Row("inv", torch.linalg.inv, lambda a: gauss(a, np.eye(len(a))), square(), (well_posed,)),
    Row("solve", torch.linalg.solve, gauss, square(("n", 2)), (well_posed, real)),
    Row("solve for a vector", torch.linalg.solve, gauss, square(("n",)), (well_posed, real)),
    Row(
        "nuclear norm",
        lambda a: torch.linalg.norm(a, "nuc", dim=(-2, -1)),
        lambda a: singular(a).sum(-1),
        st.tuples(MATRICES, st.just({})),
        (wide,),
    ),
    Row(
        "spectral norm",
        lambda a: torch.linalg.matrix_norm(a, 2),
        lambda a: singular(a).max(-1),
        st.tuples(MATRICES, st.just({})),
        (wide,),
    ),
    Row(
        "matrix norm 1",
        lambda a: torch.linalg.norm(a, 1),
        lambda a: np.max([math.fsum(map(abs, column)) for column in a.T]),
        st.just(([(2, 3)], {})),
        (distinct,),
    ),
    Row("cdist", torch.cdist, distances(2), sizes("ik", "jk"), (real, lambda rng, size: real(rng, size) + 5)),
    Row(
        "cdist 3",
        lambda a, b: torch.cdist(a, b, p=3),
        distances(3),
        sizes("bik", "bjk"),
        (real, lambda r, s: real(r, s) + 5),
    ),
]
