"""The log of first sightings: which episodes are new, and which day each of them counts on.

The log is append-only and never depends on what a feed says today: a backfill replays what was known. New items are found
by their identity (``identity``), never by a date, so that no odd date can lose an episode.

Does not belong here: fetching and parsing. All functions are pure.
"""

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from podcast_assets import clock
from podcast_assets.feeds.identity import UNTITLED, History, recognise

if TYPE_CHECKING:
    from podcast_assets.feeds.identity import Subscription
    from podcast_assets.feeds.parse import Feed, Item

# The columns of the log that tell an episode from others, in the order of ``identity.Seen``.
TRAITS = ["episode_id", "guid", "title", "published_at", "enclosure_url", "enclosure_bytes"]

# What is older than the first poll's backfill is logged as seen; nobody will read more of it than what tells it from others.
LEFT_ALONE = {"status": "skipped", "reason": "older than the backfill of the first poll ([feeds] backfill_days)"}


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
    if previous_poll_at is not None and previous_poll_at > polled_at:
        return today  # a clock was wrong, then or now: nothing can be said of what was closed
    published = clock.day_of(published_at, zone)
    if previous_poll_at is None:
        return published if published >= today - dt.timedelta(days=backfill_days) else None
    return today if clock.end_of(published, zone) <= previous_poll_at else published


@dataclasses.dataclass(frozen=True, slots=True)
class Conditions:
    """What the day of an episode depends on besides its feed; kept in the archive, so that a replay finds the same."""

    polled_at: dt.datetime
    timezone: str
    backfill_days: int
    first_day: dt.date


@dataclasses.dataclass(frozen=True, slots=True)
class Sighted:
    """What a document brought; columns that are null are left out.

    ``common`` are the columns that all its rows of the table ``sightings`` share. ``counted`` has the others of the episodes
    that count on a day, ``left_alone`` the :data:`TRAITS` of those that do not: of a back catalogue, that is nearly all.
    """

    common: dict[str, Any]
    counted: list[dict[str, Any]]
    left_alone: list[tuple[Any, ...]]
    aliases: list[dict[str, Any]]

    def traits(self) -> list[tuple[Any, ...]]:
        """The :data:`TRAITS` of all of them."""
        return [tuple(row[name] for name in TRAITS) for row in self.counted] + self.left_alone


def first_sightings(
    subscription: "Subscription",
    feed: "Feed",
    history: History,
    conditions: Conditions,
    previous_poll_at: dt.datetime | None,
    body_sha256: str,
) -> Sighted:
    """The feed's items that the ``history`` does not know, and the new GUIDs of those that it does."""
    recognised = recognise(subscription.feed_id, feed.items, history)
    zone, polled_at = ZoneInfo(conditions.timezone), conditions.polled_at
    common = {
        "feed_id": subscription.feed_id,
        "feed_url": subscription.url,
        "show": feed.title or subscription.url,
        "first_seen_at": polled_at,
        "language": feed.language,
        "previous_poll_at": previous_poll_at,
        "body_sha256": body_sha256,
    }
    counted, left_alone = [], []
    for identity, item in recognised.new.items():
        title = item.title or UNTITLED
        traits = identity, item.guid, title, item.published_at, item.enclosure_url, item.enclosure_bytes
        day = episode_day(item.published_at, polled_at, previous_poll_at, zone, conditions.backfill_days)
        if day and day >= conditions.first_day:
            counted.append(dict(zip(TRAITS, traits, strict=True)) | {"day": day} | _description(cast("Item", item)))
        else:
            left_alone.append(traits)
    aliases = [
        {"feed_id": subscription.feed_id, "episode_id": identity, "guid": guid, "seen_at": polled_at}
        for guid, identity in recognised.aliases.items()
    ]
    return Sighted(common, counted, left_alone, aliases)


def _description(item: "Item") -> dict[str, Any]:
    """What is worth knowing of an episode that counts."""
    status, reason = _outcome(item)
    return {
        "link": item.link,
        "summary": item.summary,
        "show_notes": item.show_notes or None,
        "author": item.author,
        "enclosure_type": item.enclosure_type,
        "duration_s": item.duration_s,
        "season": item.season,
        "episode": item.episode,
        "episode_type": item.episode_type,
        "explicit": item.explicit,
        "image_url": item.image_url,
        "keywords": list(item.keywords),
        "transcripts": [dataclasses.asdict(each) for each in item.transcripts],
        "persons": [dataclasses.asdict(each) for each in item.persons],
        "soundbites": [dataclasses.asdict(each) for each in item.soundbites],
        "chapters": [dataclasses.asdict(each) for each in item.chapters],
        "chapters_url": item.chapters_url,
        "status": status,
        "reason": reason,
    }


def _outcome(item: "Item") -> tuple[str, str | None]:
    if not item.enclosure_url and not item.transcripts:
        return "skipped", "no enclosure and no transcript"
    if item.published_at is None:
        return "ok", "no date that can be read: counted on the day it was first seen"
    return "ok", None
