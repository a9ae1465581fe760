"""Single values of a feed, as strangers write them: text from markup, moments, durations, sizes, numbers.

None or empty is the answer to whatever cannot be read (also where a parser gives no text at all); no value raises, and none
takes longer than its length explains.
"""

import datetime as dt
import email.utils
import html
import re
from typing import Any

import podcastparser

from podcast_assets.text import one_line

LONGEST_SUMMARY = 10_000
LONGEST_S = 1_000_000  # eleven days: a longer episode is a mistake (mostly milliseconds)
LARGEST_BYTES = 10**12
EARLIEST_YEAR = 1900  # archives of the radio give the dates of their broadcasts

_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_USUAL_DATE = re.compile(
    r"(?:\w{3}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC|UT|Z|([+-])(\d\d)(\d\d))", re.ASCII
)
_ZULU = re.compile(r"(?<=\d) ?(?:UTC|GMT)$")  # Ruby's way: 2026-03-01 10:00:00 UTC
_OFFSET = re.compile(r"(:\d\d) ?(?:GMT|UTC|UT)?([+-])(\d{1,2})(?::?(\d\d))?(?= ?(?:\(|$))", re.ASCII)  # +02:00, GMT+0200, +2
# Zones whose names RFC 822 does not know, as their own countries use them; email.utils takes the unknown for UTC.
_ZONES = {
    "WET": "+0000", "WEST": "+0100", "BST": "+0100", "CET": "+0100", "MEZ": "+0100", "CEST": "+0200", "MESZ": "+0200",
    "EET": "+0200", "SAST": "+0200", "EEST": "+0300", "MSK": "+0300", "IST": "+0530", "HKT": "+0800", "AWST": "+0800",
    "JST": "+0900", "KST": "+0900", "ACST": "+0930", "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300",
    "BRT": "-0300",
}  # fmt: skip
_ZONE = re.compile(rf"(:\d\d) ({'|'.join(_ZONES)})$", re.IGNORECASE)
_FLAGS = {"true": True, "yes": True, "explicit": True, "false": False, "no": False, "clean": False}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EPOCH = dt.datetime.fromtimestamp(0, tz=dt.UTC)
# A tag ends at the next `<` at the latest, so that many of them cost no more than their length. Last, numbers of characters
# that no character has: `html.unescape` stumbles over thousands of digits.
_INLINE = re.compile(r"</?(?:a|b|i|u|s|em|strong|span|font|small|code|sub|sup|mark)\b[^<>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-z][^<>]*>|<!--|-->|&#\w{9,};?", re.IGNORECASE)


def sound(value: Any) -> str:
    """Text as it is, but for the space around it and halves of surrogate pairs, which no file can hold."""
    if not value or not isinstance(value, str):
        return ""
    text = value.strip()
    return text if text.isascii() else text.encode("utf-8", "ignore").decode()


def line(value: Any) -> str:
    """One line without what cannot be seen."""
    return one_line(sound(value))


def plain(value: Any) -> str:
    """One line of plain text of a description that may be HTML, at most ``LONGEST_SUMMARY`` characters."""
    return line(html.unescape(_MARKUP.sub(" ", _INLINE.sub("", sound(value)))))[:LONGEST_SUMMARY]


def moment(value: Any) -> dt.datetime | None:
    """A date by RFC 822 or ISO 8601, in UTC, which it also is where it names no timezone.

    The first second of 1970 and the years -1 and 1 are what a publisher's software writes when it knows none.
    """
    text = sound(value)
    if not text or "-0001" in text:
        return None
    if usual := _USUAL_DATE.fullmatch(text):
        return _usual(usual)
    try:
        found = dt.datetime.fromisoformat(_ZULU.sub("+00:00", text))
        found = found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        found = _rfc822(text)
    return None if found == _EPOCH or found.year < EARLIEST_YEAR else found


def _usual(date: re.Match[str]) -> dt.datetime | None:
    """What nearly every feed writes; the general way takes five times as long, once an item."""
    day, month, year, hour, minute, second, sign, hours, minutes = date.groups()
    offset = (int(hours) * 60 + int(minutes)) * (-1 if sign == "-" else 1) if sign else 0
    clock = int(hour), int(minute), min(int(second), 59)  # a leap second is no moment to Python
    try:
        local = dt.datetime(int(year), _MONTHS.index(month), int(day), *clock, tzinfo=dt.UTC)
        found = local - dt.timedelta(minutes=offset) if offset else local
    except (ValueError, OverflowError):
        return None
    return None if found == _EPOCH or found.year < EARLIEST_YEAR else found


def _rfc822(text: str) -> dt.datetime:
    text = _ZONE.sub(lambda zone: f"{zone[1]} {_ZONES[zone[2].upper()]}", text)
    text = _OFFSET.sub(lambda zone: f"{zone[1]} {zone[2]}{zone[3]:0>2}{zone[4] or '00'}", text.replace("Sept ", "Sep "))
    try:
        parts = email.utils.parsedate_tz(text if ":" in text else f"{text} 00:00:00")
        return _EPOCH + dt.timedelta(seconds=email.utils.mktime_tz(parts) if parts else 0)
    except (ValueError, LookupError, OverflowError, TypeError):
        return _EPOCH


def duration(value: Any) -> float | None:
    """Seconds of ``1:02:03``, ``62:03`` or ``3723``."""
    try:
        seconds = podcastparser.parse_time(sound(value))
    except ValueError:  # thousands of digits
        return None
    return float(seconds) if 0 < seconds <= LONGEST_S else None


def size(value: Any) -> int | None:
    """A number of bytes."""
    number: int = podcastparser.parse_length(sound(value))
    return number if 0 < number <= LARGEST_BYTES else None


def count(value: Any) -> int | None:
    """A number of a season or an episode."""
    text = sound(value)
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


def flag(value: Any) -> bool | None:
    """Yes or no, as iTunes' ``explicit`` has been spelled over the years."""
    return _FLAGS.get(sound(value).lower())


def seconds(value: Any) -> float | None:
    """Seconds, with a fraction or without."""
    text = sound(value)
    number = float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text, re.ASCII) else None
    return number if number is not None and number <= LONGEST_S else None


def clock_time(value: Any) -> float | None:
    """Seconds of a moment in the audio such as ``01:02:03.400``, ``62:03`` or ``3723.4`` (RFC 2326, normal play time)."""
    parts = re.fullmatch(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,7}(?:\.\d{1,9})?)", sound(value), re.ASCII)
    if not parts:
        return None
    number = int(parts[1] or 0) * 3600 + int(parts[2] or 0) * 60 + float(parts[3])
    return number if number <= LONGEST_S else None


def minutes(value: Any) -> float | None:
    """A number of minutes, in seconds."""
    number = count(value)
    return number * 60.0 if number else None


def hours(texts: Any) -> tuple[int, ...]:
    """Hours of the day, 0 to 23 (24, which some write, is 0)."""
    found = {number % 24 for text in texts if (number := count(text)) is not None and number <= 24}  # noqa: PLR2004
    return tuple(sorted(found))


def weekdays(texts: Any) -> tuple[int, ...]:
    """Days of the week by their English names, 0 Monday to 6 Sunday."""
    return tuple(sorted({_WEEKDAYS.index(name) for text in texts if (name := sound(text).lower()) in _WEEKDAYS}))
