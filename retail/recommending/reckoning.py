"""Neighbours of products from baskets: EASE and cosine, on numpy and scipy.

For the worker alone: it is imported where the job runs, so no web process ever loads scipy. Same baskets, same numbers,
in whatever order they come: what is added up is whole numbers. docs/algorithms/also-bought.md, 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse
from threadpoolctl import threadpool_limits

from retail.recommending import rules
from retail.recommending.rules import LAMBDA, LARGE, LEAST_TOGETHER, MICROS, NEIGHBOURS, TOO_LARGE, Method

Matrix = Any
"""scipy's kinds of sparse matrices have no types."""
Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
_CELLS: Final = 4_000_000
"""So many cells of a block are worked on at a time: 32 MB each."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What was worked out: one row per pair, the strongest of each product first; `items` are the caller's numbers.

    `place` is 1 for a product's strongest neighbour; `score` is in millionths; `together`, `baskets` and
    `other_baskets` count baskets.
    """

    method: Method
    all_baskets: int
    left_out: int
    products: int
    item: Whole
    other: Whole
    place: Whole
    score: Whole
    together: Whole
    baskets: Whole
    other_baskets: Whole

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.item)

    def ranks(self) -> Whole:
        """Give each pair's place among all pairs, 1 for the strongest."""
        order = np.lexsort((self.place, self.item, -self.together, -self.score))
        ranks = np.empty(len(order), dtype=np.int64)
        ranks[order] = np.arange(1, len(order) + 1)
        return ranks


def neighbours(basket: Whole, item: Whole, items: int, *, kept: int = NEIGHBOURS) -> Neighbours:
    """Work the neighbours out of lines (`basket[k]` holds `item[k]`); of `items` products, numbered by their ids.

    A basket may name a product more than once. Runs on one processor, so that others are not held up.
    """
    with threadpool_limits(limits=1):
        held, left_out = _matrix(basket, item, items)
        counts = np.asarray(held.sum(axis=0)).ravel().astype(np.int64)
        order = np.lexsort((np.arange(items), -counts))
        chosen = order[: int((counts >= LEAST_TOGETHER).sum())]
        sizes = np.asarray(held.sum(axis=1)).ravel().astype(np.int64)
        way = rules.method(held.shape[0], len(chosen))
        parts = list(_parts(held[:, chosen], sizes, way, kept))
    columns = [np.concatenate([part[place] for part in parts]) for place in range(5)] if parts else [_NOTHING] * 5
    first, other, place, score, together = columns
    return Neighbours(
        way, held.shape[0], left_out, len(chosen), chosen[first], chosen[other], place, score, together,
        counts[chosen[first]], counts[chosen[other]],
    )  # fmt: skip


_NOTHING: Final = np.empty(0, dtype=np.int64)
_Part = tuple[Whole, Whole, Whole, Whole, Whole]


def _matrix(basket: Whole, item: Whole, items: int) -> tuple[Matrix, int]:
    """Give a row of ones per basket, without those that are too large; and how many these were."""
    if not len(basket):
        return sparse.csr_matrix((0, items), dtype=np.int64), 0
    _known, rows = np.unique(basket, return_inverse=True)
    held = sparse.csr_matrix((np.ones(len(rows), dtype=np.int64), (rows, item)), shape=(int(rows.max()) + 1, items))
    held.data[:] = 1  # twice in a basket is once
    fits = np.diff(held.indptr) <= TOO_LARGE
    return held[fits], int((~fits).sum())


def _blocks(begin: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    """Cut rows of a width into blocks that fit into memory."""
    step = max(1, _CELLS // max(width, 1))
    for at in range(begin, end, step):
        yield at, min(at + step, end)


def _bounded(sizes: Whole) -> Real:
    """Weigh each basket: one of more than LARGE products counts as one of LARGE."""
    weights: Real = np.minimum(1.0, LARGE / np.maximum(sizes, 1))
    return weights


def _parts(held: Matrix, sizes: Whole, way: Method, kept: int) -> Iterator[_Part]:
    """Give the neighbours, block by block of products."""
    ease = 0 if way == "cosine" else min(held.shape[1], rules.MOST_BY_EASE)
    if ease:
        front = held[:, :ease]
        scores = _ease(front, sizes)
        for begin, end in _blocks(0, ease, ease):
            together = (front[:, begin:end].T @ front).toarray()
            yield _best(begin, scores[begin:end], together, kept)
    if ease < held.shape[1]:
        yield from _cosine(held, sizes, ease, kept)


def _ease(held: Matrix, sizes: Whole) -> Real:
    """Give what each product (row) adds to the score of each other (column)."""
    weights = np.rint(_bounded(sizes) * MICROS).astype(np.int64)
    gram = (held.T @ sparse.diags(weights, dtype=np.int64) @ held).toarray().astype(np.float64, order="F")
    gram /= MICROS
    gram[np.diag_indices_from(gram)] += LAMBDA
    factor, wrong = linalg.lapack.dpotrf(gram, lower=1, overwrite_a=1)
    inverse, worse = linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
    if wrong or worse:  # it is positive definite by its making: a ridge is added to a sum of squares
        raise ArithmeticError("the matrix of products has no inverse")
    for begin, end in _blocks(0, len(inverse), len(inverse)):  # LAPACK fills one half
        inverse[begin:end, end:] = inverse[end:, begin:end].T
        square = inverse[begin:end, begin:end]
        inverse[begin:end, begin:end] = np.tril(square) + np.tril(square, -1).T
    inverse /= -np.diag(inverse).copy()
    scores: Real = inverse
    return scores


def _cosine(held: Matrix, sizes: Whole, begin_at: int, kept: int) -> Iterator[_Part]:
    """Give the neighbours of the products from `begin_at` on, among all products."""
    weights = np.rint(_bounded(sizes) / np.log1p(np.maximum(sizes, 1)) * MICROS).astype(np.int64)
    weighted = (sparse.diags(weights, dtype=np.int64) @ held).tocsc()
    norms = np.sqrt(np.asarray(weighted.sum(axis=0)).ravel().astype(np.float64))
    columns = held.tocsc()
    for begin, end in _blocks(begin_at, held.shape[1], held.shape[1]):
        block = columns[:, begin:end].T
        scores = (block @ weighted).toarray().astype(np.float64)
        scores /= norms[begin:end, None]
        scores /= norms[None, :]
        yield _best(begin, scores, (block @ columns).toarray(), kept)


def _best(begin: int, scores: Real, together: Whole, kept: int) -> _Part:
    """Keep of each row the highest scores of pairs that were together often enough; `begin` is the first row's item.

    Columns stand in the order of how many baskets have them, so equal scores keep to that.
    """
    rows, columns = np.nonzero(together >= LEAST_TOGETHER)
    whole = np.rint(scores[rows, columns] * MICROS).astype(np.int64)
    fit = (whole > 0) & (columns != rows + begin)
    rows, columns, whole = rows[fit], columns[fit], whole[fit]
    often = together[rows, columns].astype(np.int64)
    order = np.lexsort((columns, -often, -whole, rows))
    rows, columns, whole, often = rows[order], columns[order], whole[order], often[order]
    starts = np.searchsorted(rows, np.arange(len(scores)))
    places = np.arange(len(rows)) - starts[rows] + 1
    best = places <= kept
    return (rows + begin)[best], columns[best], places[best], whole[best], often[best]
