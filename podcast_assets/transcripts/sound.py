"""From an audio file to the stretches in which people speak.

Belongs here: decoding with its typed refusals, finding speech, cutting at pauses. Does not belong here: what is said.
Nothing here holds a whole episode: the features of an hour would take 3.4 GB; in blocks, recognising it takes 0.9 GB in all.
"""

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podcast_assets.errors import PodcastAssetsError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

RATE = 16_000  # samples a second: Whisper's
BLOCK_S = 600
CLIP_S = 30  # Whisper's window
JOIN_S = 2.0  # a longer silence is left out: a model that hears none invents words
BREATH_MS = 160  # a pause this long is good enough to cut at

# What shows publish. A playlist is no sound but a list of other files, and a stranger's must open none of ours.
FORMATS = "aac,ac3,aiff,amr,asf,au,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,ogg,tta,w64,wav,wv"


class BadAudioError(PodcastAssetsError):
    """An audio file in which nothing can be heard: the reason is the episode's."""


@dataclasses.dataclass(frozen=True)
class Clip:
    """A stretch of a block, in samples from its start."""

    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class Block:
    """A part of a file, with the clips of at most 30 s in which people speak."""

    start_s: float
    samples: "Samples"
    clips: list[Clip]

    @property
    def end_s(self) -> float:
        """Where it ends, from the start of the file."""
        return self.start_s + len(self.samples) / RATE


def blocks(path: Path, block_s: int = BLOCK_S) -> Iterator[Block]:
    """The file in blocks that end in no one's speech: what is being said at the end of one is kept for the next.

    Raises:
        BadAudioError: not audio, or not to be decoded.
    """
    import numpy as np

    start, held = 0, np.empty(0, np.float32)
    parts = decode(path, block_s)
    part = next(parts, None)
    while part is not None:
        following = next(parts, None)
        samples = np.concatenate([held, part])
        clips = clips_of(samples)
        unfinished = following is not None and bool(clips) and clips[-1].end >= len(samples)
        end = clips.pop().start if unfinished else len(samples)
        yield Block(start / RATE, samples[:end], clips)
        start, held, part = start + end, samples[end:], following


def clips_of(samples: "Samples") -> list[Clip]:
    """The stretches with speech, joined over short silences, none longer than 30 s."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(max_speech_duration_s=CLIP_S, min_silence_duration_ms=BREATH_MS)
    return join([Clip(speech["start"], speech["end"]) for speech in get_speech_timestamps(samples, options)])


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


def decode(path: Path, block_s: int = BLOCK_S) -> "Iterator[Samples]":
    """The sound of a file, mono, in parts of ``block_s`` seconds; the last one is shorter.

    Raises:
        BadAudioError: not audio, no audio stream, empty, or more than half of it cannot be decoded.
    """
    import av
    import numpy as np

    if not path.stat().st_size:
        raise BadAudioError("the file is empty")
    size, parts, count = block_s * RATE, [np.empty(0, np.float32)], 0
    try:
        with av.open(str(path), metadata_errors="ignore", options={"format_whitelist": FORMATS}) as container:
            for samples in _resampled(_frames(container)):
                parts.append(samples)
                count += len(samples)
                while count >= size:
                    whole = np.concatenate(parts)
                    yield whole[:size]
                    parts, count = [whole[size:]], count - size
    except av.error.FFmpegError as error:
        raise BadAudioError(f"not an audio file ({error.strerror})") from error
    if count:
        yield np.concatenate(parts)


def _frames(container: Any) -> Iterator[Any]:
    """The decoded frames; a broken packet costs itself alone, and a file that breaks off ends there."""
    import av

    if not (stream := container.streams.best("audio")):
        raise BadAudioError("no audio stream")
    packets = broken = frames = 0
    last: str | None = None
    for packet in _until_broken(container.demux(stream)):
        packets += 1
        try:
            decoded = packet.decode()
        except av.error.FFmpegError as error:
            broken, last = broken + 1, error.strerror
            continue
        frames += len(decoded)
        yield from decoded
    if broken * 2 > packets:
        raise BadAudioError(f"{broken} of {packets} packets cannot be decoded ({last})")
    if not frames:
        raise BadAudioError("an audio file without sound")


def _until_broken(packets: Iterator[Any]) -> Iterator[Any]:
    import av

    try:
        yield from packets
    except av.error.FFmpegError:
        return


def _resampled(frames: Iterator[Any]) -> "Iterator[Samples]":
    """Mono at Whisper's rate, also where an advertisement of another rate or layout is spliced in."""
    from av.audio.resampler import AudioResampler

    for _, alike in itertools.groupby(frames, key=lambda frame: (frame.format.name, frame.layout.name, frame.sample_rate)):
        resampler = AudioResampler(format="flt", layout="mono", rate=RATE)
        for frame in itertools.chain(alike, [None]):  # None: what the resampler still holds
            if frame is not None:
                frame.pts = None  # the count of samples is the clock; time stamps of spliced files jump
            for resampled in resampler.resample(frame):
                yield resampled.to_ndarray()[0]
