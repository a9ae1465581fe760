"""Bytes of a feed to its episodes: RSS 2.0 and Atom, well-formed or not.

podcastparser's handler reads what is well-formed (``reader``), also after mending what can be mended in the text
(``repair``); feedparser what is not. All see the same identities, so that a feed which breaks for a day does not look new.
Whoever writes a feed may mean harm: all work here grows with the size of the document and no faster.

Does not belong here: plain text from markup and dates from text (``values``), which episodes are new (``sightings``).
"""

import dataclasses
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from podcast_assets.feeds import values
from podcast_assets.feeds.reader import MOST_EPISODES, MOST_OF_A_KIND, FeedError, NotWellFormedError, Reader
from podcast_assets.feeds.repair import overruled, repaired
from podcast_assets.hashing import sha256
from podcast_assets.sources import absolute, is_remote, without_query

# What feedparser gets must be kept small in two ways, since its work grows with the square of either:
LONGEST_WORD = 1000  # where it looks for mail addresses
MOST_ATTRIBUTES = 100  # of one element

MOST_HOSTS = 20  # persons of the show, who stand in each of its episodes that names none
_KINDS = {"audio": 0, "video": 1}  # of enclosures, in the order we want them


@dataclasses.dataclass(frozen=True, slots=True)
class TranscriptLink:
    """One ``podcast:transcript`` of an episode."""

    url: str
    type: str
    language: str | None = None
    rel: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Enclosure:
    """One file of an episode; ``bytes`` as the feed says, None where it says nothing that can be."""

    url: str
    type: str | None = None
    bytes: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """One ``podcast:person``; without a role a host (the namespace's default)."""

    name: str
    role: str
    group: str | None = None
    href: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Soundbite:
    """One ``podcast:soundbite``: what the publisher holds worth hearing, in seconds from the start of the audio."""

    start_s: float
    duration_s: float
    title: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter of Podlove's simple chapters, in seconds from the start of the audio."""

    start_s: float
    title: str


class Item:
    """One episode as its feed describes it; None and empty where the feed says nothing.

    What tells it from others is worked out at once: ``guid`` (the feed's own or, where that is missing, the enclosure's
    address without its query), ``title``, ``published_at``, and the enclosure to listen to. All else is worked out when it
    is asked for: of a back catalogue, hardly anything ever is, and it is most of the work.
    """

    def __init__(self, entry: Mapping[str, Any], base: str, show: Mapping[str, Any] | None = None) -> None:
        """Takes an episode of what any of the parsers found, under the reader's names; no value of it raises."""
        self._entry, self._base, self._show = entry, base, show or {}
        self._enclosures = [each for each in entry["enclosures"] if _address(each)][:MOST_OF_A_KIND]
        self._heard = _best(self._enclosures)
        address = _address(self._heard)
        self._guid = values.sound(entry.get("guid"))
        # Without a GUID it is the enclosure's address without the query (which may be a token), as the feed has it.
        self.guid: str = self._guid or without_query(address) or self._link or sha256(values.sound(entry.get("title")))
        self.title: str = values.line(entry.get("title")) or values.line(entry.get("itunes_title"))
        self.published_at: dt.datetime | None = values.moment(entry.get("published") or entry.get("updated"))
        self.enclosure_url: str | None = absolute(address, base) if address else None
        self.enclosure_bytes: int | None = _size(self._heard)

    @property
    def enclosure_type(self) -> str | None:
        """The media type of what there is to listen to, as the feed says."""
        return values.sound(self._heard.get("type")) or None

    @property
    def _link(self) -> str:
        return values.sound(self._entry.get("link"))

    @property
    def link(self) -> str | None:
        """The episode's page; it leads to the web or there is none."""
        link = self._link or (self._guid if self._entry.get("permalink") else "")
        page = absolute(link, self._base) if link and (link != self._guid or is_remote(self._guid)) else ""
        return page if is_remote(page) else None

    @cached_property
    def summary(self) -> str:
        """What it is about, in plain text: the first of several elements that says something."""
        keys = ("itunes_summary", "media_description", "description", "content", "atom_summary", "itunes_subtitle")
        texts = (values.plain(self._entry.get(key)) for key in keys)
        return next(filter(None, texts), "")

    @cached_property
    def show_notes(self) -> str:
        """The long description in plain text; empty where it says no more than ``summary``."""
        notes = max((values.plain(self._entry.get(key)) for key in ("content", "description")), key=len)
        return notes if notes != self.summary else ""

    @cached_property
    def subtitle(self) -> str:
        """In plain text."""
        return values.plain(self._entry.get("itunes_subtitle") or self._entry.get("atom_summary"))

    @property
    def author(self) -> str | None:
        """Who made it, in the feed's words."""
        return values.line(self._entry.get("author")) or None

    @property
    def enclosures(self) -> tuple[Enclosure, ...]:
        """All files of the episode, in the feed's order."""
        return tuple(
            Enclosure(absolute(_address(each), self._base), values.sound(each.get("type")) or None, _size(each))
            for each in self._enclosures
        )

    @property
    def duration_s(self) -> float | None:
        """Seconds, as the feed says."""
        return values.duration(self._entry.get("duration"))

    @property
    def season(self) -> int | None:
        """Its season's number."""
        return values.count(self._entry.get("season"))

    @property
    def episode(self) -> int | None:
        """Its number in the season."""
        return values.count(self._entry.get("episode"))

    @property
    def episode_type(self) -> str | None:
        """``full``, ``trailer`` or ``bonus``, unless the publisher has another word."""
        return values.line(self._entry.get("episode_type")).lower() or None

    @property
    def explicit(self) -> bool | None:
        """Whether it is not for children."""
        return values.flag(self._entry.get("explicit"))

    @property
    def image_url(self) -> str | None:
        """Its own picture."""
        images = [*(self._entry.get("images") or ()), *(self._entry.get("thumbnails") or ())]
        return next((absolute(address, self._base) for image in images if (address := _address(image))), None)

    @property
    def keywords(self) -> tuple[str, ...]:
        """Each keyword once: RSS has a category an element, iTunes all in one with commas, Atom an attribute."""
        terms = [term for text in self._entry.get("keywords") or () for term in values.sound(text).split(",")]
        terms += [values.sound(category.get("term")) for category in self._entry.get("categories") or ()]
        return tuple(dict.fromkeys(word for term in terms if (word := values.line(term))))[:MOST_OF_A_KIND]

    @property
    def transcripts(self) -> tuple[TranscriptLink, ...]:
        """Every ``podcast:transcript``, in the feed's order."""
        return tuple(
            TranscriptLink(
                absolute(address, self._base),
                values.sound(each.get("type")),
                values.sound(each.get("language")) or None,
                values.sound(each.get("rel")) or None,
            )
            for each in self._all("transcripts")
            if (address := _address(each))
        )

    @property
    def persons(self) -> tuple[Person, ...]:
        """Every ``podcast:person``: the show's own where the episode names none, as the namespace wants it."""
        return tuple(
            Person(
                name,
                values.line(each.get("role")).lower() or "host",
                values.line(each.get("group")).lower() or None,
                absolute(address, self._base) if (address := _address(each)) else None,
            )
            for each in self._all("persons") or self._show.get("persons", ())[:MOST_HOSTS]
            if (name := values.line(each.get("text")))
        )

    @property
    def soundbites(self) -> tuple[Soundbite, ...]:
        """Every ``podcast:soundbite`` with a place and a length."""
        return tuple(
            Soundbite(start_s, duration_s, values.line(each.get("text")) or None)
            for each in self._all("soundbites")
            if (start_s := values.seconds(each.get("startTime"))) is not None
            and (duration_s := values.seconds(each.get("duration")))
        )

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The chapters that stand in the feed itself (Podlove's)."""
        return tuple(
            Chapter(start_s, values.line(each.get("title")))
            for each in self._all("psc_chapters")
            if (start_s := values.clock_time(each.get("start"))) is not None
        )

    @property
    def chapters_url(self) -> str | None:
        """Where the ``podcast:chapters`` lie."""
        address = next(filter(None, map(_address, self._all("chapters"))), "")
        return absolute(address, self._base) if address else None

    def _all(self, kind: str) -> list[Mapping[str, Any]]:
        return list(self._entry.get(kind) or ())[:MOST_OF_A_KIND]


@dataclasses.dataclass(frozen=True, slots=True)
class Feed:
    """A parsed feed; ``items`` in the feed's own order.

    ``ttl_s``, ``skip_hours`` (0 to 23, UTC) and ``skip_days`` (0 Monday to 6 Sunday, UTC) say when not to ask (RSS 2.0);
    ``new_feed_url`` is where the feed says it has moved.
    """

    title: str
    language: str | None
    items: tuple[Item, ...]
    ttl_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    new_feed_url: str | None = None


def parse(body: bytes, address: str, charset: str | None = None) -> Feed:
    """Parses a feed.

    Args:
        body: the document.
        address: where it came from; relative addresses of a feed from the web are resolved against it, those of a local
            feed are left relative (they lead to files of its folder).
        charset: the encoding that the server named, which is heard where the document names none.

    Raises:
        FeedError: it is no feed, with what it seems to be.
    """
    base = address if is_remote(address) else ""
    try:
        return _strict(body, base, overruled(body, charset))
    except NotWellFormedError as error:
        mended = repaired(body, charset)
        try:
            return _strict(mended, base, "utf-8")
        except NotWellFormedError:
            return _lenient(mended, base, error)


def _strict(body: bytes, base: str, encoding: str | None) -> Feed:
    reader = Reader(base)
    reader.read(body, encoding)
    return _feed(reader.data, reader.episodes, reader.base)


def _lenient(body: bytes, base: str, cause: Exception) -> Feed:
    import feedparser

    if re.search(rb"<(?:[^<>=]*=){%d}" % (MOST_ATTRIBUTES + 1), body):
        raise FeedError(f"not a feed: an element of more than {MOST_ATTRIBUTES} attributes")
    body = re.sub(rb"[\w.+-]{%d}" % LONGEST_WORD, rb"\g<0> ", body.replace(b"<!ENTITY", b"<!"))
    if element := re.search(rb"<\w", body):  # what stands before it costs feedparser the square of its length
        body = body[element.start() :]
    try:
        result = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
        feed = _feed(result.feed, [_renamed(entry) for entry in result.entries[:MOST_EPISODES]], base)
    except (ValueError, LookupError, ArithmeticError, TypeError, AttributeError) as error:
        # it stumbles over odd values of elements that hardly any feed has
        raise FeedError(f"not a feed that can be read: {_first_line(cause)}") from error
    if not result.get("version") and not feed.items:
        is_page = re.match(rb"\s*<html[\s>]", body, re.IGNORECASE)
        raise FeedError(f"not a feed: {'a web page' if is_page else _first_line(cause)}") from cause
    return feed


def _renamed(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of feedparser under the reader's names; of elements that may stand more than once it keeps the last."""
    names = {
        "guid": "id",
        "description": "summary",
        "duration": "itunes_duration",
        "season": "itunes_season",
        "episode": "itunes_episode",
        "episode_type": "itunes_episodetype",
        "itunes_subtitle": "subtitle",
        "chapters": "podcast_chapters",
        "transcripts": "podcast_transcript",
        "images": "image",
    }
    renamed = {**entry, **{ours: entry.get(its) for ours, its in names.items()}}
    for name in ("chapters", "transcripts", "images"):
        renamed[name] = [renamed[name]] if isinstance(renamed[name], Mapping) else []
    renamed["enclosures"] = [*entry.get("enclosures", ()), *entry.get("media_content", ())]
    renamed["content"] = next((part.get("value") for part in entry.get("content", ())), None)
    renamed["keywords"] = [tag.get("term") for tag in entry.get("tags", ())]
    renamed["explicit"] = {True: "true", False: "false"}.get(entry.get("itunes_explicit", ""))
    chapters = entry.get("psc_chapters")
    renamed["psc_chapters"] = chapters.get("chapters", ()) if isinstance(chapters, Mapping) else ()
    return renamed


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _feed(data: Mapping[str, Any], entries: Iterable[Mapping[str, Any]], base: str) -> Feed:
    new_url = values.sound(data.get("new_feed_url") or data.get("itunes_new-feed-url"))
    return Feed(
        values.line(data.get("title")),
        values.line(data.get("language")) or None,
        tuple([Item(entry, base, data) for entry in entries]),
        values.minutes(data.get("ttl")),
        values.hours(data.get("skip_hours", ())),
        values.weekdays(data.get("skip_days", ())),
        new_url if is_remote(new_url) else None,
    )


def _address(attributes: Mapping[str, Any]) -> str:
    # A picture of iTunes, a person and Atom's links say ``href``, all others ``url``.
    return values.sound(attributes.get("url") or attributes.get("href"))


def _size(enclosure: Mapping[str, Any]) -> int | None:
    return values.size(enclosure.get("length") or enclosure.get("fileSize") or enclosure.get("filesize"))


def _best(enclosures: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What to listen to: the first that is called audio, else video, else anything but a picture."""
    found: tuple[int, Mapping[str, Any]] = (len(_KINDS) + 1, {})
    for enclosure in enclosures:
        kind = str(enclosure.get("medium") or enclosure.get("type") or "").lower().partition("/")[0]
        if kind != "image" and (place := _KINDS.get(kind, len(_KINDS))) < found[0]:
            found = (place, enclosure)
    return found[1]
