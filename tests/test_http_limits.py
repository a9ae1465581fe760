"""What a server can do to a client: bodies without an end, bombs, silence, drips, answers that break off or are none."""

import asyncio
import contextlib
import gzip
import socket
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest

from podcast_assets.config import NetworkConfig
from podcast_assets.http.client import Client
from podcast_assets.http.errors import MEGABYTE
from tests.conftest import Web
from tests.test_http import OPEN, failure, get

# --- Limits.


def test_a_body_at_the_limit_is_read_and_one_beyond_it_is_refused(web: Web) -> None:
    web.pages["/feed"] = b"x" * MEGABYTE
    assert len(get(web.url("/feed")).body) == MEGABYTE
    web.pages["/feed"] = b"x" * (MEGABYTE + 1)
    error = failure(web.url("/feed"))
    assert (str(error), error.status) == ("more than 1 MB", 200)


def test_a_body_that_grows_when_it_is_unpacked_is_refused_before_it_is_large(web: Web) -> None:
    web.pages["/feed"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(200 * MEGABYTE), 9))
    tracemalloc.start()
    try:
        assert str(failure(web.url("/feed"))) == "more than 1 MB"
        assert tracemalloc.get_traced_memory()[1] < 40 * MEGABYTE
    finally:
        tracemalloc.stop()


def endless(head: bytes, piece: bytes) -> Callable[[Any], None]:
    """An answer that goes on as long as somebody listens."""

    def answer(handler: Any) -> None:
        handler.close_connection = True
        with contextlib.suppress(OSError):
            handler.wfile.write(head)
            while True:
                handler.wfile.write(piece)

    return answer


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", bytes(1 << 16)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + bytes(1 << 16) + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n", bytes(1 << 16)),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n", bytes(1 << 16)),
    ],
    ids=["until it closes", "in chunks", "announced", "packed"],
)
def test_a_body_without_an_end_is_given_up_at_the_limit_within_bounded_memory(web: Web, head: bytes, piece: bytes) -> None:
    web.pages["/feed"] = endless(head, piece)
    tracemalloc.start()
    try:
        assert str(failure(web.url("/feed"), max_bytes=10 * MEGABYTE)) == "more than 10 MB"
        assert tracemalloc.get_traced_memory()[1] < 40 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 1000),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 200 " + b"x" * 1000, b"x" * 1000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x" * 1000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n", b"X: y\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["header", "headers", "reason", "extension of a chunk", "trailers", "interim answers"],
)
def test_a_head_without_an_end_is_given_up_in_time_within_bounded_memory(web: Web, head: bytes, piece: bytes) -> None:
    web.pages["/feed"] = endless(head, piece)
    tracemalloc.start()
    try:
        assert failure(web.url("/feed"), impatient(0.5), total_s=1).kind in {"incomplete", "timeout"}
        assert tracemalloc.get_traced_memory()[1] < 40 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("name", "packing"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)])
def test_what_is_packed_twice_is_never_unpacked_twice(web: Web, name: str, packing: Callable[[bytes], bytes]) -> None:
    once = packing(bytes(20 * MEGABYTE))
    twice = packing(once)
    web.pages["/feed"] = (200, {"Content-Encoding": f"{name}, {name}"}, twice)
    assert failure(web.url("/feed")).kind == "encoding"
    web.pages["/feed"] = (200, {"Content-Encoding": name}, twice)
    assert get(web.url("/feed")).body == once


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


def drip(handler: Any) -> None:
    """A byte now and then, as long as somebody listens."""
    handler.close_connection = True
    with contextlib.suppress(OSError):
        handler.wfile.write(HEAD)
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.01)


def stop_after(start: bytes) -> Callable[[Any], None]:
    """Gives the start of an answer, and then nothing until the other side has had enough."""

    def answer(handler: Any) -> None:
        handler.close_connection = True
        with contextlib.suppress(OSError):
            handler.wfile.write(start)
            handler.connection.recv(1)

    return answer


def impatient(timeout_s: float) -> NetworkConfig:
    return NetworkConfig(allow_private_hosts=True, timeout_s=timeout_s)


def test_a_slow_drip_ends_with_the_time_for_all_of_it(web: Web) -> None:
    """Each byte comes well within ``timeout_s``; without a total, such a server holds a slot for ever."""
    web.pages["/feed"] = drip
    error = failure(web.url("/feed"), impatient(30), total_s=0.4)
    assert (str(error), error.status) == ("no complete answer in 0.4 s", None)


def test_the_total_is_four_times_the_timeout_unless_said_otherwise(web: Web) -> None:
    web.pages["/feed"] = drip
    assert str(failure(web.url("/feed"), impatient(0.25))) == "no complete answer in 1 s"


def test_a_server_that_never_answers_times_out(web: Web) -> None:
    web.pages["/feed"] = stop_after(b"")
    assert str(failure(web.url("/feed"), impatient(0.2))) == "no answer in 0.2 s"


def test_a_server_that_stops_in_the_middle_times_out(web: Web) -> None:
    web.pages["/feed"] = stop_after(HEAD + b"x")
    assert str(failure(web.url("/feed"), impatient(0.5))) == "the answer stopped for 0.5 s"


# --- Broken connections.


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_refused_connection_is_told_without_the_address() -> None:
    """The address of a private feed bears a token, and errors go into a table."""
    error = failure(f"http://127.0.0.1:{_closed_port()}/feed?token=secret")
    assert error.status is None
    assert "secret" not in str(error)
    assert str(error).startswith("no connection: ")


def test_a_reset_in_the_middle_of_a_body_is_an_error_never_half_a_body(web: Web) -> None:
    def reset(handler: Any) -> None:
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 1000)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    web.pages["/feed"] = reset
    assert failure(web.url("/feed")).status is None


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nxxx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nxx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a number\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxxx",
        b"SMTP ready\r\n\r\n",
        b"",
    ],
    ids=["short", "short chunk", "broken chunk", "broken gzip", "no HTTP", "nothing"],
)
def test_a_broken_answer_is_an_error_never_half_a_body(web: Web, answer: bytes) -> None:
    def broken(handler: Any) -> None:
        handler.close_connection = True
        handler.wfile.write(answer)

    web.pages["/feed"] = broken
    error = failure(web.url("/feed"))
    assert error.is_temporary
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        "{token}\r\n\r\n",
        "HTTP/1.1 200 OK\r\n{token}\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: {token}\r\n\r\n",
        "HTTP/1.1 403 {token}\r\n\r\n",
    ],
    ids=["no HTTP", "header", "length", "reason"],
)
def test_an_error_repeats_nothing_that_is_cut_off_in_the_middle(web: Web, answer: str) -> None:
    """A secret of a private feed, half of which is there, is not recognised by who takes secrets out; nor the address."""

    def broken(handler: Any) -> None:
        handler.close_connection = True
        handler.wfile.write(answer.format(token="secret" * 50).encode())

    web.pages["/feed?token=1"] = broken
    error = str(failure(web.url("/feed?token=1")))
    assert "secretsecret" not in error
    assert "token=1" not in error
    assert len(error) > 7, "it says what was wrong"


def test_a_client_that_was_not_opened_says_so() -> None:
    async def ask() -> None:
        client = Client(OPEN)
        await client.__aexit__()  # nothing to close either
        await client.get("http://127.0.0.1/", max_bytes=1)

    with pytest.raises(RuntimeError, match="context manager"):
        asyncio.run(ask())
