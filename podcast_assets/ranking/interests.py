"""How near insights are to what the reader wants to hear of, and to what they do not ("-crypto"). Pure functions.

An interest is met by its words, or by what it means: where an insight holds all of its words (one of two is a quarter), or
is as near to it as a passage on the very topic is. The larger of the two counts, and the nearest interest alone.
"""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from podcast_assets.likeness import Texts
from podcast_assets.likeness.terms import NAMED

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Cosines of a few words with a passage of fifty, by all-MiniLM-L6-v2: what lies below has nothing to do with the words,
# what lies above speaks of them.
FAR, NEAR = 0.15, 0.55
SPOKEN_OF = 0.5  # from here on an insight is said to be close to an interest


@dataclasses.dataclass(frozen=True)
class Interests:
    """What the reader names: all ``names``, those that are not wanted with a minus sign, and what they are compared by.

    ``by_meaning``: whether the vectors say more than words do.
    """

    names: Sequence[str]
    texts: Texts
    by_meaning: bool


def bare(interest: str) -> str:
    """The words of an interest."""
    return interest.removeprefix("-").strip()


def interest_of(insights: Texts, interests: Interests) -> "tuple[NDArray[Any], list[str | None]]":
    """A number an insight, and the interest that it meets best.

    0.5 is met by what speaks of none, 1 by what speaks of one in full, 0 by what speaks of one that is not wanted.
    """
    met = _met(insights, interests)
    unwanted = np.array([name.startswith("-") for name in interests.names], bool)
    plus, minus = (met[:, columns].max(axis=1, initial=0.0) for columns in (~unwanted, unwanted))
    best = np.where(unwanted, -1.0, met).argmax(axis=1)
    names = [
        interests.names[place] if met[row, place] >= SPOKEN_OF and not unwanted[place] else None
        for row, place in enumerate(best)
    ]
    return np.round(0.5 + (plus - minus) / 2, 6), names


def _met(insights: Texts, interests: Interests) -> "NDArray[Any]":
    """How far each insight (rows) meets each interest (columns), from 0 to 1."""
    met = np.zeros((len(insights), len(interests.names)))
    said = insights.terms & ~np.uint32(NAMED)  # a name and the same word are one
    for column, terms in enumerate(interests.texts.terms & ~np.uint32(NAMED)):
        wanted = terms[terms > 0]
        if len(wanted):
            met[:, column] = (np.isin(said, wanted).sum(axis=1) / len(wanted)) ** 2
    if interests.by_meaning:
        cosines = insights.vectors @ interests.texts.vectors.T
        met = np.maximum(met, np.clip((cosines - FAR) / (NEAR - FAR), 0.0, 1.0))
    return np.minimum(met, 1.0)
