"""A web server for the benchmarks, in a process of its own: ``python -m benchmarks.peer FOLDER`` prints its port.

It serves what ``write`` has put into the folder, with every answer ready in memory, since what is measured is who asks.
``/feed/<n>`` is a feed, with an ETag, packed by gzip; ``/change`` gives the feeds that have changed their new episode;
``/moved`` says how many bytes of feeds were sent. It speaks HTTPS and closes each connection after one answer, as for
somebody who polls feeds at as many hosts; with ``plain``, HTTP, and connections stay open.
"""

import asyncio
import gzip
import pickle
import ssl
import sys
from pathlib import Path
from typing import cast

import trustme
import uvloop

from benchmarks.shows import feed

CERTIFICATE = "certificate.pem"  # of who signs for the server: clients find it by the variable SSL_CERT_FILE
CLOSE = b"Connection: close\r\n"


def write(folder: Path, feeds: int, changed: int) -> None:
    """Makes all that the server needs; the first ``changed`` feeds also as they are later."""
    signer = trustme.CA()
    signer.cert_pem.write_to_path(folder / CERTIFICATE)
    signer.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    packed = [[gzip.compress(feed(show, more), 6) for show in range(count)] for more, count in enumerate((feeds, changed))]
    (folder / "feeds.pickle").write_bytes(pickle.dumps(packed))


class Site:
    """What is served, and how much of it was."""

    def __init__(self, folder: Path, headers: bytes) -> None:
        first, later = pickle.loads((folder / "feeds.pickle").read_bytes())  # noqa: S301 - written above
        self.sent = 0
        self._headers = headers
        self._answers = [self._answer(show, b'"%d-0"' % show, body) for show, body in enumerate(first)]
        self._changed = [self._answer(show, b'"%d-1"' % show, body) for show, body in enumerate(later)]

    def answer(self, request: bytes) -> bytes:
        """The answer to a request (its head)."""
        _, kind, *rest = request.split(b" ", 2)[1].split(b"/")
        if kind == b"feed":
            etag, not_modified, whole = self._answers[int(rest[0])]
            reply = not_modified if b"if-none-match: " + etag in request.lower() else whole
            self.sent += len(reply)
            return reply
        if kind == b"change":
            self._answers[: len(self._changed)] = self._changed
        return self._reply(b"200 OK", b"", str(self.sent).encode())

    def _answer(self, show: int, etag: bytes, body: bytes) -> tuple[bytes, bytes, bytes]:
        headers = b"ETag: %s\r\nContent-Type: application/rss+xml\r\n" % etag
        whole = self._reply(b"200 OK", headers + b"Content-Encoding: gzip\r\n", body)
        return etag, b"HTTP/1.1 304 Not Modified\r\n%s%s\r\n" % (headers, self._headers), whole

    def _reply(self, status: bytes, headers: bytes, body: bytes) -> bytes:
        length = b"Content-Length: %d\r\n" % len(body)
        return b"HTTP/1.1 %s\r\n%s%s%s\r\n%s" % (status, headers, self._headers, length, body)


class _Connection(asyncio.Protocol):
    def __init__(self, site: Site, *, closes: bool) -> None:
        self._site = site
        self._closes = closes
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        *requests, self._read = self._read.split(b"\r\n\r\n")
        for request in requests:
            self._transport.write(self._site.answer(request))
            if self._closes:
                self._transport.close()


async def main(folder: Path, *, plain: bool) -> None:
    """Serves until the process is ended."""
    context = None
    if not plain:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
    site = Site(folder, b"" if plain else CLOSE)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(site, closes=not plain), "127.0.0.1", 0, backlog=4096, ssl=context
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), plain="plain" in sys.argv))
