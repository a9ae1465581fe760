"""Plain ways of picking a day's five, to compare with. Each sees the texts and grades of one day, and no history. Pure.

``told`` alone knows what nobody can: which texts make the same point. It shows how much there is to gain.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evals.lexrank import centrality
from evals.ranking.days import Said

TOP: Final = 5
BALANCE = 0.7  # of maximal marginal relevance: what the grade counts, the rest is likeness to what is picked already

Method = Callable[[Sequence[Said]], list[Said]]


def score_only(day: Sequence[Said], top: int = TOP) -> list[Said]:
    """Those with the best grades."""
    return sorted(day, key=lambda one: (-_grade(one), one.insight_id))[:top]


def lexrank(day: Sequence[Said]) -> list[Said]:
    """Those which are most like many of the day."""
    rank = centrality(_alike(day))
    return [day[place] for place in np.argsort(-rank, kind="stable")[:TOP]]


def mmr(day: Sequence[Said]) -> list[Said]:
    """Good ones that are unlike those before: maximal marginal relevance (Carbonell and Goldstein 1998), by words."""
    alike, grades = _alike(day), np.array([_grade(one) for one in day])
    picked: list[int] = []
    while len(picked) < min(TOP, len(day)):
        nearest = alike[:, picked].max(axis=1, initial=0.0)
        worth = BALANCE * grades - (1 - BALANCE) * nearest
        worth[picked] = -np.inf
        picked.append(int(worth.argmax()))
    return [day[place] for place in picked]


METHODS: Final[dict[str, Method]] = {"score only": score_only, "LexRank": lexrank, "MMR": mmr}


def told(days: Sequence[Sequence[Said]]) -> list[list[Said]]:
    """Those with the best grades of each day, without what makes a point that was picked before, then or earlier."""
    known: set[str] = set()
    picks = []
    for day in days:
        fresh: dict[str, Said] = {}
        for one in score_only(day, len(day)):
            if one.text.idea not in known:
                fresh.setdefault(one.text.idea, one)
        picks.append(list(fresh.values())[:TOP])
        known |= {one.text.idea for one in picks[-1]}
    return picks


def _grade(one: Said) -> float:
    return (one.quality + one.specificity) / 2


def _alike(day: Sequence[Said]) -> NDArray[Any]:
    """How alike each text of the day is to each: cosines of TF-IDF vectors, fitted on the day."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform([one.text.words for one in day])
    return np.asarray((vectors @ vectors.T).toarray())
