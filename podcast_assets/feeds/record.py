"""What polls leave for good: the log of first sightings, the aliases, and the archive of what both were made of.

One immutable file a poll and table. A poll's bodies are written before its part of the log, so that what the log knows can
always be rebuilt (``replay``): to a place of their own at first, since a poll that dies before it has written the log leaves
bodies that the log never knew. The file of its sightings is what makes a poll done. The log is written before the state of
the feeds, so that nothing is lost: the next poll finds the same feeds changed and the same episodes known. The other way
round it would find "not modified" and lose them.
"""

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from podcast_assets.feeds.identity import History, Seen
from podcast_assets.feeds.sightings import LEFT_ALONE, TRAITS, Sighted
from podcast_assets.schemas import MOMENT, SCHEMAS
from podcast_assets.storage import Lake

POLL_NAME = re.compile(r"\d{8}T\d{12}Z")  # see poll_name; other files are somebody's copies
LOGS = ("sightings", "aliases")
EPOCH, MICROSECOND = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)
PART_BYTES = 16_000_000  # bodies are written when they have grown to this


def poll_name(polled_at: dt.datetime) -> str:
    """The name of a poll's files, if the clock has not gone back since the last one."""
    return f"{polled_at:%Y%m%dT%H%M%S%fZ}"


def name_after(store: Lake, polled_at: dt.datetime) -> str:
    """The name of a poll's files: sorts in the order of the polls, whatever the clock says."""
    last = max(filter(POLL_NAME.fullmatch, (path.stem.rpartition("-")[0] for path in store.files("bodies"))), default="")
    name = poll_name(polled_at)
    if name > last:
        return name
    return poll_name(dt.datetime.strptime(last, "%Y%m%dT%H%M%S%f%z") + MICROSECOND)


class Archive:
    """Takes the bodies of one poll, and writes them to ``unfinished/bodies/<poll>-<n>.parquet``; see :func:`settle`."""

    def __init__(self, store: Lake, polled_at: dt.datetime) -> None:
        self._store = _unfinished(store)
        self.name = name_after(store, polled_at)
        self._rows: list[dict[str, Any]] = []
        self._bytes = self._parts = 0

    def add(self, row: dict[str, Any]) -> None:
        """Takes one body (schema ``bodies``); writes when there are many."""
        self._rows.append(row)
        self._bytes += len(row["body"])
        if self._bytes > PART_BYTES:
            self.flush()

    def flush(self) -> None:
        """Writes what it holds."""
        if self._rows:
            self._store.append("bodies", frame_of_rows("bodies", self._rows), f"{self.name}-{self._parts:03}")
            self._rows, self._bytes, self._parts = [], 0, self._parts + 1


def write_log(lake: Lake, sightings: pl.DataFrame, aliases: pl.DataFrame, name: str) -> None:
    """Appends what a poll found to the log; the sightings come last, also where there are none: they make it done."""
    if not aliases.is_empty():
        lake.append("aliases", aliases, name)
    if not (sightings.is_empty() and aliases.is_empty()):
        lake.append("sightings", sightings, name)


def history_in(lake: Lake) -> Callable[[str], History]:
    """Gives what the log knows of a feed; it is read when the first feed is asked for, which in most polls none is."""

    @functools.cache
    def histories() -> Callable[[str], History]:
        return history_of(lake.log("sightings", ["feed_id", *TRAITS]), lake.log("aliases"))

    def history(feed_id: str) -> History:
        return histories()(feed_id)

    return history


def bodies(store: Lake) -> Iterator[dict[str, Any]]:
    """All bodies in the order of the polls, a file in memory at a time; ``poll`` is the name of the poll's files."""
    for path in store.files("bodies"):
        for row in store.read_file("bodies", path).iter_rows(named=True):
            yield row | {"poll": path.stem.rpartition("-")[0]}


def count(store: Lake) -> int:
    """How many bodies there are."""
    return sum(len(store.read_file("bodies", path, ["feed_id"])) for path in store.files("bodies"))


def settle(store: Lake, lake: Lake) -> None:
    """Puts the bodies of polls that are done in their place; of polls that died, removes them and what else they left.

    The next poll finds what those had found. Bodies in their place are never removed: without the log they are all there is.
    """
    done = {path.stem for path in lake.files("sightings")}
    aliases = {path.stem: path for path in lake.files("aliases")}
    for path in _unfinished(store).files("bodies"):
        poll = path.stem.rpartition("-")[0]
        if poll in done:
            place = store.root / "bodies" / path.name
            place.parent.mkdir(parents=True, exist_ok=True)
            path.rename(place)
        else:
            if poll in aliases:  # first: without the bodies nobody would know that they are to go
                aliases.pop(poll).unlink()
            path.unlink()


def _unfinished(store: Lake) -> Lake:
    return Lake(store.root / "unfinished")


def episodes_of(log: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """The episodes (schema ``episodes``) that the log counts on ``day``: by time of publication, then by identity."""
    return (
        log.filter(pl.col("day") == day)
        .unique("episode_id", keep="first", maintain_order=True)
        .sort("published_at", "feed_id", "episode_id", nulls_last=True)
        .select(list(SCHEMAS["episodes"]))
    )


def frame_of_rows(table: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as a frame of the table's schema; what a row lacks is null."""
    return pl.DataFrame([_column(name, [row.get(name) for row in rows], dtype) for name, dtype in SCHEMAS[table].items()])


def _column(name: str, values: Sequence[Any], dtype: Any) -> pl.Series:
    if dtype != MOMENT:
        return pl.Series(name, values, dtype)
    # Polars takes a microsecond for each moment with a timezone: for a first poll of many feeds that was half of its frames.
    return pl.Series(name, [value and (value - EPOCH) // MICROSECOND for value in values], pl.Int64).cast(MOMENT)


def sightings_of(found: Sequence[Sighted]) -> pl.DataFrame:
    """What documents brought, as a frame of the log, in an order that no network changes: by feed, time and identity."""
    schema = SCHEMAS["sightings"]
    counted = frame_of_rows("sightings", [each.common | row for each in found for row in each.counted])
    documents = [place for place, each in enumerate(found) for _ in each.left_alone]
    commons = frame_of_rows("sightings", [each.common for each in found])[documents]
    traits = zip(TRAITS, zip(*(row for each in found for row in each.left_alone), strict=True), strict=False)
    left_alone = commons.with_columns(
        *(_column(name, values, schema[name]) for name, values in traits),
        *(pl.lit(value).alias(name) for name, value in LEFT_ALONE.items()),
    )
    return pl.concat([counted, left_alone]).sort("feed_id", "published_at", "episode_id")


def aliases_of(found: Sequence[Sighted]) -> pl.DataFrame:
    """The aliases that documents brought, likewise ordered."""
    return frame_of_rows("aliases", [row for each in found for row in each.aliases]).sort("feed_id", "episode_id", "guid")


def history_of(log: pl.DataFrame, aliases: pl.DataFrame) -> Callable[[str], History]:
    """Gives the history of each feed, from the columns of :data:`TRAITS` of the log, and the aliases."""
    seen, renamed = _by_feed(log.select("feed_id", *TRAITS)), _by_feed(aliases.select("feed_id", "guid", "episode_id"))

    def history(feed_id: str) -> History:
        return History((Seen(*row) for row in seen(feed_id)), renamed(feed_id))

    return history


def _by_feed(frame: pl.DataFrame) -> Callable[[str], list[Any]]:
    """Gives the rows of a feed, in their order, without its id; the frame is cut only where it is asked for."""
    ordered = frame.sort("feed_id", maintain_order=True)
    runs = ordered["feed_id"].rle().struct.unnest().with_columns(start=pl.col("len").cum_sum() - pl.col("len"))
    places = {feed_id: (start, length) for length, feed_id, start in runs.rows()}
    values = ordered.drop("feed_id")

    def rows(feed_id: str) -> list[Any]:
        return values.slice(*places[feed_id]).rows() if feed_id in places else []

    return rows
