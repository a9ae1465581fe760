"""Asking every feed what is new: fetch, parse, log what was not seen before, and note how it went.

One feed's trouble is its row, with the reason. The rows of the state and the log's file are written by the caller's side
in an order that loses nothing: the log first, then the state (see ``assets``).
"""

import asyncio
import dataclasses
import datetime as dt
import gzip
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from podcast_assets import progress
from podcast_assets.config import Config
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.feeds.parse import parse
from podcast_assets.feeds.sightings import first_sightings
from podcast_assets.feeds.subscriptions import Subscription
from podcast_assets.http import MEGABYTE, Client, FetchError
from podcast_assets.schemas import SCHEMAS
from podcast_assets.sources import is_remote
from podcast_assets.storage import Cache, sha256
from podcast_assets.text import one_line

LONGEST_ERROR = 500  # characters
HTTP_NOT_MODIFIED = 304
HTTP_GONE = 410


@dataclasses.dataclass(frozen=True)
class Polled:
    """What a poll of many feeds gave: the state of each (schema ``feeds``), and what was new (schema ``sightings``)."""

    feeds: pl.DataFrame
    sightings: pl.DataFrame


def poll(
    config: Config,
    subscriptions: Sequence[Subscription],
    state: pl.DataFrame,
    known: Collection[str],
    archive: Cache,
    polled_at: dt.datetime,
    log: progress.Log | None = None,
) -> Polled:
    """Polls every subscription once.

    Args:
        config: the limits, the timezone, the days of the first backfill.
        subscriptions: what to poll.
        state: what the last poll left (schema ``feeds``); rows of feeds that are not followed any more are kept.
        known: the episode ids of the log so far.
        archive: where the raw bodies are kept, by their hash.
        polled_at: the moment of this poll.
        log: takes lines of progress.
    """
    known = frozenset(known)
    rows = {row["feed_id"]: row for row in state.to_dicts()}
    outcomes = asyncio.run(_poll_all(config, subscriptions, rows, known, archive, polled_at, log))
    rows |= {row["feed_id"]: row for row, _ in outcomes}
    return Polled(
        pl.DataFrame(list(rows.values()), schema=SCHEMAS["feeds"]),
        pl.concat([pl.DataFrame(schema=SCHEMAS["sightings"]), *(new for _, new in outcomes)]),
    )


Outcome = tuple[dict[str, Any], pl.DataFrame]


async def _poll_all(
    config: Config,
    subscriptions: Sequence[Subscription],
    rows: dict[str, dict[str, Any]],
    known: frozenset[str],
    archive: Cache,
    polled_at: dt.datetime,
    log: progress.Log | None,
) -> list[Outcome]:
    slots = asyncio.Semaphore(config.feeds.poll_concurrency)
    with progress.steps("polling feeds", len(subscriptions), log) as step:
        async with Client(config.network, config.feeds.poll_concurrency) as client:

            async def one(subscription: Subscription) -> Outcome:
                async with slots:
                    before = rows.get(subscription.feed_id) or _unknown(subscription)
                    outcome = await _poll_one(config, client, subscription, before, known, archive, polled_at)
                    step(outcome[0]["title"] or subscription.url)
                    return outcome

            return await asyncio.gather(*(one(subscription) for subscription in subscriptions))


def _unknown(subscription: Subscription) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(SCHEMAS["feeds"])
    return row | {
        "feed_id": subscription.feed_id,
        "feed_url": subscription.url,
        "title": "",
        "consecutive_failures": 0,
    }


async def _poll_one(
    config: Config,
    client: Client,
    subscription: Subscription,
    before: dict[str, Any],
    known: frozenset[str],
    archive: Cache,
    polled_at: dt.datetime,
) -> Outcome:
    nothing = pl.DataFrame(schema=SCHEMAS["sightings"])
    row = before | {"last_polled_at": polled_at, "http_status": None, "error": None}
    if before["status"] == "gone":
        return before, nothing
    answered = {"last_success_at": polled_at, "consecutive_failures": 0}
    try:
        fetched = await fetch(config, client, subscription, before["etag"], before["last_modified"])
        row["http_status"] = fetched.status
        if fetched.status == HTTP_NOT_MODIFIED and before["body_sha256"] is None:
            raise FetchError("HTTP 304 Not Modified, although nothing was fetched before", fetched.status)
        row |= {"etag": fetched.etag or before["etag"], "last_modified": fetched.last_modified or before["last_modified"]}
        digest = sha256(fetched.body)
        if fetched.status == HTTP_NOT_MODIFIED or digest == before["body_sha256"]:
            return row | answered | {"status": "not_modified"}, nothing
        feed = parse(fetched.body, fetched.address)
        new = first_sightings(
            subscription,
            feed,
            known,
            polled_at,
            before["last_success_at"],
            digest,
            zone=config.zone,
            backfill_days=config.feeds.backfill_days,
            first_day=config.first_day,
        )
        archive.put(digest, gzip.compress(fetched.body, mtime=0))
    except (PodcastAssetsError, OSError, ValueError, ArithmeticError) as error:  # the last two: a stranger's odd values
        status = error.status if isinstance(error, FetchError) else row["http_status"]
        return row | {
            "status": "gone" if status == HTTP_GONE else "error",
            "http_status": status,
            "error": one_line(error, LONGEST_ERROR),
            "consecutive_failures": before["consecutive_failures"] + 1,
            "etag": before["etag"],
            "last_modified": before["last_modified"],
        }, nothing
    return row | answered | {
        "status": "ok",
        "title": feed.title or before["title"],
        "body_sha256": digest,
        "episodes": len(feed.items),
        "last_changed_at": polled_at,
    }, new


@dataclasses.dataclass(frozen=True)
class Fetched:
    """A feed's document; ``status`` is None for a local file."""

    address: str
    status: int | None
    body: bytes
    etag: str | None = None
    last_modified: str | None = None


async def fetch(
    config: Config, client: Client, subscription: Subscription, etag: str | None = None, last_modified: str | None = None
) -> Fetched:
    """Fetches a feed, or reads a local one; with validators of an earlier answer the body may be empty (status 304).

    Raises:
        FetchError, RefusedError, OSError: as ``http.Client.get``, or a file that cannot be read.
    """
    limit = config.network.max_feed_mb * MEGABYTE
    if not is_remote(subscription.url):
        path = config.resolve(subscription.url)
        return Fetched(subscription.url, None, await asyncio.to_thread(_read, path, limit))
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {name: value for name, value in conditions.items() if value}
    response = await client.get(subscription.url, max_bytes=limit, headers=headers)
    return Fetched(
        response.url,
        response.status,
        response.body,
        response.header("ETag"),
        response.header("Last-Modified"),
    )


def _read(path: Path, limit: int) -> bytes:
    if not path.is_file():
        raise FetchError(f"no such file: {path}")
    if path.stat().st_size > limit:
        raise FetchError(f"{path}: more than {limit / MEGABYTE:g} MB ([network] max_feed_mb)")
    return path.read_bytes()
