"""The client: sessions, redirects, limits of size and time."""

import asyncio
import contextlib
import dataclasses
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import aiohttp
from yarl import URL

from podcast_assets.config import NetworkConfig
from podcast_assets.errors import RefusedError
from podcast_assets.http.addresses import Resolver, is_literal, is_public, refusal
from podcast_assets.http.bodies import ACCEPTED, unpack
from podcast_assets.http.errors import MEGABYTE, FetchError
from podcast_assets.sources import absolute
from podcast_assets.sources import host as host_of
from podcast_assets.text import one_line

MAX_REDIRECTS = 10
CHUNK = 1 << 16
PARTIAL, NOT_MODIFIED = 206, 304
USABLE = frozenset({200, PARTIAL, NOT_MODIFIED})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
MOST_LOOKUPS = 64  # of names at the same time

# A body that passes this size waits for one of a few places: so many at once as there are connections would fill the memory.
LARGE = 4 * MEGABYTE
LARGE_AT_ONCE = 4
LONGEST_REASON = 100  # characters; a longer one is left out whole: half a secret in it could not be recognised


@dataclasses.dataclass(frozen=True, slots=True)
class Response:
    """An answer that was read whole.

    ``url`` is where it came from in the end, after redirects. ``moved_to`` is where the first redirects led that are meant
    for good (301, 308), or None. ``encoding`` says how ``body`` is packed; it is empty where it was unpacked already.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    encoding: str = ""
    moved_to: str | None = None

    def header(self, name: str) -> str | None:
        """A header, or None where it is missing or no text: its bytes may be any, and must be sent back as they were."""
        value = self.headers.get(name)
        return value if value and value.isprintable() else None


class Client:
    """An asynchronous HTTP client under the configured limits. Use it as an async context manager."""

    def __init__(self, config: NetworkConfig, concurrency: int = 16) -> None:
        self._config = config
        self._concurrency = concurrency
        self._session: aiohttp.ClientSession | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def __aenter__(self) -> "Client":
        self._threads = ThreadPoolExecutor(min(self._concurrency, MOST_LOOKUPS), "names")
        connector = aiohttp.TCPConnector(
            resolver=Resolver(self._threads, public_only=not self._config.allow_private_hosts),
            limit=self._concurrency,
            limit_per_host=self._concurrency,
            use_dns_cache=False,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": self._config.user_agent, "Accept-Encoding": ACCEPTED},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._config.timeout_s, sock_read=self._config.timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session:
            await self._session.close()
        if self._threads:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def get(
        self, url: str, *, max_bytes: int, headers: Mapping[str, str] | None = None, total_s: float | None = None
    ) -> Response:
        """Fetches ``url`` whole, and unpacks it.

        Args:
            url: http or https.
            max_bytes: more than this, packed or unpacked, is an error.
            headers: of the request.
            total_s: the time for all of it; by default four times the configured timeout.

        Raises:
            FetchError: no answer, a status that is neither 200 nor 304, too large, or too slow.
            RefusedError: an address or a scheme that is not allowed.
        """
        response = await self.get_packed(url, max_bytes=max_bytes, headers=headers, total_s=total_s)
        body = unpack(response.body, response.encoding, max_bytes)
        return dataclasses.replace(response, body=body, encoding="")

    async def get_packed(
        self, url: str, *, max_bytes: int, headers: Mapping[str, str] | None = None, total_s: float | None = None
    ) -> Response:
        """As :meth:`get`, but leaves the unpacking (``bodies.unpack``) to the caller, who may do it in another process."""
        limit, answer = total_s or 4 * self._config.timeout_s, None
        try:
            async with asyncio.timeout(limit) as clock:
                answer, moved_to = await self._follow(url, headers, unpacks=False)
                async with answer:
                    if answer.status == PARTIAL:
                        raise FetchError("HTTP 206: a part, although all was asked for", answer.status, "incomplete")
                    body = await self._read(answer, max_bytes, clock)
                    encoding = answer.headers.get("Content-Encoding", "")
                    return Response(str(answer.url), answer.status, answer.headers, body, encoding, moved_to)
        except aiohttp.ServerTimeoutError as error:
            raise _broken_off(f"the answer stopped for {self._config.timeout_s:g} s", answer) from error
        except TimeoutError as error:
            raise _broken_off(f"no complete answer in {limit:g} s", answer) from error
        except (aiohttp.ClientError, OSError) as error:
            raise _failure(error) from error

    async def _read(self, answer: aiohttp.ClientResponse, max_bytes: int, clock: asyncio.Timeout) -> bytes:
        announced = answer.content_length
        if answer.status == NOT_MODIFIED or (announced is not None and announced <= min(LARGE, max_bytes)):
            return await answer.read()  # aiohttp reads no more than was announced
        too_large = FetchError(f"more than {max_bytes / MEGABYTE:g} MB", answer.status, "too_large")
        if announced is not None and announced > max_bytes:
            raise too_large
        body = bytearray()
        async with contextlib.AsyncExitStack() as places:
            async for chunk in answer.content.iter_chunked(CHUNK):
                if len(body) <= LARGE < len(body) + len(chunk):
                    await self._wait_for_place(places, clock)
                body += chunk
                if len(body) > max_bytes:
                    raise too_large
        return bytes(body)

    async def _wait_for_place(self, places: contextlib.AsyncExitStack, clock: asyncio.Timeout) -> None:
        """Waits until the body may be large; the time that others take for theirs is not its own."""
        ends, loop = clock.when(), asyncio.get_running_loop()
        clock.reschedule(None)
        began = loop.time()
        await places.enter_async_context(self._large)
        clock.reschedule(None if ends is None else ends + loop.time() - began)

    @contextlib.asynccontextmanager
    async def stream(self, url: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer (200, 206 or 304) whose body has not been read; follows redirects and checks each of them.

        ``headers`` go along to every address that ``url`` leads to: a range is one of the file at the end. The head of the
        answer must be there after four times the configured timeout; the time for the body is the caller's.

        Raises:
            FetchError, RefusedError: as :meth:`get`. Errors while reading the body are aiohttp's own.
        """
        limit = 4 * self._config.timeout_s
        try:
            async with asyncio.timeout(limit):
                answer, _ = await self._follow(url, headers, unpacks=True, keeps_headers=True)
        except TimeoutError as error:
            raise _broken_off(f"no answer in {limit:g} s", None) from error
        async with answer:
            yield answer

    async def _follow(
        self, url: str, headers: Mapping[str, str] | None, *, unpacks: bool, keeps_headers: bool = False
    ) -> tuple[aiohttp.ClientResponse, str | None]:
        """The last answer, open, and where the leading permanent redirects led."""
        moved_to, for_good = None, True
        first = target = self._checked(url)
        for _ in range(MAX_REDIRECTS + 1):
            try:
                answer = await self._ask(target, headers, unpacks=unpacks)
            except FetchError as error:
                error.host = host_of(str(target))
                raise
            if answer.status in USABLE:
                return answer, moved_to
            async with answer:
                if answer.status not in REDIRECTS or "Location" not in answer.headers:
                    reason = answer.reason if answer.reason and len(answer.reason) <= LONGEST_REASON else ""
                    message = one_line(f"HTTP {answer.status} {reason}")
                    failure = FetchError(message, answer.status, "http", answer.headers.get("Retry-After"))
                    failure.host = host_of(str(target))
                    raise failure
                next_ = self._checked(absolute(answer.headers["Location"], str(target.with_user(None))))
                for_good = for_good and answer.status in PERMANENT
                moved_to = str(next_.with_user(None)) if for_good else moved_to
                if for_good and not keeps_headers:
                    headers = None  # they are conditions, of the address that gave them
                target = _with_user_of(first, next_)
        raise FetchError(f"more than {MAX_REDIRECTS} redirects", kind="redirects")

    async def _ask(self, url: URL, headers: Mapping[str, str] | None, *, unpacks: bool) -> aiohttp.ClientResponse:
        if self._session is None:
            raise RuntimeError("use the client as an async context manager")
        try:
            if url.raw_user or url.raw_password:  # aiohttp would encode them in Latin-1
                login = aiohttp.encode_basic_auth(url.user or "", url.password or "")
                headers, url = {**(headers or {}), "Authorization": login}, url.with_user(None)
            return await self._session.get(url, headers=headers, allow_redirects=False, auto_decompress=unpacks)
        except TimeoutError as error:
            raise FetchError(f"no answer in {self._config.timeout_s:g} s", kind="timeout") from error
        except aiohttp.ClientSSLError as error:  # a ValueError too, where it is the certificate
            raise _failure(error) from error
        except ValueError as error:  # aiohttp's and yarl's word for an address that is none
            raise RefusedError("this is no address that can be fetched") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _failure(error) from error

    def _checked(self, url: str) -> URL:
        """The address by the parser of aiohttp itself: another one may see another host, such as in full-width digits."""
        try:
            parts = URL(url)
        except ValueError as error:
            raise RefusedError("this is no address that can be fetched") from error
        host = parts.raw_host
        if parts.scheme not in {"http", "https"} or not host:
            raise RefusedError(f"{_shown(parts.scheme)}: only http and https addresses are fetched")
        if not self._config.allow_private_hosts and is_literal(host) and not is_public(host):
            raise refusal(host)
        return parts


def _shown(scheme: str) -> str:
    """A scheme that people know; any other word may be a secret that a server has put in its place."""
    return scheme if scheme in {"ftp", "file", "data", "javascript", "feed", "mailto"} else "another scheme"


def _broken_off(message: str, answer: aiohttp.ClientResponse | None) -> FetchError:
    """A time-out, before or after the answer had begun."""
    failure = FetchError(message, kind="timeout")
    if answer is not None:
        failure.host, failure.is_silence = host_of(str(answer.url)), False
    return failure


def _with_user_of(first: URL, next_: URL) -> URL:
    """The address of a redirect: on the same server, also where it is encrypted only from there on, the same user asks."""
    servers = {next_.origin(), next_.origin().with_scheme("http") if next_.is_default_port() else next_.origin()}
    stays = first.origin() in servers
    return next_.with_user(first.user).with_password(first.password) if stays and not next_.raw_user else next_


def _failure(error: BaseException) -> FetchError:
    """What went wrong with a connection, in one line without the address (it may bear a secret)."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return FetchError("the host's name is not known", kind="dns")
    if isinstance(error, aiohttp.ServerDisconnectedError):  # its text is an object of aiohttp's
        return FetchError("the server closed the connection before it had answered", kind="incomplete")
    cause = error.__cause__ if isinstance(error, aiohttp.ClientConnectorError) and error.__cause__ else error
    if isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError) and cause.errno and cause.errno > 0:
        said = os.strerror(cause.errno)  # in the system's words: those of event loops differ
    else:
        said = str(getattr(cause, "strerror", None) or getattr(cause, "message", None) or cause)
    what = said.partition("\n")[0].rstrip(": ")  # further lines repeat the answer
    if isinstance(error, aiohttp.ClientConnectorError) and not isinstance(error, aiohttp.ClientSSLError):
        return FetchError(one_line(f"no connection: {what}", 200), kind="connect")
    message = one_line(f"{type(error).__name__}: {what}", 200)
    return FetchError(message, kind="tls" if isinstance(error, aiohttp.ClientSSLError) else "incomplete")
