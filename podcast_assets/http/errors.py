"""What can go wrong with a request, as one type with a kind that tables and counts can use."""

from typing import Literal

from podcast_assets.errors import PodcastAssetsError

MEGABYTE = 1_000_000
TEMPORARY = frozenset({408, 425, 429})
SERVER_ERROR = 500
UNREACHED = frozenset({"dns", "connect", "timeout"})

Kind = Literal[
    "dns",  # the host's name is not known
    "connect",  # nobody listens there, or no way leads there
    "tls",  # a certificate or a handshake that cannot be trusted
    "timeout",  # no answer, or not a whole one, in time
    "incomplete",  # an answer that broke off, or that is no HTTP
    "http",  # an answer, with a status that brings nothing
    "redirects",  # too many of them, or one to nowhere
    "too_large",
    "encoding",  # a body that cannot be unpacked
]


class FetchError(PodcastAssetsError):
    """A request that brought nothing usable; ``status`` is the HTTP status, or None where there was no answer.

    ``retry_after`` is what the server said of when to ask again, as it said it: seconds, or a date (RFC 9110, 10.2.3).
    ``host`` is whose answer it was or should have been, where that is known: after a redirect another one than was asked
    first. ``is_silence`` says that nothing at all came from there.
    """

    def __init__(self, message: str, status: int | None = None, kind: Kind = "http", retry_after: str | None = None) -> None:
        super().__init__(message)
        self.host: str | None = None
        self.is_silence = kind in UNREACHED
        self.status = status
        self.kind: Kind = kind
        self.retry_after = retry_after

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may well succeed later: no complete answer, or one that says so."""
        broken = self.status is None or self.kind == "encoding"
        return broken or self.status in TEMPORARY or (self.status or 0) >= SERVER_ERROR
