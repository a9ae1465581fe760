"""Where a feed is asked, and with which conditions: validators, moves for good and for now, feeds that are gone."""

import datetime as dt
import gzip
from typing import Any

import pytest

from podcast_assets.feeds import rhythm
from podcast_assets.hashing import sha256
from tests.conftest import Web
from tests.polling import Make, at, following, guids, one_poll, only, rss

DATE = "Tue, 10 Mar 2026 07:00:00 GMT"
OTHER_DATE = "Wed, 11 Mar 2026 07:00:00 GMT"


def to(place: str, status: int = 301) -> tuple[int, dict[str, str], bytes]:
    return status, {"Location": place}, b""


def conditions(web: Web, path: str) -> list[tuple[str | None, str | None]]:
    """If-None-Match and If-Modified-Since of every request for the path."""
    return [
        (headers.get("If-None-Match"), headers.get("If-Modified-Since")) for asked, headers in web.asked if asked == path
    ]


# --- Conditional requests.


@pytest.mark.parametrize("headers", [{"ETag": '"v1"', "Last-Modified": DATE}, {"ETag": 'W/"v1"'}, {"Last-Modified": DATE}])
def test_whatever_validators_a_server_gave_it_gets_back(web: Web, make_project: Make, headers: dict[str, str]) -> None:
    expected = headers.get("ETag"), headers.get("Last-Modified")

    def conditional(handler: Any) -> Any:
        known = handler.headers.get("If-None-Match"), handler.headers.get("If-Modified-Since")
        return (304, {}, b"") if known == expected else (200, headers, rss(("1", at(9))))

    web.pages["/feed"] = conditional
    project = following(make_project, web.url("/feed"))
    assert [only(one_poll(project, at(day)))["status"] for day in (11, 12, 13)] == ["ok", "not_modified", "not_modified"]
    assert conditions(web, "/feed") == [(None, None), expected, expected]


def test_validators_that_changed_with_the_same_body_are_the_new_ones(web: Web, make_project: Make) -> None:
    """A server that makes a new tag for each answer never says 304; the hash of the body does."""
    web.pages["/feed"] = (200, {"ETag": '"1"', "Last-Modified": DATE}, rss(("1", at(9))))
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(11))
    web.pages["/feed"] = (200, {"ETag": '"2"'}, rss(("1", at(9))))
    row = only(one_poll(project, at(12)))
    assert (row["status"], row["http_status"], row["etag"], row["last_modified"]) == ("not_modified", 200, '"2"', None)
    assert (row["last_changed_at"], row["last_success_at"], row["episodes"]) == (at(11), at(12), 1)


def test_a_packed_body_is_known_by_what_is_in_it(web: Web, make_project: Make) -> None:
    """Two servers of a host pack the same feed in different ways."""
    for mtime in (1, 2):
        web.pages["/feed"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(rss(("1", at(9))), mtime=mtime))
        row = only(one_poll(following(make_project, web.url("/feed")), at(10 + mtime)))
        assert row["status"] == ("ok" if mtime == 1 else "not_modified")
        assert row["body_sha256"] == sha256(rss(("1", at(9))))


def test_an_answer_that_brought_nothing_gives_no_validators(web: Web, make_project: Make) -> None:
    """Or the next poll would be told that the page which says "we will be back" has not changed."""
    web.pages["/feed"] = (200, {"ETag": '"sorry"', "Last-Modified": DATE}, b"<html>We will be back</html>")
    project = following(make_project, web.url("/feed"))
    for day in (11, 12):
        row = only(one_poll(project, at(day)))
        assert (row["error_kind"], row["etag"], row["last_modified"]) == ("not_a_feed", None, None)
    assert conditions(web, "/feed") == [(None, None), (None, None)]


# --- Moves.


@pytest.mark.parametrize("status", [301, 308])
def test_a_move_for_good_is_remembered_and_the_feed_stays_the_same(web: Web, make_project: Make, status: int) -> None:
    web.pages = {"/feed": rss(("1", at(9)))}
    project = following(make_project, web.url("/feed"))
    before = only(one_poll(project, at(11)))
    assert before["current_url"] is None
    web.pages = {"/feed": to("/b", status), "/b": to(web.url("/c"), 301), "/c": rss(("2", at(11)), ("1", at(9)))}
    moved = one_poll(project, at(12))
    row = only(moved)
    assert (row["feed_id"], row["feed_url"], row["current_url"]) == (before["feed_id"], web.url("/feed"), web.url("/c"))
    assert guids(moved.sightings) == ["2"], "what was seen at the old address is not new at the new one"
    assert only(one_poll(project, at(13)))["status"] == "not_modified"
    assert (web.count("/feed"), web.count("/b"), web.count("/c")) == (2, 1, 2), "the next poll asks the new address at once"


def test_a_move_drops_the_conditions_which_are_of_another_address(web: Web, make_project: Make) -> None:
    """The file there may be older than the date of the old one, and would be "not modified" although nobody has read it."""

    def by_date(handler: Any) -> Any:
        is_newer = "If-Modified-Since" not in handler.headers
        return (200, {"Last-Modified": DATE}, rss(("2", at(9)), ("1", at(9)))) if is_newer else (304, {}, b"")

    web.pages["/feed"] = (200, {"Last-Modified": OTHER_DATE}, rss(("1", at(9))))
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(11))
    web.pages |= {"/feed": to("/new"), "/new": by_date}
    assert guids(one_poll(project, at(12)).sightings) == ["2"]
    assert only(one_poll(project, at(13)))["status"] == "not_modified"
    assert conditions(web, "/new") == [(None, None), (None, DATE)]


def test_a_redirect_for_now_keeps_the_conditions(web: Web, make_project: Make) -> None:
    """Behind it is who gave them, as with every feed that is counted by a redirect."""
    web.pages = {"/feed": to("/file", 302), "/file": (200, {"ETag": '"v1"'}, rss(("1", at(9))))}
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(11))
    one_poll(project, at(12))
    assert conditions(web, "/file") == [(None, None), ('"v1"', None)]


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ([302], None),
        ([303], None),
        ([307], None),
        ([302, 301], None),
        ([301, 302], "/1"),
        ([308, 301, 307, 301], "/2"),
    ],
)
def test_only_the_leading_permanent_redirects_move_a_feed(
    web: Web, make_project: Make, chain: list[int], expected: str | None
) -> None:
    """What stands behind a redirect for now may lead elsewhere tomorrow."""
    for place, status in enumerate(chain):
        web.pages[f"/{place}"] = to(f"/{place + 1}", status)
    web.pages[f"/{len(chain)}"] = rss(("1", at(9)))
    project = following(make_project, web.url("/0"))
    row = only(one_poll(project, at(11)))
    assert row["status"] == "ok"
    assert row["current_url"] == (web.url(expected) if expected else None)
    asked_first = len(web.asked)
    one_poll(project, at(12))
    assert web.asked[asked_first][0] == (expected or "/0")


@pytest.mark.parametrize("page", [(404, {}, b""), (500, {}, b""), b"<html>Parked domain</html>", to("/new")])
def test_a_redirect_to_where_there_is_no_feed_moves_nothing(web: Web, make_project: Make, page: Any) -> None:
    web.pages = {"/feed": to("/new"), "/new": page}
    project = following(make_project, web.url("/feed"))
    row = only(one_poll(project, at(11)))
    assert (row["status"], row["current_url"]) == ("error", None)
    assert web.asked[0][0] == "/feed"
    asked_first = len(web.asked)
    one_poll(project, at(12))
    assert web.asked[asked_first][0] == "/feed"


def test_where_the_new_address_fails_the_old_one_is_tried_and_may_have_the_feed_again(web: Web, make_project: Make) -> None:
    web.pages = {"/feed": to("/new"), "/new": (200, {"ETag": '"new"'}, rss(("1", at(9))))}
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(11))
    web.pages["/new"] = (404, {}, b"")
    row = only(one_poll(project, at(12)))
    assert (row["status"], row["current_url"]) == ("error", web.url("/new"))
    web.pages["/feed"] = (200, {"ETag": '"old"'}, rss(("2", at(12)), ("1", at(9))))
    back = one_poll(project, at(13))
    assert (only(back)["status"], only(back)["current_url"], only(back)["etag"]) == ("ok", None, '"old"')
    assert guids(back.sightings) == ["2"]
    assert conditions(web, "/feed") == [(None, None), (None, None)], "the tag is the new address's"
    one_poll(project, at(14))
    assert conditions(web, "/feed")[-1] == ('"old"', None)


def test_where_both_addresses_fail_they_are_tried_in_turn(web: Web, make_project: Make) -> None:
    web.pages = {"/feed": to("/new"), "/new": rss(("1", at(9)))}
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(11))
    web.pages = {}
    for hour in range(4):
        assert only(one_poll(project, at(12, hour)))["consecutive_failures"] == hour + 1
    assert [path for path, _ in web.asked[2:]] == ["/new", "/feed", "/new", "/feed"]


def test_the_new_address_of_itunes_moves_a_feed(web: Web, make_project: Make) -> None:
    web.pages["/feed"] = (200, {"ETag": '"old"', "Last-Modified": DATE}, rss(("1", at(9))))
    project = following(make_project, web.url("/feed"))
    before = only(one_poll(project, at(10)))
    named = f"<itunes:new-feed-url xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>{web.url('/new')}</itunes:new-feed-url>"
    body = rss(("1", at(9)), extra=named)
    web.pages["/feed"] = (200, {"ETag": '"old, moved"'}, body)
    web.pages["/new"] = (200, {"ETag": '"new"'}, rss(("2", at(11)), ("1", at(9)), extra=named))
    row = only(one_poll(project, at(11)))
    assert (row["status"], row["current_url"], row["etag"], row["last_modified"]) == ("ok", web.url("/new"), None, None)
    moved = one_poll(project, at(12))
    assert (only(moved)["feed_id"], only(moved)["current_url"]) == (before["feed_id"], web.url("/new"))
    assert guids(moved.sightings) == ["2"]
    one_poll(project, at(13))
    assert conditions(web, "/new") == [(None, None), ('"new"', None)], "the old address's tags are not sent to it"
    assert web.count("/feed") == 2


def test_a_new_address_of_itunes_that_has_no_feed_costs_a_poll_and_no_episode(web: Web, make_project: Make) -> None:
    """Publishers copy the element from a template, or leave it when they move back."""
    named = f"<itunes:new-feed-url xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>{web.url('/no')}</itunes:new-feed-url>"
    web.pages["/feed"] = rss(("1", at(9)), extra=named)
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(10))
    assert only(one_poll(project, at(11)))["http_status"] == 404
    web.pages["/feed"] = rss(("2", at(11)), ("1", at(9)), extra=named)
    found = one_poll(project, at(12))
    assert (only(found)["status"], guids(found.sightings)) == ("ok", ["2"])


@pytest.mark.parametrize("named", ["ftp://127.0.0.1/feed", "file:///etc/passwd", "/new", "not an address", ""])
def test_a_new_address_of_itunes_that_is_none_is_left_alone(web: Web, make_project: Make, named: str) -> None:
    element = f"<itunes:new-feed-url xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>{named}</itunes:new-feed-url>"
    web.pages["/feed"] = rss(("1", at(9)), extra=element)
    row = only(one_poll(following(make_project, web.url("/feed")), at(10)))
    assert row["status"] == "ok"
    assert row["current_url"] in {None, web.url("/new")}, "a relative one starts at the feed"


def test_a_local_feed_is_not_led_into_the_web(make_project: Make, web: Web, tmp_path: Any) -> None:
    named = f"<itunes:new-feed-url xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>{web.url('/new')}</itunes:new-feed-url>"
    (tmp_path / "feed.xml").write_bytes(rss(("1", at(9)), extra=named))
    project = following(make_project, "feed.xml")
    assert only(one_poll(project, at(10)))["current_url"] is None
    one_poll(project, at(11))
    assert web.asked == []


# --- Gone, and in quarantine.


def test_a_feed_that_is_gone_is_asked_once_a_month_and_is_back_when_it_answers(web: Web, make_project: Make) -> None:
    web.pages["/feed"] = rss(("1", at(1)))
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(1))
    web.pages["/feed"] = (410, {}, b"")
    row = only(one_poll(project, at(2)))
    assert (row["status"], row["http_status"], row["error"], row["error_kind"]) == ("gone", 410, "HTTP 410 Gone", "http")
    assert dt.timedelta(days=26) < row["next_poll_at"] - at(2) < dt.timedelta(days=34)
    for day in (3, 10, 20, 28):
        again = one_poll(project, at(day))
        assert (only(again), again.asked) == (row, 0)
    later = row["next_poll_at"]
    assert only(one_poll(project, later))["consecutive_failures"] == 2
    web.pages["/feed"] = rss(("2", at(30)), ("1", at(1)))
    back = one_poll(project, later + dt.timedelta(days=35))
    assert (only(back)["status"], only(back)["error"], only(back)["consecutive_failures"]) == ("ok", None, 0)
    assert guids(back.sightings) == ["2"]


def test_a_410_of_where_a_feed_moved_to_is_no_end_of_it(web: Web, make_project: Make) -> None:
    web.pages = {"/feed": to("/new"), "/new": rss(("1", at(9)))}
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(11))
    web.pages = {"/feed": rss(("2", at(11)), ("1", at(9))), "/new": (410, {}, b"")}
    assert only(one_poll(project, at(12)))["status"] == "error"
    back = one_poll(project, at(13))
    assert (only(back)["status"], guids(back.sightings)) == ("ok", ["2"])


def test_a_feed_that_fails_again_and_again_goes_into_quarantine_and_comes_back(web: Web, make_project: Make) -> None:
    """A dead feed must not cost a request an hour for ever; nor be forgotten."""
    project = following(make_project, web.url("/feed"))
    moment, pauses = at(1), []
    for failures in range(1, rhythm.FAILURES_TO_QUARANTINE):
        row = only(one_poll(project, moment, only_due=True))
        assert (row["status"], row["consecutive_failures"]) == ("error", failures)
        pauses.append((row["next_poll_at"] - moment) / dt.timedelta(hours=1))
        moment = row["next_poll_at"]
    assert [round(pause / expected) for pause, expected in zip(pauses, [1, 2, 4, 8, 16, 24, 24, 24, 24], strict=True)] == [
        1
    ] * 9
    row = only(one_poll(project, moment, only_due=True))
    assert (row["status"], row["error"], row["consecutive_failures"]) == ("quarantined", "HTTP 404 Not Found", 10)
    assert dt.timedelta(days=6) < row["next_poll_at"] - moment < dt.timedelta(days=8)
    asked = web.count("/feed")
    for days in range(1, 6):
        for only_due in (True, False):
            assert one_poll(project, moment + dt.timedelta(days=days, hours=only_due), only_due=only_due).asked == 0
    assert web.count("/feed") == asked
    still = only(one_poll(project, row["next_poll_at"], only_due=True))
    assert (still["status"], still["consecutive_failures"]) == ("quarantined", 11)
    web.pages["/feed"] = rss(("1", at(9)))
    back = only(one_poll(project, still["next_poll_at"], only_due=True))
    assert (back["status"], back["error"], back["error_kind"], back["consecutive_failures"]) == ("ok", None, None, 0)
