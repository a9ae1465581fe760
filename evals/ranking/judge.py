"""What a sequence of picks is worth to somebody who reads them every day. Pure."""

import dataclasses
import datetime as dt
import statistics
from collections.abc import Sequence

from evals.ranking.days import WITHIN, Planted, Said
from evals.ranking.metrics import alpha_ndcg, ndcg

TOP = 5


@dataclasses.dataclass(frozen=True)
class Figures:
    """Means over the days, each from 0 to 1; ``missed`` has the pairs behind ``repeats``: what was said, and of what."""

    ndcg: float
    alpha_ndcg: float
    repeats: float  # the part of the picks whose idea was picked in the 30 days before
    twins: float  # the part of the picks whose idea stands above on the same day
    picks: float  # a day
    missed: list[tuple[Said, Said]]


def judged(planted: Planted, picks: Sequence[Sequence[Said]]) -> Figures:
    """The figures of a method's picks, best first, day by day.

    An idea that the method itself published in the 30 days before is known to its reader: it gains nothing in alpha-nDCG,
    and in the ideal list neither. nDCG looks at worth alone, so that repeats cost nothing there. Days that have nothing of
    worth to offer count in neither mean.
    """
    told: dict[str, Said] = {}  # by idea, when it was last picked
    plain, novel, missed, twins = [], [], [], 0
    for day, picked in zip(planted.days, picks, strict=True):
        ideas = [one.text.idea for one in picked]
        since = day[0].day - dt.timedelta(days=WITHIN)
        seen = {idea: one for idea, one in told.items() if one.day >= since}
        pool = [one.text.idea for one in day]
        worth = planted.worth
        plain.append(ndcg([worth[idea] for idea in ideas], [worth[idea] for idea in pool], TOP))
        novel.append(alpha_ndcg(ideas, pool, worth, seen, TOP))
        missed += [(one, seen[one.text.idea]) for one in picked if one.text.idea in seen]
        twins += len(ideas) - len(set(ideas))
        told |= {one.text.idea: one for one in picked}
    count = sum(map(len, picks))
    return Figures(
        ndcg=_mean(plain),
        alpha_ndcg=_mean(novel),
        repeats=len(missed) / max(count, 1),
        twins=twins / max(count, 1),
        picks=count / len(picks),
        missed=missed,
    )


def _mean(values: Sequence[float | None]) -> float:
    return statistics.mean([value for value in values if value is not None] or [0.0])
