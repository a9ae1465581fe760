"""Audio files for the tests: the sample's own speech, and files of any form made of samples, with PyAV and by hand."""

import struct
import wave
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from podcast_assets.transcripts.decode import decode

Array = np.ndarray[Any, Any]

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
SPEECH = SAMPLES / "feeds" / "signal-and-ledger" / "audio" / "2026-03-03-idle-hours.mp3"
FLOAT = 3  # the number of that form in a WAV file; 1 are integers


def spoken(path: Path = SPEECH, seconds: float | None = None) -> Array:
    """The samples of a file, or of its beginning."""
    whole: Array = np.concatenate(list(decode(path)))
    return whole if seconds is None else whole[: int(seconds * 16_000)]


def write_wav(path: Path, samples: Array, rate: int = 16_000) -> Path:
    """16 bits, a row of ``samples`` for each channel."""
    channels = np.atleast_2d(samples)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((channels.T * 32767).astype("<i2").tobytes())
    return path


def wav(
    data: bytes, *, rate: int = 16_000, channels: int = 1, bits: int = 16, form: int = 1, claimed: int | None = None
) -> bytes:
    """A WAV file whose header may claim anything."""
    size = len(data) if claimed is None else claimed
    frame = channels * bits // 8
    header = struct.pack("<HHIIHH", form, channels, rate, rate * frame % 2**32, frame % 2**16, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(header)) + header + b"data" + struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", min(size + 36, 2**32 - 1)) + body


def encode(path: Path, samples: Array, codec: str, *, rate: int = 16_000, layout: str = "mono", bit_rate: int = 0) -> Path:
    """A file in the format that its name says, a row of ``samples`` (at ``rate``) for each channel."""
    import av
    from av.audio.resampler import AudioResampler

    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(np.atleast_2d(samples), np.float32), "fltp", layout)
    frame.sample_rate = rate
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate, layout=layout)
        if bit_rate:
            stream.bit_rate = bit_rate
        resampler = AudioResampler(stream.format, layout, rate, stream.codec_context.frame_size or None)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            if part is not None:
                part.pts = None
                container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def picture(side: int) -> bytes:
    """A black PNG, packed."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer = zlib.compressobj()
    rows = b"".join(packer.compress(bytes(1 + 3 * side)) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def id3(*frames: tuple[bytes, bytes]) -> bytes:
    """A tag as it stands before an MP3 file."""
    body = b"".join(kind + struct.pack(">I", len(content)) + b"\0\0" + content for kind, content in frames)
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + size + body
