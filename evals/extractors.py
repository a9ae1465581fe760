"""Methods of choosing quotes: the product's own, and plain ones to compare with.

Each goes from an episode's sentences to its ten best quotes. Pure; none knows a label.

The plain ones choose among the runs of whole sentences that one gets by filling quotes of at most ``MOST_WORDS`` words one
after the other; ``longest`` takes single sentences.
"""

import dataclasses
import random
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from evals.lexrank import centrality
from evals.score import K
from podcast_assets.hashing import sha256
from podcast_assets.insights.extractive.features import Numbers, Talk
from podcast_assets.insights.extractive.model import Model
from podcast_assets.insights.extractive.passages import Embed, apart, passages_of
from podcast_assets.insights.talk import Sentence

MOST_WORDS = 78  # of a quote: the product's passages end at 70, where they read better

Extractor = Callable[[Sequence[Sentence]], list[str]]


def extractive(sentences: Sequence[Sentence], embed: Embed | None = None, model: Model | None = None) -> list[str]:
    """The product's passages, best first."""
    best = apart(passages_of(sentences, embed, longest=MOST_WORDS, model=model), K)
    return [_text(sentences[passage.first : passage.last + 1]) for passage in best]


def chance(sentences: Sequence[Sentence]) -> list[str]:
    """Any quotes, the same in every run."""
    quotes = _quotes(sentences)
    random.Random(sha256(_text(sentences[:20]))).shuffle(quotes)
    return quotes[:K]


def lead(sentences: Sequence[Sentence]) -> list[str]:
    """The first quotes."""
    return _quotes(sentences)[:K]


def longest(sentences: Sequence[Sentence]) -> list[str]:
    """The longest sentences that fit into a quote."""
    fitting = [sentence for sentence in sentences if sentence.words <= MOST_WORDS]
    return [sentence.text for sentence in sorted(fitting, key=lambda sentence: -sentence.words)[:K]]


def centroid(sentences: Sequence[Sentence]) -> list[str]:
    """The quotes whose TF-IDF vectors are nearest to the episode's."""
    return _ranked(sentences, lambda alike: alike.sum(axis=1))


def lexrank(sentences: Sequence[Sentence]) -> list[str]:
    """The quotes that are most like many quotes that are so themselves."""
    return _ranked(sentences, centrality)


EXTRACTORS: Final[dict[str, Extractor]] = {
    "extractive": extractive,
    "random": chance,
    "lead": lead,
    "longest": longest,
    "centroid": centroid,
    "lexrank": lexrank,
}


def _ranked(sentences: Sequence[Sentence], worth: Callable[[Numbers], Numbers]) -> list[str]:
    """Quotes by their worth, which is told by how alike each is to each."""
    quotes = _quotes(sentences)
    if not quotes:
        return []
    talk = Talk([dataclasses.replace(sentences[0], text=quote) for quote in quotes])
    order = np.argsort(-worth((talk.vectors @ talk.vectors.T).toarray()), kind="stable")
    return [quotes[place] for place in order[:K]]


def _quotes(sentences: Sequence[Sentence]) -> list[str]:
    """The talk cut into quotes of one speaker."""
    groups: list[list[Sentence]] = []
    for sentence in sentences:
        if sentence.words > MOST_WORDS:
            continue
        fits = groups and sum(each.words for each in groups[-1]) + sentence.words <= MOST_WORDS
        if fits and groups[-1][-1].turn == sentence.turn:
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    return [_text(group) for group in groups]


def _text(sentences: Sequence[Sentence]) -> str:
    return " ".join(sentence.text for sentence in sentences)
