"""What is followed: the configuration's addresses and OPML files, and how to change them.

Does not belong here: what the feeds behind the addresses say (``poll``, ``parse``).
"""

import itertools
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

from podcast_assets import credentials
from podcast_assets.config import Config, load, parse
from podcast_assets.errors import ConfigError, PodcastAssetsError
from podcast_assets.feeds.identity import Subscription
from podcast_assets.sources import host, is_remote
from podcast_assets.storage import locked, write_bytes

# What apps put before an address so that it opens in them: ``feed://host/...`` or ``feed:https://host/...``.
DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-z]{2,}/", re.IGNORECASE)  # what an address begins with whose scheme was left out
APP_SCHEME = re.compile(r"^(feed|itpc|pcast|podcast):(?://)?(https?://)?", re.IGNORECASE)


def subscriptions(config: Config) -> list[Subscription]:
    """All feeds of the configuration, each once, in its order: ``urls`` first, then those of the OPML files.

    Raises:
        PodcastAssetsError: an OPML file that cannot be read as one, or a file with a password in it.
    """
    listed = {config.file: [as_web(url) for url in config.feeds.urls]}
    for file in map(config.resolve, config.feeds.opml):
        listed[file] = [url for url, _ in read_opml(file)]
    for file, urls in listed.items():
        if bad := next(filter(credentials.is_open, urls), None):
            raise PodcastAssetsError(f"{file}: an address of {host(bad)} bears a password; {credentials.ADVICE}")
        # Files of others: they would send whatever variable they name to whatever server they name.
        if file != config.file and (bad := next(filter(credentials.names, urls), None)):
            raise PodcastAssetsError(
                f"{file}: an address of {host(bad)} names a variable of the environment, which only {config.file} may; "
                "take it out there and, if it is yours, add it here: podcast-assets feeds add"
            )
    return [Subscription(url) for url in each_once(config, itertools.chain.from_iterable(listed.values()))]


def each_once(config: Config, urls: Iterable[str]) -> list[str]:
    """The addresses without those that lead to the same show as an earlier one."""
    first: dict[str, str] = {}
    for url in filter(None, urls):
        first.setdefault(same_show(config, url), url)
    return list(first.values())


def same_show(config: Config, url: str) -> str:
    """What two addresses of one show have in common: not http or https, the case of the host, nor a slash at the end."""
    url = as_web(url)
    if not is_remote(url):
        return str(config.resolve(url))
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port and parts.port not in {80, 443} else ""
    except ValueError:
        return url
    user = parts.netloc.rpartition("@")[0]
    query = f"?{parts.query}" if parts.query else ""
    return f"{user}@{parts.hostname}{port}{parts.path.rstrip('/')}{query}"


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
    named = ((as_web(str(feed.url)), str(feed.title or "")) for feed in result.feeds)
    feeds = [(url, title) for url, title in named if is_remote(url)]
    if not feeds:
        reason = f" ({result.bozo_exception})" if result.bozo else ""
        raise PodcastAssetsError(f"{file}: no feed found{reason}; expected an OPML file with xmlUrl attributes")
    return feeds


def as_web(url: str) -> str:
    """An address as apps write it as one of the web; any other one without the space around it."""
    return APP_SCHEME.sub(lambda scheme: scheme[2] or "http://", url.strip())


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
    wanted = list(dict.fromkeys(map(as_web, urls)))
    for url in wanted:
        if credentials.is_open(url):
            raise ConfigError(f"the address of {host(url)} bears a password; {credentials.ADVICE}")
        if not leads_somewhere(config, url):
            hint = f"; did you mean https://{url}?" if DOMAIN.match(url) else ""
            raise ConfigError(f"{url}: expected an http or https address, or a file seen from {config.folder}{hint}")
    with locked(config.folder):
        known = {same_show(config, subscription.url) for subscription in subscriptions(load(config.file))}
        new = [url for url in each_once(config, wanted) if same_show(config, url) not in known]
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
        wanted = same_show(config, url.strip())
        same = [entry for entry in listed if same_show(config, str(entry).strip()) == wanted]
        if not same:
            shown = host(url) if credentials.is_open(url) else url
            for file in map(config.resolve, config.feeds.opml):
                if any(same_show(config, other) == wanted for other, _ in read_opml(file)):
                    raise ConfigError(f"{shown}: it is followed because {file} lists it; take it out there")
            raise ConfigError(f"{shown}: not among [feeds] urls of {config.file}; see podcast-assets feeds list")
        for entry in same:
            listed.remove(entry)
        _save(config, document)


def leads_somewhere(config: Config, url: str) -> bool:
    """Whether an address can be seen and has a host, or is a file."""
    try:
        parts = urlsplit(credentials.PLACEHOLDER.sub("x", url))
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
