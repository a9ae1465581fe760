"""From the body that a feed answered to what is new in it: unpack, hash, parse, recognise. One pure function.

It is all the work on a feed that is not waiting for a server, in one piece that can be done by another process (``workers``)
and done again years later (``replay``).
"""

import dataclasses
import datetime as dt
import re
from typing import Any

from podcast_assets import credentials
from podcast_assets.errors import PodcastAssetsError, RefusedError
from podcast_assets.feeds import rhythm
from podcast_assets.feeds.identity import History, Subscription
from podcast_assets.feeds.parse import parse
from podcast_assets.feeds.reader import FeedError
from podcast_assets.feeds.sightings import Conditions, Sighted, first_sightings
from podcast_assets.hashing import sha256
from podcast_assets.http.bodies import unpack
from podcast_assets.http.errors import FetchError
from podcast_assets.text import one_line

LONGEST_ERROR = 500  # characters
END = re.compile(rb"</\s*[\w:]*(?:rss|feed|RDF)\s*>", re.IGNORECASE)  # of a feed, looked for where nothing else tells
END_BYTES = 10_000


@dataclasses.dataclass(frozen=True, slots=True)
class Body:
    """What a feed answered, and what is known of it.

    ``known_sha256`` is of its last body. ``is_hidden`` says that the secrets were taken out before (the environment of today
    may have other ones), ``has_end`` is false where nothing but the end of the connection says that it is whole.
    """

    subscription: Subscription
    address: str
    packed: bytes
    encoding: str
    charset: str | None
    max_bytes: int
    previous_poll_at: dt.datetime | None
    known_sha256: str | None
    history: History
    is_hidden: bool = False
    has_end: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Scanned:
    """What a body says: ``facts`` for the row of its feed (table ``feeds``), and what is new; None where it is the old body.

    ``hidden`` is the body without the secrets of a private feed, where it had any: what may be kept of it.
    """

    body_sha256: str
    facts: dict[str, Any] | None = None
    new_feed_url: str | None = None
    sighted: Sighted | None = None
    hidden: bytes | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Trouble:
    """Why a feed gave nothing, in one line, with one word for it, and the HTTP status where there was one."""

    kind: str
    message: str
    http_status: int | None = None


def scan(body: Body, conditions: Conditions) -> Scanned | Trouble:
    """Reads a body; whatever is wrong with it is an answer, not an error."""
    try:
        return _scan(body, conditions)
    except (PodcastAssetsError, ValueError, ArithmeticError, MemoryError) as error:  # the last three: of odd values
        return trouble(error)


def trouble(error: BaseException) -> Trouble:
    """An error as an answer."""
    message = one_line(error, LONGEST_ERROR) or type(error).__name__
    match error:
        case FetchError():
            return Trouble(error.kind, message, error.status)
        case RefusedError():
            return Trouble("refused", message)
        case OSError():
            return Trouble("file", message)
        case FeedError():
            return Trouble("not_a_feed", message)
    return Trouble("crash", one_line(f"{type(error).__name__}: {message}", LONGEST_ERROR))


def _scan(body: Body, conditions: Conditions) -> Scanned:
    subscription, hidden = body.subscription, None
    content = unpack(body.packed, body.encoding, body.max_bytes)
    if credentials.names(subscription.url) and not body.is_hidden:
        content = hidden = credentials.hide_bytes(content, subscription.url)
    digest = sha256(content)
    if digest == body.known_sha256:
        return Scanned(digest)
    if not (body.has_end or END.search(content[-END_BYTES:].replace(b"\0", b""))):
        raise FetchError("the body ends in the middle", None, "incomplete")
    feed = parse(content, body.address, body.charset)
    dates = [item.published_at for item in feed.items]
    facts = {
        "title": feed.title,
        "episodes": len(feed.items),
        "newest_at": max((date for date in dates if date and date <= conditions.polled_at), default=None),
        "gap_s": rhythm.usual_gap_s(dates, conditions.polled_at),
        "ttl_s": feed.ttl_s,
        "skip_hours": list(feed.skip_hours) or None,
        "skip_days": list(feed.skip_days) or None,
    }
    sighted = first_sightings(subscription, feed, body.history, conditions, body.previous_poll_at, digest)
    if hidden is not None and credentials.is_told(repr((facts, feed.new_feed_url, sighted)), subscription.url):
        raise RefusedError("its text bears the feed's own secret in an odd notation: nothing of it is kept")
    return Scanned(digest, facts, feed.new_feed_url, sighted, hidden)
