"""Speech recognition: what a model hears in an audio file, sentence by sentence, each with its exact times.

Belongs here: how the model is asked, and working off a shard. Does not belong here: which episodes those are (``plan``),
what becomes of the result (``merge``).

How it is asked was measured, by the word error rate of a tiny real model on 15 minutes of speech: window after window
12.4 %; batched 18.0 %, at 1.6 times the speed, since some windows came out as one phrase over and over; batched, with a
second, patient listening to those windows alone, 12.4 % again at the same speed. Sentences are cut from timed words, so that
the model need not write times itself, which cost another 4 points.
"""

import dataclasses
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from podcast_assets import clock, progress
from podcast_assets.project import Project
from podcast_assets.speech import Segment, Word, count_words, from_json, sentences_of, to_json
from podcast_assets.text import one_line
from podcast_assets.transcripts import sound
from podcast_assets.transcripts.model import ModelUnavailableError, open_model
from podcast_assets.transcripts.plan import Work

BATCH = 8  # windows at once
LANGUAGE_WINDOWS = 4  # shows open with music, or with a clip of something else
LOOPING = 2.4  # text that compresses better than this repeats itself; this bound and the next are Whisper's own
UNSURE = -1.0  # a mean log probability of a token below this is a guess
LONGEST_REASON = 300  # characters
SEED = 1  # the second listening draws lots: the same file must give the same text


@dataclasses.dataclass(frozen=True)
class Heard:
    """What was heard in a file."""

    language: str | None
    audio_s: float
    segments: list[Segment]

    def to_json(self) -> dict[str, Any]:
        """The cache's form."""
        return {"language": self.language, "audio_s": round(self.audio_s, 3), "segments": to_json(self.segments)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Heard":
        """What :meth:`to_json` gave."""
        return cls(value["language"], value["audio_s"], from_json(value["segments"]))


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one episode of a shard; what was heard lies in the cache under ``key`` where the status is ok.

    ``fault``: the machine failed, not the file; another run may have more luck.
    """

    episode_id: str
    key: str
    status: str
    reason: str | None = None
    language: str | None = None
    speech_s: float = 0.0
    audio_s: float = 0.0
    took_s: float = 0.0
    fault: bool = False


@dataclasses.dataclass(frozen=True)
class ShardReport:
    """What became of a shard, and on what it was worked off."""

    outcomes: list[Outcome]
    device: str | None = None
    compute_type: str | None = None


class Recogniser:
    """An open model that is asked for what it hears in files."""

    def __init__(self, model: Any, language: str = "") -> None:
        from faster_whisper import BatchedInferencePipeline

        self._model = model
        self._batched = BatchedInferencePipeline(model)
        self._language = language or None

    def hear(self, path: Path) -> Heard:
        """All that is said in a file.

        Raises:
            BadAudioError: it cannot be heard.
        """
        import ctranslate2

        ctranslate2.set_random_seed(SEED)
        language, words, audio_s = self._language, list[Word](), 0.0
        for block in sound.blocks(path):
            audio_s = block.end_s
            if block.clips:
                language, segments = self._listen(block, language)
                words += _words(segments, block.start_s)
        return Heard(language, audio_s, sentences_of(words))

    def _listen(self, block: sound.Block, language: str | None) -> tuple[str, Iterator[tuple[float, Any]]]:
        """The language, and what is said in the block: where each result's times start, and the result."""
        results, info = self._batched.transcribe(
            block.samples,
            language=language,
            clip_timestamps=[{"start": clip.start / sound.RATE, "end": clip.end / sound.RATE} for clip in block.clips],
            word_timestamps=True,
            batch_size=BATCH,
            language_detection_segments=LANGUAGE_WINDOWS,
        )

        def heard() -> Iterator[tuple[float, Any]]:
            for result in results:
                if result.compression_ratio <= LOOPING and result.avg_logprob >= UNSURE:
                    yield 0.0, result
                    continue
                seconds = result.seek / self._model.frames_per_second
                clip = min(block.clips, key=lambda clip: abs(clip.start / sound.RATE - seconds))
                for again in self._listen_again(block.samples[clip.start : clip.end], info.language):
                    yield clip.start / sound.RATE, again

        return info.language, heard()

    def _listen_again(self, samples: "sound.Samples", language: str) -> Iterator[Any]:
        """One window alone, at rising temperatures until the text is plausible; what still repeats itself was never said."""
        results, _ = self._model.transcribe(
            samples, language=language, word_timestamps=True, condition_on_previous_text=False
        )
        return (result for result in results if result.compression_ratio <= LOOPING)


def _words(results: Iterator[tuple[float, Any]], start_s: float) -> Iterator[Word]:
    for offset_s, result in results:
        for word in result.words or ():
            yield Word(start_s + offset_s + word.start, start_s + offset_s + word.end, word.word)


def recognise_shard(project: Project, shard: Sequence[Work], log: logging.Logger) -> ShardReport:
    """Works off a shard with one model; each result is kept as its episode ends, so that a killed run loses one at most."""
    try:
        model = open_model(project.config)
    except ModelUnavailableError as error:
        log.error(f"{len(shard)} episodes wait for their transcript: {error}")  # noqa: TRY400 - no defect, no traceback
        return ShardReport([Outcome(work.episode_id, work.key, "deferred", str(error)) for work in shard])
    recogniser = Recogniser(model, project.config.transcription.language)
    outcomes = []
    with progress.steps("transcribing", len(shard), log) as step:
        for work in shard:
            outcomes.append(_recognise(project, recogniser, work, log))
            step(work.title)
    return ShardReport(outcomes, model.model.device, model.model.compute_type)


def _recognise(project: Project, recogniser: Recogniser, work: Work, log: logging.Logger) -> Outcome:
    cache, started = project.cache("segments"), time.monotonic()
    if (known := cache.get_json(work.key)) is not None:  # the same file in another episode, or a retry
        heard = Heard.from_json(known)
        return Outcome(work.episode_id, work.key, "ok", language=heard.language)
    try:
        heard = recogniser.hear(Path(work.path))
    except FileNotFoundError:
        reason = "the audio file is gone; materialise audio for this day again ([transcription] keep_audio_days)"
        return Outcome(work.episode_id, work.key, "deferred", reason)
    except sound.BadAudioError as error:
        log.warning(f"{work.title}: {error}")
        return Outcome(work.episode_id, work.key, "failed", str(error))
    except RuntimeError as error:  # CTranslate2 and ONNX Runtime have no other: out of memory, for example
        log.warning(f"{work.title}: speech recognition failed: {error}")
        reason = f"speech recognition failed: {one_line(error, LONGEST_REASON)}"
        return Outcome(work.episode_id, work.key, "deferred", reason, fault=True)
    cache.put_json(work.key, heard.to_json())
    took_s = time.monotonic() - started
    log.info(
        f"{work.title}: {clock.as_clock(heard.audio_s)} of audio in {took_s:.1f} s ({heard.audio_s / took_s:.1f} times real "
        f"time), {count_words(heard.segments)} words, language {heard.language or 'unknown'}"
    )
    speech_s = sum(segment.end_s - segment.start_s for segment in heard.segments)
    return Outcome(work.episode_id, work.key, "ok", None, heard.language, speech_s, heard.audio_s, took_s)
