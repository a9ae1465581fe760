"""Single values of a feed, as strangers write them: moments, durations, sizes, numbers, text from markup."""

import datetime as dt
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast_assets.feeds import values
from tests.parsing import item, lenient_item, mended_item, moment

READERS = pytest.mark.parametrize("read", [item, mended_item, lenient_item])
AT_TEN = moment(2026, 3, 1, 10)


# --- Moments.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # RFC 822, as it was meant
        ("Sun, 01 Mar 2026 10:00:00 GMT", AT_TEN),
        ("Sun, 01 Mar 2026 10:00:00 -0500", moment(2026, 3, 1, 15)),
        ("Sun, 01 Mar 2026 10:00:00 +0545", moment(2026, 3, 1, 4, 15)),
        ("Sun, 01 Mar 2026 10:00:00 -0000", AT_TEN),
        ("01 Mar 2026 10:00:00 Z", AT_TEN),
        ("Sun, 1 Mar 2026 10:00:00 UT", AT_TEN),
        ("Sun, 1 Mar 26 10:00 EST", moment(2026, 3, 1, 15)),
        ("Sun, 01 Mar 2026 10:00:00 PST", moment(2026, 3, 1, 18)),
        ("Sun, 01 Mar 2026 10:00:00 PDT", moment(2026, 3, 1, 17)),
        ("Sun, 01 Mar 2026 10:00:00 CDT", moment(2026, 3, 1, 15)),
        ("Tue, 02 May 1950 09:00:00 GMT", moment(1950, 5, 2, 9)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", moment(2100, 1, 1)),
        # and as it is written
        ("01 Mar 2026 10:00:00", AT_TEN),
        ("Mon, 01 Mar 2026 10:00:00 +0000", AT_TEN),  # it was a Sunday
        ("Sunday, 1 March 2026 10:00:00 GMT", AT_TEN),
        ("SUN, 01 MAR 2026 10:00:00 gmt", AT_TEN),
        ("Sun,01 Mar 2026 10:00:00 GMT", AT_TEN),
        ("  Sun,  01  Mar\n 2026   10:00:00  GMT ", AT_TEN),
        ("Sun 01 Mar 2026 10:00:00 GMT", AT_TEN),
        ("Sun Mar 01 10:00:00 2026", AT_TEN),
        ("March 1, 2026 10:00:00", AT_TEN),
        ("Sun, 01-Mar-2026 10:00:00 GMT", AT_TEN),
        ("Tue, 01 Sept 2026 10:00:00 GMT", moment(2026, 9, 1, 10)),
        ("Sun, 1 Mar 2026 9:05:00 GMT", moment(2026, 3, 1, 9, 5)),
        ("Sun, 01 Mar 2026 10:00:00 +02:00", moment(2026, 3, 1, 8)),
        ("Sun, 01 Mar 2026 10:00:00 GMT+0200", moment(2026, 3, 1, 8)),
        ("Sun, 01 Mar 2026 10:00:00 UTC-05:30", moment(2026, 3, 1, 15, 30)),
        ("Sun, 01 Mar 2026 10:00:00 GMT+2", moment(2026, 3, 1, 8)),
        ("Sun, 01 Mar 2026 10:00:00+0100", moment(2026, 3, 1, 9)),
        ("Sun, 01 Mar 2026 10:00:00 +0100 (CET)", moment(2026, 3, 1, 9)),
        ("Sun, 01 Mar 2026 00:30:00 CET", moment(2026, 2, 28, 23, 30)),
        ("Sun, 01 Mar 2026 00:30:00 JST", moment(2026, 2, 28, 15, 30)),
        ("Sun, 01 Mar 2026 00:30:00 AEDT", moment(2026, 2, 28, 13, 30)),
        ("Sun, 01 Mar 2026 10:00:00 +02:00 (CEST)", moment(2026, 3, 1, 8)),
        ("Sun, 01 Mar 2026 10:00:00 Europe/Berlin", AT_TEN),  # a zone that nobody knows counts as UTC
        ("Sun, 1 Mar 2026", moment(2026, 3, 1)),
        ("Tue, 30 Jun 2015 23:59:60 GMT", moment(2015, 6, 30, 23, 59, 59)),  # a leap second
        # ISO 8601
        ("2026-03-01T10:00:00Z", AT_TEN),
        ("2026-03-01T10:00Z", AT_TEN),
        ("2026-03-01T10:00:00.123Z", moment(2026, 3, 1, 10, 0, 0, 123_000)),
        ("2026-03-01T10:00:00.5+02:00", moment(2026, 3, 1, 8, 0, 0, 500_000)),
        ("2026-03-01T10:00:00.123456789Z", moment(2026, 3, 1, 10, 0, 0, 123_456)),
        ("2026-03-01T10:00:00-0500", moment(2026, 3, 1, 15)),
        ("2026-03-01T10:00:00 +02:00", moment(2026, 3, 1, 8)),
        ("2026-03-01T10:00:00", AT_TEN),
        ("2026-03-01 10:00:00", AT_TEN),
        ("2026-03-01 10:00:00 UTC", AT_TEN),
        ("2026-03-01 10:00:00 +0200", moment(2026, 3, 1, 8)),
        ("20260301T100000Z", AT_TEN),
        ("2026-03-01", moment(2026, 3, 1)),
        # what software writes that knows no date
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("Thu, 01 Jan 1970 01:00:00 +0100", None),
        ("1970-01-01T00:00:00Z", None),
        ("Wed, 30 Nov -0001 00:00:00 +0000", None),
        ("0000-00-00T00:00:00Z", None),
        ("0001-01-01T00:00:00Z", None),
        ("Mon, 01 Jan 0001 00:00:00 +0000", None),
        # what is none
        ("Sun, 31 Feb 2026 10:00:00 GMT", None),
        ("Sun, 29 Feb 2026 10:00:00 GMT", None),
        ("Sun, 01 Mar 2026 25:00:00 GMT", None),
        ("2026-13-01T10:00:00Z", None),
        ("So, 01 Mär 2026 10:00:00 +0100", None),
        ("dim., 01 mars 2026 10:00:00 +0100", None),
        ("вс, 01 мар 2026 10:00:00 +0300", None),
        ("2026年3月1日", None),
        ("01/03/2026", None),
        ("Sun, 01 Mar 99999 10:00:00 GMT", None),
        ("Sun, 01 Mar 2026 10:00:00 +99999999999999", None),
        ("Sun, " + "9" * 5000 + " Mar 2026 10:00:00 GMT", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("yesterday", None),
        ("1772359200", None),
        ("", None),
    ],
)
def test_a_date_is_a_moment_in_utc_or_none(text: str, expected: dt.datetime | None) -> None:
    assert values.moment(text) == expected


@READERS
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate>", AT_TEN),
        ("<pubDate> 2026-03-01T11:00:00+01:00 </pubDate>", AT_TEN),
        ("<pubDate>yesterday</pubDate>", None),
        ("<pubDate/>", None),
        ("", None),
        ("<dc:date>2026-03-01T10:00:00Z</dc:date>", AT_TEN),
        ("<dc:date>2025-01-01</dc:date><pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate>", AT_TEN),
        ("<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate><atom:updated>2026-05-01T00:00:00Z</atom:updated>", AT_TEN),
    ],
)
def test_an_episode_was_published_when_its_feed_says(read: Any, content: str, expected: dt.datetime | None) -> None:
    assert read(f"<guid>1</guid>{content}").published_at == expected


def test_no_date_depends_on_where_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Apia")
    time.tzset()
    try:
        for text in ("2026-03-01T10:00:00.000Z", "2026-03-01T10:00:00", "01 Mar 2026 10:00:00"):
            assert values.moment(text) == moment(2026, 3, 1, 10)
    finally:
        monkeypatch.undo()
        time.tzset()


# --- Durations, sizes, numbers.


@READERS
@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3723", 3723), ("62:03", 3723), ("1:02:03", 3723), ("61.8", 61), (" 0:20 ", 20)]
    + [(text, None) for text in ("0", "", "an hour", "-5", "9" * 12, "9" * 5000)],
)
def test_a_duration_is_seconds_or_none(read: Any, text: str, seconds: float | None) -> None:
    content = f"<guid>1</guid><itunes:duration>{text}</itunes:duration>"
    assert read(content).duration_s == seconds


@READERS
@pytest.mark.parametrize(
    ("text", "size"),
    [("1000", 1000), (" 1000 ", 1000)] + [(text, None) for text in ("", "0", "-1", "1 MB", "9" * 20, "9" * 5000)],
)
def test_a_size_is_bytes_or_none(read: Any, text: str, size: int | None) -> None:
    """Twenty nines fit no column; the one feed that says so must not stop all the others."""
    content = f"<guid>1</guid><enclosure url='https://cdn.example/1.mp3' length='{text}'/>"
    assert read(content).enclosure_bytes == size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:00:01.500", 1.5),
        ("0", 0.0),
        ("3723.4", 3723.4),
        ("62:03", 3723.0),
        ("1:02:03", 3723.0),
        (" 0:05 ", 5.0),
        *[(text, None) for text in ("", "1:2:3:4", "-1", ":05", "5:", "1h", "npt=5", "9" * 9, "1" * 5000, "٣", None, 5)],
    ],
)
def test_a_place_in_the_audio_is_seconds_or_none(text: Any, seconds: float | None) -> None:
    assert values.clock_time(text) == seconds


@pytest.mark.parametrize("text", ["nan", "inf", "1e3", "-1", "+1", "1_000", "0x1", " ", "1,5", "1" * 10, None, 5, [], {}])
def test_a_number_is_digits_and_nothing_else(text: Any) -> None:
    """Python reads more as a number than any publisher means, and not-a-number would pass every comparison."""
    assert values.seconds(text) is None
    assert values.count(text) is None
    assert values.minutes(text) is None
    assert values.hours([text]) == ()
    assert values.weekdays([text]) == ()


# --- Text.


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One Two"),
        ("One<br/>Two<br>Three", "One Two Three"),
        ("<ul><li>One</li><li>Two</li></ul>", "One Two"),
        ("in<b>cred</b>ible, <a href='https://x/?a=1&amp;b=2'>here</a>", "incredible, here"),
        ("Tom &amp; Jerry &mdash; &#8220;hi&#8221;", "Tom & Jerry — “hi”"),
        ("a < b and c > d, 3 <4", "a < b and c > d, 3 <4"),
        ("x <!-- hidden --> y", "x hidden y"),
        ("zero\x00width\x08 and\n\tspaces  ", "zerowidth and spaces"),
        ("&#" + "9" * 5000 + "; &#xFFFFFFFFFFFF; end", "end"),
        (None, ""),
    ],
)
def test_markup_becomes_one_line_of_plain_text(markup: str | None, text: str) -> None:
    assert values.plain(markup) == text


def test_a_summary_has_a_longest_length() -> None:
    assert len(values.plain("word " * 10_000)) == values.LONGEST_SUMMARY


@given(st.text())
def test_no_value_of_a_feed_raises(text: str) -> None:
    for read in (values.line, values.plain, values.sound):
        read(text).encode()
    for number in (
        values.duration,
        values.size,
        values.count,
        values.flag,
        values.seconds,
        values.clock_time,
        values.minutes,
    ):
        number(text)
    assert values.hours([text]) in {(), *((hour,) for hour in range(24))}
    assert values.weekdays([text]) in {(), *((day,) for day in range(7))}


@given(st.text(alphabet="0123456789:.+-TZ /,MonJan", max_size=40))
def test_nothing_that_resembles_a_date_raises(text: str) -> None:
    found = values.moment(text)
    assert found is None or found.tzinfo is dt.UTC
    values.duration(text)
