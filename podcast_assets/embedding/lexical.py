"""Vectors by words alone, for where no model can be had: texts that share words are near.

Nothing is learnt from the texts, so that a text has the same vector whatever else is in the archive. A vector counts the
beginnings of words. Measured on pairs of arguments that make the same point or not (ArgKP, train), by average precision: the
first five letters 0.33, whole words 0.30, whole words with word pairs 0.26. Fewer letters do a little better there (0.35),
and a little worse at finding the other half of a passage of talk. Weights by how rare a word is in talk gained nothing, nor
did more dimensions.
"""

import functools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from podcast_assets.embedding.base import Embedder, Vectors, to_unit

if TYPE_CHECKING:
    from sklearn.feature_extraction import FeatureHasher

VERSION = 1  # to be raised when the same text gets another vector
DIMENSIONS = 1024
STEM = 5  # letters of a word that count
# Scripts whose words stand without spaces between them (Thai to Khmer, kana, Han), or with what belongs to a word grown onto
# it (Hangul): for these, pairs of characters are counted.
UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
RUNS: Final = re.compile(rf"([{UNSPACED}]+)|[^\W_{UNSPACED}]+")


class LexicalEmbedder(Embedder):
    """Counts of terms, hashed to so many columns; a text without any term has a row of zeros."""

    name = f"lexical {VERSION}, {DIMENSIONS} dimensions"
    is_lexical = True

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """A row a text: the logarithms of how often its terms occur, of length 1 or, without terms, 0."""
        if not texts:  # which the hasher refuses
            return np.zeros((0, DIMENSIONS), np.float32)
        return to_unit(_hasher().transform(_weights(text) for text in texts).toarray())


@functools.cache
def _hasher() -> "FeatureHasher":
    from sklearn.feature_extraction import FeatureHasher

    return FeatureHasher(DIMENSIONS, input_type="pair", dtype=np.float32)


def _weights(text: str) -> list[tuple[str, float]]:
    return [(term, 1 + math.log(count)) for term, count in Counter(_terms(text)).items()]


def _terms(text: str) -> Iterator[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    for found in RUNS.finditer(unicodedata.normalize("NFKC", text).casefold()):
        run = found[0]
        if found[1]:
            yield from (run[i : i + 2] for i in range(max(len(run) - 1, 1)))
        elif run[0].isdigit():
            yield run
        elif len(run) > 1 and run not in ENGLISH_STOP_WORDS:
            yield run[:STEM]
