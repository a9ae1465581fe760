"""The two tables of a day, of both sources: ``transcripts`` (a row an episode) and ``segments`` (what was said).

Belongs here: what every episode's status is and why. Pure but for the caches, which it reads.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from podcast_assets.keys import model_name, publisher_key
from podcast_assets.outcomes import check_failures
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from podcast_assets.speech import Segment, count_words, from_json
from podcast_assets.transcripts.align import align
from podcast_assets.transcripts.plan import Plan
from podcast_assets.transcripts.recognise import Heard
from podcast_assets.transcripts.shard import Outcome

NO_SPEECH = "no speech found"
NOT_CACHED = "the publisher's text is gone from the cache; materialise publisher_transcripts for this day again"
ESTIMATED = "the publisher's text has no times, and nobody has heard the audio: they are estimated"
NOT_KEPT = "what was heard is gone from the cache; run the day again"
NOT_LOOKED_AT = "added since the day was fetched; materialise publisher_transcripts and audio for this day again"


@dataclasses.dataclass(frozen=True)
class _Result:
    """What is known of an episode's words; ``heard`` where its audio was listened to."""

    status: str
    reason: str | None = None
    source: str | None = None
    language: str | None = None
    model: str | None = None
    content_key: str | None = None
    segments: tuple[Segment, ...] = ()
    heard: Heard | None = None


def merge(
    project: Project,
    episodes: pl.DataFrame,
    publisher_transcripts: pl.DataFrame,
    audio: pl.DataFrame,
    plan: Plan,
    outcomes: Iterable[Outcome],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables ``transcripts`` and ``segments``, in the order of ``episodes``.

    Raises:
        TooManyFailuresError: the machine failed on more than half of what it was to recognise.
    """
    published, sounds = _by_episode(publisher_transcripts), _by_episode(audio)
    ends = {outcome.episode_id: outcome for outcome in outcomes}
    check_failures(
        "transcripts", [(each.key or each.episode_id, each.reason if each.fault else None) for each in ends.values()]
    )
    transcripts: list[dict[str, Any]] = []
    segments: list[dict[str, Any]] = []
    for episode in episodes.iter_rows(named=True):
        episode_id = episode["episode_id"]
        result = None
        if episode_id in plan.keys or episode_id in plan.deferred or episode_id in ends:
            result = _recognised(project, plan, ends.get(episode_id), episode_id)
        if published.get(episode_id, {}).get("status") == "ok":
            result = _published(project, published[episode_id], episode["duration_s"], result)
        if result is None:
            result = _wordless(episode, published.get(episode_id, {}), sounds.get(episode_id))
        transcripts.append(_row(episode, result))
        segments += _rows(episode, result)
    return (
        pl.DataFrame(transcripts, schema=SCHEMAS["transcripts"]),
        pl.DataFrame(segments, schema=SCHEMAS["segments"]),
    )


def _published(project: Project, row: Mapping[str, Any], duration_s: float | None, recognised: _Result | None) -> _Result:
    """What the publisher wrote; where that has no times, with those of what was heard."""
    key = publisher_key(row["document_sha256"], duration_s)
    known = project.cache("segments").get_json(key)
    if known is None:
        return _Result("deferred", NOT_CACHED, "publisher", row["language"], None, key)
    said = from_json(known)
    if row["timing"] != "estimated":
        return _Result("ok", None, "publisher", row["language"], None, key, tuple(said))
    if recognised is None or recognised.status != "ok" or recognised.heard is None:
        why = f"{ESTIMATED} ({recognised.reason})" if recognised else ESTIMATED
        return _Result("ok", why, "publisher", row["language"], None, key, tuple(said))
    timed = align(said, recognised.heard.segments)
    model, heard = recognised.model, recognised.heard
    return _Result("ok", None, "publisher", row["language"], model, f"{key} {recognised.content_key}", tuple(timed), heard)


def _recognised(project: Project, plan: Plan, end: Outcome | None, episode_id: str) -> _Result:
    key, model = end.key if end else plan.keys.get(episode_id), model_name(project.config)
    known = project.cache("segments").get_json(key) if key else None
    if known is not None:
        heard = Heard.from_json(known)
        reason = None if heard.segments else heard.reason or NO_SPEECH
        return _Result("failed" if reason else "ok", reason, "asr", heard.language, model, key, tuple(heard.segments), heard)
    if end is None or end.status == "ok":
        return _Result("deferred", plan.deferred.get(episode_id, NOT_KEPT), "asr", None, model, key)
    return _Result(end.status, end.reason, "asr", None, model, key)


def _wordless(episode: Mapping[str, Any], published: Mapping[str, Any], sound: Mapping[str, Any] | None) -> _Result:
    """An episode without a text and without audio: for good, or until it can be had."""
    if sound is None:
        return _Result("deferred", NOT_LOOKED_AT)
    if episode["status"] != "ok":
        return _Result("failed", episode["reason"])
    if sound["status"] != "deferred" and published.get("status") == "deferred":
        return _Result("deferred", published["reason"])  # all that is left is the publisher's text, which may come
    if sound["status"] in {"failed", "deferred"}:
        return _Result(sound["status"], sound["reason"])
    return _Result("failed", "; ".join(filter(None, (sound["reason"], published.get("reason")))))


def _row(episode: Mapping[str, Any], result: _Result) -> dict[str, Any]:
    said = result.segments
    return {
        "day": episode["day"],
        "episode_id": episode["episode_id"],
        "status": result.status,
        "source": result.source,
        "reason": result.reason,
        "language": result.language,
        "model": result.model,
        "content_key": result.content_key,
        "segments": len(said) if said else None,
        "words": count_words(said) if said else None,
        "speech_s": round(sum(segment.end_s - segment.start_s for segment in said), 3) if said else None,
        "duration_s": round(max(segment.end_s for segment in said), 3) if said else None,
        **_ledger(result.heard),
    }


def _ledger(heard: Heard | None) -> dict[str, Any]:
    """How much of what is spoken in the file became text, and what was taken out."""
    if heard is None:
        return {}
    return {
        "audio_s": round(heard.audio_s, 3),
        "voice_s": round(heard.voice_s, 3),
        "coverage": round(heard.covered_s / heard.voice_s, 4) if heard.voice_s else None,
        "cut_loops": heard.cut_loops,
        "cut_invented": heard.cut_invented,
    }


def _rows(episode: Mapping[str, Any], result: _Result) -> list[dict[str, Any]]:
    return [
        {
            "day": episode["day"],
            "episode_id": episode["episode_id"],
            "seq": seq,
            "start_s": round(segment.start_s, 3),
            "end_s": round(segment.end_s, 3),
            "speaker": segment.speaker,
            "text": segment.text,
            "timing": segment.timing,
            "word_starts": segment.word_starts,
        }
        for seq, segment in enumerate(result.segments)
    ]


def _by_episode(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["episode_id"]: row for row in frame.iter_rows(named=True)}
