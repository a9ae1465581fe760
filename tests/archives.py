"""What tests of vectors share: a small lake of insights, and a model whose vectors are quick and tell texts apart."""

import datetime as dt
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from podcast_assets.embedding import Embedder
from podcast_assets.hashing import sha256
from podcast_assets.likeness import terms_of
from podcast_assets.schemas import SCHEMAS
from podcast_assets.storage import Lake
from podcast_assets.vectors.archive import Archive, folder_of
from podcast_assets.vectors.index import Refreshed, refresh
from podcast_assets.vectors.store import text_of

DIMENSIONS = 8
LOG = logging.getLogger(__name__)
NOTHING = Refreshed(embedded=0, of_earlier_days=0, days=0, rebuilt=None)


class Quick(Embedder):
    """A model that can be asked at once, and counts for what."""

    def __init__(self, name: str = "quick", dimensions: int = DIMENSIONS) -> None:
        self.name, self.dimensions = name, dimensions
        self.asked: list[str] = []

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return np.array([self.vector(text) for text in texts], np.float32).reshape(-1, self.dimensions)

    def vector(self, text: str) -> NDArray[np.float32]:
        chance = np.random.default_rng(int(sha256(self.name + text)[:15], 16)).standard_normal(self.dimensions)
        return (chance / np.linalg.norm(chance)).astype(np.float32)


def day_at(number: int) -> dt.date:
    return dt.date(2026, 3, 1) + dt.timedelta(days=number)


def insight(day: dt.date, name: str, **values: Any) -> dict[str, Any]:
    known = {"day": day, "insight_id": name, "episode_id": f"e-{name}"[:16], "status": "accepted"}
    return {**known, "claim": f"Claim {name}", "body": f"Body {name}", "quote": f"Quote {name}", **values}


def write_day(lake: Lake, day: dt.date, *insights: str | dict[str, Any]) -> None:
    """A day's insights, by their names or as rows, each with an episode of its own in the feed ``f``."""
    rows = [insight(day, row) if isinstance(row, str) else {"day": day, **row} for row in insights]
    candidates = [{**dict.fromkeys(SCHEMAS["insight_candidates"]), **row} for row in rows]
    lake.write("insight_candidates", pl.DataFrame(candidates, schema=SCHEMAS["insight_candidates"]), day)
    heard = [
        {**dict.fromkeys(SCHEMAS["episodes"]), "day": day, "episode_id": name, "feed_id": "f"}
        for name in dict.fromkeys(row["episode_id"] for row in rows)
    ]
    lake.write("episodes", pl.DataFrame(heard, schema=SCHEMAS["episodes"]), day)


class Kept:
    """A lake with its archive."""

    def __init__(self, folder: Path) -> None:
        self.lake = Lake(folder / "lake")
        self.root = folder / "cache" / "vectors"
        self.quick = Quick()

    def refresh(self, embedder: Quick | None = None) -> tuple[Archive, Refreshed]:
        archive, told = refresh(self.lake, self.root, embedder or self.quick, LOG)
        self.check(archive, embedder or self.quick)
        return archive, told

    def folder(self, embedder: Quick | None = None) -> Path:
        return folder_of(self.root, (embedder or self.quick).name)

    def check(self, archive: Archive, embedder: Quick) -> None:
        """The archive has exactly the accepted insights of the lake as it is, each with what belongs to it."""
        expected: dict[str, tuple[str, str, int, str]] = {}
        for day in self.lake.days("insight_candidates"):
            rows = self.lake.read("insight_candidates", day).filter(pl.col("status") == "accepted")
            feeds = dict(self.lake.get("episodes", day).select("episode_id", "feed_id").iter_rows())
            for row in rows.iter_rows(named=True):
                text = text_of(row["claim"], row["body"], row["quote"])
                known = (row["episode_id"], feeds.get(row["episode_id"], ""), day.toordinal(), text)
                expected.setdefault(row["insight_id"], known)
        alive = np.flatnonzero(archive.before(dt.date.max))
        assert sorted(archive.ids[alive].astype(str)) == sorted(expected)
        places = archive.find([*expected, "nobody"]).tolist()
        assert places.pop() == -1
        for place, (episode, feed, ordinal, text) in zip(places, expected.values(), strict=True):
            assert (archive.episodes[place], archive.feeds[place]) == (episode.encode(), feed.encode())
            assert archive.days[place] == ordinal
            np.testing.assert_array_equal(archive.vectors[place], embedder.vector(text))
            np.testing.assert_array_equal(archive.terms[place], terms_of([text])[0])
        for day in self.lake.days("insight_candidates"):
            assert all(archive.days[archive.rows_of(day)] == day.toordinal())
        assert archive.model == embedder.name


def worker(folder: str, rounds: str) -> None:
    """Refreshes again and again, in a process of its own, while it changes days itself."""
    kept = Kept(Path(folder))
    print("ready", flush=True)
    for number in range(int(rounds)):
        write_day(kept.lake, day_at(number % 4), *(f"{name}{number % 4}" for name in "abcde"[: 1 + number % 5]))
        refresh(kept.lake, kept.root, kept.quick, LOG)


def three_days(folder: Path) -> Kept:
    """A lake of six accepted insights and one that is not."""
    found = Kept(folder)
    write_day(found.lake, day_at(0), "a", "b")
    write_day(found.lake, day_at(1), "c", insight(day_at(1), "r", status="rejected"))
    write_day(found.lake, day_at(2), "g", "d", "f")
    return found
