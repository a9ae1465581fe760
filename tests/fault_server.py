"""Servers on loopback that do everything wrong that a server can do, each at an address of its own, and some that do not.

Raw sockets: no library would let a server answer like this.
"""

import asyncio
import contextlib
import dataclasses
import gzip
import itertools
import re
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Awaitable, Callable, Iterator

import brotli
import trustme

from tests.polling import at, closed_port, rss

FEED = rss(("1", at(9)), ("2", at(10)))
BLANKS = b" " * (1 << 16)
DRIP_S = 0.05  # between two bytes: far below any time-out of a single read


class Exchange:
    """One connection whose request has been read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> None:
        self.path = path
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def drip(self, data: bytes) -> None:
        """A byte at a time, for as long as the other side listens; over and over."""
        for byte in itertools.cycle(data):
            await self.send(bytes([byte]))
            await asyncio.sleep(DRIP_S)

    async def flood(self, data: bytes) -> None:
        """As much as the other side takes, over and over."""
        while not self._writer.is_closing():
            await self.send(data)
            await asyncio.sleep(0.001)  # else the other servers of this thread would not get to anything

    async def silence(self) -> None:
        """Until the other side goes away."""
        await self._reader.read()

    async def reset(self) -> None:
        """A connection that ends with RST and not with FIN."""
        await asyncio.sleep(DRIP_S)  # what was sent before is to arrive
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Answer = Callable[[Exchange], Awaitable[None]]


@dataclasses.dataclass(frozen=True)
class Fault:
    """What a server does, and what the row of its feed shall say: ``kind`` is None where the feed is read all the same."""

    answer: Answer | None  # None: nobody listens
    kind: str | None
    http_status: int | None = None
    error: str = ""  # a pattern that the message begins with
    scheme: str = "http"
    speaks_first: bool = False  # does not read the request
    tls: bool = False


def head(*headers: str, status: str = "200 OK") -> bytes:
    """The head of an answer after which the connection is closed."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""]).encode("latin-1")


def sends(*parts: bytes) -> Answer:
    """A server that sends this and closes."""

    async def answer(exchange: Exchange) -> None:
        for part in parts:
            await exchange.send(part)

    return answer


def page(body: bytes, *headers: str, status: str = "200 OK") -> Answer:
    """A server that sends a body of the right length."""
    return sends(head(*headers, f"Content-Length: {len(body)}", status=status), body)


def then(what: str, *parts: bytes, data: bytes = b"") -> Answer:
    """A server that sends something and then goes on in a bad way: a method of :class:`Exchange`."""

    async def answer(exchange: Exchange) -> None:
        for part in parts:
            await exchange.send(part)
        await (getattr(exchange, what)(data) if data else getattr(exchange, what)())

    return answer


async def _ever_new_addresses(exchange: Exchange) -> None:
    number = int(exchange.path.strip("/").rpartition("-")[2] or 0)
    await exchange.send(head(f"Location: /step-{number + 1}", "Content-Length: 0", status="302 Found"))


def _redirect(location: str, status: str = "302 Found") -> Answer:
    return page(b"", f"Location: {location}", status=status)


_GZIP, _BROTLI = gzip.compress(FEED, mtime=0), brotli.compress(FEED)
_BOMB = gzip.compress(FEED + bytes(200_000_000), 6, mtime=0)
_ENTITIES = b"<!DOCTYPE rss [<!ENTITY a 'ha'>" + b"".join(
    f"<!ENTITY {name} '{f'&{inner};' * 20}'>".encode() for inner, name in itertools.pairwise("abcdefgh")
)
_LENGTH = f"Content-Length: {len(FEED)}"

FAULTS: dict[str, Fault] = {
    # The connection.
    "nobody listens": Fault(None, "connect", error="no connection: Connection refused"),
    "unknown name": Fault(None, "dns", error="the host's name is not known"),
    "reset at once": Fault(then("reset"), "incomplete", speaks_first=True),
    "closed at once": Fault(sends(), "incomplete", speaks_first=True),
    "closed after the request": Fault(sends(), "incomplete", error="the server closed the connection"),
    "reset in the headers": Fault(then("reset", b"HTTP/1.1 200 OK\r\nContent-"), "incomplete"),
    "closed in the headers": Fault(sends(b"HTTP/1.1 200 OK\r\nContent-"), "incomplete"),
    "reset in the body": Fault(then("reset", head(_LENGTH), FEED[:50]), "incomplete"),
    "never an answer": Fault(then("silence"), "timeout", error=r"no answer in 1 s"),
    "silence in the headers": Fault(then("silence", b"HTTP/1.1 200 OK\r\nContent-"), "timeout", error="no answer in 1 s"),
    "silence in the body": Fault(then("silence", head(_LENGTH), FEED[:50]), "timeout", error="the answer stopped for 1 s"),
    "headers drop by drop": Fault(then("drip", data=head() + FEED), "timeout", error="no complete answer in 4 s"),
    "body drop by drop": Fault(then("drip", head(), data=b" "), "timeout", error="no complete answer in 4 s"),
    # TLS.
    "a certificate nobody knows": Fault(page(FEED), "tls", error=".*certificate verify failed", scheme="https", tls=True),
    "TLS, and no TLS there": Fault(page(b"", status="400 Bad Request"), "tls", scheme="https", speaks_first=True),
    "no TLS, and TLS there": Fault(page(FEED), "incomplete", tls=True),
    # Lengths.
    "less than announced": Fault(sends(head(f"Content-Length: {2 * len(FEED)}"), FEED), "incomplete"),
    "more than announced": Fault(sends(head(_LENGTH) + FEED + b"<!-- and more -->"), "incomplete"),
    "announced as nothing": Fault(sends(head("Content-Length: 0") + FEED), "incomplete"),
    "a negative length": Fault(sends(head("Content-Length: -5"), FEED), "incomplete"),
    "a length that is no number": Fault(sends(head("Content-Length: many"), FEED), "incomplete"),
    "two lengths": Fault(sends(head(_LENGTH, "Content-Length: 7"), FEED), "incomplete"),
    "a huge length": Fault(sends(head(f"Content-Length: {'9' * 18}"), FEED), "too_large", 200, "more than 1 MB"),
    "a length of 400 digits": Fault(sends(head(f"Content-Length: {'9' * 400}"), FEED), "incomplete"),
    "chunks that break off": Fault(sends(head("Transfer-Encoding: chunked"), b"10\r\n0123456789"), "incomplete"),
    "chunks without an end": Fault(sends(head("Transfer-Encoding: chunked"), b"a\r\n0123456789\r\n"), "incomplete"),
    "chunks of no size": Fault(sends(head("Transfer-Encoding: chunked"), b"zz\r\n0123456789\r\n0\r\n\r\n"), "incomplete"),
    "chunks of a negative size": Fault(sends(head("Transfer-Encoding: chunked"), b"-5\r\n01234\r\n0\r\n\r\n"), "incomplete"),
    "an endless chunk's size": Fault(then("flood", head("Transfer-Encoding: chunked"), data=b"0" * 9999), "timeout"),
    "an endless body": Fault(then("flood", head(), data=BLANKS), "too_large", 200, "more than 1 MB"),
    "endless chunks": Fault(
        then("flood", head("Transfer-Encoding: chunked"), data=b"10000\r\n" + BLANKS + b"\r\n"), "too_large", 200
    ),
    "a huge header": Fault(sends(head(f"X-Junk: {'x' * 200_000}", _LENGTH), FEED), "incomplete"),
    "an endless header": Fault(then("flood", b"HTTP/1.1 200 OK\r\nX-Junk: ", data=b"x" * 9999), "incomplete"),
    "an endless header of blanks": Fault(then("flood", b"HTTP/1.1 200 OK\r\nX-Junk: ", data=BLANKS), "timeout"),
    "endless headers": Fault(then("flood", b"HTTP/1.1 200 OK\r\n", data=b"X-Junk: x\r\n" * 100), "incomplete"),
    "endless interim answers": Fault(then("flood", data=b"HTTP/1.1 103 Early Hints\r\n\r\n"), "timeout"),
    # Statuses.
    "500": Fault(page(b"Traceback (most recent call last):\n", status="500 Oops"), "http", 500, "HTTP 500 Oops"),
    "503, and when to come back": Fault(page(b"", "Retry-After: 7200", status="503 Busy"), "http", 503, "HTTP 503 Busy"),
    "429": Fault(page(b"", status="429 Too Many Requests"), "http", 429, "HTTP 429 Too Many Requests"),
    "404": Fault(page(FEED, status="404 Not Found"), "http", 404, "HTTP 404 Not Found"),
    "410": Fault(page(b"", status="410 Gone"), "http", 410, "HTTP 410 Gone"),
    "204": Fault(sends(head(status="204 No Content")), "http", 204, "HTTP 204 No Content"),
    "206": Fault(page(FEED, f"Content-Range: bytes 0-{len(FEED) - 1}/{len(FEED)}", status="206 Part"), "incomplete", 206),
    "304 unasked": Fault(sends(head(status="304 Not Modified")), "http", 304, "HTTP 304 Not Modified, although"),
    "999": Fault(page(FEED, status="999 No bots"), "http", 999, "HTTP 999 No bots"),
    "200 and nothing": Fault(page(b""), "not_a_feed", 200, "not a feed: no element found"),
    # Redirects.
    "a loop": Fault(_redirect("/"), "redirects", error="more than 10 redirects"),
    "a loop for good": Fault(_redirect("/", "301 Moved Permanently"), "redirects", error="more than 10 redirects"),
    "ever new addresses": Fault(_ever_new_addresses, "redirects", error="more than 10 redirects"),
    "a redirect to nowhere": Fault(page(b"", status="302 Found"), "http", 302, "HTTP 302 Found"),
    "a redirect to ftp": Fault(_redirect("ftp://127.0.0.1/feed"), "refused", error="ftp: only http and https"),
    "a redirect to a file": Fault(_redirect("file:///etc/passwd"), "refused", error="file: only http and https"),
    "a redirect to data": Fault(_redirect("data:text/xml,<rss/>"), "refused", error="data: only http and https"),
    "a redirect to no address": Fault(_redirect("http://[x/"), "refused", error="this is no address"),
    # Packing.
    "a gzip bomb": Fault(page(_BOMB, "Content-Encoding: gzip"), "too_large", 200, "more than 1 MB"),
    "half a gzip": Fault(page(_GZIP[:-30], "Content-Encoding: gzip"), "incomplete", 200, "the body ends in the middle"),
    "a damaged gzip": Fault(
        page(_GZIP[:40] + b"\xff" * 20 + _GZIP[60:], "Content-Encoding: gzip"),
        "encoding",
        200,
        "the body cannot be unpacked",
    ),
    "no gzip at all": Fault(page(FEED, "Content-Encoding: gzip"), "encoding", 200, "the body cannot be unpacked"),
    "half a deflate": Fault(page(zlib.compress(FEED)[:-30], "Content-Encoding: deflate"), "incomplete", 200),
    "a damaged deflate": Fault(page(b"\x78\x9c" + b"\xff" * 99, "Content-Encoding: deflate"), "encoding", 200),
    "half a Brotli": Fault(page(_BROTLI[:-30], "Content-Encoding: br"), "incomplete", 200),
    "a damaged Brotli": Fault(page(b"\xff" * 99, "Content-Encoding: br"), "encoding", 200),
    "packed in an unknown way": Fault(page(FEED, "Content-Encoding: rot13"), "encoding", 200, "packed as 'rot13'"),
    "packed twice": Fault(
        page(gzip.compress(_GZIP), "Content-Encoding: gzip, gzip"), "encoding", 200, "packed more than once"
    ),
    # What it says it is, and what it is.
    "a feed as HTML": Fault(page(FEED, "Content-Type: text/html"), None, 200),
    "a feed as bytes": Fault(page(FEED, "Content-Type: application/octet-stream"), None, 200),
    "a feed of no type": Fault(page(FEED, "Content-Type: \x01;;charset=klingon"), None, 200),
    "a page": Fault(page(b"<!doctype html><html><p>Sign in<br></html>", "Content-Type: text/xml"), "not_a_feed", 200),
    "JSON": Fault(page(b'{"error": "no such feed"}'), "not_a_feed", 200),
    "a picture": Fault(page(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9), "not_a_feed", 200),
    "NULs": Fault(page(bytes(9999)), "not_a_feed", 200),
    "a bomb of entities": Fault(page(_ENTITIES + b"]><rss><channel><title>&h;</title></channel></rss>"), None, 200),
    # No HTTP.
    "a feed and no head": Fault(sends(FEED), "incomplete"),
    "SSH": Fault(sends(b"SSH-2.0-OpenSSH_9.6\r\n"), "incomplete", speaks_first=True),
    "noise": Fault(sends(bytes(range(256)) * 40), "incomplete"),
    "NULs in the headers": Fault(sends(b"HTTP/1.1 200 OK\r\nX-Odd: \0\0\r\n\r\n" + FEED), "incomplete"),
    "HTTP of the future": Fault(sends(b"HTTP/9.9.9 200 OK\r\n\r\n" + FEED), "incomplete"),
}


class FaultServer:
    """A server for each fault, and ``good`` ones, at 127.0.1.1, 127.0.1.2, ...: hosts do not share what they do wrong."""

    def __init__(self, good: int) -> None:
        self.good = [f"http://127.0.2.{n + 1}" for n in range(good)]
        self.urls: dict[str, str] = {}
        self.asked: list[str] = []
        self._open: set[asyncio.Task[None]] = set()
        authority = trustme.CA()
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.1.1", "localhost").configure_cert(self._tls)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._open)

    async def run(self, ready: threading.Event, stop: asyncio.Event) -> None:
        """Serves until ``stop``."""
        async with contextlib.AsyncExitStack() as stack:
            for place, (name, fault) in enumerate(FAULTS.items(), start=1):
                port = closed_port()
                host = f"127.0.1.{place}" if name != "unknown name" else "no-such-host.invalid"
                if fault.answer:
                    port = await self._listen(stack, name, fault, host)
                self.urls[name] = f"{fault.scheme}://{host}:{port}/"
            for place, url in enumerate(self.good):
                port = await self._listen(stack, url, Fault(page(FEED), None), url.removeprefix("http://"))
                self.good[place] = f"{url}:{port}/"
            ready.set()
            await stop.wait()
            for task in self._open:
                task.cancel()

    async def _listen(self, stack: contextlib.AsyncExitStack, name: str, fault: Fault, host: str) -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task
            self._open.add(task)
            self.asked.append(name)
            try:
                await _serve(fault, reader, writer)
            finally:
                self._open.discard(task)

        server = await asyncio.start_server(serve, host, 0, ssl=self._tls if fault.tls else None)
        stack.callback(server.close)
        return int(server.sockets[0].getsockname()[1])


async def _serve(fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    assert fault.answer
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # the other side may go away when it likes
        try:
            request = b"" if fault.speaks_first else await reader.readuntil(b"\r\n\r\n")
            path = re.match(rb"GET (\S+)", request)
            await fault.answer(Exchange(reader, writer, path[1].decode() if path else "/"))
            await writer.drain()
        finally:
            writer.close()


@contextlib.contextmanager
def fault_server(good: int) -> Iterator[FaultServer]:
    """All the servers, in a thread of their own."""
    server, ready = FaultServer(good), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(server.run(ready, stop))

    thread = threading.Thread(target=work, name="faults")
    thread.start()
    try:
        assert ready.wait(20)
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
