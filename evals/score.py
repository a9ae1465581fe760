"""Scores quotes against the sentences that the editors of an episode put into its teaser.

A quote hits a sentence when it holds at least half of the sentence's sequences of five words. Quotes are cut to 80 words;
one that shares half of its sequences with a better one is dropped. Pure.
"""

import dataclasses
import re
import statistics
from collections.abc import Mapping, Sequence

K = 10  # quotes an episode that count
MOST_WORDS = 80
GRAM = 5  # words of a sequence
SHARE = 0.5  # of a sentence's sequences make a hit; of a quote's, a repeat

Gram = tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Score:
    """Means over the labelled episodes, each from 0 to 1."""

    precision: float  # the part of the top k quotes that hit at least one sentence
    recall: float  # the part of the sentences that the top k quotes hit
    hit: float  # the part of the episodes with at least one hit
    mrr: float  # 1 / the rank of the first hit


def grams(text: str) -> set[Gram]:
    """The sequences of five words of a text; of a shorter one, all of it."""
    words = re.findall(r"[a-z0-9']+", text.lower())
    return {tuple(words[i : i + GRAM]) for i in range(max(len(words) - GRAM, 0) + 1)}


def score(labels: Mapping[str, Sequence[str]], quotes: Mapping[str, Sequence[str]]) -> Score:
    """The score of quotes by episode, best first."""
    rows = [_episode(list(map(grams, sentences)), quotes.get(name, ())) for name, sentences in labels.items()]
    return Score(*(statistics.mean(column) for column in zip(*rows, strict=True)))


def _episode(sentences: Sequence[set[Gram]], quotes: Sequence[str]) -> tuple[float, float, float, float]:
    top: list[set[Gram]] = []
    for quote in quotes:
        held = grams(" ".join(quote.split()[:MOST_WORDS]))
        if len(top) < K and all(len(held & better) < SHARE * len(held) for better in top):
            top.append(held)
    hits = [[len(sentence & held) >= SHARE * len(sentence) for sentence in sentences] for held in top]
    first = next((rank for rank, row in enumerate(hits, 1) if any(row)), None)
    found = sum(any(row[place] for row in hits) for place in range(len(sentences)))
    return sum(map(any, hits)) / K, found / len(sentences), float(first is not None), 1 / first if first else 0.0
