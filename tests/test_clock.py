"""The calendar: days begin and end at local midnight, also where the clocks jump there."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from podcast_assets import clock

BERLIN, NEW_YORK, APIA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")
SAO_PAULO, HAVANA = ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/Havana")
SECOND = dt.timedelta(seconds=1)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("day", "zone", "end", "hours"),
    [
        (dt.date(2026, 3, 28), BERLIN, utc(2026, 3, 28, 23), 24),
        (dt.date(2026, 3, 29), BERLIN, utc(2026, 3, 29, 22), 23),  # clocks go forward
        (dt.date(2026, 10, 25), BERLIN, utc(2026, 10, 25, 23), 25),  # and back
        (dt.date(2026, 3, 8), NEW_YORK, utc(2026, 3, 9, 4), 23),
        (dt.date(2026, 11, 1), NEW_YORK, utc(2026, 11, 2, 5), 25),
        (dt.date(2026, 7, 1), APIA, utc(2026, 7, 1, 11), 24),
        (dt.date(2011, 12, 29), APIA, utc(2011, 12, 30, 10), 24),
        (dt.date(2011, 12, 30), APIA, utc(2011, 12, 30, 10), 0),  # a day that Samoa left out
        (dt.date(2011, 12, 31), APIA, utc(2011, 12, 31, 10), 24),
        (dt.date(2018, 11, 3), SAO_PAULO, utc(2018, 11, 4, 3), 24),  # midnight did not happen: 23:59 was followed by 01:00
        (dt.date(2018, 11, 4), SAO_PAULO, utc(2018, 11, 5, 2), 23),
        (dt.date(2026, 10, 31), HAVANA, utc(2026, 11, 1, 4), 24),  # midnight happens twice: the first one ends the day
        (dt.date(2026, 11, 1), HAVANA, utc(2026, 11, 2, 5), 25),
    ],
)
def test_a_day_ends_at_the_first_midnight_after_it(day: dt.date, zone: ZoneInfo, end: dt.datetime, hours: int) -> None:
    assert clock.end_of(day, zone) == end
    assert end - clock.end_of(day - dt.timedelta(days=1), zone) == dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        (utc(2026, 3, 29, 22) - SECOND, BERLIN, dt.date(2026, 3, 29)),
        (utc(2026, 3, 29, 22), BERLIN, dt.date(2026, 3, 30)),
        (utc(2026, 10, 25, 22, 30), BERLIN, dt.date(2026, 10, 25)),  # half past eleven in winter time
        (utc(2026, 11, 2, 5) - SECOND, NEW_YORK, dt.date(2026, 11, 1)),
        (utc(2026, 11, 2, 5), NEW_YORK, dt.date(2026, 11, 2)),
        (utc(2011, 12, 30, 10) - SECOND, APIA, dt.date(2011, 12, 29)),
        (utc(2011, 12, 30, 10), APIA, dt.date(2011, 12, 31)),
        (dt.datetime(2026, 3, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=9))), ZoneInfo("UTC"), dt.date(2026, 2, 28)),
    ],
)
def test_a_moment_belongs_to_the_day_of_the_wall_clock_there(moment: dt.datetime, zone: ZoneInfo, day: dt.date) -> None:
    assert clock.day_of(moment, zone) == day


@given(
    day=st.dates(dt.date(1990, 1, 1), dt.date(2040, 1, 1)),
    zone=st.sampled_from([BERLIN, NEW_YORK, APIA, SAO_PAULO, HAVANA, ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")]),
)
def test_the_end_of_a_day_parts_it_from_the_next(day: dt.date, zone: ZoneInfo) -> None:
    """Otherwise an episode at midnight would be lost between two days, or counted on both."""
    end = clock.end_of(day, zone)
    assert end.tzinfo is dt.UTC
    assert clock.day_of(end - dt.timedelta(microseconds=1), zone) <= day < clock.day_of(end, zone)


def test_now_is_aware_of_its_timezone() -> None:
    with time_machine.travel(utc(2026, 3, 1, 12), tick=False):
        assert clock.now() == utc(2026, 3, 1, 12)
        assert clock.now().tzinfo is dt.UTC


@pytest.mark.parametrize(("zone", "day"), [(BERLIN, dt.date(2026, 3, 1)), (NEW_YORK, dt.date(2026, 2, 28))])
def test_yesterday_is_the_newest_day_that_is_over_there(zone: ZoneInfo, day: dt.date) -> None:
    with time_machine.travel(utc(2026, 3, 2, 2), tick=False):
        assert clock.yesterday(zone) == day
        assert clock.end_of(day, zone) <= clock.now() < clock.end_of(day + dt.timedelta(days=1), zone)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "00:00"),
        (59.999, "00:59"),
        (60, "01:00"),
        (1867.4, "31:07"),
        (3599.9, "59:59"),
        (3600, "1:00:00"),
        (3765, "1:02:45"),
        (90000, "25:00:00"),
        (-3, "00:00"),
    ],
)
def test_seconds_are_shown_as_players_show_them(seconds: float, text: str) -> None:
    assert clock.as_clock(seconds) == text
