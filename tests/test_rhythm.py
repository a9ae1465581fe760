"""When a feed is asked again: pure functions of its row and the moment."""

import datetime as dt
import email.utils
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from podcast_assets.feeds import rhythm
from podcast_assets.schemas import SCHEMAS
from tests.polling import at

HOUR, DAY = rhythm.HOUR, rhythm.DAY
NOW = at(11, 12)  # a Wednesday
UTC = ZoneInfo("UTC")
WEEK = 7 * DAY


def row(**values: Any) -> dict[str, Any]:
    """A feed that was asked an hour ago and answered."""
    asked = {"feed_id": "0123456789ab", "status": "ok", "consecutive_failures": 0, "last_polled_at": NOW - HOUR}
    return dict.fromkeys(SCHEMAS["feeds"]) | asked | values


def show(gap: dt.timedelta, since: dt.timedelta = HOUR, **values: Any) -> dict[str, Any]:
    """A show with the usual ``gap`` between its episodes, whose newest is of a time ``since``."""
    return row(gap_s=gap.total_seconds(), newest_at=NOW - since, **values)


# --- The rhythm of a show.


@pytest.mark.parametrize(
    ("days", "gap"),
    [([], None), ([1], None), ([1, 1], None), ([1, 8], 7), ([1, 2, 3, 4, 30], 1), ([1, 3, 8], 3.5), ([20, 1, 8], 9.5)],
)
def test_the_usual_gap_is_the_median_of_what_is_between_episodes(days: list[int], gap: float | None) -> None:
    """A summer break, or a back catalogue with one date, is no rhythm."""
    found = rhythm.usual_gap_s([dt.datetime(2026, 1, day, tzinfo=dt.UTC) for day in days], NOW)
    assert found == (gap and gap * DAY.total_seconds())


def test_only_the_newest_episodes_tell_the_rhythm() -> None:
    """A show that went from monthly to daily is daily."""
    daily = [NOW - n * DAY for n in range(10)]
    monthly = [NOW - (n + 2) * 30 * DAY for n in range(50)]
    assert rhythm.usual_gap_s([*monthly, *daily], NOW) == DAY.total_seconds()


def test_dates_of_the_future_and_missing_ones_tell_nothing() -> None:
    assert rhythm.usual_gap_s([NOW + DAY, None, NOW - DAY, NOW - 8 * DAY, NOW + WEEK], NOW) == WEEK.total_seconds()


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        (show(DAY), HOUR),
        (show(HOUR), HOUR),
        (show(WEEK), 7 * HOUR),
        (show(30 * DAY), DAY),
        (show(365 * DAY), DAY),
        (show(DAY, since=4 * DAY), 2 * HOUR),
        (show(DAY, since=100 * DAY), DAY),
        (row(), HOUR),
        (row(newest_at=NOW - 14 * DAY), 7 * HOUR),
    ],
    ids=["daily", "hourly", "weekly", "monthly", "yearly", "a break", "silent", "unknown", "one episode"],
)
def test_a_show_is_asked_as_often_as_it_may_bring_something(feed: dict[str, Any], expected: dt.timedelta) -> None:
    assert rhythm.interval(feed, NOW) == expected
    assert abs(rhythm.after_success(feed, NOW) - NOW - expected) <= expected * rhythm.JITTER


@pytest.mark.parametrize(
    ("ttl_s", "max_age_s", "expected"),
    [
        (None, 0, HOUR),
        (60, 60, HOUR),
        (3 * 3600, 0, 3 * HOUR),
        (0, 2 * 3600, 2 * HOUR),
        (9e9, 9e9, DAY),
        (7200, 10800, 3 * HOUR),
    ],
)
def test_what_a_publisher_wants_to_be_left_alone_for_is_heard_up_to_a_day(
    ttl_s: float | None, max_age_s: float, expected: dt.timedelta
) -> None:
    """And no wish brings a feed more requests than its rhythm."""
    assert rhythm.interval(show(DAY, ttl_s=ttl_s), NOW, max_age_s) == expected


@pytest.mark.parametrize(
    ("hours", "days", "expected"),
    [
        ([13, 14], None, at(11, 15)),
        (None, [2], at(12, 0)),
        ([0, 1, 2], [2, 3], at(13, 3)),
        ([14], [1], None),
        ([*range(24)], None, None),
        (None, [*range(7)], None),
    ],
    ids=["hours", "a day", "both", "others", "all hours", "all days"],
)
def test_hours_and_days_to_skip_are_skipped_unless_they_are_all(
    hours: list[int] | None, days: list[int] | None, expected: dt.datetime | None
) -> None:
    """To the beginning of the first hour that is allowed."""
    half_past = at(11, 12, 30)
    moment = rhythm.after_success(show(DAY, skip_hours=hours, skip_days=days), half_past)
    assert moment == (expected or rhythm.after_success(show(DAY), half_past))


def test_what_was_asked_together_does_not_stay_together_and_the_same_poll_gives_the_same() -> None:
    moments = {rhythm.after_success(show(DAY, feed_id=f"{n:012}"), NOW) for n in range(200)}
    assert len(moments) > 150
    minutes = [(moment - NOW).total_seconds() / 60 for moment in moments]
    assert 54 <= min(minutes) < 56
    assert 64 < max(minutes) <= 66
    assert rhythm.after_success(show(DAY), NOW) == rhythm.after_success(show(DAY), NOW)


@pytest.mark.parametrize(
    ("gap", "fewest", "most"), [(DAY, 160, 168), (WEEK, 22, 32), (30 * DAY, 7, 9)], ids=["daily", "weekly", "monthly"]
)
def test_in_a_week_of_hourly_polls_a_show_is_asked_by_its_rhythm(gap: dt.timedelta, fewest: int, most: int) -> None:
    """A daily one nearly each time, a weekly one about 24 times and with the first poll of each day, a monthly one daily."""
    feed = show(gap, last_polled_at=None)
    asked = 0
    for hour in range(7 * 24):
        moment = at(2, 0) + hour * HOUR + dt.timedelta(seconds=hour % 7)
        if rhythm.is_due(feed, moment, UTC, only_due=True):
            asked += 1
            feed |= {"last_polled_at": moment, "newest_at": moment - HOUR}
            feed["next_poll_at"] = rhythm.after_success(feed, moment)
    assert fewest <= asked <= most


# --- Failures.


def test_pauses_after_failures_double_up_to_a_day_with_chance_in_them() -> None:
    for failures, hours in enumerate([1, 2, 4, 8, 16, 24, 24, 24, 24], start=1):
        assert rhythm.status_of_failure(failures) == "error"
        pauses = {
            rhythm.after_failure(row(feed_id=f"{n:012}", status="error", consecutive_failures=failures), NOW) - NOW
            for n in range(50)
        }
        assert len(pauses) > 40
        assert all(abs(pause - hours * HOUR) <= hours * HOUR * rhythm.JITTER for pause in pauses)
    assert rhythm.status_of_failure(10) == rhythm.status_of_failure(5000) == "quarantined"


@pytest.mark.parametrize(("status", "days"), [("quarantined", 7), ("gone", 30), ("error", 1)])
def test_what_is_dead_is_asked_rarely_however_often_it_has_failed(status: str, days: int) -> None:
    pause = rhythm.after_failure(row(status=status, consecutive_failures=10**6), NOW) - NOW
    assert abs(pause - days * DAY) <= days * DAY * rhythm.JITTER


# --- Who is due.


@pytest.mark.parametrize(
    ("feed", "in_any", "in_due"),
    [
        (row(last_polled_at=None), True, True),
        (row(next_poll_at=NOW - HOUR), True, True),
        (row(next_poll_at=NOW + 5 * rhythm.SLACK), True, False),
        (row(next_poll_at=NOW + rhythm.SLACK / 2), True, True),
        (row(next_poll_at=NOW + HOUR, last_polled_at=NOW - DAY), True, True),
        (row(next_poll_at=NOW + HOUR, status="error"), True, False),
        (row(next_poll_at=NOW + DAY, status="gone"), False, False),
        (row(next_poll_at=NOW + DAY, status="gone", last_polled_at=NOW - WEEK), False, False),
        (row(next_poll_at=NOW - DAY, status="gone"), True, True),
        (row(next_poll_at=NOW + DAY, status="quarantined", last_polled_at=NOW - DAY), False, False),
        (row(next_poll_at=NOW, status="quarantined"), True, True),
        (row(retry_after=NOW + HOUR), False, False),
        (row(retry_after=NOW + HOUR, last_polled_at=NOW - WEEK), False, False),
        (row(retry_after=NOW + HOUR, last_polled_at=None), False, False),
        (row(retry_after=NOW - HOUR), True, True),
        (row(next_poll_at=NOW + 1000 * DAY), True, True),
        (row(retry_after=NOW + 1000 * DAY), True, True),
        (row(status="gone"), True, True),
    ],
    ids=[
        "never asked",
        "its time has come",
        "its time has not come",
        "a little early",
        "the first poll of a day asks everybody",
        "failed",
        "gone",
        "gone, on another day",
        "gone, a month ago",
        "in quarantine",
        "in quarantine, a week ago",
        "its server wants rest",
        "its server wants rest, on another day",
        "its server wants rest, and nobody has asked it yet",
        "its server has rested",
        "a clock was wrong",
        "a clock was wrong when its server wanted rest",
        "gone, before such moments were noted",
    ],
)
def test_who_is_due(feed: dict[str, Any], in_any: bool, in_due: bool) -> None:
    assert rhythm.is_due(feed, NOW, UTC, only_due=False) is in_any
    assert rhythm.is_due(feed, NOW, UTC, only_due=True) is in_due


def test_the_day_whose_first_poll_asks_everybody_is_the_users() -> None:
    feed = row(last_polled_at=at(11, 22), next_poll_at=at(12, 12))
    assert rhythm.is_due(feed, at(11, 23), ZoneInfo("Europe/Berlin"), only_due=True), "there it is past midnight"
    assert not rhythm.is_due(feed, at(11, 23), UTC, only_due=True)


# --- What servers say.


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", NOW + dt.timedelta(minutes=2)),
        (" 120 ", NOW + dt.timedelta(minutes=2)),
        (email.utils.format_datetime(NOW + HOUR, usegmt=True), NOW + HOUR),
        ("Wed, 11 Mar 2026 15:00:00 +0200", NOW + HOUR),
        ("Wed, 11 Mar 2026 13:00:00", NOW + HOUR),
        ("Wednesday, 11-Mar-26 13:00:00 GMT", NOW + HOUR),
        ("99999999999999999999999999", NOW + WEEK),
        ("Fri, 31 Dec 9999 23:59:59 GMT", NOW + WEEK),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("²", None),
        ("soon", None),
        ("", None),
        (None, None),
        (email.utils.format_datetime(NOW - HOUR, usegmt=True), None),
        ("Wed, 99 Mar 2026 13:00:00 GMT", None),
        ("Mon, 01 Jan 0001 00:00:00 +2359", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(header: str | None, expected: dt.datetime | None) -> None:
    """At most a week, and nothing that cannot be read harms anybody."""
    assert rhythm.retry_moment(header, NOW) == expected


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("max-age=3600", 3600),
        ("public, Max-Age = 60, must-revalidate", 0),
        ("public, MAX-AGE=60, must-revalidate", 60),
        ('max-age="60"', 60),
        ("s-maxage=60", 0),
        ("no-cache", 0),
        ("max-age=-1", 0),
        ("max-age=1e9", 0),
        ("max-age=٣", 0),
        ("max-age=" + "9" * 400, 999_999_999),
        ("max-age", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_max_age_is_read_from_cache_control(header: str | None, seconds: float) -> None:
    assert rhythm.max_age(header) == seconds
