"""Polling: what is asked of a server, what becomes of each answer, and that no episode is lost or doubled on the way."""

import contextlib
import gzip
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from podcast_assets.feeds import record
from podcast_assets.feeds.identity import History, Subscription
from podcast_assets.feeds.poll import poll
from podcast_assets.hashing import sha256
from podcast_assets.schemas import SCHEMAS
from tests.conftest import Web
from tests.polling import Make, at, closed_port, following, guids, march, one_poll, only, rss

# --- What a poll finds.


def test_the_first_poll_logs_the_episodes_and_notes_how_it_went(web: Web, make_project: Make) -> None:
    body = rss(("1", at(9)), ("2", at(10)), ("old", at(1)))
    web.pages["/feed"] = (200, {"ETag": '"v1"', "Last-Modified": "Tue, 10 Mar 2026 07:00:00 GMT"}, body)
    project = following(make_project, web.url("/feed"))
    polled = one_poll(project, at(11))
    row = only(polled)
    assert at(11, 10) < row.pop("next_poll_at") < at(11, 11), "a 24th of the gap later, give or take a tenth"
    assert row == {
        "feed_id": sha256(web.url("/feed"))[:12],
        "feed_url": web.url("/feed"),
        "current_url": None,
        "title": "Show",
        "status": "ok",
        "http_status": 200,
        "error": None,
        "error_kind": None,
        "etag": '"v1"',
        "last_modified": "Tue, 10 Mar 2026 07:00:00 GMT",
        "body_sha256": sha256(body),
        "episodes": 3,
        "newest_at": at(10),
        "gap_s": 4.5 * 24 * 3600,  # the median of a day and eight days
        "ttl_s": None,
        "skip_hours": None,
        "skip_days": None,
        "last_polled_at": at(11),
        "last_success_at": at(11),
        "last_changed_at": at(11),
        "consecutive_failures": 0,
        "retry_after": None,
    }
    days = dict(zip(polled.sightings["guid"], polled.sightings["day"], strict=True))
    assert days == {"1": march(9), "2": march(10), "old": None}
    assert polled.sightings["enclosure_url"].to_list() == [web.url(f"/audio/{guid}.mp3") for guid in ("old", "1", "2")]
    assert "If-None-Match" not in web.asked[0][1]
    assert "If-Modified-Since" not in web.asked[0][1]


def test_the_body_is_archived_as_it_came_once_for_all_that_it_brought(web: Web, make_project: Make) -> None:
    packed = gzip.compress(rss(("1", at(9)), ("2", at(9))), mtime=0)
    web.pages["/feed"] = (200, {"Content-Encoding": "gzip", "Content-Type": "text/xml; charset=utf-8"}, packed)
    web.pages["/bare"] = rss(("3", at(9)))
    project = following(make_project, web.url("/feed"), web.url("/bare"))
    polled = one_poll(project, at(11))
    archived = {row["feed_url"]: row for row in record.bodies(project.archive)}
    row = archived[web.url("/feed")]
    assert (row["body"], row["encoding"], row["charset"]) == (packed, "gzip", "utf-8")
    assert (row["address"], row["polled_at"], row["previous_poll_at"]) == (web.url("/feed"), at(11), None)
    assert archived[web.url("/bare")]["body"] == web.pages["/bare"]
    assert set(polled.sightings["body_sha256"]) == {each["body_sha256"] for each in archived.values()}
    one_poll(project, at(12))
    assert len(list(record.bodies(project.archive))) == 2, "a body that brings nothing new is kept no second time"


def test_the_log_is_ordered_by_feed_time_and_identity_whatever_the_network_does(web: Web, make_project: Make) -> None:
    """Else the same poll would give another file."""
    answered = threading.Event()

    def slow(handler: Any) -> bytes:
        answered.wait(20)
        return rss(("c", at(10)), ("b", at(9)), ("old", at(1)))

    def quick(handler: Any) -> bytes:
        answered.set()
        return rss(("a", at(10)), ("d", at(9)))

    for late, early in (("/x", "/y"), ("/y", "/x")):
        answered.clear()
        web.pages = {late: slow, early: quick}
        project = following(make_project, web.url("/x"), web.url("/y"))
        log = one_poll(project, at(11)).sightings
        keys = list(zip(log["feed_id"], log["published_at"], log["episode_id"], strict=True))
        assert keys == sorted(keys)
        assert sorted(guids(log)) == ["a", "b", "c", "d", "old"]
        shutil.rmtree(project.lake.root.parent)


def test_the_second_poll_asks_only_for_what_is_new(web: Web, make_project: Make) -> None:
    def conditional(handler: Any) -> Any:
        if handler.headers.get("If-None-Match") == '"v1"':
            return (304, {}, b"")
        return (200, {"ETag": '"v1"', "Last-Modified": "Tue, 10 Mar 2026 07:00:00 GMT"}, rss(("1", at(9))))

    web.pages["/feed"] = conditional
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(11))
    second = one_poll(project, at(12))
    assert web.asked[1][1]["If-None-Match"] == '"v1"'
    assert web.asked[1][1]["If-Modified-Since"] == "Tue, 10 Mar 2026 07:00:00 GMT"
    assert second.sightings.is_empty()
    row = only(second)
    assert (row["status"], row["http_status"]) == ("not_modified", 304)
    assert (row["etag"], row["body_sha256"], row["episodes"]) == ('"v1"', sha256(rss(("1", at(9)))), 1)
    assert (row["last_success_at"], row["last_changed_at"]) == (at(12), at(11))
    one_poll(project, at(13))
    assert web.asked[2][1]["If-None-Match"] == '"v1"', "an answer without a tag must not make us forget it"


def test_an_unchanged_body_is_known_without_any_help_of_the_server(web: Web, make_project: Make) -> None:
    web.pages["/feed"] = rss(("1", at(9)))
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(11))
    second = one_poll(project, at(12))
    assert (only(second)["status"], only(second)["http_status"]) == ("not_modified", 200)
    assert only(second)["last_changed_at"] == at(11)
    assert second.sightings.is_empty()


def test_a_changed_feed_gives_what_is_new_on_its_right_day(web: Web, make_project: Make) -> None:
    web.pages["/feed"] = rss(("1", at(9)))
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(10, 12))
    web.pages["/feed"] = rss(("3", at(11, 3)), ("2", at(10, 20)), ("late", at(8)), ("1", at(9)), title="Show, renamed")
    second = one_poll(project, at(11))
    days = dict(zip(second.sightings["guid"], second.sightings["day"], strict=True))
    assert days == {"3": march(11), "2": march(10), "late": march(11)}
    assert set(second.sightings["previous_poll_at"]) == {at(10, 12)}
    row = only(second)
    assert (row["status"], row["title"], row["episodes"], row["last_changed_at"]) == ("ok", "Show, renamed", 4, at(11))


def test_a_poll_that_finds_nothing_new_closes_the_days_before_it(web: Web, make_project: Make) -> None:
    """The feed has answered on the 12th without it, so its episode of the 10th is too late for the 10th."""
    web.pages["/feed"] = rss(("1", at(9)))
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(10))
    one_poll(project, at(12))
    web.pages["/feed"] = rss(("1", at(9)), ("2", at(10, 20)))
    assert one_poll(project, at(13)).sightings["day"].to_list() == [march(13)]


def test_episodes_that_vanish_and_come_back_are_not_new(web: Web, make_project: Make) -> None:
    web.pages["/feed"] = rss(("1", at(9)), ("2", at(9)))
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(11))
    web.pages["/feed"] = rss(("2", at(9)))
    assert one_poll(project, at(12)).sightings.is_empty()
    web.pages["/feed"] = rss(("1", at(12)), ("2", at(9)), ("3", at(12)))
    assert guids(one_poll(project, at(13)).sightings) == ["3"]


def test_a_feed_that_moves_stays_the_same_feed_with_the_same_episodes(web: Web, make_project: Make) -> None:
    body = rss(("1", at(9))).replace(b" isPermaLink='false'", b"")
    web.pages["/feed"] = body
    project = following(make_project, web.url("/feed"))
    before = only(one_poll(project, at(11)))
    web.pages["/feed"] = (301, {"Location": "/elsewhere/feed.xml"}, b"")
    web.pages["/elsewhere/feed.xml"] = body.replace(
        b"</channel>", b"<item><guid>2</guid><enclosure url='2.mp3'/></item></channel>"
    )
    moved = one_poll(project, at(12))
    assert only(moved)["feed_id"] == before["feed_id"]
    assert guids(moved.sightings) == ["2"]
    assert moved.sightings["enclosure_url"].item() == web.url("/elsewhere/2.mp3")


# --- What goes wrong.


def _silence(handler: Any) -> None:
    handler.close_connection = True
    with contextlib.suppress(OSError):
        handler.connection.recv(1)  # until the other side has had enough


BAD: dict[str, tuple[Any, int | None, str]] = {
    "missing": ((404, {}, b""), 404, "HTTP 404 Not Found"),
    "broken": ((500, {}, b""), 500, "HTTP 500 Internal Server Error"),
    "silent": (_silence, None, "no answer in 0.5 s"),
    "large": (rss() + b" " * 1_000_001, 200, "more than 1 MB"),
    "html": (b"<html><body>Sign in</body></html>", 200, "not a feed: a web page"),
    "empty": (b"", 200, "not a feed: no element found: line 1, column 0"),
    "loop": ((302, {"Location": "/loop"}, b""), None, "more than 10 redirects"),
    "odd redirect": ((302, {"Location": "http://[x"}, b""), None, "this is no address that can be fetched"),
    "not modified": ((304, {}, b""), 304, "HTTP 304 Not Modified, although nothing was said of what we have"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_answer_is_a_row_with_the_reason(web: Web, make_project: Make, what: str) -> None:
    page, http_status, reason = BAD[what]
    web.pages["/loop"] = page
    project = following(make_project, web.url("/loop"), timeout_s=0.5 if what == "silent" else 30, max_feed_mb=1)
    for failures in (1, 2):
        polled = one_poll(project, at(10 + failures))
        row = only(polled)
        assert (row["status"], row["http_status"], row["error"]) == ("error", http_status, reason)
        assert (row["consecutive_failures"], row["last_polled_at"]) == (failures, at(10 + failures))
        assert row["last_success_at"] is row["last_changed_at"] is row["body_sha256"] is None
        assert polled.sightings.is_empty()


def test_a_first_poll_that_failed_was_no_first_poll(web: Web, make_project: Make) -> None:
    """Otherwise the whole back catalogue would count on the day on which the server was mended."""
    web.pages["/feed"] = (503, {}, b"")
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(11))
    web.pages["/feed"] = rss(("1", at(9)), ("old", at(1)))
    assert one_poll(project, at(12)).sightings["day"].to_list() == [None, march(9)]


def test_a_header_that_is_no_text_harms_nobody(web: Web, make_project: Make) -> None:
    """Its bytes cannot be stored: one such feed would keep the state of all feeds from being written, poll after poll."""

    def answer(handler: Any) -> None:
        handler.close_connection = True
        handler.wfile.write(b'HTTP/1.1 200 OK\r\nETag: "\xff\xfe"\r\nLast-Modified: \xff\r\nContent-Length: ')
        handler.wfile.write(f"{len(rss(('1', at(9))))}\r\n\r\n".encode() + rss(("1", at(9))))

    def fail(handler: Any) -> None:
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 500 \xff\x1b[31m\r\nContent-Length: 0\r\n\r\n")

    web.pages |= {"/odd": answer, "/broken": fail, "/good": rss(("1", at(9)))}
    polled = one_poll(following(make_project, *map(web.url, ("/odd", "/broken", "/good"))), at(10))
    odd, broken, good = polled.feeds.to_dicts()
    assert (odd["status"], odd["etag"], odd["last_modified"]) == ("ok", None, None)
    assert (broken["status"], broken["error"]) == ("error", "HTTP 500 [31m")
    assert good["status"] == "ok"


def test_a_date_at_the_beginning_of_time_harms_nobody(web: Web, make_project: Make) -> None:
    items = "<item><guid>1</guid><title>One</title><pubDate>0001-01-01T00:00:00Z</pubDate></item>"
    web.pages |= {"/odd": f"<rss><channel><title>Odd</title>{items}</channel></rss>", "/good": rss(("1", at(9)))}
    urls = [web.url("/odd"), web.url("/good")]
    network = {"allow_private_hosts": True, "timeout_s": 30}
    project = make_project(feeds={"urls": urls}, network=network, timezone="America/New_York")
    assert one_poll(project, at(11)).feeds["status"].to_list() == ["ok", "ok"]


def test_after_an_outage_all_is_as_before_and_nothing_is_lost(web: Web, make_project: Make) -> None:
    web.pages["/feed"] = (200, {"ETag": '"v1"'}, rss(("1", at(8))))
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(9))
    web.pages["/feed"] = (500, {"ETag": '"error page"'}, b"")
    down = only(one_poll(project, at(10)))
    assert (down["status"], down["title"], down["etag"], down["episodes"]) == ("error", "Show", '"v1"', 1)
    assert (down["last_success_at"], down["consecutive_failures"]) == (at(9), 1)
    web.pages["/feed"] = (200, {"ETag": '"sorry"'}, b"<html>We will be back</html>")
    assert only(one_poll(project, at(11)))["consecutive_failures"] == 2

    web.pages["/feed"] = (200, {"ETag": '"v2"'}, rss(("1", at(8)), ("2", at(10))))
    back = one_poll(project, at(12))
    assert web.asked[-1][1]["If-None-Match"] == '"v1"'
    assert back.sightings["day"].to_list() == [march(10)], "no poll has closed that day for this feed"
    row = only(back)
    assert (row["status"], row["error"], row["consecutive_failures"], row["etag"]) == ("ok", None, 0, '"v2"')


def test_dead_and_hostile_feeds_do_not_hinder_the_others(web: Web, make_project: Make) -> None:
    for name, (page, _, _) in BAD.items():
        web.pages[f"/{name.replace(' ', '-')}"] = page
    web.pages["/huge-numbers"] = (
        b"<rss><channel><item><guid>1</guid><enclosure url='http://[x' length='99999999999999999999'/>"
        b"<itunes:duration>99999999999999999999</itunes:duration><pubDate>31 Dec 9999999 99:99:99</pubDate></item>"
        b"</channel></rss>"
    )
    web.pages["/deep"] = b"<rss><channel>" + b"<a>" * 10_000
    web.pages["/good"] = rss(("1", at(9)))
    bad = [f"/{name.replace(' ', '-')}" for name in BAD]
    urls = [*map(web.url, bad), f"http://127.0.0.1:{closed_port()}/", "http://[x/", "none.xml", web.url("/huge-numbers")]
    project = following(make_project, *urls, web.url("/deep"), web.url("/good"), timeout_s=3, max_feed_mb=1)
    polled = one_poll(project, at(11))
    statuses = dict(zip(polled.feeds["feed_url"], polled.feeds["status"], strict=True))
    assert [url for url, status in statuses.items() if status != "error"] == [web.url("/huge-numbers"), web.url("/good")]
    assert list(statuses) == [*urls, web.url("/deep"), web.url("/good")], "the state is in the order of the configuration"
    assert all(polled.feeds.filter(pl.col("status") == "error")["error"].str.len_chars() > 0)
    assert guids(polled.sightings) == ["1", "1"]


def test_a_private_address_is_refused_by_default_with_the_key_to_change(web: Web, make_project: Make) -> None:
    web.pages["/feed"] = rss(("1", at(9)))
    row = only(one_poll(following(make_project, web.url("/feed"), allow_private_hosts=False), at(11)))
    assert row["status"] == "error"
    assert "[network] allow_private_hosts" in row["error"]
    assert web.asked == []


def test_no_more_feeds_are_asked_at_once_than_configured(web: Web, make_project: Make) -> None:
    lock, together, busy, most = threading.Lock(), threading.Barrier(3, timeout=20), 0, 0

    def slow(handler: Any) -> bytes:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        together.wait()
        time.sleep(0.02)  # a fourth one would be seen
        with lock:
            busy -= 1
        return rss()

    urls = [web.url(f"/{n}") for n in range(9)]
    web.pages = {f"/{n}": slow for n in range(9)}
    network = {"allow_private_hosts": True, "timeout_s": 30}
    project = make_project(feeds={"urls": urls, "poll_concurrency": 3}, network=network)
    assert set(one_poll(project, at(11)).feeds["status"]) == {"ok"}
    assert most == 3


# --- Local feeds.


def test_a_local_feed_is_read_from_its_file(make_project: Make, tmp_path: Path) -> None:
    (tmp_path / "show").mkdir()
    file = tmp_path / "show" / "feed.xml"
    file.write_bytes(rss(("1", at(9))))
    project = following(make_project, "show/feed.xml", allow_private_hosts=False)
    first = one_poll(project, at(11))
    assert (only(first)["status"], only(first)["http_status"]) == ("ok", None)
    assert first.sightings["enclosure_url"].item() == "audio/1.mp3", "a file of the feed's folder"
    assert only(one_poll(project, at(12)))["status"] == "not_modified"
    file.write_bytes(rss(("1", at(9)), ("2", at(12))))
    assert guids(one_poll(project, at(13)).sightings) == ["2"]


def test_a_local_feed_that_is_not_there_is_a_row_and_returns_when_it_is_back(make_project: Make, tmp_path: Path) -> None:
    project = following(make_project, "feed.xml")
    row = only(one_poll(project, at(11)))
    assert (row["status"], row["error"]) == ("error", f"no such file: {tmp_path / 'feed.xml'}")
    (tmp_path / "feed.xml").write_bytes(rss(("1", at(9))))
    row = only(one_poll(project, at(12)))
    assert (row["status"], row["error"], row["consecutive_failures"]) == ("ok", None, 0)


def test_a_local_feed_that_is_too_large_is_a_row_that_names_the_limit(make_project: Make, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(bytes(1_000_001))
    row = only(one_poll(following(make_project, "feed.xml", max_feed_mb=1), at(11)))
    assert row["error"] == f"{tmp_path / 'feed.xml'}: more than 1 MB ([network] max_feed_mb)"


# --- The state.


def test_the_state_of_a_feed_that_is_not_followed_any_more_is_kept(web: Web, make_project: Make) -> None:
    web.pages = {"/a": rss(("1", at(9))), "/b": rss(("2", at(9)))}
    one_poll(following(make_project, web.url("/a")), at(11))
    polled = one_poll(following(make_project, web.url("/b")), at(12))
    assert polled.feeds["feed_url"].to_list() == [web.url("/a"), web.url("/b")]
    assert polled.feeds["last_polled_at"].to_list() == [at(11), at(12)]
    again = one_poll(following(make_project, web.url("/b"), web.url("/a")), at(13))
    assert again.sightings.is_empty(), "what was seen before is not new because the feed was away"


def test_without_feeds_there_is_nothing_to_poll(make_project: Make) -> None:
    polled = one_poll(following(make_project), at(11))
    assert polled.feeds.schema == SCHEMAS["feeds"]
    assert polled.sightings.schema == SCHEMAS["sightings"]


def test_a_poll_writes_the_archive_and_nothing_else(web: Web, make_project: Make) -> None:
    """The order of log and state is the caller's, so that no crash between them loses anything."""
    web.pages["/feed"] = rss(("1", at(9)))
    project = following(make_project, web.url("/feed"))
    state = pl.DataFrame(schema=SCHEMAS["feeds"])
    archive = record.Archive(project.archive, at(11))
    followed = [Subscription(web.url("/feed"))]
    found = poll(project.config, followed, state, lambda _: History(), archive, at(11))
    assert guids(found.sightings) == ["1"]
    assert not project.lake.root.exists()
    assert not list(record.bodies(project.archive)), "until the log knows it"
    record.write_log(project.lake, found.sightings, found.aliases, archive.name)
    record.settle(project.archive, project.lake)
    assert len(list(record.bodies(project.archive))) == 1


def test_days_are_those_of_the_configured_timezone(web: Web, make_project: Make) -> None:
    web.pages["/feed"] = rss(("1", at(9, 23)))
    network = {"allow_private_hosts": True, "timeout_s": 5}
    project = make_project(feeds={"urls": [web.url("/feed")]}, network=network, timezone="Europe/Berlin")
    assert one_poll(project, at(11)).sightings["day"].to_list() == [march(10)]


def test_real_and_hostile_feeds_are_polled_at_once(shared: Path, make_project: Make) -> None:
    """Whatever they hold, it fits the tables, and no two episodes are taken for one."""
    found = sorted(path for path in (shared / "data" / "feeds").rglob("*") if path.is_file() and path.suffix != ".json")
    files = [str(path) for path in found if path.stat().st_size < 60_000]
    polled = one_poll(make_project(feeds={"urls": files, "backfill_days": 36500}, start_date="2000-01-01"), at(11))
    assert dict(polled.feeds["status"].value_counts().iter_rows()) == {"ok": len(files) - 5, "error": 5}
    assert len(polled.sightings) > 500
    assert polled.sightings["episode_id"].n_unique() == len(polled.sightings)
