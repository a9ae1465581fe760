"""A host of audio on loopback that does what it is told with a file: ranges, validators, answers that break off or lie.

Raw sockets: no library would let a server answer like this.
"""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator

from podcast_assets.hashing import sha256

AUDIO = b"ID3\x04\x00" + b"".join(sha256(str(number)).encode() for number in range(12_500))  # 800 kB, no part like another
MODIFIED = "Wed, 04 Mar 2026 08:00:00 GMT"
SENT = "Wed, 04 Mar 2026 09:00:00 GMT"


class Request:
    """A request that has been read, and the connection that it came on."""

    def __init__(self, path: str, headers: dict[str, str], connection: socket.socket) -> None:
        self.path = path
        self.headers = headers
        self.sent = 0  # bytes that the other side has taken, with the heads
        self._connection = connection

    @property
    def start(self) -> int:
        """The first byte that is asked for."""
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        return int(found[1]) if found else 0

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)
        self.sent += len(data)

    def head(self, status: str, *headers: str) -> None:
        self.send("\r\n".join([f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""]).encode())


Answer = Callable[[Request], None]


def file(
    data: bytes,
    *headers: str,
    validator: str = 'ETag: "one"',
    ranges: bool = True,
    drop_after: int | None = None,
    pause_s: float = 0.0,
) -> Answer:
    """A file as a good host gives it: ranges under If-Range; ``drop_after`` so many bytes of a body it breaks off.

    With ``pause_s`` it waits after every 64 kB.
    """

    def answer(request: Request) -> None:
        known = validator.partition(": ")[2]
        start = request.start if ranges and request.headers.get("if-range", known) == known else 0
        lines = [validator] if validator else []
        if start >= len(data):
            return request.head("416 Range Not Satisfiable", f"Content-Range: bytes */{len(data)}", "Content-Length: 0")
        if start:
            lines.append(f"Content-Range: bytes {start}-{len(data) - 1}/{len(data)}")
        request.head("206 Partial Content" if start else "200 OK", f"Content-Length: {len(data) - start}", *lines, *headers)
        body = data[start:] if drop_after is None else data[start : start + drop_after]
        for offset in range(0, len(body), 1 << 16):
            request.send(body[offset : offset + (1 << 16)])
            time.sleep(pause_s)
        return None

    return answer


def then(*answers: Answer) -> Answer:
    """One answer after the other; the last one over and over."""
    left = list(answers)

    def answer(request: Request) -> None:
        now = left.pop(0) if len(left) > 1 else left[0]
        now(request)

    return answer


def status(line: str, *headers: str) -> Answer:
    """A status and no more."""
    return lambda request: request.head(line, "Content-Length: 0", *headers)


def redirect(location: str, line: str = "302 Found") -> Answer:
    """To another address."""
    return status(line, f"Location: {location}")


class Peer:
    """The host: ``pages`` maps a path to its answer; ``asked`` lists the requests, in order."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: list[Request] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, path: str = "/a.mp3", host: str = "127.0.0.1") -> str:
        """The address of a path; ``localhost`` leads here too, and is another host to who asks."""
        return f"http://{host}:{self._socket.getsockname()[1]}{path}"

    def ranges(self, path: str = "/a.mp3") -> list[str | None]:
        """The ranges that were asked for, in order."""
        return [request.headers.get("range") for request in self.asked if request.path == path]

    def stop(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # wakes up who waits in accept
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            raw = b""
            while b"\r\n\r\n" not in raw:
                if not (received := connection.recv(1 << 16)):
                    return
                raw += received
            first, *lines = raw.decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines) if name}
            request = Request(first.split()[1], headers, connection)
            self.asked.append(request)
            self.pages.get(request.path, status("404 Not Found"))(request)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)  # else a close would throw away what has not been read yet


@contextlib.contextmanager
def serving() -> Iterator[Peer]:
    """A host that listens until the block ends."""
    peer = Peer()
    try:
        yield peer
    finally:
        peer.stop()
