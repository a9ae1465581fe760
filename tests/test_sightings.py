"""Which day an episode counts on: each rule, in several timezones, and whole histories of polls."""

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast_assets import clock
from podcast_assets.feeds.identity import Subscription, episode_id
from podcast_assets.feeds.parse import Feed, Item
from podcast_assets.feeds.record import episodes_of, history_of, sightings_of
from podcast_assets.feeds.sightings import Conditions, episode_day, first_sightings
from podcast_assets.hashing import sha256
from podcast_assets.schemas import SCHEMAS
from podcast_assets.storage import Lake

UTC, BERLIN, NEW_YORK, APIA = (ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia"))
FEED = Subscription("https://example.com/feed.xml")
OLD = dt.date(2000, 1, 1)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
zones = pytest.mark.parametrize("zone", [UTC, BERLIN, NEW_YORK, APIA], ids=str)


def at(day: int, hour: int = 0, minute: int = 0, zone: ZoneInfo = UTC) -> dt.datetime:
    """A moment of March 2026, by the wall clock of ``zone``."""
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=zone).astimezone(dt.UTC)


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


def item(guid: str, published_at: dt.datetime | None = None, **values: Any) -> Item:
    """An episode as the parser would hand it over; values are those of its elements."""
    entry: dict[str, Any] = {
        "guid": guid,
        "title": guid,
        "published": published_at.isoformat() if published_at else None,
        "enclosures": [{"url": f"https://cdn.example/{guid}.mp3", "type": "audio/mpeg", "length": "1000"}],
        "duration": "60",
    }
    return Item(entry | values, "")


def seen(
    *items: Item,
    polled_at: dt.datetime,
    previous: dt.datetime | None = None,
    known: pl.DataFrame | None = None,
    **options: Any,
) -> pl.DataFrame:
    """What a poll logs of a feed with these items, where the log has ``known``; options are the conditions of the poll."""
    conditions = {"timezone": "UTC", "backfill_days": 7, "first_day": OLD, **options}
    feed = Feed(conditions.pop("title", "Show"), conditions.pop("language", "en"), items)
    log = known if known is not None else pl.DataFrame(schema=SCHEMAS["sightings"])
    history = history_of(log, pl.DataFrame(schema=SCHEMAS["aliases"]))(FEED.feed_id)
    return sightings_of([first_sightings(FEED, feed, history, Conditions(polled_at, **conditions), previous, "hash")])


# --- The day of an episode: each rule.


@zones
def test_an_episode_counts_on_the_day_it_was_published(zone: ZoneInfo) -> None:
    """Polled in the early hours of the 11th, after a poll in the evening of the 10th: the 10th was still open then."""
    day = episode_day(at(10, 21, 0, zone), at(11, 3, 0, zone), at(10, 20, 0, zone), zone, 7)
    assert day == march(10)


@zones
def test_an_episode_of_a_day_that_was_closed_without_it_counts_on_the_day_of_the_poll(zone: ZoneInfo) -> None:
    """Dated the 10th, but neither the poll of the 11th nor any before has seen it: the digest of the 10th is gone."""
    day = episode_day(at(10, 21, 0, zone), at(12, 3, 0, zone), at(11, 0, 30, zone), zone, 7)
    assert day == march(12)


@zones
def test_a_day_is_closed_by_a_poll_at_its_end_and_not_by_one_before(zone: ZoneInfo) -> None:
    published, polled = at(10, 12, 0, zone), at(11, 6, 0, zone)
    end = clock.end_of(march(10), zone)
    assert episode_day(published, polled, end - dt.timedelta(microseconds=1), zone, 7) == march(10)
    assert episode_day(published, polled, end, zone, 7) == march(11)


@zones
def test_an_episode_of_midnight_belongs_to_the_day_that_begins(zone: ZoneInfo) -> None:
    polled, previous = at(12, 6, 0, zone), at(9, 6, 0, zone)
    assert episode_day(at(11, 0, 0, zone), polled, previous, zone, 7) == march(11)
    assert episode_day(at(11, 0, 0, zone) - dt.timedelta(microseconds=1), polled, previous, zone, 7) == march(10)


@zones
def test_a_missing_date_is_the_day_of_the_poll(zone: ZoneInfo) -> None:
    assert episode_day(None, at(12, 0, 30, zone), at(11, 12, 0, zone), zone, 7) == march(12)
    assert episode_day(None, at(12, 0, 30, zone), None, zone, 7) == march(12)


@zones
def test_a_future_date_is_the_day_of_the_poll(zone: ZoneInfo) -> None:
    for published in (at(12, 0, 31, zone), at(13, 0, 0, zone), dt.datetime(2100, 1, 1, tzinfo=dt.UTC)):
        assert episode_day(published, at(12, 0, 30, zone), at(11, 12, 0, zone), zone, 7) == march(12)
        assert episode_day(published, at(12, 0, 30, zone), None, zone, 7) == march(12)


@zones
def test_the_first_poll_puts_the_back_catalogue_on_the_days_it_was_published(zone: ZoneInfo) -> None:
    for day in (5, 11, 12):
        assert episode_day(at(day, 0, 0, zone), at(12, 6, 0, zone), None, zone, 7) == march(day)


@zones
def test_the_first_poll_leaves_alone_what_is_older_than_the_backfill(zone: ZoneInfo) -> None:
    polled = at(12, 6, 0, zone)
    assert episode_day(at(5, 0, 0, zone), polled, None, zone, 7) == march(5)
    assert episode_day(at(4, 23, 59, zone), polled, None, zone, 7) is None
    assert episode_day(at(11, 23, 59, zone), polled, None, zone, 0) is None
    assert episode_day(at(12, 0, 0, zone), polled, None, zone, 0) == march(12)


def test_a_later_poll_keeps_what_is_old_but_new_to_us() -> None:
    """A publisher who puts an old talk online today: the backfill's days are a matter of the first poll alone."""
    assert episode_day(dt.datetime(2019, 1, 1, tzinfo=dt.UTC), at(12, 6), at(11, 6), UTC, 7) == march(12)


def test_a_feed_that_was_down_for_days_gives_each_episode_its_own_day() -> None:
    """No poll has closed those days for this feed, whatever others say."""
    assert [episode_day(at(day, 12), at(12, 6), at(8, 6), UTC, 7) for day in (8, 9, 11)] == [march(8), march(9), march(11)]


def test_the_day_is_that_of_the_configured_timezone() -> None:
    moment, polled, previous = at(10, 23, 30), at(11, 12), at(9, 6)
    days = [episode_day(moment, polled, previous, zone, 7) for zone in (UTC, BERLIN, NEW_YORK, APIA)]
    assert days == [march(10), march(11), march(10), march(11)]


def test_an_hour_that_happens_twice_is_on_one_day() -> None:
    first = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)  # 02:30 in summer time; an hour later it is 02:30 again
    polled = dt.datetime(2026, 10, 26, 6, tzinfo=dt.UTC)
    days = [episode_day(first + hours * HOUR, polled, first - DAY, BERLIN, 7) for hours in (0, 1)]
    assert days == [dt.date(2026, 10, 25)] * 2


# --- The rows.


def test_a_row_holds_what_was_known() -> None:
    link = {"url": "https://example.com/1.vtt", "type": "text/vtt", "language": "en", "rel": "captions"}
    found = item(
        "1",
        at(10, 12),
        title="One",
        link="https://example.com/1",
        itunes_summary="About <b>it</b>",
        description="About it, at length",
        author="Ada",
        transcripts=[link],
        persons=[{"text": "Ada", "role": "Guest"}],
        soundbites=[{"startTime": "9.5", "duration": "30", "text": "the gist"}],
        psc_chapters=[{"start": "00:01:00", "title": "Then"}],
        chapters=[{"url": "https://example.com/1.json"}],
        images=[{"href": "https://example.com/1.png"}],
        keywords=["one, two"],
        season="2",
        episode="7",
        episode_type="Full",
        explicit="no",
    )
    frame = seen(found, polled_at=at(11, 6), previous=at(10, 6))
    assert frame.schema == SCHEMAS["sightings"]
    assert frame.to_dicts() == [
        {
            "episode_id": episode_id(FEED.feed_id, "1"),
            "feed_id": FEED.feed_id,
            "feed_url": "https://example.com/feed.xml",
            "show": "Show",
            "guid": "1",
            "title": "One",
            "link": "https://example.com/1",
            "summary": "About it",
            "show_notes": "About it, at length",
            "author": "Ada",
            "published_at": at(10, 12),
            "first_seen_at": at(11, 6),
            "enclosure_url": "https://cdn.example/1.mp3",
            "enclosure_type": "audio/mpeg",
            "enclosure_bytes": 1000,
            "duration_s": 60.0,
            "language": "en",
            "season": 2,
            "episode": 7,
            "episode_type": "full",
            "explicit": False,
            "image_url": "https://example.com/1.png",
            "keywords": ["one", "two"],
            "transcripts": [link],
            "persons": [{"name": "Ada", "role": "guest", "group": None, "href": None}],
            "soundbites": [{"start_s": 9.5, "duration_s": 30.0, "title": "the gist"}],
            "chapters": [{"start_s": 60.0, "title": "Then"}],
            "chapters_url": "https://example.com/1.json",
            "status": "ok",
            "reason": None,
            "day": march(10),
            "previous_poll_at": at(10, 6),
            "body_sha256": "hash",
        }
    ]


def test_what_is_left_alone_has_a_row_of_what_tells_it_from_others_and_why() -> None:
    """Of a back catalogue nobody will read more; as long rows, it would be most of the log."""
    (row,) = seen(item("old", at(1), title="Old", author="Ada"), polled_at=at(12)).to_dicts()
    assert {name: value for name, value in row.items() if value is not None} == {
        "episode_id": episode_id(FEED.feed_id, "old"),
        "feed_id": FEED.feed_id,
        "feed_url": "https://example.com/feed.xml",
        "show": "Show",
        "guid": "old",
        "title": "Old",
        "published_at": at(1),
        "first_seen_at": at(12),
        "enclosure_url": "https://cdn.example/old.mp3",
        "enclosure_bytes": 1000,
        "language": "en",
        "status": "skipped",
        "reason": "older than the backfill of the first poll ([feeds] backfill_days)",
        "body_sha256": "hash",
    }


def test_identities_are_those_of_the_documentation() -> None:
    """They are in databases that others keep: the same episode must never get another one."""
    assert FEED.feed_id == sha256("https://example.com/feed.xml")[:12]
    assert episode_id(FEED.feed_id, "1") == sha256(FEED.feed_id + "1")[:16]
    assert episode_id("a" * 12, "1") != episode_id("b" * 12, "1"), "two feeds may use the same GUIDs"


def test_what_is_known_is_not_seen_again() -> None:
    known = seen(item("1", at(10)), polled_at=at(10, 12))
    assert seen(item("1", at(10)), item("2", at(10)), polled_at=at(11), known=known)["guid"].to_list() == ["2"]
    assert seen(item("1", at(10)), polled_at=at(11), known=known).schema == SCHEMAS["sightings"]


def test_an_episode_that_stands_twice_in_a_feed_is_one() -> None:
    frame = seen(item("1", at(10), title="first"), item("1", at(11), title="second"), polled_at=at(12))
    assert frame["title"].to_list() == ["first"]


@pytest.mark.parametrize(
    ("values", "status", "reason"),
    [
        ({}, "ok", None),
        ({"enclosures": []}, "skipped", "no enclosure and no transcript"),
        ({"enclosures": [], "transcripts": [{"url": "a.vtt", "type": "text/vtt"}]}, "ok", None),
        ({"published": None}, "ok", "no date that can be read: counted on the day it was first seen"),
    ],
)
def test_what_there_is_nothing_to_hear_or_read_of_is_skipped_with_the_reason(
    values: dict[str, Any], status: str, reason: str | None
) -> None:
    frame = seen(item("1", at(10), **values), polled_at=at(11))
    assert (frame["status"].item(), frame["reason"].item()) == (status, reason)


def test_what_has_no_name_gets_one() -> None:
    frame = seen(item("1", at(10), title=""), polled_at=at(11), title="", language=None)
    assert (frame["show"].item(), frame["title"].item()) == (FEED.url, "(untitled)")


def test_what_is_left_alone_is_logged_as_seen() -> None:
    """Otherwise the second poll would find the whole back catalogue new."""
    frame = seen(item("old", at(1)), item("new", at(11)), polled_at=at(12), backfill_days=3)
    assert dict(zip(frame["guid"], frame["day"], strict=True)) == {"old": None, "new": march(11)}
    assert seen(item("old", at(1)), polled_at=at(13), previous=at(12), known=frame).is_empty()


def test_days_before_the_start_date_do_not_exist() -> None:
    frame = seen(item("1", at(9)), item("2", at(10)), item("3", at(11)), polled_at=at(12), first_day=march(10))
    assert frame["day"].to_list() == [None, march(10), march(11)]


# --- The episodes of a day.


def test_a_day_has_its_episodes_by_time_of_publication_then_by_identity() -> None:
    items = [item("c", at(10, 9)), item("b", at(10, 9)), item("a", None), item("z", at(10, 3)), item("x", at(9, 3))]
    log = seen(*items, polled_at=at(10, 12))
    tied = sorted("bc", key=lambda guid: episode_id(FEED.feed_id, guid))
    assert episodes_of(log, march(10))["guid"].to_list() == ["z", *tied, "a"]
    assert episodes_of(log, march(9))["guid"].to_list() == ["x"]


def test_a_days_episodes_have_their_schema_also_where_there_are_none() -> None:
    log = seen(item("1", at(10)), polled_at=at(11))
    assert episodes_of(log, march(10)).schema == SCHEMAS["episodes"]
    assert episodes_of(log, march(9)).schema == SCHEMAS["episodes"]
    assert episodes_of(pl.DataFrame(schema=SCHEMAS["sightings"]), march(9)).is_empty()


def test_what_is_left_alone_is_on_no_day() -> None:
    log = seen(item("old", at(1)), polled_at=at(12), backfill_days=3)
    assert all(episodes_of(log, march(day)).is_empty() for day in range(1, 20))


def test_an_episode_that_the_log_holds_twice_counts_as_it_was_first_seen() -> None:
    """As two polls at once would leave it."""
    log = pl.concat([seen(item("1", at(10), title=title), polled_at=at(11)) for title in ("first", "second")])
    assert episodes_of(log, march(10))["title"].to_list() == ["first"]


def test_a_backfill_years_later_gives_the_same_bytes(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    items = [item(str(n), at(10, n % 24)) for n in range(200)]
    lake.append("sightings", seen(*items, polled_at=at(11)), "20260311T000000000000Z")
    before = lake.write("episodes", episodes_of(lake.log("sightings"), march(10)), march(10)).read_bytes()

    later = seen(*items, item("late", at(10)), polled_at=at(20), previous=at(11), known=lake.log("sightings"))
    lake.append("sightings", later, "20260320T000000000000Z")
    assert lake.write("episodes", episodes_of(lake.log("sightings"), march(10)), march(10)).read_bytes() == before
    assert episodes_of(lake.log("sightings"), march(20))["guid"].to_list() == ["late"]


# --- Whole histories.

moments = st.datetimes(dt.datetime(2026, 2, 25), dt.datetime(2026, 4, 5), timezones=st.just(dt.UTC))  # noqa: DTZ001


@settings(deadline=None, max_examples=100)
@given(
    published=st.lists(st.one_of(st.none(), moments), min_size=1, max_size=8),
    polls=st.lists(st.tuples(moments, st.sets(st.integers(0, 7)), st.booleans()), min_size=1, max_size=10),
    zone=st.sampled_from([UTC, BERLIN, NEW_YORK, APIA]),
    backfill_days=st.integers(0, 40),
)
def test_whatever_a_feed_does_each_episode_counts_once_and_on_no_day_that_was_closed_without_it(
    published: list[dt.datetime | None],
    polls: list[tuple[dt.datetime, set[int], bool]],
    zone: ZoneInfo,
    backfill_days: int,
) -> None:
    """Items appear, disappear and come back, dates lie in the past and the future, polls fail."""
    log = pl.DataFrame(schema=SCHEMAS["sightings"])
    answered: list[dt.datetime] = []
    served: set[str] = set()
    for polled_at, shown, works in sorted(polls, key=lambda poll: poll[0]):
        if not works:
            continue
        items = [item(str(n), moment) for n, moment in enumerate(published) if n in shown]
        previous = answered[-1] if answered else None
        new = seen(
            *items,
            polled_at=polled_at,
            previous=previous,
            known=log,
            timezone=str(zone),
            backfill_days=backfill_days,
            first_day=march(1),
        )
        for row in new.iter_rows(named=True):
            assert row["first_seen_at"] == polled_at
            day = row["day"]
            if day is None:
                today = clock.day_of(polled_at, zone)
                dated = min(clock.day_of(row["published_at"] or polled_at, zone), today)
                backfill = today - backfill_days * DAY if previous is None else march(1)
                assert dated < max(march(1), backfill) or today < march(1), "an episode was left alone for no reason"
                continue
            assert march(1) <= day <= clock.day_of(polled_at, zone), "a day that is yet to come, or before the first"
            closed = previous is not None and clock.end_of(day, zone) <= previous
            assert not closed, "the digest of that day may be written already"
        log = pl.concat([log, new])
        answered.append(polled_at)
        served |= {found.guid for found in items}
    assert sorted(log["guid"]) == sorted(served), "an episode was lost, or logged twice"
    days = sorted(set(log["day"].drop_nulls()))
    assert sum(len(episodes_of(log, day)) for day in days) == log["day"].count()
