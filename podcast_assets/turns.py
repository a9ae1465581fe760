"""Whose turn it is to be heard, and how much fits into a run: for downloads, which go ahead, and for speech recognition.

Belongs here: who need not be heard, the order of the others, the cap of hours, how long a file is as far as its feed tells.
Pure.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import polars as pl

BYTES_A_SECOND = 16_000  # 128 kbit/s: what an audio file has where its feed says nothing of its length
MOST_BYTES_A_SECOND = 40_000  # 320 kbit/s, the most that an MP3 has
# Film and lossless sound honestly have far more.
LARGE = ("video/", "audio/wav", "audio/x-wav", "audio/flac", "audio/aiff", "audio/x-caf", "audio/ogg; codecs=flac")
MOST_BYTES_A_SECOND_OF_LARGE = 400_000

HOUR_S = 3600
USUAL_S = 3600.0  # of an episode of which nothing is known

Item = TypeVar("Item")


def with_times(publisher_transcripts: pl.DataFrame) -> set[str]:
    """The episodes whose publisher has written down what is said, and when."""
    return set(
        publisher_transcripts.filter(pl.col("status") == "ok", pl.col("timing").ne_missing("estimated"))["episode_id"]
    )


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


def within_cap(
    items: Sequence[Item], seconds: Callable[[Item], float], cap_s: float, used_s: float = 0.0
) -> tuple[list[Item], list[Item]]:
    """What fits into the cap, of which some is used, in the order given, and what does not.

    What is longer than all of the cap takes all of it: else it would wait for ever.
    """
    taken: list[Item] = []
    left: list[Item] = []
    room_s = cap_s - used_s
    for item in items:
        length_s = min(seconds(item), cap_s)
        fits = length_s <= room_s
        (taken if fits else left).append(item)
        room_s -= length_s if fits else 0
    return taken, left


def over_cap(cap_hours: float) -> str:
    """The reason of what did not fit."""
    return f"max_audio_hours_per_day = {cap_hours:g} left no room for it in this run"


def length_s(claimed_s: float | None, size: int | None, media_type: str | None) -> float:
    """Seconds by the feed's claim, but no fewer than a file of ``size`` bytes can have: the cap trusts no claim."""
    if not claimed_s:
        return size / BYTES_A_SECOND if size else USUAL_S
    is_large = (media_type or "").startswith(LARGE)
    return max(claimed_s, (size or 0) / (MOST_BYTES_A_SECOND_OF_LARGE if is_large else MOST_BYTES_A_SECOND))
