"""The HTTP client against real sockets: answers, redirects, refusals, and errors that say what happened."""

import asyncio
import base64
import gzip
from pathlib import Path
from typing import Any

import pytest

from podcast_assets.config import NetworkConfig
from podcast_assets.errors import RefusedError
from podcast_assets.http import client
from podcast_assets.http.addresses import is_public
from podcast_assets.http.client import MAX_REDIRECTS, Client, Response
from podcast_assets.http.errors import MEGABYTE, FetchError
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
    # Conditions are of the address that gave them: where another one takes its place for good, they say nothing.
    assert web.asked[1][1].get("If-None-Match") == (None if status in {301, 308} else '"1"')


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
    monkeypatch.setattr(client, "is_public", lambda address: address == "127.0.0.1")
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


def test_a_proxy_of_the_environment_is_no_way_around(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would resolve names itself, and reach whatever it can. Nor does a user come from a file of passwords."""
    proxy = Web()
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url("/"))
    monkeypatch.setenv("no_proxy", "")
    web.pages["/feed"] = b"mine"
    try:
        assert get(web.url("/feed")).body == b"mine"
        with pytest.raises((RefusedError, FetchError)):
            get("http://name.invalid/feed", NetworkConfig(timeout_s=5))
        with pytest.raises(RefusedError):
            get(web.url("/feed"), NetworkConfig(timeout_s=5))
        assert proxy.asked == []
    finally:
        proxy.stop()


def test_a_user_comes_from_the_address_alone(web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password hunter22\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    web.pages["/feed"] = b"x"
    get(web.url("/feed"))
    assert "Authorization" not in web.asked[-1][1]
    get(web.url("/feed").replace("//", "//%C3%A4nn:%E2%82%AC%3A1@"))
    name, _, word = base64.b64decode(web.asked[-1][1]["Authorization"].removeprefix("Basic ")).decode().partition(":")
    assert (name, word) == ("änn", "€:1"), "in UTF-8, as browsers send it"


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
