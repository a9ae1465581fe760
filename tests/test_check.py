"""``feeds check``: each feed asked and read, what is said of it, and nothing written."""

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from podcast_assets.feeds import check
from podcast_assets.feeds.check import Health, check_all
from podcast_assets.feeds.identity import Subscription
from podcast_assets.feeds.parse import parse
from podcast_assets.feeds.subscriptions import subscriptions
from podcast_assets.project import Project
from tests.conftest import Web


def test_check_tells_how_each_feed_is_in_their_order(web: Web, make_project: Callable[..., Project], tmp_path: Path) -> None:
    transcript = "<podcast:transcript xmlns:podcast='https://podcastindex.org/namespace/1.0' url='1.vtt' type='text/vtt'/>"
    web.pages["/good"] = (
        "<rss><channel><title>Good</title>"
        f"<item><guid>1</guid><pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate>{transcript}</item>"
        "<item><guid>2</guid><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate></item><item><guid>3</guid></item>"
        "</channel></rss>"
    )
    web.pages["/empty"] = "<rss><channel><title>Empty</title></channel></rss>"
    web.pages["/html"] = "<html></html>"
    (tmp_path / "local.xml").write_text("<rss><channel><title>Local</title><item><guid>1</guid></item></channel></rss>")
    addresses = [web.url("/html"), web.url("/good"), web.url("/none"), web.url("/empty"), "none.xml", "local.xml"]
    project = make_project(feeds={"urls": addresses})
    found = asyncio.run(check_all(project.config, subscriptions(project.config)))
    assert [health.url for health in found] == addresses
    html, good, missing, empty, gone, local = found
    newest = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
    assert good == Health(web.url("/good"), "Good", 3, with_transcript=1, newest=newest, address=web.url("/good"))
    assert local == Health("local.xml", "Local", episodes=1, address="local.xml")
    assert html.error == "not a feed: a web page"
    assert missing.error == "HTTP 404 Not Found"
    assert (empty.title, empty.error, empty.note) == ("Empty", None, "has no episodes"), "a new show is no trouble"
    assert gone.error == f"no such file: {tmp_path / 'none.xml'}"
    assert not project.data_path.exists(), "a check writes nothing"


def test_check_tells_of_feeds_that_have_moved_and_of_doubles(web: Web, make_project: Callable[..., Project]) -> None:
    """Two addresses that lead to one feed cannot be told before they are asked."""
    item = "<item><guid>1</guid></item>"
    web.pages["/a"] = f"<rss><channel><title>A</title>{item}</channel></rss>"
    web.pages["/old"] = (301, {"Location": "/a/"}, b"")
    web.pages["/a/"] = web.pages["/a"]
    web.pages["/b"] = (
        "<rss xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'><channel>"
        f"<itunes:new-feed-url>https://b.example/feed</itunes:new-feed-url>{item}</channel></rss>"
    )
    project = make_project(feeds={"urls": [web.url("/a"), web.url("/old"), web.url("/b")]})
    first, old, moved = asyncio.run(check_all(project.config, subscriptions(project.config)))
    assert [first.note, old.note, moved.note] == [
        None,
        f"is the same as {web.url('/a')}",
        "has moved to https://b.example/feed, and is followed there",
    ]
    assert [first.error, old.error, moved.error] == [None] * 3


def test_checking_nothing_is_fine(make_project: Callable[..., Project]) -> None:
    assert asyncio.run(check_all(make_project().config, [])) == []


def test_a_feed_that_polls_have_found_elsewhere_is_asked_there_where_its_old_address_is_dead(
    web: Web, make_project: Callable[..., Project]
) -> None:
    """The redirect is often taken away after some months; polls go on, so a check must not call the feed dead."""
    web.pages["/new"] = "<rss><channel><title>New</title><item><guid>1</guid></item></channel></rss>"
    project = make_project(feeds={"urls": [web.url("/old"), web.url("/other")]})
    old, other = subscriptions(project.config)
    moved = {old.feed_id: web.url("/new"), other.feed_id: web.url("/nowhere")}
    alive, dead = asyncio.run(check_all(project.config, [old, other], moved))
    assert (alive.url, alive.title, alive.episodes, alive.error) == (web.url("/old"), "New", 1, None)
    assert alive.note == f"has moved to {web.url('/new')}; its old address fails: HTTP 404 Not Found"
    assert (dead.error, dead.note) == ("HTTP 404 Not Found", None)
    web.pages["/old"] = web.pages["/new"]
    asked = len(web.asked)
    assert asyncio.run(check_all(project.config, [old], moved))[0].note is None
    assert len(web.asked) == asked + 1


def test_whatever_is_wrong_with_one_feed_the_others_are_told_of(
    web: Web, make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader is made to break, since no document is known that does."""
    monkeypatch.setattr(check, "parse", lambda content, *more: 1 / 0 if b"odd" in content else parse(content, *more))
    for name in ("good", "odd"):
        web.pages[f"/{name}"] = f"<rss><channel><title>{name}</title><item><guid>1</guid></item></channel></rss>"
    found = asyncio.run(check_all(make_project().config, [Subscription(web.url(f"/{name}")) for name in ("odd", "good")]))
    assert [health.error for health in found] == ["ZeroDivisionError: division by zero", None]
