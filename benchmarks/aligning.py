"""Finding quotes of 40 words in whole transcripts, against langextract's aligner: word for word, and with slips of a model.

Each quote is of another transcript; a slip is a word that is replaced, left out, or one too many. Where the folder of test
data is not there (``PODCAST_ASSETS_SHARED``), the transcripts are those of the sample, and much shorter.
"""

import logging
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import Figure
from benchmarks.parsing import SHARED

FASTER = 500.0
TRANSCRIPTS, WORDS, SLIPS = 20, 40, 0.1
QUOTES = 20  # of an episode, for which the index is made once
REPEATED = 50  # times that ours is measured, for a clock that counts microseconds
SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def run() -> list[Figure]:
    """Measures both in turn, for each quote."""
    return [_compare("word for word", lambda words, _: words), _compare("with slips", _with_slips)]


def _compare(name: str, change: Callable[[list[str], random.Random], list[str]]) -> Figure:
    from langextract.core.data import Extraction
    from langextract.resolver import WordAligner

    from podcast_assets.insights.proof.locate import Found, locate
    from podcast_assets.insights.proof.transcript import Transcript
    from podcast_assets.insights.talk import sentences_of, turns_of
    from podcast_assets.publisher_transcripts.formats import parse

    aligner: Any = WordAligner  # has no types
    logging.getLogger("absl").setLevel(logging.ERROR)
    chance, found, length = random.Random(1), 0, 0
    rows: list[tuple[float, float, float]] = []
    for path in _transcripts():
        sentences = sentences_of(turns_of(parse(path.read_bytes(), "json")))
        text = " ".join(sentence.text for sentence in sentences)
        words = _of_one_turn([sentence.said_in.text.split() for sentence in sentences], chance)
        quote = " ".join(change(words, chance))
        started = time.perf_counter()
        transcript = Transcript.of(sentences, ())
        indexed = time.perf_counter()
        for _ in range(REPEATED):
            result = locate(quote, transcript)
        ours = (time.perf_counter() - indexed) / REPEATED
        found, length = found + isinstance(result, Found), length + len(transcript.words)
        before = time.perf_counter()
        aligner().align_extractions([[Extraction("quote", quote)]], text)
        rows.append((time.perf_counter() - before, ours, indexed - started))
    theirs, ours, index = (statistics.median(column) for column in zip(*rows, strict=True))
    faster = statistics.median(row[0] / row[1] for row in rows)
    line = (
        f"aligning {name}: a quote of {WORDS} words in {length / len(rows):.0f} takes langextract {theirs * 1e3:.0f} ms, "
        f"ours {ours * 1e6:.0f} us, {found} of {len(rows)} found: {faster:.0f} times faster (at least {FASTER:.0f}; medians "
        f"of {len(rows)}); the index of a transcript takes {index * 1e3:.0f} ms: with it a single quote is "
        f"{theirs / (index + ours):.0f} times faster, {QUOTES} of an episode {theirs / (index / QUOTES + ours):.0f} times"
    )
    return Figure(f"aligning {name}", line, faster, FASTER, at_least=True)


def _transcripts() -> list[Path]:
    real = sorted((SHARED / "corpus" / "transcripts").glob("*.json"))
    return real[:: len(real) // TRANSCRIPTS][:TRANSCRIPTS] if real else sorted(SAMPLES.glob("feeds/*/transcripts/*.json"))


def _of_one_turn(turns: list[list[str]], chance: random.Random) -> list[str]:
    """So many words in a row that one speaker says."""
    words = chance.choice([turn for turn in turns if len(turn) >= WORDS])
    start = chance.randrange(len(words) - WORDS + 1)
    return words[start : start + WORDS]


def _with_slips(words: list[str], chance: random.Random) -> list[str]:
    slips = set(chance.sample(range(len(words)), round(SLIPS * len(words))))
    forms: tuple[list[str], ...] = ([], ["other"], ["also"])  # left out, replaced, one too many
    return [
        said
        for at, word in enumerate(words)
        for said in ([*chance.choice(forms), *[word] * (at % 2)] if at in slips else [word])
    ]
