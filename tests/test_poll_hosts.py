"""Polls and the hosts they ask: how many requests, how often, after being asked to wait, and when nobody answers."""

import contextlib
import datetime as dt
import email.utils
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from podcast_assets.feeds import rhythm
from podcast_assets.feeds.hosts import SILENT
from tests.conftest import Web
from tests.polling import Make, at, by_url, closed_port, following, one_poll, only, rss

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def silent() -> Iterator[tuple[str, list[socket.socket]]]:
    """A host that takes connections and says nothing: its address, and the connections it was asked on."""
    taken: list[socket.socket] = []
    with contextlib.ExitStack() as stack, socket.create_server(("127.0.0.9", 0), backlog=64) as server:

        def take() -> None:
            with contextlib.suppress(OSError):  # it is closed when the test is over
                while True:
                    taken.append(stack.enter_context(server.accept()[0]))

        thread = threading.Thread(target=take)
        thread.start()
        yield f"http://127.0.0.9:{server.getsockname()[1]}", taken
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


# --- Rest.


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_server_that_wants_rest_gets_it_from_every_poll(web: Web, make_project: Make, status: int, form: str) -> None:
    until = at(12, 9)
    header = str(27 * 3600) if form == "seconds" else email.utils.format_datetime(until, usegmt=True)
    web.pages["/feed"] = (status, {"Retry-After": header}, b"")
    project = following(make_project, web.url("/feed"))
    row = only(one_poll(project, at(11)))
    assert (row["status"], row["http_status"], row["error_kind"]) == ("error", status, "http")
    assert (row["retry_after"], row["next_poll_at"], row["consecutive_failures"]) == (until, until, 1)
    web.pages["/feed"] = rss(("1", at(9)))
    for moment in (at(11, 7), at(12, 0), at(12, 8, 55)):
        for only_due in (True, False):
            assert one_poll(project, moment + HOUR / 60 * only_due, only_due=only_due).asked == 0
    assert web.count("/feed") == 1
    row = only(one_poll(project, until, only_due=True))
    assert (row["status"], row["retry_after"], row["consecutive_failures"]) == ("ok", None, 0)


@pytest.mark.parametrize(("status", "header", "pause"), [(429, None, HOUR), (429, "soon", HOUR), (503, None, None)])
def test_without_a_time_too_many_requests_mean_an_hour_and_an_outage_nothing(
    web: Web, make_project: Make, status: int, header: str | None, pause: dt.timedelta | None
) -> None:
    web.pages["/feed"] = (status, {"Retry-After": header} if header else {}, b"")
    row = only(one_poll(following(make_project, web.url("/feed")), at(11)))
    assert row["retry_after"] == (at(11) + pause if pause else None)


def test_a_retry_after_with_another_status_is_no_wish_for_rest(web: Web, make_project: Make) -> None:
    web.pages |= {"/a": (404, {"Retry-After": "86400"}, b""), "/b": rss(("1", at(9)))}
    project = following(make_project, web.url("/a"), web.url("/b"), feeds={"poll_concurrency_per_host": 1})
    rows = by_url(one_poll(project, at(11)))
    assert rows[web.url("/a")]["retry_after"] is None
    assert rows[web.url("/b")]["status"] == "ok"


def test_one_feeds_rest_is_heard_for_all_feeds_of_the_host_and_for_no_other_host(web: Web, make_project: Make) -> None:
    web.pages = {f"/{n}": rss((str(n), at(9))) for n in range(5)}
    web.pages["/2"] = (429, {"Retry-After": "10800"}, b"")
    elsewhere = web.url("/0").replace("127.0.0.1", "localhost")
    urls = [web.url(f"/{n}") for n in range(5)]
    project = following(make_project, *urls, elsewhere, feeds={"poll_concurrency_per_host": 1, "poll_concurrency": 1})
    rows = by_url(one_poll(project, at(11)))
    assert [rows[url]["error_kind"] for url in urls] == [None, None, "http", "wait", "wait"]
    assert rows[elsewhere]["status"] == "ok"
    for url in urls[3:]:
        row = rows[url]
        assert (row["status"], row["consecutive_failures"], row["last_polled_at"]) == ("error", 0, None), (
            "it is not to blame"
        )
        assert row["error"] == "not asked: its host wants to be left alone until 2026-03-11 09:00 UTC"
        assert (row["retry_after"], row["next_poll_at"]) == (at(11, 9), at(11, 9))
    assert [web.count(f"/{n}") for n in range(5)] == [2, 1, 1, 0, 0]
    web.pages["/2"] = rss(("2", at(9)))

    rows = by_url(one_poll(project, at(11, 8)))
    assert [web.count(f"/{n}") for n in range(5)] == [3, 1, 1, 0, 0], "the next poll hears it too"
    assert (rows[urls[0]]["status"], rows[urls[0]]["error_kind"]) == ("ok", "wait"), "it had answered, and waits now"
    assert rows[urls[0]]["last_success_at"] == at(11)
    rows = by_url(one_poll(project, at(11, 9)))
    assert [rows[url]["status"] for url in urls] == ["not_modified"] * 2 + ["ok"] * 3
    assert {row["retry_after"] for row in rows.values()} == {None}


def test_a_wish_for_rest_is_not_forgotten_for_the_trouble_of_others(web: Web, make_project: Make) -> None:
    """One that was asked at the same time comes back later, with another error."""
    together, heard = threading.Barrier(2, timeout=20), threading.Event()

    def wants_rest(handler: Any) -> Any:
        together.wait()
        return 429, {"Retry-After": "7200"}, b""

    def missing(handler: Any) -> Any:
        together.wait()
        heard.wait(20)
        return 404, {}, b""

    def next_of_another_host(handler: Any) -> Any:
        heard.set()
        return rss()

    web.pages = {"/rest": wants_rest, "/404": missing, "/other": next_of_another_host, "/first": rss()}
    first, other = (web.url(path).replace("127.0.0.1", "localhost") for path in ("/first", "/other"))
    urls = [web.url("/rest"), first, web.url("/404"), other, web.url("/next")]  # as hosts that take turns are asked
    rows = by_url(one_poll(following(make_project, *urls, feeds={"poll_concurrency": 2}, timeout_s=30), at(11)))
    assert [rows[url]["http_status"] for url in urls] == [429, 200, 404, 200, None]
    assert rows[urls[-1]]["error_kind"] == "wait"
    assert web.count("/next") == 0


# --- How many, how often.


def test_a_host_gets_so_many_requests_at_once_and_others_do_not_wait_for_it(web: Web, make_project: Make) -> None:
    lock, together, busy, most = threading.Lock(), threading.Barrier(2, timeout=20), 0, 0
    elsewhere = threading.Event()

    def slow(handler: Any) -> bytes:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        together.wait()
        assert elsewhere.wait(20), "a feed of another host waited for this one"
        with lock:
            busy -= 1
        return rss()

    def quick(handler: Any) -> bytes:
        elsewhere.set()
        return rss()

    web.pages = {f"/{n}": slow for n in range(8)} | {"/quick": quick}
    urls = [*(web.url(f"/{n}") for n in range(8)), web.url("/quick").replace("127.0.0.1", "localhost")]
    project = following(make_project, *urls, feeds={"poll_concurrency_per_host": 2}, timeout_s=30)
    assert set(one_poll(project, at(11)).feeds["status"]) == {"ok"}
    assert most == 2


@pytest.mark.parametrize(("gap_days", "fewest", "most"), [(1, 44, 48), (7, 7, 10), (30, 2, 4)])
def test_in_two_days_of_hourly_polls_a_feed_is_asked_by_its_rhythm(
    web: Web, make_project: Make, gap_days: int, fewest: int, most: int
) -> None:
    """The weekly show is not polled every hour."""
    web.pages["/feed"] = rss(*((str(n), at(1) - dt.timedelta(days=n * gap_days)) for n in range(5)))
    project = following(make_project, web.url("/feed"))
    asked = sum(one_poll(project, at(1, 7) + hour * HOUR, only_due=True).asked for hour in range(48))
    assert asked == web.count("/feed")
    assert fewest <= asked <= most


@pytest.mark.parametrize(
    ("extra", "headers", "earliest"),
    [
        ("<ttl>300</ttl>", {}, at(11, 11)),
        ("", {"Cache-Control": "public, max-age=18000"}, at(11, 11)),
        ("<skipHours><hour>7</hour><hour>8</hour></skipHours>", {}, at(11, 9)),
        ("<skipDays><day>Wednesday</day></skipDays>", {}, at(12, 0)),
    ],
    ids=["ttl", "max-age", "skipHours", "skipDays"],
)
def test_what_feed_and_server_want_is_heard(
    web: Web, make_project: Make, extra: str, headers: dict[str, str], earliest: dt.datetime
) -> None:
    web.pages["/feed"] = (200, headers, rss(("2", at(10)), ("1", at(9)), extra=extra))
    project = following(make_project, web.url("/feed"))
    for n in range(2):  # also where the body is the same as before: what it said still holds
        row = only(one_poll(project, at(11, 6, 30 + n)))
        assert earliest <= row["next_poll_at"] <= earliest + 2 * HOUR
    assert row["status"] == "not_modified"
    assert one_poll(project, earliest - HOUR, only_due=True).asked == 0


# --- Silence.


def test_a_silent_host_costs_few_timeouts_however_many_feeds_it_has(
    web: Web, make_project: Make, silent: tuple[str, list[socket.socket]]
) -> None:
    address, taken = silent
    web.pages["/good"] = rss(("1", at(9)))
    urls = [f"{address}/{n}" for n in range(30)]
    project = following(make_project, *urls, web.url("/good"), feeds={"poll_concurrency_per_host": 1}, timeout_s=0.3)
    rows = by_url(one_poll(project, at(11)))
    assert rows[web.url("/good")]["status"] == "ok"
    kinds = [rows[url]["error_kind"] for url in urls]
    assert (kinds.count("timeout"), kinds.count("connect")) == (SILENT, 30 - SILENT)
    assert len(taken) == SILENT
    reasons = {rows[url]["error"] for url in urls}
    assert reasons == {"no answer in 0.3 s", "not asked: its host did not answer 3 others just now"}
    assert {rows[url]["consecutive_failures"] for url in urls} == {1}, "the host is down: that is a failure of each"


def test_when_nobody_answers_at_all_no_feed_is_blamed(web: Web, make_project: Make) -> None:
    """A laptop without network for weeks must not come back with all its feeds in quarantine."""
    port = closed_port()
    web.pages["/feed"] = rss(("1", at(9)))
    dead = [f"http://127.0.0.{n}:{port}/" for n in (2, 3, 4)]
    with_one_that_answers = one_poll(following(make_project, *dead, web.url("/feed")), at(11)).feeds
    assert with_one_that_answers["consecutive_failures"].to_list() == [1, 1, 1, 0], "so the others are down"
    project = following(make_project, *dead)
    for day in range(12, 27):
        rows = by_url(one_poll(project, at(day)))
        assert {rows[url]["error_kind"] for url in dead} == {"connect"}
        assert {(rows[url]["status"], rows[url]["consecutive_failures"]) for url in dead} == {("error", 1)}
        assert [rows[url]["next_poll_at"] for url in dead] == with_one_that_answers["next_poll_at"].to_list()[:3]
        assert {rows[url]["last_polled_at"] for url in dead} == {at(day)}


def test_few_hosts_that_are_all_silent_are_down_themselves(make_project: Make) -> None:
    """Who follows two shows of one dead host shall hear of it."""
    port = closed_port()
    project = following(make_project, f"http://127.0.0.2:{port}/", f"http://127.0.0.3:{port}/")
    assert one_poll(project, at(11)).feeds["consecutive_failures"].to_list() == [1, 1]


def test_hosts_that_were_not_asked_are_no_sign_of_an_outage(make_project: Make) -> None:
    """An address that is refused says nothing of the network."""
    refused = ["http://10.0.0.1/", "http://10.0.0.2/", "http://10.0.0.3/"]
    unknown = "http://no-such-host.invalid/"
    rows = by_url(one_poll(following(make_project, *refused, unknown, allow_private_hosts=False), at(11)))
    assert [rows[url]["error_kind"] for url in (*refused, unknown)] == ["refused"] * 3 + ["dns"]
    assert {row["consecutive_failures"] for row in rows.values()} == {1}


def test_failures_in_a_row_are_those_of_the_feed_between_two_answers(web: Web, make_project: Make) -> None:
    project = following(make_project, web.url("/feed"))
    pages: list[Any] = [(500, {}, b""), (404, {}, b""), rss(("1", at(1))), (500, {}, b"")]
    counts = []
    for day, page in enumerate(pages, start=1):
        web.pages["/feed"] = page
        row = only(one_poll(project, at(day)))
        counts.append(row["consecutive_failures"])
    assert counts == [1, 2, 0, 1]
    assert rhythm.HOUR * 0.9 <= row["next_poll_at"] - at(4) <= rhythm.HOUR * 1.1


def test_another_server_on_the_same_machine_is_another_host(web: Web, make_project: Make) -> None:
    """Who runs several servers at home has one address for all of them: the trouble of one is not that of the others."""
    other = Web()
    try:
        web.pages["/busy"] = (429, {"Retry-After": "3600"}, b"")
        other.pages["/feed"] = rss(("1", at(9)))
        project = following(make_project, web.url("/busy"), other.url("/feed"))
        assert one_poll(project, at(10)).feeds["status"].to_list() == ["error", "ok"]
        again = one_poll(project, at(10) + HOUR / 2)
        assert again.asked == 1
        assert other.count("/feed") == 2
    finally:
        other.stop()
