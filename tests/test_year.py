"""A year of polls of shows that do all that shows do, against a model that knows what was shown when.

Each episode that a successful poll was shown is in the log, once, on the day that the rules name; and the archive gives the
same log again.
"""

import dataclasses
import datetime as dt
import random
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from podcast_assets.feeds.record import LOGS
from podcast_assets.feeds.replay import replayed_log
from podcast_assets.project import Project
from tests.conftest import Web
from tests.polling import Make, one_poll
from tests.publishers import DAY, FIRST_SIZE, HOUR, SHOWS, Answer, Daily, Publisher

START = dt.datetime(2026, 1, 5, 6, tzinfo=dt.UTC)
BACKFILL_DAYS = 20


@dataclasses.dataclass
class Expected:
    """What a model of the rules expects the log to hold of one feed."""

    zone: ZoneInfo
    days: dict[int, dt.date | None] = dataclasses.field(default_factory=dict)
    previous: dt.datetime | None = None

    def see(self, answer: Answer, polled_at: dt.datetime, logged: set[int]) -> None:
        """Takes in what a poll was shown; of an episode that broke off, the log says whether it was one already."""
        if not answer.is_success:
            return
        torn = {number: date for number, date in answer.torn.items() if number in logged}
        for number, date in (answer.whole | torn).items():
            if number not in self.days:
                self.days[number] = self.day(date, polled_at)
        self.previous = polled_at

    def day(self, date: dt.datetime | None, polled_at: dt.datetime) -> dt.date | None:
        """By the calendar of the zone: closed is each day before that of the last poll."""
        today = polled_at.astimezone(self.zone).date()
        if date is None or date > polled_at or (self.previous and self.previous > polled_at):
            return today
        published = date.astimezone(self.zone).date()
        if self.previous is None:
            return published if (today - published).days <= BACKFILL_DAYS else None
        return today if published < self.previous.astimezone(self.zone).date() else published


class Year:
    """A project that follows some shows, and what it ought to know of them."""

    def __init__(self, web: Web, make_project: Make, seed: int, zone: str, shows: Sequence[type[Publisher]] = SHOWS) -> None:
        self.shows = {f"/{show.__name__}": show(f"{show.__name__}{seed}", START) for show in shows}
        web.pages = dict(self.shows)
        self.urls = {path: web.url(path) for path in self.shows}
        feeds = {"urls": list(self.urls.values()), "backfill_days": BACKFILL_DAYS}
        self.project: Project = make_project(timezone=zone, feeds=feeds, start_date="2020-01-01")
        self.expected = {path: Expected(ZoneInfo(zone)) for path in self.shows}

    def poll(self, now: dt.datetime, polled_at: dt.datetime, *, only_due: bool = False) -> None:
        """A poll at ``now``, by a clock that says ``polled_at``."""
        before = {path: len(show.asked) for path, show in self.shows.items()}
        for show in self.shows.values():
            show.live(now)
        found = one_poll(self.project, polled_at, only_due=only_due).sightings
        for path, show in self.shows.items():
            ours = found.filter(feed_url=self.urls[path], status="ok")
            logged = {size - FIRST_SIZE for size in ours["enclosure_bytes"]}
            for answer in show.asked[before[path] :]:
                self.expected[path].see(answer, polled_at, logged)

    def check(self) -> None:
        """Compares the log with what is expected of it, and with what the archive makes of it."""
        log = self.project.lake.log("sightings").filter(pl.col("enclosure_bytes").is_not_null())
        for path, expected in self.expected.items():
            ours = log.filter(feed_url=self.urls[path])
            numbers = [size - FIRST_SIZE for size in ours["enclosure_bytes"]]
            assert sorted(numbers) == sorted(expected.days), f"{path}: an episode was lost, or is there twice"
            assert dict(zip(numbers, ours["day"], strict=True)) == expected.days, f"{path}: a wrong day"
        polls = replayed_log(self.project)
        assert all(poll.is_logged(self.project.lake) for poll in polls)
        assert {poll.name for poll in polls} == {path.stem for table in LOGS for path in self.project.lake.files(table)}


def a_year(web: Web, make_project: Make, seed: int, zone: str, gap: dt.timedelta) -> None:
    """Polls now and then, by a clock that is hours off at times, with servers that are down for days."""
    year, chance, now = Year(web, make_project, seed, zone), random.Random(seed), START
    while now < START + 365 * DAY:
        for show in year.shows.values():
            if chance.random() < 0.03:
                show.down_until = now + chance.uniform(0, 6) * DAY
        year.poll(now, now + chance.choice([0.0] * 12 + [-9.0, -0.2, 5.0]) * HOUR)
        now += max(gap * chance.uniform(0.2, 1.8), 15 * HOUR)
    year.check()
    statuses = {answer.is_success for show in year.shows.values() for answer in show.asked}
    assert statuses == {True, False}
    assert min(len(expected.days) for expected in year.expected.values()) > 50


@pytest.mark.parametrize(("seed", "zone"), [(1, "Europe/Berlin"), (2, "Pacific/Apia")])
def test_a_year_loses_no_episode_and_logs_none_twice(web: Web, make_project: Make, seed: int, zone: str) -> None:
    a_year(web, make_project, seed, zone, 4 * DAY)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "zone"), [(3, "America/New_York"), (4, "Asia/Kathmandu"), (5, "UTC")])
def test_a_year_of_frequent_polls_loses_no_episode_either(web: Web, make_project: Make, seed: int, zone: str) -> None:
    a_year(web, make_project, seed, zone, 2 * DAY)


def test_the_rhythm_of_polls_loses_no_episode(web: Web, make_project: Make) -> None:
    """The schedule looks each hour, and asks when it is time: far less often, and often enough."""
    year, now = Year(web, make_project, 1, "Europe/Berlin", (Daily, Publisher)), START
    year.shows["/Publisher"].every = 2 * DAY
    while now < START + 12 * DAY:
        year.poll(now, now, only_due=True)
        now += HOUR
    year.check()
    daily = year.shows["/Daily"]
    shown = [each.number for each in daily.episodes[-20:] if each.number > min(year.expected["/Daily"].days)]
    assert shown[:-2] == [number for number in shown[:-2] if number in year.expected["/Daily"].days]
    assert len(year.shows["/Publisher"].asked) < 12 * 24 / 2, "it was asked at each look"
    assert len(daily.asked) > 12 * 12
