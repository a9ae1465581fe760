"""Speech recognition: what a model hears in an audio file, sentence by sentence, each with its exact times.

Belongs here: how the model is asked. Does not belong here: what of its words stands (``defences``), which files it is asked
about (``shard``).

How it is asked was measured, by the word error rate of a tiny real model on the speech that it knows. On 16 minutes of
episodes as they are, window after window gives 5.7 %, batched 3.0 %, in four fifths of the processor's time; on twice 18
minutes of sentences in random order 7.6 and 8.0 %, batched 8.8 and 7.6 %. One, four or eight windows at once give the same
text. A window in which nothing was heard, or what ought to be cut, is listened to once more, alone and with patience: then
it is 2.2 %, and 6.4 and 6.3 %. Sentences are cut from timed words, so that the model need not write times itself.
"""

import dataclasses
import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from podcast_assets.speech import Segment, from_json, sentences_of, to_json
from podcast_assets.transcripts import defences, sound
from podcast_assets.transcripts.defences import Guess, Window

BATCH = 8  # windows at once
LANGUAGE_WINDOWS = 4  # shows open with music, or with a clip of something else
SEED = 1  # the second listening draws lots: the same file must give the same text


@dataclasses.dataclass(frozen=True)
class Heard:
    """What was heard in a file of ``audio_s`` seconds.

    ``voice_s`` are those in which somebody speaks, ``covered_s`` those of them in which there is text. ``cut_loops`` and
    ``cut_invented`` count the words that were taken out. ``language_probability`` is 1 where the language is configured.
    ``reason``: why it cannot be heard at all.
    """

    language: str | None
    segments: list[Segment]
    audio_s: float
    voice_s: float = 0.0
    covered_s: float = 0.0
    cut_loops: int = 0
    cut_invented: int = 0
    language_probability: float = 1.0
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The cache's form."""
        rounded = {name: round(value, 3) for name, value in vars(self).items() if isinstance(value, float)}
        return {**vars(self), **rounded, "segments": to_json(self.segments)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Heard":
        """What :meth:`to_json` gave."""
        return cls(**{**value, "segments": from_json(value["segments"])})


class Recogniser:
    """An open model that is asked for what it hears in files."""

    def __init__(self, model: Any, language: str = "") -> None:
        from faster_whisper import BatchedInferencePipeline

        self._model = model
        self._batched = BatchedInferencePipeline(model)
        self._language = language or None

    def hear(self, path: Path, reached: Callable[[float], None] = lambda _: None) -> Heard:
        """All that is said in a file; ``reached`` is told, now and then, up to which of its seconds it was heard.

        Raises:
            BadAudioError: it cannot be heard.
        """
        import ctranslate2

        ctranslate2.set_random_seed(SEED)
        language, probability, windows, audio_s = self._language, 1.0, list[Window](), 0.0
        for block in sound.blocks(path):
            if block.clips:
                results, info = self._listen(block, language)
                if language is None:
                    language, probability = info.language, info.language_probability
                for window in self._windows(block, results, language):
                    windows.append(window)
                    reached(window.end_s)
            audio_s = block.end_s
            reached(audio_s)
        account = defences.account(windows)
        return Heard(
            language,
            sentences_of(account.words),
            audio_s,
            sum(window.voice_s for window in windows),
            account.covered_s,
            account.cut_loops,
            account.cut_invented,
            probability,
        )

    def _listen(self, block: sound.Block, language: str | None) -> tuple[Iterator[Any], Any]:
        """What is said in the clips of a block, in their order, as they are heard, and what is known of the language."""
        results, info = self._batched.transcribe(
            block.samples,
            language=language,
            clip_timestamps=[{"start": clip.start / sound.RATE, "end": clip.end / sound.RATE} for clip in block.clips],
            word_timestamps=True,
            batch_size=BATCH,
            language_detection_segments=LANGUAGE_WINDOWS,
        )
        return iter(results), info

    def _windows(self, block: sound.Block, results: Iterator[Any], language: str) -> Iterator[Window]:
        """The clips of a block with what was heard in each, at the second listening where the first left doubts."""
        result = next(results, None)
        spoken = block.voice_s * sound.RATE / sum(clip.end - clip.start for clip in block.clips)  # the rest is breath
        for clip in block.clips:
            start_s, end_s = block.start_s + clip.start / sound.RATE, block.start_s + clip.end / sound.RATE
            middle = (clip.start + clip.end) / 2 / sound.RATE * self._model.frames_per_second
            heard = []
            while result is not None and result.seek < middle:
                heard.append(result)
                result = next(results, None)
            voice = Window(start_s, end_s, (end_s - start_s) * spoken)
            window = _with_words(voice, heard, block.start_s)
            if defences.is_doubtful(window):
                heard = self._listen_again(block.samples[clip.start : clip.end], language)
                window = defences.better(window, _with_words(voice, heard, start_s))
            yield window

    def _listen_again(self, samples: "sound.Samples", language: str) -> list[Any]:
        """What is said in one window alone, at rising temperatures until the text is plausible."""
        results, _ = self._model.transcribe(
            samples, language=language, word_timestamps=True, condition_on_previous_text=False
        )
        return list(results)


def _with_words(window: Window, results: Sequence[Any], offset_s: float) -> Window:
    """The window with what was heard in it; the results count their times from ``offset_s``."""
    if not results:
        return window
    words = tuple(
        Guess(float(offset_s + word.start), float(offset_s + word.end), word.word, float(word.probability))
        for result in results
        for word in result.words or ()
    )
    return dataclasses.replace(
        window,
        words=words,
        log_probability=statistics.fmean(result.avg_logprob for result in results),
        no_speech=max(result.no_speech_prob for result in results),
    )
