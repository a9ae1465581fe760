"""The log of first sightings: which episodes are new, and which day each of them counts on.

The log is append-only and never depends on what a feed says today: a backfill replays what was known. New items are found
by their identity, never by a date, so that no odd date can lose an episode.

Does not belong here: fetching and parsing. All functions are pure.
"""

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl

from podcast_assets import clock
from podcast_assets.schemas import SCHEMAS
from podcast_assets.storage import sha256

if TYPE_CHECKING:
    from podcast_assets.feeds.parse import Feed, Item
    from podcast_assets.feeds.subscriptions import Subscription


def episode_id(feed_id: str, guid: str) -> str:
    """The identity of an episode: 16 hex digits of SHA-256 of feed_id + guid."""
    return sha256(feed_id + guid)[:16]


def episode_day(
    published_at: dt.datetime | None,
    polled_at: dt.datetime,
    previous_poll_at: dt.datetime | None,
    zone: ZoneInfo,
    backfill_days: int,
) -> dt.date | None:
    """The day that an episode, seen for the first time at ``polled_at``, counts on.

    It is the day it was published, in ``zone``, unless that day was closed already when it was first seen, that is, unless
    the feed had answered a poll after that day's end without it: then it is the day of the poll. So it is for a missing
    or a future date. On the feed's first poll (``previous_poll_at`` None) no day counts as closed; what is older than
    ``backfill_days`` is left alone.

    Returns:
        The day, or None for what is only logged as seen.
    """
    today = clock.day_of(polled_at, zone)
    if published_at is None or published_at > polled_at:
        return today
    published = clock.day_of(published_at, zone)
    if previous_poll_at is None:
        return published if published >= today - dt.timedelta(days=backfill_days) else None
    return today if clock.end_of(published, zone) <= previous_poll_at else published


def first_sightings(
    subscription: "Subscription",
    feed: "Feed",
    known: Collection[str],
    polled_at: dt.datetime,
    previous_poll_at: dt.datetime | None,
    body_sha256: str,
    *,
    zone: ZoneInfo,
    backfill_days: int,
    first_day: dt.date,
) -> pl.DataFrame:
    """The rows (schema ``sightings``) of the feed's items that are not among the ``known`` episode ids."""
    rows: dict[str, dict[str, Any]] = {}
    for item in feed.items:
        identity = episode_id(subscription.feed_id, item.guid)
        if identity in known or identity in rows:
            continue
        day = episode_day(item.published_at, polled_at, previous_poll_at, zone, backfill_days)
        status, reason = _outcome(item)
        rows[identity] = {
            "episode_id": identity,
            "feed_id": subscription.feed_id,
            "feed_url": subscription.url,
            "show": feed.title or subscription.url,
            "guid": item.guid,
            "title": item.title or "(untitled)",
            "link": item.link,
            "summary": item.summary,
            "published_at": item.published_at,
            "first_seen_at": polled_at,
            "enclosure_url": item.enclosure_url,
            "enclosure_type": item.enclosure_type,
            "enclosure_bytes": item.enclosure_bytes,
            "duration_s": item.duration_s,
            "language": feed.language,
            "transcripts": [
                {"url": link.url, "type": link.type, "language": link.language, "rel": link.rel} for link in item.transcripts
            ],
            "status": status,
            "reason": reason,
            "day": day if day and day >= first_day else None,
            "previous_poll_at": previous_poll_at,
            "body_sha256": body_sha256,
        }
    return pl.DataFrame(list(rows.values()), schema=SCHEMAS["sightings"])


def _outcome(item: "Item") -> tuple[str, str | None]:
    if not item.enclosure_url and not item.transcripts:
        return "skipped", "no enclosure and no transcript"
    if item.published_at is None:
        return "ok", "no date that can be read: counted on the day it was first seen"
    return "ok", None


def episodes_of(log: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """The episodes (schema ``episodes``) that the log counts on ``day``: by time of publication, then by identity."""
    return (
        log.filter(pl.col("day") == day)
        .unique("episode_id", keep="first", maintain_order=True)
        .sort("published_at", "feed_id", "episode_id", nulls_last=True)
        .select(list(SCHEMAS["episodes"]))
    )
