"""The bytes of a well-formed feed to raw text and attributes: podcastparser's handler with a mapping of our own.

Belongs here: which elements of RSS 2.0 and Atom are read, with those of iTunes, of Podlove's chapters, and of the podcast
namespace (podcastindex.org/namespace/1.0), of which every transcript, person and soundbite is kept. What the texts mean is
said by ``parse``.

Expat calls the handler itself, and the mapping is a tree that is walked along with the document: by way of ``xml.sax``, and
with the path joined anew at each element, the same feed took four times as long.
"""

import html.entities
import logging
from collections.abc import Callable, Mapping
from typing import Any
from xml.parsers import expat

import podcastparser

from podcast_assets.errors import PodcastAssetsError
from podcast_assets.sources import absolute

MOST_OF_A_KIND = 500  # links, persons, chapters and the like of one episode
MOST_EPISODES = 50_000
DEEPEST = 100  # elements in elements
MOST_PREFIXES = 200  # of namespaces: each element that declares one copies them
BUFFER = 1 << 16  # bytes of text that Expat gathers before it calls
# Elements of XHTML between which there is space.
BLOCKS = frozenset({"p", "div", "br", "li", "tr", "td", "th", "dt", "dd", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})

# Namespaces by their addresses, in the many ways they are written: in any case, with a slash at the end or without.
_NAMESPACES = podcastparser.Namespace.NAMESPACES | {
    "https://podcastindex.org/namespace/1.0": "podcast",
    "http://www.itunes.com/dtds/podcast-1.0": "itunes",
    "http://purl.org/dc/elements/1.1/": "dc",
}
NAMESPACES = {address.lower().rstrip("/"): prefix for address, prefix in _NAMESPACES.items()}

logging.getLogger("podcastparser").setLevel(logging.CRITICAL)  # it logs every odd value; we keep the row instead


class FeedError(PodcastAssetsError):
    """A document that is no feed."""


class NotWellFormedError(Exception):
    """A document that the strict reader cannot take; another one may."""


class _Target(podcastparser.Target):  # type: ignore[misc]
    """An element of an episode (or, before the first, of the show): ``handler.current`` takes what it says."""


class _Text(_Target):
    """The text of an element; of several, the last one that says something, or the first."""

    WANT_TEXT = True

    def end(self, handler: "Reader", text: str) -> None:
        if text and (self.overwrite or not handler.current.get(self.key)):
            handler.current[self.key] = text


class _Texts(_Target):
    """The texts of all elements of a kind."""

    WANT_TEXT = True

    def end(self, handler: "Reader", text: str) -> None:
        handler.collect(self.key, text)


class _Attributes(_Target):
    """The attributes of all elements of a kind."""

    def start(self, handler: "Reader", attrs: Mapping[str, str]) -> None:
        handler.collect(self.key, attrs)


class _AttributesWithText(_Target):
    """The attributes of all elements of a kind, and their text under the key ``text``."""

    WANT_TEXT = True

    def start(self, handler: "Reader", attrs: Mapping[str, str]) -> None:
        handler.described = dict(attrs)
        handler.collect(self.key, handler.described)

    def end(self, handler: "Reader", text: str) -> None:
        handler.described["text"] = text


class _Guid(_Text):
    """A GUID is kept as it is, whatever it says of being a permanent link: an address in it would move with the feed."""

    def start(self, handler: "Reader", attrs: Mapping[str, str]) -> None:
        handler.current["permalink"] = attrs.get("isPermaLink", "true").lower() == "true"


class _AtomLink(_Target):
    def start(self, handler: "Reader", attrs: Mapping[str, str]) -> None:
        rel = attrs.get("rel", "alternate")
        if rel == "enclosure":
            handler.collect("enclosures", attrs)
        elif rel == "alternate" and not handler.current["link"]:
            handler.current["link"] = attrs.get("href", "")


class _Base(_Target):
    def start(self, handler: "Reader", attrs: Mapping[str, str]) -> None:
        if base := attrs.get("xml:base"):
            handler.set_base(absolute(base, handler.base))


class _Episode(_Target):
    def start(self, handler: "Reader", attrs: Mapping[str, str]) -> None:
        if len(handler.episodes) >= MOST_EPISODES:
            raise FeedError(f"not a feed that can be read: more than {MOST_EPISODES} episodes")
        handler.current = {"enclosures": [], "link": ""}
        handler.episodes.append(handler.current)

    def end(self, handler: "Reader", text: str) -> None:
        handler.current = handler.data


_SHOW = {
    "title": _Text("title"),
    "language": _Text("language"),
    "ttl": _Text("ttl"),
    "skipHours/hour": _Texts("skip_hours"),
    "skipDays/day": _Texts("skip_days"),
    "itunes:new-feed-url": _Text("new_feed_url"),
    "podcast:person": _AttributesWithText("persons"),
}
_BOTH = {  # an item of RSS, an entry of Atom
    "itunes:title": _Text("itunes_title"),
    "itunes:summary": _Text("itunes_summary"),
    "itunes:subtitle": _Text("itunes_subtitle"),
    "itunes:duration": _Text("duration"),
    "itunes:author": _Text("author"),
    "itunes:season": _Text("season"),
    "itunes:episode": _Text("episode"),
    "itunes:episodeType": _Text("episode_type"),
    "itunes:explicit": _Text("explicit"),
    "itunes:image": _Attributes("images"),
    "itunes:keywords": _Texts("keywords"),
    "content:encoded": _Text("content"),
    "dc:creator": _Text("author", overwrite=False),
    "dc:date": _Text("updated", overwrite=False),
    "media:description": _Text("media_description"),
    "media:group/media:description": _Text("media_description"),
    "media:content": _Attributes("enclosures"),
    "media:group/media:content": _Attributes("enclosures"),
    "media:thumbnail": _Attributes("thumbnails"),
    "media:group/media:thumbnail": _Attributes("thumbnails"),
    "psc:chapters/psc:chapter": _Attributes("psc_chapters"),
    "podcast:transcript": _Attributes("transcripts"),
    "podcast:chapters": _Attributes("chapters"),
    "podcast:person": _AttributesWithText("persons"),
    "podcast:soundbite": _AttributesWithText("soundbites"),
    "podcast:season": _Text("season", overwrite=False),
    "podcast:episode": _Text("episode", overwrite=False),
}
_RSS = {
    "title": _Text("title"),
    "guid": _Guid("guid"),
    "link": _Text("link", overwrite=False),
    "atom:link": _AtomLink(),
    "description": _Text("description"),
    "pubDate": _Text("published"),
    "atom:updated": _Text("updated", overwrite=False),
    "author": _Text("author", overwrite=False),
    "category": _Texts("keywords"),
    "enclosure": _Attributes("enclosures"),
}
_ATOM = {
    "atom:id": _Text("guid"),
    "atom:title": _Text("title"),
    "atom:link": _AtomLink(),
    "atom:summary": _Text("atom_summary"),
    "atom:content": _Text("content", overwrite=False),
    "atom:published": _Text("published"),
    "atom:updated": _Text("updated"),
    "atom:author/atom:name": _Text("author", overwrite=False),
    "atom:category": _Attributes("categories"),
}
MAPPING = {
    "rss": _Base(),
    "rss/channel/item": _Episode(),
    "atom:feed": _Base(),
    "atom:feed/atom:title": _Text("title"),
    "atom:feed/atom:entry": _Episode(),
    **{f"rss/channel/{path}": target for path, target in _SHOW.items()},
    **{f"rss/channel/item/{path}": target for path, target in (_BOTH | _RSS).items()},
    **{f"atom:feed/atom:entry/{path}": target for path, target in (_BOTH | _ATOM).items()},
}


class _Place(dict[str, "_Place"]):
    """A place in the mapping: the places below it by their names, and what is done there at its start and at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.wants_text = False
        self.start: Callable[[Reader, Mapping[str, str]], None] | None = None
        self.end: Callable[[Reader, str], None] | None = None

    def aim(self, target: podcastparser.Target) -> None:
        """Takes over what the target does, and not what it leaves to the base class, which is nothing."""
        self.wants_text = target.WANT_TEXT
        self.start = target.start if type(target).start is not podcastparser.Target.start else None
        self.end = target.end if type(target).end is not podcastparser.Target.end else None


def _tree(mapping: Mapping[str, Any]) -> _Place:
    root = _Place()
    for path, target in mapping.items():
        place = root
        for name in path.split("/"):
            place = place.setdefault(name, _Place())
        place.aim(target)
    return root


_ROOT, _NOWHERE = _tree(MAPPING), _Place()


class Reader(podcastparser.PodcastHandler):  # type: ignore[misc]
    """Collects a feed: ``data`` of the show, ``episodes`` in the feed's order, ``base`` of their relative addresses."""

    def __init__(self, base: str) -> None:
        super().__init__(base, 0)
        self.data: dict[str, Any] = {}
        self.episodes: list[dict[str, Any]] = []
        self.current = self.data
        self.described: dict[str, str] = {}  # the element whose text is being read
        self._places = [_ROOT]
        self._text: list[str] = []
        self._prefixes: dict[str, str] = {}  # as declared -> as in the mapping
        self._outer: list[tuple[int, dict[str, str]]] = []  # the prefixes outside of each element that declares some
        self._names: dict[str, str] = {}  # of elements, with the prefixes that hold where we are

    def collect(self, key: str, value: Any) -> None:
        """Takes one of several, as long as they are no more than anybody means."""
        found = self.current.setdefault(key, [])
        if len(found) < MOST_OF_A_KIND:
            found.append(value)

    def read(self, body: bytes, encoding: str | None = None) -> None:
        """Reads a whole document; ``encoding`` overrules what it declares.

        Raises:
            NotWellFormedError: not well-formed, in an encoding that Expat does not know, or with entities of its own.
            FeedError: too deep, or neither RSS nor Atom.
        """
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.buffer_size = BUFFER
        parser.StartElementHandler, parser.EndElementHandler = self._handlers(parser)
        parser.EntityDeclHandler = _refuse_entity
        parser.SkippedEntityHandler = self._entity
        try:
            parser.Parse(body, True)
        except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: of the encoding it names
            raise NotWellFormedError(str(error)) from error
        finally:  # they and the parser hold each other
            parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
            parser.SkippedEntityHandler = None

    def _handlers(self, parser: Any) -> "tuple[Callable[[str, dict[str, str]], None], Callable[[str], None]]":
        """What is done at the start and at the end of each element.

        There are hundreds of thousands in a poll: as methods, with ``self`` before each name, they took a tenth longer.
        """
        places, names, text, outer = self._places, self._names, self._text, self._outer
        gather = text.append

        def start(name: str, attrs: dict[str, str]) -> None:
            if attrs:
                for key in attrs:
                    if key.startswith("xmlns"):
                        self._declare(attrs)
                        break
            place = places[-1].get(names.get(name) or self._name(name))
            if place is None:
                if name in BLOCKS and parser.CharacterDataHandler:
                    gather(" ")
                places.append(_NOWHERE)
                self._check(name)
                return
            places.append(place)
            if place.wants_text:
                text.clear()
                parser.CharacterDataHandler = gather
            if place.start:
                place.start(self, attrs)

        def end(_: str) -> None:
            place = places.pop()
            if place.wants_text:
                parser.CharacterDataHandler = None
            if place.end:
                place.end(self, "".join(text).strip())
            if outer and outer[-1][0] > len(places):
                self._prefixes = outer.pop()[1]
                names.clear()

        return start, end

    def _check(self, name: str) -> None:
        """Refuses, at an element that the mapping does not know, what is no feed: all that is known is near the root."""
        if len(self._places) == 2:  # noqa: PLR2004 - the root element
            raise NotWellFormedError(f"the document is <{name[:50]}>, not RSS or Atom")
        if len(self._places) > DEEPEST:
            raise FeedError(f"not a feed: elements stand in each other more than {DEEPEST} deep")

    def _declare(self, attrs: Mapping[str, str]) -> None:
        declared = {key[6:]: address for key, address in attrs.items() if key == "xmlns" or key.startswith("xmlns:")}
        self._outer.append((len(self._places) + 1, self._prefixes))
        self._prefixes = self._prefixes | {
            prefix: NAMESPACES.get(address.strip().lower().rstrip("/"), f"!{prefix}" if prefix else "")
            for prefix, address in declared.items()
        }
        if len(self._prefixes) > MOST_PREFIXES:
            raise FeedError(f"not a feed: more than {MOST_PREFIXES} namespaces")
        self._names.clear()

    def _name(self, name: str) -> str:
        """The name of an element as in the mapping: a prefix that nobody declared counts as the one it is called like."""
        prefix, _, local = name.rpartition(":")
        known = self._prefixes.get(prefix, prefix)
        self._names[name] = full = f"{known}:{local}" if known else local
        return full

    def _entity(self, name: str, is_parameter: bool) -> None:
        """A character by its name in HTML, in a document that leaves such names to a DTD elsewhere."""
        if not is_parameter:
            self._text.append(html.entities.html5.get(f"{name};", ""))


def _refuse_entity(name: str, *_: object) -> None:
    """No feed needs entities of its own, and with them a small one could fill the memory."""
    raise NotWellFormedError(f"it declares an entity ({name[:50]})")
