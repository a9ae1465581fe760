"""From an audio file to what the speech model is given: decoding, finding speech, features; ours against faster-whisper's.

Each run is a process of its own (``python -m benchmarks.front_end ours|theirs FILE``), and the peak of memory is that of all
of it. Theirs does what ``WhisperModel.transcribe`` does with ``vad_filter=True`` before it asks the model, by the functions
that it calls. The files are the sample's speech over and over, as MP3 of 64 kbit/s: an hour for both, and ten for ours.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import Figure

RUNS = 3
FASTER = 2.0
MOST_MB = 400.0
GROWTH = 1.1
ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
MODEL = SAMPLES / "models" / "whisper-micro"
MP3_HZ = 44_100


def run() -> list[Figure]:
    """Measures both in turn; figures are medians, of the pairs' ratios where two are compared."""
    with tempfile.TemporaryDirectory() as folder:
        hour, hours = write(Path(folder), 1), write(Path(folder), 10)
        rounds = [(_measure("theirs", hour), _measure("ours", hour), _measure("ours", hours)) for _ in range(RUNS)]
    theirs, ours, long = (
        {key: statistics.median(each[key] for each in column) for key in column[0]} for column in zip(*rounds, strict=True)
    )
    faster = statistics.median(long["speed"] / theirs["speed"] for theirs, _, long in rounds)
    growth = statistics.median(long["peak_mb"] / ours["peak_mb"] for _, ours, long in rounds)
    speed = (
        f"front end: {theirs['speed'] * 60:.1f} hours of audio a minute by faster-whisper on {theirs['hours']:.1f} "
        f"hours (peak {theirs['peak_mb']:.0f} MB), {long['speed'] * 60:.1f} by ours on {long['hours']:.1f} hours "
        f"({ours['speed'] * 60:.1f} on the short file): {faster:.1f} times faster (at least {FASTER:.0f}; medians of {RUNS})"
    )
    memory = f"front end: peak of memory {long['peak_mb']:.0f} MB on {long['hours']:.1f} hours (at most {MOST_MB:.0f})"
    same = (
        f"front end: that is {growth:.2f} times the peak on {ours['hours']:.1f} hours, {ours['peak_mb']:.0f} MB "
        f"(at most {GROWTH})"
    )
    return [
        Figure("front end, speed", speed, faster, FASTER, at_least=True),
        Figure("front end, memory", memory, long["peak_mb"], MOST_MB),
        Figure("front end, growth", same, growth, GROWTH),
    ]


def write(folder: Path, hours: int) -> Path:
    """An episode of so many hours: the sample's speech, encoded once, and its bytes as often as it takes."""
    import av
    from av.audio.resampler import AudioResampler

    path = folder / f"{hours}.mp3"
    encoder: Any = av.CodecContext.create("libmp3lame", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = MP3_HZ, "mono", "s16p", 64_000
    encoder.open()
    resampler, seconds, packets = AudioResampler("s16p", "mono", MP3_HZ, encoder.frame_size), 0.0, []
    for source in sorted(SAMPLES.glob("feeds/*/audio/*.mp3")):
        with av.open(str(source)) as container:
            for frame in container.decode(audio=0):
                frame.pts = None
                for resampled in resampler.resample(frame):
                    resampled.pts = None
                    seconds += resampled.samples / MP3_HZ
                    packets += [bytes(packet) for packet in encoder.encode(resampled)]
    path.write_bytes(b"".join(packets) * round(hours * 3600 / seconds))
    return path


def _measure(whose: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.front_end", whose, str(path)]
    found: dict[str, float] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return found


def ours(model: Any, path: Path) -> float:
    """Makes features as the recogniser has them made, clip after clip, block after block; gives the seconds of the file."""
    from podcast_assets.transcripts import sound
    from podcast_assets.transcripts.model import thin_filters

    thin_filters(model)
    end_s = 0.0
    for block in sound.blocks(path):
        _features = [model.feature_extractor(block.samples[clip.start : clip.end])[..., :-1] for clip in block.clips]
        end_s = block.end_s
    return end_s


def theirs(model: Any, path: Path) -> float:
    """The same for what ``WhisperModel.transcribe`` calls."""
    import numpy as np
    from faster_whisper.audio import decode_audio
    from faster_whisper.vad import VadOptions, collect_chunks, get_speech_timestamps

    audio = decode_audio(str(path))
    seconds: float = len(audio) / model.feature_extractor.sampling_rate
    chunks, _ = collect_chunks(audio, get_speech_timestamps(audio, VadOptions()))
    audio = np.concatenate(chunks, axis=0)
    model.feature_extractor(audio, chunk_length=None)
    return seconds


def main(whose: str, path: Path) -> None:
    """One run: the model is opened before the clock starts, and is part of the memory."""
    from faster_whisper import WhisperModel
    from faster_whisper.vad import get_vad_model

    model = WhisperModel(str(MODEL), device="cpu")
    get_vad_model()
    started = time.perf_counter()
    seconds = (ours if whose == "ours" else theirs)(model, path)
    hours = seconds / 3600
    speed = hours / (time.perf_counter() - started)
    print(json.dumps({"hours": hours, "speed": speed, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
