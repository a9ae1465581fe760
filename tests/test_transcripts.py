"""The stage `transcripts`: the plan, shards, the two tables, Dagster's face."""

import datetime as dt
import json
import logging
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from podcast_assets import keys
from podcast_assets.dagster_common import GPU_POOL, GPU_TAGS, SCRATCH
from podcast_assets.errors import TooManyFailuresError
from podcast_assets.hashing import sha256
from podcast_assets.keys import content_key
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from podcast_assets.speech import Segment
from podcast_assets.transcripts.assets import plan_transcription, transcribe_shard
from podcast_assets.transcripts.merge import NO_SPEECH, NOT_CACHED, NOT_LOOKED_AT
from podcast_assets.transcripts.plan import LEAST_SHARD_S, Work, deal
from podcast_assets.transcripts.recognise import Recogniser
from podcast_assets.transcripts.shard import Outcome, Worker, recognise_shard
from tests.listening import DAY, LOG, MICRO, Day, MakeProject, metadata, normal, steps, work
from tests.sounds import SPEECH

# --- The stage through Dagster.


def test_a_day_of_publishers_transcripts_needs_no_model_and_no_gpu(make_project: MakeProject) -> None:
    day = Day(make_project(transcription={"model": "small"}))
    day.published("e1")
    day.published("e2", Segment(1.0, 3.00049, "One two three.", "Bo", "segment"))
    rows, segments, result = day.run()
    assert steps(result) == {"plan_transcription", "merge_transcripts"}
    assert rows["e2"] == {
        "day": DAY, "episode_id": "e2", "status": "ok", "source": "publisher", "reason": None, "language": "en",
        "model": None, "content_key": keys.publisher_key(sha256("e2")), "segments": 1, "words": 3, "speech_s": 2.0,
        "duration_s": 3.0, "audio_s": None, "voice_s": None, "coverage": None, "cut_loops": None, "cut_invented": None,
    }  # fmt: skip
    assert segments.rows() == [
        (DAY, "e1", 0, 0.123, 2.5, "Ann", "Hello there.", "segment", None),
        (DAY, "e1", 1, 2.5, 4.0, None, "Well.", "exact", None),
        (DAY, "e2", 0, 1.0, 3.0, "Bo", "One two three.", "segment", None),
    ]
    told = metadata(result, "transcripts")
    assert (told["episodes"], told["ok"], told["from_publisher"], told["from_asr"], told["words"]) == (2, 2, 2, 0, 6)
    assert "failures" not in told
    assert metadata(result, "segments")["exact"] == 1


def test_an_empty_day_gives_two_typed_empty_tables(make_project: MakeProject) -> None:
    rows, segments, result = Day(make_project()).run()
    assert not rows
    assert segments.schema == SCHEMAS["segments"]
    assert metadata(result, "transcripts")["hours"] == 0


def test_audio_is_recognised_once_and_a_second_run_gives_the_same_bytes(micro_project: Project) -> None:
    day = Day(micro_project)
    day.recorded("e1", SPEECH, duration_s=78.0)
    day.published("e2")
    rows, segments, result = day.run()
    row = rows["e1"]
    assert (row["status"], row["source"], row["language"], row["model"]) == ("ok", "asr", "en", "whisper-micro")
    assert row["content_key"] == content_key(sha256(SPEECH.read_bytes()), micro_project.config)
    heard = segments.filter(episode_id="e1")
    assert heard["seq"].to_list() == list(range(row["segments"]))
    assert set(heard["timing"]) == {"exact"}
    assert heard["speaker"].null_count() == len(heard)
    assert heard["start_s"].is_sorted()
    assert "idle time" in " ".join(heard["text"])
    assert row["words"] == sum(len(text.split()) for text in heard["text"])
    assert 60 < row["speech_s"] < row["duration_s"] < 79
    told = metadata(result, "transcripts")
    assert (told["recognised"], told["from_asr"], told["model"]) == (1, 1, "whisper-micro")
    assert told["times_real_time"] > 1
    assert told["coverage"] > 0.95
    assert (told["cut_loops"], told["estimated"]) == (0, 0)
    assert told["cut_invented"] == row["cut_invented"]
    assert told["device"].startswith(("cpu, int8", "cuda, "))

    lake = micro_project.lake
    first = [lake.path(table, DAY).read_bytes() for table in ("transcripts", "segments")]
    rows, segments, result = day.run()
    assert steps(result) == {"plan_transcription", "merge_transcripts"}, "no shard was run: the cache had it all"
    assert metadata(result, "transcripts")["recognised"] == 0
    assert [lake.path(table, DAY).read_bytes() for table in ("transcripts", "segments")] == first


def test_a_file_that_cannot_be_heard_is_a_row_with_its_reason_and_the_shard_goes_on(
    micro_project: Project, tmp_path: Path, silence: Path
) -> None:
    def file(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    day = Day(micro_project)
    for number in range(6):
        day.published(f"p{number}")
    day.recorded("silent", silence)
    day.recorded("empty", file("empty.mp3", b""))
    day.recorded("text", file("text.mp3", b"It is a page | of text.\n" * 100))
    day.recorded("noise", file("noise.mp3", SPEECH.read_bytes()[:2000] + np.random.default_rng(1).bytes(200_000)))
    day.recorded("headers", file("headers.wav", silence.read_bytes()[:44]))
    day.recorded("gone", tmp_path / "gone.mp3", title="Gone *away*")
    day.recorded("half", file("half.mp3", SPEECH.read_bytes()[:150_000]))
    rows, segments, result = day.run()
    assert {name: row["status"] for name, row in rows.items() if row["source"] == "asr"} == {
        "silent": "failed", "empty": "failed", "text": "failed", "noise": "failed", "headers": "failed", "gone": "failed",
        "half": "ok",
    }  # fmt: skip
    assert rows["silent"]["reason"] == NO_SPEECH
    assert rows["empty"]["reason"] == "the file is empty"
    assert rows["text"]["reason"].startswith("not an audio file")
    assert "packets cannot be decoded" in rows["noise"]["reason"]
    assert rows["headers"]["reason"] == "an audio file without sound"
    assert rows["gone"]["reason"].startswith("no such file: ")
    assert 30 < rows["half"]["duration_s"] < 39, "what there is of a download that broke off is used"
    assert set(segments["episode_id"]) == {"half", *(f"p{number}" for number in range(6))}
    told = metadata(result, "transcripts")
    assert (told["ok"], told["deferred"], told["failed"]) == (7, 0, 6)
    assert r"| Show | Gone \*away\* | failed |" in told["failures"]


def test_the_speech_that_the_model_knows_comes_out_with_its_words_and_seconds(micro_project: Project, shared: Path) -> None:
    folder, day = shared / "samples" / "audio", Day(micro_project)
    references = {path.name.split(".")[0]: json.loads(path.read_text()) for path in sorted(folder.glob("*.reference.json"))}
    assert len(references) == 3
    for name in references:
        day.recorded(name, folder / f"{name}.mp3")
    rows, segments, _ = day.run()
    wrong = words = 0
    near: list[bool] = []
    for name, sentences in references.items():
        said = segments.filter(episode_id=name)
        expected, found = (normal(" ".join(texts)) for texts in ([each["text"] for each in sentences], said["text"]))
        wrong, words = wrong + Levenshtein.distance(expected, found), words + len(expected)
        near += [min(abs(start - each["start"]) for start in said["start_s"]) <= 0.7 for each in sentences]
        assert said["word_starts"].list.len().to_list() == [len(text.split()) for text in said["text"]]
        assert rows[name]["coverage"] > 0.95
    print(f"{wrong} of {words} words are wrong, {sum(near)} of {len(near)} sentences start within 0.7 s")
    assert wrong / words <= 0.08
    assert sum(near) / len(near) >= 0.8


def test_a_text_without_times_has_those_of_the_audio_where_that_was_heard(micro_project: Project) -> None:
    """Every word and name of the publisher's stays; where the audio waits, or is gone, the times are reckoned and say so."""
    text = [
        "Welcome to Signal and Ledger, everybody, the show about machines.",
        "The machines of a town mill stood still for nineteen hours of every day.",
    ]
    said = [Segment(40.0 * number, 40.0 * number + 40, line, "Ann", "estimated") for number, line in enumerate(text)]
    day = Day(micro_project)
    for episode_id, path in (("heard", SPEECH), ("gone", SPEECH.parent / "gone.mp3")):
        day.recorded(episode_id, path)
        day.published(episode_id, *said)
        del day.rows["audio"][-1], day.rows["episodes"][-1]
        day.rows["publisher_transcripts"][-1]["timing"] = "estimated"
        del day.rows["publisher_transcripts"][-2]
    rows, segments, _ = day.run()
    assert {row["status"] for row in rows.values()} == {"ok"}
    assert {row["source"] for row in rows.values()} == {"publisher"}
    assert rows["heard"]["reason"] is None
    assert rows["heard"]["model"] == "whisper-micro"
    assert "they are estimated (no such file" in rows["gone"]["reason"]
    for episode_id in rows:
        found = segments.filter(episode_id=episode_id)
        assert found["text"].to_list() == text
        assert found["speaker"].to_list() == ["Ann", "Ann"]
    assert segments.filter(episode_id="gone")["timing"].to_list() == ["estimated"] * 2
    first = segments.filter(episode_id="heard").row(0, named=True)
    assert first["timing"] in {"segment", "exact"}
    assert first["start_s"] < 5


@pytest.mark.usefixtures("offline")
def test_without_the_model_and_without_a_network_episodes_wait_and_the_reason_says_how_to_get_it(
    make_project: MakeProject,
) -> None:
    day = Day(make_project(transcription={"model": "small"}))
    day.published("e1")
    day.recorded("e2", SPEECH)
    started = time.monotonic()
    rows, _, result = day.run()
    assert time.monotonic() - started < 30
    assert rows["e1"]["status"] == "ok"
    assert rows["e2"]["status"] == "deferred"
    command = "python -c \"from faster_whisper import download_model; download_model('small')\""
    assert rows["e2"]["reason"].endswith(command)
    assert "device" not in metadata(result, "transcripts")


def test_what_a_cap_leaves_no_room_for_waits(micro_project: Project, make_project: MakeProject) -> None:
    capped = {"model": str(MICRO), "allow_sample_model": True, "max_audio_hours_per_day": 0.03}
    day = Day(make_project(transcription=capped))
    day.recorded("e1", SPEECH, duration_s=78.0)
    day.recorded("e2", SPEECH.parent / "another.mp3", duration_s=78.0, published_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    rows, _, _ = day.run()
    assert rows["e1"]["status"] == "ok"
    assert (rows["e2"]["status"], rows["e2"]["source"]) == ("deferred", "asr")
    assert "max_audio_hours_per_day = 0.03" in rows["e2"]["reason"]


def test_only_the_shards_wait_for_a_gpu() -> None:
    assert transcribe_shard.pool == GPU_POOL
    assert transcribe_shard.tags.keys() >= GPU_TAGS.keys()
    assert plan_transcription.pool is None
    for definition in (*plan_transcription.output_defs, *transcribe_shard.output_defs):
        assert definition.io_manager_key == SCRATCH, "the lake's IO manager takes tables alone"


def test_loading_the_assets_imports_no_model_library() -> None:
    code = (
        "import sys, dagster as dg\n"
        "from podcast_assets.transcripts.assets import build_assets\n"
        "build_assets(dg.DailyPartitionsDefinition(start_date='2026-01-01'))\n"
        "print([m for m in ('faster_whisper', 'ctranslate2', 'av', 'onnxruntime', 'huggingface_hub') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- Shards.


class Interrupting(logging.Logger):
    """A log at whose second line the run is killed."""

    def __init__(self) -> None:
        super().__init__("interrupting")
        self.lines: list[str] = []

    def info(self, msg: object, *args: Any, **kwargs: Any) -> None:
        self.lines.append(str(msg))
        raise KeyboardInterrupt


def test_a_killed_run_keeps_what_was_recognised_before(micro_project: Project, silence: Path) -> None:
    shard = [work("e1", SPEECH), work("e2", silence)]
    with pytest.raises(KeyboardInterrupt):
        recognise_shard(micro_project, shard, Interrupting())
    cache = micro_project.cache("segments")
    assert cache.get(str(shard[0].key))
    assert cache.get(str(shard[1].key)) is None
    first, second = recognise_shard(micro_project, shard, LOG).outcomes
    assert (first.status, first.took_s) == ("ok", 0), "taken from the cache"
    assert (second.status, second.audio_s) == ("ok", 5)


def test_two_episodes_with_the_same_file_are_recognised_once(micro_project: Project) -> None:
    report = recognise_shard(micro_project, [work("e1", SPEECH), work("e2", SPEECH)], LOG)
    assert [bool(outcome.took_s) for outcome in report.outcomes] == [True, False]
    assert report.outcomes[0].audio_s == pytest.approx(78.4, abs=0.2)
    assert report.device in {"cpu", "cuda"}


def test_a_model_that_breaks_down_is_the_reason_of_its_episode(
    micro_project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    from faster_whisper import WhisperModel

    broken = WhisperModel(str(MICRO), device="cpu")
    broken.model.unload_model()
    worker = Worker(micro_project, Recogniser(broken), LOG)
    outcome = worker.hear(work("e1", SPEECH), sha256("e1"), SPEECH, lambda _: None)
    assert (outcome.status, outcome.fault) == ("deferred", True), "another run, on another machine, may have more luck"
    assert outcome.reason is not None
    assert outcome.reason.startswith("speech recognition failed: ")
    assert "e1" in caplog.text


# --- The plan.


def test_the_plan_takes_what_has_audio_and_no_other_words(make_project: MakeProject) -> None:
    project = make_project(transcription={"model": "small"})
    day = Day(project)
    day.published("e1")
    day.recorded("e2", SPEECH, title=None)
    day.recorded("e3", SPEECH.parent / "x.mp3", duration_s=100.0)
    day.add("e4", publisher={"status": "none"}, audio={"status": "failed", "reason": "HTTP 404"})
    plan = day.plan()
    assert plan.keys.keys() == {"e2", "e3"}
    assert plan.deferred == {}
    (shard,) = plan.shards
    assert {item.episode_id: (item.title, item.seconds) for item in shard} == {
        "e2": ("e2", SPEECH.stat().st_size / 16_000),
        "e3": ("Title of e3", 100.0),
    }
    project.cache("segments").put_json(plan.keys["e2"], {"language": "en", "audio_s": 1.0, "segments": []})
    assert [[item.episode_id for item in shard] for shard in day.plan().shards] == [["e3"]], "recognised before"
    project.cache("segments").path(plan.keys["e2"]).write_bytes(b'{"language": "en", "segm')
    assert day.plan() == plan, "what is damaged is recognised again"


@pytest.mark.parametrize(
    ("claimed_s", "size", "media_type", "seconds"),
    [
        (1.0, 40_000 * 3600, "audio/mpeg", 3600.0),
        (1800.0, 16_000 * 1800, "audio/mpeg", 1800.0),
        (7200.0, 16_000 * 1800, None, 7200.0),
        (None, 16_000 * 1800, None, 1800.0),
        (1800.0, 250_000 * 1800, "video/mp4", 1800.0),
        (1.0, 400_000 * 1800, "video/mp4", 1800.0),
    ],
)
def test_a_feed_does_not_evade_the_cap_by_claiming_that_a_long_file_is_short(
    claimed_s: float | None, size: int, media_type: str | None, seconds: float, make_project: MakeProject
) -> None:
    day = Day(make_project(transcription={"model": "small"}))
    audio = {"status": "ok", "path": "a.mp3", "sha256": sha256("a"), "bytes": size, "media_type": media_type}
    day.add("e1", publisher={"status": "none"}, audio=audio, duration_s=claimed_s)
    assert [item.seconds for shard in day.plan().shards for item in shard] == [seconds]


LENGTHS = st.lists(st.floats(1, 4 * 3600), max_size=60)


def works(lengths: list[float]) -> list[Work]:
    return [work(str(number), Path(str(number)), seconds) for number, seconds in enumerate(lengths)]


@given(LENGTHS, st.integers(1, 8))
def test_the_dealing_is_complete_balanced_and_the_same_each_time(lengths: list[float], most: int) -> None:
    items = works(lengths)
    shards = deal(items, most)
    assert shards == deal(items, most)
    assert sorted(item.episode_id for shard in shards for item in shard) == sorted(item.episode_id for item in items)
    assert len(shards) <= most
    assert all(shards)
    if len(shards) > 1:
        totals = [sum(item.seconds for item in shard) for shard in shards]
        assert max(totals) - min(totals) <= max(lengths) + 1e-6
        assert sum(totals) / len(totals) >= LEAST_SHARD_S
    for dealt in shards:
        assert [int(item.episode_id) for item in dealt] == sorted(int(item.episode_id) for item in dealt)


# --- The tables.


def test_each_episode_without_words_says_why(make_project: MakeProject) -> None:
    day = Day(make_project(transcription={"model": "small"}))
    none = {"status": "none", "reason": "the feed names no transcript"}
    day.add("404", publisher=none, audio={"status": "failed", "reason": "HTTP 404"})
    day.add("later", publisher=none, audio={"status": "deferred", "reason": "host down"})
    day.add("bare", publisher=none, audio={"status": "skipped", "reason": "no enclosure"})
    nothing = {"status": "skipped", "reason": "no enclosure and no transcript"}
    day.add("nothing", publisher=none, audio=nothing, **nothing)
    busy = {"status": "deferred", "reason": "HTTP 503"}
    day.add("text alone", publisher=busy, audio={"status": "skipped", "reason": "no enclosure"})
    day.add("text, no audio", publisher=busy, audio={"status": "failed", "reason": "HTTP 404"})
    day.add("both busy", publisher=busy, audio={"status": "deferred", "reason": "host down"})
    day.add("new")
    day.published("lost")
    day.project.cache("segments").path(keys.publisher_key(sha256("lost"))).unlink()
    day.recorded("asr", SPEECH)
    rows, segments = day.merge(Outcome("asr", day.plan().keys["asr"], "deferred", "no model"))
    assert {name: (row["status"], row["source"], row["reason"]) for name, row in rows.items()} == {
        "404": ("failed", None, "HTTP 404"),
        "later": ("deferred", None, "host down"),
        "bare": ("failed", None, "no enclosure; the feed names no transcript"),
        "nothing": ("failed", None, "no enclosure and no transcript"),
        "text alone": ("deferred", None, "HTTP 503"),
        "text, no audio": ("deferred", None, "HTTP 503"),
        "both busy": ("deferred", None, "host down"),
        "new": ("deferred", None, NOT_LOOKED_AT),
        "lost": ("deferred", "publisher", NOT_CACHED),
        "asr": ("deferred", "asr", "no model"),
    }
    assert list(rows) == day.frames()[0]["episode_id"].to_list(), "in the order of episodes"
    assert segments.is_empty()
    assert {row["words"] for row in rows.values()} == {None}


def test_the_stage_fails_where_the_machine_fails_but_not_where_files_are_bad_or_wait(make_project: MakeProject) -> None:
    """Bad files stay bad: a stage that failed for them would fail for ever, and the day would never have its five."""
    day = Day(make_project(transcription={"model": "small"}))
    keys = [day.recorded(f"e{number}", SPEECH.parent / f"{number}.mp3") for number in range(6)]
    waiting = [Outcome(episode_id, "", "deferred", "no model") for episode_id in keys]
    assert {row["status"] for row in day.merge(*waiting)[0].values()} == {"deferred"}
    bad = [Outcome(episode_id, episode_id, "failed", "the file is empty") for episode_id in keys]
    assert {row["status"] for row in day.merge(*bad)[0].values()} == {"failed"}
    failing = [Outcome(episode_id, episode_id, "deferred", "out of memory", fault=True) for episode_id in keys]
    with pytest.raises(TooManyFailuresError, match=r"transcripts: 6 of 6 failed \(6 x out of memory\)"):
        day.merge(*failing)
