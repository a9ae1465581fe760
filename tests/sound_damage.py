"""Audio files damaged in every way we could think of; ``python -m tests.sound_damage COUNT [FIRST [FOLDER]]`` decodes them.

In a process of its own: what crashes the decoder's C code ends it. The number of each case is printed before it begins, so
that the last one tells which it was, and can be run alone; after the last comes what became of all, and what they left.
With a folder, the cases are made of the small files below it.
"""

import collections
import ctypes
import faulthandler
import gc
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil

from podcast_assets.transcripts import sound
from tests.memory import peak_kb
from tests.sounds import encode, id3, picture, spoken, wav, write_wav

SEED = 7
HANGS_S = 60
SMALL = 130_000  # bytes
SUFFIXES = (".aac", ".aiff", ".flac", ".m4a", ".mp3", ".mp4", ".ogg", ".opus", ".wav", ".webm")
WARM = 40  # cases until all that is loaded once has been loaded

Damage = Callable[[bytes, bytes, random.Random], bytes]


def sources(folder: Path) -> list[bytes]:
    """Small real files of the forms that shows publish."""
    talk = spoken(seconds=3)
    both = np.stack([talk, -talk])
    forms = (
        (".mp3", "mp3", talk), (".mp3", "mp3", both), (".m4a", "aac", both), (".m4a", "alac", talk), (".aac", "aac", talk),
        (".ogg", "libopus", talk), (".webm", "libopus", both), (".flac", "flac", both), (".aiff", "pcm_s16be", talk),
        (".mka", "pcm_f32le", talk), (".wav", "adpcm_ms", talk), (".tta", "tta", talk), (".wv", "wavpack", both),
    )  # fmt: skip
    encoded = [
        encode(folder / f"{number}{suffix}", samples, codec, layout="mono" if samples is talk else "stereo")
        for number, (suffix, codec, samples) in enumerate(forms)
    ]
    files = [path.read_bytes() for path in (*encoded, write_wav(folder / "plain.wav", talk))]
    tag = id3((b"TIT2", b"\0Title"), (b"APIC", b"\0image/png\0\3\0" + picture(64)))
    many = wav(np.repeat((talk * 9999).astype("<i2"), 12).tobytes(), channels=12)
    return [*files, tag + files[0], wav(talk.astype("<f4").tobytes(), bits=32, form=3), many]


def small(folder: Path) -> list[Path]:
    """The audio files that are small enough to be damaged by the thousand."""
    files = sorted(path for path in folder.glob("**/*.*") if path.suffix in SUFFIXES)
    return [path for path in files if 1000 < path.stat().st_size < SMALL]


def flipped(body: bytes, _: bytes, chance: random.Random) -> bytes:
    """Some bits are others, anywhere."""
    found = bytearray(body)
    for _bit in range(chance.choice((1, 10, 100, 1000))):
        found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def flipped_head(body: bytes, _: bytes, chance: random.Random) -> bytes:
    """Some bits of the header are others: what it claims decides what is allocated."""
    found = bytearray(body)
    for _bit in range(chance.choice((1, 3, 10))):
        found[chance.randrange(min(400, len(found)))] ^= 1 << chance.randrange(8)
    return bytes(found)


def cut(body: bytes, _: bytes, chance: random.Random) -> bytes:
    """It ends after some tenths, or begins there."""
    at = len(body) * chance.randrange(1, 10) // 10
    return chance.choice((body[:at], body[:at], body[at:]))


def swapped(body: bytes, other: bytes, chance: random.Random) -> bytes:
    """It has the header of another."""
    size = chance.choice((4, 16, 44, 100, 1000))
    return other[:size] + body[size:]


def spliced(body: bytes, other: bytes, chance: random.Random) -> bytes:
    """Another one begins in its middle."""
    return body[: chance.randrange(len(body))] + other[chance.choice((0, chance.randrange(len(other)))) :]


def claimed(body: bytes, _: bytes, chance: random.Random) -> bytes:
    """A number of the header is as large as can be, or nothing."""
    at, size = chance.randrange(min(1000, len(body))), chance.choice((2, 3, 4, 8))
    return body[:at] + chance.choice((b"\xff", b"\x7f", b"\0")) * size + body[at + size :]


def claimed_in_a_table(body: bytes, _: bytes, chance: random.Random) -> bytes:
    """A number in a table of an MP4 file is as large as can be, or nothing."""
    names = [name for name in (b"stsz", b"stsc", b"stts", b"stco", b"mdhd", b"elst", b"stsd", b"mvhd") if name in body]
    at = body.index(chance.choice(names)) + 4 * chance.randrange(1, 8) if names else chance.randrange(len(body))
    return body[:at] + chance.choice((b"\xff\xff\xff\xff", b"\0\xff\xff\xff", b"\x0f\0\0\0", bytes(4))) + body[at + 4 :]


def holed(body: bytes, _: bytes, chance: random.Random) -> bytes:
    """A piece is missing, or nothing but zeros, or noise."""
    at = chance.randrange(len(body))
    end = min(len(body), at + chance.choice((1, 100, 5000)))
    return body[:at] + chance.choice((b"", bytes(end - at), chance.randbytes(end - at))) + body[end:]


DAMAGES: tuple[Damage, ...] = (flipped, flipped_head, cut, swapped, spliced, claimed, claimed_in_a_table, holed)


def damaged(files: list[bytes], number: int) -> tuple[str, bytes]:
    """A case: its name, and the file."""
    chance = random.Random(f"{SEED}-{number}")
    damage = DAMAGES[number % len(DAMAGES)]
    which = number // len(DAMAGES) % len(files)
    return f"{number} ({damage.__name__}, source {which})", damage(files[which], chance.choice(files), chance)


def resident_mb() -> float:
    """The memory that is truly held: what the allocator keeps for later is given back first."""
    gc.collect()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
    return psutil.Process().memory_info().rss / 1e6


def main(count: int, first: int = 0, of: Path | None = None) -> None:
    """Decodes the cases from ``first`` on."""
    process, outcomes, slowest = psutil.Process(), collections.Counter[str](), (0.0, "")
    before_mb, before_open = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "damaged"
        files = [each.read_bytes() for each in small(of)] if of else sources(Path(folder))
        for number in range(first, first + count):
            name, body = damaged(files, number)
            print(name, flush=True)
            path.write_bytes(body)
            faulthandler.dump_traceback_later(HANGS_S, exit=True)
            started = time.perf_counter()
            try:
                heard = [block.end_s for block in sound.blocks(path)]
                outcomes["heard" if heard else "nothing"] += 1
            except sound.BadAudioError as error:
                outcomes[re.sub(r"[0-9]+", "N", str(error).split(" (")[0])] += 1
            faulthandler.cancel_dump_traceback_later()
            slowest = max(slowest, (time.perf_counter() - started, name))
            if number - first == min(WARM, count // 2):
                before_mb, before_open = resident_mb(), process.num_fds()
    grown = resident_mb() - before_mb
    peak = peak_kb() / 1e3
    report = {"outcomes": outcomes, "slowest_s": slowest[0], "slowest": slowest[1], "grown_mb": grown, "peak_mb": peak}
    print(json.dumps(report | {"left_open": process.num_fds() - before_open}))


if __name__ == "__main__":
    faulthandler.enable()
    main(int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 0, Path(sys.argv[3]) if sys.argv[3:] else None)
