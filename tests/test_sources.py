"""Where addresses of feeds lead: to the web, or into the folder of a local feed, and nowhere else."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast_assets.audio.collect import collect
from podcast_assets.errors import RefusedError
from podcast_assets.feeds import record
from podcast_assets.feeds.poll import poll
from podcast_assets.feeds.subscriptions import subscriptions
from podcast_assets.project import Project
from podcast_assets.publisher_transcripts import fetch
from podcast_assets.schemas import SCHEMAS
from podcast_assets.sources import absolute, is_remote, locate
from tests.conftest import Web

REMOTE = "https://example.com/show/feed.xml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The configuration's folder, with a local feed in ``show/``, and a secret beside it."""
    (tmp_path / "show" / "audio").mkdir(parents=True)
    for name in ("show/feed.xml", "show/audio/one.mp3", "show/a b?.vtt", "secret.txt"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://example.com/", True),
        ("https://example.com/", True),
        ("HTTPS://EXAMPLE.COM/", True),
        (" https://example.com/ ", True),
        ("http://[broken", True),
        ("feeds/show.xml", False),
        ("/feeds/show.xml", False),
        ("~/show.xml", False),
        ("file:///etc/passwd", False),
        ("ftp://example.com/", False),
        ("httpx", False),
        ("", False),
    ],
)
def test_only_http_and_https_are_addresses_of_the_web(address: str, expected: bool) -> None:
    assert is_remote(address) is expected


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_address_makes_the_questions_raise(address: str, base: str) -> None:
    is_remote(address)
    is_remote(f"http:{address}")
    absolute(address, base)
    absolute(f"http://{address}", f"http://{base}")


@pytest.mark.parametrize(
    ("address", "base", "expected"),
    [
        ("audio/1.mp3", REMOTE, "https://example.com/show/audio/1.mp3"),
        ("/1.mp3", REMOTE, "https://example.com/1.mp3"),
        ("//cdn.example/1.mp3", REMOTE, "https://cdn.example/1.mp3"),
        ("http://cdn.example/1.mp3", REMOTE, "http://cdn.example/1.mp3"),
        ("audio/1.mp3", "", "audio/1.mp3"),
        ("http://[broken", REMOTE, "http://[broken"),
        ("1.mp3", "http://[broken", "1.mp3"),
    ],
)
def test_an_address_is_seen_from_its_base(address: str, base: str, expected: str) -> None:
    assert absolute(address, base) == expected


@pytest.mark.parametrize("feed", [REMOTE, "show/feed.xml"])
def test_an_address_of_the_web_stays_one(folder: Path, feed: str) -> None:
    assert locate("https://cdn.example/1.mp3?t=1#x", feed, folder) == "https://cdn.example/1.mp3?t=1#x"
    assert locate(" http://cdn.example/1.mp3\n", feed, folder) == "http://cdn.example/1.mp3"


@pytest.mark.parametrize(
    "address",
    [
        "audio/one.mp3",
        "/etc/passwd",
        "file:///etc/passwd",
        "../secret.txt",
        "ftp://example.com/1.mp3",
        "data:,x",
        "",
        "http",
    ],
)
def test_a_feed_from_the_web_never_reaches_a_file(folder: Path, address: str) -> None:
    with pytest.raises(RefusedError, match="a feed from the web may name http and https addresses alone"):
        locate(address, REMOTE, folder)


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("audio/one.mp3", "show/audio/one.mp3"),
        ("./audio/../audio/one.mp3", "show/audio/one.mp3"),
        ("audio/one.mp3?token=1#t=3", "show/audio/one.mp3"),
        ("a%20b%3F.vtt", "show/a b?.vtt"),
    ],
)
def test_a_local_feed_names_files_of_its_folder(folder: Path, address: str, file: str) -> None:
    assert locate(address, "show/feed.xml", folder) == folder / file
    assert locate(address, str(folder / "show/feed.xml"), Path("/nowhere")) == folder / file


@pytest.mark.parametrize(
    "address",
    ["../secret.txt", "audio/../../secret.txt", "%2e%2e/secret.txt", "/etc/passwd", "//host/etc/passwd", ".."],
)
def test_a_local_feed_never_leads_out_of_its_folder(folder: Path, address: str) -> None:
    with pytest.raises(RefusedError, match="leads out of the feed's folder"):
        locate(address, "show/feed.xml", folder)


def test_a_link_out_of_the_folder_is_followed_before_it_is_judged(folder: Path) -> None:
    (folder / "show" / "link.mp3").symlink_to(folder / "secret.txt")
    with pytest.raises(RefusedError, match="leads out of the feed's folder"):
        locate("link.mp3", "show/feed.xml", folder)
    (folder / "show" / "inside.mp3").symlink_to(folder / "show/audio/one.mp3")
    assert locate("inside.mp3", "show/feed.xml", folder) == folder / "show/audio/one.mp3"


@pytest.mark.parametrize("address", ["file:///etc/passwd", "FILE:audio/one.mp3", "ftp://example.com/1.mp3", "data:,x"])
def test_a_local_feed_may_use_no_other_scheme(folder: Path, address: str) -> None:
    with pytest.raises(RefusedError, match="only http, https and files of the feed's folder"):
        locate(address, "show/feed.xml", folder)


@pytest.mark.parametrize("address", ["//[broken/1.mp3", "a%00b"])
def test_an_address_that_no_file_can_have_is_refused(folder: Path, address: str) -> None:
    """As a row with a reason: a ``ValueError`` would end the run of all episodes."""
    with pytest.raises(RefusedError, match="no address of a file"):
        locate(address, "show/feed.xml", folder)


@pytest.mark.parametrize("address", ["audio/none.mp3", "audio", ""])
def test_a_file_that_is_not_there_is_said_to_be_missing(folder: Path, address: str) -> None:
    with pytest.raises(FileNotFoundError, match="no such file: "):
        locate(address, "show/feed.xml", folder)


def test_a_feed_that_is_a_link_has_the_folder_of_the_file_it_leads_to(folder: Path) -> None:
    (folder / "link.xml").symlink_to(folder / "show" / "feed.xml")
    (folder / "shows").symlink_to(folder / "show")
    for feed in ("link.xml", "shows/feed.xml"):
        assert locate("audio/one.mp3", feed, folder) == folder / "show/audio/one.mp3"
        with pytest.raises(RefusedError, match="leads out of the feed's folder"):
            locate("../secret.txt", feed, folder)


# --- The way from a feed to a file, by the stages themselves.

FEED = """<rss xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">
<channel><title>A</title><itunes:new-feed-url>{feed}</itunes:new-feed-url><item><guid>1</guid><title>One</title>
<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><enclosure url="{file}" type="audio/mpeg"/>
<podcast:transcript url="{file}" type="text/vtt"/></item></channel></rss>"""
MORNING = dt.datetime(2026, 3, 3, 6, tzinfo=dt.UTC)


def polled(project: Project) -> tuple[dict[str, object], pl.DataFrame]:
    """The feed's row after two polls, and the episodes of the day."""
    state, found = pl.DataFrame(schema=SCHEMAS["feeds"]), []
    for moment in (MORNING, MORNING + dt.timedelta(days=1)):
        archive, history = record.Archive(project.archive, moment), record.history_in(project.lake)
        result = poll(project.config, subscriptions(project.config), state, history, archive, moment)
        state = result.feeds
        found.append(result.sightings)
    (row,) = state.to_dicts()
    return row, record.episodes_of(found[0], dt.date(2026, 3, 2))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that is a feed and a transcript, as far as a reader can tell, and no stranger's business."""
    file = tmp_path / "private" / "secret.xml"
    file.parent.mkdir()
    file.write_text("<rss><channel><title>Secret</title><item><guid>s</guid></item></channel></rss>")
    return file


@pytest.mark.parametrize("form", ["file://{}", "FILE:{}", "file://localhost{}", "{}", "../../../../../..{}"])
def test_no_feed_from_the_web_makes_us_read_a_file(
    web: Web, make_project: Callable[..., Project], secret: Path, form: str
) -> None:
    address = form.format(secret)
    web.pages["/show/feed"] = FEED.format(feed=address, file=address)
    project = make_project(feeds={"urls": [web.url("/show/feed")]})
    row, episodes = polled(project)
    assert (row["title"], row["status"]) == ("A", "not_modified")
    assert row["current_url"] is None or str(row["current_url"]).startswith(web.url("/"))
    assert episodes.height == 1
    [document] = fetch.collect(project, episodes).to_dicts()
    [audio] = collect(project, episodes, pl.DataFrame(schema=SCHEMAS["publisher_transcripts"])).to_dicts()
    assert {document["status"], audio["status"]} <= {"failed", "none"}
    refused = "may name http and https addresses alone" if address.lower().startswith("file:") else "HTTP 404"
    assert refused in audio["reason"]


def test_no_redirect_leads_to_a_file(web: Web, make_project: Callable[..., Project], secret: Path) -> None:
    for status in (301, 302, 307, 308):
        web.pages["/feed"] = (status, {"Location": secret.as_uri()}, b"")
        row, _ = polled(make_project(feeds={"urls": [web.url("/feed")]}))
        assert (row["status"], row["error_kind"], row["current_url"], row["title"]) == ("error", "refused", None, "")
        assert "only http and https addresses are fetched" in str(row["error"])


def test_a_list_of_feeds_follows_no_file_and_the_configuration_does(
    make_project: Callable[..., Project], secret: Path, tmp_path: Path
) -> None:
    addresses = [str(secret), secret.as_uri(), "private/secret.xml", "http://a.example/1.xml"]
    outlines = "".join(f'<outline type="rss" xmlUrl="{address}"/>' for address in addresses)
    (tmp_path / "mine.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    project = make_project(feeds={"opml": ["mine.opml"]})
    assert [each.url for each in subscriptions(project.config)] == ["http://a.example/1.xml"]
    row, _ = polled(make_project(feeds={"urls": ["private/secret.xml"]}))
    assert (row["title"], row["status"]) == ("Secret", "not_modified")


@pytest.mark.parametrize(
    "scheme", ["ftp://127.0.0.1/1", "data:audio/mpeg;base64,SUQz", "javascript:alert(1)", "gopher://a/1"]
)
def test_other_schemes_are_refused_wherever_a_feed_names_them(
    web: Web, make_project: Callable[..., Project], scheme: str
) -> None:
    web.pages["/feed"] = FEED.format(feed=scheme, file=scheme)
    project = make_project(feeds={"urls": [web.url("/feed")]})
    row, episodes = polled(project)
    assert row["current_url"] is None
    [audio] = collect(project, episodes, pl.DataFrame(schema=SCHEMAS["publisher_transcripts"])).to_dicts()
    assert (audio["status"], "http and https addresses alone" in audio["reason"]) == ("failed", True)
    assert [path for path, _ in web.asked] == ["/feed"] * 2
