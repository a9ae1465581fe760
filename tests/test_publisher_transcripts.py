"""Choosing, fetching and keeping publishers' transcripts, against a real server on loopback and real local feeds."""

import threading
import time
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from podcast_assets import keys, speech
from podcast_assets.errors import TooManyFailuresError
from podcast_assets.hashing import sha256
from podcast_assets.http import client
from podcast_assets.project import Project
from podcast_assets.publisher_transcripts import fetch, judge
from podcast_assets.publisher_transcripts.assets import build_assets
from podcast_assets.schemas import SCHEMAS
from tests.documents import DAY, JSON, SRT, VTT, WORDS, Make, collect, episode, frame, link

# Fetching


def test_the_best_document_becomes_a_row_and_segments_that_a_later_stage_finds_by_its_key(
    web: Any, make_project: Make
) -> None:
    web.pages = {"/t.json": JSON, "/t.vtt": VTT}
    project = make_project()
    [row] = collect(
        project, episode(1, link(web.url("/t.vtt"), "text/vtt"), link(web.url("/t.json"), "application/json", "en-US"))
    )
    name = sha256(JSON)
    assert row == {
        "day": DAY,
        "episode_id": f"{1:016x}",
        "status": "ok",
        "reason": None,
        "url": web.url("/t.json"),
        "type": "json",
        "language": "en-US",
        "document_sha256": name,
        "bytes": len(JSON),
        "segments": 1,
        "words": 50,
        "speakers": 1,
        "timing": "segment",
    }
    assert project.cache("documents").get(name) == JSON.encode()
    kept = speech.from_json(project.cache("segments").get_json(keys.publisher_key(name, 60.0)))
    assert kept == [speech.Segment(0, 30, WORDS, "Ann", "segment")]


def test_the_next_link_is_taken_where_one_fails_and_the_second_run_fetches_nothing(web: Any, make_project: Make) -> None:
    web.pages = {
        "/page.json": "<html>gone",
        "/short.vtt": "WEBVTT\n\n00:00.000 --> 00:09.000\ntoo few words\n",
        "/t.srt": SRT,
    }
    links = [link(web.url(path)) for path in ("/gone.json", "/page.json", "/short.vtt", "/t.srt")]
    project = make_project()
    first = fetch.collect(project, frame(episode(1, *links)))
    assert first["type"].to_list() == ["srt"]
    assert [path for path, _ in web.asked] == ["/gone.json", "/page.json", "/short.vtt", "/t.srt"]
    web.pages = {"/gone.json": JSON}
    assert fetch.collect(project, frame(episode(1, *links))).equals(first)
    assert len(web.asked) == 4


def test_segments_are_read_again_from_the_kept_document_without_a_request(web: Any, make_project: Make) -> None:
    """As after a change of how documents are read, which gives them another key."""
    web.pages = {"/t.vtt": VTT}
    project = make_project()
    [row] = collect(project, episode(1, link(web.url("/t.vtt"))))
    segments = project.cache("segments").path(keys.publisher_key(row["document_sha256"], 60.0))
    segments.unlink()
    assert collect(project, episode(1, link(web.url("/t.vtt")))) == [row]
    assert segments.exists()
    assert len(web.asked) == 1


def test_a_document_that_is_lost_is_fetched_and_kept_again(web: Any, make_project: Make) -> None:
    web.pages = {"/t.vtt": VTT}
    project = make_project()
    [row] = collect(project, episode(1, link(web.url("/t.vtt"))))
    document = project.cache("documents").path(row["document_sha256"])
    document.unlink()
    assert collect(project, episode(1, link(web.url("/t.vtt")))) == [row]
    assert document.exists()


def test_a_failure_names_each_address_without_its_secrets_and_is_tried_again(web: Any, make_project: Make) -> None:
    web.pages = {"/b.vtt": ""}
    secret = web.url("/a.json?token=hush").replace("http://", "http://me:hush@")
    links = [link(secret), link(web.url("/b.vtt"))]
    project = make_project()
    [row] = collect(project, episode(1, *links))
    assert row["status"] == "failed"
    assert row["reason"] == f"{web.url('/a.json')}: HTTP 404 Not Found; {web.url('/b.vtt')}: the document is empty"
    assert row["url"] is None
    web.pages = {"/b.vtt": VTT}
    assert collect(project, episode(1, *links))[0]["status"] == "ok"


def test_an_absurdly_short_transcript_fails_and_one_of_unknown_length_does_not(web: Any, make_project: Make) -> None:
    web.pages = {"/t.vtt": VTT}
    long, unknown = (
        episode(1, link(web.url("/t.vtt")), duration_s=3600),
        episode(2, link(web.url("/t.vtt")), duration_s=None),
    )
    rows = collect(make_project(), long, unknown)
    assert [row["status"] for row in rows] == ["failed", "ok"]
    assert "absurdly short: 51 words for 60 minutes" in rows[0]["reason"]


@pytest.mark.parametrize("text", ["word " * (judge.MOST_WORDS + 1), "今天我们来谈" * (judge.MOST_WORDS + 1)])
def test_what_is_longer_than_any_episode_is_refused_before_it_costs_minutes(text: str, web: Any, make_project: Make) -> None:
    web.pages = {"/t.vtt": "WEBVTT\n\n00:00.000 --> 00:30.000\n" + text}
    [row] = collect(make_project(), episode(1, link(web.url("/t.vtt"))))
    assert row["status"] == "failed"
    assert "absurdly long: 500001 words, no episode has more than 500000" in row["reason"]


def test_a_language_without_spaces_is_not_absurdly_short(web: Any, make_project: Make) -> None:
    web.pages = {"/t.vtt": "WEBVTT\n\n00:00.000 --> 01:00.000\n" + "今天我们来谈谈播客的历史" * 20}
    assert collect(make_project(), episode(1, link(web.url("/t.vtt")), language="zh"))[0]["status"] == "ok"


def test_without_a_usable_link_there_is_none_and_a_reason(web: Any, make_project: Make) -> None:
    rows = collect(
        make_project(),
        episode(1),
        episode(2, transcripts=None),
        episode(3, link(web.url("/t.pdf"), "application/pdf"), link(web.url("/t.docx"))),
        episode(4, link(web.url("/t.vtt"), "text/vtt", "es")),
    )
    assert [row["status"] for row in rows] == ["none"] * 4
    assert [row["reason"] for row in rows[:2]] == ["the feed names no transcript"] * 2
    assert "application/pdf is not read" in rows[2]["reason"]
    assert "/t.docx is not read" in rows[2]["reason"]
    assert rows[3]["reason"] == "vtt in es is a translation, the episode is in en"
    assert web.asked == []


def test_nothing_is_fetched_where_the_user_wants_speech_recognition(web: Any, make_project: Make) -> None:
    project = make_project(transcription={"prefer_publisher": False})
    [row] = collect(project, episode(1, link(web.url("/t.vtt"))))
    assert (row["status"], row["reason"]) == ("none", "[transcription] prefer_publisher = false")
    assert web.asked == []


def test_a_document_above_the_limit_is_refused(web: Any, make_project: Make, tmp_path: Path) -> None:
    web.pages = {"/big.vtt": VTT.encode() + b" " * fetch.MAX_BYTES}
    (tmp_path / "big.vtt").write_bytes(web.pages["/big.vtt"])
    rows = collect(make_project(), episode(1, link(web.url("/big.vtt"))), episode(2, link("big.vtt"), feed_url="feed.xml"))
    assert [row["status"] for row in rows] == ["failed", "failed"]
    assert all("more than 20 MB" in row["reason"] for row in rows)


@pytest.mark.parametrize(
    "url", ["http://[bad/t.vtt", "ftp://example.org/t.vtt", "file:///etc/t.vtt", "t.vtt", "http:///t.vtt", "\0.vtt"]
)
def test_an_address_that_is_none_fails_its_episode_alone(url: str, web: Any, make_project: Make) -> None:
    web.pages = {"/t.vtt": VTT}
    rows = collect(make_project(), episode(1, link(url, "text/vtt")), episode(2, link(web.url("/t.vtt"))))
    assert [row["status"] for row in rows] == ["failed", "ok"]
    assert "\n" not in rows[0]["reason"]


def test_private_addresses_are_refused_also_behind_a_redirect(
    web: Any, make_project: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = make_project(network={"allow_private_hosts": False, "timeout_s": 5})
    web.pages = {"/r.vtt": (302, {"Location": web.url("/t.vtt").replace("127.0.0.1", "127.0.0.2")}, b""), "/t.vtt": VTT}
    [row] = collect(closed, episode(1, link(web.url("/t.vtt"))))
    assert "127.0.0.1 is no public address" in row["reason"]
    assert web.asked == []
    monkeypatch.setattr(client, "is_public", lambda address: address == "127.0.0.1")  # the server plays a public one
    [row] = collect(closed, episode(1, link(web.url("/r.vtt"))))
    assert "127.0.0.2 is no public address" in row["reason"]
    assert [path for path, _ in web.asked] == ["/r.vtt"]


def test_at_most_sixteen_requests_are_under_way(web: Any, make_project: Make) -> None:
    busy, most, lock = 0, 0, threading.Lock()

    def slow(_: Any) -> str:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.05)
        with lock:
            busy -= 1
        return VTT

    web.pages = {f"/{i}.vtt": slow for i in range(40)}
    rows = collect(make_project(), *[episode(i, link(web.url(f"/{i}.vtt"))) for i in range(40)])
    assert [row["episode_id"] for row in rows] == [f"{i:016x}" for i in range(40)]
    assert all(row["status"] == "ok" for row in rows)
    assert 1 < most <= fetch.CONCURRENCY


def test_a_publisher_who_refuses_does_not_stop_the_day(web: Any, make_project: Make) -> None:
    web.pages = {f"/{i}.vtt": (403, {}, b"") for i in range(6)}
    rows = collect(make_project(), *[episode(i, link(web.url(f"/{i}.vtt"))) for i in range(6)])
    assert {row["status"] for row in rows} == {"failed"}


def test_the_stage_fails_where_nobody_answers_for_more_than_half(web: Any, make_project: Make) -> None:
    web.pages = {f"/{i}.vtt": VTT if i < 3 else (502, {}, b"") for i in range(7)}
    hosts = {i: "127.0.0.1" if i < 3 else f"127.0.0.{i % 2 + 2}" for i in range(7)}
    tried = [episode(i, link(web.url(f"/{i}.vtt").replace("127.0.0.1", hosts[i]))) for i in range(7)]
    with pytest.raises(TooManyFailuresError, match="publisher_transcripts: 4 of 7 failed"):
        collect(make_project(), *tried, *[episode(i) for i in range(10, 30)])


def test_one_dead_host_does_not_stop_the_day(web: Any, make_project: Make) -> None:
    tried = [episode(i, link(web.url(f"/{i}.vtt"))) for i in range(7)]
    web.pages = {f"/{i}.vtt": (502, {}, b"") for i in range(7)}
    assert {row["status"] for row in collect(make_project(), *tried)} == {"deferred"}


def test_a_transcript_waits_where_nobody_answered_for_any_of_its_links(web: Any, make_project: Make) -> None:
    web.pages = {"/a.json": (503, {}, b""), "/a.vtt": (429, {}, b"")}
    links = [link(web.url(path)) for path in ("/a.json", "/a.vtt")]
    rows = collect(make_project(), episode(1, *links), episode(2, *links, link(web.url("/gone.srt"))))
    assert [row["status"] for row in rows] == ["deferred", "failed"]
    assert rows[0]["reason"] == (
        f"{web.url('/a.json')}: HTTP 503 Service Unavailable; {web.url('/a.vtt')}: HTTP 429 Too Many Requests"
    )


@pytest.mark.parametrize("kind", ["documents", "downloads", "segments"])
def test_a_cache_that_cannot_be_written_fails_the_stage_and_not_the_episode_for_good(
    kind: str, web: Any, make_project: Make
) -> None:
    web.pages = {"/t.vtt": VTT}
    project = make_project()
    folder = project.cache(kind).root
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where a folder should be")
    with pytest.raises(OSError, match=kind):
        collect(project, episode(1, link(web.url("/t.vtt"))))
    folder.unlink()
    assert collect(project, episode(1, link(web.url("/t.vtt"))))[0]["status"] == "ok"


def test_a_day_without_episodes_gives_an_empty_table_of_the_right_types(make_project: Make) -> None:
    assert collect(make_project()) == []


# Local feeds


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """A folder with a feed, as ``[feeds] urls = ["shows/feed.xml"]`` names it, and a secret beside the folder."""
    folder = tmp_path / "shows"
    (folder / "text").mkdir(parents=True)
    (folder / "text" / "a b.vtt").write_text(VTT)
    (tmp_path / "secret.vtt").write_text(VTT)
    (folder / "inside.vtt").symlink_to(folder / "text" / "a b.vtt")
    (folder / "outside.vtt").symlink_to(tmp_path / "secret.vtt")
    return folder


@pytest.mark.parametrize("address", ["text/a%20b.vtt", "./text/../text/a%20b.vtt", "inside.vtt"])
def test_a_local_feed_names_files_of_its_folder(address: str, local: Path, make_project: Make) -> None:
    [row] = collect(make_project(), episode(1, link(address, "text/vtt"), feed_url="shows/feed.xml"))
    assert (row["status"], row["url"], row["words"]) == ("ok", address, 51)
    (local / "text" / "a b.vtt").unlink()
    assert collect(make_project(), episode(1, link(address, "text/vtt"), feed_url="shows/feed.xml")) == [row]


@pytest.mark.parametrize(
    "address", ["../secret.vtt", "%2e%2e/secret.vtt", "outside.vtt", "/etc/passwd", "//host/etc/passwd", "no.vtt"]
)
def test_a_local_feed_reaches_nothing_outside_its_folder(address: str, local: Path, make_project: Make) -> None:
    [row] = collect(make_project(), episode(1, link(address, "text/vtt"), feed_url="shows/feed.xml"))
    assert row["status"] == "failed"
    assert "leads out of the feed's folder" in row["reason"] or "no such file" in row["reason"]


def test_a_feed_from_the_web_reaches_no_file(local: Path, make_project: Make) -> None:
    [row] = collect(make_project(), episode(1, link("shows/inside.vtt", "text/vtt")))
    assert "a feed from the web may name http and https addresses alone" in row["reason"]


# The asset


def materialize(project: Project, episodes: pl.DataFrame) -> dg.ExecuteInProcessResult:
    days = dg.DailyPartitionsDefinition(start_date="2026-01-01")

    @dg.asset(name="episodes", partitions_def=days)
    def given() -> pl.DataFrame:
        return episodes

    return dg.materialize(
        [given, *build_assets(days)],
        partition_key=DAY.isoformat(),
        resources={"project": project, "io_manager": dg.mem_io_manager},
        instance=dg.DagsterInstance.ephemeral(),
    )


def test_the_asset_gives_the_table_and_metadata_that_plots(web: Any, make_project: Make) -> None:
    web.pages = {
        "/t.json": JSON,
        "/w.json": JSON.replace(WORDS, "word").replace("30", "1"),
        "/busy.json": (503, {}, b""),
    }
    episodes = frame(
        episode(1, link(web.url("/t.json")), duration_s=90.0),
        episode(2, link(web.url("/w.json")), duration_s=None),
        episode(3, link(web.url("/gone.json"))),
        episode(4),
        episode(5, link(web.url("/busy.json"))),
    )
    result = materialize(make_project(), episodes)
    table = result.output_for_node("publisher_transcripts")
    assert table.schema == SCHEMAS["publisher_transcripts"]
    assert table["status"].to_list() == ["ok", "ok", "failed", "none", "deferred"]
    [materialization] = result.asset_materializations_for_node("publisher_transcripts")
    shown = {name: value.value for name, value in materialization.metadata.items()}
    failures = str(shown.pop("failures"))
    expected = {"episodes": 5, "ok": 2, "none": 1, "deferred": 1, "failed": 1, "word_timed": 1, "words": 51, "hours": 0.03}
    assert {name: shown[name] for name in expected} == expected
    assert "| A \\| Show | Episode 3 \\<b\\> | " in failures


def test_the_asset_of_a_day_without_episodes_is_empty(make_project: Make) -> None:
    result = materialize(make_project(), frame())
    assert result.output_for_node("publisher_transcripts").is_empty()
    [materialization] = result.asset_materializations_for_node("publisher_transcripts")
    assert "failures" not in materialization.metadata
    assert materialization.metadata["hours"].value == 0


def test_the_same_day_gives_byte_equal_parquet(web: Any, make_project: Make) -> None:
    web.pages = {"/t.json": JSON, "/t.vtt": VTT}
    episodes = frame(episode(2, link(web.url("/t.json"))), episode(1, link(web.url("/t.vtt"))), episode(3))
    written = []
    for data_dir in ("one", "two"):
        project = make_project(data_dir=data_dir)
        written.append(project.lake.write("publisher_transcripts", fetch.collect(project, episodes), DAY).read_bytes())
    assert written[0] == written[1]
