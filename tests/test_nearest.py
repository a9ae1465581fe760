"""The nearest vectors are those, all of those and in that order: against brute force in double precision."""

import tracemalloc
from typing import Any

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from numpy.typing import NDArray

from podcast_assets.vectors.nearest import QUERIES, nearest

Found = tuple[NDArray[np.int64], NDArray[np.float32]]


def unit(rows: NDArray[Any]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths, lengths, 1), np.float32)


def some(count: int, dimensions: int = 24, seed: int = 0, centres: int = 5) -> NDArray[np.float32]:
    """Vectors in clusters, as those of texts are."""
    chance = np.random.default_rng(seed)
    middle = chance.standard_normal((centres, dimensions))[chance.integers(0, centres, count)]
    return unit(middle + 0.4 * chance.standard_normal((count, dimensions)))


def brute(
    queries: NDArray[np.float32],
    archive: NDArray[np.float32],
    rows: NDArray[np.int64],
    k: int,
    own: tuple[NDArray[Any], NDArray[Any]] | None = None,
) -> list[list[tuple[int, float]]]:
    """Pair by pair, with Python's own numbers."""
    found = []
    for number, query in enumerate(queries):
        pairs = [
            (int(row), float(np.float32(sum(float(a) * float(b) for a, b in zip(query, archive[row], strict=True)))))
            for row in rows
            if own is None or own[0][number] != own[1][row]
        ]
        found.append(sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k])
    return found


def assert_is(found: Found, expected: list[list[tuple[int, float]]], k: int) -> None:
    """The same pairs; two that differ in the last digit alone may have changed places, since sums differ by their order."""
    places, cosines = found
    assert places.shape == cosines.shape == (len(expected), k)
    assert places.dtype == np.int64
    assert cosines.dtype == np.float32
    for row, values, pairs in zip(places, cosines, expected, strict=True):
        count = len(pairs)
        assert (row[count:] == -1).all()
        assert np.isnan(values[count:]).all()
        np.testing.assert_allclose(values[:count], [value for _, value in pairs], atol=2e-7)
        assert len(set(row[:count])) == count
        ahead = {place for place, value in pairs if value > pairs[-1][1] + 2e-7} if pairs else set()
        assert ahead <= set(row[:count])
        assert list(zip(-values[:count], row[:count], strict=True)) == sorted(zip(-values[:count], row[:count], strict=True))


@st.composite
def searches(draw: st.DrawFn) -> dict[str, Any]:
    dimensions, count, asking = draw(st.integers(1, 6)), draw(st.integers(0, 40)), draw(st.integers(0, 6))
    grid = st.integers(-2, 2)  # coarse, so that many are as near as others
    vectors = unit(np.array(draw(st.lists(st.lists(grid, min_size=dimensions, max_size=dimensions), min_size=count + asking,
                                           max_size=count + asking)), float).reshape(-1, dimensions))  # fmt: skip
    groups = np.array(draw(st.lists(st.sampled_from([b"a", b"b", b"c"]), min_size=count + asking, max_size=count + asking)))
    return {
        "archive": vectors[:count],
        "queries": vectors[count:],
        "own": draw(st.sampled_from([None, (groups[count:], groups[:count])])),
        "rows": np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)), bool),
        "k": draw(st.integers(1, 45)),
        "block": draw(st.integers(1, 50)),
    }


@hypothesis.settings(deadline=None)
@hypothesis.given(searches())
def test_the_nearest_are_those_of_brute_force(search: dict[str, Any]) -> None:
    """One that counts is missing, or one that does not count is given: ties, zeros, excluded rows, too few, none at all."""
    queries, archive, own, k = (search[name] for name in ("queries", "archive", "own", "k"))
    found = nearest(queries, archive, search["rows"], k, own, block=search["block"])
    assert_is(found, brute(queries, archive, np.flatnonzero(search["rows"]), k, own), k)
    numbers = np.random.default_rng(len(archive)).permutation(np.flatnonzero(search["rows"]))
    again = nearest(queries, archive, np.append(numbers, numbers[:2]), k, own)
    np.testing.assert_array_equal(found[0], again[0])
    np.testing.assert_array_equal(found[1], again[1])


def test_who_asks_beside_one_and_how_much_is_compared_at_once_changes_nothing() -> None:
    """The fast product gives other last digits at another place: the order of what is nearly as near would change."""
    archive = some(3_000)
    archive = np.concatenate([archive, unit(archive[:900] + 1e-7), archive[:500]])
    queries = np.concatenate([some(QUERIES + 60, seed=1), archive[:200]])
    expected = nearest(queries, archive, None, 40)
    order = np.random.default_rng(2).permutation(len(queries))
    for block in (7, 64, 1_000, 8_192):
        found = nearest(queries[order], archive, slice(None), 40, block=block)
        np.testing.assert_array_equal(found[0], expected[0][order])
        np.testing.assert_array_equal(found[1], expected[1][order])
    for number in (0, QUERIES, QUERIES + 100):
        alone = nearest(queries[number : number + 1], archive, None, 40)
        np.testing.assert_array_equal(alone[0], expected[0][number : number + 1])
        np.testing.assert_array_equal(alone[1], expected[1][number : number + 1])


def test_large_against_brute_force() -> None:
    archive, queries = some(20_000, 64, centres=40), some(40, 64, seed=3, centres=40)
    places, cosines = nearest(queries, archive, None, 256, block=1_024)
    exact = (queries.astype(np.float64) @ archive.T.astype(np.float64)).astype(np.float32)
    expected = np.lexsort((np.broadcast_to(np.arange(len(archive)), exact.shape), -exact), axis=1)[:, :256]
    np.testing.assert_array_equal(places, expected)
    np.testing.assert_array_equal(cosines, np.take_along_axis(exact, expected, 1))


@pytest.mark.parametrize("same", [0, 1])
def test_an_archive_of_the_same_over_and_over_gives_the_first(same: int) -> None:
    """All are within the error of the fast product (``same`` = 0: nobody's text has a known word): memory runs full."""
    archive = np.zeros((20_000, 16), np.float32)
    archive[:, 0] = same
    tracemalloc.start()
    places, cosines = nearest(archive[:3], archive, None, 20, block=512)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(places, np.tile(np.arange(20), (3, 1)))
    np.testing.assert_array_equal(cosines, np.full((3, 20), same, np.float32))
    assert peak < 2e6


def test_days_before_are_read_where_they_lie(tmp_path: Any) -> None:
    """A subset that lies together is copied whole: gigabytes for every day that is ranked."""
    file = np.memmap(tmp_path / "vectors", np.float32, "w+", shape=(100_000, 16))
    file[:] = some(100_000, 16)
    mask = np.zeros(100_000, bool)
    mask[1_000:99_000] = True
    tracemalloc.start()
    places, _ = nearest(file[5_000:5_010], file, mask, 3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(places[:, 0], np.arange(5_000, 5_010))
    assert peak < 5e6  # the file has 6.4 million bytes


def test_no_archive_and_nobody_who_asks() -> None:
    """The first day of all."""
    places, cosines = nearest(some(2), np.zeros((0, 0), np.float32), None, 4)
    assert (places == -1).all()
    assert np.isnan(cosines).all()
    assert nearest(some(0), some(5), None, 4)[0].shape == (0, 4)
