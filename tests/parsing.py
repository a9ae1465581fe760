"""What the tests of parsing share: feeds of a few elements, well-formed and not, and the one episode in them."""

import datetime as dt
from pathlib import Path

from podcast_assets.feeds.parse import Item, parse

ADDRESS = "https://example.com/show/feed.xml"
LOCAL = "feeds/show/feed.xml"
ENCLOSURE = '<enclosure url="https://cdn.example/1.mp3" type="audio/mpeg" length="1000"/>'
NAMESPACES = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:psc="http://podlove.org/simple-chapters"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def rss(items: str, head: str = "", channel: str = "<title>Show</title>") -> bytes:
    """A feed of RSS; ``head`` stands before its root."""
    declaration = f'<?xml version="1.0" encoding="UTF-8"?>{head}'
    return f'{declaration}<rss version="2.0" {NAMESPACES}><channel>{channel}{items}</channel></rss>'.encode()


def atom(entries: str, attributes: str = "") -> bytes:
    """A feed of Atom."""
    names = NAMESPACES.replace("xmlns:atom", "xmlns")
    return f"<feed {names} {attributes}><title>Show</title>{entries}</feed>".encode()


def item(content: str, address: str = ADDRESS) -> Item:
    """The one episode of a well-formed feed."""
    (found,) = parse(rss(f"<item>{content}</item>"), address).items
    return found


def mended_item(content: str, address: str = ADDRESS) -> Item:
    """The same episode in a feed that is well-formed once it is mended."""
    (found,) = parse(rss(f"<item>{content}</item>", channel="<title>Q & A</title>"), address).items
    return found


def lenient_item(content: str, address: str = ADDRESS) -> Item:
    """The same episode as feedparser sees it, since nobody can mend the feed."""
    (found,) = parse(rss(f"<item>{content}</item>", channel="<title>Q & A</title><b><i></b>"), address).items
    return found


def moment(*parts: int) -> dt.datetime:
    """A moment in UTC."""
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


def everything(found: Item) -> dict[str, object]:
    """All that an episode says of itself, worked out."""
    names = [name for name in dir(found) if not name.startswith("_")]
    return {name: getattr(found, name) for name in names}


def feeds_of(shared: Path) -> list[Path]:
    """The files of the folder of real and hostile feeds, without what is expected of them."""
    paths = sorted(path for path in (shared / "data" / "feeds").rglob("*") if path.is_file() and path.suffix != ".json")
    assert len(paths) > 250
    return paths
