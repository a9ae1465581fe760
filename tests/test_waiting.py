"""A day whose audio does not fit, in bytes or in hours: what is fetched and heard when, and that nothing is lost."""

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from podcast_assets.audio import ahead
from podcast_assets.audio.ahead import IN_HAND, Ahead
from podcast_assets.audio.collect import collect
from podcast_assets.audio.fetch import Audio
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from tests.conftest import Web
from tests.listening import MICRO, Day, MakeProject
from tests.sounds import SPEECH

SIZE = 60_000  # of a file: a quarter of a minute
NONE = {"status": "none", "reason": "the feed names no transcript"}


def serve(web: Web, count: int, folder: Path | None = None, seen: list[int] | None = None) -> None:
    """As many files, all of them different; ``seen`` takes how many bytes lie in ``folder`` at each request."""

    def page(body: bytes) -> Any:
        def answer(_: Any) -> Any:
            if seen is not None and folder is not None:
                seen.append(sum(path.stat().st_size for path in folder.glob("*")))
            return 200, {"Content-Type": "audio/mpeg"}, body

        return answer

    speech = SPEECH.read_bytes()
    for number in range(count):
        web.pages[f"/{number}.mp3"] = page(speech[: SIZE - 10 * number])


def day_of(project: Project, web: Web, count: int, **more: Any) -> Day:
    """A day of as many episodes, each of another show; the first is the newest."""
    day = Day(project)
    for number in range(count):
        facts = {
            "feed_id": f"f{number}",
            "feed_url": web.url("/feed"),
            "enclosure_url": web.url(f"/{number}.mp3"),
            "enclosure_type": "audio/mpeg",
            "enclosure_bytes": SIZE,
            "duration_s": 15.0,
            "published_at": dt.datetime(2026, 3, 3, 20, tzinfo=dt.UTC) - dt.timedelta(hours=number),
        }
        day.add(f"e{number}", publisher=NONE, **facts | more)
    return day


def with_audio(day: Day) -> pl.DataFrame:
    """Makes the table ``audio`` of the day as the asset does."""
    episodes, published, _ = day.frames()
    audio = collect(day.project, episodes, published)
    assert audio.schema == SCHEMAS["audio"]
    day.rows["audio"] = audio.to_dicts()
    return audio


@pytest.fixture
def small(make_project: MakeProject) -> Project:
    """A project in which the disk has room for four files."""
    settings = {"model": str(MICRO), "allow_sample_model": True, "max_audio_gb": 4 * SIZE / 1e9}
    return make_project(transcription=settings)


def test_a_day_that_does_not_fit_the_disk_is_heard_all_the_same_and_never_takes_more_room(web: Web, small: Project) -> None:
    count, sizes = 12, list[int]()
    serve(web, count, small.audio_path, sizes)
    day = day_of(small, web, count)
    audio = with_audio(day)
    assert audio["status"].to_list() == ["ok"] * 4 + ["waiting"] * (count - 4), "the newest first"
    assert audio["reason"].null_count() == 4
    rows, segments, _ = day.run()
    assert {row["status"] for row in rows.values()} == {"ok"}
    assert segments["episode_id"].n_unique() == count
    assert max(sizes) <= (4 + 1) * SIZE, "the share, and one file"
    assert [web.count(f"/{number}.mp3") for number in range(count)] == [1] * count
    assert sum(path.stat().st_size for path in small.audio_path.iterdir()) <= 4 * SIZE


def test_a_second_run_fetches_and_hears_nothing_and_knows_the_files_that_are_gone(web: Web, small: Project) -> None:
    serve(web, 6)
    day = day_of(small, web, 6)
    with_audio(day)
    first, _, _ = day.run()
    for path in small.audio_path.iterdir():
        path.unlink()
    asked = len(web.asked)
    audio = with_audio(day)
    assert audio["status"].to_list() == ["ok"] * 6
    assert audio["path"].null_count() == 6
    assert audio["bytes"].to_list() == [SIZE - 10 * number for number in range(6)]
    second, _, result = day.run()
    assert second == first
    assert len(web.asked) == asked
    assert not [event for event in result.all_events if "transcribe_shard" in (event.step_key or "")]


def test_what_is_there_already_waits_for_no_room(web: Web, small: Project) -> None:
    serve(web, 4)
    day = day_of(small, web, 4)
    assert with_audio(day).equals(with_audio(day)), "nothing was heard in between"
    assert day.rows["audio"][3]["status"] == "ok"


def test_a_file_that_cannot_be_had_when_its_turn_comes_is_a_row(web: Web, small: Project) -> None:
    serve(web, 7)
    day = day_of(small, web, 7)
    with_audio(day)
    del web.pages["/4.mp3"]
    web.pages["/5.mp3"] = (503, {}, b"later")
    web.pages["/6.mp3"] = (200, {"Content-Type": "audio/mpeg"}, b"ID3 and nothing that could be heard" * 9)
    rows, _, _ = day.run()
    assert [rows[f"e{number}"]["status"] for number in range(7)] == ["ok"] * 4 + ["failed", "deferred", "failed"]
    assert "HTTP 404" in rows["e4"]["reason"]
    assert "HTTP 503" in rows["e5"]["reason"]
    assert rows["e6"]["reason"].startswith("not an audio file")


def test_a_budget_of_hours_is_kept_by_downloads_and_the_next_run_goes_on(web: Web, make_project: MakeProject) -> None:
    settings = {"model": str(MICRO), "allow_sample_model": True, "max_audio_hours_per_day": 31 / 3600}
    serve(web, 5)
    day = day_of(make_project(transcription=settings), web, 5)
    for heard in (2, 4, 5):
        audio = with_audio(day)
        assert audio["status"].to_list() == ["ok"] * heard + ["deferred"] * (5 - heard)
        rows, _, _ = day.run()
        assert [row["status"] for row in rows.values()] == ["ok"] * heard + ["deferred"] * (5 - heard)
        assert all("max_audio_hours_per_day" in row["reason"] for row in rows.values() if row["status"] == "deferred")
        assert len(web.asked) == heard, "what waits is not fetched"


def test_a_text_without_times_is_no_reason_not_to_hear_the_audio(web: Web, make_project: MakeProject) -> None:
    project = make_project(transcription={"model": str(MICRO), "allow_sample_model": True})
    serve(web, 2)
    day = day_of(project, web, 2)
    text = {"status": "ok", "document_sha256": "aa", "language": "en"}
    day.rows["publisher_transcripts"] = [
        {"episode_id": "e0", "timing": "estimated", **text},
        {"episode_id": "e1", "timing": "segment", **text},
    ]
    assert with_audio(day)["status"].to_list() == ["ok", "skipped"]


def test_what_cannot_be_had_leaves_its_hours_to_the_others(web: Web, make_project: MakeProject) -> None:
    """The newest would else take them in each run, and the rest of the day would never be heard."""
    settings = {"model": str(MICRO), "allow_sample_model": True, "max_audio_hours_per_day": 31 / 3600}
    serve(web, 5)
    for gone in (0, 1):
        web.pages[f"/{gone}.mp3"] = (404, {}, b"")
    day = day_of(make_project(transcription=settings), web, 5)
    assert with_audio(day)["status"].to_list() == ["failed", "failed", "ok", "ok", "deferred"]


def test_a_local_feed_s_files_need_no_room_and_are_heard_in_turn(make_project: MakeProject, tmp_path: Path) -> None:
    settings = {"model": str(MICRO), "allow_sample_model": True, "max_audio_gb": 1e-9, "max_audio_hours_per_day": 31 / 3600}
    day = Day(make_project(transcription=settings))
    for number in range(5):
        (tmp_path / f"{number}.mp3").write_bytes(SPEECH.read_bytes()[: SIZE - 10 * number])
        seen = dt.datetime(2026, 3, 3, 20 - number, tzinfo=dt.UTC)
        facts = {"feed_url": "feed.xml", "enclosure_url": f"{number}.mp3", "duration_s": 15.0, "published_at": seen}
        day.add(f"e{number}", publisher=NONE, **facts)
    for heard in (2, 4, 5):
        assert with_audio(day)["status"].to_list() == ["ok"] * 5
        rows, _, _ = day.run()
        assert [row["status"] for row in rows.values()] == ["ok"] * heard + ["deferred"] * (5 - heard)


# --- Files ahead of whoever hears them.


def test_all_files_come_and_never_too_many(web: Web, small: Project) -> None:
    serve(web, 8)
    episodes = list(day_of(small, web, 8).frames()[0].iter_rows(named=True))
    sizes = {}
    with Ahead(small, episodes) as files:
        for episode_id, file in files:
            assert isinstance(file, Audio)
            sizes[episode_id] = file.bytes
            assert len(web.asked) <= len(sizes) + IN_HAND
    assert sizes == {f"e{number}": SIZE - 10 * number for number in range(8)}


def test_a_slow_host_keeps_nobody_waiting_but_itself(web: Web, small: Project) -> None:
    over = threading.Event()
    serve(web, 5)
    web.pages["/0.mp3"] = stalled(over)
    episodes = list(day_of(small, web, 5).frames()[0].iter_rows(named=True))
    with Ahead(small, episodes) as files:
        came = (episode_id for episode_id, _ in files)
        assert {next(came) for _ in range(4)} == {"e1", "e2", "e3", "e4"}
        over.set()


def stalled(over: threading.Event, asked: threading.Event | None = None) -> Any:
    """A page that sends a few bytes, and no more until it is over."""

    def slow(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        handler.wfile.write(b"ID3")
        if asked:
            asked.set()
        over.wait(60)
        handler.close_connection = True

    return slow


def test_leaving_early_ends_a_download_that_is_under_way(web: Web, small: Project) -> None:
    """Ctrl-C must not wait for a slow server."""
    asked, over = threading.Event(), threading.Event()
    web.pages["/0.mp3"] = stalled(over, asked)
    episodes = list(day_of(small, web, 1).frames()[0].iter_rows(named=True))
    try:
        with Ahead(small, episodes):
            assert asked.wait(30)
    finally:
        over.set()
    assert not list(small.audio_path.glob("*.mp3"))


def test_an_error_reaches_whoever_asked_for_the_file_and_no_other(web: Web, small: Project) -> None:
    serve(web, 2)
    web.pages["/0.mp3"] = (404, {}, b"")
    episodes = list(day_of(small, web, 2).frames()[0].iter_rows(named=True))
    with Ahead(small, episodes) as files:
        came = dict(files)
    assert str(came["e0"]) == "HTTP 404 Not Found"
    assert isinstance(came["e1"], Audio)


def test_a_thread_that_cannot_start_ends_the_wait(web: Web, small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a shard would hold its place in the pool for ever."""
    monkeypatch.setattr(ahead, "Fetcher", lambda *_: 1 / 0)
    episodes = list(day_of(small, web, 1).frames()[0].iter_rows(named=True))
    with Ahead(small, episodes) as files, pytest.raises(BaseException, match=r"division|unhandled"):
        list(files)
