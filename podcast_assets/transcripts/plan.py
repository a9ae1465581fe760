"""Which episodes of a day go to speech recognition, in which order, and to which shard.

Belongs here: the choice, the cap, the dealing. Pure: the same day, cache and configuration give the same plan. The cap
bounds what one run of a day recognises: what it leaves waits (``deferred``), and the next run of that day goes on with it.
"""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from podcast_assets.keys import content_key
from podcast_assets.project import Project

SHARDS = 4  # at most: each opens a model of its own
LEAST_SHARD_S = 30 * 60.0  # below this, opening another model costs more than it brings
BYTES_A_SECOND = 16_000  # 128 kbit/s: what an audio file has where its feed says nothing of its length
MOST_BYTES_A_SECOND = 40_000  # 320 kbit/s, the most that an MP3 has
LARGE = ("video/", "audio/wav", "audio/x-wav", "audio/flac")  # film and lossless sound honestly have far more
MOST_BYTES_A_SECOND_OF_LARGE = 400_000


@dataclasses.dataclass(frozen=True)
class Work:
    """An episode that must be recognised. ``seconds`` is how long it is, as far as can be known without opening it."""

    episode_id: str
    key: str
    path: str
    title: str
    seconds: float


@dataclasses.dataclass(frozen=True)
class Plan:
    """What speech recognition has to do with a day: the content key of every episode that is its concern."""

    keys: dict[str, str]
    deferred: dict[str, str]  # the reason of each episode that has to wait
    shards: list[list[Work]]


def make_plan(
    project: Project, episodes: pl.DataFrame, publisher_transcripts: pl.DataFrame, audio: pl.DataFrame, shards: int = SHARDS
) -> Plan:
    """The plan of a day: what has audio, no publisher's transcript, and was not recognised before.

    Raises:
        ConfigError: the configured folder holds no model.
    """
    read = set(publisher_transcripts.filter(pl.col("status") == "ok")["episode_id"])
    heard = {row["episode_id"]: row for row in audio.filter(pl.col("status") == "ok").iter_rows(named=True)}
    concern = [row for row in episodes.iter_rows(named=True) if row["episode_id"] in heard.keys() - read]
    keys = {row["episode_id"]: content_key(heard[row["episode_id"]]["sha256"], project.config) for row in concern}
    cache = project.cache("segments")
    work = [
        Work(
            row["episode_id"],
            keys[row["episode_id"]],
            heard[row["episode_id"]]["path"],
            row["title"] or row["episode_id"],
            _length(row["duration_s"], heard[row["episode_id"]]),
        )
        for row in in_turn(concern)
        if cache.get_json(keys[row["episode_id"]]) is None  # never recognised, or damaged
    ]
    cap_hours = project.config.transcription.max_audio_hours_per_day
    taken, left = within_cap(work, cap_hours)
    reason = f"max_audio_hours_per_day = {cap_hours:g} left no room for it in this run"
    return Plan(keys, {item.episode_id: reason for item in left}, deal(taken, shards))


def _length(claimed_s: float | None, file: Mapping[str, Any]) -> float:
    """Seconds by the feed's claim, but no fewer than a file of that size can have: a false claim must not evade the cap."""
    size = file["bytes"] or 0
    if not claimed_s:
        return float(size / BYTES_A_SECOND)
    is_large = (file["media_type"] or "").startswith(LARGE)
    return float(max(claimed_s, size / (MOST_BYTES_A_SECOND_OF_LARGE if is_large else MOST_BYTES_A_SECOND)))


def in_turn(episodes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each show's newest episode, then each one's second newest, and so on: a cap must not silence the rarer shows."""
    newest_first = sorted(episodes, key=_appeared, reverse=True)
    turns: Counter[str] = Counter()
    turn_of = {}
    for row in newest_first:
        turn_of[row["episode_id"]] = turns[row["feed_id"]]
        turns[row["feed_id"]] += 1
    return sorted(newest_first, key=lambda row: turn_of[row["episode_id"]])


def _appeared(episode: Mapping[str, Any]) -> tuple[Any, str]:
    return episode["published_at"] or episode["first_seen_at"], episode["episode_id"]


def within_cap(work: Sequence[Work], cap_hours: float) -> tuple[list[Work], list[Work]]:
    """What fits into the cap (0: no cap), in the order given, and what does not."""
    if not cap_hours:
        return list(work), []
    taken: list[Work] = []
    left: list[Work] = []
    room = cap_hours * 3600
    for item in work:
        fits = item.seconds <= room
        (taken if fits else left).append(item)
        room -= item.seconds if fits else 0
    return taken, left


def deal(work: Sequence[Work], shards: int = SHARDS) -> list[list[Work]]:
    """Deals work to at most ``shards`` shards of similar length, each worth opening a model for; no work, no shard.

    The longest first, each to the shard that has least: no two shards differ by more than one episode's length.
    """
    count = max(1, min(shards, int(sum(item.seconds for item in work) // LEAST_SHARD_S), len(work)))
    dealt: list[list[int]] = [[] for _ in range(count)]
    length = [0.0] * count
    for position in sorted(range(len(work)), key=lambda position: -work[position].seconds):
        shortest = length.index(min(length))
        dealt[shortest].append(position)
        length[shortest] += work[position].seconds
    return [[work[position] for position in sorted(shard)] for shard in dealt if shard]
