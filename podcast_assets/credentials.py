"""Secrets in the addresses of private feeds: named in the configuration, known to the environment alone.

An address such as ``https://${SHOW_USER}:${SHOW_PASSWORD}@example.org/feed`` or ``...feed?token=${SHOW_TOKEN}`` stands in
the configuration, in every table and in every log as it is written here. The values are put in where a request is made, and
taken out of whatever comes back before anybody else sees it: enclosures of private feeds bear the same tokens. A leaf of the
imports.
"""

import base64
import html.entities
import os
import re
from urllib.parse import quote, unquote, urlsplit

from podcast_assets.errors import RefusedError

PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
ADVICE = "expected https://${NAME_OF_A_VARIABLE}:${OF_ANOTHER}@..., and the values in the environment"
SHORTEST = 4  # characters of a secret that can be told from other text
SINGLE_BYTES = ("latin-1", "windows-1252", "iso-8859-15")
WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")  # encodings in which no secret is found byte by byte
XML_NAMES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_USER = re.compile(r"^(https?://)([^/?#@]*)@", re.IGNORECASE)


def names(address: str) -> list[str]:
    """The environment variables that an address names, each once."""
    return list(dict.fromkeys(PLACEHOLDER.findall(address)))


def is_open(address: str) -> bool:
    """Whether an address bears a user or a password in clear."""
    found = _USER.match(address)
    return bool(found and PLACEHOLDER.sub("", found[2]).strip(":"))


def reveal(address: str, feed_url: str) -> str:
    """``address`` with the values of what the feed's own address names: no other variable, whatever an address may say.

    Raises:
        RefusedError: a variable is not set, or too short to be kept out of the tables.
    """
    secrets = _secrets(feed_url)
    named = [name for name in names(address) if name in names(feed_url)]
    values = {name: quote(_value(name, SHORTEST if name in secrets else 1), safe="") for name in named}
    return PLACEHOLDER.sub(lambda name: values.get(name[1], name[0]), address)


def for_request(address: str, feed_url: str) -> str:
    """What to ask for a file that the feed at ``feed_url`` names: with the feed's user where both lie on the same server.

    Raises:
        RefusedError: as :func:`reveal`.
    """
    return reveal(with_user(address, feed_url), feed_url)


def hide(text: str, feed_url: str) -> str:
    """``text`` with the names of the feed's secrets in place of their values, however these are written."""
    values = {name: value for name in _secrets(feed_url) if len(value := os.environ.get(name, "")) >= SHORTEST}
    if not values:
        return text
    longest_first = sorted(values, key=lambda name: -len(values[name]))  # one may hold another
    pattern = "|".join(f"(?P<{name}>{''.join(map(_in_any_notation, values[name]))})" for name in longest_first)
    return re.sub(pattern, lambda found: f"${{{found.lastgroup}}}", text)


def hide_bytes(data: bytes, feed_url: str) -> bytes:
    """The same for a document, whose bytes stay as they are but for that."""
    encoding = next((each for each in WIDE if data.startswith(("\ufeff".encode(each), "<".encode(each)))), "utf-8")
    try:
        text = data.decode(encoding, "surrogateescape")
    except UnicodeDecodeError:  # an odd byte at the end of 16 bits
        encoding, text = "utf-8", data.decode("utf-8", "surrogateescape")
    hidden = hide(text, feed_url)
    return data if hidden == text else hidden.encode(encoding, "surrogateescape")


def is_told(text: str, feed_url: str) -> bool:
    """Whether ``text``, which was made of a hidden document, still bears one of the secrets: in a notation nobody knew."""
    user = _USER.match(reveal(feed_url, feed_url))
    login = base64.b64encode(unquote(user[2]).encode()).decode().rstrip("=") if user and ":" in user[2] else ""
    return hide(text, feed_url) != text or (bool(login) and login in text)


def _in_any_notation(letter: str) -> str:
    """A pattern of a letter as it is, as in addresses, and as in XML; also where that was done twice."""
    code = ord(letter)
    forms = [re.escape(letter), "".join(f"%(?:25){{0,3}}(?i:{byte:02x})" for byte in letter.encode())]
    forms.append(rf"&(?:amp;){{0,3}}#(?:0{{0,5}}{code}|[xX]0{{0,5}}(?i:{code:x}));")
    if letter in XML_NAMES:
        forms.append(f"&(?:amp;){{0,3}}{XML_NAMES[letter]};")
    if letter == " ":
        forms.append(r"\+")
    if name := html.entities.codepoint2name.get(code):
        forms.append(f"&(?:amp;){{0,3}}{name};")
    if not letter.isascii():  # in a document of single bytes it is one that is no UTF-8
        encoded = (letter.encode(each, "ignore").decode("utf-8", "surrogateescape") for each in SINGLE_BYTES)
        forms += map(re.escape, filter(None, encoded))
    return f"(?:{'|'.join(reversed(forms))})"


def without_user(address: str) -> str:
    """``address`` without a user or a password that somebody else has put into it."""
    return _USER.sub(r"\1", address)


def with_user(address: str, feed_url: str) -> str:
    """``address`` with the user and the password of the feed's address, where both lie on the same server."""
    user = _USER.match(feed_url)
    if not user or _USER.match(address) or not _is_same_server(address, without_user(feed_url)):
        return address
    return re.sub(r"^(https?://)", lambda scheme: f"{scheme[1]}{user[2]}@", address, flags=re.IGNORECASE)


def _secrets(feed_url: str) -> list[str]:
    """All names but that of a user who has a password."""
    user = _USER.match(feed_url)
    public = names(user[2].partition(":")[0]) if user and user[2].partition(":")[2] else []
    return [name for name in names(feed_url) if name not in public]


def _is_same_server(address: str, feed_url: str) -> bool:
    """Whether both lie on one server; an address may also be the encrypted one of a feed that is not."""
    try:
        there, feed = urlsplit(address), urlsplit(feed_url)
        ports = (there.port, feed.port)
    except ValueError:
        return False
    usual_ports = ports[0] in {None, 443} and ports[1] in {None, 80}
    is_upgrade = (feed.scheme, there.scheme) == ("http", "https") and usual_ports
    is_same = there.scheme == feed.scheme and ports[0] == ports[1]
    return bool(there.hostname) and there.hostname == feed.hostname and (is_same or is_upgrade)


def _value(name: str, shortest: int) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise RefusedError(f"the environment variable {name} is not set, which the feed's address names")
    if len(value) < shortest:
        raise RefusedError(f"the environment variable {name} has fewer than {shortest} characters: too few for a secret")
    return value
