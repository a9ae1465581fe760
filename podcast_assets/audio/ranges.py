"""What an answer promises of a file: which bytes of it, of how many, and by what the file is known again.

Belongs here: the headers of RFC 9110 that a download in parts depends on, as pure functions. Does not belong here: asking,
and the bytes.
"""

import dataclasses
import datetime as dt
import email.utils
import re
from collections.abc import Mapping

from podcast_assets.hashing import sha256
from podcast_assets.http.client import PARTIAL
from podcast_assets.http.errors import FetchError
from podcast_assets.sources import without_query

OK = 200
STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]*"')
CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.ASCII)
LEAST_AGE = dt.timedelta(seconds=1)


@dataclasses.dataclass(frozen=True)
class Origin:
    """What tells one file of the web from another: all that a part must agree in with its continuation.

    ``address`` is where it came from in the end, as a hash (it may bear a secret) and without the query (which may bear a
    signature that changes by the hour). Without a ``validator`` no part of it can be continued. ``total`` is in bytes, None
    where the server did not say it. ``served`` is the type that the server names. ``content`` is a key of this very content,
    where the address in full, the validator and the length are known: what has the same key is the same file.
    """

    address: str
    validator: str | None
    total: int | None
    served: str | None
    content: str | None


@dataclasses.dataclass(frozen=True)
class Promise:
    """What a body is to bring: the bytes of ``origin`` from ``start`` up to (not including) ``end``, or up to its end."""

    origin: Origin
    start: int
    end: int | None

    def continues(self, origin: Origin | None, size: int) -> bool:
        """Whether its bytes follow on the first ``size`` of ``origin``.

        A server that gives an ETag must repeat it with every part (RFC 9110, 15.3.7), but need not repeat the date.
        """
        if origin is None or origin.validator is None or self.start != size or self.origin.address != origin.address:
            return False
        is_date = not origin.validator.startswith('"')
        known_again = self.origin.validator == origin.validator or (is_date and self.origin.validator is None)
        return known_again and origin.total in {None, self.origin.total}


def promise(status: int, url: str, headers: Mapping[str, str], content_length: int | None) -> Promise:
    """What an answer from ``url`` promises.

    Raises:
        FetchError: it is neither a file nor a part of one, or contradicts itself.
    """
    packed = headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}
    known_by = None if packed else validator(headers)
    served, start, end, total = headers.get("Content-Type"), 0, None if packed else content_length, None
    if status == PARTIAL:
        given = CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
        if not given or packed:
            raise FetchError("HTTP 206 without a usable Content-Range", kind="incomplete")
        start, end, total = int(given[1]), int(given[2]) + 1, int(given[3])
        if not start < end <= total or content_length not in {None, end - start}:
            raise FetchError(f"HTTP 206 with a wrong Content-Range ({given[0]})", kind="incomplete")
    elif status == OK:
        total = end
    else:
        raise FetchError(f"HTTP {status}, although a file was asked for", status)
    content = sha256(f"content\n{url}\n{known_by}\n{total}") if known_by and total is not None else None
    return Promise(Origin(sha256(without_query(url)), known_by, total, served, content), start, end)


def validator(headers: Mapping[str, str]) -> str | None:
    """What ``If-Range`` may bear: a strong ETag, else a date that is strong enough, else None (RFC 9110, 13.1.5).

    The date may stand for an ETag only where there is none at all, not even a weak one; and it is strong only where the file
    was at least a second old when it was sent (8.8.2.2), or it may have changed within that second.
    """
    etag = headers.get("ETag")
    if etag is not None:
        return etag if STRONG_ETAG.fullmatch(etag) else None
    modified, sent = headers.get("Last-Modified", ""), headers.get("Date", "")
    try:
        age = email.utils.parsedate_to_datetime(sent) - email.utils.parsedate_to_datetime(modified)
    except (ValueError, TypeError):  # no date, or one without its zone beside one with it
        return None
    return modified if age >= LEAST_AGE and modified.isascii() and modified.isprintable() else None
