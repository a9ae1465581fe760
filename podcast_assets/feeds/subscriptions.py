"""What is followed: the configuration's addresses and OPML files, and how to change them.

Does not belong here: what the feeds behind the addresses say (``poll``, ``parse``).
"""

import dataclasses
import re
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import listparser
import tomlkit
from tomlkit.items import Array, Table

from podcast_assets.config import Config, load, parse
from podcast_assets.errors import ConfigError, PodcastAssetsError
from podcast_assets.sources import is_remote
from podcast_assets.storage import locked, sha256, write_bytes

# What apps put before an address so that it opens in them: ``feed://host/...`` or ``feed:https://host/...``.
APP_SCHEME = re.compile(r"^(feed|itpc|pcast|podcast):(?://)?(https?://)?", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Subscription:
    """A feed as the user named it; ``feed_id`` stays the same when the feed moves."""

    url: str

    @property
    def feed_id(self) -> str:
        """The first 12 hex digits of SHA-256 of the address as subscribed."""
        return sha256(self.url)[:12]


def subscriptions(config: Config) -> list[Subscription]:
    """All feeds of the configuration, each once, in its order: ``urls`` first, then those of the OPML files.

    Raises:
        PodcastAssetsError: an OPML file that cannot be read as one.
    """
    found = dict.fromkeys(url.strip() for url in config.feeds.urls)
    for entry in config.feeds.opml:
        found |= dict.fromkeys(url for url, _ in read_opml(config.resolve(entry)))
    return [Subscription(url) for url in found if url]


def read_opml(file: Path) -> list[tuple[str, str]]:
    """The feeds of an OPML file as (address, title), in its order, nested ones too.

    Raises:
        PodcastAssetsError: not OPML, or no feed in it.
    """
    try:
        result = listparser.parse(file.read_bytes())
    except OSError as error:
        raise PodcastAssetsError(f"{file}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise PodcastAssetsError(f"{file}: cannot be read: {error}; expected an OPML file in UTF-8") from error
    named = ((APP_SCHEME.sub(_web_scheme, str(feed.url)), str(feed.title or "")) for feed in result.feeds)
    feeds = [(url, title) for url, title in named if is_remote(url)]
    if not feeds:
        reason = f" ({result.bozo_exception})" if result.bozo else ""
        raise PodcastAssetsError(f"{file}: no feed found{reason}; expected an OPML file with xmlUrl attributes")
    return feeds


def _web_scheme(scheme: re.Match[str]) -> str:
    return scheme[2] or "http://"


def write_opml(feeds: Iterable[tuple[str, str]]) -> str:
    """An OPML 2.0 document of (address, title) pairs."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = "podcast_assets subscriptions"
    body = ET.SubElement(root, "body")
    for url, title in feeds:
        ET.SubElement(body, "outline", type="rss", text=title or url, xmlUrl=url)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def add(config: Config, urls: Iterable[str]) -> list[str]:
    """Adds addresses to the configuration file, keeping its comments; gives those that were new.

    Raises:
        ConfigError: an address that is neither http(s) nor an existing file, or a file without a list to add to.
    """
    wanted = list(dict.fromkeys(url.strip() for url in urls))
    for url in wanted:
        if not leads_somewhere(config, url):
            raise ConfigError(f"{url}: expected an http or https address, or a file seen from {config.folder}")
    with locked(config.folder):
        known = {subscription.url for subscription in subscriptions(load(config.file))}
        new = [url for url in wanted if url not in known]
        if new:
            document, listed = _listed(config)
            listed.extend(new)
            listed.multiline(multiline=True)
            _save(config, document)
    return new


def remove(config: Config, url: str) -> None:
    """Takes an address out of the configuration file.

    Raises:
        ConfigError: it is not in the file's list.
    """
    with locked(config.folder):
        document, listed = _listed(config)
        same = [entry for entry in listed if str(entry).strip() == url.strip()]
        if not same:
            raise ConfigError(f"{url}: not among [feeds] urls of {config.file}; see podcast-assets feeds list")
        for entry in same:
            listed.remove(entry)
        _save(config, document)


def leads_somewhere(config: Config, url: str) -> bool:
    """Whether an address can be seen and has a host, or is a file."""
    try:
        parts = urlsplit(url)
        there = bool(parts.hostname and parts.port != 0) if is_remote(url) else config.resolve(url).is_file()
    except (ValueError, RuntimeError, OSError):  # nobody can read it, nobody has this home folder, a name too long
        return False
    return there and url.isprintable()


def _listed(config: Config) -> tuple[tomlkit.TOMLDocument, Array]:
    """The file's document and its list of addresses, made where it is missing; what lies there was checked by ``load``."""
    text = config.file.read_bytes().decode("utf-8-sig")  # read_text would change the ends of lines
    document = tomlkit.parse(text)
    section = cast(Table, document.setdefault("feeds", tomlkit.table()))
    return document, cast(Array, section.setdefault("urls", tomlkit.array()))


def _save(config: Config, document: tomlkit.TOMLDocument) -> None:
    text = tomlkit.dumps(document)
    parse(tomllib.loads(text), config.file)  # what we write must be a configuration that the next command can read
    write_bytes(config.file.resolve(), text.encode())  # a link stays one
