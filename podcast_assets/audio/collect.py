"""The audio of a day: which episodes' files are needed, in whose turn, and what became of each.

Belongs here: the choice, the rows. Does not belong here: the download (``fetch``), the room on the disk (``room``), the
inside of the files (``transcripts``). What is wrong with a feed's address or file is a row; what our own disk refuses is no
episode's fault and is raised, so that the stage is tried again.
"""

import asyncio
import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from podcast_assets import clock, credentials, progress, sources
from podcast_assets.audio.fetch import CONNECTIONS, Fetcher
from podcast_assets.audio.room import Room, prune
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.http.client import Client
from podcast_assets.http.errors import MEGABYTE, FetchError
from podcast_assets.keys import is_heard
from podcast_assets.outcomes import check_failures
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from podcast_assets.text import one_line
from podcast_assets.turns import HOUR_S, in_turn, length_s, over_cap, with_times, within_cap

TABLE = "audio"
AT_ONCE = 64  # episodes that ask for room and wait for their host's turn: not all, since what they claim may be wrong
LONGEST_REASON = 300  # characters
USUAL_BYTES = 60_000_000  # of an episode whose feed says nothing: an hour at 128 kbit/s
LEAST_BYTES = 10_000  # of a claim that is believed: many feeds say 0 or 1
GIGABYTE = 1_000_000_000
NO_ROOM = "the disk's share is full ([transcription] max_audio_gb): it is fetched when those before it were heard"

COMES = ("ok", "waiting")  # the statuses of what will be heard

Row = dict[str, Any]
Episode = Mapping[str, Any]


def collect(
    project: Project, episodes: pl.DataFrame, publisher_transcripts: pl.DataFrame, log: progress.Log | None = None
) -> pl.DataFrame:
    """The table ``audio`` for one day's ``episodes``, a row an episode in their order; first removes what is too old.

    Raises:
        TooManyFailuresError: more than half of the files, and of the hosts, could not be had for now.
        ConfigError: the configured folder holds no model.
        OSError: our own disk refuses a file.
    """
    chosen = project.config.transcription
    prune(project.audio_path, chosen.keep_audio_days, clock.now())
    timed = with_times(publisher_transcripts)
    rows = {
        episode["episode_id"]: {
            **dict.fromkeys(SCHEMAS[TABLE]),
            "day": episode["day"],
            "episode_id": episode["episode_id"],
            "url": episode["enclosure_url"],
            **(_not_needed(episode, timed) or {}),
        }
        for episode in episodes.iter_rows(named=True)
    }
    needed = [episode for episode in episodes.iter_rows(named=True) if not rows[episode["episode_id"]]["status"]]
    found = asyncio.run(_Day(project, log).rows(needed))
    check_failures(
        TABLE,
        [
            (sources.host(rows[episode_id]["url"]), row["reason"] if row["status"] == "deferred" else None)
            for episode_id, row in found.items()
            if row["status"] in {"ok", "deferred", "failed"}
        ],
    )
    return pl.DataFrame([row | found.get(each, {}) for each, row in rows.items()], schema=SCHEMAS[TABLE])


def _not_needed(episode: Episode, timed: set[str]) -> Row | None:
    """Why the audio of an episode is not needed."""
    if episode["status"] != "ok":
        return {"status": "skipped", "reason": str(episode["reason"] or episode["status"])}
    if episode["episode_id"] in timed:
        return {"status": "skipped", "reason": "publisher's transcript"}
    return None if episode["enclosure_url"] else {"status": "skipped", "reason": "no enclosure"}


class _Day:
    """What the episodes of a day share."""

    def __init__(self, project: Project, log: progress.Log | None) -> None:
        self._project = project
        self._log = log
        self._room = disk_room(project)

    async def rows(self, episodes: Sequence[Episode]) -> dict[str, Row]:
        """What became of each: status and reason, and what is known of its file."""
        async with Client(self._project.config.network, CONNECTIONS) as client:
            fetcher = Fetcher(self._project, client)
            rows = {each["episode_id"]: row for each in episodes if (row := self._heard(fetcher, each))}
            rest = in_turn([each for each in episodes if each["episode_id"] not in rows])
            # A local feed's files are there: they need no room, and whether they are heard is for ``transcripts`` to say.
            local = [each for each in rest if not sources.is_remote(each["enclosure_url"])]
            waiting = [each for each in rest if sources.is_remote(each["enclosure_url"])]
            with progress.steps("downloading audio", len(rest), self._log) as step:
                rows |= await self._all(fetcher, local, step)
                cap_hours, used_s = self._project.config.transcription.max_audio_hours_per_day, 0.0
                while waiting:  # what could not be had leaves its hours to those after it
                    taken, waiting = within_cap(waiting, _length_s, cap_hours * HOUR_S if cap_hours else math.inf, used_s)
                    if not taken:
                        break
                    found = await self._all(fetcher, taken, step)
                    rows |= found
                    used_s += sum(_length_s(each) for each in taken if found[each["episode_id"]]["status"] in COMES)
        return rows | {each["episode_id"]: {"status": "deferred", "reason": over_cap(cap_hours)} for each in waiting}

    async def _all(self, fetcher: Fetcher, episodes: Sequence[Episode], step: progress.Step) -> dict[str, Row]:
        slots, rows = asyncio.Semaphore(AT_ONCE), dict[str, Row]()

        async def one(episode: Episode) -> None:
            async with slots:
                rows[episode["episode_id"]] = await self._row(fetcher, episode)
            step(episode["title"] or "")

        await asyncio.gather(*map(one, episodes))
        return rows

    def _heard(self, fetcher: Fetcher, episode: Episode) -> Row | None:
        """Of an episode that was heard before: what is known of its file, which may have been removed since."""
        known = fetcher.known(episode)
        if known is None or not is_heard(self._project, known.sha256):
            return None
        path = self._project.audio_path / known.file
        facts = {"sha256": known.sha256, "bytes": known.bytes, "media_type": known.media_type}
        return {"status": "ok", **facts, "path": str(path) if path.is_file() else None}

    async def _row(self, fetcher: Fetcher, episode: Episode) -> Row:
        known = fetcher.known(episode)
        is_there = known is not None and (self._project.audio_path / known.file).is_file()
        if is_there or not sources.is_remote(episode["enclosure_url"]):
            return await _fetched(fetcher, episode)
        with self._room.for_one(expected_bytes(self._project, episode)) as is_room:
            return await _fetched(fetcher, episode) if is_room else {"status": "waiting", "reason": NO_ROOM}


async def _fetched(fetcher: Fetcher, episode: Episode) -> Row:
    try:
        audio = await fetcher.get(episode)
    except (PodcastAssetsError, ValueError) as error:  # ValueError: an address that is none
        return outcome_of(error, episode["feed_url"])
    return {"status": "ok", **dataclasses.asdict(audio), "path": str(audio.path)}


def expected_bytes(project: Project, episode: Episode) -> int:
    """How large the file will be, as far as its feed tells."""
    claimed = episode["enclosure_bytes"] or 0
    return min(claimed if claimed >= LEAST_BYTES else USUAL_BYTES, project.config.network.max_audio_mb * MEGABYTE)


def disk_room(project: Project) -> Room:
    """The room that the configuration gives to audio."""
    most = project.config.transcription.max_audio_gb * GIGABYTE
    return Room(project.audio_path, most, lambda sha256: is_heard(project, sha256))


def outcome_of(error: Exception, feed_url: str) -> Row:
    """Why an episode has no audio: for now (``deferred``) or for good (``failed``)."""
    for_now = isinstance(error, FetchError) and error.is_temporary
    reason = one_line(credentials.hide(str(error), feed_url), LONGEST_REASON)
    return {"status": "deferred" if for_now else "failed", "reason": reason}


def _length_s(episode: Episode) -> float:
    return length_s(episode["duration_s"], episode["enclosure_bytes"], episode["enclosure_type"])
