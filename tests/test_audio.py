"""Audio files: downloaded once, never trusted, removed when old; against a real server on loopback and real local feeds."""

import datetime as dt
import os
import resource
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from podcast_assets import clock
from podcast_assets.audio import collect as audio
from podcast_assets.audio.assets import build_assets
from podcast_assets.audio.room import prune
from podcast_assets.errors import TooManyFailuresError
from podcast_assets.hashing import sha256
from podcast_assets.http import client
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from tests.audio_fetching import DAY, Make, episode, left_over

MP3 = b"ID3\x04\x00" + bytes(range(256)) * 800  # 200 kB in several chunks


def frame(*episodes: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(episodes), schema=SCHEMAS["episodes"])


def transcripts(**statuses: str) -> pl.DataFrame:
    """The table before: the publishers' transcripts of the episodes ``e1``, ``e2``, ..."""
    rows = [{"day": DAY, "episode_id": f"{int(name[1:]):016x}", "status": status} for name, status in statuses.items()]
    return pl.DataFrame(rows, schema=SCHEMAS["publisher_transcripts"])


def collect(project: Project, *episodes: dict[str, Any], **statuses: str) -> list[dict[str, Any]]:
    found = audio.collect(project, frame(*episodes), transcripts(**statuses))
    assert found.schema == SCHEMAS["audio"]
    return found.to_dicts()


def age(path: Path, days: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(MP3) if not path.exists() else None
    then = time.time() - days * 86400
    os.utime(path, (then, then))
    return path


# Downloads


def test_a_download_is_a_file_named_by_its_content_and_the_second_run_makes_no_request(web: Any, make_project: Make) -> None:
    web.pages = {"/a.mp3": (200, {"Content-Type": "audio/mpeg; x=y"}, MP3)}
    project = make_project()
    [row] = collect(project, episode(1, web.url("/a.mp3"), enclosure_type=None))
    name = sha256(MP3)
    assert row == {
        "day": DAY,
        "episode_id": f"{1:016x}",
        "status": "ok",
        "reason": None,
        "url": web.url("/a.mp3"),
        "media_type": "audio/mpeg",
        "sha256": name,
        "bytes": len(MP3),
        "path": str(project.audio_path / f"{name}.mp3"),
    }
    assert Path(row["path"]).is_absolute()
    assert Path(row["path"]).read_bytes() == MP3
    assert Path(row["path"]).stat().st_mode & 0o777 == 0o644
    assert left_over(project) == [f"{name}.mp3"]
    assert collect(project, episode(1, web.url("/a.mp3"), enclosure_type=None)) == [row]
    assert web.count("/a.mp3") == 1


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"half")])
def test_a_file_that_is_gone_or_cut_is_downloaded_again(harm: Callable[[Path], Any], web: Any, make_project: Make) -> None:
    web.pages = {"/a.mp3": MP3}
    project = make_project()
    [row] = collect(project, episode(1, web.url("/a.mp3")))
    harm(Path(row["path"]))
    assert collect(project, episode(1, web.url("/a.mp3"))) == [row]
    assert Path(row["path"]).read_bytes() == MP3


def test_the_same_address_in_another_episode_is_another_file(web: Any, make_project: Make) -> None:
    """Some publishers reuse an address for their newest episode."""
    project = make_project()
    web.pages = {"/latest.mp3": MP3}
    [first] = collect(project, episode(1, web.url("/latest.mp3")))
    web.pages = {"/latest.mp3": MP3 + b"!"}
    [second] = collect(project, episode(2, web.url("/latest.mp3")))
    assert first["sha256"] != second["sha256"]


@pytest.mark.parametrize(
    ("path", "served", "declared", "media_type", "suffix"),
    [
        ("/a", "audio/x-m4a", "audio/mpeg", "audio/x-m4a", ".m4a"),
        ("/a.ogg?b=.mp3", "application/octet-stream", None, None, ".ogg"),
        ("/a.php", "text/plain", "Audio/MPEG", "audio/mpeg", ".mp3"),
        ("/a.exe", "audio/unheard-of", None, "audio/unheard-of", ""),
        ("/a", "audio/\xff", "audio/mpeg", "audio/mpeg", ".mp3"),  # bytes that no table can hold
    ],
)
def test_the_type_of_unknown_content_comes_from_the_server_then_the_feed_and_its_extension_also_from_the_address(
    path: str, served: str, declared: str | None, media_type: str | None, suffix: str, web: Any, make_project: Make
) -> None:
    web.pages = {path: (200, {"Content-Type": served}, bytes(range(256)))}
    [row] = collect(make_project(), episode(1, web.url(path), enclosure_type=declared))
    assert (row["media_type"], Path(row["path"]).suffix) == (media_type, suffix)


def test_what_needs_no_audio_is_skipped_with_the_reason(web: Any, make_project: Make) -> None:
    rows = collect(
        make_project(),
        episode(1, web.url("/a.mp3")),
        episode(2, None),
        episode(3, None, status="skipped", reason="no audio and no transcript"),
        episode(4, ""),
        e1="ok",
        e2="none",
        e4="failed",
    )
    assert [row["status"] for row in rows] == ["skipped"] * 4
    assert [row["reason"] for row in rows] == [
        "publisher's transcript",
        "no enclosure",
        "no audio and no transcript",
        "no enclosure",
    ]
    assert rows[0]["url"] == web.url("/a.mp3")
    assert web.asked == []


def failed(project: Project, row: dict[str, Any], status: str = "failed") -> str:
    """The reason of a row that failed (or waits), after a look that nothing half-done was left."""
    assert (row["status"], row["path"], row["sha256"]) == (status, None, None)
    assert left_over(project) == []
    assert "\n" not in row["reason"]
    return str(row["reason"])


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "1500000", "Connection": "close"}])
def test_a_file_above_the_limit_is_refused_whether_the_server_says_its_size_or_not(
    headers: dict[str, str], web: Any, make_project: Make
) -> None:
    def chunked(request: Any) -> None:
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        try:
            for _ in range(30):
                request.wfile.write(b"%x\r\n" % len(MP3) + MP3 + b"\r\n")
        except OSError:
            return
        request.wfile.write(b"0\r\n\r\n")

    web.pages = {"/a.mp3": (200, headers, MP3) if headers else chunked}
    project = make_project(network={"allow_private_hosts": True, "max_audio_mb": 1})
    [row] = collect(project, episode(1, web.url("/a.mp3")))
    assert failed(project, row) == "more than 1 MB ([network] max_audio_mb)"


def test_nothing_is_no_audio(web: Any, make_project: Make) -> None:
    web.pages = {"/a.mp3": (200, {"Content-Type": "audio/mpeg"}, b"")}
    project = make_project()
    [row] = collect(project, episode(1, web.url("/a.mp3")))
    assert failed(project, row) == "the file is empty"


@pytest.mark.parametrize("page", [b"\xef\xbb\xbf\r\n <!DOCTYPE html><title>Log in", b"<?xml version='1.0'?><Error/>"])
def test_a_page_in_the_place_of_audio_waits_as_the_network_may_want_a_login(
    page: bytes, web: Any, make_project: Make
) -> None:
    web.pages = {"/a.mp3": (200, {"Content-Type": "audio/mpeg"}, page)}
    project = make_project()
    [row] = collect(project, episode(1, web.url("/a.mp3")))
    assert failed(project, row, "deferred") == "a page of HTML or XML, not audio"
    web.pages = {"/a.mp3": MP3}
    assert collect(project, episode(1, web.url("/a.mp3")))[0]["status"] == "ok"


def test_a_full_disk_fails_the_stage_and_not_the_episode_for_good(web: Any, make_project: Make) -> None:
    web.pages = {"/a.mp3": MP3}
    project = make_project()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(MP3) // 2, before[1]))  # no file may be larger
    try:
        with pytest.raises(OSError, match="File too large"):
            collect(project, episode(1, web.url("/a.mp3")))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert left_over(project) == []
    assert collect(project, episode(1, web.url("/a.mp3")))[0]["status"] == "ok"


def test_an_index_that_cannot_be_written_fails_the_stage(web: Any, make_project: Make) -> None:
    web.pages = {"/a.mp3": MP3}
    project = make_project()
    index = project.cache("downloads").root
    index.parent.mkdir(parents=True)
    index.write_text("a file where a folder should be")
    with pytest.raises(OSError, match="downloads"):
        collect(project, episode(1, web.url("/a.mp3")))


def test_a_download_that_breaks_off_leaves_nothing(web: Any, make_project: Make) -> None:
    web.pages = {"/a.mp3": (200, {"Content-Length": "999999", "Connection": "close"}, MP3)}
    project = make_project()
    [row] = collect(project, episode(1, web.url("/a.mp3")))
    assert failed(project, row, "deferred") == f"broke off after {len(MP3)} bytes (ClientPayloadError)"
    web.pages = {"/a.mp3": MP3}
    assert collect(project, episode(1, web.url("/a.mp3")))[0]["status"] == "ok"


@pytest.mark.parametrize(
    "url", ["http://[bad/a.mp3", "ftp://example.org/a.mp3", "file:///etc/passwd", "a.mp3", "http://x:99999/a.mp3"]
)
def test_an_address_that_is_none_fails_its_episode_alone(url: str, web: Any, make_project: Make) -> None:
    web.pages = {"/a.mp3": MP3}
    rows = collect(make_project(), episode(1, url), episode(2, web.url("/a.mp3")), episode(3, web.url("/gone.mp3")))
    assert [row["status"] for row in rows] == ["failed", "ok", "failed"]
    assert rows[2]["reason"] == "HTTP 404 Not Found"


def test_private_addresses_are_refused_also_behind_a_redirect(
    web: Any, make_project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = make_project(network={"allow_private_hosts": False, "timeout_s": 5})
    web.pages = {"/r.mp3": (302, {"Location": web.url("/a.mp3").replace("127.0.0.1", "127.0.0.2")}, b""), "/a.mp3": MP3}
    [row] = collect(closed, episode(1, web.url("/a.mp3")))
    assert "127.0.0.1 is no public address" in failed(closed, row)
    assert web.asked == []
    monkeypatch.setattr(client, "is_public", lambda address: address == "127.0.0.1")  # the server plays a public one
    [row] = collect(closed, episode(1, web.url("/r.mp3")))
    assert "127.0.0.2 is no public address" in failed(closed, row)
    assert web.count("/a.mp3") == 0


def test_redirects_are_followed_as_every_podcast_host_uses_them(web: Any, make_project: Make) -> None:
    web.pages = {"/track/a.mp3": (302, {"Location": "/a.mp3"}, b""), "/a.mp3": MP3}
    assert collect(make_project(), episode(1, web.url("/track/a.mp3")))[0]["status"] == "ok"


def test_the_stage_fails_where_more_than_half_of_what_it_tried_could_not_be_had_for_now(
    web: Any, make_project: Make
) -> None:
    skipped = [episode(i, None) for i in range(10, 30)]
    web.pages = {f"/{i}.mp3": (503, {}, b"") for i in range(5)}
    hosts = ["localhost", "127.0.0.1"]
    urls = [web.url(f"/{i}.mp3").replace("127.0.0.1", hosts[i % 2]) for i in range(5)]
    with pytest.raises(TooManyFailuresError, match=r"audio: 5 of 5 failed \(5 x HTTP 503 Service Unavailable\)"):
        collect(make_project(), *[episode(i, url) for i, url in enumerate(urls)], *skipped)


def test_one_dead_host_does_not_stop_the_day_however_many_episodes_it_has(web: Any, make_project: Make) -> None:
    """Else a host that is down for good would keep its episodes' days from ever having five."""
    web.pages = {f"/{i}.mp3": (503, {}, b"") for i in range(6)} | {"/good.mp3": (200, {}, MP3)}
    dead = [episode(i, web.url(f"/{i}.mp3")) for i in range(6)]
    rows = collect(make_project(), *dead, episode(7, web.url("/good.mp3").replace("127.0.0.1", "localhost")))
    assert [row["status"] for row in rows] == ["deferred"] * 6 + ["ok"]
    assert [row["status"] for row in collect(make_project(), *dead)] == ["deferred"] * 6


def test_files_that_are_gone_do_not_stop_the_day(web: Any, make_project: Make) -> None:
    rows = collect(make_project(), *[episode(i, web.url(f"/{i}.mp3")) for i in range(6)])
    assert {(row["status"], row["reason"]) for row in rows} == {("failed", "HTTP 404 Not Found")}


# Local feeds


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """A folder with a feed, as ``[feeds] urls = ["shows/feed.xml"]`` names it, and a secret beside the folder."""
    folder = tmp_path / "shows"
    folder.mkdir()
    (folder / "an episode.mp3").write_bytes(MP3)
    (folder / "page.mp3").write_bytes(b"<html>")
    (tmp_path / "secret.mp3").write_bytes(MP3)
    (folder / "outside.mp3").symlink_to(tmp_path / "secret.mp3")
    return folder


def test_a_local_feeds_file_is_used_where_it_is(local: Path, make_project: Make) -> None:
    project = make_project()
    [row] = collect(project, episode(1, "an%20episode.mp3", feed_url="shows/feed.xml"))
    assert (row["status"], row["path"]) == ("ok", str(local / "an episode.mp3"))
    assert (row["sha256"], row["bytes"], row["media_type"]) == (sha256(MP3), len(MP3), "audio/mpeg")
    assert left_over(project) == []


@pytest.mark.parametrize("address", ["../secret.mp3", "outside.mp3", "/etc/passwd", "no.mp3", "page.mp3"])
def test_a_local_feed_reaches_nothing_outside_its_folder_and_no_page(address: str, local: Path, make_project: Make) -> None:
    project = make_project()
    [row] = collect(project, episode(1, address, feed_url="shows/feed.xml"))
    reason = failed(project, row)
    assert any(part in reason for part in ("leads out of the feed's folder", "no such file", "a page of HTML"))


# Removal


def test_old_downloads_are_removed_and_nothing_else(tmp_path: Path) -> None:
    name = sha256(b"x")
    old, new = age(tmp_path / f"{name}.mp3", 2.1), age(tmp_path / name, 1.9)
    others = [age(tmp_path / "my own recording.mp3", 99), age(tmp_path / "folder" / f"{name}.mp3", 99)]
    (tmp_path / f"{name}.m4a").symlink_to(others[0])
    dead, alive = age(tmp_path / ".download-dead", 2.1), age(tmp_path / ".download-alive", 0.1)
    assert prune(tmp_path, 2, clock.now()) == sorted([old, dead])
    assert [path.exists() for path in (old, dead, new, alive, *others, tmp_path / f"{name}.m4a")] == [False] * 2 + [True] * 5
    fresh = age(tmp_path / sha256(b"y"), 0.24)
    assert prune(tmp_path, 0, clock.now()) == [new]
    assert alive.exists()
    assert fresh.exists(), "another run may have downloaded it, and not yet heard it"
    assert prune(tmp_path, 0, clock.now() + dt.timedelta(hours=1)) == [fresh]
    assert prune(tmp_path / "nothing here", 0, clock.now()) == []


def test_the_stage_removes_old_downloads_but_never_a_local_feeds_file(local: Path, web: Any, make_project: Make) -> None:
    web.pages = {"/a.mp3": MP3}
    project = make_project(transcription={"keep_audio_days": 1})
    [row] = collect(project, episode(1, web.url("/a.mp3")))
    age(Path(row["path"]), 1.5)
    age(local / "an episode.mp3", 400)
    [used] = collect(project, episode(2, "an%20episode.mp3", feed_url="shows/feed.xml"))
    assert used["status"] == "ok"
    assert left_over(project) == []


# The asset


def test_the_asset_gives_the_table_and_metadata_that_plots(web: Any, make_project: Make) -> None:
    days = dg.DailyPartitionsDefinition(start_date="2026-01-01")
    web.pages = {"/a.mp3": MP3, "/busy.mp3": (503, {}, b"")}
    given = frame(*[episode(i, web.url(path)) for i, path in enumerate(["/a.mp3", "/b.mp3", "/gone.mp3", "/busy.mp3"], 1)])

    @dg.asset(partitions_def=days)
    def episodes() -> pl.DataFrame:
        return given

    @dg.asset(partitions_def=days)
    def publisher_transcripts() -> pl.DataFrame:
        return transcripts(e1="none", e2="ok", e3="failed")

    result = dg.materialize(
        [episodes, publisher_transcripts, *build_assets(days)],
        partition_key=DAY.isoformat(),
        resources={"project": make_project(), "io_manager": dg.mem_io_manager},
        instance=dg.DagsterInstance.ephemeral(),
    )
    table = result.output_for_node("audio")
    assert table.schema == SCHEMAS["audio"]
    assert table["status"].to_list() == ["ok", "skipped", "failed", "deferred"]
    [materialization] = result.asset_materializations_for_node("audio")
    shown = {name: value.value for name, value in materialization.metadata.items()}
    expected = {"episodes": 4, "ok": 1, "skipped": 1, "deferred": 1, "failed": 1, "bytes": len(MP3), "hours": 0.5}
    assert {name: shown[name] for name in expected} == expected
    assert str(shown["failures"]).endswith("| A \\| Show | Episode 3 | HTTP 404 Not Found |")


def test_a_day_without_episodes_gives_an_empty_table_of_the_right_types(make_project: Make) -> None:
    assert collect(make_project()) == []


def test_a_large_file_is_never_in_memory_whole(web: Any, make_project: Make, tmp_path: Path) -> None:
    """A download of 60 MB and a local file of 300 MB; what Python allocates stays small."""

    def large(request: Any) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(300 * len(MP3)))
        request.end_headers()
        for _ in range(300):
            request.wfile.write(MP3)

    web.pages = {"/a.mp3": large}
    with (tmp_path / "hole.mp3").open("wb") as file:
        file.write(MP3)
        file.truncate(300_000_000)
    tracemalloc.start()
    try:
        rows = collect(make_project(), episode(1, web.url("/a.mp3")), episode(2, "hole.mp3", feed_url="feed.xml"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [row["bytes"] for row in rows] == [300 * len(MP3), 300_000_000]
    assert peak < 20_000_000
