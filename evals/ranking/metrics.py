"""How good a list is: figures from 0 to 1 with their formulas. Pure; nothing here knows where a list comes from."""

import math
from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence

ALPHA = 0.5  # what of its worth an idea loses each time that it is said again; the value of Clarke et al.


def dcg(gains: Sequence[float]) -> float:
    """Discounted cumulated gain: the sum of gain / log2(rank + 1), ranks from 1.

    After Jarvelin and Kekalainen, "Cumulated gain-based evaluation of IR techniques" (2002), with the discount in the form
    that is usual today, which spares no rank but the first.
    """
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def ndcg(picked: Sequence[float], pool: Collection[float], k: int) -> float | None:
    """DCG of the first ``k`` picks over the DCG of the ``k`` best of the pool; None where the pool is worth nothing.

    Args:
        picked: the worth of each pick, best first.
        pool: the worth of all that could be picked.
        k: how many count.
    """
    best = dcg(sorted(pool, reverse=True)[:k])
    return dcg(picked[:k]) / best if best else None


def alpha_ndcg(
    picked: Sequence[str], pool: Collection[str], worth: Mapping[str, float], seen: Collection[str], k: int
) -> float | None:
    """Like :func:`ndcg`, but what says the same again gains less: alpha-nDCG, with the worth of ideas as gains.

    After Clarke et al., "Novelty and diversity in information retrieval evaluation" (2008). Their nuggets are our ideas, of
    which each text has one; where theirs are there or not, ours have a worth. The gain of a text at a rank is
    worth * (1 - alpha)^(times its idea stands above). The ideal list is found as usual, by taking the largest gain first.

    Args:
        picked: the idea of each pick, best first.
        pool: the idea of each text that could be picked, the same idea as often as it is there.
        worth: of each idea.
        seen: ideas that the reader knows already; they gain nothing, in the ideal list neither.
        k: how many count.
    """
    fresh = {idea: 0.0 if idea in seen else worth[idea] for idea in {*picked, *pool}}
    best = dcg(_gains(_ideal(pool, fresh, k), fresh))
    return dcg(_gains(picked[:k], fresh)) / best if best else None


def recall(found: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """The part of the relevant that is among the first ``k`` found; of more than ``k`` relevant, ``k`` are all."""
    return len({*found[:k]} & {*relevant}) / min(len(relevant), k)


def _gains(ideas: Sequence[str], worth: Mapping[str, float]) -> list[float]:
    above: Counter[str] = Counter()
    gains = []
    for idea in ideas:
        gains.append(worth[idea] * (1 - ALPHA) ** above[idea])
        above[idea] += 1
    return gains


def _ideal(pool: Collection[str], worth: Mapping[str, float], k: int) -> list[str]:
    left, above = Counter(pool), Counter[str]()
    ideal: list[str] = []
    while len(ideal) < k and left:
        best = max(sorted(left), key=lambda idea: worth[idea] * (1 - ALPHA) ** above[idea])
        ideal.append(best)
        above[best] += 1
        left -= Counter([best])
    return ideal
