"""Hearing an episode from its file to the cache, against asking faster-whisper for the very same windows.

Both decode the file and find its windows, by the same code, and ask the same open model with the same options; ours also
sifts what was heard, cuts sentences, tells of its progress and writes the cache. A window that ours would listen to again
would be a second question: the speech of the sample has none, and the line says so.
"""

import logging
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import Figure

ROUNDS = 9
REPEATS = 2  # of the sample's speech, eight minutes in all
LIMIT = 1.03
SAMPLES = Path(__file__).resolve().parent.parent / "samples"
MODEL = SAMPLES / "models" / "whisper-micro"


def run() -> list[Figure]:
    """Measures both in turn; the figure is the ratio of the medians."""
    from podcast_assets import config
    from podcast_assets.project import Project
    from podcast_assets.transcripts.model import open_model
    from podcast_assets.transcripts.recognise import Heard

    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "episode.mp3"
        file.write_bytes(b"".join(path.read_bytes() for path in sorted(SAMPLES.glob("feeds/*/audio/*.mp3"))) * REPEATS)
        settings = {"model": str(MODEL), "allow_sample_model": True}
        project = Project(config.parse({"transcription": settings}, Path(temporary) / "podcasts.toml"))
        model = open_model(project.config)
        pairs = [(_bare_s(model, file), _ours_s(project, file, round_)) for round_ in range(ROUNDS + 1)][1:]
        heard = Heard.from_json(project.cache("segments").get_json("0"))
    bare_s, ours_s = (statistics.median(each) for each in zip(*pairs, strict=True))
    line = (
        f"hearing {heard.audio_s / 60:.1f} min of speech: {bare_s:.2f} s by faster-whisper alone, {ours_s:.2f} s from file "
        f"to cache ({heard.audio_s / ours_s:.0f} times real time): {ours_s / bare_s:.3f} times (at most {LIMIT}; medians of "
        f"{ROUNDS})"
    )
    return [Figure("hearing", line, ours_s / bare_s, LIMIT)]


def _ours_s(project: Any, file: Path, round_: int) -> float:
    """Seconds of an episode that is a shard by itself; opening the model is not counted."""
    from podcast_assets.transcripts.plan import Work
    from podcast_assets.transcripts.shard import recognise_shard

    work = Work("episode", str(round_), str(file), "Title", 0.0)
    (outcome,) = recognise_shard(project, [work], logging.getLogger("benchmarks")).outcomes
    return outcome.took_s


def _bare_s(model: Any, file: Path) -> float:
    """Seconds of decoding, finding the windows and asking for their words."""
    from faster_whisper import BatchedInferencePipeline

    from podcast_assets.transcripts import recognise, sound

    started, language = time.monotonic(), None
    for block in sound.blocks(file):
        results, info = BatchedInferencePipeline(model).transcribe(
            block.samples,
            language=language,
            clip_timestamps=[{"start": clip.start / sound.RATE, "end": clip.end / sound.RATE} for clip in block.clips],
            word_timestamps=True,
            batch_size=recognise.BATCH,
            language_detection_segments=recognise.LANGUAGE_WINDOWS,
        )
        list(results)
        language = info.language
    return time.monotonic() - started
