"""The nearest of many vectors, by the cosine: exact, whatever the order and the number of those who ask.

Belongs here: the search. Does not belong here: where the vectors lie.

Most of the work is a product of matrices, which float32 does fast and not quite: its last digits depend on the shape of
the matrices and on the place in them. So it only chooses who may be among the nearest, by a margin that its error cannot
exceed, and these few are reckoned again, each by itself and in double precision.

Each core searches its own stretch of the archive. That the library of products shares out every single one instead would
keep the cores waiting for each other: on a machine that has other work, it took twice the processor time and more.
"""

import dataclasses
import functools
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

THREADS = os.cpu_count() or 1
BLOCK = 2_048  # rows of the archive a product: large enough to be fast, small enough to stay in the processor's cache
QUERIES = 512  # at a time: bounds the memory
RECKONED = 1_024  # pairs that are reckoned again at a time

Rows = NDArray[np.int64] | NDArray[np.bool_] | slice | None
Groups = tuple[NDArray[Any], NDArray[Any]]


@dataclasses.dataclass(frozen=True)
class _Pairs:
    """Who was asked for, who was found, and how near it is; a row a pair."""

    query: NDArray[np.int64]
    place: NDArray[np.int64]
    cosine: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.query)

    def __getitem__(self, chosen: NDArray[Any]) -> "_Pairs":
        return _Pairs(self.query[chosen], self.place[chosen], self.cosine[chosen])


def nearest(
    queries: NDArray[np.float32],
    archive: NDArray[np.float32],
    rows: Rows,
    k: int,
    excluding: Groups | None = None,
    *,
    block: int = BLOCK,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The ``k`` rows of the archive that are nearest to each query.

    Args:
        queries: (m, d), no row longer than 1.
        archive: (n, d), as the queries; it may be a file that is mapped into memory.
        rows: Those of the archive that count, as numpy takes them for an index; None: all.
        k: How many, at least 1.
        excluding: A group for each query (m,) and one for each row (n,): nobody is given rows of its own group.
        block: How many rows are compared at once; the result does not depend on it.

    Returns:
        Places in the archive (m, k) and the cosines (m, k): nearest first, of equals (to the last digit of float32) the one
        whose place comes first. Where there are fewer than ``k``, the rest is -1 and NaN.
    """
    from threadpoolctl import threadpool_limits

    chosen = np.zeros(len(archive), bool)
    chosen[slice(None) if rows is None else rows] = True
    numbers = np.flatnonzero(chosen)
    stretches = np.array_split(numbers, min(THREADS, len(numbers) // block + 1))
    places = np.full((len(queries), k), -1, np.int64)
    cosines = np.full((len(queries), k), np.nan, np.float32)
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(len(stretches)) as pool:
        for start in range(0, len(queries), QUERIES):
            part = slice(start, start + QUERIES)
            asked = np.ascontiguousarray(queries[part])
            own = None if excluding is None else (excluding[0][part], excluding[1])
            search = functools.partial(_candidates, asked, archive, k=k, excluding=own, block=block)
            found = _best(asked, archive, _joined([*pool.map(search, stretches)]), k)
            rank = np.arange(len(found)) - np.searchsorted(found.query, found.query)
            places[start + found.query, rank] = found.place
            cosines[start + found.query, rank] = found.cosine
    return places, cosines


def _candidates(
    queries: NDArray[np.float32],
    archive: NDArray[np.float32],
    numbers: NDArray[np.int64],
    k: int,
    excluding: Groups | None,
    block: int,
) -> _Pairs:
    """All pairs that can be among the ``k`` nearest of their query, and a few more; cosines are close, not exact."""
    most = len(queries) * k
    floor = np.full(len(queries), -np.inf, np.float32)  # who is below it, by the fast product, is not among the nearest
    product = np.empty(len(queries) * block, np.float32)
    found = [_Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))]
    done = fresh = 0
    while done < len(numbers):
        # It begins with few, which soon say how near one has to be to count.
        taken = numbers[done : done + min(block, max(k, done))]
        values = product[: len(queries) * len(taken)].reshape(len(queries), -1)
        np.matmul(queries, _rows(archive, taken).T, out=values)
        hits = np.flatnonzero(values >= floor[:, None])
        query, column = np.divmod(hits, len(taken))
        pairs = _Pairs(query, taken[column], values.reshape(-1)[hits])
        if excluding is not None:
            pairs = pairs[excluding[0][pairs.query] != excluding[1][pairs.place]]
        found.append(pairs)
        fresh, done = fresh + len(pairs), done + len(taken)
        if fresh > most:
            found, fresh = [_sifted(_joined(found), floor, k, queries.shape[1])], 0
            if len(found[0]) > 2 * most:  # so many are as near as each other that only reckoning tells them apart
                found = [_best(queries, archive, found[0], k)]
    return _sifted(_joined(found), floor, k, queries.shape[1])


def _rows(archive: NDArray[np.float32], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
    """Rows of the archive, copied only where others lie between them."""
    first, last = int(numbers[0]), int(numbers[-1])
    return archive[first : last + 1] if last - first + 1 == len(numbers) else archive[numbers]


def _joined(pairs: list[_Pairs]) -> _Pairs:
    return _Pairs(*(np.concatenate([getattr(part, name) for part in pairs]) for name in ("query", "place", "cosine")))


def _sifted(pairs: _Pairs, floor: NDArray[np.float32], k: int, dimensions: int) -> _Pairs:
    """The pairs that may still be among the ``k`` nearest; raises the ``floor`` of each query that has ``k``.

    A sum of d products of float32 errs by at most d * 2^-24 times the lengths, in whatever order it is made (Higham,
    "Accuracy and Stability of Numerical Algorithms", 3.1). Whoever is truly among the k nearest thus lies at most twice
    that below the k-th by the fast product. The margin is twice as wide again, which takes in lengths that are not quite 1
    and the rounding of the result.
    """
    ordered = pairs[np.argsort(pairs.query - pairs.cosine / 4.0)]  # by query, then nearest first: cosines are within 2
    starts = np.searchsorted(ordered.query, np.arange(len(floor) + 1))
    full = np.flatnonzero(np.diff(starts) >= k)
    margin = 4 * (dimensions + 2) * 2.0**-24
    floor[full] = np.maximum(floor[full], ordered.cosine[starts[full] + k - 1] - np.float32(margin))
    return ordered[ordered.cosine >= floor[ordered.query]]


def _best(queries: NDArray[np.float32], archive: NDArray[np.float32], pairs: _Pairs, k: int) -> _Pairs:
    """The ``k`` nearest of each query among ``pairs``, in order of query, cosine and place; the cosines are exact."""
    exact = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), RECKONED):
        part = slice(start, start + RECKONED)
        left = queries[pairs.query[part]].astype(np.float64)
        exact[part] = (left * archive[pairs.place[part]]).sum(axis=1)  # each row by itself, always in the same order
    ordered = np.lexsort((pairs.place, -exact, pairs.query))
    found = _Pairs(pairs.query[ordered], pairs.place[ordered], exact[ordered])
    return found[np.arange(len(found)) - np.searchsorted(found.query, found.query) < k]
