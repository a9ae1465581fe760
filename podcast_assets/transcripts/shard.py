"""Working off a shard: its episodes one after the other, with one model, each kept as it ends.

Belongs here: what becomes of each episode, its files, what people see of it. Does not belong here: how the model is asked
(``recognise``), which episodes those are (``plan``), the tables (``merge``).
"""

import dataclasses
import logging
import time
from collections.abc import Sequence
from pathlib import Path

from podcast_assets import clock, progress
from podcast_assets.audio.ahead import Ahead
from podcast_assets.audio.collect import disk_room
from podcast_assets.audio.collect import outcome as audio_outcome
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.keys import content_key
from podcast_assets.project import Project
from podcast_assets.speech import count_words
from podcast_assets.text import one_line
from podcast_assets.transcripts.model import ModelUnavailableError, open_model
from podcast_assets.transcripts.plan import Work
from podcast_assets.transcripts.recognise import Heard, Recogniser
from podcast_assets.transcripts.sound import BadAudioError

LONGEST_REASON = 300  # characters


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one episode of a shard; what was heard lies in the cache under ``key`` where the status is ok.

    ``key`` is None where its audio could not be had. ``fault``: the machine failed, not the file; another run may have more
    luck.
    """

    episode_id: str
    key: str | None
    status: str
    reason: str | None = None
    audio_s: float = 0.0
    took_s: float = 0.0
    fault: bool = False


@dataclasses.dataclass(frozen=True)
class ShardReport:
    """What became of a shard, and on what it was worked off."""

    outcomes: list[Outcome]
    device: str | None = None
    compute_type: str | None = None


def recognise_shard(project: Project, shard: Sequence[Work], log: logging.Logger) -> ShardReport:
    """Works off a shard with one model; each result is kept as its episode ends, so that a killed run loses one at most."""
    try:
        model = open_model(project.config)
    except ModelUnavailableError as error:
        log.error(f"{len(shard)} episodes wait for their transcript: {error}")  # noqa: TRY400 - no defect, no traceback
        return ShardReport([Outcome(work.episode_id, work.key, "deferred", str(error)) for work in shard])
    recogniser = Recogniser(model, project.config.transcription.language)
    absent = [work.episode for work in shard if not _is_there(work)]
    with Ahead(project, absent) as files, progress.steps("transcribing", len(shard), log) as step:
        outcomes = []
        for work in shard:
            outcomes.append(_work_off(project, recogniser, work, files, log))
            step(work.title)
    return ShardReport(outcomes, model.model.device, model.model.compute_type)


def _is_there(work: Work) -> bool:
    return work.key is not None and work.path is not None and Path(work.path).is_file()


def _work_off(project: Project, recogniser: Recogniser, work: Work, files: Ahead, log: logging.Logger) -> Outcome:
    if _is_there(work):
        return _recognise(project, recogniser, work, str(work.key), Path(str(work.path)), log)
    try:
        audio = files.get(work.episode_id)
    except (PodcastAssetsError, ValueError) as error:
        row = audio_outcome(error, work.episode["feed_url"])
        return Outcome(work.episode_id, work.key, row["status"], row["reason"])
    key = content_key(audio.sha256, project.config)
    done = _recognise(project, recogniser, work, key, audio.path, log)
    disk_room(project).tidy()
    return done


def _recognise(project: Project, recogniser: Recogniser, work: Work, key: str, path: Path, log: logging.Logger) -> Outcome:
    cache, started = project.cache("segments"), time.monotonic()
    if (known := cache.get_json(key)) is not None:  # the same file in another episode, or a retry
        reason = Heard.from_json(known).reason
        return Outcome(work.episode_id, key, "failed" if reason else "ok", reason)
    try:
        heard = recogniser.hear(path)
    except FileNotFoundError:
        reason = "the audio file was removed while it was to be heard; run the day again"
        return Outcome(work.episode_id, key, "deferred", reason)
    except BadAudioError as error:
        log.warning(f"{work.title}: {error}")
        cache.put_json(key, Heard(None, [], 0.0, reason=str(error)).to_json())
        return Outcome(work.episode_id, key, "failed", str(error))
    except RuntimeError as error:  # CTranslate2 and ONNX Runtime have no other: out of memory, for example
        log.warning(f"{work.title}: speech recognition failed: {error}")
        reason = f"speech recognition failed: {one_line(error, LONGEST_REASON)}"
        return Outcome(work.episode_id, key, "deferred", reason, fault=True)
    cache.put_json(key, heard.to_json())
    took_s = time.monotonic() - started
    log.info(
        f"{work.title}: {clock.as_clock(heard.audio_s)} of audio in {took_s:.1f} s ({heard.audio_s / took_s:.1f} times real "
        f"time), {count_words(heard.segments)} words, language {heard.language or 'unknown'}"
    )
    return Outcome(work.episode_id, key, "ok", None, heard.audio_s, took_s)
