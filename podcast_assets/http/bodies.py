"""Unpacking bodies: gzip, deflate and Brotli (RFC 9110, 8.4.1), never beyond a limit, and never a part for the whole."""

import re
import zlib
from collections.abc import Callable

import brotli

from podcast_assets.http.errors import MEGABYTE, FetchError

ACCEPTED = "gzip, deflate, br"
FIRST_STEP = 1 << 12  # bytes that are taken at a time: at first, and at most
STEP = 1 << 20
PADDING = re.compile(rb"\0*")  # between the members of gzip
GZIP_START = b"\x1f\x8b"
GZIP, ZLIB, RAW = 31, 15, -15  # zlib's names for the three containers


def unpack(packed: bytes, encoding: str, max_bytes: int) -> bytes:
    """The content of a body.

    Args:
        packed: as it came.
        encoding: of the header ``Content-Encoding``; empty: as it is, unless it starts as gzip does (a file ``.xml.gz``).
        max_bytes: of the content.

    Raises:
        FetchError: too large, cut off, damaged, or packed in a way that is not ours.
    """
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) and name != "identity"]
    if not names and packed.startswith(GZIP_START):
        names = ["gzip"]
    if len(names) > 1:
        raise FetchError(f"packed more than once ({', '.join(names)[:50]})", 200, "encoding")
    try:
        content = _by_name(names[0])(packed, max_bytes) if names else packed
    except (zlib.error, brotli.error) as error:
        raise FetchError(f"the body cannot be unpacked: {error}", 200, "encoding") from error
    if len(content) > max_bytes:
        raise FetchError(f"more than {max_bytes / MEGABYTE:g} MB", 200, "too_large")
    return content


def _by_name(name: str) -> Callable[[bytes, int], bytes]:
    match name:
        case "gzip" | "x-gzip":
            return _gzip
        case "deflate":
            return _deflate
        case "br":
            return _brotli
    raise FetchError(f"packed as {name[:50]!r}, which nobody asked for", 200, "encoding")


def _gzip(packed: bytes, max_bytes: int) -> bytes:
    """One member or several in a row; what follows them and is none is left alone, as by ``gzip`` itself."""
    members, left, start = [], max_bytes, 0
    while packed.startswith(GZIP_START, start) and left >= 0:
        member, end = _inflate(packed, GZIP, left, start)
        members.append(member)
        left -= len(member)
        padding = PADDING.match(packed, end)
        start = padding.end() if padding else end
    if not members and packed:
        raise FetchError("the body cannot be unpacked: it is no gzip", 200, "encoding")
    return b"".join(members)


def _deflate(packed: bytes, max_bytes: int) -> bytes:
    """In zlib's container, as specified, or bare, as some servers send it."""
    try:
        return _inflate(packed, ZLIB, max_bytes)[0]
    except zlib.error:
        return _inflate(packed, RAW, max_bytes)[0]


def _inflate(packed: bytes, container: int, max_bytes: int, start: int = 0) -> tuple[bytes, int]:
    """The content of the stream that begins at ``start``, stopped soon after ``max_bytes``, and where the stream ends.

    It is given little at first: what a short stream leaves is copied, and a body may consist of a million of them.
    """
    stream, pieces, size, step = zlib.decompressobj(container), [], 0, FIRST_STEP
    rest = memoryview(packed)[start:]
    while not stream.eof and size <= max_bytes:
        if not rest:
            raise FetchError("the body ends in the middle", None, "incomplete")
        pieces.append(stream.decompress(rest[:step], max_bytes + 1 - size))
        size += len(pieces[-1])
        rest = rest[len(rest[:step]) - len(stream.unconsumed_tail) - len(stream.unused_data) :]
        step = min(2 * step, STEP)
    return b"".join(pieces), len(packed) - len(rest)


def _brotli(packed: bytes, max_bytes: int) -> bytes:
    stream, size = brotli.Decompressor(), 0
    pieces = [stream.process(packed, output_buffer_limit=STEP)]
    while not stream.is_finished() and (size := size + len(pieces[-1])) <= max_bytes:
        if stream.can_accept_more_data():  # all of it was taken, and it is not the end
            raise FetchError("the body ends in the middle", None, "incomplete")
        pieces.append(stream.process(b"", output_buffer_limit=STEP))
    return b"".join(pieces)
