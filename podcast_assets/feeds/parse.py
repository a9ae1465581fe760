"""Bytes of a feed to its episodes: RSS 2.0 and Atom, well-formed or not.

podcastparser reads what is well-formed (``handler``), feedparser what is not; both see the same identities, so that a feed
which breaks for a day does not look new. Whoever writes a feed may mean harm: all work here grows with the size of the
document and no faster.

Does not belong here: plain text from markup and dates from text (``values``), which episodes are new (``sightings``).
"""

import dataclasses
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml import sax

import feedparser

from podcast_assets.feeds import values
from podcast_assets.feeds.handler import FeedError, Handler
from podcast_assets.sources import absolute, is_remote
from podcast_assets.storage import sha256

# What feedparser gets must be kept small in two ways, since its work grows with the square of either:
LONGEST_WORD = 1000  # where it looks for mail addresses
MOST_ATTRIBUTES = 100  # of one element

# No feed needs entities of its own, and with them a small one can fill the memory: their declarations are made ill-formed.
_ENTITIES = [("<!ENTITY".encode(code), "<!".encode(code)) for code in ("ascii", "utf-16-le", "utf-16-be")]

# A reference to half an emoji (55296 to 57343), as some software writes them: it is no character, and ill-formed.
_HALF = re.compile(
    rb"&#(?:x0*d[89a-f][0-9a-f]{2}|0*5(?:5(?:29[6-9]|[3-9]\d\d)|6\d{3}|7(?:[0-2]\d\d|3(?:[0-3]\d|4[0-3]))));?", re.IGNORECASE
)


@dataclasses.dataclass(frozen=True)
class TranscriptLink:
    """One ``podcast:transcript`` of an episode."""

    url: str
    type: str
    language: str | None = None
    rel: str | None = None


@dataclasses.dataclass(frozen=True)
class Item:
    """One episode as its feed describes it; None and empty where the feed says nothing. ``link`` leads to the web only."""

    guid: str
    title: str
    link: str | None
    summary: str
    published_at: dt.datetime | None
    enclosure_url: str | None
    enclosure_type: str | None
    enclosure_bytes: int | None
    duration_s: float | None
    transcripts: tuple[TranscriptLink, ...]


@dataclasses.dataclass(frozen=True)
class Feed:
    """A parsed feed; ``items`` in the feed's own order."""

    title: str
    language: str | None
    items: tuple[Item, ...]


def parse(body: bytes, address: str) -> Feed:
    """Parses a feed.

    Args:
        body: the document.
        address: where it came from; relative addresses of a feed from the web are resolved against it, those of a local
            feed are left relative (they lead to files of its folder).

    Raises:
        FeedError: it is no feed, with what it seems to be.
    """
    base = address if is_remote(address) else ""
    for declaration, nothing in _ENTITIES:
        body = body.replace(declaration, nothing)
    try:
        return _strict(body, base)
    except (sax.SAXException, ValueError, LookupError) as error:  # ill-formed, or in an encoding that Expat does not know
        return _lenient(body, base, error)


def _strict(body: bytes, base: str) -> Feed:
    handler = Handler(base)
    sax.parse(io.BytesIO(body), handler)  # noqa: S317 - no entities are left
    items = (_item(entry, entry["enclosures"], entry.get("transcripts", ()), handler.base) for entry in handler.episodes)
    return _feed(handler.data, items)


def _lenient(body: bytes, base: str, cause: Exception) -> Feed:
    if re.search(rb"<(?:[^<>=]*=){%d}" % (MOST_ATTRIBUTES + 1), body):
        raise FeedError(f"not a feed: an element of more than {MOST_ATTRIBUTES} attributes")
    body = _HALF.sub(b"", re.sub(rb"[\w.+-]{%d}" % LONGEST_WORD, rb"\g<0> ", body))
    try:
        result = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
        items = [_lenient_item(entry, base) for entry in result.entries]
    except (ValueError, LookupError, ArithmeticError, TypeError, AttributeError) as error:
        # it stumbles over odd values of elements that hardly any feed has
        raise FeedError(f"not a feed that can be read: {_first_line(cause)}") from error
    if not result.get("version") and not items:
        raise FeedError(f"not a feed: {_first_line(cause)}") from cause
    return _feed(result.feed, items)


def _lenient_item(entry: Mapping[str, Any], base: str) -> Item:
    enclosures = [*entry.get("enclosures", ()), *entry.get("media_content", ())]
    transcript = entry.get("podcast_transcript")  # the last one: feedparser keeps no other
    names = {"guid": "id", "description": "summary", "total_time": "itunes_duration"}
    renamed = {**entry, **{ours: entry.get(its) for ours, its in names.items()}}
    return _item(renamed, enclosures, [transcript] if isinstance(transcript, dict) else [], base)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).removeprefix("<unknown>:").splitlines()), type(error).__name__)


def _feed(data: Mapping[str, Any], items: Iterable[Item]) -> Feed:
    return Feed(values.line(data.get("title")), values.line(data.get("language")) or None, tuple(items))


def _item(entry: Mapping[str, Any], enclosures: Iterable[Any], transcripts: Iterable[Any], base: str) -> Item:
    """An episode of what either parser found."""
    guid, title, link = (values.sound(entry.get(key)) for key in ("guid", "title", "link"))
    enclosure = _best(enclosures)
    url = _address(enclosure)
    # Without a GUID it is the enclosure's address without the query (which may be a token), as the feed has it.
    identity = guid or re.split("[?#]", url)[0] or link or sha256(title)
    if not link and entry.get("permalink"):
        link = guid
    page = absolute(link, base) if link and (link != guid or is_remote(guid)) else ""
    return Item(
        guid=identity,
        title=values.line(title),
        link=page if is_remote(page) else None,
        summary=values.plain(entry.get("description") or entry.get("description_html") or entry.get("subtitle")),
        published_at=values.moment(entry.get("published") or entry.get("updated")),
        enclosure_url=absolute(url, base) if url else None,
        enclosure_type=values.sound(enclosure.get("type")) or None,
        enclosure_bytes=values.size(enclosure.get("length") or enclosure.get("fileSize") or enclosure.get("filesize")),
        duration_s=values.duration(entry.get("total_time")),
        transcripts=tuple(
            TranscriptLink(
                absolute(address, base),
                values.sound(transcript.get("type")),
                values.sound(transcript.get("language")) or None,
                values.sound(transcript.get("rel")) or None,
            )
            for transcript in transcripts
            if (address := _address(transcript))
        ),
    )


def _address(attributes: Mapping[str, Any]) -> str:
    return values.sound(attributes.get("url") or attributes.get("href"))


def _best(enclosures: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What to listen to: the first that is called audio, else video, else anything but a picture."""

    def kind(enclosure: Mapping[str, Any]) -> str:
        return str(enclosure.get("medium") or enclosure.get("type") or "").lower().partition("/")[0]

    order = {"audio": 0, "video": 1}
    usable = [enclosure for enclosure in enclosures if _address(enclosure) and kind(enclosure) != "image"]
    return min(usable, key=lambda enclosure: order.get(kind(enclosure), len(order)), default={})
