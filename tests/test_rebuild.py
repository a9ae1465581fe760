"""Rebuilding the log from the archive: the same bytes of all kinds of feeds, whatever has changed since; damage is told.

Polls that died on the way are the matter of ``test_replay``.
"""

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import polars as pl
import pytest

from podcast_assets.errors import PodcastAssetsError
from podcast_assets.feeds import record
from podcast_assets.feeds.replay import replayed_log
from podcast_assets.project import Project
from podcast_assets.storage import Lake
from tests.conftest import Web
from tests.polling import Make, at, following, guids, march, one_poll, rss

SECRET = "s3cret-of-the-show"


def log_files(lake: Lake) -> dict[str, bytes]:
    """All files of the log by their names."""
    return {f"{table}/{path.name}": path.read_bytes() for table in record.LOGS for path in lake.files(table)}


def rebuilt(project: Project, folder: Path) -> dict[str, bytes]:
    """The files of the log as the archive gives them to an empty lake."""
    lake = Lake(folder)
    for each in replayed_log(project):
        record.write_log(lake, each.sightings, each.aliases, each.name)
    return log_files(lake)


# --- The same log.


def test_an_archive_of_no_poll_gives_an_empty_log(make_project: Make) -> None:
    assert replayed_log(make_project()) == []


def test_several_feeds_and_polls_give_the_same_log(web: Web, make_project: Make, tmp_path: Path) -> None:
    """With new GUIDs, a poll that brings nothing, one that brings nothing but an alias, and one that needs it."""
    web.pages = {"/a": rss(("1", at(9)), ("old", at(1))), "/b": rss(("1", at(9))), "/c": rss()}
    project = following(make_project, *map(web.url, ("/a", "/b", "/c")))
    one_poll(project, at(10))
    web.pages["/a"] = rss(("2", at(10, 12)), ("1", at(9)))
    web.pages["/c"] = rss(("x", at(10, 12)))
    one_poll(project, at(11))
    one_poll(project, at(12))
    web.pages["/a"] = rss(("2", at(10, 12)), ("1", at(9))).replace(b"'>2<", b"'>two<")
    renamed = one_poll(project, at(13))
    assert (len(renamed.sightings), guids(renamed.aliases)) == (0, ["two"])
    web.pages["/a"] = rss(("3", at(13, 5)), ("2", at(10, 12))).replace(b"'>2<", b"'>two<").replace(b"Episode 2", b"Second")
    assert guids(one_poll(project, at(14)).sightings) == ["3"], "the alias is enough"
    files = log_files(project.lake)
    assert len({Path(name).stem for name in files}) == 4, "the poll that brought nothing has left nothing"
    assert rebuilt(project, tmp_path / "rebuilt") == files


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": lambda body: body,
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
    "br": brotli.compress,
}


def test_bodies_are_read_as_they_were_packed_and_in_the_encoding_they_were_served(
    web: Web, make_project: Make, tmp_path: Path
) -> None:
    body = rss(("1", at(9)), title="Zoë").decode().encode("latin-1")
    for name, pack in PACKED.items():
        headers = {"Content-Type": "text/xml; charset=iso-8859-1"} | ({"Content-Encoding": name} if name else {})
        web.pages[f"/{name}"] = (200, headers, pack(body))
    web.pages["/zipped.xml.gz"] = gzip.compress(rss(("2", at(9)), title="Zipped"), mtime=0)
    project = following(make_project, *map(web.url, web.pages))
    assert sorted(one_poll(project, at(10)).sightings["show"]) == ["Zipped", *["Zoë"] * 4]
    assert rebuilt(project, tmp_path / "rebuilt") == log_files(project.lake)


def test_what_is_not_well_formed_is_read_as_it_was(web: Web, make_project: Make, tmp_path: Path) -> None:
    web.pages["/mended"] = rss(("1", at(9)), title="Q & A")
    web.pages["/lenient"] = rss(("2", at(9)), title="<b><i>Q & A</b>")
    project = following(make_project, *map(web.url, web.pages))
    assert sorted(guids(one_poll(project, at(10)).sightings)) == ["1", "2"]
    assert rebuilt(project, tmp_path / "rebuilt") == log_files(project.lake)


def test_a_feed_that_has_moved_and_a_local_one_are_read_from_where_they_were(
    web: Web, make_project: Make, tmp_path: Path
) -> None:
    """Relative addresses start where the body came from."""
    (tmp_path / "feed.xml").write_bytes(rss(("local", at(9))))
    web.pages = {"/feed": (301, {"Location": "/new/feed"}, b""), "/new/feed": rss(("far", at(9)))}
    project = following(make_project, web.url("/feed"), "feed.xml")
    found = dict(one_poll(project, at(10)).sightings.select("guid", "enclosure_url").iter_rows())
    assert found == {"far": web.url("/new/audio/far.mp3"), "local": "audio/local.mp3"}
    (tmp_path / "feed.xml").unlink()
    assert rebuilt(project, tmp_path / "rebuilt") == log_files(project.lake)


def test_a_poll_of_several_files_is_one_poll(
    web: Web, make_project: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "PART_BYTES", 1)
    web.pages = {f"/{n}": rss((f"{n}", at(9))) for n in range(12)}
    project = following(make_project, *map(web.url, web.pages))
    one_poll(project, at(10))
    assert len(project.archive.files("bodies")) == 12
    assert [each.polled_at for each in replayed_log(project)] == [at(10)]
    assert rebuilt(project, tmp_path / "rebuilt") == log_files(project.lake)


def test_a_clock_that_goes_back_changes_nothing(web: Web, make_project: Make, tmp_path: Path) -> None:
    """The polls are replayed in the order they were made, and not by what their clocks said."""
    project = following(make_project, web.url("/feed"))
    for items, moment in (("1", at(12)), ("12", at(10)), ("123", at(12)), ("1234", at(11))):
        web.pages["/feed"] = rss(*((guid, at(9)) for guid in items))
        assert guids(one_poll(project, moment).sightings) == [items[-1]]
    assert [each.polled_at for each in replayed_log(project)] == [at(12), at(10), at(12), at(11)]
    assert rebuilt(project, tmp_path / "rebuilt") == log_files(project.lake)


# --- Whatever has changed since.


def test_a_configuration_that_changes_between_polls_is_taken_as_it_was(web: Web, make_project: Make, tmp_path: Path) -> None:
    """Each poll by the timezone, the backfill and the first day that held then, and none by today's."""
    web.pages = {"/a": rss(("a1", at(9, 23)), ("a2", at(5))), "/b": rss(("b1", at(9, 23)), ("b2", at(5)))}
    network = {"allow_private_hosts": True, "timeout_s": 5}

    def configured(zone: str, backfill_days: int, *paths: str, **more: Any) -> Project:
        feeds = {"urls": [web.url(path) for path in paths], "backfill_days": backfill_days}
        return make_project(**{"timezone": zone, "feeds": feeds, "network": network, **more})

    first = one_poll(configured("UTC", 7, "/a"), at(10)).sightings
    assert first["day"].to_list() == [march(5), march(9)]
    second = one_poll(configured("Asia/Tokyo", 1, "/a", "/b"), at(10, 12)).sightings
    assert second["day"].to_list() == [None, march(10)]
    web.pages["/a"] = rss(("a3", at(9, 12)), ("a4", at(12)))
    third = one_poll(configured("UTC", 7, "/a", "/b", start_date="2026-03-12"), at(12, 6)).sightings
    assert third["day"].to_list() == [march(12), march(12)]
    web.pages["/b"] = rss(("b3", at(11, 12)), ("b1", at(9, 23)))
    fourth = one_poll(configured("UTC", 7, "/a", "/b", start_date="2026-03-13"), at(12, 7)).sightings
    assert fourth["day"].to_list() == [None]

    today = configured("Pacific/Apia", 0, network={"max_feed_mb": 1}, start_date="2026-06-01")
    assert rebuilt(today, tmp_path / "rebuilt") == log_files(today.lake)


@pytest.mark.parametrize("name", PACKED)
def test_a_limit_that_was_lowered_since_keeps_no_body_from_being_read(
    web: Web, make_project: Make, tmp_path: Path, name: str
) -> None:
    headers = {"Content-Encoding": name} if name else {}
    web.pages["/feed"] = (200, headers, PACKED[name](rss(("1", at(9))) + b" " * 1_500_000))
    assert guids(one_poll(following(make_project, web.url("/feed"), max_feed_mb=2), at(10)).sightings) == ["1"]
    project = following(make_project, web.url("/feed"), max_feed_mb=1)
    assert rebuilt(project, tmp_path / "rebuilt") == log_files(project.lake)


@pytest.mark.parametrize("today", [None, "another-token", "Episode", "SHOW_TOKEN", "audio"])
def test_a_private_feed_gives_the_same_log_whatever_its_secret_is_today(
    web: Web, make_project: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, today: str | None
) -> None:
    """A secret that was changed must not be looked for in what was archived before: it may be a word of it."""
    monkeypatch.setenv("SHOW_TOKEN", SECRET)
    path = f"/feed?token={SECRET}"
    web.pages[path] = (200, {"Content-Encoding": "gzip"}, gzip.compress(rss((f"1-{SECRET}", at(9)), title=f"For {SECRET}")))
    project = following(make_project, web.url("/feed?token=${SHOW_TOKEN}"))
    assert guids(one_poll(project, at(10)).sightings) == ["1-${SHOW_TOKEN}"]
    web.pages[path] = rss((f"2-{SECRET}", at(10)), (f"1-{SECRET}", at(9)), title=f"For {SECRET}")
    assert guids(one_poll(project, at(11)).sightings) == ["2-${SHOW_TOKEN}"]

    monkeypatch.delenv("SHOW_TOKEN")
    if today:
        monkeypatch.setenv("SHOW_TOKEN", today)
    assert rebuilt(project, tmp_path / "rebuilt") == log_files(project.lake)
    assert SECRET.encode() not in b"".join(row["body"] for row in record.bodies(project.archive))


# --- Damage.


@pytest.fixture
def polled(web: Web, make_project: Make) -> Project:
    """A project with an archive of one poll."""
    web.pages["/feed"] = rss(("1", at(9)))
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(10))
    return project


def test_a_file_that_is_cut_off_is_named(polled: Project) -> None:
    (path,) = polled.archive.files("bodies")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(PodcastAssetsError, match=f"{path}: damaged .*restore it from a backup"):
        replayed_log(polled)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"body": rss(("2", at(9)))}, "its hash is another one"),
        ({"body": b""}, "not a feed: "),
        ({"body": b"<html>"}, "not a feed: "),
        ({"encoding": "gzip"}, "the body cannot be unpacked"),
        ({"body_sha256": "0"}, "its hash is another one"),
    ],
)
def test_a_body_that_is_not_what_it_was_is_named_with_its_feed_and_poll(
    polled: Project, values: dict[str, Any], reason: str
) -> None:
    """A log made of it would not be the one that was lost."""
    (path,) = polled.archive.files("bodies")
    pl.read_parquet(path).with_columns(pl.lit(value).alias(name) for name, value in values.items()).write_parquet(path)
    with pytest.raises(PodcastAssetsError) as caught:
        replayed_log(polled)
    message = str(caught.value)
    (feed,) = polled.config.feeds.urls
    assert str(polled.archive.root) in message
    assert f"the body of {feed}, polled at 2026-03-10 06:00:00+00:00, is damaged ({reason}" in message
    assert message.endswith("restore the archive from a backup")


def test_a_log_that_another_hand_has_changed_or_removed_is_seen(polled: Project) -> None:
    (each,) = replayed_log(polled)
    assert each.is_logged(polled.lake)
    (path,) = polled.lake.files("sightings")
    pl.read_parquet(path).with_columns(title=pl.lit("Another")).write_parquet(path)
    assert not each.is_logged(polled.lake)
    path.unlink()
    assert not each.is_logged(polled.lake)


def test_a_poll_that_was_killed_and_a_start_that_was_too_leave_no_alias_behind(
    web: Web, make_project: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The aliases of a poll that is to be forgotten go first: without its bodies nobody knows that they are to go."""
    web.pages["/feed"] = rss(("1", at(9)))
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(10))
    unfinished = project.archive.root / "unfinished" / "bodies" / f"{record.poll_name(at(11))}-000.parquet"
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.write_bytes(next(project.archive.root.glob("bodies/*")).read_bytes())
    alias = project.lake.root / "aliases" / f"{record.poll_name(at(11))}.parquet"
    alias.parent.mkdir(parents=True, exist_ok=True)
    alias.write_bytes(b"")
    unlink = Path.unlink

    def killed(path: Path, *, missing_ok: bool = False) -> None:
        unlink(path, missing_ok=missing_ok)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "unlink", killed)
        record.settle(project.archive, project.lake)
    record.settle(project.archive, project.lake)
    assert not alias.exists()
    assert not unfinished.exists()


def test_somebodys_copy_in_the_archive_stops_no_poll(web: Web, make_project: Make) -> None:
    web.pages["/feed"] = rss(("1", at(9)))
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(10))
    body = next(project.archive.root.glob("bodies/*"))
    body.with_name("zz-backup-1.parquet").write_bytes(body.read_bytes())
    web.pages["/feed"] = rss(("2", at(9)))
    assert guids(one_poll(project, at(11)).sightings) == ["2"]
