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
from podcast_assets.transcripts.plan import Plan
from podcast_assets.transcripts.recognise import Heard, Outcome

NO_SPEECH = "no speech found"
NOT_CACHED = "the publisher's text is gone from the cache; materialise publisher_transcripts for this day again"
NOT_LOOKED_AT = "added since the day was fetched; materialise publisher_transcripts and audio for this day again"


@dataclasses.dataclass(frozen=True)
class _Result:
    """What is known of an episode's words."""

    status: str
    reason: str | None = None
    source: str | None = None
    language: str | None = None
    model: str | None = None
    content_key: str | None = None
    segments: tuple[Segment, ...] = ()


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
    heard = {outcome.episode_id: outcome for outcome in outcomes}
    check_failures("transcripts", [(outcome.key, outcome.reason if outcome.fault else None) for outcome in heard.values()])
    transcripts: list[dict[str, Any]] = []
    segments: list[dict[str, Any]] = []
    for episode in episodes.iter_rows(named=True):
        episode_id = episode["episode_id"]
        if published.get(episode_id, {}).get("status") == "ok":
            result = _published(project, published[episode_id])
        elif episode_id in plan.keys:
            result = _recognised(project, plan, heard, episode_id)
        else:
            result = _wordless(episode, published.get(episode_id, {}), sounds.get(episode_id))
        transcripts.append(_row(episode, result))
        segments += _rows(episode, result)
    return (
        pl.DataFrame(transcripts, schema=SCHEMAS["transcripts"]),
        pl.DataFrame(segments, schema=SCHEMAS["segments"]),
    )


def _published(project: Project, row: Mapping[str, Any]) -> _Result:
    key = publisher_key(row["document_sha256"])
    known = project.cache("segments").get_json(key)
    if known is None:
        return _Result("deferred", NOT_CACHED, "publisher", row["language"], None, key)
    return _Result("ok", None, "publisher", row["language"], None, key, tuple(from_json(known)))


def _recognised(project: Project, plan: Plan, outcomes: Mapping[str, Outcome], episode_id: str) -> _Result:
    key, model = plan.keys[episode_id], model_name(project.config)
    known = project.cache("segments").get_json(key)
    if known is not None:
        heard = Heard.from_json(known)
        if not heard.segments:
            return _Result("failed", NO_SPEECH, "asr", heard.language, model, key)
        return _Result("ok", None, "asr", heard.language, model, key, tuple(heard.segments))
    if episode_id in plan.deferred:
        return _Result("deferred", plan.deferred[episode_id], "asr", None, model, key)
    return _Result(outcomes[episode_id].status, outcomes[episode_id].reason, "asr", None, model, key)


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
