"""Private feeds from end to end: no file, no table, no line of a log or a terminal has their secrets.

The server of these tests wants a user and a token, and repeats both wherever an answer has a place for it.
"""

import base64
import datetime as dt
import html
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

import duckdb
import polars as pl
import pytest

from podcast_assets.feeds import record
from podcast_assets.feeds.poll import poll
from podcast_assets.feeds.replay import replayed_log
from podcast_assets.feeds.subscriptions import subscriptions
from podcast_assets.project import Project
from tests.conftest import Web
from tests.processes import podcast_assets
from tests.test_credentials import FORMS, PASSWORD, TOKEN, USER
from tests.test_http import get

CORES = ("pa55-core", "t0ken-core")  # what is left of them in every notation
MORNING = dt.datetime(2026, 3, 11, 6, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SHOW_USER": USER, "SHOW_PASSWORD": PASSWORD, "SHOW_TOKEN": TOKEN}.items():
        monkeypatch.setenv(name, value)


def gossip(handler: Any) -> None:
    """A refusal with the secrets in its status line."""
    handler.close_connection = True
    handler.wfile.write(f"HTTP/1.1 403 not with {TOKEN} {quote(PASSWORD)}\r\nContent-Length: 0\r\n\r\n".encode())


class PrivateShow:
    """A private feed on loopback: it wants a user and a token, and repeats both wherever it can."""

    def __init__(self, web: Web, other: Web) -> None:
        self.other, self.web = other, web
        self.address = web.url("/feed?token=${SHOW_TOKEN}").replace("//", "//${SHOW_USER}:${SHOW_PASSWORD}@")
        self.login = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        self.refused: list[str] = []
        self.pages = {"/feed": (301, {"Location": f"/moved?token={quote_plus(TOKEN)}"}, b""), "/moved": self.feed}
        self.pages["/one.vtt"] = (200, {}, f"WEBVTT\n\n00:00.000 --> 00:40.000\n{PASSWORD} {TOKEN} {'word ' * 60}\n")
        self.pages["/two.vtt"] = gossip
        self.pages["/two.mp3"] = (302, {"Location": other.url(f"/two.mp3?t={quote(TOKEN)}")}, b"")
        other.pages[f"/two.mp3?t={quote(TOKEN)}"] = gossip
        web.pages = self  # type: ignore[assignment]

    def get(self, path: str, default: Any) -> Any:
        """The page of a request, as the fixture asks for it: to who may have it."""
        parts = urlsplit(path)

        def page(handler: Any) -> Any:
            token = dict(parse_qsl(parts.query)).get("token")
            if token != TOKEN or handler.headers["Authorization"] != self.login:
                self.refused.append(path)
                handler.close_connection = True
                reason = f"no access with {token} {self.login}"
                handler.wfile.write(f"HTTP/1.1 401 {reason}\r\nContent-Length: 0\r\n\r\n".encode("latin-1", "replace"))
                return None
            found = self.pages.get(parts.path, default)
            return found(handler) if callable(found) else found

        return page

    def feed(self, _: Any) -> tuple[int, dict[str, str], bytes]:
        yesterday = f"{dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=1):%d %b %Y %H:%M:%S} +0000"
        said = " ".join(
            f"{html.escape(name)}: <![CDATA[{form(TOKEN)}]]> {html.escape(form(PASSWORD))};" for name, form in FORMS.items()
        )
        items = "".join(
            f"<item><guid>{name}-{html.escape(TOKEN)}</guid><title>{name} {html.escape(PASSWORD)}</title>"
            f"<pubDate>{yesterday}</pubDate><link>{self.web.url('/')}{name}?{html.escape(quote(TOKEN))}</link>"
            f"<description>{said}</description>"
            f"<enclosure url='{self.web.url('/')}{name}.mp3?token={html.escape(quote_plus(TOKEN))}' type='audio/mpeg'/>"
            f"<podcast:transcript url='{self.web.url('/')}{name}.vtt?token={quote(TOKEN, safe='')}' type='text/vtt'/></item>"
            for name in ("one", "two")
        )
        body = (
            "<rss xmlns:podcast='https://podcastindex.org/namespace/1.0' "
            "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>"
            f"<channel><title>Show of {html.escape(TOKEN)}</title><itunes:new-feed-url>{self.web.url('/feed')}?token="
            f"{quote(TOKEN)}</itunes:new-feed-url>{items}</channel></rss>"
        )
        return 200, {"ETag": f'"{quote(TOKEN)}"', "Last-Modified": TOKEN, "Content-Type": "text/xml"}, body.encode()


def polled(project: Project, moment: dt.datetime) -> dict[str, Any]:
    """The row of the one feed after a poll as the asset ``feeds`` makes it."""
    lake, archive = project.lake, record.Archive(project.archive, moment)
    found = poll(project.config, subscriptions(project.config), lake.get("feeds"), record.history_in(lake), archive, moment)
    record.write_log(lake, found.sightings, found.aliases, archive.name)
    record.settle(project.archive, lake)
    lake.write("feeds", found.feeds)
    (row,) = found.feeds.to_dicts()
    return row


@pytest.fixture
def other() -> Iterator[Web]:
    """Another server, who must not hear of the secrets."""
    server = Web()
    yield server
    server.stop()


@pytest.fixture
def show(web: Web, other: Web) -> PrivateShow:
    return PrivateShow(web, other)


def leaks(text: str) -> list[str]:
    low = text.lower()
    marks = [*CORES, base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode().lower()]
    return [low[max(0, at - 60) : at + 40] for mark in marks if (at := low.find(mark)) >= 0]


def leaks_below(folder: Path) -> dict[str, list[str]]:
    """What every file of a folder gives away: in its bytes, and as a table where it is one."""
    found: dict[str, list[str]] = {}
    for path in (each for each in sorted(folder.rglob("*")) if each.is_file()):
        texts = [path.read_bytes().decode("latin-1"), str(path)]
        if path.suffix == ".parquet":
            texts.append("\n".join(map(str, pl.read_parquet(path).iter_rows())))
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                names = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
                texts += [str(connection.execute(f'select * from "{a}"."{b}"').fetchall()) for a, b in names]
        if leaking := [leak for text in texts for leak in leaks(text)]:
            found[str(path.relative_to(folder))] = leaking
    return found


def test_what_is_searched_for_leaks_would_be_found(tmp_path: Path) -> None:
    """Else the tests below could not fail."""
    pl.DataFrame({"a": [[{"b": f"{TOKEN * 9}"}], []], "c": [b"xx" + quote(PASSWORD).encode(), None]}).write_parquet(
        tmp_path / "1.parquet"
    )
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "run.log").write_text(f"x {PASSWORD}")
    with duckdb.connect(str(tmp_path / "2.duckdb")) as connection:
        connection.execute("create table a as select ? as b", [quote_plus(TOKEN)])
    assert list(leaks_below(tmp_path)) == ["1.parquet", "2.duckdb", "deep/run.log"]


def test_a_private_feed_is_polled_and_run_and_no_file_and_no_line_has_its_secrets(tmp_path: Path, show: PrivateShow) -> None:
    (tmp_path / "podcasts.toml").write_text("[network]\nallow_private_hosts = true\ntimeout_s = 5\n")
    printed = ""

    def command(*arguments: str, code: int = 0) -> str:
        nonlocal printed
        done = podcast_assets(*arguments, config=tmp_path / "podcasts.toml", data=tmp_path / "data", measured=True)
        printed += f"{done.stdout}\n{done.stderr}\n"
        assert done.returncode == code, f"{arguments}: {done.stdout} {done.stderr}"
        return done.stdout

    command("feeds", "add", show.address)
    assert command("feeds", "list").strip() == show.address
    command("run")
    assert show.refused == [], "every request bore the user and the token"
    assert {urlsplit(path).path for path, _ in show.web.asked} >= {"/feed", "/moved", "/one.vtt", "/two.vtt", "/two.mp3"}
    assert "${SHOW_TOKEN}" in command("feeds", "check")
    exported = command("feeds", "export")
    assert html.escape(show.address) in exported
    assert "Show of ${SHOW_TOKEN}" in exported
    command("feeds", "replay")
    assert leaks(printed) == []
    assert leaks_below(tmp_path) == {}
    files = sorted(path.suffix for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert {".parquet", ".duckdb"} <= set(files), "there was something to look into"
    shown = str(pl.read_parquet(tmp_path / "data" / "lake" / "sightings" / "*.parquet").to_dicts())
    assert "/one.mp3?token=${SHOW_TOKEN}" in shown
    asked_of_the_other = [headers for _, headers in show.other.asked]
    assert asked_of_the_other
    assert not any("Authorization" in headers for headers in asked_of_the_other)


def test_a_refusal_that_repeats_the_secrets_gives_none_away(
    show: PrivateShow, make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status line is the server's own text, and stands in a table and in the log."""
    show.login = "Basic changed"
    project = make_project(feeds={"urls": [show.address]})
    row = polled(project, MORNING)
    assert (row["http_status"], row["error"]) == (401, "HTTP 401 no access with ${SHOW_TOKEN} Basic changed")
    assert leaks_below(project.data_path) == {}


@pytest.mark.parametrize(
    "answer", ["{token}\r\n\r\n", "HTTP/1.1 200 OK\r\n{token}\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: {token}\r\n\r\n"]
)
def test_an_answer_that_is_no_http_gives_none_away(web: Web, make_project: Callable[..., Project], answer: str) -> None:
    """What cannot be read is repeated in the library's errors."""

    def broken(handler: Any) -> None:
        handler.close_connection = True
        handler.wfile.write(answer.format(token=TOKEN).encode())

    page = f"/feed?token={quote(TOKEN, safe='/')}"
    web.pages = dict.fromkeys((page, page.replace("%3D", "=")), broken)
    project = make_project(feeds={"urls": [web.url("/feed?token=${SHOW_TOKEN}")]})
    row = polled(project, MORNING)
    assert web.asked
    assert row["status"] == "error"
    assert leaks(str(row)) == []


def test_a_server_that_is_gone_is_told_without_the_secrets(show: PrivateShow, make_project: Callable[..., Project]) -> None:
    show.web.stop()
    project = make_project(feeds={"urls": [show.address]})
    row = polled(project, MORNING)
    assert row["error_kind"] == "connect"
    assert leaks(str(row)) == []


@pytest.mark.parametrize(
    "odd",
    [
        f"{TOKEN[:3]}<![CDATA[{html.escape(TOKEN[3:])}]]>",
        base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(),
    ],
    ids=["in two halves", "as a header has it"],
)
def test_a_secret_in_a_notation_that_nobody_knew_is_refused_with_all_that_bears_it(
    show: PrivateShow, make_project: Callable[..., Project], odd: str
) -> None:
    """What cannot be hidden must not be kept either."""
    body = f"<rss><channel><title>Show</title><item><guid>1</guid><description>{odd}</description></item></channel></rss>"
    show.pages["/feed"] = lambda _: (200, {}, body.encode())
    project = make_project(feeds={"urls": [show.address]})
    row = polled(project, MORNING)
    assert (row["status"], row["error_kind"]) == ("error", "refused")
    assert "in an odd notation" in row["error"]
    assert leaks_below(project.data_path) == {}


@pytest.mark.parametrize("name", ["SHOW_PASSWORD", "SHOW_TOKEN"])
def test_a_missing_variable_is_a_row_that_names_it(
    show: PrivateShow, make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv(name)
    row = polled(make_project(feeds={"urls": [show.address]}), MORNING)
    assert (row["status"], row["error_kind"]) == ("error", "refused")
    assert row["error"] == f"the environment variable {name} is not set, which the feed's address names"
    assert show.web.asked == []


def test_an_archive_is_replayed_without_the_secrets(
    show: PrivateShow, make_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(feeds={"urls": [show.address], "backfill_days": 36_500})
    assert polled(project, MORNING)["status"] == "ok"
    logged = project.lake.log("sightings")
    monkeypatch.delenv("SHOW_TOKEN")
    [replayed] = replayed_log(project)
    assert replayed.sightings.equals(logged)
    assert len(replayed.sightings) == 2


def test_where_a_private_feed_has_moved_is_kept_by_the_names_of_its_secrets(
    show: PrivateShow, make_project: Callable[..., Project]
) -> None:
    """Also where the redirect is relative: what it is seen from has the user in it."""
    project = make_project(feeds={"urls": [show.address]})
    show.pages["/moved"] = (200, {}, b"<rss><channel><title>A</title><item><guid>1</guid></item></channel></rss>")
    moved = show.address.replace("/feed", "/moved")
    assert polled(project, MORNING)["current_url"] == moved
    assert polled(project, MORNING + dt.timedelta(days=1))["status"] == "not_modified"
    assert [urlsplit(path).path for path, _ in show.web.asked] == ["/feed", "/moved", "/moved"]
    assert show.refused == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_the_user_along_to_the_same_server_alone(web: Web, other: Web, status: int) -> None:
    """Another port is another server."""
    web.pages["/1"] = (status, {"Location": "/2"}, b"")
    web.pages["/2"] = (status, {"Location": other.url("/3")}, b"")
    other.pages["/3"] = (status, {"Location": web.url("/4").replace("127.0.0.1", "localhost")}, b"")
    web.pages["/4"] = b"there"
    assert get(web.url("/1").replace("//", "//ann:hunter22@")).body == b"there"
    assert ["Authorization" in headers for _, headers in web.asked] == [True, True, False]
    assert ["Authorization" in headers for _, headers in other.asked] == [False]
