"""The components of a score, and their sum. All functions are pure; every component lies between 0 and 1.

* ``quality`` and ``specificity``: the candidate's own (see ``insights.extractive.passages``).
* ``novelty``: 1 less the closest similarity to an insight of an earlier day.
* ``interest``: 0.5 for what has nothing to do with the reader's interests, 1 for what speaks of one of them in full, 0 for
  what speaks of one they do not want ("-crypto"); null where the reader names none.

``score`` is the mean of the components, weighted by ``[ranking] weights``; what is null does not count.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from podcast_assets.config import WeightsConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

COMPONENTS = ("quality", "specificity", "novelty", "interest")
BLOCK = 4_000_000  # similarities held at once: an archive of years does not fit into memory against a day's candidates


class Similarity:
    """Lexical similarity of texts: cosines of TF-IDF vectors over words and word pairs, fitted on all texts given.

    A text that is given twice counts once, so that a repeat changes nothing for the others.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", ngram_range=(1, 2))
        try:
            self._vectorizer.fit(sorted(set(texts)))
            self._fitted = True
        except ValueError:  # scikit-learn's word for: nothing, or nothing but stop words
            self._fitted = False

    def closest(self, left: Sequence[str], right: Sequence[str]) -> list[tuple[int, float]]:
        """For each text of ``left``, the place in ``right`` of the most similar one and their similarity, from 0 to 1.

        (-1, 0.0) where ``right`` is empty.
        """
        if not left or not right:
            return [(-1, 0.0)] * len(left)
        found = []
        for block in self._blocks(left, right):
            best = block.argmax(axis=1)
            found += [(int(place), round(float(block[row, place]), 6)) for row, place in enumerate(best)]
        return found

    def alike(self, texts: Sequence[str], least: float) -> list[list[int]]:
        """For each text, the places of those before it that are at least that similar, in order."""
        import numpy as np

        rows = (row for block in self._blocks(texts, texts) for row in block)
        return [[int(other) for other in np.flatnonzero(row[:place] >= least)] for place, row in enumerate(rows)]

    def coverage(self, texts: Sequence[str], phrases: Sequence[str]) -> list[float]:
        """For each text, how much of a phrase it holds, from 0 to 1, for the phrase of which it holds most."""
        import numpy as np

        if not (self._fitted and texts and phrases):
            return [0.0] * len(texts)
        wanted = self._vectorizer.transform(phrases)
        held = (self._vectorizer.transform(texts) > 0) @ wanted.T
        totals = np.asarray(wanted.sum(axis=1)).ravel()
        shares = np.divide(held.toarray(), totals, out=np.zeros(held.shape), where=totals > 0)
        return [round(min(float(share), 1.0), 6) for share in shares.max(axis=1)]

    def _blocks(self, left: Sequence[str], right: Sequence[str]) -> "Iterator[NDArray[Any]]":
        """The similarities of ``left`` (rows) with ``right`` (columns), some rows at a time."""
        import numpy as np

        if not left or not right:
            return
        step = max(BLOCK // len(right), 1)
        columns: csr_array | None = self._vectorizer.transform(right).T if self._fitted else None
        for start in range(0, len(left), step):
            rows = left[start : start + step]
            if columns is None:
                yield np.zeros((len(rows), len(right)))
            else:
                yield np.clip((self._vectorizer.transform(rows) @ columns).toarray(), 0.0, 1.0)


def interest_of(similarity: Similarity, texts: Sequence[str], interests: Sequence[str]) -> list[float | None]:
    """How near each text is to what the reader wants to hear of; None for all where they name nothing."""
    if not interests:
        return [None] * len(texts)
    wanted = similarity.coverage(texts, [interest for interest in interests if not interest.startswith("-")])
    unwanted = similarity.coverage(texts, [interest[1:] for interest in interests if interest.startswith("-")])
    return [round(0.5 + (plus - minus) / 2, 6) for plus, minus in zip(wanted, unwanted, strict=True)]


def with_score(frame: pl.DataFrame, weights: WeightsConfig) -> pl.DataFrame:
    """Adds ``score``: the weighted mean of the components that apply."""
    values = weights.model_dump()
    total = pl.sum_horizontal([pl.col(name) * values[name] for name in COMPONENTS])
    weight = pl.sum_horizontal([pl.col(name).is_not_null().cast(pl.Float64) * values[name] for name in COMPONENTS])
    score = pl.when(weight > 0).then(total / weight).otherwise(0.0)
    return frame.with_columns(score.round(6).alias("score"))
