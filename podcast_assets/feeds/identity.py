"""Which episodes of a feed are new, and which are old ones in new clothes.

A GUID tells an episode for good, says the specification. Some publishers give the same one to every episode, others new ones
at each request or when they change their host, and enclosures bear tokens that change by the hour. So a GUID is believed
unless several episodes have it, in the document or in the log, or it is no more than the enclosure's address (which is what
stands in for a missing one: ``play.php``, ``latest.mp3``). An item is an episode that the log knows when

1. it has its GUID, and that is believed, unless date and audio differ (the size and the address without its query, but for
   that of a program such as ``play.php``; where the title does too, either of them), or title and audio where there is no
   date, or one without a time;
2. title and date agree, and where several have these, the address too; a date without a time is not enough: the address
   (its last part) or the size has to agree as well;
3. it has its GUID, however little that says, and its address, unless the date differs, and the title or the size as well;
4. its address and size agree, and the date or the title; or address and title, where there is no date.

An item with audio is none that had no audio when it was seen: that one was left alone, and nobody would hear of it again.
For 2 to 4 the episode must not be in the document under a GUID that is believed. For 2 and 4 the size must not speak against
it, unless the host has changed; for 3 and 4 the document must give each episode its own address: a news show whose one item
is always "News" at ``latest.mp3`` is new each day. Everything else is new: in doubt, an episode is rather seen twice than
never.

Nothing depends on the order of the document, and the work grows with its length and no faster. All functions are pure.
"""

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from functools import cached_property
from typing import Any, Protocol

from podcast_assets.hashing import sha256
from podcast_assets.sources import is_remote, without_query

MOST_ALIASES = 8  # of an episode: with more, its GUIDs are new each time, and knowing them helps nobody
_GENERIC = re.compile(r"\.(?:php|aspx?|jsp|cgi|pl|cfm)$", re.IGNORECASE)  # a program, which the query tells what to play
LEAST_BYTES = 10_000  # a smaller size is no episode's: software puts 0 or 1 or 1000 where it knows none
UNTITLED = "(untitled)"  # what the log says of an episode without a title


@dataclasses.dataclass(frozen=True)
class Subscription:
    """A feed as the user named it; ``feed_id`` stays the same when the feed moves."""

    url: str

    @cached_property
    def feed_id(self) -> str:
        """The first 12 hex digits of SHA-256 of the address as subscribed."""
        return sha256(self.url)[:12]


class Traits(Protocol):
    """What tells an episode from others: an item of a feed, or a row of the log."""

    @property
    def guid(self) -> str:
        """The feed's own, or what stands in for it."""

    @property
    def title(self) -> str:
        """One line, or empty."""

    @property
    def published_at(self) -> dt.datetime | None:
        """In UTC."""

    @property
    def enclosure_url(self) -> str | None:
        """What there is to listen to."""

    @property
    def enclosure_bytes(self) -> int | None:
        """Its size as the feed says."""


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """An episode that the log knows, as it was when it was first seen."""

    episode_id: str
    guid: str
    title: str
    published_at: dt.datetime | None
    enclosure_url: str | None
    enclosure_bytes: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Recognised:
    """What the items of a document are: new episodes by their identity, and new GUIDs of old ones by theirs."""

    new: dict[str, Traits]
    aliases: dict[str, str]


Key = Callable[[Traits], Hashable]  # what two traits have in common that agree in something; None: it is not known


def episode_id(feed_id: str, guid: str) -> str:
    """The identity of an episode: 16 hex digits of SHA-256 of feed_id + guid."""
    return sha256(feed_id + guid)[:16]


class History:
    """What the log knows of one feed: its episodes, and the GUIDs that they took later as (GUID, episode_id)."""

    def __init__(self, seen: Iterable[Seen] = (), aliases: Iterable[tuple[str, str]] = ()) -> None:
        self.by_id: dict[str, Seen] = {}
        self.by_guid: dict[str, list[Seen]] = {}
        self.aliases: Counter[str] = Counter()
        self._indices: dict[Key, dict[Hashable, list[Seen]]] = {}
        for each in sorted(seen, key=lambda each: each.episode_id):  # whatever order they come in
            if each.episode_id not in self.by_id:
                self.by_id[each.episode_id] = each
                self.by_guid.setdefault(each.guid, []).append(each)
        for guid, identity in sorted(aliases):
            known = self.by_id.get(identity)
            if known and known not in (having := self.by_guid.setdefault(guid, [])):
                self.aliases[identity] += 1
                having.append(known)

    def with_same(self, key: Key, item: Traits) -> Sequence[Seen]:
        """The episodes that agree with an item."""
        if key not in self._indices:
            index: dict[Hashable, list[Seen]] = {}
            for each in self.by_id.values():
                index.setdefault(key(each), []).append(each)
            self._indices[key] = index
        value = key(item)
        return self._indices[key].get(value, ()) if value is not None else ()


def recognise(feed_id: str, items: Sequence[Traits], history: History) -> Recognised:
    """Tells new episodes among the items of a document from those that the log knows."""
    recognised = Recognised({}, {})
    document = _Document(items, history)
    claimed, rest = _by_guid(document, history)
    for rule in _RULES if history.by_id else ():
        left = []
        for item in rest:
            if seen := rule.find(item, document, history, claimed):
                claimed.add(seen.episode_id)
                is_news = item.guid not in history.by_guid and document.guids[item.guid] == 1
                if is_news and history.aliases[seen.episode_id] < MOST_ALIASES:
                    recognised.aliases[item.guid] = seen.episode_id
            else:
                left.append(item)
        rest = left
    for item in rest:
        recognised.new[_identity(feed_id, item, history, recognised.new)] = item
    return recognised


class _Document:
    """The items of a document, each once and in an order of their own, and what they have in common."""

    def __init__(self, items: Sequence[Traits], history: History) -> None:
        self.items = _each_once(items, history)
        self.guids = Counter(item.guid for item in self.items)
        self._counts: dict[Key, Counter[Hashable]] = {}

    def count(self, key: Key) -> Counter[Hashable]:
        """How many items agree in something."""
        if key not in self._counts:
            self._counts[key] = Counter(value for value in map(key, self.items) if value is not None)
        return self._counts[key]


@dataclasses.dataclass(frozen=True)
class _Rule:
    """One way to recognise an episode: what ``key`` gives agrees, and ``fits`` holds.

    Where an agreement tells nothing if others have it too, ``only_one`` says so: of the items of the ``document`` (which
    must have other keys besides: a single one tells nothing), or ``anywhere``, of the items and of the log.
    """

    key: Key
    fits: Callable[[Traits, Seen, _Document], bool]
    only_one: str = ""

    def find(self, item: Traits, document: _Document, history: History, claimed: Collection[str]) -> Seen | None:
        """The episode that an item is, which no other item has been found to be."""
        found = history.with_same(self.key, item)
        if found and self.only_one:
            counts = document.count(self.key)
            if counts[self.key(item)] > 1 or (self.only_one == "document" and len(counts) == 1):
                return None
            found = _as_audible(item, found)
            if self.only_one == "anywhere" and len(found) > 1:
                return None
        is_free = (seen for seen in found if seen.episode_id not in claimed and _as_audible(item, [seen]))
        return next((seen for seen in is_free if self.fits(item, seen, document)), None)


def _by_guid(document: _Document, history: History) -> tuple[set[str], list[Traits]]:
    """The episodes whose GUIDs are believed, and the other items; an episode's own GUID comes before those it took later."""
    claimed: set[str] = set()
    later, rest = [], []
    for item in document.items:
        is_believable = document.guids[item.guid] == 1 and not _is_address(item)
        known: Sequence[Seen] = history.by_guid.get(item.guid, ()) if is_believable else ()
        if len(known) > 1 or (known and not known[0].enclosure_url):
            known = _as_audible(item, known)
        if len(known) != 1 or not _is_same(item, known[0]):
            rest.append(item)
        elif known[0].guid == item.guid:
            claimed.add(known[0].episode_id)
        else:
            later.append((item, known[0]))
    for item, seen in later:
        if seen.episode_id in claimed and _path(item) != _path(seen) and _name(item) != _name(seen):
            rest.append(item)
        claimed.add(seen.episode_id)
    return claimed, sorted(rest, key=_order) if history.by_id else rest


def _each_once(items: Sequence[Traits], history: History) -> Sequence[Traits]:
    """The items without those that stand in the document a second time."""
    guids, urls = {item.guid for item in items}, {item.enclosure_url for item in items}
    if len(guids) == len(urls) == len(items):
        return items  # as nearly all are
    once, known = [], set[Hashable]()
    names: dict[str, set[Hashable]] = {}
    for item in sorted(items, key=lambda item: (item.guid not in history.by_guid, _order(item))):
        name, url = _name(item), item.enclosure_url
        same: list[Hashable] = [(item.guid, url, _title(item), item.published_at)]
        same += [(item.guid, url)] if url and not _is_address(item) else []
        same += [(url, name)] if url and name else []
        if known.isdisjoint(same):
            once.append(item)
            names.setdefault(item.guid, set()).add(name)
        known.update(same)
    # Several files of one GUID, title and date are one episode, unless others have that GUID too.
    firsts: dict[Hashable, Traits] = {}
    for place, item in enumerate(once):
        is_file = len(names[item.guid]) == 1 and _name(item) and not _is_address(item)
        firsts.setdefault(item.guid if is_file else place, item)
    return list(firsts.values())


def _identity(feed_id: str, item: Traits, history: History, new: Collection[str]) -> str:
    """The identity of a new episode: its GUID's or, where another one has that, of what tells them apart."""
    identity, more = episode_id(feed_id, item.guid), ""
    while identity in new or identity in history.by_id:
        more += f"\n{item.enclosure_url}\n{item.title}\n{item.published_at}\n{item.enclosure_bytes}"
        identity = episode_id(feed_id, item.guid + more)
    return identity


def _as_audible(item: Traits, known: Sequence[Seen]) -> Sequence[Seen]:
    """Those that had audio if the item has: without it they were left alone, and the log does not change."""
    return [seen for seen in known if seen.enclosure_url or not item.enclosure_url]


def _is_same(item: Traits, seen: Seen) -> bool:
    """Whether an item is the episode that has its GUID."""
    address, size = _other_address(item, seen), _differ(_size(item), _size(seen))
    is_retitled = _differ(_title(item), _title(seen))
    if _differ(item.published_at, seen.published_at):
        return not (address or size) if is_retitled else not (address and size)
    is_exact = bool(item.published_at and seen.published_at) and _has_time(item)
    return is_exact or not (is_retitled and address and size)


def _other_address(item: Traits, seen: Seen) -> bool:
    """Whether the enclosure lies elsewhere. A query is a token, and new each time, unless it is what names the file."""
    if _differ(_path(item), _path(seen)):
        return True
    return bool(_GENERIC.search(_path(item) or "")) and _differ(_place(item), _place(seen))


def _has_time(item: Traits) -> bool:
    return bool(item.published_at and item.published_at.time() != dt.time())


def _order(item: Traits) -> tuple[Any, ...]:
    """By date, so that the first of several with one GUID is the same whenever they are seen; then by all else."""
    return (item.published_at or _NEVER, item.enclosure_url or "", item.title, item.guid, item.enclosure_bytes or 0)


def _is_address(item: Traits) -> bool:
    """Whether the GUID is no more than the enclosure's address."""
    url = without_query(item.enclosure_url or "")
    return url == item.guid or url.endswith("/" + item.guid.lstrip("./"))  # the feed's own words may be relative


def _place(traits: Traits) -> str | None:
    """The enclosure's address without its scheme."""
    url = traits.enclosure_url
    return (url.partition(":")[2] if is_remote(url) else url).partition("#")[0] if url else None


def _path(traits: Traits) -> str | None:
    """The same without its query."""
    return without_query(_place(traits) or "") or None


def _title(traits: Traits) -> str:
    return traits.title.casefold() if traits.title != UNTITLED else ""


def _size(traits: Traits) -> int | None:
    """The size, where it may be one."""
    return traits.enclosure_bytes if traits.enclosure_bytes and traits.enclosure_bytes >= LEAST_BYTES else None


def _name(traits: Traits) -> tuple[str, dt.datetime] | None:
    """Title and date."""
    title = _title(traits)
    return (title, traits.published_at) if title and traits.published_at else None


def _place_and_name(traits: Traits) -> Hashable:
    place, name = _place(traits), _name(traits)
    return (place, name) if place and name else None


def _path_and_name(traits: Traits) -> Hashable:
    path, name = _path(traits), _name(traits)
    return (path, name) if path and name else None


def _everything(traits: Traits) -> Hashable:
    return traits.guid, _place(traits), _title(traits), traits.published_at


def _differ(one: object, other: object) -> bool:
    """Whether two values are known and not the same."""
    return bool(one) and bool(other) and one != other


def _size_allows(item: Traits, seen: Seen, _: _Document | None = None) -> bool:
    """Whether it may be the same audio; another host may have made other files of it."""
    return not _differ(_size(item), _size(seen)) or _host(item) != _host(seen)


def _name_tells(item: Traits, seen: Seen, document: _Document) -> bool:
    """Whether title and date are enough: a date without a time is that of a morning's and an evening's news alike."""
    return _size_allows(item, seen) and (_has_time(item) or _file(item) == _file(seen) or _same_size(item, seen, document))


def _file(traits: Traits) -> str:
    """The last part of the enclosure's address."""
    return (_path(traits) or "").rpartition("/")[2]


def _host(traits: Traits) -> str:
    return (_place(traits) or "").removeprefix("//").partition("/")[0]


def _same_guid_and_audio(item: Traits, seen: Seen, _: _Document) -> bool:
    is_other = _differ(_title(item), _title(seen)) or _differ(_size(item), _size(seen))
    return item.guid == seen.guid and not (_differ(item.published_at, seen.published_at) and is_other)


def _same_size(item: Traits, seen: Seen, document: _Document) -> bool:
    """Whether the size agrees, and tells something: what several have is a number that was put in its place."""
    size = _size(item)
    return size is not None and size == _size(seen) and document.count(_size)[size] == 1


def _same_size_and_date(item: Traits, seen: Seen, document: _Document) -> bool:
    return bool(item.published_at) and item.published_at == seen.published_at and _same_size(item, seen, document)


def _same_title_and_more(item: Traits, seen: Seen, document: _Document) -> bool:
    if not _title(item) or _title(item) != _title(seen) or not _size_allows(item, seen):
        return False
    return _same_size(item, seen, document) or not (item.published_at and seen.published_at)


_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)
_RULES = (  # the strongest first
    _Rule(_everything, _size_allows),
    _Rule(_place_and_name, _size_allows),
    _Rule(_path_and_name, _size_allows, "anywhere"),
    _Rule(_path, _same_guid_and_audio, "document"),
    _Rule(_place, _same_guid_and_audio, "document"),
    _Rule(_name, _name_tells, "anywhere"),
    _Rule(_path, _same_size_and_date, "document"),
    _Rule(_place, _same_title_and_more, "document"),
)
