"""The HTTP client against real sockets: its limits, its refusals, and errors that say what happened."""

import asyncio
import contextlib
import gzip
import socket
import struct
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from podcast_assets import http
from podcast_assets.config import NetworkConfig
from podcast_assets.errors import RefusedError
from podcast_assets.http import MAX_REDIRECTS, MEGABYTE, Client, FetchError, Response, is_public
from tests.conftest import Web

OPEN = NetworkConfig(allow_private_hosts=True, timeout_s=5)


def get(url: str, network: NetworkConfig = OPEN, max_bytes: int = MEGABYTE, **options: Any) -> Response:
    """One request by a client of its own."""

    async def ask() -> Response:
        async with Client(network) as client:
            return await client.get(url, max_bytes=max_bytes, **options)

    return asyncio.run(ask())


def failure(url: str, network: NetworkConfig = OPEN, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(url, network, **options)
    return caught.value


# --- Answers.


def test_an_answer_is_read_whole(web: Web) -> None:
    web.pages["/feed"] = (200, {"ETag": '"1"', "Content-Type": "application/rss+xml"}, b"x" * 200_000)
    response = get(web.url("/feed"))
    assert (response.url, response.status, response.body) == (web.url("/feed"), 200, b"x" * 200_000)
    assert response.headers["etag"] == '"1"', "header names have a case that nobody can rely on"


def test_a_request_says_who_asks_and_bears_its_headers(web: Web) -> None:
    web.pages["/feed"] = (304, {}, b"")
    network = NetworkConfig(allow_private_hosts=True, user_agent="reader/1 (+https://example.com)")
    assert get(web.url("/feed"), network, headers={"If-None-Match": '"1"'}).status == 304
    _, headers = web.asked[0]
    assert headers["User-Agent"] == "reader/1 (+https://example.com)"
    assert headers["If-None-Match"] == '"1"'


def test_a_compressed_answer_is_unpacked(web: Web) -> None:
    web.pages["/feed"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"<rss/>"))
    assert get(web.url("/feed")).body == b"<rss/>"


def test_a_cookie_is_never_sent_back(web: Web) -> None:
    web.pages["/feed"] = (302, {"Set-Cookie": "id=1", "Location": "/next"}, b"")
    web.pages["/next"] = b"x"
    get(web.url("/feed").replace("127.0.0.1", "localhost"))  # a jar takes nothing from an address without a name
    assert "Cookie" not in web.asked[1][1]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 503])
def test_any_other_status_is_an_error_that_bears_it(web: Web, status: int) -> None:
    web.pages["/feed"] = (status, {}, b"sorry")
    error = failure(web.url("/feed"))
    assert error.status == status
    assert str(error).startswith(f"HTTP {status} ")


@pytest.mark.parametrize(
    ("status", "temporary"),
    [
        (None, True),
        (408, True),
        (425, True),
        (429, True),
        (500, True),
        (503, True),
        (404, False),
        (410, False),
        (200, False),
    ],
)
def test_an_error_knows_whether_asking_later_may_help(status: int | None, temporary: bool) -> None:
    assert FetchError("x", status).is_temporary is temporary


# --- Redirects.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_the_last_address_is_told(web: Web, status: int) -> None:
    web.pages["/old/feed"] = (status, {"Location": "../new/feed?a=1"}, b"")
    web.pages["/new/feed?a=1"] = b"<rss/>"
    response = get(web.url("/old/feed"), headers={"If-None-Match": '"1"'})
    assert (response.url, response.body) == (web.url("/new/feed?a=1"), b"<rss/>")
    assert web.asked[1][1]["If-None-Match"] == '"1"'


def test_a_loop_of_redirects_ends(web: Web) -> None:
    web.pages["/a"] = (302, {"Location": "/b"}, b"")
    web.pages["/b"] = (302, {"Location": "/a"}, b"")
    assert str(failure(web.url("/a"))) == f"more than {MAX_REDIRECTS} redirects"
    assert len(web.asked) == MAX_REDIRECTS + 1


def test_a_redirect_to_nowhere_is_an_error(web: Web) -> None:
    web.pages["/a"] = (302, {}, b"")
    assert failure(web.url("/a")).status == 302


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/feed", "file:///etc/passwd", "http://[broken", "http://127.0.0.1:x/"])
def test_a_redirect_leads_to_no_other_scheme_and_to_no_broken_address(web: Web, location: str) -> None:
    web.pages["/a"] = (302, {"Location": location}, b"")
    with pytest.raises(RefusedError):
        get(web.url("/a"))


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/secret",
        "http://[::1]:{port}/secret",
        "http://2130706434:{port}/secret",
        "http://0:{port}/secret",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_a_redirect_from_a_public_host_to_a_private_one_is_refused(
    web: Web, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one thing that has to be pretended here: that this machine's first address is a public one."""
    monkeypatch.setattr(http, "is_public", lambda address: address == "127.0.0.1")
    port = web.url("").rpartition(":")[2]
    web.pages["/feed"] = (302, {"Location": location.format(port=port)}, b"")
    web.pages["/secret"] = b"secret"
    with pytest.raises(RefusedError, match=r"is no public address; set \[network\] allow_private_hosts = true"):
        get(web.url("/feed"), NetworkConfig(timeout_s=5))
    assert web.count("/feed") == 1
    assert web.count("/secret") == 0


# --- What is refused.


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "0",
        "127.0.0.1.",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[::1%25lo]",
        "１２７.０.０.１",  # noqa: RUF001 - digits that a browser, and aiohttp, take for 127.0.0.1
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
        "user:password@127.0.0.1",
        "localhost",
        "LOCALHOST",
        "ⓛocalhost",
    ],
)
def test_this_machine_is_not_reached_by_any_notation(web: Web, host: str) -> None:
    web.pages["/feed"] = b"secret"
    port = web.url("").rpartition(":")[2]
    with pytest.raises(RefusedError):
        get(f"http://{host}:{port}/feed", NetworkConfig(timeout_s=5))
    assert web.asked == []


def test_private_hosts_are_reached_where_the_configuration_allows_it(web: Web) -> None:
    web.pages["/feed"] = b"mine"
    assert get(web.url("/feed")).body == b"mine"
    assert get(web.url("/feed").replace("127.0.0.1", "localhost")).body == b"mine"


@pytest.mark.parametrize(
    "url", ["ftp://example.com/", "file:///etc/passwd", "gopher://127.0.0.1/", "data:,x", "feed.xml", "//example.com/", ""]
)
@pytest.mark.parametrize("network", [OPEN, NetworkConfig()])
def test_only_http_and_https_are_fetched(url: str, network: NetworkConfig) -> None:
    with pytest.raises(RefusedError, match="only http and https addresses are fetched"):
        get(url, network)


@pytest.mark.parametrize(
    "url", ["http://", "http:///feed", "http://[broken/", "http://127.0.0.1:x/", "http://a\\@127.0.0.1/"]
)
def test_a_broken_address_is_refused_and_raises_nothing_else(url: str) -> None:
    with pytest.raises(RefusedError):
        get(url)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("1.1.1.1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("10.255.255.255", False),
        ("100.64.0.1", False),
        ("100.100.100.200", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("172.16.0.1", False),
        ("172.32.0.1", True),
        ("192.0.0.192", False),
        ("192.0.2.1", False),
        ("192.168.1.1", False),
        ("198.18.0.1", False),
        ("224.0.0.251", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("2606:4700:4700::1111", True),
        ("2001:db8::1", False),
        ("2001::1", False),
        ("::", False),
        ("::1", False),
        ("::127.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("::ffff:0:127.0.0.1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("5f00::1", False),
        # A gateway between IPv6 and IPv4 sends these on to the IPv4 address in their last 32 bits.
        ("64:ff9b::a00:1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::808:808", True),
        ("64:ff9b:1::808:808", False),  # for use inside a network alone
        ("2002:7f00:1::", False),
        ("2002:a00:1::1", False),
        ("127.1", False),
        ("2130706433", False),
        ("example.com", False),
        ("", False),
    ],
)
def test_which_addresses_are_those_of_the_public_internet(address: str, expected: bool) -> None:
    assert is_public(address) is expected


class _TwoAddresses(AbstractResolver):
    """A name with a public and a private address, as an attacker's name server gives them."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None:
        pass


def test_a_name_leads_to_its_public_addresses_alone() -> None:
    async def resolve(*addresses: str) -> list[str]:
        resolver = http._PublicResolver()
        resolver._inner = _TwoAddresses(*addresses)  # type: ignore[assignment]
        return [answer["host"] for answer in await resolver.resolve("example.com")]

    assert asyncio.run(resolve("127.0.0.1", "8.8.8.8")) == ["8.8.8.8"]
    with pytest.raises(RefusedError, match=r"example\.com is no public address"):
        asyncio.run(resolve("127.0.0.1", "::1"))


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
    assert str(error).startswith("ClientConnectorError: ")


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


def test_a_client_that_was_not_opened_says_so() -> None:
    async def ask() -> None:
        client = Client(OPEN)
        await client.__aexit__()  # nothing to close either
        await client.get("http://127.0.0.1/", max_bytes=1)

    with pytest.raises(RuntimeError, match="context manager"):
        asyncio.run(ask())
