"""The network: one way to ask for a URL, with every limit and every refusal in one place.

Belongs here: sessions, redirects, size and time limits, the ban on private addresses. Does not belong here: what the bytes
mean. Both feeds and what feeds name come from strangers, so a request goes to public http(s) addresses only, unless
``[network] allow_private_hosts`` says otherwise; the address that was checked is the one that is connected to.
"""

import asyncio
import contextlib
import dataclasses
import ipaddress
import socket
from collections.abc import AsyncIterator, Mapping

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from podcast_assets.config import NetworkConfig
from podcast_assets.errors import PodcastAssetsError, RefusedError
from podcast_assets.sources import absolute
from podcast_assets.text import one_line

MEGABYTE = 1_000_000
MAX_REDIRECTS = 10
CHUNK = 1 << 16
TEMPORARY = frozenset({408, 425, 429})
SERVER_ERROR = 500
REDIRECTS = frozenset({301, 302, 303, 307, 308})

UNICAST = ipaddress.ip_network("2000::/3")  # all that IANA has given out of IPv6; the rest is special or unassigned
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # a gateway sends these to the IPv4 address in the last 32 bits
PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")  # special too, but not to every release of Python that we run on


class FetchError(PodcastAssetsError):
    """A request that brought nothing usable; ``status`` is the HTTP status, or None where there was no answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may well succeed later: no complete answer, or one that says so."""
        return self.status is None or self.status in TEMPORARY or self.status >= SERVER_ERROR


@dataclasses.dataclass(frozen=True)
class Response:
    """An answer that was read whole. ``url`` is where it came from in the end, after redirects."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header, or None where it is missing or no text: its bytes may be any, and must be sent back as they were."""
        value = self.headers.get(name)
        return value if value and value.isprintable() else None


def is_public(address: str) -> bool:
    """Whether an IP address (any notation that sockets accept) is one of the public internet."""
    try:
        ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast and ip not in PROTOCOLS
    inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else ip.ipv4_mapped or ip.sixtofour
    return is_public(str(inner)) if inner else ip in UNICAST and ip.is_global


class _PublicResolver(AbstractResolver):
    """Resolves names, and leaves out every address that is not public; aiohttp connects to what is left."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        public = [answer for answer in found if is_public(answer["host"])]
        if not public:
            raise RefusedError(_private(host))
        return public

    async def close(self) -> None:
        await self._inner.close()


def _private(host: str) -> str:
    return f"{host} is no public address; set [network] allow_private_hosts = true to allow it"


class Client:
    """An asynchronous HTTP client under the configured limits. Use it as an async context manager."""

    def __init__(self, config: NetworkConfig, concurrency: int = 16) -> None:
        self._config = config
        self._concurrency = concurrency
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Client":
        resolver = ThreadedResolver() if self._config.allow_private_hosts else _PublicResolver()
        connector = aiohttp.TCPConnector(
            resolver=resolver, limit=self._concurrency, limit_per_host=self._concurrency, use_dns_cache=False
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": self._config.user_agent},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._config.timeout_s, sock_read=self._config.timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session:
            await self._session.close()

    async def get(
        self, url: str, *, max_bytes: int, headers: Mapping[str, str] | None = None, total_s: float | None = None
    ) -> Response:
        """Fetches ``url`` whole.

        Args:
            url: http or https.
            max_bytes: more than this, after decompression, is an error.
            headers: of the request.
            total_s: the time for all of it; by default four times the configured timeout.

        Raises:
            FetchError: no answer, a status that is neither 200 nor 304, too large, or too slow.
            RefusedError: an address or a scheme that is not allowed.
        """
        limit = total_s or 4 * self._config.timeout_s
        try:
            async with asyncio.timeout(limit), self.stream(url, headers=headers) as answer:
                body = bytearray()
                async for chunk in answer.content.iter_chunked(CHUNK):
                    body += chunk
                    if len(body) > max_bytes:
                        raise FetchError(f"more than {max_bytes / MEGABYTE:g} MB", answer.status)
                return Response(str(answer.url), answer.status, answer.headers, bytes(body))
        except aiohttp.ServerTimeoutError as error:
            raise FetchError(f"the answer stopped for {self._config.timeout_s:g} s") from error
        except TimeoutError as error:
            raise FetchError(f"no complete answer in {limit:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise FetchError(_reason(error)) from error

    @contextlib.asynccontextmanager
    async def stream(self, url: str, *, headers: Mapping[str, str] | None = None) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer (200, 206 or 304) whose body has not been read; follows redirects and checks each of them.

        Raises:
            FetchError, RefusedError: as :meth:`get`. Errors while reading the body are aiohttp's own.
        """
        for _ in range(MAX_REDIRECTS + 1):
            async with self._get(self._checked(url), headers) as answer:
                if answer.status in REDIRECTS and "Location" in answer.headers:
                    url = absolute(answer.headers["Location"], url)
                    continue
                if answer.status not in {200, 206, 304}:
                    raise FetchError(one_line(f"HTTP {answer.status} {answer.reason or ''}", 100), answer.status)
                yield answer
                return
        raise FetchError(f"more than {MAX_REDIRECTS} redirects")

    @contextlib.asynccontextmanager
    async def _get(self, url: URL, headers: Mapping[str, str] | None) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._session is None:
            raise RuntimeError("use the client as an async context manager")
        try:
            answer = await self._session.get(url, headers=headers, allow_redirects=False)
        except TimeoutError as error:
            raise FetchError(f"no answer in {self._config.timeout_s:g} s") from error
        except ValueError as error:  # aiohttp's and yarl's word for an address that is none
            raise RefusedError(f"not an address: {error}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise FetchError(_reason(error)) from error
        async with answer:
            yield answer

    def _checked(self, url: str) -> URL:
        """The address by the parser of aiohttp itself: another one may see another host, such as in full-width digits."""
        try:
            parts = URL(url)
        except ValueError as error:
            raise RefusedError("this is no address that can be fetched") from error
        host = parts.raw_host
        if parts.scheme not in {"http", "https"} or not host:
            raise RefusedError(f"{parts.scheme or 'no scheme'}: only http and https addresses are fetched")
        if not self._config.allow_private_hosts and _is_literal(host) and not is_public(host):
            raise RefusedError(_private(host))
        return parts


def _is_literal(host: str) -> bool:
    """Whether ``host`` is an IP address in any notation that the system's sockets take (``127.1``, ``0x7f.1``, ``::1``)."""
    if ":" in host:
        return True
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


def _reason(error: BaseException) -> str:
    """One line of what went wrong with a connection, without the address (it may bear a secret)."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the host's name is not known"
    cause = error.__cause__ if isinstance(error, aiohttp.ClientConnectorError) and error.__cause__ else error
    return one_line(f"{type(error).__name__}: {getattr(cause, 'strerror', None) or cause}", 200)
