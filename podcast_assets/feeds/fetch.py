"""Fetching one feed: from the web, with what is known of it as conditions, or from a local file."""

import asyncio
import dataclasses
import re
from pathlib import Path

from podcast_assets import credentials
from podcast_assets.config import Config
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.feeds.identity import Subscription
from podcast_assets.http.client import Client
from podcast_assets.http.errors import MEGABYTE, FetchError
from podcast_assets.sources import is_remote

NOT_MODIFIED = 304
CHARSET = re.compile(r"""\bcharset\s*=\s*["']?([\w.:+-]{1,40})""", re.IGNORECASE | re.ASCII)


@dataclasses.dataclass(frozen=True, slots=True)
class Fetched:
    """A feed's document as it came; no address bears a secret.

    ``status`` is None for a local file, ``body`` is packed as ``encoding`` says, and empty with the status 304. ``moved_to``
    is where permanent redirects led, or None. ``charset`` and ``cache_control`` are the server's words. ``has_end`` is false
    where the connection's end is all that says that the body is whole.
    """

    address: str
    status: int | None
    body: bytes
    encoding: str = ""
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    cache_control: str | None = None
    moved_to: str | None = None
    has_end: bool = True


async def fetch(
    config: Config,
    client: Client,
    subscription: Subscription,
    address: str | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
) -> Fetched:
    """Fetches a feed, from ``address`` where it has moved; with validators of an earlier answer it may be "not modified".

    Raises:
        FetchError, RefusedError, OSError: as ``http.Client.get``, or a file that cannot be read.
    """
    limit = config.network.max_feed_mb * MEGABYTE
    if not is_remote(subscription.url):
        path = config.resolve(subscription.url)
        return Fetched(subscription.url, None, await asyncio.to_thread(_read, path, limit))
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {name: value for name, value in conditions.items() if value}
    asked = address or subscription.url
    try:
        answer = await client.get_packed(credentials.reveal(asked, subscription.url), max_bytes=limit, headers=headers)
    except PodcastAssetsError as error:  # which may repeat what a server has said
        error.args = (credentials.hide(str(error), subscription.url),)
        raise
    if answer.status == NOT_MODIFIED and not headers:
        raise FetchError("HTTP 304 Not Modified, although nothing was said of what we have", answer.status)

    def header(name: str) -> str | None:
        return _without_secrets(answer.header(name), subscription)

    return Fetched(
        _without_secrets(answer.url, subscription) or "",
        answer.status,
        answer.body,
        answer.encoding,
        _charset(header("Content-Type")),
        header("ETag"),
        header("Last-Modified"),
        header("Cache-Control"),
        _without_secrets(answer.moved_to, subscription),
        has_end="Content-Length" in answer.headers or "Transfer-Encoding" in answer.headers,
    )


def _without_secrets(text: str | None, subscription: Subscription) -> str | None:
    return credentials.hide(text, subscription.url) if text and credentials.names(subscription.url) else text


def _charset(content_type: str | None) -> str | None:
    found = CHARSET.search(content_type or "")
    return found[1].lower() if found else None


def _read(path: Path, limit: int) -> bytes:
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    if path.stat().st_size > limit:
        raise FetchError(f"{path}: more than {limit / MEGABYTE:g} MB ([network] max_feed_mb)", kind="too_large")
    return path.read_bytes()
