"""Ranking against the whole archive: 10,000 candidates and a million insights before them; and what a day costs as it grows.

The large archive is made up (``archives``), since nobody has one; it is opened as a real one is, in a process of its own,
and is in memory when the clock starts. Brute force is reckoned in double precision by other code. The daily cost is that of
real texts and the real model; where the folder of test data is not there (``PODCAST_ASSETS_SHARED``), it is not measured,
and the line says so.
"""

import datetime as dt
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks import Figure
from benchmarks.archives import DIMENSIONS, FIRST, Ready, write_archive, write_day
from benchmarks.parsing import SHARED

if TYPE_CHECKING:
    import polars as pl

    from podcast_assets.embedding import Embedder
    from podcast_assets.vectors.archive import Archive

ROOT = Path(__file__).resolve().parent.parent
ROWS, CANDIDATES, BEST, K = 1_000_000, 10_000, 500, 256
RUNS, ASKED = 5, 3
PUBLISHED = 450  # five a day, for 90 days
BLOCK = 20_000
LIMIT_S, LIMIT_MB, FASTER = 5.0, 3_000, 30.0
MANY, FEW, A_DAY, GROWTH = 1_000, 10, 200, 1.3
WORDS = 55  # an insight


def run() -> list[Figure]:
    """Measures the large day, then the daily cost."""
    with tempfile.TemporaryDirectory() as folder:
        large = _large(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        return [*large, _daily(Path(folder))]


def rank(archive: "Archive", day: dt.date) -> None:
    """What is measured: all that is done with the candidates of ``day`` once the archive is open.

    The best of them are chosen, held against the archive and each other, and picked from; and what is related to them is
    found.
    """
    from podcast_assets.config import RankingConfig
    from podcast_assets.likeness import Texts, measure_for
    from podcast_assets.ranking.assess import assess
    from podcast_assets.ranking.evidence import Published
    from podcast_assets.ranking.rank import rank as ranked
    from podcast_assets.ranking.related import edges

    known, rows = Texts(archive.vectors, archive.terms), archive.rows_of(day)
    shown = np.flatnonzero(archive.before(day))[-PUBLISHED:]
    published = Published([archive.ids[row].decode() for row in shown], np.ones(len(shown), bool), known[shown])
    ranking, measure = RankingConfig(), measure_for("all-MiniLM-L6-v2")
    standing = assess(day, _candidates(archive, rows, day), known[rows], None, archive, published, measure, ranking.weights)
    edges(ranked(standing, ranking, {}), day)


def _candidates(archive: "Archive", rows: NDArray[np.int64], day: dt.date) -> "pl.DataFrame":
    """Rows of ``insight_candidates`` as the ranking takes them: the first ones are the best."""
    import polars as pl

    from podcast_assets.schemas import SCHEMAS

    names = {"insight_id": archive.ids, "episode_id": archive.episodes, "feed_id": archive.feeds}
    columns = {name: [value.decode() for value in values[rows]] for name, values in names.items()}
    quality = np.linspace(1, 0, len(rows))
    known = pl.DataFrame({**columns, "quality": quality, "specificity": quality, "day": [day] * len(rows)})
    missing = {name: kind for name, kind in SCHEMAS["insight_candidates"].items() if name not in known.columns}
    return known.with_columns(
        *(pl.lit(None, kind).alias(name) for name, kind in missing.items()), pl.lit(None, pl.Float64).alias("editors_choice")
    )


def main(folder: Path) -> None:
    """One process: opens the archive, ranks its last day again and again, says how long it took and how large it became."""
    from podcast_assets.vectors.archive import open_archive, read_manifest
    from podcast_assets.vectors.nearest import nearest
    from tests.memory import peak_kb

    manifest, trouble = read_manifest(folder, "made up")
    if trouble:
        sys.exit(trouble)
    archive = open_archive(folder, manifest)
    for column in (archive.vectors, archive.terms, archive.ids, archive.episodes, archive.feeds):
        column.max(axis=0) if column.dtype.kind != "S" else np.count_nonzero(column)  # loads it
    seconds, day = [], max(manifest.days)
    for _ in range(RUNS):
        started = time.perf_counter()
        rank(archive, day)
        seconds.append(time.perf_counter() - started)
    best = archive.rows_of(day)[:BEST]
    np.save(folder / "places.npy", nearest(archive.vectors[best], archive.vectors, archive.before(day), K)[0])
    print(json.dumps({"seconds": seconds, "peak_mb": peak_kb() / 1e3}))


def _large(folder: Path) -> list[Figure]:
    write_archive(folder, ROWS, CANDIDATES, A_DAY)
    command = [sys.executable, "-m", "benchmarks.ranking", str(folder)]
    told = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    took_s, peak_mb = statistics.median(told["seconds"]), told["peak_mb"]
    vectors = np.memmap(folder / "vectors-0", np.float32, "r", shape=(ROWS + CANDIDATES, DIMENSIONS))
    queries, archive = vectors[ROWS : ROWS + BEST], vectors[:ROWS]
    found, expected = np.load(folder / "places.npy"), _brute_force(queries, archive)
    recall = float(np.mean([np.isin(wanted, given).mean() for wanted, given in zip(expected, found, strict=True)]))
    asked_s = _by_sql(folder, queries[:ASKED], archive)
    faster = asked_s * BEST / took_s
    name = f"the {BEST} best of {CANDIDATES:,} candidates against {ROWS:,} insights"
    return [
        Figure("ranking", f"{name}: {took_s:.2f} s (at most {LIMIT_S}; median of {RUNS})", took_s, LIMIT_S),
        Figure("memory of ranking", f"... memory, all of it: {peak_mb:,.0f} MB (at most {LIMIT_MB:,})", peak_mb, LIMIT_MB),
        Figure("recall", f"... their {K} nearest, of those of brute force: {recall:.6f} (1.0)", recall, 1.0, at_least=True),
        Figure(
            "ranking by SQL",
            f"... against DuckDB's array_cosine_similarity, {asked_s:.2f} s a candidate (median of {ASKED}): {faster:.0f} "
            f"times faster (at least {FASTER:.0f})",
            faster,
            FASTER,
            at_least=True,
        ),
    ]


def _brute_force(queries: NDArray[np.float32], archive: NDArray[np.float32]) -> NDArray[np.int64]:
    """The same in double precision, block after block; of equals to the last digit of a float32 the first ones."""
    exact = queries.astype(np.float64)
    places, cosines = np.zeros((len(queries), 0), np.int64), np.zeros((len(queries), 0), np.float32)
    for start in range(0, len(archive), BLOCK):
        part = archive[start : start + BLOCK].astype(np.float64)
        cosines = np.hstack([cosines, (exact @ part.T).astype(np.float32)])
        places = np.hstack([places, np.broadcast_to(np.arange(start, start + len(part)), (len(queries), len(part)))])
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :K]
        places, cosines = np.take_along_axis(places, order, 1), np.take_along_axis(cosines, order, 1)
    return places


def _by_sql(folder: Path, queries: NDArray[np.float32], archive: NDArray[np.float32]) -> float:
    """The seconds that DuckDB takes for a candidate, with the vectors in its own table, in memory."""
    import duckdb
    import polars as pl

    kind, part = f"float[{DIMENSIONS}]", folder / "part.parquet"
    query = f"select place from archive order by array_cosine_similarity(vector, ?::{kind}) desc limit {K}"  # noqa: S608
    seconds = []
    with duckdb.connect() as connection:
        connection.execute(f"create table archive (place bigint, vector {kind})")
        for start in range(0, len(archive), BLOCK):
            rows = np.array(archive[start : start + BLOCK])
            pl.DataFrame({"place": np.arange(start, start + len(rows)), "vector": rows}).write_parquet(part)
            connection.execute(f"insert into archive select place, vector::{kind} from read_parquet(?)", [str(part)])  # noqa: S608
        for vector in (queries[0], *queries):  # the first one warms up
            started = time.perf_counter()
            connection.execute(query, [vector.tolist()]).fetchall()
            seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[1:])


def _daily(folder: Path) -> Figure:
    from podcast_assets.config import parse
    from podcast_assets.embedding import open_embedder

    model = SHARED / "models" / "all-MiniLM-L6-v2"
    embedder, told = open_embedder(parse({"embedding": {"path": str(model)}}, model / "podcasts.toml"))
    words = [word for path in sorted((SHARED / "corpus" / "transcripts").glob("*.json"))[:60] for word in _words(path)]
    if embedder is None or not words:
        reason = told if words else f"there is no talk in {SHARED}"
        return Figure("the daily cost", f"the daily cost: not measured, {reason}", 0, GROWTH)
    texts = [" ".join(words[start : start + WORDS]) for start in range(0, len(words) - WORDS, WORDS)]
    installed = {days: _Installed(folder / str(days), days, texts, embedder.name) for days in (FEW, MANY)}
    pairs = [
        [installed[days].a_day_more(texts[number * A_DAY :][:A_DAY], embedder) for days in (FEW, MANY)]
        for number in range(RUNS + 1)
    ][1:]
    few, many = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
    line = (
        f"the daily cost: {A_DAY} new insights embedded and compared with {MANY:,} days before them {many:.2f} s, "
        f"with {FEW} days {few:.2f} s: {ratio:.2f} times (at most {GROWTH}; medians of {RUNS})"
    )
    return Figure("the daily cost", line, ratio, GROWTH)


def _words(path: Path) -> list[str]:
    from podcast_assets.publisher_transcripts.formats import parse

    return [word for segment in parse(path.read_bytes(), "application/json") for word in segment.text.split()]


class _Installed:
    """A lake of so many days."""

    def __init__(self, folder: Path, days: int, texts: list[str], model: str) -> None:
        from podcast_assets.storage import Lake
        from podcast_assets.vectors.index import refresh

        self._lake, self._root, self._next = Lake(folder / "lake"), folder / "vectors", days
        for number in range(days):
            start = number * A_DAY % (len(texts) - A_DAY)
            write_day(self._lake, FIRST + dt.timedelta(number), texts[start : start + A_DAY])
        refresh(self._lake, self._root, Ready(model), logging.getLogger(__name__))

    def a_day_more(self, texts: list[str], embedder: "Embedder") -> float:
        """The seconds that another day takes."""
        from podcast_assets.vectors.index import refresh

        day, self._next = FIRST + dt.timedelta(self._next), self._next + 1
        write_day(self._lake, day, texts)
        started = time.perf_counter()
        archive, _ = refresh(self._lake, self._root, embedder, logging.getLogger(__name__))
        rank(archive, day)
        return time.perf_counter() - started


if __name__ == "__main__":
    main(Path(sys.argv[1]))
