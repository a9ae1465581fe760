"""One feed, or its server, against all the others: odd bytes, other hosts' names, documents that are huge once unpacked."""

import gzip
import socket
import threading
from collections.abc import Iterator

import psutil
import pytest

from podcast_assets.feeds.reader import MOST_EPISODES
from tests.conftest import Web
from tests.polling import Make, at, by_url, closed_port, following, one_poll, only, rss

GOOD = rss(("1", at(9)))
EMPTY_ITEMS = b"<rss><channel>" + b"<item/>" * 4_000_000 + b"</channel></rss>"


def raw_server(answer: bytes) -> Iterator[str]:
    """A server that sends these bytes to whoever asks, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/feed"
        server.shutdown(socket.SHUT_RDWR)


def test_a_redirect_with_odd_bytes_ends_no_poll(web: Web, make_project: Make) -> None:
    web.pages |= {"/good": GOOD, "/odd": (301, {"Location": "/caf\xe9"}, b""), "/caf%E9": GOOD, "/caf%C3%A9": GOOD}
    rows = by_url(one_poll(following(make_project, web.url("/odd"), web.url("/good")), at(11)))
    assert rows[web.url("/good")]["status"] == "ok"
    assert (rows[web.url("/odd")]["current_url"] or "").isascii()


def test_a_content_type_that_no_parser_can_take_ends_no_poll(web: Web, make_project: Make) -> None:
    content_type = f"text/xml; charset*{'9' * 5000}=x"
    web.pages |= {"/good": GOOD, "/odd": (200, {"Content-Type": content_type}, GOOD)}
    rows = by_url(one_poll(following(make_project, web.url("/odd"), web.url("/good")), at(11)))
    assert {row["status"] for row in rows.values()} == {"ok"}


@pytest.mark.parametrize("way", ["redirect", "new feed url"])
def test_no_feed_can_have_another_host_left_alone(web: Web, make_project: Make, way: str) -> None:
    """Its wish for rest is that of who answered."""
    here, there = web.url(""), web.url("").replace("127.0.0.1", "localhost")
    web.pages |= {"/good": GOOD, "/busy": (503, {"Retry-After": "604800"}, b"")}
    if way == "redirect":
        web.pages["/evil"] = (302, {"Location": f"{there}/busy"}, b"")
        evil, good = f"{here}/evil", f"{here}/good"
    else:
        web.pages["/evil"] = rss(extra=f"<itunes:new-feed-url>{there}/missing</itunes:new-feed-url>")
        evil, good = f"{here}/evil", f"{there}/good"
    project = following(make_project, evil, good)
    one_poll(project, at(11))
    if way != "redirect":
        assert by_url(one_poll(project, at(12)))[evil]["http_status"] == 404, "where it has moved to"
        web.pages["/evil"] = web.pages["/busy"]
        assert by_url(one_poll(project, at(13)))[evil]["http_status"] == 503, "where it was"
    asked = web.count("/good")
    assert by_url(one_poll(project, at(14)))[good]["error"] is None
    assert web.count("/good") == asked + 1


def test_a_redirect_to_a_busy_address_does_not_silence_the_feeds_of_its_host(web: Web, make_project: Make) -> None:
    """On a shared host anybody can make an address that wants to be left alone for a week, and redirect to it."""
    there = web.url("").replace("127.0.0.1", "localhost")
    web.pages |= {"/evil": (302, {"Location": f"{there}/busy"}, b""), "/busy": (503, {"Retry-After": "604800"}, b"")}
    web.pages |= {f"/{n}": GOOD for n in range(5)}
    goods = [f"{there}/{n}" for n in range(5)]
    project = following(make_project, web.url("/evil"), *goods, feeds={"poll_concurrency": 1})
    for day in (11, 12):
        rows = by_url(one_poll(project, at(day)))
        assert {rows[url]["error"] for url in goods} == {None}


def test_redirects_to_a_dead_host_do_not_silence_who_redirects(web: Web, make_project: Make) -> None:
    dead = f"http://localhost:{closed_port()}/"
    web.pages |= {f"/{n}": (302, {"Location": dead}, b"") for n in range(6)} | {"/good": GOOD}
    urls = [*(web.url(f"/{n}") for n in range(6)), web.url("/good")]
    rows = by_url(one_poll(following(make_project, *urls, feeds={"poll_concurrency": 1}), at(11)))
    assert rows[web.url("/good")]["status"] == "ok"
    assert [rows[url]["error"] for url in urls[:-1]] == ["no connection: Connection refused"] * 6


def test_a_user_that_a_server_names_reaches_no_table(web: Web, make_project: Make) -> None:
    there = web.url("/there").replace("http://", "http://user:hunter2@")
    web.pages |= {"/feed": (301, {"Location": there}, b""), "/there": GOOD}
    assert only(one_poll(following(make_project, web.url("/feed")), at(11)))["current_url"] == web.url("/there")
    web.pages["/feed"] = rss(extra=f"<itunes:new-feed-url>{there}</itunes:new-feed-url>")
    project = following(make_project, web.url("/feed") + "?other")
    web.pages["/feed?other"] = web.pages["/feed"]
    assert "hunter2" not in str(one_poll(project, at(12)).feeds.to_dicts())


def test_after_a_move_a_410_at_its_end_still_marks_a_feed_gone(web: Web, make_project: Make) -> None:
    web.pages |= {"/feed": (301, {"Location": "/there"}, b""), "/there": GOOD}
    project = following(make_project, web.url("/feed"))
    assert only(one_poll(project, at(11)))["current_url"] == web.url("/there")
    web.pages["/there"] = (410, {}, b"")
    statuses = [only(one_poll(project, at(day)))["status"] for day in (12, 13)]
    assert statuses == ["error", "gone"], "once where it moved to, and once by its own address"


@pytest.mark.parametrize(("head", "status"), [(b"Content-Length: %d\r\n" % len(GOOD), "ok"), (b"", "ok")])
def test_a_whole_body_is_a_feed_whether_its_length_is_told_or_not(make_project: Make, head: bytes, status: str) -> None:
    for url in raw_server(b"HTTP/1.0 200 OK\r\n" + head + b"\r\n" + GOOD):
        assert only(one_poll(following(make_project, url), at(11)))["status"] == status


def test_half_a_body_without_a_length_is_no_feed(make_project: Make) -> None:
    """Taken for whole, its other episodes would count on the day they were seen, and 304 would hide them till then."""
    for url in raw_server(b'HTTP/1.0 200 OK\r\nETag: "1"\r\n\r\n' + GOOD[:-30]):
        row = only(one_poll(following(make_project, url), at(11)))
        assert (row["error_kind"], row["etag"], row["last_success_at"]) == ("incomplete", None, None)


def test_a_small_body_that_is_millions_of_episodes_is_refused_and_harms_nobody(web: Web, make_project: Make) -> None:
    web.pages |= {"/good": GOOD, "/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(EMPTY_ITEMS, 9))}
    before = psutil.Process().memory_info().rss
    rows = by_url(one_poll(following(make_project, web.url("/bomb"), web.url("/good")), at(11)))
    assert rows[web.url("/bomb")]["error"] == f"not a feed that can be read: more than {MOST_EPISODES} episodes"
    assert rows[web.url("/good")]["status"] == "ok"
    assert psutil.Process().memory_info().rss - before < 100e6
