"""Working off a shard: each of its episodes from file to cache, with its progress, and what became of it.

Belongs here: the outcomes, what is a failure and what waits, where the files come from. Does not belong here: how a file is
heard (``recognise``), which episodes those are (``plan``), what becomes of the result (``merge``).
"""

import dataclasses
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from podcast_assets import clock, progress
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.keys import content_key
from podcast_assets.progress import Reached
from podcast_assets.project import Project
from podcast_assets.speech import count_words
from podcast_assets.text import one_line
from podcast_assets.transcripts.model import ModelUnavailableError, open_model
from podcast_assets.transcripts.plan import Work
from podcast_assets.transcripts.recognise import Heard, Recogniser
from podcast_assets.transcripts.sound import BadAudioError

if TYPE_CHECKING:
    from podcast_assets.audio.fetch import Audio

LONGEST_REASON = 300  # characters
LIKELY = 0.5  # a language less probable than this is worth a warning


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
    from podcast_assets.audio.ahead import Ahead
    from podcast_assets.audio.collect import disk_room

    try:
        model = open_model(project.config)
    except ModelUnavailableError as error:
        log.error(f"{len(shard)} episodes wait for their transcript: {error}")  # noqa: TRY400 - no defect, no traceback
        return ShardReport([Outcome(work.episode_id, work.key, "deferred", str(error)) for work in shard])
    recogniser = Recogniser(model, project.config.transcription.language)
    there = {work.episode_id: Path(work.path) for work in shard if work.key and work.path and Path(work.path).is_file()}
    absent = {work.episode_id: work for work in shard if work.episode_id not in there}
    outcomes = []
    with (
        Ahead(project, [work.episode for work in absent.values()]) as files,
        progress.hearing([work.seconds for work in shard], log) as episode,
    ):
        worker = Worker(project, recogniser, log)
        for work in shard:
            if work.episode_id in there:
                with episode(work.title, work.seconds) as reached:
                    outcomes.append(worker.hear(work, str(work.key), there[work.episode_id], reached))
        for episode_id, file in files:
            work = absent[episode_id]
            with episode(work.title, work.seconds) as reached:
                outcomes.append(worker.hear_file(work, file, reached))
    disk_room(project).fits()  # what was fetched here may be more than is to be kept
    return ShardReport(outcomes, model.model.device, model.model.compute_type)


class Worker:
    """Hears episodes one after the other."""

    def __init__(self, project: Project, recogniser: Recogniser, log: logging.Logger) -> None:
        self._project = project
        self._recogniser = recogniser
        self._log = log
        self._cache = project.cache("segments")

    def hear_file(self, work: Work, file: "Audio | Exception", reached: Reached) -> Outcome:
        """What becomes of an episode whose audio was fetched, or could not be.

        Raises:
            OSError: our own disk refused it.
        """
        from podcast_assets.audio.collect import outcome_of

        if isinstance(file, (PodcastAssetsError, ValueError)):
            row = outcome_of(file, work.episode["feed_url"])
            return Outcome(work.episode_id, work.key, row["status"], row["reason"])
        if isinstance(file, Exception):
            raise file
        return self.hear(work, content_key(file.sha256, self._project.config), file.path, reached)

    def hear(self, work: Work, key: str, path: Path, reached: Reached) -> Outcome:
        """What becomes of an episode whose audio is there; ``reached``: see ``Recogniser.hear``."""
        started = time.monotonic()
        if (known := self._cache.get_json(key)) is not None:  # the same file in another episode, or a retry
            reason = Heard.from_json(known).reason
            return Outcome(work.episode_id, key, "failed" if reason else "ok", reason)
        try:
            heard = self._recogniser.hear(path, reached)
        except FileNotFoundError:
            reason = "the audio file was removed while it was to be heard; run the day again"
            return Outcome(work.episode_id, key, "deferred", reason)
        except BadAudioError as error:
            self._log.warning(f"{work.title}: {error}")
            self._cache.put_json(key, Heard(None, [], 0.0, reason=str(error)).to_json())
            return Outcome(work.episode_id, key, "failed", str(error))
        except Exception as error:  # noqa: BLE001 - out of memory, for example; whatever it is, the other episodes go on
            self._log.warning(f"{work.title}: speech recognition failed: {error}")
            reason = f"speech recognition failed: {one_line(error, LONGEST_REASON)}"
            return Outcome(work.episode_id, key, "deferred", reason, fault=True)
        self._cache.put_json(key, heard.to_json())
        took_s = time.monotonic() - started
        _tell(work.title, heard, took_s, self._log)
        return Outcome(work.episode_id, key, "ok", None, heard.audio_s, took_s)


def _tell(title: str, heard: Heard, took_s: float, log: logging.Logger) -> None:
    """One line about an episode that was heard, and one more where its language is hardly more than a guess."""
    of_voice = f"{clock.as_clock(heard.covered_s)} of {clock.as_clock(heard.voice_s)} of speech"
    cut = f", {heard.cut_loops} words in loops and {heard.cut_invented} invented ones cut"
    log.info(
        f"{title}: {clock.as_clock(heard.audio_s)} of audio in {took_s:.1f} s ({heard.audio_s / took_s:.1f} times real "
        f"time), {count_words(heard.segments)} words for {of_voice}, language {heard.language or 'unknown'}"
        f"{cut if heard.cut_loops or heard.cut_invented else ''}"
    )
    if heard.language and heard.language_probability < LIKELY:
        log.warning(
            f"{title}: its language is a guess, {heard.language!r} with a probability of {heard.language_probability:.0%}; "
            "[transcription] language names the right one"
        )
