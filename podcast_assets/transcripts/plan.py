"""Which episodes of a day go to speech recognition, in which order, and to which shard.

Belongs here: the choice, the cap, the dealing. Pure: the same day, cache and configuration give the same plan. The cap
bounds what one run of a day recognises: what it leaves waits (``deferred``), and the next run of that day goes on with it.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from podcast_assets.keys import content_key
from podcast_assets.project import Project
from podcast_assets.turns import HOUR_S, in_turn, length_s, over_cap, with_times, within_cap

SHARDS = 4  # at most, unless more are to be heard at once: each opens a model of its own
LEAST_SHARD_S = 30 * 60.0  # below this, opening another model costs more than it brings
TO_HEAR = ("ok", "waiting")  # statuses of the table ``audio``


@dataclasses.dataclass(frozen=True)
class Work:
    """An episode that must be recognised. ``seconds`` is how long it is, as far as can be known without opening it.

    ``key`` and ``path`` are None where its audio is still to be fetched: by ``episode``, its row of the table ``episodes``.
    """

    episode_id: str
    key: str | None
    path: str | None
    title: str
    seconds: float
    episode: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False)


@dataclasses.dataclass(frozen=True)
class Plan:
    """What speech recognition has to do with a day.

    ``keys`` has the content key of every episode whose audio is known; ``deferred`` the reason of each that has to wait.
    """

    keys: dict[str, str]
    deferred: dict[str, str]
    shards: list[list[Work]]


def make_plan(project: Project, episodes: pl.DataFrame, publisher_transcripts: pl.DataFrame, audio: pl.DataFrame) -> Plan:
    """The plan of a day: what has audio, no publisher's transcript with times, and was not recognised before.

    Raises:
        ConfigError: the configured folder holds no model.
    """
    read = with_times(publisher_transcripts)
    sounds = {row["episode_id"]: row for row in audio.filter(pl.col("status").is_in(TO_HEAR)).iter_rows(named=True)}
    concern = [row for row in episodes.iter_rows(named=True) if row["episode_id"] in sounds.keys() - read]
    keys = {each: content_key(sounds[each]["sha256"], project.config) for each in sounds if sounds[each]["sha256"]}
    cache = project.cache("segments")
    work = [
        Work(
            row["episode_id"],
            keys.get(row["episode_id"]),
            sounds[row["episode_id"]]["path"],
            row["title"] or row["episode_id"],
            length_s(row["duration_s"], *_size(row, sounds[row["episode_id"]])),
            row,
        )
        for row in in_turn(concern)
        if row["episode_id"] not in keys or cache.get_json(keys[row["episode_id"]]) is None  # never recognised, or damaged
    ]
    chosen = project.config.transcription
    cap_hours = chosen.max_audio_hours_per_day
    taken, left = within_cap(work, lambda item: item.seconds, cap_hours * HOUR_S if cap_hours else math.inf)
    concerned = {row["episode_id"] for row in concern}
    return Plan(
        {episode_id: key for episode_id, key in keys.items() if episode_id in concerned},
        {item.episode_id: over_cap(cap_hours) for item in left},
        deal(taken, max(SHARDS, chosen.parallel_shards)),
    )


def _size(episode: Mapping[str, Any], sound: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """Bytes and type of the file, or what the feed says of them."""
    return sound["bytes"] or episode["enclosure_bytes"], sound["media_type"] or episode["enclosure_type"]


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
