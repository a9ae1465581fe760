"""A day whose audio does not fit, in bytes or in hours: what is fetched and heard when, and that nothing is lost."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from podcast_assets.audio.ahead import AHEAD, Ahead
from podcast_assets.audio.collect import collect
from podcast_assets.errors import PodcastAssetsError
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
    assert max(sizes) <= (4 + AHEAD + 1) * SIZE, "the share, and what a shard has ahead"
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


# --- Files ahead of whoever hears them.


def test_files_come_in_order_and_never_too_many(web: Web, small: Project) -> None:
    serve(web, 8)
    episodes = list(day_of(small, web, 8).frames()[0].iter_rows(named=True))
    with Ahead(small, episodes) as files:
        for number, episode in enumerate(episodes):
            assert files.get(episode["episode_id"]).bytes == SIZE - 10 * number
            assert len(web.asked) <= number + 1 + AHEAD + 1


def test_leaving_early_ends_a_download_that_is_under_way(web: Web, small: Project) -> None:
    """Ctrl-C must not wait for a slow server."""
    import threading

    asked, over = threading.Event(), threading.Event()

    def slow(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        handler.wfile.write(b"ID3")
        asked.set()
        over.wait(60)

    web.pages["/0.mp3"] = slow
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
        with pytest.raises(PodcastAssetsError, match="HTTP 404"):
            files.get("e0")
        assert files.get("e1").bytes == SIZE - 10
