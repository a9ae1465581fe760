"""When a feed is asked again: by its own rhythm, by what its publisher wants, by how it went.

A show is asked about 24 times between two of its episodes, at least hourly and at most daily: a daily show every hour, a
weekly one every seven, a monthly one (and one that has long been silent) once a day. Besides, the first poll of each day
asks everybody, so that the day's run finds what the day before brought. All functions are pure; moments are UTC.
"""

import datetime as dt
import email.utils
import itertools
import math
import statistics
import zlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from podcast_assets import clock

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
POLLS_A_GAP = 24
RECENT = 10  # episodes that the rhythm is read from
SLACK = dt.timedelta(minutes=10)  # a poll that comes a little early is no reason to wait for the next
JITTER = 0.1  # of an interval, so that what was asked together does not stay together
FAILURES_TO_QUARANTINE = 10  # with the growing pauses between them that takes a week
QUARANTINE = dt.timedelta(days=7)
GONE = dt.timedelta(days=30)  # a 410 is meant for good, and at times a mistake
LONGEST = GONE * (1 + JITTER)  # a later moment is a mistake of somebody's clock
LONGEST_RETRY_AFTER = dt.timedelta(days=7)


def usual_gap_s(dates: Iterable[dt.datetime | None], polled_at: dt.datetime) -> float | None:
    """The median of the times between the newest episodes, in seconds; None with fewer than two dates."""
    newest = sorted({date for date in dates if date and date <= polled_at}, reverse=True)[:RECENT]
    gaps = [(later - earlier).total_seconds() for later, earlier in itertools.pairwise(newest)]
    return statistics.median(gaps) if gaps else None


def interval(feed: Mapping[str, Any], polled_at: dt.datetime, max_age_s: float = 0) -> dt.timedelta:
    """How long a feed that answered is left alone.

    ``feed`` is its row of the table ``feeds``; ``max_age_s`` is how long its answer holds, as the server said.
    """
    silence = polled_at - feed["newest_at"] if feed["newest_at"] else dt.timedelta(0)
    gap = max(dt.timedelta(seconds=feed["gap_s"] or 0), silence / 2)
    return min(max(gap / POLLS_A_GAP, HOUR, dt.timedelta(seconds=max(feed["ttl_s"] or 0, max_age_s))), DAY)


def after_success(feed: Mapping[str, Any], polled_at: dt.datetime, max_age_s: float = 0) -> dt.datetime:
    """When a feed that answered is asked again: after its interval, and in no hour or day that it wants left out."""
    moment = polled_at + interval(feed, polled_at, max_age_s) * _jitter(feed["feed_id"], polled_at)
    return _allowed(moment, feed["skip_hours"] or (), feed["skip_days"] or ())


def after_failure(feed: Mapping[str, Any], polled_at: dt.datetime) -> dt.datetime:
    """When a feed with trouble is asked again: pauses that double from an hour to a day; in quarantine once a week."""
    pause = {"gone": GONE, "quarantined": QUARANTINE}.get(feed["status"])
    if pause is None:
        pause = min(HOUR * 2 ** min(feed["consecutive_failures"] - 1, 10), DAY)
    return polled_at + pause * _jitter(feed["feed_id"], polled_at)


def status_of_failure(consecutive_failures: int) -> str:
    """``error``, or ``quarantined`` after too many in a row."""
    return "quarantined" if consecutive_failures >= FAILURES_TO_QUARANTINE else "error"


def is_due(feed: Mapping[str, Any], polled_at: dt.datetime, zone: ZoneInfo, *, only_due: bool) -> bool:
    """Whether a poll asks the feed.

    Every poll leaves alone what is gone or in quarantine, and whose server wants to be left alone, until its time has
    come. With ``only_due`` it also waits for all others' time, but for the first poll of a day.
    """
    if wants_rest(feed, polled_at):
        return False
    if feed["last_polled_at"] is None:
        return True
    waits = _is_ahead(feed["next_poll_at"], polled_at + SLACK)
    if feed["status"] in {"gone", "quarantined"}:
        return not waits
    is_first_of_day = clock.day_of(feed["last_polled_at"], zone) != clock.day_of(polled_at, zone)
    return not only_due or not waits or is_first_of_day


def wants_rest(feed: Mapping[str, Any], polled_at: dt.datetime) -> bool:
    """Whether the feed's server has said that it wants no request yet."""
    return _is_ahead(feed["retry_after"], polled_at)


def retry_moment(header: str | None, polled_at: dt.datetime) -> dt.datetime | None:
    """The moment that ``Retry-After`` (RFC 9110, 10.2.3) names, in seconds or as a date; at most a week from now."""
    text = (header or "").strip()
    try:
        if text.isascii() and text.isdigit():
            moment = polled_at + dt.timedelta(seconds=min(int(text[:9]), LONGEST_RETRY_AFTER.total_seconds()))
        else:
            moment = email.utils.parsedate_to_datetime(text)
            moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(moment, polled_at + LONGEST_RETRY_AFTER) if moment > polled_at else None


def max_age(header: str | None) -> float:
    """The seconds of ``max-age`` in a ``Cache-Control`` header (RFC 9111, 5.2.2.1); 0 where it names none."""
    for directive in (header or "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name == "max-age" and (digits := value.strip('" ')[:9]).isascii() and digits.isdigit():
            return float(digits)
    return 0.0


def _is_ahead(moment: dt.datetime | None, now: dt.datetime) -> bool:
    return moment is not None and now < moment <= now + LONGEST


def _jitter(feed_id: str, polled_at: dt.datetime) -> float:
    """A factor about 1 that depends on the feed and the poll: chance that can be repeated."""
    fraction = zlib.crc32(f"{feed_id}{polled_at.timestamp()}".encode()) / 0xFFFFFFFF
    return 1 + JITTER * (2 * fraction - 1)


def _allowed(moment: dt.datetime, hours: Collection[int], days: Collection[int]) -> dt.datetime:
    """The first moment from ``moment`` on that is in none of the hours and days; ``moment`` where there is none."""
    later = moment
    for _ in range(math.ceil(8 * DAY / HOUR)):
        if later.hour not in hours and later.weekday() not in days:
            return later
        later = later.replace(minute=0, second=0, microsecond=0) + HOUR
    return moment
