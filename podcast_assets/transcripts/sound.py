"""From an audio file to the stretches in which people speak.

Belongs here: cutting a file into blocks and clips for the model. Does not belong here: how it is decoded (``decode``), how
speech is found (``voice``), what is said (``recognise``).
Nothing here holds a whole episode: the features of an hour would take 3.4 GB; in blocks, recognising it takes 0.9 GB in all.
"""

import dataclasses
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from podcast_assets.transcripts.decode import RATE, BadAudioError, decode
from podcast_assets.transcripts.voice import WINDOW, Detector, speech, stretches

if TYPE_CHECKING:
    from podcast_assets.transcripts.decode import Samples
    from podcast_assets.transcripts.voice import Chances

T = TypeVar("T")

__all__ = ["RATE", "BadAudioError", "Block", "Clip", "Samples", "blocks"]  # all that the recogniser needs

BLOCK_S = 600
CLIP_S = 30  # Whisper's window
JOIN_S = 2.0  # a longer silence is left out: a model that hears none invents words


@dataclasses.dataclass(frozen=True)
class Clip:
    """A stretch of a block, in samples from its start."""

    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class Block:
    """A part of a file, with the clips of at most 30 s in which people speak, and the seconds for which they do."""

    start_s: float
    samples: "Samples"
    clips: list[Clip]
    voice_s: float

    @property
    def end_s(self) -> float:
        """Where it ends, from the start of the file."""
        return self.start_s + len(self.samples) / RATE


def blocks(path: Path, block_s: int = BLOCK_S) -> Iterator[Block]:
    """The file in blocks that end in no one's speech: what is being said at the end of one is kept for the next.

    Decoding and finding speech run ahead in threads of their own: libav and the detector keep no other thread waiting.

    Raises:
        BadAudioError: not audio, or not to be decoded.
        OSError: the file cannot be read.
    """
    return _ahead(_blocks(_ahead(decode(path)), block_s * RATE))


def _ahead(items: Generator[T]) -> Generator[T]:
    """The same, each made in a thread while the one before is worked on."""
    with closing(items), ThreadPoolExecutor(1) as thread:
        upcoming = thread.submit(next, items, None)
        while (item := upcoming.result()) is not None:
            upcoming = thread.submit(next, items, None)
            yield item


def _blocks(decoded: "Generator[Samples]", size: int) -> Generator[Block]:
    import numpy as np

    detector, start = Detector(), 0
    parts: list[Samples] = []
    heard: list[Chances] = []
    for part in decoded:
        parts.append(part)
        heard.append(detector.hear(part))
        if sum(map(len, parts)) < size:
            continue
        samples, chances = np.concatenate(parts), np.concatenate(heard)
        clips = clips_of(chances, len(samples))
        unfinished = bool(clips) and clips[-1].end == len(samples)
        end = clips.pop().start if unfinished else len(samples)
        if end:
            yield _block(start, samples[:end], chances[: end // WINDOW], clips)
        start, parts, heard = start + end, [samples[end:].copy()], [chances[end // WINDOW :]]
    samples, chances = np.concatenate(parts), np.concatenate(heard)
    if len(samples):
        yield _block(start, samples, chances, clips_of(chances, len(samples)))


def _block(start: int, samples: "Samples", chances: "Chances", clips: list[Clip]) -> Block:
    return Block(start / RATE, samples, clips, int(speech(chances).sum()) * WINDOW / RATE)


def clips_of(chances: "Chances", length: int) -> list[Clip]:
    """The stretches with speech of so many samples, joined over short silences, none longer than 30 s."""
    found = stretches(chances, CLIP_S * RATE // WINDOW)
    return join([Clip(start * WINDOW, min(end * WINDOW, length)) for start, end in found])


def join(clips: list[Clip]) -> list[Clip]:
    """Joins neighbours while the sum stays within 30 s: the more a model hears at once, the better it understands."""
    joined: list[Clip] = []
    for clip in clips:
        last = joined[-1] if joined else None
        if last and clip.start - last.end <= JOIN_S * RATE and clip.end - last.start <= CLIP_S * RATE:
            joined[-1] = Clip(last.start, clip.end)
        else:
            joined.append(clip)
    return joined
