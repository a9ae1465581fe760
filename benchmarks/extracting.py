"""Finding the insights of an hour of talk by the built-in method, with and without sentence embeddings.

Real episodes. Where the folder of test data is not there (``PODCAST_ASSETS_SHARED``), nothing is measured, and the line says
so.
"""

import datetime as dt
import statistics
import time
from typing import TYPE_CHECKING

from benchmarks import Figure
from benchmarks.parsing import SHARED

if TYPE_CHECKING:
    from podcast_assets.embedding import Embedder

HOUR = 10_000  # words
EPISODES = 20
LIMIT_S = 1.2  # of processor time: 100 hours of talk a minute on two cores


def run() -> list[Figure]:
    """Measures both sets of weights, after what is opened once has been opened."""
    from podcast_assets.config import parse
    from podcast_assets.embedding import open_embedder

    folder = SHARED / "models" / "all-MiniLM-L6-v2"
    embedder, told = open_embedder(parse({"embedding": {"path": str(folder)}}, folder / "podcasts.toml"))
    figures = [_measure("words", None)]
    if embedder is None:
        return [*figures, Figure("embeddings", f"extracting with embeddings: not measured, {told}", 0, LIMIT_S)]
    return [*figures, _measure("embeddings", embedder)]


def _measure(name: str, embedder: "Embedder | None") -> Figure:
    from podcast_assets.insights.extractive.extract import extract
    from podcast_assets.publisher_transcripts.formats import parse
    from podcast_assets.speech import count_words

    paths = sorted((SHARED / "corpus" / "transcripts").glob("*.json"))
    if not paths:
        return Figure(name, f"extracting with {name}: not measured, there are no transcripts in {SHARED}", 0, LIMIT_S)
    talks = [parse(path.read_bytes(), "application/json") for path in paths[:: max(1, len(paths) // EPISODES)][:EPISODES]]
    extract(dt.date(2026, 3, 4), "warm", talks[0], (), embedder)
    seconds = []
    for talk in talks:
        started = time.process_time()
        extract(dt.date(2026, 3, 4), "episode", talk, (), embedder)
        seconds.append((time.process_time() - started) / count_words(talk) * HOUR)
    value = statistics.median(seconds)
    line = (
        f"extracting with {name}: {value:.2f} s of processor time for an hour of talk ({HOUR} words; at most {LIMIT_S}; "
        f"median of {len(talks)} episodes): {2 * 60 / value:.0f} hours a minute on two cores"
    )
    return Figure(f"extracting with {name}", line, value, LIMIT_S)
