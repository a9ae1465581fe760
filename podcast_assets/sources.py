"""Where an address of a feed leads: to a URL, or to a file of the feed's own folder.

A subscription of the configuration may be a local path; what such a feed names by a relative address is a file inside the
folder of that feed, links resolved. A feed fetched over HTTP never reaches a file.
"""

import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from podcast_assets.errors import RefusedError
from podcast_assets.text import one_line

_HOST = re.compile(r"https?://(?:[^/?#]*@)?(\[[^\]/]*\]|[^/?#:@\[]+)(:\d+)?", re.IGNORECASE)
_USUAL_PORTS = (":80", ":443")


def is_remote(address: str) -> bool:
    """Whether an address is a URL of the web (and not a local path)."""
    return address.strip().lower().startswith(("http:", "https:"))  # no parsing: an address may be broken


def absolute(address: str, base: str) -> str:
    """``address`` seen from ``base``; as it is where no parser can read it (who asks for it says what is wrong)."""
    if address.startswith(("https://", "http://")):  # most are, and the general way takes long for a large feed
        return address
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def without_query(address: str) -> str:
    """An address without its query and its fragment."""
    return address.partition("?")[0].partition("#")[0]


def host(address: str) -> str:
    """The host that an address depends on, with its port if it has one of its own; the address itself of a local file."""
    found = _HOST.match(address)
    if not found:
        return address
    return found[1].lower() + (found[2] if found[2] and found[2] not in _USUAL_PORTS else "")


def locate(address: str, feed_url: str, config_folder: Path) -> str | Path:
    """Where ``address``, named by the feed at ``feed_url`` (as subscribed), leads: a URL, or an existing file.

    Raises:
        RefusedError: another scheme, a file named by a feed from the web, or a file outside the feed's folder.
        FileNotFoundError: no such file in the feed's folder.
    """
    if is_remote(address):
        return address.strip()
    if is_remote(feed_url):
        raise RefusedError(f"{address!r}: a feed from the web may name http and https addresses alone")
    try:
        folder = (config_folder / Path(feed_url).expanduser()).resolve().parent
        parts = urlsplit(address)
        path = (folder / unquote(parts.path)).resolve()
        there = path.is_file()
    except (ValueError, RuntimeError, OSError) as error:  # a broken address, a NUL, a loop of links, a name too long
        raise RefusedError(f"{one_line(address, 200)!r}: this is no address of a file ({error})") from error
    if len(parts.scheme) > 1:
        raise RefusedError(f"{address!r}: only http, https and files of the feed's folder are allowed")
    if not path.is_relative_to(folder):
        raise RefusedError(f"{address!r} leads out of the feed's folder {folder}")
    if not there:
        raise FileNotFoundError(f"no such file: {path}")
    return path
