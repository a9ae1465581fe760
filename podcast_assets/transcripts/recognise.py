"""Speech recognition: what a model hears in an audio file, sentence by sentence, each with its exact times.

Belongs here: how the model is asked. Does not belong here: which episodes are to be heard (``plan``), and working them off
(``shard``).

How it is asked was measured, by the word error rate of a tiny real model on 15 minutes of speech: window after window
12.4 %; batched 18.0 %, at 1.6 times the speed, since some windows came out as one phrase over and over; batched, with a
second, patient listening to those windows alone, 12.4 % again at the same speed. Sentences are cut from timed words, so that
the model need not write times itself, which cost another 4 points.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podcast_assets.speech import Segment, Word, from_json, sentences_of, to_json
from podcast_assets.transcripts import sound

BATCH = 8  # windows at once
LANGUAGE_WINDOWS = 4  # shows open with music, or with a clip of something else
LOOPING = 2.4  # text that compresses better than this repeats itself; this bound and the next are Whisper's own
UNSURE = -1.0  # a mean log probability of a token below this is a guess
SEED = 1  # the second listening draws lots: the same file must give the same text


@dataclasses.dataclass(frozen=True)
class Heard:
    """What was heard in a file of ``audio_s`` seconds.

    ``voice_s`` are those in which somebody speaks, ``covered_s`` those of them in which there is text. ``cut_loops`` and
    ``cut_invented`` count the words that were taken out. ``reason``: why it cannot be heard at all.
    """

    language: str | None
    segments: list[Segment]
    audio_s: float
    voice_s: float = 0.0
    covered_s: float = 0.0
    cut_loops: int = 0
    cut_invented: int = 0
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The cache's form."""
        return vars(self) | {"segments": to_json(self.segments)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Heard":
        """What :meth:`to_json` gave."""
        return cls(**(value | {"segments": from_json(value["segments"])}))


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
        return Heard(language, sentences_of(words), audio_s)

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
