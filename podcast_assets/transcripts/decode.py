"""From an audio file to its samples: one channel, at Whisper's rate, in parts.

Belongs here: opening what strangers publish, with typed refusals and bounds; resampling; making one channel of many. Does
not belong here: what is in the sound.
"""

import itertools
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from podcast_assets.errors import PodcastAssetsError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]

RATE = 16_000  # samples a second: Whisper's
PART = 1 << 17  # samples, 8 s

# What shows publish. A playlist is no sound but a list of other files, and a stranger's must open none of ours.
FORMATS = "aac,ac3,aiff,amr,asf,au,caf,eac3,flac,flv,matroska,mov,mp3,mpeg,mpegts,ogg,tta,w64,wav,wv"

# A header can claim anything: resampling from 10^9 Hz takes a filter of gigabytes. A few MB of FLAC hold days of silence.
LONGEST_S = 48 * 3600
LOWEST_HZ, HIGHEST_HZ = 4_000, 768_000
MOST_CHANNELS = 32
OPPOSITE = -0.5  # channels whose correlation is below this cancel each other out


class BadAudioError(PodcastAssetsError):
    """An audio file in which nothing can be heard: the reason is the episode's."""


def decode(path: Path, size: int = PART) -> "Generator[Samples]":
    """The sound of a file, from -1 to 1, in parts of ``size`` samples; the last one is shorter.

    Raises:
        BadAudioError: not audio, no audio stream, empty, beyond the bounds, or more than half of it cannot be decoded.
        OSError: the file cannot be read.
    """
    import av
    import numpy as np

    with path.open("rb") as file:  # by ourselves: libav's errors do not tell a disk that refuses from a file that is broken
        if not file.read(1):
            raise BadAudioError("the file is empty")
    held: list[Samples] = []
    count = before = 0
    try:
        with av.open(str(path), metadata_errors="ignore", options={"format_whitelist": FORMATS}) as container:
            for samples in _mono(_frames(container)):
                held.append(samples)
                count += len(samples)
                while count >= size:
                    whole = np.concatenate(held)
                    yield whole[:size]
                    held, count, before = [whole[size:]], count - size, before + size
                if before > LONGEST_S * RATE:
                    raise BadAudioError(f"longer than {LONGEST_S // 3600} hours")
    except av.error.FFmpegError as error:
        raise BadAudioError(f"not an audio file ({error.strerror})") from error
    if not count + before:
        raise BadAudioError("an audio file without sound")
    if count:
        yield np.concatenate(held)


def _frames(container: Any) -> Iterator[Any]:
    """The decoded frames; a broken packet costs itself alone, and a file that breaks off ends there."""
    import av

    if not (stream := container.streams.best("audio")):
        raise BadAudioError("no audio stream")
    packets = broken = 0
    last: str | None = None
    for packet in _until_broken(container, stream):
        packets += 1
        try:
            decoded = packet.decode()
        except av.error.FFmpegError as error:
            broken, last = broken + 1, error.strerror
            continue
        yield from decoded
    if broken * 2 > packets:
        raise BadAudioError(f"{broken} of {packets} packets cannot be decoded ({last})")


def _until_broken(container: Any, stream: Any) -> Iterator[Any]:
    import av

    while True:
        try:
            yield from container.demux(stream)
        except IndexError:  # how PyAV meets a packet of a stream that began when the file was open; the next one may be ours
            continue
        except av.error.FFmpegError:
            pass
        return


def _mono(frames: Iterator[Any]) -> "Iterator[Samples]":
    """One channel at Whisper's rate, also where an advertisement of another rate or layout is spliced in."""
    from av.audio.resampler import AudioResampler

    for (rate, channels, _, _), alike in itertools.groupby(frames, key=_form):
        if not LOWEST_HZ <= rate <= HIGHEST_HZ:
            raise BadAudioError(f"{rate} samples a second are no rate of sound")
        if channels > MOST_CHANNELS:
            raise BadAudioError(f"{channels} channels, more than {MOST_CHANNELS}")
        resampler = AudioResampler(format="flt", rate=RATE)  # PyAV reads beyond the end of frames of eight planes or more
        for frame in itertools.chain(_seconds(alike), [None]):  # None: what the resampler still holds
            for resampled in filter(None, resampler.resample(frame)):
                yield mix(resampled.to_ndarray().reshape(-1, channels).T)


def _form(frame: Any) -> tuple[int, int, str, str]:
    return frame.sample_rate, frame.layout.nb_channels, frame.layout.name, frame.format.name


def _seconds(frames: Iterator[Any]) -> Iterator[Any]:
    """The same sound in frames of a second or more: resampled one by one, those of 26 ms cost twice the time."""
    from av.audio.fifo import AudioFifo

    fifo = AudioFifo()
    for frame in frames:
        frame.pts = None  # the count of samples is the clock; time stamps of spliced files jump
        fifo.write(frame)
        if fifo.samples >= frame.sample_rate:
            yield fifo.read()
    if fifo.samples:
        yield fifo.read()


def mix(channels: "npt.NDArray[Any]") -> "Samples":
    """One channel of many (a row each), as loud as the loudest; one that runs opposite to the loudest is turned round.

    The mean would cancel a voice that was recorded in opposite phase, and make one on a single channel of eight too quiet.
    What is no number is silence, and what is beyond full scale is cut off there.
    """
    import numpy as np

    channels = np.clip(channels, -1.0, 1.0)
    channels[np.isnan(channels)] = 0.0
    if len(channels) == 1:
        only: Samples = channels[0]
        return only
    energies = np.einsum("ij,ij->i", channels, channels)
    loudest = channels[energies.argmax()]
    opposite = channels @ loudest < OPPOSITE * np.sqrt(energies * energies.max())
    mixed = np.where(opposite, -1, 1).astype(np.float32) @ channels
    scale = np.sqrt(energies.max() / max(mixed @ mixed, np.finfo(np.float32).tiny))
    louder: Samples = np.clip(mixed * scale, -1.0, 1.0)
    return louder
