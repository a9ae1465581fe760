"""podcastparser's handler with a mapping of our own, which keeps every ``podcast:transcript`` and every GUID as it is.

Belongs here: which elements of RSS 2.0 and Atom are read. It collects raw text and attributes; what they mean is said by
``parse``. The podcast namespace is specified at podcastindex.org/namespace/1.0.
"""

import logging
from typing import Any

import podcastparser

from podcast_assets.errors import PodcastAssetsError
from podcast_assets.sources import absolute

PODCAST_NAMESPACE = "https://podcastindex.org/namespace/1.0"
DEEPEST = 100  # elements in elements: each one costs a look at all that it stands in

logging.getLogger("podcastparser").setLevel(logging.CRITICAL)  # it logs every odd value; we keep the row instead


class FeedError(PodcastAssetsError):
    """A document that is no feed."""


class _Base(podcastparser.Target):  # type: ignore[misc]
    def start(self, handler: Any, attrs: Any) -> None:
        if base := attrs.get("xml:base"):
            handler.set_base(absolute(base, handler.base))


class _Guid(podcastparser.Target):  # type: ignore[misc]
    """A GUID is kept as it is, whatever it says of being a permanent link: an address in it would move with the feed."""

    WANT_TEXT = True

    def start(self, handler: Any, attrs: Any) -> None:
        handler.set_episode_attr("permalink", attrs.get("isPermaLink", "true").lower() == "true")

    def end(self, handler: Any, text: str) -> None:
        handler.set_episode_attr("guid", text.strip())


class _Enclosure(podcastparser.Target):  # type: ignore[misc]
    def start(self, handler: Any, attrs: Any) -> None:
        handler.episodes[-1]["enclosures"].append(attrs)


class _AtomLink(podcastparser.Target):  # type: ignore[misc]
    def start(self, handler: Any, attrs: Any) -> None:
        episode, rel = handler.episodes[-1], attrs.get("rel", "alternate")
        if rel == "enclosure":
            episode["enclosures"].append(attrs)
        elif rel == "alternate" and not episode["link"]:
            episode["link"] = attrs.get("href", "")


class _Transcript(podcastparser.Target):  # type: ignore[misc]
    def start(self, handler: Any, attrs: Any) -> None:
        handler.episodes[-1].setdefault("transcripts", []).append(attrs)


_KEPT = (  # what podcastparser does well
    "rss/channel/title",
    "rss/channel/language",
    "rss/channel/item",
    "rss/channel/item/title",
    "rss/channel/item/itunes:summary",
    "rss/channel/item/itunes:subtitle",
    "rss/channel/item/media:description",
    "rss/channel/item/content:encoded",
    "atom:feed/atom:title",
    "atom:feed/atom:entry",
    "atom:feed/atom:entry/atom:id",
    "atom:feed/atom:entry/atom:title",
    "atom:feed/atom:entry/atom:content",
    "atom:feed/atom:entry/content:encoded",
    "atom:feed/atom:entry/media:group/media:description",
)
_MAPPING = {path: podcastparser.MAPPING[path] for path in _KEPT} | {
    "rss": _Base(),
    "rss/channel/item/guid": _Guid(),
    "rss/channel/item/link": podcastparser.EpisodeAttr("link"),
    "rss/channel/item/atom:link": _AtomLink(),
    "rss/channel/item/description": podcastparser.EpisodeAttr("description", overwrite=False),
    "rss/channel/item/pubDate": podcastparser.EpisodeAttr("published"),
    "rss/channel/item/itunes:duration": podcastparser.EpisodeAttr("total_time"),
    "rss/channel/item/enclosure": _Enclosure(),
    "rss/channel/item/media:content": _Enclosure(),
    "rss/channel/item/media:group/media:content": _Enclosure(),
    "rss/channel/item/podcast:transcript": _Transcript(),
    "atom:feed": _Base(),
    "atom:feed/atom:entry/atom:link": _AtomLink(),
    "atom:feed/atom:entry/atom:summary": podcastparser.EpisodeAttr("subtitle"),
    "atom:feed/atom:entry/atom:published": podcastparser.EpisodeAttr("published"),
    "atom:feed/atom:entry/atom:updated": podcastparser.EpisodeAttr("published", overwrite=False),
    "atom:feed/atom:entry/podcast:transcript": _Transcript(),
}
_ROOTS = {path.split("/")[0] for path in _MAPPING}


class _Namespace(podcastparser.Namespace):  # type: ignore[misc]
    NAMESPACES = podcastparser.Namespace.NAMESPACES | {PODCAST_NAMESPACE: "podcast", PODCAST_NAMESPACE + "/": "podcast"}


class Handler(podcastparser.PodcastHandler):  # type: ignore[misc]
    """Collects a feed: ``data`` of the show, ``episodes`` in the feed's order, ``base`` of their relative addresses."""

    namespace: Any
    text: list[str] | None

    def __init__(self, base: str) -> None:
        super().__init__(base, 0)
        self.data["title"] = ""  # by default podcastparser makes one of the address

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - SAX calls it so
        """Follows the path to where we are, and starts what the mapping has for it."""
        if len(self.path_stack) == DEEPEST:
            raise FeedError(f"not a feed: elements stand in each other more than {DEEPEST} deep")
        self.namespace = _Namespace(attrs, self.namespace)
        name = self.namespace.map(name)
        if not self.path_stack and name not in _ROOTS:
            raise podcastparser.FeedParseError(f"the document is <{name}>, not RSS or Atom", None, self._locator)
        self.path_stack.append(name)
        if target := _MAPPING.get("/".join(self.path_stack)):
            target.start(self, attrs)
            if target.WANT_TEXT:
                self.text = []

    def endElement(self, name: str) -> None:  # noqa: N802
        """Hands the text to what the mapping has for it."""
        if target := _MAPPING.get("/".join(self.path_stack)):
            target.end(self, "".join(self.text) if self.text is not None else "")
            self.text = None
        self.namespace = self.namespace.parent
        self.path_stack.pop()

    def validate_episode(self) -> None:
        """Leaves every episode in: there is no item that we cannot tell from the others."""
