"""Single values of a feed, as strangers write them: text from markup, moments, durations, sizes.

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

_EPOCH = dt.datetime.fromtimestamp(0, tz=dt.UTC)
# A tag ends at the next `<` at the latest, so that many of them cost no more than their length. Last, numbers of characters
# that no character has: `html.unescape` stumbles over thousands of digits.
_INLINE = re.compile(r"</?(?:a|b|i|u|s|em|strong|span|font|small|code|sub|sup|mark)\b[^<>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-z][^<>]*>|<!--|-->|&#\w{9,};?", re.IGNORECASE)


def sound(value: Any) -> str:
    """Text as it is, but for the space around it and halves of surrogate pairs, which no file can hold."""
    return value.strip().encode("utf-8", "ignore").decode() if isinstance(value, str) else ""


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
    if "-0001" in text:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
        found = found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        found = _rfc822(text)
    return None if found == _EPOCH or found.year < EARLIEST_YEAR else found


def _rfc822(text: str) -> dt.datetime:
    try:
        parts = email.utils.parsedate_tz(text)
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
